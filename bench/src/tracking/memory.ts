// The row about memory: what the launcher and the server hold, with the dashboard, as `npm start` runs them; before any work, and after bursts
// of the heaviest ingest. Flat means that the burst does not stay: V8 gives its heap back when it rests, so each reading waits for the lowest
// value within a rest.

import { figure, row, under } from '../harness/report.ts';
import type { Bar } from '../harness/report.ts';
import { memoryOfNode } from '../harness/memory.ts';
import type { Memory } from '../harness/memory.ts';
import { pause } from '../harness/processes.ts';
import { LOG_BATCH_1000_SHAPE, logBatches } from './ingest.ts';
import { BatchBodies } from './points.ts';
import type { Stand } from './stand.ts';
import { oncePerStand } from './work.ts';
import type { Work } from './work.ts';

const IDLE_LIMIT_MEGABYTES = 350;
const BURSTS = 3;
/** What a server that has been used may hold beyond one that has not: compiled code, statements, connections. Growth beyond it is a leak. */
const FLAT_TIMES = 1.15;

/** The memory before any work: read when the server has started and rested, before the first row. */
export const readIdleMemory = oncePerStand(lowestWithin);

export const MEMORY: Work = {
  name: 'memory',
  title: 'memory of all Node processes of the server (launcher, server with dashboard), MB resident',
  work: `Read before any work; then ${BURSTS} bursts of log-batch of 1000 points by 8 clients, each followed by a rest.`,
  seconds: 80,
  async run(stand, work) {
    const idle = await readIdleMemory(stand);
    const bodies = new BatchBodies(LOG_BATCH_1000_SHAPE);
    const after: Memory[] = [];
    for (let burst = 1; burst <= BURSTS; burst += 1) {
      stand.progress.say(`burst ${burst} of ${BURSTS}`);
      await logBatches(stand, stand.throughline, bodies, stand.scale.turnMs);
      stand.progress.say(`rest ${burst} of ${BURSTS}`);
      after.push(await lowestWithin(stand));
    }
    const idleRss = figure('idle', 'MB', [idle.rssMegabytes]);
    const afterRss = figure(
      'after the ingest',
      'MB',
      after.map(({ rssMegabytes }) => rssMegabytes),
    );
    return row(work, {
      figures: [
        idleRss,
        afterRss,
        figure('idle, shared pages shared out (PSS)', 'MB', [idle.pssMegabytes]),
        figure(
          'after the ingest, PSS',
          'MB',
          after.map(({ pssMegabytes }) => pssMegabytes),
        ),
      ],
      bars: [under(idleRss, IDLE_LIMIT_MEGABYTES), flat(idleRss.median, after.at(-1)?.rssMegabytes ?? Infinity)],
      notes: [`${idle.processes} Node processes`],
    });
  },
};

/** Held by the last reading: what grows with every burst shows there most. */
function flat(idle: number, last: number): Bar {
  const ratio = last / idle;
  return {
    asks: `flat: after the last burst at most ${FLAT_TIMES} times idle`,
    found: Number(ratio.toFixed(2)),
    unit: 'times',
    holds: ratio <= FLAT_TIMES,
  };
}

async function lowestWithin(stand: Stand): Promise<Memory> {
  const end = performance.now() + stand.scale.settleMs;
  let lowest = memoryOfNode(stand.throughline.pid);
  while (performance.now() < end) {
    stand.signal.throwIfAborted();
    await pause(500);
    const now = memoryOfNode(stand.throughline.pid);
    if (now.rssMegabytes < lowest.rssMegabytes) lowest = now;
  }
  return lowest;
}
