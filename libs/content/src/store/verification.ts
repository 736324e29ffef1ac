// SQL for verifications. Leases are timed by the database, so that servers whose clocks differ agree.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';
import type { Integrity } from '../types.ts';

export type JobState = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';

export interface VerificationJob {
  id: string;
  /** The node that was asked about. */
  root: string;
  state: JobState;
  totalFiles: number;
  totalBytes: number;
  checkedFiles: number;
  checkedBytes: number;
  damagedFiles: number;
  requestedBy: string;
  /** Why it could not go on; null unless FAILED. */
  error: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

const COLUMNS = `id, root, state, total_files AS "totalFiles", total_bytes AS "totalBytes", checked_files AS "checkedFiles",
  checked_bytes AS "checkedBytes", damaged_files AS "damagedFiles", requested_by AS "requestedBy", error, created_at AS "createdAt",
  started_at AS "startedAt", finished_at AS "finishedAt"`;

export interface NewJob {
  id: string;
  workspaceId: string;
  root: string;
  requestedBy: string;
  manifestIds: readonly string[];
  fileSetIds: readonly string[];
  now: Date;
}

/** Queues a job over every blob that the manifests and file sets of the workspace name, and over the manifests' own bytes. */
export async function insertJob(tx: Tx, job: NewJob): Promise<VerificationJob> {
  await tx.sql(
    `INSERT INTO verification_job (id, workspace_id, root, requested_by, total_files, total_bytes, created_at) VALUES ($1, $2, $3, $4, 0, 0, $5)`,
    [job.id, job.workspaceId, job.root, job.requestedBy, job.now],
  );
  const [row] = await tx.sql<VerificationJob>(
    `WITH item AS (
       INSERT INTO verification_item (job_id, sha256)
       SELECT $1::uuid, sha256 FROM (
         SELECT m.blob_sha256 FROM manifest m WHERE m.workspace_id = $2 AND m.id = ANY ($3::uuid[])
         UNION
         SELECT e.sha256 FROM manifest m JOIN manifest_entry e ON e.manifest_id = m.id WHERE m.workspace_id = $2 AND m.id = ANY ($3::uuid[])
         UNION
         SELECT e.sha256 FROM file_set s JOIN file_set_entry e ON e.file_set_id = s.id WHERE s.workspace_id = $2 AND s.id = ANY ($4::uuid[])
       ) AS reached (sha256)
       RETURNING sha256
     ), total AS (
       SELECT count(*)::int AS files, coalesce(sum(b.size_bytes), 0)::bigint AS bytes FROM item JOIN blob b ON b.sha256 = item.sha256
     )
     UPDATE verification_job SET total_files = total.files, total_bytes = total.bytes FROM total WHERE id = $1 RETURNING ${COLUMNS}`,
    [job.id, job.workspaceId, job.manifestIds, job.fileSetIds],
  );
  if (row === undefined) throw new Error('a job vanished while it was made');
  return row;
}

/** Those of the file sets that exist in the workspace. */
export async function selectFileSetIds(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(`SELECT id FROM file_set WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`, [
    workspaceId,
    ids,
  ]);
  return rows.map((row) => row.id);
}

export async function findJob(db: Queryable, workspaceId: string, id: string): Promise<VerificationJob | null> {
  const [row] = await db.sql<VerificationJob>(`SELECT ${COLUMNS} FROM verification_job WHERE workspace_id = $1 AND id = $2`, [
    workspaceId,
    id,
  ]);
  return row ?? null;
}

export interface JobRange {
  /** Only jobs older than this one; null for all. */
  behind: { createdAtMs: number; id: string } | null;
  limit: number;
}

/** Newest first. */
export function selectJobs(db: Queryable, workspaceId: string, { behind, limit }: JobRange): Promise<VerificationJob[]> {
  return db.sql<VerificationJob>(
    `SELECT ${COLUMNS} FROM verification_job
     WHERE workspace_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid)) ORDER BY created_at DESC, id DESC LIMIT $4`,
    [workspaceId, behind === null ? null : new Date(behind.createdAtMs), behind?.id ?? null, limit],
  );
}

export interface JobLease {
  jobId: string;
  leaseId: string;
  leaseMs: number;
}

/** Takes the oldest job that waits, or that a worker left without a sign of life. */
export async function leaseJob(db: Queryable, lease: { leaseId: string; leaseMs: number; now: Date }): Promise<VerificationJob | null> {
  const [row] = await db.sql<VerificationJob>(
    `UPDATE verification_job SET state = 'RUNNING', started_at = coalesce(started_at, $3), lease_id = $1, lease_until = now() + $2 * interval '1 millisecond'
     WHERE id = (
       SELECT id FROM verification_job WHERE state IN ('QUEUED', 'RUNNING') AND (lease_id IS NULL OR lease_until < now())
       ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING ${COLUMNS}`,
    [lease.leaseId, lease.leaseMs, lease.now],
  );
  return row ?? null;
}

/** Holds a lease for longer. */
export async function renewJob(db: Queryable, lease: JobLease): Promise<void> {
  await db.sql(`UPDATE verification_job SET lease_until = now() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_id = $2`, [
    lease.jobId,
    lease.leaseId,
    lease.leaseMs,
  ]);
}

/** Gives an unfinished job back, for anybody to go on with. */
export async function releaseJob(db: Queryable, lease: JobLease): Promise<void> {
  await db.sql(`UPDATE verification_job SET lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2`, [
    lease.jobId,
    lease.leaseId,
  ]);
}

/** Ends a job; one whose lease was lost is somebody else's to end. */
export async function finishJob(
  db: Queryable,
  lease: JobLease,
  end: { state: 'DONE' | 'FAILED'; error: string | null; now: Date },
): Promise<void> {
  await db.sql(
    `UPDATE verification_job SET state = $3::"JobState", error = $4, finished_at = $5, lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2`,
    [lease.jobId, lease.leaseId, end.state, end.error, end.now],
  );
}

export interface PendingItem {
  sha256: string;
  storageKey: string;
  sizeBytes: number;
}

/** Blobs of a job that were not checked yet, by hash. */
export function selectPending(db: Queryable, jobId: string, limit: number): Promise<PendingItem[]> {
  return db.sql<PendingItem>(
    `SELECT encode(i.sha256, 'hex') AS sha256, b.storage_key AS "storageKey", b.size_bytes AS "sizeBytes"
     FROM verification_item i JOIN blob b ON b.sha256 = i.sha256 WHERE i.job_id = $1 AND i.outcome IS NULL ORDER BY i.sha256 LIMIT $2`,
    [jobId, limit],
  );
}

/** Takes out of a job what was collected since it was queued: nothing refers to that any more. */
export async function dropCollected(tx: Tx, lease: JobLease): Promise<void> {
  await tx.sql(
    `WITH gone AS (
       DELETE FROM verification_item i
       WHERE i.job_id = $1 AND i.outcome IS NULL AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.sha256 = i.sha256) RETURNING 1 AS one
     )
     UPDATE verification_job SET total_files = total_files - (SELECT count(*) FROM gone) WHERE id = $1 AND lease_id = $2`,
    [lease.jobId, lease.leaseId],
  );
}

export interface Outcome {
  sha256: string;
  /** Where the bytes lay that were hashed. */
  storageKey: string;
  integrity: Exclude<Integrity, 'UNCHECKED'>;
}

/**
 * Records what was found, on the blobs, the items and the job's counters. A blob whose bytes were replaced meanwhile, or that somebody is
 * writing, is passed over, and so stays to be checked: a worker waits for no transaction, and so never in a circle. Answers how many were
 * recorded; null where the lease was lost, and then nothing is.
 */
export async function recordOutcomes(
  tx: Tx,
  lease: JobLease,
  found: { outcomes: readonly Outcome[]; checkedBy: string; now: Date },
): Promise<number | null> {
  const held = await tx.sql(`SELECT 1 FROM verification_job WHERE id = $1 AND lease_id = $2 FOR UPDATE`, [lease.jobId, lease.leaseId]);
  if (held.length === 0) return null;
  const locked = await tx.sql<{ sha256: string }>(
    `SELECT encode(sha256, 'hex') AS sha256 FROM blob WHERE sha256 = ANY ($1::bytea[]) FOR NO KEY UPDATE SKIP LOCKED`,
    [found.outcomes.map((outcome) => toBytes(outcome.sha256))],
  );
  const free = new Set(locked.map((row) => row.sha256));
  const outcomes = found.outcomes.filter((outcome) => free.has(outcome.sha256));
  const [recorded] = await tx.sql<{ files: number }>(
    `WITH outcome AS (
       SELECT decode(h, 'hex') AS sha256, k AS storage_key, i::"Integrity" AS integrity FROM unnest($2::text[], $3::text[], $4::text[]) AS o (h, k, i)
     ), checked AS (
       UPDATE blob b SET integrity = o.integrity, checked_at = $6, checked_by = $5
       FROM outcome o WHERE b.sha256 = o.sha256 AND b.storage_key = o.storage_key RETURNING b.sha256, b.size_bytes, b.integrity
     ), item AS (
       UPDATE verification_item i SET outcome = c.integrity
       FROM checked c WHERE i.job_id = $1 AND i.sha256 = c.sha256 AND i.outcome IS NULL RETURNING c.size_bytes, c.integrity
     ), total AS (
       SELECT count(*)::int AS files, coalesce(sum(size_bytes), 0)::bigint AS bytes, (count(*) FILTER (WHERE integrity = 'DAMAGED'))::int AS damaged FROM item
     )
     UPDATE verification_job j SET checked_files = j.checked_files + total.files, checked_bytes = j.checked_bytes + total.bytes,
       damaged_files = j.damaged_files + total.damaged FROM total WHERE j.id = $1 RETURNING total.files`,
    [
      lease.jobId,
      outcomes.map((outcome) => outcome.sha256),
      outcomes.map((outcome) => outcome.storageKey),
      outcomes.map((outcome) => outcome.integrity),
      found.checkedBy,
      found.now,
    ],
  );
  return recorded?.files ?? 0;
}
