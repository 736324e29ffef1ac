// Takes a file or folder of another repository into this one, and notes where it came from, so that `update` can follow it.

import { resolve } from 'node:path';
import type { DvcFile, OutputEntry } from '../formats/dvc-file.ts';
import { stageMd5 } from '../formats/dvc-file.ts';
import { nameOf } from '../formats/paths.ts';
import { printObjectId } from '../formats/object-id.ts';
import { cleanPath, openExternal } from '../remotes/external.ts';
import { sourceEntry, takeFrom } from '../remotes/imports.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import type { Taken } from '../remotes/take.ts';
import { placeTaken, undoPlacing } from './placing.ts';
import { planTracking, writeTracked } from './tracking.ts';
import type { Tracked } from './tracking.ts';
import { viewOf } from '../remotes/view.ts';
import { readGivenConfig } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import { targetOf } from './get.ts';

export interface ImportOptions {
  readonly url: string;
  /** Within that repository. */
  readonly path: string;
  readonly out?: string;
  readonly rev?: string;
  readonly force?: boolean;
  /** Write the `.dvc` file without looking at the source. */
  readonly noExec?: boolean;
  /** Note the source's state without taking its data. */
  readonly noDownload?: boolean;
  readonly remote?: string;
  readonly remoteOptions?: RemoteOptionTexts;
  /** A config file, whose settings go over those of that repository. */
  readonly config?: string;
  readonly jobs?: number;
}

export interface ImportResult {
  /** Of the output. */
  readonly path: string;
  readonly dvcFile: string;
  /** The commit that was taken; null where nobody looked. */
  readonly commit: string | null;
  /** Null where the data was not taken. */
  readonly id: string | null;
  readonly sizeBytes: number | null;
}

/** @throws DomainError `FILE_EXISTS`, `OUTPUT_OVERLAPS`, `PATH_NOT_FOUND`, `CLONE_FAILED`, `EXTERNAL_DATA_MISSING`. */
export async function importData(repository: Repository, options: ImportOptions): Promise<ImportResult> {
  return await repository.withLock('throughline import', () => importLocked(repository, options));
}

async function importLocked(repository: Repository, options: ImportOptions): Promise<ImportResult> {
  await undoPlacing(repository);
  const path = cleanPath(options.path);
  const target = await targetOf(repository.surroundings, path, options);
  const tracked = await planTracking(repository, repository.toRepositoryPath(target));
  const source = {
    url: options.url,
    rev: options.rev,
    config: options.config,
    ...(options.remote === undefined && options.remoteOptions === undefined ? {} : { remote: options.remoteOptions ?? options.remote }),
  };
  if (options.noExec === true) {
    const entry = sourceEntry(options.path, { ...source, revLock: null });
    await writeTracked(repository, tracked, { frozen: true, deps: [entry], outs: [emptyOutput(tracked.path)] });
    return { ...tracked, commit: null, id: null, sizeBytes: null };
  }
  const external = await openExternal(repository.surroundings, {
    url: options.url,
    rev: options.rev ?? null,
    path,
    remote: options.remote?.toLowerCase() ?? null,
    config: options.config === undefined ? null : await readGivenConfig(resolve(repository.surroundings.workingFolder, options.config)),
    ...(options.remoteOptions === undefined ? {} : { remoteOptions: options.remoteOptions }),
  });
  try {
    const { commit } = external;
    const entry = sourceEntry(options.path, { ...source, revLock: commit });
    if (options.noDownload === true) {
      await (await viewOf(external, repository)).entry(external.path);
      await writeImport(repository, tracked, { deps: [entry], outs: [emptyOutput(tracked.path)] });
      return { ...tracked, commit, id: null, sizeBytes: null };
    }
    const taken = await takeFrom(repository, external, options.jobs ?? null);
    const content = { deps: [entry], outs: [outputEntry(tracked.path, taken)] };
    await placeTaken(repository, tracked.path, taken, () => writeImport(repository, tracked, content));
    return { ...tracked, commit, id: printObjectId(taken.id), sizeBytes: taken.sizeBytes };
  } finally {
    await external.close();
  }
}

/** An output of which nothing is recorded yet. */
export function emptyOutput(path: string): OutputEntry {
  return { hash: 'md5', path: nameOf(path) };
}

export function outputEntry(path: string, taken: Taken): OutputEntry {
  const [only] = taken.files;
  return {
    md5: printObjectId(taken.id),
    size: taken.sizeBytes,
    ...(taken.isFolder ? { nfiles: taken.files.length } : {}),
    ...(!taken.isFolder && only?.isExecutable === true ? { isexec: true } : {}),
    hash: 'md5',
    path: nameOf(path),
  };
}

/** Imports carry an MD5 of their own, and stay as they are until somebody asks for an update. */
export async function writeImport(repository: Repository, tracked: Tracked, content: DvcFile): Promise<void> {
  await writeTracked(repository, tracked, { ...content, md5: stageMd5(content), frozen: true });
}
