// The graph over the three domains. It keeps nothing of its own: each domain tells its edges and describes its nodes through a port,
// content tells what is known of the bytes, and what comes of it is judged here.

import type { Content, VerificationJob } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { LineagePort, NodeRef, Page, PageRequest } from '@throughline/kernel';

import { invalidDepth, nodeNotFound, notADeployment } from './errors.ts';
import { loadGraph } from './graph.ts';
import type { Graph } from './graph.ts';
import { threadOf } from './thread.ts';
import type { Thread } from './thread.ts';
import { traceOf } from './trace.ts';
import type { Trace } from './trace.ts';
import { findUnderWay, reachedBytes } from './verify.ts';
import { DEFAULT_DEPTH, keyOf, MAX_DEPTH, MAX_LIMITS } from './walk.ts';
import type { Direction } from './walk.ts';
import { withdrawnBehind } from './withdrawn.ts';
import type { WithdrawnData } from './withdrawn.ts';

export interface LineageOptions {
  /** One for each domain. */
  ports: readonly LineagePort[];
  content: Content;
  /**
   * Finds the node that a text names: a node id or a readable reference; a model stands for its latest version, a dataset for its current
   * one. Throws `invalid` for a text that is neither, `not_found` where there is none.
   */
  resolve: (call: Call, text: string) => Promise<NodeRef>;
}

export interface Lineage {
  /** What a root stands on, or what stands on it: at most `depth` steps (1 to 50, 20 unless given), 5000 nodes and 20,000 edges. */
  graph(call: Call, root: string, options: { direction: Direction; depth?: number | null | undefined }): Promise<Graph>;
  /** A deployment's way back to its data. Throws `invalid` NOT_A_DEPLOYMENT for another node. */
  trace(call: Call, deployment: string): Promise<Trace>;
  /** The nearest data, run, model and deployments around a node. */
  thread(call: Call, node: string): Promise<Thread>;
  /** For each of many nodes, by its id: the withdrawn data that it stands on; all are looked at together. What is meant is in withdrawn.ts. */
  withdrawnBehind(call: Call, nodes: readonly NodeRef[]): Promise<ReadonlyMap<string, WithdrawnData[]>>;
  /** Queues a check of every stored byte that the root reaches upstream; answers the job that is under way for it, where there is one. */
  verify(call: Call, root: string): Promise<VerificationJob>;
  /** Throws `not_found` VERIFICATION_NOT_FOUND. */
  verification(call: Call, id: string): Promise<VerificationJob>;
  /** Newest first. */
  verifications(call: Call, page: PageRequest): Promise<Page<VerificationJob>>;
}

/** Makes the engine over the domains' ports. */
export function createLineage({ ports, content, resolve }: LineageOptions): Lineage {
  const load = async (call: Call, from: Parameters<typeof loadGraph>[2], text: string): Promise<Graph> => {
    const graph = await loadGraph({ ports, content }, call, from);
    if (graph.nodes.length === 0) throw nodeNotFound(text);
    return graph;
  };
  return {
    async graph(call, text, { direction, depth: wanted }) {
      const depth = wanted ?? DEFAULT_DEPTH;
      if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) throw invalidDepth(depth);
      const root = await resolve(call, text);
      return load(call, { root, direction, limits: { ...MAX_LIMITS, depth } }, text);
    },

    async trace(call, text) {
      const root = await resolve(call, text);
      if (root.kind !== 'deployment') throw notADeployment(text);
      return traceOf(await load(call, { root, direction: 'UPSTREAM', limits: MAX_LIMITS }, text), call, content);
    },

    async thread(call, text) {
      const root = await resolve(call, text);
      const thread = await threadOf({ ports, content }, call, root);
      if (thread === null) throw nodeNotFound(text);
      return thread;
    },

    withdrawnBehind: (call, nodes) => withdrawnBehind(ports, call, nodes),

    async verify(call, text) {
      const root = await resolve(call, text);
      const key = keyOf(root);
      const known = await findUnderWay(content, call, key);
      if (known !== null) return known;
      const graph = await load(call, { root, direction: 'UPSTREAM', limits: MAX_LIMITS }, text);
      return content.startVerification(call, { root: key, ...reachedBytes(graph) });
    },

    verification: (call, id) => content.getVerification(call, id),
    verifications: (call, page) => content.listVerifications(call, page),
  };
}
