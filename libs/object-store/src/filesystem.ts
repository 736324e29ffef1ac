// Objects in a folder: files named by their keys. A reader has the old bytes or the new ones, and whoever had opened the old ones keeps them.

import { readdir, unlink } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join, resolve } from 'node:path';

import { forEachOf, limited, outward } from './body.ts';
import { diskFailure, foldersExist, ifThere, openFile, readWhole, statInside, syncFolder } from './disk.ts';
import { objectNotFound, storeDamaged } from './errors.ts';
import { openLayout } from './filesystem-layout.ts';
import { createFilesystemUploads, MAX_OBJECT_BYTES } from './filesystem-uploads.ts';
import {
  checkExpiry,
  checkKey,
  checkKeys,
  checkPartNumber,
  checkPrefix,
  checkRange,
  checkSize,
  checkSmall,
  clipRange,
} from './object-store.ts';
import type {
  ByteRange,
  ListedObject,
  ListOptions,
  ObjectHead,
  ObjectStore,
  PresignOptions,
  PutOptions,
  SmallObject,
  StoredObject,
} from './object-store.ts';

/** Files that are under way together, of one call about many: as many as keep the pool of threads busy. */
const FILES_AT_ONCE = 8;

export interface FilesystemObjectStoreOptions {
  /** The folder; made where it is missing. Nothing else may write into it. */
  root: string;
}

/** Opens the store in a folder, many processes at a time if need be. Throws `unavailable` where the folder cannot be written. */
export async function createFilesystemObjectStore({ root }: FilesystemObjectStoreOptions): Promise<ObjectStore> {
  const layout = await openLayout(resolve(root));
  const { objects } = layout;

  async function put(key: string, body: AsyncIterable<Uint8Array>, { sizeBytes }: PutOptions = {}): Promise<{ sizeBytes: number }> {
    checkKey(key);
    checkSize(sizeBytes, MAX_OBJECT_BYTES);
    return { sizeBytes: await layout.publish(key, limited(body, { sizeBytes, maxBytes: MAX_OBJECT_BYTES })) };
  }

  async function putMany(small: readonly SmallObject[]): Promise<void> {
    checkSmall(small.map(({ key }) => key));
    await layout.publishMany(small);
  }

  async function readMany(keys: readonly string[]): Promise<(Buffer | null)[]> {
    checkSmall(keys);
    const folders = new Map<string, Promise<boolean>>();
    const exists = (key: string): Promise<boolean> => {
      const folder = key.slice(0, key.lastIndexOf('/') + 1);
      const known = folders.get(folder) ?? foldersExist(objects, key);
      folders.set(folder, known);
      return known;
    };
    const found: (Buffer | null)[] = keys.map(() => null);
    await forEachOf(keys, FILES_AT_ONCE, async (key, index) => {
      if (await exists(key)) found[index] = await readWhole(join(objects, key), key);
    });
    return found;
  }

  async function get(key: string, range?: ByteRange): Promise<StoredObject> {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    const opened = (await foldersExist(objects, key)) ? await openFile(join(objects, key), key) : null;
    if (opened === null) throw objectNotFound(key);
    const { handle, stats } = opened;
    try {
      const bounds = range === undefined ? {} : clipRange(range, stats.size);
      const { start, end } = { start: 0, end: stats.size - 1, ...bounds };
      const source = handle.createReadStream({ ...bounds, highWaterMark: 256 * 1024 });
      const body = outward(source, {
        expectedBytes: end - start + 1,
        translate: diskFailure,
        onShort: () => storeDamaged(`'${key}' became shorter while it was read.`),
      });
      return { body, sizeBytes: stats.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function head(key: string): Promise<ObjectHead | null> {
    checkKey(key);
    const stats = (await foldersExist(objects, key)) ? await statInside(join(objects, key), key) : null;
    return stats?.isFile() ? { sizeBytes: stats.size, modifiedAt: stats.mtime } : null;
  }

  async function* list(prefix: string, { after }: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    checkPrefix(prefix);
    // A walk may begin at the folder that the whole prefix names; the folders above it must not be links.
    const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (await foldersExist(objects, `${base}_`)) yield* walk(objects, base, { prefix, after: after ?? '' });
  }

  async function remove(key: string): Promise<void> {
    checkKey(key);
    if (await unlinkObject(key)) await syncFolder(join(objects, key, '..'));
  }

  /** False where there was none. A folder of other keys is no object; deleting must not reach outside what was named. */
  async function unlinkObject(key: string): Promise<boolean> {
    const path = join(objects, key);
    if (!(await foldersExist(objects, key)) || (await statInside(path, key))?.isFile() !== true) return false;
    await ifThere(() => unlink(path));
    return true;
  }

  async function removeMany(keys: readonly string[]): Promise<void> {
    checkKeys(keys);
    await forEachOf(keys, FILES_AT_ONCE, async (key) => {
      await unlinkObject(key);
    });
  }

  async function presign(key: string, { expiresSeconds }: PresignOptions): Promise<null> {
    checkKey(key);
    checkExpiry(expiresSeconds);
    return null;
  }

  async function presignPart(key: string, part: { partNumber: number; expiresSeconds: number }): Promise<null> {
    checkKey(key);
    checkPartNumber(part.partNumber);
    checkExpiry(part.expiresSeconds);
    return null;
  }

  return {
    put,
    putMany,
    readMany,
    get,
    head,
    list,
    delete: remove,
    deleteMany: removeMany,
    presigns: false,
    presign,
    presignPart,
    ...createFilesystemUploads(layout),
    describe: () => `the folder ${resolve(root)}`,
  };
}

/** One folder's entries are held at a time for each level, so memory follows the widest folders, not the number of objects. */
async function* walk(
  objects: string,
  folder: string,
  wanted: { prefix: string; after: string },
): AsyncGenerator<ListedObject, void, undefined> {
  const entries = await ifThere(() => readdir(join(objects, folder), { withFileTypes: true }));
  for (const { key, isFolder } of inKeyOrder(entries ?? [], folder)) {
    if (isFolder) {
      // Of a folder, only what could hold a key that begins with the prefix and lies behind `after`.
      const hasPrefix = key.startsWith(wanted.prefix) || wanted.prefix.startsWith(key);
      if (hasPrefix && (key > wanted.after || wanted.after.startsWith(key))) yield* walk(objects, key, wanted);
    } else if (key.startsWith(wanted.prefix) && key > wanted.after) {
      const stats = await statInside(join(objects, key), key);
      if (stats?.isFile()) yield { key, sizeBytes: stats.size, modifiedAt: stats.mtime };
    }
  }
}

/** Sorts a folder as its keys sort: a sub-folder counts with its slash, so `a-b` comes before `a/b`. */
function inKeyOrder(entries: readonly Dirent[], folder: string): { key: string; isFolder: boolean }[] {
  const keys = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`, isFolder: entry.isDirectory() }));
  return keys.sort((a, b) => (a.key < b.key ? -1 : 1));
}
