// From a file or folder of the workspace to the object that it is: the files that changed since the last time are read once, hashed and, where the cache is to have them,
// stored; a folder's manifest is put together from them. A folder in which nothing changed costs one look at each file and nothing else.

import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '@throughline/kernel';
import { encodeManifest, manifestId, sortTree } from '../formats/manifest.ts';
import type { Repository } from '../repository/repository.ts';
import type { HashName, ObjectId, Task, Tree, TreeEntry } from '../types.ts';
import type { Cache } from './cache.ts';
import { codeOf, fileFailed } from './failures.ts';
import { keptFacts, knownFiles } from './known.ts';
import { missingObjects } from './presence.ts';
import { FEW_FILES, FileQueue, throwFailures } from './queue.ts';
import type { State } from './state.ts';
import { beginStoring, endStoring, newTemporaryName } from './storing.ts';
import { flagsOf, SMALL_BYTES } from './store-file.ts';
import { publishStaged } from './staging.ts';
import { surveyFolder } from './survey.ts';
import type { SurveyedFolder } from './survey.ts';
import { FACTS, FACT_FLAGS, FACT_SIZE, FLAG_EXECUTABLE, FLAG_SYMLINK, MD5_BYTES, PATH_SEPARATOR } from './tasks.ts';
import type { ObjectPlace, StoreTask, TaskAnswer } from './tasks.ts';

export interface BuildOptions {
  /** Whether the cache gets what it lacks. Otherwise nothing is written but what is known of the files. */
  readonly store: boolean;
  /** `md5` unless it is compared with what DVC 2 recorded. */
  readonly hash?: HashName;
  /** Whether the workspace's files may become objects themselves, by hardlinks. */
  readonly mayHardlink?: boolean;
}

export interface BuiltFolder {
  readonly kind: 'folder';
  readonly id: ObjectId;
  readonly sizeBytes: number;
  readonly fileCount: number;
  /** Its files, in a manifest's order; put together when it is asked for. */
  tree(): Tree;
  readonly folders: readonly SurveyedFolder[];
  /** Temporary files of a killed command, relative to the folder. */
  readonly leftovers: readonly string[];
}

export interface BuiltFile {
  readonly kind: 'file';
  readonly id: ObjectId;
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
  /** As in `tasks.ts`. */
  readonly facts: Float64Array;
}

export type Built = BuiltFolder | BuiltFile;

/** Where objects with such names lie. */
export function objectPlace(cache: Cache, hash: HashName): ObjectPlace {
  return { folder: hash === 'md5' ? join(cache.folder, 'files', 'md5') : cache.folder, isShared: cache.isShared };
}

/**
 * Hashes an output of the workspace, and stores it where that is asked for: `cache.flush()` makes it durable then. What stores must hold the repository's lock.
 * @param path From the repository's root.
 * @throws DomainError `FILE_NOT_FOUND`, `FILE_CHANGED`, `NOT_A_FILE`, `LINK_BROKEN`, `LINK_CIRCLE`, `NAME_NOT_UTF8`, `IGNORE_FILE_INSIDE`, `DISK_FULL`, `INTERRUPTED`.
 */
export async function buildOutput(repository: Repository, cache: Cache, path: string, options: BuildOptions): Promise<Built> {
  const found = statOf(repository, path);
  if (found.isDirectory()) return await new FolderBuild(repository, cache, path, options).run();
  if (!found.isFile()) throw fileFailed({ code: 'NOT_A_FILE', path, message: 'something else' });
  return await buildFile(repository, cache, path, options);
}

/** What a path leads to. @throws DomainError `FILE_NOT_FOUND`. */
function statOf(repository: Repository, path: string) {
  try {
    return statSync(repository.toFile(path));
  } catch (error) {
    throw fileFailed({ code: codeOf(error) === 'ENOTDIR' ? 'ENOENT' : (codeOf(error) ?? 'UNKNOWN'), path, message: String(error) });
  }
}

