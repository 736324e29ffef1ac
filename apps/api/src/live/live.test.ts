// Goal: a page that follows a run gets everything that happens to it, once, and whatever came while it was away. Method: a whole server,
// real streams; what another server of the database would do is done past this one's engine.

import { DomainError } from '@throughline/kernel';
import { createTracking } from '@throughline/tracking';
import type { Tracking } from '@throughline/tracking';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { readEvents } from '../testing/events.ts';
import type { ReceivedEvent } from '../testing/events.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { createLive } from './live.ts';

let world: World;
/** The domain as another server of the same database has it. */
let neighbour: Tracking;

beforeAll(async () => {
  world = await startWorld({ verifies: false });
  neighbour = createTracking({ database: world.database.database, content: world.services.content });
});
afterAll(() => world.close());

async function startRun(): Promise<string> {
  const { run } = await world.mlflow<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0' });
  return run.info.run_id;
}

function log(runId: string, steps: readonly number[], key = 'loss'): Promise<unknown> {
  const metrics = steps.map((step) => ({ key, value: step / 10, timestamp: step, step }));
  return world.mlflow('runs/log-batch', { run_id: runId, metrics });
}

/** A call as the local user's. */
async function callHere() {
  return { caller: await world.services.access.localCaller() };
}

function stepsOf({ data }: ReceivedEvent, key = 'loss'): number[] {
  const { series } = data as { series: { key: string; points: [number, number, number | string][] }[] };
  return series.filter((one) => one.key === key).flatMap(({ points }) => points.map(([step]) => step));
}

/** Reads points until so many have come. */
async function collect(reader: { next(event: string): Promise<ReceivedEvent> }, count: number): Promise<number[]> {
  const steps: number[] = [];
  while (steps.length < count) steps.push(...stepsOf(await reader.next('points')));
  return steps;
}

