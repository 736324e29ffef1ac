import type { Queryable } from '@throughline/database';
import type { DomainEdge, EdgeRelation, Evidence, GraphNodeKind } from '@throughline/kernel';

interface EdgeRow {
  from_kind: GraphNodeKind;
  from_id: string;
  to_kind: GraphNodeKind;
  to_id: string;
  relation: EdgeRelation;
  evidence: Evidence;
  recorded_at: Date;
}

/** Answers the ids of the nodes of one kind. */
type IdsOf = (kind: GraphNodeKind) => string[];

/** A deployment's digest is compared with its version's when it is pinned, by this code and by a trigger. */
const DEPLOYED = `SELECT 'deployment' AS from_kind, d.id AS from_id, 'modelVersion' AS to_kind, d.version_id AS to_id, 'deployed' AS relation,
  'MATCHED' AS evidence, d.started_at AS recorded_at FROM deployment d WHERE d.workspace_id = $1`;

/**
 * A version that has files was frozen from those of its logged model, hash by hash. A copy tells its origin by the version that it
 * was copied from, and nothing else: it never saw the run or the logged model.
 */
const REGISTERED = `SELECT 'modelVersion', v.id, 'loggedModel', v.logged_model_id, 'registered from',
  CASE WHEN v.digest IS NULL THEN 'ASSERTED' ELSE 'MATCHED' END, to_timestamp(v.created_at_ms / 1000.0)
  FROM model_version v WHERE v.workspace_id = $1 AND v.logged_model_id IS NOT NULL AND v.copied_from_id IS NULL`;

const PRODUCED = `SELECT 'modelVersion', v.id, 'run', v.run_id, 'produced by', v.run_evidence::text, to_timestamp(v.created_at_ms / 1000.0)
  FROM model_version v
  WHERE v.workspace_id = $1 AND v.run_id IS NOT NULL AND v.logged_model_id IS NULL AND v.copied_from_id IS NULL`;

const COPIED = `SELECT 'modelVersion', v.id, 'modelVersion', v.copied_from_id, 'copied from',
  CASE WHEN v.digest = o.digest THEN 'MATCHED' ELSE 'ASSERTED' END, to_timestamp(v.created_at_ms / 1000.0)
  FROM model_version v JOIN model_version o ON o.id = v.copied_from_id WHERE v.workspace_id = $1`;

const ORDER = 'ORDER BY from_kind, from_id, to_kind, to_id LIMIT';

function toEdge(row: EdgeRow): DomainEdge {
  return {
    from: { kind: row.from_kind, id: row.from_id },
    to: { kind: row.to_kind, id: row.to_id },
    relation: row.relation,
    evidence: row.evidence,
    context: null,
    recordedAt: row.recorded_at,
  };
}

export async function selectUpstream(db: Queryable, workspaceId: string, idsOf: IdsOf, limit: number): Promise<DomainEdge[]> {
  const deployments = idsOf('deployment');
  const versions = idsOf('modelVersion');
  if (deployments.length + versions.length === 0) return [];
  const rows = await db.sql<EdgeRow>(
    `${DEPLOYED} AND d.id = ANY($2::uuid[])
     UNION ALL ${REGISTERED} AND v.id = ANY($3::uuid[])
     UNION ALL ${PRODUCED} AND v.id = ANY($3::uuid[])
     UNION ALL ${COPIED} AND v.id = ANY($3::uuid[])
     ${ORDER} $4`,
    [workspaceId, deployments, versions, limit],
  );
  return rows.map(toEdge);
}

export async function selectDownstream(db: Queryable, workspaceId: string, idsOf: IdsOf, limit: number): Promise<DomainEdge[]> {
  const versions = idsOf('modelVersion');
  const loggedModels = idsOf('loggedModel');
  const runs = idsOf('run');
  if (versions.length + loggedModels.length + runs.length === 0) return [];
  const rows = await db.sql<EdgeRow>(
    `${DEPLOYED} AND d.version_id = ANY($2::uuid[])
     UNION ALL ${REGISTERED} AND v.logged_model_id = ANY($3::uuid[])
     UNION ALL ${PRODUCED} AND v.run_id = ANY($4::uuid[])
     UNION ALL ${COPIED} AND v.copied_from_id = ANY($2::uuid[])
     ${ORDER} $5`,
    [workspaceId, versions, loggedModels, runs, limit],
  );
  return rows.map(toEdge);
}

export interface DeploymentFacts {
  id: string;
  environment: string;
  target: string;
  ended_at: Date | null;
}

export function describeDeployments(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<DeploymentFacts[]> {
  return db.sql<DeploymentFacts>(
    `SELECT id, environment, target, ended_at FROM deployment
     WHERE workspace_id = $1 AND id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
}

export interface VersionFacts {
  id: string;
  name: string;
  version: number;
  manifest_id: string | null;
  has_origin: boolean;
  deleted: boolean;
  aliases: string[];
}

export function describeVersions(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<VersionFacts[]> {
  return db.sql<VersionFacts>(
    `SELECT v.id, m.name, v.version, v.manifest_id, coalesce(v.run_id, v.logged_model_id, v.copied_from_id) IS NOT NULL AS has_origin,
       v.deleted_at IS NOT NULL AS deleted,
       coalesce((SELECT array_agg(a.alias ORDER BY a.alias) FROM alias a WHERE a.version_id = v.id), '{}') AS aliases
     FROM model_version v JOIN registered_model m ON m.id = v.model_id
     WHERE v.workspace_id = $1 AND v.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
}
