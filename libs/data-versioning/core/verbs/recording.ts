// What add and commit have in common: writing down, in `.dvc` files and `.gitignore`, what the cache holds durably by then. Also how paths are shown: as DVC shows them, seen from
// where the user stands.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseDvcFile, printDvcFile, updateDvcFile } from '../formats/dvc-file.ts';
import type { DvcFile, OutputEntry } from '../formats/dvc-file.ts';
import { printObjectId } from '../formats/object-id.ts';
import { buildOutput } from '../objects/build.ts';
import type { BuildOptions, Built } from '../objects/build.ts';
import type { Cache } from '../objects/cache.ts';
import { writeDvcFile } from '../repository/write.ts';
import type { Repository } from '../repository/repository.ts';
import type { ObjectId } from '../types.ts';

/**
 * Hashes what is recorded, and stores it where the options say so. What DVC 2 recorded and what did not change since keeps its hash; everything else gets today's.
 * @throws What `buildOutput` throws.
 */
export async function buildWithSameHash(
  repository: Repository,
  cache: Cache,
  { path: place, id }: { readonly path: string; readonly id: ObjectId | null },
  options: BuildOptions,
): Promise<Built> {
  if (id?.hash !== 'md5-dos2unix') return await buildOutput(repository, cache, place, options);
  const legacy = await buildOutput(repository, cache, place, { store: false, hash: id.hash });
  return await buildOutput(repository, cache, place, legacy.id.md5 === id.md5 ? { ...options, hash: id.hash } : options);
}

/** What is recorded of an output. */
export interface Recorded {
  readonly id: ObjectId;
  /** Null where it is not known, as DVC leaves it away when part of a folder was replaced. */
  readonly sizeBytes: number | null;
  readonly fileCount: number | null;
  readonly isExecutable: boolean;
}

export function recordedOf(built: Built): Recorded {
  const { id, sizeBytes } = built;
  if (built.kind === 'folder') return { id, sizeBytes, fileCount: built.fileCount, isExecutable: false };
  return { id, sizeBytes, fileCount: null, isExecutable: built.isExecutable };
}

/** An entry with other facts; what people wrote beside them stays. */
export function withFacts(entry: OutputEntry, recorded: Recorded): OutputEntry {
  const {
    md5: _md5,
    etag: _etag,
    checksum: _checksum,
    size: _size,
    nfiles: _nfiles,
    isexec: _isexec,
    hash: _hash,
    files: _files,
    ...rest
  } = entry;
  return {
    ...rest,
    md5: printObjectId(recorded.id),
    ...(recorded.sizeBytes === null ? {} : { size: recorded.sizeBytes }),
    ...(recorded.fileCount === null ? {} : { nfiles: recorded.fileCount }),
    ...(recorded.isExecutable ? { isexec: true } : {}),
    // DVC 2's hash goes without saying.
    ...(recorded.id.hash === 'md5' ? { hash: 'md5' } : {}),
  };
}

/** Reads, changes and writes a `.dvc` file; one that is not there begins empty. Nothing is written where nothing changes. Returns whether something was. */
export async function changeDvcFile(repository: Repository, file: string, change: (content: DvcFile) => DvcFile): Promise<boolean> {
  const absolute = repository.toFile(file);
  if (!existsSync(absolute)) {
    await writeDvcFile(repository, file, printDvcFile(change({ deps: [], outs: [] })));
    return true;
  }
  const before = readFileSync(absolute, 'utf8');
  const after = await updateDvcFile(before, file, change(await parseDvcFile(before, file)));
  if (before === after) return false;
  await writeDvcFile(repository, file, after);
  return true;
}

/** A repository path as the user would type it where he stands. */
export function shownPath(repository: Repository, target: string): string {
  return path.relative(repository.surroundings.workingFolder, repository.toFile(target)).split(path.sep).join('/') || '.';
}
