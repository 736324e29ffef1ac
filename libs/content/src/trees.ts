// Reading trees of files, the same for manifests and file sets. Pages go by path in byte order; a folder's children are found by a skip
// scan, so that the cost follows the answer and not the number of files below. Many trees are read together in as many statements as one:
// what is asked of each row of a list is then not paid for row by row.

import type { Queryable } from '@throughline/database';
import { decodeCursor, encodeCursor, invalid, pageOf } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { behindPrefix, checkPath, MAX_PATH_BYTES } from './paths.ts';
import { selectChildPaths, selectFilesAt, selectFilesOf, selectOwnedFiles } from './store/trees.ts';
import type { Forest, OwnedPath, SelectFolders, Tree } from './store/trees.ts';
import type { FileInfo, FolderChild } from './types.ts';

export interface ListFilesOptions {
  /** Only paths that begin with this text; a folder ends with a slash. */
  prefix?: string | undefined;
  /** Only paths with one of these endings, given in lower case and found in either. Every path of the range is looked at. */
  endings?: readonly string[] | undefined;
  page: PageRequest;
}

/** Trees, and how the totals of their folders are had. */
export interface CountedForest extends Forest {
  readonly folderTotals: SelectFolders;
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

/** The same page of each tree's files, by path; trees that the workspace does not have are left out. */
export async function listFilesOf(
  db: Queryable,
  forest: Forest,
  { prefix = '', endings, page }: ListFilesOptions,
): Promise<Map<string, Page<FileInfo>>> {
  checkPrefix(prefix);
  const from = page.after === null ? prefix : latest(pathOfCursor(page.after) + LEAST, prefix);
  const found = await selectFilesOf(db, forest, { from, before: behindPrefix(prefix), limit: page.first + 1 }, endings);
  return new Map([...found].map(([ownerId, files]) => [ownerId, pageOf(files, page.first, (file) => encodeCursor([file.path]))]));
}

/** A prefix need not be a path, but has to be a text that the database takes. */
function checkPrefix(prefix: string): void {
  if (Buffer.byteLength(prefix) <= MAX_PATH_BYTES && prefix.isWellFormed() && !prefix.includes('\0')) return;
  throw invalid('INVALID_PREFIX', `A prefix is well-formed text of at most ${MAX_PATH_BYTES} bytes without NUL.`);
}

/**
 * The same page of what lies directly in a folder of each tree; '' is the root. A folder that does not exist is empty; trees that the
 * workspace does not have are left out. Folders sort as if their names ended with a slash.
 */
export async function listFolderOf(
  db: Queryable,
  forest: CountedForest,
  folder: string,
  page: PageRequest,
): Promise<Map<string, Page<FolderChild>>> {
  const prefix = folder === '' ? '' : `${checkPath(folder)}/`;
  const from = page.after === null ? prefix : latest(behindChild(pathOfCursor(page.after)), prefix);
  const range = { prefix, from, before: behindPrefix(prefix), limit: page.first + 1 };
  const found = [...(await selectChildPaths(db, forest, range))];
  const shown = found.flatMap(([ownerId, paths]) => paths.slice(0, page.first).map((path) => ({ ownerId, path: childKey(path, prefix) })));
  const children = await describeChildren(db, forest, shown);
  const byOwner = Map.groupBy(shown, ({ ownerId }) => ownerId);
  return new Map(
    found.map(([ownerId, paths]) => [
      ownerId,
      {
        // Files may vanish between the two readings of a set that is being written; the page is then shorter, and goes on behind them.
        items: (byOwner.get(ownerId) ?? []).flatMap((key) => children.get(nameOf(key)) ?? []),
        cursorOf: cursorOfChild,
        hasNextPage: paths.length > page.first,
      },
    ]),
  );
}

function cursorOfChild(child: FolderChild): string {
  return encodeCursor([child.type === 'FILE' ? child.file.path : `${child.path}/`]);
}

/** Ids are all of one length, so no two names are the same. */
function nameOf({ ownerId, path }: OwnedPath): string {
  return `${ownerId}/${path}`;
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

async function describeChildren(db: Queryable, forest: CountedForest, keys: readonly OwnedPath[]): Promise<Map<string, FolderChild>> {
  const children = new Map<string, FolderChild>();
  const files = keys.filter(({ path }) => !path.endsWith('/'));
  const folders = keys.filter(({ path }) => path.endsWith('/')).map(({ ownerId, path }) => ({ ownerId, path: path.slice(0, -1) }));
  if (files.length > 0) {
    for (const { ownerId, ...file } of await selectOwnedFiles(db, forest.tree, files))
      children.set(nameOf({ ownerId, path: file.path }), { type: 'FILE', name: lastName(file.path), file });
  }
  if (folders.length > 0) {
    for (const { ownerId, ...total } of await forest.folderTotals(db, folders))
      children.set(nameOf({ ownerId, path: `${total.path}/` }), { type: 'FOLDER', name: lastName(total.path), ...total });
  }
  return children;
}

/** The file of exactly this path; null where there is none. */
export async function findFileOf(db: Queryable, tree: Tree, ownerId: string, path: string): Promise<FileInfo | null> {
  const [file] = await selectFilesAt(db, tree, ownerId, [checkPath(path)]);
  return file ?? null;
}
