import { formatRef, parseRef } from '@throughline/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkDatasetName, checkReason, checkTag, checkText } from './names.ts';

function isTaken(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid' });
    return false;
  }
}

describe('names of datasets', () => {
  it.each(['penguins', 'Palmer penguins (2007)', 'a/b', 'a@2', 'données', '🐧', 'x'.repeat(255), '🐧'.repeat(255), '...'])(
    'may be %j',
    (name) => {
      expect(checkDatasetName(name)).toBe(name);
    },
  );

  it.each(['', ' a', 'a ', 'a\tb', 'a\u2028b', 'a\0', '\ud83d', '.', '..', 'x'.repeat(256), '🐧'.repeat(256)])('may not be %j', (name) => {
    expect(isTaken(() => checkDatasetName(name))).toBe(false);
  });

  it('come back whole out of a reference, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        if (!isTaken(() => checkDatasetName(name))) return;
        const ref = { kind: 'data' as const, name, number: 3 };
        expect(parseRef(formatRef(ref))?.ref).toEqual(ref);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('tags', () => {
  it('come back whole out of a reference, and are never mistaken for a number, a digest or the current version', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{1,12}$/), (tag) => {
        if (!isTaken(() => checkTag(tag))) return;
        expect(parseRef(formatRef({ kind: 'data', name: 'a', tag }))?.ref).toEqual({ kind: 'data', name: 'a', tag });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('free texts', () => {
  it('hold what PostgreSQL can hold, up to their limit', () => {
    expect(checkText('message', '🐧'.repeat(3), 3)).toBe('🐧🐧🐧');
    for (const text of ['abcd', 'a\0', '\udc00']) expect(isTaken(() => checkText('message', text, 3))).toBe(false);
  });

  it('are never empty where they are reasons', () => {
    expect(checkReason(' because ')).toBe('because');
    expect(isTaken(() => checkReason(' \n'))).toBe(false);
  });
});
