// SQL for the collector. What is deleted is looked at twice: once to find candidates, once more under locks.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';

/** An advisory lock that whoever reads objects by rows of an earlier time holds: the first eight bytes of SHA-256("throughline collection"). */
export const COLLECTION_LOCK = '1490762683397482468';

/** Whether somebody holds the collection off. Otherwise nobody begins to before the transaction ends. */
export async function collectionIsHeldOff(tx: Tx): Promise<boolean> {
  const [row] = await tx.sql<{ free: boolean }>(`SELECT pg_try_advisory_xact_lock_shared(${COLLECTION_LOCK}) AS free`);
  return row?.free !== true;
}

/** Whether somebody holds the collection off now, for who only wants to know: takes no lock, and so keeps nobody from taking it. */
export async function holdsCollectionOff(db: Queryable): Promise<boolean> {
  const [row] = await db.sql<{ held: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (classid::bigint << 32 | objid::bigint) = ${COLLECTION_LOCK}
     ) AS held`,
  );
  return row?.held === true;
}

/** Ids that sort behind the last batch's; null for the first. */
export interface Batch {
  before: Date;
  behind: string | null;
  limit: number;
}

/** Manifests that nobody made or held on to since a time, by id. */
export async function selectIdleManifests(db: Queryable, batch: Batch): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT id FROM manifest WHERE touched_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [batch.before, batch.behind, batch.limit],
  );
  return rows.map((row) => row.id);
}

/** Deletes those that are still idle: one that somebody held on to in the meantime stays. */
export async function deleteIdleManifests(db: Queryable, ids: readonly string[], before: Date): Promise<number> {
  return (await db.sql(`DELETE FROM manifest WHERE id = ANY ($1::uuid[]) AND touched_at < $2 RETURNING id`, [ids, before])).length;
}

export async function selectIdleFileSets(db: Queryable, batch: Batch): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT id FROM file_set WHERE created_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [batch.before, batch.behind, batch.limit],
  );
  return rows.map((row) => row.id);
}

export async function deleteFileSets(db: Queryable, ids: readonly string[]): Promise<number> {
  return (await db.sql(`DELETE FROM file_set WHERE id = ANY ($1::uuid[]) RETURNING id`, [ids])).length;
}

export interface IdleBlob {
  sha256: string;
  storageKey: string;
  sizeBytes: number;
}

/** What is going to be deleted, and so does not count as a reference; empty where it is deleted already. */
export interface Doomed {
  manifestIds: readonly string[];
  fileSetIds: readonly string[];
  treeIds: readonly string[];
}

/** What nothing names; and what was pushed is named by that, until a time. */
const unnamed = (
  pushedBefore: string,
) => `NOT EXISTS (SELECT 1 FROM manifest_entry e WHERE e.sha256 = b.sha256 AND NOT EXISTS (SELECT 1 FROM doomed_manifest d WHERE d.id = e.manifest_id))
  AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.blob_sha256 = b.sha256 AND NOT EXISTS (SELECT 1 FROM doomed_manifest d WHERE d.id = m.id))
  AND NOT EXISTS (SELECT 1 FROM file_set_entry e WHERE e.sha256 = b.sha256 AND NOT EXISTS (SELECT 1 FROM doomed_file_set d WHERE d.id = e.file_set_id))
  AND NOT EXISTS (SELECT 1 FROM dvc_tree_file f WHERE f.sha256 = b.sha256 AND NOT EXISTS (SELECT 1 FROM doomed_tree d WHERE d.id = f.tree_id))
  AND NOT EXISTS (SELECT 1 FROM dvc_tree t WHERE t.sha256 = b.sha256 AND NOT EXISTS (SELECT 1 FROM doomed_tree d WHERE d.id = t.id))
  AND NOT EXISTS (SELECT 1 FROM blob_grant g WHERE g.sha256 = b.sha256 AND g.pushed_at >= ${pushedBefore})`;

/** Blobs that nothing names, nobody brought or claimed since a time, and nobody pushed or relied on since another, by hash. */
export function selectIdleBlobs(db: Queryable, batch: Batch & { pushedBefore: Date }, doomed: Doomed): Promise<IdleBlob[]> {
  return db.sql<IdleBlob>(
    `WITH doomed_manifest AS MATERIALIZED (SELECT unnest($4::uuid[]) AS id), doomed_file_set AS MATERIALIZED (SELECT unnest($5::uuid[]) AS id),
       doomed_tree AS MATERIALIZED (SELECT unnest($6::uuid[]) AS id)
     SELECT encode(b.sha256, 'hex') AS sha256, b.storage_key AS "storageKey", b.size_bytes AS "sizeBytes" FROM blob b
     WHERE b.last_put_at < $1 AND ($2::bytea IS NULL OR b.sha256 > $2) AND ${unnamed('$7')} ORDER BY b.sha256 LIMIT $3`,
    [
      batch.before,
      batch.behind === null ? null : toBytes(batch.behind),
      batch.limit,
      doomed.manifestIds,
      doomed.fileSetIds,
      doomed.treeIds,
      batch.pushedBefore,
    ],
  );
}

/**
 * Deletes blobs with their grants, as far as they are still idle, and answers them. The rows are locked first, and only then, by a statement
 * of its own, looked at again: so it sees what was committed before it had the locks. Who names a blob meanwhile waits for the lock that
 * its foreign key needs and then fails, or was first and is seen. Rows that somebody is writing are passed over. The grants
 * are locked as well: who notes that they rely on one waits, and then finds it gone, or was first and is seen.
 */
export async function deleteIdleBlobs(
  tx: Tx,
  sha256s: readonly string[],
  { before, pushedBefore }: { before: Date; pushedBefore: Date },
): Promise<IdleBlob[]> {
  const locked = await tx.sql<{ sha256: Buffer }>(
    `SELECT sha256 FROM blob WHERE sha256 = ANY ($1::bytea[]) AND last_put_at < $2 ORDER BY sha256 FOR UPDATE SKIP LOCKED`,
    [sha256s.map(toBytes), before],
  );
  const ours = locked.map((row) => row.sha256);
  await tx.sql(`SELECT 1 FROM blob_grant WHERE sha256 = ANY ($1::bytea[]) ORDER BY workspace_id, sha256 FOR UPDATE`, [ours]);
  const still = await tx.sql<{ sha256: Buffer }>(
    `WITH doomed_manifest AS (SELECT NULL::uuid AS id), doomed_file_set AS (SELECT NULL::uuid AS id), doomed_tree AS (SELECT NULL::uuid AS id)
     SELECT b.sha256 FROM blob b WHERE b.sha256 = ANY ($1::bytea[]) AND ${unnamed('$2')}`,
    [ours, pushedBefore],
  );
  const doomed = still.map((row) => row.sha256);
  await tx.sql(`DELETE FROM blob_grant WHERE sha256 = ANY ($1::bytea[])`, [doomed]);
  return tx.sql<IdleBlob>(
    `DELETE FROM blob b WHERE b.sha256 = ANY ($1::bytea[]) RETURNING encode(b.sha256, 'hex') AS sha256, b.storage_key AS "storageKey", b.size_bytes AS "sizeBytes"`,
    [doomed],
  );
}

/** Those of the multipart uploads that the row of an upload names, by their ids. */
export async function selectNamedMultiparts(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.sql<{ id: string }>(
    `SELECT multipart_id AS id FROM upload WHERE multipart_id = ANY ($1::text[]) UNION ALL SELECT multipart_id FROM direct_upload WHERE multipart_id = ANY ($1::text[])`,
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}

/** Those of the keys that some row names. */
export async function selectNamedKeys(db: Queryable, keys: readonly string[]): Promise<Set<string>> {
  const rows = await db.sql<{ key: string }>(
    `SELECT storage_key AS key FROM blob WHERE storage_key = ANY ($1::text[]) UNION ALL SELECT storage_key FROM upload WHERE storage_key = ANY ($1::text[])
     UNION ALL SELECT storage_key FROM direct_upload WHERE storage_key = ANY ($1::text[])`,
    [keys],
  );
  return new Set(rows.map((row) => row.key));
}
