// Objects on their way into a cache that has no folder for them yet: they are written under their names in a hidden folder beside its place, `.throughline-<name>.ab` for
// `ab`, and that folder is renamed when all is there. One rename stands for thousands of files, and nobody ever sees an object that is not whole. DVC takes what
// lies in such a folder for nothing of its own, since two digits are what it looks for.

import { readdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './failures.ts';
import { namesInSync } from './names-in.ts';

/** Of this thread: what was found of the cache's folders under one temporary name. */
let seen = { key: '', folders: new Map<string, string | null>() };

/** The folder that stands for a prefix's own, which may have to be made; null where the cache has that one, with objects in it that may be the same. */
export function stagedFolder(place: string, temporaryName: string, prefix: string): string | null {
  const key = `${place}/${temporaryName}`;
  if (seen.key !== key) seen = { key, folders: new Map() };
  let folder = seen.folders.get(prefix);
  if (folder === undefined) {
    folder = statSync(`${place}/${prefix}`, { throwIfNoEntry: false }) === undefined ? `${key}.${prefix}` : null;
    seen.folders.set(prefix, folder);
  }
  return folder;
}

/** What was staged under a temporary name: folders and the prefixes that they stand for. */
export function stagedFolders(place: string, temporaryName: string): { readonly folder: string; readonly prefix: string }[] {
  return namesInSync(place).flatMap((name) => {
    const prefix = name.slice(temporaryName.length + 1);
    return name === `${temporaryName}.${prefix}` && /^[0-9a-f]{2}$/.test(prefix) ? [{ folder: join(place, name), prefix }] : [];
  });
}

/** Gives all that was staged its place. Everything in it must be whole. */
export function publishStaged(place: string, temporaryName: string): void {
  for (const { folder, prefix } of stagedFolders(place, temporaryName)) publish(folder, join(place, prefix));
}

function publish(staged: string, folder: string): void {
  try {
    renameSync(staged, folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    // Another repository with the same cache, or a large file, was there first.
    for (const name of readdirSync(staged)) renameSync(join(staged, name), join(folder, name));
    rmdirSync(staged);
  }
}
