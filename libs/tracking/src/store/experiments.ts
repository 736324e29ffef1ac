// SQL for experiments.

import type { Queryable, Tx } from '@throughline/database';

import type { Experiment, ExperimentKey, KeyValue, Lifecycle } from '../types.ts';

export const EXPERIMENT_COLUMNS = `e.id, e.experiment_id::text AS "experimentId", e.name, e.artifact_location AS "artifactLocation",
  e.lifecycle::text AS lifecycle, e.created_at AS "createdAt", e.updated_at AS "updatedAt"`;

/** Ours stay below; what lies above was imported, and does not move the numbers that come next. */
const OWN_IDS_BELOW = 1e12;

export async function insertDefaultExperiment(
  db: Queryable,
  row: { id: string; workspaceId: string; location: string; now: Date },
): Promise<void> {
  await db.sql(
    `INSERT INTO experiment (id, workspace_id, experiment_id, name, artifact_location, created_at, updated_at)
     VALUES ($1, $2, 0, 'Default', $3, $4, $4) ON CONFLICT DO NOTHING`,
    [row.id, row.workspaceId, row.location, row.now],
  );
}

/** The next number of a workspace. Takes a lock until the transaction ends, so that nobody else gets the same one. */
export async function nextExperimentId(tx: Tx, workspaceId: string): Promise<string> {
  await tx.sql(`SELECT pg_advisory_xact_lock(hashtextextended('throughline experiments ' || $1, 0))`, [workspaceId]);
  const [row] = await tx.sql<{ next: number }>(
    `SELECT coalesce((SELECT experiment_id FROM experiment WHERE workspace_id = $1 AND experiment_id < ${OWN_IDS_BELOW} ORDER BY experiment_id DESC LIMIT 1), 0) + 1 AS next`,
    [workspaceId],
  );
  return String(row?.next ?? 1);
}

/** False where the name or the number is taken. */
export async function insertExperiment(
  tx: Tx,
  row: { id: string; workspaceId: string; experimentId: string; name: string; artifactLocation: string; now: Date },
): Promise<boolean> {
  const rows = await tx.sql(
    `INSERT INTO experiment (id, workspace_id, experiment_id, name, artifact_location, created_at, updated_at)
     VALUES ($1, $2, $3::int8, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING id`,
    [row.id, row.workspaceId, row.experimentId, row.name, row.artifactLocation, row.now],
  );
  return rows.length > 0;
}

function byKey(key: ExperimentKey): { sql: string; value: string } {
  return 'id' in key ? { sql: 'e.id = $2::uuid', value: key.id } : { sql: 'e.experiment_id = $2::int8', value: key.experimentId };
}

export type ExperimentLock = '' | 'FOR SHARE' | 'FOR NO KEY UPDATE';

export async function selectExperiment(
  db: Queryable,
  workspaceId: string,
  key: ExperimentKey,
  lock: ExperimentLock = '',
): Promise<Experiment | null> {
  const where = byKey(key);
  const rows = await db.sql<Experiment>(
    `SELECT ${EXPERIMENT_COLUMNS} FROM experiment e WHERE e.workspace_id = $1 AND ${where.sql} ${lock}`,
    [workspaceId, where.value],
  );
  return rows[0] ?? null;
}

export async function selectExperimentByName(db: Queryable, workspaceId: string, name: string): Promise<Experiment | null> {
  const rows = await db.sql<Experiment>(`SELECT ${EXPERIMENT_COLUMNS} FROM experiment e WHERE e.workspace_id = $1 AND e.name = $2`, [
    workspaceId,
    name,
  ]);
  return rows[0] ?? null;
}

