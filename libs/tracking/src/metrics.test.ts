// Goal: what was logged comes back, in order and once, however it was cut into batches and pages; no bucket hides a spike.
// Method: generated points in generated batches, some sent twice, against the same done plainly in memory.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compareByTime, storedValue } from './engine/points.ts';
import { bucketsOf } from './metrics.ts';
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

const BLANK: MetricPoint = { step: 0, timestampMs: 0, value: 1 };

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

  it('is read page by page where all points have the same time', async () => {
    const run = await world.tracking.runs.create(world.call, { experiment });
    const points = Array.from({ length: 9_000 }, (_, step) => ({ step, timestampMs: 0, value: 1 }));
    for (let from = 0; from < points.length; from += 1_000) {
      const metrics = points.slice(from, from + 1_000).map((one) => ({ key: 'm', ...one }));
      await world.tracking.runs.logBatch(world.call, run, { metrics });
    }
    const first = await world.tracking.metrics.history(world.call, run, 'm', { first: 4_000, after: null });
    world.test.statements.length = 0;
    const second = await world.tracking.metrics.history(world.call, run, 'm', {
      first: 4_000,
      after: first.cursorOf({ ...BLANK, step: 3_999 }),
    });
    expect(second.items).toEqual(points.slice(4_000, 8_000));
    // The run, whether there is anything to settle, how many points there are, and those of the page: what it reads fills it at once.
    expect(world.test.statements.length).toBe(4);
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

/** The series of the metric `m`, bucket by bucket. */
async function bucketed(run: Run, options: { fromStep?: number; toStep?: number; buckets: number }) {
  const { pointCount, columns } = await world.tracking.metrics.series(world.call, run, 'm', options);
  return { pointCount, buckets: bucketsOf(columns) };
}

describe('a series', () => {
  it('keeps every extreme and counts every point, in at most as many buckets as were asked for', async () => {
    const finite = point.filter(({ value }) => Number.isFinite(value));
    await fc.assert(
      fc.asyncProperty(fc.array(finite, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (points, count) => {
        const run = await logged([{ points, twice: true }]);
        const { buckets, pointCount } = await bucketed(run, { buckets: count });
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
    const { buckets } = await bucketed(run, { fromStep: 2, toStep: 3, buckets: 5 });
    const times = (ms: number) => ({ timestampMs: ms, toTimestampMs: ms, minTimestampMs: ms, maxTimestampMs: ms });
    expect(buckets).toEqual([
      { fromStep: 2, toStep: 2, first: 20, last: 20, min: 20, max: 20, minStep: 2, maxStep: 2, ...times(2), count: 1 },
      { fromStep: 3, toStep: 3, first: 30, last: 30, min: 30, max: 30, minStep: 3, maxStep: 3, ...times(3), count: 1 },
    ]);
  });

  it('is NaN where no point of a bucket is a number, and else leaves the NaN out of the extremes', async () => {
    const values = [Number.NaN, 5, Number.NaN, 7, Number.NaN];
    const run = await logged([{ points: values.map((value, step) => ({ value, step, timestampMs: 0 })), twice: false }]);
    const { buckets } = await bucketed(run, { buckets: 1 });
    expect(buckets).toMatchObject([{ first: Number.NaN, last: Number.NaN, min: 5, max: 7, count: 5 }]);
  });

  it('refuses buckets and ranges out of bounds', async () => {
    const run = await logged([{ points: [{ value: 1, step: 1, timestampMs: 1 }], twice: false }]);
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { buckets: 0 }))).toBe('INVALID_BUCKETS');
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { buckets: 5001 }))).toBe('INVALID_BUCKETS');
    expect(await codeOf(world.tracking.metrics.series(world.call, run, 'm', { fromStep: 2 ** 60 }))).toBe('INVALID_PARAMETER');
  });
});

/** Points of a metric with a spike now and then, in a run of their own. */
async function long(count: number): Promise<{ run: Run; points: MetricPoint[] }> {
  const points = Array.from({ length: count }, (_, step) => ({
    step: step * 2,
    timestampMs: step * 5,
    value: step % 977 === 500 ? (step % 2 === 0 ? 1 : -1) * (100 + step) : Math.sin(step),
  }));
  const run = await world.tracking.runs.create(world.call, { experiment });
  for (let from = 0; from < count; from += 1_000) {
    const metrics = points.slice(from, from + 1_000).map((one) => ({ key: 'm', ...one }));
    await world.tracking.runs.logBatch(world.call, run, { metrics });
  }
  return { run, points };
}

