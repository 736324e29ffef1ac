// Which outputs lie in the workspace because they were added or checked out: once no stage names such an output any more (another branch, say), the next checkout takes it away,
// but only as it was left there, and only while the cache has all of it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObjectId, printObjectId } from '../formats/object-id.ts';
import { flawOfPath } from '../formats/paths.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId } from '../types.ts';
import { writeBeside } from './state.ts';

const FILE = 'checked-out.json';

/** By path. */
export type CheckedOut = Map<string, ObjectId>;

export function checkedOut(repository: Repository): CheckedOut {
  const found: CheckedOut = new Map();
  try {
    const entries = Object.entries(JSON.parse(readFileSync(join(repository.temporaryFolder, FILE), 'utf8')) as Record<string, unknown>);
    for (const [path, id] of entries) {
      if (flawOfPath(path) !== null || typeof id !== 'string') continue;
      found.set(path, id.startsWith('legacy:') ? parseObjectId(id.slice('legacy:'.length), 'md5-dos2unix') : parseObjectId(id, 'md5'));
    }
  } catch {
    // Without it, what no stage names any more stays where it is.
    return new Map();
  }
  return found;
}

export function keepCheckedOut(repository: Repository, entries: CheckedOut): void {
  const content = Object.fromEntries([...entries].map(([path, id]) => [path, `${id.hash === 'md5' ? '' : 'legacy:'}${printObjectId(id)}`]));
  writeBeside(join(repository.temporaryFolder, FILE), JSON.stringify(content));
}

/** Adds outputs to what is noted. */
export function noteCheckedOut(repository: Repository, outputs: ReadonlyMap<string, ObjectId>): void {
  const entries = checkedOut(repository);
  const isKnown = [...outputs].every(([path, id]) => entries.get(path)?.md5 === id.md5 && entries.get(path)?.hash === id.hash);
  if (!isKnown) keepCheckedOut(repository, new Map([...entries, ...outputs]));
}