describe('the events of a run', () => {
  it('come as a stream that no proxy keeps back', async () => {
    const reader = await readEvents(world.url, await startRun());
    reader.leave();
    expect(reader.status).toBe(200);
    expect(Object.fromEntries(reader.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
  });

  it('begin by saying that the page should read, and then tell new points, each once', async () => {
    const runId = await startRun();
    await log(runId, [1, 2]);
    const reader = await readEvents(world.url, runId);
    expect(await reader.next()).toMatchObject({ event: 'ready', data: { resumed: false } });
    await log(runId, [3, 4]);
    const first = await collect(reader, 2);
    await log(runId, [5]);
    const second = await collect(reader, 1);
    reader.leave();
    // The chunk as it was before the stream stood comes along once.
    expect([...new Set([...first, ...second])].filter((step) => step > 2)).toEqual([3, 4, 5]);
    expect(second).toEqual([5]);
  });

  it('tell values that are no finite numbers as words', async () => {
    const runId = await startRun();
    const reader = await readEvents(world.url, runId);
    await reader.next('ready');
    await world.mlflow('runs/log-metric', { run_id: runId, key: 'loss', value: 'NaN', timestamp: 7, step: 1 });
    const { data } = await reader.next('points');
    reader.leave();
    expect(data).toEqual({ series: [{ key: 'loss', pointCount: 1, points: [[1, 7, 'NaN']] }] });
  });

  it('tell what another server wrote', async () => {
    const runId = await startRun();
    const reader = await readEvents(world.url, runId);
    await reader.next('ready');
    await neighbour.runs.logBatch(await callHere(), { runId }, { metrics: [{ key: 'loss', value: 1, step: 1, timestampMs: 1 }] });
    expect(stepsOf(await reader.next('points'))).toEqual([1]);
    reader.leave();
  });

  it.each([
    ['its state', (runId: string) => world.mlflow('runs/update', { run_id: runId, status: 'FINISHED' })],
    ['a param', (runId: string) => world.mlflow('runs/log-parameter', { run_id: runId, key: 'lr', value: '1' })],
    ['a tag', (runId: string) => world.mlflow('runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: 'other' })],
  ])('tell that the run changed: %s', async (_what, change) => {
    const runId = await startRun();
    const reader = await readEvents(world.url, runId);
    await reader.next('ready');
    await change(runId);
    expect((await reader.next('run')).data).toEqual({});
    reader.leave();
  });

  it('give a page that comes again all that came in between', async () => {
    const runId = await startRun();
    const first = await readEvents(world.url, runId);
    await first.next('ready');
    await log(runId, [1, 2, 3]);
    const { id } = await first.next('points');
    first.leave();
    await log(runId, [4, 5]);
    await log(runId, [6], 'other');
    const second = await readEvents(world.url, runId, { after: id });
    expect(await second.next()).toMatchObject({ event: 'ready', data: { resumed: true } });
    const event = await second.next('points');
    second.leave();
    expect(stepsOf(event)).toEqual(expect.arrayContaining([4, 5]));
    expect(stepsOf(event, 'other')).toEqual([6]);
  });

  it('end, and say why, when the run is removed for good', async () => {
    const runId = await startRun();
    const reader = await readEvents(world.url, runId);
    await reader.next('ready');
    await world.database.database.sql('DELETE FROM run WHERE run_id = $1', [runId]);
    expect(await reader.next('end')).toMatchObject({ data: { reason: 'gone' } });
    expect(await reader.ended()).toEqual([]);
  });
});

describe('a page that asks for events', () => {
  it('of a run that is not there finds nothing', async () => {
    expect((await readEvents(world.url, 'nosuchrun')).status).toBe(404);
  });

  it('after something that is no cursor is refused', async () => {
    expect((await readEvents(world.url, await startRun(), { after: 'yesterday' })).status).toBe(400);
  });

  it('without a token that is right is refused', async () => {
    expect((await readEvents(world.url, await startRun(), { token: 'tl_wrong' })).status).toBe(401);
  });

  it('through a proxy, without a token, is refused', async () => {
    const { status } = await world.send('GET', `/api/v1/runs/${await startRun()}/events`, undefined, {
      headers: { 'x-forwarded-for': '1.2.3.4' },
    });
    expect(status).toBe(401);
  });
});

describe('following runs', () => {
  it('costs nothing once the last page has left', async () => {
    const live = createLive({ tracking: world.services.tracking, log: () => undefined });
    const runId = await startRun();
    const out = await live.follow(await callHere(), { runId }, { after: null, check: async () => undefined });
    const gone = new Promise((resolve) => out.once('close', resolve));
    out.destroy();
    await gone;
    expect(live.count()).toBe(0);
    live.close();
  });

  it('is refused beyond the limit, and there is a place again when a page leaves', async () => {
    const live = createLive({ tracking: world.services.tracking, log: () => undefined, maxStreams: 1 });
    const runId = await startRun();
    const follow = async () => live.follow(await callHere(), { runId }, { after: null, check: async () => undefined });
    const out = await follow();
    await expect(follow()).rejects.toMatchObject({ kind: 'exhausted', code: 'TOO_MANY_STREAMS' });
    const gone = new Promise((resolve) => out.once('close', resolve));
    out.destroy();
    await gone;
    await follow();
    expect(live.count()).toBe(1);
    live.close();
  });

  it('ends once the token is no good any more', async () => {
    const live = createLive({ tracking: world.services.tracking, log: () => undefined, heartbeatMs: 1 });
    const check = async () => {
      throw new DomainError({ kind: 'unauthenticated', code: 'UNAUTHENTICATED', message: 'The token is unknown, expired or revoked.' });
    };
    const out = await live.follow(await callHere(), { runId: await startRun() }, { after: null, check });
    const text = (await out.toArray()).join('');
    live.close();
    expect(text).toMatch(/event: end\nid: \d+\ndata: \{"reason":"unauthenticated"\}\n\n$/);
  });

  it('lets nothing pile up for a page that does not read, and tells it to read anew when it does', async () => {
    const live = createLive({ tracking: world.services.tracking, log: () => undefined });
    const runId = await startRun();
    const out = await live.follow(await callHere(), { runId }, { after: null, check: async () => undefined });
    const waiting = () => out.readableLength + out.writableLength;
    for (let round = 0; waiting() <= 2 ** 20; round += 1) {
      const before = waiting();
      const metrics = Array.from({ length: 1000 }, (_, i) => ({
        key: `${'k'.repeat(240)}${i}`,
        value: round,
        timestamp: round,
        step: round,
      }));
      await world.mlflow('runs/log-batch', { run_id: runId, metrics });
      await vi.waitFor(() => expect(waiting()).toBeGreaterThan(before), { timeout: 5_000 });
    }
    const full = waiting();
    await log(runId, [1]);
    let text = '';
    out.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await vi.waitFor(() => expect(text).toContain('event: refetch'), { timeout: 5_000 });
    live.close();
    expect(text.split('event: refetch', 1)[0]).not.toContain('"loss"');
    expect(full).toBeLessThan(2 * 2 ** 20);
  });
});
