// SQL for manifests.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes } from '../hashes.ts';
import type { ManifestEntry } from '../manifest.ts';
import type { ChangeKind, DiffTotals, FileChange, FileInfo, Integrity, ManifestInfo } from '../types.ts';
import type { FolderTotal } from './trees.ts';

const COLUMNS = `m.id, encode(m.digest, 'hex') AS digest, m.kind, m.file_count AS "fileCount", m.total_bytes AS "totalBytes",
  m.dvc_md5 AS "dvcMd5", m.created_at AS "createdAt"`;
/** Rows in one INSERT: enough that the round trip costs nothing, few enough that a statement stays a few megabytes. */
const BATCH = 5_000;

export interface NewManifest extends ManifestInfo {
  workspaceId: string;
}

/** Notes that a known manifest is wanted again, which keeps the collector away, and answers it; null where it is unknown. */
export async function touchManifestByDigest(
  db: Queryable,
  key: { workspaceId: string; digest: string; now: Date },
): Promise<(ManifestInfo & { bytesDamaged: boolean }) | null> {
  const [row] = await db.sql<ManifestInfo & { bytesDamaged: boolean }>(
    `UPDATE manifest m SET touched_at = greatest(m.touched_at, $3) FROM blob b
     WHERE m.workspace_id = $1 AND m.digest = $2 AND b.sha256 = m.blob_sha256
     RETURNING ${COLUMNS}, b.integrity = 'DAMAGED' AS "bytesDamaged"`,
    [key.workspaceId, toBytes(key.digest), key.now],
  );
  return row ?? null;
}

/**
 * Lets transactions that make the same manifest do so one after the other. Each would otherwise lock the manifest's row, its bytes and its
 * entries' bytes in an order that depends on who was there first, and PostgreSQL would have to end one of them.
 */
export async function lockManifestDigest(tx: Tx, key: { workspaceId: string; digest: string }): Promise<void> {
  await tx.sql(`SELECT pg_advisory_xact_lock(hashtextextended('manifest ' || $1 || ' ' || $2, 0))`, [key.workspaceId, key.digest]);
}

/** Answers the ids of those that exist in the workspace, and keeps the collector away from them. */
export async function touchManifests(db: Queryable, key: { workspaceId: string; ids: readonly string[]; now: Date }): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `UPDATE manifest SET touched_at = greatest(touched_at, $3) WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) RETURNING id`,
    [key.workspaceId, key.ids, key.now],
  );
  return rows.map((row) => row.id);
}

export function selectManifests(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<ManifestInfo[]> {
  return db.sql<ManifestInfo>(`SELECT ${COLUMNS} FROM manifest m WHERE m.workspace_id = $1 AND m.id = ANY ($2::uuid[])`, [
    workspaceId,
    ids,
  ]);
}

export async function selectManifestByDigest(db: Queryable, workspaceId: string, digest: string): Promise<ManifestInfo | null> {
  const [row] = await db.sql<ManifestInfo>(`SELECT ${COLUMNS} FROM manifest m WHERE m.workspace_id = $1 AND m.digest = $2`, [
    workspaceId,
    toBytes(digest),
  ]);
  return row ?? null;
}

/** False where the workspace has a manifest of this digest by now. */
export async function insertManifest(tx: Tx, manifest: NewManifest): Promise<boolean> {
  const rows = await tx.sql(
    `INSERT INTO manifest (id, workspace_id, digest, kind, file_count, total_bytes, dvc_md5, blob_sha256, created_at, touched_at)
     VALUES ($1, $2, $3, $4::"ManifestKind", $5, $6, $7, $3, $8, $8) ON CONFLICT (workspace_id, digest) DO NOTHING RETURNING id`,
    [
      manifest.id,
      manifest.workspaceId,
      toBytes(manifest.digest),
      manifest.kind,
      manifest.fileCount,
      manifest.totalBytes,
      manifest.dvcMd5,
      manifest.createdAt,
    ],
  );
  return rows.length > 0;
}

export async function insertEntries(tx: Tx, manifestId: string, entries: readonly ManifestEntry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    await tx.sql(
      `INSERT INTO manifest_entry (manifest_id, path, sha256, executable)
       SELECT $1, path, decode(sha256, 'hex'), executable FROM unnest($2::text[], $3::text[], $4::bool[]) AS e (path, sha256, executable)`,
      [manifestId, batch.map((entry) => entry.path), batch.map((entry) => entry.sha256), batch.map((entry) => entry.executable)],
    );
  }
}

