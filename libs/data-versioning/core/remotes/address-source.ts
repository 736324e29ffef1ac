// Data that lies at an address and in no repository: a file of this machine, of a web server, of a bucket, or a folder of the first and the last. `get-url`,
// `list-url` and `import-url` take from there; nothing there knows a hash, so everything is hashed as it comes.

import { open, rm } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { conflict, DomainError, notFound } from '@throughline/kernel';
import { encodeManifest, manifestId, quotePython, sortTree } from '../formats/manifest.ts';
import { comparePaths, flawOfPath, splitVersion } from '../formats/paths.ts';
import type { DependencyEntry, FileEntry } from '../formats/dvc-file.ts';
import { printObjectId } from '../formats/object-id.ts';
import { codeOf } from '../objects/failures.ts';
import { openCache, OBJECT_MODE } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { hashFile } from '../objects/hash.ts';
import type { Config } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId, RecordedVersion, Surroundings } from '../types.ts';
import { localPathOf, shownUrl } from './address.ts';
import { cutShort, diskFull } from './failures.ts';
import { openStorage } from './open.ts';
import type { RemoteOptionTexts } from './open.ts';
import { inParallel } from './pool.ts';
import { attempt, mayPass, throwIfAborted } from './retry.ts';
import type { Storage, StoredFile } from './storage.ts';
import { LARGE_AT_A_TIME } from './storage.ts';
import { finishTaking } from './take.ts';
import type { Taken, TakenFile } from './take.ts';
import { createMeter, feed } from './verified.ts';

export interface AddressSource {
  /** Without credentials. */
  readonly url: string;
  readonly isFolder: boolean;
  /** Whether it is a file or folder of this machine. */
  readonly isLocal: boolean;
  readonly storage: Storage;
  /** Whether its files are taken by their versions. */
  readonly isVersioned: boolean;
  /** What is there, with the file's own path empty. */
  readonly files: readonly StoredFile[];
}

export interface AddressOptions {
  readonly url: string;
  /** Options of the place, by DVC's names for a remote's. */
  readonly options?: RemoteOptionTexts;
  /** For addresses that begin with a remote's name: `remote://name/path`. */
  readonly config: Config | null;
  /** Take files by the versions that the place keeps, which not every place does. An address that names a version does so anyway. */
  readonly versionAware?: boolean;
  /** Of a file: this version of it, whichever is the newest. */
  readonly version?: string;
}

/** Finds out what lies at an address. @throws DomainError `ADDRESS_EMPTY` where nothing does, `VERSIONS_UNSUPPORTED`. */
export async function openAddress(surroundings: Surroundings, options: AddressOptions): Promise<AddressSource> {
  const { storage, url, version } = await openAddressed(surroundings, options);
  const source = { url: shownUrl(url), isLocal: storage.kind === 'folder', storage };
  const { signal } = surroundings;
  try {
    const isVersioned = options.versionAware === true || version !== null;
    if (isVersioned) return { ...source, isVersioned, ...(await newestAt(storage, url, version, signal)) };
    const file = url.endsWith('/') ? null : await storage.stat('', signal);
    if (file !== null) return { ...source, isVersioned, isFolder: false, files: [file] };
    const files: StoredFile[] = [];
    if (storage.list !== null) for await (const one of storage.list('', signal)) files.push(one);
    if (files.length > 0) return { ...source, isVersioned, isFolder: true, files };
    throw notFound('ADDRESS_EMPTY', `There is nothing at ${source.url}.`, {
      ...(storage.list === null ? { hint: 'A web server tells of single files only: name one of them.' } : {}),
    });
  } catch (error) {
    storage.close();
    throw error;
  }
}

async function openAddressed(surroundings: Surroundings, { url: given, options = {}, config, version }: AddressOptions) {
  const split = splitVersion(given);
  const local = localPathOf(split.url);
  const url = local === null || isAbsolute(local) ? (local ?? split.url) : resolve(surroundings.workingFolder, local);
  const context = { surroundings, folder: surroundings.workingFolder, optionsOf: (name: string) => config?.remote(name) ?? null };
  return { storage: await openStorage({ ...options, url }, context), url, version: version ?? split.version };
}

