// Walking the graph, breadth first: all ports are asked at once for a whole level, so that a walk costs as many rounds as it is deep, not
// as it has nodes. It ends in circles too, since no node is asked about twice, and it is bounded in depth, nodes and edges. What it
// answers does not hang on the order in which the ports answered: each level is sorted before it is taken.

import type { Caller, DomainEdge, Evidence, LineagePort, NodeRef } from '@throughline/kernel';
import { nodeId } from '@throughline/kernel';

export type Direction = 'UPSTREAM' | 'DOWNSTREAM';

export interface WalkLimits {
  /** Steps from the nearest root. */
  depth: number;
  nodes: number;
  edges: number;
}

export const MAX_DEPTH = 50;
export const DEFAULT_DEPTH = 20;
export const MAX_LIMITS: WalkLimits = { depth: MAX_DEPTH, nodes: 5_000, edges: 20_000 };

export interface Walk {
  /** The roots first, then by distance. */
  nodes: NodeRef[];
  edges: DomainEdge[];
  /** Whether a limit cut it short: there is more than it tells. */
  truncated: boolean;
}

/** A node by one text: its node id. */
export function keyOf(node: NodeRef): string {
  return nodeId(node.kind, node.id);
}

const STRENGTH = { ASSERTED: 0, OBSERVED: 1, MATCHED: 2 } satisfies Record<Evidence, number>;

/** Negative where `a` is the weaker. */
export function compareEvidence(a: Evidence, b: Evidence): number {
  return STRENGTH[a] - STRENGTH[b];
}

/** What one edge is, apart from how strong and how old it is. */
function edgeKey(edge: DomainEdge): string {
  return `${keyOf(edge.from)} ${keyOf(edge.to)} ${edge.relation} ${edge.context ?? ''}`;
}

/** Walks from one or more roots at once in one direction; each is at distance 0, and the limits are for all of them together. */
export async function walk(
  ports: readonly LineagePort[],
  caller: Caller,
  from: { roots: readonly NodeRef[]; direction: Direction; limits: WalkLimits },
): Promise<Walk> {
  const { roots, direction, limits } = from;
  const nodes = new Map(roots.map((root) => [keyOf(root), root]));
  const edges = new Map<string, DomainEdge>();
  let truncated = false;
  let level: NodeRef[] = [...nodes.values()];
  for (let depth = 0; depth < limits.depth && level.length > 0; depth += 1) {
    const found = await edgesOf(ports, caller, { level, direction, limit: limits.edges - edges.size });
    truncated ||= found.truncated;
    const next: NodeRef[] = [];
    for (const [key, edge] of found.edges) {
      const node = direction === 'UPSTREAM' ? edge.to : edge.from;
      const isNew = !nodes.has(keyOf(node));
      if ((isNew && nodes.size >= limits.nodes) || edges.size >= limits.edges) {
        truncated = true;
        continue;
      }
      edges.set(key, edge);
      if (!isNew) continue;
      nodes.set(keyOf(node), node);
      next.push(node);
    }
    level = next;
  }
  // Only where it was the depth that ended it: is there anything behind?
  if (level.length > 0 && !truncated) {
    const beyond = await edgesOf(ports, caller, { level, direction, limit: 1 });
    truncated = beyond.edges.length > 0;
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], truncated };
}

/** The edges at a level's nodes, by key and sorted by it; of the same edge told twice the stronger. */
async function edgesOf(
  ports: readonly LineagePort[],
  caller: Caller,
  { level, direction, limit }: { level: readonly NodeRef[]; direction: Direction; limit: number },
): Promise<{ edges: [string, DomainEdge][]; truncated: boolean }> {
  if (limit <= 0) return { edges: [], truncated: true };
  const answers = await Promise.all(ports.map((port) => port.edgesOf(caller, level, direction, limit)));
  const byKey = new Map<string, DomainEdge>();
  for (const edge of answers.flatMap((answer) => answer.edges)) {
    const key = edgeKey(edge);
    const known = byKey.get(key);
    if (known === undefined || compareEvidence(known.evidence, edge.evidence) < 0) byKey.set(key, edge);
  }
  const edges = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  return { edges, truncated: answers.some((answer) => answer.truncated) };
}

/** Whether the edges run in a circle somewhere: then taking away whatever nothing points to never empties the graph. */
export function isCyclic(edges: readonly { from: string; to: string }[]): boolean {
  const incoming = new Map<string, number>();
  const outgoing = Map.groupBy(edges, (edge) => edge.from);
  for (const { from, to } of edges) {
    incoming.set(from, incoming.get(from) ?? 0);
    incoming.set(to, (incoming.get(to) ?? 0) + 1);
  }
  const free = [...incoming].filter(([, count]) => count === 0).map(([key]) => key);
  let taken = 0;
  // The list grows while it is walked.
  for (const key of free) {
    taken += 1;
    for (const { to } of outgoing.get(key) ?? []) {
      const left = (incoming.get(to) ?? 0) - 1;
      incoming.set(to, left);
      if (left === 0) free.push(to);
    }
  }
  return taken < incoming.size;
}
