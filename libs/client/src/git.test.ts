import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { findCommit } from './git.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const OTHER = 'badbad'.padEnd(40, '0');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-git-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function lay(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`);
  }
}

it('finds the commit of a branch, from any folder of the checkout', async () => {
  await lay({ '.git/HEAD': 'ref: refs/heads/main', '.git/refs/heads/main': COMMIT, 'src/deep/file': '' });
  expect(await findCommit(join(folder, 'src/deep'))).toBe(COMMIT);
});

it('finds a commit that is checked out without a branch', async () => {
  await lay({ '.git/HEAD': COMMIT });
  expect(await findCommit(folder)).toBe(COMMIT);
});

it('finds the commit of a packed branch, and not that of another with the same ending', async () => {
  const packed = `# pack-refs with: peeled\n${OTHER} refs/heads/x/refs/heads/main\n${COMMIT} refs/heads/main\n^${OTHER}`;
  await lay({ '.git/HEAD': 'ref: refs/heads/main', '.git/packed-refs': packed });
  expect(await findCommit(folder)).toBe(COMMIT);
});

it('finds the commit of a worktree, whose branches are in the repository that it was made from', async () => {
  await lay({
    'main/.git/HEAD': 'ref: refs/heads/main',
    'main/.git/refs/heads/main': OTHER,
    'main/.git/refs/heads/topic': COMMIT,
    'main/.git/worktrees/tree/HEAD': 'ref: refs/heads/topic',
    'main/.git/worktrees/tree/commondir': '../..',
    'tree/.git': `gitdir: ${join(folder, 'main/.git/worktrees/tree')}`,
  });
  expect(await findCommit(join(folder, 'tree'))).toBe(COMMIT);
});

it('finds none in a repository without commits', async () => {
  await lay({ '.git/HEAD': 'ref: refs/heads/main' });
  expect(await findCommit(folder)).toBeNull();
});
