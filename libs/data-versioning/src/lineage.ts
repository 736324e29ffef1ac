// The domain's part of the graph: which version was made from which.

import type { DomainEdge, LineagePort, NodeFacts } from '@throughline/kernel';

import type { Parts } from './parts.ts';
import type { DatasetVersion } from './types.ts';
import { versionRef } from './versions.ts';

export function createLineagePort({ database, store }: Parts): LineagePort {
  return {
    kinds: ['datasetVersion'],

    async edgesOf(caller, nodes, direction, limit) {
      const ids = nodes.filter((node) => node.kind === 'datasetVersion').map((node) => node.id);
      if (ids.length === 0) return { edges: [], truncated: false };
      const side = direction === 'UPSTREAM' ? 'derived' : 'source';
      const rows = await store.derivations(database, caller.workspaceId, ids, side, limit + 1);
      const edges = rows.slice(0, limit).map((row): DomainEdge => ({
        from: { kind: 'datasetVersion', id: row.versionId },
        to: { kind: 'datasetVersion', id: row.fromVersionId },
        relation: 'derived from',
        evidence: row.evidence,
        context: null,
        recordedAt: row.at,
      }));
      return { edges, truncated: rows.length > limit };
    },

    async describe(caller, nodes) {
      const ids = nodes.filter((node) => node.kind === 'datasetVersion').map((node) => node.id);
      if (ids.length === 0) return [];
      return (await store.versionsByIds(database, caller.workspaceId, ids)).map(factsOf);
    },
  };
}

function factsOf(version: DatasetVersion): NodeFacts {
  return {
    node: { kind: 'datasetVersion', id: version.id },
    ref: versionRef(version),
    label: `${version.datasetName}@${version.number}`,
    detail: `sha256:${version.digest}`,
    manifestId: version.manifestId,
    fileSetId: null,
    retraction: version.retraction?.reason ?? null,
    lacks: [],
  };
}
