// The states of a repository: one for each tracked folder, read when that folder is looked at, and one for all files that are tracked alone, read once and written when a
// command ends. Also how far the file system's clock is behind ours, which decides what may be believed of fresh files.

import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../repository/repository.ts';
import { printObjectId } from '../formats/object-id.ts';
import type { HashName, ObjectId } from '../types.ts';
import { isUnwritable } from './failures.ts';
import { KEPT_FACTS, readState, stateFile, writeBeside, writeState } from './state.ts';
import type { KnownFolder, State } from './state.ts';
import { FACTS, FACT_CHANGED_MS, FACT_INODE, FACT_MODIFIED_MS, FACT_SIZE, MD5_BYTES, UNTRUSTED } from './tasks.ts';

/** A path that no output has: the state of all single files stands under it. */
const ALL_FILES = '/files';

const COMPLETE_FILE = 'complete.json';

/** Folders of which the cache has every object, as long as it has this fingerprint. */
interface Complete {
  readonly fingerprint: string;
  readonly trees: Set<string>;
}

interface KnownFile {
  readonly facts: Float64Array;
  readonly md5: string;
}

export class Known {
  readonly #repository: Repository;
  readonly #files = new Map<HashName, Map<string, KnownFile>>();
  readonly #changed = new Set<HashName>();
  #behindMs: number | null = null;
  #complete: Complete | null = null;
  #mustKeepComplete = false;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  folder(path: string, hash: HashName): State | null {
    const state = readState(this.#fileOf(path, hash));
    return state?.path === path && state.hash === hash ? state : null;
  }

