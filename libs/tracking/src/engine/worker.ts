// The worker settles what nobody reads. It is told of every append in this process, waits until a run rests or has gathered much, and settles
// many runs in one transaction; now and then it looks for what others left behind, such as a server that was killed. Several servers share
// the work: what one of them is at, the others pass over. It never stands in a writer's way: a writer appends a row and is done.
//
// The more it waits, the less it writes: a metric that grew by a hundred points is rewritten once and not a hundred times. Waiting costs
// whoever reads first, who settles the rest: a quarter of a million points at most, as long as the worker keeps up.

import type { Database } from '@throughline/database';
import { DomainError } from '@throughline/kernel';

import { selectPending } from '../store/settling.ts';
import type { Pending } from '../store/settling.ts';
import { settleAll, settleSome } from './settle.ts';

/** A run is settled when it has rested for so long, */
const REST_MS = 1_000;
/** or waited for so long, */
const PATIENCE_MS = 10_000;
/** or gathered so many points of each of its metrics, but no fewer and no more than these in all. */
const MANY_OF_EACH = 128;
const MANY_POINTS = 32_768;
const MOST_POINTS = 262_144;
/** How often the runs that wait are looked at. */
const TICK_MS = 250;
/** How often the table is searched for what others left, and how old that must be for them to have had their time. */
const SEARCH_MS = 30_000;
const LEFT_MS = 20_000;
const RUNS_AT_ONCE = 1_024;
/** After a failure (the database is away) it waits so long. */
const RECOVERY_MS = 5_000;

/** A run with appends that this process saw. */
interface Waiting {
  points: number;
  /** Metrics of the widest batch. */
  keys: number;
  sinceMs: number;
  lastMs: number;
}

/** Which runs are to be settled now: those that rest, have waited long or gathered much. */
export function dueRuns(waiting: ReadonlyMap<string, Waiting>, nowMs: number): string[] {
  const isDue = ({ points, keys, sinceMs, lastMs }: Waiting): boolean =>
    nowMs - lastMs >= REST_MS ||
    nowMs - sinceMs >= PATIENCE_MS ||
    points >= Math.min(MOST_POINTS, Math.max(MANY_POINTS, keys * MANY_OF_EACH));
  return [...waiting].filter(([, one]) => isDue(one)).map(([runId]) => runId);
}

export type AppendListener = (runId: string) => void;

export interface Engine {
  /** Settles in the background from now on, until it is stopped. A defect is told, and whatever failed is tried again. */
  start(options: { onError: (error: unknown) => void }): void;
  /** Ends the work under way and starts no more. What is not settled stays as it is and is settled later, by whomever. */
  stop(): Promise<void>;
  /** Settles everything that is committed by now, of all workspaces. For those who are about to read everything. */
  settleAll(): Promise<void>;
  /**
   * Calls back, at once and in this process only, whenever points of a run (a UUID) were appended; inside a transaction of the caller's that is
   * before they are committed. Listeners must not throw. Answers how to stop that.
   */
  onAppend(listener: AppendListener): () => void;
}

/** What the domain tells the engine. */
export interface AppendSink {
  appended(runId: string, batch: { pointCount: number; keyCount: number }): void;
}

export function createEngine(database: Database): Engine & AppendSink {
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<AppendListener>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStarted = false;
  let searchAtMs = 0;

  const settlePending = async (pending: readonly Pending[]): Promise<void> => {
    for (let rest = [...pending]; rest.length > 0 && isStarted;) rest = await settleSome(database, rest);
  };

  /** Settles what is due and looks for what was left. What fails stays in the table, where the search finds it. */
  const work = async (): Promise<void> => {
    const now = Date.now();
    const due = dueRuns(waiting, now);
    for (const runId of due) waiting.delete(runId);
    if (due.length > 0) await settlePending(await selectPending(database, { runIds: due }));
    if (now < searchAtMs) return;
    const left = await selectPending(database, { loggedBefore: new Date(now - LEFT_MS), limit: RUNS_AT_ONCE });
    await settlePending(left);
    searchAtMs = left.length < RUNS_AT_ONCE ? now + SEARCH_MS : now;
  };

  const tick = (onError: (error: unknown) => void): void => {
    running = work()
      .then(() => TICK_MS)
      .catch((error: unknown) => {
        // That the database is away is no defect, and every request says it already.
        if (!(error instanceof DomainError && error.kind === 'unavailable')) onError(error);
        searchAtMs = 0;
        return RECOVERY_MS;
      })
      .then((delayMs) => {
        if (isStarted) timer = setTimeout(() => tick(onError), delayMs);
      });
  };

  return {
    start({ onError }) {
      if (isStarted) return;
      isStarted = true;
      tick(onError);
    },

    async stop() {
      isStarted = false;
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },

    settleAll: () => settleAll(database),

    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    appended(runId, { pointCount, keyCount }) {
      for (const listener of listeners) listener(runId);
      if (!isStarted) return;
      const nowMs = Date.now();
      const { points, keys, sinceMs } = waiting.get(runId) ?? { points: 0, keys: 0, sinceMs: nowMs };
      waiting.set(runId, { points: points + pointCount, keys: Math.max(keys, keyCount), sinceMs, lastMs: nowMs });
    },
  };
}
