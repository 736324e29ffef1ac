// The MD5 by which DVC 2 and older named a file: of its bytes with CRLF read as LF, where they look like text. The file is read in pieces of one
// MiB, each judged by its first 512 bytes, and a CRLF that two pieces share stays as it is (dvc_data/hashfile/hash.py and istextfile.py): that
// too is part of the name, so it is done here the same way.

import { createHash } from 'node:crypto';

const PIECE_BYTES = 2 ** 20;
const JUDGED_BYTES = 512;
const MAX_NONTEXT = 0.3;
const CR = 0x0d;
const LF = 0x0a;

/** The name that DVC 2 has for bytes, found while they pass. */
export interface LegacyMeter {
  update(chunk: Uint8Array): void;
  finish(): string;
}

export function createLegacyMeter(): LegacyMeter {
  const hash = createHash('md5');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  const flush = () => {
    const bytes = piece.subarray(0, filled);
    hash.update(looksLikeText(bytes.subarray(0, JUDGED_BYTES)) ? withoutReturns(bytes) : bytes);
    filled = 0;
  };
  return {
    update(chunk) {
      for (let from = 0; from < chunk.byteLength;) {
        const length = Math.min(PIECE_BYTES - filled, chunk.byteLength - from);
        piece.set(chunk.subarray(from, from + length), filled);
        filled += length;
        from += length;
        if (filled === PIECE_BYTES) flush();
      }
    },
    finish() {
      flush();
      return hash.digest('hex');
    },
  };
}

/** Printable ASCII, and the control characters that texts have. */
function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === LF || byte === CR || byte === 0x09 || byte === 0x0c || byte === 0x08;
}

function looksLikeText(block: Uint8Array): boolean {
  if (block.includes(0)) return false;
  let others = 0;
  for (const byte of block) if (!isTextByte(byte)) others += 1;
  return block.length === 0 || others / block.length <= MAX_NONTEXT;
}

/** The bytes with every CRLF made LF. */
function withoutReturns(bytes: Buffer): Buffer {
  if (!bytes.includes('\r\n')) return bytes;
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] === CR && bytes[index + 1] === LF) continue;
    kept[length] = bytes[index] ?? 0;
    length += 1;
  }
  return kept.subarray(0, length);
}
