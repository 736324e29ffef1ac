// What differs between the workspace and what its stages say. In a repository where nothing changed this looks at each file once and reads none, and loads nothing that it does not need.

import { lstatSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { CloudState, CloudStatusOptions } from '../remotes/cloud-status.ts';
import { buildOutput, objectPlace } from '../objects/build.ts';
import type { Built } from '../objects/build.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { codeOf } from '../objects/failures.ts';
import { knownFiles } from '../objects/known.ts';
import { missingObjects } from '../objects/presence.ts';
import { MD5_BYTES } from '../objects/tasks.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { Repository } from '../repository/repository.ts';
import type { Dependency, ObjectId, Output, Stage, Tree } from '../types.ts';
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '@throughline/kernel';
import { changedParams } from './params.ts';
import { shownPath } from './recording.ts';

export interface StatusOptions {
  /** `.dvc` files, stages, outputs and what lies in them, as the user typed them. None: everything. */
  readonly targets?: readonly string[];
  readonly recursive?: boolean;
  readonly withDependencies?: boolean;
  /** The repositories that imports came from are not asked whether they have moved on. */
  readonly noUpdates?: boolean;
}

/** Of one path: what is the matter with it; of a file of parameters: what is with each. */
export type PathStatus =
  'new' | 'modified' | 'deleted' | 'not in cache' | 'update available' | Readonly<Record<string, 'new' | 'modified' | 'deleted'>>;

/** One thing that is the matter with a stage, as `dvc status --json` has it. */
export type StageStatus =
  | { readonly 'changed deps': Readonly<Record<string, PathStatus>> }
  | { readonly 'changed outs': Readonly<Record<string, PathStatus>> }
  | 'always changed'
  | 'changed command'
  | 'changed checksum';

/** By stage: its `.dvc` file, or its name; stages with nothing to say are left away. */
export type StatusResult = Readonly<Record<string, readonly StageStatus[]>>;

/** @throws DomainError `TARGET_UNKNOWN`, `SOURCE_UNREACHABLE`; what is wrong with a stage's file, or with a file of an output. */
export async function status(repository: Repository, options: StatusOptions = {}): Promise<StatusResult> {
  const cache = openCache(repository);
  const selection = await selectOutputsOf(repository, options);
  const outputs = new Map<Stage, Output[]>();
  for (const { stage, output } of selection.outputs) {
    const list = outputs.get(stage);
    if (list === undefined) outputs.set(stage, [output]);
    else list.push(output);
  }
  const outdated = options.noUpdates === true ? null : await outdatedOf(repository, selection.stages);
  const result: Record<string, readonly StageStatus[]> = {};
  for (const stage of selection.stages) {
    const found = await stageStatus(repository, cache, stage, outputs.get(stage) ?? []);
    const source = outdated?.get(stage);
    if (source !== undefined) found.unshift({ 'changed deps': source });
    if (found.length > 0) result[addressOf(repository, stage)] = found;
  }
  knownFiles(repository).save();
  return result;
}

/** By stage: the source of an import, where it has something newer, or something else. */
async function outdatedOf(
  repository: Repository,
  stages: readonly Stage[],
): Promise<ReadonlyMap<Stage, Record<string, PathStatus>> | null> {
  const outdated = new Map<Stage, Record<string, PathStatus>>();
  const imports = stages.filter(({ dependencies }) => dependencies.some(({ repo }) => repo !== undefined));
  if (imports.length > 0) {
    const { outdatedImports } = await import('../remotes/source-commit.ts');
    for (const [stage, source] of await outdatedImports(repository, imports)) outdated.set(stage, { [source]: 'update available' });
  }
  const versioned = stages.filter(({ dependencies }) => dependencies.some(({ versions }) => versions !== undefined));
  if (versioned.length > 0) {
    const { movedVersions } = await import('../remotes/versioned-imports.ts');
    for (const [stage, { source, state }] of await movedVersions(repository, versioned)) outdated.set(stage, { [source]: state });
  }
  return outdated;
}

/** Cache and remote instead: what a push would send (`new`), a fetch would bring (`deleted`), and what is nowhere (`missing`). */
export async function statusOfRemote(repository: Repository, options: CloudStatusOptions = {}): Promise<Record<string, CloudState>> {
  const { cloudStatus } = await import('../remotes/cloud-status.ts');
  return await cloudStatus(repository, options);
}

/** As the user names a stage from where he stands. */
export function addressOf(repository: Repository, stage: Stage): string {
  const file = shownPath(repository, stage.file);
  if (stage.name === null) return file;
  return file === 'dvc.yaml' ? stage.name : `${file}:${stage.name}`;
}

/** What is the matter with a stage and with some of its outputs. */
export async function stageStatus(repository: Repository, cache: Cache, stage: Stage, outputs: readonly Output[]): Promise<StageStatus[]> {
  const found: StageStatus[] = [];
  if (!stage.isFrozen) {
    const changed = await changedDependencies(repository, cache, stage);
    if (Object.keys(changed).length > 0) found.push({ 'changed deps': changed });
  }
  const changedOutputs: Record<string, PathStatus> = {};
  for (const output of outputs) {
    const state = await outputStatus(repository, cache, output);
    if (state !== null) changedOutputs[shownPath(repository, output.path)] = state;
  }
  if (Object.keys(changedOutputs).length > 0) found.push({ 'changed outs': changedOutputs });
  const { command } = stage;
  const reads = stage.dependencies.length + (stage.params ?? []).length;
  const isCallback = command !== undefined && command.current !== null && reads === 0 && stage.outputs.length === 0;
  if (stage.isAlwaysChanged === true || isCallback) found.push('always changed');
  if (command !== undefined && command.locked !== null && !isDeepStrictEqual(command.current, command.locked))
    found.push('changed command');
  if (stage.isChecksumStale === true) found.push('changed checksum');
  return found;
}

/** What is the matter with an output; null where nothing is. */
export async function outputStatus(repository: Repository, cache: Cache, output: Output): Promise<PathStatus | null> {
  const { path, id } = output;
  const isThere = exists(repository, path);
  const known = id?.isTree === true && knownFiles(repository).isComplete(id, cache.fingerprint());
  const built = isThere ? await buildOutput(repository, cache, path, { store: false, hash: id?.hash ?? 'md5' }) : null;
  if (id !== null && output.isCached && !known && !(await isCached(repository, cache, output, id, built))) return 'not in cache';
  return await differenceOf(output, built);
}

/** How an output differs from what is recorded of it, whatever the cache has; null where it does not. */
export async function workspaceStatus(repository: Repository, cache: Cache, output: Output): Promise<'modified' | 'deleted' | null> {
  const { path, id } = output;
  return await differenceOf(
    output,
    exists(repository, path) ? await buildOutput(repository, cache, path, { store: false, hash: id?.hash ?? 'md5' }) : null,
  );
}

async function differenceOf(output: Output, built: Built | null): Promise<'modified' | 'deleted' | null> {
  const { id } = output;
  if (built === null) return 'deleted';
  // Of a stage that never ran as well: DVC has no other word for a file that is there.
  if (id === null) return output.files !== null && (await isSameFiles(output.files, built)) ? null : 'modified';
  return built.id.md5 === id.md5 && built.id.isTree === id.isTree ? null : 'modified';
}

async function isSameFiles(files: Tree, built: Built): Promise<boolean> {
  const tree = built.kind === 'folder' ? built.tree() : [];
  return tree.length === files.length && tree.every((entry, index) => entry.path === files[index]?.path && entry.md5 === files[index].md5);
}

async function isCached(repository: Repository, cache: Cache, output: Output, id: ObjectId, built: Built | null): Promise<boolean> {
  if (!(await cache.has(id))) return false;
  if (!id.isTree) return true;
  const before = cache.fingerprint();
  const isSame = built?.kind === 'folder' && built.id.md5 === id.md5;
  const parts = isSame ? built.folders.map((folder) => folder.digests) : [digestsOf(output.files ?? (await treeOrEmpty(cache, id)))];
  const isComplete = missingObjects(objectPlace(cache, id.hash).folder, concat(parts)).length === 0;
  if (isComplete && before !== null) knownFiles(repository).keepComplete(id, before);
  return isComplete;
}

/** A damaged manifest is as good as a missing one: what it named is unknown, and its folder is not in the cache. */
async function treeOrEmpty(cache: Cache, id: ObjectId): Promise<Tree> {
  try {
    return await readTree(cache, id);
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'corrupt') return [{ path: '', md5: '0'.repeat(32) }];
    throw error;
  }
}

