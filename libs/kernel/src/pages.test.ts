import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DomainError } from './errors.ts';
import { decodeCursor, encodeCursor, pageOf, pageRequest } from './pages.ts';

describe('a page', () => {
  it('says that there is more where one row more was found', () => {
    const cursorOf = (item: number) => String(item);
    expect(pageOf([1, 2, 3], 2, cursorOf)).toMatchObject({ items: [1, 2], hasNextPage: true });
    expect(pageOf([1, 2], 2, cursorOf)).toMatchObject({ items: [1, 2], hasNextPage: false });
  });

  it.each([0, -1, 1.5, 1001, NaN])('of %d items is refused', (first) => {
    expect(() => pageRequest({ first })).toThrow("'first' must be a whole number from 1 to 1000");
  });

  it('has 50 items unless told, or fewer where the limit is lower', () => {
    expect(pageRequest({})).toEqual({ first: 50, after: null });
    expect(pageRequest({}, 20)).toEqual({ first: 20, after: null });
  });
});

describe('a cursor', () => {
  const part = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (key) => {
        expect(decodeCursor(encodeCursor(key), key.length)).toEqual(key);
      }),
    );
  });

  it('of another list, with NUL or with broken text is refused', () => {
    expect(() => decodeCursor(encodeCursor([1]), 2)).toThrow(DomainError);
    expect(() => decodeCursor(encodeCursor(['a\0b']), 1)).toThrow(DomainError);
    expect(() => decodeCursor(Buffer.from('["\\ud800"]').toString('base64url'), 1)).toThrow(DomainError);
  });

  it('is read from any text without a defect', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text, 1)).toThrow(DomainError);
      }),
    );
  });
});
