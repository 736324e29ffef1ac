import { describe, expect, it } from 'vitest';

import { counterpart, mayHold, sampleRows } from './table-diff.ts';

it('marks the cells that changed, empty ones too, and none of a row that came or went', () => {
  const rows = sampleRows({
    sampleColumns: ['id', 'mass', 'sex'],
    sample: [
      { change: 'CHANGED', before: ['1', '3700', null], after: ['1', '3750', 'female'] },
      { change: 'REMOVED', before: ['2', '4000', null], after: null },
      { change: 'ADDED', before: null, after: ['3', null, 'male'] },
    ],
  });
  const cell = (value: string | null, before = value) => ({ value, before, isChanged: value !== before });
  expect(rows).toEqual([
    { change: 'CHANGED', cells: [cell('1'), cell('3750', '3700'), cell('female', null)] },
    { change: 'REMOVED', cells: [cell('2'), cell('4000'), cell(null)] },
    { change: 'ADDED', cells: [cell('3'), cell(null), cell('male')] },
  ]);
});

it.each([
  ['the same path', 'a.csv', ['b.csv', 'a.csv'], null, 'a.csv'],
  ['what was asked for', 'a.csv', ['b.csv', 'a.csv'], 'b.csv', 'b.csv'],
  ['the only one', 'a.csv', ['old.csv'], null, 'old.csv'],
  ['the only one, where what was asked for is gone', 'a.csv', ['old.csv'], 'older.csv', 'old.csv'],
  ['nothing, where there are several', 'a.csv', ['b.csv', 'c.csv'], null, null],
])('compares a table with %s', (_, path, before, asked, found) => {
  expect(counterpart(path, { paths: before, isWhole: true }, asked)).toBe(found);
});

describe('a list of which only the first part is known', () => {
  const list = { paths: ['b.csv', 'm.csv'], isWhole: false };

  it('may hold what would come later, where its name is a table’s', () => {
    expect(['z.parquet', 'M.CSV', 'z.bin', 'c.csv'].map((path) => mayHold(list, path))).toEqual([true, false, false, false]);
  });

  it('does not make the only table that is known the only one there is', () => {
    expect(counterpart('a.csv', { paths: ['b.csv'], isWhole: false }, null)).toBe(null);
  });

  it('lets what was asked for stand', () => {
    expect(counterpart('b.csv', list, 'z.csv')).toBe('z.csv');
  });
});
