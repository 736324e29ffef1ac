// The rows about what is large: one file of 2 GB, and a folder of a million files.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { figure, row, timesAsFast, timesTheRate, under } from '../harness/report.ts';
import { measured, run, timed } from './programs.ts';
import type { Command } from './programs.ts';
import { newRepository } from './stand.ts';
import { makeLargeFile, makeTree } from './trees.ts';
import { figureOf, secondsOf } from './work.ts';
import type { Side, Work } from './work.ts';
import { hashAndCopyOf } from './yardsticks.ts';

const RATE_SHARE = 0.8;
const PEAK_MEGABYTES = 1_500;
const ROUNDS = 3;

export const LARGE_FILE: Work = {
  name: 'add-2gb',
  title: 'add of one file of 2 GB, s',
  work: 'Bytes without any pattern; one pass by Node that reads, hashes by MD5 and writes, durable at its end, is what nobody can go under.',
  seconds: 150,
  async run(stand, work) {
    const { scale, signal, folder } = stand;
    const rounds = Math.min(ROUNDS, scale.rounds);
    const repository = await newRepository(stand, stand.ours, work.name);
    makeLargeFile(join(repository, 'large.bin'), scale.largeBytes, 'large');
    const forget = async () => {
      for (const path of ['.dvc/cache', '.dvc/tmp', 'large.bin.dvc', '.gitignore'])
        rmSync(join(repository, path), { recursive: true, force: true });
      rmSync(join(folder, 'site'), { recursive: true, force: true });
    };
    const adding = (tool: Command, turns: number): Side => ({
      name: tool.name,
      rounds: turns,
      before: forget,
      turn: () => timed(tool, ['add', 'large.bin'], repository, signal),
    });
    const copy = join(folder, 'copy.bin');
    const node = { name: 'hash and copy at once', start: ['node'], env: stand.ours.env };
    const figures = await secondsOf(stand, [
      adding(stand.ours, rounds),
      {
        name: node.name,
        rounds,
        before: async () => rmSync(copy, { force: true }),
        turn: () => timed(node, hashAndCopyOf(join(repository, 'large.bin'), copy), folder, signal),
      },
      adding(stand.dvc, scale.longRounds),
    ]);
    for (const path of [copy, repository]) rmSync(path, { recursive: true, force: true });
    const rate = (name: string) =>
      figure(
        `${name}, rate`,
        'MB/s',
        figureOf(figures, name).raw.map((seconds) => scale.largeBytes / 1e6 / seconds),
      );
    const mine = rate('throughline');
    const bound = rate(node.name);
    return row(work, {
      figures: [...figures, mine, bound],
      bars: [
        timesAsFast(figureOf(figures, 'throughline'), figureOf(figures, 'dvc'), 5, 'dvc'),
        timesTheRate(mine, bound, RATE_SHARE, 'hashing and copying at once'),
      ],
      notes: [],
    });
  },
};

export const MILLION: Work = {
  name: 'memory-1m',
  title: 'peak memory of adding 1,000,000 files in one folder, MB',
  work: 'The peak is what the system accounts for the process, threads included; then every file must stand in the manifest.',
  seconds: 330,
  async run(stand, work) {
    const { scale, signal } = stand;
    const repository = await newRepository(stand, stand.ours, work.name);
    stand.progress.say('making the files');
    makeTree(join(repository, 'data'), { files: scale.most, fileBytes: 40, seed: 'most', isFlat: true });
    stand.progress.say('adding them');
    const { megabytes, seconds } = await measured(stand.python, stand.ours, ['add', 'data'], repository, signal);
    const said = /^ {2}nfiles: (\d+)$/m.exec(readFileSync(join(repository, 'data.dvc'), 'utf8'))?.[1];
    if (Number(said) !== scale.most) throw new Error(`data.dvc has ${String(said)} files and not ${scale.most}`);
    stand.progress.say('removing them');
    await run({ name: 'rm', start: ['rm', '-rf'], env: stand.ours.env }, [repository], stand.folder, signal);
    const peak = figure('peak', 'MB', [megabytes]);
    return row(work, { figures: [peak, figure('took', 's', [seconds])], bars: [under(peak, PEAK_MEGABYTES)], notes: [] });
  },
};
