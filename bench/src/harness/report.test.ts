import { describe, expect, it } from 'vitest';

import { atLeast, atMostTimes, failedRow, figure, report, row, rowText, summaryText, timesAsFast, timesTheRate, under } from './report.ts';

const SUBJECT = { name: 'writing', title: 'writing points, points/s', work: 'Both write.' };
const FAST = figure('ours', 'points/s', [900, 1100, 1000]);
const SLOW = figure('theirs', 'points/s', [24, 26, 25]);

describe('a figure', () => {
  it('keeps its raw values in the order of the rounds, beside their median', () => {
    expect(FAST).toEqual({ name: 'ours', unit: 'points/s', raw: [900, 1100, 1000], median: 1000 });
  });

  it('is rounded to digits that mean something', () => {
    expect(figure('ours', 'ms', [12.345678, 123456.7]).raw).toEqual([12.35, 123457]);
  });
});

describe('a bar', () => {
  it('asks a rate to be reached, that very value included', () => {
    expect(atLeast(FAST, 1000)).toEqual({ asks: 'at least 1,000 points/s', found: 1000, unit: 'points/s', holds: true });
    expect(atLeast(FAST, 1001).holds).toBe(false);
  });

  it('asks a duration to stay under its limit, that very value excluded', () => {
    const duration = figure('ours', 'ms', [50]);
    expect(under(duration, 50).holds).toBe(false);
    expect(under(duration, 50.1).holds).toBe(true);
  });

  it('asks a rate to be so many times another', () => {
    expect(timesTheRate(FAST, SLOW, 40, 'theirs')).toEqual({ asks: 'at least 40 times theirs', found: 40, unit: 'times', holds: true });
    expect(timesTheRate(FAST, SLOW, 41, 'theirs').holds).toBe(false);
  });

  it('asks a duration to be so many times shorter than another', () => {
    const [quick, slow] = [figure('ours', 'ms', [10]), figure('theirs', 'ms', [99])];
    expect(timesAsFast(quick, slow, 10, 'theirs')).toMatchObject({ found: 9.9, holds: false });
    expect(timesAsFast(quick, slow, 9, 'theirs').holds).toBe(true);
  });

  it('asks a cost to be at most so many times another', () => {
    const [small, large] = [figure('one', 'ms', [10]), figure('ten', 'ms', [15])];
    expect(atMostTimes(large, small, 1.5, 'one').holds).toBe(true);
    expect(atMostTimes(large, small, 1.4, 'one').holds).toBe(false);
  });

  it('does not hold where there is nothing to divide by', () => {
    expect(timesTheRate(FAST, figure('theirs', 'points/s', [0]), 2, 'theirs').holds).toBe(false);
  });
});

describe('a row', () => {
  const held = atLeast(FAST, 1);
  const short = atLeast(FAST, 2000);

  it('holds where all of its bars do', () => {
    expect(row(SUBJECT, { figures: [FAST], bars: [held], notes: [] }).holds).toBe(true);
    expect(row(SUBJECT, { figures: [FAST], bars: [held, short], notes: [] }).holds).toBe(false);
  });

  it('is held to nothing without a bar', () => {
    expect(row(SUBJECT, { figures: [FAST], bars: [], notes: [] }).holds).toBeNull();
  });

  it('falls short where it could not be measured, and says why', () => {
    const failed = failedRow(SUBJECT, 'the server answered 500');
    expect(failed).toMatchObject({ holds: false, failure: 'the server answered 500' });
    expect(rowText(failed)).toContain('not measured: the server answered 500');
  });

  it('tells people its medians, its rounds, its bars and its notes', () => {
    const text = rowText(row(SUBJECT, { figures: [FAST, SLOW], bars: [held, short], notes: ['2 of 5 rounds'] }));
    expect(text.split('\n')).toEqual([
      'writing: writing points, points/s  [FALLS SHORT]',
      '  Both write.',
      '  ours         1,000 points/s   (rounds: 900  1,100  1,000)',
      '  theirs          25 points/s   (rounds: 24  26  25)',
      '  holds        at least 1 points/s: 1,000 points/s',
      '  FALLS SHORT  at least 2,000 points/s: 1,000 points/s',
      '  note: 2 of 5 rounds',
    ]);
  });

  it('keeps nothing of its subject but what a report tells', () => {
    const work = { ...SUBJECT, seconds: 3, run: () => undefined };
    expect(Object.keys(row(work, { figures: [], bars: [], notes: [] }))).toEqual([
      'name',
      'title',
      'work',
      'figures',
      'bars',
      'notes',
      'holds',
    ]);
  });
});

describe('a report', () => {
  const held = row(SUBJECT, { figures: [FAST], bars: [atLeast(FAST, 1)], notes: [] });
  const information = row(SUBJECT, { figures: [FAST], bars: [], notes: [] });
  const told = { benchmark: 'tracking', proves: true, environment: { cores: 2 }, elapsedSeconds: 7.4 };

  it('is one object that JSON carries unchanged', () => {
    const found = report({ ...told, rows: [held, information] });
    expect(JSON.parse(JSON.stringify(found))).toEqual({
      benchmark: 'tracking',
      proves: true,
      environment: { cores: 2 },
      elapsedSeconds: 7.4,
      holds: true,
      rows: [
        {
          name: 'writing',
          title: 'writing points, points/s',
          work: 'Both write.',
          figures: [{ name: 'ours', unit: 'points/s', raw: [900, 1100, 1000], median: 1000 }],
          bars: [{ asks: 'at least 1 points/s', found: 1000, unit: 'points/s', holds: true }],
          notes: [],
          holds: true,
        },
        expect.objectContaining({ holds: null }),
      ],
    });
  });

  it('falls short with any one row', () => {
    expect(report({ ...told, rows: [held, failedRow(SUBJECT, 'no time')] }).holds).toBe(false);
  });

  it('does not hold over no rows', () => {
    expect(report({ ...told, rows: [] }).holds).toBe(false);
  });

  it('counts for people what holds, names what does not, and says where nothing is proved', () => {
    expect(summaryText(report({ ...told, rows: [held, information] }))).toBe('1 of 1 rows hold, in 7 s.');
    const text = summaryText(report({ ...told, proves: false, rows: [held, failedRow({ ...SUBJECT, name: 'finding' }, 'no time')] }));
    expect(text).toContain('FAILED  1 of 2 rows hold');
    expect(text).toContain('Short of the bar: finding.');
    expect(text).toContain('prove anything');
  });
});
