// The two statistics that benchmarks here are read by. Means are left out on purpose: one slow round moves them.

/** The middle value; of an even number of values, the mean of the two in the middle. Throws on no values. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = sorted.length / 2;
  const upper = at(sorted, Math.floor(half));
  return Number.isInteger(half) ? (at(sorted, half - 1) + upper) / 2 : upper;
}

/** The least value that at least `percent` (above 0, up to 100) percent of all values do not exceed (nearest rank). Throws on no values. */
export function percentile(values: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`a percentile lies above 0 and up to 100, not at ${percent}`);
  const sorted = ascending(values);
  return at(sorted, Math.ceil((percent / 100) * sorted.length) - 1);
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('there is no statistic of no values');
  return [...values].sort((a, b) => a - b);
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value at ${index}`);
  return value;
}
