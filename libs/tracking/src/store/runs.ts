// SQL for runs, their params and tags.

import { fileSetInsertion } from '@throughline/content';
import type { Queryable, Tx } from '@throughline/database';

import type { ChangedParam } from '../errors.ts';
import type { ExperimentKey, KeyValue, Lifecycle, Run, RunKey, RunStatus } from '../types.ts';

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
  experiment: ExperimentKey;
  /** The run that it is part of, by its UUID or by the name that a tag gives it; a name that is nobody's makes no parent. */
  parent: RunKey | null;
  name: string;
  userId: string;
  startTimeMs: number;
  fileSetId: string;
  now: Date;
  /** One of a key. */
  tags: readonly KeyValue[];
}

/** What became of a run that was to be inserted; null where there is no such experiment. */
export interface InsertedRun {
  experimentUuid: string;
  experimentId: string;
  lifecycle: Lifecycle;
  /** False where the id is taken, and where the experiment is not in use. */
  isNew: boolean;
  parentId: string | null;
  artifactUri: string | null;
}

/**
 * Inserts a run into an experiment in use, with its tags and the empty set of its files: one statement, since runs are started by the
 * thousand. The experiment's row is shared until the commit: whoever deletes it waits, and then finds this run among those to hide. It is
 * marked as used at most once a minute, and only where nobody else holds its row: runs that start side by side must not wait for one
 * another. That marking reads what was made, and so comes after the row was locked.
 */
export async function insertRun(db: Queryable, run: NewRun): Promise<InsertedRun | null> {
  const isByUuid = 'id' in run.experiment;
  const [row] = await db.sql<InsertedRun>(
    `WITH target AS (
       SELECT e.id, e.experiment_id::text AS number, e.lifecycle, e.artifact_location AS location FROM experiment e
       WHERE e.workspace_id = $1 AND ${isByUuid ? 'e.id = $2::uuid' : 'e.experiment_id = $2::int8'} FOR SHARE),
     made AS (
       INSERT INTO run (id, workspace_id, run_id, experiment_id, parent_id, name, user_id, start_time_ms, artifact_uri, file_set_id, created_at)
       SELECT $3::uuid, $1, $4, target.id,
         coalesce($5::uuid, (SELECT p.id FROM run p WHERE p.workspace_id = $1 AND p.run_id = $6 FOR KEY SHARE)), $7, $8, $9,
         CASE WHEN strpos(location, '?') = 0 THEN location || '/' || $4 || '/artifacts'
           ELSE rtrim(split_part(location, '?', 1), '/') || '/' || $4 || '/artifacts' || substr(location, strpos(location, '?')) END,
         $10::uuid, $11 FROM target WHERE target.lifecycle = 'ACTIVE' ON CONFLICT DO NOTHING RETURNING id, experiment_id, parent_id, artifact_uri),
     tagged AS (
       INSERT INTO run_tag (run_id, key, value) SELECT made.id, u.key, u.value FROM made, unnest($12::text[], $13::text[]) AS u(key, value)),
     files AS (${fileSetInsertion('$10', '$1', '$11', 'FROM made')}),
     used AS (
       UPDATE experiment SET updated_at = $11 WHERE id IN
         (SELECT e.id FROM experiment e WHERE e.id IN (SELECT experiment_id FROM made) AND e.updated_at < $11::timestamptz - interval '1 minute'
          FOR NO KEY UPDATE SKIP LOCKED))
     SELECT target.id AS "experimentUuid", target.number AS "experimentId", target.lifecycle::text AS lifecycle, made.id IS NOT NULL AS "isNew",
       made.parent_id AS "parentId", made.artifact_uri AS "artifactUri" FROM target LEFT JOIN made ON TRUE`,
    [
      run.workspaceId,
      'id' in run.experiment ? run.experiment.id : run.experiment.experimentId,
      run.id,
      run.runId,
      run.parent !== null && 'id' in run.parent ? run.parent.id : null,
      run.parent !== null && 'runId' in run.parent ? run.parent.runId : null,
      run.name,
      run.userId,
      run.startTimeMs,
      run.fileSetId,
      run.now,
      run.tags.map(({ key }) => key),
      run.tags.map(({ value }) => value),
    ],
    { prepared: true },
  );
  return row ?? null;
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

/** What a run has of one kind, joined: how many, and their texts between separators. */
export interface JoinedDetails {
  id: string;
  paramCount: number;
  params: string | null;
  tagCount: number;
  tags: string | null;
  /** Members of a JSON array. */
  metrics: string | null;
}

/** Between key and value, and between pairs: control characters that hardly any value holds. */
export const UNIT = '\x1f';
export const RECORD = '\x1e';

const PAIRS = (table: string) => `LATERAL (SELECT count(*) AS n, string_agg(x.key || E'\\x1f' || x.value, E'\\x1e') AS pairs
  FROM (SELECT key, value FROM ${table} WHERE run_id = own.id ORDER BY key) x)`;

/**
 * Params, tags and latest metrics of many runs, each kind joined to one text a run: rows of one pair each would cost several times as much
 * to send, to read and to gather again. Keys of metrics need no escapes in JSON: they are letters, digits and a few harmless signs.
 */
export function selectJoinedDetails(db: Queryable, workspaceId: string, runIds: readonly string[]): Promise<JoinedDetails[]> {
  return db.sql(
    `SELECT own.id, p.n AS "paramCount", p.pairs AS params, t.n AS "tagCount", t.pairs AS tags, m.metrics
     FROM run own CROSS JOIN ${PAIRS('run_param')} p CROSS JOIN ${PAIRS('run_tag')} t CROSS JOIN LATERAL (
       SELECT string_agg('{"key":"' || x.key || '","value":' || CASE WHEN x.value = 'NaN' THEN '"NaN"' ELSE x.value::text END
         || ',"timestamp":' || x.timestamp_ms || ',"step":' || x.step || '}', ',') AS metrics
       FROM (SELECT key, value, timestamp_ms, step FROM metric_summary WHERE run_id = own.id ORDER BY key) x) m
     WHERE own.workspace_id = $1 AND own.id = ANY ($2::uuid[])`,
    [workspaceId, runIds],
    { prepared: true },
  );
}
