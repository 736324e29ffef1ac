// The strip that every page of the story carries: the nearest data, run, model version and deployments around any node. Two short walks,
// up and down. Where several ways lead down, the one to a live deployment is shown, else the newest; what lies between the nodes that are
// shown (logged models, inputs) is drawn as one step, as weak as its weakest part.

import type { Call } from '@throughline/database';
import type { GraphNodeKind, LineagePort, NodeRef } from '@throughline/kernel';

import { describeGap } from './gaps.ts';
import type { Gap } from './gaps.ts';
import { integrityOf, loadShape, withIntegrity } from './graph.ts';
import type { ContentFacts, Graph, GraphEdge, GraphNode } from './graph.ts';
import { gapsOf } from './proof.ts';
import { judge, proofNode } from './trace.ts';
import { compareEvidence } from './walk.ts';
import type { Direction, WalkLimits } from './walk.ts';

export interface Thread {
  /** At most 5: what was withdrawn, then the nearest. */
  data: GraphNode[];
  run: GraphNode | null;
  modelVersion: GraphNode | null;
  /** At most 5, live ones first, then the newest. */
  deployments: GraphNode[];
  /** The steps between the nodes that are shown. */
  edges: GraphEdge[];
  gaps: Gap[];
}

const LIMITS: WalkLimits = { depth: 6, nodes: 500, edges: 2_000 };
const MAX_SHOWN = 5;

/** The thread around a node; null where the node is unknown. */
export async function threadOf(
  { ports, content }: { ports: readonly LineagePort[]; content: ContentFacts },
  call: Call,
  root: NodeRef,
): Promise<Thread | null> {
  const load = (direction: Direction) => loadShape(ports, call, { root, direction, limits: LIMITS });
  // No place of the thread lies behind data, or before a deployment; but what was withdrawn behind data counts.
  const [above, down] = await Promise.all([load('UPSTREAM'), root.kind === 'deployment' ? null : load('DOWNSTREAM')]);
  const start = above.nodes[0];
  if (start === undefined) return null;
  const isData = root.kind === 'datasetVersion';
  const behind = isData ? judge(above).gaps.filter(({ kind, node }) => kind === 'RETRACTED_DATA' && node !== start.key) : [];
  const woven = weave(start, isData ? null : above, down);
  const thread = { ...woven, gaps: [...woven.gaps, ...behind] };
  // Only of what is shown: every page asks for a thread, and some data has very many files.
  const bytes = await integrityOf(content, call, shownOf(thread));
  const known = new Map(withIntegrity(shownOf(thread), bytes).map((node) => [node.key, node]));
  const show = (node: GraphNode): GraphNode => known.get(node.key) ?? node;
  return {
    ...thread,
    data: thread.data.map(show),
    run: thread.run === null ? null : show(thread.run),
    modelVersion: thread.modelVersion === null ? null : show(thread.modelVersion),
    deployments: thread.deployments.map(show),
  };
}

function shownOf({ deployments, modelVersion, run, data }: Pick<Thread, 'deployments' | 'modelVersion' | 'run' | 'data'>): GraphNode[] {
  return [...deployments, modelVersion, run, ...data].filter((node) => node !== null);
}

function weave(start: GraphNode, up: Graph | null, down: Graph | null): Thread {
  const upward = up === null ? null : judge(up);
  const near = new Set(upward?.proof.nearSide ?? [start.key]);
  const upNodes = up === null ? [start] : up.nodes.filter((node) => near.has(node.key));
  const downNodes = down === null ? [start] : standingOn(down);

  const deployments = downNodes.filter(isOf('deployment')).sort(liveThenNewest).slice(0, MAX_SHOWN);
  const path = down === null ? [start] : pathTo(down, bestEnd(deployments, downNodes));
  const modelVersion = upNodes.find(isOf('modelVersion')) ?? path.find(isOf('modelVersion')) ?? null;
  const run = upNodes.find(isOf('run')) ?? path.find(isOf('run')) ?? null;
  const data = upNodes.filter(isOf('datasetVersion')).sort(withdrawnFirst).slice(0, MAX_SHOWN);

  const shown = shownOf({ deployments, modelVersion, run, data });
  const keys = new Set(shown.map((node) => node.key));
  return {
    data,
    run,
    modelVersion,
    deployments,
    edges: stepsBetween(keys, [...(up?.edges ?? []), ...(down?.edges ?? [])]),
    gaps: [
      // Data that was withdrawn is told of however far back it lies: everything here stands on it.
      ...(upward?.gaps.filter((gap) => near.has(gap.node) || gap.kind === 'RETRACTED_DATA') ?? []),
      ...shown.filter((node) => upward === null || !near.has(node.key)).flatMap(ownGaps),
    ],
  };
}

