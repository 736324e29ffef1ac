// Folders for tables that are being read: a file as it was stored, and what DuckDB writes beside it. Each belongs to one question and goes with its
// answer. A killed server leaves its own behind: their names say whose they were, and the next server takes them away.

import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { DomainError } from '@throughline/kernel';

import { endingOf } from './types.ts';
import type { TableFile, TableKind } from './types.ts';

const NAME = /^throughline-tables-(\d+)-/;
/** What stays free on the disk, which may be the database's too: nobody's preview is worth its standing still. */
const RESERVE_BYTES = 512 * 2 ** 20;

export interface Scratch {
  /** Runs work with an empty folder of its own, which is gone afterwards. */
  use<T>(work: (folder: string) => Promise<T>): Promise<T>;
  /** Removes what processes left that are no more. */
  sweep(): Promise<void>;
}

/** Keeps folders below `root`, which is made where it is missing. */
export function createScratch(root: string): Scratch {
  const own = new Set<string>();
  return {
    async use(work) {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(join(root, `throughline-tables-${process.pid}-`));
      own.add(folder);
      try {
        return await work(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
        own.delete(folder);
      }
    },

    async sweep() {
      const names = await readdir(root).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      for (const name of names) {
        const pid = NAME.exec(name)?.[1];
        const folder = join(root, name);
        // In a container every server has the same number: what has ours and is not ours was an earlier one's.
        const isLeft = pid !== undefined && !own.has(folder) && (Number(pid) === process.pid || !isAlive(Number(pid)));
        if (isLeft) await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Stores a body in a folder for the reader. Throws `unavailable` NO_ROOM where that would fill the disk. */
export async function saveTable(
  folder: string,
  name: string,
  { kind, sizeBytes, body, signal }: { kind: TableKind; sizeBytes: number; body: Readable; signal?: AbortSignal | undefined },
): Promise<TableFile> {
  const file = join(folder, `${name}${endingOf(kind)}`);
  try {
    await requireRoom(folder, sizeBytes);
    await pipeline(body, createWriteStream(file, { mode: 0o600, flags: 'wx' }), signal === undefined ? {} : { signal });
  } catch (error) {
    body.destroy();
    // With the reason for which it was given up, which a stream does not tell.
    signal?.throwIfAborted();
    throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' ? noRoom(error) : error;
  }
  return { file, format: kind.format };
}

/** Throws `unavailable` NO_ROOM unless so many bytes fit on the disk of a folder, and some more. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes + RESERVE_BYTES) throw noRoom();
}

/** Bytes of the files below a folder; what vanishes meanwhile has none. */
export async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

export function noRoom(cause?: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'NO_ROOM',
    message: 'There is not enough room on the disk of this server to read the table now.',
    hint: 'It is read from the folder scratch in THROUGHLINE_DATA_DIR.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one as well.
    return codeOf(error) !== 'ESRCH';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
