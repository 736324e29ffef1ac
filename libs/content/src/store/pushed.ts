// SQL for what DVC's clients push: names that grants and lists of files have for them, and how long those keep what nothing else names.

import type { Queryable, Tx } from '@throughline/database';

import { toBytes, toHex } from '../hashes.ts';
import type { Integrity } from '../types.ts';
import type { StoredBlob } from './blobs.ts';

/** Rows in one statement; more go in several. */
const BATCH = 5_000;

/** A blob under the name that a client of DVC has for it. */
export interface NamedBlob extends StoredBlob {
  /** The MD5 that was asked for: of the bytes, or of what DVC 2 took for them. */
  name: string;
  /** Whether it is to be noted again that somebody relies on it. */
  due: boolean;
}

interface NamedRow {
  name: Buffer;
  sha256: Buffer;
  md5: Buffer;
  sizeBytes: number;
  storageKey: string;
  integrity: Integrity;
  checkedAt: Date | null;
  due: boolean;
}

export interface Asked {
  workspaceId: string;
  md5s: readonly string[];
  /** What was noted before this is due. */
  dueBefore: Date;
}

const BLOB = `b.sha256, b.md5, b.size_bytes AS "sizeBytes", b.storage_key AS "storageKey", b.integrity, b.checked_at AS "checkedAt"`;

function present(row: NamedRow): NamedBlob {
  return { ...row, name: toHex(row.name), sha256: toHex(row.sha256), md5: toHex(row.md5) };
}

async function inBatches(md5s: readonly string[], ask: (batch: Buffer[]) => Promise<NamedRow[]>): Promise<NamedBlob[]> {
  const found: NamedBlob[] = [];
  for (let start = 0; start < md5s.length; start += BATCH) {
    for (const row of await ask(md5s.slice(start, start + BATCH).map(toBytes))) found.push(present(row));
  }
  return found;
}

/** The files that the workspace holds under these MD5s, and are not known to be damaged. */
export function selectPushedFiles(db: Queryable, { workspaceId, md5s, dueBefore }: Asked): Promise<NamedBlob[]> {
  return inBatches(md5s, (batch) =>
    db.sql<NamedRow>(
      `SELECT g.md5 AS name, ${BLOB}, (g.pushed_at IS NULL OR g.pushed_at < $3) AS due FROM blob_grant g JOIN blob b ON b.sha256 = g.sha256
       WHERE g.workspace_id = $1 AND g.md5 = ANY ($2::bytea[]) AND b.integrity <> 'DAMAGED'`,
      [workspaceId, batch, dueBefore],
    ),
  );
}

/** The same by the names that DVC 2 gave text files, where those are not the MD5 of their bytes. */
export function selectLegacyFiles(db: Queryable, { workspaceId, md5s, dueBefore }: Asked): Promise<NamedBlob[]> {
  return inBatches(md5s, (batch) =>
    db.sql<NamedRow>(
      `SELECT l.md5 AS name, ${BLOB}, (g.pushed_at IS NULL OR g.pushed_at < $3) AS due
       FROM dvc_legacy_name l JOIN blob_grant g ON g.workspace_id = l.workspace_id AND g.sha256 = l.sha256 JOIN blob b ON b.sha256 = l.sha256
       WHERE l.workspace_id = $1 AND l.md5 = ANY ($2::bytea[]) AND b.integrity <> 'DAMAGED'`,
      [workspaceId, batch, dueBefore],
    ),
  );
}

/** The folders that the workspace holds under these MD5s. Those of DVC 3 name files that lie where both versions find them. */
export function selectPushedTrees(db: Queryable, { workspaceId, md5s, dueBefore }: Asked, legacy: boolean): Promise<NamedBlob[]> {
  return inBatches(md5s, (batch) =>
    db.sql<NamedRow>(
      `SELECT DISTINCT ON (t.md5) t.md5 AS name, ${BLOB}, t.pushed_at < $3 AS due FROM dvc_tree t JOIN blob b ON b.sha256 = t.sha256
       WHERE t.workspace_id = $1 AND t.md5 = ANY ($2::bytea[]) AND ($4 OR NOT t.legacy) AND b.integrity <> 'DAMAGED' ORDER BY t.md5`,
      [workspaceId, batch, dueBefore, legacy],
    ),
  );
}

/** Those of the folders of DVC 3 of which some file is known to be damaged. */
export async function selectBrokenTrees(db: Queryable, workspaceId: string, md5s: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ name: Buffer }>(
    `WITH damaged AS MATERIALIZED (SELECT sha256 FROM blob WHERE integrity = 'DAMAGED')
     SELECT DISTINCT t.md5 AS name FROM damaged d JOIN dvc_tree_file f ON f.sha256 = d.sha256 JOIN dvc_tree t ON t.id = f.tree_id
     WHERE t.workspace_id = $1 AND t.md5 = ANY ($2::bytea[]) AND NOT t.legacy`,
    [workspaceId, md5s.map(toBytes)],
  );
  return rows.map((row) => toHex(row.name));
}

