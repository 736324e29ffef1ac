// SQL for purging. A job's items are its plan and its cursor at once: what is PENDING was only looked at, what is DOOMED has left its
// workspace for good and is being deleted row by row, and what is KEPT says why.
//
// A doomed row is its own workspace. Every statement of this domain asks for rows of the caller's workspace, so that a run is gone for
// everybody in the transaction that decided it, its id and an experiment's name are free, and its million rows can go in many small steps.

import type { Database, Queryable, Tx } from '@throughline/database';

export type PurgeKind = 'RUN' | 'LOGGED_MODEL' | 'EXPERIMENT';
export type PurgePhase = 'PLAN' | 'DELETE' | 'COLLECT';
/** Why something stays; see the schema's words. */
export type KeptReason =
  'MODEL_VERSION' | 'LOGGED_MODEL' | 'DATASET_VERSION' | 'CHILD_RUN' | 'STARTED_FROM' | 'HOLDS_KEPT' | 'DEFAULT_EXPERIMENT' | 'RESTORED';

/** Ids of things (UUIDs) by kind. */
export interface PurgeIds {
  runs: readonly string[];
  loggedModels: readonly string[];
  experiments: readonly string[];
}

const LONG_MS = 15 * 60_000;
/** Rows that one statement deletes at most: a second of work, even where each holds a thousand points. */
const ROWS_AT_ONCE = 5_000;

const TABLES = { RUN: 'run', LOGGED_MODEL: 'logged_model', EXPERIMENT: 'experiment' } as const satisfies Record<PurgeKind, string>;

/** Runs work in a transaction whose statements may take as long as planning over very many runs needs. */
export function planning<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return database.transaction(
    async (tx) => {
      await tx.sql(`SELECT set_config('statement_timeout', $1, true)`, [`${LONG_MS}ms`]);
      return work(tx);
    },
    { timeoutMs: LONG_MS },
  );
}

/** Whether the thing of a kind is among the job's items and not kept; `$1` is the job. */
const inside = (kind: PurgeKind, id: string, states = `'PENDING', 'DOOMED', 'PURGED'`) =>
  `EXISTS (SELECT 1 FROM purge_item p WHERE p.job_id = $1 AND p.kind = '${kind}' AND p.id = ${id} AND p.state IN (${states}))`;

/**
 * What stands on a run or a logged model `i.id` and is not itself to go. Edges are what keeps things: what a run read or started from is its
 * own to tell, and goes with it; what was made from a run keeps it.
 */
const CITATIONS: readonly { kind: PurgeKind; reason: KeptReason; sql: string }[] = [
  { kind: 'RUN', reason: 'DATASET_VERSION', sql: `SELECT 1 FROM dataset_output o WHERE o.run_id = i.id` },
  {
    kind: 'RUN',
    reason: 'LOGGED_MODEL',
    sql: `SELECT 1 FROM logged_model l WHERE l.source_run_id = i.id AND NOT ${inside('LOGGED_MODEL', 'l.id')}
      UNION ALL SELECT 1 FROM run_model_link k WHERE k.run_id = i.id AND k.direction = 'OUTPUT' AND NOT ${inside('LOGGED_MODEL', 'k.logged_model_id')}
      UNION ALL SELECT 1 FROM logged_model_metric m WHERE m.run_id = i.id AND NOT ${inside('LOGGED_MODEL', 'm.logged_model_id')}`,
  },
  { kind: 'RUN', reason: 'CHILD_RUN', sql: `SELECT 1 FROM run c WHERE c.parent_id = i.id AND NOT ${inside('RUN', 'c.id')}` },
  {
    kind: 'LOGGED_MODEL',
    reason: 'STARTED_FROM',
    sql: `SELECT 1 FROM run_model_link k WHERE k.logged_model_id = i.id AND k.direction = 'INPUT' AND NOT ${inside('RUN', 'k.run_id')}`,
  },
  {
    kind: 'EXPERIMENT',
    reason: 'HOLDS_KEPT',
    sql: `SELECT 1 FROM run r WHERE r.experiment_id = i.id AND NOT ${inside('RUN', 'r.id')}
      UNION ALL SELECT 1 FROM logged_model l WHERE l.experiment_id = i.id AND NOT ${inside('LOGGED_MODEL', 'l.id')}`,
  },
];

