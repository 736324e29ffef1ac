// How the engine's things look in the schema.

import type { Call } from '@throughline/database';
import type { GraphqlContext } from '@throughline/graphql';
import type { GraphNodeKind } from '@throughline/kernel';

import type { Graph, GraphNode } from '../graph.ts';
import type { Thread } from '../thread.ts';

/** What a node is, and the entity that it stands for. Only unresolved inputs are nodes; a resolved one is a step to its version. */
const KINDS = {
  deployment: { kind: 'DEPLOYMENT', typename: 'Deployment' },
  modelVersion: { kind: 'MODEL_VERSION', typename: 'ModelVersion' },
  loggedModel: { kind: 'LOGGED_MODEL', typename: 'LoggedModel' },
  run: { kind: 'RUN', typename: 'Run' },
  datasetInput: { kind: 'UNRESOLVED_INPUT', typename: 'DatasetInput' },
  datasetVersion: { kind: 'DATASET_VERSION', typename: 'DatasetVersion' },
} as const satisfies Record<GraphNodeKind, { kind: string; typename: string }>;

export function callOf(context: GraphqlContext): Call {
  return { caller: context.caller };
}

export function presentNode({ key, node, facts, integrity, checkedAt }: GraphNode) {
  const { kind, typename } = KINDS[node.kind];
  const { ref, label, detail, retraction } = facts;
  return { id: key, kind, ref, label, detail, integrity, checkedAt, retraction, subject: { __typename: typename, id: key } };
}

export function presentGraph({ root, nodes, edges, truncated, cyclic }: Graph) {
  return { root, nodes: nodes.map(presentNode), edges, truncated, cyclic };
}

export function presentThread({ data, run, modelVersion, deployments, edges, gaps }: Thread) {
  return {
    data: data.map(presentNode),
    run: run === null ? null : presentNode(run),
    modelVersion: modelVersion === null ? null : presentNode(modelVersion),
    deployments: deployments.map(presentNode),
    edges,
    gaps,
  };
}
