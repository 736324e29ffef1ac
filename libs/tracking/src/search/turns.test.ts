// Goal: work goes on in the order in which it came, some at once, and what takes long keeps nobody waiting for long. Method: work that ends when the test
// says so, and a clock that the test moves.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createTurns } from './turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Pieces of work that are named, and what has begun. */
function works(places: number) {
  const turns = createTurns({ places, lentMs: 100 });
  const begun: string[] = [];
  const ends = new Map<string, { done: () => void; failed: (error: Error) => void }>();
  return {
    begun,
    take: (name: string) =>
      turns.take(() => {
        begun.push(name);
        return new Promise<string>((done, failed) => ends.set(name, { done: () => done(name), failed }));
      }),
    end: async (name: string) => {
      ends.get(name)?.done();
      await vi.advanceTimersByTimeAsync(0);
    },
    fail: async (name: string) => {
      ends.get(name)?.failed(new Error(name));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('work', () => {
  it('begins at once while there are places, and waits for one otherwise', async () => {
    const { take, begun, end } = works(2);
    const all = ['a', 'b', 'c', 'd'].map(take);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    await end('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that fails gives its place back, and tells its own caller alone', async () => {
    const { take, begun, end, fail } = works(1);
    const first = expect(take('a')).rejects.toThrow('a');
    const second = take('b');
    await fail('a');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    await first;
    expect(await second).toBe('b');
  });

  it('that takes long loses its place, goes on, and gives no second one back', async () => {
    const { take, begun, end } = works(1);
    const [slow] = [take('slow'), take('b'), take('c')];
    await vi.advanceTimersByTimeAsync(99);
    expect(begun).toEqual(['slow']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['slow', 'b']);
    await end('slow');
    expect(begun).toEqual(['slow', 'b']);
    expect(await slow).toBe('slow');
    await end('b');
    expect(begun).toEqual(['slow', 'b', 'c']);
  });

  it('leaves no clock behind', async () => {
    const { take, end } = works(1);
    void take('a');
    await end('a');
    expect(vi.getTimerCount()).toBe(0);
  });
});
