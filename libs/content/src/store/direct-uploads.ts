// SQL for direct uploads. Leases are timed by the database, so that servers whose clocks differ agree.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';

export interface StoredDirectUpload {
  id: string;
  workspaceId: string;
  principalId: string;
  /** The run whose own token began it; null for every other token. */
  writerRunId: string | null;
  target: string;
  partCount: number;
  storageKey: string;
  /** The object store's own id of it. */
  multipartId: string;
  /** What it turned out to hold, once that is a blob; null until then. */
  sha256: string | null;
  createdAt: Date;
}

export type NewDirectUpload = Omit<StoredDirectUpload, 'sha256'>;

const COLUMNS = `id, workspace_id AS "workspaceId", principal_id AS "principalId", writer_run_id AS "writerRunId", target,
  part_count AS "partCount", storage_key AS "storageKey", multipart_id AS "multipartId", encode(sha256, 'hex') AS sha256,
  created_at AS "createdAt"`;
const FREE = '(lease_id IS NULL OR lease_until < now())';

export async function insertDirectUpload(db: Queryable, upload: NewDirectUpload): Promise<void> {
  const { id, workspaceId, principalId, writerRunId, target, partCount, storageKey, multipartId, createdAt } = upload;
  await db.sql(
    `INSERT INTO direct_upload (id, workspace_id, principal_id, writer_run_id, target, part_count, storage_key, multipart_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, workspaceId, principalId, writerRunId, target, partCount, storageKey, multipartId, createdAt],
  );
}

/** Those of a workspace that still wait for their bytes. */
export async function countOpenDirectUploads(db: Queryable, workspaceId: string): Promise<number> {
  const [row] = await db.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM direct_upload WHERE workspace_id = $1 AND sha256 IS NULL`,
    [workspaceId],
  );
  return row?.count ?? 0;
}

export async function findDirectUpload(db: Queryable, workspaceId: string, id: string): Promise<StoredDirectUpload | null> {
  const [row] = await db.sql<StoredDirectUpload>(`SELECT ${COLUMNS} FROM direct_upload WHERE workspace_id = $1 AND id = $2`, [
    workspaceId,
    id,
  ]);
  return row ?? null;
}

export interface DirectLease {
  id: string;
  leaseId: string;
  leaseMs: number;
}

/** Takes the lease where nobody has it; null where somebody has, or where there is no such upload. */
export async function leaseDirectUpload(db: Queryable, lease: DirectLease): Promise<StoredDirectUpload | null> {
  const [row] = await db.sql<StoredDirectUpload>(
    `UPDATE direct_upload SET lease_id = $2, lease_until = now() + $3 * interval '1 millisecond' WHERE id = $1 AND ${FREE} RETURNING ${COLUMNS}`,
    [lease.id, lease.leaseId, lease.leaseMs],
  );
  return row ?? null;
}

/** Holds a lease for longer. */
export async function renewDirectUpload(db: Queryable, lease: DirectLease): Promise<void> {
  await db.sql(`UPDATE direct_upload SET lease_until = now() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_id = $2`, [
    lease.id,
    lease.leaseId,
    lease.leaseMs,
  ]);
}

export async function releaseDirectUpload(db: Queryable, lease: DirectLease): Promise<void> {
  await db.sql(`UPDATE direct_upload SET lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2`, [lease.id, lease.leaseId]);
}

/** Notes what an upload turned out to hold. False where the lease was lost to somebody else. */
export async function finishDirectUpload(tx: Tx, lease: DirectLease, sha256: string): Promise<boolean> {
  const rows = await tx.sql(`UPDATE direct_upload SET sha256 = $3 WHERE id = $1 AND lease_id = $2 RETURNING id`, [
    lease.id,
    lease.leaseId,
    toBytes(sha256),
  ]);
  return rows.length > 0;
}

/** Forgets an upload. False where the lease was lost to somebody else. */
export async function deleteDirectUpload(db: Queryable, lease: DirectLease): Promise<boolean> {
  return (await db.sql(`DELETE FROM direct_upload WHERE id = $1 AND lease_id = $2 RETURNING id`, [lease.id, lease.leaseId])).length > 0;
}

/** Uploads that were begun before a time and that nobody is at, by id. */
export function selectStaleDirectUploads(
  db: Queryable,
  where: { before: Date; behind: string | null; limit: number },
): Promise<StoredDirectUpload[]> {
  return db.sql<StoredDirectUpload>(
    `SELECT ${COLUMNS} FROM direct_upload WHERE created_at < $1 AND ($2::uuid IS NULL OR id > $2) AND ${FREE} ORDER BY id LIMIT $3`,
    [where.before, where.behind, where.limit],
  );
}
