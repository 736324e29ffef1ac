import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { collectAtRest, nextRest } from './resting.ts';
import type { Check } from './resting.ts';

const MEGABYTE = 2 ** 20;
const quiet = (megabytes: number): Check => ({ isQuiet: true, isFresh: false, rssBytes: megabytes * MEGABYTE });
const busy = (megabytes: number): Check => ({ isQuiet: false, isFresh: false, rssBytes: megabytes * MEGABYTE });

/** At which of the checks a collection is due. */
function dueAt(checks: readonly Check[]): number[] {
  let rest = { quietChecks: 0, baseBytes: 200 * MEGABYTE };
  return checks.flatMap((check, index) => {
    const next = nextRest(rest, check);
    rest = next;
    return next.isDue ? [index] : [];
  });
}

describe('a collection', () => {
  it('is due when the server was quiet four times, and once a rest', () => {
    expect(dueAt([busy(400), ...Array.from({ length: 20 }, () => quiet(400))])).toEqual([4]);
  });

  it('is due in each rest', () => {
    const rest = [busy(400), quiet(400), quiet(400), quiet(400), quiet(400)];
    expect(dueAt([...rest, ...rest])).toEqual([4, 9]);
  });

  it('is never due while there is something to do now and then', () => {
    expect(dueAt(Array.from({ length: 40 }, (_, index) => (index % 4 === 3 ? busy(400) : quiet(400))))).toEqual([]);
  });

  it('is not due where little is to be gained, as after a health check', () => {
    expect(dueAt([busy(220), ...Array.from({ length: 20 }, () => quiet(220))])).toEqual([]);
  });

  it('is not due before the first request, and what is resident until then counts as needed', () => {
    const fresh = Array.from({ length: 20 }, () => ({ ...quiet(300), isFresh: true }));
    const work = [busy(340), quiet(330), quiet(330), quiet(330), quiet(330), quiet(330)];
    expect([dueAt([...fresh, ...work]), dueAt([...fresh, ...work, busy(340), ...Array.from({ length: 5 }, () => quiet(333))])]).toEqual([
      [],
      [30],
    ]);
  });

  it('measures what is to be gained by the least that the server held', () => {
    expect(dueAt([busy(150), quiet(190), quiet(190), quiet(190), quiet(190)])).toEqual([4]);
  });
});

describe('a server', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).reverse()) end();
  });

  it('that rests after its work collects, with an event stream open or not', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        return;
      }
      // More than what is worth a collection, in objects that nobody needs afterwards.
      const made = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: `number ${index}` }));
      response.end(String(made.length));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ends.push(
      () => server.close(),
      () => server.closeAllConnections(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const collected = new Promise<number>((done, failed) => {
      ends.push(collectAtRest(server, { checkMs: 20, onError: failed, onCollected: () => done(process.memoryUsage().heapUsed) }));
    });
    const streaming = new AbortController();
    ends.push(() => streaming.abort());
    await fetch(`${url}/events`, { headers: { accept: 'text/event-stream' }, signal: streaming.signal });
    await (await fetch(url)).text();
    const before = process.memoryUsage().heapUsed;
    expect(await collected).toBeLessThan(before);
  });
});
