// What "verified" means, as one pure function over a graph that was walked upstream from its root.
//
// A graph holds more than the proof needs. *Provenance* is what the root stands on: everything reached without the step from a run
// to the run that it is part of, which groups runs and carries no data. A *way to data* is a path in it that ends at a dataset
// version; the versions that a version was derived from are data too, so their steps and their bytes count. A run that made a dataset
// version may be where raw data came into the world, so only runs on the model's side of the data must name inputs.
//
// Verified: a dataset version is reached, nothing is missing or withdrawn, every step on the ways to data was observed or matched, and
// all bytes are intact. Whatever weakens a step, damages a file or cuts the graph short can only take that away, never give it.

import type { DomainEdge, Evidence, GraphNodeKind, Integrity, NodeFacts } from '@throughline/kernel';

import { compareEvidence } from './walk.ts';

export interface ProofNode {
  /** The node's id. */
  key: string;
  kind: GraphNodeKind;
  /** Its readable reference; settles which of two equally weak steps is named. */
  ref: string;
  /** Whether it was withdrawn. */
  isRetracted: boolean;
  lacks: NodeFacts['lacks'];
}

export interface ProofEdge {
  from: string;
  to: string;
  relation: DomainEdge['relation'];
  evidence: Evidence;
  context: string | null;
}

export interface ProofGraph<Edge extends ProofEdge = ProofEdge> {
  root: string;
  nodes: readonly ProofNode[];
  edges: readonly Edge[];
  /** Whether there is more than the graph tells. */
  truncated: boolean;
}

export type GapKind = 'UNRESOLVED_INPUT' | 'NO_INPUTS' | 'NO_RUN' | 'NO_DIGEST' | 'RETRACTED_DATA';

export interface FoundGap {
  node: string;
  kind: GapKind;
}

export interface Proof<Edge extends ProofEdge = ProofEdge> {
  /** The nodes that the root stands on, itself included, in the graph's order. */
  provenance: string[];
  /** Those of them that are reached without going past data: the model's own side, and the data that it was made from. */
  nearSide: string[];
  /** Whether a dataset version is among them. */
  reachesData: boolean;
  /** The weakest step on the ways to data; of equally weak ones the nearest to data, then the first by name. */
  weakest: Edge | null;
  gaps: FoundGap[];
  /** Whether every step on the ways to data is more than asserted, and nothing is missing. The bytes are another matter. */
  isProven: boolean;
}

/** Judges a graph. */
export function prove<Edge extends ProofEdge>(graph: ProofGraph<Edge>): Proof<Edge> {
  const nodes = new Map(graph.nodes.map((node) => [node.key, node]));
  const carrying = graph.edges.filter((edge) => edge.relation !== 'part of' && nodes.has(edge.from) && nodes.has(edge.to));
  const reached = distances([graph.root], carrying, 'upstream');
  const data = graph.nodes.filter((node) => node.kind === 'datasetVersion').map((node) => node.key);
  // Not past data: the model's own side.
  const trained = distances(
    [graph.root],
    carrying.filter((edge) => nodes.get(edge.from)?.kind !== 'datasetVersion'),
    'upstream',
  );
  const toData = distances(data, carrying, 'downstream');
  const onTheWay = carrying.filter((edge) => reached.has(edge.from) && toData.has(edge.to));

  const provenance = graph.nodes.filter((node) => reached.has(node.key));
  const isResolved = new Set(carrying.filter((edge) => nodes.get(edge.to)?.kind === 'datasetVersion').map((edge) => edge.from));
  const gaps = provenance.flatMap((node) =>
    gapsOf(node, { isResolved: isResolved.has(node.key), isTraining: trained.has(node.key) }).map((kind) => ({ node: node.key, kind })),
  );
  const reachesData = provenance.some((node) => node.kind === 'datasetVersion');
  const isStrong = onTheWay.every((edge) => edge.evidence !== 'ASSERTED');
  return {
    provenance: provenance.map((node) => node.key),
    nearSide: provenance.filter((node) => trained.has(node.key)).map((node) => node.key),
    reachesData,
    weakest: weakestOf(onTheWay, (edge) => ({ distance: toData.get(edge.to) ?? 0, name: nameOf(edge, nodes) })),
    gaps,
    isProven: reachesData && isStrong && gaps.length === 0 && !graph.truncated,
  };
}

/** The whole verdict: proven, and every byte that the root stands on intact. `bytes` has one entry for each thing that has bytes. */
export function isVerified(proof: Pick<Proof, 'isProven'>, bytes: readonly Integrity[]): boolean {
  return proof.isProven && bytes.every((integrity) => integrity === 'INTACT');
}

/** What one node lacks, in the place where it stands. */
export function gapsOf(
  node: Omit<ProofNode, 'key' | 'ref'>,
  { isResolved, isTraining }: { isResolved: boolean; isTraining: boolean },
): GapKind[] {
  const gaps: GapKind[] = [];
  if (node.kind === 'datasetInput' && !isResolved) gaps.push('UNRESOLVED_INPUT');
  if (node.kind === 'run' && isTraining && node.lacks.includes('inputs')) gaps.push('NO_INPUTS');
  if (node.lacks.includes('run')) gaps.push('NO_RUN');
  if (node.lacks.includes('digest')) gaps.push('NO_DIGEST');
  if (node.isRetracted) gaps.push('RETRACTED_DATA');
  return gaps;
}

/** How many steps each node is away from the nearest start; those that cannot be reached are left out. */
function distances(starts: readonly string[], edges: readonly ProofEdge[], direction: 'upstream' | 'downstream'): Map<string, number> {
  const near = direction === 'upstream' ? 'from' : 'to';
  const far = direction === 'upstream' ? 'to' : 'from';
  const steps = Map.groupBy(edges, (edge) => edge[near]);
  const found = new Map(starts.map((key) => [key, 0]));
  // A Map goes on to what is added while it is walked, and so in breadth.
  for (const [key, distance] of found) {
    for (const edge of steps.get(key) ?? []) if (!found.has(edge[far])) found.set(edge[far], distance + 1);
  }
  return found;
}

function nameOf(edge: ProofEdge, nodes: ReadonlyMap<string, ProofNode>): string {
  return [nodes.get(edge.from)?.ref, nodes.get(edge.to)?.ref, edge.relation, edge.context ?? '', edge.from, edge.to].join('\n');
}

function weakestOf<Edge extends ProofEdge>(edges: readonly Edge[], rank: (edge: Edge) => { distance: number; name: string }): Edge | null {
  const ranked = edges.map((edge) => ({ edge, ...rank(edge) }));
  ranked.sort((a, b) => compareEvidence(a.edge.evidence, b.edge.evidence) || a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return ranked[0]?.edge ?? null;
}
