// SQL for logged models and their links to runs.

import type { Queryable, Tx } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import type { ChangedParam } from '../errors.ts';
import type { KeyValue, LoggedModel, LoggedModelKey, LoggedModelMetric, LoggedModelStatus, ModelLink } from '../types.ts';

export const LOGGED_MODEL_COLUMNS = `l.id, l.model_id AS "modelId", l.experiment_id AS "experimentUuid", e.experiment_id::text AS "experimentId", l.name,
  l.model_type AS "modelType", l.status::text AS status, l.status_message AS "statusMessage", l.source_run_id AS "sourceRunUuid", s.run_id AS "sourceRunId",
  l.source_run_evidence::text AS "sourceRunEvidence", l.artifact_location AS "artifactUri", l.file_set_id AS "fileSetId", l.lifecycle::text AS lifecycle,
  l.created_at_ms AS "createdAtMs", l.updated_at_ms AS "updatedAtMs"`;

/** Those of the logged models $2 that are in the workspace $1; see OWN_RUNS. */
const OWN_MODELS = `ARRAY(SELECT own.id FROM logged_model own WHERE own.workspace_id = $1 AND own.id = ANY ($2::uuid[]))`;

const LOGGED_MODELS = `logged_model l JOIN experiment e ON e.id = l.experiment_id LEFT JOIN run s ON s.id = l.source_run_id`;

export async function insertLoggedModel(
  tx: Tx,
  row: {
    id: string;
    workspaceId: string;
    modelId: string;
    experimentUuid: string;
    name: string;
    modelType: string | null;
    sourceRunUuid: string | null;
    sourceRunEvidence: Evidence;
    artifactUri: string;
    fileSetId: string;
    nowMs: number;
  },
): Promise<boolean> {
  const rows = await tx.sql(
    `INSERT INTO logged_model (id, workspace_id, model_id, experiment_id, name, model_type, source_run_id, source_run_evidence, artifact_location, file_set_id, created_at_ms, updated_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::"Evidence", $9, $10, $11, $11) ON CONFLICT DO NOTHING RETURNING id`,
    [
      row.id,
      row.workspaceId,
      row.modelId,
      row.experimentUuid,
      row.name,
      row.modelType,
      row.sourceRunUuid,
      row.sourceRunEvidence,
      row.artifactUri,
      row.fileSetId,
      row.nowMs,
    ],
  );
  return rows.length > 0;
}

/** `lock` is for changes of the row itself. */
export async function selectLoggedModel(
  db: Queryable,
  workspaceId: string,
  key: LoggedModelKey,
  lock = false,
): Promise<LoggedModel | null> {
  const [where, value] = 'id' in key ? ['l.id = $2::uuid', key.id] : ['l.model_id = $2', key.modelId];
  const rows = await db.sql<LoggedModel>(
    `SELECT ${LOGGED_MODEL_COLUMNS} FROM ${LOGGED_MODELS} WHERE l.workspace_id = $1 AND ${where} ${lock ? 'FOR NO KEY UPDATE OF l' : ''}`,
    [workspaceId, value],
  );
  return rows[0] ?? null;
}

