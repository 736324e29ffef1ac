// Goal: what is packed comes back, and what stands beside it (cells, plans of rewrites) says what the points say.
// Method: generated points, the same done plainly over lists.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { MetricPoint } from '../types.ts';
import { packBatch, readBatches } from './batch.ts';
import { cellAt, cellBytes, cellsFrom, cellsOfCells, cellsOfPoints } from './cells.ts';
import { MAX_CHUNK_POINTS, packChunk, unpackChunk } from './chunk.ts';
import { columnsOf, compareByStep, pointAt, sortDistinct, storedValue } from './points.ts';
import type { Columns } from './points.ts';
import { cut, planRewrites, rewritten } from './rewrite.ts';
import type { Held } from './rewrite.ts';

const point = fc.record({
  step: fc.oneof(fc.integer({ min: -3, max: 30 }), fc.maxSafeInteger()),
  timestampMs: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
  value: fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
});

const stored = ({ step, timestampMs, value }: MetricPoint): MetricPoint => ({ step, timestampMs, value: storedValue(value) });
const listOf = (columns: Columns): MetricPoint[] => Array.from({ length: columns.length }, (_, index) => pointAt(columns, index));
const ordered = (points: readonly MetricPoint[]): Columns => sortDistinct(columnsOf(points.map(stored)));

describe('a batch', () => {
  it('gives back the points of each key, in the order in which they came', () => {
    const metric = fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), point).map(([key, one]) => ({ key, ...one }));
    fc.assert(
      fc.property(fc.array(metric, { minLength: 1 }), (metrics) => {
        const { bytes, pointCount, keyCount } = packBatch(metrics);
        const [batch] = [...readBatches([bytes])];
        let from = 0;
        const read = batch?.keys.flatMap((key, index) => {
          const count = batch.counts[index] ?? 0;
          from += count;
          return listOf(batch.columns)
            .slice(from - count, from)
            .map((one) => ({ key, ...one }));
        });
        const groups = [...Map.groupBy(metrics, ({ key }) => key)];
        expect(read).toEqual(groups.flatMap(([key, ofKey]) => ofKey.map((one) => ({ key, ...stored(one) }))));
        expect([pointCount, keyCount]).toEqual([metrics.length, groups.length]);
      }),
    );
  });

  it('is read with its own keys behind one with others', () => {
    const packed = (key: string) => packBatch([{ key, step: 1, timestampMs: 1, value: 1 }]).bytes;
    expect([...readBatches([packed('a'), packed('a'), packed('b')])].map(({ keys }) => keys)).toEqual([['a'], ['a'], ['b']]);
  });

  it('is refused in a layout that is not known, and where it was cut', () => {
    const { bytes } = packBatch([{ key: 'a', step: 1, timestampMs: 1, value: 1 }]);
    expect(() => [...readBatches([Buffer.from([9])])]).toThrow('layout 9');
    expect(() => [...readBatches([bytes.subarray(0, bytes.length - 1)])]).toThrow('too early');
  });
});

describe('a chunk', () => {
  it('gives back its points', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 300 }), (points) => {
        const columns = ordered(points);
        expect(listOf(unpackChunk(packChunk(columns).points))).toEqual(listOf(columns));
      }),
    );
  });

  it('takes about ten bytes a point of a metric that counts its steps', () => {
    const points = Array.from({ length: MAX_CHUNK_POINTS }, (_, step) => ({
      step,
      timestampMs: 1.7e12 + step * 50,
      value: Math.sin(step),
    }));
    expect(packChunk(columnsOf(points)).points.length).toBeLessThan(10.1 * MAX_CHUNK_POINTS);
  });
});

describe('cells', () => {
  it('hold the first, the last and the extremes of their stretches, however they were folded', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
        const columns = ordered(points);
        const all = listOf(columns);
        const folded = cellAt(cellsFrom(cellBytes(cellsOfCells(cellsOfPoints(columns, 7), 100))), 0);
        expect(folded).toEqual(cellAt(cellsOfPoints(columns, 1000), 0));
        const numbers = all.map(({ value }) => value).filter((value) => !Number.isNaN(value));
        expect(folded).toMatchObject({ count: all.length, first: all[0], last: all.at(-1) });
        expect(folded.min.value).toBe(numbers.length === 0 ? Number.NaN : Math.min(...numbers));
        expect(folded.max.value).toBe(numbers.length === 0 ? Number.NaN : Math.max(...numbers));
        expect(all).toContainEqual(folded.min);
        expect(all).toContainEqual(folded.max);
      }),
    );
  });
});

