// Finds the node that a client means: by its id, or by its readable reference.

import type { DataVersioning } from '@throughline/data-versioning';
import type { Call } from '@throughline/database';
import { invalid, notFound, parseNodeId, parseRef } from '@throughline/kernel';
import type { NodeRef } from '@throughline/kernel';
import type { Registry } from '@throughline/registry';
import type { Tracking } from '@throughline/tracking';

export interface ResolverParts {
  tracking: Tracking;
  registry: Registry;
  data: DataVersioning;
}

/** Resolves a node id or reference to a node of the graph. A model stands for its newest version, a dataset for its current one. */
export type Resolve = (call: Call, text: string) => Promise<NodeRef>;

/** Makes the resolver over the domains. */
export function createResolver({ tracking, registry, data }: ResolverParts): Resolve {
  async function find(call: Call, text: string): Promise<NodeRef | null> {
    const node = parseNodeId(text);
    if (node !== null) {
      switch (node.kind) {
        case 'deployment':
          return (await registry.deployments.findMany(call, [node.id])).has(node.id) ? { kind: 'deployment', id: node.id } : null;
        case 'modelVersion':
          return (await registry.versions.findMany(call, [node.id])).has(node.id) ? { kind: 'modelVersion', id: node.id } : null;
        case 'model': {
          const latest = (await registry.versions.latestOf(call, [node.id])).get(node.id);
          return latest === undefined ? null : { kind: 'modelVersion', id: latest.id };
        }
        case 'run':
          return (await tracking.runs.findMany(call, [node.id])).length > 0 ? { kind: 'run', id: node.id } : null;
        case 'loggedModel':
          return (await tracking.loggedModels.findMany(call, [node.id])).length > 0 ? { kind: 'loggedModel', id: node.id } : null;
        case 'datasetInput':
          return (await tracking.inputs.findMany(call, [node.id])).length > 0 ? { kind: 'datasetInput', id: node.id } : null;
        case 'datasetVersion':
          return (await data.versions.byIds(call, [node.id])).has(node.id) ? { kind: 'datasetVersion', id: node.id } : null;
        case 'dataset':
          return versionOf(await data.versions.findByRef(call, text));
        case 'purge':
        case 'webhook':
        case 'webhookDelivery':
        case 'workspace':
        case 'principal':
        case 'token':
        case 'experiment':
        case 'verification':
          throw invalid('NOT_IN_LINEAGE', `A ${node.kind} is no node of the lineage graph.`);
      }
    }
    const parsed = parseRef(text);
    switch (parsed?.ref.kind) {
      case 'run': {
        const run = await tracking.runs.findByRef(call, text);
        return run === null ? null : { kind: 'run', id: run.id };
      }
      case 'loggedModel': {
        const model = await tracking.loggedModels.findByRef(call, text);
        return model === null ? null : { kind: 'loggedModel', id: model.id };
      }
      case 'deployment': {
        const deployment = await registry.deployments.findByRef(call, text);
        return deployment === null ? null : { kind: 'deployment', id: deployment.id };
      }
      case 'model': {
        const { version, alias } = parsed.ref;
        const found = await registry.versions.findByRef(call, version === undefined && alias === undefined ? `${text}@latest` : text);
        return found === null ? null : { kind: 'modelVersion', id: found.id };
      }
      case 'data':
        return versionOf(await data.versions.findByRef(call, text));
      case 'experiment':
        throw invalid('NOT_IN_LINEAGE', 'An experiment is no node of the lineage graph; ask for one of its runs.');
      case undefined:
        throw invalid(
          'INVALID_REFERENCE',
          `'${text.slice(0, 120)}' is neither an id nor a reference such as run:…, model:name/1, data:name@1 or deployment:production/api.`,
        );
    }
  }

  return async (call, text) => {
    const node = await find(call, text);
    if (node === null) throw notFound('NODE_NOT_FOUND', `There is no ${text.slice(0, 120)} in this workspace.`);
    return node;
  };
}

function versionOf(version: { id: string } | null): NodeRef | null {
  return version === null ? null : { kind: 'datasetVersion', id: version.id };
}
