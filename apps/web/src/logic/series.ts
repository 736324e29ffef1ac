// From the API's buckets to what a chart draws: one line per run through each bucket's last value, and a band from its smallest to
// its largest, so that no spike is lost. Runs are joined on their steps; where a run has no bucket at a step its line goes on.

import type { MetricValue } from './format.ts';
import { toNumber } from './format.ts';

export interface Bucket {
  toStep: string;
  last: MetricValue;
  min: MetricValue;
  max: MetricValue;
}

export interface Line {
  /** Steps, increasing. */
  xs: number[];
  /** Null where the value is no finite number: the line has a hole there. */
  ys: (number | null)[];
  lows: (number | null)[];
  highs: (number | null)[];
  /** How many buckets had a value that cannot be drawn. */
  undrawable: number;
}

/** One run's line. `smoothing` from 0 (none) to below 1: the weight of what came before, corrected for the beginning as Adam's averages are. */
export function lineOf(buckets: readonly Bucket[], smoothing = 0): Line {
  const line: Line = { xs: [], ys: [], lows: [], highs: [], undrawable: 0 };
  let average = 0;
  let weight = 0;
  for (const bucket of buckets) {
    const value = drawable(bucket.last);
    line.xs.push(Number(bucket.toStep));
    line.lows.push(drawable(bucket.min));
    line.highs.push(drawable(bucket.max));
    if (value === null) {
      line.undrawable += 1;
      line.ys.push(null);
      continue;
    }
    average = smoothing * average + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    line.ys.push(average / weight);
  }
  return line;
}

/** Infinite values arrive as words, or as the largest double, which MLflow writes for them: neither can share an axis with others. */
function drawable(value: MetricValue): number | null {
  const number = toNumber(value);
  return Number.isFinite(number) && Math.abs(number) < 1e300 ? number : null;
}

export interface JoinedLines {
  xs: number[];
  /** Per line: values, lows and highs at each of `xs`; undefined where the line has no bucket there. */
  lines: { ys: (number | null | undefined)[]; lows: (number | null | undefined)[]; highs: (number | null | undefined)[] }[];
}

/** Puts lines on one axis of steps. */
export function joinLines(lines: readonly Line[]): JoinedLines {
  const xs = [...new Set(lines.flatMap((line) => line.xs))].sort((a, b) => a - b);
  const places = new Map(xs.map((x, index) => [x, index]));
  return {
    xs,
    lines: lines.map((line) => {
      const spread = (values: readonly (number | null)[]) => {
        const out = new Array<number | null | undefined>(xs.length).fill(undefined);
        for (const [index, x] of line.xs.entries()) out[places.get(x) ?? 0] = values[index];
        return out;
      };
      return { ys: spread(line.ys), lows: spread(line.lows), highs: spread(line.highs) };
    }),
  };
}
