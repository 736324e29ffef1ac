// Brings what remotes hold into the cache; the workspace stays as it is.

import { openCache } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import { outputsByRemote, withRemotes } from '../remotes/by-remote.ts';
import { download } from '../remotes/download.ts';
import { fetchImports, isImport, isWhole } from '../remotes/imports.ts';
import { openRemote } from '../remotes/open.ts';
import { reportReads } from '../remotes/reads.ts';
import { fetchRunCache } from '../remotes/run-cache.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { SelectedOutput, SelectionOptions } from '../remotes/selection.ts';
import { fetchVersionedImports, isVersionedImport } from '../remotes/versioned-imports.ts';
import { addResults, NOTHING_MOVED } from '../remotes/wanted.ts';
import type { TransferFailure, WantedOutput } from '../remotes/wanted.ts';
import type { Repository } from '../repository/repository.ts';

export interface FetchOptions extends SelectionOptions {
  readonly remote?: string;
  readonly jobs?: number;
  readonly runCache?: boolean;
  /** Outputs with so many bytes or more are left alone. */
  readonly maxSizeBytes?: number;
  /** The id of the run inside of which this happens: a Throughline server is told what it reads. */
  readonly run?: string;
}

export interface FetchResult {
  /** Objects that came. */
  readonly fetched: number;
  readonly sizeBytes: number;
  /** What is nowhere, or came damaged: the command has failed where there is any. */
  readonly failures: readonly TransferFailure[];
}

/** @throws DomainError what stops everything: no remote, no connection, wrong credentials, a full disk. */
export async function fetch(repository: Repository, options: FetchOptions = {}): Promise<FetchResult> {
  return await repository.withLock('throughline fetch', async () => (await fetchLocked(repository, options)).result);
}

/** As `fetch`, under the repository's lock. Answers as well what was meant. */
export async function fetchLocked(
  repository: Repository,
  options: FetchOptions,
): Promise<{ readonly result: FetchResult; readonly wanted: readonly SelectedOutput[] }> {
  const { reporter } = repository.surroundings;
  const remoteName = options.remote?.toLowerCase() ?? null;
  const selection = await selectOutputsOf(repository, options);
  for (const { file, revision, error } of selection.unreadable)
    reporter.warn(`${file}${revision === null ? '' : ` of ${revision.slice(0, 10)}`} is left out: ${error.message}`);
  const wanted = selection.outputs.filter(
    ({ output }) => options.maxSizeBytes === undefined || (output.sizeBytes ?? 0) < options.maxSizeBytes,
  );
  const runs = options.runCache === true ? await fetchRuns(repository, remoteName) : 0;
  const own = wanted.filter(({ stage }) => !isImport(stage) && !isVersionedImport(stage));
  const fetched = await fetchOwn(repository, own, { ...options, remoteName });
  const imported = await fetchImports(
    repository,
    wanted.filter(({ stage }) => isImport(stage)),
    { jobs: options.jobs ?? null },
  );
  const versions = await fetchVersionedImports(
    repository,
    wanted.filter(({ stage }) => isVersionedImport(stage)),
  );
  const total = [imported, versions].reduce(addResults, fetched);
  return { result: { fetched: total.objects + runs, sizeBytes: total.sizeBytes, failures: total.failures }, wanted };
}

async function fetchOwn(
  repository: Repository,
  outputs: readonly SelectedOutput[],
  options: FetchOptions & { readonly remoteName: string | null },
) {
  const { reporter, signal } = repository.surroundings;
  const cache = openCache(repository);
  const { run } = options;
  const byRemote = outputsByRemote(outputs, options.remoteName);
  const unplaced = byRemote.get(null) ?? [];
  if (unplaced.length > 0 && repository.config.defaultRemote() === null && (await areWhole(cache, unplaced))) {
    reporter.warn('No remote is configured. The cache has everything, so none is needed.');
    byRemote.delete(null);
  }
  const results = await withRemotes(repository, byRemote, async (remote, wanted) => {
    const known = new Map<string, string>();
    const isReported = run !== undefined && remote.server !== null;
    const result = await download(wanted, {
      remote,
      cache,
      reporter,
      signal,
      jobs: options.jobs ?? null,
      onSha256: isReported ? (key, sha256) => void known.set(key, sha256) : null,
    });
    if (run !== undefined && remote.server !== null && result.failures.length === 0) {
      await reportReads(wanted, { server: remote.server, cache, run, known, reporter, signal });
    }
    return result;
  });
  return results.reduce(addResults, NOTHING_MOVED);
}

async function areWhole(cache: Cache, outputs: readonly WantedOutput[]): Promise<boolean> {
  for (const { id } of outputs) if (!(await isWhole(cache, id))) return false;
  return true;
}

async function fetchRuns(repository: Repository, remoteName: string | null): Promise<number> {
  const remote = await openRemote(repository, remoteName);
  try {
    const fetched = await fetchRunCache(repository, remote, repository.surroundings.signal);
    if (fetched === null)
      repository.surroundings.reporter.warn(`The remote ${remote.url} cannot list its files, so it keeps no run cache.`);
    return fetched ?? 0;
  } finally {
    remote.close();
  }
}
