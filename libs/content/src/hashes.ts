// Hashes as texts and bytes: hexadecimal in the domain, bytes in the database.

import { createHash } from 'node:crypto';

import { invalidHash } from './errors.ts';

const SHA256 = /^[0-9a-f]{64}$/;
const MD5 = /^[0-9a-f]{32}$/;

/** Throws `invalid` INVALID_HASH unless the text is a SHA-256 in lower-case hexadecimal; answers it. */
export function checkSha256(text: string): string {
  if (!SHA256.test(text)) throw invalidHash('SHA-256 of 64 characters', text);
  return text;
}

/** Throws `invalid` INVALID_HASH unless the text is an MD5 in lower-case hexadecimal; answers it. */
export function checkMd5(text: string): string {
  if (!MD5.test(text)) throw invalidHash('MD5 of 32 characters', text);
  return text;
}

export function toBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

export function toHex(bytes: Buffer): string {
  return bytes.toString('hex');
}

/** What a stream of bytes was, known once it has passed. */
export interface Measured {
  sha256: string;
  md5: string;
  sizeBytes: number;
}

/** Measures bytes as they pass: both hashes in one reading. */
export interface Meter {
  update(chunk: Uint8Array): void;
  readonly sizeBytes: number;
  finish(): Measured;
}

export function createMeter(): Meter {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let sizeBytes = 0;
  return {
    update(chunk) {
      sha256.update(chunk);
      md5.update(chunk);
      sizeBytes += chunk.byteLength;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    finish: () => ({ sha256: sha256.digest('hex'), md5: md5.digest('hex'), sizeBytes }),
  };
}
