// Settling: what was appended, batch by batch, moves into the rows that reads are made for: for each metric of a run its summary (latest
// point, extremes, how many points) and its chunks (points in order, each once). Whoever reads metrics settles them first, so that a read is
// exact and sees its own writes; a worker in the background settles what nobody reads.
//
// It is one transaction: batches are gone and their points are in place, or neither. A process that dies in the middle leaves the batches.
// Those who settle the same run take turns, by a lock that writers never take. A metric of a single point has no chunk: its summary is it.

import { within } from '@throughline/database';
import type { Call, Database, Tx } from '@throughline/database';
import { invariant } from '@throughline/kernel';

import {
  holdRuns,
  lockSettling,
  replaceChunks,
  selectChunksFrom,
  selectPending,
  selectPoints,
  selectSummariesOf,
  takeBatches,
  tryLockSettling,
  upsertSummaries,
} from '../store/settling.ts';
import type { ChunkKey, Pending, Scope, SeriesKey, SummaryRow, Taken } from '../store/settling.ts';
import type { MetricPoint } from '../types.ts';
import { pointsByKey, readBatches } from './batch.ts';
import { cellAt, cellsFrom, cellsOfPoints } from './cells.ts';
import { packChunk, unpackChunk } from './chunk.ts';
import type { PackedChunk } from './chunk.ts';
import { columnsOf, compareByStep, concat, isLater, pointAt, sortDistinct } from './points.ts';
import type { Columns } from './points.ts';
import { cut, planRewrites, rewritten } from './rewrite.ts';
import type { Held, Rewrite } from './rewrite.ts';

/** New points of one transaction, about: some tens of milliseconds of work, and a few megabytes. */
const POINTS_AT_ONCE = 65_536;
/** Points of chunks that are in memory at once while they are rewritten, about. */
const REWRITTEN_AT_ONCE = 262_144;
/** Runs of one transaction. */
const RUNS_AT_ONCE = 256;

/**
 * Settles what was logged to these runs (UUIDs, of any workspace) and committed by now. Call it before reading their metric_summary or
 * metric_chunk rows; with nothing to settle it is one indexed probe. Inside the call's open transaction it settles in it, what that transaction
 * logged included, and keeps others from settling these runs until it ends.
 */
export async function settleRuns(database: Database, call: Pick<Call, 'tx'>, runIds: readonly string[]): Promise<void> {
  if (runIds.length > 0) await settle(database, call, { runIds });
}

/** The same for all runs of these experiments (UUIDs); null for all of the caller's workspace. */
export async function settleExperiments(database: Database, call: Call, experimentIds: readonly string[] | null): Promise<void> {
  await settle(database, call, { workspaceId: call.caller.workspaceId, experimentIds });
}

/** The same for every run of every workspace. */
export async function settleAll(database: Database): Promise<void> {
  await settle(database, {}, { loggedBefore: null, limit: null });
}

async function settle(database: Database, call: Pick<Call, 'tx'>, scope: Scope): Promise<void> {
  const pending = await selectPending(call.tx ?? database, scope);
  // A transaction takes all of its locks at once, in their order; on its own each slice is a transaction.
  const size = call.tx === undefined ? RUNS_AT_ONCE : pending.length;
  for (let from = 0; from < pending.length; from += size) await settlePending(database, call, pending.slice(from, from + size));
}

async function settlePending(database: Database, call: Pick<Call, 'tx'>, pending: readonly Pending[]): Promise<void> {
  const runIds = pending.map(({ runId }) => runId);
  const upTo = Math.max(...pending.map((one) => one.upTo));
  for (let more = true; more;) {
    more = await within(database, call, async (tx) => {
      await lockSettling(tx, runIds);
      return settleLocked(tx, runIds, upTo);
    });
  }
}

/**
 * One transaction of the worker's: settles some of these runs, those that nobody else settles at the moment. Answers the runs that
 * may still have batches, those of others left out.
 */
export async function settleSome(database: Database, pending: readonly Pending[]): Promise<Pending[]> {
  const some = pending.slice(0, RUNS_AT_ONCE);
  const rest = pending.slice(RUNS_AT_ONCE);
  const again = await database.transaction(async (tx) => {
    const runIds = await tryLockSettling(
      tx,
      some.map(({ runId }) => runId),
    );
    const upTo = Math.max(...some.map((one) => one.upTo));
    return (await settleLocked(tx, runIds, upTo)) ? some.filter(({ runId }) => runIds.includes(runId)) : [];
  });
  return [...again, ...rest];
}

/** Settles about as much as one transaction should; answers whether there may be more. */
async function settleLocked(tx: Tx, lockedRunIds: readonly string[], upTo: number): Promise<boolean> {
  if (lockedRunIds.length === 0) return false;
  const { runIds, generation } = await holdRuns(tx, lockedRunIds);
  const taken = await takeBatches(tx, { runIds, upTo, points: POINTS_AT_ONCE });
  if (taken.batches.length > 0) await write(tx, generation, gather(taken));
  return taken.more;
}

/** New points of a metric, in a series' order, each once. */
interface Fresh extends SeriesKey {
  points: Columns;
}

