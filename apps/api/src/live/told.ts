// What followers have been told already. The engine answers what changed in whole chunks, so that each answer repeats points of the one before
// it: those are taken out here, by walking the two in step. Forgetting costs nothing but telling a point again, which pages bear.

import type { ChangedSeries, MetricPoint } from '@throughline/tracking';

/** Points that are remembered of one run, at most; about 3 MB. */
const MAX_REMEMBERED = 50_000;

/** NaN stands behind everything, as it does in a series. */
function compare(a: MetricPoint, b: MetricPoint): number {
  if (a.step !== b.step) return a.step - b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs;
  if (Object.is(a.value, b.value) || a.value === b.value) return 0;
  if (Number.isNaN(a.value)) return 1;
  return Number.isNaN(b.value) || a.value < b.value ? -1 : 1;
}

/** The points of `now` that are not in `before`; both by step, timestamp and value. */
export function newPoints(before: readonly MetricPoint[], now: readonly MetricPoint[]): MetricPoint[] {
  const fresh: MetricPoint[] = [];
  let place = 0;
  for (const point of now) {
    let order = 1;
    while (place < before.length) {
      const known = before[place];
      order = known === undefined ? 1 : compare(known, point);
      if (order >= 0) break;
      place += 1;
    }
    if (order !== 0) fresh.push(point);
  }
  return fresh;
}

export interface Told {
  /** What of an answer is new to those who have been told all before it. */
  fresh(series: readonly ChangedSeries[]): ChangedSeries[];
}

export function createTold(): Told {
  const known = new Map<string, readonly MetricPoint[]>();
  let count = 0;
  const remember = (key: string, points: readonly MetricPoint[]): void => {
    count += points.length - (known.get(key)?.length ?? 0);
    known.set(key, points);
    if (count <= MAX_REMEMBERED) return;
    known.clear();
    count = 0;
  };
  return {
    fresh(series) {
      return series.map((one) => {
        if (one.points === null) return one;
        const points = newPoints(known.get(one.key) ?? [], one.points);
        remember(one.key, one.points);
        return { ...one, points };
      });
    },
  };
}
