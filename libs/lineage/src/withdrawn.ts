// Which withdrawn data stands behind each thing of a list. A page of a hundred runs is walked as one: most of them read the same few versions,
// and a walk costs as many rounds as it is deep, so that the list costs about what one of its rows would.

import type { Call } from '@throughline/database';
import type { DomainEdge, LineagePort, NodeRef } from '@throughline/kernel';

import { describe } from './graph.ts';
import { DEFAULT_DEPTH, keyOf, MAX_LIMITS, walk } from './walk.ts';
import type { WalkLimits } from './walk.ts';

export interface WithdrawnData {
  version: NodeRef;
  /** `penguins@2`. */
  label: string;
  reason: string;
}

/** For all nodes that are asked about at once. */
const LIMITS: WalkLimits = { ...MAX_LIMITS, depth: DEFAULT_DEPTH };
/** More reasons than these change no decision. */
const MOST_REASONS = 20;

/**
 * The withdrawn dataset versions that each node stands on, by the node's id, the nearest first, at most 20. A node is left out where a limit
 * cut the walk short (20 steps; 5000 nodes for all together) and nothing was found for it: then nobody knows.
 */
export async function withdrawnBehind(
  ports: readonly LineagePort[],
  call: Call,
  roots: readonly NodeRef[],
  limits: WalkLimits = LIMITS,
): Promise<Map<string, WithdrawnData[]>> {
  const { nodes, edges, truncated } = await walk(ports, call.caller, { roots, direction: 'UPSTREAM', limits });
  const facts = await describe(
    ports,
    call,
    nodes.filter(({ kind }) => kind === 'datasetVersion'),
  );
  const withdrawn = new Map<string, WithdrawnData>();
  for (const [key, { node, label, retraction }] of facts)
    if (retraction !== null) withdrawn.set(key, { version: node, label, reason: retraction });

  const upward = withdrawn.size === 0 ? new Map<string, DomainEdge[]>() : upwardSteps(edges);
  const found = new Map<string, WithdrawnData[]>();
  for (const root of roots) {
    const behind = withdrawn.size === 0 ? [] : reasonsBehind(keyOf(root), upward, withdrawn);
    if (behind.length > 0 || !truncated) found.set(keyOf(root), behind);
  }
  return found;
}

/** The steps that carry data: a run has nothing from the run that it is part of. */
function upwardSteps(edges: readonly DomainEdge[]): Map<string, DomainEdge[]> {
  return Map.groupBy(
    edges.filter(({ relation }) => relation !== 'part of'),
    ({ from }) => keyOf(from),
  );
}

function reasonsBehind(
  root: string,
  upward: ReadonlyMap<string, readonly DomainEdge[]>,
  withdrawn: ReadonlyMap<string, WithdrawnData>,
): WithdrawnData[] {
  const reasons: WithdrawnData[] = [];
  const reached = new Set([root]);
  // The set goes on to what is added while it is walked, and so in breadth.
  for (const key of reached) {
    const own = withdrawn.get(key);
    if (own !== undefined && reasons.push(own) === MOST_REASONS) break;
    for (const { to } of upward.get(key) ?? []) reached.add(keyOf(to));
  }
  return reasons;
}
