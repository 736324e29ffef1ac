// Brings what DVC 2 stored into the place and under the hashes of DVC 3: each object is hashed as its bytes are and linked to its new name; the old one stays, for commits
// that name it. With `dvcFiles` the `.dvc` files and dvc.lock of the workspace are rewritten, too.

import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { openCache, OBJECT_MODE } from '../objects/cache.ts';
import type { Cache, StoredObject } from '../objects/cache.ts';
import { codeOf } from '../objects/failures.ts';
import { hashFile } from '../objects/hash.ts';
import { throwIfAborted } from '../objects/queue.ts';
import { printObjectId } from '../formats/object-id.ts';
import { readTree } from '../objects/cache.ts';
import { encodeManifest, manifestId } from '../formats/manifest.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import type { ObjectId } from '../types.ts';
import { commit } from './commit.ts';
import { shownPath } from './recording.ts';

export interface CacheMigrateOptions {
  /** Says what would be done, and does nothing. */
  readonly dry?: boolean;
  /** Rewrites the workspace's `.dvc` files and dvc.lock as well; needs the outputs in the workspace. */
  readonly dvcFiles?: boolean;
}

export interface CacheMigrateResult {
  /** Objects of DVC 2 that have, or would get, a name of DVC 3. */
  readonly objects: number;
  /** `.dvc` files and dvc.yaml files that were, or would be, rewritten. */
  readonly files: readonly string[];
  /** Objects that are damaged, and were left where they are. */
  readonly damaged: readonly string[];
}

/** @throws DomainError `DISK_FULL`, `OUTPUT_MISSING`. */
export async function cacheMigrate(repository: Repository, options: CacheMigrateOptions = {}): Promise<CacheMigrateResult> {
  return await repository.withLock('throughline cache migrate', async () => {
    const isDry = options.dry === true;
    const migrated = await migrateObjects(repository, isDry);
    return options.dvcFiles === true ? { ...migrated, files: await migrateFiles(repository, isDry) } : migrated;
  });
}

async function migrateObjects(repository: Repository, isDry: boolean): Promise<CacheMigrateResult> {
  const cache = openCache(repository);
  const legacy: StoredObject[] = [];
  for await (const object of cache.listAll()) if (object.hash === 'md5-dos2unix') legacy.push(object);
  if (isDry) return { objects: legacy.length, files: [], damaged: [] };
  const { reporter, signal } = repository.surroundings;
  const damaged: string[] = [];
  const names = new Map<string, string>();
  const progress = reporter.task('Migrating the cache', 'objects', legacy.length);
  try {
    // Manifests name files by their old hashes: their new ones must be known first.
    for (const object of legacy.filter(({ isTree }) => !isTree)) {
      throwIfAborted(signal);
      const md5 = await migrateFile(cache, object);
      if (md5 === null) damaged.push(printObjectId(object));
      else names.set(object.md5, md5);
      progress.advance(1);
    }
    for (const object of legacy.filter(({ isTree }) => isTree)) {
      throwIfAborted(signal);
      if (!(await migrateTree(cache, object, names))) damaged.push(printObjectId(object));
      progress.advance(1);
    }
    await cache.flush();
  } finally {
    progress.end();
  }
  return { objects: legacy.length - damaged.length, files: [], damaged };
}

/** The object's new MD5; null where it is not what its name says. */
async function migrateFile(cache: Cache, object: StoredObject): Promise<string | null> {
  if (!(await cache.verify(object))) return null;
  const file = cache.fileOf(object);
  const { md5 } = await hashFile(file, 'md5');
  await linkObject(cache, file, { hash: 'md5', md5, isTree: false });
  return md5;
}

/** DVC keeps the manifest as it is; so that the new one names what is there, it is written with the files' new hashes, and the old bytes stay findable, too. */
async function migrateTree(cache: Cache, object: StoredObject, names: ReadonlyMap<string, string>): Promise<boolean> {
  if (!(await cache.verify(object))) return false;
  const tree = await readTree(cache, object);
  const manifest = encodeManifest(tree.map((entry) => ({ ...entry, md5: names.get(entry.md5) ?? entry.md5 })));
  await cache.put(manifestId(manifest), manifest);
  await linkObject(cache, cache.fileOf(object), { hash: 'md5', md5: object.md5, isTree: true });
  return true;
}

async function linkObject(cache: Cache, file: string, id: ObjectId): Promise<void> {
  if (await cache.has(id)) return;
  const temporary = await cache.temporaryFile(id);
  fs.mkdirSync(dirname(temporary), { recursive: true });
  fs.rmSync(temporary, { force: true });
  try {
    fs.linkSync(file, temporary);
  } catch (error) {
    if (codeOf(error) === 'ENOSPC') throw error;
    fs.copyFileSync(file, temporary, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(temporary, OBJECT_MODE);
  }
  await cache.adopt(temporary, id);
}

async function migrateFiles(repository: Repository, isDry: boolean): Promise<string[]> {
  const { stages, unreadable } = await collectStages(repository);
  const [broken] = unreadable;
  if (broken !== undefined) throw broken.error;
  const legacy = stages.filter(
    (stage) =>
      stage.outputs.some((output) => output.id?.hash === 'md5-dos2unix') ||
      stage.dependencies.some((dependency) => dependency.repositoryPath !== undefined && dependency.id?.hash === 'md5-dos2unix'),
  );
  const files = [...new Set(legacy.map((stage) => stage.file))];
  if (!isDry && legacy.length > 0) {
    const targets = legacy.map((stage) => repository.toFile(stage.file) + (stage.name === null ? '' : `:${stage.name}`));
    await commit(repository, { targets, force: true, allowMissing: true, withNewHashes: true });
  }
  return files.map((file) => shownPath(repository, file)).sort();
}
