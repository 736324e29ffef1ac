import { describe, expect, it } from 'vitest';

import type { GraphqlContext } from './context.ts';
import { defineLoader, forgetLoaded } from './loader.ts';

function context(): GraphqlContext {
  return { caller: { workspaceId: 'w', principalId: 'p', name: 'n', scope: 'READ', runId: null }, requestId: 'r' };
}

/** A loader of squares that notes its batches. */
function squares() {
  const batches: number[][] = [];
  const load = defineLoader<number, number>(async (keys) => {
    batches.push([...keys]);
    return keys.map((key) => (key === 0 ? null : key < 0 ? new Error(`no root of ${key}`) : key * key));
  });
  return { batches, load };
}

describe('defineLoader', () => {
  it('asks once for the keys of one tick, each of them once', async () => {
    const { batches, load } = squares();
    const one = context();
    await expect(Promise.all([load(one, 2), load(one, 3), load(one, 2)])).resolves.toEqual([4, 9, 4]);
    expect(batches).toEqual([[2, 3]]);
  });

  it('answers null where there is nothing, and an error for its own key alone', async () => {
    const { load } = squares();
    const one = context();
    const [nothing, broken, whole] = await Promise.allSettled([load(one, 0), load(one, -1), load(one, 1)]);
    expect(nothing).toEqual({ status: 'fulfilled', value: null });
    expect(broken).toEqual({ status: 'rejected', reason: new Error('no root of -1') });
    expect(whole).toEqual({ status: 'fulfilled', value: 1 });
  });

  it('shares nothing between requests', async () => {
    const { batches, load } = squares();
    await Promise.all([load(context(), 2), load(context(), 2)]);
    expect(batches).toEqual([[2], [2]]);
  });

  it('shares nothing between definitions, even of one batch function', async () => {
    const batches: number[] = [];
    const batch = async (keys: readonly number[]) => {
      batches.push(keys.length);
      return keys;
    };
    const one = context();
    await Promise.all([defineLoader(batch)(one, 1), defineLoader(batch)(one, 1)]);
    expect(batches).toEqual([1, 1]);
  });

  it('tells object keys apart by their content', async () => {
    const batches: number[] = [];
    const load = defineLoader<{ id: string }, string>(
      async (keys) => {
        batches.push(keys.length);
        return keys.map((key) => key.id);
      },
      { keyOf: (key) => key.id },
    );
    const one = context();
    await expect(Promise.all([load(one, { id: 'a' }), load(one, { id: 'b' }), load(one, { id: 'a' })])).resolves.toEqual(['a', 'b', 'a']);
    expect(batches).toEqual([2]);
  });

  it('refuses a batch that answers too few', async () => {
    const load = defineLoader<number, number>(async () => []);
    await expect(load(context(), 1)).rejects.toThrow('same length');
  });
});

describe('forgetLoaded', () => {
  it('makes all loaders of the request ask again, and those of no other', async () => {
    const [a, b] = [squares(), squares()];
    const [one, other] = [context(), context()];
    await Promise.all([a.load(one, 1), b.load(one, 1), a.load(other, 1)]);
    forgetLoaded(one);
    await Promise.all([a.load(one, 1), b.load(one, 1), a.load(other, 1)]);
    expect([a.batches.length, b.batches.length]).toEqual([3, 2]);
  });
});
