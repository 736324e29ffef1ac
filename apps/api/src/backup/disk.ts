// Files that are there whole or not at all: written beside their place, brought to the disk, then renamed.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { DomainError } from '@throughline/kernel';

/** Ends the names of what is still being written; whoever finds one from before may remove it. */
export const PARTIAL = '.partial';

export function errnoOf(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : null;
}

/** What the disk refuses is no defect, and whoever runs the command can help it: a full disk above all. */
async function asked<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = errnoOf(error);
    if (code === null) throw error;
    throw new DomainError({
      kind: 'unavailable',
      code: 'DISK_REFUSED',
      message: `${path} cannot be written: ${FULL.has(code) ? 'the disk is full' : code}.`,
      hint: 'Help it and run the command again: what was saved already is not saved again.',
      cause: error,
    });
  }
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

export interface Written {
  sizeBytes: number;
  sha256: string;
}

/**
 * Writes a file in one step; durable when it resolves. Where the body fails, or `accept` throws at what was written, there is no file. Throws
 * `unavailable` DISK_REFUSED.
 */
export async function writeWhole(
  path: string,
  body: AsyncIterable<Uint8Array>,
  accept: (written: Written) => void = () => undefined,
): Promise<Written> {
  const partial = `${path}.${randomUUID()}${PARTIAL}`;
  await asked(path, mkdir(dirname(path), { recursive: true, mode: 0o700 }));
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await asked(path, open(partial, 'wx', 0o600));
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        await asked(path, file.appendFile(chunk));
      }
      await asked(path, file.sync());
    } finally {
      await file.close();
    }
    const written = { sizeBytes, sha256: hash.digest('hex') };
    accept(written);
    await asked(path, rename(partial, path));
    await asked(path, syncFolder(dirname(path)));
    return written;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** A rename is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a file holds; null where there is none. */
export async function measure(path: string): Promise<Written | null> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      hash.update(chunk as Uint8Array);
      sizeBytes += (chunk as Uint8Array).byteLength;
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Text as a body. */
export async function* textBody(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}

/** Runs work for every item, some at a time; ends with the first failure, when what is under way has ended. */
export async function inLanes<T>(items: AsyncIterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = await iterator.next(); next.done !== true && failures.length === 0; next = await iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const one of ended) if (one.status === 'rejected') failures.push(one.reason);
  if (failures.length > 0) throw failures[0];
}