/** A run that was deleted long enough ago, by itself (before `$2`) or with its experiment. */
const RUN_IS_DUE = `r.lifecycle = 'DELETED' AND (r.deleted_at < $2 OR EXISTS (SELECT 1 FROM purge_item e JOIN experiment x ON x.id = e.id
  WHERE e.job_id = $1 AND e.kind = 'EXPERIMENT' AND e.id = r.experiment_id AND x.lifecycle = 'DELETED' AND x.updated_at < $2))`;

/** Logged models are not deleted with their experiment, but cannot be reached without it. */
const MODEL_IS_DUE = `((l.lifecycle = 'DELETED' AND to_timestamp(l.updated_at_ms / 1000.0) < $2)
  OR EXISTS (SELECT 1 FROM purge_item e JOIN experiment x ON x.id = e.id
    WHERE e.job_id = $1 AND e.kind = 'EXPERIMENT' AND e.id = l.experiment_id AND x.lifecycle = 'DELETED' AND x.updated_at < $2))`;

/** Makes items of everything of a workspace that is due; of what is named alone where `only` is given. */
export async function insertItems(tx: Tx, job: { id: string; workspaceId: string; before: Date; only: PurgeIds | null }): Promise<void> {
  const values = [job.id, job.before, job.workspaceId];
  const named = (ids: readonly string[] | undefined) => ids ?? null;
  await tx.sql(
    `INSERT INTO purge_item (job_id, kind, id) SELECT $1, 'EXPERIMENT', x.id FROM experiment x
     WHERE x.workspace_id = $3 AND x.lifecycle = 'DELETED' AND x.updated_at < $2 AND ($4::uuid[] IS NULL OR x.id = ANY ($4::uuid[])) ON CONFLICT DO NOTHING`,
    [...values, named(job.only?.experiments)],
  );
  await tx.sql(
    `INSERT INTO purge_item (job_id, kind, id) SELECT $1, 'RUN', r.id FROM run r
     WHERE r.workspace_id = $3 AND ${RUN_IS_DUE} AND ($4::uuid[] IS NULL OR r.id = ANY ($4::uuid[]) OR ${inside('EXPERIMENT', 'r.experiment_id')})
     ON CONFLICT DO NOTHING`,
    [...values, named(job.only?.runs)],
  );
  await tx.sql(
    `INSERT INTO purge_item (job_id, kind, id) SELECT $1, 'LOGGED_MODEL', l.id FROM logged_model l
     WHERE l.workspace_id = $3 AND ${MODEL_IS_DUE} AND ($4::uuid[] IS NULL OR l.id = ANY ($4::uuid[]) OR ${inside('EXPERIMENT', 'l.experiment_id')})
     ON CONFLICT DO NOTHING`,
    [...values, named(job.only?.loggedModels)],
  );
  await tx.sql(
    `UPDATE purge_item i SET state = 'KEPT', reason = 'DEFAULT_EXPERIMENT' FROM experiment x
     WHERE i.job_id = $1 AND i.kind = 'EXPERIMENT' AND x.id = i.id AND x.experiment_id = 0`,
    [job.id],
  );
  // The table is empty between jobs, and that is what the database believes of it: it would go through all items once for each of them.
  await tx.sql('ANALYZE purge_item');
}

/** Keeps the pending items (all, or those named) that something outside of the job stands on. What that keeps in turn is found by asking again. */
async function keepCited(tx: Tx, jobId: string, kind: PurgeKind, ids: readonly string[] | null): Promise<number> {
  const of = CITATIONS.filter((citation) => citation.kind === kind);
  const reason = of.map((citation) => `WHEN EXISTS (${citation.sql}) THEN '${citation.reason}'`).join(' ');
  const rows = await tx.sql(
    `WITH cited AS MATERIALIZED (
       SELECT i.id, CASE ${reason} END AS reason FROM purge_item i
       WHERE i.job_id = $1 AND i.kind = '${kind}' AND i.state = 'PENDING' AND ($2::uuid[] IS NULL OR i.id = ANY ($2::uuid[])))
     UPDATE purge_item i SET state = 'KEPT', reason = cited.reason FROM cited
     WHERE i.job_id = $1 AND i.kind = '${kind}' AND i.id = cited.id AND cited.reason IS NOT NULL RETURNING i.id`,
    [jobId, ids],
  );
  return rows.length;
}

