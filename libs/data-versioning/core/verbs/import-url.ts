// Takes a file or folder from an address into this repository, or right into its remote, and notes where it came from, so that `update` can follow it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { DomainError, invalid } from '@throughline/kernel';
import type { DependencyEntry } from '../formats/dvc-file.ts';
import { folderOf } from '../formats/paths.ts';
import { printObjectId } from '../formats/object-id.ts';
import { openCache } from '../objects/cache.ts';
import { addressEntry, openAddress, takeAddress } from '../remotes/address-source.ts';
import type { AddressSource } from '../remotes/address-source.ts';
import { isInsideFolder, localPathOf, splitCredentials } from '../remotes/address.ts';
import { openScratch } from '../remotes/external.ts';
import { openRemote } from '../remotes/open.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import { planTracking, writeTracked } from './tracking.ts';
import type { Taken } from '../remotes/take.ts';
import { planUpload, upload } from '../remotes/upload.ts';
import type { Repository } from '../repository/repository.ts';
import { targetOf } from './get.ts';
import { nameOfUrl } from './get-url.ts';
import { emptyOutput, outputEntry, writeImport } from './import.ts';
import { placeTaken, undoPlacing } from './placing.ts';
import type { ImportResult } from './import.ts';

export interface ImportUrlOptions {
  /** A path, or an address of http, https, s3 or `remote://name/path`. */
  readonly url: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly noExec?: boolean;
  readonly noDownload?: boolean;
  /** Right to the remote, without the workspace and the cache. */
  readonly toRemote?: boolean;
  /** With `toRemote`. */
  readonly remote?: string;
  /** Options of the place, by DVC's names for a remote's. */
  readonly options?: RemoteOptionTexts;
  readonly jobs?: number;
  /** Follow the versions that a bucket keeps of its objects: what was taken can be taken again from there, so it is not pushed. */
  readonly versionAware?: boolean;
}

/** @throws DomainError `VERSIONS_UNSUPPORTED`, `FILE_EXISTS`, `OUTPUT_OVERLAPS`, `ADDRESS_EMPTY`, and what a remote that cannot be used throws. */
export async function importUrl(repository: Repository, options: ImportUrlOptions): Promise<ImportResult> {
  if (options.toRemote === true && (options.noExec === true || options.noDownload === true || options.versionAware === true)) {
    throw invalid('OPTIONS_EXCLUDE', '--to-remote excludes --no-exec, --no-download and --version-aware.');
  }
  if (options.remote !== undefined && options.toRemote !== true) throw invalid('OPTIONS_EXCLUDE', '--remote needs --to-remote.');
  if (splitCredentials(options.url).password !== null) {
    throw invalid('SECRET_IN_ADDRESS', 'The address has a password in it, which would be written into a file that Git keeps.', {
      hint: 'Make it a remote, whose password stands in .dvc/config.local, and import remote://<name>/<path>.',
    });
  }
  return await repository.withLock('throughline import-url', () => importLocked(repository, options));
}

async function importLocked(repository: Repository, options: ImportUrlOptions): Promise<ImportResult> {
  await undoPlacing(repository);
  const target = await targetOf(repository.surroundings, nameOfUrl(options.url), options);
  const tracked = await planTracking(repository, repository.toRepositoryPath(target));
  const path = writtenAddress(repository, options.url, folderOf(tracked.path));
  if (options.noExec === true) {
    await writeTracked(repository, tracked, {
      frozen: true,
      deps: [{ hash: 'md5', path, ...fsConfig(options) }],
      outs: [emptyOutput(tracked.path)],
    });
    return { ...tracked, commit: null, id: null, sizeBytes: null };
  }
  const source = await openAddress(repository.surroundings, {
    url: options.url,
    config: repository.config,
    ...(options.options === undefined ? {} : { options: options.options }),
    versionAware: options.versionAware === true,
  });
  const pushed = source.isVersioned ? { push: false } : {};
  try {
    if (options.noDownload === true) {
      const entry = await addressEntry(source, path, null);
      await writeImport(repository, tracked, {
        deps: [{ ...entry, ...fsConfig(options) }],
        outs: [{ ...emptyOutput(tracked.path), ...pushed }],
      });
      return { ...tracked, commit: null, id: null, sizeBytes: null };
    }
    const taken = options.toRemote === true ? await toRemote(repository, source, options) : await takeAddress(source, repository);
    const entry: DependencyEntry = { ...(await addressEntry(source, path, taken)), ...fsConfig(options) };
    const record = () => writeImport(repository, tracked, { deps: [entry], outs: [{ ...outputEntry(tracked.path, taken), ...pushed }] });
    await (options.toRemote === true ? record() : placeTaken(repository, tracked.path, taken, record));
    return { ...tracked, commit: null, id: printObjectId(taken.id), sizeBytes: taken.sizeBytes };
  } finally {
    source.storage.close();
  }
}

/** Options that are no secrets stand in the `.dvc` file, as DVC writes them. */
function fsConfig({ options, versionAware }: ImportUrlOptions): Pick<DependencyEntry, 'fs_config'> {
  const written = { ...options, ...(versionAware === true ? { version_aware: true } : {}) };
  return Object.keys(written).length === 0 ? {} : { fs_config: written };
}

/** How the address is written down: what lies in this repository, or was typed as seen from here, is named from the `.dvc` file's folder. */
function writtenAddress(repository: Repository, url: string, folder: string): string {
  const local = localPathOf(url);
  if (local === null) return url;
  const absolute = resolve(repository.surroundings.workingFolder, local);
  if (isAbsolute(local) && (!existsSync(absolute) || !isInsideFolder(absolute, repository.root))) return local;
  return relative(repository.toFile(folder), absolute).split(sep).join('/');
}

/** Through a scratch cache, which is gone afterwards: what the workspace does not get need not stay here. */
export async function toRemote(
  repository: Repository,
  source: AddressSource,
  options: { readonly remote?: string; readonly jobs?: number },
): Promise<Taken> {
  const { reporter, signal } = repository.surroundings;
  const remote = await openRemote(repository, options.remote ?? null);
  const folder = await mkdtemp(join(tmpdir(), 'throughline-transfer-'));
  try {
    const scratch = await openScratch(folder, repository.surroundings);
    const taken = await takeAddress(source, scratch);
    const transfer = { remote, cache: openCache(scratch), reporter, signal, jobs: options.jobs ?? null };
    const plan = await planUpload([{ id: taken.id, path: source.url, sizeBytes: taken.sizeBytes, parts: null }], transfer);
    const [first] = (await upload(plan, transfer)).failures;
    if (first !== undefined)
      throw new DomainError({
        kind: 'unavailable',
        code: first.code,
        message: first.message,
        ...(first.hint === null ? {} : { hint: first.hint }),
      });
    return taken;
  } finally {
    remote.close();
    await rm(folder, { recursive: true, force: true });
  }
}
