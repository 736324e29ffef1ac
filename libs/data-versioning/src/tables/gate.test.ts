import { describe, expect, it } from 'vitest';

import { createGate } from './gate.ts';

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { work: () => promise, end: () => resolve('done') };
}

describe('the gate', () => {
  it('lets so many in at once, and the next where one leaves', async () => {
    const gate = createGate({ atOnce: 2, waiting: 5, patienceMs: 60_000 });
    const works = [held(), held(), held()];
    let inside = 0;
    let most = 0;
    const all = works.map(({ work }) =>
      gate(async () => {
        inside += 1;
        most = Math.max(most, inside);
        const answer = await work();
        inside -= 1;
        return answer;
      }),
    );
    expect(inside).toBe(2);
    works.forEach(({ end }) => end());
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
    expect(most).toBe(2);
  });

  it('turns away whoever comes behind those that may wait', async () => {
    const gate = createGate({ atOnce: 1, waiting: 1, patienceMs: 60_000 });
    const first = held();
    const inside = gate(first.work);
    const waiting = gate(() => Promise.resolve('second'));
    await expect(gate(() => Promise.resolve('third'))).rejects.toMatchObject({ kind: 'unavailable', code: 'TABLES_BUSY' });
    first.end();
    expect(await Promise.all([inside, waiting])).toEqual(['done', 'second']);
  });

  it('lets nobody wait for ever, and keeps the place of who gave up free', async () => {
    const gate = createGate({ atOnce: 1, waiting: 1, patienceMs: 1 });
    const first = held();
    const inside = gate(first.work);
    await expect(gate(() => Promise.resolve())).rejects.toMatchObject({ code: 'TABLES_BUSY' });
    first.end();
    await inside;
    expect(await gate(() => Promise.resolve('after'))).toBe('after');
  });

  it('frees the place of what fails', async () => {
    const gate = createGate({ atOnce: 1, waiting: 0, patienceMs: 1 });
    await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate(() => Promise.resolve('next'))).toBe('next');
  });
});
