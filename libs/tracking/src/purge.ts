// Purging: removing for good what was deleted long enough ago, and never what something still stands on. A deleted run that a model version
// was registered from, that made a dataset version, or that a logged model in use came from stays as the tombstone that lineage needs, whole.
//
// A job is a row, and each thing that it looks at is a row: any moment may be its last, and whoever takes it up goes on there.
// 1. PLAN, one transaction: all that is due becomes an item; what is cited from outside is kept, and what that stands on, until nothing changes.
// 2. DELETE: a few items at a time are locked and looked at once more, since somebody may have brought one back or registered a model from
//    it; what is still due leaves its workspace in that transaction (see store/purge.ts). Then its rows go, some thousand a statement.
// 3. COLLECT: the bytes that nothing refers to any more go the way of all bytes, by the collector and after its grace period.

import type { CollectReport } from '@throughline/content';
import { on } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { conflict, DomainError, invalid, isUuid, newId, notFound, requireScope } from '@throughline/kernel';

import { loggedModelNotFound, runNotFound } from './errors.ts';
import { checkCountOf } from './limits.ts';
import type { Parts } from './parts.ts';
import {
  deleteChildren,
  deleteDoomed,
  doom,
  doomExperiment,
  freeNames,
  insertItems,
  keepItems,
  keepRestored,
  keepWhatIsCited,
  lockForEnd,
  planning,
  selectChildTables,
  selectDueFileSets,
  selectGone,
  selectItems,
  selectReady,
} from './store/purge.ts';
import type { PurgeIds, PurgeKind } from './store/purge.ts';
import {
  countItems,
  dropItems,
  insertJob,
  leaseJob,
  releaseJob,
  renewLease,
  selectJob,
  selectJobs,
  selectKept,
  selectNamed,
  selectUnfinished,
  updateJob,
} from './store/purge-jobs.ts';
import type { KeptItem, PurgeJob, PurgeLease } from './store/purge-jobs.ts';

export interface PurgeInput {
  /** Changes nothing, and counts what would be removed. */
  dryRun: boolean;
  /** Only what was deleted at least so long ago; 0 unless told. */
  olderThanMs?: number | undefined;
  /** Only these, by the ids of MLflow's clients; everything that is due where none of the three is given. At most 10,000 together. */
  runIds?: readonly string[] | undefined;
  loggedModelIds?: readonly string[] | undefined;
  experimentIds?: readonly string[] | undefined;
}

/** Runs and logged models by UUID. */
export interface Citable {
  runs: readonly string[];
  loggedModels: readonly string[];
}

/** What purging needs of the rooms beside this one. */
export interface PurgeHelp {
  /** Which of these other domains stand on, as seen by the transaction; called with at most 500 of each. */
  citedOf(tx: Tx, asked: Citable): Promise<{ runs: ReadonlySet<string>; loggedModels: ReadonlySet<string> }>;
  /** Removes bytes that nothing refers to. In a dry run, the file sets that `isDue` tells count as unneeded. */
  collect(job: PurgeJob, isDue: (fileSetIds: readonly string[]) => Promise<string[]>, signal: AbortSignal): Promise<CollectReport>;
  /** Told of every step, with the counts as they are. */
  onProgress?: (job: PurgeJob) => void;
}

/** WORKER: nobody works on the job, until somebody takes it up. BACKUP: stored files stay as long as one is made. */
export type PurgeWait = 'WORKER' | 'BACKUP';

export interface Purge {
  /**
   * Queues a job over the caller's workspace; needs the scope ADMIN. Throws `conflict` PURGE_UNDER_WAY where one is not at its end, `not_found`
   * and `conflict` for what is named and unknown, in use, or deleted too short a while ago.
   */
  start(call: Call, input: PurgeInput): Promise<PurgeJob>;
  /** A job of the caller's workspace; null where there is none. This and the next two need the scope ADMIN. */
  find(call: Call, id: string): Promise<PurgeJob | null>;
  /** Newest first, at most 100. */
  list(call: Call, limit: number): Promise<PurgeJob[]>;
  /** What a job kept, at most `limit` (1000); of the workspace's last job only. */
  keptBy(call: Call, id: string, limit: number): Promise<KeptItem[]>;
  /** What keeps a job from going on now; null where nothing does. */
  waitOf(job: PurgeJob): Promise<PurgeWait | null>;
  /** The job that is not at its end, of any workspace, for whoever is to work on it. */
  findUnfinished(): Promise<PurgeJob | null>;
  /**
   * Works on a job to its end, or until the signal. Answers the job as it is then; null where somebody else works on it, or it has ended.
   * A failure ends the job with words, except one that says the database or the store cannot be reached: that is thrown, and the job waits.
   */
  work(id: string, help: PurgeHelp, signal: AbortSignal): Promise<PurgeJob | null>;
}