/** Keeps what is cited until nothing more is: a kept thing keeps what it stands on. Whole circles of deleted things stay due. */
export async function keepWhatIsCited(
  tx: Tx,
  jobId: string,
  ids: { runs: readonly string[]; loggedModels: readonly string[] } | null,
): Promise<void> {
  for (;;) {
    const runs = await keepCited(tx, jobId, 'RUN', ids?.runs ?? null);
    const models = await keepCited(tx, jobId, 'LOGGED_MODEL', ids?.loggedModels ?? null);
    if (runs + models === 0) break;
  }
  if (ids === null) await keepCited(tx, jobId, 'EXPERIMENT', null);
}

export async function keepItems(tx: Tx, jobId: string, kind: PurgeKind, ids: readonly string[], reason: KeptReason): Promise<void> {
  await tx.sql(
    `UPDATE purge_item SET state = 'KEPT', reason = $4 WHERE job_id = $1 AND kind = $2::"PurgeKind" AND id = ANY ($3::uuid[]) AND state = 'PENDING'`,
    [jobId, kind, ids, reason],
  );
}

/** Items of a kind and state, by id, behind one. */
export async function selectItems(
  db: Queryable,
  jobId: string,
  which: { kind: PurgeKind; state: 'PENDING' | 'DOOMED'; behind?: string | null; limit: number },
): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT id FROM purge_item WHERE job_id = $1 AND kind = $2::"PurgeKind" AND state = $3::"PurgeItemState" AND ($4::uuid IS NULL OR id > $4)
     ORDER BY id LIMIT $5`,
    [jobId, which.kind, which.state, which.behind ?? null, which.limit],
  );
  return rows.map((row) => row.id);
}

/**
 * The next runs and logged models to take together. First those that nothing pending stands on, so that what is kept at the last moment
 * still finds what it stands on; where only circles are left, a run with all models around it.
 */
export async function selectReady(db: Queryable, jobId: string, limit: number): Promise<{ runs: string[]; loggedModels: string[] }> {
  const pending = (kind: PurgeKind, id: string) => inside(kind, id, `'PENDING'`);
  const rows = await db.sql<{ kind: PurgeKind; id: string }>(
    `SELECT i.kind, i.id FROM purge_item i WHERE i.job_id = $1 AND i.state = 'PENDING' AND (
       (i.kind = 'RUN'
         AND NOT EXISTS (SELECT 1 FROM run c WHERE c.parent_id = i.id AND ${pending('RUN', 'c.id')})
         AND NOT EXISTS (SELECT 1 FROM logged_model l WHERE l.source_run_id = i.id AND ${pending('LOGGED_MODEL', 'l.id')})
         AND NOT EXISTS (SELECT 1 FROM run_model_link k WHERE k.run_id = i.id AND k.direction = 'OUTPUT' AND ${pending('LOGGED_MODEL', 'k.logged_model_id')})
         AND NOT EXISTS (SELECT 1 FROM logged_model_metric m WHERE m.run_id = i.id AND ${pending('LOGGED_MODEL', 'm.logged_model_id')}))
       OR (i.kind = 'LOGGED_MODEL'
         AND NOT EXISTS (SELECT 1 FROM run_model_link k WHERE k.logged_model_id = i.id AND k.direction = 'INPUT' AND ${pending('RUN', 'k.run_id')})))
     LIMIT $2`,
    [jobId, limit],
  );
  const idsOf = (kind: PurgeKind) => rows.filter((row) => row.kind === kind).map((row) => row.id);
  if (rows.length > 0) return { runs: idsOf('RUN'), loggedModels: idsOf('LOGGED_MODEL') };
  const runs = await selectItems(db, jobId, { kind: 'RUN', state: 'PENDING', limit: 1 });
  const around = await db.sql<{ id: string }>(
    `SELECT l.id FROM logged_model l WHERE ${pending('LOGGED_MODEL', 'l.id')} AND (l.source_run_id = ANY ($2::uuid[])
       OR l.id IN (SELECT logged_model_id FROM run_model_link WHERE run_id = ANY ($2::uuid[])))`,
    [jobId, runs],
  );
  return { runs, loggedModels: around.map((row) => row.id) };
}

/** Locks things for their end, in the order in which everybody takes them: experiments, runs, logged models, each by id. */
export async function lockForEnd(tx: Tx, ids: { runs: readonly string[]; loggedModels: readonly string[] }): Promise<void> {
  await tx.sql(
    `SELECT id FROM experiment WHERE id IN (SELECT experiment_id FROM run WHERE id = ANY ($1::uuid[])
       UNION SELECT experiment_id FROM logged_model WHERE id = ANY ($2::uuid[])) ORDER BY id FOR SHARE`,
    [ids.runs, ids.loggedModels],
  );
  await tx.sql(`SELECT id FROM run WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`, [ids.runs]);
  await tx.sql(`SELECT id FROM logged_model WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`, [ids.loggedModels]);
}

/** Keeps those that are no longer due: somebody brought them back. Their rows are locked. */
export async function keepRestored(
  tx: Tx,
  job: { id: string; before: Date },
  ids: { runs: readonly string[]; loggedModels: readonly string[] },
): Promise<void> {
  const keep = (kind: PurgeKind, isDue: string, some: readonly string[]) =>
    tx.sql(
      `UPDATE purge_item i SET state = 'KEPT', reason = 'RESTORED'
       WHERE i.job_id = $1 AND i.kind = '${kind}' AND i.id = ANY ($3::uuid[]) AND i.state = 'PENDING' AND NOT EXISTS (${isDue})`,
      [job.id, job.before, some],
    );
  await keep('RUN', `SELECT 1 FROM run r WHERE r.id = i.id AND ${RUN_IS_DUE}`, ids.runs);
  await keep('LOGGED_MODEL', `SELECT 1 FROM logged_model l WHERE l.id = i.id AND ${MODEL_IS_DUE}`, ids.loggedModels);
}

/**
 * Takes what is still pending among these out of its workspace, with the edges that it tells. Their rows are locked. The datasets that runs
 * described belong to their experiment, which other runs may be about to name them in, and go with it.
 */
export async function doom(tx: Tx, jobId: string, ids: { runs: readonly string[]; loggedModels: readonly string[] }): Promise<void> {
  const take = async (kind: PurgeKind, some: readonly string[]) => {
    const rows = await tx.sql<{ id: string }>(
      `UPDATE purge_item SET state = 'DOOMED' WHERE job_id = $1 AND kind = '${kind}' AND id = ANY ($2::uuid[]) AND state = 'PENDING' RETURNING id`,
      [jobId, some],
    );
    return rows.map((row) => row.id);
  };
  const runs = await take('RUN', ids.runs);
  const models = await take('LOGGED_MODEL', ids.loggedModels);
  await tx.sql(`DELETE FROM run_model_link WHERE run_id = ANY ($1::uuid[]) OR logged_model_id = ANY ($2::uuid[])`, [runs, models]);
  await tx.sql(`DELETE FROM dataset_input WHERE run_id = ANY ($1::uuid[])`, [runs]);
  await tx.sql(`UPDATE run SET workspace_id = id WHERE id = ANY ($1::uuid[])`, [runs]);
  await tx.sql(`UPDATE logged_model SET workspace_id = id WHERE id = ANY ($1::uuid[])`, [models]);
}

/** Takes an experiment that is still due and empty out of its workspace. One that holds what was kept stays for it. */
export async function doomExperiment(tx: Tx, job: { id: string; before: Date }, id: string): Promise<void> {
  const [due] = await tx.sql(`SELECT 1 FROM experiment x WHERE x.id = $1 AND x.lifecycle = 'DELETED' AND x.updated_at < $2 FOR UPDATE`, [
    id,
    job.before,
  ]);
  if (due === undefined) return keepItems(tx, job.id, 'EXPERIMENT', [id], 'RESTORED');
  const held = await tx.sql(
    `SELECT 1 FROM run WHERE experiment_id = $1 UNION ALL SELECT 1 FROM logged_model WHERE experiment_id = $1 LIMIT 1`,
    [id],
  );
  if (held.length > 0) return keepItems(tx, job.id, 'EXPERIMENT', [id], 'HOLDS_KEPT');
  await tx.sql(`UPDATE purge_item SET state = 'DOOMED' WHERE job_id = $1 AND kind = 'EXPERIMENT' AND id = $2`, [job.id, id]);
  await tx.sql(`UPDATE experiment SET workspace_id = id WHERE id = $1`, [id]);
}

/**
 * Gives back the names of the job's experiments that stay, deleted as they were, for what was kept of them: each is named after itself, once.
 * Only what is still due: one that was restored keeps its name.
 */
export async function freeNames(db: Queryable, job: { id: string; before: Date }): Promise<void> {
  await db.sql(
    `UPDATE experiment x SET name = left(x.name, 200) || ' (purged, ' || x.id || ')'
     WHERE x.id IN (SELECT id FROM purge_item WHERE job_id = $1 AND kind = 'EXPERIMENT' AND state = 'KEPT' AND reason = 'HOLDS_KEPT')
       AND x.lifecycle = 'DELETED' AND x.updated_at < $2 AND right(x.name, 46) <> '(purged, ' || x.id || ')'`,
    [job.id, job.before],
  );
}

export interface ChildTable {
  table: string;
  column: string;
}

/** The tables whose rows go with a thing, by the database's own account, so that one that is added later is not forgotten. */
export function selectChildTables(db: Queryable, kind: PurgeKind): Promise<ChildTable[]> {
  return db.sql<ChildTable>(
    `SELECT c.conrelid::regclass::text AS "table", quote_ident(a.attname) AS "column" FROM pg_constraint c
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confdeltype = 'c' AND c.confrelid = $1::regclass AND cardinality(c.conkey) = 1 ORDER BY 1`,
    [TABLES[kind]],
  );
}

/** Deletes some of the rows that belong to doomed things; true where there may be more. */
export async function deleteChildren(db: Queryable, child: ChildTable, ids: readonly string[]): Promise<boolean> {
  const rows = await db.sql<{ n: number }>(
    `WITH gone AS (DELETE FROM ${child.table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${child.table} WHERE ${child.column} = ANY ($1::uuid[]) LIMIT ${ROWS_AT_ONCE})) RETURNING 1)
     SELECT count(*)::int AS n FROM gone`,
    [ids],
  );
  return rows[0]?.n === ROWS_AT_ONCE;
}

/** Deletes doomed things whose rows are gone. */
export async function deleteDoomed(tx: Tx, jobId: string, kind: PurgeKind, ids: readonly string[]): Promise<void> {
  await tx.sql(`DELETE FROM ${TABLES[kind]} WHERE id = ANY ($1::uuid[]) AND workspace_id = id`, [ids]);
  await tx.sql(`UPDATE purge_item SET state = 'PURGED' WHERE job_id = $1 AND kind = $2::"PurgeKind" AND id = ANY ($3::uuid[])`, [
    jobId,
    kind,
    ids,
  ]);
}

/** Which of these file sets belong to something that a job would remove. */
export async function selectDueFileSets(db: Queryable, jobId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT r.file_set_id AS id FROM run r WHERE r.file_set_id = ANY ($2::uuid[]) AND ${inside('RUN', 'r.id')}
     UNION SELECT l.file_set_id FROM logged_model l WHERE l.file_set_id = ANY ($2::uuid[]) AND ${inside('LOGGED_MODEL', 'l.id')}`,
    [jobId, ids],
  );
  return rows.map((row) => row.id);
}

/** Holds what is there of these, against purges alone, and answers what is not. Runs before logged models, each by id, as everybody takes them. */
export async function selectGone(
  tx: Tx,
  workspaceId: string,
  ids: { runs: readonly string[]; loggedModels: readonly string[] },
): Promise<{ runs: string[]; loggedModels: string[] }> {
  const hold = async (table: 'run' | 'logged_model', some: readonly string[]) => {
    if (some.length === 0) return [];
    const rows = await tx.sql<{ id: string }>(
      `SELECT id FROM ${table} WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR KEY SHARE`,
      [workspaceId, some],
    );
    const held = new Set(rows.map((row) => row.id));
    return some.filter((id) => !held.has(id));
  };
  return { runs: await hold('run', ids.runs), loggedModels: await hold('logged_model', ids.loggedModels) };
}