async function buildFile(repository: Repository, cache: Cache, path: string, options: BuildOptions): Promise<BuiltFile> {
  const hash = options.hash ?? 'md5';
  const known = knownFiles(repository);
  const file = repository.toFile(path);
  const link = lstatSync(file);
  const found = link.isSymbolicLink() ? statSync(file) : link;
  const knownMd5 = known.file(path, hash, found);
  if (knownMd5 !== null && !(options.store && !(await cache.has({ hash, md5: knownMd5, isTree: false })))) {
    const facts = Float64Array.of(found.ino, found.size, found.mtimeMs, found.ctimeMs, flagsOf(link, found));
    return builtFile(hash, knownMd5, facts);
  }
  const progress = repository.surroundings.reporter.task(options.store ? `Adding ${path}` : `Hashing ${path}`, 'bytes', found.size);
  const built: BuiltFile[] = [];
  const temporaryName = newTemporaryName();
  // A killed command would leave a part of it for ever.
  const isNoted = options.store && found.size > SMALL_BYTES;
  if (isNoted) await beginStoring(repository, cache, temporaryName);
  const queue = new FileQueue<string>({
    work: options.store ? 'store' : 'hash',
    signal: repository.surroundings.signal,
    progress,
    counts: 'bytes',
    sizeOf: () => found.size,
    taskOf: (paths) =>
      storeTask(repository, cache, options, {
        root: join(repository.root, '/'),
        paths: paths.join(PATH_SEPARATOR),
        temporaryName,
        isStaged: false,
        syncsEach: true,
        surveyed: null,
      }),
    onAnswer: (_, answer) => {
      noteAnswer(repository, cache, answer);
      if (answer.failures.length > 0) return;
      const md5 = Buffer.from(answer.digests.buffer).toString('hex');
      answer.facts[FACT_FLAGS] = (answer.facts[FACT_FLAGS] ?? 0) | (link.isSymbolicLink() ? FLAG_SYMLINK : 0);
      known.keepFile(path, hash, answer.facts, md5);
      built.push(builtFile(hash, md5, answer.facts));
    },
  });
  try {
    queue.push(path);
    await queue.drain();
  } finally {
    progress.end();
  }
  throwFailures(queue.failures);
  if (isNoted) {
    await cache.flush();
    endStoring(repository);
  }
  const [only] = built;
  invariant(only !== undefined, 'A file that did not fail was hashed.');
  return only;
}

function builtFile(hash: HashName, md5: string, facts: Float64Array): BuiltFile {
  const isExecutable = ((facts[FACT_FLAGS] ?? 0) & FLAG_EXECUTABLE) !== 0;
  return { kind: 'file', id: { hash, md5, isTree: false }, sizeBytes: facts[FACT_SIZE] ?? 0, isExecutable, facts };
}

/** What differs from task to task of a build. */
type TaskParts = Pick<StoreTask, 'root' | 'paths' | 'temporaryName' | 'isStaged' | 'syncsEach' | 'surveyed'>;

function storeTask(repository: Repository, cache: Cache, options: BuildOptions, parts: TaskParts): StoreTask {
  const hash = options.hash ?? 'md5';
  return {
    kind: 'store',
    hash,
    place: options.store ? objectPlace(cache, hash) : null,
    mayHardlink: options.mayHardlink ?? false,
    clockBehindMs: knownFiles(repository).clockBehindMs(),
    ...parts,
  };
}

function noteAnswer(repository: Repository, cache: Cache, answer: TaskAnswer): void {
  cache.noteStored(answer.stored, answer.storedCount);
  for (const aside of answer.setAside) {
    repository.surroundings.reporter.warn(
      `An object of the cache was not what its name says: it lies in ${aside} now, and was stored anew.`,
    );
  }
}

/** A file of a folder: which one in which of its folders. */
interface Place {
  readonly folder: SurveyedFolder;
  readonly index: number;
}

class FolderBuild {
  readonly #repository: Repository;
  readonly #cache: Cache;
  readonly #path: string;
  readonly #options: BuildOptions;
  readonly #hash: HashName;
  readonly #state: State | null;
  readonly #folders: SurveyedFolder[] = [];
  readonly #temporaryName = newTemporaryName();
  readonly #queue: FileQueue<Place>;
  readonly #progress: Task;
  readonly #beganAtMs = Date.now();
  #fileCount = 0;
  #isNoted = false;
  #isLarge = false;

