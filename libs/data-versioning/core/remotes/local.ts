// A folder of this machine, or one that is mounted, as a place for files. Everything gets its name in one step, by renaming a temporary file beside it, so that
// another command that looks at the folder meanwhile, and the one after a power cut, sees whole files or none. The disk is told to keep them once, at the end.

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@throughline/kernel';
import { syncFileSystem, TEMPORARY_PREFIX } from '../objects/durable.ts';
import { codeOf } from '../objects/failures.ts';
import { fileNotFound, forbidden, remoteFull, remoteMissing } from './failures.ts';
import { throwIfAborted } from './retry.ts';
import type { Storage, StoredBody, StoredFile, WriteSource } from './storage.ts';

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
    async flush() {
      if (hasWritten) await syncFileSystem(folder);
    },
    locationOf: fileOf,
    close() {
      return;
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
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return;
    throw error;
  }
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path, passes, signal);
    else if (passes(path)) {
      const found = await stat(join(here, entry.name)).catch(() => null);
      if (found?.isFile() === true) yield { path, sizeBytes: found.size };
    }
  }
}

/** As the disk answers, with null where something to be read is not there. */
async function explained<T>(folder: string, doing: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    switch (codeOf(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        if (doing === 'reading') return null;
        throw remoteMissing(folder, 'its folder went away', error);
      case 'ENOSPC':
      case 'EDQUOT':
        throw remoteFull(folder, error);
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        throw forbidden(folder, doing, error);
      default:
        throw error;
    }
  }
}
