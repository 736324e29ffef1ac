import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sortedByValue } from './sort.ts';

const doubles = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, -0, Infinity, -Infinity, 5e-324));

describe('rows sorted by their values', () => {
  it('rise, and stay as they were where values are equal, few or many', () => {
    fc.assert(
      fc.property(fc.array(doubles, { minLength: 1, maxLength: 300 }), fc.constantFrom(1, 20), (some, times) => {
        const values = Float64Array.from(Array.from({ length: times }, () => some).flat());
        const rows = Uint32Array.from([...values.keys()].reverse());
        const expected = [...rows].sort((a, b) => {
          const [one, other] = [values[a] ?? 0, values[b] ?? 0];
          return one < other ? -1 : one > other ? 1 : 0;
        });
        expect([...sortedByValue(rows, values)]).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('are a copy', () => {
    const rows = Uint32Array.of(1, 0);
    sortedByValue(rows, Float64Array.of(1, 2));
    expect([...rows]).toEqual([1, 0]);
  });
});
