// What the registry tells the graph: a deployment is of a version; a version was registered from a logged model, else produced
// by a run; or it was copied from another version, and then where that came from is that version's to tell. Tombstones keep
// their edges.

import type { Database } from '@throughline/database';
import type { LineagePort, NodeFacts } from '@throughline/kernel';
import { formatRef } from '@throughline/kernel';

import type { DeploymentFacts, VersionFacts } from './store/lineage.ts';
import { describeDeployments, describeVersions, selectDownstream, selectUpstream } from './store/lineage.ts';

export function createRegistryLineage(database: Database): LineagePort {
  return {
    kinds: ['deployment', 'modelVersion'],

    async edgesOf(caller, nodes, direction, limit) {
      const idsOf = (kind: string) => nodes.filter((node) => node.kind === kind).map((node) => node.id);
      const select = direction === 'UPSTREAM' ? selectUpstream : selectDownstream;
      const edges = await select(database, caller.workspaceId, idsOf, limit + 1);
      return { edges: edges.slice(0, limit), truncated: edges.length > limit };
    },

    async describe(caller, nodes) {
      const idsOf = (kind: string) => nodes.filter((node) => node.kind === kind).map((node) => node.id);
      const deployments = idsOf('deployment');
      const versions = idsOf('modelVersion');
      const [deployed, versioned] = await Promise.all([
        deployments.length === 0 ? [] : describeDeployments(database, caller.workspaceId, deployments),
        versions.length === 0 ? [] : describeVersions(database, caller.workspaceId, versions),
      ]);
      return [...deployed.map(deploymentFacts), ...versioned.map(versionFacts)];
    },
  };
}

function deploymentFacts(row: DeploymentFacts): NodeFacts {
  return {
    node: { kind: 'deployment', id: row.id },
    ref: formatRef({ kind: 'deployment', environment: row.environment, target: row.target }),
    label: `${row.environment}/${row.target}`,
    detail: row.ended_at === null ? 'live' : 'ended',
    // Its bytes are its version's, which is a node of its own.
    manifestId: null,
    fileSetId: null,
    retraction: null,
    endedAt: row.ended_at,
    lacks: [],
  };
}

function versionFacts(row: VersionFacts): NodeFacts {
  const marks = [...row.aliases.map((alias) => `@${alias}`), ...(row.deleted ? ['deleted'] : [])];
  const lacks: NodeFacts['lacks'][number][] = [];
  if (row.manifest_id === null) lacks.push('digest');
  if (!row.has_origin) lacks.push('run');
  return {
    node: { kind: 'modelVersion', id: row.id },
    ref: formatRef({ kind: 'model', name: row.name, version: row.version }),
    label: `${row.name} ${row.version}`,
    detail: marks.length === 0 ? null : marks.join(' '),
    manifestId: row.manifest_id,
    fileSetId: null,
    retraction: null,
    lacks,
  };
}
