// Data that was imported by the versions that a bucket keeps: those are read again, whatever the bucket has under these names now.

import { DomainError } from '@throughline/kernel';
import { isSameObject, objectPath } from '../formats/object-id.ts';
import { openCache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import type { Dependency, Stage } from '../types.ts';
import { openAddress, openRecorded, takeAddress } from './address-source.ts';
import { isWhole, sourceChanged } from './imports.ts';
import type { SelectedOutput } from './selection.ts';
import { failureOf, NOTHING_MOVED } from './wanted.ts';
import type { TransferFailure, TransferResult } from './wanted.ts';

/** Whether a stage's data is an import that follows versions, and was looked at. */
export function isVersionedImport({ dependencies }: Stage): boolean {
  return (dependencies[0]?.versions ?? []).length > 0;
}

/** Fetches what the cache lacks, by the versions that are recorded; what comes must be what is recorded. */
export async function fetchVersionedImports(repository: Repository, outputs: readonly SelectedOutput[]): Promise<TransferResult> {
  const cache = openCache(repository);
  const result = { ...NOTHING_MOVED, failures: [] as TransferFailure[] };
  const done = new Set<string>();
  for (const { stage, output } of outputs) {
    const [dependency] = stage.dependencies;
    const { id } = output;
    if (dependency?.versions === undefined || id === null || done.has(objectPath(id)) || (await isWhole(cache, id))) continue;
    done.add(objectPath(id));
    try {
      const source = await openRecorded(repository.surroundings, placeOf(repository, dependency), dependency.versions);
      try {
        const taken = await takeAddress(source, repository);
        if (!isSameObject({ ...taken.id, hash: id.hash }, id)) throw sourceChanged(stage, output, taken.id);
        result.objects += taken.files.length;
        result.sizeBytes += taken.sizeBytes;
      } finally {
        source.storage.close();
      }
    } catch (error) {
      result.failures.push(failureOf({ id, path: output.path }, error));
    }
  }
  return result;
}

function placeOf(repository: Repository, { path, placeOptions }: Dependency) {
  return { url: path, config: repository.config, options: placeOptions ?? {} };
}

/** How sources differ from what was taken, by stage: DVC's words for it. */
export async function movedVersions(
  repository: Repository,
  stages: readonly Stage[],
): Promise<Map<Stage, { readonly source: string; readonly state: 'update available' | 'modified' | 'deleted' }>> {
  const moved = new Map<Stage, { source: string; state: 'update available' | 'modified' | 'deleted' }>();
  for (const stage of stages) {
    const [dependency] = stage.dependencies;
    if (dependency === undefined) continue;
    const state = await stateOf(repository, dependency);
    if (state !== null) moved.set(stage, { source: dependency.path, state });
  }
  return moved;
}

async function stateOf(repository: Repository, dependency: Dependency): Promise<'update available' | 'modified' | 'deleted' | null> {
  const versions = dependency.versions ?? [];
  try {
    const source = await openAddress(repository.surroundings, { ...placeOf(repository, dependency), versionAware: true });
    source.storage.close();
    if (source.isFolder) {
      const now = new Map(source.files.map(({ path, etag }) => [path, etag]));
      const isSame = now.size === versions.length && versions.every(({ path, etag }) => now.has(path) && now.get(path) === etag);
      return isSame ? null : 'modified';
    }
    const [before, now] = [versions[0], source.files[0]];
    if (before?.version !== undefined && before.version !== now?.version) return 'update available';
    return before?.etag === now?.etag ? null : 'modified';
  } catch (error) {
    if (error instanceof DomainError && error.code === 'ADDRESS_EMPTY') return 'deleted';
    throw error;
  }
}