/** Notes that somebody relies on blobs of the workspace, and answers those that it still has. Locks in one order, so that two of these pass. */
export async function renewGrants(
  db: Queryable,
  key: { workspaceId: string; sha256s: readonly string[]; now: Date },
): Promise<Set<string>> {
  const kept = new Set<string>();
  for (let start = 0; start < key.sha256s.length; start += BATCH) {
    const rows = await db.sql<{ sha256: Buffer }>(
      `WITH held AS (SELECT sha256 FROM blob_grant WHERE workspace_id = $1 AND sha256 = ANY ($2::bytea[]) ORDER BY sha256 FOR NO KEY UPDATE)
       UPDATE blob_grant g SET pushed_at = greatest(g.pushed_at, $3) FROM held WHERE g.workspace_id = $1 AND g.sha256 = held.sha256 RETURNING g.sha256`,
      [key.workspaceId, key.sha256s.slice(start, start + BATCH).map(toBytes), key.now],
    );
    for (const row of rows) kept.add(toHex(row.sha256));
  }
  return kept;
}

/** The same for folders, by their MD5s. */
export async function renewTrees(db: Queryable, key: { workspaceId: string; md5s: readonly string[]; now: Date }): Promise<Set<string>> {
  const rows = await db.sql<{ md5: Buffer }>(
    `WITH held AS (SELECT id FROM dvc_tree WHERE workspace_id = $1 AND md5 = ANY ($2::bytea[]) ORDER BY id FOR NO KEY UPDATE)
     UPDATE dvc_tree t SET pushed_at = greatest(t.pushed_at, $3) FROM held WHERE t.id = held.id RETURNING t.md5`,
    [key.workspaceId, key.md5s.map(toBytes), key.now],
  );
  return new Set(rows.map((row) => toHex(row.md5)));
}

export interface NewTree {
  id: string;
  workspaceId: string;
  md5: string;
  legacy: boolean;
  sha256: string;
  fileCount: number;
  totalBytes: number;
  /** Each once. */
  files: readonly string[];
  now: Date;
}

/** Keeps a folder and all that is in it; one that is there is kept on. Throws a violation of `foreign_key` where a file was just collected. */
export async function upsertTree(tx: Tx, tree: NewTree): Promise<void> {
  const [row] = await tx.sql<{ id: string }>(
    `INSERT INTO dvc_tree AS t (id, workspace_id, md5, legacy, sha256, file_count, total_bytes, pushed_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
     ON CONFLICT (workspace_id, md5, legacy) DO UPDATE SET pushed_at = greatest(t.pushed_at, excluded.pushed_at) RETURNING t.id`,
    [tree.id, tree.workspaceId, toBytes(tree.md5), tree.legacy, toBytes(tree.sha256), tree.fileCount, tree.totalBytes, tree.now],
  );
  if (row?.id !== tree.id) return;
  for (let start = 0; start < tree.files.length; start += BATCH) {
    const batch = tree.files.slice(start, start + BATCH).map(toBytes);
    await tx.sql(`INSERT INTO dvc_tree_file (tree_id, sha256) SELECT $1, sha256 FROM unnest($2::bytea[]) AS sha256 ORDER BY sha256`, [
      tree.id,
      batch,
    ]);
  }
}

