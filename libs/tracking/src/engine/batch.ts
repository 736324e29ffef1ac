// What a batch is appended as: one row, whatever it holds. Its bytes:
//
//   byte 0     the layout, 2
//   varint     how many bytes the keys take, then the keys: how many, and each as its length and its UTF-8
//   varint     for each key, how many points it has
//   columns    steps, then timestamps, of all points key by key; then their values as doubles
//
// The keys stand together, so that a reader of many batches of the same keys compares their bytes and decodes them once.
// The layout 1 is one key with points of fixed width: a migration wrote it, out of what earlier releases kept.

import { invariant } from '@throughline/kernel';

import { copyPoint, emptyColumns, slice, storedValue } from './points.ts';
import type { Columns } from './points.ts';
import type { MetricPoint } from '../types.ts';
import { columnBytes, readColumn, readDoubles, readVarint, writeColumn, writeDoubles, writer, writeVarint } from './bytes.ts';
import type { Reader } from './bytes.ts';

const PACKED = 2;
const FIXED = 1;
const FIXED_POINT_BYTES = 24;
/** The most bytes of a UTF-16 unit in UTF-8, and of a length in front of a key. */
const UTF8_BYTES = 3;
const LENGTH_BYTES = 4;

/** Points by key: those of `keys[i]` are the next `counts[i]` of the columns. */
export interface Batch {
  keys: readonly string[];
  counts: readonly number[];
  columns: Columns;
}

/** Gathers points by key, in the order in which keys came first. */
function gather(points: readonly (MetricPoint & { key: string })[]): Batch {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const numberOf = new Uint32Array(points.length);
  let key: string | undefined;
  let number = 0;
  for (const [index, point] of points.entries()) {
    // Points of one key mostly come together.
    if (point.key !== key) {
      ({ key } = point);
      const known = numbers.get(key);
      number = known ?? counts.length;
      if (known === undefined) numbers.set(key, counts.push(0) - 1);
    }
    numberOf[index] = number;
    counts[number] = (counts[number] ?? 0) + 1;
  }
  const places = new Uint32Array(counts.length);
  for (let before = 0, one = 0; one < counts.length; one += 1) {
    places[one] = before;
    before += counts[one] ?? 0;
  }
  const columns = emptyColumns(points.length);
  for (const [index, point] of points.entries()) {
    const group = numberOf[index] ?? 0;
    const place = places[group] ?? 0;
    places[group] = place + 1;
    columns.steps[place] = point.step;
    columns.timestamps[place] = point.timestampMs;
    columns.values[place] = storedValue(point.value);
  }
  return { keys: [...numbers.keys()], counts, columns };
}

/** A batch as it is appended. */
export interface PackedBatch {
  bytes: Buffer;
  pointCount: number;
  keyCount: number;
}

/** Packs the points of a batch. Steps and timestamps must be safe integers. */
export function packBatch(points: readonly (MetricPoint & { key: string })[]): PackedBatch {
  const { keys, counts, columns } = gather(points);
  let keyBytes = LENGTH_BYTES;
  for (const key of keys) keyBytes += LENGTH_BYTES + key.length * UTF8_BYTES;
  const dictionary = writer(keyBytes);
  writeVarint(dictionary, keys.length);
  for (const key of keys) {
    const length = Buffer.byteLength(key);
    writeVarint(dictionary, length);
    dictionary.buffer.write(key, dictionary.at);
    dictionary.at += length;
  }
  const batch = writer(1 + LENGTH_BYTES + dictionary.at + counts.length * LENGTH_BYTES + 3 * columnBytes(points.length));
  batch.buffer[0] = PACKED;
  batch.at = 1;
  writeVarint(batch, dictionary.at);
  dictionary.buffer.copy(batch.buffer, batch.at, 0, dictionary.at);
  batch.at += dictionary.at;
  for (const count of counts) writeVarint(batch, count);
  writeColumn(batch, columns.steps);
  writeColumn(batch, columns.timestamps);
  writeDoubles(batch, columns.values);
  return { bytes: batch.buffer.subarray(0, batch.at), pointCount: points.length, keyCount: keys.length };
}

