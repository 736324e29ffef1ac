// What a repository holds at a state, tracked by Git and by DVC alike, as one tree of files: `list` shows it, `get` and `import` take from it.

import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { notFound } from '@throughline/kernel';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { comparePaths, flawOfPath, folderOf, isInside, nameOf } from '../formats/paths.ts';
import { openCache, readTree } from '../objects/cache.ts';
import { git } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import type { ObjectId, Output, TreeEntry } from '../types.ts';
import { download } from './download.ts';
import type { External } from './external.ts';
import type { WantedOutput } from './wanted.ts';

/** What a file's bytes come from. */
export type ViewSource =
  | { readonly kind: 'object'; readonly id: ObjectId; readonly output: Output }
  | { readonly kind: 'blob'; readonly blob: string }
  | { readonly kind: 'file'; readonly file: string };

export interface ViewEntry {
  /** From the repository's root. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Whether DVC tracks it, by itself or within a folder. */
  readonly isOutput: boolean;
  readonly isExecutable: boolean;
  readonly sizeBytes: number | null;
  /** With ".dir" for a folder; null for what DVC does not track. */
  readonly md5: string | null;
  /** Null for a folder that is no output. */
  readonly source: ViewSource | null;
}

export interface View {
  readonly repository: Repository;
  /** @throws DomainError `PATH_NOT_FOUND`. */
  entry(path: string): Promise<ViewEntry>;
  /** What lies in a folder, in the order of names. */
  children(path: string): Promise<ViewEntry[]>;
  /** The output that a path is, or lies in. */
  outputOf(path: string): Output | null;
}

/** @throws DomainError what is wrong with a file that tells what is tracked. */
export async function viewOf(external: External, scratch: Repository): Promise<View> {
  const { repository, revision } = external;
  const { stages, unreadable } = await collectStages(repository, revision === null ? {} : { revision });
  for (const { file, error } of unreadable) repository.surroundings.reporter.warn(`${file} is left out: ${error.message}`);
  const outputs = stages.flatMap((stage) => stage.outputs).filter((output) => output.isCached);
  const files = revision === null ? null : await filesOfRevision(repository, revision);
  const trees = createTrees(external, scratch);
  return createView({ repository, outputs, files: files === null ? null : new PathIndex(files), trees });
}

interface GitEntry {
  readonly path: string;
  readonly blob: string;
  readonly isExecutable: boolean;
  readonly sizeBytes: number;
}

/** Git's files below the repository's root, with their sizes. Symbolic links and submodules are left out: what they lead to is elsewhere. */
async function filesOfRevision(repository: Repository, commit: string): Promise<GitEntry[]> {
  const { gitRoot } = repository;
  if (gitRoot === null) return [];
  const base = repository.toGitPath('');
  const output = await git(gitRoot, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit, ...(base === '' ? [] : ['--', `${base}/`])]);
  return output.split('\0').flatMap((line) => {
    const match = /^(100\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line);
    const path = match?.[4];
    if (match === null || path === undefined) return [];
    const own = base === '' ? path : path.slice(base.length + 1);
    // DVC's own folder, and what could not be written anywhere.
    if (flawOfPath(own) !== null) return [];
    return [{ path: own, blob: match[2] ?? '', isExecutable: match[1] === '100755', sizeBytes: Number(match[3]) }];
  });
}

interface Trees {
  of(output: Output): Promise<PathIndex<TreeEntry>>;
}

/** Manifests, fetched from where the repository's objects are, when they are first looked into. */
function createTrees(external: External, scratch: Repository): Trees {
  const cache = openCache(scratch);
  const known = new Map<string, Promise<PathIndex<TreeEntry>>>();
  const load = async (output: Output, id: ObjectId): Promise<PathIndex<TreeEntry>> => {
    const wanted: WantedOutput = { id, path: output.path, sizeBytes: null, parts: [] };
    await fetchFrom(external, [{ wanted, remote: output.remote }], scratch);
    return new PathIndex(await readTree(cache, id));
  };
  return {
    async of(output) {
      const { id } = output;
      if (output.files !== null || id?.isTree !== true) return new PathIndex(output.files ?? []);
      const key = objectPath(id);
      const found = known.get(key) ?? load(output, id);
      known.set(key, found);
      return await found;
    },
  };
}

