// Goal: "verified" means what the documentation says, and no loss of any kind can ever bring it about.
// Method: the story's own graph with one thing changed at a time; then generated graphs, whose verdict is compared with a definition by
// closure over all pairs, and which are weakened at random.

import type { Evidence, GraphNodeKind, Integrity } from '@throughline/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isVerified, prove } from './proof.ts';
import type { ProofEdge, ProofGraph, ProofNode } from './proof.ts';

function proofNode(key: string, kind: GraphNodeKind, more: Partial<ProofNode> = {}): ProofNode {
  return { key, kind, ref: key, isRetracted: false, lacks: [], ...more };
}

function step(from: string, to: string, relation: ProofEdge['relation'], evidence: Evidence = 'MATCHED'): ProofEdge {
  return { from, to, relation, evidence, context: null };
}

/** deployment -> model version -> logged model -> run -> data, the run being part of another. */
function story(change: { nodes?: ProofNode[]; edges?: ProofEdge[]; truncated?: boolean } = {}): ProofGraph {
  const changed = new Set((change.nodes ?? []).map((node) => node.key));
  const changedEdges = new Set((change.edges ?? []).map((edge) => `${edge.from} ${edge.to}`));
  return {
    root: 'deployment',
    nodes: [
      ...[
        proofNode('deployment', 'deployment'),
        proofNode('version', 'modelVersion'),
        proofNode('logged', 'loggedModel'),
        proofNode('run', 'run'),
        proofNode('parent', 'run', { lacks: ['inputs'] }),
        proofNode('data', 'datasetVersion'),
      ].filter((node) => !changed.has(node.key)),
      ...(change.nodes ?? []),
    ],
    edges: [
      ...[
        step('deployment', 'version', 'deployed'),
        step('version', 'logged', 'registered from'),
        step('logged', 'run', 'produced by', 'OBSERVED'),
        step('run', 'data', 'read', 'OBSERVED'),
        step('run', 'parent', 'part of', 'ASSERTED'),
      ].filter((edge) => !changedEdges.has(`${edge.from} ${edge.to}`)),
      ...(change.edges ?? []),
    ],
    truncated: change.truncated ?? false,
  };
}