/** What stands on the root of a downstream graph: not the runs that are only part of one that does. */
function standingOn(down: Graph): GraphNode[] {
  const steps = Map.groupBy(
    down.edges.filter((edge) => edge.relation !== 'part of'),
    (edge) => edge.to,
  );
  const reached = new Set([down.root]);
  // The set goes on to what is added while it is walked.
  for (const key of reached) for (const { from } of steps.get(key) ?? []) reached.add(from);
  return down.nodes.filter((node) => reached.has(node.key));
}

function isOf(kind: GraphNodeKind): (node: GraphNode) => boolean {
  return (node) => node.node.kind === kind;
}

function isLive(node: GraphNode): boolean {
  return (node.facts.endedAt ?? null) === null;
}

/** Ids begin with the time at which they were made. */
function newest(a: GraphNode, b: GraphNode): number {
  return a.node.id < b.node.id ? 1 : -1;
}

function liveThenNewest(a: GraphNode, b: GraphNode): number {
  return Number(isLive(b)) - Number(isLive(a)) || newest(a, b);
}

/** What was withdrawn is never what was left out; the others stay in their order. */
function withdrawnFirst(a: GraphNode, b: GraphNode): number {
  return Number(b.facts.retraction !== null) - Number(a.facts.retraction !== null);
}

/** Where the shown way down ends: at the first deployment, else the newest model version, else the newest run. */
function bestEnd(deployments: readonly GraphNode[], nodes: readonly GraphNode[]): GraphNode | undefined {
  const latest = (kind: GraphNodeKind) => nodes.filter(isOf(kind)).sort(newest)[0];
  return deployments[0] ?? latest('modelVersion') ?? latest('run') ?? nodes[0];
}

/** The shortest way from an end back to the root of a downstream graph, both included. */
function pathTo(down: Graph, end: GraphNode | undefined): GraphNode[] {
  const nodes = new Map(down.nodes.map((node) => [node.key, node]));
  // Nodes stand by their distance, so the first step that leads to a node is a shortest one.
  const place = new Map(down.nodes.map((node, index) => [node.key, index]));
  const before = new Map<string, string>();
  for (const { from, to } of down.edges.filter((edge) => edge.relation !== 'part of')) {
    const known = before.get(from);
    if (known === undefined || (place.get(to) ?? 0) < (place.get(known) ?? 0)) before.set(from, to);
  }
  const path: GraphNode[] = [];
  for (let node = end; node !== undefined && !path.includes(node); node = nodes.get(before.get(node.key) ?? '')) {
    path.push(node);
    if (node.key === down.root) break;
  }
  return path;
}

/** The steps from each shown node up to the next shown ones, over whatever is not shown. */
function stepsBetween(shown: ReadonlySet<string>, edges: readonly GraphEdge[]): GraphEdge[] {
  const upward = Map.groupBy(
    edges.filter((edge) => edge.relation !== 'part of'),
    (edge) => edge.from,
  );
  return [...shown].flatMap((start) => {
    const steps = new Map<string, GraphEdge>();
    const passed = new Set([start]);
    const queue = [...(upward.get(start) ?? [])];
    // The queue grows while it is walked, and so in breadth.
    for (const step of queue) {
      if (passed.has(step.to)) continue;
      if (shown.has(step.to)) {
        const known = steps.get(step.to);
        // Two roles of one version are two steps; the strip shows the weaker.
        if (known === undefined || compareEvidence(step.evidence, known.evidence) < 0) steps.set(step.to, step);
        continue;
      }
      passed.add(step.to);
      queue.push(...(upward.get(step.to) ?? []).map((next) => joined(step, next)));
    }
    return [...steps.values()];
  });
}

/** Two steps as one. */
function joined(first: GraphEdge, second: GraphEdge): GraphEdge {
  return {
    from: first.from,
    to: second.to,
    relation: second.relation === 'is' ? first.relation : second.relation,
    evidence: compareEvidence(first.evidence, second.evidence) <= 0 ? first.evidence : second.evidence,
    context: second.context ?? first.context,
    recordedAt: second.recordedAt,
  };
}

/** What a node lacks by itself, where its surroundings were not walked. */
function ownGaps(node: GraphNode): Gap[] {
  return gapsOf(proofNode(node), { isResolved: true, isTraining: true }).map((kind) => describeGap(kind, node.facts));
}
