// SQL for uploads. Leases are timed by the database, so that servers whose clocks differ agree.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';

export interface StoredUpload {
  id: string;
  sha256: string;
  sizeBytes: number;
  offsetBytes: number;
  partBytes: number;
  storageKey: string;
  multipartId: string | null;
  updatedAt: Date;
}

const COLUMNS = `id, encode(sha256, 'hex') AS sha256, size_bytes AS "sizeBytes", offset_bytes AS "offsetBytes", part_bytes AS "partBytes",
  storage_key AS "storageKey", multipart_id AS "multipartId", updated_at AS "updatedAt"`;
const FREE = '(lease_id IS NULL OR lease_until < now())';

export interface NewUpload {
  id: string;
  workspaceId: string;
  principalId: string;
  sha256: string;
  sizeBytes: number;
  partBytes: number;
  storageKey: string;
  now: Date;
}

/** Begins an upload, or answers the one that the workspace has for this content. */
export async function beginUpload(db: Queryable, upload: NewUpload): Promise<StoredUpload> {
  const sha256 = toBytes(upload.sha256);
  // The conflicting row is written as it is, so that it can be answered: DO NOTHING answers no row.
  const [row] = await db.sql<StoredUpload>(
    `INSERT INTO upload (id, workspace_id, principal_id, sha256, size_bytes, part_bytes, storage_key, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
     ON CONFLICT (workspace_id, sha256) DO UPDATE SET updated_at = greatest(upload.updated_at, excluded.updated_at) RETURNING ${COLUMNS}`,
    [upload.id, upload.workspaceId, upload.principalId, sha256, upload.sizeBytes, upload.partBytes, upload.storageKey, upload.now],
  );
  if (row === undefined) throw new Error('an upsert answered no row');
  return row;
}

export async function countUploads(db: Queryable, workspaceId: string): Promise<number> {
  const [row] = await db.sql<{ count: number }>(`SELECT count(*)::int AS count FROM upload WHERE workspace_id = $1`, [workspaceId]);
  return row?.count ?? 0;
}

export async function findUpload(db: Queryable, workspaceId: string, id: string): Promise<StoredUpload | null> {
  const [row] = await db.sql<StoredUpload>(`SELECT ${COLUMNS} FROM upload WHERE workspace_id = $1 AND id = $2`, [workspaceId, id]);
  return row ?? null;
}

export interface Lease {
  id: string;
  leaseId: string;
  leaseMs: number;
}

/** Takes the lease of an upload where nobody has it; null where somebody has, or where there is no such upload. */
export async function leaseUpload(db: Queryable, lease: Lease & { workspaceId: string }): Promise<StoredUpload | null> {
  const [row] = await db.sql<StoredUpload>(
    `UPDATE upload SET lease_id = $3, lease_until = now() + $4 * interval '1 millisecond' WHERE workspace_id = $1 AND id = $2 AND ${FREE} RETURNING ${COLUMNS}`,
    [lease.workspaceId, lease.id, lease.leaseId, lease.leaseMs],
  );
  return row ?? null;
}

/** Holds a lease for longer. */
export async function renewUpload(db: Queryable, lease: Lease): Promise<void> {
  await db.sql(`UPDATE upload SET lease_until = now() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_id = $2`, [
    lease.id,
    lease.leaseId,
    lease.leaseMs,
  ]);
}

export async function releaseUpload(db: Queryable, lease: Lease): Promise<void> {
  await db.sql(`UPDATE upload SET lease_id = NULL, lease_until = NULL WHERE id = $1 AND lease_id = $2`, [lease.id, lease.leaseId]);
}

/** Records how far an upload came. False where the lease was lost to somebody else. */
export async function recordProgress(
  db: Queryable,
  lease: Lease,
  progress: { offsetBytes: number; multipartId: string | null; now: Date },
): Promise<boolean> {
  const rows = await db.sql(
    `UPDATE upload SET offset_bytes = $3, multipart_id = $4, updated_at = $5 WHERE id = $1 AND lease_id = $2 RETURNING id`,
    [lease.id, lease.leaseId, progress.offsetBytes, progress.multipartId, progress.now],
  );
  return rows.length > 0;
}

/** Forgets an upload. False where the lease was lost to somebody else. */
export async function deleteUpload(db: Queryable | Tx, lease: Pick<Lease, 'id' | 'leaseId'>): Promise<boolean> {
  return (await db.sql(`DELETE FROM upload WHERE id = $1 AND lease_id = $2 RETURNING id`, [lease.id, lease.leaseId])).length > 0;
}

export interface StaleUpload extends StoredUpload {
  workspaceId: string;
}

/** Uploads that nobody went on with since a time and nobody is writing, by id. */
export function selectStaleUploads(db: Queryable, where: { before: Date; behind: string | null; limit: number }): Promise<StaleUpload[]> {
  return db.sql<StaleUpload>(
    `SELECT ${COLUMNS}, workspace_id AS "workspaceId" FROM upload
     WHERE updated_at < $1 AND ($2::uuid IS NULL OR id > $2) AND ${FREE} ORDER BY id LIMIT $3`,
    [where.before, where.behind, where.limit],
  );
}
