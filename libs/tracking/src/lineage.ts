// The edges that tracking records: what runs read, started from and produced, and what they are part of. A child's parent is upstream of
// it, so that going up from a model never meets the child's siblings.

import type { Database } from '@throughline/database';
import { formatRef, nodeId } from '@throughline/kernel';
import type { DomainEdge, LineagePort, NodeFacts, NodeRef } from '@throughline/kernel';

import { selectInputs } from './store/inputs.ts';
import { selectEdges, selectLoggedModelFacts, selectRunFacts } from './store/lineage.ts';

function idsOf(nodes: readonly NodeRef[], kind: NodeRef['kind']): string[] {
  return nodes.filter((node) => node.kind === kind).map((node) => node.id);
}

export function createLineagePort({ database }: { database: Database }): LineagePort {
  return {
    kinds: ['run', 'loggedModel', 'datasetInput'],

    async edgesOf({ workspaceId }, nodes, direction, limit) {
      const ids = {
        run: idsOf(nodes, 'run'),
        loggedModel: idsOf(nodes, 'loggedModel'),
        datasetInput: idsOf(nodes, 'datasetInput'),
        datasetVersion: idsOf(nodes, 'datasetVersion'),
      };
      if (Object.values(ids).every((some) => some.length === 0)) return { edges: [], truncated: false };
      const rows = await selectEdges(database, { workspaceId, nodes: ids, direction, limit: limit + 1 });
      const edges = rows.slice(0, limit).map((row): DomainEdge => ({
        from: { kind: row.fromKind, id: row.fromId },
        to: { kind: row.toKind, id: row.toId },
        relation: row.relation,
        evidence: row.evidence,
        context: row.context,
        recordedAt: row.recordedAt,
      }));
      return { edges, truncated: rows.length > limit };
    },

    async describe({ workspaceId }, nodes) {
      const runs = idsOf(nodes, 'run');
      const models = idsOf(nodes, 'loggedModel');
      const inputs = idsOf(nodes, 'datasetInput');
      const facts: NodeFacts[] = [];
      if (runs.length > 0) {
        for (const run of await selectRunFacts(database, workspaceId, runs)) {
          facts.push({
            node: { kind: 'run', id: run.id },
            ref: formatRef({ kind: 'run', runId: run.runId }),
            label: run.name,
            detail: run.commit === null ? run.status.toLowerCase() : `${run.status.toLowerCase()} · commit ${run.commit.slice(0, 12)}`,
            manifestId: null,
            fileSetId: run.fileSetId,
            retraction: null,
            lacks: run.hasInputs ? [] : ['inputs'],
          });
        }
      }
      if (models.length > 0) {
        for (const model of await selectLoggedModelFacts(database, workspaceId, models)) {
          facts.push({
            node: { kind: 'loggedModel', id: model.id },
            ref: formatRef({ kind: 'loggedModel', modelId: model.modelId }),
            label: model.name,
            detail: model.modelType,
            manifestId: null,
            fileSetId: model.fileSetId,
            retraction: null,
            lacks: model.hasRun ? [] : ['run'],
          });
        }
      }
      if (inputs.length > 0) {
        for (const input of await selectInputs(database, workspaceId, { ids: inputs })) {
          facts.push({
            node: { kind: 'datasetInput', id: input.id },
            ref: nodeId('datasetInput', input.id),
            label: input.name,
            detail: input.claim ?? `${input.sourceType} · ${input.digest}`,
            manifestId: null,
            fileSetId: null,
            retraction: null,
            lacks: input.datasetVersionId === null ? ['version'] : [],
          });
        }
      }
      return facts;
    },
  };
}
