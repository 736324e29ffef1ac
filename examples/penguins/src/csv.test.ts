import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readCsv, writeCsv } from './csv.ts';

const cell = fc.string({ unit: fc.constantFrom('a', '1', ' ', ',', '"', '\n', '\r', 'é', '.') });
const table = fc.integer({ min: 1, max: 4 }).chain((width) => {
  const row = fc.array(cell, { minLength: width, maxLength: width });
  return fc.record({ columns: row, rows: fc.array(row, { maxLength: 5 }) });
});

describe('a table as CSV', () => {
  it('reads back as it was written, whatever is in its cells', () => {
    fc.assert(
      fc.property(table, (written) => {
        expect(readCsv(writeCsv(written))).toEqual(written);
      }),
    );
  });

  it('quotes only what needs quotes', () => {
    const text = writeCsv({
      columns: ['name', 'mass_g'],
      rows: [
        ['Gentoo, male', '5400'],
        ['the "big" one', '6300'],
      ],
    });
    expect(text).toBe('name,mass_g\n"Gentoo, male",5400\n"the ""big"" one",6300\n');
  });

  it.each([
    ['a row that is longer than the header', 'a,b\n1,2,3\n', 'Row 1 has 3 cells where the header has 2.'],
    ['a row that is shorter', 'a,b\n1,2\n1\n', 'Row 2 has 1 cells where the header has 2.'],
    ['a quote that is never closed', 'a\n"1\n', 'Row 2 is broken at character 3'],
    ['a file that was cut', 'a,b\n1,2\n1', 'Row 3 is broken at character 9'],
    ['no text at all', '', 'There is no header.'],
  ])('refuses %s', (_case, text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });

  it('is not written with a row of another length', () => {
    expect(() => writeCsv({ columns: ['a', 'b'], rows: [['1']] })).toThrow('Row 1 has 1 cells where the header has 2.');
  });
});