const MAX_NAMED = 10_000;
const MAX_LISTED = 1_000;
const MAX_JOBS = 100;
const MAX_AGE_MS = 100 * 365 * 86_400_000;
/** Things that one transaction takes. Their rows go outside of it. */
const BATCH = 200;
const ASKED_AT_ONCE = 500;
const LEASE_MS = 30_000;
const COLLISIONS = 5;

const TABLES = [
  { key: 'runs', table: 'run', what: 'run' },
  { key: 'loggedModels', table: 'logged_model', what: 'logged model' },
  { key: 'experiments', table: 'experiment', what: 'experiment' },
] as const;

/** Somebody else has the job by now, or this process is going down: whoever has the lease goes on. */
class Interrupted extends Error {}

export function createPurge({ database, content, clock }: Pick<Parts, 'database' | 'content' | 'clock'>): Purge {
  /** The UUIDs of what is named. Throws where one is unknown, in use, or was deleted too lately. */
  async function resolveNamed(
    call: Call,
    names: Record<(typeof TABLES)[number]['key'], readonly string[]>,
    before: Date,
  ): Promise<PurgeIds> {
    const ids: Record<string, string[]> = {};
    for (const { key, table, what } of TABLES) {
      const wanted = [...new Set(names[key])];
      const found = await selectNamed(on(database, call), call.caller.workspaceId, table, wanted);
      const unknown = wanted.find((name) => !found.some((one) => one.name === name));
      if (unknown !== undefined) throw notFound('PURGE_UNKNOWN', `There is no ${what} '${unknown.slice(0, 80)}' to purge.`);
      const inUse = found.find(({ deletedAt }) => deletedAt === null);
      if (inUse !== undefined) {
        throw conflict('PURGE_IN_USE', `The ${what} ${inUse.name} is not deleted; only what is deleted can be purged.`, {
          hint: 'Delete it first.',
        });
      }
      const young = found.find(({ deletedAt }) => deletedAt !== null && deletedAt >= before);
      if (young !== undefined) {
        throw conflict(
          'PURGE_TOO_YOUNG',
          `The ${what} ${young.name} was deleted at ${young.deletedAt?.toISOString() ?? ''}, which is less long ago than asked for.`,
        );
      }
      ids[key] = found.map(({ id }) => id);
    }
    return { runs: ids['runs'] ?? [], loggedModels: ids['loggedModels'] ?? [], experiments: ids['experiments'] ?? [] };
  }

  async function plan(tx: Tx, job: PurgeJob, help: PurgeHelp): Promise<void> {
    await insertItems(tx, job);
    for (const kind of ['RUN', 'LOGGED_MODEL'] as const) {
      const next = (behind: string | null) => selectItems(tx, job.id, { kind, state: 'PENDING', behind, limit: ASKED_AT_ONCE });
      for (let ids = await next(null); ids.length > 0; ids = await next(ids.at(-1) ?? null)) await keepRegistered(tx, job, kind, ids, help);
    }
    await keepWhatIsCited(tx, job.id, null);
  }

  async function keepRegistered(tx: Tx, job: PurgeJob, kind: PurgeKind, ids: readonly string[], help: PurgeHelp): Promise<void> {
    const asked = kind === 'RUN' ? { runs: ids, loggedModels: [] } : { runs: [], loggedModels: ids };
    const cited = await help.citedOf(tx, asked);
    await keepItems(tx, job.id, kind, [...(kind === 'RUN' ? cited.runs : cited.loggedModels)], 'MODEL_VERSION');
  }

  /** Decides over a few things, under their locks. What others do to them comes wholly before or wholly after. */
  async function take(job: PurgeJob, ids: Citable, help: PurgeHelp): Promise<void> {
    await patiently(() =>
      database.transaction(async (tx) => {
        await lockForEnd(tx, ids);
        await keepRestored(tx, job, ids);
        await keepRegistered(tx, job, 'RUN', ids.runs, help);
        await keepRegistered(tx, job, 'LOGGED_MODEL', ids.loggedModels, help);
        await keepWhatIsCited(tx, job.id, ids);
        await doom(tx, job.id, ids);
      }),
    );
  }

  /** Deletes everything of a kind that is doomed, its rows before itself. */
  async function erase(job: PurgeJob, kind: PurgeKind, step: () => Promise<void>): Promise<void> {
    const children = await selectChildTables(database, kind);
    const next = () => selectItems(database, job.id, { kind, state: 'DOOMED', limit: BATCH });
    for (let ids = await next(); ids.length > 0; ids = await next()) {
      for (const child of children) {
        for (let isMore = true; isMore;) {
          isMore = await deleteChildren(database, child, ids);
          await step();
        }
      }
      const doomed = ids;
      await patiently(() => database.transaction((tx) => deleteDoomed(tx, job.id, kind, doomed)));
    }
  }

  async function removeAll(job: PurgeJob, help: PurgeHelp, { step, count }: Record<'step' | 'count', () => Promise<void>>): Promise<void> {
    const eraseThings = async () => {
      await erase(job, 'LOGGED_MODEL', step);
      await erase(job, 'RUN', step);
    };
    // What a killed worker had taken already.
    await eraseThings();
    for (;;) {
      await count();
      const ids = await selectReady(database, job.id, BATCH);
      if (ids.runs.length + ids.loggedModels.length === 0) break;
      await take(job, ids, help);
      await eraseThings();
    }
    const next = () => selectItems(database, job.id, { kind: 'EXPERIMENT', state: 'PENDING', limit: 1 });
    for (let [id] = await next(); id !== undefined; [id] = await next()) {
      const experiment = id;
      await patiently(() => database.transaction((tx) => doomExperiment(tx, job, experiment)));
      await step();
    }
    await erase(job, 'EXPERIMENT', step);
    await freeNames(database, job);
  }

  /** Goes through the phases that are left. Every one of them can be begun again. */
  async function goOn(job: PurgeJob, lease: PurgeLease, help: PurgeHelp, signal: AbortSignal): Promise<void> {
    let current = job;
    const tell = async (change: Partial<Pick<PurgeJob, 'phase' | 'counts'>>) => {
      await updateJob(database, job.id, lease, change);
      current = { ...current, ...change };
      help.onProgress?.(current);
    };
    /** Between two steps: goes on only where nobody else does by now, and nobody wants an end. */
    const step = async () => {
      if (signal.aborted || !(await renewLease(database, job.id, lease))) throw new Interrupted();
      help.onProgress?.(current);
    };
    // Goes through all items, and so is no part of every step.
    const count = async () => {
      await step();
      await tell({ counts: await countItems(database, job, null) });
    };
    if (current.phase === 'PLAN') {
      await planning(database, (tx) => plan(tx, job, help));
      await count();
      await tell({ phase: 'DELETE' });
    }
    if (current.phase === 'DELETE') {
      if (!job.dryRun) await removeAll(job, help, { step, count });
      await count();
      await tell({ phase: 'COLLECT' });
    }
    const collected = await held(lease, job, signal, (inner) =>
      help.collect(job, (ids) => (job.dryRun ? selectDueFileSets(database, job.id, ids) : Promise.resolve([])), inner),
    );
    await tell({ counts: await countItems(database, job, collected) });
    await dropItems(database, job);
    await updateJob(database, job.id, lease, { end: { state: 'DONE', error: null, now: clock.now() } });
  }

  /** Renews the lease while something else works, and ends that where it is lost. */
  async function held<T>(lease: PurgeLease, job: PurgeJob, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    const renewing = setInterval(() => {
      renewLease(database, job.id, lease).then(
        (isHeld) => isHeld || lost.abort(),
        () => lost.abort(),
      );
    }, LEASE_MS / 3);
    try {
      return await work(AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (signal.aborted || lost.signal.aborted) throw new Interrupted();
      throw error;
    } finally {
      clearInterval(renewing);
    }
  }

  const find = async (call: Call, id: string): Promise<PurgeJob | null> => {
    requireScope(call.caller, 'ADMIN');
    return isUuid(id) ? selectJob(on(database, call), call.caller.workspaceId, id) : null;
  };

  return {
    async start(call, { dryRun, olderThanMs = 0, runIds, loggedModelIds, experimentIds }) {
      requireScope(call.caller, 'ADMIN');
      if (!Number.isSafeInteger(olderThanMs) || olderThanMs < 0 || olderThanMs > MAX_AGE_MS) {
        throw invalid('INVALID_AGE', `The age must be a whole number of milliseconds from 0 to ${MAX_AGE_MS}; it was ${olderThanMs}.`);
      }
      const now = clock.now();
      const before = new Date(now.getTime() - olderThanMs + (olderThanMs === 0 ? 1 : 0));
      const names = { runs: runIds ?? [], loggedModels: loggedModelIds ?? [], experiments: experimentIds ?? [] };
      const isNamed = runIds !== undefined || loggedModelIds !== undefined || experimentIds !== undefined;
      checkCountOf('ids', names.runs.length + names.loggedModels.length + names.experiments.length, MAX_NAMED);
      const only = isNamed ? await resolveNamed(call, names, before) : null;
      const { workspaceId, name } = call.caller;
      const made = await insertJob(on(database, call), {
        id: newId(now.getTime()),
        workspaceId,
        dryRun,
        before,
        only,
        requestedBy: name,
        now,
      });
      if (made !== null) return made;
      const other = await selectUnfinished(on(database, call));
      throw conflict(
        'PURGE_UNDER_WAY',
        `A purge is under way${other === null ? '' : asker(other, workspaceId)}: one at a time on a server.`,
        {
          hint: 'Wait for its end. One that was killed goes on when the server starts, or with: npx throughline gc',
        },
      );
    },

    find,

    async list(call, limit) {
      requireScope(call.caller, 'ADMIN');
      return selectJobs(on(database, call), call.caller.workspaceId, Math.min(Math.max(limit, 1), MAX_JOBS));
    },

    async keptBy(call, id, limit) {
      const job = await find(call, id);
      return job === null ? [] : selectKept(on(database, call), job.id, Math.min(Math.max(limit, 1), MAX_LISTED));
    },

    async waitOf({ state, phase, dryRun, isTaken }) {
      if (state === 'DONE' || state === 'FAILED') return null;
      if (!isTaken) return 'WORKER';
      return phase === 'COLLECT' && !dryRun && (await content.isHeldOff()) ? 'BACKUP' : null;
    },

    findUnfinished: () => selectUnfinished(database),

    async work(id, help, signal) {
      const lease = { leaseId: newId(), leaseMs: LEASE_MS };
      const job = await leaseJob(database, id, lease, clock.now());
      if (job === null) return null;
      try {
        await goOn(job, lease, help, signal);
      } catch (error) {
        if (error instanceof Interrupted || (error instanceof DomainError && error.kind === 'unavailable')) {
          // A lease that cannot be given back ends by itself; what went wrong matters more.
          await releaseJob(database, id, lease).catch(() => undefined);
          if (!(error instanceof Interrupted)) throw error;
        } else {
          await updateJob(database, id, lease, { end: { state: 'FAILED', error: wordsFor(error), now: clock.now() } });
          if (!(error instanceof DomainError)) throw error;
        }
      }
      return selectJob(database, job.workspaceId, id);
    },
  };
}

/** Who asked for a job, and when; of another workspace's, only that it is one. */
function asker(job: PurgeJob, workspaceId: string): string {
  return job.workspaceId === workspaceId ? `, asked for by ${job.requestedBy} at ${job.createdAt.toISOString()}` : ' in another workspace';
}

/** Tries again where another transaction stood in the way. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === COLLISIONS || !(error instanceof DomainError && error.code === 'TRANSACTION_COLLIDED')) throw error;
    }
  }
}

function wordsFor(error: unknown): string {
  return error instanceof DomainError
    ? [error.message, error.hint].filter(Boolean).join(' ')
    : 'The purge ended with an unexpected error; the log of who worked on it has it.';
}

/** Holds the rows of runs and logged models of the caller's workspace until the transaction ends. Throws `not_found` where one is gone. */
export async function keep(
  { caller, tx }: Call & { tx: Tx },
  { runs = [], loggedModels = [] }: { runs?: readonly string[]; loggedModels?: readonly string[] },
): Promise<void> {
  const gone = await selectGone(tx, caller.workspaceId, { runs, loggedModels });
  if (gone.runs[0] !== undefined) throw runNotFound(gone.runs[0]);
  if (gone.loggedModels[0] !== undefined) throw loggedModelNotFound(gone.loggedModels[0]);
}
