// What a graph shows that the API's flat answer does not say by itself: a gap becomes a node of its own, so that what is missing
// has a place; and a logged model that only passes a run on to its version can be folded away, so that the story stays readable.

import type { Evidence } from './evidence.ts';

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
          label: node.label,
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
