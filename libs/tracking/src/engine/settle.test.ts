// Goal: settling moves points and neither loses nor repeats one, whoever does it, however often, and whatever dies on the way.
// Method: generated batches with settling in between, against a plain list; writers, settlers and a removal at once; connections that are cut.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import type { Experiment, Metric, MetricPoint, Run } from '../types.ts';
import { compareByStep, compareByTime, isLater, storedValue } from './points.ts';
import { settleRuns } from './settle.ts';
import { dueRuns } from './worker.ts';

let world: World;
let experiment: Experiment;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'settling' });
});
afterAll(() => world.end());

const newRun = (): Promise<Run> => world.tracking.runs.create(world.call, { experiment });

const log = (run: Run, points: readonly MetricPoint[]): Promise<void> =>
  world.tracking.runs.logBatch(world.call, run, { metrics: points.map((point) => ({ key: 'm', ...point })) });

const read = async (run: Run): Promise<MetricPoint[]> => [
  ...(await world.tracking.metrics.history(world.call, run, 'm', { first: 25_000, after: null })).items,
];

const settle = (run: Run): Promise<void> => settleRuns(world.test.database, {}, [run.id]);

async function summaryOf(run: Run): Promise<Metric | undefined> {
  return (await world.tracking.runs.loadDetails(world.call, [run.id], { metrics: true })).get(run.id)?.metrics[0];
}

async function rowsOf(run: Run): Promise<Record<string, number>> {
  const [row] = await world.test.database.sql<Record<string, number>>(
    `SELECT (SELECT count(*) FROM metric_batch WHERE run_id = $1) AS batches, (SELECT count(*) FROM metric_chunk WHERE run_id = $1) AS chunks,
       (SELECT count(*) FROM metric_summary WHERE run_id = $1) AS summaries`,
    [run.id],
  );
  return row ?? {};
}

const steps = (from: number, count: number): MetricPoint[] =>
  Array.from({ length: count }, (_, index) => ({ step: from + index, timestampMs: from + index, value: Math.sin(from + index) }));

/** What is left of points: as they are stored, each once. */
function distinct(points: readonly MetricPoint[]): MetricPoint[] {
  const stored = points.map(({ step, timestampMs, value }) => ({ step, timestampMs, value: storedValue(value) }));
  return [...new Map(stored.map((one) => [`${one.step} ${one.timestampMs} ${one.value}`, one])).values()];
}

describe('a metric', () => {
  const point = fc.record({
    step: fc.oneof(fc.integer({ min: -3, max: 30 }), fc.maxSafeInteger()),
    timestampMs: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
    value: fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY)),
  });
  const batch = fc.record({ points: fc.array(point, { minLength: 1, maxLength: 12 }), twice: fc.boolean(), settles: fc.boolean() });

  it('is the same whenever it is settled: history, latest point, extremes, count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
        const run = await newRun();
        for (const { points, twice, settles } of batches) {
          await log(run, points);
          if (twice) await log(run, points);
          if (settles) await settle(run);
        }
        const all = distinct(batches.flatMap(({ points }) => points));
        const numbers = all.map(({ value }) => value).filter((value) => !Number.isNaN(value));
        const latest = all.reduce((best, one) => (isLater(one, best) ? one : best));
        expect(await read(run)).toEqual([...all].sort(compareByTime));
        expect(await summaryOf(run)).toEqual({
          key: 'm',
          ...latest,
          min: numbers.length === 0 ? Number.NaN : Math.min(...numbers),
          max: numbers.length === 0 ? Number.NaN : Math.max(...numbers),
        });
        expect((await world.tracking.metrics.pointCounts(world.call, [run.id])).get(run.id)).toBe(all.length);
      }),
      { numRuns: 40 },
    );
  });

  it('of one point is its summary, and needs no chunk', async () => {
    const run = await newRun();
    const [one] = steps(7, 1);
    await log(run, steps(7, 1));
    await log(run, steps(7, 1));
    expect(await read(run)).toEqual([one]);
    expect(await rowsOf(run)).toEqual({ batches: 0, chunks: 0, summaries: 1 });
    expect((await world.tracking.metrics.series(world.call, run, 'm')).pointCount).toBe(1);
    await log(run, steps(3, 1));
    expect(await read(run)).toEqual([...steps(3, 1), one]);
    expect(await rowsOf(run)).toEqual({ batches: 0, chunks: 1, summaries: 1 });
  });

  it('counts more points of a metric than four bytes hold', async () => {
    const run = await newRun();
    await log(run, steps(0, 2));
    await settle(run);
    // What two thousand million points would have come to.
    await world.test.database.sql('UPDATE metric_summary SET point_count = 2147483647 WHERE run_id = $1', [run.id]);
    await log(run, steps(2, 2));
    await settle(run);
    expect(await world.tracking.metrics.pointCounts(world.call, [run.id])).toEqual(new Map([[run.id, 2 ** 31 + 1]]));
  });

  it('takes points in front of, between and behind many chunks', async () => {
    const run = await newRun();
    const at = (step: number) => ({ step, timestampMs: 0, value: 1 });
    const even = Array.from({ length: 10_000 }, (_, index) => at(index * 2));
    for (let from = 0; from < even.length; from += 1_000) await log(run, even.slice(from, from + 1_000));
    await settle(run);
    const late = [-5, 1, 4_001, 8_191, 8_192, 12_345, 19_999, 30_000].map(at);
    await log(run, late);
    expect(await read(run)).toEqual(distinct([...even, ...late]).sort(compareByStep));
    const overlaps = await world.test.database.sql(
      `SELECT 1 FROM (SELECT first_step, lag(last_step) OVER (ORDER BY first_step) AS before FROM metric_chunk WHERE run_id = $1) c WHERE c.before >= c.first_step`,
      [run.id],
    );
    expect(overlaps).toEqual([]);
  });
});

