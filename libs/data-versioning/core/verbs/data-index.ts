// Outputs and the files in them, of the workspace, of what its stages record or of a commit, side by side with each other: `data status` and `diff` are two views of one
// comparison. Folders that a manifest only implies are not in it, as DVC does not show them.

import { printObjectId } from '../formats/object-id.ts';
import { isInside } from '../formats/paths.ts';
import { buildOutput, objectPlace } from '../objects/build.ts';
import type { Cache } from '../objects/cache.ts';
import { readTree } from '../objects/cache.ts';
import { compareTrees } from '../objects/compare.ts';
import { codeOf } from '../objects/failures.ts';
import { missingObjects } from '../objects/presence.ts';
import { MD5_BYTES } from '../objects/tasks.ts';
import { DomainError } from '@throughline/kernel';
import { lstatSync } from 'node:fs';
import { collectStages } from '../repository/stages.ts';
import type { Repository } from '../repository/repository.ts';
import type { HashName, ObjectId, Stage, Tree } from '../types.ts';

/** An output: what it is, and its files where it is a folder. */
export interface IndexedOutput {
  readonly path: string;
  /** Null for one that was never recorded. */
  readonly id: ObjectId | null;
  readonly isFolder: boolean;
  /** A folder's files; null where its manifest is not in the cache, or is damaged. */
  files(): Promise<Tree | null>;
}

export type DataIndex = ReadonlyMap<string, IndexedOutput>;

/** What stages record. Outputs that the cache does not keep are Git's, and not in it. */
export function recordedIndex(cache: Cache, stages: readonly Stage[]): DataIndex {
  const index = new Map<string, IndexedOutput>();
  for (const output of stages.flatMap((stage) => stage.outputs)) {
    if (!output.isCached) continue;
    const { path, id } = output;
    const isFolder = output.files !== null || id?.isTree === true;
    index.set(path, { path, id, isFolder, files: once(async () => output.files ?? (id === null ? null : await treeOrNull(cache, id))) });
  }
  return index;
}

/** What lies in the workspace where the stages say that something does. */
export async function workspaceIndex(repository: Repository, cache: Cache, recorded: DataIndex): Promise<DataIndex> {
  const index = new Map<string, IndexedOutput>();
  for (const { path, id } of recorded.values()) {
    if (!isThere(repository, path)) continue;
    const built = await buildOutput(repository, cache, path, { store: false, hash: id?.hash ?? 'md5' });
    const isFolder = built.kind === 'folder';
    index.set(path, { path, id: built.id, isFolder, files: once(async () => (built.kind === 'folder' ? built.tree() : null)) });
  }
  return index;
}

/** What a commit records; files of it that cannot be read are left out and said. */
export async function revisionIndex(repository: Repository, cache: Cache, revision: string): Promise<DataIndex> {
  const { stages, unreadable } = await collectStages(repository, { revision });
  for (const { file, error } of unreadable) repository.surroundings.reporter.warn(`${file} of ${revision} is left out: ${error.message}`);
  return recordedIndex(cache, stages);
}

