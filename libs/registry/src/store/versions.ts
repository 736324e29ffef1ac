import type { Queryable } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import type { ModelVersion, Stage } from '../types.ts';
import type { VersionRow } from './rows.ts';
import { toVersion, VERSION_COLUMNS, VERSION_FROM } from './rows.ts';

/** Gives out the next number of a live model and locks its row; null where the model is deleted or unknown. */
export async function takeNumber(db: Queryable, workspaceId: string, modelId: string, nowMs: number): Promise<number | null> {
  const rows = await db.sql<{ last_version: number }>(
    `UPDATE registered_model SET last_version = last_version + 1, updated_at_ms = GREATEST(updated_at_ms, $3)
     WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING last_version`,
    [workspaceId, modelId, nowMs],
  );
  return rows[0]?.last_version ?? null;
}

export interface NewVersion {
  id: string;
  workspaceId: string;
  modelId: string;
  version: number;
  description: string;
  source: string;
  storageLocation: string;
  runLink: string;
  sourceRunId: string | null;
  runId: string | null;
  runEvidence: Evidence;
  loggedModelId: string | null;
  copiedFromId: string | null;
  manifestId: string | null;
  digest: string | null;
  noDigestReason: string | null;
  userId: string;
  nowMs: number;
}

export async function insertVersion(db: Queryable, version: NewVersion): Promise<ModelVersion> {
  const rows = await db.sql<VersionRow>(
    `WITH v AS (
       INSERT INTO model_version (id, workspace_id, model_id, version, description, source, storage_location, run_link, source_run_id, run_id,
         run_evidence, logged_model_id, copied_from_id, manifest_id, digest, no_digest_reason, user_id, created_at_ms, updated_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::"Evidence", $12, $13, $14, $15, $16, $17, $18, $18)
       RETURNING *)
     SELECT ${VERSION_COLUMNS} FROM v JOIN registered_model m ON m.id = v.model_id`,
    [
      version.id,
      version.workspaceId,
      version.modelId,
      version.version,
      version.description,
      version.source,
      version.storageLocation,
      version.runLink,
      version.sourceRunId,
      version.runId,
      version.runEvidence,
      version.loggedModelId,
      version.copiedFromId,
      version.manifestId,
      version.digest === null ? null : Buffer.from(version.digest, 'hex'),
      version.noDigestReason,
      version.userId,
      version.nowMs,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the insert answered no row');
  return toVersion(row);
}

/** Versions by id, tombstones included, in no order. */
export async function findVersions(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM ${VERSION_FROM} WHERE v.workspace_id = $1 AND v.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
  return rows.map(toVersion);
}

/** A version, held against being deleted until the end of the transaction. */
export async function holdVersion(db: Queryable, workspaceId: string, id: string): Promise<ModelVersion | null> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM ${VERSION_FROM} WHERE v.workspace_id = $1 AND v.id = $2 FOR SHARE OF v`,
    [workspaceId, id],
  );
  return rows[0] === undefined ? null : toVersion(rows[0]);
}

/** Live versions by their models' names and numbers, in one statement. */
export async function findVersionsByNumber(
  db: Queryable,
  workspaceId: string,
  handles: readonly { name: string; version: number }[],
): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM unnest($2::text[], $3::int[]) AS h (name, version)
       JOIN registered_model m ON m.workspace_id = $1 AND m.name = h.name AND m.deleted_at IS NULL
       JOIN model_version v ON v.model_id = m.id AND v.version = h.version AND v.deleted_at IS NULL`,
    [workspaceId, handles.map((handle) => handle.name), handles.map((handle) => handle.version)],
  );
  return rows.map(toVersion);
}

export interface VersionChange {
  description?: string | undefined;
  stage?: Stage | undefined;
  deletedAt?: Date | undefined;
  nowMs: number;
}

/** Changes what is given of these versions, and leaves the rest. */
export async function updateVersions(db: Queryable, ids: readonly string[], change: VersionChange): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `WITH v AS (
       UPDATE model_version SET description = coalesce($2, description), stage = coalesce($3, stage),
         deleted_at = coalesce($4, deleted_at), updated_at_ms = GREATEST(updated_at_ms, $5)
       WHERE id = ANY($1::uuid[]) RETURNING *)
     SELECT ${VERSION_COLUMNS} FROM v JOIN registered_model m ON m.id = v.model_id`,
    [ids, change.description ?? null, change.stage ?? null, change.deletedAt ?? null, change.nowMs],
  );
  return rows.map(toVersion);
}

