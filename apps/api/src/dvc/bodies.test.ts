// Goal: slow lines do not keep everybody else waiting. Method: bodies that arrive as the clock of the test says, through a gate with one place.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createGate } from './bodies.ts';
import type { Gate } from './bodies.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;

/** One piece a second. */
async function* arriving(pieces: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece += 1) {
    await new Promise<void>((resolve) => setTimeout(resolve, 1_000));
    yield Buffer.alloc(bytes);
  }
}

/** How many bytes came, or the code of what went wrong. */
function pass(gate: Gate, body: AsyncIterable<Uint8Array>): Promise<number | string> {
  return gate(body, async (passed) => {
    let sizeBytes = 0;
    for await (const chunk of passed) sizeBytes += chunk.byteLength;
    return sizeBytes;
  }).catch((error: unknown) => String(Reflect.get(Object(error), 'code')));
}

const SLOW = 1_000;
const FAST = 100_000;

describe('the one place of a gate', () => {
  it('is a slow body’s for as long as nobody else wants it', async () => {
    const slow = pass(createGate(1), arriving(600, SLOW));
    await vi.advanceTimersByTimeAsync(11 * MINUTE_MS);
    expect(await slow).toBe(600 * SLOW);
  });

  it('is taken from a slow body that keeps another waiting', async () => {
    const gate = createGate(1);
    const slow = pass(gate, arriving(600, SLOW));
    const other = pass(gate, arriving(3, SLOW));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(await Promise.all([slow, other])).toEqual(['BODY_TOO_SLOW', 3 * SLOW]);
  });

  it('is kept by a body that is large, and goes on', async () => {
    const gate = createGate(1);
    const large = pass(gate, arriving(100, FAST));
    const other = pass(gate, arriving(1, SLOW));
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(await Promise.all([large, other])).toEqual([100 * FAST, SLOW]);
  });

  it('is given on in the order in which it was wanted, also behind what failed', async () => {
    const gate = createGate(1);
    const order: number[] = [];
    const works = [0, 1, 2].map((index) =>
      gate(arriving(1, 1), async () => {
        order.push(index);
        if (index === 1) throw new Error('refused');
      }).catch(() => undefined),
    );
    await Promise.all(works);
    expect(order).toEqual([0, 1, 2]);
  });
});
