// The names of objects: an MD5, with ".dir" behind it where it names a manifest. Whatever is not exactly that is refused here, because these words become
// paths in caches and on remotes: nothing else may ever be joined to a folder.

import { invalid } from '@throughline/kernel';
import type { HashName, ObjectId } from '../types.ts';

const OBJECT_ID = /^([0-9a-f]{32})(\.dir)?$/;
/** Below the cache's or remote's folder, or what lies behind it in an address. */
const OBJECT_PATH = /^(files\/md5\/)?([0-9a-f]{2})\/([0-9a-f]{30})(\.dir)?$/;

/** Whether a text is an object's name, in lower case. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/** @throws DomainError `OBJECT_ID_INVALID` unless it is 32 hexadecimal digits, or those and ".dir". Upper case is taken for lower case, as DVC does. */
export function parseObjectId(text: string, hash: HashName): ObjectId {
  const match = OBJECT_ID.exec(text.toLowerCase());
  if (match?.[1] === undefined) {
    throw invalid(
      'OBJECT_ID_INVALID',
      `${JSON.stringify(text.slice(0, 80))} is no object's name: 32 hexadecimal digits, with ".dir" behind them for a folder.`,
    );
  }
  return { hash, md5: match[1], isTree: match[2] !== undefined };
}

/** As `.dvc` files write it: `d41d8cd98f00b204e9800998ecf8427e`, or with `.dir` behind it. */
export function printObjectId(id: ObjectId): string {
  return id.isTree ? `${id.md5}.dir` : id.md5;
}

/** Where it lies below a cache's or a remote's folder: `files/md5/ab/cdef…`, or `ab/cdef…` for what DVC 2 and older made. */
export function objectPath(id: ObjectId): string {
  const path = `${id.md5.slice(0, 2)}/${id.md5.slice(2)}${id.isTree ? '.dir' : ''}`;
  return id.hash === 'md5' ? `files/md5/${path}` : path;
}

/** The other way: null for a path that is no object's. */
export function objectOfPath(path: string): ObjectId | null {
  const match = OBJECT_PATH.exec(path);
  if (match === null) return null;
  return {
    hash: match[1] === undefined ? 'md5-dos2unix' : 'md5',
    md5: `${match[2] ?? ''}${match[3] ?? ''}`,
    isTree: match[4] !== undefined,
  };
}

/** Whether two name the same object in the same place. */
export function isSameObject(a: ObjectId | null, b: ObjectId | null): boolean {
  if (a === null || b === null) return a === b;
  return a.md5 === b.md5 && a.isTree === b.isTree && a.hash === b.hash;
}
