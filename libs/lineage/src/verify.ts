// Verification of everything that a root stands on. The hashing is content's; here is what there is to hash.

import type { Content, VerificationJob } from '@throughline/content';
import type { Call } from '@throughline/database';
import { requireScope } from '@throughline/kernel';

import type { Graph } from './graph.ts';

/** How many of the newest jobs are looked through for one that is under way. */
const LOOK_BACK = 200;

/** The job that is queued or at work for this root, so that asking twice hashes once; null where there is none. */
export async function findUnderWay(content: Pick<Content, 'listVerifications'>, call: Call, root: string): Promise<VerificationJob | null> {
  requireScope(call.caller, 'WRITE');
  const { items } = await content.listVerifications(call, { first: LOOK_BACK, after: null });
  return items.find((job) => job.root === root && (job.state === 'QUEUED' || job.state === 'RUNNING')) ?? null;
}

/** All bytes behind a graph's nodes. What was collected with its deleted dataset has none any more. */
export function reachedBytes(graph: Graph): { manifestIds: string[]; fileSetIds: string[] } {
  const facts = graph.nodes.map((node) => node.facts);
  const manifestIds = facts.map((one) => one.manifestId).filter((id) => id !== null && graph.bytes.has(id));
  const fileSetIds = facts.map((one) => (one.manifestId === null ? one.fileSetId : null));
  return { manifestIds: distinct(manifestIds), fileSetIds: distinct(fileSetIds) };
}

function distinct(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))];
}
