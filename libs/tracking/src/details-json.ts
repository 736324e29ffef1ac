// Details of runs as JSON text, for answers that only pass them on: a page of a thousand runs has tens of thousands of params, tags and
// metrics, and making an object of each to print it again costs more than everything else about the page.
//
// The database joins what a run has to one text, with separators that hardly any value holds. Three ways lead from there to JSON: nothing
// in the text needs an escape, and the separators are replaced; something does, and each pair is printed by itself; or a value holds a
// separator, which the count of pairs tells, and the run is left to whoever reads pairs as rows.

import { RECORD, UNIT } from './store/runs.ts';

const NEEDS_ESCAPE = /["\\\u0000-\u001d]/;

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found += 1;
  return found;
}

/** The members of a JSON array of `{"key", "value"}` out of joined pairs; '' where there is none, null where they cannot be told apart. */
export function pairsJson(joined: string | null, pairs: number): string | null {
  if (joined === null || pairs === 0) return '';
  if (count(joined, UNIT) !== pairs || count(joined, RECORD) !== pairs - 1) return null;
  if (!NEEDS_ESCAPE.test(joined)) {
    return `{"key":"${joined.replaceAll(UNIT, '","value":"').replaceAll(RECORD, '"},{"key":"')}"}`;
  }
  return keyValuesJson(
    joined.split(RECORD).map((pair) => {
      const cut = pair.indexOf(UNIT);
      return { key: pair.slice(0, cut), value: pair.slice(cut + 1) };
    }),
  );
}

/** The same out of pairs that are apart already. */
export function keyValuesJson(pairs: readonly { key: string; value: string }[]): string {
  return pairs.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}}`).join(',');
}
