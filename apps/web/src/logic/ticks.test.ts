import { expect, it } from 'vitest';

import { axisLabel, axisReading, numberTicks } from './ticks.ts';

it('numbers of one axis have as many decimals', () => {
  expect([numberTicks([0, 0.5, 1]), numberTicks([0, 2e6])]).toEqual([
    ['0.0', '0.5', '1.0'],
    ['0', '2.0e6'],
  ]);
});

it('steps are whole', () => {
  expect([axisLabel('step', 2, 1), axisLabel('step', 2.5, 0.5), axisReading('step', 12_000)]).toEqual(['2', '', 'step 12,000']);
});

it('the time since the beginning is told in its units', () => {
  expect([axisLabel('relative', 0, 60_000), axisLabel('relative', 90_000, 30_000), axisLabel('relative', -2_000, 1_000)]).toEqual([
    '0',
    '1 min 30 s',
    '−2.0 s',
  ]);
});

it('the time of day is as fine as its labels are close', () => {
  const at = new Date(2026, 10, 23, 9, 5, 7, 250).getTime();
  expect([
    axisLabel('time', at, 3_600_000),
    axisLabel('time', at, 5_000),
    axisLabel('time', at, 100),
    axisLabel('time', at, 2 * 86_400_000),
  ]).toEqual(['09:05', '09:05:07', '09:05:07.250', 'Nov 23']);
});