/** The newest versions at an address; or the one that was asked for, which only a file can have. */
async function newestAt(storage: Storage, url: string, version: string | null, signal: AbortSignal) {
  const { versions } = storage;
  if (versions === null) {
    throw new DomainError({
      kind: 'unimplemented',
      code: 'VERSIONS_UNSUPPORTED',
      message: `${shownUrl(url)} keeps no versions of files that could be followed: buckets of S3 do.`,
      hint: 'Import it without --version-aware.',
    });
  }
  const file = url.endsWith('/') ? null : await versions.stat('', version, signal);
  if (file !== null) return { isFolder: false, files: [file] };
  const files: StoredFile[] = [];
  if (version === null) for await (const one of versions.list('', signal)) files.push(one);
  if (files.length > 0) return { isFolder: true, files };
  const what = version === null ? 'nothing' : `no version ${JSON.stringify(version)} of a file`;
  throw notFound('ADDRESS_EMPTY', `There is ${what} at ${shownUrl(url)}.`);
}

/** What an import took, by the versions that are recorded of it, whatever the place has now. @param versions Not empty. */
export async function openRecorded(
  surroundings: Surroundings,
  options: Omit<AddressOptions, 'version' | 'versionAware'>,
  versions: readonly RecordedVersion[],
): Promise<AddressSource> {
  const { storage, url } = await openAddressed(surroundings, options);
  const files = versions.map(({ sizeBytes, ...file }) => ({ ...file, sizeBytes: sizeBytes ?? null }));
  return { url: shownUrl(url), isLocal: storage.kind === 'folder', storage, isVersioned: true, isFolder: versions[0]?.path !== '', files };
}

/** Takes all of it into a cache, hashed as it comes. @param into Its lock must be held. */
export async function takeAddress(source: AddressSource, into: Repository): Promise<Taken> {
  const { reporter, signal } = into.surroundings;
  const cache = openCache(into);
  const total = source.files.reduce<number | null>(
    (sum, { sizeBytes }) => (sum === null || sizeBytes === null ? null : sum + sizeBytes),
    0,
  );
  const task = reporter.task(`Taking ${source.url}`, 'bytes', total);
  const files: TakenFile[] = [];
  try {
    await inParallel(source.files, { jobs: source.isFolder ? source.storage.jobs : LARGE_AT_A_TIME, signal }, async (file) => {
      const { path } = file;
      const flaw = path === '' ? null : flawOfPath(path);
      if (flaw !== null) {
        reporter.warn(`${JSON.stringify(path)} of ${source.url} is left out: it ${flaw}.`);
        return;
      }
      const { md5, sizeBytes } = await takeFile(source, file, cache, signal, (count) => task.advance(count));
      files.push({ path, md5, sizeBytes, isExecutable: false });
    });
    const taken = await finishTaking(files, source.isFolder, cache);
    await cache.flush();
    return taken;
  } finally {
    task.end();
  }
}

async function takeFile(source: AddressSource, file: StoredFile, cache: Cache, signal: AbortSignal, onBytes: (count: number) => void) {
  const location = source.storage.locationOf(file.path);
  // Nobody knows its hash yet: it lies under that of its address until then.
  const temporary = await cache.temporaryFile({
    hash: 'md5',
    md5: createHash('md5').update(location).digest('hex'),
    isTree: false,
  });
  try {
    const { md5, sizeBytes } = await attempt(() => receiveFile(source, file, temporary, signal, onBytes), { signal });
    const id: ObjectId = { hash: 'md5', md5, isTree: false };
    if (await cache.has(id)) await rm(temporary);
    else {
      // Makes the folder that it goes to.
      await cache.temporaryFile(id);
      await cache.adopt(temporary, id);
    }
    return { md5, sizeBytes };
  } catch (error) {
    await rm(temporary, { force: true });
    throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' ? diskFull(cache.folder, error) : error;
  }
}

