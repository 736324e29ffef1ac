// The folders of a store. Below the root: `objects/<key>`, what readers see; `staging/`, files being written and things being
// removed; `uploads/<id>/`, multipart uploads. All are in one file system, so that a rename is the one step in which an object
// appears or changes.

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { DomainError } from '@throughline/kernel';

import { forEachOf } from './body.ts';
import {
  canSyncFileSystem,
  diskFailure,
  errnoOf,
  ifThere,
  makeFolders,
  remember,
  statInside,
  syncFileSystem,
  syncFolder,
  writeNewFile,
  writeUnsynced,
} from './disk.ts';
import { keyConflict, storeDamaged } from './errors.ts';
import type { SmallObject } from './object-store.ts';

/** What a crash left in the staging folder is removed once nothing has touched it for so long; another process may be writing there. */
const STALE_MS = 24 * 60 * 60 * 1000;
/** So many files are synced one by one: a sync of the whole file system waits for what others are writing as well. */
const FEW = 8;
/** Files that are written together: as many as keep the pool of threads busy. */
const FILES_AT_ONCE = 8;

/** The folders of a store, and how bytes get from one into another. */
export interface Layout {
  objects: string;
  staging: string;
  uploads: string;
  /** A name in the staging folder that nobody else has. */
  stagingPath(): string;
  /** Writes a body beside the objects and makes it the object of this key in one durable step; gives its size. */
  publish(key: string, body: AsyncIterable<Uint8Array>): Promise<number>;
  /** Makes objects of keys that nobody knows yet, all durable when it resolves. */
  publishMany(small: readonly SmallObject[]): Promise<void>;
}

/** Opens or makes the folders, removes what crashed writers left, and tries that the disk takes writes. Throws `unavailable`. */
export async function openLayout(root: string): Promise<Layout> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    // The root itself may be reached through a link (a mounted volume often is); below it there are none.
    const real = await realpath(root);
    const [objects, staging, uploads] = [join(real, 'objects'), join(real, 'staging'), join(real, 'uploads')];
    for (const folder of [objects, staging, uploads]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await statInside(folder, '/'))?.isDirectory()) throw storeDamaged('A folder of the store is missing.');
    }
    await syncFolder(real);
    await sweep(staging);
    const layout = layoutOf({ objects, staging, uploads });
    await tryWriting(layout);
    return layout;
  } catch (error) {
    const failure = diskFailure(error);
    if (!(failure instanceof DomainError)) throw failure;
    // Only whoever starts the server reads this, so the path may stand in it: it is what has to be put right.
    throw new DomainError({
      kind: failure.kind,
      code: failure.code,
      message: `The object store's folder ${root} cannot be used. ${failure.message}`,
      cause: error,
    });
  }
}

async function tryWriting(layout: Layout): Promise<void> {
  const path = layout.stagingPath();
  await writeNewFile(path, Readable.from([new Uint8Array(1)]));
  await rm(path, { force: true });
}

/** Removes what crashed writers left behind, long after. */
async function sweep(staging: string): Promise<void> {
  const limit = Date.now() - STALE_MS;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const stats = await ifThere(() => lstat(path));
    if (stats !== null && stats.mtimeMs < limit) await rm(path, { recursive: true, force: true });
  }
}

function layoutOf(folders: Pick<Layout, 'objects' | 'staging' | 'uploads'>): Layout {
  const known = new Set<string>();
  const stagingPath = () => join(folders.staging, randomBytes(16).toString('hex'));

  async function publish(key: string, body: AsyncIterable<Uint8Array>): Promise<number> {
    const staged = stagingPath();
    const sizeBytes = await writeNewFile(staged, body);
    try {
      await makeFolders(folders.objects, key, known);
      const path = join(folders.objects, key);
      await renameOnto(staged, path, key);
      await syncFolder(join(path, '..'));
      return sizeBytes;
    } catch (error) {
      await rm(staged, { force: true }).catch(() => undefined); // The sweep takes it; the first error is the one that counts.
      throw error;
    }
  }

  /**
   * Nobody knows the keys, so that the files are written where they stay; then one sync of the file system makes all of them durable, with the
   * folders that they are in. Where a system cannot do that, and for a few, every file is synced by itself.
   */
  async function publishMany(small: readonly SmallObject[]): Promise<void> {
    if (small.length <= FEW || !canSyncFileSystem) {
      await forEachOf(small, FILES_AT_ONCE, async ({ key, bytes }) => {
        await publish(key, Readable.from([bytes]));
      });
      return;
    }
    const made = new Set<string>();
    const parents = new Map(small.map(({ key }) => [key.slice(0, key.lastIndexOf('/') + 1), key]));
    for (const key of parents.values()) await makeFolders(folders.objects, key, known, made);
    const written: string[] = [];
    try {
      await forEachOf(small, FILES_AT_ONCE, async ({ key, bytes }) => {
        const path = join(folders.objects, key);
        await writeUnsynced(path, bytes, key);
        written.push(path);
      });
      await syncFileSystem(folders.objects);
    } catch (error) {
      // What cannot be removed now is an object that no row names: the collector takes it. The first error is the one that counts.
      await forEachOf(written, FILES_AT_ONCE, (path) => rm(path, { force: true })).catch(() => undefined);
      throw error;
    }
    for (const path of made) remember(known, path);
  }

  return { ...folders, stagingPath, publish, publishMany };
}

async function renameOnto(from: string, to: string, key: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EISDIR' || errno === 'ENOTEMPTY' || errno === 'EEXIST') throw keyConflict(key, error);
    throw diskFailure(error);
  }
}
