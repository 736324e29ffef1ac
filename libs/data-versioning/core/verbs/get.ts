// Downloads a file or folder of any repository, tracked by DVC or by Git, to where the user wants it. It is put together beside that place and moved there whole.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { conflict, invalid } from '@throughline/kernel';
import { openCache } from '../objects/cache.ts';
import { cleanPath, openExternal, openScratch } from '../remotes/external.ts';
import type { External } from '../remotes/external.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import { putTogether, replace } from '../remotes/put-together.ts';
import { reportReads } from '../remotes/reads.ts';
import { take } from '../remotes/take.ts';
import { viewOf } from '../remotes/view.ts';
import type { View } from '../remotes/view.ts';
import { readGivenConfig } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';

export interface GetOptions {
  /** A folder, or an address that Git can clone. */
  readonly url: string;
  /** Within that repository. */
  readonly path: string;
  /** Where to; the path's own name unless given, and below it where it is a folder that is there. */
  readonly out?: string;
  readonly rev?: string;
  /** Over what is there already. */
  readonly force?: boolean;
  readonly remote?: string;
  readonly remoteOptions?: RemoteOptionTexts;
  /** A config file, whose settings go over those of that repository. */
  readonly config?: string;
  readonly jobs?: number;
  /** Only tell where the data lies. */
  readonly showUrl?: boolean;
  /** The id of the run inside of which this happens. */
  readonly run?: string;
}

export interface GetResult {
  /** Where it is now, absolute; null where only the address was asked for. */
  readonly path: string | null;
  readonly files: number;
  readonly sizeBytes: number;
  /** Where the data lies on its remote, with `showUrl`. */
  readonly url: string | null;
}

/** @throws DomainError `FILE_EXISTS`, `PATH_NOT_FOUND`, `CLONE_FAILED`, `EXTERNAL_DATA_MISSING`. */
export async function get(surroundings: Surroundings, options: GetOptions): Promise<GetResult> {
  const path = cleanPath(options.path);
  const target = options.showUrl === true ? null : await targetOf(surroundings, path, options);
  const external = await openExternal(surroundings, {
    url: options.url,
    rev: options.rev ?? null,
    path,
    remote: options.remote?.toLowerCase() ?? null,
    config: options.config === undefined ? null : await readGivenConfig(resolve(surroundings.workingFolder, options.config)),
    ...(options.remoteOptions === undefined ? {} : { remoteOptions: options.remoteOptions }),
  });
  const parent = target === null ? null : dirname(target);
  if (parent !== null) await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent ?? tmpdir(), '.throughline-get-'));
  try {
    const scratch = await openScratch(folder, surroundings);
    const view = await viewOf(external, scratch);
    if (target === null) return await locate(external, view);
    return await takeTo(target, { external, view, scratch, folder, options });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await external.close();
  }
}

/** Where something is put: as DVC does, below a folder that is there, else under the name that was given. @throws DomainError `FILE_EXISTS`. */
export async function targetOf(
  surroundings: Surroundings,
  source: string,
  options: { readonly out?: string; readonly force?: boolean },
): Promise<string> {
  const name = basename(source) === '' ? 'data' : basename(source);
  const given = options.out === undefined ? null : resolve(surroundings.workingFolder, options.out);
  const isFolder = given !== null && ((await stat(given).catch(() => null))?.isDirectory() ?? false);
  const target = given === null ? join(surroundings.workingFolder, name) : isFolder ? join(given, name) : given;
  if (/\.dvc$|^dvc\.yaml$/.test(basename(target))) {
    throw invalid('PATH_REFUSED', `${basename(target)} is the name of a file of DVC's own: name the data instead.`);
  }
  if (existsSync(target) && options.force !== true) {
    throw conflict('FILE_EXISTS', `${target} is there already.`, { hint: 'Replace it with --force, or name another place with --out.' });
  }
  return target;
}

interface Work {
  readonly external: External;
  readonly view: View;
  readonly scratch: Repository;
  readonly folder: string;
  readonly options: GetOptions;
}

async function locate(external: External, view: View): Promise<GetResult> {
  const { source } = await view.entry(external.path);
  if (source?.kind !== 'object') {
    throw invalid(
      'NOT_TRACKED',
      `${external.path === '' ? external.shownUrl : external.path} is not tracked by DVC, so it lies on no remote.`,
    );
  }
  const last = external.sources.at(-1);
  const remote = await last?.(source.output.remote);
  try {
    return { path: null, files: 0, sizeBytes: 0, url: remote?.locationOf(source.id) ?? null };
  } finally {
    remote?.close();
  }
}

async function takeTo(target: string, work: Work): Promise<GetResult> {
  const { external, view, scratch, folder, options } = work;
  const known = new Map<string, string>();
  const onSha256 = options.run === undefined ? null : (key: string, sha256: string) => void known.set(key, sha256);
  const taken = await take(external, view, external.path, scratch, { jobs: options.jobs ?? null, onSha256 });
  if (options.run !== undefined) await reportTaken(work, known, options.run);
  const built = join(folder, 'data');
  await putTogether(taken, scratch, built);
  await replace(target, built);
  return { path: target, files: taken.files.length, sizeBytes: taken.sizeBytes, url: null };
}

/** Tells the server that the data came from; places that are none have nobody to tell. */
async function reportTaken({ external, view, scratch }: Work, known: ReadonlyMap<string, string>, run: string): Promise<void> {
  const output = view.outputOf(external.path);
  if (output === null || output.id === null) return;
  const inside = external.path.slice(output.path.length + 1);
  const wanted = { id: output.id, path: output.path, sizeBytes: null, parts: inside === '' ? null : [inside] };
  const remote = await external.sources.at(-1)?.(output.remote);
  if (remote === undefined) return;
  try {
    const { server } = remote;
    const { reporter, signal } = scratch.surroundings;
    if (server !== null) await reportReads([wanted], { server, cache: openCache(scratch), run, known, reporter, signal });
  } finally {
    remote.close();
  }
}