async function receiveFile(
  { storage, isVersioned }: AddressSource,
  { path, version, etag }: StoredFile,
  file: string,
  signal: AbortSignal,
  onBytes: (count: number) => void,
) {
  await rm(file, { force: true });
  const meter = createMeter('md5', false);
  const handle = await open(file, 'wx', OBJECT_MODE);
  try {
    const body = await storage.read(path, { signal, ...(isVersioned && version !== undefined ? { version } : {}) });
    if (isVersioned && etag !== undefined && body.etag !== undefined && body.etag !== etag)
      throw changedThere(storage.locationOf(path), etag, body.etag);
    for await (const chunk of body.chunks) {
      throwIfAborted(signal);
      await handle.writeFile(chunk);
      feed(meter, chunk);
      onBytes(chunk.length);
    }
    if (body.sizeBytes !== null && meter.sizeBytes !== body.sizeBytes)
      throw mayPass(cutShort(storage.locationOf(path), meter.sizeBytes, body.sizeBytes));
  } catch (error) {
    onBytes(-meter.sizeBytes);
    throw error;
  } finally {
    await handle.close();
  }
  return { md5: meter.content.digest(), sizeBytes: meter.sizeBytes };
}

/** A version never changes; what is read without one may have been written over since. */
function changedThere(location: string, expected: string, actual: string): DomainError {
  return conflict('IMPORT_CHANGED', `${location} is not what was recorded: its ETag is ${actual} and should be ${expected}.`, {
    hint: 'Take what is there now: throughline update <file>.dvc',
  });
}

/** What a `.dvc` file notes of the source, so that a later look can tell whether it has changed. */
export async function addressEntry(source: AddressSource, path: string, known: Taken | null): Promise<DependencyEntry> {
  const sizeBytes = source.files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
  const common = { size: sizeBytes, ...(source.isFolder ? { nfiles: source.files.length } : {}), hash: 'md5', path };
  if (source.isLocal) return { md5: printObjectId(known?.id ?? (await hashLocal(source))), ...common };
  const [only] = source.files;
  if (source.isVersioned && source.isFolder) return { hash: 'md5', path, files: versionEntries(source.files) };
  if (source.isFolder) return { md5: etagTree(source.files), ...common };
  if (only?.etag === undefined) return common;
  if (source.isVersioned) return { etag: only.etag, ...(only.version === undefined ? {} : { version_id: only.version }), ...common };
  return source.storage.kind === 's3' ? { etag: only.etag, ...common } : { checksum: only.etag, ...common };
}

async function hashLocal(source: AddressSource): Promise<ObjectId> {
  const entries: { path: string; md5: string }[] = [];
  for (const { path } of source.files) entries.push({ path, md5: (await hashFile(source.storage.locationOf(path), 'md5')).md5 });
  const [only] = entries;
  return source.isFolder || only === undefined
    ? manifestId(encodeManifest(sortTree(entries)))
    : { hash: 'md5', md5: only.md5, isTree: false };
}

function versionEntries(files: readonly StoredFile[]): FileEntry[] {
  return [...files]
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ path, etag, sizeBytes, version }) => ({
      relpath: path,
      ...(etag === undefined ? {} : { etag }),
      ...(sizeBytes === null ? {} : { size: sizeBytes }),
      ...(version === undefined ? {} : { version_id: version }),
    }));
}

/** A folder of a bucket, by what the bucket calls its files' contents, in the form in which DVC names such a folder. */
function etagTree(files: readonly StoredFile[]): string {
  const entries = sortTree(files.map(({ path, etag }) => ({ path, md5: etag ?? '' })));
  const text = `[${entries.map(({ path, md5 }) => `{"etag": ${quotePython(md5)}, "relpath": ${quotePython(path)}}`).join(', ')}]`;
  return `${createHash('md5').update(text).digest('hex')}.dir`;
}
