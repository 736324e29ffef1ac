// How the cache and a remote differ, for `status -c` and `data status --not-in-remote`. Every object is looked for: a folder counts as there only with its files.

import { objectPath } from '../formats/object-id.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import { outputsByRemote, withRemotes } from './by-remote.ts';
import type { Presence } from './existence.ts';
import type { Remote } from './remote.ts';
import { selectOutputsOf } from './selection.ts';
import type { SelectionOptions } from './selection.ts';
import { filesOf, uniqueObjects } from './wanted.ts';
import type { WantedObject, WantedOutput } from './wanted.ts';

/** `new`: in the cache alone; `deleted`: on the remote alone; `missing`: nowhere. */
export type CloudState = 'new' | 'deleted' | 'missing';

export interface CloudStatusOptions extends SelectionOptions {
  readonly remote?: string;
  readonly jobs?: number;
}

/** What differs, by repository path; empty where cache and remotes hold the same. */
export async function cloudStatus(repository: Repository, options: CloudStatusOptions = {}): Promise<Record<string, CloudState>> {
  const found: Record<string, CloudState> = {};
  await compareWithRemotes(repository, options, (object, { isHere, isThere }) => {
    if (isHere === isThere && isHere) return;
    found[object.path] = isHere ? 'new' : isThere ? 'deleted' : 'missing';
  });
  return found;
}

export interface NotInRemoteOptions {
  /** Repository paths, or what the user typed. */
  readonly targets?: readonly string[];
  readonly remote?: string;
  readonly jobs?: number;
  /** Files of folders one by one, rather than the folders. */
  readonly isGranular?: boolean;
}

/** Paths whose objects a push would send, or could not: folders end with "/". In the order of the stages. */
export async function notInRemote(repository: Repository, options: NotInRemoteOptions = {}): Promise<string[]> {
  const { isGranular = false, ...selection } = options;
  const found = new Set<string>();
  await compareWithRemotes(repository, selection, (object, { isThere, output }) => {
    if (isThere) return;
    const path = isGranular ? object.path : output.path;
    found.add(path === output.path && output.id.isTree ? `${path}/` : path);
  });
  return [...found];
}

interface Compared {
  readonly isHere: boolean;
  readonly isThere: boolean;
  readonly output: WantedOutput;
}

async function compareWithRemotes(
  repository: Repository,
  options: CloudStatusOptions,
  onObject: (object: WantedObject, compared: Compared) => void,
): Promise<void> {
  const selection = await selectOutputsOf(repository, options);
  const own = selection.outputs.filter(
    ({ stage, output }) => output.isPushed && !stage.dependencies.some(({ repo }) => repo !== undefined),
  );
  const cache = openCache(repository);
  await withRemotes(repository, outputsByRemote(own, options.remote?.toLowerCase() ?? null), async (remote, outputs) => {
    const expanded = await Promise.all(outputs.map(async (output) => ({ output, objects: [output, ...(await filesHere(output, cache))] })));
    const present = await presentOn(
      remote,
      expanded.flatMap(({ objects }) => objects),
      repository,
      options.jobs,
    );
    const here = await cache.idsPresent([...uniqueObjects(expanded.flatMap(({ objects }) => objects)).values()].map(({ id }) => id));
    for (const { output, objects } of expanded) {
      for (const object of objects) {
        const key = objectPath(object.id);
        onObject(object, { isHere: here.has(key), isThere: present.has(key), output });
      }
    }
  });
}

/** A folder's files, where its manifest is in the cache; of others nothing can be said without fetching it. */
async function filesHere(output: WantedOutput, cache: Cache): Promise<WantedObject[]> {
  if (!output.id.isTree || !(await cache.has(output.id))) return [];
  return filesOf(await readTree(cache, output.id), output);
}

async function presentOn(
  remote: Remote,
  objects: readonly WantedObject[],
  repository: Repository,
  jobs: number | undefined,
): Promise<Presence> {
  const { signal, reporter } = repository.surroundings;
  const ids = [...uniqueObjects(objects).values()].map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const task = reporter.task(`Asking ${remote.url}`, 'objects', ids.length);
  try {
    return await remote.has(ids, { signal, jobs, onAnswer: (count) => task.advance(count) });
  } finally {
    task.end();
  }
}
