// A cell is what a stretch of points comes down to: how many they are, the first, the last, the least and the greatest, each a real point
// with its step and time. Cells of neighbouring stretches fold into the cell of both, so a chart is folded from cells as well as from points,
// and no spike is lost on the way. A cell is 13 numbers in a row of them, 104 bytes.

import { compareByStep } from './points.ts';
import type { Columns } from './points.ts';
import type { MetricPoint, SeriesColumns } from '../types.ts';

const COUNT = 0;
const FIRST = 1;
const LAST = 4;
const MIN = 7;
const MAX = 10;
const NUMBERS = 13;
export const CELL_BYTES = NUMBERS * 8;

export interface Cells {
  readonly length: number;
  readonly numbers: Float64Array;
}

export function emptyCells(length: number): Cells {
  return { length, numbers: new Float64Array(length * NUMBERS) };
}

function read(array: Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}

function put(to: Float64Array, at: number, from: Float64Array, source: number): void {
  to[at] = read(from, source);
  to[at + 1] = read(from, source + 1);
  to[at + 2] = read(from, source + 2);
}

/** Folds a point into a cell, behind those that it holds. */
export function foldPoint(cells: Cells, cell: number, columns: Columns, index: number): void {
  const { numbers } = cells;
  const base = cell * NUMBERS;
  const value = read(columns.values, index);
  const count = read(numbers, base + COUNT);
  if (count === 0) putPoint(numbers, base + FIRST, columns, index);
  putPoint(numbers, base + LAST, columns, index);
  // A NaN is neither the least nor the greatest, unless there is nothing else.
  if (count === 0 || isBelow(value, read(numbers, base + MIN + 2))) putPoint(numbers, base + MIN, columns, index);
  if (count === 0 || isBelow(-value, -read(numbers, base + MAX + 2))) putPoint(numbers, base + MAX, columns, index);
  numbers[base + COUNT] = count + 1;
}

function putPoint(to: Float64Array, at: number, columns: Columns, index: number): void {
  to[at] = read(columns.steps, index);
  to[at + 1] = read(columns.timestamps, index);
  to[at + 2] = read(columns.values, index);
}

/** Whether a value takes the place of another as the least. */
function isBelow(value: number, held: number): boolean {
  return value < held || (Number.isNaN(held) && !Number.isNaN(value));
}

/** Folds a cell into another, behind what that one holds. */
export function foldCell(cells: Cells, cell: number, from: Cells, index: number): void {
  const { numbers } = cells;
  const base = cell * NUMBERS;
  const source = index * NUMBERS;
  const count = read(numbers, base + COUNT);
  if (count === 0) {
    for (let number = 0; number < NUMBERS; number += 1) numbers[base + number] = read(from.numbers, source + number);
    return;
  }
  put(numbers, base + LAST, from.numbers, source + LAST);
  if (isBelow(read(from.numbers, source + MIN + 2), read(numbers, base + MIN + 2))) put(numbers, base + MIN, from.numbers, source + MIN);
  if (isBelow(-read(from.numbers, source + MAX + 2), -read(numbers, base + MAX + 2))) put(numbers, base + MAX, from.numbers, source + MAX);
  numbers[base + COUNT] = count + read(from.numbers, source + COUNT);
}

/** The cells of stretches of so many points each; the last may be shorter. */
export function cellsOfPoints(columns: Columns, stretch: number): Cells {
  const cells = emptyCells(Math.ceil(columns.length / stretch));
  for (let index = 0; index < columns.length; index += 1) foldPoint(cells, Math.floor(index / stretch), columns, index);
  return cells;
}

/** The same out of cells, so many each. */
export function cellsOfCells(from: Cells, stretch: number): Cells {
  const cells = emptyCells(Math.ceil(from.length / stretch));
  for (let index = 0; index < from.length; index += 1) foldCell(cells, Math.floor(index / stretch), from, index);
  return cells;
}

export interface Cell {
  count: number;
  first: MetricPoint;
  last: MetricPoint;
  min: MetricPoint;
  max: MetricPoint;
}