function gather({ batches }: Taken): Fresh[] {
  const byRun = Map.groupBy(batches, ({ runId }) => runId);
  return [...byRun].flatMap(([runId, ofRun]) => {
    const byKey = pointsByKey([...readBatches(ofRun.map(({ points }) => points))]);
    return Array.from(byKey, ([key, points]) => ({ runId, key, points: sortDistinct(points) }));
  });
}

/** A metric while it is settled. */
interface Series extends Fresh {
  before: SummaryRow | undefined;
  /** Points that it has, as far as it is settled. */
  pointCount: number;
}

/** A chunk that is there. */
type HeldChunk = ChunkKey & Held;

async function write(tx: Tx, generation: number, fresh: readonly Fresh[]): Promise<void> {
  const summaries = await selectSummariesOf(tx, fresh);
  const all = fresh.map((one, place) => seriesOf(one, summaries.get(place)));
  const chunks = await heldChunks(
    tx,
    all.filter(({ pointCount }) => pointCount > 0),
  );
  const jobs = all.flatMap((series) => {
    if (series.pointCount === 0 && series.points.length === 1) {
      series.pointCount = 1;
      return [];
    }
    return planRewrites(chunks.get(series) ?? [], series.points).map((plan): Job => ({ series, plan }));
  });
  for (const some of inPortions(jobs)) await rewrite(tx, generation, some);
  const changed = all.filter(({ pointCount, before }) => pointCount !== before?.pointCount);
  if (changed.length > 0) await upsertSummaries(tx, generation, changed.map(summaryOf));
}

/** A metric that has one point has it in its summary alone: it counts as new again, and makes a chunk with others. */
function seriesOf(fresh: Fresh, before: SummaryRow | undefined): Series {
  if (before?.pointCount !== 1) return { ...fresh, before, pointCount: before?.pointCount ?? 0 };
  return { ...fresh, before, points: sortDistinct(concat([columnsOf([before]), fresh.points])), pointCount: 0 };
}

async function heldChunks(tx: Tx, all: readonly Series[]): Promise<Map<Series, HeldChunk[]>> {
  if (all.length === 0) return new Map();
  const rows = await selectChunksFrom(
    tx,
    all.map(({ runId, key, points }) => ({ runId, key, ...pointAt(points, 0) })),
  );
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return new Map(
    all.map((series, place) => {
      const once = new Map(
        (byPlace.get(place) ?? []).map(({ rollup, ...row }): [string, HeldChunk] => {
          const { count, first, last } = cellAt(cellsFrom(rollup), 0);
          return [row.id, { ...row, pointCount: count, first, last }];
        }),
      );
      return [series, [...once.values()].sort((a, b) => compareByStep(a.first, b.first))];
    }),
  );
}

interface Job {
  series: Series;
  plan: Rewrite<HeldChunk>;
}

/** Cuts a list into portions that hold about as many points as should be in memory at once. */
function* inPortions(jobs: readonly Job[]): Generator<Job[]> {
  let portion: Job[] = [];
  let size = 0;
  for (const job of jobs) {
    portion.push(job);
    size += job.plan.size;
    if (size < REWRITTEN_AT_ONCE) continue;
    yield portion;
    portion = [];
    size = 0;
  }
  if (portion.length > 0) yield portion;
}

async function rewrite(tx: Tx, generation: number, jobs: readonly Job[]): Promise<void> {
  const needed = jobs.flatMap(({ plan }) => plan.chunks);
  const bytes = needed.length === 0 ? new Map<string, Buffer>() : await selectPoints(tx, needed);
  const gone: ChunkKey[] = [];
  const made: (SeriesKey & { chunk: PackedChunk })[] = [];
  for (const { series, plan } of jobs) {
    const held = plan.chunks.map(({ id }) => {
      const points = bytes.get(id);
      invariant(points !== undefined, `the chunk ${id} of metric points went away while its run was held`);
      return unpackChunk(points);
    });
    const points = rewritten(plan, held);
    if (points === null) continue;
    gone.push(...plan.chunks);
    for (const piece of cut(points, plan.isTail)) made.push({ runId: series.runId, key: series.key, chunk: packChunk(piece) });
    series.pointCount += points.length - held.reduce((sum, { length }) => sum + length, 0);
  }
  if (made.length > 0) await replaceChunks(tx, generation, { gone, made });
}

function summaryOf({ runId, key, points, before, pointCount }: Series): SummaryRow & SeriesKey {
  const { first, min, max } = cellAt(cellsOfPoints(points, points.length), 0);
  const latest = latestOf(points, before ?? first);
  return {
    runId,
    key,
    ...latest,
    min: before === undefined ? min.value : least(before.min, min.value),
    max: before === undefined ? max.value : greatest(before.max, max.value),
    pointCount,
  };
}

/** The latest of points in order and one more. A NaN stands behind the 0 that is later than it. */
function latestOf(points: Columns, held: MetricPoint): MetricPoint {
  const last = pointAt(points, points.length - 1);
  const before = pointAt(points, Math.max(0, points.length - 2));
  const latest = isLater(before, last) ? before : last;
  const { step, timestampMs, value } = isLater(latest, held) ? latest : held;
  return { step, timestampMs, value };
}

/** The smaller or larger of two, where NaN says that there is none. */
function least(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b);
}

function greatest(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}
