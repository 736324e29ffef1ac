// Reading metrics: histories by time, series by steps, what changed since. Everything settles what it is about to read, and reads chunks and
// summaries only: it is exact, and sees what was logged before.

import { on } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import { encodeCursor, invalid, isUuid } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { MAX_BULK_POINTS, MAX_BULK_RUNS, MAX_CHANGED_POINTS, MAX_HISTORY_PAGE, MAX_INTERVAL_POINTS } from './api.ts';
import type { Metrics } from './api.ts';
import { unpackChunk } from './engine/chunk.ts';
import { bucketColumns, emptyCells } from './engine/cells.ts';
import { columnsOf, compareByStep, compareByTime, concat, pointAt } from './engine/points.ts';
import { bucketsBySteps, readSeries, samplePoints } from './engine/series.ts';
import type { Reading, StepRange } from './engine/series.ts';
import { settleRuns } from './engine/settle.ts';
import { runNotFound } from './errors.ts';
import { checkCountOf, checkWhole, isRunId } from './limits.ts';
import type { Parts } from './parts.ts';
import { readCursor } from './search/plan.ts';
import {
  countPoints,
  selectChanged,
  selectChangedChunks,
  selectGeneration,
  selectHeads,
  selectHistory,
  selectSeriesHead,
} from './store/metrics.ts';
import type { Head, SeriesHead } from './store/metrics.ts';
import { selectRun } from './store/runs.ts';
import type { ChangedSeries, MetricPoint, Run, RunKey, RunPoints, SeriesBucket, SeriesColumns } from './types.ts';

const DEFAULT_BUCKETS = 500;
const MAX_BUCKETS = 5_000;

/** Whether the key could name a run at all. */
export function isRunKey(key: RunKey): boolean {
  return 'id' in key ? isUuid(key.id) : isRunId(key.runId);
}

export function nameOfRun(key: RunKey): string {
  return 'runId' in key ? key.runId : key.id;
}

/** The run that a key names, deleted or not. Throws RUN_NOT_FOUND. */
export async function getRun(db: Queryable, call: Call, key: RunKey): Promise<Run> {
  const run = isRunKey(key) ? await selectRun(db, call.caller.workspaceId, key) : null;
  if (run === null) throw runNotFound(nameOfRun(key));
  return run;
}

function pointOfCursor(after: string): MetricPoint {
  const [timestampMs, step, value] = readCursor(after, 3);
  const number = value === 'NaN' ? Number.NaN : value;
  if (!Number.isSafeInteger(timestampMs) || !Number.isSafeInteger(step) || typeof number !== 'number') {
    throw invalid('INVALID_CURSOR', 'Invalid page token: it is not one of this history.');
  }
  return { timestampMs: Number(timestampMs), step: Number(step), value: number };
}

function cursorOf({ timestampMs, step, value }: MetricPoint): string {
  return encodeCursor([timestampMs, step, Number.isNaN(value) ? 'NaN' : value]);
}

function pointsOf(chunks: readonly Buffer[]): MetricPoint[] {
  const columns = concat(chunks.map(unpackChunk));
  return Array.from({ length: columns.length }, (_, index) => pointAt(columns, index));
}

/** A point in front of all others, for a history from its beginning. */
const BEGINNING: MetricPoint = { timestampMs: 0, step: -Number.MAX_SAFE_INTEGER, value: 0 };

/**
 * Points of a settled metric behind one, by time, at most so many. Chunks are in order of their steps, and their times mostly follow: those
 * with the earliest times are read until what is certain, being before the earliest point of the next, fills the page.
 */
async function readHistory(
  db: Queryable,
  runId: string,
  key: string,
  options: { after: MetricPoint | null; limit: number },
): Promise<MetricPoint[]> {
  const { after, limit } = options;
  for (let wanted = limit; ; wanted *= 4) {
    const { chunks, completeBefore } = await selectHistory(db, { runId, key, from: after ?? BEGINNING, points: wanted });
    const isCertain = ({ timestampMs, step }: MetricPoint): boolean =>
      completeBefore === null ||
      timestampMs < completeBefore.timestampMs ||
      (timestampMs === completeBefore.timestampMs && step < completeBefore.step);
    const isAsked = (point: MetricPoint): boolean => isCertain(point) && (after === null || compareByTime(point, after) > 0);
    const points = earliest(chunks, limit, isAsked);
    if (completeBefore === null || points.length === limit) return points;
  }
}

/** The earliest so many of the points in chunks for which a condition holds. Never holds many more, however many there are. */
function earliest(chunks: readonly Buffer[], limit: number, isAsked: (point: MetricPoint) => boolean): MetricPoint[] {
  let kept: MetricPoint[] = [];
  for (const chunk of chunks) {
    kept.push(...pointsOf([chunk]).filter(isAsked));
    if (kept.length >= 4 * limit) kept = kept.sort(compareByTime).slice(0, limit);
  }
  return kept.sort(compareByTime).slice(0, limit);
}

