import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { BODY_STALLED, MAX_SILENCE_MS, unlessSilent } from './bodies.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function* arriving(pausesMs: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const pauseMs of pausesMs) {
    await after(pauseMs);
    yield Buffer.from('x');
  }
}

/** Reads a body; answers how many pieces it had, or the code of what went wrong. */
async function read(body: AsyncIterable<Uint8Array>, workMs = 0): Promise<number | string> {
  let pieces = 0;
  const reading = (async () => {
    for await (const _ of unlessSilent(body)) {
      pieces += 1;
      if (workMs > 0) await after(workMs);
    }
    return pieces;
  })().catch((error: unknown) => String(Reflect.get(Object(error), 'code')));
  await vi.advanceTimersByTimeAsync(20 * MAX_SILENCE_MS);
  return reading;
}

describe('a body', () => {
  it('may take as long as it likes, as long as it goes on', async () => {
    expect(await read(arriving(Array<number>(10).fill(MAX_SILENCE_MS - 1)))).toBe(10);
  });

  it('is given up where its sender falls silent', async () => {
    expect(await read(arriving([0, 0, MAX_SILENCE_MS + 1]))).toBe(BODY_STALLED);
  });

  it('is not held against its sender for how long the server works on a piece', async () => {
    expect(await read(arriving([0, 0, 0]), 2 * MAX_SILENCE_MS)).toBe(3);
  });

  it('fails as its stream does', async () => {
    const body = (async function* () {
      yield Buffer.from('x');
      throw Object.assign(new Error('the line was cut'), { code: 'ECONNRESET' });
    })();
    expect(await read(body)).toBe('ECONNRESET');
  });

  it('is put down where nobody wants the rest', async () => {
    let isDown = false;
    const body = (async function* () {
      try {
        yield Buffer.from('x');
        yield Buffer.from('y');
      } finally {
        isDown = true;
      }
    })();
    for await (const _ of unlessSilent(body)) break;
    expect(isDown).toBe(true);
  });
});
