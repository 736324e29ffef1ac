// The files that are worked on: small ones, a thousand in a folder, no two alike; or one large one. Bytes come from a counter, so that the same
// seed makes the same files.

import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER_FILES = 1_000;
const CHUNK_BYTES = 8 * 2 ** 20;

export interface TreeOptions {
  files: number;
  fileBytes: number;
  seed: string;
  /** All files in one folder. */
  isFlat?: boolean;
}

export function makeTree(folder: string, { files, fileBytes, seed, isFlat = false }: TreeOptions): void {
  for (let index = 0; index < files; index += 1) {
    const below = isFlat ? folder : join(folder, String(Math.trunc(index / FOLDER_FILES)));
    if (isFlat ? index === 0 : index % FOLDER_FILES === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `${index}.txt`), `${seed} ${index} `.padEnd(fileBytes, 'x'));
  }
}

/** Bytes that nothing on the way could make smaller. */
export function makeLargeFile(file: string, bytes: number, seed: string): void {
  const output = openSync(file, 'w');
  try {
    for (let at = 0; at < bytes; at += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, bytes - at);
      const chunk = createHash('shake256', { outputLength: size }).update(`${seed} ${at}`).digest();
      writeSync(output, chunk);
    }
  } finally {
    closeSync(output);
  }
}
