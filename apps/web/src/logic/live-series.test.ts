import { describe, expect, it } from 'vitest';

import type { LiveBucket, LivePoint } from './live-series.ts';
import { mergeChange } from './live-series.ts';

const bucket = (from: number, to: number, count = 1, value: number | string = to): LiveBucket => ({
  fromStep: from,
  toStep: to,
  last: value,
  min: value,
  max: value,
  toTimestampMs: to,
  count,
});
const series = (...buckets: LiveBucket[]) => ({
  key: 'loss',
  pointCount: String(buckets.reduce((sum, { count }) => sum + count, 0)),
  buckets,
});
const point = (step: number, value: number | string = step): LivePoint => [step, step, value];
const change = (pointCount: number, ...points: LivePoint[]) => ({ key: 'loss', pointCount, points });
const whole = { range: null, buckets: 100 };

describe('new points', () => {
  it('behind the last bucket become buckets of their own', () => {
    const { series: merged, isExact } = mergeChange(series(bucket(1, 1)), change(2, point(2)), whole);
    expect([merged.buckets.map(({ toStep }) => toStep), merged.pointCount, isExact]).toEqual([[1, 2], '2', true]);
  });

  it('between buckets take their place', () => {
    const { series: merged } = mergeChange(series(bucket(1, 1), bucket(5, 5)), change(3, point(3)), whole);
    expect(merged.buckets.map(({ toStep }) => toStep)).toEqual([1, 3, 5]);
  });

  it('that are merged twice are there once', () => {
    const more = change(3, point(2), point(3, 'NaN'));
    const once = mergeChange(series(bucket(1, 1)), more, whole);
    expect(mergeChange(once.series, more, whole)).toEqual(once);
  });

  it('inside a bucket widen its band, and the series is to be asked for anew', () => {
    const { series: merged, isExact } = mergeChange(series(bucket(1, 9, 5)), change(6, point(4, 99)), whole);
    expect([merged.buckets[0]?.max, isExact]).toEqual([99, false]);
  });

  it('at the end of a bucket, and later, move its end', () => {
    const { series: merged, isExact } = mergeChange(series(bucket(1, 9, 5)), change(6, [9, 50, 0.5]), whole);
    expect([merged.buckets[0]?.last, merged.buckets[0]?.toTimestampMs, isExact]).toEqual([0.5, 50, true]);
  });

  it('outside of the range that is looked at change nothing', () => {
    const before = series(bucket(1, 1), bucket(2, 2));
    expect(mergeChange(before, change(9, point(7)), { range: { from: 1, to: 3 }, buckets: 100 })).toEqual({
      series: before,
      isExact: true,
    });
  });
});

describe('a series is to be asked for anew', () => {
  it('where its points were too many to tell', () => {
    expect(mergeChange(series(bucket(1, 1)), { key: 'loss', pointCount: 9, points: null }, whole).isExact).toBe(false);
  });

  it('where some points are missing', () => {
    expect(mergeChange(series(bucket(1, 1)), change(5, point(2)), whole).isExact).toBe(false);
  });

  it('where it has grown beyond what a chart shows', () => {
    const points = Array.from({ length: 9 }, (_, i) => point(i + 2));
    expect(mergeChange(series(bucket(1, 1)), change(10, ...points), { range: null, buckets: 4 }).isExact).toBe(false);
  });
});
