// Bytes that are hashed as they pass, on their way in and on their way out. The last chunk is passed on only if the whole was what its name says, so that
// a wrong upload can never end as a whole one, and nothing wrong gets its final name.

import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { contentMd5, createContentHash } from '../objects/hash.ts';
import type { ContentHash } from '../objects/hash.ts';
import type { HashName, ObjectId } from '../types.ts';
import { localDamaged } from './failures.ts';
import type { WriteSource } from './storage.ts';

/** Hashes what passes: with what names it, and with SHA-256 where somebody reports it. */
export interface Meter {
  readonly content: ContentHash;
  readonly sha256: Hash | null;
  sizeBytes: number;
}

export function createMeter(hash: HashName, withSha256: boolean): Meter {
  return { content: createContentHash(hash), sha256: withSha256 ? createHash('sha256') : null, sizeBytes: 0 };
}

export function feed(meter: Meter, chunk: Uint8Array): void {
  meter.content.update(chunk);
  meter.sha256?.update(chunk);
  meter.sizeBytes += chunk.length;
}

const CHUNK_BYTES = 1024 * 1024;

/** Which hash names an object's bytes: manifests were always hashed as they are. */
export function hashOf(id: ObjectId): HashName {
  return id.isTree ? 'md5' : id.hash;
}

/**
 * An object of the cache, to be sent. Its bytes are hashed as they are read, and where they are not what the name says, reading throws before the last
 * of them is given away.
 */
export function objectSource(file: string, id: ObjectId, sizeBytes: number, onBytes: (count: number) => void): WriteSource {
  return {
    sizeBytes,
    // What DVC 2 made is named by another hash than that of its bytes.
    md5: hashOf(id) === 'md5' ? id.md5 : null,
    async *open() {
      const meter = createMeter(hashOf(id), false);
      let held: Uint8Array | null = null;
      let told = 0;
      try {
        for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
          feed(meter, chunk);
          if (held !== null) {
            yield held;
            onBytes(held.length);
            told += held.length;
          }
          held = chunk;
        }
        const actual = meter.content.digest();
        if (actual !== id.md5) throw localDamaged(file, id.md5, actual);
        if (held === null) return;
        yield held;
        onBytes(held.length);
        told = 0;
      } finally {
        // A write that is tried again counts its bytes again.
        if (told !== 0) onBytes(-told);
      }
    },
  };
}

/** A small object of the cache. @throws DomainError `CACHE_OBJECT_DAMAGED`. */
export function readObject(file: string, id: ObjectId): Buffer {
  const bytes = readFileSync(file);
  const actual = contentMd5(bytes, hashOf(id));
  if (actual !== id.md5) throw localDamaged(file, id.md5, actual);
  return bytes;
}
