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
  if (!isSameObject({ ...built.id, hash: id.hash }, id)) return false;
  return (await cache.has(id)) && (!id.isTree || (await hasFiles(cache, id)));
}

async function hasFiles(cache: Cache, id: ObjectId): Promise<boolean> {
  for (const { md5 } of await readTree(cache, id)) if (!(await cache.has({ hash: id.hash, md5, isTree: false }))) return false;
  return true;
}
