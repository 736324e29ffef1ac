// From the API's buckets to what a chart draws: one line per run through each bucket's last value, and a band from its smallest to
// its largest, so that no spike is lost. Runs are joined on their axis; where a run has no bucket at a place its line goes on.

import type { MetricValue } from './format.ts';
import { toNumber } from './format.ts';

export interface Bucket {
  fromStep: number;
  toStep: number;
  last: MetricValue;
  min: MetricValue;
  max: MetricValue;
  /** The time of its last point. */
  toTimestampMs: number;
}

/** What runs from left to right: steps, the time of day, or the time since the run began. */
export type Axis = 'step' | 'time' | 'relative';

export interface Line {
  /** Places on the axis, increasing: steps, or milliseconds. */
  xs: number[];
  /** Null where the value is no finite number: the line has a hole there. */
  ys: (number | null)[];
  lows: (number | null)[];
  highs: (number | null)[];
  /** The first step and the last that stand behind each place. */
  steps: [from: number, to: number][];
  /** The places whose value cannot be drawn. */
  undrawable: number[];
}

interface LineOptions {
  /** From 0 (none) to below 1: the weight of what came before, corrected for the beginning as Adam's averages are. */
  smoothing?: number;
  axis?: Axis;
  /** When the run began, in milliseconds; its first point where that is not known. */
  startedAtMs?: number | null;
}

/** One run's line. */
export function lineOf(buckets: readonly Bucket[], { smoothing = 0, axis = 'step', startedAtMs = null }: LineOptions = {}): Line {
  const line: Line = { xs: [], ys: [], lows: [], highs: [], steps: [], undrawable: [] };
  let average = 0;
  let weight = 0;
  for (const { x, bucket } of placed(buckets, axis, startedAtMs)) {
    const value = drawable(bucket.last);
    if (value === null) line.undrawable.push(x);
    else {
      average = smoothing * average + (1 - smoothing) * value;
      weight = smoothing * weight + (1 - smoothing);
    }
    put(line, x, { y: value === null ? null : average / weight, bucket });
  }
  return line;
}

/** Buckets with their places, from left to right. Times need not follow steps. */
function placed(buckets: readonly Bucket[], axis: Axis, startedAtMs: number | null): { x: number; bucket: Bucket }[] {
  if (axis === 'step') return buckets.map((bucket) => ({ x: bucket.toStep, bucket }));
  const timed = buckets.map((bucket) => ({ x: bucket.toTimestampMs, bucket })).sort((a, b) => a.x - b.x);
  if (axis === 'time') return timed;
  const beginMs = startedAtMs ?? timed[0]?.x ?? 0;
  return timed.map(({ x, bucket }) => ({ x: x - beginMs, bucket }));
}

/** Puts a bucket at the end of a line. Two at one place are one. */
function put(line: Line, x: number, { y, bucket }: { y: number | null; bucket: Bucket }): void {
  const low = drawable(bucket.min);
  const high = drawable(bucket.max);
  const last = line.xs.length - 1;
  const steps = line.steps[last];
  if (line.xs[last] !== x || steps === undefined) {
    line.xs.push(x);
    line.ys.push(y);
    line.lows.push(low);
    line.highs.push(high);
    line.steps.push([bucket.fromStep, bucket.toStep]);
    return;
  }
  line.ys[last] = y ?? line.ys[last] ?? null;
  line.lows[last] = extreme(line.lows[last] ?? null, low, Math.min);
  line.highs[last] = extreme(line.highs[last] ?? null, high, Math.max);
  line.steps[last] = [Math.min(steps[0], bucket.fromStep), Math.max(steps[1], bucket.toStep)];
}

function extreme(a: number | null, b: number | null, pick: (a: number, b: number) => number): number | null {
  return a === null ? b : b === null ? a : pick(a, b);
}

/** Infinite values arrive as words, or as the largest double, which MLflow writes for them: neither can share an axis with others. */
function drawable(value: MetricValue): number | null {
  const number = toNumber(value);
  return Number.isFinite(number) && Math.abs(number) < 1e300 ? number : null;
}

/** The steps behind a stretch of the axis, over all lines; null where there are none. A single step is widened, so that it can be looked at. */
export function stepsBetween(lines: readonly Line[], from: number, to: number): { from: number; to: number } | null {
  const steps = lines.flatMap((line) => line.steps.filter((_, index) => Number(line.xs[index]) >= from && Number(line.xs[index]) <= to));
  if (steps.length === 0) return null;
  const first = steps.reduce((least, [step]) => Math.min(least, step), Number.POSITIVE_INFINITY);
  const last = steps.reduce((most, [, step]) => Math.max(most, step), Number.NEGATIVE_INFINITY);
  return { from: first, to: Math.max(last, first + 1) };
}

export interface JoinedLines {
  xs: number[];
  /** Per line: values, lows and highs at each of `xs`; undefined where the line has no bucket there. */
  lines: { ys: (number | null | undefined)[]; lows: (number | null | undefined)[]; highs: (number | null | undefined)[] }[];
}

/** Puts lines on one axis. */
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
