import { describe, expect, it } from 'vitest';

import { closedLoop } from './load.ts';

const signal = new AbortController().signal;

describe('a closed loop', () => {
  it('gives each client its turns one after another', async () => {
    const atWork = new Set<number>();
    const seen: string[] = [];
    const found = await closedLoop({
      clients: 3,
      durationMs: Infinity,
      turnsPerClient: 2,
      signal,
      async request(client, turn) {
        expect(atWork.has(client)).toBe(false);
        atWork.add(client);
        await Promise.resolve();
        atWork.delete(client);
        seen.push(`${client}/${turn}`);
        return () => 10;
      },
    });
    expect(seen.sort()).toEqual(['0/0', '0/1', '1/0', '1/1', '2/0', '2/1']);
    expect(found.units).toBe(60);
    expect(found.turns).toEqual([2, 2, 2]);
    expect(found.latenciesMs).toHaveLength(6);
    expect(found.perSecond).toBeGreaterThan(0);
  });

  it('begins nothing after its time', async () => {
    const found = await closedLoop({ clients: 2, durationMs: 0, signal, request: async () => () => 1 });
    expect(found.units).toBe(0);
  });

  it('throws what a request throws, after every client has stopped', async () => {
    let others = 0;
    const work = closedLoop({
      clients: 2,
      durationMs: Infinity,
      turnsPerClient: 1000,
      signal,
      async request(client) {
        if (client === 0) throw new Error('status 500');
        await new Promise((done) => setImmediate(done));
        others += 1;
        return () => 1;
      },
    });
    await expect(work).rejects.toThrow('status 500');
    expect(others).toBeLessThan(1000);
  });

  it('throws where an answer turns out to be wrong', async () => {
    const request = async () => () => {
      throw new Error('99 runs instead of 100');
    };
    await expect(closedLoop({ clients: 1, durationMs: 1000, signal, request })).rejects.toThrow('99 runs');
  });

  it('ends when it is told to', async () => {
    const over = new AbortController();
    const work = closedLoop({
      clients: 1,
      durationMs: Infinity,
      signal: over.signal,
      async request() {
        over.abort(new Error('time is up'));
        return () => 1;
      },
    });
    await expect(work).rejects.toThrow('time is up');
  });
});
