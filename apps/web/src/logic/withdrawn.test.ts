import { expect, it } from 'vitest';

import { withdrawnData } from './withdrawn.ts';

const version = (name: string, number: number, reason: string | null = null) => ({
  number,
  dataset: { name },
  retraction: reason === null ? null : { reason },
});

it('tells what a run read that was withdrawn, and what that was made from, each once', () => {
  const raw = version('raw', 1, 'swapped');
  expect(
    withdrawnData([
      { datasetVersion: { ...version('clean', 2), derivedFrom: [raw] } },
      { datasetVersion: { ...raw, derivedFrom: [] } },
      { datasetVersion: { ...version('holdout', 7, 'leaked'), derivedFrom: [version('raw', 2)] } },
      { datasetVersion: null },
    ]),
  ).toEqual(['raw@1: swapped', 'holdout@7: leaked']);
});

it('tells nothing of a run that names no data', () => {
  expect(withdrawnData([])).toEqual([]);
});
