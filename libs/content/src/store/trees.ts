// SQL over paths, the same for manifests and file sets: both are rows (owner, path, sha256, executable) whose paths are in byte order.

import type { Queryable } from '@throughline/database';

import type { FileInfo, Integrity } from '../types.ts';

/** The two tables that hold trees. These names are the only texts that are ever put into a statement. */
export interface Tree {
  readonly table: 'manifest_entry' | 'file_set_entry';
  readonly owner: 'manifest_id' | 'file_set_id';
  readonly owners: 'manifest' | 'file_set';
}

export const MANIFEST_TREE: Tree = { table: 'manifest_entry', owner: 'manifest_id', owners: 'manifest' };
export const FILE_SET_TREE: Tree = { table: 'file_set_entry', owner: 'file_set_id', owners: 'file_set' };

/** Many trees of one workspace. Owners that it does not have are left out of every answer; an empty one answers with nothing in it. */
export interface Forest {
  readonly tree: Tree;
  readonly workspaceId: string;
  readonly ownerIds: readonly string[];
}

/** A path in the tree of one owner. */
export interface OwnedPath {
  ownerId: string;
  path: string;
}

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

/** The files of one owner from $1 to before $2, at most $3; those with one of the endings $6, where there are any. */
function filesOf(tree: Tree, owner: '$4' | 'o.id', endings: '$6' | null = null): string {
  const ending =
    endings === null ? '' : `AND EXISTS (SELECT 1 FROM unnest(${endings}::text[]) x WHERE lower(right(e.path, char_length(x))) = x)`;
  return `SELECT ${FILE_COLUMNS} FROM ${tree.table} e JOIN blob b ON b.sha256 = e.sha256
     WHERE e.${tree.owner} = ${owner} AND e.path >= $1 AND ($2::text IS NULL OR e.path < $2) ${ending} ORDER BY e.path LIMIT $3`;
}

/** Files in the order of their paths. */
export function selectFiles(db: Queryable, tree: Tree, ownerId: string, range: PathRange): Promise<FileInfo[]> {
  return db.sql<FileRow>(filesOf(tree, '$4'), [range.from, range.before, range.limit, ownerId]);
}

/** The same of many trees, the limit being each one's own; of files with one of these endings, in lower case, where any are given. */
export async function selectFilesOf(
  db: Queryable,
  forest: Forest,
  range: PathRange,
  endings: readonly string[] = [],
): Promise<Map<string, FileInfo[]>> {
  const { tree, workspaceId, ownerIds } = forest;
  const some = endings.length > 0;
  const rows = await db.sql<{ ownerId: string } & (FileRow | { path: null })>(
    `SELECT o.id AS "ownerId", file.* FROM ${tree.owners} o LEFT JOIN LATERAL (${filesOf(tree, 'o.id', some ? '$6' : null)}) file ON true
     WHERE o.workspace_id = $4 AND o.id = ANY ($5::uuid[]) ORDER BY o.id, file.path`,
    [range.from, range.before, range.limit, workspaceId, ownerIds, ...(some ? [endings] : [])],
  );
  const found = new Map<string, FileInfo[]>();
  for (const { ownerId, ...file } of rows) push(found, ownerId, file.path === null ? null : file);
  return found;
}

/** Adds to what an owner has; null says that it is there and has nothing. */
function push<T>(found: Map<string, T[]>, ownerId: string, item: T | null): void {
  const items = found.get(ownerId) ?? [];
  if (item !== null) items.push(item);
  found.set(ownerId, items);
}

export function selectFilesAt(db: Queryable, tree: Tree, ownerId: string, paths: readonly string[]): Promise<FileInfo[]> {
  return db.sql<FileRow>(
    `SELECT ${FILE_COLUMNS} FROM ${tree.table} e JOIN blob b ON b.sha256 = e.sha256 WHERE e.${tree.owner} = $1 AND e.path = ANY ($2::text[])`,
    [ownerId, paths],
  );
}

