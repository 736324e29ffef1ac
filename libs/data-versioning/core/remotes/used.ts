// Which objects are needed: those of all outputs of the workspace and of revisions, with the files of their folders, and those of pipelines' earlier runs. What cannot be
// found out ends the command: whoever removes everything else must be sure.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@throughline/kernel';
import { objectOfEntry } from '../formats/dvc-file.ts';
import type { EntryFacts } from '../formats/dvc-file.ts';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import { isMap } from '../formats/yaml-value.ts';
import { readYaml } from '../formats/yaml.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import type { ObjectId, Tree } from '../types.ts';
import { openRemote } from './open.ts';
import type { Remote } from './remote.ts';
import { localRuns } from './run-cache.ts';

export interface UsedOptions {
  /** Commits beside the workspace; null stands for the workspace itself. */
  readonly revisions: readonly (string | null)[];
  /** Revisions in which something cannot be read are passed over and told, instead of ending the command. */
  readonly isLenient: boolean;
  /** Go on without the files of a folder whose manifest is lost. */
  readonly isForced: boolean;
  /** Look for manifests in the cache alone, and pass over folders whose manifest is not there: without it, their files are of no use here. */
  readonly isOfCache?: boolean;
}

/** Objects by `objectPath`. */
export type UsedObjects = Map<string, ObjectId>;

/** @throws DomainError `GC_UNREADABLE`, `GC_TREE_LOST`. */
export async function usedObjects(repository: Repository, options: UsedOptions): Promise<UsedObjects> {
  const used: UsedObjects = new Map();
  const reader = createTreeReader(repository, openCache(repository), options);
  try {
    for (const revision of options.revisions) {
      for (const id of await idsOfRevision(repository, revision, options)) await note(used, id, reader);
    }
    for (const id of await idsOfRuns(repository)) await note(used, id, reader);
    return used;
  } finally {
    reader.close();
  }
}

/** Only what stages name themselves, without their folders' files. */
async function idsOfRevision(repository: Repository, revision: string | null, options: UsedOptions): Promise<ObjectId[]> {
  const { stages, unreadable } = await collectStages(repository, revision === null ? {} : { revision });
  const [first] = unreadable;
  if (first !== undefined) {
    const where = revision === null ? 'the workspace' : `commit ${revision.slice(0, 10)}`;
    if (revision === null || !options.isLenient) throw unreadableFile(first.file, where, first.error);
    repository.surroundings.reporter.warn(`${first.file} of ${where} cannot be read; what it alone needs may be removed.`);
  }
  const ids: ObjectId[] = [];
  for (const { outputs } of stages) {
    for (const { id, files } of outputs) {
      if (id !== null) ids.push(id);
      for (const { md5 } of files ?? []) ids.push({ hash: 'md5', md5, isTree: false });
    }
  }
  return ids;
}

function unreadableFile(file: string, where: string, cause: DomainError): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'GC_UNREADABLE',
    message: `Nothing was removed: ${file} of ${where} cannot be read, so nobody knows what it needs. ${cause.message}`,
    hint:
      where === 'the workspace'
        ? 'Mend the file, or take it away.'
        : 'Leave that commit out (-w, --rev), or pass over such commits with --skip-failed.',
    cause,
  });
}

async function note(used: UsedObjects, id: ObjectId, reader: TreeReader): Promise<void> {
  const key = objectPath(id);
  if (used.has(key)) return;
  used.set(key, id);
  if (!id.isTree) return;
  for (const { md5 } of await reader.read(id)) {
    const file: ObjectId = { hash: id.hash, md5, isTree: false };
    used.set(objectPath(file), file);
  }
}

interface TreeReader {
  read(id: ObjectId): Promise<Tree>;
  close(): void;
}

/** Manifests from the cache, and where they are lost there, from the default remote. */
function createTreeReader(repository: Repository, cache: Cache, { isForced, isOfCache = false }: UsedOptions): TreeReader {
  const { signal, reporter } = repository.surroundings;
  let remote: Remote | null = null;
  return {
    async read(id) {
      if (await cache.has(id)) return await readTree(cache, id);
      if (isOfCache) return [];
      try {
        remote ??= await openRemote(repository);
        return await remote.readTree(id, signal);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code === 'CANCELLED') throw error;
        if (!isForced) throw treeLost(id, error);
        reporter.warn(`The folder ${printObjectId(id)} is in neither the cache nor the remote; its files may be removed.`);
        return [];
      }
    },
    close: () => remote?.close(),
  };
}

function treeLost(id: ObjectId, cause: DomainError): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'GC_TREE_LOST',
    message: `Nothing was removed: the manifest ${printObjectId(id)} is not in the cache, so nobody knows which files its folder needs. ${cause.message}`,
    hint: 'Fetch it (throughline fetch -A), or give these files up with --force.',
    cause,
  });
}

/** What the entries of the run cache name. */
async function idsOfRuns(repository: Repository): Promise<ObjectId[]> {
  const ids: ObjectId[] = [];
  for (const path of await localRuns(repository.cacheFolder)) {
    const file = join(repository.cacheFolder, path);
    try {
      ids.push(...(await idsOfRun(file)));
    } catch (error) {
      if (error instanceof DomainError) throw unreadableRun(file, error);
      throw error;
    }
  }
  return ids;
}

function unreadableRun(file: string, cause: DomainError): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'GC_UNREADABLE',
    message: `Nothing was removed: ${file} of the run cache cannot be read. ${cause.message}`,
    hint: 'Remove that file: the run that it remembers can be repeated.',
    cause,
  });
}

const TEXT_KEYS: ReadonlySet<string> = new Set(['md5']);

/** Dependencies are kept, too: a run is of use only with what it began from. */
async function idsOfRun(file: string): Promise<ObjectId[]> {
  const entry = await readYaml(await readFile(file, 'utf8'), file, { textKeys: TEXT_KEYS });
  if (!isMap(entry)) return [];
  return [entry.outs, entry.deps].flatMap((list) => {
    if (!Array.isArray(list)) return [];
    return list.flatMap((one) => {
      if (!isMap(one) || typeof one.md5 !== 'string') return [];
      const facts: EntryFacts & { hash?: string } = { md5: one.md5, ...(typeof one.hash === 'string' ? { hash: one.hash } : {}) };
      return objectOfEntry(facts, file) ?? [];
    });
  });
}