export async function insertFolders(tx: Tx, manifestId: string, folders: readonly FolderTotal[]): Promise<void> {
  for (let start = 0; start < folders.length; start += BATCH) {
    const batch = folders.slice(start, start + BATCH);
    await tx.sql(
      `INSERT INTO manifest_folder (manifest_id, path, file_count, total_bytes) SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[])`,
      [manifestId, batch.map((folder) => folder.path), batch.map((folder) => folder.fileCount), batch.map((folder) => folder.totalBytes)],
    );
  }
}

export interface IntegrityRow {
  id: string;
  damagedFiles: number;
  uncheckedFiles: number;
  intactFiles: number;
  oldestFileCheck: Date | null;
  anyDamaged: boolean;
  anyUnchecked: boolean;
  oldestCheck: Date | null;
  lastDamage: Date | null;
}

/** Over every file of the manifests, and over the manifests' own bytes. */
export function selectIntegrity(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<IntegrityRow[]> {
  return db.sql<IntegrityRow>(
    `SELECT m.id,
       (count(*) FILTER (WHERE b.integrity = 'DAMAGED' AND reached.is_file))::int AS "damagedFiles",
       (count(*) FILTER (WHERE b.integrity = 'UNCHECKED' AND reached.is_file))::int AS "uncheckedFiles",
       (count(*) FILTER (WHERE b.integrity = 'INTACT' AND reached.is_file))::int AS "intactFiles",
       min(b.checked_at) FILTER (WHERE reached.is_file) AS "oldestFileCheck",
       bool_or(b.integrity = 'DAMAGED') AS "anyDamaged",
       bool_or(b.integrity = 'UNCHECKED') AS "anyUnchecked",
       min(b.checked_at) AS "oldestCheck",
       max(b.checked_at) FILTER (WHERE b.integrity = 'DAMAGED') AS "lastDamage"
     FROM manifest m
     CROSS JOIN LATERAL (
       SELECT e.sha256, true AS is_file FROM manifest_entry e WHERE e.manifest_id = m.id
       UNION ALL
       SELECT m.blob_sha256, false
     ) reached
     JOIN blob b ON b.sha256 = reached.sha256
     WHERE m.workspace_id = $1 AND m.id = ANY ($2::uuid[])
     GROUP BY m.id`,
    [workspaceId, ids],
  );
}

/** The same over what file sets hold now; an empty set is left out. */
export function selectFileSetIntegrity(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<IntegrityRow[]> {
  return db.sql<IntegrityRow>(
    `SELECT s.id,
       (count(*) FILTER (WHERE b.integrity = 'DAMAGED'))::int AS "damagedFiles",
       (count(*) FILTER (WHERE b.integrity = 'UNCHECKED'))::int AS "uncheckedFiles",
       (count(*) FILTER (WHERE b.integrity = 'INTACT'))::int AS "intactFiles",
       min(b.checked_at) AS "oldestFileCheck",
       bool_or(b.integrity = 'DAMAGED') AS "anyDamaged",
       bool_or(b.integrity = 'UNCHECKED') AS "anyUnchecked",
       min(b.checked_at) AS "oldestCheck",
       max(b.checked_at) FILTER (WHERE b.integrity = 'DAMAGED') AS "lastDamage"
     FROM file_set s JOIN file_set_entry e ON e.file_set_id = s.id JOIN blob b ON b.sha256 = e.sha256
     WHERE s.workspace_id = $1 AND s.id = ANY ($2::uuid[])
     GROUP BY s.id`,
    [workspaceId, ids],
  );
}

// Each side is cut before the join, where the index can do it.
const BOTH = `(SELECT path, sha256, executable FROM manifest_entry WHERE manifest_id = $1 AND path > $3) a
  FULL JOIN (SELECT path, sha256, executable FROM manifest_entry WHERE manifest_id = $2 AND path > $3) b USING (path)`;
const DIFFERENT = `(a.sha256 IS DISTINCT FROM b.sha256 OR a.executable IS DISTINCT FROM b.executable)`;
const ADDED = 'a.sha256 IS NULL';
const REMOVED = 'b.sha256 IS NULL';
const CHANGED = `a.sha256 IS NOT NULL AND b.sha256 IS NOT NULL AND ${DIFFERENT}`;

interface DiffRow {
  path: string;
  change: ChangeKind;
  before: JsonFile | null;
  after: JsonFile | null;
}

/** A file as PostgreSQL writes it in JSON. */
interface JsonFile {
  sha256: string;
  md5: string;
  sizeBytes: number;
  executable: boolean;
  integrity: Integrity;
  checkedAtMs: number | null;
}

const jsonFile = (entry: string, blob: string) => `CASE WHEN ${entry}.sha256 IS NULL THEN NULL ELSE json_build_object(
  'sha256', encode(${entry}.sha256, 'hex'), 'md5', encode(${blob}.md5, 'hex'), 'sizeBytes', ${blob}.size_bytes, 'executable', ${entry}.executable,
  'integrity', ${blob}.integrity, 'checkedAtMs', floor(extract(epoch FROM ${blob}.checked_at) * 1000)) END`;

function fileOf(path: string, file: JsonFile | null): FileInfo | null {
  if (file === null) return null;
  const { checkedAtMs, ...rest } = file;
  return { path, ...rest, checkedAt: checkedAtMs === null ? null : new Date(checkedAtMs) };
}

export interface DiffRange {
  /** The manifest before. */
  beforeId: string;
  afterId: string;
  /** Only paths behind this one; '' for all. */
  behind: string;
  limit: number;
}

/** What differs between two manifests, by path. */
export async function selectDiff(db: Queryable, range: DiffRange): Promise<FileChange[]> {
  const rows = await db.sql<DiffRow>(
    `SELECT path, CASE WHEN ${ADDED} THEN 'ADDED' WHEN ${REMOVED} THEN 'REMOVED' ELSE 'CHANGED' END AS change,
       ${jsonFile('a', 'ab')} AS before, ${jsonFile('b', 'bb')} AS after
     FROM ${BOTH} LEFT JOIN blob ab ON ab.sha256 = a.sha256 LEFT JOIN blob bb ON bb.sha256 = b.sha256
     WHERE ${DIFFERENT} ORDER BY path LIMIT $4`,
    [range.beforeId, range.afterId, range.behind, range.limit],
  );
  return rows.map((row) => ({
    path: row.path,
    change: row.change,
    before: fileOf(row.path, row.before),
    after: fileOf(row.path, row.after),
  }));
}

export async function selectDiffTotals(db: Queryable, beforeId: string, afterId: string): Promise<DiffTotals> {
  const count = (condition: string) => `(count(*) FILTER (WHERE ${condition}))::int`;
  const bytes = (blob: string, condition: string) => `coalesce(sum(${blob}.size_bytes) FILTER (WHERE ${condition}), 0)::bigint`;
  const [totals] = await db.sql<DiffTotals>(
    `SELECT ${count(ADDED)} AS added, ${count(REMOVED)} AS removed, ${count(CHANGED)} AS changed, ${count(`NOT ${DIFFERENT}`)} AS unchanged,
       ${bytes('bb', ADDED)} AS "addedBytes", ${bytes('ab', REMOVED)} AS "removedBytes",
       ${bytes('ab', CHANGED)} AS "changedBytesBefore", ${bytes('bb', CHANGED)} AS "changedBytesAfter"
     FROM ${BOTH} LEFT JOIN blob ab ON ab.sha256 = a.sha256 LEFT JOIN blob bb ON bb.sha256 = b.sha256`,
    [beforeId, afterId, ''],
  );
  if (totals === undefined) throw new Error('an aggregate answered no row');
  return totals;
}