interface Block extends Held {
  points: Columns;
}

function block(points: Columns): Block {
  return { points, pointCount: points.length, first: pointAt(points, 0), last: pointAt(points, points.length - 1) };
}

/** Settles points among blocks, as the engine does among chunks; answers the blocks then, and how many points were written. */
function settled(blocks: readonly Block[], fresh: Columns): { blocks: Block[]; written: number } {
  let kept = [...blocks];
  let written = 0;
  for (const plan of planRewrites(blocks, fresh)) {
    const points = rewritten(
      plan,
      plan.chunks.map((one) => one.points),
    );
    if (points === null) continue;
    written += points.length;
    kept = [...kept.filter((one) => !plan.chunks.includes(one)), ...cut(points, plan.isTail).map(block)];
  }
  return { blocks: kept.sort((a, b) => compareByStep(a.first, b.first)), written };
}

describe('rewriting', () => {
  it('keeps every point once, in blocks that do not overlap and are not too large', () => {
    const wide = fc.array(point, { minLength: 1, maxLength: 40 });
    // Many at once, so that blocks are cut too.
    const many = fc
      .tuple(fc.nat(30), fc.integer({ min: 1, max: 9_000 }))
      .map(([from, count]) =>
        Array.from({ length: count }, (_, index) => ({ step: from + (index % 5_000), timestampMs: index, value: 1 })),
      );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: wide }, many), { maxLength: 8 }), (batches) => {
        const { blocks } = batches.reduce((before, points) => settled(before.blocks, ordered(points)), {
          blocks: [] as Block[],
          written: 0,
        });
        expect(blocks.flatMap(({ points }) => listOf(points))).toEqual(listOf(ordered(batches.flat())));
        expect(Math.max(0, ...blocks.map(({ pointCount }) => pointCount))).toBeLessThanOrEqual(MAX_CHUNK_POINTS);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    { order: 'upward', stepOf: (index: number) => index },
    { order: 'downward', stepOf: (index: number) => -index },
  ])('writes a point few times over where a metric grows by one at a time, $order', ({ stepOf }) => {
    let blocks: Block[] = [];
    let written = 0;
    const count = 6_000;
    for (let index = 0; index < count; index += 1) {
      const one = settled(blocks, columnsOf([{ step: stepOf(index), timestampMs: 0, value: 1 }]));
      ({ blocks } = one);
      written += one.written;
    }
    expect(written / count).toBeLessThan(25);
    expect(blocks.length).toBeLessThan(20);
  });

  it('writes at most two blocks over where points come between others one at a time', () => {
    let blocks: Block[] = [];
    for (let index = 0; index < 6_000; index += 1) {
      const one = settled(blocks, columnsOf([{ step: index + (index % 2) * 1e6, timestampMs: 0, value: 1 }]));
      ({ blocks } = one);
      expect(one.written).toBeLessThanOrEqual(2 * MAX_CHUNK_POINTS);
    }
    expect(blocks.length).toBeLessThan(20);
  });

  it('fills blocks where a metric grows at its end', () => {
    let blocks: Block[] = [];
    for (let batch = 0; batch < 100; batch += 1) {
      const points = Array.from({ length: 1_000 }, (_, index) => ({ step: batch * 1_000 + index, timestampMs: 0, value: 1 }));
      ({ blocks } = settled(blocks, columnsOf(points)));
    }
    expect(blocks.length).toBeLessThanOrEqual(Math.ceil(100_000 / MAX_CHUNK_POINTS) + 3);
  });

  it('touches no full block but the one that points fall into', () => {
    const blocks = Array.from({ length: 20 }, (_, number) =>
      block(columnsOf(Array.from({ length: 3_000 }, (_, index) => ({ step: (number * 3_000 + index) * 2, timestampMs: 0, value: 1 })))),
    );
    expect(settled(blocks, columnsOf([{ step: 30_001, timestampMs: 0, value: 1 }])).written).toBe(3_001);
  });

  it('writes nothing where every point is there', () => {
    const blocks = [block(columnsOf([1, 2, 3].map((step) => ({ step, timestampMs: 0, value: 1 }))))];
    expect(settled(blocks, columnsOf([{ step: 2, timestampMs: 0, value: 1 }])).written).toBe(0);
  });
});