/** The live versions of one model, whole rows locked: for what deletes or archives them. Take the model's lock first. */
export async function lockLiveVersions(db: Queryable, modelId: string): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM ${VERSION_FROM} WHERE v.model_id = $1 AND v.deleted_at IS NULL ORDER BY v.version FOR UPDATE OF v`,
    [modelId],
  );
  return rows.map(toVersion);
}

/** One live version, locked for being deleted or changed. */
export async function lockVersion(db: Queryable, workspaceId: string, id: string): Promise<ModelVersion | null> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM ${VERSION_FROM} WHERE v.workspace_id = $1 AND v.id = $2 FOR UPDATE OF v`,
    [workspaceId, id],
  );
  return rows[0] === undefined ? null : toVersion(rows[0]);
}

/** The first `limit` live versions of each model, newest first, below the number `before` where one is given. */
export async function newestVersions(
  db: Queryable,
  workspaceId: string,
  modelIds: readonly string[],
  page: { before: number | null; limit: number },
): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM registered_model m CROSS JOIN LATERAL (
       SELECT * FROM model_version x WHERE x.model_id = m.id AND x.deleted_at IS NULL AND ($3::int IS NULL OR x.version < $3)
       ORDER BY x.version DESC LIMIT $4) v
     WHERE m.workspace_id = $1 AND m.id = ANY($2::uuid[]) ORDER BY m.id, v.version DESC`,
    [workspaceId, modelIds, page.before, page.limit],
  );
  return rows.map(toVersion);
}

/** The newest live version of each model in each of these stages. */
export async function newestInStages(
  db: Queryable,
  workspaceId: string,
  modelIds: readonly string[],
  stages: readonly Stage[],
): Promise<ModelVersion[]> {
  const rows = await db.sql<VersionRow>(
    `SELECT DISTINCT ON (v.model_id, v.stage) ${VERSION_COLUMNS} FROM ${VERSION_FROM}
     WHERE m.workspace_id = $1 AND v.model_id = ANY($2::uuid[]) AND v.stage = ANY($3::text[]) AND v.deleted_at IS NULL
     ORDER BY v.model_id, v.stage, v.version DESC`,
    [workspaceId, modelIds, stages],
  );
  return rows.map(toVersion);
}

export async function countVersions(db: Queryable, workspaceId: string, modelIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.sql<{ model_id: string; count: number }>(
    `SELECT model_id, count(*) FROM model_version WHERE workspace_id = $1 AND model_id = ANY($2::uuid[]) AND deleted_at IS NULL GROUP BY model_id`,
    [workspaceId, modelIds],
  );
  return new Map(rows.map((row) => [row.model_id, row.count]));
}

const ORIGINS = { run: 'run_id', loggedModel: 'logged_model_id' } as const;

/** What a version may have come from. */
export type Origin = keyof typeof ORIGINS;

/** The first `limit` live versions that came from each of these, newest first. */
export async function versionsFrom(
  db: Queryable,
  workspaceId: string,
  origin: Origin,
  ids: readonly string[],
  limit: number,
): Promise<ModelVersion[]> {
  const column = ORIGINS[origin];
  const rows = await db.sql<VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM unnest($2::uuid[]) AS o (id) CROSS JOIN LATERAL (
       SELECT * FROM model_version x WHERE x.${column} = o.id AND x.workspace_id = $1 AND x.deleted_at IS NULL
       ORDER BY x.created_at_ms DESC, x.id DESC LIMIT $3) v
     JOIN registered_model m ON m.id = v.model_id ORDER BY o.id, v.created_at_ms DESC, v.id DESC`,
    [workspaceId, ids, limit],
  );
  return rows.map(toVersion);
}

/** Which of these manifests a version of any workspace has, deleted versions included: their digests stay citable. */
export async function manifestsInUse(db: Queryable, manifestIds: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ manifest_id: string }>('SELECT DISTINCT manifest_id FROM model_version WHERE manifest_id = ANY($1::uuid[])', [
    manifestIds,
  ]);
  return rows.map((row) => row.manifest_id);
}