function pointFrom(numbers: Float64Array, at: number): MetricPoint {
  return { value: read(numbers, at + 2), step: read(numbers, at), timestampMs: read(numbers, at + 1) };
}

export function cellAt({ numbers }: Cells, index: number): Cell {
  const base = index * NUMBERS;
  return {
    count: read(numbers, base + COUNT),
    first: pointFrom(numbers, base + FIRST),
    last: pointFrom(numbers, base + LAST),
    min: pointFrom(numbers, base + MIN),
    max: pointFrom(numbers, base + MAX),
  };
}

export function allCells(cells: Cells): Cell[] {
  return Array.from({ length: cells.length }, (_, index) => cellAt(cells, index));
}

/** A cell's first point. */
export function firstAt({ numbers }: Cells, index: number): MetricPoint {
  return pointFrom(numbers, index * NUMBERS + FIRST);
}

/** How many points a cell stands for. */
export function countAt({ numbers }: Cells, index: number): number {
  return read(numbers, index * NUMBERS + COUNT);
}

/** The step of a cell's first point. */
export function firstStepAt({ numbers }: Cells, index: number): number {
  return read(numbers, index * NUMBERS + FIRST);
}

/** Cells in order of their first points. They come so, but for those of chunks that begin at the same step and time. */
export function inOrder(cells: Cells): Cells {
  if (isInOrder(cells)) return cells;
  const firsts = Array.from({ length: cells.length }, (_, cell) => firstAt(cells, cell));
  const order = firsts.map((first, cell) => ({ first, cell })).sort((a, b) => compareByStep(a.first, b.first));
  const sorted = emptyCells(cells.length);
  for (const [place, { cell }] of order.entries()) foldCell(sorted, place, cells, cell);
  return sorted;
}

/** Whether the steps rise from cell to cell; where two are alike, their points are compared. */
function isInOrder(cells: Cells): boolean {
  for (let cell = 1; cell < cells.length; cell += 1) {
    const rise = firstStepAt(cells, cell) - firstStepAt(cells, cell - 1);
    if (rise < 0 || (rise === 0 && compareByStep(firstAt(cells, cell - 1), firstAt(cells, cell)) > 0)) return false;
  }
  return true;
}

/** The cells that hold points. */
export function withoutEmpty(cells: Cells): Cells {
  const kept = emptyCells(cells.length);
  let length = 0;
  for (let cell = 0; cell < cells.length; cell += 1) {
    if (countAt(cells, cell) === 0) continue;
    foldCell(kept, length, cells, cell);
    length += 1;
  }
  return { length, numbers: kept.numbers.subarray(0, length * NUMBERS) };
}

/** Cells as the buckets of a series, column by column. A column is made when it is asked for: a chart wants some of them. */
export function bucketColumns({ length, numbers }: Cells): SeriesColumns {
  const column = (place: number) => (): Float64Array => {
    const values = new Float64Array(length);
    for (let cell = 0; cell < length; cell += 1) values[cell] = read(numbers, cell * NUMBERS + place);
    return values;
  };
  return {
    count: column(COUNT),
    fromStep: column(FIRST),
    timestampMs: column(FIRST + 1),
    first: column(FIRST + 2),
    toStep: column(LAST),
    toTimestampMs: column(LAST + 1),
    last: column(LAST + 2),
    minStep: column(MIN),
    minTimestampMs: column(MIN + 1),
    min: column(MIN + 2),
    maxStep: column(MAX),
    maxTimestampMs: column(MAX + 1),
    max: column(MAX + 2),
  };
}

/** Little-endian doubles. */
export function cellBytes({ numbers }: Cells): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 8);
  for (const [index, number] of numbers.entries()) bytes.writeDoubleLE(number, index * 8);
  return bytes;
}

/** Cells out of their bytes, which may come in parts, each of whole cells. */
export function cellsFrom(...parts: readonly Buffer[]): Cells {
  const numbers = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0) / 8);
  let at = 0;
  for (const part of parts) {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (let offset = 0; offset < part.length; offset += 8, at += 1) numbers[at] = view.getFloat64(offset, true);
  }
  return { length: numbers.length / NUMBERS, numbers };
}
