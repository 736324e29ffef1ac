import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createTold, newPoints } from './told.ts';

const point = fc.record({
  step: fc.nat({ max: 5 }),
  timestampMs: fc.nat({ max: 3 }),
  value: fc.constantFrom(1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
});
type Point = { step: number; timestampMs: number; value: number };
const nameOf = ({ step, timestampMs, value }: Point) => `${step} ${timestampMs} ${value}`;
const rank = (value: number) => (Number.isNaN(value) ? 2 : value === Number.POSITIVE_INFINITY ? 1 : 0);
/** In a series' order, each once. */
function series(points: readonly Point[]): Point[] {
  const once = [...new Map(points.map((one) => [nameOf(one), one])).values()];
  return once.sort(
    (a, b) => a.step - b.step || a.timestampMs - b.timestampMs || rank(a.value) - rank(b.value) || (a.value < b.value ? -1 : 1),
  );
}

describe('the points that are new', () => {
  it('are those of the second series that the first does not have', () => {
    fc.assert(
      fc.property(fc.array(point), fc.array(point), (before, now) => {
        const known = new Set(before.map(nameOf));
        expect(newPoints(series(before), series(now))).toEqual(series(now).filter((one) => !known.has(nameOf(one))));
      }),
    );
  });
});

describe('what was told', () => {
  it('is not told again, while a metric with too many points is named each time', () => {
    const told = createTold();
    const at = (step: number) => ({ step, timestampMs: 0, value: 1 });
    told.fresh([{ key: 'a', pointCount: 1, points: [at(1)] }]);
    expect(
      told.fresh([
        { key: 'a', pointCount: 2, points: [at(1), at(2)] },
        { key: 'b', pointCount: 9, points: null },
      ]),
    ).toEqual([
      { key: 'a', pointCount: 2, points: [at(2)] },
      { key: 'b', pointCount: 9, points: null },
    ]);
  });
});
