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
  /** Null where no bytes stand behind it. */
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
  /** What the checks found, by manifest or file set; a manifest whose bytes were collected is left out, as is an empty file set. */
  bytes: ReadonlyMap<string, ManifestIntegrity>;
}

/** What is asked of content. */
export type ContentFacts = Pick<Content, 'integrityOf' | 'fileSetIntegrityOf'>;

interface Parts {
  ports: readonly LineagePort[];
  content: ContentFacts;
}

/** Walks from a root and asks for what is known of all that was reached: two rounds more, however much that is. */
export async function loadGraph(
  { ports, content }: Parts,
  call: Call,
  from: { root: NodeRef; direction: Direction; limits: WalkLimits },
): Promise<Graph> {
  const graph = await loadShape(ports, call, from);
  const bytes = await integrityOf(content, call, graph.nodes);
  return { ...graph, nodes: withIntegrity(graph.nodes, bytes), bytes };
}

/** As `loadGraph`, but asks nothing about bytes, which costs with the number of files: the nodes have no integrity yet. */
export async function loadShape(
  ports: readonly LineagePort[],
  call: Call,
  from: { root: NodeRef; direction: Direction; limits: WalkLimits },
): Promise<Graph> {
  const { nodes, edges, truncated } = await walk(ports, call.caller, { ...from, roots: [from.root] });
  const facts = await describe(ports, call, nodes);
  const known = nodes.flatMap((node) => {
    const found = facts.get(keyOf(node));
    return found === undefined ? [] : [{ key: keyOf(node), node, facts: found, integrity: null, checkedAt: null }];
  });
  const shown = edges.map(graphEdge).filter((edge) => facts.has(edge.from) && facts.has(edge.to));
  return {
    root: keyOf(from.root),
    nodes: facts.has(keyOf(from.root)) ? known : [],
    edges: shown,
    truncated: truncated || known.length < nodes.length,
    cyclic: isCyclic(shown),
    bytes: new Map(),
  };
}

/** What the last checks found of the bytes behind nodes, by manifest or file set; two statements. */
export async function integrityOf(content: ContentFacts, call: Call, nodes: readonly GraphNode[]): Promise<Map<string, ManifestIntegrity>> {
  const manifestIds = distinct(nodes.map((node) => node.facts.manifestId));
  const fileSetIds = distinct(nodes.map((node) => (node.facts.manifestId === null ? node.facts.fileSetId : null)));
  const none = new Map<string, ManifestIntegrity>();
  const [frozen, mutable] = await Promise.all([
    manifestIds.length === 0 ? none : content.integrityOf(call, manifestIds),
    fileSetIds.length === 0 ? none : content.fileSetIntegrityOf(call, fileSetIds),
  ]);
  return new Map([...frozen, ...mutable]);
}

function distinct(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))];
}

/**
 * The nodes with what is known of their bytes. Frozen bytes that are named, but not there any more, are as bad as damaged; a file set
 * may simply be empty.
 */
export function withIntegrity(nodes: readonly GraphNode[], bytes: ReadonlyMap<string, ManifestIntegrity>): GraphNode[] {
  return nodes.map((node) => {
    const { manifestId, fileSetId } = node.facts;
    const found = bytes.get(manifestId ?? fileSetId ?? '');
    if (found !== undefined) return { ...node, integrity: found.integrity, checkedAt: found.checkedAt };
    return manifestId === null ? node : { ...node, integrity: 'DAMAGED' as const };
  });
}

/** The facts of nodes by their ids, from the ports that describe their kinds. */
export async function describe(ports: readonly LineagePort[], call: Call, nodes: readonly NodeRef[]): Promise<Map<string, NodeFacts>> {
  const answers = await Promise.all(
    ports.map((port) => {
      const own = nodes.filter((node) => port.kinds.includes(node.kind));
      return own.length === 0 ? Promise.resolve([]) : port.describe(call.caller, own);
    }),
  );
  return new Map(answers.flat().map((facts) => [keyOf(facts.node), facts]));
}

function graphEdge({ from, to, relation, evidence, context, recordedAt }: DomainEdge): GraphEdge {
  return { from: keyOf(from), to: keyOf(to), relation, evidence, context, recordedAt };
}
