// Durable steps on a file system. Written is not stored: a file is synced before it is renamed to its name, and a folder is synced after an
// entry in it changed, so that what was answered survives a power cut, and kill -9 at any line leaves at most a file in the staging
// folder. Nothing here follows a symbolic link: a link in the store can only have been planted, or the store moved carelessly.

import { execFile } from 'node:child_process';
import { close, constants, fstat, open as openAtOnce, readFile, writeFile } from 'node:fs';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stats } from 'node:fs';

import { DomainError } from '@throughline/kernel';

import { keyConflict, storeDamaged, storeFull, storeUnavailable } from './errors.ts';

/** The code of a failed system call (`ENOENT`), or null where the error is of another kind. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What a failed system call means to a caller, in words without a path. A defect (an error without a code) stays as it is. */
export function diskFailure(error: unknown): Error {
  if (error instanceof DomainError) return error;
  const errno = errnoOf(error);
  if (errno === null) return error instanceof Error ? error : new Error(String(error));
  return FULL.has(errno) ? storeFull(error) : storeUnavailable(`its disk answered ${errno}`, error);
}

/** Runs a system call; null where it fails because there is nothing of this name. Throws what `diskFailure` says for the rest. */
export async function ifThere<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw diskFailure(error);
  }
}

/** Runs a system call, translating its failure. */
export async function onDisk<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw diskFailure(error);
  }
}

/** Makes a folder's entries durable. Windows cannot open folders, and journals their entries by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await onDisk(async () => {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Writes chunks to a new file and syncs it; gives its size. Whatever fails, the file is gone again; what the body throws passes through. */
export async function writeNewFile(path: string, body: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await onDisk(() => open(path, 'wx', 0o600));
  try {
    const sizeBytes = await writeAll(handle, body);
    await onDisk(() => handle.sync());
    await onDisk(() => handle.close());
    return sizeBytes;
  } catch (error) {
    await handle.close().catch(() => undefined); // It may be closed already; the first error is the one that counts.
    await rm(path, { force: true }).catch(() => undefined); // The sweep of the staging folder takes what stays.
    throw error;
  }
}

async function writeAll(handle: FileHandle, body: AsyncIterable<Uint8Array>): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    // FileHandle.writeFile goes on from the current position until all of the chunk is written; write() may stop short.
    await onDisk(() => handle.writeFile(chunk));
    sizeBytes += chunk.byteLength;
  }
  return sizeBytes;
}

/** The fewest steps in which a new file is written, and not durable behind them. Where it fails, the file is gone again. */
const writeFileAtOnce = promisify(writeFile);

/** Writes a new file without syncing it. Throws OBJECT_KEY_CONFLICT where there is one. */
export async function writeUnsynced(path: string, bytes: Uint8Array, key: string): Promise<void> {
  try {
    await writeFileAtOnce(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw keyConflict(key, error);
    await rm(path, { force: true }).catch(() => undefined); // The first error is the one that counts.
    throw diskFailure(error);
  }
}

/** Whether this system can make all of one file system durable at once (syncfs). Windows and macOS cannot. */
export const canSyncFileSystem = process.platform === 'linux';

const runProgram = promisify(execFile);

/** Makes everything durable that was written to the file system of a folder. Node has no call for it; `sync -f` of any Linux is one. */
export async function syncFileSystem(folder: string): Promise<void> {
  try {
    await runProgram('sync', ['-f', folder]);
  } catch (error) {
    throw storeUnavailable('what was written could not be synced', error);
  }
}

const openDescriptor = promisify(openAtOnce);
const statDescriptor = promisify(fstat);
const readFileAtOnce = promisify(readFile);
const closeDescriptor = promisify(close);
// O_NONBLOCK: opening a FIFO that somebody left there must not hang. Where a system lacks a flag it counts as 0.
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads a regular file whole, in the fewest steps; null where there is none. Throws OBJECT_STORE_DAMAGED for a symbolic link. */
export function readWhole(path: string, what: string): Promise<Buffer | null> {
  return ifThere(async () => {
    let descriptor: number | undefined;
    try {
      descriptor = await openDescriptor(path, READING);
      // A folder of other keys is no object.
      return (await statDescriptor(descriptor)).isFile() ? await readFileAtOnce(descriptor) : null;
    } catch (error) {
      if (errnoOf(error) === 'ELOOP') throw linkFound(what);
      throw error;
    } finally {
      if (descriptor !== undefined) await closeDescriptor(descriptor);
    }
  });
}

/** Opens a regular file for reading; null where there is none. Throws OBJECT_STORE_DAMAGED for a symbolic link. */
export async function openFile(path: string, what: string): Promise<{ handle: FileHandle; stats: Stats } | null> {
  const handle = await ifThere(async () => {
    try {
      return await open(path, READING);
    } catch (error) {
      if (errnoOf(error) === 'ELOOP') throw linkFound(what);
      throw error;
    }
  });
  if (handle === null) return null;
  try {
    const stats = await onDisk(() => handle.stat());
    if (stats.isFile()) return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

/** Stats of what stands at a path itself, null where there is nothing. Throws OBJECT_STORE_DAMAGED for a symbolic link. */
export async function statInside(path: string, what: string): Promise<Stats | null> {
  const stats = await ifThere(() => lstat(path));
  if (stats?.isSymbolicLink()) throw linkFound(what);
  return stats;
}

function linkFound(what: string): DomainError {
  return storeDamaged(`The store holds a symbolic link on the way to '${what}'; links are never followed.`);
}

/** Whether every folder between `base` and the key's last segment exists. Throws OBJECT_STORE_DAMAGED for a symbolic link. */
export async function foldersExist(base: string, key: string): Promise<boolean> {
  let path = base;
  for (const segment of key.split('/').slice(0, -1)) {
    path = join(path, segment);
    if (!(await statInside(path, key))?.isDirectory()) return false;
  }
  return true;
}

/** Bounds the memory for folders known to be durable; past it they are synced once more. */
const MAX_KNOWN = 10_000;

/**
 * Makes the folders that a key needs, each synced into its parent before anything may rely on it. `known` remembers those whose
 * entry this process has synced: one that another process just made may not be durable yet. With `later` nothing is synced: those that
 * have to be are put there, for a sync of the whole file system.
 */
export async function makeFolders(base: string, key: string, known: Set<string>, later?: Set<string>): Promise<void> {
  let parent = base;
  for (const segment of key.split('/').slice(0, -1)) {
    const path = join(parent, segment);
    await makeFolder(path, key);
    if (!known.has(path)) {
      if (later === undefined) {
        await syncFolder(parent);
        remember(known, path);
      } else {
        later.add(path);
      }
    }
    parent = path;
  }
}

/** Notes that a folder's entry is durable. */
export function remember(known: Set<string>, path: string): void {
  if (known.size >= MAX_KNOWN) known.clear();
  known.add(path);
}

async function makeFolder(path: string, key: string): Promise<void> {
  const there = await statInside(path, key);
  if (there?.isDirectory()) return;
  if (there !== null) throw keyConflict(key);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another put was faster; what it made is looked at like everything that was there before.
    if (errnoOf(error) !== 'EEXIST') throw diskFailure(error);
    if (!(await statInside(path, key))?.isDirectory()) throw keyConflict(key);
  }
}
