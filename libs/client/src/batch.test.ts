// Goal: requests hold what the server takes, and every record once and in order. Method: generated journals.

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parcelsOf } from './batch.ts';
import { LIMITS } from './checks.ts';
import type { Entry, JournalRecord } from './journal.ts';

const pairs = (limit: number) => fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1, maxLength: limit });
const record: fc.Arbitrary<JournalRecord | null> = fc.oneof(
  fc.integer({ min: 1, max: LIMITS.batchMetrics }).map((count): JournalRecord => ({
    type: 'metrics',
    points: Array.from({ length: count }, (_, index) => ['m', index, index, 0] as const),
  })),
  pairs(LIMITS.batchParams).map((some): JournalRecord => ({ type: 'params', pairs: some })),
  pairs(LIMITS.batchTags).map((some): JournalRecord => ({ type: 'tags', pairs: some })),
  fc.string().map((name): JournalRecord => ({ type: 'name', name })),
  fc.constant(null),
);
const journal = fc.array(record, { maxLength: 30 }).map((records) => records.map((one, index): Entry => ({ record: one, end: index + 1 })));

it('sends every record once and in order', () => {
  fc.assert(
    fc.property(journal, (entries) => {
      const sent = parcelsOf(entries).flatMap((parcel) =>
        parcel.kind === 'batch' ? parcel.records : parcel.kind === 'single' ? [parcel.record] : [null],
      );
      expect(sent).toEqual(entries.map((entry) => entry.record));
    }),
  );
});

it('puts no more into a request than the server takes, nor leaves out what fits', () => {
  fc.assert(
    fc.property(journal, (entries) => {
      const parcels = parcelsOf(entries);
      for (const parcel of parcels) {
        if (parcel.kind !== 'batch') continue;
        const [metrics, params, tags] = [parcel.metrics.length, parcel.params.length, parcel.tags.length];
        expect(Math.max(metrics, params * 10, tags * 10, metrics + params + tags)).toBeLessThanOrEqual(LIMITS.batchTotal);
      }
      expect(parcels.map(({ end }) => end)).toEqual([...new Set(parcels.map(({ end }) => end))].sort((a, b) => a - b));
      expect(parcels.at(-1)?.end ?? 0).toBe(entries.length);
    }),
  );
});

it('fills one request with many small records', () => {
  const entries = Array.from({ length: 900 }, (_, index): Entry => ({
    record: { type: 'metrics', points: [['m', index, index, 0]] },
    end: index + 1,
  }));
  expect(parcelsOf(entries)).toHaveLength(1);
});
