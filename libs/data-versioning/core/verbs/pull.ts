// Fetch, and then checkout: what came is put in its place even where something else did not come.

import type { Repository } from '../repository/repository.ts';
import { checkout } from './checkout.ts';
import type { CheckoutResult } from './checkout.ts';
import { fetch } from './fetch.ts';
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
    const fetched = await fetch(repository, fetching);
    const { targets, recursive, withDependencies, glob } = options;
    const checkedOut = await checkout(repository, {
      ...(targets === undefined ? {} : { targets }),
      ...(recursive === undefined ? {} : { recursive }),
      ...(withDependencies === undefined ? {} : { withDependencies }),
      ...(glob === undefined ? {} : { glob }),
      force: force === true,
      allowMissing: allowMissing === true,
    });
    // What could not be fetched is missing in the workspace as well, and is told once.
    return { fetch: allowMissing === true ? { ...fetched, failures: [] } : fetched, checkout: checkedOut };
  });
}
