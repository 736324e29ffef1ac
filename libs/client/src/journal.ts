// The journal of a run: every record, in order, as a line of `<CRC-32 in 8 hex digits> <JSON>` and a line feed. The check tells a line that was
// torn by a crash from a whole one, so that whatever is left of a file reads as the records that were written first, and no other.
//
// Places in the journal are offsets in bytes from its beginning. It is cut into segments of some megabytes, each named by the offset of its first
// byte, so that what the server has can be removed while the rest is written.

import { closeSync, fsync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { crc32 } from './crc32.ts';
import { systemCode } from './errors.ts';
import type { EndStatus } from './types.ts';

/** A number, or the word for what JSON has no number for. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** A value of a metric: key, value, step, time in milliseconds. */
export type Point = readonly [string, JsonNumber, number, number];

export type JournalRecord =
  | { type: 'metrics'; points: readonly Point[] }
  | { type: 'params'; pairs: readonly (readonly [string, string])[] }
  | { type: 'tags'; pairs: readonly (readonly [string, string])[] }
  | { type: 'name'; name: string }
  /** `file` stands in the folder's `artifacts`. */
  | { type: 'artifact'; path: string; file: string; sha256: string; sizeBytes: number }
  | { type: 'dataset'; ref: string; context?: string; files?: readonly (readonly [string, string])[] }
  | { type: 'input'; name: string; digest: string; source: string; sourceType: string; schema?: string; profile?: string; context?: string }
  | { type: 'end'; status: EndStatus; endedAtMs: number };

/** A line of a journal. */
export interface Entry {
  /** Null where the line does not match its checksum. */
  record: JournalRecord | null;
  /** The offset behind it. */
  end: number;
}

/** A segment is closed once it has so many bytes. */
const SEGMENT_BYTES = 16 * 2 ** 20;
const CRC_DIGITS = 8;
const LINE_FEED = 10;
const SEGMENT = /^(\d{16})\.journal$/;

const fsyncSoon = promisify(fsync);

/** A record as its line. */
export function encodeLine(json: string): Buffer {
  const bytes = Buffer.byteLength(json);
  const line = Buffer.allocUnsafe(CRC_DIGITS + 1 + bytes + 1);
  line.write(json, CRC_DIGITS + 1);
  const crc = crc32(line.subarray(CRC_DIGITS + 1, CRC_DIGITS + 1 + bytes));
  line.write(`${crc.toString(16).padStart(CRC_DIGITS, '0')} `, 0, 'latin1');
  line[line.length - 1] = LINE_FEED;
  return line;
}

/** What a line says; null where it is not what was written. */
export function decodeLine(line: Buffer): JournalRecord | null {
  const json = line.subarray(CRC_DIGITS + 1);
  const crc = crc32(json).toString(16).padStart(CRC_DIGITS, '0');
  if (line.length <= CRC_DIGITS + 1 || line.toString('latin1', 0, CRC_DIGITS + 1) !== `${crc} `) return null;
  try {
    return JSON.parse(json.toString('utf8')) as JournalRecord;
  } catch {
    return null; // Sealed by somebody else: nothing that this format has.
  }
}

function segmentName(start: number): string {
  return `${String(start).padStart(16, '0')}.journal`;
}

/** Where the segments of a folder begin, in order. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Removes the segments that end at or before an offset. */
export async function removeSegments(folder: string, before: number): Promise<void> {
  const starts = await listSegments(folder);
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1];
    if (next === undefined || next > before) return;
    await unlink(join(folder, segmentName(start)));
  }
}

