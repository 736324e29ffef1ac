// The graph's vocabulary, shared so that each domain can tell its own edges without knowing the others.
// An edge runs from downstream (toward deployments) to upstream (toward data), and is stored by the domain that recorded the fact.

import type { Caller } from './caller.ts';

/** How strong an edge is: a client said so; this server served every byte; full content hashes were compared and are equal. */
export type Evidence = 'ASSERTED' | 'OBSERVED' | 'MATCHED';

/** What the last check of stored bytes found. */
export type Integrity = 'UNCHECKED' | 'INTACT' | 'DAMAGED';

export type GraphNodeKind = 'deployment' | 'modelVersion' | 'loggedModel' | 'run' | 'datasetInput' | 'datasetVersion';

/** A node by kind and UUID. */
export interface NodeRef {
  kind: GraphNodeKind;
  id: string;
}

export type EdgeRelation =
  'deployed' | 'registered from' | 'produced by' | 'started from' | 'read' | 'is' | 'derived from' | 'copied from' | 'part of';

export interface DomainEdge {
  from: NodeRef;
  to: NodeRef;
  relation: EdgeRelation;
  evidence: Evidence;
  /** The role of the data for a run: training, validation, test. */
  context: string | null;
  recordedAt: Date | null;
}

/** What the graph shows of a node, and the stored bytes behind it. */
export interface NodeFacts {
  node: NodeRef;
  ref: string;
  label: string;
  detail: string | null;
  /** Frozen content behind the node; its integrity is the node's. */
  manifestId: string | null;
  /** Mutable content behind the node, where there is no frozen one. */
  fileSetId: string | null;
  /** Why it was withdrawn, where it was. */
  retraction: string | null;
  /** When a deployment ended; null while it is live, absent for every other node. */
  endedAt?: Date | null;
  /** What the node lacks by itself: a model version without digest, a run without inputs. */
  lacks: readonly ('digest' | 'run' | 'inputs' | 'version')[];
}

/** What a domain answers to the lineage engine, batched. */
export interface LineagePort {
  /** The kinds of nodes that this domain describes. */
  readonly kinds: readonly GraphNodeKind[];
  /** The edges that this domain records at these nodes (of any kind), in one direction; at most `limit`, with a word where there are more. */
  edgesOf(
    caller: Caller,
    nodes: readonly NodeRef[],
    direction: 'UPSTREAM' | 'DOWNSTREAM',
    limit: number,
  ): Promise<{ edges: DomainEdge[]; truncated: boolean }>;
  /** The facts of nodes of this domain's kinds; unknown ones are left out. */
  describe(caller: Caller, nodes: readonly NodeRef[]): Promise<NodeFacts[]>;
}
