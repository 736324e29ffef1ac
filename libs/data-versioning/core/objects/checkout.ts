// Makes an output of the workspace what its stage says. First everything is looked at and compared, and what would lose bytes that nobody else has stops it; then files that
// are too many go, and those that are missing or different come, each in one step. A command that is killed in between is simply repeated.

import { chmodSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, DomainError } from '@throughline/kernel';
import { folderOf, isInside } from '../formats/paths.ts';
import type { Repository } from '../repository/repository.ts';
import type { HashName, Output, Tree, TreeEntry } from '../types.ts';
import { buildOutput, objectPlace, stateOf } from './build.ts';
import type { Built, BuiltFile, BuiltFolder } from './build.ts';
import { readTree } from './cache.ts';
import type { Cache } from './cache.ts';
import { compareTrees } from './compare.ts';
import type { TreeChanges } from './compare.ts';
import { FileFacts } from './file-facts.ts';
import { codeOf, fileFailed, quoted } from './failures.ts';
import type { FileFailure } from './failures.ts';
import { knownFiles } from './known.ts';
import { needsRelink } from './links.ts';
import { missingObjects } from './presence.ts';
import { FileQueue } from './queue.ts';
import { newTemporaryName } from './storing.ts';
import { surveyFolder } from './survey.ts';
import {
  FACTS,
  FACT_CHANGED_MS,
  FACT_FLAGS,
  FACT_INODE,
  FACT_MODIFIED_MS,
  FACT_SIZE,
  FLAG_HARDLINK,
  isAsBefore,
  MD5_BYTES,
  PATH_SEPARATOR,
  UNTRUSTED,
} from './tasks.ts';
import type { PlaceTask } from './tasks.ts';
import { inTheWay, WorkspaceFolders } from './workspace.ts';

/** Files that an error names. */
const NAMED_FILES = 20;
/** See `store-file.ts`: what changed so lately could change again without showing it. */
const TICK_MS = 20;

export interface CheckoutOptions {
  /** Whether files whose content is nowhere else may be lost. */
  readonly force: boolean;
  /** Whether files whose content is right are made anew where they are another kind of link than the settings want. */
  readonly relink: boolean;
  /** A file or folder inside of the output: nothing else is touched. Null: all of it. */
  readonly only?: string | null;
  /** Only says what would be done, and what would stop it. */
  readonly dry?: boolean;
}

export interface CheckoutChange {
  readonly path: string;
  readonly isFolder: boolean;
  /** Of the output as a whole. */
  readonly change: 'added' | 'modified' | 'deleted' | null;
  /** Files. */
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly relinked: number;
  /** Files that the cache does not have: what was there in their place is there still. */
  readonly missing: readonly string[];
  readonly failures: readonly FileFailure[];
  /** Of a dry run: the files that would go, and those that would be replaced, from the repository's root. */
  readonly planned?: { readonly deleted: readonly string[]; readonly replaced: readonly string[] };
}

type CheckedOutput = Pick<Output, 'path' | 'id' | 'isExecutable' | 'files'>;

/**
 * To be called under the repository's lock. What cannot be done to single files is in the answer.
 * @param tree The folder's files, where they were read already.
 * @throws DomainError `UNSAVED_CHANGES` before anything is touched; `LINKED_FOLDER`, `IN_THE_WAY`, `DISK_FULL`, `INTERRUPTED`, `MANIFEST_DAMAGED`, `OBJECT_DAMAGED`.
 */
export async function checkoutOutput(
  repository: Repository,
  cache: Cache,
  output: CheckedOutput,
  options: CheckoutOptions,
  tree: Tree | null = null,
): Promise<CheckoutChange> {
  const { path, id } = output;
  new WorkspaceFolders(repository).requireReal(folderOf(path));
  if (id === null && output.files === null) return nothing(path, false);
  const isFolder = id === null || id.isTree;
  let target: Tree;
  try {
    target = tree ?? output.files ?? (isFolder && id !== null ? await readTree(cache, id) : [{ path: '', md5: id?.md5 ?? '' }]);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'OBJECT_MISSING') return { ...nothing(path, isFolder), missing: [path] };
    throw error;
  }
  return await new Checkout(repository, cache, output, options, target, isFolder, id?.hash ?? 'md5').run();
}

function nothing(path: string, isFolder: boolean): CheckoutChange {
  return { path, isFolder, change: null, added: 0, modified: 0, deleted: 0, relinked: 0, missing: [], failures: [] };
}

