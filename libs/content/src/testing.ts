// What the tests of this library share: a workspace over a real database and a folder of objects, and small ways to reach them.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Call } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { newId } from '@throughline/kernel';
import type { Clock, Scope } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';
import type { ObjectStore } from '@throughline/object-store';

import { createContent } from './content.ts';
import type { Content } from './content.ts';
import { toBytes } from './hashes.ts';
import type { ContentLimits } from './types.ts';

export interface World extends TestDatabase {
  content: Content;
  objects: ObjectStore;
  /** The object store's folder. */
  root: string;
  /** The caller of a workspace of its own. */
  call: Call;
  /** Moves the library's clock on. */
  pass(ms: number): void;
  /** The library once more, as another server over the same database and objects has it, or over other objects. */
  another(options?: { objects?: ObjectStore; clock?: Clock; limits?: Partial<ContentLimits> }): Content;
  /** Keys of all stored objects. */
  keys(): Promise<string[]>;
  /** Where the object store holds a blob. */
  keyOf(sha256: string): Promise<string>;
  /** Turns one bit of a stored blob, as a failing disk does. */
  flip(sha256: string): Promise<void>;
  end(): Promise<void>;
}

export const HOUR = 3_600_000;

/** A caller of a new workspace. */
export function newCall(scope: Scope = 'ADMIN'): Call {
  return { caller: { workspaceId: newId(), principalId: newId(), name: 'ada', scope, runId: null } };
}

export async function newWorld(limits: Partial<ContentLimits> = {}): Promise<World> {
  const test = await testDatabase();
  const root = await mkdtemp(join(tmpdir(), 'content-'));
  let aheadMs = 0;
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  const objects = agedBy(() => aheadMs, await createFilesystemObjectStore({ root }));
  const another: World['another'] = (options = {}) =>
    createContent({
      database: test.database,
      clock: options.clock ?? clock,
      objects: options.objects ?? objects,
      limits: { ...limits, ...options.limits },
    });
  const keyOf = async (sha256: string) => {
    const [row] = await test.database.sql<{ key: string }>('SELECT storage_key AS key FROM blob WHERE sha256 = $1', [toBytes(sha256)]);
    if (row === undefined) throw new Error(`there is no blob ${sha256}`);
    return row.key;
  };
  return {
    ...test,
    content: another(),
    objects,
    root,
    call: newCall(),
    pass: (ms) => {
      aheadMs += ms;
    },
    another,
    keys: async () => (await collected(objects.list(''))).map((object) => object.key),
    keyOf,
    async flip(sha256) {
      const file = await fileOf(root, await keyOf(sha256));
      const bytes = await readFile(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await rm(file);
      await writeFile(file, bytes);
    },
    async end() {
      await test.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A store whose objects age by the test's clock: the disk knows nothing of time that was only said to pass. */
function agedBy(aheadMs: () => number, store: ObjectStore): ObjectStore {
  const writtenAhead = new Map<string, number>();
  return {
    ...store,
    put(key, ...rest) {
      writtenAhead.set(key, aheadMs());
      return store.put(key, ...rest);
    },
    putMany(small) {
      for (const { key } of small) writtenAhead.set(key, aheadMs());
      return store.putMany(small);
    },
    async *list(...args) {
      for await (const object of store.list(...args)) {
        yield { ...object, modifiedAt: new Date(object.modifiedAt.getTime() + (writtenAhead.get(object.key) ?? 0)) };
      }
    },
  };
}

/** The one file in the store's folder whose path ends like the key, wherever the adapter puts it. */
async function fileOf(root: string, key: string): Promise<string> {
  const all = await readdir(root, { recursive: true });
  const found = all.find((path) => path.endsWith(key));
  if (found === undefined) throw new Error(`no file holds the object ${key}`);
  return join(root, found);
}

/** A body of these chunks. */
export function body(...chunks: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const chunk of chunks) yield await Promise.resolve(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    },
  };
}

/** A body that breaks off, as a lost connection does. */
export function cutBody(...chunks: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* body(...chunks);
      throw new Error('aborted');
    },
  };
}

async function collected<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await collected(source)).toString();
}

/** Makes a promise's failure its value, to look at. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Stores texts as files and answers entries for a manifest. */
export function putFiles(content: Content, call: Call, files: Record<string, string>): Promise<{ path: string; sha256: string }[]> {
  return Promise.all(
    Object.entries(files).map(async ([path, text]) => ({ path, sha256: (await content.putBlob(call, body(text))).sha256 })),
  );
}