const valuesOf = (points: readonly MetricPoint[]) => points.map(({ value }) => value);

describe('a long metric', () => {
  let run: Run;
  let points: MetricPoint[];
  beforeAll(async () => ({ run, points } = await long(21_000)));

  // Read from whole chunks, from cells of three sizes, and from the points.
  it.each([3, 15, 60, 200, 5_000])('is cut into %i buckets of which each tells its stretch', async (buckets) => {
    const series = await bucketed(run, { buckets });
    expect(series.pointCount).toBe(points.length);
    expect(series.buckets.length).toBeGreaterThan(buckets * 0.9);
    expect(series.buckets.length).toBeLessThanOrEqual(buckets);
    for (const bucket of series.buckets) {
      const held = points.filter(({ step }) => step >= bucket.fromStep && step <= bucket.toStep);
      const values = valuesOf(held);
      expect(bucket).toMatchObject({ count: held.length, first: values[0], last: values.at(-1) });
      expect([bucket.min, bucket.max]).toEqual([Math.min(...values), Math.max(...values)]);
      expect(points[bucket.maxStep / 2]).toEqual({ step: bucket.maxStep, timestampMs: bucket.maxTimestampMs, value: bucket.max });
      expect(points[bucket.minStep / 2]).toEqual({ step: bucket.minStep, timestampMs: bucket.minTimestampMs, value: bucket.min });
    }
  });

  it.each([
    [100, 39_999],
    [8_191, 8_193],
    [30_001, 30_001],
    [-100, 7],
    [41_990, 1e9],
  ])('is told from step %i to step %i exactly', async (fromStep, toStep) => {
    const within = points.filter(({ step }) => step >= fromStep && step <= toStep);
    const { pointCount, buckets } = await bucketed(run, { fromStep, toStep, buckets: 20 });
    expect(pointCount).toBe(within.length);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(within.length);
    expect([buckets[0]?.fromStep, buckets.at(-1)?.toStep]).toEqual([within[0]?.step, within.at(-1)?.step]);
    expect(buckets.length === 0 ? -Infinity : Math.max(...buckets.map(({ max }) => max))).toBe(Math.max(...valuesOf(within)));
  });

  it('takes as many statements as a short one', async () => {
    await world.tracking.engine.settleAll();
    world.test.statements.length = 0;
    await world.tracking.metrics.series(world.call, run, 'm', { buckets: 5 });
    expect(world.test.statements.length).toBe(2);
  });

  it('is sampled by real points in order, which keep its extremes', async () => {
    for (const maxPoints of [1, 2, 4, 37, 400, 2_500]) {
      const [sample] = await world.tracking.metrics.bulkInterval(world.call, [run], 'm', { maxPoints });
      const sampled = sample?.points ?? [];
      expect(sampled.length).toBeLessThanOrEqual(maxPoints);
      expect(sampled).toEqual([...new Set(sampled.map(({ step }) => step))].map((step) => points[step / 2]));
      expect(sampled).toEqual([...sampled].sort((a, b) => a.step - b.step));
      expect(sampled.at(-1)).toEqual(points.at(-1));
      if (maxPoints < 4) continue;
      expect(sampled[0]).toEqual(points[0]);
      expect(Math.max(...valuesOf(sampled))).toBe(Math.max(...valuesOf(points)));
      expect(Math.min(...valuesOf(sampled))).toBe(Math.min(...valuesOf(points)));
    }
  });
});

