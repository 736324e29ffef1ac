// What changed in the data between two commits, or between a commit and the workspace.

import { notFound } from '@throughline/kernel';
import { printObjectId } from '../formats/object-id.ts';
import { isInside, nameOf } from '../formats/paths.ts';
import { openCache } from '../objects/cache.ts';
import { knownFiles } from '../objects/known.ts';
import type { Repository } from '../repository/repository.ts';
import { isStageFile } from '../repository/stage-files.ts';
import { collectStages } from '../repository/stages.ts';
import { compareIndexes, isAsked, missingSides, printSide, recordedIndex, revisionIndex, workspaceIndex } from './data-index.ts';
import type { Change, DataIndex, Side } from './data-index.ts';

export interface DiffOptions {
  /** `HEAD` unless said. */
  readonly from?: string;
  /** The workspace unless said. */
  readonly to?: string;
  /** Outputs and what lies in them, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  readonly showHash?: boolean;
  /** Leaves what the cache lacks away; between two commits that is never looked for. */
  readonly hideMissing?: boolean;
}

export interface DiffEntry {
  readonly path: string;
  readonly hash?: string | null;
}

/** The same keys as `dvc diff --json`, with paths from the repository's root; an empty object where nothing differs. */
export interface DiffResult {
  added?: DiffEntry[];
  deleted?: DiffEntry[];
  modified?: { readonly path: string; readonly hash?: { readonly old: string | null; readonly new: string | null } }[];
  renamed?: { readonly path: { readonly old: string; readonly new: string }; readonly hash?: string | null }[];
  'not in cache'?: DiffEntry[];
}

/** @throws DomainError `REVISION_UNKNOWN`, `NO_GIT`, `TARGET_UNKNOWN`. */
export async function diff(repository: Repository, options: DiffOptions = {}): Promise<DiffResult> {
  const { git } = repository;
  if (git !== null && options.from === undefined && (await git.currentCommit()) === null) return {};
  const cache = openCache(repository);
  const targets = await pathsOf(repository, options);
  const old = await revisionIndex(repository, cache, options.from ?? 'HEAD');
  const isWorkspace = options.to === undefined;
  const now = options.to === undefined ? await indexOfWorkspace(repository) : await revisionIndex(repository, cache, options.to);
  await requireTargets(targets, old, now);
  const all = await compareIndexes(old, now, { isGranular: true, withRenames: true });
  const changes = all.filter(({ old: before, new: after }) => [before, after].some((side) => side !== null && isAsked(side.path, targets)));
  const sides =
    isWorkspace && options.hideMissing !== true ? changes.flatMap(({ old: before }) => (before?.id == null ? [] : [before])) : [];
  const missing = missingSides(cache, sides);
  knownFiles(repository).save();
  return present(changes, missing, { isWorkspace: isWorkspace && options.hideMissing !== true, showHash: options.showHash === true });
}

/** What the targets mean: a `.dvc` file stands for its outputs, on either side. */
async function pathsOf(repository: Repository, { targets = [], from = 'HEAD', to }: DiffOptions): Promise<string[]> {
  const typed = targets.map((target) => repository.toRepositoryPath(target));
  if (!typed.some((target) => isStageFile(nameOf(target)))) return typed;
  const outputs = new Map<string, string[]>();
  for (const side of [{ revision: from }, to === undefined ? {} : { revision: to }]) {
    for (const stage of (await collectStages(repository, side)).stages)
      outputs.set(stage.file, [...(outputs.get(stage.file) ?? []), ...stage.outputs.map(({ path }) => path)]);
  }
  return typed.flatMap((target) => outputs.get(target) ?? [target]);
}

async function indexOfWorkspace(repository: Repository): Promise<DataIndex> {
  const { stages, unreadable } = await collectStages(repository);
  const [broken] = unreadable;
  if (broken !== undefined) throw broken.error;
  const cache = openCache(repository);
  return await workspaceIndex(repository, cache, recordedIndex(cache, stages));
}

async function requireTargets(targets: readonly string[], ...indexes: readonly DataIndex[]): Promise<void> {
  for (const target of targets) {
    let isKnown = false;
    for (const output of indexes.flatMap((index) => [...index.values()])) {
      if (isInside(output.path, target)) isKnown = true;
      else if (isInside(target, output.path))
        isKnown ||= ((await output.files()) ?? []).some((entry) => isInside(`${output.path}/${entry.path}`, target));
    }
    if (!isKnown) throw notFound('TARGET_UNKNOWN', `${JSON.stringify(target)} is tracked on neither side.`);
  }
}

function present(changes: readonly Change[], missing: ReadonlySet<Side>, options: { isWorkspace: boolean; showHash: boolean }): DiffResult {
  const added: DiffEntry[] = [];
  const deleted: DiffEntry[] = [];
  const modified: NonNullable<DiffResult['modified']> = [];
  const renamed: NonNullable<DiffResult['renamed']> = [];
  const hashed = <T extends object>(hash: T) => (options.showHash ? hash : {});
  for (const { kind, old, new: now } of changes) {
    if (kind === 'added' && now !== null) added.push({ path: printSide(now), ...hashed({ hash: hashOf(now) }) });
    if (kind === 'deleted' && old !== null) deleted.push({ path: printSide(old), ...hashed({ hash: hashOf(old) }) });
    if (old === null || now === null) continue;
    if (kind === 'modified') modified.push({ path: printSide(old), ...hashed({ hash: { old: hashOf(old), new: hashOf(now) } }) });
    if (kind === 'renamed') renamed.push({ path: { old: printSide(old), new: printSide(now) }, ...hashed({ hash: hashOf(old) }) });
  }
  const lost = [...missing].map((side): DiffEntry => ({ path: printSide(side), ...hashed({ hash: hashOf(side) }) }));
  if (added.length + deleted.length + modified.length + renamed.length + lost.length === 0) return {};
  const byPath = (a: DiffEntry, b: DiffEntry) => compare(a.path, b.path);
  return {
    added: added.sort(byPath),
    deleted: deleted.sort(byPath),
    modified: modified.sort((a, b) => compare(a.path, b.path)),
    renamed: renamed.sort((a, b) => compare(a.path.old, b.path.old)),
    ...(options.isWorkspace ? { 'not in cache': lost.sort(byPath) } : {}),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hashOf({ id }: Side): string | null {
  return id === null ? null : printObjectId(id);
}
