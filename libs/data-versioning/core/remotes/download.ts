// From a remote to the cache. Manifests come first, since they say which files are wanted; everything is verified on its way, and gets its name in the
// cache only then. The cache is made to outlast a power cut before the command says that it is done.

import { createHash } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { OBJECT_MODE, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { codeOf } from '../objects/failures.ts';
import type { ObjectId, Task } from '../types.ts';
import { diskFull } from './failures.ts';
import { inBatches, inParallel } from './pool.ts';
import type { Remote } from './remote.ts';
import { LARGE_AT_A_TIME } from './storage.ts';
import type { Throughline } from './throughline.ts';
import type { TransferOptions } from './upload.ts';
import { failureOf, filesOf, uniqueObjects, uniqueOutputs } from './wanted.ts';
import type { TransferFailure, TransferResult, WantedObject, WantedOutput } from './wanted.ts';

export interface DownloadOptions extends TransferOptions {
  /** Told the SHA-256 of each file that comes, by `objectPath`; null where nobody asks for it. */
  readonly onSha256: ((key: string, sha256: string) => void) | null;
}

const BATCHES_AT_A_TIME = 2;
const BATCH_COUNT = 1024;

interface Count {
  objects: number;
  sizeBytes: number;
  readonly failures: TransferFailure[];
}

/** Fetches what is not in the cache yet. What fails is gathered; what would stop everything is thrown. */
export async function download(outputs: readonly WantedOutput[], options: DownloadOptions): Promise<TransferResult> {
  const { cache } = options;
  const unique = uniqueOutputs(outputs);
  const count: Count = { objects: 0, sizeBytes: 0, failures: [] };
  const trees = unique.filter(({ id }) => id.isTree);
  try {
    // Manifests decide what is written where: their bytes are looked at, where the files' names are enough.
    const missing: WantedOutput[] = [];
    for (const tree of trees) if (!(await cache.has(tree.id))) missing.push(tree);
    await fetchAll(missing, options, count);
    const files: WantedObject[] = unique.filter(({ id }) => !id.isTree);
    const failed = new Set(count.failures.map(({ id }) => id));
    for (const tree of trees) {
      if (failed.has(printObjectId(tree.id))) continue;
      try {
        files.push(...filesOf(await readTree(cache, tree.id), tree));
      } catch (error) {
        count.failures.push(failureOf(tree, error));
      }
    }
    await fetchAll(await missingOf(files, cache), options, count);
  } finally {
    // What came is kept, whatever happened after it.
    await cache.flush();
  }
  return count;
}

/** What the cache does not hold. Names are looked at, not bytes: whoever takes an object out of the cache checks it there. */
async function missingOf(objects: readonly WantedObject[], cache: Cache): Promise<WantedObject[]> {
  const unique = uniqueObjects(objects);
  const present = await cache.idsPresent([...unique.values()].map(({ id }) => id));
  // By path: a file system makes many files in one folder faster than one in each of many.
  return [...unique]
    .filter(([key]) => !present.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => object);
}

async function fetchAll(objects: readonly WantedObject[], options: DownloadOptions, count: Count): Promise<void> {
  if (objects.length === 0) return;
  const { remote, reporter, signal } = options;
  // Nobody knows how many bytes they have: manifests do not say.
  const task = reporter.task(`Fetching from ${remote.url}`, 'files', objects.length);
  const work = { ...options, count, task };
  try {
    const { server } = remote;
    const batched = server === null ? [] : objects.filter(({ id }) => id.hash === 'md5');
    const large = new Set<WantedObject>();
    const alone: WantedObject[] = server === null ? [...objects] : objects.filter(({ id }) => id.hash !== 'md5');
    if (server !== null) {
      const batches = inBatches(batched, { count: BATCH_COUNT, weight: BATCH_COUNT }, () => 1);
      await inParallel(batches, { jobs: BATCHES_AT_A_TIME, signal }, async (batch) => {
        for (const object of await fetchBatch(server, batch, work)) large.add(object);
      });
    }
    alone.push(...large);
    const jobs = server === null ? (options.jobs ?? remote.jobs) : Math.min(options.jobs ?? LARGE_AT_A_TIME, LARGE_AT_A_TIME);
    await inParallel(alone, { jobs, signal }, (object) => fetchOne(object, large.has(object), work));
  } finally {
    task.end();
  }
}

interface Work extends DownloadOptions {
  readonly count: Count;
  readonly task: Task;
}

async function fetchOne(object: WantedObject, isLarge: boolean, { remote, cache, signal, count, task, onSha256 }: Work): Promise<void> {
  try {
    const temporary = await cache.temporaryFile(object.id);
    const bytes = isLarge ? null : await remote.getSmall(object.id, signal);
    if (bytes !== null) {
      store(cache, object.id, temporary, bytes);
      count.objects += 1;
      count.sizeBytes += bytes.length;
      onSha256?.(objectPath(object.id), createHash('sha256').update(bytes).digest('hex'));
      task.advance(1);
      return;
    }
    const received = await remote.get(object.id, temporary, { signal, onBytes: () => undefined, withSha256: onSha256 !== null });
    await cache.adopt(temporary, object.id);
    count.objects += 1;
    count.sizeBytes += received.sizeBytes;
    if (received.sha256 !== null) onSha256?.(objectPath(object.id), received.sha256);
  } catch (error) {
    count.failures.push(codeOf(error) === 'REMOTE_FILE_NOT_FOUND' ? absent(object, remote) : failureOf(object, error));
  }
  task.advance(1);
}

function absent({ id, path }: WantedObject, remote: Remote): TransferFailure {
  return {
    path,
    id: printObjectId(id),
    code: 'OBJECT_NOWHERE',
    message: `${path} is neither in the cache nor on the remote ${remote.url}.`,
    hint: 'Somebody who has it must push it; or another remote may hold it: -r <name>.',
  };
}

/** Small objects, many in one answer; what is left must be fetched alone. */
async function fetchBatch(server: Throughline, batch: readonly WantedObject[], work: Work): Promise<WantedObject[]> {
  const { cache, signal, count, task, remote } = work;
  const byPath = new Map(batch.map((object) => [objectPath(object.id), object]));
  const temporaries = new Map<string, string>();
  for (const [key, { id }] of byPath) temporaries.set(key, await cache.temporaryFile(id));
  const stored = new Set<string>();
  const keep = (id: ObjectId, bytes: Buffer) => {
    const key = objectPath(id);
    // An answer that broke is asked for again as a whole.
    if (stored.has(key)) return;
    stored.add(key);
    store(cache, id, temporaries.get(key) ?? '', bytes);
    count.objects += 1;
    count.sizeBytes += bytes.length;
    task.advance(1);
    if (work.onSha256 !== null) work.onSha256(key, createHash('sha256').update(bytes).digest('hex'));
  };
  const { alone, absent: missing } = await server.get(
    batch.map(({ id }) => id),
    signal,
    keep,
  );
  for (const id of missing) {
    const object = byPath.get(objectPath(id));
    if (object !== undefined) count.failures.push(absent(object, remote));
    task.advance(1);
  }
  return alone.flatMap((id) => byPath.get(objectPath(id)) ?? []);
}

/** Synchronously: ten thousand small files take half the time so, and the connection is read on meanwhile by the system. */
function store(cache: Cache, id: ObjectId, temporary: string, bytes: Buffer): void {
  try {
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, 'wx', OBJECT_MODE);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    } finally {
      closeSync(descriptor);
    }
    const file = cache.fileOf(id);
    renameSync(temporary, file);
    cache.noteStored([file], 1);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' ? diskFull(cache.folder, error) : error;
  }
}
