// SQL over paths, the same for manifests and file sets: both are rows (owner, path, sha256, executable) whose paths are in byte order.

import type { Queryable } from '@throughline/database';

import type { FileInfo, Integrity } from '../types.ts';

/** The two tables that hold trees. These names are the only texts that are ever put into a statement. */
export interface Tree {
  readonly table: 'manifest_entry' | 'file_set_entry';
  readonly owner: 'manifest_id' | 'file_set_id';
}

export const MANIFEST_TREE: Tree = { table: 'manifest_entry', owner: 'manifest_id' };
export const FILE_SET_TREE: Tree = { table: 'file_set_entry', owner: 'file_set_id' };

export const FILE_COLUMNS = `e.path, encode(e.sha256, 'hex') AS sha256, encode(b.md5, 'hex') AS md5, b.size_bytes AS "sizeBytes",
  e.executable, b.integrity, b.checked_at AS "checkedAt"`;

interface FileRow {
  path: string;
  sha256: string;
  md5: string;
  sizeBytes: number;
  executable: boolean;
  integrity: Integrity;
  checkedAt: Date | null;
}

/** A range of paths: from `from` on (or behind it), to before `before`. */
export interface PathRange {
  from: string;
  /** Exclusive; null for none. */
  before: string | null;
  limit: number;
}

/** Files in the order of their paths. */
export function selectFiles(db: Queryable, tree: Tree, ownerId: string, range: PathRange): Promise<FileInfo[]> {
  return db.sql<FileRow>(
    `SELECT ${FILE_COLUMNS} FROM ${tree.table} e JOIN blob b ON b.sha256 = e.sha256
     WHERE e.${tree.owner} = $1 AND e.path >= $2 AND ($3::text IS NULL OR e.path < $3) ORDER BY e.path LIMIT $4`,
    [ownerId, range.from, range.before, range.limit],
  );
}

/** The first files of each of these manifests, by path. */
export function selectFirstFiles(
  db: Queryable,
  { workspaceId, manifestIds, limit }: { workspaceId: string; manifestIds: readonly string[]; limit: number },
): Promise<(FileInfo & { manifestId: string })[]> {
  return db.sql<FileRow & { manifestId: string }>(
    `SELECT m.id AS "manifestId", ${FILE_COLUMNS} FROM manifest m
     CROSS JOIN LATERAL (SELECT * FROM manifest_entry one WHERE one.manifest_id = m.id ORDER BY one.path LIMIT $3) e
     JOIN blob b ON b.sha256 = e.sha256
     WHERE m.workspace_id = $1 AND m.id = ANY ($2::uuid[]) ORDER BY m.id, e.path`,
    [workspaceId, manifestIds, limit],
  );
}

export function selectFilesAt(db: Queryable, tree: Tree, ownerId: string, paths: readonly string[]): Promise<FileInfo[]> {
  return db.sql<FileRow>(
    `SELECT ${FILE_COLUMNS} FROM ${tree.table} e JOIN blob b ON b.sha256 = e.sha256 WHERE e.${tree.owner} = $1 AND e.path = ANY ($2::text[])`,
    [ownerId, paths],
  );
}

/**
 * The first path of each immediate child of a folder, by a skip scan: one index probe a child, from which the next probe jumps behind
 * everything that the child holds. `prefix` is '' or ends with a slash; '0' is the character behind '/', and U+0001 sorts before
 * everything that a path may go on with.
 */
export async function selectChildPaths(
  db: Queryable,
  tree: Tree,
  ownerId: string,
  range: PathRange & { prefix: string },
): Promise<string[]> {
  const probe = (from: string) =>
    `(SELECT e.path FROM ${tree.table} e
      WHERE e.${tree.owner} = $1 AND e.path >= ${from} AND ($3::text IS NULL OR e.path < $3) ORDER BY e.path LIMIT 1)`;
  const rest = 'substr(child.path, char_length($4::text) + 1)';
  const behind = `(CASE strpos(${rest}, '/') WHEN 0 THEN child.path || chr(1) ELSE $4::text || split_part(${rest}, '/', 1) || '0' END)`;
  const rows = await db.sql<{ path: string }>(
    `WITH RECURSIVE child (path, n) AS (
       SELECT first.path, 1 FROM ${probe('$2')} first
       UNION ALL
       SELECT next.path, child.n + 1 FROM child CROSS JOIN LATERAL ${probe(behind)} next WHERE child.n < $5
     )
     SELECT path FROM child ORDER BY n`,
    [ownerId, range.from, range.before, range.prefix, range.limit],
  );
  return rows.map((row) => row.path);
}

export interface FolderTotal {
  path: string;
  fileCount: number;
  totalBytes: number;
}

/** What lies below folders of a manifest, as it was counted when it was made. */
export function selectManifestFolders(db: Queryable, manifestId: string, folders: readonly string[]): Promise<FolderTotal[]> {
  return db.sql<FolderTotal>(
    `SELECT path, file_count AS "fileCount", total_bytes AS "totalBytes" FROM manifest_folder WHERE manifest_id = $1 AND path = ANY ($2::text[])`,
    [manifestId, folders],
  );
}

/** What lies below folders of a file set, counted now. */
export function selectFileSetFolders(db: Queryable, fileSetId: string, folders: readonly string[]): Promise<FolderTotal[]> {
  return db.sql<FolderTotal>(
    `SELECT f.path, total.files AS "fileCount", total.bytes AS "totalBytes"
     FROM unnest($2::text[]) AS f (path) CROSS JOIN LATERAL (
       SELECT count(*)::int AS files, coalesce(sum(b.size_bytes), 0)::bigint AS bytes
       FROM file_set_entry e JOIN blob b ON b.sha256 = e.sha256
       WHERE e.file_set_id = $1 AND e.path >= f.path || '/' AND e.path < f.path || '0'
     ) total WHERE total.files > 0`,
    [fileSetId, folders],
  );
}
