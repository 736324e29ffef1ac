// Data that stands in another repository: its objects come from there, at the commit that was locked.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DomainError } from '@throughline/kernel';
import type { DependencyEntry } from '../formats/dvc-file.ts';
import { ConfigFile } from '../formats/config-file.ts';
import { isSameObject, objectPath, printObjectId } from '../formats/object-id.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { readGivenConfig } from '../repository/config.ts';
import type { GivenConfig } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import type { Dependency, ObjectId, Output, Stage } from '../types.ts';
import { cleanPath, openExternal, openScratch } from './external.ts';
import type { External } from './external.ts';
import type { SelectedOutput } from './selection.ts';
import { take } from './take.ts';
import type { Taken } from './take.ts';
import { viewOf } from './view.ts';
import { failureOf, NOTHING_MOVED } from './wanted.ts';
import type { TransferFailure, TransferResult } from './wanted.ts';

/** Whether a stage's data belongs to another repository. */
export function isImport(stage: Stage): boolean {
  return stage.dependencies.some(({ repo }) => repo !== undefined);
}

/** Whether nothing is recorded of an output but where it comes from. */
export function isPartialImport({ stage, output, revision }: SelectedOutput): boolean {
  const [dependency] = stage.dependencies;
  const isEmpty = revision === null && stage.name === null && stage.isFrozen && output.id === null && output.files === null;
  return isEmpty && dependency !== undefined && (dependency.versions ?? []).length === 0;
}

export type Source = NonNullable<Dependency['repo']>;

/** Opens the repository that an import names. @param rev The commit that was locked, or what is to be taken instead; null: as it is now. */
export async function openSource(repository: Repository, source: Source, path: string, rev: string | null): Promise<External> {
  const remote = typeof source.remote === 'string' ? source.remote : null;
  const options = textsOf(source.remote);
  return await openExternal(repository.surroundings, {
    url: source.url,
    rev,
    path: cleanPath(path),
    remote,
    config: await configOf(repository, source.config),
    ...(options === null ? {} : { remoteOptions: options }),
  });
}

/** What an import keeps of the settings that its source is read with: a config file's path, seen from where the user stands, or the settings themselves. */
async function configOf({ surroundings, dvcFolder }: Repository, config: unknown): Promise<GivenConfig | null> {
  if (typeof config === 'string') return await readGivenConfig(resolve(surroundings.workingFolder, config));
  if (typeof config !== 'object' || config === null) return null;
  const file = join(dvcFolder, 'config');
  const content = new ConfigFile('', file);
  for (const [section, values] of Object.entries(config)) {
    for (const [key, value] of Object.entries(values as object)) {
      if (typeof value === 'string') content.set({ section, name: null }, key, value);
      else for (const [option, text] of Object.entries(textsOf(value) ?? {})) content.set({ section, name: key }, option, text);
    }
  }
  return { file, content };
}

function textsOf(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one]] : [])));
}

/** Takes what an import names into this repository's cache. */
export async function takeFrom(repository: Repository, external: External, jobs: number | null): Promise<Taken> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-import-'));
  try {
    const view = await viewOf(external, await openScratch(folder, repository.surroundings));
    return await take(external, view, external.path, repository, { jobs, onSha256: null });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fetches imported data that the cache lacks; where the source has something else there now, that is a failure. */
export async function fetchImports(
  repository: Repository,
  outputs: readonly SelectedOutput[],
  options: { readonly jobs: number | null },
): Promise<TransferResult> {
  const cache = openCache(repository);
  const result = { ...NOTHING_MOVED, failures: [] as TransferFailure[] };
  const done = new Set<string>();
  for (const { stage, output } of outputs) {
    const [dependency] = stage.dependencies;
    const { id } = output;
    if (dependency?.repo === undefined || id === null || done.has(objectPath(id)) || (await isWhole(cache, id))) continue;
    done.add(objectPath(id));
    try {
      const taken = await takeImport(repository, dependency, dependency.repo, options.jobs);
      if (!isSameObject({ ...taken.id, hash: id.hash }, id)) throw sourceChanged(stage, output, taken.id);
      result.objects += taken.files.length;
      result.sizeBytes += taken.sizeBytes;
    } catch (error) {
      result.failures.push(failureOf({ id, path: output.path }, error));
    }
  }
  return result;
}

/** Takes what an import names, at the commit that was locked, into this repository's cache. */
export async function takeImport(repository: Repository, dependency: Dependency, source: Source, jobs: number | null): Promise<Taken> {
  const external = await openSource(repository, source, dependency.path, source.revLock ?? source.rev ?? null);
  try {
    return await takeFrom(repository, external, jobs);
  } finally {
    await external.close();
  }
}

export function sourceChanged(stage: Stage, output: Output, actual: ObjectId): DomainError {
  return new DomainError({
    kind: 'conflict',
    code: 'IMPORT_CHANGED',
    message: `${output.path} is not what ${stage.file} recorded: its source holds ${printObjectId(actual)} now.`,
    hint: `Take what is there now: throughline update ${stage.file}`,
  });
}

/** Whether a cache holds all of an object, a folder's files included. */
export async function isWhole(cache: Cache, id: ObjectId): Promise<boolean> {
  if (!(await cache.has(id))) return false;
  if (!id.isTree) return true;
  const files = (await readTree(cache, id)).map(({ md5 }): ObjectId => ({ hash: id.hash, md5, isTree: false }));
  return (await cache.idsPresent(files)).size === new Set(files.map(objectPath)).size;
}

/** How a `.dvc` file names the source. */
export function sourceEntry(
  path: string,
  source: { url: string; rev?: string | undefined; revLock: string | null; remote?: unknown; config?: unknown },
): DependencyEntry {
  return {
    path: cleanPath(path),
    repo: {
      url: source.url,
      ...(source.rev === undefined ? {} : { rev: source.rev }),
      ...(source.revLock === null ? {} : { rev_lock: source.revLock }),
      ...(source.config === undefined ? {} : { config: source.config as string }),
      ...(source.remote === undefined ? {} : { remote: source.remote as string }),
    },
  };
}
