import { expect, it } from 'vitest';

import { curvesOf, isBetterLow } from './metrics.ts';

it('puts curves of the model before the machine’s own, and leaves single values out', () => {
  const metric = (key: string, step: string, max: number) => ({ key, step, min: 0, max });
  const keys = curvesOf([metric('system/cpu', '9', 1), metric('f1', '0', 0), metric('loss', '9', 1), metric('twice', '0', 2)]).map(
    ({ key }) => key,
  );
  expect(keys).toEqual(['loss', 'twice', 'system/cpu']);
});

it('knows losses and errors by their names', () => {
  expect(['val_loss', 'rmse', 'test_error', 'accuracy', 'f1_score'].map(isBetterLow)).toEqual([true, true, true, false, false]);
});