  keepFolder(state: State): void {
    writeState(this.#fileOf(state.path, state.hash), state);
  }

  forgetFolder(path: string, hash: HashName): void {
    rmSync(this.#fileOf(path, hash), { force: true });
  }

  /** The MD5 of a file with these facts; null where it has to be hashed. */
  file(path: string, hash: HashName, found: Stats): string | null {
    const known = this.#filesOf(hash).get(path);
    if (known === undefined) return null;
    const isSame =
      known.facts[FACT_INODE] === found.ino &&
      known.facts[FACT_SIZE] === found.size &&
      known.facts[FACT_MODIFIED_MS] === found.mtimeMs &&
      known.facts[FACT_CHANGED_MS] === found.ctimeMs;
    return isSame ? known.md5 : null;
  }

  keepFile(path: string, hash: HashName, facts: Float64Array, md5: string): void {
    const files = this.#filesOf(hash);
    const isTrusted = facts[FACT_INODE] !== UNTRUSTED;
    if (!isTrusted && !files.has(path)) return;
    this.#changed.add(hash);
    if (isTrusted) files.set(path, { facts: facts.slice(0, KEPT_FACTS), md5 });
    else files.delete(path);
  }

  /** Writes what changed of single files and of the cache; files that are gone are dropped. */
  save(): void {
    if (this.#mustKeepComplete && this.#complete !== null) {
      const text = JSON.stringify({ fingerprint: this.#complete.fingerprint, trees: [...this.#complete.trees] });
      writeBeside(join(this.#repository.temporaryFolder, COMPLETE_FILE), text);
      this.#mustKeepComplete = false;
    }
    for (const hash of this.#changed) {
      const entries = [...this.#filesOf(hash)].filter(
        ([path]) => lstatSync(this.#repository.toFile(path), { throwIfNoEntry: false }) !== undefined,
      );
      const facts = new Float64Array(entries.length * KEPT_FACTS);
      const digests = Buffer.alloc(entries.length * MD5_BYTES);
      for (const [index, [, file]] of entries.entries()) {
        facts.set(file.facts, index * KEPT_FACTS);
        digests.write(file.md5, index * MD5_BYTES, 'hex');
      }
      const folder: KnownFolder = { path: '', names: entries.map(([path]) => path), facts, digests };
      const state: State = {
        path: ALL_FILES,
        hash,
        treeMd5: null,
        sizeBytes: 0,
        fileCount: entries.length,

        folders: [folder],
      };
      writeState(this.#fileOf(ALL_FILES, hash), state);
    }
    this.#changed.clear();
  }

  /** Whether the cache, while it is as this fingerprint says, has all objects of a folder. */
  isComplete(id: ObjectId, fingerprint: string | null): boolean {
    return fingerprint !== null && this.#completeAt(fingerprint).has(printObjectId(id));
  }

  /** Notes that it has. One cache has one fingerprint: what was noted at another one is dropped. */
  keepComplete(id: ObjectId, fingerprint: string): void {
    const complete = this.#completeAt(fingerprint);
    if (complete.has(printObjectId(id))) return;
    complete.add(printObjectId(id));
    this.#mustKeepComplete = true;
  }

  /** How far the workspace's file system's clock is behind this machine's: a mounted one may have its own. */
  clockBehindMs(): number {
    if (this.#behindMs === null) {
      this.#behindMs = this.#probeClock();
    }
    return this.#behindMs;
  }

  #probeClock(): number {
    try {
      mkdirSync(this.#repository.temporaryFolder, { recursive: true });
      const probe = join(this.#repository.temporaryFolder, `clock-${process.pid}`);
      const before = Date.now();
      rmSync(probe, { force: true });
      writeFileSync(probe, '', { flag: 'wx' });
      const behindMs = Math.max(before - statSync(probe).mtimeMs, 0);
      rmSync(probe);
      return behindMs;
    } catch (error) {
      // Nothing can be written there, so nothing that is found out now will be believed later.
      if (isUnwritable(error)) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  #completeAt(fingerprint: string): Set<string> {
    this.#complete ??= readComplete(join(this.#repository.temporaryFolder, COMPLETE_FILE));
    if (this.#complete.fingerprint !== fingerprint) this.#complete = { fingerprint, trees: new Set() };
    return this.#complete.trees;
  }

  #filesOf(hash: HashName): Map<string, KnownFile> {
    let files = this.#files.get(hash);
    if (files !== undefined) return files;
    files = new Map();
    this.#files.set(hash, files);
    const folder = this.folder(ALL_FILES, hash)?.folders[0];
    const digests =
      folder === undefined ? Buffer.alloc(0) : Buffer.from(folder.digests.buffer, folder.digests.byteOffset, folder.digests.byteLength);
    for (const [index, name] of (folder?.names ?? []).entries()) {
      const facts = folder?.facts.subarray(index * KEPT_FACTS, (index + 1) * KEPT_FACTS);
      if (facts !== undefined) files.set(name, { facts, md5: digests.toString('hex', index * MD5_BYTES, (index + 1) * MD5_BYTES) });
    }
    return files;
  }

  #fileOf(path: string, hash: HashName): string {
    return stateFile(join(this.#repository.temporaryFolder, 'state'), path, hash);
  }
}

function readComplete(file: string): Complete {
  try {
    const { fingerprint, trees } = JSON.parse(readFileSync(file, 'utf8')) as { fingerprint?: unknown; trees?: unknown };
    if (typeof fingerprint === 'string' && Array.isArray(trees))
      return { fingerprint, trees: new Set(trees.filter((tree) => typeof tree === 'string')) };
  } catch {
    // It only saves listing the cache.
  }
  return { fingerprint: '', trees: new Set() };
}

const knownOf = new WeakMap<Repository, Known>();

/** The same one each time for an open repository. */
export function knownFiles(repository: Repository): Known {
  let known = knownOf.get(repository);
  if (known === undefined) {
    known = new Known(repository);
    knownOf.set(repository, known);
  }
  return known;
}

/** The facts that are kept of each file, out of those that a survey has. */
export function keptFacts(facts: Float64Array): Float64Array {
  const count = facts.length / FACTS;
  const kept = new Float64Array(count * KEPT_FACTS);
  for (let index = 0; index < count; index++) {
    for (let fact = 0; fact < KEPT_FACTS; fact++) kept[index * KEPT_FACTS + fact] = facts[index * FACTS + fact] ?? 0;
  }
  return kept;
}
