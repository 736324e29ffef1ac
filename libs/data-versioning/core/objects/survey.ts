// What lies in a tracked folder, compared with what is known of it. Each file costs one lstat; files with the same facts as before are known without being read. All of it is in
// arrays of numbers and lists of names: a million files must fit.

import { lstatSync, readdirSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { invalid, notFound } from '@throughline/kernel';
import { IGNORE_FILE } from '../formats/ignore.ts';
import type { FolderRules } from '../repository/ignore-tree.ts';
import type { Repository } from '../repository/repository.ts';
import { TEMPORARY_PREFIX } from './durable.ts';
import { codeOf, fileFailed, isMissing, quoted } from './failures.ts';
import { KEPT_FACTS } from './state.ts';
import type { KnownFolder, State } from './state.ts';
import { flagsOf } from './store-file.ts';
import { FACTS, FACT_SIZE, MD5_BYTES } from './tasks.ts';

/** A folder on the way is deeper than any file system's longest path allows. */
const MAX_DEPTH = 1000;
/** Of files that a killed command left in the workspace: see `workspaceTemporaryName`. */
const LEFTOVER = new RegExp(`^\\${TEMPORARY_PREFIX}[0-9a-f]{12}-\\d+$`);

export interface SurveyedFolder {
  /** Relative to the output; empty for itself. */
  readonly path: string;
  /** Of its files, in the order of the system. */
  readonly names: readonly string[];
  /** `FACTS` numbers of each file. */
  readonly facts: Float64Array;
  /** 16 bytes of each file; zeros where it is not known. */
  digests: Uint8Array;
  /** Places in `names` of the files that have to be hashed. */
  readonly unknown: number[];
  /** Whether it holds exactly what is known. */
  readonly isSame: boolean;
}

export interface Surveyor {
  /** One folder after the other. */
  readonly folders: Generator<SurveyedFolder>;
  /** Temporary files of a killed command, relative to the output: not part of the data. Complete once all folders were seen. */
  readonly leftovers: string[];
  /** Symbolic links to folders: DVC passes them over, and so does this. */
  readonly linkedFolders: string[];
}

/** @param path Of a folder that is there, and may be a symbolic link to one. */
export function surveyFolder(repository: Repository, path: string, state: State | null): Surveyor {
  const leftovers: string[] = [];
  const linkedFolders: string[] = [];
  const known = new Map(state?.folders.map((folder) => [folder.path, folder]));
  const walker: Walker = { root: repository.toFile(path), output: path, known, leftovers, linkedFolders };
  const rules = repository.ignore.folder(path);
  return { folders: walk(walker, rules, '', 0), leftovers, linkedFolders };
}

interface Walker {
  /** Absolute. */
  readonly root: string;
  /** The tracked folder, from the repository's root. */
  readonly output: string;
  readonly known: ReadonlyMap<string, KnownFolder>;
  readonly leftovers: string[];
  readonly linkedFolders: string[];
}

function* walk(walker: Walker, rules: FolderRules, path: string, depth: number, listed?: readonly string[]): Generator<SurveyedFolder> {
  if (depth > MAX_DEPTH) throw invalid('FOLDER_TOO_DEEP', `${quoted(`${walker.output}/${path}`)} lies deeper than ${MAX_DEPTH} folders.`);
  const names = listed ?? listNames(walker, path);
  if (names.includes(IGNORE_FILE) && !rules.ignores(IGNORE_FILE, false)) {
    throw invalid(
      'IGNORE_FILE_INSIDE',
      `${quoted(join3(walker.output, path, IGNORE_FILE))} lies inside of a tracked folder, where DVC allows none.`,
      {
        hint: 'Move its rules to a .dvcignore file above the folder.',
      },
    );
  }
  const folders: string[] = [];
  yield readFolder(walker, rules, path, names, folders);
  for (const name of folders) {
    const below = path === '' ? name : `${path}/${name}`;
    const inner = listNames(walker, below);
    const innerRules = rules.enter(name, inner);
    if (innerRules !== null) yield* walk(walker, innerRules, below, depth + 1, inner);
  }
}

function readFolder(walker: Walker, rules: FolderRules, path: string, all: readonly string[], folders: string[]): SurveyedFolder {
  const known = walker.known.get(path);
  const matcher = known === undefined ? null : new Matcher(known);
  const prefix = path === '' ? `${walker.root}/` : `${walker.root}/${path}/`;
  const names: string[] = [];
  const facts = new Float64Array(all.length * FACTS);
  const places = matcher === null ? null : new Int32Array(all.length);
  const unknown: number[] = [];
  for (const name of all) {
    const link = lstatSync(prefix + name, { throwIfNoEntry: false });
    if (link === undefined) {
      requireReadable(walker, path, name);
      continue;
    }
    const found = link.isSymbolicLink() ? targetOf(walker, rules, path, name) : link;
    if (found === null) continue;
    if (found.isDirectory()) {
      if (rules.ignores(name, true)) continue;
      if (link === found) folders.push(name);
      else walker.linkedFolders.push(path === '' ? name : `${path}/${name}`);
      continue;
    }
    if (rules.ignores(name, false)) continue;
    if (LEFTOVER.test(name)) {
      walker.leftovers.push(path === '' ? name : `${path}/${name}`);
      continue;
    }
    if (!found.isFile()) throw fileFailed({ code: 'NOT_A_FILE', path: join3(walker.output, path, name), message: kindOf(found) });
    const at = names.length;
    names.push(name);
    facts[at * FACTS] = found.ino;
    facts[at * FACTS + FACT_SIZE] = found.size;
    facts[at * FACTS + 2] = found.mtimeMs;
    facts[at * FACTS + 3] = found.ctimeMs;
    facts[at * FACTS + 4] = flagsOf(link, found);
    const place = matcher === null ? -1 : matcher.find(name, found);
    if (places !== null) places[at] = place;
    if (place === -1) unknown.push(at);
  }
  const isSame = known !== undefined && unknown.length === 0 && names.length === known.names.length;
  return { path, names, facts: facts.subarray(0, names.length * FACTS), digests: digestsOf(known, places, names.length), unknown, isSame };
}

/** Finds names in what is known: the next one first, since the order seldom changes. */
class Matcher {
  readonly #known: KnownFolder;
  #next = 0;
  #places: Map<string, number> | null = null;

  constructor(known: KnownFolder) {
    this.#known = known;
  }

  /** The place of a file whose facts are the same; -1 where there is none. */
  find(name: string, found: Stats): number {
    let place = this.#next;
    if (this.#known.names[place] !== name) {
      this.#places ??= new Map(this.#known.names.map((each, index) => [each, index]));
      place = this.#places.get(name) ?? -1;
      if (place === -1) return -1;
    }
    this.#next = place + 1;
    const { facts } = this.#known;
    const at = place * KEPT_FACTS;
    const isSame =
      facts[at] === found.ino && facts[at + 1] === found.size && facts[at + 2] === found.mtimeMs && facts[at + 3] === found.ctimeMs;
    return isSame ? place : -1;
  }
}

function digestsOf(known: KnownFolder | undefined, places: Int32Array | null, count: number): Uint8Array {
  const digests = new Uint8Array(count * MD5_BYTES);
  if (known === undefined || places === null) return digests;
  for (let index = 0; index < count; index++) {
    const place = places[index] ?? -1;
    if (place === -1) continue;
    const from = place * MD5_BYTES;
    for (let byte = 0; byte < MD5_BYTES; byte++) digests[index * MD5_BYTES + byte] = known.digests[from + byte] ?? 0;
  }
  return digests;
}

function listNames(walker: Walker, path: string): string[] {
  try {
    return readdirSync(path === '' ? walker.root : `${walker.root}/${path}`);
  } catch (error) {
    throw fileFailed({
      code: codeOf(error) ?? 'UNKNOWN',
      path: join3(walker.output, path, ''),
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

/** What a symbolic link leads to; null where the rules leave it out. */
function targetOf(walker: Walker, rules: FolderRules, path: string, name: string): Stats | null {
  const file = path === '' ? `${walker.root}/${name}` : `${walker.root}/${path}/${name}`;
  try {
    return statSync(file);
  } catch (error) {
    if (rules.ignores(name, false)) return null;
    if (isMissing(error)) {
      throw notFound('LINK_BROKEN', `${quoted(join3(walker.output, path, name))} is a symbolic link that leads nowhere.`, {
        hint: 'Remove it, mend it, or leave it out with a line in .dvcignore.',
      });
    }
    throw fileFailed({ code: codeOf(error) ?? 'UNKNOWN', path: join3(walker.output, path, name), message: String(error) });
  }
}

/** A listed name that is not there was removed meanwhile, or has bytes that are no UTF-8, which Node replaces. */
function requireReadable(walker: Walker, path: string, name: string): void {
  if (!name.includes('\ufffd')) return;
  throw invalid('NAME_NOT_UTF8', `${quoted(join3(walker.output, path, name))} has a name that is no UTF-8: no manifest can hold it.`, {
    hint: 'Rename it.',
  });
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

function join3(output: string, path: string, name: string): string {
  return [output, path, name].filter((part) => part !== '').join('/');
}
