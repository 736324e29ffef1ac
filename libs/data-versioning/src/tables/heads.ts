// The beginning of a file, read instead of all of it: enough of a CSV for its first rows, wherever it ends. What is cut is cut behind a whole row, and what
// is compressed is taken apart only as far as it is wanted, so that a small file that holds a large one stays small here.

import { constants, createGunzip } from 'node:zlib';

import type { TableKind } from './types.ts';

/** How much of a file is read for a head, and how much of what was compressed in it. */
export const HEAD_BYTES = 256 * 1024;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * The whole rows at the beginning of a table, of which `head` is the first part; null where the rows of such a file cannot be told apart without all
 * of it. Throws an Error for one that is no gzip, though its name says so, and for a first row that does not end.
 */
export async function headRows(head: Uint8Array, { format, isGzipped }: TableKind): Promise<Uint8Array | null> {
  if (format === 'parquet' || format === 'arrow') return null;
  const text = isGzipped ? await gunzipHead(head) : head;
  if (format === 'json') return isLines(text) ? text.subarray(0, endOfRows(text, false)) : null;
  const end = endOfRows(text, true);
  if (end === 0) throw new Error(`its first row has more than ${HEAD_BYTES / 1024} KB`);
  return text.subarray(0, end);
}

/** Behind the last line feed that is not between quotes; 0 where there is none. A quote that never ends leaves the last line feed of all. */
function endOfRows(text: Uint8Array, isQuoted: boolean): number {
  let isInside = false;
  let end = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (isQuoted && text[index] === QUOTE) isInside = !isInside;
    else if (text[index] === LINE_FEED && !isInside) end = index + 1;
  }
  return end === 0 ? text.lastIndexOf(LINE_FEED) + 1 : end;
}

/** Whether the first line is a whole JSON object, so that each line is likely one. */
function isLines(text: Uint8Array): boolean {
  const end = text.indexOf(LINE_FEED);
  if (end === -1) return false;
  try {
    const first: unknown = JSON.parse(new TextDecoder().decode(text.subarray(0, end)));
    return typeof first === 'object' && first !== null && !Array.isArray(first);
  } catch {
    return false;
  }
}

/** The beginning of what a gzip file holds, of which `head` is the first part. */
function gunzipHead(head: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    // What is cut ends in the middle of a block, and is no error.
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    const done = () => resolve(Buffer.concat(parts).subarray(0, HEAD_BYTES));
    gunzip.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes < HEAD_BYTES) return;
      done();
      gunzip.destroy();
    });
    gunzip.once('end', done);
    gunzip.once('error', reject);
    gunzip.end(head);
  });
}

/** Text that can be shown: its first lines, and whether it goes on. */
export interface TextHead {
  text: string;
  hasMore: boolean;
}

const TEXT_BYTES = 64 * 1024;
const TEXT_LINES = 500;

/** The first lines of a file, of which `head` is the first part; null where it is not UTF-8 text. */
export function headText(head: Uint8Array, isWhole: boolean): TextHead | null {
  const isCut = !isWhole || head.length > TEXT_BYTES;
  let text: string;
  try {
    // A character that was cut at the end is left out.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, TEXT_BYTES), { stream: isCut });
  } catch {
    return null;
  }
  if (text.includes('\0')) return null;
  const lines = text.split('\n', TEXT_LINES + 1);
  const shown = lines.length > TEXT_LINES ? lines.slice(0, TEXT_LINES).join('\n') : text;
  return { text: shown, hasMore: isCut || shown.length < text.length };
}
