// The rows about what is called many times a day: starting, and a status that has nothing to say.

import { row, timesAsFast } from '../harness/report.ts';
import { run, timed } from './programs.ts';
import type { Command } from './programs.ts';
import { newRepository } from './stand.ts';
import type { Stand } from './stand.ts';
import { makeTree } from './trees.ts';
import { figureOf, secondsOf } from './work.ts';
import type { Side, Work } from './work.ts';

const TIMES = 5;
const FILES = 20;

export const START: Work = {
  name: 'start',
  title: 'start-up (--version), s',
  work: 'The installed commands print their versions; Node that runs nothing is what no command under it can go below.',
  seconds: 20,
  async run(stand, work) {
    const node = { name: 'node alone', start: ['node'], env: stand.ours.env };
    const starting = (tool: Command, args: readonly string[]): Side => ({
      name: tool.name,
      rounds: stand.scale.startRounds,
      turn: () => timed(tool, args, stand.folder, stand.signal),
    });
    const figures = await secondsOf(stand, [
      starting(stand.ours, ['--version']),
      starting(node, ['-e', '0']),
      starting(stand.dvc, ['--version']),
    ]);
    return row(work, { figures, bars: [timesAsFast(figureOf(figures, 'throughline'), figureOf(figures, 'dvc'), TIMES, 'dvc')], notes: [] });
  },
};

export const CLEAN_STATUS: Work = {
  name: 'clean-status',
  title: 'status in a clean repository, s',
  work: `A repository with a folder of ${FILES} files and one file beside it, both tracked and unchanged.`,
  seconds: 40,
  async run(stand, work) {
    const repositories = new Map<string, string>();
    for (const tool of [stand.ours, stand.dvc]) {
      const repository = await smallRepository(stand, tool);
      repositories.set(tool.name, repository);
    }
    const figures = await secondsOf(
      stand,
      [stand.ours, stand.dvc].map((tool) => ({
        name: tool.name,
        rounds: stand.scale.startRounds,
        turn: () => timed(tool, ['status'], repositories.get(tool.name) ?? '', stand.signal),
      })),
    );
    return row(work, { figures, bars: [timesAsFast(figureOf(figures, 'throughline'), figureOf(figures, 'dvc'), TIMES, 'dvc')], notes: [] });
  },
};

async function smallRepository(stand: Stand, tool: Stand['ours']): Promise<string> {
  const repository = await newRepository(stand, tool, `clean-${tool.name}`);
  makeTree(`${repository}/data`, { files: FILES, fileBytes: stand.scale.fileBytes, seed: 'clean' });
  makeTree(`${repository}/alone`, { files: 1, fileBytes: stand.scale.fileBytes, seed: 'alone', isFlat: true });
  await run(tool, ['add', 'data', 'alone/0.txt'], repository, stand.signal);
  // The first status remembers; every further one is what people wait for.
  await run(tool, ['status'], repository, stand.signal);
  return repository;
}
