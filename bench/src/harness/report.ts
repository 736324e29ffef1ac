// What a benchmark says: rows of figures, each figure with its raw values, and the bars that they are held to. A bar compares medians. A row
// holds where all of its bars do; a row that could not be measured falls short, for silence must not look like success.

import { median } from './statistics.ts';

/** One thing that was measured, once a round. */
export interface Figure {
  name: string;
  unit: string;
  /** One value a round, in the order of the rounds. */
  raw: readonly number[];
  median: number;
}

export interface Bar {
  /** What is asked, in words: 'at least 350,000 points/s'. */
  asks: string;
  found: number;
  /** What `found` is: a unit, or 'times'. */
  unit: string;
  holds: boolean;
}

export interface Row {
  name: string;
  title: string;
  /** What was done, to both sides alike. */
  work: string;
  figures: readonly Figure[];
  bars: readonly Bar[];
  notes: readonly string[];
  /** Why there is nothing to see: the work went wrong or time ran out. */
  failure?: string;
  /** Null for a row that is held to nothing. */
  holds: boolean | null;
}

export interface Report {
  benchmark: string;
  /** False after --quick: such figures prove nothing. */
  proves: boolean;
  environment: Readonly<Record<string, unknown>>;
  rows: readonly Row[];
  /** Whether every row that is held to something holds. */
  holds: boolean;
  elapsedSeconds: number;
}

export function figure(name: string, unit: string, raw: readonly number[]): Figure {
  return { name, unit, raw: raw.map(shortened), median: shortened(median(raw)) };
}

/** The figure is to reach `least`, in its own unit. */
export function atLeast(found: Figure, least: number): Bar {
  return { asks: `at least ${number(least)} ${found.unit}`, found: found.median, unit: found.unit, holds: found.median >= least };
}

/** The figure is to stay under `limit`, in its own unit. */
export function under(found: Figure, limit: number): Bar {
  return { asks: `under ${number(limit)} ${found.unit}`, found: found.median, unit: found.unit, holds: found.median < limit };
}

/** A rate that is to be at least `times` another one. */
export function timesTheRate(fast: Figure, slow: Figure, times: number, whose: string): Bar {
  return ratioBar(`at least ${number(times)} times ${whose}`, fast.median / slow.median, (ratio) => ratio >= times);
}

/** A duration that is to be at most a `times`-th of another one. */
export function timesAsFast(quick: Figure, slow: Figure, times: number, whose: string): Bar {
  return ratioBar(`at least ${number(times)} times as fast as ${whose}`, slow.median / quick.median, (ratio) => ratio >= times);
}

/** A cost that is to be at most `times` another one. */
export function atMostTimes(large: Figure, small: Figure, times: number, what: string): Bar {
  return ratioBar(`at most ${number(times)} times ${what}`, large.median / small.median, (ratio) => ratio <= times);
}

function ratioBar(asks: string, ratio: number, isEnough: (ratio: number) => boolean): Bar {
  // Nothing divided by nothing is no success.
  return { asks, found: shortened(ratio), unit: 'times', holds: Number.isFinite(ratio) && isEnough(ratio) };
}

/** What a row is about, before anything was measured. */
export type Subject = Pick<Row, 'name' | 'title' | 'work'>;

export function row({ name, title, work }: Subject, found: Pick<Row, 'figures' | 'bars' | 'notes'>): Row {
  const { figures, bars, notes } = found;
  return { name, title, work, figures, bars, notes, holds: bars.length === 0 ? null : bars.every(({ holds }) => holds) };
}

export function failedRow({ name, title, work }: Subject, failure: string): Row {
  return { name, title, work, figures: [], bars: [], notes: [], failure, holds: false };
}

export function report(told: Omit<Report, 'holds'>): Report {
  return { ...told, holds: told.rows.length > 0 && told.rows.every(({ holds }) => holds !== false) };
}

/** A row for people. */
export function rowText(one: Row): string {
  const verdict = one.holds === null ? 'for information' : one.holds ? 'holds' : 'FALLS SHORT';
  const lines = [`${one.name}: ${one.title}  [${verdict}]`, `  ${one.work}`];
  if (one.failure !== undefined) lines.push(`  not measured: ${one.failure}`);
  const widest = Math.max(0, ...one.figures.map(({ name }) => name.length));
  for (const { name, unit, raw, median: middle } of one.figures) {
    const rounds = raw.length === 1 ? '' : `   (rounds: ${raw.map(number).join('  ')})`;
    lines.push(`  ${name.padEnd(widest)}  ${number(middle).padStart(10)} ${unit}${rounds}`);
  }
  for (const { asks, found, unit, holds } of one.bars) {
    lines.push(`  ${holds ? 'holds      ' : 'FALLS SHORT'}  ${asks}: ${number(found)} ${unit}`);
  }
  for (const note of one.notes) lines.push(`  note: ${note}`);
  return lines.join('\n');
}

/** The last word for people. */
export function summaryText({ rows, proves, holds, elapsedSeconds }: Report): string {
  const short = rows.filter((one) => one.holds === false).map(({ name }) => name);
  const held = rows.filter((one) => one.holds === true).length;
  const lines = [
    `${held} of ${rows.length - rows.filter((one) => one.holds === null).length} rows hold, in ${Math.round(elapsedSeconds)} s.`,
    ...(short.length === 0 ? [] : [`Short of the bar: ${short.join(', ')}.`]),
    ...(proves ? [] : ['A quick run: too short, and over too little data, to prove anything.']),
  ];
  return `${holds ? '' : 'FAILED  '}${lines.join('\n')}`;
}

/** Digits that mean something: whole above 1,000, else four. */
function shortened(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 });
}