  constructor(repository: Repository, cache: Cache, path: string, options: BuildOptions) {
    this.#repository = repository;
    this.#cache = cache;
    this.#path = path;
    this.#options = options;
    this.#hash = options.hash ?? 'md5';
    this.#state = knownFiles(repository).folder(path, this.#hash);
    this.#progress = repository.surroundings.reporter.task(options.store ? `Adding ${path}` : `Hashing ${path}`, 'files', null);
    this.#queue = new FileQueue<Place>({
      work: options.store ? 'store' : 'hash',
      signal: repository.surroundings.signal,
      progress: this.#progress,
      counts: 'files',
      sizeOf: ({ folder, index }) => folder.facts[index * FACTS + FACT_SIZE] ?? 0,
      taskOf: (places, isFew) =>
        storeTask(repository, cache, options, {
          root: join(repository.toFile(path), '/'),
          paths: places.map(pathOf).join(PATH_SEPARATOR),
          temporaryName: this.#temporaryName,
          isStaged: this.#isNoted,
          syncsEach: isFew,
          surveyed: { facts: factsOf(places), atMs: this.#beganAtMs },
        }),
      onAnswer: (places, answer) => this.#take(places, answer),
    });
  }

  async run(): Promise<BuiltFolder> {
    try {
      return await this.#run();
    } finally {
      this.#progress.end();
    }
  }

  async #run(): Promise<BuiltFolder> {
    const surveyor = surveyFolder(this.#repository, this.#path, this.#state);
    for (const folder of surveyor.folders) {
      this.#folders.push(folder);
      this.#fileCount += folder.names.length;
      if (folder.unknown.length > 0) await this.#hashUnknown(folder);
    }
    this.#progress.setTotal(this.#fileCount);
    this.#warnOfLinks(surveyor.linkedFolders);
    await this.#queue.drain();
    throwFailures(this.#queue.failures);
    const known = this.#knownId();
    if (this.#options.store && !(known !== null && knownFiles(this.#repository).isComplete(known, this.#cache.fingerprint())))
      await this.#storeMissing();
    throwFailures(this.#queue.failures);
    if (this.#isNoted) publishStaged(objectPlace(this.#cache, this.#hash).folder, this.#temporaryName);
    return await this.#finish(surveyor.leftovers, known);
  }

  async #hashUnknown(folder: SurveyedFolder): Promise<void> {
    if (folder.unknown.length > FEW_FILES) this.#queue.expectMany();
    const isLarge = folder.unknown.some((index) => (folder.facts[index * FACTS + FACT_SIZE] ?? 0) > SMALL_BYTES);
    await this.#note(isLarge ? Infinity : folder.unknown.length);
    for (const index of folder.unknown) {
      this.#queue.push({ folder, index });
      if (this.#queue.isFull) await this.#queue.room();
    }
    await this.#queue.room();
  }

  /** Writes down that objects are being written, once it is more than a few, or one is large: see `storing.ts`. */
  async #note(more: number): Promise<void> {
    if (!this.#options.store || this.#isNoted) return;
    this.#isLarge ||= this.#fileCount > FEW_FILES || more > FEW_FILES;
    if (!this.#isLarge) return;
    this.#isNoted = true;
    await beginStoring(this.#repository, this.#cache, this.#temporaryName);
  }

  #take(places: readonly Place[], answer: TaskAnswer): void {
    noteAnswer(this.#repository, this.#cache, answer);
    for (const [at, { folder, index }] of places.entries()) {
      const isSymlink = (folder.facts[index * FACTS + FACT_FLAGS] ?? 0) & FLAG_SYMLINK;
      folder.facts.set(answer.facts.subarray(at * FACTS, (at + 1) * FACTS), index * FACTS);
      folder.facts[index * FACTS + FACT_FLAGS] = (folder.facts[index * FACTS + FACT_FLAGS] ?? 0) | isSymlink;
      folder.digests.set(answer.digests.subarray(at * MD5_BYTES, (at + 1) * MD5_BYTES), index * MD5_BYTES);
    }
  }

  /** Files that were known without being read may be missing in the cache. */
  async #storeMissing(): Promise<void> {
    const places = this.#folders.flatMap((folder) =>
      folder.unknown.length === folder.names.length ? [] : folder.names.map((_, index) => ({ folder, index })),
    );
    const digests = new Uint8Array(places.length * MD5_BYTES);
    for (const [at, { folder, index }] of places.entries())
      digests.set(folder.digests.subarray(index * MD5_BYTES, (index + 1) * MD5_BYTES), at * MD5_BYTES);
    const missing = missingObjects(objectPlace(this.#cache, this.#hash).folder, digests);
    if (missing.length > 0) await this.#note(missing.length);
    for (const at of missing) {
      const place = places[at];
      if (place !== undefined) this.#queue.push(place);
      if (this.#queue.isFull) await this.#queue.room();
    }
    await this.#queue.drain();
  }

  #warnOfLinks(links: readonly string[]): void {
    const [first] = links;
    if (first === undefined || !this.#options.store) return;
    const more = links.length === 1 ? '' : ` and ${links.length - 1} more`;
    this.#repository.surroundings.reporter.warn(`${this.#path}/${first}${more}: symbolic links to folders are left out, as DVC does.`);
  }

  /** What it was the last time, where nothing changed since. */
  #knownId(): ObjectId | null {
    const md5 = this.#isSame() ? (this.#state?.treeMd5 ?? null) : null;
    return md5 === null ? null : { hash: this.#hash, md5, isTree: true };
  }

  #isSame(): boolean {
    return this.#state !== null && this.#folders.length === this.#state.folders.length && this.#folders.every((folder) => folder.isSame);
  }

  async #finish(leftovers: readonly string[], known: ObjectId | null): Promise<BuiltFolder> {
    const folders = this.#folders;
    let made: Tree | null = null;
    const tree = () => (made ??= treeOf(folders));
    let sizeBytes = 0;
    for (const folder of folders)
      for (let index = FACT_SIZE; index < folder.facts.length; index += FACTS) sizeBytes += folder.facts[index] ?? 0;
    let id: ObjectId;
    if (known !== null && (!this.#options.store || (await this.#cache.has(known)))) id = known;
    else {
      const manifest = encodeManifest(tree());
      id = { ...manifestId(manifest), hash: this.#hash };
      if (this.#options.store) await this.#cache.put(id, manifest);
    }
    if (known === null) this.#keep(id.md5, sizeBytes);
    if (this.#isNoted) {
      await this.#cache.flush();
      endStoring(this.#repository);
    }
    return { kind: 'folder', id, sizeBytes, fileCount: this.#fileCount, tree, folders, leftovers };
  }

  #keep(treeMd5: string, sizeBytes: number): void {
    knownFiles(this.#repository).keepFolder(
      stateOf(this.#path, this.#hash, this.#folders, { treeMd5, sizeBytes, fileCount: this.#fileCount }),
    );
  }
}

/** What the survey said of some files. */
function factsOf(places: readonly Place[]): Float64Array<ArrayBuffer> {
  const facts = new Float64Array(places.length * FACTS);
  for (const [at, { folder, index }] of places.entries()) facts.set(folder.facts.subarray(index * FACTS, (index + 1) * FACTS), at * FACTS);
  return facts;
}

function pathOf({ folder, index }: Place): string {
  const name = folder.names[index] ?? '';
  return folder.path === '' ? name : `${folder.path}/${name}`;
}

/** What is known once a folder was looked at. */
export function stateOf(
  path: string,
  hash: HashName,
  folders: readonly SurveyedFolder[],
  facts: { readonly treeMd5: string | null; readonly sizeBytes: number; readonly fileCount: number },
): State {
  return {
    path,
    hash,
    ...facts,
    folders: folders.map((folder) => ({ path: folder.path, names: folder.names, facts: keptFacts(folder.facts), digests: folder.digests })),
  };
}

function treeOf(folders: readonly SurveyedFolder[]): Tree {
  const entries: TreeEntry[] = [];
  for (const folder of folders) {
    const digests = Buffer.from(folder.digests.buffer, folder.digests.byteOffset, folder.digests.byteLength);
    const prefix = folder.path === '' ? '' : `${folder.path}/`;
    for (const [index, name] of folder.names.entries()) {
      const md5 = digests.toString('hex', index * MD5_BYTES, (index + 1) * MD5_BYTES);
      entries.push({ path: `${prefix}${name}`, md5, sizeBytes: folder.facts[index * FACTS + FACT_SIZE] ?? 0 });
    }
  }
  return sortTree(entries);
}
