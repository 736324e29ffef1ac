// SQL for blobs and grants.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes, toHex } from '../hashes.ts';
import type { Measured } from '../hashes.ts';
import type { BlobInfo, Integrity } from '../types.ts';

/** What is known inside about a blob: also where it lies. */
export interface StoredBlob extends BlobInfo {
  storageKey: string;
}

interface BlobRow {
  sha256: Buffer;
  md5: Buffer;
  sizeBytes: number;
  storageKey: string;
  integrity: Integrity;
  checkedAt: Date | null;
}

const COLUMNS = `b.sha256, b.md5, b.size_bytes AS "sizeBytes", b.storage_key AS "storageKey", b.integrity, b.checked_at AS "checkedAt"`;
/** Hashes in one statement; more go in several. */
const BATCH = 10_000;

function present(row: BlobRow): StoredBlob {
  return { ...row, sha256: toHex(row.sha256), md5: toHex(row.md5) };
}

/** The blob of any workspace, for the library's own decisions. */
export async function findBlob(db: Queryable, sha256: string): Promise<StoredBlob | null> {
  const [row] = await db.sql<BlobRow>(`SELECT ${COLUMNS} FROM blob b WHERE b.sha256 = $1`, [toBytes(sha256)]);
  return row === undefined ? null : present(row);
}

/** Those of the blobs that the workspace was granted. */
export async function findGranted(db: Queryable, workspaceId: string, sha256s: readonly string[]): Promise<StoredBlob[]> {
  return inBatches(sha256s, (batch) =>
    db.sql<BlobRow>(
      `SELECT ${COLUMNS} FROM blob_grant g JOIN blob b ON b.sha256 = g.sha256 WHERE g.workspace_id = $1 AND g.sha256 = ANY ($2::bytea[])`,
      [workspaceId, batch],
    ),
  );
}

export async function findGrantedByMd5(db: Queryable, workspaceId: string, md5s: readonly string[]): Promise<StoredBlob[]> {
  return inBatches(md5s, (batch) =>
    db.sql<BlobRow>(
      `SELECT ${COLUMNS} FROM blob_grant g JOIN blob b ON b.sha256 = g.sha256 WHERE g.workspace_id = $1 AND g.md5 = ANY ($2::bytea[])`,
      [workspaceId, batch],
    ),
  );
}

async function inBatches(hashes: readonly string[], ask: (batch: Buffer[]) => Promise<BlobRow[]>): Promise<StoredBlob[]> {
  const found: StoredBlob[] = [];
  for (let start = 0; start < hashes.length; start += BATCH) {
    const rows = await ask(hashes.slice(start, start + BATCH).map(toBytes));
    for (const row of rows) found.push(present(row));
  }
  return found;
}

/**
 * Says that bytes of this hash lie whole under the key. Where the blob is known and not damaged, its own bytes stay; `used` tells.
 * The row stays locked until the transaction ends, so that the collector cannot take it meanwhile.
 */
export async function upsertBlob(
  tx: Tx,
  blob: Measured & { storageKey: string; now: Date },
): Promise<{ used: boolean; integrity: Integrity; checkedAt: Date | null }> {
  const [row] = await tx.sql<{ used: boolean; integrity: Integrity; checkedAt: Date | null }>(
    `INSERT INTO blob (sha256, md5, size_bytes, storage_key, created_at, last_put_at) VALUES ($1, $2, $3, $4, $5, $5)
     ON CONFLICT (sha256) DO UPDATE SET
       last_put_at = greatest(blob.last_put_at, excluded.last_put_at),
       storage_key = CASE blob.integrity WHEN 'DAMAGED' THEN excluded.storage_key ELSE blob.storage_key END,
       checked_at = CASE blob.integrity WHEN 'DAMAGED' THEN NULL ELSE blob.checked_at END,
       checked_by = CASE blob.integrity WHEN 'DAMAGED' THEN NULL ELSE blob.checked_by END,
       integrity = CASE blob.integrity WHEN 'DAMAGED' THEN 'UNCHECKED' ELSE blob.integrity END
     RETURNING storage_key = $4 AS used, integrity, checked_at AS "checkedAt"`,
    [toBytes(blob.sha256), toBytes(blob.md5), blob.sizeBytes, blob.storageKey, blob.now],
  );
  if (row === undefined) throw new Error('an upsert answered no row');
  return row;
}

/** Keeps the collector from an object under this key until the transaction ends; waits where it is just being deleted. */
export async function lockObject(tx: Tx, storageKey: string): Promise<void> {
  await tx.sql(`SELECT pg_advisory_xact_lock_shared(hashtextextended('object ' || $1, 0))`, [storageKey]);
}

/** Takes the key for deleting its object, until the transaction ends. False where somebody is about to name it. */
export async function tryLockObject(tx: Tx, storageKey: string): Promise<boolean> {
  const [row] = await tx.sql<{ free: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtextextended('object ' || $1, 0)) AS free`, [
    storageKey,
  ]);
  return row?.free === true;
}

/** Grants the workspace its blob. False where the workspace holds other content under the same MD5. */
export async function grantBlob(tx: Tx, grant: { workspaceId: string; sha256: string; md5: string; now: Date }): Promise<boolean> {
  const values = [grant.workspaceId, toBytes(grant.sha256)];
  const made = await tx.sql(
    `INSERT INTO blob_grant (workspace_id, sha256, md5, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING sha256`,
    [...values, toBytes(grant.md5), grant.now],
  );
  if (made.length > 0) return true;
  const held = await tx.sql(`SELECT 1 FROM blob_grant WHERE workspace_id = $1 AND sha256 = $2`, values);
  return held.length > 0;
}

/** Notes that somebody claims the blob again. False where the workspace has no grant, or the bytes are known to be damaged. */
export async function claimBlob(db: Queryable, claim: { workspaceId: string; sha256: string; now: Date }): Promise<boolean> {
  const rows = await db.sql(
    `UPDATE blob b SET last_put_at = greatest(b.last_put_at, $3) FROM blob_grant g
     WHERE g.workspace_id = $1 AND g.sha256 = $2 AND b.sha256 = g.sha256 AND b.integrity <> 'DAMAGED' RETURNING b.sha256`,
    [claim.workspaceId, toBytes(claim.sha256), claim.now],
  );
  return rows.length > 0;
}

/**
 * Records that the bytes under the key are not what they should be. Skips a row that somebody else is writing at the moment: they may be
 * putting it right, and a reader has no business waiting for them.
 */
export async function markDamaged(
  db: Queryable,
  finding: { sha256: string; storageKey: string; checkedBy: string; now: Date },
): Promise<void> {
  await db.sql(
    `UPDATE blob SET integrity = 'DAMAGED', checked_at = $4, checked_by = $3
     WHERE sha256 = (SELECT sha256 FROM blob WHERE sha256 = $1 AND storage_key = $2 FOR UPDATE SKIP LOCKED)`,
    [toBytes(finding.sha256), finding.storageKey, finding.checkedBy, finding.now],
  );
}
