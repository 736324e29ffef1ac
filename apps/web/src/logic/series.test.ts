import { describe, expect, it } from 'vitest';

import { joinLines, lineOf, stepsBetween } from './series.ts';

const bucket = (step: number, last: number | string, min = last, max = last, ms = step) => ({
  fromStep: step,
  toStep: step,
  last,
  min,
  max,
  toTimestampMs: ms,
});

describe('a line', () => {
  it('goes through the last values, with a band of the extremes', () => {
    expect(lineOf([bucket(1, 0.5, 0.1, 0.9)])).toMatchObject({ xs: [1], ys: [0.5], lows: [0.1], highs: [0.9] });
  });

  it('has a hole where a value cannot be drawn, and counts it', () => {
    const line = lineOf([bucket(1, 1), bucket(2, 'NaN'), bucket(3, 1.7976931348623157e308)]);
    expect([line.ys, line.undrawable]).toEqual([
      [1, null, null],
      [2, 3],
    ]);
  });

  it('smooths without a pull toward zero at the beginning', () => {
    expect(lineOf([bucket(1, 4), bucket(2, 4)], { smoothing: 0.9 }).ys.map((y) => Math.round(y ?? 0))).toEqual([4, 4]);
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

describe('a line over time', () => {
  it('goes from left to right, whatever the steps, and holds what happened at one moment in one place', () => {
    const line = lineOf([bucket(1, 5, 5, 5, 300), bucket(2, 6, 1, 9, 100), bucket(3, 7, 7, 7, 300)], { axis: 'time' });
    expect(line).toMatchObject({ xs: [100, 300], ys: [6, 7], lows: [1, 5], highs: [9, 7] });
  });

  it('begins when the run began where it counts from there', () => {
    expect(lineOf([bucket(1, 5, 5, 5, 300)], { axis: 'relative', startedAtMs: 100 }).xs).toEqual([200]);
  });

  it('knows the steps behind a stretch of it', () => {
    const line = lineOf([bucket(10, 1, 1, 1, 100), bucket(20, 1, 1, 1, 200), bucket(30, 1, 1, 1, 300)], { axis: 'time' });
    expect([stepsBetween([line], 150, 350), stepsBetween([line], 150, 250), stepsBetween([line], 1, 2)]).toEqual([
      { from: 20, to: 30 },
      { from: 20, to: 21 },
      null,
    ]);
  });
});
