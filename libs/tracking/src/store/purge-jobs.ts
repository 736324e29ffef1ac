// SQL for the jobs that purge. Leases are timed by the database, so that servers whose clocks differ agree.

import type { CollectReport } from '@throughline/content';
import type { Queryable } from '@throughline/database';

import type { KeptReason, PurgeIds, PurgeKind, PurgePhase } from './purge.ts';

/** How many of a kind there were, and what became of them. `removed` counts what would go in a dry run. */
export interface PurgeCount {
  found: number;
  removed: number;
  kept: number;
}

export interface PurgeCounts {
  runs: PurgeCount;
  loggedModels: PurgeCount;
  experiments: PurgeCount;
  /** How many were kept for which reason. */
  kept: Partial<Record<KeptReason, number>>;
  /** What the collector removed afterwards; null as long as it has not ended. */
  collected: CollectReport | null;
}

export interface PurgeJob {
  id: string;
  workspaceId: string;
  state: 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';
  dryRun: boolean;
  /** Only what was deleted before this time. */
  before: Date;
  only: PurgeIds | null;
  phase: PurgePhase;
  counts: PurgeCounts;
  requestedBy: string;
  error: string | null;
  /** Whether somebody works on it now, as far as is known: whoever was killed counts for another half minute. */
  isTaken: boolean;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** Something that a job looked at and left, and why. */
export interface KeptItem {
  kind: PurgeKind;
  id: string;
  reason: KeptReason;
}

const COLUMNS = `id, workspace_id AS "workspaceId", state::text AS state, dry_run AS "dryRun", before, "only", phase, counts,
  requested_by AS "requestedBy", error, coalesce(lease_until >= now(), false) AS "isTaken", created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

const NONE: PurgeCount = { found: 0, removed: 0, kept: 0 };
const NOTHING: PurgeCounts = { runs: NONE, loggedModels: NONE, experiments: NONE, kept: {}, collected: null };

/** As it is stored: what was not counted yet is absent. */
interface JobRow extends Omit<PurgeJob, 'counts'> {
  counts: Partial<PurgeCounts>;
}

function presented(row: JobRow): PurgeJob {
  return { ...row, counts: { ...NOTHING, ...row.counts } };
}

/** Queues a job; null where one is under way. */
export async function insertJob(
  db: Queryable,
  job: Pick<PurgeJob, 'id' | 'workspaceId' | 'dryRun' | 'before' | 'only' | 'requestedBy'> & { now: Date },
): Promise<PurgeJob | null> {
  const [row] = await db.sql<JobRow>(
    `INSERT INTO purge_job (id, workspace_id, dry_run, before, "only", requested_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [job.id, job.workspaceId, job.dryRun, job.before, job.only === null ? null : JSON.stringify(job.only), job.requestedBy, job.now],
  );
  return row === undefined ? null : presented(row);
}

/** The job that is not at its end yet, of whichever workspace. */
export async function selectUnfinished(db: Queryable): Promise<PurgeJob | null> {
  const [row] = await db.sql<JobRow>(`SELECT ${COLUMNS} FROM purge_job WHERE state IN ('QUEUED', 'RUNNING')`);
  return row === undefined ? null : presented(row);
}

export async function selectJob(db: Queryable, workspaceId: string, id: string): Promise<PurgeJob | null> {
  const [row] = await db.sql<JobRow>(`SELECT ${COLUMNS} FROM purge_job WHERE workspace_id = $1 AND id = $2`, [workspaceId, id]);
  return row === undefined ? null : presented(row);
}

/** Newest first. */
export async function selectJobs(db: Queryable, workspaceId: string, limit: number): Promise<PurgeJob[]> {
  const rows = await db.sql<JobRow>(`SELECT ${COLUMNS} FROM purge_job WHERE workspace_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2`, [
    workspaceId,
    limit,
  ]);
  return rows.map(presented);
}

export interface PurgeLease {
  leaseId: string;
  leaseMs: number;
}

/** Takes a job that nobody works on; null where somebody does, or it is done. */
export async function leaseJob(db: Queryable, id: string, lease: PurgeLease, now: Date): Promise<PurgeJob | null> {
  const [row] = await db.sql<JobRow>(
    `UPDATE purge_job SET state = 'RUNNING', started_at = coalesce(started_at, $4), lease_id = $2, lease_until = now() + $3 * interval '1 millisecond'
     WHERE id = $1 AND state IN ('QUEUED', 'RUNNING') AND (lease_id IS NULL OR lease_until < now()) RETURNING ${COLUMNS}`,
    [id, lease.leaseId, lease.leaseMs, now],
  );
  return row === undefined ? null : presented(row);
}

