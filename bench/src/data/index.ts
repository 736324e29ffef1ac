// npm run bench -- data: our command beside the released dvc, on the same files and the same disk.

import type { Benchmark } from '../harness/benchmark.ts';
import { LARGE_FILE, MILLION } from './large.ts';
import { ADD_FEW, ADD_MANY, CHECKOUT, CHECKOUT_LINKS, STATUS } from './many.ts';
import { FULL, QUICK } from './scale.ts';
import { CLEAN_STATUS, START } from './small.ts';
import { openStand } from './stand.ts';
import { PULL, PUSH, PUSH_AGAIN } from './transfer.ts';
import type { Work } from './work.ts';

const QUICK_SECONDS = 15;

const WORKS: readonly Work[] = [
  START,
  CLEAN_STATUS,
  ADD_FEW,
  ADD_MANY,
  STATUS,
  LARGE_FILE,
  CHECKOUT,
  CHECKOUT_LINKS,
  PUSH,
  PUSH_AGAIN,
  PULL,
  MILLION,
];

export const DATA: Benchmark = {
  rows: WORKS.map(({ name }) => name),
  async open({ root, quick, rounds, rows, progress, signal }) {
    const scale = { ...(quick ? QUICK : FULL), ...(rounds === null ? {} : { rounds, startRounds: rounds }) };
    const { stand, lastWords, close } = await openStand({ root, scale, progress, signal });
    return {
      environment: { versions: stand.versions, scale: { ...scale } },
      rows: WORKS.filter(({ name }) => rows.includes(name)).map((work) => ({
        subject: work,
        seconds: quick ? QUICK_SECONDS : work.seconds,
        run: () => work.run(stand, work),
      })),
      lastWords,
      close,
    };
  },
};