describe('a proof', () => {
  it('holds where every step to data is observed or matched, whatever the run is part of', () => {
    const proof = prove(story());
    expect(proof.isProven).toBe(true);
    expect(proof.gaps).toEqual([]);
    expect(proof.provenance).not.toContain('parent');
  });

  it('names the weakest step, of equals the one that is nearest to data', () => {
    expect(prove(story()).weakest).toMatchObject({ from: 'run', to: 'data' });
    const asserted = step('logged', 'run', 'produced by', 'ASSERTED');
    expect(prove(story({ edges: [asserted] })).weakest).toEqual(asserted);
  });

  it('settles two equally weak and equally near steps by name', () => {
    const other = story({ nodes: [proofNode('a data', 'datasetVersion')], edges: [step('run', 'a data', 'read', 'OBSERVED')] });
    expect(prove(other).weakest).toMatchObject({ to: 'a data' });
    expect(prove({ ...other, edges: other.edges.toReversed() }).weakest).toMatchObject({ to: 'a data' });
  });

  it('has no weakest step where nothing leads to data', () => {
    const without = story();
    const proof = prove({ ...without, nodes: without.nodes.filter((node) => node.key !== 'data') });
    expect([proof.weakest, proof.reachesData, proof.isProven]).toEqual([null, false, false]);
  });

  it.each<[string, Parameters<typeof story>[0], string[]]>([
    ['an asserted step', { edges: [step('run', 'data', 'read', 'ASSERTED')] }, []],
    [
      'an asserted derivation behind the data',
      { nodes: [proofNode('raw', 'datasetVersion')], edges: [step('data', 'raw', 'derived from', 'ASSERTED')] },
      [],
    ],
    ['data that was withdrawn', { nodes: [proofNode('data', 'datasetVersion', { isRetracted: true })] }, ['RETRACTED_DATA']],
    [
      'withdrawn data behind the data',
      { nodes: [proofNode('raw', 'datasetVersion', { isRetracted: true })], edges: [step('data', 'raw', 'derived from')] },
      ['RETRACTED_DATA'],
    ],
    [
      'an input that nobody knows',
      { nodes: [proofNode('input', 'datasetInput')], edges: [step('run', 'input', 'read')] },
      ['UNRESOLVED_INPUT'],
    ],
    ['a run that names no data', { nodes: [proofNode('run', 'run', { lacks: ['inputs'] })] }, ['NO_INPUTS']],
    ['a version without a run', { nodes: [proofNode('version', 'modelVersion', { lacks: ['run'] })] }, ['NO_RUN']],
    ['a version without a digest', { nodes: [proofNode('version', 'modelVersion', { lacks: ['digest'] })] }, ['NO_DIGEST']],
    ['a graph that was cut short', { truncated: true }, []],
  ])('does not hold with %s', (_, change, gaps) => {
    const proof = prove(story(change));
    expect(proof.isProven).toBe(false);
    expect(proof.gaps.map((gap) => gap.kind)).toEqual(gaps);
  });

  it('lets the run that brought raw data into the world name no inputs', () => {
    const proof = prove(
      story({ nodes: [proofNode('ingest', 'run', { lacks: ['inputs'] })], edges: [step('data', 'ingest', 'produced by', 'ASSERTED')] }),
    );
    expect([proof.gaps, proof.isProven]).toEqual([[], true]);
  });

  it('takes an input that is a version for resolved', () => {
    const resolved = story({
      nodes: [proofNode('input', 'datasetInput')],
      edges: [step('run', 'input', 'read'), step('input', 'data', 'is', 'OBSERVED')],
    });
    expect(prove(resolved).gaps).toEqual([]);
  });

  it('is not enough where one byte is damaged or was never checked', () => {
    const proof = prove(story());
    expect(isVerified(proof, ['INTACT', 'INTACT'])).toBe(true);
    expect(isVerified(proof, ['INTACT', 'DAMAGED'])).toBe(false);
    expect(isVerified(proof, ['UNCHECKED'])).toBe(false);
  });

  it('ends in a graph that runs in a circle', () => {
    const circle = story({
      nodes: [proofNode('raw', 'datasetVersion')],
      edges: [step('data', 'raw', 'derived from'), step('raw', 'data', 'derived from')],
    });
    expect(prove(circle).isProven).toBe(true);
  });
});

