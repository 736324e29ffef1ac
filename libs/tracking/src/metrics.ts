// Reading metrics. Chunks are unpacked here, duplicates (a batch that was sent again) dropped, and what is asked for put in order.
//
// A page of a history needs the points behind its cursor in time, and no chunk that ends before it. Taking chunks by their earliest
// time, everything up to the next chunk's earliest is complete; so pages are read chunk by chunk, and the cost follows the page.

import { on } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import { encodeCursor, invalid, isUuid } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { MAX_HISTORY_PAGE } from './api.ts';
import type { Metrics } from './api.ts';
import { runNotFound } from './errors.ts';
import { checkWhole, isRunId } from './limits.ts';
import type { Parts } from './parts.ts';
import { BY_STEP, BY_TIME, compareByTime, distinct, greatest, least, pointAt, unpack } from './points.ts';
import type { Columns } from './points.ts';
import { readCursor } from './search/plan.ts';
import { countPoints, selectChunks, selectChunksBySteps, selectChunkTimes } from './store/metrics.ts';
import { selectRun } from './store/runs.ts';
import type { MetricPoint, Run, RunKey, Series, SeriesBucket } from './types.ts';

const DEFAULT_BUCKETS = 500;
const MAX_BUCKETS = 5_000;
/** Chunks of a metric that one point each has are many; this many are fetched at once. */
const CHUNKS_AT_ONCE = 2_000;

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

/** Points behind one, in order and without duplicates; at most `limit`, or all that are certain. */
async function readHistory(
  db: Queryable,
  runId: string,
  key: string,
  options: { after: MetricPoint | null; limit: number },
): Promise<MetricPoint[]> {
  const { after, limit } = options;
  const times = await selectChunkTimes(db, runId, key, after?.timestampMs ?? 0);
  let points: MetricPoint[] = [];
  for (let next = 0; next < times.length;) {
    // Enough chunks for what is missing, were there no duplicates and nothing before the cursor.
    const from = next;
    for (let count = points.length; next < times.length && next - from < CHUNKS_AT_ONCE && (next === from || count < limit); next += 1) {
      count += times[next]?.pointCount ?? 0;
    }
    const columns = unpack(
      await selectChunks(
        db,
        times.slice(from, next).map(({ id }) => id),
      ),
    );
    const fresh = Array.from(distinct(columns, BY_TIME), (index) => pointAt(columns, index)).filter(
      (point) => after === null || compareByTime(point, after) > 0,
    );
    points = mergeDistinct(points, fresh);
    const certainBefore = times[next]?.minTimestampMs;
    if (certainBefore === undefined) break;
    const certain = points.findLastIndex(({ timestampMs }) => timestampMs < certainBefore) + 1;
    if (certain >= limit) return points.slice(0, limit);
  }
  return points.slice(0, limit);
}

function mergeDistinct(a: readonly MetricPoint[], b: readonly MetricPoint[]): MetricPoint[] {
  if (a.length === 0) return [...b];
  return [...a, ...b].sort(compareByTime).filter((point, index, all) => {
    const before = all[index - 1];
    return before === undefined || compareByTime(before, point) !== 0;
  });
}

/** Cuts ordered points into buckets: each point its own where there are few, else stretches of steps of one width. */
function bucketsOf(columns: Columns, indexes: Uint32Array, count: number): SeriesBucket[] {
  const [first] = indexes;
  const last = indexes.at(-1);
  if (first === undefined || last === undefined) return [];
  const from = pointAt(columns, first).step;
  const width = (pointAt(columns, last).step - from) / count;
  const { steps, values } = columns;
  const buckets: SeriesBucket[] = [];
  let bucket: SeriesBucket | undefined;
  let open = -1;
  let place = 0;
  // No object is made for a point that only widens a bucket: there may be millions of them.
  for (const index of indexes) {
    const step = steps[index] ?? 0;
    const value = values[index] ?? Number.NaN;
    const number = indexes.length <= count ? place : width === 0 ? 0 : Math.min(count - 1, Math.floor((step - from) / width));
    place += 1;
    if (bucket === undefined || number !== open) {
      bucket = bucketAt(columns, index);
      buckets.push(bucket);
      open = number;
      continue;
    }
    bucket.toStep = step;
    bucket.last = value;
    if (!(value >= bucket.min)) bucket.min = least(bucket.min, value);
    if (!(value <= bucket.max)) bucket.max = greatest(bucket.max, value);
    bucket.count += 1;
  }
  return buckets;
}

function bucketAt(columns: Columns, index: number): SeriesBucket {
  const { step, value, timestampMs } = pointAt(columns, index);
  return { fromStep: step, toStep: step, first: value, last: value, min: value, max: value, timestampMs, count: 1 };
}

/** Drops the points outside a range of steps, which chunks may bring along. They are in order of their steps. */
function withinSteps({ steps }: Columns, indexes: Uint32Array, range: { from: number; to: number }): Uint32Array {
  const start = indexes.findIndex((index) => (steps[index] ?? 0) >= range.from);
  const end = indexes.findLastIndex((index) => (steps[index] ?? 0) <= range.to);
  return start < 0 ? indexes.subarray(0, 0) : indexes.subarray(start, end + 1);
}

export function createMetrics({ database }: Parts): Metrics {
  return {
    async history(call, run, key, page: PageRequest): Promise<Page<MetricPoint>> {
      if (page.first > MAX_HISTORY_PAGE) {
        throw invalid('INVALID_PAGE', `A page of a history has at most ${MAX_HISTORY_PAGE} points; ${page.first} were asked for.`);
      }
      const after = page.after === null ? null : pointOfCursor(page.after);
      const db = on(database, call);
      const { id } = await getRun(db, call, run);
      const points = isPlainText(key) ? await readHistory(db, id, key, { after, limit: page.first + 1 }) : [];
      return { items: points.slice(0, page.first), cursorOf, hasNextPage: points.length > page.first };
    },

    async series(call, run, key, options = {}): Promise<Series> {
      const from = options.fromStep === undefined ? -Number.MAX_SAFE_INTEGER : checkWhole(options.fromStep, 'range.from');
      const to = options.toStep === undefined ? Number.MAX_SAFE_INTEGER : checkWhole(options.toStep, 'range.to');
      const count = options.buckets ?? DEFAULT_BUCKETS;
      if (!Number.isInteger(count) || count < 1 || count > MAX_BUCKETS) {
        throw invalid('INVALID_BUCKETS', `'buckets' must be a whole number from 1 to ${MAX_BUCKETS}; it was ${count}.`);
      }
      const db = on(database, call);
      const { id } = await getRun(db, call, run);
      const chunks = isPlainText(key) ? await selectChunksBySteps(db, id, key, { from, to }) : [];
      const columns = unpack(chunks);
      const indexes = withinSteps(columns, distinct(columns, BY_STEP), { from, to });
      return { key, pointCount: indexes.length, buckets: bucketsOf(columns, indexes, count) };
    },

    async pointCounts(call, runIds) {
      const rows = await countPoints(on(database, call), call.caller.workspaceId, runIds);
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
