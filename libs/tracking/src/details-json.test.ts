import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { keyValuesJson, pairsJson } from './details-json.ts';
import { RECORD, UNIT } from './store/runs.ts';

const plain = fc.string({ unit: 'grapheme', maxLength: 12 });
const awkward = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u2028', '\u007f', '😀'), maxLength: 8 });
const separators = fc.string({ unit: fc.constantFrom('a', UNIT, RECORD), maxLength: 4 });

describe('joined pairs', () => {
  it('are the JSON of the pairs, or are not told apart', () => {
    const pair = fc.record({ key: fc.stringMatching(/^[a-z0-9/]{1,8}$/), value: fc.oneof(plain, awkward, separators) });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 5 }), (pairs) => {
        const joined = pairs.length === 0 ? null : pairs.map(({ key, value }) => key + UNIT + value).join(RECORD);
        const json = pairsJson(joined, pairs.length);
        const isAmbiguous = pairs.some(({ value }) => value.includes(UNIT) || value.includes(RECORD));
        if (isAmbiguous) expect(json).toBeNull();
        else expect(JSON.parse(`[${json ?? 'none'}]`)).toEqual(pairs);
      }),
    );
  });

  it('are printed alike where they come apart', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ key: plain, value: awkward })), (pairs) => {
        expect(JSON.parse(`[${keyValuesJson(pairs)}]`)).toEqual(pairs);
      }),
    );
  });
});
