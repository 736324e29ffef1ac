// Makes the workspace what its `.dvc` files and dvc.lock say, from the cache.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { DomainError } from '@throughline/kernel';
import { isSameObject } from '../formats/object-id.ts';
import { folderOf } from '../formats/paths.ts';
import { buildOutput, objectPlace } from '../objects/build.ts';
import { openCache } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { checkedOut, keepCheckedOut } from '../objects/checked-out.ts';
import { checkoutOutput } from '../objects/checkout.ts';
import type { CheckoutChange } from '../objects/checkout.ts';
import { fileFailed } from '../objects/failures.ts';
import { knownFiles } from '../objects/known.ts';
import { missingObjects } from '../objects/presence.ts';
import { recover } from '../objects/storing.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { SelectedOutput } from '../remotes/selection.ts';
import { collectStages } from '../repository/stages.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId } from '../types.ts';
import { shownPath } from './recording.ts';

export interface CheckoutVerbOptions {
  /** `.dvc` files, stages, outputs and what lies in them, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  readonly recursive?: boolean;
  readonly withDependencies?: boolean;
  /** Whether changes that nobody else has may be lost. */
  readonly force?: boolean;
  /** Makes links and copies anew where they are not of the kind that the settings want. */
  readonly relink?: boolean;
  /** What the cache does not have is no failure. */
  readonly allowMissing?: boolean;
  /** Says what would be done, and what would stop it, and does nothing. */
  readonly dry?: boolean;
}

