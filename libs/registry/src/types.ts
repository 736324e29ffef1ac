// The registry's nouns, as the domain hands them out. Ids are bare UUIDs, hashes lower-case hexadecimal.

import type { Evidence } from '@throughline/kernel';

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

/** One of MLflow's stages. Several versions of a model may share one. */
export type Stage = (typeof STAGES)[number];

export interface Tag {
  key: string;
  value: string;
}

export interface RegisteredModel {
  id: string;
  name: string;
  description: string;
  createdAtMs: number;
  /** When it, a version or an alias last changed. */
  updatedAtMs: number;
  /** Whether it is one of MLflow's prompts: its tag says so, and its versions are texts in tags, without files. */
  isPrompt: boolean;
  /** Set on a tombstone: known to lineage and by its id, unknown by its name. */
  deletedAt: Date | null;
}

export interface ModelVersion {
  id: string;
  modelId: string;
  /** The model's name as it is now. */
  modelName: string;
  version: number;
  description: string;
  /** As the client gave it. */
  source: string;
  /** Where the files are read from, once a source of the form models:/… is resolved. */
  storageLocation: string;
  runLink: string;
  /** MLflow's run id as the client gave it. */
  sourceRunId: string | null;
  /** The UUID of the run that it names, where this server knows it. */
  runId: string | null;
  runEvidence: Evidence;
  loggedModelId: string | null;
  copiedFromId: string | null;
  /** The frozen files; null where the digest is. */
  manifestId: string | null;
  digest: string | null;
  /** Why there is no digest; null where there is one. */
  noDigestReason: string | null;
  stage: Stage;
  /** Who registered it. */
  userId: string;
  createdAtMs: number;
  updatedAtMs: number;
  deletedAt: Date | null;
}

/** A name that stands for one version now. */
export interface Alias {
  modelId: string;
  alias: string;
  versionId: string;
  version: number;
  since: Date;
}

export interface AliasEvent {
  id: string;
  /** Grows in the order in which attempts at one model were decided. */
  sequence: number;
  modelId: string;
  alias: string;
  action: 'PROMOTE' | 'REMOVE';
  outcome: 'APPLIED' | 'REFUSED';
  /** The version asked for; null for a removal. */
  versionId: string | null;
  /** Who held the alias when it was decided. */
  previousVersionId: string | null;
  actor: string;
  reason: string;
  /** Why it was refused; null where it was applied. */
  refusal: string | null;
  at: Date;
}

export interface Deployment {
  id: string;
  /** Grows in the order in which deployments to one target were decided. */
  sequence: number;
  environment: string;
  target: string;
  versionId: string;
  digest: string;
  startedBy: string;
  reason: string;
  startedAt: Date;
  /** Null while it is live. */
  endedAt: Date | null;
  endedBy: string | null;
  /** Why it was ended; empty while it is live, and where another took its place. */
  endReason: string;
}
