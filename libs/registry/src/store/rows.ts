// From rows to nouns: the columns that each statement selects, and what becomes of them.

import type { Evidence } from '@throughline/kernel';

import type { Alias, AliasEvent, Deployment, ModelVersion, RegisteredModel, Stage } from '../types.ts';

/** Whether a model is one of MLflow's prompts. */
export const IS_PROMPT = `EXISTS (SELECT 1 FROM registered_model_tag p
  WHERE p.model_id = m.id AND p.key = 'mlflow.prompt.is_prompt' AND lower(p.value) = 'true')`;

export const MODEL_COLUMNS = `m.id, m.name, m.description, m.created_at_ms, m.updated_at_ms, m.deleted_at, ${IS_PROMPT} AS is_prompt`;

export interface ModelRow {
  id: string;
  name: string;
  description: string;
  created_at_ms: number;
  updated_at_ms: number;
  deleted_at: Date | null;
  is_prompt: boolean;
}

export function toModel(row: ModelRow): RegisteredModel {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    deletedAt: row.deleted_at,
    isPrompt: row.is_prompt,
  };
}

/** Of `model_version v JOIN registered_model m`. */
export const VERSION_COLUMNS = `v.id, v.model_id, m.name AS model_name, v.version, v.description, v.source, v.storage_location, v.run_link,
  v.source_run_id, v.run_id, v.run_evidence, v.logged_model_id, v.copied_from_id, v.manifest_id, v.digest, v.no_digest_reason, v.stage,
  v.user_id, v.created_at_ms, v.updated_at_ms, v.deleted_at`;

export const VERSION_FROM = 'model_version v JOIN registered_model m ON m.id = v.model_id';

export interface VersionRow {
  id: string;
  model_id: string;
  model_name: string;
  version: number;
  description: string;
  source: string;
  storage_location: string;
  run_link: string;
  source_run_id: string | null;
  run_id: string | null;
  run_evidence: Evidence;
  logged_model_id: string | null;
  copied_from_id: string | null;
  manifest_id: string | null;
  digest: Buffer | null;
  no_digest_reason: string | null;
  stage: Stage;
  user_id: string;
  created_at_ms: number;
  updated_at_ms: number;
  deleted_at: Date | null;
}

export function toVersion(row: VersionRow): ModelVersion {
  return {
    id: row.id,
    modelId: row.model_id,
    modelName: row.model_name,
    version: row.version,
    description: row.description,
    source: row.source,
    storageLocation: row.storage_location,
    runLink: row.run_link,
    sourceRunId: row.source_run_id,
    runId: row.run_id,
    runEvidence: row.run_evidence,
    loggedModelId: row.logged_model_id,
    copiedFromId: row.copied_from_id,
    manifestId: row.manifest_id,
    digest: row.digest?.toString('hex') ?? null,
    noDigestReason: row.no_digest_reason,
    stage: row.stage,
    userId: row.user_id,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    deletedAt: row.deleted_at,
  };
}

/** Of `alias a JOIN model_version v`. */
export const ALIAS_COLUMNS = 'a.model_id, a.alias, a.version_id, v.version, a.since';

export interface AliasRow {
  model_id: string;
  alias: string;
  version_id: string;
  version: number;
  since: Date;
}

export function toAlias(row: AliasRow): Alias {
  return { modelId: row.model_id, alias: row.alias, versionId: row.version_id, version: row.version, since: row.since };
}

export const EVENT_COLUMNS =
  'e.id, e.sequence, e.model_id, e.alias, e.action, e.outcome, e.version_id, e.previous_version_id, e.actor, e.reason, e.refusal, e.at';

export interface EventRow {
  id: string;
  sequence: number;
  model_id: string;
  alias: string;
  action: AliasEvent['action'];
  outcome: AliasEvent['outcome'];
  version_id: string | null;
  previous_version_id: string | null;
  actor: string;
  reason: string;
  refusal: string | null;
  at: Date;
}

export function toEvent(row: EventRow): AliasEvent {
  return {
    id: row.id,
    sequence: row.sequence,
    modelId: row.model_id,
    alias: row.alias,
    action: row.action,
    outcome: row.outcome,
    versionId: row.version_id,
    previousVersionId: row.previous_version_id,
    actor: row.actor,
    reason: row.reason,
    refusal: row.refusal,
    at: row.at,
  };
}

export const DEPLOYMENT_COLUMNS =
  'd.id, d.sequence, d.environment, d.target, d.version_id, d.digest, d.started_by, d.reason, d.started_at, d.ended_at, d.ended_by, d.end_reason';

export interface DeploymentRow {
  id: string;
  sequence: number;
  environment: string;
  target: string;
  version_id: string;
  digest: Buffer;
  started_by: string;
  reason: string;
  started_at: Date;
  ended_at: Date | null;
  ended_by: string | null;
  end_reason: string;
}

export function toDeployment(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    sequence: row.sequence,
    environment: row.environment,
    target: row.target,
    versionId: row.version_id,
    digest: row.digest.toString('hex'),
    startedBy: row.started_by,
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
    endReason: row.end_reason,
  };
}