export interface CheckoutFailure {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Paths as DVC shows them: outputs seen from where the user stands, folders with "/" behind them. */
export interface CheckoutResult {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly deleted: readonly string[];
  /** Files. */
  readonly stats: { readonly added: number; readonly modified: number; readonly deleted: number; readonly relinked: number };
  /** Outputs that are not whole now: the command failed where there is any. What could be done to the others was done. */
  readonly failed: readonly CheckoutFailure[];
  /** Of a dry run: the files that would be deleted, and those whose content would be replaced. */
  readonly planned?: { readonly deleted: readonly string[]; readonly replaced: readonly string[] };
}

/** @throws DomainError `TARGET_UNKNOWN`; what stops everything: a full disk, an interruption. */
export async function checkout(repository: Repository, options: CheckoutVerbOptions = {}): Promise<CheckoutResult> {
  return await repository.withLock('throughline checkout', () => checkoutLocked(repository, options));
}

/** What stops the whole command rather than one output. */
const ENDS_EVERYTHING: ReadonlySet<string> = new Set(['DISK_FULL', 'INTERRUPTED', 'INVARIANT_BROKEN']);

async function checkoutLocked(repository: Repository, options: CheckoutVerbOptions): Promise<CheckoutResult> {
  const cache = openCache(repository);
  const isDry = options.dry === true;
  if (!isDry) await recover(repository);
  const selection = await selectOutputsOf(repository, options);
  const isAll = (options.targets ?? []).length === 0;
  const changes: CheckoutChange[] = [];
  const failed: CheckoutFailure[] = [];
  const present = new Map<string, ObjectId>();
  const removed = isAll ? await removeUnnamed(repository, cache, isDry) : [];
  for (const { output, parts } of selection.outputs.filter(isKept)) {
    try {
      for (const part of parts ?? [null]) {
        const only = part === null ? null : `${output.path}/${part}`;
        const change = await checkoutOutput(repository, cache, output, {
          force: options.force === true,
          relink: options.relink === true,
          only,
          dry: isDry,
        });
        changes.push(change);
        const failure = failureOf(repository, change, options.allowMissing === true);
        if (failure !== null) failed.push(failure);
        else if (only === null && output.id !== null && change.missing.length === 0) present.set(output.path, output.id);
      }
    } catch (error) {
      if (!(error instanceof DomainError) || ENDS_EVERYTHING.has(error.code)) throw error;
      failed.push({ path: shownPath(repository, output.path), code: error.code, message: error.message, hint: error.hint ?? null });
    }
  }
  knownFiles(repository).save();
  const result = resultOf(repository, changes, removed, failed);
  if (isDry) return { ...result, planned: plannedOf(repository, changes) };
  keepCheckedOut(repository, new Map([...checkedOut(repository), ...present]));
  return result;
}

function plannedOf(repository: Repository, changes: readonly CheckoutChange[]): NonNullable<CheckoutResult['planned']> {
  const of = (kind: 'deleted' | 'replaced') =>
    changes.flatMap(({ planned }) => planned?.[kind] ?? []).map((path) => shownPath(repository, path));
  return { deleted: of('deleted'), replaced: of('replaced') };
}

function isKept({ output }: SelectedOutput): boolean {
  return output.isCached && (output.id !== null || output.files !== null);
}

function failureOf(repository: Repository, change: CheckoutChange, mayMiss: boolean): CheckoutFailure | null {
  const shown = shownPath(repository, change.path);
  const [failure] = change.failures;
  if (failure !== undefined) {
    const error = explain(failure);
    return { path: shown, code: error.code, message: error.message, hint: error.hint ?? null };
  }
  const [missing] = change.missing;
  if (missing === undefined || mayMiss) return null;
  const more = change.missing.length - 1;
  const what = missing === change.path ? shown : `${JSON.stringify(missing)}${more === 0 ? '' : ` and ${more} more files of ${shown}`}`;
  return { path: shown, code: 'OBJECT_MISSING', message: `The cache does not have ${what}.`, hint: 'Fetch it: throughline pull.' };
}

function explain(failure: { readonly code: string; readonly path: string; readonly message: string }): DomainError {
  if (failure.code === 'IN_THE_WAY') {
    return new DomainError({
      kind: 'conflict',
      code: 'IN_THE_WAY',
      message: `${JSON.stringify(failure.path)} is there already and is not tracked.`,
      hint: 'Move it away and repeat the command.',
    });
  }
  if (failure.code === 'NO_LINK') {
    return new DomainError({
      kind: 'conflict',
      code: 'NO_LINK',
      message: `${JSON.stringify(failure.path)} cannot be made by any of the kinds of links that cache.type allows here (${failure.message}).`,
      hint: 'Add copy to cache.type.',
    });
  }
  return fileFailed(failure);
}

/** Takes away what was added or checked out here and what no stage names any more: as it was left, and while the cache has all of it. */
async function removeUnnamed(repository: Repository, cache: Cache, isDry: boolean): Promise<string[]> {
  const entries = checkedOut(repository);
  if (entries.size === 0) return [];
  const { stages, unreadable } = await collectStages(repository);
  if (unreadable.length > 0) return [];
  const named = new Set(stages.flatMap((stage) => stage.outputs.map((output) => output.path)));
  const removed: string[] = [];
  for (const [target, id] of entries) {
    if (named.has(target)) continue;
    // An output that contains it, or that it contains, decides itself.
    if ([...named].some((output) => output.startsWith(`${target}/`) || target.startsWith(`${output}/`))) entries.delete(target);
    else if (await removeOutput(repository, cache, { target, id, isDry })) {
      removed.push(id.isTree ? `${target}/` : target);
      entries.delete(target);
    } else entries.delete(target);
  }
  if (!isDry) keepCheckedOut(repository, entries);
  return removed;
}

interface Unnamed {
  readonly target: string;
  readonly id: ObjectId;
  readonly isDry: boolean;
}

/** Whether it is gone, or would be. */
async function removeOutput(repository: Repository, cache: Cache, { target, id, isDry }: Unnamed): Promise<boolean> {
  const folders = new WorkspaceFolders(repository);
  try {
    folders.requireReal(folderOf(target));
    if (!existsSync(repository.toFile(target))) return false;
    const built = await buildOutput(repository, cache, target, { store: false, hash: id.hash });
    if (!isSameObject(built.id, id) || !(await cache.has(id))) return false;
    if (built.kind === 'file') {
      if (!isDry) folders.unlink(target);
      return true;
    }
    const place = objectPlace(cache, id.hash).folder;
    if (built.folders.some((folder) => missingObjects(place, folder.digests).length > 0)) return false;
    if (isDry) return true;
    for (const entry of built.tree()) folders.unlink(`${target}/${entry.path}`);
    folders.removeEmpty(
      built.folders.map((folder) => (folder.path === '' ? target : `${target}/${folder.path}`)),
      folderOf(target),
    );
    knownFiles(repository).forgetFolder(target, id.hash);
    return true;
  } catch (error) {
    // What cannot be read or reached is not as it was left: it stays.
    if (error instanceof DomainError && !ENDS_EVERYTHING.has(error.code)) return false;
    throw error;
  }
}

function resultOf(
  repository: Repository,
  changes: readonly CheckoutChange[],
  removed: readonly string[],
  failed: readonly CheckoutFailure[],
): CheckoutResult {
  const shown = (change: CheckoutChange) => `${shownPath(repository, change.path)}${change.isFolder ? path.posix.sep : ''}`;
  const of = (kind: CheckoutChange['change']) =>
    [...new Set(changes.filter((change) => change.change === kind).map(shown))].sort(foldersFirst);
  const sum = (key: 'added' | 'modified' | 'deleted' | 'relinked') => changes.reduce((total, change) => total + change[key], 0);
  return {
    added: of('added'),
    modified: of('modified'),
    deleted: [...of('deleted'), ...removed.map((target) => `${shownPath(repository, target)}${target.endsWith('/') ? '/' : ''}`)].sort(
      foldersFirst,
    ),
    stats: { added: sum('added'), modified: sum('modified'), deleted: sum('deleted') + removed.length, relinked: sum('relinked') },
    failed,
  };
}

function foldersFirst(a: string, b: string): number {
  return Number(b.endsWith('/')) - Number(a.endsWith('/')) || (a < b ? -1 : 1);
}