/** Writes a journal. One writer a folder. */
export class JournalWriter {
  readonly #folder: string;
  #file: number;
  #segmentStart = 0;
  #end = 0;
  /** Bytes up to here survive a loss of power. */
  #durable = 0;
  #isFolderDurable = false;
  /** Synchronising and closing files, one after the other, so that none is closed under the other. Never rejects. */
  #queue: Promise<void> = Promise.resolve();
  /** Why a finished segment may not survive a loss of power. */
  #unsafe: Error | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = openSync(join(folder, segmentName(0)), 'wx');
  }

  /** The offset behind the last line. */
  get end(): number {
    return this.#end;
  }

  /** Appends whole lines, or nothing: what was half written when the disk ran full is cut off again. After it, they survive the end of this process. */
  write(lines: Buffer): void {
    if (this.#end - this.#segmentStart >= SEGMENT_BYTES) this.#nextSegment();
    const place = this.#end - this.#segmentStart;
    let written = 0;
    try {
      while (written < lines.length) written += writeSync(this.#file, lines, written, lines.length - written, place + written);
    } catch (error) {
      ftruncateSync(this.#file, place);
      throw error;
    }
    this.#end += lines.length;
  }

  /** Resolves once what was written survives a loss of power. */
  sync(): Promise<void> {
    const upTo = this.#end;
    const file = this.#file;
    const done = this.#queue.then(async () => {
      if (this.#unsafe !== null) throw this.#unsafe;
      if (this.#durable >= upTo) return;
      await fsyncSoon(file);
      if (!this.#isFolderDurable) {
        this.#isFolderDurable = true;
        await syncFolder(this.#folder);
      }
      this.#durable = upTo;
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#queue;
    closeSync(this.#file);
  }

  #nextSegment(): void {
    const next = openSync(join(this.#folder, segmentName(this.#end)), 'wx');
    const old = this.#file;
    this.#queue = this.#queue
      .then(() => fsyncSoon(old))
      .catch((error: unknown) => {
        this.#unsafe = error instanceof Error ? error : new Error(String(error));
      })
      .then(() => {
        closeSync(old);
      });
    this.#file = next;
    this.#segmentStart = this.#end;
    this.#isFolderDurable = false;
  }
}

/** Makes the names in a folder survive a loss of power, where the system can. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its file systems keep their names in a log.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a small file whole or not at all, and so that it survives a loss of power. */
export function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A stretch of a journal. */
export interface Stretch {
  entries: Entry[];
  /** Where the segment begins that it was read from. */
  segmentStart: number;
}

const CHUNK_BYTES = 512 * 1024;

/**
 * The next lines from an offset, some hundred kilobytes of them; none at the end. A line that does not match is an entry without a record where a whole
 * one follows, and where none does the end of the journal: that is where a crash tore it.
 * @param before leaves alone what a living writer has beyond it.
 */
export async function readStretch(folder: string, from: number, before = Infinity): Promise<Stretch> {
  const starts = await listSegments(folder);
  let index = Math.max(
    0,
    starts.findLastIndex((start) => start <= from),
  );
  for (; index < starts.length; index += 1) {
    const segmentStart = starts[index] ?? 0;
    const entries = await readSegment(join(folder, segmentName(segmentStart)), segmentStart, {
      from: Math.max(from, segmentStart),
      before,
      isLast: index === starts.length - 1,
    });
    if (entries.length > 0) return { entries, segmentStart };
  }
  return { entries: [], segmentStart: starts.at(-1) ?? 0 };
}

async function readSegment(
  path: string,
  segmentStart: number,
  { from, before, isLast }: { from: number; before: number; isLast: boolean },
): Promise<Entry[]> {
  const file = await open(path, 'r').catch((error: unknown) => {
    // Its living writer has removed it meanwhile, as what the server has.
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return [];
  try {
    const size = (await file.stat()).size;
    const end = Math.min(segmentStart + size, before);
    for (let length = CHUNK_BYTES; ; length *= 2) {
      const wanted = Math.min(length, end - from);
      if (wanted <= 0) return [];
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, from - segmentStart);
      const isWhole = from + bytesRead >= end || bytesRead < wanted;
      const entries = splitLines(buffer.subarray(0, bytesRead), from);
      const intact = entries.findLastIndex(({ record }) => record !== null) + 1;
      if (intact > 0) return entries.slice(0, intact);
      // The rest of the segment has no whole line: a crash tore the last one of all; in an earlier segment it is damage.
      if (isWhole) return isLast || end <= from ? [] : [{ record: null, end }];
    }
  } finally {
    await file.close();
  }
}

function splitLines(bytes: Buffer, from: number): Entry[] {
  const entries: Entry[] = [];
  for (let start = 0; ;) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) return entries;
    entries.push({ record: decodeLine(bytes.subarray(start, end)), end: from + end + 1 });
    start = end + 1;
  }
}
