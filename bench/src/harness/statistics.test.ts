import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { median, percentile } from './statistics.ts';

const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });

describe('median', () => {
  it('is the middle of an odd number of values, in whatever order they come', () => {
    expect(median([30, 10, 20])).toBe(20);
  });

  it('is the mean of the two in the middle of an even number of values', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('has as many values below it as above it', () => {
    fc.assert(
      fc.property(values, (some) => {
        const middle = median(some);
        const below = some.filter((value) => value < middle).length;
        const above = some.filter((value) => value > middle).length;
        expect(below).toBeLessThanOrEqual(some.length / 2);
        expect(above).toBeLessThanOrEqual(some.length / 2);
      }),
    );
  });

  it('refuses no values', () => {
    expect(() => median([])).toThrow('no values');
  });
});

describe('percentile', () => {
  it('takes the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 95)).toBe(95);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile(hundred, 0.5)).toBe(1);
  });

  it('is the worst of fewer than twenty values at 95', () => {
    expect(percentile([5, 1, 9], 95)).toBe(9);
  });

  it('is one of the values, and as many percent do not exceed it', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (some, percent) => {
        const found = percentile(some, percent);
        expect(some).toContain(found);
        expect(some.filter((value) => value <= found).length / some.length).toBeGreaterThanOrEqual(percent / 100);
      }),
    );
  });

  it('refuses what is no percentage', () => {
    expect(() => percentile([1], 0)).toThrow('percentile');
    expect(() => percentile([1], 101)).toThrow('percentile');
  });
});