/** Holds a lease for longer; false where it was lost. */
export async function renewLease(db: Queryable, id: string, lease: PurgeLease): Promise<boolean> {
  const rows = await db.sql(
    `UPDATE purge_job SET lease_until = now() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_id = $2 RETURNING id`,
    [id, lease.leaseId, lease.leaseMs],
  );
  return rows.length > 0;
}

export async function releaseJob(db: Queryable, id: string, lease: PurgeLease): Promise<void> {
  await db.sql(`UPDATE purge_job SET lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2`, [id, lease.leaseId]);
}

/** Writes down how far a job is; nothing where the lease was lost. */
export async function updateJob(
  db: Queryable,
  id: string,
  lease: PurgeLease,
  change: { phase?: PurgePhase; counts?: PurgeCounts; end?: { state: 'DONE' | 'FAILED'; error: string | null; now: Date } },
): Promise<void> {
  const { end } = change;
  await db.sql(
    `UPDATE purge_job SET phase = coalesce($3, phase), counts = coalesce($4::jsonb, counts), state = coalesce($5::"JobState", state), error = $6,
       finished_at = $7, lease_id = CASE WHEN $5::text IS NULL THEN lease_id END, lease_until = CASE WHEN $5::text IS NULL THEN lease_until END
     WHERE id = $1 AND lease_id = $2`,
    [
      id,
      lease.leaseId,
      change.phase ?? null,
      change.counts === undefined ? null : JSON.stringify(change.counts),
      end?.state ?? null,
      end?.error ?? null,
      end?.now ?? null,
    ],
  );
}

const NAMES = { RUN: 'runs', LOGGED_MODEL: 'loggedModels', EXPERIMENT: 'experiments' } as const satisfies Record<PurgeKind, string>;

/** Counts a job's items as they are now. */
export async function countItems(
  db: Queryable,
  job: Pick<PurgeJob, 'id' | 'dryRun'>,
  collected: CollectReport | null,
): Promise<PurgeCounts> {
  const rows = await db.sql<{ kind: PurgeKind; state: string; reason: KeptReason | null; n: number }>(
    `SELECT kind::text AS kind, state::text AS state, reason, count(*)::int AS n FROM purge_item WHERE job_id = $1 GROUP BY 1, 2, 3`,
    [job.id],
  );
  const counts = { runs: { ...NONE }, loggedModels: { ...NONE }, experiments: { ...NONE } };
  const kept: PurgeCounts['kept'] = {};
  for (const { kind, state, reason, n } of rows) {
    const count = counts[NAMES[kind]];
    count.found += n;
    if (state === 'KEPT') count.kept += n;
    if (state === 'PURGED' || (job.dryRun && state === 'PENDING')) count.removed += n;
    if (reason !== null) kept[reason] = (kept[reason] ?? 0) + n;
  }
  return { ...counts, kept, collected };
}

/** Forgets the items of a job that were not kept, and all items of the workspace's other jobs: only the last one's reasons are asked for. */
export async function dropItems(db: Queryable, job: Pick<PurgeJob, 'id' | 'workspaceId'>): Promise<void> {
  await db.sql(
    `DELETE FROM purge_item WHERE (job_id = $1 AND state <> 'KEPT') OR job_id IN (SELECT id FROM purge_job WHERE workspace_id = $2 AND id <> $1)`,
    [job.id, job.workspaceId],
  );
}

export function selectKept(db: Queryable, jobId: string, limit: number): Promise<KeptItem[]> {
  return db.sql<KeptItem>(
    `SELECT kind::text AS kind, id, reason FROM purge_item WHERE job_id = $1 AND state = 'KEPT' ORDER BY kind, id LIMIT $2`,
    [jobId, limit],
  );
}

/** What of these exists in the workspace, and whether it was deleted before a time; to refuse what cannot be purged before anything begins. */
export function selectNamed(
  db: Queryable,
  workspaceId: string,
  table: 'run' | 'logged_model' | 'experiment',
  names: readonly string[],
): Promise<{ id: string; name: string; deletedAt: Date | null }[]> {
  const columns = {
    run: `run_id AS name, deleted_at AS "deletedAt"`,
    logged_model: `model_id AS name, CASE WHEN lifecycle = 'DELETED' THEN to_timestamp(updated_at_ms / 1000.0) END AS "deletedAt"`,
    experiment: `experiment_id::text AS name, CASE WHEN lifecycle = 'DELETED' THEN updated_at END AS "deletedAt"`,
  } as const;
  const key = { run: 'run_id', logged_model: 'model_id', experiment: 'experiment_id::text' } as const;
  return db.sql(`SELECT id, ${columns[table]} FROM ${table} WHERE workspace_id = $1 AND ${key[table]} = ANY ($2::text[])`, [
    workspaceId,
    names,
  ]);
}
