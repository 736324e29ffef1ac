// Follows the sources of imports: takes what is there now, and notes it. What the source still has as it was is left alone.

import { readFile, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { conflict, invalid } from '@throughline/kernel';
import type { DependencyEntry, DvcFile } from '../formats/dvc-file.ts';
import { followsVersions, parseDvcFile, placeOptionsOf } from '../formats/dvc-file.ts';
import { printObjectId } from '../formats/object-id.ts';
import { folderOf, splitVersion } from '../formats/paths.ts';
import { openCache } from '../objects/cache.ts';
import { checkoutOutput } from '../objects/checkout.ts';
import { fileFailed } from '../objects/failures.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import { addressEntry, openAddress, takeAddress } from '../remotes/address-source.ts';
import type { AddressOptions, AddressSource } from '../remotes/address-source.ts';
import { localPathOf } from '../remotes/address.ts';
import { openSource, sourceEntry, takeFrom } from '../remotes/imports.ts';
import type { Source } from '../remotes/imports.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { Taken } from '../remotes/take.ts';
import { viewOf } from '../remotes/view.ts';
import type { Repository } from '../repository/repository.ts';
import type { Stage } from '../types.ts';
import { emptyOutput, outputEntry, writeImport } from './import.ts';
import { toRemote } from './import-url.ts';
import { isInCache } from './saved.ts';

export interface UpdateOptions {
  /** `.dvc` files of imports, or their outputs. */
  readonly targets: readonly string[];
  /** Folders among the targets stand for the imports below them. */
  readonly recursive?: boolean;
  /** Another branch, tag or commit from now on; of a file that follows versions, this one of them. */
  readonly rev?: string;
  readonly noDownload?: boolean;
  readonly toRemote?: boolean;
  readonly remote?: string;
  /** Over changes of the workspace. */
  readonly force?: boolean;
  readonly jobs?: number;
}

export interface UpdatedImport {
  readonly path: string;
  readonly dvcFile: string;
  readonly isChanged: boolean;
  /** Of the source's repository; null for an address. */
  readonly commit: string | null;
  /** Null where the data was not taken. */
  readonly id: string | null;
}

/** @throws DomainError `NOT_AN_IMPORT`, `VERSIONS_UNSUPPORTED`, `UNSAVED_CHANGES`, `TARGET_UNKNOWN`, and what the source's place throws. */
export async function update(repository: Repository, options: UpdateOptions): Promise<readonly UpdatedImport[]> {
  if (options.targets.length === 0)
    throw invalid('TARGET_MISSING', 'Nothing is named to update.', { hint: 'Name .dvc files of imports, or a folder with --recursive.' });
  if (options.toRemote === true && options.noDownload === true)
    throw invalid('OPTIONS_EXCLUDE', '--to-remote and --no-download exclude each other.');
  if (options.remote !== undefined && options.toRemote !== true) throw invalid('OPTIONS_EXCLUDE', '--remote needs --to-remote.');
  return await repository.withLock('throughline update', async () => {
    const { stages } = await selectOutputsOf(repository, { targets: options.targets, recursive: options.recursive === true });
    const updated: UpdatedImport[] = [];
    for (const stage of new Set(stages)) {
      const isNamed = options.recursive !== true;
      if (stage.name === null && stage.dependencies.length === 1) updated.push(await updateOne(repository, stage, options));
      else if (isNamed) throw notAnImport(stage);
    }
    return updated;
  });
}

function notAnImport(stage: Stage) {
  return invalid('NOT_AN_IMPORT', `${stage.file} is no import: it has no source to follow.`, {
    hint: 'Data that lies here is followed with add and commit.',
  });
}

async function updateOne(repository: Repository, stage: Stage, options: UpdateOptions): Promise<UpdatedImport> {
  const content = await parseDvcFile(await readFile(repository.toFile(stage.file), 'utf8'), stage.file);
  const [dependency] = stage.dependencies;
  const [entry] = content.deps;
  const [output] = stage.outputs;
  if (dependency === undefined || entry === undefined || output === undefined) throw notAnImport(stage);
  const work: Work = { repository, stage, content, entry, path: output.path, options };
  if (dependency.repo !== undefined) return await updateFromRepository(work, dependency.repo);
  return await updateFromAddress(work);
}

interface Work {
  readonly repository: Repository;
  readonly stage: Stage;
  readonly content: DvcFile;
  readonly entry: DependencyEntry;
  /** Of the output. */
  readonly path: string;
  readonly options: UpdateOptions;
}

async function updateFromRepository(work: Work, source: Source): Promise<UpdatedImport> {
  const { repository, stage, content, entry, path, options } = work;
  if (options.toRemote === true) {
    throw invalid(
      'OPTIONS_EXCLUDE',
      `${stage.file} follows another repository, whose data stays with that one's remote: --to-remote is for addresses.`,
    );
  }
  const rev = options.rev ?? source.rev;
  const external = await openSource(repository, source, entry.path ?? '', rev ?? null);
  try {
    const { commit } = external;
    const id = content.outs[0]?.md5 ?? null;
    if (commit !== null && commit === source.revLock && (options.rev === undefined || options.rev === source.rev) && id !== null) {
      return { path, dvcFile: stage.file, isChanged: false, commit, id };
    }
    const next = sourceEntry(entry.path ?? '', { url: source.url, rev, revLock: commit, remote: source.remote, config: source.config });
    if (options.noDownload === true) {
      await (await viewOf(external, repository)).entry(external.path);
      await takeAway(work);
      await write(work, next, null);
      return { path, dvcFile: stage.file, isChanged: true, commit, id: null };
    }
    const taken = await takeFrom(repository, external, options.jobs ?? null);
    await place(work, taken);
    await write(work, next, taken);
    return { path, dvcFile: stage.file, isChanged: true, commit, id: printObjectId(taken.id) };
  } finally {
    await external.close();
  }
}

async function updateFromAddress(work: Work): Promise<UpdatedImport> {
  const { repository, stage, content, entry, path, options } = work;
  const versionAware = followsVersions(entry);
  requireVersions(stage, entry, options);
  const written = entry.path ?? '';
  const version = options.rev === undefined ? {} : { version: options.rev };
  const source = await openFollowed(repository, stage, entry, { versionAware, ...version });
  try {
    const now = await addressEntry(source, written, null);
    const id = content.outs[0]?.md5 ?? null;
    if ((versionAware ? isSameVersion(source, stage, now) : isSameSource(entry, now)) && id !== null)
      return { path, dvcFile: stage.file, isChanged: false, commit: null, id };
    const next: DependencyEntry = { ...now, ...(entry.fs_config === undefined ? {} : { fs_config: entry.fs_config }) };
    if (options.noDownload === true) {
      await takeAway(work);
      await write(work, next, null);
      return { path, dvcFile: stage.file, isChanged: true, commit: null, id: null };
    }
    const taken = options.toRemote === true ? await toRemote(repository, source, options) : await takeAddress(source, repository);
    if (options.toRemote !== true) await place(work, taken);
    await write(work, next, taken);
    return { path, dvcFile: stage.file, isChanged: true, commit: null, id: printObjectId(taken.id) };
  } finally {
    source.storage.close();
  }
}

/** Opens the address that an import follows; a path is seen from the `.dvc` file's folder. */
export async function openFollowed(
  repository: Repository,
  stage: Stage,
  entry: DependencyEntry,
  versions: Pick<AddressOptions, 'version' | 'versionAware'> = {},
): Promise<AddressSource> {
  const written = entry.path ?? '';
  const local = localPathOf(written);
  const url = local === null || isAbsolute(local) ? written : join(repository.toFile(folderOf(stage.file)), local);
  return await openAddress(repository.surroundings, { url, config: repository.config, options: placeOptionsOf(entry), ...versions });
}

/** What `--rev` may mean: a version of a file that follows them, unless its address names one already. */
function requireVersions(stage: Stage, entry: DependencyEntry, { rev }: UpdateOptions): void {
  if (rev === undefined) return;
  if (!followsVersions(entry)) throw invalid('OPTIONS_EXCLUDE', `${stage.file} follows an address, which has no revisions.`);
  if (entry.files !== undefined) {
    throw invalid(
      'OPTIONS_EXCLUDE',
      `${stage.file} follows a folder, whose files have each a version of their own: --rev is for single files.`,
    );
  }
  if (splitVersion(entry.path ?? '').version !== null)
    throw invalid('OPTIONS_EXCLUDE', `${stage.file} names the version that it follows in its address.`);
}

/** A folder is the same while its files are, as DVC sees it, whatever their versions are called. */
function isSameVersion(source: AddressSource, { dependencies }: Stage, now: DependencyEntry): boolean {
  const before = dependencies[0]?.versions ?? [];
  if (!source.isFolder) return before.length === 1 && before[0]?.version === now.version_id && before[0]?.etag === now.etag;
  const etags = new Map(before.map(({ path, etag }) => [path, etag]));
  return etags.size === source.files.length && source.files.every(({ path, etag }) => etags.has(path) && etags.get(path) === etag);
}

/** A place that names its contents tells by that name; of others nobody can tell, so they count as changed. */
export function isSameSource(before: DependencyEntry, now: DependencyEntry): boolean {
  const name = now.md5 ?? now.etag ?? now.checksum;
  return name !== undefined && name === (before.md5 ?? before.etag ?? before.checksum);
}

async function place({ repository, path, options }: Work, taken: Taken): Promise<void> {
  const [only] = taken.files;
  const output = { path, id: taken.id, files: null, isExecutable: !taken.isFolder && only?.isExecutable === true };
  const { failures } = await checkoutOutput(repository, openCache(repository), output, { force: options.force === true, relink: false });
  const [first] = failures;
  if (first !== undefined) throw fileFailed(first);
}

/** What was taken before is not what is recorded from now on: it would pass for it, and pull would leave it alone. */
async function takeAway({ repository, path, options }: Work): Promise<void> {
  if (options.force !== true && !(await isInCache(repository, path))) {
    throw conflict('UNSAVED_CHANGES', `${JSON.stringify(path)} would be lost: the cache does not have it.`, {
      hint: 'Keep it with `throughline add` or `commit`, move it away, or give it up with --force.',
    });
  }
  new WorkspaceFolders(repository).requireReal(folderOf(path));
  await rm(repository.toFile(path), { recursive: true, force: true });
}

async function write({ repository, stage, content, path }: Work, entry: DependencyEntry, taken: Taken | null): Promise<void> {
  const [before] = content.outs;
  const kept =
    before === undefined
      ? {}
      : { desc: before.desc, type: before.type, labels: before.labels, meta: before.meta, push: before.push, remote: before.remote };
  const known = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  const output = { ...(taken === null ? emptyOutput(path) : outputEntry(path, taken)), ...known, path: before?.path ?? '' };
  await writeImport(repository, { path, dvcFile: stage.file }, { ...content, deps: [entry], outs: [output] });
}
