// Which objects a place has. A manifest that is there says nothing about its files: whoever pushed it may have been stopped, or somebody may have cleaned up since.
// So every object is looked for, by listing or by asking one by one, whichever takes fewer requests.

import { objectOfPath, objectPath } from '../formats/object-id.ts';
import type { ObjectId } from '../types.ts';
import { inParallel } from './pool.ts';
import type { Storage } from './storage.ts';

/** Objects by their paths, with their sizes where the place tells them. */
export type Presence = ReadonlyMap<string, number | null>;

export interface PresenceOptions {
  readonly signal: AbortSignal;
  readonly jobs: number;
  /** Told of every object that has been answered. */
  readonly onAnswer: (count: number) => void;
}

/** Listings answer so many names a request. */
const PAGE = 1000;
/** A place with no more objects than this is listed from one end to the other. */
const SMALL_PLACE = 10_000;
/** Below this number, asking is always fine. */
const FEW = 50;
const FOLDERS = 256;

export async function presenceOf(storage: Storage, ids: readonly ObjectId[], options: PresenceOptions): Promise<Presence> {
  const found = new Map<string, number | null>();
  const current = ids.filter((id) => id.hash === 'md5');
  const legacy = ids.filter((id) => id.hash !== 'md5');
  // What DVC 2 made lies at the root, beside everything else: it is asked for.
  await askEach(storage, legacy, options, found);
  // A folder's listing costs a look at each file: asking costs the same and looks at fewer.
  const isListed = storage.list !== null && storage.kind !== 'folder' && current.length > FEW;
  const prefixes = isListed ? await listingFor(storage.list, current, options.signal) : null;
  if (prefixes === null || storage.list === null) await askEach(storage, current, options, found);
  else await listAll(storage.list, prefixes, current, options, found);
  return found;
}

async function askEach(
  storage: Storage,
  ids: readonly ObjectId[],
  options: PresenceOptions,
  found: Map<string, number | null>,
): Promise<void> {
  await inParallel(ids, options, async (id) => {
    const path = objectPath(id);
    const file = await storage.stat(path, options.signal);
    if (file !== null) found.set(path, file.sizeBytes);
    options.onAnswer(1);
  });
}

type List = NonNullable<Storage['list']>;

/** Which listings to make, where that takes fewer requests than asking; hashes are spread evenly, so one folder of 256 tells how large the place is. */
async function listingFor(list: List, ids: readonly ObjectId[], signal: AbortSignal): Promise<string[] | null> {
  const limit = Math.ceil((ids.length * PAGE) / FOLDERS);
  let counted = 0;
  for await (const { path } of list('files/md5/00/', signal)) {
    counted += objectOfPath(path) === null ? 0 : 1;
    if (counted > limit) return null;
  }
  if (counted * FOLDERS <= SMALL_PLACE) return ['files/md5/'];
  const folders = new Set(ids.map((id) => id.md5.slice(0, 2)));
  const requests = folders.size * Math.ceil(counted / PAGE);
  return requests < ids.length ? [...folders].map((folder) => `files/md5/${folder}/`) : null;
}

async function listAll(
  list: List,
  prefixes: readonly string[],
  ids: readonly ObjectId[],
  options: PresenceOptions,
  found: Map<string, number | null>,
): Promise<void> {
  const wanted = new Set(ids.map(objectPath));
  await inParallel(prefixes, options, async (prefix) => {
    for await (const file of list(prefix, options.signal)) {
      if (!wanted.has(file.path) || found.has(file.path)) continue;
      found.set(file.path, file.sizeBytes);
      options.onAnswer(1);
    }
  });
  options.onAnswer(ids.length - ids.filter((id) => found.has(objectPath(id))).length);
}

/** Every object of a place, in no order; other files are passed over. */
export async function* objectsOf(list: List, signal: AbortSignal): AsyncGenerator<{ id: ObjectId; sizeBytes: number | null }> {
  for await (const file of list('', signal)) {
    const id = objectOfPath(file.path);
    if (id !== null) yield { id, sizeBytes: file.sizeBytes };
  }
}
