// Files of runs on this machine's disk. A store that somebody else filled may name any folder as a run's, /etc among them: only what lies in
// the folders that the user named is read, symbolic links followed to their ends.

import { lstat, open, opendir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { UnreachableFiles } from './source.ts';
import type { FileOwner, SourceFile } from './source.ts';

/** Folders within one another at most. */
const MAX_DEPTH = 100;

const isMissing = (error: unknown) => error instanceof Error && ['ENOENT', 'ENOTDIR'].includes(String(Reflect.get(error, 'code')));

/** The path that an artifact location names on this machine; null where it is none. `base` is where relative ones start. */
export function localPathOf(uri: string, base: string): string | null {
  if (uri.startsWith('file:')) {
    try {
      return fileURLToPath(uri);
    } catch {
      return null;
    }
  }
  return /^[a-z][\w+.-]+:/i.test(uri) ? null : resolve(base, uri);
}

/** Where else a store keeps the files of an owner, below the root of its artifacts. */
export function usualPlaceOf({ kind, id, experimentId }: FileOwner): string {
  return kind === 'run' ? join(experimentId, id, 'artifacts') : join(experimentId, 'models', id, 'artifacts');
}

/**
 * The first of these folders that exists and lies in one of the roots; null where none exists, which an owner without files has too.
 * Throws `UnreachableFiles` where one exists outside the roots.
 */
export async function folderWithin(roots: readonly string[], candidates: readonly string[]): Promise<string | null> {
  const real = await Promise.all(roots.map((root) => realpath(root)));
  for (const candidate of candidates) {
    const found = await realpath(candidate).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (found === null || !(await stat(found)).isDirectory()) continue;
    if (real.some((root) => isWithin(root, found))) return found;
    throw new UnreachableFiles(`They are in ${candidate}, which is outside of what was named; --artifacts takes a folder to look in.`);
  }
  return null;
}

/** Where the files of an owner may be that were found nowhere. */
interface Absent {
  owner: FileOwner;
  /** The path that the store names; null where it names none of a machine. */
  named: string | null;
  /** The folders that the user named. */
  artifactRoots: readonly string[];
}

/**
 * Whether an owner whose files were found nowhere has none. Throws `UnreachableFiles` where that cannot be told: MLflow makes the root of a store's
 * artifacts with the store, and an experiment's folder with its first file.
 */
export async function checkHasNone({ owner, named, artifactRoots }: Absent): Promise<void> {
  for (const place of artifactRoots) if (await isThere(join(place, owner.experimentId))) return;
  const root = named === null ? null : resolve(named, owner.kind === 'run' ? '../../..' : '../../../..');
  if (root !== null && (await isThere(root))) return;
  throw new UnreachableFiles(`They are at ${owner.artifactUri}, which is not on this machine; --artifacts takes a folder that holds them.`);
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** For what this user may not read. */
function refused(path: string): (error: unknown) => never {
  return (error) => {
    throw new UnreachableFiles(
      `${path === '' ? 'The folder' : path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  };
}

async function openFile(full: string, path: string): Promise<Readable> {
  return (await open(full, 'r').catch(refused(path))).createReadStream();
}

/** All files below a folder, in the order in which the disk lists them. What leads out of the folder cannot be opened. */
export async function* walkFiles(folder: string, prefix = '', depth = 0): AsyncGenerator<SourceFile> {
  if (depth > MAX_DEPTH) throw new UnreachableFiles(`${prefix} lies more than ${MAX_DEPTH} folders deep.`);
  for await (const entry of await opendir(folder).catch(refused(prefix))) {
    const path = prefix + entry.name;
    const full = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFiles(full, `${path}/`, depth + 1);
    else if (entry.isFile()) yield { path, sizeBytes: (await lstat(full)).size, open: () => openFile(full, path) };
    else yield { path, sizeBytes: null, open: () => Promise.reject(new UnreachableFiles(`${path} is a link or no file.`)) };
  }
}