/** A file of the workspace that is to be. */
interface Wanted {
  /** From the repository's root. */
  readonly path: string;
  readonly md5: string;
  readonly sizeBytes: number;
}

interface Plan {
  readonly changes: TreeChanges;
  readonly relinked: readonly TreeEntry[];
  readonly missing: readonly TreeEntry[];
}

/** Whether it is a symbolic link to what is not there. One that cannot be followed is not known to be one. */
function leadsNowhere(file: string): boolean {
  try {
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink && statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return false;
  }
}

class Checkout {
  readonly #repository: Repository;
  readonly #cache: Cache;
  readonly #output: CheckedOutput;
  readonly #options: CheckoutOptions;
  readonly #target: Tree;
  readonly #isFolder: boolean;
  readonly #hash: HashName;
  readonly #folders: WorkspaceFolders;
  readonly #failures: FileFailure[] = [];
  /** What the files look like that are right, by their paths in the output. */
  readonly #expected = new FileFacts();
  /** What lies there now, where that is a file alone. */
  #file: BuiltFile | null = null;

  constructor(
    repository: Repository,
    cache: Cache,
    output: CheckedOutput,
    options: CheckoutOptions,
    target: Tree,
    isFolder: boolean,
    hash: HashName,
  ) {
    this.#repository = repository;
    this.#cache = cache;
    this.#output = output;
    this.#options = options;
    this.#target = target;
    this.#isFolder = isFolder;
    this.#hash = hash;
    this.#folders = new WorkspaceFolders(repository);
  }

