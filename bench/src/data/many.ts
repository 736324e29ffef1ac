// The rows about many small files: added, looked at, brought back.

import { join } from 'node:path';

import { atMostTimes, row, timesAsFast } from '../harness/report.ts';
import { putAside } from './aside.ts';
import { run, timed } from './programs.ts';
import type { Command } from './programs.ts';
import { newRepository } from './stand.ts';
import type { Stand } from './stand.ts';
import { makeTree } from './trees.ts';
import { figureOf, secondsOf } from './work.ts';
import type { Side, Work } from './work.ts';
import { walkOf } from './yardsticks.ts';

const CP_TIMES = 1.3;
const WALK_TIMES = 1.5;

interface Repository {
  tool: Command;
  folder: string;
}

/** A repository of each tool with a tree that is not tracked yet. */
async function withTrees(stand: Stand, files: number, name: string): Promise<{ ours: Repository; dvc: Repository }> {
  const make = async (tool: Command) => {
    const folder = await newRepository(stand, tool, `${name}-${tool.name}`);
    makeTree(join(folder, 'data'), { files, fileBytes: stand.scale.fileBytes, seed: name });
    return { tool, folder };
  };
  return { ours: await make(stand.ours), dvc: await make(stand.dvc) };
}

/** As it was before anything was added, with nothing remembered. */
async function forget(stand: Stand, repository: string): Promise<void> {
  const remembered = ['.dvc/cache', '.dvc/tmp', 'data.dvc', '.gitignore'].map((path) => join(repository, path));
  putAside(stand, [...remembered, join(stand.folder, 'site')]);
}

function addWork(name: string, of: 'few' | 'many', seconds: number): Work {
  return {
    name,
    title: `add of ${of === 'few' ? '10,000' : '100,000'} small files, s`,
    work: 'Files of 340 bytes, a thousand in a folder, are added to a repository that has nothing; cp -r copies the same tree beside it.',
    seconds,
    async run(stand, work) {
      const { ours, dvc } = await withTrees(stand, stand.scale[of], name);
      const copy = join(stand.folder, 'copy');
      const adding = ({ tool, folder }: Repository, rounds: number): Side => ({
        name: tool.name,
        rounds,
        before: () => forget(stand, folder),
        turn: () => timed(tool, ['add', 'data'], folder, stand.signal),
      });
      const figures = await secondsOf(stand, [
        adding(ours, stand.scale.rounds),
        {
          name: stand.cp.name,
          rounds: stand.scale.rounds,
          before: async () => putAside(stand, [copy]),
          turn: () => timed(stand.cp, [join(ours.folder, 'data'), copy], stand.folder, stand.signal),
        },
        adding(dvc, of === 'few' ? stand.scale.rounds : stand.scale.longRounds),
      ]);
      putAside(stand, [copy]);
      const mine = figureOf(figures, 'throughline');
      const bars = [
        timesAsFast(mine, figureOf(figures, 'dvc'), 5, 'dvc'),
        atMostTimes(mine, figureOf(figures, 'cp -r'), CP_TIMES, 'cp -r of the same tree'),
      ];
      return row(work, { figures, bars, notes: ['cp -r writes nothing durably; both tools do'] });
    },
  };
}

export const ADD_FEW = addWork('add-10k', 'few', 60);
export const ADD_MANY = addWork('add-100k', 'many', 200);

export const STATUS: Work = {
  name: 'status-100k',
  title: 'status of 100,000 files that have not changed, s',
  work: 'The same tree, tracked; a walk by Node that calls lstat for every file is what nobody can go under.',
  seconds: 150,
  async run(stand, work) {
    const { ours, dvc } = await withTrees(stand, stand.scale.many, work.name);
    for (const { tool, folder } of [ours, dvc]) {
      await run(tool, ['add', 'data'], folder, stand.signal);
      await run(tool, ['status'], folder, stand.signal);
    }
    const node = { name: 'walk with lstat', start: ['node'], env: stand.ours.env };
    const looking = ({ tool, folder }: Repository): Side => ({
      name: tool.name,
      rounds: stand.scale.rounds,
      turn: () => timed(tool, ['status'], folder, stand.signal),
    });
    const figures = await secondsOf(stand, [
      looking(ours),
      {
        name: node.name,
        rounds: stand.scale.rounds,
        turn: () => timed(node, walkOf(join(ours.folder, 'data')), stand.folder, stand.signal),
      },
      looking(dvc),
    ]);
    const mine = figureOf(figures, 'throughline');
    const bars = [
      timesAsFast(mine, figureOf(figures, 'dvc'), 5, 'dvc'),
      atMostTimes(mine, figureOf(figures, node.name), WALK_TIMES, 'a bare walk with lstat'),
    ];
    return row(work, { figures, bars, notes: [] });
  },
};

function checkoutWork({ name, links, times, seconds }: { name: string; links: string; times: number; seconds: number }): Work {
  return {
    name,
    title: `checkout of 100,000 files by ${links === 'copy' ? 'copies' : 'hard links'}, s`,
    work: 'The workspace is empty, the cache holds everything.',
    seconds,
    async run(stand, work) {
      const { ours, dvc } = await withTrees(stand, stand.scale.many, name);
      for (const { tool, folder } of [ours, dvc]) {
        await run(tool, ['add', 'data'], folder, stand.signal);
        await run(tool, ['config', 'cache.type', links], folder, stand.signal);
      }
      const bringing = ({ tool, folder }: Repository, rounds: number): Side => ({
        name: tool.name,
        rounds,
        before: async () => putAside(stand, [join(folder, 'data')]),
        turn: () => timed(tool, ['checkout'], folder, stand.signal),
      });
      const figures = await secondsOf(stand, [bringing(ours, Math.min(3, stand.scale.rounds)), bringing(dvc, stand.scale.longRounds)]);
      return row(work, {
        figures,
        bars: [timesAsFast(figureOf(figures, 'throughline'), figureOf(figures, 'dvc'), times, 'dvc')],
        notes: [],
      });
    },
  };
}

export const CHECKOUT = checkoutWork({ name: 'checkout-100k', links: 'copy', times: 5, seconds: 200 });
export const CHECKOUT_LINKS = checkoutWork({ name: 'checkout-100k-hardlinks', links: 'hardlink', times: 3, seconds: 150 });
