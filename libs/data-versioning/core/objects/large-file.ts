// Large files are hashed while they are copied: the system reads the next piece and writes the last one while this thread hashes, so that the whole takes no longer
// than the slowest of the three.

import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { HashName } from '../types.ts';
import { createContentHash, PIECE_BYTES } from './hash.ts';

const read = promisify(fs.read);
const write = promisify(fs.write);

/**
 * Reads an open file from its beginning to its end; returns its hash.
 * @param to An open file that gets the same bytes; null to hash only.
 */
export async function copyHashed(from: number, to: number | null, hash: HashName, onBytes: (count: number) => void): Promise<string> {
  const content = createContentHash(hash);
  let filling = Buffer.allocUnsafe(PIECE_BYTES);
  let full = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  let reading = read(from, filling, 0, PIECE_BYTES, at);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return content.digest();
    [filling, full] = [full, filling];
    const bytes = full.subarray(0, bytesRead);
    const position = at;
    at += bytesRead;
    reading = read(from, filling, 0, PIECE_BYTES, at);
    const writing = to === null ? null : writeAt(to, bytes, position);
    content.update(bytes);
    // A write that fails must not leave a read under way in a descriptor that is closed.
    const [written] = await Promise.allSettled([writing, reading]);
    if (written.status === 'rejected') throw written.reason;
    onBytes(bytesRead);
  }
}

async function writeAt(descriptor: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await write(descriptor, bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** The same without promises. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(descriptor, bytes, at, bytes.length - at);
}

/** The hash of a file of any size, on this thread, without promises. */
export function hashOfFile(file: string, hash: HashName): string {
  const content = createContentHash(hash);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const descriptor = fs.openSync(file, 'r');
  try {
    for (let at = 0; ;) {
      const count = fs.readSync(descriptor, piece, 0, PIECE_BYTES, at);
      if (count === 0) return content.digest();
      content.update(piece.subarray(0, count));
      at += count;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
