import { describe, expect, it } from 'vitest';

import type { Candidate } from './candidate.ts';
import { RECIPES } from './candidate.ts';
import type { Release } from './release.ts';
import { better, reasonFor } from './release.ts';

function release(version: number, holdout: Candidate['holdout']): Release {
  const [recipe] = RECIPES;
  if (recipe === undefined) throw new Error('There is a recipe.');
  return {
    candidate: { recipe, runRef: `run:${version}`, loggedModelId: `${version}`, digest: `${version}`, holdout, difference: 0 },
    version: { id: `${version}`, ref: `model:penguins/${version}`, version, digest: `${version}`, aliases: [] },
    isNew: true,
  };
}

describe('choosing a champion', () => {
  it('takes the more accurate, even where its loss is larger', () => {
    const releases = [release(1, { accuracy: 0.95, loss: 0.01, count: 20 }), release(2, { accuracy: 1, loss: 0.2, count: 20 })];
    expect(better(releases).version.version).toBe(2);
  });

  it('takes the smaller loss where both are as accurate', () => {
    const releases = [release(1, { accuracy: 1, loss: 0.01, count: 20 }), release(2, { accuracy: 1, loss: 0.2, count: 20 })];
    expect(better(releases).version.version).toBe(1);
  });

  it('says why in numbers', () => {
    const [first, second] = [release(1, { accuracy: 0.95, loss: 0.0312, count: 20 }), release(2, { accuracy: 1, loss: 0.2, count: 20 })];
    expect(reasonFor(second, [first, second])).toBe(
      'On the penguins that were held out: 20 of 20 right, log-loss 0.2000, against 19 of 20 right, log-loss 0.0312 for model:penguins/1.',
    );
  });
});
