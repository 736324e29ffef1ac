// A process of its own for the contract: it opens a store and does one thing to it, so that a test can kill it in the middle or watch its
// memory. What to do arrives as one line of JSON on standard input, so that no credential stands in a process list.

import { createInterface } from 'node:readline/promises';
import { setInterval } from 'node:timers';

import { createFilesystemObjectStore } from './filesystem.ts';
import type { FilesystemObjectStoreOptions } from './filesystem.ts';
import type { ObjectStore } from './object-store.ts';
import { createS3ObjectStore } from './s3.ts';
import type { S3ObjectStoreOptions } from './s3.ts';

/** How a child process opens the store under test. */
export type StoreConfig = { kind: 'filesystem'; options: FilesystemObjectStoreOptions } | { kind: 's3'; options: S3ObjectStoreOptions };

export interface ChildTask {
  store: StoreConfig;
  task: 'put-and-hang' | 'part-and-hang' | 'measure-memory';
  key: string;
  uploadId?: string;
  sizeBytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Opens a store as a configuration says. */
export async function openStore(config: StoreConfig): Promise<ObjectStore> {
  return config.kind === 's3' ? await createS3ObjectStore(config.options) : await createFilesystemObjectStore(config.options);
}

/** How often the memory is looked at: 4 MiB. */
const WATCHED_CHUNKS = 16;

/** Bytes, each chunk made anew: a store that does not hold the source back would pile them up. */
async function* bytesOf(sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let sent = 0; sent < sizeBytes; sent += CHUNK_BYTES) yield new Uint8Array(Math.min(CHUNK_BYTES, sizeBytes - sent)).fill(sent % 251);
}

/** Most of the bytes, then never an end: the put is in its middle from then on. */
async function* bytesThenSilence(sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield* bytesOf(sizeBytes);
  process.stdout.write('midway\n');
  setInterval(() => undefined, 60_000); // Something to live for.
  await new Promise(() => undefined);
}

async function received(store: ObjectStore, key: string, onChunk: () => void): Promise<number> {
  let receivedBytes = 0;
  for await (const chunk of (await store.get(key)).body) {
    receivedBytes += (chunk as Uint8Array).byteLength;
    onChunk();
  }
  return receivedBytes;
}

async function measureMemory(store: ObjectStore, { key, sizeBytes }: ChildTask): Promise<{ grownBytes: number; receivedBytes: number }> {
  // A first round loads the code and fills the pools that every process has.
  await store.put(key, bytesOf(1024 * 1024));
  await received(store, key, () => undefined);
  const before = process.memoryUsage.rss();
  let peak = before;
  let chunks = 0;
  const watch = () => {
    chunks += 1;
    if (chunks % WATCHED_CHUNKS !== 0) return;
    // Collected first, so that only what somebody holds on to counts; the process runs with --expose-gc.
    globalThis.gc?.();
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of bytesOf(sizeBytes)) {
      watch();
      yield chunk;
    }
  }
  await store.put(key, watched());
  const receivedBytes = await received(store, key, watch);
  return { grownBytes: peak - before, receivedBytes };
}

async function run(task: ChildTask): Promise<void> {
  const store = await openStore(task.store);
  if (task.task === 'put-and-hang') await store.put(task.key, bytesThenSilence(task.sizeBytes));
  else if (task.task === 'measure-memory') process.stdout.write(`${JSON.stringify(await measureMemory(store, task))}\n`);
  else await store.putPart(task.key, task.uploadId ?? '', 1, bytesThenSilence(task.sizeBytes), task.sizeBytes + 1);
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    await run(JSON.parse(line) as ChildTask);
    process.exit(0);
  }
}
