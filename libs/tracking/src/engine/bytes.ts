// Numbers as bytes. A column of whole numbers (steps, times) is written as the differences between neighbours, each in as few bytes as it
// needs (zigzag, then seven bits a byte, the lowest first): steps that count up and times that are near each other take one to three bytes
// instead of eight. Where two neighbours are further apart than 2^52, the column is written as doubles, which hold whole numbers up to 2^53.

import { invariant } from '@throughline/kernel';

const DIFFERENCES = 0;
const DOUBLES = 1;
const WIDEST = 2 ** 52;
/** What a number takes at most: 54 bits, seven a byte. */
const VARINT_BYTES = 8;

export interface Writer {
  readonly buffer: Buffer;
  at: number;
}

/** Makes room for so many bytes. They are not cleared: write every one of those that are handed on. */
export function writer(capacity: number): Writer {
  return { buffer: Buffer.allocUnsafe(capacity), at: 0 };
}

export interface Reader {
  readonly buffer: Buffer;
  at: number;
}

/** The most bytes that a column of so many numbers can take. */
export function columnBytes(length: number): number {
  return 1 + length * VARINT_BYTES;
}

/** Writes a whole number from 0 to 2^53. */
export function writeVarint(writer: Writer, value: number): void {
  const { buffer } = writer;
  let { at } = writer;
  let rest = value;
  // Bit operations know 32 bits only; most numbers are small from the start.
  while (rest >= 2 ** 31) {
    buffer[at] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  while (rest >= 128) {
    buffer[at] = (rest & 127) | 128;
    rest >>>= 7;
    at += 1;
  }
  buffer[at] = rest;
  writer.at = at + 1;
}

export function readVarint(reader: Reader): number {
  const { buffer } = reader;
  let { at } = reader;
  let byte = buffer[at] ?? 0;
  at += 1;
  let value = byte & 127;
  for (let scale = 128; byte >= 128; scale *= 128) {
    invariant(at < buffer.length && scale < 2 ** 57, 'a packed number has no end');
    byte = buffer[at] ?? 0;
    at += 1;
    value += (byte & 127) * scale;
  }
  reader.at = at;
  return value;
}

/** Writes whole numbers, which must be safe integers. */
export function writeColumn(writer: Writer, column: Float64Array): void {
  let before = 0;
  let fits = true;
  for (const value of column) {
    fits &&= Math.abs(value - before) < WIDEST;
    before = value;
  }
  writer.buffer[writer.at] = fits ? DIFFERENCES : DOUBLES;
  writer.at += 1;
  if (!fits) {
    writeDoubles(writer, column);
    return;
  }
  before = 0;
  for (const value of column) {
    const difference = value - before;
    writeVarint(writer, difference >= 0 ? difference * 2 : difference * -2 - 1);
    before = value;
  }
}

/** Reads as many whole numbers as the column is long. */
export function readColumn(reader: Reader, column: Float64Array): void {
  const mode = reader.buffer[reader.at];
  reader.at += 1;
  if (mode === DOUBLES) {
    readDoubles(reader, column);
    return;
  }
  invariant(mode === DIFFERENCES, `a packed column is written in the way ${mode}, which this release does not know`);
  let value = 0;
  for (let index = 0; index < column.length; index += 1) {
    const number = readVarint(reader);
    value += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    column[index] = value;
  }
}

/** Eight bytes a number, little-endian. */
export function writeDoubles(writer: Writer, column: Float64Array): void {
  for (const value of column) writer.at = writer.buffer.writeDoubleLE(value, writer.at);
}

export function readDoubles(reader: Reader, column: Float64Array): void {
  const { buffer, at } = reader;
  invariant(at + column.length * 8 <= buffer.length, 'packed numbers end too early');
  const view = new DataView(buffer.buffer, buffer.byteOffset + at, column.length * 8);
  for (let index = 0; index < column.length; index += 1) column[index] = view.getFloat64(index * 8, true);
  reader.at = at + column.length * 8;
}
