import { expect, it } from 'vitest';

import { curvesOf, drawableOf, isBetterLow } from './metrics.ts';

const metric = (key: string, step: string, max: number) => ({ key, step, min: 0, max });
const METRICS = [metric('system/cpu', '9', 1), metric('f1', '300', 0), metric('once', '0', 0), metric('loss', '9', 1)];

it('puts curves of the model before the machine’s own, and leaves out what never changed', () => {
  expect(curvesOf(METRICS).map(({ key }) => key)).toEqual(['loss', 'system/cpu']);
});

it('draws what never changed last, where it was logged beyond the first step', () => {
  expect(drawableOf(METRICS).map(({ key }) => key)).toEqual(['loss', 'system/cpu', 'f1']);
});

it('knows losses and errors by their names', () => {
  expect(['val_loss', 'rmse', 'test_error', 'accuracy', 'f1_score'].map(isBetterLow)).toEqual([true, true, true, false, false]);
});