describe('at once', () => {
  it('writers and settlers of one run lose nothing and repeat nothing', async () => {
    const run = await newRun();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let batch = 0; batch < 12; batch += 1) await log(run, steps((batch * 4 + writer) * 50, 50));
    });
    const settlers = Array.from({ length: 3 }, async () => {
      for (let turn = 0; turn < 8; turn += 1) await settle(run);
    });
    await Promise.all([...writers, ...settlers]);
    expect(await read(run)).toEqual(steps(0, 4 * 12 * 50));
  });

  it('a removal leaves no row of a run that is written and settled', async () => {
    const run = await newRun();
    await log(run, steps(0, 10));
    const codes = await Promise.all([
      ...Array.from({ length: 5 }, (_, batch) => codeOf(log(run, steps(batch * 10, 10)))),
      codeOf(settle(run)),
      codeOf(world.test.database.sql('DELETE FROM run WHERE id = $1', [run.id])),
      codeOf(settle(run)),
      ...Array.from({ length: 5 }, (_, batch) => codeOf(log(run, steps(batch * 10, 10)))),
    ]);
    expect(codes.filter((code) => code !== '' && code !== 'RUN_NOT_FOUND')).toEqual([]);
    expect(await rowsOf(run)).toEqual({ batches: 0, chunks: 0, summaries: 0 });
  });
});

describe('a run that is being purged', () => {
  it('is left alone', async () => {
    const run = await newRun();
    await log(run, steps(0, 10));
    await world.test.database.sql('UPDATE run SET workspace_id = id WHERE id = $1', [run.id]);
    await settle(run);
    await world.tracking.engine.settleAll();
    expect(await rowsOf(run)).toEqual({ batches: 1, chunks: 0, summaries: 0 });
  });
});

describe('a transaction', () => {
  it('reads what it logged, and takes it back with it', async () => {
    const run = await newRun();
    await log(run, steps(0, 5));
    const failed = world.test.database.transaction(async (tx) => {
      const call = { ...world.call, tx };
      await world.tracking.runs.logBatch(call, run, { metrics: [{ key: 'm', step: 99, timestampMs: 99, value: 1 }] });
      const { items } = await world.tracking.metrics.history(call, run, 'm', { first: 100, after: null });
      throw new Error(`read ${items.length}`);
    });
    await expect(failed).rejects.toThrow('read 6');
    expect(await read(run)).toEqual(steps(0, 5));
  });

  it('whose connection is cut while it settles leaves everything as it was', async () => {
    const run = await newRun();
    await log(run, steps(0, 300));
    await settle(run);
    await log(run, steps(200, 300));
    const before = await rowsOf(run);
    const cut = world.test.database.transaction(async (tx) => {
      await settleRuns(world.test.database, { tx }, [run.id]);
      await tx.sql('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    expect(await codeOf(cut)).toBe('DATABASE_UNAVAILABLE');
    expect(await rowsOf(run)).toEqual(before);
    expect(await read(run)).toEqual(steps(0, 500));
  });
});

describe('the worker', () => {
  it('settles what a server that is gone left behind', async () => {
    const run = await newRun();
    await log(run, steps(0, 100));
    await world.test.database.sql(`UPDATE metric_batch SET logged_at = now() - interval '1 hour' WHERE run_id = $1`, [run.id]);
    const errors: unknown[] = [];
    world.tracking.engine.start({ onError: (error) => errors.push(error) });
    while ((await rowsOf(run))['batches'] !== 0) expect(errors).toEqual([]);
    await world.tracking.engine.stop();
    expect(await rowsOf(run)).toEqual({ batches: 0, chunks: 1, summaries: 1 });
  });

  it('waits until a run rests, waited long or gathered much', () => {
    const waiting = { points: 10, keys: 1, sinceMs: 0, lastMs: 5_000 };
    const due = (change: Partial<typeof waiting>, nowMs: number) => dueRuns(new Map([['run', { ...waiting, ...change }]]), nowMs);
    expect(due({}, 5_500)).toEqual([]);
    expect(due({}, 6_000)).toEqual(['run']);
    expect(due({ lastMs: 10_000 }, 10_000)).toEqual(['run']);
    expect(due({ points: 40_000 }, 5_500)).toEqual(['run']);
    expect(due({ points: 40_000, keys: 1_000 }, 5_500)).toEqual([]);
    expect(due({ points: 300_000, keys: 100_000 }, 5_500)).toEqual(['run']);
  });

  it('tells of appends as long as somebody listens', async () => {
    const run = await newRun();
    const heard: string[] = [];
    const stop = world.tracking.engine.onAppend((runId) => heard.push(runId));
    await log(run, steps(0, 1));
    stop();
    await log(run, steps(1, 1));
    expect(heard).toEqual([run.id]);
  });
});
