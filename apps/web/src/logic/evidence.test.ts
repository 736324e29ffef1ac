import { expect, it } from 'vitest';

import type { Evidence } from './evidence.ts';
import { evidenceBetween } from './evidence.ts';

const step = (from: string, to: string, evidence: Evidence) => ({ from, to, evidence });

it('is as strong as the weakest step on the way', () => {
  expect(evidenceBetween([step('version', 'logged', 'MATCHED'), step('logged', 'run', 'OBSERVED')], 'version', 'run')).toBe('OBSERVED');
});

it('counts the strongest of several ways', () => {
  const steps = [step('version', 'run', 'ASSERTED'), step('version', 'logged', 'MATCHED'), step('logged', 'run', 'MATCHED')];
  expect(evidenceBetween(steps, 'version', 'run')).toBe('MATCHED');
});

it('follows steps upstream only, and ends in a circle', () => {
  const steps = [step('a', 'b', 'MATCHED'), step('b', 'a', 'MATCHED')];
  expect([evidenceBetween(steps, 'a', 'c'), evidenceBetween([step('a', 'b', 'MATCHED')], 'b', 'a')]).toEqual([null, null]);
});
