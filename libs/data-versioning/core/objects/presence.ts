// Which of many objects a cache lacks. Looking for each takes as long as looking at the workspace itself; listing the 256 folders that they lie in takes a tenth of it.

import { readdirSync, statSync } from 'node:fs';
import { isMissing } from './failures.ts';
import { MD5_BYTES } from './tasks.ts';

/** Below this number each is looked for. */
const FEW = 500;
const FOLDERS = 256;

/**
 * The places, in ascending order, of the digests whose objects are not there. Looks at names only.
 * @param folder That holds `ab/cdef…`.
 * @param digests 16 bytes each.
 */
export function missingObjects(folder: string, digests: Uint8Array): number[] {
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  const count = bytes.length / MD5_BYTES;
  const missing: number[] = [];
  if (count < FEW) {
    for (let index = 0; index < count; index++) {
      const md5 = bytes.toString('hex', index * MD5_BYTES, (index + 1) * MD5_BYTES);
      if (statSync(`${folder}/${md5.slice(0, 2)}/${md5.slice(2)}`, { throwIfNoEntry: false }) === undefined) missing.push(index);
    }
    return missing;
  }
  for (const [first, places] of byFirstByte(bytes, count).entries()) {
    if (places.length === 0) continue;
    const names = namesIn(`${folder}/${first.toString(16).padStart(2, '0')}`);
    for (const index of places) if (!names.has(bytes.toString('hex', index * MD5_BYTES + 1, (index + 1) * MD5_BYTES))) missing.push(index);
  }
  return missing.sort((a, b) => a - b);
}

function byFirstByte(bytes: Buffer, count: number): number[][] {
  const places: number[][] = Array.from({ length: FOLDERS }, () => []);
  for (let index = 0; index < count; index++) places[bytes[index * MD5_BYTES] ?? 0]?.push(index);
  return places;
}

function namesIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder));
  } catch (error) {
    if (isMissing(error)) return new Set();
    throw error;
  }
}