interface World {
  graph: ProofGraph;
  bytes: Integrity[];
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const KINDS: readonly GraphNodeKind[] = ['deployment', 'modelVersion', 'run', 'run', 'datasetInput', 'datasetVersion', 'datasetVersion'];
const SIZE = KINDS.length;

/** Small graphs of every shape, most of whose parts are sound, so that verdicts of both kinds turn up. */
const worlds: fc.Arbitrary<World> = fc.record({
  graph: fc.record({
    root: fc.constant('0'),
    nodes: fc.tuple(
      ...KINDS.map((kind, index) =>
        fc.record({
          key: fc.constant(String(index)),
          kind: fc.constant(kind),
          ref: fc.constant(String(index)),
          isRetracted: mostly(false, true),
          lacks: mostly<ProofNode['lacks']>([], ['run'], ['inputs'], ['digest']),
        }),
      ),
    ),
    edges: fc.array(
      fc.record({
        from: fc.nat(SIZE - 1).map(String),
        to: fc.nat(SIZE - 1).map(String),
        relation: mostly<ProofEdge['relation']>('read', 'part of'),
        evidence: mostly<Evidence>('MATCHED', 'OBSERVED', 'ASSERTED'),
        context: fc.constant(null),
      }),
      { minLength: 3, maxLength: 12 },
    ),
    truncated: mostly(false, true),
  }),
  bytes: fc.array(mostly<Integrity>('INTACT', 'UNCHECKED', 'DAMAGED'), { maxLength: 3 }),
});

const verdict = ({ graph, bytes }: World) => isVerified(prove(graph), bytes);

/** The edges on ways to data, from which node reaches which over all pairs. */
function onWays({ root, nodes, edges }: ProofGraph): ProofEdge[] {
  const carrying = edges.filter((edge) => edge.relation !== 'part of');
  const reaches = new Set(nodes.map((node) => `${node.key} ${node.key}`));
  for (const edge of carrying) reaches.add(`${edge.from} ${edge.to}`);
  for (const via of nodes) {
    for (const from of nodes) {
      for (const to of nodes) {
        if (reaches.has(`${from.key} ${via.key}`) && reaches.has(`${via.key} ${to.key}`)) reaches.add(`${from.key} ${to.key}`);
      }
    }
  }
  const data = nodes.filter((node) => node.kind === 'datasetVersion');
  return carrying.filter((edge) => reaches.has(`${root} ${edge.from}`) && data.some((node) => reaches.has(`${edge.to} ${node.key}`)));
}

const STRENGTH: readonly Evidence[] = ['ASSERTED', 'OBSERVED', 'MATCHED'];

describe('the verdict', () => {
  it('names as weakest an edge on a way to data that none there is weaker than', () => {
    fc.assert(
      fc.property(worlds, ({ graph }) => {
        const ways = onWays(graph);
        const { weakest } = prove(graph);
        const least = Math.min(...ways.map((edge) => STRENGTH.indexOf(edge.evidence)));
        expect(weakest === null).toBe(ways.length === 0);
        if (weakest === null) return;
        expect(ways).toContain(weakest);
        expect(STRENGTH.indexOf(weakest.evidence)).toBe(least);
      }),
      { numRuns: 500 },
    );
  });

  it('is never brought about by a loss: weaker edges, damaged bytes, withdrawn data, more that is missing, a cut', () => {
    const loss = fc.record({
      edge: fc.nat(11),
      node: fc.nat(SIZE - 1),
      byte: fc.nat(2),
      kind: fc.constantFrom('weaken', 'damage', 'retract', 'lack', 'truncate'),
      lack: fc.constantFrom<'run' | 'inputs' | 'digest'>('run', 'inputs', 'digest'),
    });
    let verified = 0;
    fc.assert(
      fc.property(worlds, fc.array(loss, { minLength: 1, maxLength: 4 }), (world, losses) => {
        const worse = structuredClone(world);
        for (const { edge, node, byte, kind, lack } of losses) {
          const hurt = worse.graph.edges[edge];
          const poor = worse.graph.nodes[node];
          if (kind === 'weaken' && hurt !== undefined) hurt.evidence = STRENGTH[STRENGTH.indexOf(hurt.evidence) - 1] ?? 'ASSERTED';
          if (kind === 'damage' && byte < worse.bytes.length) worse.bytes[byte] = 'DAMAGED';
          if (kind === 'retract' && poor !== undefined) poor.isRetracted = true;
          if (kind === 'lack' && poor !== undefined) poor.lacks = [...poor.lacks, lack];
          if (kind === 'truncate') worse.graph.truncated = true;
        }
        if (verdict(world)) verified += 1;
        expect(verdict(worse) && !verdict(world)).toBe(false);
      }),
      { numRuns: 2000 },
    );
    // Else the property would hold for the wrong reason.
    expect(verified).toBeGreaterThan(20);
  });

  it('does not hang on the order of nodes and edges', () => {
    fc.assert(
      fc.property(worlds, ({ graph, bytes }) => {
        const turned = { ...graph, nodes: graph.nodes.toReversed(), edges: graph.edges.toReversed() };
        const [one, other] = [prove(graph), prove(turned)];
        expect(isVerified(other, bytes)).toBe(isVerified(one, bytes));
        expect(other.weakest?.evidence).toBe(one.weakest?.evidence);
        expect([...other.gaps].sort(byNode)).toEqual([...one.gaps].sort(byNode));
      }),
    );
  });
});

function byNode(a: { node: string; kind: string }, b: { node: string; kind: string }): number {
  return `${a.node} ${a.kind}` < `${b.node} ${b.kind}` ? -1 : 1;
}
