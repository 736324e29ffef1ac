// A series in buckets, at a cost that follows the buckets. Of chunks, cells of three sizes and points it is read as the coarsest that
// has at least as many as there are buckets: a million points into 2,000 buckets are 3,907 cells of 256 points, ten million 2,442 chunks. Cells hold real
// extremes, so none is lost; a cell goes wholly to the bucket in which it begins. Only the chunks that a range of steps cuts are opened.

import type { Queryable } from '@throughline/database';

import { selectStretches } from '../store/metrics.ts';
import type { Stretch } from '../store/metrics.ts';
import type { MetricPoint } from '../types.ts';
import {
  allCells,
  cellAt,
  cellsFrom,
  countAt,
  emptyCells,
  firstAt,
  firstStepAt,
  foldCell,
  foldPoint,
  inOrder,
  withoutEmpty,
} from './cells.ts';
import type { Cell, Cells } from './cells.ts';
import { unpackChunk } from './chunk.ts';
import { compareByStep, emptyColumns, pointAt, slice } from './points.ts';
import type { Columns } from './points.ts';

export interface StepRange {
  from: number;
  to: number;
}

/** A stretch of a series as it was read: cells, or the points themselves. */
type Piece = { cells: Cells; first: MetricPoint } | { points: Columns; first: MetricPoint };

/** A series as it was read: at least as fine as what it is for. */
export interface Reading {
  pieces: Piece[];
  pointCount: number;
}

/** Reads one metric of several runs (UUIDs) for so many buckets each; runs without a point in the range are left out. */
export async function readSeries(
  db: Queryable,
  runIds: readonly string[],
  options: { key: string; range: StepRange; buckets: number },
): Promise<Map<string, Reading>> {
  const stretches = await selectStretches(db, runIds, options);
  const byRun = Map.groupBy(stretches, ({ runId }) => runId);
  const readings = [...byRun].map(([runId, ofRun]): [string, Reading] => {
    const pieces = [...cellsOf(ofRun), ...pointsOf(ofRun, options.range)].sort((a, b) => compareByStep(a.first, b.first));
    return [runId, { pieces, pointCount: pieces.reduce((sum, piece) => sum + countOf(piece), 0) }];
  });
  return new Map(readings.filter(([, { pointCount }]) => pointCount > 0));
}

/** The cells of one run's stretches, together: a chunk's need not follow those of the chunk that came before it. */
function cellsOf(stretches: readonly Stretch[]): Piece[] {
  const parts = stretches.filter(({ place }) => place !== null).sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  if (parts.length === 0) return [];
  const cells = inOrder(cellsFrom(...parts.map(({ detail }) => detail)));
  return [{ cells, first: firstAt(cells, 0) }];
}

function pointsOf(stretches: readonly Stretch[], range: StepRange): Piece[] {
  return stretches.flatMap(({ place, detail }) => {
    const points = place === null ? within(unpackChunk(detail), range) : emptyColumns(0);
    return points.length === 0 ? [] : [{ points, first: pointAt(points, 0) }];
  });
}

/** Of points in order of their steps, those within a range. */
function within(points: Columns, { from, to }: StepRange): Columns {
  const { steps } = points;
  let start = 0;
  let end = points.length;
  while (start < end && (steps[start] ?? 0) < from) start += 1;
  while (end > start && (steps[end - 1] ?? 0) > to) end -= 1;
  return slice(points, start, end);
}

function countOf(piece: Piece): number {
  if ('points' in piece) return piece.points.length;
  let count = 0;
  for (let cell = 0; cell < piece.cells.length; cell += 1) count += countAt(piece.cells, cell);
  return count;
}

/** Which bucket a point or cell goes to, by its step and by how many points stand in front of it. Never falls along the series. */
type Bucketing = (step: number, before: number) => number;

/** Folds a series into so many buckets; answers those that hold points. */
function fold({ pieces }: Reading, count: number, bucketOf: Bucketing): Cells {
  const buckets = emptyCells(count);
  let before = 0;
  for (const piece of pieces) {
    if ('points' in piece) {
      const { points } = piece;
      for (let index = 0; index < points.length; index += 1) {
        foldPoint(buckets, bucketOf(points.steps[index] ?? 0, before), points, index);
        before += 1;
      }
    } else {
      for (let cell = 0; cell < piece.cells.length; cell += 1) {
        foldCell(buckets, bucketOf(firstStepAt(piece.cells, cell), before), piece.cells, cell);
        before += countAt(piece.cells, cell);
      }
    }
  }
  return withoutEmpty(buckets);
}

/**
 * Cuts a series into at most so many buckets: each point its own where they are that few, else stretches of steps of one width. Where all
 * points stand at one step, as they do when a client names none, they are cut by their number instead.
 */
export function bucketsBySteps(reading: Reading, count: number): Cells {
  const { pieces, pointCount } = reading;
  const [first] = pieces;
  if (first === undefined) return emptyCells(0);
  const from = first.first.step;
  const width = (lastStepOf(reading) - from) / count;
  if (pointCount <= count) return fold(reading, pointCount, (_, before) => before);
  if (width === 0) return bucketsByNumber(reading, count);
  return fold(reading, count, (step) => Math.min(count - 1, Math.floor((step - from) / width)));
}

/** Cuts a series into at most so many buckets of about as many points each. */
export function bucketsByNumber(reading: Reading, count: number): Cells {
  const { pointCount } = reading;
  return fold(reading, Math.min(count, pointCount), (_, before) =>
    pointCount <= count ? before : Math.floor((before * count) / pointCount),
  );
}

function lastStepOf({ pieces }: Reading): number {
  const last = pieces.at(-1);
  if (last === undefined) return 0;
  return 'points' in last ? pointAt(last.points, last.points.length - 1).step : cellAt(last.cells, last.cells.length - 1).last.step;
}

/**
 * At most so many real points of a series, in order, that keep its shape: all where they are that few, else the first, the least, the greatest
 * and the last of each of a quarter as many buckets. Of fewer than four, the last, and the first if there is room.
 */
export function samplePoints(reading: Reading, maxPoints: number): MetricPoint[] {
  const cut = (count: number): Cell[] => allCells(bucketsByNumber(reading, count));
  if (reading.pointCount <= maxPoints) return cut(maxPoints).map(({ first }) => first);
  if (maxPoints < 4) return cut(1).flatMap(({ first, last }) => (maxPoints === 1 ? [last] : [first, last]));
  return cut(Math.floor(maxPoints / 4)).flatMap(({ first, last, min, max }) =>
    [first, min, max, last].sort(compareByStep).filter((point, index, all) => {
      const before = all[index - 1];
      return before === undefined || compareByStep(before, point) !== 0;
    }),
  );
}