function isThere(repository: Repository, path: string): boolean {
  try {
    return lstatSync(repository.toFile(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

async function treeOrNull(cache: Cache, id: ObjectId): Promise<Tree | null> {
  try {
    return id.isTree ? await readTree(cache, id) : null;
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'OBJECT_MISSING' || error.kind === 'corrupt')) return null;
    throw error;
  }
}

/** One side of a difference. */
export interface Side {
  readonly path: string;
  readonly isFolder: boolean;
  readonly id: ObjectId | null;
}

/** `unknown`: a file of a folder whose other side cannot be read. */
export type ChangeKind = 'added' | 'deleted' | 'modified' | 'renamed' | 'unchanged' | 'unknown';

export interface Change {
  readonly kind: ChangeKind;
  readonly old: Side | null;
  readonly new: Side | null;
}

export interface CompareOptions {
  /** Files of folders, not the folders alone. */
  readonly isGranular: boolean;
  readonly withRenames: boolean;
}

/** All outputs of both sides, and their files where that is asked for, the unchanged ones too. */
export async function compareIndexes(old: DataIndex, now: DataIndex, options: CompareOptions): Promise<Change[]> {
  const changes: Change[] = [];
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const before = old.get(path) ?? null;
    const after = now.get(path) ?? null;
    changes.push({ kind: kindOf(before, after), old: before === null ? null : sideOf(before), new: after === null ? null : sideOf(after) });
    if (options.isGranular) changes.push(...(await compareFiles(before, after)));
  }
  return options.withRenames ? withRenames(changes) : changes;
}

function sideOf({ path, isFolder, id }: IndexedOutput): Side {
  return { path, isFolder, id };
}

function kindOf(old: IndexedOutput | null, now: IndexedOutput | null): ChangeKind {
  if (!old?.id) return now?.id ? 'added' : 'unchanged';
  if (!now?.id) return 'deleted';
  return isSame(old.id, now.id) ? 'unchanged' : 'modified';
}

function isSame(a: ObjectId, b: ObjectId): boolean {
  return a.md5 === b.md5 && a.isTree === b.isTree && a.hash === b.hash;
}

async function compareFiles(old: IndexedOutput | null, now: IndexedOutput | null): Promise<Change[]> {
  const before = old?.isFolder === true ? await old.files() : [];
  const after = now?.isFolder === true ? await now.files() : [];
  const oldHash = old?.id?.hash ?? 'md5';
  const newHash = now?.id?.hash ?? 'md5';
  const base = old?.path ?? now?.path ?? '';
  const side = (entry: { readonly path: string; readonly md5: string }, hash: HashName): Side => ({
    path: `${base}/${entry.path}`,
    isFolder: false,
    id: { hash, md5: entry.md5, isTree: false },
  });
  if (before === null || after === null) {
    const known = before ?? after ?? [];
    return known.map((entry) => ({
      kind: 'unknown',
      old: before === null ? null : side(entry, oldHash),
      new: after === null ? null : side(entry, newHash),
    }));
  }
  const { added, deleted, modified, unchanged } = compareTrees(before, after);
  const isOtherHash = oldHash !== newHash;
  return [
    ...added.map((entry): Change => ({ kind: 'added', old: null, new: side(entry, newHash) })),
    ...deleted.map((entry): Change => ({ kind: 'deleted', old: side(entry, oldHash), new: null })),
    ...modified.map((pair): Change => ({ kind: 'modified', old: side(pair.old, oldHash), new: side(pair.new, newHash) })),
    ...unchanged.map((entry): Change => ({
      kind: isOtherHash ? 'modified' : 'unchanged',
      old: side(entry, oldHash),
      new: side(entry, newHash),
    })),
  ];
}

/** What went in one place and came with the same content in another was renamed; the first paths of both belong together. */
function withRenames(changes: readonly Change[]): Change[] {
  const byPath = (a: Change, b: Change) => ((a.old ?? a.new)?.path ?? '').localeCompare((b.old ?? b.new)?.path ?? '', 'en');
  const deleted = new Map<string, Change[]>();
  for (const change of changes.filter(({ kind }) => kind === 'deleted').sort(byPath)) {
    const key = keyOf(change.old);
    const list = deleted.get(key);
    if (list === undefined) deleted.set(key, [change]);
    else list.push(change);
  }
  const result = changes.filter(({ kind }) => kind !== 'added' && kind !== 'deleted');
  for (const change of changes.filter(({ kind }) => kind === 'added').sort(byPath)) {
    const from = deleted.get(keyOf(change.new))?.shift();
    result.push(from === undefined ? change : { kind: 'renamed', old: from.old, new: change.new });
  }
  return [...result, ...[...deleted.values()].flat()];
}

function keyOf(side: Side | null): string {
  return side?.id == null ? '' : `${side.id.hash} ${printObjectId(side.id)}`;
}

/** Which of these the cache does not have. */
export function missingSides(cache: Cache, sides: readonly Side[]): Set<Side> {
  const missing = new Set<Side>();
  for (const hash of ['md5', 'md5-dos2unix'] as const) {
    const files = sides.filter(({ id }) => id !== null && id.hash === hash && !id.isTree);
    const digests = Buffer.alloc(files.length * MD5_BYTES);
    for (const [index, { id }] of files.entries()) digests.write(id?.md5 ?? '', index * MD5_BYTES, 'hex');
    for (const index of missingObjects(objectPlace(cache, hash).folder, digests)) {
      const side = files[index];
      if (side !== undefined) missing.add(side);
    }
  }
  for (const side of sides) {
    if (side.id?.isTree === true && lstatSync(cache.fileOf(side.id), { throwIfNoEntry: false }) === undefined) missing.add(side);
  }
  return missing;
}

/** As DVC shows it: a folder with "/" behind it. */
export function printSide(side: Side): string {
  return side.isFolder ? `${side.path}/` : side.path;
}

/** Whether a path is one of those that were asked for, or inside of one; none asks for all. */
export function isAsked(path: string, targets: readonly string[]): boolean {
  return targets.length === 0 || targets.some((target) => isInside(path, target));
}
