// Whether what lies in the workspace may go: only what the cache has, whole, can be had again.

import { statSync } from 'node:fs';
import { isSameObject } from '../formats/object-id.ts';
import { buildOutput } from '../objects/build.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId, Output } from '../types.ts';

/** True where nothing lies there, or a link that leads nowhere, or exactly what was recorded, all of it in the cache. */
export async function isSaved(repository: Repository, output: Output): Promise<boolean> {
  if (statSync(repository.toFile(output.path), { throwIfNoEntry: false }) === undefined) return true;
  const { id } = output;
  if (id === null || !output.isCached) return false;
  const cache = openCache(repository);
  const built = await buildOutput(repository, cache, output.path, { store: false, hash: id.hash });
  // DVC 2's folders were named by the same kind of hash as those of DVC 3.
  return isSameObject({ ...built.id, hash: id.hash }, id) && (await isHeld(cache, id));
}

/** True where nothing lies at a path, or what does is in the cache, all of it, recorded or not. */
export async function isInCache(repository: Repository, path: string): Promise<boolean> {
  if (statSync(repository.toFile(path), { throwIfNoEntry: false }) === undefined) return true;
  const cache = openCache(repository);
  return await isHeld(cache, (await buildOutput(repository, cache, path, { store: false })).id);
}

async function isHeld(cache: Cache, id: ObjectId): Promise<boolean> {
  if (!(await cache.has(id))) return false;
  if (!id.isTree) return true;
  for (const { md5 } of await readTree(cache, id)) if (!(await cache.has({ hash: id.hash, md5, isTree: false }))) return false;
  return true;
}