/** What lies right in each folder, for paths that are known as a whole: a list of a hundred thousand is looked through once, not once a folder. */
class PathIndex<T extends { readonly path: string }> {
  readonly #files = new Map<string, T>();
  readonly #names = new Map<string, Set<string>>();

  constructor(files: Iterable<T>) {
    for (const file of files) {
      this.#files.set(file.path, file);
      for (let path = file.path; ;) {
        const folder = folderOf(path);
        const names = this.#names.get(folder);
        if (names?.has(nameOf(path)) === true) break;
        if (names === undefined) this.#names.set(folder, new Set([nameOf(path)]));
        else names.add(nameOf(path));
        if (folder === '') break;
        path = folder;
      }
    }
  }

  file(path: string): T | undefined {
    return this.#files.get(path);
  }

  isFolder(path: string): boolean {
    return this.#names.has(path);
  }

  names(folder: string): Iterable<string> {
    return this.#names.get(folder) ?? [];
  }
}

interface Parts {
  readonly repository: Repository;
  readonly outputs: readonly Output[];
  /** Null: the workspace itself is looked at. */
  readonly files: PathIndex<GitEntry> | null;
  readonly trees: Trees;
}

function createView({ repository, outputs, files, trees }: Parts): View {
  const outputOf = (path: string) => outputs.find((output) => isInside(path, output.path)) ?? null;

  const plain = (path: string): ViewEntry | null => {
    if (path === '') return folderEntry('');
    if (files === null) return workspaceEntry(repository, path);
    const file = files.file(path);
    if (file !== undefined) return gitEntry(file);
    return files.isFolder(path) ? folderEntry(path) : null;
  };

  const tracked = async (path: string): Promise<ViewEntry | null> => {
    const output = outputOf(path);
    if (output === null) return outputs.some((one) => isInside(one.path, path)) ? folderEntry(path) : null;
    if (output.path === path) return outputEntry(output);
    const inside = path.slice(output.path.length + 1);
    const tree = await trees.of(output);
    const file = tree.file(inside);
    if (file !== undefined) return treeEntry(output, file);
    return tree.isFolder(inside) ? { ...folderEntry(path), isOutput: true } : null;
  };

  return {
    repository,
    outputOf,
    async entry(path) {
      const found = merged(plain(path), await tracked(path));
      if (found !== null) return found;
      throw notFound('PATH_NOT_FOUND', `There is no ${JSON.stringify(path)} in ${repository.root}.`, {
        hint: 'See what there is with throughline list.',
      });
    },
    async children(path) {
      const names = new Map<string, ViewEntry>();
      for (const name of plainNames(repository, files, path)) {
        const entry = plain(path === '' ? name : `${path}/${name}`);
        if (entry !== null) names.set(name, entry);
      }
      for (const child of await trackedChildren(path, outputs, outputOf, trees)) {
        const name = nameOf(child.path);
        names.set(name, merged(names.get(name) ?? null, child) ?? child);
      }
      return [...names.values()].sort((a, b) => comparePaths(a.path, b.path));
    },
  };
}

/** What DVC tracks comes first; of what lies in the workspace as well, its size and mode are shown. */
function merged(plain: ViewEntry | null, tracked: ViewEntry | null): ViewEntry | null {
  if (plain === null || tracked === null) return tracked ?? plain;
  if (!tracked.isOutput || plain.isFolder !== tracked.isFolder) return plain;
  return { ...tracked, sizeBytes: plain.sizeBytes, isExecutable: plain.isExecutable };
}

function folderEntry(path: string): ViewEntry {
  return { path, isFolder: true, isOutput: false, isExecutable: false, sizeBytes: null, md5: null, source: null };
}

function gitEntry({ path, blob, isExecutable, sizeBytes }: GitEntry): ViewEntry {
  return { path, isFolder: false, isOutput: false, isExecutable, sizeBytes, md5: null, source: { kind: 'blob', blob } };
}

