import { describe, expect, it } from 'vitest';

import { askedFor, delayBehind, isPassing, MAX_ATTEMPTS } from './retries.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const middle = () => 0.5;

describe('the pause behind an attempt', () => {
  it('grows fourfold from two seconds to an hour, and then there is no other attempt', () => {
    const pauses = Array.from({ length: MAX_ATTEMPTS }, (_, i) => delayBehind(i + 1, null, NOW, middle));
    expect(pauses).toEqual([2_000, 8_000, 32_000, 128_000, 512_000, 2_048_000, 3_600_000, 3_600_000, 3_600_000, null]);
  });

  it('is spread by a fifth to both sides', () => {
    expect([0, 1].map((random) => delayBehind(1, null, NOW, () => random))).toEqual([1_600, 2_400]);
  });

  it('is what the receiver asked for where that is longer, and ours where it is not', () => {
    expect(delayBehind(1, { retryAfter: '120' }, NOW, middle)).toBe(120_000);
    expect(delayBehind(3, { retryAfter: '1' }, NOW, middle)).toBe(32_000);
  });
});

describe('a Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Mon, 23 Nov 2026 12:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', null],
    ['', null],
    [null, null],
  ])('of %j asks for %j ms', (text, askedMs) => {
    expect(askedFor(text, NOW)).toBe(askedMs);
  });
});

describe('an answer', () => {
  it.each([408, 429, 500, 502, 503, 504])('of %i may be another one the next time', (status) => {
    expect(isPassing(status)).toBe(true);
  });

  it.each([301, 302, 307, 400, 401, 403, 404, 410, 422])('of %i is final', (status) => {
    expect(isPassing(status)).toBe(false);
  });
});
