import { describe, expect, it } from 'vitest';

import { interleaved } from './rounds.ts';

const progress = { begin: () => undefined, say: () => undefined, end: () => undefined };

/** Two sides that write down their turns; each takes so many seconds of a clock that stands still otherwise. */
function sides(secondsOf: (turn: number) => number) {
  const log: string[] = [];
  const clock = { ms: 0 };
  const side = (name: string) => ({
    name,
    turn: async (isWarmUp: boolean) => {
      clock.ms += secondsOf(log.length) * 1000;
      log.push(isWarmUp ? `${name} warm-up` : name);
      return log.length;
    },
  });
  return { log, both: [side('A'), side('B')], now: () => clock.ms };
}

describe('interleaved rounds', () => {
  it('let each side warm up and then take turns', async () => {
    const { log, both, now } = sides(() => 1);
    const found = await interleaved(both, { rounds: 2, budgetSeconds: 60, progress, signal: new AbortController().signal, now });
    expect(log).toEqual(['A warm-up', 'B warm-up', 'A', 'B', 'A', 'B']);
    expect(found).toEqual({
      sides: [
        [3, 5],
        [4, 6],
      ],
      notes: [],
    });
  });

  it('leave out the round that would not fit the budget, and say so', async () => {
    const { both, now } = sides(() => 5);
    const found = await interleaved(both, { rounds: 5, budgetSeconds: 35, progress, signal: new AbortController().signal, now });
    expect(found.sides.map((results) => results.length)).toEqual([2, 2]);
    expect(found.notes).toEqual(['2 of 5 rounds: another one would have gone over the budget of 35 s']);
  });

  it('measure one round even where the warm-up spent the budget', async () => {
    const { both, now } = sides((turn) => (turn < 2 ? 100 : 1));
    const found = await interleaved(both, { rounds: 3, budgetSeconds: 10, progress, signal: new AbortController().signal, now });
    expect(found.sides.map((results) => results.length)).toEqual([1, 1]);
  });

  it('end between two turns when they are told to', async () => {
    const { log, both, now } = sides(() => 1);
    const over = new AbortController();
    const stops = { ...both[0], name: 'A', turn: async () => over.abort(new Error('time is up')) };
    const work = interleaved([stops, { name: 'B', turn: async () => void log.push('B') }], {
      rounds: 1,
      budgetSeconds: 60,
      progress,
      signal: over.signal,
      now,
    });
    await expect(work).rejects.toThrow('time is up');
    expect(log).toEqual([]);
  });
});
