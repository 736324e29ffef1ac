// A folder of this machine, or one that is mounted, as a place for files. Everything gets its name in one step, by renaming a temporary file beside it, so that
// another command that looks at the folder meanwhile, and the one after a power cut, sees whole files or none. The disk is told to keep them once, at the end.

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@throughline/kernel';
import { syncFileSystem, TEMPORARY_PREFIX } from '../objects/durable.ts';
import { codeOf, isMissing } from '../objects/failures.ts';
import { fileNotFound, forbidden, remoteFull, remoteMissing } from './failures.ts';
import { throwIfAborted } from './retry.ts';
import { SMALL_BYTES } from './storage.ts';
import type { SmallFiles, Storage, StoredBody, StoredFile, WriteSource } from './storage.ts';

const JOBS = 16;
const CHUNK_BYTES = 1024 * 1024;

export interface FolderOptions {
  readonly folder: string;
  /** Files and folders of the group, as `shared = group` asks. */
  readonly isShared?: boolean;
}

/** Opens a folder; it need not be there before the first write. Its parent need not either: DVC makes them all, too. */
export function openFolder({ folder, isShared = false }: FolderOptions): Storage {
  const made = new Set<string>();
  let hasWritten = false;
  const fileOf = (path: string) => (path === '' ? folder : join(folder, ...path.split('/')));

  const makeFolder = async (path: string) => {
    if (made.has(path)) return;
    await mkdir(path, { recursive: true, ...(isShared ? { mode: 0o2775 } : {}) });
    made.add(path);
  };

  return {
    kind: 'folder',
    url: folder,
    jobs: JOBS,
    async stat(path, signal) {
      throwIfAborted(signal);
      return await explained(folder, 'reading', async () => {
        const found = await stat(fileOf(path));
        return found.isFile() ? { path, sizeBytes: found.size } : null;
      });
    },
    async read(path, { offsetBytes = 0, signal }): Promise<StoredBody> {
      throwIfAborted(signal);
      const handle = await explained(folder, 'reading', () => open(fileOf(path), 'r'));
      if (handle === null) throw fileNotFound(fileOf(path));
      const found = await handle.stat();
      if (!found.isFile()) {
        await handle.close();
        throw fileNotFound(fileOf(path));
      }
      const chunks = handle.createReadStream({ start: Math.min(offsetBytes, found.size), highWaterMark: CHUNK_BYTES, signal });
      return { chunks: chunks as AsyncIterable<Buffer>, sizeBytes: found.size, offsetBytes: Math.min(offsetBytes, found.size) };
    },
    async write(path, source, signal) {
      const file = fileOf(path);
      await explained(folder, 'writing', async () => {
        await makeFolder(dirname(file));
        hasWritten = true;
        const temporary = join(dirname(file), `${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}`);
        try {
          await writeAll(temporary, source, signal);
          if (isShared) await chmod(temporary, 0o664);
          await rename(temporary, file);
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        }
      });
    },
    small: isOnNetwork(folder) ? null : smallFiles(folder, fileOf, isShared, () => (hasWritten = true)),
    async *list(prefix, signal) {
      // A prefix may end within a name: what begins so in its folder is looked at.
      const slash = prefix.lastIndexOf('/');
      const start = prefix.slice(0, slash + 1);
      yield* walk(folder, start.replace(/\/$/, ''), (path) => path.startsWith(prefix), signal);
    },
    async remove(paths, signal) {
      for (const path of paths) {
        throwIfAborted(signal);
        await explained(folder, 'removing', async () => {
          try {
            await unlink(fileOf(path));
          } catch (error) {
            if (codeOf(error) !== 'ENOENT') throw error;
          }
        });
      }
    },
    versions: null,
    async flush() {
      if (hasWritten) await syncFileSystem(folder);
    },
    locationOf: fileOf,
    close() {
      return;
    },
  };
}

/** File systems that ask another machine for every step: there, many steps at a time are faster than one after the other. By their numbers in Linux's statfs. */
const NETWORK_TYPES: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x0bd00bd0,
]);

function isOnNetwork(folder: string): boolean {
  for (let here = folder; ; here = dirname(here)) {
    try {
      return NETWORK_TYPES.has(statfsSync(here).type);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || here === dirname(here)) return true;
    }
  }
}

function smallFiles(folder: string, fileOf: (path: string) => string, isShared: boolean, onWrite: () => void): SmallFiles {
  const made = new Set<string>();
  return {
    read(path) {
      try {
        const found = statSync(fileOf(path));
        return found.size > SMALL_BYTES ? null : readFileSync(fileOf(path));
      } catch (error) {
        const told = explain(folder, 'reading', error);
        throw told ?? fileNotFound(fileOf(path));
      }
    },
    write(path, bytes) {
      const file = fileOf(path);
      const temporary = join(dirname(file), `${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}`);
      try {
        if (!made.has(dirname(file))) mkdirSync(dirname(file), { recursive: true, ...(isShared ? { mode: 0o2775 } : {}) });
        made.add(dirname(file));
        onWrite();
        writeFileSync(temporary, bytes, { flag: 'wx' });
        if (isShared) chmodSync(temporary, 0o664);
        renameSync(temporary, file);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw explain(folder, 'writing', error) ?? remoteMissing(folder, 'its folder went away', error);
      }
    },
  };
}

async function writeAll(file: string, source: WriteSource, signal: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    let written = 0;
    for await (const chunk of source.open()) {
      throwIfAborted(signal);
      await handle.write(chunk, 0, chunk.length, null);
      written += chunk.length;
    }
    if (written !== source.sizeBytes) throw changedMeanwhile(source.sizeBytes, written);
  } finally {
    await handle.close();
  }
}

function changedMeanwhile(expected: number, written: number): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'SOURCE_CHANGED',
    message: `A file changed while it was copied: it had ${expected} bytes at first and ${written} in the end.`,
    hint: 'Repeat the command once nobody writes to it.',
  });
}

/** All files below a folder whose path passes, depth first, without holding more than one folder's names. Links to folders are not followed: they may lead in circles. */
async function* walk(root: string, folder: string, passes: (path: string) => boolean, signal: AbortSignal): AsyncGenerator<StoredFile> {
  throwIfAborted(signal);
  const here = folder === '' ? root : join(root, ...folder.split('/'));
  let entries;
  try {
    entries = await readdir(here, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path, passes, signal);
    else if (passes(path)) {
      const found = await sizeOf(join(here, entry.name));
      if (found !== null) yield { path, sizeBytes: found };
    }
  }
}

/** A file's size; null where it is none, or was removed meanwhile. */
async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** As the disk answers, with null where something to be read is not there. */
async function explained<T>(folder: string, doing: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const told = explain(folder, doing, error);
    if (told !== null) throw told;
    if (doing === 'reading') return null;
    throw remoteMissing(folder, 'its folder went away', error);
  }
}

/** What a failure means; null for what is not there. */
function explain(folder: string, doing: string, error: unknown): Error | null {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return null;
    case 'ENOSPC':
    case 'EDQUOT':
      return remoteFull(folder, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return forbidden(folder, doing, error);
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}
