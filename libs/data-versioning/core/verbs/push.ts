// Sends what the cache holds to remotes.

import { openCache } from '../objects/cache.ts';
import { outputsByRemote, withRemotes } from '../remotes/by-remote.ts';
import { openRemote } from '../remotes/open.ts';
import { pushRunCache } from '../remotes/run-cache.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { SelectionOptions } from '../remotes/selection.ts';
import { planUpload, upload } from '../remotes/upload.ts';
import { addResults, NOTHING_MOVED } from '../remotes/wanted.ts';
import type { TransferFailure } from '../remotes/wanted.ts';
import type { Repository } from '../repository/repository.ts';
import { registerPushed } from './register.ts';
import type { RegisteredDataset } from './register.ts';

export interface PushOptions extends SelectionOptions {
  /** Instead of the default remote. */
  readonly remote?: string;
  /** How many transfers at a time. */
  readonly jobs?: number;
  /** The results of earlier runs of pipelines, too. */
  readonly runCache?: boolean;
  /** Whether a Throughline server is told which datasets these are. On unless said. */
  readonly register?: boolean;
  readonly dryRun?: boolean;
}

export interface PushResult {
  /** Objects that were sent, and with `dryRun` those that would be. */
  readonly pushed: number;
  readonly sizeBytes: number;
  /** What could not be sent, or is nowhere: the command has failed where there is any. */
  readonly failures: readonly TransferFailure[];
  readonly registered: readonly RegisteredDataset[];
}

/** @throws DomainError what stops everything: no remote, no connection, wrong credentials, a file of the workspace that cannot be read. */
export async function push(repository: Repository, options: PushOptions = {}): Promise<PushResult> {
  return await repository.withLock('throughline push', () => pushLocked(repository, options));
}

async function pushLocked(repository: Repository, options: PushOptions): Promise<PushResult> {
  const { reporter, signal } = repository.surroundings;
  const selection = await selectOutputsOf(repository, options);
  for (const { file, revision, error } of selection.unreadable)
    reporter.warn(`${file}${revision === null ? '' : ` of ${revision.slice(0, 10)}`} is left out: ${error.message}`);
  // Data that is imported from another repository stays with that one's remote.
  const own = selection.outputs.filter(
    ({ stage, output }) => output.isPushed && !stage.dependencies.some(({ repo }) => repo !== undefined),
  );
  const remoteName = options.remote?.toLowerCase() ?? null;
  const cache = openCache(repository);
  const registered: RegisteredDataset[] = [];
  let runs = 0;
  if (options.runCache === true && options.dryRun !== true) runs = await pushRuns(repository, remoteName);
  // Where nothing is tracked yet, that there is nowhere to push to is said all the same.
  if (own.length === 0) (await openRemote(repository, remoteName)).close();
  const results = await withRemotes(repository, outputsByRemote(own, remoteName), async (remote, outputs) => {
    const transfer = { remote, cache, reporter, signal, jobs: options.jobs ?? null };
    const plan = await planUpload(outputs, transfer);
    if (options.dryRun === true) {
      const sendable = [...plan.files, ...plan.folders.map(({ manifest }) => manifest)];
      return { objects: sendable.length, sizeBytes: sendable.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), failures: plan.failures };
    }
    const result = await upload(plan, transfer);
    if (remote.server !== null && options.register !== false) {
      const mine = own.filter(({ output }) => (output.remote ?? remoteName) === remote.name || (output.remote ?? remoteName) === null);
      registered.push(...(await registerPushed(repository, remote.server, mine, result.failures)));
    }
    return result;
  });
  const total = results.reduce(addResults, NOTHING_MOVED);
  return { pushed: total.objects + runs, sizeBytes: total.sizeBytes, failures: total.failures, registered };
}

async function pushRuns(repository: Repository, remoteName: string | null): Promise<number> {
  const remote = await openRemote(repository, remoteName);
  try {
    const pushed = await pushRunCache(repository, remote, repository.surroundings.signal);
    if (pushed === null) repository.surroundings.reporter.warn(`The remote ${remote.url} cannot list its files, so it keeps no run cache.`);
    return pushed ?? 0;
  } finally {
    remote.close();
  }
}
