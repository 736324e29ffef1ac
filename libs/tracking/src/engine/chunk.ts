// A chunk holds points of one metric of one run, in a series' order and each once; the chunks of a metric do not overlap in that order. Its
// bytes are columns: steps and timestamps as differences, values as doubles, about ten bytes a point. Beside them stand cells of it, so that
// a chart of many points reads few of them: one of the whole chunk, and one for each 1,024, each 256 and each 64 points.

import { invariant } from '@throughline/kernel';

import { emptyColumns, pointAt } from './points.ts';
import type { Columns } from './points.ts';
import { columnBytes, readColumn, readDoubles, readVarint, writeColumn, writeDoubles, writer, writeVarint } from './bytes.ts';
import type { Reader } from './bytes.ts';
import { cellBytes, cellsOfCells, cellsOfPoints } from './cells.ts';

const LAYOUT = 2;
const HEADER_BYTES = 4;
const NONE = Buffer.alloc(0);

/** Points of a chunk at most: 40 kB of them, which a rewrite costs. */
export const MAX_CHUNK_POINTS = 4_096;
/** Points that a wide, a coarse and a fine cell stand for. A chunk of no more has none: the next coarser says the same. */
export const WIDE_POINTS = 1_024;
export const COARSE_POINTS = 256;
export const FINE_POINTS = 64;

/** A chunk to be written. */
export interface PackedChunk {
  pointCount: number;
  firstStep: number;
  firstTimestampMs: number;
  lastStep: number;
  minTimestampMs: number;
  maxTimestampMs: number;
  rollup: Buffer;
  wide: Buffer;
  coarse: Buffer;
  fine: Buffer;
  points: Buffer;
}

/** Packs points, which stand in a series' order, each once. */
export function packChunk(columns: Columns): PackedChunk {
  const fine = cellsOfPoints(columns, FINE_POINTS);
  const coarse = cellsOfCells(fine, COARSE_POINTS / FINE_POINTS);
  const wide = cellsOfCells(coarse, WIDE_POINTS / COARSE_POINTS);
  let minTimestampMs = Number.POSITIVE_INFINITY;
  let maxTimestampMs = Number.NEGATIVE_INFINITY;
  for (const timestamp of columns.timestamps) {
    if (timestamp < minTimestampMs) minTimestampMs = timestamp;
    if (timestamp > maxTimestampMs) maxTimestampMs = timestamp;
  }
  const first = pointAt(columns, 0);
  return {
    pointCount: columns.length,
    firstStep: first.step,
    firstTimestampMs: first.timestampMs,
    lastStep: pointAt(columns, columns.length - 1).step,
    minTimestampMs,
    maxTimestampMs,
    rollup: cellBytes(cellsOfCells(wide, MAX_CHUNK_POINTS / WIDE_POINTS)),
    wide: columns.length > WIDE_POINTS ? cellBytes(wide) : NONE,
    coarse: columns.length > COARSE_POINTS ? cellBytes(coarse) : NONE,
    fine: columns.length > FINE_POINTS ? cellBytes(fine) : NONE,
    points: packPoints(columns),
  };
}

function packPoints(columns: Columns): Buffer {
  const bytes = writer(HEADER_BYTES + 3 * columnBytes(columns.length));
  bytes.buffer[0] = LAYOUT;
  bytes.at = 1;
  writeVarint(bytes, columns.length);
  writeColumn(bytes, columns.steps);
  writeColumn(bytes, columns.timestamps);
  writeDoubles(bytes, columns.values);
  return bytes.buffer.subarray(0, bytes.at);
}

/** The points of a chunk, out of its bytes. */
export function unpackChunk(buffer: Buffer): Columns {
  invariant(buffer[0] === LAYOUT, `a chunk of metric points has the layout ${buffer[0]}, which this release does not know`);
  const reader: Reader = { buffer, at: 1 };
  const columns = emptyColumns(readVarint(reader));
  readColumn(reader, columns.steps);
  readColumn(reader, columns.timestamps);
  readDoubles(reader, columns.values);
  return columns;
}
