import { LIMITS } from '@throughline/tracking';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { appended } from './tag-lists.ts';

const isText = (item: unknown) => typeof item === 'string';

describe('a list in a tag', () => {
  it('grows at its end', () => {
    expect(appended(appended(undefined, '"a"', isText), '"b"', isText)).toBe('["a","b"]');
  });

  it.each(['not json', '{"a":1}', '7', 'null', ''])('begins anew where the tag holds %j', (value) => {
    expect(appended(value, '"a"', isText)).toBe('["a"]');
  });

  it('has an item once, where it came last', () => {
    expect(appended('["a", "b"]', '"a"', isText)).toBe('["b","a"]');
  });

  it('loses items that are not ours', () => {
    expect(appended('["a",1,null,{"b":2}]', '"c"', isText)).toBe('["a","c"]');
  });

  it('keeps the newest that fit, and never more than fits', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3_000 }), { minLength: 1, maxLength: 30 }), (items) => {
        const value = items.reduce<string | undefined>((list, item) => appended(list, JSON.stringify(item), isText), undefined) ?? '[]';
        const kept = JSON.parse(value) as string[];
        const once = items.filter((item, index) => items.lastIndexOf(item) === index);
        expect(value.length).toBeLessThanOrEqual(LIMITS.tagValue);
        expect(kept).toEqual(once.slice(once.length - kept.length));
      }),
    );
  });

  it('is empty where not even the newest fits', () => {
    expect(appended('["a"]', JSON.stringify('x'.repeat(LIMITS.tagValue)), isText)).toBe('[]');
  });
});
