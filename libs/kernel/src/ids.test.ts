import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { idOf, isUuid, newId, NODE_KINDS, nodeId, parseNodeId } from './ids.ts';

describe('an id', () => {
  it('is a UUIDv7', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by the millisecond in which it was made', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.integer({ min: 1, max: 2 ** 31 }), (atMs, laterMs) => {
        expect(newId(atMs) < newId(atMs + laterMs)).toBe(true);
      }),
    );
  });

  it('is never given twice', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a node id', () => {
  it('carries its kind there and back', () => {
    for (const kind of NODE_KINDS) {
      const id = newId();
      expect(parseNodeId(nodeId(kind, id))).toEqual({ kind, id });
      expect(idOf(kind, nodeId(kind, id))).toBe(id);
    }
  });

  it('of another kind is refused', () => {
    expect(() => idOf('run', nodeId('dataset', newId()))).toThrow('is not the id of a run');
  });

  it.each(['', 'run', 'run_', 'run_123', '_', 'nothing_00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000'])(
    'is not %j',
    (text) => {
      expect(parseNodeId(text)).toBeNull();
    },
  );

  it('is read from any text without a defect', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseNodeId(text);
        if (parsed !== null) expect(isUuid(parsed.id)).toBe(true);
      }),
    );
  });
});