export function selectLoggedModels(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<LoggedModel[]> {
  return db.sql<LoggedModel>(`SELECT ${LOGGED_MODEL_COLUMNS} FROM ${LOGGED_MODELS} WHERE l.workspace_id = $1 AND l.id = ANY ($2::uuid[])`, [
    workspaceId,
    ids,
  ]);
}

export async function updateLoggedModel(
  tx: Tx,
  id: string,
  change: { status?: LoggedModelStatus; deleted?: true; nowMs: number },
): Promise<void> {
  await tx.sql(
    `UPDATE logged_model SET status = coalesce($2::"LoggedModelStatus", status), lifecycle = coalesce($3::"Lifecycle", lifecycle),
       updated_at_ms = greatest(updated_at_ms, $4) WHERE id = $1`,
    [id, change.status ?? null, change.deleted === true ? 'DELETED' : null, change.nowMs],
  );
}

/** Takes back that the source run made it. Nothing raises it again. */
export async function lowerSourceEvidence(tx: Tx, id: string): Promise<void> {
  await tx.sql(`UPDATE logged_model SET source_run_evidence = 'ASSERTED' WHERE id = $1 AND source_run_evidence <> 'ASSERTED'`, [id]);
}

export async function upsertLoggedModelTags(tx: Tx, id: string, tags: readonly KeyValue[]): Promise<void> {
  await tx.sql(
    `INSERT INTO logged_model_tag (logged_model_id, key, value) SELECT $1, u.key, u.value FROM unnest($2::text[], $3::text[]) AS u(key, value)
     ON CONFLICT (logged_model_id, key) DO UPDATE SET value = excluded.value`,
    [id, tags.map(({ key }) => key), tags.map(({ value }) => value)],
  );
}

export async function deleteLoggedModelTag(tx: Tx, id: string, key: string): Promise<boolean> {
  return (await tx.sql(`DELETE FROM logged_model_tag WHERE logged_model_id = $1 AND key = $2 RETURNING key`, [id, key])).length > 0;
}

/** Writes what is not there yet, and answers what is there with another value. The model's row is locked. */
export async function insertLoggedModelParams(tx: Tx, id: string, params: readonly KeyValue[]): Promise<ChangedParam[]> {
  const values = [id, params.map(({ key }) => key), params.map(({ value }) => value)];
  await tx.sql(
    `INSERT INTO logged_model_param (logged_model_id, key, value) SELECT $1, u.key, u.value FROM unnest($2::text[], $3::text[]) AS u(key, value) ON CONFLICT DO NOTHING`,
    values,
  );
  return tx.sql<ChangedParam>(
    `SELECT p.key, p.value AS old, u.value AS new FROM unnest($2::text[], $3::text[]) AS u(key, value)
     JOIN logged_model_param p ON p.logged_model_id = $1 AND p.key = u.key WHERE p.value <> u.value ORDER BY p.key`,
    values,
  );
}

export function selectLoggedModelKeyValues(
  db: Queryable,
  options: { table: 'logged_model_tag' | 'logged_model_param'; workspaceId: string; ids: readonly string[] },
): Promise<(KeyValue & { owner: string })[]> {
  return db.sql(
    `SELECT v.logged_model_id AS owner, v.key, v.value FROM ${options.table} v
     WHERE v.logged_model_id = ANY (${OWN_MODELS}) ORDER BY v.logged_model_id, v.key COLLATE "C"`,
    [options.workspaceId, options.ids],
  );
}

/** The latest point of each metric of each model, run and dataset. */
export function selectLoggedModelMetrics(
  db: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<(LoggedModelMetric & { owner: string })[]> {
  return db.sql(
    `SELECT DISTINCT ON (m.logged_model_id, m.key, m.run_id, m.dataset_name, m.dataset_digest)
       m.logged_model_id AS owner, m.key, m.value, m.step, m.timestamp_ms AS "timestampMs", r.run_id AS "runId",
       nullif(m.dataset_name, '') AS "datasetName", nullif(m.dataset_digest, '') AS "datasetDigest"
     FROM logged_model_metric m JOIN run r ON r.id = m.run_id
     WHERE m.logged_model_id = ANY (${OWN_MODELS})
     ORDER BY m.logged_model_id, m.key, m.run_id, m.dataset_name, m.dataset_digest, m.step DESC, m.timestamp_ms DESC, m.value DESC`,
    [workspaceId, ids],
  );
}

/** Links a run with models in use; answers the model ids that there are. */
export async function insertModelLinks(
  tx: Tx,
  options: { workspaceId: string; runId: string; direction: 'INPUT' | 'OUTPUT'; models: readonly { modelId: string; step: number }[] },
): Promise<string[]> {
  const values = [options.workspaceId, options.models.map(({ modelId }) => modelId)];
  const known = await tx.sql<{ modelId: string }>(
    `SELECT model_id AS "modelId" FROM logged_model WHERE workspace_id = $1 AND model_id = ANY ($2::text[]) AND lifecycle = 'ACTIVE' ORDER BY id FOR KEY SHARE`,
    values,
  );
  await tx.sql(
    `INSERT INTO run_model_link (run_id, logged_model_id, direction, step)
     SELECT $3, l.id, $4::"ModelLinkDirection", u.step FROM unnest($2::text[], $5::int8[]) AS u(model_id, step)
     JOIN logged_model l ON l.workspace_id = $1 AND l.model_id = u.model_id ORDER BY l.id ON CONFLICT DO NOTHING`,
    [...values, options.runId, options.direction, options.models.map(({ step }) => step)],
  );
  return known.map((row) => row.modelId);
}

/** Links of runs, a model's source run as its producer included. */
export function selectModelLinks(db: Queryable, workspaceId: string, runIds: readonly string[]): Promise<ModelLink[]> {
  return db.sql<ModelLink>(
    `SELECT k.run_id AS "runUuid", l.id AS "loggedModelId", l.model_id AS "modelId", k.direction, max(k.step) AS step
     FROM (SELECT run_id, logged_model_id, direction::text AS direction, step FROM run_model_link WHERE run_id = ANY ($2::uuid[])
           UNION ALL SELECT source_run_id, id, 'OUTPUT', 0 FROM logged_model WHERE source_run_id = ANY ($2::uuid[])) k
     JOIN logged_model l ON l.id = k.logged_model_id
     WHERE l.workspace_id = $1 AND l.lifecycle = 'ACTIVE' GROUP BY k.run_id, l.id, l.model_id, k.direction, l.created_at_ms
     ORDER BY k.run_id, l.created_at_ms, l.model_id`,
    [workspaceId, runIds],
  );
}
