import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseRange } from './ranges.ts';

describe('a range of bytes', () => {
  it('is read in its three forms', () => {
    expect(parseRange('bytes=0-4', 10)).toEqual({ start: 0, end: 4 });
    expect(parseRange('bytes=4-', 10)).toEqual({ start: 4, end: 9 });
    expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
    expect(parseRange('Bytes=0-0', 10)).toEqual({ start: 0, end: 0 });
  });

  it('is clipped to the end, and unsatisfiable behind it', () => {
    expect(parseRange('bytes=8-99', 10)).toEqual({ start: 8, end: 9 });
    expect(parseRange('bytes=-99', 10)).toEqual({ start: 0, end: 9 });
    expect(parseRange('bytes=10-', 10)).toBe('unsatisfiable');
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-0', 10)).toBe('unsatisfiable');
    expect(parseRange(`bytes=${'9'.repeat(400)}-`, 10)).toBe('unsatisfiable');
    expect(parseRange(`bytes=4-${'9'.repeat(400)}`, 10)).toEqual({ start: 4, end: 9 });
  });

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'bytes=0-1,3-4', 'items=0-1'])(
    'asks for the whole where it says %s',
    (header) => {
      expect(parseRange(header, 10)).toBeNull();
    },
  );

  it('never reaches outside the file', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat()), fc.option(fc.nat()), (size, first, last) => {
        const range = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size);
        if (range === null || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThan(size);
        expect(range.start).toBeLessThanOrEqual(range.end);
      }),
    );
  });
});
