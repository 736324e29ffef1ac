// Points, packed. A chunk holds the points of one metric that came in one batch, in the order in which they came:
//
//   byte 0        the version of the layout, 1
//   then 24 bytes a point, little-endian: step as int64, timestamp in milliseconds as int64, value as IEEE 754 double
//
// A row of the database for each point costs an index entry for each point, 20 to 100 times the bytes and the time (see docs);
// a chunk costs one. Fixed width, so that a reader can find any point, and so that writing is a copy. The version byte is there for the
// layouts that compaction may want later.
//
// Values are stored as MLflow stores them: the infinities as the largest double of their sign, NaN as NaN.

import { invariant } from '@throughline/kernel';

import type { MetricPoint } from './types.ts';

const VERSION = 1;
const HEADER_BYTES = 1;
const POINT_BYTES = 24;

/** A chunk to be: the points of one key. */
export interface Chunk {
  key: string;
  minStep: number;
  maxStep: number;
  minTimestampMs: number;
  maxTimestampMs: number;
  pointCount: number;
  /** Where its bytes begin in the batch's, and how many they are. */
  offset: number;
  length: number;
}

/** What a batch makes of a metric: its latest point, and its extremes. */
export interface Summary extends MetricPoint {
  key: string;
  min: number;
  max: number;
}

export interface PackedBatch {
  chunks: Chunk[];
  bytes: Buffer;
  summaries: Summary[];
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

/** Whether a point is later than another by (step, timestamp, value). */
function isLater(a: MetricPoint, b: MetricPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  return rank(a.value) > rank(b.value);
}

/** The smaller or larger of two, where NaN says that there is none yet. */
function least(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b);
}

function greatest(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  // Two halves are several times faster than a BigInt for each number; the high half carries the sign.
  const high = Math.floor(value / 2 ** 32);
  buffer.writeUInt32LE(value - high * 2 ** 32, at);
  buffer.writeInt32LE(high, at + 4);
}

/** Packs the points of a batch, key by key in the order of the keys. */
export function packBatch(points: readonly (MetricPoint & { key: string })[]): PackedBatch {
  const groups = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const group = groups.get(point.key);
    if (group === undefined) groups.set(point.key, [point]);
    else group.push(point);
  }
  const bytes = Buffer.allocUnsafe(groups.size * HEADER_BYTES + points.length * POINT_BYTES);
  const batch: PackedBatch = { chunks: [], bytes, summaries: [] };
  let at = 0;
  for (const key of [...groups.keys()].sort()) {
    at = packGroup(batch, key, groups.get(key) ?? [], at);
  }
  return batch;
}

function packGroup(batch: PackedBatch, key: string, points: readonly MetricPoint[], offset: number): number {
  const { bytes } = batch;
  const chunk: Chunk = {
    key,
    minStep: Number.POSITIVE_INFINITY,
    maxStep: Number.NEGATIVE_INFINITY,
    minTimestampMs: Number.POSITIVE_INFINITY,
    maxTimestampMs: Number.NEGATIVE_INFINITY,
    pointCount: points.length,
    offset,
    length: HEADER_BYTES + points.length * POINT_BYTES,
  };
  let summary: Summary | undefined;
  bytes[offset] = VERSION;
  let at = offset + HEADER_BYTES;
  for (const { step, timestampMs, value: given } of points) {
    const point = { step, timestampMs, value: storedValue(given) };
    writeInt64(bytes, step, at);
    writeInt64(bytes, timestampMs, at + 8);
    bytes.writeDoubleLE(point.value, at + 16);
    at += POINT_BYTES;
    chunk.minStep = Math.min(chunk.minStep, step);
    chunk.maxStep = Math.max(chunk.maxStep, step);
    chunk.minTimestampMs = Math.min(chunk.minTimestampMs, timestampMs);
    chunk.maxTimestampMs = Math.max(chunk.maxTimestampMs, timestampMs);
    const min = least(summary?.min ?? Number.NaN, point.value);
    const max = greatest(summary?.max ?? Number.NaN, point.value);
    summary = summary === undefined || isLater(point, summary) ? { key, ...point, min, max } : { ...summary, min, max };
  }
  batch.chunks.push(chunk);
  if (summary !== undefined) batch.summaries.push(summary);
  return at;
}

/** Points as columns: a million of them are four arrays, and not a million objects. Steps and times are exact up to 2^53. */
export interface Columns {
  length: number;
  steps: Float64Array;
  timestamps: Float64Array;
  values: Float64Array;
}

/** Unpacks chunks, one behind the other. */
export function unpack(chunks: readonly Buffer[]): Columns {
  const length = chunks.reduce((sum, chunk) => sum + Math.floor((chunk.length - HEADER_BYTES) / POINT_BYTES), 0);
  const columns: Columns = {
    length,
    steps: new Float64Array(length),
    timestamps: new Float64Array(length),
    values: new Float64Array(length),
  };
  let index = 0;
  for (const chunk of chunks) {
    invariant(chunk[0] === VERSION, `a chunk of metric points has the layout ${chunk[0]}, which this release does not know`);
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = HEADER_BYTES; at < chunk.length; at += POINT_BYTES) {
      columns.steps[index] = view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
      columns.timestamps[index] = view.getUint32(at + 8, true) + view.getInt32(at + 12, true) * 2 ** 32;
      columns.values[index] = view.getFloat64(at + 16, true);
      index += 1;
    }
  }
  return columns;
}

type Order = (columns: Columns, a: number, b: number) => number;

/** By value; of a NaN and a 0, the number first, so that equal points lie side by side. */
function compareValues(a: number, b: number): number {
  const byRank = rank(a) - rank(b);
  return byRank !== 0 ? byRank : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function at(array: Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}

/** A history's order: timestamp, step, value. */
export const BY_TIME: Order = (columns, a, b) =>
  at(columns.timestamps, a) - at(columns.timestamps, b) ||
  at(columns.steps, a) - at(columns.steps, b) ||
  compareValues(at(columns.values, a), at(columns.values, b));

/** A series' order: step, timestamp, value. */
export const BY_STEP: Order = (columns, a, b) =>
  at(columns.steps, a) - at(columns.steps, b) ||
  at(columns.timestamps, a) - at(columns.timestamps, b) ||
  compareValues(at(columns.values, a), at(columns.values, b));

/** Compares a point outside with one of the columns, in a history's order. */
export function compareByTime(a: MetricPoint, b: MetricPoint): number {
  return a.timestampMs - b.timestampMs || a.step - b.step || compareValues(a.value, b.value);
}

/** The points' indexes in order, exact duplicates once. What came in order, as it mostly does, is not sorted. */
export function distinct(columns: Columns, order: Order): Uint32Array {
  const indexes = new Uint32Array(columns.length);
  let sorted = true;
  for (let index = 0; index < columns.length; index += 1) {
    indexes[index] = index;
    sorted &&= index === 0 || order(columns, index - 1, index) <= 0;
  }
  if (!sorted) indexes.sort((a, b) => order(columns, a, b));
  let kept = 0;
  for (const index of indexes) {
    if (kept > 0 && order(columns, indexes[kept - 1] ?? 0, index) === 0) continue;
    indexes[kept] = index;
    kept += 1;
  }
  return indexes.subarray(0, kept);
}

export function pointAt(columns: Columns, index: number): MetricPoint {
  return { value: at(columns.values, index), step: at(columns.steps, index), timestampMs: at(columns.timestamps, index) };
}

export { greatest, least };
