// Files that are there whole or not at all: written beside their place, brought to the disk, then renamed.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the names of what is still being written; whoever finds one from before may remove it. */
export const PARTIAL = '.partial';

export function errnoOf(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : null;
}

export interface Written {
  sizeBytes: number;
  sha256: string;
}

/** Writes a file in one step; durable when it resolves. Where the body fails, or `accept` throws at what was written, there is no file. */
export async function writeWhole(
  path: string,
  body: AsyncIterable<Uint8Array>,
  accept: (written: Written) => void = () => undefined,
): Promise<Written> {
  const partial = `${path}.${randomUUID()}${PARTIAL}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const file = await open(partial, 'wx', 0o600);
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        await file.appendFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const written = { sizeBytes, sha256: hash.digest('hex') };
    accept(written);
    await rename(partial, path);
    await syncFolder(dirname(path));
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
