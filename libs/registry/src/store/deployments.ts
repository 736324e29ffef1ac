import type { Queryable } from '@throughline/database';

import type { Deployment } from '../types.ts';
import type { DeploymentRow } from './rows.ts';
import { DEPLOYMENT_COLUMNS, toDeployment } from './rows.ts';

/** A target of an environment, in a workspace. */
export interface Place {
  workspaceId: string;
  environment: string;
  target: string;
}

/**
 * Holds the target until the end of the transaction, so that deployments to it happen one after the other. A lock by name, since
 * a target that was never deployed to has no row to lock. Names hold no '/', so the text is unambiguous; a hash that two
 * targets share only makes one wait for the other.
 */
export async function lockPlace(db: Queryable, { workspaceId, environment, target }: Place): Promise<void> {
  await db.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`deployment/${workspaceId}/${environment}/${target}`]);
}

/** What is live at a target. */
export async function findLive(db: Queryable, { workspaceId, environment, target }: Place): Promise<Deployment | null> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployment d
     WHERE d.workspace_id = $1 AND d.environment = $2 AND d.target = $3 AND d.ended_at IS NULL`,
    [workspaceId, environment, target],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

/** The newest deployment to a target, ended or not. */
export async function findLast(db: Queryable, { workspaceId, environment, target }: Place): Promise<Deployment | null> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployment d
     WHERE d.workspace_id = $1 AND d.environment = $2 AND d.target = $3 ORDER BY d.sequence DESC LIMIT 1`,
    [workspaceId, environment, target],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

/** Ends a live deployment; null where it has ended already. */
export async function endDeployment(db: Queryable, id: string, end: { at: Date; by: string; reason: string }): Promise<Deployment | null> {
  const rows = await db.sql<DeploymentRow>(
    `UPDATE deployment d SET ended_at = GREATEST($2::timestamptz, d.started_at), ended_by = $3, end_reason = $4
     WHERE d.id = $1 AND d.ended_at IS NULL RETURNING ${DEPLOYMENT_COLUMNS}`,
    [id, end.at, end.by, end.reason],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

export interface NewDeployment extends Place {
  id: string;
  versionId: string;
  digest: string;
  startedBy: string;
  reason: string;
  at: Date;
}

export async function insertDeployment(db: Queryable, deployment: NewDeployment): Promise<Deployment> {
  const rows = await db.sql<DeploymentRow>(
    `INSERT INTO deployment AS d (id, workspace_id, environment, target, version_id, digest, started_by, reason, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${DEPLOYMENT_COLUMNS}`,
    [
      deployment.id,
      deployment.workspaceId,
      deployment.environment,
      deployment.target,
      deployment.versionId,
      Buffer.from(deployment.digest, 'hex'),
      deployment.startedBy,
      deployment.reason,
      deployment.at,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the insert answered no row');
  return toDeployment(row);
}

/** Deployments by id, in no order. */
export async function findDeployments(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Deployment[]> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployment d WHERE d.workspace_id = $1 AND d.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
  return rows.map(toDeployment);
}

/** Which deployments a list is of. */
export interface DeploymentFilter {
  environment: string | null;
  target: string | null;
  /** Whether those that ended are in it too. */
  ended: boolean;
}

const FILTERED = `d.workspace_id = $1 AND ($2::text IS NULL OR d.environment = $2) AND ($3::text IS NULL OR d.target = $3)
  AND ($4 OR d.ended_at IS NULL)`;

/** Newest first, before the one with the number `before` where one is given. */
export async function listDeployments(
  db: Queryable,
  workspaceId: string,
  filter: DeploymentFilter,
  page: { before: number | null; limit: number },
): Promise<Deployment[]> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployment d WHERE ${FILTERED} AND ($5::bigint IS NULL OR d.sequence < $5)
     ORDER BY d.sequence DESC LIMIT $6`,
    [workspaceId, filter.environment, filter.target, filter.ended, page.before, page.limit],
  );
  return rows.map(toDeployment);
}

export async function countDeployments(db: Queryable, workspaceId: string, filter: DeploymentFilter): Promise<number> {
  const rows = await db.sql<{ count: number }>(`SELECT count(*) FROM deployment d WHERE ${FILTERED}`, [
    workspaceId,
    filter.environment,
    filter.target,
    filter.ended,
  ]);
  return rows[0]?.count ?? 0;
}

/** The first `limit` deployments of each version, newest first. */
export async function newestOfVersions(
  db: Queryable,
  workspaceId: string,
  versionIds: readonly string[],
  page: { before: number | null; limit: number },
): Promise<Deployment[]> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM unnest($2::uuid[]) AS v (id) CROSS JOIN LATERAL (
       SELECT * FROM deployment x WHERE x.version_id = v.id AND x.workspace_id = $1 AND ($3::bigint IS NULL OR x.sequence < $3)
       ORDER BY x.sequence DESC LIMIT $4) d
     ORDER BY d.version_id, d.sequence DESC`,
    [workspaceId, versionIds, page.before, page.limit],
  );
  return rows.map(toDeployment);
}

export async function countOfVersions(db: Queryable, workspaceId: string, versionIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.sql<{ version_id: string; count: number }>(
    'SELECT version_id, count(*) FROM deployment WHERE workspace_id = $1 AND version_id = ANY($2::uuid[]) GROUP BY version_id',
    [workspaceId, versionIds],
  );
  return new Map(rows.map((row) => [row.version_id, row.count]));
}

/** The deployment that each of these took the place of, or followed, at its target; under their ids. */
export async function predecessors(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Map<string, Deployment>> {
  const rows = await db.sql<DeploymentRow & { successor: string }>(
    `SELECT s.id AS successor, ${DEPLOYMENT_COLUMNS} FROM deployment s CROSS JOIN LATERAL (
       SELECT * FROM deployment x WHERE x.workspace_id = s.workspace_id AND x.environment = s.environment AND x.target = s.target
         AND x.sequence < s.sequence ORDER BY x.sequence DESC LIMIT 1) d
     WHERE s.workspace_id = $1 AND s.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [row.successor, toDeployment(row)]));
}

/** The newest deployment to this one's target that was before it and had another version. */
export async function findBefore(db: Queryable, { workspaceId, environment, target }: Place, than: Deployment): Promise<Deployment | null> {
  const rows = await db.sql<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployment d
     WHERE d.workspace_id = $1 AND d.environment = $2 AND d.target = $3 AND d.sequence < $4 AND d.version_id <> $5
     ORDER BY d.sequence DESC LIMIT 1`,
    [workspaceId, environment, target, than.sequence, than.versionId],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

/** Where these versions are live, as `environment/target`. */
export async function livePlaces(db: Queryable, versionIds: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ place: string }>(
    `SELECT environment || '/' || target AS place FROM deployment WHERE version_id = ANY($1::uuid[]) AND ended_at IS NULL
     ORDER BY environment, target LIMIT 20`,
    [versionIds],
  );
  return rows.map((row) => row.place);
}