/** Notes the name that DVC 2 gave a file. Of two contents with other line ends, which have one name there, the first has it. */
export async function insertLegacyName(tx: Tx, name: { workspaceId: string; md5: string; sha256: string }): Promise<void> {
  await tx.sql(`INSERT INTO dvc_legacy_name (workspace_id, md5, sha256) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
    name.workspaceId,
    toBytes(name.md5),
    toBytes(name.sha256),
  ]);
}

/** Lets go of files and folders of DVC 3, as far as only their having been pushed keeps them; answers how many. */
export async function releasePushed(
  tx: Tx,
  { workspaceId, files, trees }: { workspaceId: string; files: readonly string[]; trees: readonly string[] },
): Promise<number> {
  const grants = await tx.sql(
    `WITH held AS (
       SELECT sha256 FROM blob_grant WHERE workspace_id = $1 AND md5 = ANY ($2::bytea[]) AND pushed_at IS NOT NULL ORDER BY sha256 FOR NO KEY UPDATE)
     UPDATE blob_grant g SET pushed_at = NULL FROM held WHERE g.workspace_id = $1 AND g.sha256 = held.sha256 RETURNING g.sha256`,
    [workspaceId, files.map(toBytes)],
  );
  const lists = await tx.sql(
    `WITH held AS (SELECT id FROM dvc_tree WHERE workspace_id = $1 AND md5 = ANY ($2::bytea[]) AND NOT legacy ORDER BY id FOR NO KEY UPDATE)
     UPDATE dvc_tree t SET pushed_at = 'epoch' FROM held WHERE t.id = held.id RETURNING t.id`,
    [workspaceId, trees.map(toBytes)],
  );
  return grants.length + lists.length;
}

/** Manifests of folders that DVC calls by these names, without `.dir`. */
export async function selectManifestsByDvcMd5(
  db: Queryable,
  workspaceId: string,
  md5s: readonly string[],
): Promise<{ id: string; md5: string; fileCount: number; totalBytes: number }[]> {
  return db.sql(
    `SELECT DISTINCT ON (dvc_md5) id, left(dvc_md5, 32) AS md5, file_count AS "fileCount", total_bytes AS "totalBytes" FROM manifest
     WHERE workspace_id = $1 AND dvc_md5 = ANY ($2::text[]) AND kind = 'DIR' ORDER BY dvc_md5, created_at`,
    [workspaceId, md5s.map((md5) => `${md5}.dir`)],
  );
}

/** The digests of all manifests that DVC calls so, by that. */
export async function selectDigestsByDvcMd5(
  db: Queryable,
  workspaceId: string,
  dvcMd5s: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db.sql<{ name: string; digests: string[] }>(
    `SELECT dvc_md5 AS name, array_agg(encode(digest, 'hex')) AS digests FROM manifest WHERE workspace_id = $1 AND dvc_md5 = ANY ($2::text[]) GROUP BY dvc_md5`,
    [workspaceId, dvcMd5s],
  );
  return new Map(rows.map(({ name, digests }) => [name, digests]));
}

/** The digest of the manifest that DVC calls so, in which exactly these paths are executable, and which has this path. */
export async function selectDigestOfDvc(
  db: Queryable,
  wanted: { workspaceId: string; dvcMd5: string; executable: readonly string[]; path: string | null },
): Promise<string | null> {
  const [row] = await db.sql<{ digest: Buffer }>(
    `SELECT m.digest FROM manifest m
     WHERE m.workspace_id = $1 AND m.dvc_md5 = $2 AND ($4::text IS NULL OR EXISTS (SELECT 1 FROM manifest_entry e WHERE e.manifest_id = m.id AND e.path = $4))
       AND (SELECT coalesce(array_agg(e.path ORDER BY e.path), '{}') FROM manifest_entry e WHERE e.manifest_id = m.id AND e.executable)
         = (SELECT coalesce(array_agg(p COLLATE "C" ORDER BY p COLLATE "C"), '{}') FROM unnest($3::text[]) AS p)`,
    [wanted.workspaceId, wanted.dvcMd5, wanted.executable, wanted.path],
  );
  return row === undefined ? null : toHex(row.digest);
}

/** Where a walk over the files of manifests stands: behind a path of one. */
export interface WalkPlace {
  manifestId: string;
  /** Null behind all of its files. */
  path: string | null;
}

/** Files of manifests by manifest and path, with every name that DVC has for them. */
export function selectDvcNames(
  db: Queryable,
  {
    workspaceId,
    manifestIds,
    behind,
    limit,
  }: { workspaceId: string; manifestIds: readonly string[]; behind: WalkPlace | null; limit: number },
): Promise<{ manifestId: string; path: string; names: string[] }[]> {
  const values: unknown[] = [workspaceId, manifestIds, limit];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  // In the order of the index of entries, so that a page begins where the last one ended, and reads nothing before it.
  const begins =
    behind === null
      ? ''
      : behind.path === null
        ? `AND e.manifest_id > ${parameter(behind.manifestId)}::uuid`
        : `AND (e.manifest_id, e.path) > (${parameter(behind.manifestId)}::uuid, ${parameter(behind.path)}::text)`;
  return db.sql(
    `SELECT e.manifest_id AS "manifestId", e.path,
       array_prepend(encode(b.md5, 'hex'), ARRAY(SELECT encode(l.md5, 'hex') FROM dvc_legacy_name l WHERE l.workspace_id = $1 AND l.sha256 = b.sha256)) AS names
     FROM manifest m JOIN manifest_entry e ON e.manifest_id = m.id JOIN blob b ON b.sha256 = e.sha256
     WHERE m.workspace_id = $1 AND m.id = ANY ($2::uuid[]) ${begins} ORDER BY e.manifest_id, e.path LIMIT $3`,
    values,
  );
}

/** Folders that nobody relied on since a time, by id. */
export async function selectIdleTrees(db: Queryable, batch: { before: Date; behind: string | null; limit: number }): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT id FROM dvc_tree WHERE pushed_at < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [batch.before, batch.behind, batch.limit],
  );
  return rows.map((row) => row.id);
}

/** Deletes those that are still idle. */
export async function deleteIdleTrees(tx: Tx, ids: readonly string[], before: Date): Promise<number> {
  return (await tx.sql(`DELETE FROM dvc_tree WHERE id = ANY ($1::uuid[]) AND pushed_at < $2 RETURNING id`, [ids, before])).length;
}
