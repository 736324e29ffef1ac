// How a column's profile is told: shares that never claim too much, bars of one scale, and the same in words for who cannot see them.

import { formatCount, formatNumber } from './format.ts';

/** A count as the API writes it: whole, and as text, since it may have more digits than a number keeps. */
type Count = number | string;

export interface Bin {
  from: number;
  to: number;
  count: Count;
}

interface Frequent {
  value: string;
  count: Count;
}

/** A part of a whole in per cent; what is neither none nor all is never rounded to it. */
export function formatShare(partOf: Count, wholeOf: Count): string {
  const [part, whole] = [Number(partOf), Number(wholeOf)];
  if (whole <= 0 || part <= 0) return '0 %';
  if (part >= whole) return '100 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9) return '> 99.9 %';
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** The width of a part's bar, from 0 to 1; what is there at all is at least a sliver. */
export function barShare(partOf: Count, wholeOf: Count): number {
  const [part, whole] = [Number(partOf), Number(wholeOf)];
  if (whole <= 0 || part <= 0) return 0;
  return Math.min(1, Math.max(0.02, part / whole));
}

/** Heights of the bars from 0 to 1, the highest being 1; a bin with anything in it is at least a sliver. */
export function barHeights(bins: readonly Bin[]): number[] {
  const counts = bins.map(({ count }) => Number(count));
  const most = Math.max(0, ...counts);
  return counts.map((count) => (count === 0 ? 0 : Math.max(0.04, count / most)));
}

/** A value of a column as text: what DuckDB printed, with its thousands apart and four digits where it is a number. */
export function formatCell(value: string | null | undefined, kind: string): string {
  if (value === null || value === undefined) return '–';
  if (kind !== 'NUMBER' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : formatNumber(number);
}

/** An edge of a bin: a number, or a moment where the column holds times. */
export function formatEdge(value: number, kind: string, width: number): string {
  if (kind !== 'TIME') return formatNumber(value);
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  const iso = date.toISOString();
  return width >= 86_400_000 ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ');
}

/** A histogram in a sentence: where it begins and ends, and where most values are. */
export function histogramWords(bins: readonly Bin[], kind: string): string {
  const [first] = bins;
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return 'no histogram';
  const most = bins.reduce((best, bin) => (Number(bin.count) > Number(best.count) ? bin : best), first);
  const edge = (value: number) => formatEdge(value, kind, last.to - first.from);
  return `${bins.length} bins from ${edge(first.from)} to ${edge(last.to)}, most between ${edge(most.from)} and ${edge(most.to)} (${formatCount(most.count)})`;
}

export interface TopBar {
  label: string;
  count: number;
  /** Of all that are present. */
  share: number;
  /** Whether it stands for the values that are not told apart here. */
  isRest: boolean;
}

/** The most frequent of the values that are present, and what is left of them as one. */
export function topBars(top: readonly Frequent[], present: number, most: number): TopBar[] {
  const bars = top.slice(0, most).map(({ value, count }): TopBar => {
    return { label: value, count: Number(count), share: present > 0 ? Number(count) / present : 0, isRest: false };
  });
  const rest = present - bars.reduce((sum, { count }) => sum + count, 0);
  return rest > 0 && bars.length > 0 ? [...bars, { label: 'others', count: rest, share: rest / present, isRest: true }] : bars;
}

export function topWords(bars: readonly TopBar[]): string {
  return bars.map(({ label, count }) => `${label} ${formatCount(count)}`).join(', ');
}

/** Whether DuckDB's type holds numbers, which stand at the right. */
export function isNumeric(type: string): boolean {
  return /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/.test(type);
}
