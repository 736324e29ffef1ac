import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { NODE_HEIGHT, NODE_WIDTH, pathThrough, placeGraph } from './graph-layout.ts';

const graphs = fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { minLength: 1, maxLength: 15 }).chain((ids) =>
  fc.record({
    nodes: fc.constant(ids.map((id) => ({ id }))),
    edges: fc.array(fc.record({ from: fc.constantFrom(...ids, 'unknown'), to: fc.constantFrom(...ids) }), { maxLength: 25 }),
  }),
);

describe('the layout of a graph', () => {
  it('stands data left of what was made from it', () => {
    const placed = placeGraph(
      [{ id: 'deployment' }, { id: 'run' }, { id: 'data' }],
      [
        { from: 'deployment', to: 'run' },
        { from: 'run', to: 'data' },
      ],
    );
    const x = (id: string) => placed.nodes.find((node) => node.id === id)?.x ?? Number.NaN;
    expect(x('data')).toBeLessThan(x('run'));
    expect(x('run')).toBeLessThan(x('deployment'));
  });

  it('keeps nodes from overlapping and inside the picture, with circles and unknown ends too', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const placed = placeGraph(nodes, edges);
        for (const [index, a] of placed.nodes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + NODE_WIDTH <= placed.width + 1 && a.y + NODE_HEIGHT <= placed.height + 1).toBe(true);
          for (const b of placed.nodes.slice(index + 1)) {
            expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

it('draws nothing for an edge without points', () => {
  expect(pathThrough([])).toBe('');
});
