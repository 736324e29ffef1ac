// In which commits tracked data has changed. Git tells which commits touched a .dvc file, a dvc.yaml or its lock; what each of them changed is found by comparing what its
// stages record with what those of its first parent do, so that a .dvc file that only got a comment is passed over. Of a file inside of a tracked folder the folders'
// manifests tell; where the cache lacks one, that the folder has changed is all there is to know.

import { invalid } from '@throughline/kernel';
import { printObjectId } from '../formats/object-id.ts';
import { isInside } from '../formats/paths.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { git } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import type { ObjectId, Output } from '../types.ts';

export interface LogOptions {
  /** Outputs, `.dvc` files, and files inside of tracked folders, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  /** Back from this commit; HEAD unless given. */
  readonly revision?: string;
  /** So many commits at most; 50 unless given. */
  readonly limit?: number;
}

export interface LogChange {
  /** Of the output, or of the target inside of it. */
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
  /** What it was and what it is: hashes with `.dir` behind a folder's; null where there was or is none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly sizeBytes: number | null;
  readonly fileCount: number | null;
}

export interface LogEntry {
  readonly commit: string;
  readonly author: string;
  /** ISO 8601, with the author's own zone. */
  readonly at: string;
  readonly subject: string;
  readonly changes: readonly LogChange[];
}

const DEFAULT_LIMIT = 50;
const STAGE_FILES = [':(glob)**/*.dvc', ':(glob)**/dvc.yaml', ':(glob)**/dvc.lock'];
const FIELDS = ['%H', '%P', '%an', '%aI', '%s'];

/** The newest first. @throws DomainError `NO_GIT` in a repository without Git; `REVISION_UNKNOWN`. */
export async function log(repository: Repository, options: LogOptions = {}): Promise<LogEntry[]> {
  if (repository.git === null) {
    throw invalid('NO_GIT', 'This repository is used without Git, which alone remembers what was before.', {
      hint: 'git init, and commit the .dvc files.',
    });
  }
  const { signal } = repository.surroundings;
  const targets = (options.targets ?? []).map((target) => repository.toRepositoryPath(target));
  const start = await repository.git.revParse(options.revision ?? 'HEAD');
  const cache = openCache(repository);
  const states = new Map<string, Promise<Map<string, State>>>();
  const stateAt = (commit: string) => {
    const known = states.get(commit) ?? readState(repository, cache, commit, targets);
    states.set(commit, known);
    return known;
  };
  const entries: LogEntry[] = [];
  for (const { commit, parent, author, at, subject } of await touchingCommits(repository.root, start)) {
    signal.throwIfAborted();
    const before = parent === null ? new Map<string, State>() : await stateAt(parent);
    const after = await stateAt(commit);
    const changes = changesBetween(before, after);
    // Git's history is walked backwards: nobody asks for this commit again, but as a parent of one that was passed already.
    states.delete(commit);
    if (changes.length > 0) entries.push({ commit, author, at, subject, changes });
    if (entries.length >= (options.limit ?? DEFAULT_LIMIT)) break;
  }
  return entries;
}

interface Commit {
  readonly commit: string;
  readonly parent: string | null;
  readonly author: string;
  readonly at: string;
  readonly subject: string;
}

async function touchingCommits(root: string, start: string): Promise<Commit[]> {
  const said = await git(root, ['log', `--format=tformat:${FIELDS.join('%x00')}`, '--no-color', start, '--', ...STAGE_FILES]);
  return said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [commit = '', parents = '', author = '', at = '', subject = ''] = line.split('\0');
      return { commit, parent: parents.split(' ', 1)[0] || null, author, at, subject };
    });
}

/** What is recorded of a path. */
interface State {
  readonly hash: string;
  readonly sizeBytes: number | null;
  readonly fileCount: number | null;
}

/** By path: outputs, or the targets inside of them. */
async function readState(repository: Repository, cache: Cache, revision: string, targets: readonly string[]): Promise<Map<string, State>> {
  const { stages } = await collectStages(repository, { revision });
  const found = new Map<string, State>();
  for (const { file, outputs } of stages) {
    for (const output of outputs) {
      if (output.id === null) continue;
      const isAll = targets.length === 0 || targets.some((target) => target === file || isInside(output.path, target));
      if (isAll) found.set(output.path, stateOf(output.id, output));
      for (const target of targets) {
        if (target === output.path || !isInside(target, output.path)) continue;
        const inside = await stateInside(cache, output.id, target.slice(output.path.length + 1));
        if (inside !== null) found.set(target, inside);
      }
    }
  }
  return found;
}

function stateOf(id: ObjectId, { sizeBytes, fileCount }: Pick<Output, 'sizeBytes' | 'fileCount'>): State {
  return { hash: printObjectId(id), sizeBytes: sizeBytes ?? null, fileCount: fileCount ?? null };
}

/** A file or folder inside of a tracked folder; null where it is not there. */
async function stateInside(cache: Cache, id: ObjectId, path: string): Promise<State | null> {
  if (!id.isTree) return null;
  if (!(await cache.has(id))) return { hash: `in ${printObjectId(id)}`, sizeBytes: null, fileCount: null };
  const files = (await readTree(cache, id)).filter((entry) => isInside(entry.path, path));
  const [only] = files;
  if (only === undefined) return null;
  if (only.path === path) return { hash: only.md5, sizeBytes: only.sizeBytes ?? null, fileCount: null };
  return { hash: files.map(({ path: name, md5 }) => `${md5} ${name}`).join('\n'), sizeBytes: null, fileCount: files.length };
}

function changesBetween(before: ReadonlyMap<string, State>, after: ReadonlyMap<string, State>): LogChange[] {
  const changes: LogChange[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const was = before.get(path);
    const is = after.get(path);
    if (was?.hash === is?.hash) continue;
    changes.push({
      path,
      change: was === undefined ? 'added' : is === undefined ? 'deleted' : 'modified',
      before: shownHash(was),
      after: shownHash(is),
      sizeBytes: is?.sizeBytes ?? null,
      fileCount: is?.fileCount ?? null,
    });
  }
  return changes;
}

/** A part of a folder has no hash of its own. */
function shownHash(state: State | undefined): string | null {
  return state === undefined || /\s/.test(state.hash) ? null : state.hash;
}