describe('metrics of several runs', () => {
  const few = [1, 2, 3].map((step) => ({ value: step === 2 ? Number.NaN : step, step, timestampMs: 10 - step }));

  it('come by run id, all points where they are few, without the runs that did not log the metric', async () => {
    const runs = [await logged([{ points: few, twice: true }]), await logged([{ points: few.slice(0, 1), twice: false }])];
    const other = await world.tracking.runs.create(world.call, { experiment });
    const ids = runs.map(({ runId }) => runId).sort();
    const asked = [...runs, other, ...runs];
    const samples = await world.tracking.metrics.bulkInterval(world.call, asked, 'm', { maxPoints: 3 });
    expect(samples.map(({ run }) => run.runId)).toEqual(ids);
    expect(samples.find(({ run }) => run.id === runs[0]?.id)?.points).toEqual(few);
    const histories = await world.tracking.metrics.historyOf(world.call, asked, 'm', 100);
    expect(histories.map(({ run }) => run.runId)).toEqual(ids);
    expect(histories.find(({ run }) => run.id === runs[0]?.id)?.points).toEqual([...few].reverse());
    const first = await world.tracking.metrics.historyOf(world.call, asked, 'm', 1);
    expect(first.flatMap(({ points }) => points)).toHaveLength(1);
  });

  it('are those of a range of steps', async () => {
    const run = await logged([{ points: few, twice: false }]);
    const [sample] = await world.tracking.metrics.bulkInterval(world.call, [run], 'm', { startStep: 2, endStep: 2, maxPoints: 10 });
    expect(sample?.points).toEqual([few[1]]);
  });

  it('are spread over points that all stand at one step', async () => {
    const same = Array.from({ length: 100 }, (_, index) => ({ step: 0, timestampMs: index, value: index }));
    const run = await logged([{ points: same, twice: false }]);
    const { buckets } = await bucketed(run, { buckets: 10 });
    expect(buckets.map(({ count }) => count)).toEqual(Array.from({ length: 10 }, () => 10));
  });

  it('are refused for too many runs, too many points, and a run that is not there', async () => {
    const run = await logged([{ points: few, twice: false }]);
    const many = Array.from({ length: 101 }, () => run);
    const { metrics } = world.tracking;
    expect(await codeOf(metrics.bulkInterval(world.call, many, 'm', { maxPoints: 1 }))).toBe('TOO_MANY');
    expect(await codeOf(metrics.bulkInterval(world.call, [run], 'm', { maxPoints: 2_501 }))).toBe('INVALID_PARAMETER');
    expect(await codeOf(metrics.historyOf(world.call, many, 'm', 1))).toBe('TOO_MANY');
    expect(await codeOf(metrics.historyOf(world.call, [run], 'm', 25_001))).toBe('INVALID_PARAMETER');
    expect(await codeOf(metrics.historyOf(world.call, [run, { runId: 'nobody' }], 'm', 1))).toBe('RUN_NOT_FOUND');
  });
});

describe('what changed since a cursor', () => {
  const changes = (run: Run, cursor: string | null, limit?: number) => world.tracking.metrics.pointsAfter(world.call, run, cursor, limit);
  const key = ({ step, timestampMs, value }: MetricPoint) => `${step} ${timestampMs} ${value}`;

  it('is every new point at least once, whoever settled it when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ points: fc.array(point, { minLength: 1, maxLength: 8 }), looks: fc.boolean() })),
        async (batches) => {
          const run = await world.tracking.runs.create(world.call, { experiment });
          let { cursor } = await changes(run, null);
          const seen = new Set<string>();
          const look = async () => {
            const answer = await changes(run, cursor);
            ({ cursor } = answer);
            for (const one of answer.series.flatMap(({ points }) => points ?? [])) seen.add(key(one));
          };
          for (const { points, looks } of batches) {
            await world.tracking.runs.logBatch(world.call, run, { metrics: points.map((one) => ({ key: 'm', ...one })) });
            if (looks) await look();
            else await world.tracking.metrics.pointCounts(world.call, [run.id]);
          }
          await look();
          expect(seen).toEqual(new Set(expected(batches.flatMap(({ points }) => points)).map(key)));
          expect((await changes(run, cursor)).series).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('names the metrics that have more points than fit, and leaves out those that did not change', async () => {
    const run = await world.tracking.runs.create(world.call, { experiment });
    const metric = (name: string, count: number, from = 0) =>
      Array.from({ length: count }, (_, step) => ({ key: name, step: from + step, timestampMs: 0, value: step }));
    await world.tracking.runs.logBatch(world.call, run, { metrics: [...metric('many', 50), ...metric('few', 3), ...metric('old', 5)] });
    const { cursor, series } = await changes(run, '0', 10);
    expect(series.map(({ key: name, pointCount, points }) => [name, pointCount, points?.length ?? null])).toEqual([
      ['few', 3, 3],
      ['many', 50, null],
      ['old', 5, 5],
    ]);
    await world.tracking.runs.logBatch(world.call, run, { metrics: [...metric('many', 1, 90), ...metric('one', 1)] });
    const later = await changes(run, cursor);
    expect(later.series.map(({ key: name }) => name)).toEqual(['many', 'one']);
    expect(later.series[0]?.points).toContainEqual({ step: 90, timestampMs: 0, value: 0 });
  });

  it('refuses a cursor that is none', async () => {
    const run = await logged([{ points: [{ value: 1, step: 1, timestampMs: 1 }], twice: false }]);
    expect(await codeOf(changes(run, 'nonsense'))).toBe('INVALID_CURSOR');
    expect(await codeOf(changes(run, '0', 25_001))).toBe('INVALID_PARAMETER');
  });
});