/** The same for a metric that may have a single point, or none. */
async function readAnyHistory(
  db: Queryable,
  runId: string,
  key: string,
  options: { after: MetricPoint | null; limit: number },
): Promise<MetricPoint[]> {
  const head = (await selectHeads(db, [runId], key)).get(runId);
  if (head === undefined) return [];
  if (head.pointCount > 1) return readHistory(db, runId, key, options);
  const { step, timestampMs, value } = head;
  const isBehind = options.after === null || compareByTime(head, options.after) > 0;
  return isBehind ? [{ step, timestampMs, value }] : [];
}

/** One metric of several runs, settled and read for so many buckets; a metric of one point included. */
async function readAnySeries(
  db: Queryable,
  runIds: readonly string[],
  options: { key: string; range: StepRange; buckets: number },
): Promise<Map<string, Reading>> {
  return readSeriesOf(db, await selectHeads(db, runIds, options.key), options);
}

/** The same of runs whose heads are known. */
async function readSeriesOf(
  db: Queryable,
  headOf: ReadonlyMap<string, Head>,
  options: { key: string; range: StepRange; buckets: number },
): Promise<Map<string, Reading>> {
  const { range } = options;
  const heads = [...headOf];
  const many = heads.filter(([, { pointCount }]) => pointCount > 1).map(([runId]) => runId);
  const readings = many.length === 0 ? new Map<string, Reading>() : await readSeries(db, many, options);
  for (const [runId, head] of heads) {
    if (head.pointCount !== 1 || head.step < range.from || head.step > range.to) continue;
    readings.set(runId, { pieces: [{ points: columnsOf([head]), first: head }], pointCount: 1 });
  }
  return readings;
}

/** Buckets one by one, out of their columns. */
export function bucketsOf(columns: SeriesColumns): SeriesBucket[] {
  const reader = (field: keyof SeriesBucket) => {
    const column = columns[field]();
    return (index: number): number => column[index] ?? Number.NaN;
  };
  const [fromStep, toStep, first, last] = [reader('fromStep'), reader('toStep'), reader('first'), reader('last')];
  const [min, minStep, minTimestampMs] = [reader('min'), reader('minStep'), reader('minTimestampMs')];
  const [max, maxStep, maxTimestampMs] = [reader('max'), reader('maxStep'), reader('maxTimestampMs')];
  const [timestampMs, toTimestampMs] = [reader('timestampMs'), reader('toTimestampMs')];
  return Array.from(columns.count(), (count, index) => ({
    fromStep: fromStep(index),
    toStep: toStep(index),
    first: first(index),
    last: last(index),
    min: min(index),
    max: max(index),
    timestampMs: timestampMs(index),
    toTimestampMs: toTimestampMs(index),
    minStep: minStep(index),
    minTimestampMs: minTimestampMs(index),
    maxStep: maxStep(index),
    maxTimestampMs: maxTimestampMs(index),
    count,
  }));
}

function rangeOf(options: { fromStep?: number | undefined; toStep?: number | undefined }, names: readonly [string, string]): StepRange {
  return {
    from: options.fromStep === undefined ? -Number.MAX_SAFE_INTEGER : checkWhole(options.fromStep, names[0]),
    to: options.toStep === undefined ? Number.MAX_SAFE_INTEGER : checkWhole(options.toStep, names[1]),
  };
}

function checkBetween(value: number, name: string, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid('INVALID_PARAMETER', `'${name}' must be a whole number from 1 to ${most}; it was ${value}.`, {
    details: { parameter: name },
  });
}

/** A generation, as clients hold it. */
function generationOf(cursor: string): number {
  const generation = /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (!Number.isSafeInteger(generation)) throw invalid('INVALID_CURSOR', 'Invalid cursor: it is not one of the changes of a run.');
  return generation;
}

