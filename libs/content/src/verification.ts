// Verification: hashing again every stored byte that a root reaches. A job is a list of blobs in the database; workers take jobs under a
// lease, hash what is still pending and record it in small transactions, so that a killed worker loses a few seconds and another goes on
// where it stopped. Damaged is only what was read and is wrong, or is not there while the rest of the store is; what cannot be reached
// fails the job with words and marks nothing.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { on } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { decodeCursor, DomainError, encodeCursor, invalid, isUuid, newId, pageOf, requireScope } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { holdsNothing } from './blobs.ts';
import { fileSetNotFound, manifestNotFound, storeEmpty, verificationNotFound } from './errors.ts';
import { underLease } from './leases.ts';
import { createRests } from './rests.ts';
import { longTransaction } from './store/long.ts';
import { selectManifests } from './store/manifests.ts';
import {
  dropCollected,
  findJob,
  finishJob,
  insertJob,
  leaseJob,
  recordOutcomes,
  releaseJob,
  renewJob,
  selectFileSetIds,
  selectJobs,
  selectPending,
} from './store/verification.ts';
import type { JobLease, Outcome, PendingItem, VerificationJob } from './store/verification.ts';
import type { Parts } from './types.ts';

export interface VerificationRequest {
  /** The node that is asked about, as its node id; kept for people. */
  root: string;
  manifestIds: readonly string[];
  fileSetIds?: readonly string[] | undefined;
}

export interface WorkerOptions {
  /** Ends the worker; a job under way is given back. */
  signal: AbortSignal;
  /** Told of what the worker itself could not cope with, such as a lost database; it goes on at the next turn. */
  onError?: (error: unknown) => void;
}

export interface Verifications {
  /** Queues a job over everything that the manifests and file sets reach. Throws `not_found` for those of another workspace. */
  startVerification(call: Call, request: VerificationRequest): Promise<VerificationJob>;
  /** Throws `not_found` VERIFICATION_NOT_FOUND. */
  getVerification(call: Call, id: string): Promise<VerificationJob>;
  /** Newest first. */
  listVerifications(call: Call, page: PageRequest): Promise<Page<VerificationJob>>;
  /** Works until the signal ends it: takes jobs, of all workspaces, one at a time. Any number may run, in any number of processes. */
  runVerification(options: WorkerOptions): Promise<void>;
  /** Lets the workers of this process look for jobs now instead of at their next turn; for after the commit of a transaction. */
  wakeVerification(): void;
}

/** Manifests and file sets of one job. */
const MAX_ROOTS = 10_000;
/** What is recorded together: enough small files that transactions cost little, few enough bytes that progress is seen. */
const BATCH_FILES = 64;
const BATCH_BYTES = 64 * 2 ** 20;
const CONCURRENCY = 2;
/** The last time that JavaScript can tell. */
const LAST_TIME_MS = 8.64e15;

class LeaseLost extends Error {}

interface Failure {
  error: unknown;
}

