// When a delivery is tried again. A receiver that is down for an hour misses nothing; one that is gone is left alone after four hours.

import type { Answer } from './send.ts';

/** Attempts in all. */
export const MAX_ATTEMPTS = 10;
const FIRST_MS = 2_000;
const FACTOR = 4;
const LONGEST_MS = 3_600_000;
/** A receiver may ask for more patience than ours, but not for ever. */
const LONGEST_ASKED_MS = 24 * 3_600_000;

/** Whether this answer may be another one the next time: too many requests, a time-out, or the receiver's own fault. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** What a Retry-After asks for, in milliseconds from now: seconds or a date; null where it is neither. */
export function askedFor(retryAfter: string | null, now: Date): number | null {
  if (retryAfter === null) return null;
  const text = retryAfter.trim();
  const askedMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(askedMs) ? Math.min(Math.max(askedMs, 0), LONGEST_ASKED_MS) : null;
}

/**
 * Milliseconds until the attempt behind this one; null where there is none. They grow fourfold from 2 s to an hour, spread by a fifth so
 * that what failed together does not come back together, and are never less than what the receiver asked for.
 */
export function delayBehind(
  attempt: number,
  answer: Pick<Answer, 'retryAfter'> | null,
  now: Date,
  random: () => number = Math.random,
): number | null {
  if (attempt >= MAX_ATTEMPTS) return null;
  const backoff = Math.min(FIRST_MS * FACTOR ** (attempt - 1), LONGEST_MS) * (0.8 + 0.4 * random());
  return Math.round(Math.max(backoff, askedFor(answer?.retryAfter ?? null, now) ?? 0));
}
