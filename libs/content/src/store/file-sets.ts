// SQL for file sets.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';

/**
 * SQL that makes an empty set, as a part of the statement of whoever refers to it: a run and its files then cost one trip to the database.
 * The first three are expressions (placeholders), `from` is the FROM clause under which one set is made for each row.
 */
export function fileSetInsertion(id: string, workspaceId: string, now: string, from = ''): string {
  return `INSERT INTO file_set (id, workspace_id, created_at) SELECT ${id}::uuid, ${workspaceId}::uuid, ${now}::timestamptz ${from}`;
}

export async function insertFileSet(db: Queryable, set: { id: string; workspaceId: string; now: Date }): Promise<void> {
  await db.sql(fileSetInsertion('$1', '$2', '$3'), [set.id, set.workspaceId, set.now]);
}

export async function fileSetExists(db: Queryable, workspaceId: string, id: string): Promise<boolean> {
  return (await db.sql(`SELECT 1 FROM file_set WHERE workspace_id = $1 AND id = $2`, [workspaceId, id])).length > 0;
}

/** Locks a set until the transaction ends, so that a freeze sees whole changes and two writers see each other's. False where there is none. */
export async function lockFileSet(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  return (await tx.sql(`SELECT 1 FROM file_set WHERE workspace_id = $1 AND id = $2 FOR UPDATE`, [workspaceId, id])).length > 0;
}

/** Any file that one of the folders is, or that lies below the path as if that were a folder; null where there is none. */
export async function findCollision(tx: Tx, fileSetId: string, path: string, folders: readonly string[]): Promise<string | null> {
  const [row] = await tx.sql<{ path: string }>(
    `(SELECT path FROM file_set_entry WHERE file_set_id = $1 AND path = ANY ($3::text[]) LIMIT 1)
     UNION ALL
     (SELECT path FROM file_set_entry WHERE file_set_id = $1 AND path >= $2 || '/' AND path < $2 || '0' ORDER BY path LIMIT 1)
     LIMIT 1`,
    [fileSetId, path, folders],
  );
  return row?.path ?? null;
}

export interface SetFile {
  fileSetId: string;
  path: string;
  sha256: string;
  executable: boolean;
  /** The run whose own token writes; null for everybody else. */
  writerRunId: string | null;
  now: Date;
}

export async function upsertSetFile(tx: Tx, file: SetFile): Promise<void> {
  await tx.sql(
    `WITH changed AS (UPDATE file_set SET revision = revision + 1 WHERE id = $1)
     INSERT INTO file_set_entry (file_set_id, path, sha256, executable, updated_at, writer_run_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (file_set_id, path) DO UPDATE SET sha256 = excluded.sha256, executable = excluded.executable, updated_at = excluded.updated_at,
       writer_run_id = excluded.writer_run_id`,
    [file.fileSetId, file.path, toBytes(file.sha256), file.executable, file.now, file.writerRunId],
  );
}

/** The run whose own token wrote every file at or below a path (null for all of the set); null where it was not one alone. */
export async function selectWriter(tx: Tx, fileSetId: string, under: string | null): Promise<string | null> {
  const rows = await tx.sql<{ writer: string | null }>(
    `SELECT DISTINCT writer_run_id AS writer FROM file_set_entry
     WHERE file_set_id = $1 AND ($2::text IS NULL OR path = $2 OR path >= $2 || '/' AND path < $2 || '0') LIMIT 2`,
    [fileSetId, under],
  );
  return rows.length === 1 ? (rows[0]?.writer ?? null) : null;
}

/** Forgets who wrote what is left, where somebody else took files away: what is left is not what its writer made. */
export async function forgetOtherWriters(tx: Tx, fileSetId: string, writerRunId: string | null): Promise<void> {
  await tx.sql(
    `UPDATE file_set_entry SET writer_run_id = NULL WHERE file_set_id = $1 AND writer_run_id IS NOT NULL AND writer_run_id IS DISTINCT FROM $2`,
    [fileSetId, writerRunId],
  );
}

/** Deletes the file of exactly this path, or everything below it; answers how many. */
export async function deleteSetFiles(tx: Tx, where: { fileSetId: string; path: string; below: boolean }): Promise<number> {
  const which = where.below ? `path >= $2 || '/' AND path < $2 || '0'` : 'path = $2';
  const rows = await tx.sql(`DELETE FROM file_set_entry WHERE file_set_id = $1 AND ${which} RETURNING sha256`, [
    where.fileSetId,
    where.path,
  ]);
  if (rows.length > 0) await tx.sql(`UPDATE file_set SET revision = revision + 1 WHERE id = $1`, [where.fileSetId]);
  return rows.length;
}
