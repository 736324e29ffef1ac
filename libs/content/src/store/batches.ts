// SQL for many blobs at once.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes, toHex } from '../hashes.ts';
import type { Measured } from '../hashes.ts';
import type { Integrity } from '../types.ts';
import type { StoredBlob } from './blobs.ts';

interface BlobRow {
  sha256: Buffer;
  md5: Buffer;
  sizeBytes: number;
  storageKey: string;
  integrity: Integrity;
  checkedAt: Date | null;
}

/** Those of the blobs that there are in any workspace, by SHA-256, for the library's own decisions. */
export async function findManyBlobs(db: Queryable, sha256s: readonly string[]): Promise<Map<string, StoredBlob>> {
  const rows = await db.sql<BlobRow>(
    `SELECT sha256, md5, size_bytes AS "sizeBytes", storage_key AS "storageKey", integrity, checked_at AS "checkedAt" FROM blob WHERE sha256 = ANY ($1::bytea[])`,
    [sha256s.map(toBytes)],
  );
  return new Map(rows.map((row) => [toHex(row.sha256), { ...row, sha256: toHex(row.sha256), md5: toHex(row.md5) }]));
}

/** What `upsertBlob` does, for many: answers under which key each one lies now. In the order of the hashes, so that two of these pass each other. */
export async function upsertBlobs(
  tx: Tx,
  blobs: readonly (Measured & { storageKey: string })[],
  now: Date,
): Promise<Map<string, { storageKey: string; integrity: Integrity; checkedAt: Date | null }>> {
  const rows = await tx.sql<{ sha256: Buffer; storageKey: string; integrity: Integrity; checkedAt: Date | null }>(
    `INSERT INTO blob (sha256, md5, size_bytes, storage_key, created_at, last_put_at)
     SELECT u.sha256, u.md5, u.size, u.key, $5, $5 FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[]) AS u(sha256, md5, size, key) ORDER BY u.sha256
     ON CONFLICT (sha256) DO UPDATE SET
       last_put_at = greatest(blob.last_put_at, excluded.last_put_at),
       storage_key = CASE blob.integrity WHEN 'DAMAGED' THEN excluded.storage_key ELSE blob.storage_key END,
       checked_at = CASE blob.integrity WHEN 'DAMAGED' THEN NULL ELSE blob.checked_at END,
       checked_by = CASE blob.integrity WHEN 'DAMAGED' THEN NULL ELSE blob.checked_by END,
       integrity = CASE blob.integrity WHEN 'DAMAGED' THEN 'UNCHECKED' ELSE blob.integrity END
     RETURNING sha256, storage_key AS "storageKey", integrity, checked_at AS "checkedAt"`,
    [
      blobs.map(({ sha256 }) => toBytes(sha256)),
      blobs.map(({ md5 }) => toBytes(md5)),
      blobs.map(({ sizeBytes }) => sizeBytes),
      blobs.map(({ storageKey }) => storageKey),
      now,
    ],
  );
  return new Map(rows.map(({ sha256, ...row }) => [toHex(sha256), row]));
}

/** Notes of blobs that there are that somebody brought them again; answers those that are still there and sound. */
export async function touchBlobs(tx: Tx, sha256s: readonly string[], now: Date): Promise<Set<string>> {
  const rows = await tx.sql<{ sha256: Buffer }>(
    `WITH held AS (SELECT sha256 FROM blob WHERE sha256 = ANY ($1::bytea[]) AND integrity <> 'DAMAGED' ORDER BY sha256 FOR NO KEY UPDATE)
     UPDATE blob b SET last_put_at = greatest(b.last_put_at, $2) FROM held WHERE b.sha256 = held.sha256 RETURNING b.sha256`,
    [sha256s.map(toBytes), now],
  );
  return new Set(rows.map((row) => toHex(row.sha256)));
}

/** Grants the workspace its blobs, as pushed ones or not. Answers those that it holds now: left out are those whose MD5 is another content's there. */
export async function grantBlobs(
  tx: Tx,
  grant: { workspaceId: string; blobs: readonly { sha256: string; md5: string; pushed: boolean }[]; now: Date },
): Promise<Set<string>> {
  const { workspaceId, blobs, now } = grant;
  const sha256s = blobs.map(({ sha256 }) => toBytes(sha256));
  const pushed = blobs.map((blob) => (blob.pushed ? now : null));
  await tx.sql(
    `INSERT INTO blob_grant (workspace_id, sha256, md5, created_at, pushed_at)
     SELECT $1, u.sha256, u.md5, $5, u.pushed FROM unnest($2::bytea[], $3::bytea[], $4::timestamptz[]) AS u(sha256, md5, pushed) ORDER BY u.sha256 ON CONFLICT DO NOTHING`,
    [workspaceId, sha256s, blobs.map(({ md5 }) => toBytes(md5)), pushed, now],
  );
  const rows = await tx.sql<{ sha256: Buffer }>(
    `WITH held AS (
       SELECT g.sha256, u.pushed FROM blob_grant g JOIN unnest($2::bytea[], $3::timestamptz[]) AS u(sha256, pushed) ON u.sha256 = g.sha256
       WHERE g.workspace_id = $1 ORDER BY g.sha256 FOR NO KEY UPDATE OF g),
     renewed AS (
       UPDATE blob_grant g SET pushed_at = greatest(g.pushed_at, held.pushed) FROM held
       WHERE g.workspace_id = $1 AND g.sha256 = held.sha256 AND g.pushed_at IS DISTINCT FROM held.pushed AND held.pushed IS NOT NULL)
     SELECT sha256 FROM held`,
    [workspaceId, sha256s, pushed],
  );
  return new Set(rows.map((row) => toHex(row.sha256)));
}
