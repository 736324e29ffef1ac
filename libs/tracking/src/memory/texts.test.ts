import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Texts } from './texts.ts';

const MOST = 40;
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: MOST / 2 }), fc.string({ maxLength: 2 }), fc.constant(''));

describe('numbers of texts', () => {
  it('are the same where texts are, in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3_000 }), (added) => {
        const texts = new Texts(MOST);
        const model = new Map<string, number>();
        for (const one of added) {
          if (!model.has(one)) model.set(one, model.size);
          expect(texts.add(one)).toBe(model.get(one));
        }
        expect(added.map((one) => texts.find(one))).toEqual(added.map((one) => model.get(one)));
      }),
      { numRuns: 30 },
    );
  });

  it('are found among very many', () => {
    const texts = new Texts(MOST);
    const all = Array.from({ length: 20_000 }, (_, index) => `0.${index}`);
    const numbers = all.map((one) => texts.add(one));
    expect(all.map((one) => texts.find(one))).toEqual(numbers);
  });

  it('are none where a text is not there', () => {
    const texts = new Texts(MOST);
    texts.add('a');
    expect(texts.find('b')).toBeNull();
  });
});
