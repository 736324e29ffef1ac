import { expect, it } from 'vitest';

import { csvOf } from './csv.ts';

it('quotes what would end a cell or a line, and nothing else', () => {
  expect(
    csvOf([
      ['name', 'lr'],
      ['a, b', '0.03'],
      ['say "so"', 'two\nlines'],
      ['', ' kept '],
    ]),
  ).toBe('name,lr\r\n"a, b",0.03\r\n"say ""so""","two\nlines"\r\n, kept \r\n');
});

it('is empty without lines', () => {
  expect(csvOf([])).toBe('');
});
