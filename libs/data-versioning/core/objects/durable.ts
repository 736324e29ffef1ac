// What makes writing outlast a power cut. Objects are written by the hundred thousand: one `syncfs` at the end of a command costs a second, an fsync for each of
// them half a minute. The few files that name them (`.dvc` files, states) are each written beside their place, synced and renamed.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './failures.ts';

/** Of every temporary file of ours: hidden, and nothing that could be an object's name. */
export const TEMPORARY_PREFIX = '.throughline-';

/** Makes all that was written to a folder's file system outlast a power cut. Where the system has no `sync` command, its own timer does it. */
export async function syncFileSystem(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  if (await succeeds('sync', ['-f', folder])) return;
  await succeeds('sync', []);
}

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, (error) => resolve(error === null));
  });
}

/**
 * Makes files, their names in their folders, and those of these folders, which may be new, outlast a power cut: for a handful of them, where syncing everybody's data would
 * take longer.
 */
export async function syncFiles(files: readonly string[]): Promise<void> {
  for (const file of files) await syncOne(file);
  const folders = new Set(files.map((file) => dirname(file)));
  for (const folder of new Set([...folders, ...[...folders].map((path) => dirname(path))])) await syncFolder(folder);
}

/** Makes the names in a folder outlast a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its file systems keep names by themselves.
  if (process.platform !== 'win32') await syncOne(folder);
}

async function syncOne(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface ReplaceOptions {
  readonly mode?: number;
  /** Where the new bytes are written first, so that a killed command leaves nothing in the workspace; beside the file where it is absent or on another file system. */
  readonly temporaryFolder?: string;
}

/** Puts bytes in a file's place in one step: whoever reads it, even after a power cut, sees the old ones or all of the new ones. Its folder must be there. */
export async function replaceFile(file: string, bytes: Uint8Array | string, options: ReplaceOptions = {}): Promise<void> {
  const name = `${TEMPORARY_PREFIX}${randomBytes(6).toString('hex')}`;
  const place = { bytes, mode: options.mode ?? 0o666 };
  if (options.temporaryFolder !== undefined) await mkdir(options.temporaryFolder, { recursive: true });
  if (options.temporaryFolder === undefined || !(await writeAndRename(join(options.temporaryFolder, name), file, place))) {
    await writeAndRename(`${file}${name}`, file, place);
  }
  await syncFolder(dirname(file));
}

/** False where the two lie on different file systems. */
async function writeAndRename(
  temporary: string,
  file: string,
  { bytes, mode }: { bytes: Uint8Array | string; mode: number },
): Promise<boolean> {
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return true;
  } catch (error) {
    await rm(temporary, { force: true });
    if (codeOf(error) === 'EXDEV') return false;
    throw error;
  }
}
