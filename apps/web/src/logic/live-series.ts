// New points on top of a series that was asked for in buckets, so that a chart grows without asking again. Merging the same points twice
// changes nothing, since a dropped connection may bring some again. What cannot be told from a bucket (whether it holds a point already) makes
// the answer inexact, and the series is to be asked for anew; so does growth beyond what a chart can show.

import type { MetricValue } from './format.ts';
import { toNumber } from './format.ts';
import type { Bucket } from './series.ts';

export interface LiveBucket extends Bucket {
  count: number;
}

export interface LiveSeries {
  pointCount: string;
  buckets: readonly LiveBucket[];
}

/** [step, time in milliseconds, value], as the server tells it. */
export type LivePoint = readonly [step: number, timestampMs: number, value: MetricValue];

/** A metric that changed; points are null where they are too many to tell. */
export interface LiveChange {
  key: string;
  pointCount: number;
  points: readonly LivePoint[] | null;
}

/** How far a series may grow beyond the buckets that were asked for. */
const MOST_GROWTH = 2;

export interface Merged<S> {
  series: S;
  /** Whether it is what the server would answer, but for where buckets are cut. */
  isExact: boolean;
}

interface Options {
  range: { from: number; to: number } | null;
  /** How many buckets were asked for. */
  buckets: number;
}

/** Puts what a live event told onto a series. */
export function mergeChange<S extends LiveSeries>(series: S, change: LiveChange, { range, buckets: asked }: Options): Merged<S> {
  if (change.points === null) return { series, isExact: false };
  const buckets = [...series.buckets];
  let isUnsure = false;
  for (const point of change.points) {
    if (range !== null && (point[0] < range.from || point[0] > range.to)) continue;
    isUnsure = !place(buckets, point) || isUnsure;
  }
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const isWhole = range === null ? count === change.pointCount : !isUnsure;
  const pointCount = range === null ? change.pointCount : count;
  return { series: { ...series, pointCount: String(pointCount), buckets }, isExact: isWhole && buckets.length <= MOST_GROWTH * asked };
}

/** Puts a point into buckets; answers whether it is sure that it was new or known. */
function place(buckets: LiveBucket[], point: LivePoint): boolean {
  const [step, timestampMs, value] = point;
  const index = lastUpTo(buckets, step);
  const bucket = buckets[index];
  if (bucket === undefined || step > bucket.toStep) {
    buckets.splice(index + 1, 0, bucketOf(point));
    return true;
  }
  const isLater = step === bucket.toStep && timestampMs > bucket.toTimestampMs;
  const isEnd = step === bucket.toStep && timestampMs === bucket.toTimestampMs && toNumber(bucket.last) === toNumber(value);
  if (isEnd || (bucket.count === 1 && Number.isNaN(toNumber(bucket.last)) && Number.isNaN(toNumber(value)))) return true;
  buckets[index] = {
    ...bucket,
    min: extreme(bucket.min, value, Math.min),
    max: extreme(bucket.max, value, Math.max),
    ...(isLater ? { last: value, toTimestampMs: timestampMs, count: bucket.count + 1 } : {}),
  };
  return isLater;
}

/** The last bucket that begins at a step or before it; -1 where none does. */
function lastUpTo(buckets: readonly LiveBucket[], step: number): number {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((buckets[middle]?.fromStep ?? Infinity) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function bucketOf([step, timestampMs, value]: LivePoint): LiveBucket {
  return { fromStep: step, toStep: step, last: value, min: value, max: value, toTimestampMs: timestampMs, count: 1 };
}

/** The smaller or larger of two values, where NaN says that there is none. */
function extreme(a: MetricValue, b: MetricValue, pick: (a: number, b: number) => number): MetricValue {
  const [left, right] = [toNumber(a), toNumber(b)];
  if (Number.isNaN(left)) return b;
  if (Number.isNaN(right)) return a;
  return pick(left, right) === left ? a : b;
}
