// SQL for runs, their params and tags.

import type { Queryable, Tx } from '@throughline/database';

import type { ChangedParam } from '../errors.ts';
import type { KeyValue, Lifecycle, Run, RunKey, RunStatus } from '../types.ts';

/** Of `run r`; the experiment's number is fetched by its key, so that plans of searches stay about runs. */
export const RUN_COLUMNS = `r.id, r.run_id AS "runId", r.experiment_id AS "experimentUuid",
  (SELECT x.experiment_id::text FROM experiment x WHERE x.id = r.experiment_id) AS "experimentId", r.parent_id AS "parentId", r.name,
  r.user_id AS "userId", r.status::text AS status, r.start_time_ms AS "startTimeMs", r.end_time_ms AS "endTimeMs",
  r.artifact_uri AS "artifactUri", r.file_set_id AS "fileSetId", r.lifecycle::text AS lifecycle, r.deleted_at AS "deletedAt", r.created_at AS "createdAt"`;

/**
 * Those of the runs $2 that are in the workspace $1. As an array, and not as a join: a join with a handful of runs was planned as a scan of
 * all of them.
 */
export const OWN_RUNS = `ARRAY(SELECT own.id FROM run own WHERE own.workspace_id = $1 AND own.id = ANY ($2::uuid[]))`;

export interface NewRun {
  id: string;
  workspaceId: string;
  runId: string;
  experimentUuid: string;
  parentId: string | null;
  name: string;
  userId: string;
  startTimeMs: number;
  artifactUri: string;
  fileSetId: string;
  now: Date;
}

/**
 * Inserts a run with its tags; false where the id is taken. The experiment is marked as used at most once a minute, and only where
 * nobody else holds its row: runs that start side by side must not wait for one another.
 */
export async function insertRun(tx: Tx, run: NewRun, tags: readonly KeyValue[]): Promise<boolean> {
  const rows = await tx.sql(
    `WITH made AS (
       INSERT INTO run (id, workspace_id, run_id, experiment_id, parent_id, name, user_id, start_time_ms, artifact_uri, file_set_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id),
     tagged AS (
       INSERT INTO run_tag (run_id, key, value) SELECT made.id, u.key, u.value FROM made, unnest($12::text[], $13::text[]) AS u(key, value)),
     used AS (
       UPDATE experiment SET updated_at = $11 WHERE id IN
         (SELECT id FROM experiment WHERE id = $4 AND updated_at < $11::timestamptz - interval '1 minute' FOR NO KEY UPDATE SKIP LOCKED))
     SELECT id FROM made`,
    [
      run.id,
      run.workspaceId,
      run.runId,
      run.experimentUuid,
      run.parentId,
      run.name,
      run.userId,
      run.startTimeMs,
      run.artifactUri,
      run.fileSetId,
      run.now,
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
  );
  return rows.length > 0;
}

/** A condition on `run r`, and the value behind its placeholder. */
export function byRunKey(key: RunKey, placeholder: string): { sql: string; value: string } {
  return 'id' in key ? { sql: `r.id = ${placeholder}::uuid`, value: key.id } : { sql: `r.run_id = ${placeholder}`, value: key.runId };
}

/** FOR SHARE lets writers of one run pass each other and makes whoever deletes it wait for them; FOR NO KEY UPDATE is for changes of the row itself. */
export type RunLock = '' | 'FOR SHARE' | 'FOR NO KEY UPDATE';

export async function selectRun(db: Queryable, workspaceId: string, key: RunKey, lock: RunLock = ''): Promise<Run | null> {
  const where = byRunKey(key, '$2');
  const rows = await db.sql<Run>(`SELECT ${RUN_COLUMNS} FROM run r WHERE r.workspace_id = $1 AND ${where.sql} ${lock}`, [
    workspaceId,
    where.value,
  ]);
  return rows[0] ?? null;
}

export function selectRuns(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Run[]> {
  return db.sql<Run>(`SELECT ${RUN_COLUMNS} FROM run r WHERE r.workspace_id = $1 AND r.id = ANY ($2::uuid[])`, [workspaceId, ids]);
}

export interface RunChange {
  name?: string | undefined;
  status?: RunStatus | undefined;
  endTimeMs?: number | undefined;
}

export async function updateRun(tx: Tx, id: string, change: RunChange): Promise<void> {
  await tx.sql(
    `UPDATE run SET name = coalesce($2, name), status = coalesce($3::"RunStatus", status), end_time_ms = coalesce($4, end_time_ms) WHERE id = $1`,
    [id, change.name ?? null, change.status ?? null, change.endTimeMs ?? null],
  );
}

export async function updateRunParent(tx: Tx, id: string, parentId: string | null): Promise<void> {
  await tx.sql(`UPDATE run SET parent_id = $2 WHERE id = $1`, [id, parentId]);
}

export async function updateRunLifecycle(tx: Tx, id: string, lifecycle: Lifecycle, deletedAt: Date | null): Promise<void> {
  await tx.sql(`UPDATE run SET lifecycle = $2::"Lifecycle", deleted_at = $3 WHERE id = $1`, [id, lifecycle, deletedAt]);
}

/** Writes what is not there yet, and answers what is there with another value. */
export async function insertParams(tx: Tx, runId: string, params: readonly KeyValue[]): Promise<ChangedParam[]> {
  const values = [runId, params.map(({ key }) => key), params.map(({ value }) => value)];
  const written = await tx.sql(
    `INSERT INTO run_param (run_id, key, value) SELECT $1, u.key, u.value FROM unnest($2::text[], $3::text[]) AS u(key, value)
     ON CONFLICT DO NOTHING RETURNING key`,
    values,
  );
  if (written.length === params.length) return [];
  // A statement of its own sees what others committed while the one above waited for them.
  return tx.sql<ChangedParam>(
    `SELECT p.key, p.value AS old, u.value AS new FROM unnest($2::text[], $3::text[]) AS u(key, value)
     JOIN run_param p ON p.run_id = $1 AND p.key = u.key WHERE p.value <> u.value ORDER BY p.key`,
    values,
  );
}

export async function upsertTags(tx: Tx, runId: string, tags: readonly KeyValue[]): Promise<void> {
  await tx.sql(
    `INSERT INTO run_tag (run_id, key, value) SELECT $1, u.key, u.value FROM unnest($2::text[], $3::text[]) AS u(key, value)
     ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value`,
    [runId, tags.map(({ key }) => key), tags.map(({ value }) => value)],
  );
}

/** False where there was none. */
export async function deleteTag(tx: Tx, runId: string, key: string): Promise<boolean> {
  return (await tx.sql(`DELETE FROM run_tag WHERE run_id = $1 AND key = $2 RETURNING key`, [runId, key])).length > 0;
}

/** Params or tags of many runs, by key; only some keys where they are given. */
export function selectKeyValues(
  db: Queryable,
  options: { table: 'run_param' | 'run_tag'; workspaceId: string; runIds: readonly string[]; keys: readonly string[] | null },
): Promise<(KeyValue & { owner: string })[]> {
  const some = options.keys === null ? '' : 'AND v.key = ANY ($3::text[])';
  return db.sql(
    `SELECT v.run_id AS owner, v.key, v.value FROM ${options.table} v WHERE v.run_id = ANY (${OWN_RUNS}) ${some} ORDER BY v.run_id, v.key`,
    [options.workspaceId, options.runIds, ...(options.keys === null ? [] : [options.keys])],
  );
}
