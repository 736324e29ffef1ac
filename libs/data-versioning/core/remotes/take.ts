// Takes a file or folder of another repository into a cache, whatever it is kept in there: objects come as they are, Git's files and what DVC 2 hashed are hashed anew.

import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { conflict, notFound } from '@throughline/kernel';
import { encodeManifest, manifestId, sortTree } from '../formats/manifest.ts';
import { isInside } from '../formats/paths.ts';
import { openCache, OBJECT_MODE } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { md5Of } from '../objects/hash.ts';
import type { GitObjects } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId } from '../types.ts';
import type { External } from './external.ts';
import { throwIfAborted } from './retry.ts';
import { createMeter, feed } from './verified.ts';
import { fetchFrom } from './view.ts';
import type { View, ViewEntry } from './view.ts';

export interface TakenFile {
  /** From the folder that was taken; empty for a file alone. */
  readonly path: string;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
}

export interface Taken {
  readonly id: ObjectId;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly files: readonly TakenFile[];
}

export interface TakeOptions {
  readonly jobs: number | null;
  /** Told the SHA-256 of objects that come over the network. */
  readonly onSha256: ((key: string, sha256: string) => void) | null;
}

/** Files below an entry, however deep; those in which DVC keeps its own books are left out. */
export async function filesBelow(view: View, entry: ViewEntry): Promise<ViewEntry[]> {
  if (!entry.isFolder) return [entry];
  const found: ViewEntry[] = [];
  for (const child of await view.children(entry.path)) {
    if (child.isFolder) found.push(...(await filesBelow(view, child)));
    else if (!isBook(child.path)) found.push(child);
  }
  return found;
}

function isBook(path: string): boolean {
  return /(?:^|\/)(?:dvc\.yaml|\.dvcignore|[^/]*\.dvc)$/.test(path);
}

/** @param into Whose cache it comes to; its lock must be held. @throws DomainError `PATH_NOT_FOUND`, `EXTERNAL_DATA_MISSING`. */
export async function take(external: External, view: View, path: string, into: Repository, options: TakeOptions): Promise<Taken> {
  const cache = openCache(into);
  const entry = await view.entry(path);
  const entries = await filesBelow(view, entry);
  await fetchObjects(external, entries, into, options);
  const task = into.surroundings.reporter.task(`Taking ${path === '' ? external.shownUrl : path}`, 'files', entries.length);
  const { git } = external.repository;
  const blobs = git !== null && entries.some(({ source }) => source?.kind === 'blob') ? git.openObjects() : null;
  try {
    const files: TakenFile[] = [];
    for (const one of entries) {
      throwIfAborted(into.surroundings.signal);
      const stored = await store(one, cache, external, blobs);
      files.push({ path: entry.isFolder ? pathInside(one.path, entry.path) : '', isExecutable: one.isExecutable, ...stored });
      task.advance(1);
    }
    const taken = await finishTaking(files, entry.isFolder, cache);
    await cache.flush();
    return taken;
  } finally {
    blobs?.close();
    task.end();
  }
}

function pathInside(path: string, folder: string): string {
  return folder !== '' && isInside(path, folder) ? path.slice(folder.length + 1) : path;
}

async function fetchObjects(external: External, entries: readonly ViewEntry[], into: Repository, options: TakeOptions): Promise<void> {
  const wanted = entries.flatMap(({ path, source }) => {
    if (source?.kind !== 'object') return [];
    return [{ wanted: { id: source.id, path, sizeBytes: null, parts: null }, remote: source.output.remote }];
  });
  await fetchFrom(external, wanted, into, options);
}

/** Makes sure that an entry's bytes are in the cache under their MD5. */
async function store(
  { path, source }: ViewEntry,
  cache: Cache,
  external: External,
  blobs: GitObjects | null,
): Promise<{ md5: string; sizeBytes: number }> {
  if (source?.kind === 'object') {
    const file = cache.fileOf(source.id);
    return await storeFile(file, cache, source.id.hash === 'md5' ? source.id.md5 : null);
  }
  if (source?.kind === 'file') return await storeFile(source.file, cache, null);
  if (source?.kind !== 'blob' || blobs === null)
    throw notFound('PATH_NOT_FOUND', `${path} of ${external.shownUrl} was never stored: nothing recorded its content.`);
  const bytes = await blobs.read(source.blob);
  const md5 = md5Of(bytes);
  await cache.put({ hash: 'md5', md5, isTree: false }, bytes);
  return { md5, sizeBytes: bytes.length };
}

/** @param known The MD5 that it is stored under already. */
async function storeFile(file: string, cache: Cache, known: string | null): Promise<{ md5: string; sizeBytes: number }> {
  const meter = createMeter('md5', false);
  if (known !== null) {
    const handle = await open(file, 'r');
    try {
      return { md5: known, sizeBytes: (await handle.stat()).size };
    } finally {
      await handle.close();
    }
  }
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) feed(meter, chunk);
  const id: ObjectId = { hash: 'md5', md5: meter.content.digest(), isTree: false };
  if (!(await cache.has(id))) await copyInto(file, id, cache);
  return { md5: id.md5, sizeBytes: meter.sizeBytes };
}

/** Copied and hashed once more on the way: somebody may write to the file. */
async function copyInto(file: string, id: ObjectId, cache: Cache): Promise<void> {
  const temporary = await cache.temporaryFile(id);
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', OBJECT_MODE);
  const meter = createMeter('md5', false);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      feed(meter, chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (meter.content.digest() === id.md5) {
    await cache.adopt(temporary, id);
    return;
  }
  await rm(temporary, { force: true });
  throw conflict('SOURCE_CHANGED', `${file} changed while it was read.`, { hint: 'Repeat the command once nobody writes to it.' });
}

/** Files as one thing: a folder's manifest is stored as well. */
export async function finishTaking(files: readonly TakenFile[], isFolder: boolean, cache: Cache): Promise<Taken> {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const [only] = files;
  if (!isFolder && only !== undefined) return { id: { hash: 'md5', md5: only.md5, isTree: false }, isFolder, sizeBytes, files };
  const manifest = encodeManifest(sortTree(files.map(({ path, md5 }) => ({ path, md5 }))));
  const id = manifestId(manifest);
  await cache.put(id, manifest);
  return { id, isFolder, sizeBytes, files };
}