export function selectExperiments(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Experiment[]> {
  return db.sql<Experiment>(`SELECT ${EXPERIMENT_COLUMNS} FROM experiment e WHERE e.workspace_id = $1 AND e.id = ANY ($2::uuid[])`, [
    workspaceId,
    ids,
  ]);
}

/** The UUIDs of those that exist. */
export async function selectExperimentIds(db: Queryable, workspaceId: string, keys: readonly ExperimentKey[]): Promise<string[]> {
  const ids = keys.flatMap((key) => ('id' in key ? [key.id] : []));
  const numbers = keys.flatMap((key) => ('id' in key ? [] : [key.experimentId]));
  const rows = await db.sql<{ id: string }>(
    `SELECT e.id FROM experiment e WHERE e.workspace_id = $1 AND (e.id = ANY ($2::uuid[]) OR e.experiment_id = ANY ($3::int8[])) ORDER BY e.id`,
    [workspaceId, ids, numbers],
    { prepared: true },
  );
  return rows.map((row) => row.id);
}

export async function updateExperiment(tx: Tx, id: string, change: { name?: string; lifecycle?: Lifecycle; now: Date }): Promise<void> {
  await tx.sql(
    `UPDATE experiment SET name = coalesce($2, name), lifecycle = coalesce($3::"Lifecycle", lifecycle), updated_at = greatest(updated_at, $4) WHERE id = $1`,
    [id, change.name ?? null, change.lifecycle ?? null, change.now],
  );
}

/** Hides or shows every run of an experiment. Runs are taken in the order of their ids, as everybody who takes several does. */
export async function updateRunsOf(tx: Tx, experimentId: string, lifecycle: Lifecycle, now: Date): Promise<void> {
  await tx.sql(
    `WITH taken AS (SELECT id FROM run WHERE experiment_id = $1 AND lifecycle <> $2::"Lifecycle" ORDER BY id FOR NO KEY UPDATE)
     UPDATE run SET lifecycle = $2::"Lifecycle", deleted_at = CASE WHEN $2 = 'DELETED' THEN $3::timestamptz END FROM taken WHERE run.id = taken.id`,
    [experimentId, lifecycle, now],
  );
}

export async function upsertExperimentTags(tx: Tx, id: string, tags: readonly KeyValue[]): Promise<void> {
  await tx.sql(
    `INSERT INTO experiment_tag (experiment_id, key, value) SELECT $1, u.key, u.value FROM unnest($2::text[], $3::text[]) AS u(key, value)
     ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value`,
    [id, tags.map(({ key }) => key), tags.map(({ value }) => value)],
  );
}

/** False where there was none. */
export async function deleteExperimentTag(tx: Tx, id: string, key: string): Promise<boolean> {
  return (await tx.sql(`DELETE FROM experiment_tag WHERE experiment_id = $1 AND key = $2 RETURNING key`, [id, key])).length > 0;
}

export function selectExperimentTags(
  db: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<(KeyValue & { owner: string })[]> {
  return db.sql(
    `SELECT t.experiment_id AS owner, t.key, t.value FROM experiment_tag t JOIN experiment e ON e.id = t.experiment_id
     WHERE e.workspace_id = $1 AND t.experiment_id = ANY ($2::uuid[]) ORDER BY t.experiment_id, t.key COLLATE "C"`,
    [workspaceId, ids],
  );
}

export function countRuns(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<{ owner: string; count: number }[]> {
  return db.sql(
    `SELECT r.experiment_id AS owner, count(*) AS count FROM run r
     WHERE r.workspace_id = $1 AND r.experiment_id = ANY ($2::uuid[]) AND r.lifecycle = 'ACTIVE' GROUP BY r.experiment_id`,
    [workspaceId, ids],
  );
}

/**
 * The most common keys of each experiment's runs, counted over its latest 250 runs: a table's choice of columns must not cost a scan
 * of everything that was ever logged. The runs are an array and not a join, which was planned as just that scan.
 */
export function selectKeys(
  db: Queryable,
  workspaceId: string,
  ids: readonly string[],
  options: { table: 'metric_summary' | 'run_param'; limit: number },
): Promise<{ owner: string; key: string }[]> {
  return db.sql(
    `SELECT e.id AS owner, k.key FROM experiment e CROSS JOIN LATERAL (
       SELECT m.key, count(*) AS uses FROM ${options.table} m WHERE m.run_id = ANY (ARRAY(
         SELECT r.id FROM run r WHERE r.experiment_id = e.id AND r.lifecycle = 'ACTIVE' ORDER BY r.start_time_ms DESC, r.run_id LIMIT 250))
       GROUP BY m.key ORDER BY uses DESC, m.key COLLATE "C" LIMIT $3) k
     WHERE e.workspace_id = $1 AND e.id = ANY ($2::uuid[]) ORDER BY e.id, k.uses DESC, k.key COLLATE "C"`,
    [workspaceId, ids, options.limit],
  );
}