function workspaceEntry(repository: Repository, path: string): ViewEntry | null {
  const found = statSync(repository.toFile(path), { throwIfNoEntry: false });
  if (found === undefined || repository.ignore.isIgnored(path, found.isDirectory())) return null;
  return {
    path,
    isFolder: found.isDirectory(),
    isOutput: false,
    isExecutable: found.isFile() && (found.mode & 0o100) !== 0,
    sizeBytes: found.size,
    md5: null,
    source: found.isFile() ? { kind: 'file', file: repository.toFile(path) } : null,
  };
}

function outputEntry(output: Output): ViewEntry {
  const { id, path } = output;
  return {
    path,
    isFolder: id?.isTree === true || output.files !== null,
    isOutput: true,
    isExecutable: output.isExecutable === true,
    sizeBytes: output.sizeBytes ?? null,
    md5: id === null ? null : printObjectId(id),
    source: id === null ? null : { kind: 'object', id, output },
  };
}

function treeEntry(output: Output, { path, md5, sizeBytes }: TreeEntry): ViewEntry {
  const id: ObjectId = { hash: output.id?.hash ?? 'md5', md5, isTree: false };
  return {
    path: `${output.path}/${path}`,
    isFolder: false,
    isOutput: true,
    isExecutable: false,
    sizeBytes: sizeBytes ?? null,
    md5,
    source: { kind: 'object', id, output },
  };
}

/** Names in a folder that is no output's, on disk or in Git. */
function plainNames(repository: Repository, files: PathIndex<GitEntry> | null, path: string): Iterable<string> {
  if (files !== null) return files.names(path);
  const folder = repository.toFile(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  // A link that leads nowhere is no file to show.
  return readdirSync(folder).filter(
    (name) => !lstatSync(join(folder, name)).isSymbolicLink() || statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined,
  );
}

async function trackedChildren(
  path: string,
  outputs: readonly Output[],
  outputOf: (path: string) => Output | null,
  trees: Trees,
): Promise<ViewEntry[]> {
  const own = path === '' ? null : outputOf(path);
  if (own === null) {
    const index = new PathIndex(outputs.filter((output) => isInside(output.path, path)));
    return [...index.names(path)].map((name) => {
      const child = path === '' ? name : `${path}/${name}`;
      const output = index.file(child);
      return output === undefined ? folderEntry(child) : outputEntry(output);
    });
  }
  const tree = await trees.of(own);
  const inside = path.slice(own.path.length + 1);
  return [...tree.names(inside)].map((name) => {
    const file = tree.file(inside === '' ? name : `${inside}/${name}`);
    return file === undefined ? { ...folderEntry(`${path}/${name}`), isOutput: true } : treeEntry(own, file);
  });
}

export interface FetchWanted {
  readonly wanted: WantedOutput;
  /** The output's own remote, where it names one. */
  readonly remote: string | null;
}

/** Brings objects of another repository into a cache, from the nearest place that has them. @throws the last place's failure. */
export async function fetchFrom(
  external: External,
  wanted: readonly FetchWanted[],
  into: Repository,
  options: {
    readonly jobs?: number | null;
    readonly onSha256?: ((key: string, sha256: string) => void) | null;
    readonly onRemote?: ((external: External) => void) | null;
  } = {},
): Promise<void> {
  const { reporter, signal } = into.surroundings;
  const cache = openCache(into);
  const byRemote = new Map<string | null, WantedOutput[]>();
  for (const one of wanted) byRemote.set(one.remote, [...(byRemote.get(one.remote) ?? []), one.wanted]);
  for (const [name, outputs] of byRemote) {
    for (const [index, open] of external.sources.entries()) {
      const remote = await open(name);
      try {
        const { failures } = await download(outputs, {
          remote,
          cache,
          reporter,
          signal,
          jobs: options.jobs ?? null,
          onSha256: options.onSha256 ?? null,
        });
        const [first] = failures;
        if (first === undefined) break;
        if (index === external.sources.length - 1) throw failed(first, failures.length);
      } finally {
        remote.close();
      }
    }
  }
}

function failed(first: { readonly message: string; readonly hint: string | null }, count: number) {
  return notFound('EXTERNAL_DATA_MISSING', count === 1 ? first.message : `${first.message} The same holds for ${count - 1} more.`, {
    ...(first.hint === null ? {} : { hint: first.hint }),
  });
}
