// The two hashes of DVC: the MD5 of a file as it is, and DVC 2's, which reads CRLF as LF in what looks like text. The latter looks at every mebibyte by itself
// (whether its first 512 bytes are text; a CRLF that is cut in two by its end stays one), so the pieces must be exactly those.

import * as crypto from 'node:crypto';
import { open } from 'node:fs/promises';
import type { HashName } from '../types.ts';

/** How much is read at a time, and what DVC 2's hash takes for a piece. */
export const PIECE_BYTES = 1024 * 1024;
const PROBE_BYTES = 512;
/** Of what is no text character, so much makes a piece binary. */
const MAX_ODD_SHARE = 0.3;

/** A hash that is fed in any pieces. */
export interface ContentHash {
  update(chunk: Uint8Array): void;
  /** 32 hexadecimal digits; ends it. */
  digest(): string;
}

/** Since Node 20.12 there is one call for bytes that stand in memory; it takes half the time for small ones. */
const oneShot = (crypto as { hash?: (algorithm: string, data: Uint8Array) => string }).hash;

/** The MD5 of bytes, as 32 hexadecimal digits. */
export function md5Of(bytes: Uint8Array): string {
  return oneShot === undefined ? crypto.createHash('md5').update(bytes).digest('hex') : oneShot('md5', bytes);
}

/** What names a whole file's bytes. */
export function contentMd5(bytes: Uint8Array, hash: HashName): string {
  if (hash === 'md5') return md5Of(bytes);
  const content = createContentHash(hash);
  content.update(bytes);
  return content.digest();
}

export function createContentHash(hash: HashName): ContentHash {
  const md5 = crypto.createHash('md5');
  if (hash === 'md5') return { update: (chunk) => void md5.update(chunk), digest: () => md5.digest('hex') };
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  const flush = () => {
    const bytes = piece.subarray(0, filled);
    md5.update(isText(bytes.subarray(0, PROBE_BYTES)) ? withoutCarriageReturns(bytes) : bytes);
    filled = 0;
  };
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length;) {
        const count = Math.min(PIECE_BYTES - filled, chunk.length - at);
        piece.set(chunk.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled === PIECE_BYTES) flush();
      }
    },
    digest() {
      if (filled > 0) flush();
      return md5.digest('hex');
    },
  };
}

function isText(bytes: Uint8Array): boolean {
  let odd = 0;
  for (const byte of bytes) {
    if (byte === 0) return false;
    const isPlain = (byte >= 32 && byte < 127) || byte === 8 || byte === 9 || byte === 10 || byte === 12 || byte === 13;
    if (!isPlain) odd += 1;
  }
  return odd / Math.max(bytes.length, 1) <= MAX_ODD_SHARE;
}

function withoutCarriageReturns(bytes: Buffer): Buffer {
  if (!bytes.includes('\r\n')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/** Hashes a file, whatever its size, on this thread. Links are followed. */
export async function hashFile(file: string, hash: HashName): Promise<{ md5: string; sizeBytes: number }> {
  const content = createContentHash(hash);
  const handle = await open(file, 'r');
  try {
    // While one piece is hashed the next one is read.
    const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
    let sizeBytes = 0;
    let turn = 0;
    let reading = handle.read(buffers[0], 0, PIECE_BYTES, 0);
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return { md5: content.digest(), sizeBytes };
      sizeBytes += bytesRead;
      turn = 1 - turn;
      reading = handle.read(turn === 0 ? buffers[0] : buffers[1], 0, PIECE_BYTES, sizeBytes);
      content.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
