import { expect, it } from 'vitest';

import { barHeights, barShare, formatCell, formatEdge, formatShare, histogramWords, isNumeric, topBars, topWords } from './profile.ts';

it.each([
  [0, 100, '0 %'],
  ['2', '344', '0.6 %'],
  [1, 1_000_000, '< 0.1 %'],
  [50, 100, '50 %'],
  [949, 1000, '94.9 %'],
  [999_999, 1_000_000, '> 99.9 %'],
  [100, 100, '100 %'],
  [0, 0, '0 %'],
])('writes %s of %s as %s: none and all are said of nothing else', (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text);
});

it('draws what is there at all, and no bar beyond its place', () => {
  expect([barShare(0, 10), barShare(1, 1_000_000), barShare('5', '10'), barShare(11, 10), barShare(1, 0)]).toEqual([0, 0.02, 0.5, 1, 0]);
  const bin = (count: number | string) => ({ from: 0, to: 1, count });
  expect(barHeights([bin(0), bin('1'), bin(50), bin('100')])).toEqual([0, 0.04, 0.5, 1]);
  expect(barHeights([bin(0), bin(0)])).toEqual([0, 0]);
});

it('writes numbers short, and leaves every other value as it was printed', () => {
  expect([
    formatCell('3249.123456', 'NUMBER'),
    formatCell('nan', 'NUMBER'),
    formatCell('', 'NUMBER'),
    formatCell('007', 'TEXT'),
    formatCell(null, 'TEXT'),
  ]).toEqual(['3,249', 'nan', '', '007', '–']);
});

it('names the edges of times by their day, or their minute where all lies within one', () => {
  const at = Date.UTC(2024, 1, 29, 13, 5);
  expect([formatEdge(at, 'TIME', 40 * 86_400_000), formatEdge(at, 'TIME', 3_600_000), formatEdge(9e15, 'TIME', 1)]).toEqual([
    '2024-02-29',
    '2024-02-29 13:05',
    '9000000000000000',
  ]);
});

it('tells a histogram in words', () => {
  const bins = [
    { from: 32, to: 40, count: '90' },
    { from: 40, to: 48, count: '1200' },
    { from: 48, to: 56, count: '3' },
  ];
  expect(histogramWords(bins, 'NUMBER')).toBe('3 bins from 32 to 56, most between 40 and 48 (1,200)');
  expect(histogramWords([], 'NUMBER')).toBe('no histogram');
});

it('gathers what is not among the most frequent, and nothing where nothing is left', () => {
  const top = [
    { value: 'Adelie', count: '152' },
    { value: 'Gentoo', count: '124' },
    { value: 'Chinstrap', count: '68' },
  ];
  expect(topBars(top, 344, 2)).toEqual([
    { label: 'Adelie', count: 152, share: 152 / 344, isRest: false },
    { label: 'Gentoo', count: 124, share: 124 / 344, isRest: false },
    { label: 'others', count: 68, share: 68 / 344, isRest: true },
  ]);
  expect(topWords(topBars(top, 344, 3))).toBe('Adelie 152, Gentoo 124, Chinstrap 68');
  expect(topBars([], 344, 3)).toEqual([]);
});

it.each([
  ['BIGINT', true],
  ['UTINYINT', true],
  ['HUGEINT', true],
  ['DECIMAL(18,3)', true],
  ['DOUBLE', true],
  ['VARCHAR', false],
  ['INTERVAL', false],
  ['INTEGER[]', false],
  ['STRUCT(a INTEGER)', false],
])('puts %s at the right: %s', (type, numeric) => {
  expect(isNumeric(type)).toBe(numeric);
});
