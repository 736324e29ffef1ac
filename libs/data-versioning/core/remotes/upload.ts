// From the cache to a remote. What the remote has already is not sent; a folder's manifest follows when all of its files are there, so that whoever finds one
// finds them all. What is in neither place is said.

import { statSync } from 'node:fs';
import { DomainError } from '@throughline/kernel';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { ObjectId, Reporter, Task } from '../types.ts';
import type { Presence } from './existence.ts';
import { FRAME_LIMIT_BYTES, FRAMES_LIMIT_BYTES, FRAMES_LIMIT_COUNT } from './frames.ts';
import { inBatches, inParallel } from './pool.ts';
import type { Remote } from './remote.ts';
import { LARGE_AT_A_TIME, LARGE_BYTES } from './storage.ts';
import type { Throughline } from './throughline.ts';
import { failureOf, filesOf, uniqueObjects, uniqueOutputs } from './wanted.ts';
import type { TransferFailure, TransferResult, WantedObject, WantedOutput } from './wanted.ts';

export interface TransferOptions {
  readonly remote: Remote;
  readonly cache: Cache;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** How many at a time; null: as the remote thinks best. */
  readonly jobs: number | null;
}

/** A server answers one request while the next one's bytes are read. */
const BATCHES_AT_A_TIME = 2;
const BATCH_COUNT = FRAMES_LIMIT_COUNT / 2;
const BATCH_BYTES = FRAMES_LIMIT_BYTES / 4;

/** One folder, and what it needs on the remote before its manifest may follow. */
interface Folder {
  readonly wanted: WantedOutput;
  readonly files: readonly WantedObject[];
  /** All of its files, of which `files` may be a part. */
  readonly all: readonly WantedObject[];
}

interface Sendable extends WantedObject {
  readonly file: string;
  readonly sizeBytes: number;
}

/** What is to be done, once the remote was asked. */
export interface UploadPlan {
  /** Files first, then manifests. */
  readonly files: readonly Sendable[];
  readonly folders: readonly { readonly manifest: Sendable; readonly files: readonly WantedObject[] }[];
  readonly failures: readonly TransferFailure[];
}

/** Finds out what is to be sent. */
export async function planUpload(outputs: readonly WantedOutput[], options: TransferOptions): Promise<UploadPlan> {
  const unique = uniqueOutputs(outputs);
  const known = await whereWhole(unique, options);
  const asked = unique.filter(({ id }) => !known.has(objectPath(id)));
  const { folders, loose, unknown } = await expand(asked, options);
  const sought = uniqueObjects([...folders.flatMap(({ files }) => files), ...loose, ...unknown]);
  const objects = uniqueObjects([...sought.values(), ...folders.flatMap(({ wanted, all }) => [wanted, ...all])]);
  const present = await ask(objects, options);
  const failures: TransferFailure[] = [];
  const files = new Map<string, Sendable>();
  for (const [key, object] of sought) {
    if (isThere(object, key, present, options)) continue;
    const sendable = object.id.isTree ? null : inCache(object, options.cache);
    if (sendable !== null) files.set(key, sendable);
    else failures.push(nowhere(object, options.remote));
  }
  const manifests = folders.flatMap(({ wanted, files: own, all }) => {
    if (isThere(wanted, objectPath(wanted.id), present, options)) return [];
    // What of its files is here is sent all the same: the next push may have the rest.
    const isWhole = all.every((file) => files.has(objectPath(file.id)) || isThere(file, objectPath(file.id), present, options));
    if (!isWhole) return [];
    const manifest = inCache(wanted, options.cache);
    return manifest === null ? [] : [{ manifest, files: own }];
  });
  return { files: inOrder([...files.entries()]), folders: manifests, failures };
}

