import { describe, expect, it } from 'vitest';

import { BatchBodies, keyName, pointOf } from './points.ts';

describe('the points that are logged', () => {
  it('are the same whenever they are made', () => {
    expect(pointOf(3, 12)).toEqual(pointOf(3, 12));
    expect(pointOf(3, 12).value).not.toBe(pointOf(4, 12).value);
  });

  it('come in batches that carry a run’s steps on, each point once', () => {
    const bodies = new BatchBodies({ keys: 2, steps: 3 });
    const metrics = [0, 1].flatMap((turn) => {
      const body = JSON.parse(bodies.body('abc', turn).toString('utf8')) as { run_id: string; metrics: { key: string; step: number }[] };
      expect(body.run_id).toBe('abc');
      return body.metrics;
    });
    const expected = [0, 1, 2, 3, 4, 5].flatMap((step) => [0, 1].map((key) => ({ key: keyName(key), ...pointOf(key, step) })));
    expect(metrics).toEqual(expected);
  });
});
