// Sorting rows by doubles: a radix sort over their bits, sixteen at a time, least significant first (Knuth, The Art of Computer Programming, volume 3,
// 5.2.5). It is stable, so that rows of equal values stay as they were, and takes some milliseconds where a comparison sort would hold up
// everybody else for a hundred.

/** Below so many rows the counters cost more than the rows. */
const FEW = 2_000;
const DIGITS = 2 ** 16;

/** The bits of a double in an order that is that of the numbers: positive ones with the sign turned, negative ones with all bits turned. */
function digitsOf(rows: Uint32Array, values: Float64Array): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(rows.length);
  const low = new Uint32Array(rows.length);
  const view = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < rows.length; index += 1) {
    // Nothing is added but the difference between -0 and 0, which are equal.
    view.setFloat64(0, (values[rows[index] ?? 0] ?? 0) + 0);
    const front = view.getUint32(0);
    const isNegative = front >= 0x80000000;
    high[index] = isNegative ? ~front : front ^ 0x80000000;
    low[index] = isNegative ? ~view.getUint32(4) : view.getUint32(4);
  }
  return { high, low };
}

/** These rows by rising values, those of equal values in the order in which they came. `values` has each row's at its number, none of them NaN. */
export function sortedByValue(rows: Uint32Array, values: Float64Array): Uint32Array {
  if (rows.length < FEW) return rows.slice().sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || 0);
  const { high, low } = digitsOf(rows, values);
  let order: Uint32Array = Uint32Array.from(rows.keys());
  let next: Uint32Array = new Uint32Array(rows.length);
  const places = new Uint32Array(DIGITS);
  for (const [part, shift] of [
    [low, 0],
    [low, 16],
    [high, 0],
    [high, 16],
  ] as const) {
    places.fill(0);
    for (const word of part) {
      const digit = (word >>> shift) & 0xffff;
      places[digit] = (places[digit] ?? 0) + 1;
    }
    let before = 0;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const count = places[digit] ?? 0;
      places[digit] = before;
      before += count;
    }
    for (const index of order) {
      const digit = ((part[index] ?? 0) >>> shift) & 0xffff;
      const place = places[digit] ?? 0;
      next[place] = index;
      places[digit] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order.map((index) => rows[index] ?? 0);
}