/** By path: a file system makes many files in one folder faster than one in each of many. */
function inOrder(files: [string, Sendable][]): Sendable[] {
  return files.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** Folders that a remote which keeps them whole has already: their files need not be looked at. */
async function whereWhole(outputs: readonly WantedOutput[], { remote, signal, jobs }: TransferOptions): Promise<Presence> {
  if (!remote.keepsTreesWhole) return new Map();
  // What DVC 2 made is kept by its plain addresses, where nothing is promised.
  const trees = outputs.filter(({ id }) => id.isTree && id.hash === 'md5').map(({ id }) => id);
  return trees.length === 0 ? new Map() : await remote.has(trees, { signal, jobs: jobs ?? undefined });
}

/** Folders with their files; files by themselves; and folders whose manifest is not here, so that nothing can be said of their files. */
async function expand(outputs: readonly WantedOutput[], { cache }: TransferOptions) {
  const folders: Folder[] = [];
  const loose: WantedObject[] = [];
  const unknown: WantedObject[] = [];
  for (const wanted of outputs) {
    if (!wanted.id.isTree) loose.push(wanted);
    else if (await cache.has(wanted.id)) {
      const tree = await readTree(cache, wanted.id);
      const all = filesOf(tree, { ...wanted, parts: null });
      folders.push({ wanted, all, files: wanted.parts === null ? all : filesOf(tree, wanted) });
    } else unknown.push(wanted);
  }
  return { folders, loose, unknown };
}

async function ask(objects: ReadonlyMap<string, WantedObject>, { remote, signal, jobs, reporter }: TransferOptions): Promise<Presence> {
  const ids: ObjectId[] = [...objects.values()].map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const task = reporter.task(`Asking ${remote.url}`, 'objects', ids.length);
  try {
    return await remote.has(ids, { signal, jobs: jobs ?? undefined, onAnswer: (count) => task.advance(count) });
  } finally {
    task.end();
  }
}

/** A plain web server may keep the first part of an upload that broke: there, a size that differs means that the object is not there. */
function isThere(object: WantedObject, key: string, present: Presence, { remote, cache }: TransferOptions): boolean {
  const size = present.get(key);
  if (size === undefined) return false;
  if (size === null || remote.kind !== 'http') return true;
  const local = statSync(cache.fileOf(object.id), { throwIfNoEntry: false });
  return local === undefined || local.size === size;
}

function inCache(object: WantedObject, cache: Cache): Sendable | null {
  const file = cache.fileOf(object.id);
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true ? { ...object, file, sizeBytes: found.size } : null;
}

function nowhere({ id, path }: WantedObject, remote: Remote): TransferFailure {
  return {
    path,
    id: printObjectId(id),
    code: 'OBJECT_NOWHERE',
    message: `${path} is neither in the cache nor on the remote ${remote.url}.`,
    hint: 'Fetch it from another remote, or from a clone that has it, or add it again.',
  };
}

/** Sends what the plan says. What fails is gathered; what would stop everything is thrown. */
export async function upload(plan: UploadPlan, options: TransferOptions): Promise<TransferResult> {
  const manifests = plan.folders.map(({ manifest }) => manifest);
  const total = [...plan.files, ...manifests].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (plan.files.length + manifests.length === 0) return { objects: 0, sizeBytes: 0, failures: plan.failures };
  const task = options.reporter.task(`Pushing to ${options.remote.url}`, 'bytes', total);
  try {
    const sent = await send(plan.files, options, task);
    // Files outlast a power cut before a manifest says that they are there.
    await options.remote.flush();
    const failed = new Set(sent.failures.map(({ id }) => id));
    const ready = plan.folders.filter(({ files }) => !files.some(({ id }) => failed.has(printObjectId(id))));
    const sentManifests = await send(
      ready.map(({ manifest }) => manifest),
      options,
      task,
    );
    await options.remote.flush();
    return {
      objects: sent.objects + sentManifests.objects,
      sizeBytes: sent.sizeBytes + sentManifests.sizeBytes,
      failures: [...plan.failures, ...sent.failures, ...sentManifests.failures],
    };
  } finally {
    task.end();
  }
}

async function send(objects: readonly Sendable[], options: TransferOptions, task: Task): Promise<TransferResult> {
  const { remote, signal } = options;
  const result = { objects: 0, sizeBytes: 0, failures: [] as TransferFailure[] };
  const one = async (object: Sendable) => {
    try {
      await remote.put(object.id, object.file, object.sizeBytes, { signal, onBytes: (count) => task.advance(count) });
      result.objects += 1;
      result.sizeBytes += object.sizeBytes;
    } catch (error) {
      result.failures.push(failureOf(object, error));
    }
  };
  const { server } = remote;
  const batched = server === null ? [] : objects.filter(({ id, sizeBytes }) => sizeBytes <= FRAME_LIMIT_BYTES && id.hash === 'md5');
  const isBatched = new Set(batched);
  const alone = objects.filter((object) => !isBatched.has(object));
  if (server !== null) {
    const batches = inBatches(batched, { count: BATCH_COUNT, weight: BATCH_BYTES }, ({ sizeBytes }) => sizeBytes);
    await inParallel(batches, { jobs: BATCHES_AT_A_TIME, signal }, (batch) => sendBatch(server, batch, { signal, task, result }));
  }
  await inParallel(
    alone.filter(({ sizeBytes }) => sizeBytes < LARGE_BYTES),
    { jobs: options.jobs ?? remote.jobs, signal },
    one,
  );
  const large = alone.filter(({ sizeBytes }) => sizeBytes >= LARGE_BYTES);
  await inParallel(large, { jobs: Math.min(options.jobs ?? LARGE_AT_A_TIME, LARGE_AT_A_TIME), signal }, one);
  return result;
}

interface BatchOptions {
  readonly signal: AbortSignal;
  readonly task: Task;
  readonly result: { objects: number; sizeBytes: number; readonly failures: TransferFailure[] };
}

async function sendBatch(server: Throughline, batch: readonly Sendable[], { signal, task, result }: BatchOptions): Promise<void> {
  const refused = new Map((await server.put(batch, signal)).map(({ id, error }) => [id, error]));
  for (const object of batch) {
    const error = refused.get(printObjectId(object.id));
    if (error === undefined) {
      result.objects += 1;
      result.sizeBytes += object.sizeBytes;
    } else result.failures.push(failureOf(object, error));
    task.advance(object.sizeBytes);
  }
  if (refused.size > 0 && result.failures.length === 0) {
    throw new DomainError({ kind: 'unavailable', code: 'REMOTE_ANSWER', message: 'The remote refused objects that were not sent to it.' });
  }
}