  async run(): Promise<CheckoutChange> {
    const { path } = this.#output;
    const link = lstatSync(this.#repository.toFile(path), { throwIfNoEntry: false });
    if (link?.isSymbolicLink() === true && statSync(this.#repository.toFile(path), { throwIfNoEntry: false })?.isDirectory() === true) {
      throw conflict('LINKED_FOLDER', `${quoted(path)} is a symbolic link to a folder: nothing is written through it.`, {
        hint: 'Remove the link and repeat the command.',
      });
    }
    const isBroken = link?.isSymbolicLink() === true && statSync(this.#repository.toFile(path), { throwIfNoEntry: false }) === undefined;
    const isDry = this.#options.dry === true;
    const built = link === undefined || isBroken ? null : await this.#build(isDry);
    for (const leftover of built?.kind === 'folder' && !isDry ? built.leftovers : []) this.#folders.unlink(`${path}/${leftover}`);
    const isRight = built !== null && this.#isSame(built);
    if (isRight && !this.#options.relink) {
      if (!isDry) this.#setExecutable(built);
      return nothing(path, this.#isFolder);
    }
    if (built?.kind === 'folder') this.#expected.setAll(built.folders);
    else this.#file = built;
    const plan = this.#plan(built);
    this.#requireSaved(plan);
    if (isDry) return { ...this.#changeOf(plan, link !== undefined), planned: this.#planned(plan) };
    if (isBroken) this.#folders.unlink(path);
    this.#removeFiles(plan, built);
    await this.#placeFiles(plan, built);
    this.#setExecutable(null);
    this.#keep(plan);
    return this.#changeOf(plan, link !== undefined);
  }

  /** What lies there. Links of tracked files that lead nowhere, as after the cache was moved, hold nothing that could be lost: they go. */
  async #build(isDry: boolean): Promise<Built> {
    const build = () => buildOutput(this.#repository, this.#cache, this.#output.path, { store: false, hash: this.#hash });
    try {
      return await build();
    } catch (error) {
      if (isDry || !(error instanceof DomainError) || error.code !== 'LINK_BROKEN') throw error;
      this.#removeBrokenLinks();
      return await build();
    }
  }

  #removeBrokenLinks(): void {
    for (const entry of this.#within(this.#target)) {
      const path = `${this.#output.path}/${entry.path}`;
      if (leadsNowhere(this.#repository.toFile(path))) this.#folders.unlink(path);
    }
  }

  /** Whether nothing has to be done: the cheap answer for a folder that did not change. */
  #isSame(built: Built): boolean {
    const { id } = this.#output;
    return id !== null && built.id.md5 === id.md5 && built.id.isTree === id.isTree && (this.#options.only ?? null) === null;
  }

  #plan(built: Built | null): Plan {
    const now =
      built === null ? [] : built.kind === 'folder' ? built.tree() : [{ path: '', md5: built.id.md5, sizeBytes: built.sizeBytes }];
    const changes = compareTrees(this.#within(now), this.#within(this.#target));
    const relinked = this.#options.relink && built !== null ? this.#toRelink(changes.unchanged, built) : [];
    const needed = [...changes.added, ...changes.modified.map((change) => change.new), ...relinked];
    return { changes, relinked, missing: missingObjects(this.#place, digestsOf(needed)).flatMap((index) => needed[index] ?? []) };
  }

  get #place(): string {
    return objectPlace(this.#cache, this.#hash).folder;
  }

  #within(tree: Tree): Tree {
    const only = this.#options.only ?? null;
    if (only === null || only === this.#output.path) return tree;
    return tree.filter((entry) => isInside(this.#pathOf(entry.path), only));
  }

  #pathOf(path: string): string {
    return path === '' ? this.#output.path : `${this.#output.path}/${path}`;
  }

  #toRelink(unchanged: readonly TreeEntry[], built: Built): TreeEntry[] {
    const { linkTypes } = this.#repository;
    return unchanged.filter((entry) => {
      const found = built.kind === 'folder' ? this.#expected.factsOf(entry.path) : built.facts;
      if (found === null) return false;
      // Facts of fresh files prove no content, and keep no inode for that reason.
      const inode =
        found[FACT_INODE] === UNTRUSTED ? statSync(this.#repository.toFile(this.#pathOf(entry.path))).ino : (found[FACT_INODE] ?? 0);
      const object = join(this.#place, entry.md5.slice(0, 2), entry.md5.slice(2));
      return needsRelink({ flags: found[FACT_FLAGS] ?? 0, inode, sizeBytes: found[FACT_SIZE] ?? 0 }, object, linkTypes);
    });
  }

  /** Stops where a file would go whose content the cache does not have. */
  #requireSaved({ changes }: Plan): void {
    if (this.#options.force) return;
    const lost = [...changes.deleted, ...changes.modified.map((change) => change.old)];
    const unsaved = missingObjects(objectPlace(this.#cache, this.#hash).folder, digestsOf(lost)).flatMap((index) => lost[index] ?? []);
    const [first] = unsaved;
    if (first === undefined) return;
    const paths = unsaved.slice(0, NAMED_FILES).map((entry) => this.#pathOf(entry.path));
    const more = unsaved.length - 1;
    throw conflict(
      'UNSAVED_CHANGES',
      `${quoted(this.#pathOf(first.path))}${more === 0 ? '' : ` and ${more} more`} would be lost: the cache does not have ${more === 0 ? 'it' : 'them'}.`,
      {
        hint: 'Keep it with `throughline add` or `commit`, move it away, or give it up with --force.',
        details: { files: paths, count: unsaved.length },
      },
    );
  }

  #removeFiles({ changes, missing }: Plan, built: Built | null): void {
    const { path } = this.#output;
    for (const entry of changes.deleted) {
      // A file that stands where a folder has to be stays while nothing can come in its place.
      if (entry.path === '' && missing.length === this.#target.length && this.#target.length > 0) {
        throw conflict('IN_THE_WAY', `${quoted(path)} is a file where a folder has to be, and the cache has nothing of that folder.`, {
          hint: 'Fetch it first.',
        });
      }
      if (!this.#options.force) this.#requireUnchanged(this.#pathOf(entry.path));
      this.#folders.unlink(this.#pathOf(entry.path));
    }
    const emptied = changes.deleted
      .map((entry) => folderOf(this.#pathOf(entry.path)))
      .filter((folder) => folder !== path && isInside(folder, path));
    this.#folders.removeEmpty(emptied, path);
    if (!this.#isFolder && built?.kind === 'folder') this.#removeFolder(built);
  }

  /** Stops where somebody wrote to a file after it was looked at, and before it is removed. */
  #requireUnchanged(path: string): void {
    const before = this.#factsBefore(path);
    const now = statSync(this.#repository.toFile(path), { throwIfNoEntry: false });
    if (before !== null && now !== undefined && !isAsBefore(before, now))
      throw fileFailed({ code: 'CHANGED', path, message: 'it changed' });
  }

  /** A folder where a file has to be: its files are gone, its folders have to go. */
  #removeFolder(built: BuiltFolder): void {
    const { path } = this.#output;
    this.#folders.removeEmpty(
      built.folders.map((folder) => this.#pathOf(folder.path)),
      folderOf(path),
    );
    if (lstatSync(this.#repository.toFile(path), { throwIfNoEntry: false }) !== undefined)
      throw inTheWay(path, 'a folder where a file has to be, and holds files that are ignored');
  }

  async #placeFiles({ changes, relinked, missing }: Plan, built: Built | null): Promise<void> {
    const gone = new Set(missing);
    const wanted = (entries: readonly TreeEntry[]) => entries.filter((entry) => !gone.has(entry));
    const added = wanted(changes.added);
    const changed = wanted([...changes.modified.map((change) => change.new), ...relinked]);
    this.#removeEmptyFolders(added, built);
    if (this.#isFolder) this.#folders.make(this.#output.path);
    for (const folder of new Set(added.map((entry) => folderOf(this.#pathOf(entry.path))))) this.#folders.make(folder);
    for (const folder of new Set(changed.map((entry) => folderOf(this.#pathOf(entry.path))))) this.#folders.requireReal(folder);
    if (added.length + changed.length === 0) return;
    const progress = this.#repository.surroundings.reporter.task(
      `Checking out ${this.#output.path}`,
      'files',
      added.length + changed.length,
    );
    try {
      for (const [entries, replaces] of [
        [added, false],
        [changed, true],
      ] as const) {
        const queue = this.#queue(replaces, (count) => progress.advance(count));
        for (const entry of entries) {
          queue.push({ path: this.#pathOf(entry.path), md5: entry.md5, sizeBytes: entry.sizeBytes ?? 0 });
          if (queue.isFull) await queue.room();
        }
        await queue.drain();
        this.#failures.push(...queue.failures);
      }
    } finally {
      progress.end();
    }
  }

  /** Folders without files, which no manifest knows, may stand where files have to be. */
  #removeEmptyFolders(added: readonly TreeEntry[], built: Built | null): void {
    if (built?.kind !== 'folder' || built.folders.length === 1) return;
    const names = new Set(added.map((entry) => entry.path));
    for (const { path } of built.folders.filter((folder) => names.has(folder.path))) {
      const below = built.folders.filter((folder) => isInside(folder.path, path)).map((folder) => this.#pathOf(folder.path));
      this.#folders.removeEmpty(below, folderOf(this.#pathOf(path)));
    }
  }

  #queue(replaces: boolean, advance: (count: number) => void): FileQueue<Wanted> {
    const temporaryName = newTemporaryName();
    return new FileQueue<Wanted>({
      work: 'place',
      signal: this.#repository.surroundings.signal,
      progress: { advance, setTotal: () => undefined, end: () => undefined },
      counts: 'files',
      sizeOf: (file) => file.sizeBytes,
      taskOf: (files) => this.#taskOf(files, replaces, temporaryName),
      onAnswer: (files, answer) => {
        const failed = new Set(answer.failures.map((failure) => failure.path));
        for (const aside of answer.setAside) {
          this.#repository.surroundings.reporter.warn(
            `The cache's object was changed by somebody and is not used: it lies in ${aside} now.`,
          );
        }
        for (const [index, file] of files.entries()) {
          if (failed.has(file.path)) continue;
          const inside = file.path === this.#output.path ? '' : file.path.slice(this.#output.path.length + 1);
          this.#expected.set(inside, answer.facts.subarray(index * FACTS, (index + 1) * FACTS), Buffer.from(file.md5, 'hex'));
        }
      },
    });
  }

  #taskOf(files: readonly Wanted[], replaces: boolean, temporaryName: string): PlaceTask {
    // A link would make the object executable, which DVC takes for one that somebody changed.
    const linkTypes =
      this.#output.isExecutable === true ? this.#repository.linkTypes.filter((type) => type === 'reflink') : this.#repository.linkTypes;
    return {
      kind: 'place',
      root: join(this.#repository.root, '/'),
      paths: files.map((file) => file.path).join(PATH_SEPARATOR),
      hash: this.#hash,
      temporaryName,
      place: objectPlace(this.#cache, this.#hash),
      digests: digestsOf(files),
      linkTypes: this.#output.isExecutable === true ? [...linkTypes, 'copy'] : linkTypes,
      replaces,
      before: replaces && !this.#options.force ? this.#factsOf(files) : null,
    };
  }

  /** What files that are replaced looked like when they were looked at. */
  #factsOf(files: readonly Wanted[]): Float64Array {
    const all = new Float64Array(files.length * FACTS);
    for (const [index, { path }] of files.entries()) all.set(this.#factsBefore(path) ?? [], index * FACTS);
    return all;
  }

  #factsBefore(path: string): Float64Array | null {
    if (this.#file !== null) return this.#file.facts;
    return this.#expected.factsOf(path.slice(this.#output.path.length + 1));
  }

  /** Only files that are tracked alone have their executable bit recorded. */
  #setExecutable(built: Built | null): void {
    if (this.#isFolder || this.#output.isExecutable !== true || (built?.kind === 'file' && built.isExecutable)) return;
    const file = this.#repository.toFile(this.#output.path);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found?.isFile() === true && found.nlink === 1) chmodSync(file, found.mode | 0o100);
  }

  /** Notes what is known now, so that the next look at the folder reads nothing. */
  #keep({ missing }: Plan): void {
    const { path } = this.#output;
    if (!this.#isFolder) {
      const digest = this.#expected.digestOf('');
      if (digest === null) return;
      const found = statSync(this.#repository.toFile(path), { throwIfNoEntry: false });
      if (found === undefined) return;
      const facts = Float64Array.of(isSettled(found.ctimeMs) ? found.ino : UNTRUSTED, found.size, found.mtimeMs, found.ctimeMs, 0);
      knownFiles(this.#repository).keepFile(path, this.#hash, facts, digest.toString('hex'));
      return;
    }
    const folders = [...surveyFolder(this.#repository, path, null).folders];
    let sizeBytes = 0;
    let fileCount = 0;
    for (const folder of folders) {
      for (const [index, name] of folder.names.entries()) {
        const inside = folder.path === '' ? name : `${folder.path}/${name}`;
        const facts = folder.facts.subarray(index * FACTS, (index + 1) * FACTS);
        const before = this.#expected.factsOf(inside);
        const digest = this.#expected.digestOf(inside);
        fileCount += 1;
        sizeBytes += facts[FACT_SIZE] ?? 0;
        const isKnown = before !== null && digest !== null && isUnchanged(before, facts) && isSettled(facts[FACT_CHANGED_MS] ?? 0);
        if (isKnown) folder.digests.set(digest, index * MD5_BYTES);
        else facts[FACT_INODE] = UNTRUSTED;
      }
    }
    const isWhole =
      missing.length === 0 && this.#failures.length === 0 && (this.#options.only ?? null) === null && fileCount === this.#target.length;
    const treeMd5 = isWhole ? (this.#output.id?.md5 ?? null) : null;
    knownFiles(this.#repository).keepFolder(stateOf(path, this.#hash, folders, { treeMd5, sizeBytes, fileCount }));
  }

  #planned({ changes, missing }: Plan): NonNullable<CheckoutChange['planned']> {
    const lost = new Set(missing);
    return {
      deleted: changes.deleted.map((entry) => this.#pathOf(entry.path)),
      replaced: changes.modified.filter((change) => !lost.has(change.new)).map((change) => this.#pathOf(change.new.path)),
    };
  }

  #changeOf({ changes, relinked, missing }: Plan, wasThere: boolean): CheckoutChange {
    const isChanged = changes.added.length + changes.modified.length + changes.deleted.length > 0 || (!wasThere && this.#isFolder);
    const lost = new Set(missing);
    const done = (entries: readonly TreeEntry[]) => entries.filter((entry) => !lost.has(entry)).length;
    const failures = this.#failures.filter((failure) => failure.code !== 'MISSING');
    const damaged = this.#failures.filter((failure) => failure.code === 'MISSING').map((failure) => failure.path);
    return {
      path: this.#output.path,
      isFolder: this.#isFolder,
      change: isChanged ? (wasThere ? 'modified' : 'added') : null,
      added: done(changes.added),
      modified: done(changes.modified.map((change) => change.new)),
      deleted: changes.deleted.length,
      relinked: done(relinked),
      missing: [...missing.map((entry) => this.#pathOf(entry.path)), ...damaged],
      failures,
    };
  }
}

function digestsOf(entries: readonly { readonly md5: string }[]): Uint8Array {
  const digests = Buffer.from(new ArrayBuffer(entries.length * MD5_BYTES));
  for (const [index, entry] of entries.entries()) digests.write(entry.md5, index * MD5_BYTES, 'hex');
  return digests;
}

function isSettled(changedMs: number): boolean {
  return Date.now() - changedMs > TICK_MS;
}

/** A hardlink's own time changes with every link that is made to the same object. */
function isUnchanged(before: Float64Array, now: Float64Array): boolean {
  const isHardlink = ((now[FACT_FLAGS] ?? 0) & FLAG_HARDLINK) !== 0;
  return (
    before[FACT_INODE] === now[FACT_INODE] &&
    before[FACT_SIZE] === now[FACT_SIZE] &&
    before[FACT_MODIFIED_MS] === now[FACT_MODIFIED_MS] &&
    (isHardlink || before[FACT_CHANGED_MS] === now[FACT_CHANGED_MS])
  );
}