/** The files of exactly these paths; those that are no files are left out. */
export function selectOwnedFiles(db: Queryable, tree: Tree, wanted: readonly OwnedPath[]): Promise<(FileInfo & OwnedPath)[]> {
  return db.sql<FileRow & OwnedPath>(
    `SELECT e.${tree.owner} AS "ownerId", ${FILE_COLUMNS} FROM unnest($1::uuid[], $2::text[]) AS wanted (owner, path)
     JOIN ${tree.table} e ON e.${tree.owner} = wanted.owner AND e.path = wanted.path JOIN blob b ON b.sha256 = e.sha256`,
    columnsOf(wanted),
  );
}

function columnsOf(wanted: readonly OwnedPath[]): [string[], string[]] {
  return [wanted.map(({ ownerId }) => ownerId), wanted.map(({ path }) => path)];
}

/**
 * The first path of each immediate child of a folder in each tree, by a skip scan: one index probe a child, from which the next probe jumps behind
 * everything that the child holds. `prefix` is '' or ends with a slash; '0' is the character behind '/', and U+0001 sorts before
 * everything that a path may go on with.
 */
export async function selectChildPaths(
  db: Queryable,
  { tree, workspaceId, ownerIds }: Forest,
  range: PathRange & { prefix: string },
): Promise<Map<string, string[]>> {
  const probe = (from: string) =>
    `(SELECT e.path FROM ${tree.table} e
      WHERE e.${tree.owner} = o.id AND e.path >= ${from} AND ($3::text IS NULL OR e.path < $3) ORDER BY e.path LIMIT 1)`;
  const rest = 'substr(child.path, char_length($4::text) + 1)';
  const behind = `(CASE strpos(${rest}, '/') WHEN 0 THEN child.path || chr(1) ELSE $4::text || split_part(${rest}, '/', 1) || '0' END)`;
  const rows = await db.sql<{ ownerId: string; path: string | null }>(
    `SELECT o.id AS "ownerId", found.path FROM ${tree.owners} o LEFT JOIN LATERAL (
       WITH RECURSIVE child (path, n) AS (
         SELECT first.path, 1 FROM ${probe('$2')} first
         UNION ALL
         SELECT next.path, child.n + 1 FROM child CROSS JOIN LATERAL ${probe(behind)} next WHERE child.n < $5
       )
       SELECT path, n FROM child
     ) found ON true
     WHERE o.workspace_id = $1 AND o.id = ANY ($6::uuid[]) ORDER BY o.id, found.n`,
    [workspaceId, range.from, range.before, range.prefix, range.limit, ownerIds],
  );
  const paths = new Map<string, string[]>();
  for (const { ownerId, path } of rows) push(paths, ownerId, path);
  return paths;
}

export interface FolderTotal {
  path: string;
  fileCount: number;
  totalBytes: number;
}

/** Counts what lies below folders; those that are no folders are left out. */
export type SelectFolders = (db: Queryable, wanted: readonly OwnedPath[]) => Promise<(FolderTotal & OwnedPath)[]>;

/** What lies below folders of manifests, as it was counted when they were made. */
export const selectManifestFolders: SelectFolders = (db, wanted) =>
  db.sql<FolderTotal & OwnedPath>(
    `SELECT f.manifest_id AS "ownerId", f.path, f.file_count AS "fileCount", f.total_bytes AS "totalBytes"
     FROM unnest($1::uuid[], $2::text[]) AS wanted (owner, path)
     JOIN manifest_folder f ON f.manifest_id = wanted.owner AND f.path = wanted.path`,
    columnsOf(wanted),
  );

/** What lies below folders of file sets, counted now. */
export const selectFileSetFolders: SelectFolders = (db, wanted) =>
  db.sql<FolderTotal & OwnedPath>(
    `SELECT f.owner AS "ownerId", f.path, total.files AS "fileCount", total.bytes AS "totalBytes"
     FROM unnest($1::uuid[], $2::text[]) AS f (owner, path) CROSS JOIN LATERAL (
       SELECT count(*)::int AS files, coalesce(sum(b.size_bytes), 0)::bigint AS bytes
       FROM file_set_entry e JOIN blob b ON b.sha256 = e.sha256
       WHERE e.file_set_id = f.owner AND e.path >= f.path || '/' AND e.path < f.path || '0'
     ) total WHERE total.files > 0`,
    columnsOf(wanted),
  );
