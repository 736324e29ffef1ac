// What changed between the last commit, what the `.dvc` files say, and the workspace.

import { openCache } from '../objects/cache.ts';
import { knownFiles } from '../objects/known.ts';
import { runGit } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import { compareIndexes, isAsked, missingSides, printSide, recordedIndex, revisionIndex, workspaceIndex } from './data-index.ts';
import type { Change, DataIndex, Side } from './data-index.ts';
import { shownPath } from './recording.ts';

export interface DataStatusOptions {
  /** As the user typed them. None: everything. */
  readonly targets?: readonly string[];
  /** Files of folders, not the folders alone. */
  readonly granular?: boolean;
  readonly untrackedFiles?: boolean;
  readonly unchanged?: boolean;
  /** Asks the remote, too. */
  readonly notInRemote?: boolean;
  readonly remote?: string;
  readonly jobs?: number;
}

/** Paths from the repository's root; folders end with "/". */
export interface DataChanges {
  modified?: string[];
  added?: string[];
  deleted?: string[];
  renamed?: { old: string; new: string }[];
  /** Files of a folder whose manifest is missing: nobody knows whether they changed. */
  unknown?: string[];
}

/** The same keys as `dvc data status --json`; what is empty is left away. */
export interface DataStatusResult {
  not_in_cache?: string[];
  not_in_remote?: string[];
  committed?: DataChanges;
  uncommitted?: DataChanges;
  untracked?: string[];
  unchanged?: string[];
}

/** @throws DomainError what is wrong with a `.dvc` file. */
export async function dataStatus(repository: Repository, options: DataStatusOptions = {}): Promise<DataStatusResult> {
  const cache = openCache(repository);
  const targets = (options.targets ?? []).map((target) => repository.toRepositoryPath(target));
  const { stages, unreadable } = await collectStages(repository);
  const [broken] = unreadable;
  if (broken !== undefined) throw broken.error;
  const isGranular = options.granular === true;
  const recorded = recordedIndex(cache, stages);
  const compare = async (old: DataIndex, now: DataIndex) => {
    const changes = await compareIndexes(old, now, { isGranular, withRenames: true });
    return changes.filter((change) =>
      isAsked((change.kind === 'renamed' ? change.new?.path : (change.old ?? change.new)?.path) ?? '', targets),
    );
  };
  const uncommitted = await compare(recorded, await workspaceIndex(repository, cache, recorded));
  const head = repository.git === null ? null : await repository.git.currentCommit();
  const committed =
    repository.git === null ? null : await compare(head === null ? new Map() : await revisionIndex(repository, cache, head), recorded);
  const sides = uncommitted.flatMap(({ kind, old, new: now }) =>
    old === null || old.id === null || (kind === 'unknown' && now === null) ? [] : [old],
  );
  knownFiles(repository).save();
  return await present({ repository, options, targets, uncommitted, committed, notInCache: [...missingSides(cache, sides)] });
}

interface Found {
  readonly repository: Repository;
  readonly options: DataStatusOptions;
  readonly targets: readonly string[];
  readonly uncommitted: readonly Change[];
  /** Null without Git. */
  readonly committed: readonly Change[] | null;
  readonly notInCache: readonly Side[];
}

async function present({ repository, options, targets, uncommitted, committed, notInCache }: Found): Promise<DataStatusResult> {
  const result: DataStatusResult = {
    not_in_cache: notInCache.map(printSide).sort(),
    committed: group(committed ?? []),
    uncommitted: group(uncommitted),
  };
  if (options.notInRemote === true) {
    const { notInRemote } = await import('../remotes/cloud-status.ts');
    result.not_in_remote = await notInRemote(repository, {
      ...(options.targets === undefined ? {} : { targets: options.targets }),
      ...(options.remote === undefined ? {} : { remote: options.remote }),
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      isGranular: options.granular === true,
    });
  }
  if (options.untrackedFiles === true) result.untracked = await untracked(repository, targets);
  if (options.unchanged === true) result.unchanged = unchangedIn(uncommitted, committed);
  for (const key of Object.keys(result) as (keyof DataStatusResult)[]) {
    const value = result[key];
    if (value === undefined || (Array.isArray(value) ? value.length : Object.keys(value).length) === 0) Reflect.deleteProperty(result, key);
  }
  return result;
}

function group(changes: readonly Change[]): DataChanges {
  const groups: DataChanges = {};
  for (const { kind, old, new: now } of changes) {
    const side = now ?? old;
    if (side === null || kind === 'unchanged' || (kind === 'unknown' && now === null)) continue;
    if (kind === 'renamed') {
      if (old !== null && now !== null) (groups.renamed ??= []).push({ old: printSide(old), new: printSide(now) });
    } else (groups[kind] ??= []).push(printSide(side));
  }
  for (const key of ['modified', 'added', 'deleted', 'unknown'] as const) groups[key]?.sort();
  return groups;
}

function unchangedIn(uncommitted: readonly Change[], committed: readonly Change[] | null): string[] {
  const paths = (changes: readonly Change[]) =>
    changes.flatMap(({ kind, old, new: now }) =>
      kind === 'unchanged' && now !== null && (old?.id ?? now.id) !== null ? [printSide(now)] : [],
    );
  const found = paths(uncommitted);
  if (committed === null) return found.sort();
  const both = new Set(paths(committed));
  return found.filter((path) => both.has(path)).sort();
}

/** What neither Git nor this knows, seen from where the user stands. */
async function untracked(repository: Repository, targets: readonly string[]): Promise<string[]> {
  const { stdout } = await runGit(repository.root, ['ls-files', '--others', '--exclude-standard', '-z']);
  const paths = stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && isAsked(path, targets));
  return paths.map((path) => shownPath(repository, path)).sort();
}
