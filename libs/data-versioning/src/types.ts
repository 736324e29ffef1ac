// What the domain tells of its nouns. Ids are bare UUIDs, hashes lower-case hexadecimal.

import type { Evidence } from '@throughline/kernel';

/** Data under a name, with versions. */
export interface Dataset {
  id: string;
  name: string;
  description: string;
  /** Numbers run from 1 without gaps and are never given twice, so the last one is also how many there are. */
  versionCount: number;
  currentVersionId: string | null;
  createdAt: Date;
  /** Set on a tombstone, which keeps versions, digests and history, while look-ups by name no longer find it. */
  deletedAt: Date | null;
}

export interface Retraction {
  reason: string;
  actor: string;
  at: Date;
}

/** An immutable state of a dataset's files. Only its message's reader, its tags and its retraction change around it. */
export interface DatasetVersion {
  id: string;
  datasetId: string;
  datasetName: string;
  number: number;
  manifestId: string;
  /** SHA-256 of the canonical manifest. */
  digest: string;
  message: string;
  createdBy: string;
  createdAt: Date;
  retraction: Retraction | null;
}

/** A name that stands for one version of a dataset: a tag, or `current`. */
export interface DatasetPointer {
  datasetId: string;
  name: string;
  versionId: string;
  since: Date;
}

/** A writing of what a dataset says of itself. */
export interface Readme {
  /** Markdown; empty where it was taken away. */
  text: string;
  /** From 1, without gaps. */
  revision: number;
  author: string;
  at: Date;
}

/** One move of a pointer. */
export interface DatasetPointerEvent {
  id: string;
  name: string;
  /** What it names from then on; null: it was taken away. */
  versionId: string | null;
  previousVersionId: string | null;
  actor: string;
  at: Date;
}

export interface RetractionEvent {
  id: string;
  versionId: string;
  action: 'RETRACT' | 'REINSTATE';
  actor: string;
  reason: string;
  at: Date;
}

/** A place in Git where a version was seen. */
export interface Sighting {
  id: string;
  versionId: string;
  /** Normalised, without credentials. */
  repository: string;
  path: string;
  commit: string;
  actor: string;
  seenAt: Date;
}

/** A place in Git as a client names it. */
export interface SightingPlace {
  repository: string;
  path: string;
  commit: string;
}

export interface Derivation {
  versionId: string;
  fromVersionId: string;
  evidence: Evidence;
  at: Date;
}
