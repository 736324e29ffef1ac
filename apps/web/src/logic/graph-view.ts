// What a graph shows that the API's flat answer does not say by itself: a gap becomes a node of its own, so that what is missing
// has a place; and a logged model that only passes a run on to its version can be folded away, so that the story stays readable.

import type { Evidence } from './evidence.ts';
import { nameOfNode } from './links.ts';

export interface ViewNode {
  id: string;
  kind: string;
  ref: string;
  label: string;
  detail: string | null;
  integrity: 'UNCHECKED' | 'INTACT' | 'DAMAGED' | null;
  checkedAt: string | null;
  retraction: string | null;
  /** What is missing at this node, and how to fill it. */
  gap: { message: string; hint: string } | null;
}

export interface ViewEdge {
  from: string;
  to: string;
  evidence: Evidence;
  relation: string;
  context: string | null;
  /** Leads to something that is missing. */
  gap: boolean;
}

interface GapOf {
  node: string;
  kind: string;
  message: string;
  hint: string;
}

type Optional<Value> = Value | null | undefined;

interface GivenNode {
  id: string;
  kind: string;
  ref: string;
  label: string;
  detail?: Optional<string>;
  integrity?: Optional<'UNCHECKED' | 'INTACT' | 'DAMAGED'>;
  checkedAt?: Optional<string>;
  retraction?: Optional<string>;
}

interface GivenEdge {
  from: string;
  to: string;
  evidence: Evidence;
  relation: string;
  context?: Optional<string>;
}

export interface View {
  nodes: readonly ViewNode[];
  edges: readonly ViewEdge[];
}

/** Gaps that are the absence of a whole node. */
const ABSENT: Readonly<Record<string, string>> = { NO_INPUTS: 'No data known', NO_RUN: 'No run known' };

export function viewOf(nodes: readonly GivenNode[], edges: readonly GivenEdge[], gaps: readonly GapOf[] = []): View {
  const gapAt = new Map(gaps.filter(({ kind }) => !(kind in ABSENT)).map((gap) => [gap.node, gap]));
  const unresolved = new Set(nodes.filter(({ kind }) => kind === 'UNRESOLVED_INPUT').map(({ id }) => id));
  const known = new Set(nodes.map(({ id }) => id));
  const absent = gaps.filter(({ kind, node }) => kind in ABSENT && known.has(node));
  return {
    nodes: [
      ...nodes.map((node) => {
        const gap = gapAt.get(node.id);
        return {
          id: node.id,
          kind: node.kind,
          ref: node.ref,
          label: nameOfNode(node),
          detail: node.detail ?? null,
          integrity: node.integrity ?? null,
          checkedAt: node.checkedAt ?? null,
          retraction: node.retraction ?? null,
          gap: gap === undefined ? null : { message: gap.message, hint: gap.hint },
        };
      }),
      ...absent.map(({ node, kind, message, hint }) => ({
        id: `gap:${kind}:${node}`,
        kind: 'GAP',
        ref: '',
        label: ABSENT[kind] ?? message,
        detail: hint,
        integrity: null,
        checkedAt: null,
        retraction: null,
        gap: { message, hint },
      })),
    ],
    edges: [
      ...edges.map((edge) => ({ ...edge, context: edge.context ?? null, gap: unresolved.has(edge.to) })),
      ...absent.map(({ node, kind }) => ({
        from: node,
        to: `gap:${kind}:${node}`,
        evidence: 'ASSERTED' as const,
        relation: 'missing',
        context: null,
        gap: true,
      })),
    ],
  };
}

const STRENGTH: Readonly<Record<Evidence, number>> = { ASSERTED: 0, OBSERVED: 1, MATCHED: 2 };

/** Folds away nodes of a kind that have one edge in and one out; the edge that takes their place is as strong as the weaker of the two. */
export function foldKind({ nodes, edges }: View, kind: string): View {
  let left = { nodes, edges };
  for (const { id } of nodes.filter((node) => node.kind === kind && node.gap === null)) {
    const into = left.edges.filter((edge) => edge.to === id);
    const out = left.edges.filter((edge) => edge.from === id);
    const [a] = into;
    const [b] = out;
    if (a === undefined || b === undefined || into.length > 1 || out.length > 1) continue;
    const through = {
      from: a.from,
      to: b.to,
      evidence: STRENGTH[a.evidence] < STRENGTH[b.evidence] ? a.evidence : b.evidence,
      relation: `${a.relation}, ${b.relation}`,
      context: b.context ?? a.context,
      gap: a.gap || b.gap,
    };
    left = {
      nodes: left.nodes.filter((node) => node.id !== id),
      edges: [...left.edges.filter((edge) => edge !== a && edge !== b), through],
    };
  }
  return left;
}

/**
 * Gathers leaves: where a node has more than `most` neighbours of one kind that lead nowhere else, all but the first few of them
 * become one node that says how many they are. Gaps, damage and withdrawals are never gathered.
 */
export function gatherLeaves({ nodes, edges }: View, root: string, most = 6): View {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const touching = new Map<string, ViewEdge[]>();
  for (const edge of edges) for (const id of [edge.from, edge.to]) touching.set(id, [...(touching.get(id) ?? []), edge]);
  const groups = new Map<string, { edge: ViewEdge; node: ViewNode }[]>();
  for (const node of nodes) {
    const [edge, ...more] = touching.get(node.id) ?? [];
    const ordinary = node.id !== root && node.gap === null && node.integrity !== 'DAMAGED' && node.retraction === null;
    if (edge === undefined || more.length > 0 || !ordinary || node.kind === 'UNRESOLVED_INPUT') continue;
    const key = JSON.stringify([edge.from === node.id ? edge.to : edge.from, node.kind, edge.from === node.id]);
    groups.set(key, [...(groups.get(key) ?? []), { edge, node }]);
  }
  const gone = new Set<string>();
  const made: { node: ViewNode; edge: ViewEdge }[] = [];
  for (const [key, group] of groups) {
    const rest = group.slice(most - 1);
    const [first] = rest;
    if (group.length <= most || first === undefined) continue;
    const id = `group:${key}`;
    for (const { node } of rest) gone.add(node.id);
    made.push({
      node: {
        ...first.node,
        id,
        kind: 'GROUP',
        ref: '',
        label: `${rest.length.toLocaleString('en')} more`,
        detail: 'all are in the table',
        integrity: null,
        checkedAt: null,
      },
      edge: {
        ...first.edge,
        ...(first.edge.from === first.node.id ? { from: id } : { to: id }),
        evidence: rest.reduce<Evidence>(
          (weakest, { edge }) => (STRENGTH[edge.evidence] < STRENGTH[weakest] ? edge.evidence : weakest),
          'MATCHED',
        ),
      },
    });
  }
  if (made.length === 0) return { nodes, edges };
  return {
    nodes: [...[...byId.values()].filter(({ id }) => !gone.has(id)), ...made.map(({ node }) => node)],
    edges: [...edges.filter(({ from, to }) => !gone.has(from) && !gone.has(to)), ...made.map(({ edge }) => edge)],
  };
}
