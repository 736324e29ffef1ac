// What the tests of the engine share: a port over a graph that is written down, which answers as a domain does.

import type { DomainEdge, Evidence, GraphNodeKind, LineagePort, NodeFacts, NodeRef } from '@throughline/kernel';

import { keyOf } from './walk.ts';

export interface GraphOfTest {
  nodes: readonly NodeFacts[];
  edges: readonly DomainEdge[];
}

export interface PortOfTest extends LineagePort {
  /** The nodes that were asked about, one list for each question. */
  readonly asked: string[][];
}

/** A port over the whole graph. `arrange` changes the order in which it answers. */
export function portOver(graph: GraphOfTest, arrange: <T>(items: readonly T[]) => T[] = (items) => [...items]): PortOfTest {
  const asked: string[][] = [];
  return {
    kinds: ['deployment', 'modelVersion', 'loggedModel', 'run', 'datasetInput', 'datasetVersion'],
    asked,
    edgesOf(_caller, nodes, direction, limit) {
      asked.push(nodes.map(keyOf));
      const keys = new Set(nodes.map(keyOf));
      const found = graph.edges.filter((edge) => keys.has(keyOf(direction === 'UPSTREAM' ? edge.from : edge.to)));
      return Promise.resolve({ edges: arrange(found.slice(0, limit)), truncated: found.length > limit });
    },
    describe(_caller, nodes) {
      const keys = new Set(nodes.map(keyOf));
      return Promise.resolve(arrange(graph.nodes.filter((facts) => keys.has(keyOf(facts.node)))));
    },
  };
}

/** A node by its kind and a small number, which also orders nodes by age. */
export function node(kind: GraphNodeKind, number: number): NodeRef {
  return { kind, id: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}` };
}

const REFS: Record<GraphNodeKind, (n: number) => string> = {
  deployment: (n) => `deployment:production/api${n}`,
  modelVersion: (n) => `model:penguins/${n}`,
  loggedModel: (n) => `loggedModel:m-${n}`,
  run: (n) => `run:r${n}`,
  datasetInput: (n) => `input ${n}`,
  datasetVersion: (n) => `data:penguins@${n}`,
};

export function facts(ref: NodeRef, more: Partial<NodeFacts> = {}): NodeFacts {
  const name = REFS[ref.kind](Number(ref.id.slice(-12)));
  return { node: ref, ref: name, label: name, detail: null, manifestId: null, fileSetId: null, retraction: null, lacks: [], ...more };
}

export function edge(from: NodeRef, to: NodeRef, relation: DomainEdge['relation'], evidence: Evidence = 'MATCHED'): DomainEdge {
  return { from, to, relation, evidence, context: null, recordedAt: null };
}
