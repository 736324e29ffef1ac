// A walked graph with what is known of its nodes: the facts that their domains tell and what the last checks of their bytes found.

import type { Content, ManifestIntegrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { DomainEdge, Integrity, LineagePort, NodeFacts, NodeRef } from '@throughline/kernel';

import { isCyclic, keyOf, walk } from './walk.ts';
import type { Direction, WalkLimits } from './walk.ts';

export interface GraphNode {
  /** The node's id, as the API hands it out. */
  key: string;
  node: NodeRef;
  facts: NodeFacts;
  /** Null where no frozen bytes stand behind it. */
  integrity: Integrity | null;
  checkedAt: Date | null;
}

export interface GraphEdge {
  from: string;
  to: string;
  relation: DomainEdge['relation'];
  evidence: DomainEdge['evidence'];
  context: string | null;
  recordedAt: Date | null;
}

export interface Graph {
  root: string;
  /** The root first, then by distance from it. Empty where the root is unknown. */
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Whether a limit cut it short, or a domain does not know a node that another points to. */
  truncated: boolean;
  cyclic: boolean;
  /** What the checks found, by manifest; one whose bytes were collected is left out. */
  bytes: ReadonlyMap<string, ManifestIntegrity>;
}

/** Walks from a root and asks for what is known of all that was reached: two rounds more, however much that is. */
export async function loadGraph(
  { ports, content }: { ports: readonly LineagePort[]; content: Pick<Content, 'integrityOf'> },
  call: Call,
  from: { root: NodeRef; direction: Direction; limits: WalkLimits },
): Promise<Graph> {
  const { nodes, edges, truncated } = await walk(ports, call.caller, from);
  const facts = await describe(ports, call, nodes);
  const manifestIds = [...new Set([...facts.values()].map((one) => one.manifestId).filter((id) => id !== null))];
  const bytes = manifestIds.length === 0 ? new Map<string, ManifestIntegrity>() : await content.integrityOf(call, manifestIds);
  const known = nodes.flatMap((node) => {
    const found = facts.get(keyOf(node));
    return found === undefined ? [] : [graphNode(node, found, bytes)];
  });
  const shown = edges.map(graphEdge).filter((edge) => facts.has(edge.from) && facts.has(edge.to));
  return {
    root: keyOf(from.root),
    nodes: facts.has(keyOf(from.root)) ? known : [],
    edges: shown,
    truncated: truncated || known.length < nodes.length,
    cyclic: isCyclic(shown),
    bytes,
  };
}

/** The facts of nodes by their ids, from the ports that describe their kinds. */
async function describe(ports: readonly LineagePort[], call: Call, nodes: readonly NodeRef[]): Promise<Map<string, NodeFacts>> {
  const answers = await Promise.all(
    ports.map((port) => {
      const own = nodes.filter((node) => port.kinds.includes(node.kind));
      return own.length === 0 ? Promise.resolve([]) : port.describe(call.caller, own);
    }),
  );
  return new Map(answers.flat().map((facts) => [keyOf(facts.node), facts]));
}

function graphNode(node: NodeRef, facts: NodeFacts, bytes: ReadonlyMap<string, ManifestIntegrity>): GraphNode {
  const found = facts.manifestId === null ? undefined : bytes.get(facts.manifestId);
  // Named, but not there any more: that is as bad as damaged.
  const integrity = facts.manifestId === null ? null : (found?.integrity ?? 'DAMAGED');
  return { key: keyOf(node), node, facts, integrity, checkedAt: found?.checkedAt ?? null };
}

function graphEdge({ from, to, relation, evidence, context, recordedAt }: DomainEdge): GraphEdge {
  return { from: keyOf(from), to: keyOf(to), relation, evidence, context, recordedAt };
}
