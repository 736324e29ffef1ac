// Reading trees of files, the same for manifests and file sets. Pages go by path in byte order; a folder's children are found by a skip
// scan, so that the cost follows the answer and not the number of files below.

import type { Queryable } from '@throughline/database';
import { decodeCursor, encodeCursor, invalid, pageOf } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { behindPrefix, checkPath, MAX_PATH_BYTES } from './paths.ts';
import { selectChildPaths, selectFiles, selectFilesAt } from './store/trees.ts';
import type { FolderTotal, Tree } from './store/trees.ts';
import type { FileInfo, FolderChild } from './types.ts';

export interface ListFilesOptions {
  /** Only paths that begin with this text; a folder ends with a slash. */
  prefix?: string | undefined;
  page: PageRequest;
}

/** A tree of one owner, and how the totals of its folders are had. */
export interface OwnedTree {
  tree: Tree;
  ownerId: string;
  folderTotals: (db: Queryable, folders: readonly string[]) => Promise<FolderTotal[]>;
}

/** Sorts before every character that may follow in a path. */
const LEAST = '\u0001';

/** The path behind which a page begins. Throws `invalid` INVALID_CURSOR, also for a text that the database would not take. */
export function pathOfCursor(after: string): string {
  const [path] = decodeCursor(after, 1);
  if (typeof path !== 'string' || path.includes('\0') || !path.isWellFormed())
    throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
  return path;
}

function latest(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a;
}

/** Files by path. */
export async function listFilesOf(db: Queryable, owned: OwnedTree, { prefix = '', page }: ListFilesOptions): Promise<Page<FileInfo>> {
  checkPrefix(prefix);
  const from = page.after === null ? prefix : latest(pathOfCursor(page.after) + LEAST, prefix);
  const rows = await selectFiles(db, owned.tree, owned.ownerId, { from, before: behindPrefix(prefix), limit: page.first + 1 });
  return pageOf(rows, page.first, (file) => encodeCursor([file.path]));
}

/** A prefix need not be a path, but has to be a text that the database takes. */
function checkPrefix(prefix: string): void {
  if (Buffer.byteLength(prefix) <= MAX_PATH_BYTES && prefix.isWellFormed() && !prefix.includes('\0')) return;
  throw invalid('INVALID_PREFIX', `A prefix is well-formed text of at most ${MAX_PATH_BYTES} bytes without NUL.`);
}

/** What lies directly in a folder; '' is the root. A folder that does not exist is empty. Folders sort as if their names ended with a slash. */
export async function listFolderOf(db: Queryable, owned: OwnedTree, folder: string, page: PageRequest): Promise<Page<FolderChild>> {
  const prefix = folder === '' ? '' : `${checkPath(folder)}/`;
  const from = page.after === null ? prefix : latest(behindChild(pathOfCursor(page.after)), prefix);
  const range = { prefix, from, before: behindPrefix(prefix), limit: page.first + 1 };
  const keys = (await selectChildPaths(db, owned.tree, owned.ownerId, range)).map((path) => childKey(path, prefix));
  const shown = keys.slice(0, page.first);
  const children = await describeChildren(db, owned, shown);
  // Files may vanish between the two readings of a set that is being written; the page is then shorter, and goes on behind them.
  const items = shown.flatMap((key) => children.get(key) ?? []);
  return {
    items,
    cursorOf: (child) => encodeCursor([child.type === 'FILE' ? child.file.path : `${child.path}/`]),
    hasNextPage: keys.length > page.first,
  };
}

/** The file's path, or the folder's with a slash behind it. */
function childKey(path: string, prefix: string): string {
  const slash = path.indexOf('/', prefix.length);
  return slash === -1 ? path : path.slice(0, slash + 1);
}

function behindChild(key: string): string {
  return key.endsWith('/') ? `${key.slice(0, -1)}0` : key + LEAST;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function describeChildren(db: Queryable, owned: OwnedTree, keys: readonly string[]): Promise<Map<string, FolderChild>> {
  const children = new Map<string, FolderChild>();
  const files = keys.filter((key) => !key.endsWith('/'));
  const folders = keys.filter((key) => key.endsWith('/')).map((key) => key.slice(0, -1));
  if (files.length > 0) {
    for (const file of await selectFilesAt(db, owned.tree, owned.ownerId, files))
      children.set(file.path, { type: 'FILE', name: lastName(file.path), file });
  }
  if (folders.length > 0) {
    for (const total of await owned.folderTotals(db, folders))
      children.set(`${total.path}/`, { type: 'FOLDER', name: lastName(total.path), ...total });
  }
  return children;
}

/** The file of exactly this path; null where there is none. */
export async function findFileOf(db: Queryable, owned: OwnedTree, path: string): Promise<FileInfo | null> {
  const [file] = await selectFilesAt(db, owned.tree, owned.ownerId, [checkPath(path)]);
  return file ?? null;
}
