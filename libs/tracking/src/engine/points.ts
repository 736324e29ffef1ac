// Points of a metric, as columns: a million of them are three arrays, and not a million objects. Steps and times are exact up to 2^53.
//
// Values are kept as MLflow keeps them: the infinities as the largest double of their sign, NaN as NaN, which stands where 0 does. Two
// points are the same where step, timestamp and value are; a NaN is the same as a NaN, and no number.

import type { MetricPoint } from '../types.ts';

export interface Columns {
  readonly length: number;
  readonly steps: Float64Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** A value as it is stored. */
export function storedValue(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  if (value === Number.NEGATIVE_INFINITY) return -Number.MAX_VALUE;
  return value === 0 ? 0 : value;
}

/** NaN stands where 0 does, as in MLflow, which stores it so. */
function rank(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** By value; of a NaN and a 0, the number first, so that equal points lie side by side. */
function compareValues(a: number, b: number): number {
  return rank(a) - rank(b) || Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** A series' order: step, timestamp, value. */
export function compareByStep(a: MetricPoint, b: MetricPoint): number {
  return a.step - b.step || a.timestampMs - b.timestampMs || compareValues(a.value, b.value);
}

/** A history's order: timestamp, step, value. */
export function compareByTime(a: MetricPoint, b: MetricPoint): number {
  return a.timestampMs - b.timestampMs || a.step - b.step || compareValues(a.value, b.value);
}

/**
 * Whether a point is later than another by (step, timestamp, value): what a metric's latest value is. Of a 0 and a NaN, which stand alike, the
 * number is the later, so that the answer does not depend on which came first.
 */
export function isLater(a: MetricPoint, b: MetricPoint): boolean {
  const order = a.step - b.step || a.timestampMs - b.timestampMs || rank(a.value) - rank(b.value);
  return order !== 0 ? order > 0 : Number.isNaN(b.value) && !Number.isNaN(a.value);
}

function at(array: Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}

export function pointAt(columns: Columns, index: number): MetricPoint {
  return { value: at(columns.values, index), step: at(columns.steps, index), timestampMs: at(columns.timestamps, index) };
}

export function columnsOf(points: readonly MetricPoint[]): Columns {
  const columns = emptyColumns(points.length);
  for (const [index, point] of points.entries()) {
    columns.steps[index] = point.step;
    columns.timestamps[index] = point.timestampMs;
    columns.values[index] = point.value;
  }
  return columns;
}

export function emptyColumns(length: number): Columns {
  return { length, steps: new Float64Array(length), timestamps: new Float64Array(length), values: new Float64Array(length) };
}

/** The points from one index up to another, not copied. */
export function slice(columns: Columns, from: number, to: number): Columns {
  return {
    length: to - from,
    steps: columns.steps.subarray(from, to),
    timestamps: columns.timestamps.subarray(from, to),
    values: columns.values.subarray(from, to),
  };
}

/** Columns one behind the other. */
export function concat(parts: readonly Columns[]): Columns {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all = emptyColumns(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.steps.set(part.steps, offset);
    all.timestamps.set(part.timestamps, offset);
    all.values.set(part.values, offset);
    offset += part.length;
  }
  return all;
}

/** Compares a point of one with a point of another, in a series' order. */
function compareAt(a: Columns, i: number, b: Columns, j: number): number {
  return at(a.steps, i) - at(b.steps, j) || at(a.timestamps, i) - at(b.timestamps, j) || compareValues(at(a.values, i), at(b.values, j));
}

/** Compares a point of columns with one outside, in a series' order. */
function compareWith(columns: Columns, index: number, point: MetricPoint): number {
  return (
    at(columns.steps, index) - point.step ||
    at(columns.timestamps, index) - point.timestampMs ||
    compareValues(at(columns.values, index), point.value)
  );
}

/** Of points in a series' order, the index of the first that is not before this one, or behind it where `behind` says so. */
export function placeOf(columns: Columns, point: MetricPoint, behind = false): number {
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareWith(columns, middle, point);
    if (order < 0 || (behind && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts points into a series' order, each once. What came so, as it mostly does, is answered as it is. */
export function sortDistinct(columns: Columns): Columns {
  let isSorted = true;
  for (let index = 1; isSorted && index < columns.length; index += 1) isSorted = compareAt(columns, index - 1, columns, index) < 0;
  if (isSorted) return columns;
  const order = Uint32Array.from({ length: columns.length }, (_, index) => index).sort((a, b) => compareAt(columns, a, columns, b));
  const sorted = emptyColumns(columns.length);
  let length = 0;
  for (const index of order) {
    if (length > 0 && compareAt(sorted, length - 1, columns, index) === 0) continue;
    copyPoint(columns, index, sorted, length);
    length += 1;
  }
  return slice(sorted, 0, length);
}

/** Joins points in a series' order with others in that order, each once. */
export function mergeDistinct(a: Columns, b: Columns): Columns {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (compareAt(a, a.length - 1, b, 0) < 0) return concat([a, b]);
  const merged = emptyColumns(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; length += 1) {
    const order = i === a.length ? 1 : j === b.length ? -1 : compareAt(a, i, b, j);
    if (order <= 0) copyPoint(a, i, merged, length);
    else copyPoint(b, j, merged, length);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return slice(merged, 0, length);
}

/** Copies one point. */
export function copyPoint(from: Columns, index: number, to: Columns, place: number): void {
  to.steps[place] = at(from.steps, index);
  to.timestamps[place] = at(from.timestamps, index);
  to.values[place] = at(from.values, index);
}