function digestsOf(tree: Tree): Uint8Array {
  const digests = Buffer.alloc(tree.length * MD5_BYTES);
  for (const [index, entry] of tree.entries()) digests.write(entry.md5, index * MD5_BYTES, 'hex');
  return digests;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

async function changedDependencies(repository: Repository, cache: Cache, stage: Stage): Promise<Record<string, PathStatus>> {
  const changed: Record<string, PathStatus> = {};
  for (const dependency of stage.dependencies) {
    const path = placeOf(repository, dependency);
    if (path === null) continue;
    const state = await dependencyStatus(repository, cache, path, dependency);
    if (state !== null)
      changed[dependency.repositoryPath === undefined ? resolve(repository.root, path) : shownPath(repository, path)] = state;
  }
  for (const params of stage.params ?? []) {
    if (params.repositoryPath === null) continue;
    const state = await changedParams(repository, params);
    if (state !== null) changed[shownPath(repository, params.repositoryPath)] = state;
  }
  return changed;
}

/** Where a dependency lies on this machine, seen from the repository's root; null for what lies elsewhere. */
export function placeOf(repository: Repository, { repositoryPath, outsidePath }: Dependency): string | null {
  if (outsidePath === undefined) return repositoryPath ?? null;
  return relative(repository.root, resolve(repository.root, outsidePath)).split(sep).join('/');
}

async function dependencyStatus(repository: Repository, cache: Cache, path: string, { id }: Dependency): Promise<PathStatus | null> {
  if (!exists(repository, path)) return 'deleted';
  if (id === null) return 'modified';
  const built = await buildOutput(repository, cache, path, { store: false, hash: id.hash });
  return built.id.md5 === id.md5 && built.id.isTree === id.isTree ? null : 'modified';
}

/** A symbolic link that leads nowhere is not there, as DVC sees it. */
function exists(repository: Repository, path: string): boolean {
  try {
    const link = lstatSync(repository.toFile(path), { throwIfNoEntry: false });
    if (link?.isSymbolicLink() !== true) return link !== undefined;
    return statSync(repository.toFile(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}
