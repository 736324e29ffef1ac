import { describe, expect, it } from 'vitest';

import { joinLines, lineOf } from './series.ts';

const bucket = (step: number, last: number | string, min = last, max = last) => ({ toStep: String(step), last, min, max });

describe('a line', () => {
  it('goes through the last values, with a band of the extremes', () => {
    expect(lineOf([bucket(1, 0.5, 0.1, 0.9)])).toMatchObject({ xs: [1], ys: [0.5], lows: [0.1], highs: [0.9] });
  });

  it('has a hole where a value cannot be drawn, and counts it', () => {
    const line = lineOf([bucket(1, 1), bucket(2, 'NaN'), bucket(3, 1.7976931348623157e308)]);
    expect([line.ys, line.undrawable]).toEqual([[1, null, null], 2]);
  });

  it('smooths without a pull toward zero at the beginning', () => {
    expect(lineOf([bucket(1, 4), bucket(2, 4)], 0.9).ys.map((y) => Math.round(y ?? 0))).toEqual([4, 4]);
  });
});

it('joins lines on their steps, in order', () => {
  const { xs, lines } = joinLines([lineOf([bucket(1, 1), bucket(3, 3)]), lineOf([bucket(2, 2), bucket(3, 9)])]);
  expect([xs, lines.map((line) => line.ys)]).toEqual([
    [1, 2, 3],
    [
      [1, undefined, 3],
      [undefined, 2, 9],
    ],
  ]);
});