export function createMetrics({ database }: Parts): Metrics {
  /** The runs that keys name, each once, by the ids that MLflow's clients use, settled. */
  const settledRuns = async (db: Queryable, call: Call, keys: readonly RunKey[]): Promise<Run[]> => {
    checkCountOf('runs', keys.length, MAX_BULK_RUNS);
    const runs = new Map<string, Run>();
    for (const key of keys) {
      const run = await getRun(db, call, key);
      runs.set(run.id, run);
    }
    await settleRuns(database, call, [...runs.keys()]);
    return [...runs.values()].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  };

  /** The run that a key names, and a metric of it, settled. */
  const settledHead = async (db: Queryable, call: Call, run: RunKey, key: string): Promise<SeriesHead> => {
    const options = { workspaceId: call.caller.workspaceId, run, key: isPlainText(key) ? key : null };
    const find = async (): Promise<SeriesHead> => {
      const found = isRunKey(run) ? await selectSeriesHead(db, options) : null;
      if (found === null) throw runNotFound(nameOfRun(run));
      return found;
    };
    const found = await find();
    if (!found.isWaiting) return found;
    await settleRuns(database, call, [found.runId]);
    return find();
  };

  return {
    async history(call, run, key, page: PageRequest): Promise<Page<MetricPoint>> {
      if (page.first > MAX_HISTORY_PAGE) {
        throw invalid('INVALID_PAGE', `A page of a history has at most ${MAX_HISTORY_PAGE} points; ${page.first} were asked for.`);
      }
      const after = page.after === null ? null : pointOfCursor(page.after);
      const db = on(database, call);
      const { id } = await getRun(db, call, run);
      await settleRuns(database, call, [id]);
      const points = isPlainText(key) ? await readAnyHistory(db, id, key, { after, limit: page.first + 1 }) : [];
      return { items: points.slice(0, page.first), cursorOf, hasNextPage: points.length > page.first };
    },

    async historyOf(call, keys, key, limit): Promise<RunPoints[]> {
      checkBetween(limit, 'max_results', MAX_BULK_POINTS);
      const db = on(database, call);
      const runs = await settledRuns(db, call, keys);
      if (!isPlainText(key)) return [];
      const heads = await selectHeads(
        db,
        runs.map(({ id }) => id),
        key,
      );
      const histories: RunPoints[] = [];
      let room = limit;
      for (const run of runs.filter(({ id }) => heads.has(id))) {
        if (room === 0) break;
        const points = await readAnyHistory(db, run.id, key, { after: null, limit: room });
        histories.push({ run, points });
        room -= points.length;
      }
      return histories;
    },

    async series(call, run, key, options = {}) {
      const range = rangeOf(options, ['range.from', 'range.to']);
      const count = options.buckets ?? DEFAULT_BUCKETS;
      if (!Number.isInteger(count) || count < 1 || count > MAX_BUCKETS) {
        throw invalid('INVALID_BUCKETS', `'buckets' must be a whole number from 1 to ${MAX_BUCKETS}; it was ${count}.`);
      }
      const db = on(database, call);
      const { runId, head } = await settledHead(db, call, run, key);
      const heads = new Map(head === null ? [] : [[runId, head]]);
      const reading = (await readSeriesOf(db, heads, { key, range, buckets: count })).get(runId);
      const buckets = reading === undefined ? emptyCells(0) : bucketsBySteps(reading, count);
      return { key, pointCount: reading?.pointCount ?? 0, columns: bucketColumns(buckets) };
    },

    async bulkInterval(call, keys, key, options): Promise<RunPoints[]> {
      const maxPoints = checkBetween(options.maxPoints, 'max_results', MAX_INTERVAL_POINTS);
      const range = rangeOf({ fromStep: options.startStep, toStep: options.endStep }, ['start_step', 'end_step']);
      const db = on(database, call);
      const runs = await settledRuns(db, call, keys);
      if (!isPlainText(key)) return [];
      const readings = await readAnySeries(
        db,
        runs.map(({ id }) => id),
        { key, range, buckets: maxPoints },
      );
      return runs.flatMap((run) => {
        const reading = readings.get(run.id);
        return reading === undefined ? [] : [{ run, points: samplePoints(reading, maxPoints) }];
      });
    },

    async pointsAfter(call, run, cursor, limit = MAX_CHANGED_POINTS) {
      checkBetween(limit, 'limit', MAX_CHANGED_POINTS);
      const generation = cursor === null ? null : generationOf(cursor);
      const db = on(database, call);
      const { id } = await getRun(db, call, run);
      await settleRuns(database, call, [id]);
      if (generation === null) return { cursor: String(await selectGeneration(db, id)), series: [] };
      const changed = await selectChanged(db, id, generation);
      const keys = changed.filter(({ pointCount }) => pointCount > 1).map(({ key }) => key);
      const chunks = keys.length === 0 ? [] : await selectChangedChunks(db, { runId: id, keys, generation, points: limit });
      const byKey = Map.groupBy(chunks, ({ key }) => key);
      const series = changed.map(({ key, pointCount, step, timestampMs, value }): ChangedSeries => {
        const ofKey = byKey.get(key)?.map(({ points }) => points);
        const points = pointCount === 1 ? [{ step, timestampMs, value }] : ofKey === undefined ? null : pointsOf(ofKey).sort(compareByStep);
        return { key, pointCount, points };
      });
      return { cursor: String(changed.reduce((latest, one) => Math.max(latest, one.generation), generation)), series };
    },

    async pointCounts(call, runIds) {
      const known = runIds.filter(isUuid);
      await settleRuns(database, call, known);
      const rows = await countPoints(on(database, call), call.caller.workspaceId, known);
      const counts = new Map(runIds.map((id) => [id, 0]));
      for (const { owner, count } of rows) counts.set(owner, count);
      return counts;
    },
  };
}

/** Whether the database can look for the text; what it cannot hold is nowhere. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
