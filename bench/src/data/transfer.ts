// The rows about a remote: both tools push to, and pull from, this server; dvc by the HTTP remote that it has, ours by batches, to the same workspace
// over the same storage. Each round of a push has files of its own, which the server has never seen.

import { join } from 'node:path';

import { row, timesAsFast } from '../harness/report.ts';
import { putAside } from './aside.ts';
import { run, timed } from './programs.ts';
import type { Command } from './programs.ts';
import { newRepository } from './stand.ts';
import type { Stand } from './stand.ts';
import { makeTree } from './trees.ts';
import { figureOf, secondsOf } from './work.ts';
import type { Side, Work } from './work.ts';

const ROUNDS = 3;

/** A repository for each round of each tool, everything added and the remote named; made once, by whichever row is first. */
const repositories = new WeakMap<Stand, Promise<Map<Command, string[]>>>();

/** Those of the rows before; a row that is run alone makes and pushes them itself. */
function repositoriesOf(stand: Stand): Promise<Map<Command, string[]>> {
  const made = repositories.get(stand) ?? makeRepositories(stand);
  repositories.set(stand, made);
  return made;
}

async function makeRepositories(stand: Stand): Promise<Map<Command, string[]>> {
  const origin = await stand.server();
  const found = new Map<Command, string[]>();
  for (const tool of [stand.ours, stand.dvc]) {
    const list: string[] = [];
    for (let round = 1; round <= roundsOf(stand, tool); round += 1) {
      stand.progress.say(`making the files of ${tool.name}, ${round}`);
      const name = `transfer-${tool.name}-${round}`;
      const repository = await newRepository(stand, tool, name);
      makeTree(join(repository, 'data'), { files: stand.scale.few, fileBytes: stand.scale.fileBytes, seed: name });
      await run(tool, ['add', 'data'], repository, stand.signal);
      const address = tool === stand.dvc ? `${origin}/dvc/default` : `throughline://${new URL(origin).host}/default`;
      await run(tool, ['remote', 'add', '-d', 'server', address], repository, stand.signal);
      list.push(repository);
    }
    found.set(tool, list);
  }
  return found;
}

function roundsOf({ scale, dvc }: Stand, tool: Command): number {
  return tool === dvc ? scale.longRounds : Math.min(ROUNDS, scale.rounds);
}

const pushed = new WeakSet<Stand>();

async function pushAll(stand: Stand): Promise<void> {
  if (pushed.has(stand)) return;
  for (const [tool, list] of await repositoriesOf(stand))
    for (const repository of list) await run(tool, ['push'], repository, stand.signal);
  pushed.add(stand);
}

interface TransferRow {
  name: string;
  title: string;
  work: string;
  times: number;
  seconds: number;
  before: (stand: Stand, repository: string) => Promise<void>;
  verb: 'push' | 'pull';
}

function transferWork({ name, title, work, times, seconds, before, verb }: TransferRow): Work {
  return {
    name,
    title,
    work,
    seconds,
    async run(stand, subject) {
      const sides: Side[] = [];
      for (const [tool, list] of await repositoriesOf(stand)) {
        sides.push({
          name: tool.name,
          rounds: list.length,
          before: (round) => before(stand, list[round - 1] ?? ''),
          turn: (round) => timed(tool, [verb], list[round - 1] ?? '', stand.signal),
        });
      }
      const figures = await secondsOf(stand, sides);
      if (verb === 'push') pushed.add(stand);
      return row(subject, {
        figures,
        bars: [timesAsFast(figureOf(figures, 'throughline'), figureOf(figures, 'dvc'), times, 'dvc')],
        notes: [],
      });
    },
  };
}

export const PUSH = transferWork({
  name: 'push-10k',
  title: 'push of 10,000 files to this server, s',
  work: 'Files that the server has never seen.',
  times: 3,
  seconds: 120,
  before: async () => undefined,
  verb: 'push',
});

export const PUSH_AGAIN = transferWork({
  name: 'push-again',
  title: 'push of 10,000 files again, with nothing new, s',
  work: 'The same repositories, all of whose files the server has.',
  times: 5,
  seconds: 30,
  before: pushAll,
  verb: 'push',
});

export const PULL = transferWork({
  name: 'pull-10k',
  title: 'pull of 10,000 files from this server, s',
  work: 'The same repositories, without their caches and files.',
  times: 3,
  seconds: 100,
  async before(stand, repository) {
    await pushAll(stand);
    putAside(stand, [...['.dvc/cache', '.dvc/tmp', 'data'].map((path) => join(repository, path)), join(stand.folder, 'site')]);
  },
  verb: 'pull',
});
