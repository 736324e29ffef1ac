// Goal: the points of many runs come whole and in few answers, whatever the source does not know or cannot answer at once. Method: a server of ours
// is the source, behind its own client; what passes is counted, and some of it kept back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { createRestClient } from './rest-client.ts';
import type { RestClient } from './rest-client.ts';
import { createHistories } from './rest-histories.ts';
import type { SourcePoint } from './source.ts';

const KEYS = ['loss', 'val/acc', 'nan'];
const RUNS = 5;
const POINTS = 20;

let world: World;
let client: RestClient;
let asked: string[];
const runIds: string[] = [];

beforeAll(async () => {
  world = await startWorld({ verifies: false });
  const call = { caller: await world.services.access.localCaller() };
  const { experiments, runs } = world.services.tracking;
  const experiment = await experiments.create(call, { name: 'histories' });
  for (let n = 0; n < RUNS; n += 1) {
    const run = await runs.create(call, { experiment: { id: experiment.id } });
    await runs.logBatch(call, { id: run.id }, { metrics: KEYS.flatMap((key) => pointsOf(key, n)) });
    runIds.push(run.runId);
  }
  client = createRestClient(world.url, {});
});
afterAll(() => world.close());

const pointsOf = (key: string, run: number): SourcePoint[] =>
  Array.from({ length: POINTS }, (_, step) => ({
    key,
    step,
    timestampMs: 1000 + step,
    value: key === 'nan' ? Number.NaN : run + step / 100,
  }));

/** What comes of asking for all runs at once, over a client that some answers are kept from. */
async function read(kept: (path: string) => boolean, mostTogether?: number): Promise<SourcePoint[][]> {
  asked = [];
  const watched: RestClient = {
    ...client,
    get(path, query) {
      asked.push(path.split('/').at(-1) ?? '');
      return kept(path) ? Promise.resolve(null) : client.get(path, query);
    },
  };
  async function* pages(ask: (token: Record<string, string>) => ReturnType<RestClient['get']>) {
    let token: Record<string, string> | null = {};
    while (token !== null) {
      const page: Awaited<ReturnType<RestClient['get']>> = await ask(token);
      if (page === null) return;
      yield page;
      token = typeof page['next_page_token'] === 'string' ? { page_token: page['next_page_token'] } : null;
    }
  }
  const histories = createHistories(watched, { pages, ...(mostTogether === undefined ? {} : { mostTogether }) });
  return Promise.all(
    runIds.map(async (runId) => {
      const points: SourcePoint[] = [];
      for await (const some of histories.of(runId, KEYS)) points.push(...some);
      return points;
    }),
  );
}

const ALL = Array.from({ length: RUNS }, (_, n) => KEYS.flatMap((key) => pointsOf(key, n)));
const counted = () => Object.fromEntries([...Map.groupBy(asked, (path) => path)].map(([path, times]) => [path, times.length]));

describe('histories of runs that are asked for at once', () => {
  it('come together, a metric an answer', async () => {
    expect(await read(() => false)).toEqual(ALL);
    expect(counted()).toEqual({ 'get-history-bulk': KEYS.length });
  });

  it('come alone where an answer may have been cut', async () => {
    expect(await read(() => false, POINTS * 2)).toEqual(ALL);
    expect(counted()['get-history']).toBe(KEYS.length * RUNS);
  });

  it('come alone from a server that tells no metric of many runs', async () => {
    expect(await read((path) => path.endsWith('bulk'))).toEqual(ALL);
    expect(counted()['get-history']).toBe(KEYS.length * RUNS);
  });
});
