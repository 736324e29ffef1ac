import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HEAD_BYTES, headRows, headText } from './heads.ts';

const CSV = { format: 'csv', isGzipped: false } as const;
const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

describe('the rows of a head', () => {
  it('end behind the last whole row', async () => {
    expect(text(await headRows(Buffer.from('a,b\n1,2\n3,'), CSV))).toBe('a,b\n1,2\n');
  });

  it('do not end at a line feed between quotes', async () => {
    expect(text(await headRows(Buffer.from('a,b\n1,"x\ny"\n2,"half\nof'), CSV))).toBe('a,b\n1,"x\ny"\n');
  });

  it('are whole rows of any CSV, wherever it is cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '\n', '"', 'ä') }).map((value) => `"${value.replaceAll('"', '""')}"`);
    const rows = fc.array(
      fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => `${cells.join(',')}\n`),
      { minLength: 2, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(), async (lines, at) => {
        const whole = Buffer.from(lines.join(''));
        const first = Buffer.byteLength(lines[0] ?? '');
        const cut = whole.subarray(0, first + (at % (whole.length - first + 1)));
        const shown = text(await headRows(cut, CSV)) ?? '';
        const starts = lines.map((_, index) => lines.slice(0, index + 1).join(''));
        // A quote that is doubled at the very cut looks like the end of a cell, and then the row's end like none: fewer rows, never half of one.
        expect(starts).toContain(shown);
      }),
    );
  });

  it('are refused where the first of them does not end', async () => {
    await expect(headRows(Buffer.alloc(HEAD_BYTES, 'x'), CSV)).rejects.toThrow('first row');
  });

  it('come out of gzip without taking more apart than a head', async () => {
    const bomb = gzipSync(Buffer.from('a,b\n' + '1,2\n'.repeat(5_000_000)));
    const shown = await headRows(bomb.subarray(0, HEAD_BYTES), { format: 'csv', isGzipped: true });
    expect(shown?.length).toBeLessThanOrEqual(HEAD_BYTES);
    expect(shown?.length).toBeGreaterThan(HEAD_BYTES - 10);
    await expect(headRows(randomBytes(100), { format: 'csv', isGzipped: true })).rejects.toThrow();
  });

  it('are found in JSON where each line is an object, and nowhere else without all of it', async () => {
    const json = { format: 'json', isGzipped: false } as const;
    expect(text(await headRows(Buffer.from('{"a":1}\n{"a":2}\n{"a'), json))).toBe('{"a":1}\n{"a":2}\n');
    expect(await headRows(Buffer.from('[{"a":1},\n{"a":2}'), json)).toBeNull();
    expect(await headRows(Buffer.from('{\n"a":1}\n'), json)).toBeNull();
    expect(await headRows(Buffer.from('PAR1'), { format: 'parquet', isGzipped: false })).toBeNull();
  });
});

describe('the text of a head', () => {
  it('is all of what is short', () => {
    expect(headText(Buffer.from('one\ntwo'), true)).toEqual({ text: 'one\ntwo', hasMore: false });
    expect(headText(Buffer.alloc(0), true)).toEqual({ text: '', hasMore: false });
  });

  it('leaves out a character that was cut', () => {
    expect(headText(Buffer.from('aä').subarray(0, 2), false)).toEqual({ text: 'a', hasMore: true });
  });

  it('is bounded in lines', () => {
    const shown = headText(Buffer.from('x\n'.repeat(10_000)), true);
    expect(shown?.text.split('\n')).toHaveLength(500);
    expect(shown?.hasMore).toBe(true);
  });

  it('is none where the bytes are no UTF-8, or hold a NUL', () => {
    expect(headText(Buffer.from([0xff, 0xfe, 0x41]), true)).toBeNull();
    expect(headText(Buffer.from('a\0b'), true)).toBeNull();
    expect(headText(Buffer.from('aä').subarray(0, 2), true)).toBeNull();
  });
});
