// Goal: what was logged comes back, in order and once, however it was cut into batches and pages; no bucket hides a spike.
// Method: generated points in generated batches, some sent twice, against the same done plainly in memory.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compareByTime, storedValue } from './engine/points.ts';
import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Experiment, MetricPoint, Run } from './types.ts';

let world: World;
let experiment: Experiment;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'metrics' });
});
afterAll(() => world.end());

const point = fc.record({
  step: fc.oneof(fc.integer({ min: -3, max: 30 }), fc.maxSafeInteger()),
  timestampMs: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
  value: fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY)),
});
const batches = fc.array(fc.record({ points: fc.array(point, { minLength: 1, maxLength: 12 }), twice: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
});

/** What a history should be. */
function expected(points: readonly MetricPoint[]): MetricPoint[] {
  const stored = points.map(({ step, timestampMs, value }) => ({ value: storedValue(value), step, timestampMs }));
  const unique = [...new Map(stored.map((one) => [`${one.step} ${one.timestampMs} ${one.value}`, one])).values()];
  return unique.sort(compareByTime);
}

async function logged(cut: readonly { points: readonly MetricPoint[]; twice: boolean }[]): Promise<Run> {
  const run = await world.tracking.runs.create(world.call, { experiment });
  for (const { points, twice } of cut) {
    const metrics = points.map((one) => ({ key: 'm', ...one }));
    await world.tracking.runs.logBatch(world.call, run, { metrics });
    if (twice) await world.tracking.runs.logBatch(world.call, run, { metrics });
  }
  return run;
}

describe('a history', () => {
  it('is every point once, by time, step and value, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 9 }), async (cut, first) => {
        const run = await logged(cut);
        const read: MetricPoint[] = [];
        let after: string | null = null;
        for (;;) {
          const page = await world.tracking.metrics.history(world.call, run, 'm', { first, after });
          read.push(...page.items);
          const last = page.items.at(-1);
          if (!page.hasNextPage || last === undefined) break;
          after = page.cursorOf(last);
        }
        expect(read).toEqual(expected(cut.flatMap(({ points }) => points)));
      }),
      { numRuns: 40 },
    );
  });

  it('is empty for a key that nobody logged, and not found for a run that is not there', async () => {
    const run = await logged([{ points: [{ value: 1, step: 1, timestampMs: 1 }], twice: false }]);
    const read = (key: { id: string } | { runId: string }, metric: string, after: string | null = null, first = 10) =>
      world.tracking.metrics.history(world.call, key, metric, { first, after });
    expect((await read(run, 'other')).items).toEqual([]);
    expect((await read(run, 'a\0b')).items).toEqual([]);
    expect(await codeOf(read({ runId: 'nobody' }, 'm'))).toBe('RUN_NOT_FOUND');
    expect(await codeOf(read(run, 'm', 'nonsense'))).toBe('INVALID_CURSOR');
    expect(await codeOf(read(run, 'm', null, 25_001))).toBe('INVALID_PAGE');
  });

  it('reads only the chunks that reach into its page', async () => {
    const run = await logged(
      Array.from({ length: 30 }, (_, step) => ({ points: [{ value: step, step, timestampMs: step }], twice: false })),
    );
    await world.tracking.engine.settleAll();
    world.test.statements.length = 0;
    const page = await world.tracking.metrics.history(world.call, run, 'm', { first: 3, after: null });
    expect(page.items.map(({ step }) => step)).toEqual([0, 1, 2]);
    // The run, whether there is anything to settle, how many points there are, and those of the page.
    expect(world.test.statements.length).toBe(4);
  });
});

describe('a series', () => {
  it('keeps every extreme and counts every point, in at most as many buckets as were asked for', async () => {
    const finite = point.filter(({ value }) => Number.isFinite(value));
    await fc.assert(
      fc.asyncProperty(fc.array(finite, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (points, count) => {
        const run = await logged([{ points, twice: true }]);
        const { buckets, pointCount } = await world.tracking.metrics.series(world.call, run, 'm', { buckets: count });
        const all = expected(points);
        expect(pointCount).toBe(all.length);
        expect(buckets.length).toBeLessThanOrEqual(count);
        expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(all.length);
        expect(Math.min(...buckets.map(({ min }) => min))).toBe(Math.min(...all.map(({ value }) => value)));
        expect(Math.max(...buckets.map(({ max }) => max))).toBe(Math.max(...all.map(({ value }) => value)));
        expect(buckets.every((bucket, index) => index === 0 || bucket.fromStep >= (buckets[index - 1]?.toStep ?? 0))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('is the points themselves where they are few, and only those of the range', async () => {
    const points = [1, 2, 3, 4].map((step) => ({ value: step * 10, step, timestampMs: step }));
    const run = await logged([{ points, twice: false }]);
    const { buckets } = await world.tracking.metrics.series(world.call, run, 'm', { fromStep: 2, toStep: 3, buckets: 5 });
    const times = (ms: number) => ({ timestampMs: ms, toTimestampMs: ms, minTimestampMs: ms, maxTimestampMs: ms });
    expect(buckets).toEqual([
      { fromStep: 2, toStep: 2, first: 20, last: 20, min: 20, max: 20, minStep: 2, maxStep: 2, ...times(2), count: 1 },
      { fromStep: 3, toStep: 3, first: 30, last: 30, min: 30, max: 30, minStep: 3, maxStep: 3, ...times(3), count: 1 },
    ]);
  });

  it('is NaN where no point of a bucket is a number, and else leaves the NaN out of the extremes', async () => {
    const values = [Number.NaN, 5, Number.NaN, 7, Number.NaN];
    const run = await logged([{ points: values.map((value, step) => ({ value, step, timestampMs: 0 })), twice: false }]);
    const { buckets } = await world.tracking.metrics.series(world.call, run, 'm', { buckets: 1 });
    expect(buckets).toMatchObject([{ first: Number.NaN, last: Number.NaN, min: 5, max: 7, count: 5 }]);
  });

  it('refuses buckets and ranges out of bounds', async () => {
    const run = await logged([{ points: [{ value: 1, step: 1, timestampMs: 1 }], twice: false }]);
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { buckets: 0 }))).toBe('INVALID_BUCKETS');
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { buckets: 5001 }))).toBe('INVALID_BUCKETS');
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { fromStep: 2 ** 60 }))).toBe('INVALID_PARAMETER');
  });
});
