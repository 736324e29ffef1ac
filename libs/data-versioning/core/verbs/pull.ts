// Fetch, and then checkout: what came is put in its place even where something else did not come.

import { isPartialImport } from '../remotes/imports.ts';
import type { SelectedOutput } from '../remotes/selection.ts';
import type { Repository } from '../repository/repository.ts';
import { checkout } from './checkout.ts';
import type { CheckoutResult } from './checkout.ts';
import { fetchLocked } from './fetch.ts';
import type { FetchOptions, FetchResult } from './fetch.ts';

export interface PullOptions extends FetchOptions {
  /** Whether changes of the workspace that nobody else has may be lost. */
  readonly force?: boolean;
  /** What is nowhere is no failure. */
  readonly allowMissing?: boolean;
}

export interface PullResult {
  readonly fetch: FetchResult;
  readonly checkout: CheckoutResult;
}

/** @throws DomainError what stops everything: no remote, no connection, wrong credentials, a full disk, a target that is not known. */
export async function pull(repository: Repository, options: PullOptions = {}): Promise<PullResult> {
  return await repository.withLock('throughline pull', async () => {
    const { force, allowMissing, ...fetching } = options;
    const { result: fetched, wanted } = await fetchLocked(repository, fetching);
    const { targets, recursive, withDependencies, glob } = options;
    const checkedOut = await checkout(repository, {
      ...(targets === undefined ? {} : { targets }),
      ...(recursive === undefined ? {} : { recursive }),
      ...(withDependencies === undefined ? {} : { withDependencies }),
      ...(glob === undefined ? {} : { glob }),
      force: force === true,
      allowMissing: allowMissing === true,
    });
    const partial = wanted.filter(isPartialImport);
    const result =
      partial.length === 0
        ? { fetch: fetched, checkout: checkedOut }
        : await withImports(repository, partial, options, { fetch: fetched, checkout: checkedOut });
    // What could not be fetched is missing in the workspace as well, and is told once.
    return allowMissing === true ? { ...result, fetch: { ...result.fetch, failures: [] } } : result;
  });
}

/** Takes imports that were only looked at so far. */
async function withImports(
  repository: Repository,
  partial: readonly SelectedOutput[],
  { jobs }: PullOptions,
  { fetch, checkout: checkedOut }: PullResult,
): Promise<PullResult> {
  const { takePartialImports } = await import('./partial-imports.ts');
  const taken = await takePartialImports(repository, partial, { jobs: jobs ?? null });
  return {
    fetch: {
      fetched: fetch.fetched + taken.objects,
      sizeBytes: fetch.sizeBytes + taken.sizeBytes,
      failures: [...fetch.failures, ...taken.failures],
    },
    checkout: {
      ...checkedOut,
      added: [...checkedOut.added, ...taken.added],
      stats: { ...checkedOut.stats, added: checkedOut.stats.added + taken.addedFiles },
    },
  };
}
