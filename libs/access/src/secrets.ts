// Secrets of tokens: a prefix to know them by (people, and scanners of leaked secrets), then 256 random bits. With so many, a plain
// SHA-256 is as good as a slow hash, and lets a token be looked up by it; comparing is the index's work, and tells no timing.

import { createHash, randomBytes } from 'node:crypto';

const SECRET = /^tl_[A-Za-z0-9_-]{43}$/;
const HINT_LENGTH = 7;

export function newSecret(): string {
  return `tl_${randomBytes(32).toString('base64url')}`;
}

/** The SHA-256 to look a secret up by; null where the text cannot be one of ours. */
export function hashOf(secret: string): Buffer | null {
  return SECRET.test(secret) ? createHash('sha256').update(secret).digest() : null;
}

export function hintOf(secret: string): string {
  return secret.slice(0, HINT_LENGTH);
}
