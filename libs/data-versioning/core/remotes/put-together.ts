// From what was taken into a scratch cache to files in their place: put together beside it, and moved there whole.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import type { Taken } from './take.ts';

/** Files from the scratch cache at their paths. The last use of an object takes it, others copy it. */
export async function putTogether(taken: Taken, scratch: Repository, built: string): Promise<void> {
  const cache = openCache(scratch);
  const mode = await modeOfNewFiles(built);
  const left = new Map<string, number>();
  for (const { md5 } of taken.files) left.set(md5, (left.get(md5) ?? 0) + 1);
  if (taken.isFolder) await mkdir(built, { recursive: true });
  const made = new Set<string>();
  for (const { path, md5, isExecutable } of taken.files) {
    const object = cache.fileOf({ hash: 'md5', md5, isTree: false });
    const file = path === '' ? built : join(built, ...path.split('/'));
    const parent = dirname(file);
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true });
      made.add(parent);
    }
    const uses = left.get(md5) ?? 1;
    left.set(md5, uses - 1);
    if (uses === 1) await rename(object, file);
    else await copyFile(object, file);
    // Who may read a script may run it.
    await chmod(file, isExecutable ? mode | ((mode & 0o444) >> 2) : mode);
  }
}

/** What the user's system gives files that are made; to ask for it would change it for a moment. */
async function modeOfNewFiles(near: string): Promise<number> {
  const probe = `${near}.mode`;
  await writeFile(probe, '');
  const { mode } = await stat(probe);
  await rm(probe);
  return mode & 0o777;
}

/** Puts something in a place; what was there is kept until the new one is. */
export async function replace(target: string, built: string): Promise<void> {
  if (!existsSync(target)) {
    await rename(built, target);
    return;
  }
  const aside = join(dirname(target), `.throughline-${randomBytes(6).toString('hex')}`);
  await rename(target, aside);
  try {
    await rename(built, target);
  } catch (error) {
    await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
