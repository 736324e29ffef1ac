import fc from 'fast-check';
import { expect, it } from 'vitest';

import { assignSlots, SERIES_COUNT, slotOf } from './colours.ts';

it('gives every run a slot of the palette', () => {
  fc.assert(
    fc.property(fc.string(), (runId) => {
      const slot = slotOf(runId);
      expect(slot >= 1 && slot <= SERIES_COUNT).toBe(true);
    }),
  );
});

it('gives the runs of one chart different colours, whatever their order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: SERIES_COUNT }), (runIds) => {
      const slots = assignSlots(runIds);
      expect(new Set(slots.values()).size).toBe(runIds.length);
      expect([...assignSlots(runIds.toReversed())].sort()).toEqual([...slots].sort());
    }),
  );
});

it('leaves a run alone its own colour', () => {
  expect(assignSlots(['7f3a']).get('7f3a')).toBe(slotOf('7f3a'));
});
