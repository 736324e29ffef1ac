// What content tells about the things it keeps. Hashes are lower-case hexadecimal everywhere above the store.

import type { Database } from '@throughline/database';
import type { Clock, Page } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';

import type { ManifestKind } from './manifest.ts';

/** What the last check of the stored bytes found. */
export type Integrity = 'UNCHECKED' | 'INTACT' | 'DAMAGED';

export interface BlobInfo {
  sha256: string;
  md5: string;
  sizeBytes: number;
  integrity: Integrity;
  /** When the stored bytes were last hashed; null where they never were since they arrived. */
  checkedAt: Date | null;
}

/** A file of a manifest or of a file set. */
export interface FileInfo extends BlobInfo {
  path: string;
  executable: boolean;
}

/** What lies directly in a folder. */
export type FolderChild =
  | { type: 'FILE'; name: string; file: FileInfo }
  | { type: 'FOLDER'; name: string; path: string; /** Of all files below. */ fileCount: number; totalBytes: number };

export interface ManifestInfo {
  id: string;
  /** The SHA-256 of the canonical bytes, which are a blob too. */
  digest: string;
  kind: ManifestKind;
  fileCount: number;
  totalBytes: number;
  /** What DVC calls the same content: the MD5 of a file, or of the `.dir` list with `.dir` behind it. */
  dvcMd5: string;
  createdAt: Date;
}

/** The integrity of all bytes that a manifest reaches, its own included. */
export interface ManifestIntegrity {
  /** The worst of all: one damaged file makes it DAMAGED, else one unchecked makes it UNCHECKED. */
  integrity: Integrity;
  /** INTACT: when the oldest of the checks was made. DAMAGED: when the last damage was found. UNCHECKED: null. */
  checkedAt: Date | null;
  damagedFiles: number;
  uncheckedFiles: number;
  intactFiles: number;
  /** When the oldest check of a file was made; null where no file was ever checked. */
  oldestCheckAt: Date | null;
}

export type ChangeKind = 'ADDED' | 'REMOVED' | 'CHANGED';

export interface FileChange {
  path: string;
  change: ChangeKind;
  /** Absent where it was added. */
  before: FileInfo | null;
  /** Absent where it was removed. */
  after: FileInfo | null;
}

export interface DiffTotals {
  added: number;
  removed: number;
  changed: number;
  unchanged: number;
  /** Bytes of the added files, of the removed ones, and of the changed ones before and after. */
  addedBytes: number;
  removedBytes: number;
  changedBytesBefore: number;
  changedBytesAfter: number;
}

export type ManifestDiff = Page<FileChange> & { totals: DiffTotals };

/** Limits that tests and installations may want to change. */
export interface ContentLimits {
  /** The largest blob; 5 TiB, S3's largest object, or less where the object store takes less. */
  maxBlobBytes: number;
  /** How long what was pushed is kept after somebody last relied on it, where nothing names it. */
  pushedMs: number;
  /** How long a claim to an upload or a verification holds without a sign of life. */
  leaseMs: number;
  /** How often a worker asks for verifications to run. */
  pollMs: number;
  /** Pauses before an unreachable object is asked for again, while verifying. */
  retryDelaysMs: readonly number[];
  /** The least size of an upload's parts. */
  partBytes: number;
}

export const DEFAULT_LIMITS: ContentLimits = {
  maxBlobBytes: 5 * 2 ** 40,
  // Ten years: a remote is where people keep things.
  pushedMs: 3_650 * 86_400_000,
  leaseMs: 30_000,
  pollMs: 5_000,
  retryDelaysMs: [250, 1_000, 4_000],
  partBytes: 8 * 2 ** 20,
};

/** What every part of this library is made from. */
export interface Parts {
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  limits: ContentLimits;
}