function readKeys(bytes: Buffer): string[] {
  const reader: Reader = { buffer: bytes, at: 0 };
  return Array.from({ length: readVarint(reader) }, () => {
    const length = readVarint(reader);
    reader.at += length;
    invariant(reader.at <= bytes.length, 'the keys of a batch end too early');
    return bytes.toString('utf8', reader.at - length, reader.at);
  });
}

function readPacked(buffer: Buffer, keysOf: (bytes: Buffer) => readonly string[]): Batch {
  const reader: Reader = { buffer, at: 1 };
  const keyBytes = readVarint(reader);
  const keys = keysOf(buffer.subarray(reader.at, reader.at + keyBytes));
  reader.at += keyBytes;
  const counts = keys.map(() => readVarint(reader));
  const columns = emptyColumns(counts.reduce((sum, count) => sum + count, 0));
  readColumn(reader, columns.steps);
  readColumn(reader, columns.timestamps);
  readDoubles(reader, columns.values);
  return { keys, counts, columns };
}

/** One key: its length in two bytes, big-endian, its UTF-8; then step and timestamp as int64 and the value as double, little-endian. */
function readFixed(buffer: Buffer): Batch {
  const start = 3 + buffer.readUInt16BE(1);
  const columns = emptyColumns((buffer.length - start) / FIXED_POINT_BYTES);
  for (let index = 0, at = start; index < columns.length; index += 1, at += FIXED_POINT_BYTES) {
    columns.steps[index] = Number(buffer.readBigInt64LE(at));
    columns.timestamps[index] = Number(buffer.readBigInt64LE(at + 8));
    columns.values[index] = buffer.readDoubleLE(at + 16);
  }
  return { keys: [buffer.toString('utf8', 3, start)], counts: [columns.length], columns };
}

/** Reads batches one behind the other. Keys that are those of the batch before are not decoded again. */
export function* readBatches(batches: Iterable<Buffer>): Generator<Batch> {
  let bytesBefore: Buffer | undefined;
  let keysBefore: readonly string[] = [];
  const keysOf = (bytes: Buffer): readonly string[] => {
    if (bytesBefore?.equals(bytes) !== true) keysBefore = readKeys(bytes);
    bytesBefore = bytes;
    return keysBefore;
  };
  for (const buffer of batches) {
    const layout = buffer[0];
    invariant(layout === PACKED || layout === FIXED, `a batch of metric points has the layout ${layout}, which this release does not know`);
    yield layout === PACKED ? readPacked(buffer, keysOf) : readFixed(buffer);
  }
}

/**
 * The points of batches by key, in the order in which they came. They are counted first and copied then, each to its place: a thousand keys
 * of a hundred batches would be a hundred thousand small pieces otherwise.
 */
export function pointsByKey(batches: readonly Batch[]): Map<string, Columns> {
  const lengths = new Map<string, number>();
  for (const { keys, counts } of batches) {
    for (const [index, key] of keys.entries()) lengths.set(key, (lengths.get(key) ?? 0) + (counts[index] ?? 0));
  }
  const all = emptyColumns(batches.reduce((sum, { columns }) => sum + columns.length, 0));
  const places = new Map<string, number>();
  const byKey = new Map<string, Columns>();
  let from = 0;
  for (const [key, length] of lengths) {
    places.set(key, from);
    byKey.set(key, slice(all, from, from + length));
    from += length;
  }
  for (const { keys, counts, columns } of batches) {
    let source = 0;
    for (const [index, key] of keys.entries()) {
      const end = source + (counts[index] ?? 0);
      let place = places.get(key) ?? 0;
      for (; source < end; source += 1, place += 1) copyPoint(columns, source, all, place);
      places.set(key, place);
    }
  }
  return byKey;
}
