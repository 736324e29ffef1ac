// Goal: a walk finds exactly what can be reached, in one order, in as many rounds as the graph is deep, whatever shape it has.
// Method: generated graphs, circles included, against a reference that follows one edge at a time.

import type { Caller, DomainEdge } from '@throughline/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { edge, facts, node, portOver } from './testing.ts';
import { isCyclic, keyOf, MAX_LIMITS, walk } from './walk.ts';

const CALLER: Caller = { workspaceId: 'w', principalId: 'p', name: 'ada', scope: 'READ', runId: null };

/** Graphs of up to 8 nodes with any edges between them. */
const graphs = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 24 }).map((pairs) => ({
  nodes: Array.from({ length: 8 }, (_, index) => facts(node('run', index))),
  edges: pairs.map(([from, to]) => edge(node('run', from), node('run', to), 'part of')),
}));

function reachable(edges: readonly DomainEdge[], root: string): Set<string> {
  const found = new Set<string>();
  const follow = (key: string) => {
    if (found.has(key)) return;
    found.add(key);
    for (const one of edges) if (keyOf(one.from) === key) follow(keyOf(one.to));
  };
  follow(root);
  return found;
}

const ROOT = node('run', 0);
const UP = { roots: [ROOT], direction: 'UPSTREAM' as const, limits: MAX_LIMITS };

describe('walk', () => {
  it('finds what can be reached and every edge between, and asks about no node twice', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const port = portOver(graph);
        const found = await walk([port], CALLER, UP);
        const expected = reachable(graph.edges, keyOf(ROOT));
        expect(new Set(found.nodes.map(keyOf))).toEqual(expected);
        const between = graph.edges.filter((one) => expected.has(keyOf(one.from))).map((one) => `${keyOf(one.from)} ${keyOf(one.to)}`);
        expect(new Set(found.edges.map((one) => `${keyOf(one.from)} ${keyOf(one.to)}`))).toEqual(new Set(between));
        expect(found.truncated).toBe(false);
        const asked = port.asked.flat();
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  it('answers in one order, however the ports order and share their answers', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const halves = [0, 1].map((half) => portOver({ nodes: graph.nodes, edges: graph.edges.filter((_, index) => index % 2 === half) }));
        const reversed = portOver(graph, (items) => items.toReversed());
        expect(await walk(halves, CALLER, UP)).toEqual(await walk([reversed], CALLER, UP));
      }),
    );
  });

  it('walks downstream as it walks upstream in the graph turned round', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const turned = { ...graph, edges: graph.edges.map((one) => ({ ...one, from: one.to, to: one.from })) };
        const down = await walk([portOver(turned)], CALLER, { ...UP, direction: 'DOWNSTREAM' });
        const up = await walk([portOver(graph)], CALLER, UP);
        expect(new Set(down.nodes.map(keyOf))).toEqual(new Set(up.nodes.map(keyOf)));
      }),
    );
  });

  it('never goes over a limit, and says so whenever it leaves something out', async () => {
    const limits = fc.record({
      depth: fc.integer({ min: 1, max: 5 }),
      nodes: fc.integer({ min: 1, max: 9 }),
      edges: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(graphs, limits, async (graph, limit) => {
        const whole = await walk([portOver(graph)], CALLER, UP);
        const cut = await walk([portOver(graph)], CALLER, { ...UP, limits: limit });
        expect(cut.nodes.length).toBeLessThanOrEqual(limit.nodes);
        expect(cut.edges.length).toBeLessThanOrEqual(limit.edges);
        const known = new Set(cut.nodes.map(keyOf));
        expect(cut.edges.every((one) => known.has(keyOf(one.from)) && known.has(keyOf(one.to)))).toBe(true);
        if (!cut.truncated) expect(cut).toEqual(whole);
      }),
    );
  });

  it('asks once a level: a chain of five takes five rounds, a fan of a thousand two', async () => {
    const chain = portOver({ nodes: [], edges: [0, 1, 2, 3].map((n) => edge(node('run', n), node('run', n + 1), 'part of')) });
    await walk([chain], CALLER, UP);
    expect(chain.asked).toHaveLength(5);
    const fan = portOver({ nodes: [], edges: Array.from({ length: 1000 }, (_, n) => edge(ROOT, node('run', n + 1), 'part of')) });
    expect((await walk([fan], CALLER, UP)).nodes).toHaveLength(1001);
    expect(fan.asked).toHaveLength(2);
  });

  it('keeps the stronger where two domains tell the same edge', async () => {
    const [from, to] = [ROOT, node('run', 1)];
    const ports = [edge(from, to, 'read', 'MATCHED'), edge(from, to, 'read', 'ASSERTED')].map((one) =>
      portOver({ nodes: [], edges: [one] }),
    );
    expect((await walk(ports, CALLER, UP)).edges.map((one) => one.evidence)).toEqual(['MATCHED']);
  });
});

describe('isCyclic', () => {
  it('is true where, and only where, some node can be reached from itself', () => {
    fc.assert(
      fc.property(graphs, ({ edges }) => {
        const expected = edges.some((one) => reachable(edges, keyOf(one.to)).has(keyOf(one.from)));
        expect(isCyclic(edges.map((one) => ({ from: keyOf(one.from), to: keyOf(one.to) })))).toBe(expected);
      }),
    );
  });
});
