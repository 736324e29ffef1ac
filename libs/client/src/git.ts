// The Git commit that the program stands on, read from Git's own files: whoever looks at a run later finds the code. A repository that is laid out in a
// way unknown here has no commit, rather than a wrong one.

import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const MAX_PARENTS = 64;

/** The commit that is checked out where a folder stands; null where there is none. */
export async function findCommit(folder: string): Promise<string | null> {
  for (let place = resolve(folder), count = 0; count < MAX_PARENTS; count += 1) {
    const git = await gitFolderOf(place);
    if (git !== null) return readHead(git);
    const above = dirname(place);
    if (above === place) return null;
    place = above;
  }
  return null;
}

/** A checkout's Git folder, which for worktrees and submodules is elsewhere. */
async function gitFolderOf(place: string): Promise<string | null> {
  const path = join(place, '.git');
  if ((await read(join(path, 'HEAD'))) !== null) return path;
  const pointer = /^gitdir: (.+)$/m.exec((await read(path)) ?? '')?.[1];
  return pointer === undefined ? null : resolve(place, pointer);
}

async function readHead(git: string): Promise<string | null> {
  const head = await read(join(git, 'HEAD'));
  if (head === null) return null;
  const branch = /^ref: (refs\/[^\s]+)$/.exec(head)?.[1];
  if (branch === undefined) return HASH.test(head) ? head : null;
  // Worktrees share the branches of the repository that they were made from.
  const common = resolve(git, (await read(join(git, 'commondir'))) ?? '.');
  const loose = await read(join(common, branch));
  if (loose !== null) return HASH.test(loose) ? loose : null;
  const packed = (await read(join(common, 'packed-refs'))) ?? '';
  const hash = packed
    .split('\n')
    .find((line) => line.endsWith(` ${branch}`))
    ?.split(' ', 1)[0];
  return hash !== undefined && HASH.test(hash) ? hash : null;
}

async function read(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null; // Not there, a folder, or not ours to read.
  }
}
