// How a turn gets rid of what the one before it left: it is put aside, and removed with everything else when the benchmark ends. ext4 does not use the inode
// of a removed file again for a minute and more (`recently_deleted` in fs/ext4/ialloc.c), and looks at each of them whenever it makes a file: behind the
// removal of ten thousand files, making ten thousand takes several times as long, whoever makes them.

import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { Stand } from './stand.ts';

let count = 0;

/** Takes files and folders away, where they are there, without removing them. */
export function putAside({ folder }: Pick<Stand, 'folder'>, paths: readonly string[]): void {
  const aside = join(folder, 'aside');
  mkdirSync(aside, { recursive: true });
  for (const path of paths) {
    if (!existsSync(path)) continue;
    count += 1;
    renameSync(path, join(aside, String(count)));
  }
}
