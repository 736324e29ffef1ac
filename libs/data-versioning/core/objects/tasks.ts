// What threads are asked to do and what they answer: many files a message, in one string and in arrays of numbers that change hands without being copied. An object
// for each of a million files would cost more than the files.

import type { Stats } from 'node:fs';
import type { LinkType } from '../repository/repository.ts';
import type { HashName } from '../types.ts';
import type { FileFailure } from './failures.ts';

/** Between paths of one message; no path holds it. */
export const PATH_SEPARATOR = '\0';
/** Numbers of each file in `facts`. */
export const FACTS = 5;
export const FACT_INODE = 0;
export const FACT_SIZE = 1;
export const FACT_MODIFIED_MS = 2;
export const FACT_CHANGED_MS = 3;
export const FACT_FLAGS = 4;
export const FLAG_SYMLINK = 1;
export const FLAG_HARDLINK = 2;
export const FLAG_EXECUTABLE = 4;
export const MD5_BYTES = 16;
/** In place of an inode: these facts prove nothing later, since the file could change again without showing it. */
export const UNTRUSTED = -1;

/** Where objects go to and come from. */
export interface ObjectPlace {
  /** The folder that holds `ab/cdef…`: of the cache, for the hash in question. */
  readonly folder: string;
  readonly isShared: boolean;
}

interface FilesTask {
  /** An absolute folder, with a separator behind it; paths are put behind it as they are. */
  readonly root: string;
  /** Joined by `PATH_SEPARATOR`. */
  readonly paths: string;
  readonly hash: HashName;
  /** Of temporary files, never used by anybody else. */
  readonly temporaryName: string;
}

/** Reads each file once: hashes it and, where a place is given, stores it there. */
export interface StoreTask extends FilesTask {
  readonly kind: 'store';
  /** Null: it is hashed only. */
  readonly place: ObjectPlace | null;
  /** Whether the workspace's file may itself become the object, by a hardlink. */
  readonly mayHardlink: boolean;
  /** Whether objects may be staged: `publishStaged` and, after a kill, `recover` know of the temporary name. */
  readonly isStaged: boolean;
  /** Whether each object is synced before it gets its name: where nobody syncs all of them in the end. */
  readonly syncsEach: boolean;
  /** How far the clock of the workspace's file system is behind this machine's. */
  readonly clockBehindMs: number;
  /** What a survey said of the files, `FACTS` numbers each, and when it began: they are not asked for again. Null: nobody looked yet. */
  readonly surveyed: { readonly facts: Float64Array<ArrayBuffer>; readonly atMs: number } | null;
}

/** Puts objects in the workspace. */
export interface PlaceTask extends FilesTask {
  readonly kind: 'place';
  readonly place: ObjectPlace;
  /** Of each file, 16 bytes. */
  readonly digests: Uint8Array;
  /** The first that works is taken. */
  readonly linkTypes: readonly LinkType[];
  /** Whether what lies in a path may be replaced: it is known, and safe to lose. */
  readonly replaces: boolean;
  /** `FACTS` numbers of what is replaced, as it was looked at: what has changed since then is left alone. Null: it is replaced whatever it is. */
  readonly before: Float64Array | null;
}

export type FilesTaskOfAnyKind = StoreTask | PlaceTask;

export interface TaskAnswer {
  readonly digests: Uint8Array<ArrayBuffer>;
  readonly facts: Float64Array<ArrayBuffer>;
  /** Objects that were not there before: the first few, and how many. */
  readonly stored: readonly string[];
  readonly storedCount: number;
  /** Objects that were not what their names say, and were moved out of the way. */
  readonly setAside: readonly string[];
  readonly failures: readonly FileFailure[];
}

/** Whether a file is still what these facts were of; its own or those of the file that a link leads to. */
export function isAsBefore(before: Float64Array, found: Stats): boolean {
  const inode = before[FACT_INODE];
  return (
    (inode === UNTRUSTED || inode === found.ino) &&
    before[FACT_SIZE] === found.size &&
    before[FACT_MODIFIED_MS] === found.mtimeMs &&
    // A hardlink's own time changes with every link that is made to the same object.
    (found.nlink > 1 || before[FACT_CHANGED_MS] === found.ctimeMs)
  );
}

/** How many of them a task names. */
export const NAMED_OBJECTS = 24;