export function createVerifications(parts: Parts): Verifications {
  const { database, objects, clock, limits } = parts;
  const { rest, wake } = createRests(limits.pollMs);

  /** Takes a job and works on it to its end. False where there is none. */
  async function runOne({ signal, onError = () => undefined }: WorkerOptions): Promise<boolean> {
    const leaseId = newId();
    const job = await leaseJob(database, { leaseId, leaseMs: limits.leaseMs, now: clock.now() });
    if (job === null) return false;
    const lease: JobLease = { jobId: job.id, leaseId, leaseMs: limits.leaseMs };
    const [renew, release] = [() => renewJob(database, lease), () => releaseJob(database, lease)];
    await underLease({ leaseMs: limits.leaseMs, renew, release }, async () => {
      const failure = await checkAll(job, lease, signal);
      if (failure !== null && !(failure.error instanceof DomainError)) onError(failure.error);
      const end = failure === null ? { state: 'DONE' as const, error: null } : { state: 'FAILED' as const, error: wordsFor(failure.error) };
      if (failure !== null || !signal.aborted) await finishJob(database, lease, { ...end, now: clock.now() });
    }).catch((error: unknown) => {
      if (!(error instanceof LeaseLost)) throw error;
    });
    return true;
  }

  /** Checks what is pending; null where all is done or the signal came, else what the job fails with. */
  async function checkAll(job: VerificationJob, lease: JobLease, signal: AbortSignal): Promise<Failure | null> {
    for (;;) {
      const pending = await selectPending(database, job.id, BATCH_FILES);
      if (pending.length === 0) break;
      const checked = await checkBatch(batchOf(pending), signal);
      if (checked.outcomes.length > 0) {
        const found = { outcomes: checked.outcomes, checkedBy: job.requestedBy, now: clock.now() };
        const recorded = await database.transaction((tx) => recordOutcomes(tx, lease, found));
        if (recorded === null) throw new LeaseLost();
        // Somebody is writing all of these; hashing them over and over until they are done would help nobody.
        if (recorded === 0) await rest(signal);
      }
      if (signal.aborted) return null;
      if (checked.failure !== null) return checked.failure;
    }
    await longTransaction(database, (tx) => dropCollected(tx, lease));
    return null;
  }

  /** Hashes a batch, two at a time; keeps what was found before a failure. */
  async function checkBatch(batch: readonly PendingItem[], signal: AbortSignal): Promise<{ outcomes: Outcome[]; failure: Failure | null }> {
    const queue = [...batch];
    const outcomes: Outcome[] = [];
    let failure: Failure | null = null;
    const lane = async () => {
      for (let item = queue.shift(); item !== undefined && failure === null && !signal.aborted; item = queue.shift()) {
        try {
          const integrity = await checkPatiently(item, signal);
          outcomes.push({ sha256: item.sha256, storageKey: item.storageKey, integrity });
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    return { outcomes, failure };
  }

  /** Asks an unreachable store again a few times: a long job should outlive a short break. */
  async function checkPatiently(item: PendingItem, signal: AbortSignal): Promise<Outcome['integrity']> {
    for (const delayMs of limits.retryDelaysMs) {
      try {
        return await check(item, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof DomainError && error.kind === 'unavailable')) throw error;
      }
      await sleep(delayMs, undefined, { signal });
    }
    return check(item, signal);
  }

  async function check({ sha256, storageKey, sizeBytes }: PendingItem, signal: AbortSignal): Promise<Outcome['integrity']> {
    try {
      const object = await objects.get(storageKey);
      const hash = createHash('sha256');
      for await (const chunk of object.body) {
        signal.throwIfAborted();
        hash.update(chunk as Uint8Array);
      }
      return object.sizeBytes === sizeBytes && hash.digest('hex') === sha256 ? 'INTACT' : 'DAMAGED';
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.kind === 'corrupt') return 'DAMAGED';
      if (error.code !== 'OBJECT_NOT_FOUND') throw error;
      if (await holdsNothing(objects)) throw storeEmpty();
      return 'DAMAGED';
    }
  }

  async function checkRoots(call: Call, manifestIds: readonly string[], fileSetIds: readonly string[]): Promise<void> {
    if (manifestIds.length + fileSetIds.length > MAX_ROOTS) {
      throw invalid('TOO_MANY_ROOTS', `A verification covers at most ${MAX_ROOTS} manifests and file sets.`);
    }
    const db = on(database, call);
    const known = new Set((await selectManifests(db, call.caller.workspaceId, manifestIds.filter(isUuid))).map((manifest) => manifest.id));
    const unknown = manifestIds.find((id) => !known.has(id));
    if (unknown !== undefined) throw manifestNotFound(unknown);
    const knownSets = new Set(await selectFileSetIds(db, call.caller.workspaceId, fileSetIds.filter(isUuid)));
    const unknownSet = fileSetIds.find((id) => !knownSets.has(id));
    if (unknownSet !== undefined) throw fileSetNotFound(unknownSet);
  }

  return {
    async startVerification(call, { root, manifestIds, fileSetIds = [] }) {
      requireScope(call.caller, 'WRITE');
      await checkRoots(call, manifestIds, fileSetIds);
      const now = clock.now();
      const { workspaceId, name } = call.caller;
      const insert = (tx: Tx) =>
        insertJob(tx, { id: newId(now.getTime()), workspaceId, root, requestedBy: name, manifestIds, fileSetIds, now });
      const job = await (call.tx === undefined ? longTransaction(database, insert) : insert(call.tx));
      if (call.tx === undefined) wake();
      return job;
    },

    async getVerification(call, id) {
      const job = isUuid(id) ? await findJob(on(database, call), call.caller.workspaceId, id) : null;
      if (job === null) throw verificationNotFound(id);
      return job;
    },

    async listVerifications(call, { first, after }) {
      const behind = after === null ? null : jobOfCursor(after);
      const jobs = await selectJobs(on(database, call), call.caller.workspaceId, { behind, limit: first + 1 });
      return pageOf(jobs, first, (job) => encodeCursor([job.createdAt.getTime(), job.id]));
    },

    async runVerification(options) {
      while (!options.signal.aborted) {
        const worked = await runOne(options).catch((error: unknown) => {
          options.onError?.(error);
          return false;
        });
        if (!worked) await rest(options.signal);
      }
    },

    wakeVerification: wake,
  };
}

function batchOf(pending: readonly PendingItem[]): PendingItem[] {
  let bytes = 0;
  const fits = pending.findIndex((item) => (bytes += item.sizeBytes) > BATCH_BYTES);
  return pending.slice(0, fits === -1 ? pending.length : Math.max(fits, 1));
}

function jobOfCursor(after: string): { createdAtMs: number; id: string } {
  const [createdAtMs, id] = decodeCursor(after, 2);
  const isTime = typeof createdAtMs === 'number' && Number.isInteger(createdAtMs) && createdAtMs >= 0 && createdAtMs <= LAST_TIME_MS;
  if (isTime && typeof id === 'string' && isUuid(id)) return { createdAtMs, id };
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}

/** What a failed job tells people; the inside of a defect stays inside. */
function wordsFor(error: unknown): string {
  return error instanceof DomainError
    ? [error.message, error.hint].filter(Boolean).join(' ')
    : 'The check ended with an unexpected error; the server’s log has it.';
}
