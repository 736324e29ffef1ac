// Goal: each node of a list is told of exactly the withdrawn data that it stands on, for the price of one walk.
// Method: generated graphs against a reference that follows each node alone, and a list of runs whose questions are counted.

import type { Caller, DomainEdge, NodeRef } from '@throughline/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { edge, facts, node, portOver } from './testing.ts';
import { keyOf, MAX_LIMITS } from './walk.ts';
import { withdrawnBehind } from './withdrawn.ts';

const CALLER: Caller = { workspaceId: 'w', principalId: 'p', name: 'ada', scope: 'READ', runId: null };
const CALL = { caller: CALLER };

const data = (number: number) => node('datasetVersion', number);
const run = (number: number) => node('run', number);
const labelsOf = (found: ReadonlyMap<string, { label: string }[]>, of: NodeRef) => found.get(keyOf(of))?.map(({ label }) => label);

function standsOn(edges: readonly DomainEdge[], from: NodeRef): Set<string> {
  const reached = new Set([keyOf(from)]);
  for (const key of reached) {
    for (const one of edges) if (one.relation !== 'part of' && keyOf(one.from) === key) reached.add(keyOf(one.to));
  }
  return reached;
}

describe('withdrawnBehind', () => {
  it('tells each of many nodes of what it stands on, and of nothing else', async () => {
    const nodes = [0, 1, 2, 3].flatMap((number) => [run(number), data(number)]);
    const graphs = fc.record({
      withdrawn: fc.subarray([0, 1, 2, 3]),
      edges: fc
        .array(fc.tuple(fc.nat(7), fc.nat(7), fc.constantFrom('read' as const, 'part of' as const)), { maxLength: 20 })
        .map((steps) => steps.map(([from, to, relation]) => edge(nodes[from] ?? run(0), nodes[to] ?? run(0), relation))),
    });
    await fc.assert(
      fc.asyncProperty(graphs, async ({ withdrawn, edges }) => {
        const isWithdrawn = (one: NodeRef) => withdrawn.some((number) => keyOf(one) === keyOf(data(number)));
        const port = portOver({ nodes: nodes.map((one) => facts(one, isWithdrawn(one) ? { retraction: 'swapped' } : {})), edges });
        const found = await withdrawnBehind([port], CALL, nodes);
        for (const one of nodes) {
          const behind = standsOn(edges, one);
          const expected = nodes.filter((other) => behind.has(keyOf(other)) && isWithdrawn(other)).map(keyOf);
          expect(new Set(found.get(keyOf(one))?.map(({ version }) => keyOf(version)))).toEqual(new Set(expected));
        }
      }),
    );
  });

  it('names the nearest first, with the reason', async () => {
    const port = portOver({
      nodes: [facts(run(1)), facts(data(2), { retraction: 'reason 2' }), facts(data(3), { retraction: 'reason 3' })],
      edges: [edge(run(1), data(3), 'read'), edge(data(3), data(2), 'derived from')],
    });
    expect((await withdrawnBehind([port], CALL, [run(1)])).get(keyOf(run(1)))).toEqual([
      { version: data(3), label: 'data:penguins@3', reason: 'reason 3' },
      { version: data(2), label: 'data:penguins@2', reason: 'reason 2' },
    ]);
  });

  it('asks as often for a hundred runs as for one', async () => {
    const runs = Array.from({ length: 100 }, (_, number) => run(number + 10));
    const graph = {
      nodes: [...runs.map((one) => facts(one)), facts(data(1), { retraction: 'swapped' }), facts(data(2))],
      edges: [...runs.map((one) => edge(one, data(2), 'read')), edge(data(2), data(1), 'derived from')],
    };
    const [one, many] = [portOver(graph), portOver(graph)];
    await withdrawnBehind([one], CALL, runs.slice(0, 1));
    const found = await withdrawnBehind([many], CALL, runs);
    expect(many.asked).toHaveLength(one.asked.length);
    expect(runs.every((each) => found.get(keyOf(each))?.length === 1)).toBe(true);
  });

  it('says nothing of what it could not look at to the end, but tells what it found', async () => {
    const graph = {
      nodes: [facts(run(1)), facts(run(2)), facts(data(1), { retraction: 'swapped' }), facts(data(2)), facts(data(3))],
      edges: [edge(run(1), data(1), 'read'), edge(run(2), data(2), 'read'), edge(data(2), data(3), 'derived from')],
    };
    const found = await withdrawnBehind([portOver(graph)], CALL, [run(1), run(2)], { ...MAX_LIMITS, nodes: 4 });
    expect(labelsOf(found, run(1))).toEqual(['data:penguins@1']);
    expect(found.has(keyOf(run(2)))).toBe(false);
  });

  it('tells of 20 at most', async () => {
    const versions = Array.from({ length: 30 }, (_, number) => data(number + 1));
    const port = portOver({
      nodes: [facts(run(1)), ...versions.map((one) => facts(one, { retraction: 'swapped' }))],
      edges: versions.map((one) => edge(run(1), one, 'read')),
    });
    expect((await withdrawnBehind([port], CALL, [run(1)])).get(keyOf(run(1)))).toHaveLength(20);
  });
});
