// SQL for what runs read and produced.

import type { Queryable, Tx } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import { fingerprintOf, OWNER, Values } from '../search/plan.ts';
import type { Plan } from '../search/plan.ts';
import type { DatasetInput, DatasetSummary, KeyValue, Resolution } from '../types.ts';
import { OWN_RUNS } from './runs.ts';

export const INPUT_COLUMNS = `i.id, i.run_id AS "runUuid", d.name, d.digest, d.source_type AS "sourceType", d.source, d.schema, d.profile, i.context,
  i.dataset_version_id AS "datasetVersionId", i.evidence::text AS evidence, i.resolved_by AS "resolvedBy", i.claim, i.claimed_by AS "claimedBy",
  i.logged_at AS "loggedAt", i.resolved_at AS "resolvedAt",
  coalesce((SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key COLLATE "C") FROM dataset_input_tag t WHERE t.input_id = i.id), '[]') AS tags`;

const INPUTS = `dataset_input i JOIN logged_dataset d ON d.id = i.dataset_id`;

export interface NewDataset {
  id: string;
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

/** Inserts the datasets that the experiment does not know yet, and answers the ids of all by name and digest, in the order given. */
export async function ensureDatasets(tx: Tx, experimentId: string, datasets: readonly NewDataset[]): Promise<string[]> {
  const names = datasets.map(({ name }) => name);
  const digests = datasets.map(({ digest }) => digest);
  await tx.sql(
    `INSERT INTO logged_dataset (id, experiment_id, name, digest, source_type, source, schema, profile)
     SELECT u.id, $1, u.name, u.digest, u.type, u.source, u.schema, u.profile
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS u(id, name, digest, type, source, schema, profile)
     ORDER BY u.name, u.digest ON CONFLICT DO NOTHING`,
    [
      experimentId,
      datasets.map(({ id }) => id),
      names,
      digests,
      datasets.map(({ sourceType }) => sourceType),
      datasets.map(({ source }) => source),
      datasets.map(({ schema }) => schema),
      datasets.map(({ profile }) => profile),
    ],
  );
  const rows = await tx.sql<{ id: string }>(
    `SELECT d.id FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u(name, digest, place)
     JOIN logged_dataset d ON d.experiment_id = $1 AND d.name = u.name AND d.digest = u.digest ORDER BY u.place`,
    [experimentId, names, digests],
  );
  return rows.map((row) => row.id);
}

export interface NewInput {
  id: string;
  datasetId: string;
  context: string | null;
  claim: string | null;
  claimedBy: 'source' | 'tag' | null;
  tags: readonly KeyValue[];
}

/** Inserts the inputs that the run does not have yet, with their tags: the first tags win. */
export async function insertInputs(
  tx: Tx,
  options: { workspaceId: string; runId: string; inputs: readonly NewInput[]; now: Date },
): Promise<void> {
  const { inputs } = options;
  const tags = inputs.flatMap((input) => input.tags.map((tag) => ({ id: input.id, ...tag })));
  await tx.sql(
    `WITH made AS (
       INSERT INTO dataset_input (id, workspace_id, run_id, dataset_id, context, claim, claimed_by, logged_at)
       SELECT u.id, $1, $2, u.dataset, u.context, u.claim, u.by, $3
       FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[]) AS u(id, dataset, context, claim, by)
       ON CONFLICT DO NOTHING RETURNING id)
     INSERT INTO dataset_input_tag (input_id, key, value)
     SELECT t.id, t.key, t.value FROM unnest($9::uuid[], $10::text[], $11::text[]) AS t(id, key, value) JOIN made ON made.id = t.id`,
    [
      options.workspaceId,
      options.runId,
      options.now,
      inputs.map(({ id }) => id),
      inputs.map(({ datasetId }) => datasetId),
      inputs.map(({ context }) => context),
      inputs.map(({ claim }) => claim),
      inputs.map(({ claimedBy }) => claimedBy),
      tags.map(({ id }) => id),
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
  );
}

/** Inputs by their ids, by their runs, or both of a run and of datasets. */
export function selectInputs(
  db: Queryable,
  workspaceId: string,
  where: { ids?: readonly string[]; runIds?: readonly string[]; datasetIds?: readonly string[] },
): Promise<DatasetInput[]> {
  const values: unknown[] = [workspaceId];
  const conditions = ['i.workspace_id = $1'];
  for (const [column, ids] of [
    ['i.id', where.ids],
    ['i.run_id', where.runIds],
    ['i.dataset_id', where.datasetIds],
  ] as const) {
    if (ids !== undefined) conditions.push(`${column} = ANY ($${values.push(ids)}::uuid[])`);
  }
  return db.sql<DatasetInput>(
    `SELECT ${INPUT_COLUMNS} FROM ${INPUTS} WHERE ${conditions.join(' AND ')} ORDER BY i.logged_at, i.id`,
    values,
  );
}

/** The inputs that are each of several dataset versions, newest first: ids sort by when they were made. */
export function planInputsOfVersion(workspaceId: string): Plan {
  const values = new Values();
  return {
    values,
    from: [INPUTS],
    where: [`i.workspace_id = ${values.add(workspaceId, 'uuid')}`, `i.dataset_version_id = ${OWNER}`],
    order: [{ sql: 'i.id::text', type: 'text', ascending: false }],
    fingerprint: fingerprintOf(['inputs of a version', workspaceId]),
  };
}

/** Notes what the run's unresolved inputs are said to be, where their own source does not say it. */
export async function claimInputs(tx: Tx, runId: string, claim: string | null): Promise<void> {
  await tx.sql(
    `UPDATE dataset_input SET claim = $2, claimed_by = CASE WHEN $2::text IS NULL THEN NULL ELSE 'tag' END
     WHERE run_id = $1 AND dataset_version_id IS NULL AND claimed_by IS DISTINCT FROM 'source'`,
    [runId, claim],
  );
}

export function selectWaiting(db: Queryable, workspaceId: string, claims: readonly string[], limit: number): Promise<DatasetInput[]> {
  return db.sql<DatasetInput>(
    `SELECT ${INPUT_COLUMNS} FROM ${INPUTS} WHERE i.workspace_id = $1 AND i.claim = ANY ($2::text[]) AND i.dataset_version_id IS NULL
     ORDER BY i.logged_at, i.id LIMIT $3`,
    [workspaceId, claims, limit],
  );
}

/**
 * Resolves an input, or raises its evidence where it is that version already; false where it is another's, or not there. One statement:
 * of two that resolve at once, the second sees what the first wrote. Evidence sorts from ASSERTED to MATCHED, as it was declared.
 */
export async function resolveInput(tx: Tx, workspaceId: string, inputId: string, resolution: Resolution & { now: Date }): Promise<boolean> {
  const rows = await tx.sql(
    `UPDATE dataset_input SET dataset_version_id = $3, evidence = greatest(evidence, $4::"Evidence"),
       resolved_by = CASE WHEN dataset_version_id IS NULL OR evidence < $4::"Evidence" THEN $5 ELSE resolved_by END,
       resolved_at = coalesce(resolved_at, $6)
     WHERE workspace_id = $1 AND id = $2 AND (dataset_version_id IS NULL OR dataset_version_id = $3) RETURNING id`,
    [workspaceId, inputId, resolution.datasetVersionId, resolution.evidence, resolution.resolvedBy, resolution.now],
  );
  return rows.length > 0;
}

export function selectDatasetSummaries(
  db: Queryable,
  options: { workspaceId: string; experimentIds: readonly string[]; limit: number },
): Promise<DatasetSummary[]> {
  return db.sql<DatasetSummary>(
    `SELECT DISTINCT e.experiment_id::text AS "experimentId", d.name, d.digest, i.context
     FROM logged_dataset d JOIN experiment e ON e.id = d.experiment_id JOIN dataset_input i ON i.dataset_id = d.id
     WHERE e.workspace_id = $1 AND d.experiment_id = ANY ($2::uuid[]) ORDER BY 1, 2, 3, 4 LIMIT $3`,
    [options.workspaceId, options.experimentIds, options.limit],
  );
}

export async function upsertOutput(
  tx: Tx,
  output: { runId: string; datasetVersionId: string; evidence: Evidence; now: Date },
): Promise<void> {
  await tx.sql(
    `INSERT INTO dataset_output AS o (run_id, dataset_version_id, evidence, logged_at) VALUES ($1, $2, $3::"Evidence", $4)
     ON CONFLICT (run_id, dataset_version_id) DO UPDATE SET evidence = greatest(o.evidence, excluded.evidence)`,
    [output.runId, output.datasetVersionId, output.evidence, output.now],
  );
}

export function selectOutputs(
  db: Queryable,
  workspaceId: string,
  runIds: readonly string[],
): Promise<{ owner: string; datasetVersionId: string }[]> {
  return db.sql(
    `SELECT o.run_id AS owner, o.dataset_version_id AS "datasetVersionId" FROM dataset_output o
     WHERE o.run_id = ANY (${OWN_RUNS}) ORDER BY o.run_id, o.logged_at, o.dataset_version_id`,
    [workspaceId, runIds],
  );
}

export function selectProducers(
  db: Queryable,
  workspaceId: string,
  datasetVersionIds: readonly string[],
): Promise<{ owner: string; runId: string }[]> {
  return db.sql(
    `SELECT DISTINCT ON (o.dataset_version_id) o.dataset_version_id AS owner, o.run_id AS "runId" FROM dataset_output o JOIN run r ON r.id = o.run_id
     WHERE r.workspace_id = $1 AND o.dataset_version_id = ANY ($2::uuid[]) ORDER BY o.dataset_version_id, o.evidence DESC, o.logged_at, o.run_id`,
    [workspaceId, datasetVersionIds],
  );
}

/**
 * Records reads of a run that is under way, and of no other. Sharing the run's row makes whoever ends the run wait, or else be seen: no read
 * is recorded behind the last look at them.
 */
export async function insertReads(
  db: Queryable,
  options: { workspaceId: string; runId: string; sha256s: readonly Buffer[]; now: Date },
): Promise<void> {
  await db.sql(
    `INSERT INTO run_read (run_id, sha256, read_at) SELECT r.id, h.sha256, $4 FROM run r, unnest($3::bytea[]) AS h(sha256)
     WHERE r.workspace_id = $1 AND r.id = $2 AND r.status IN ('RUNNING', 'SCHEDULED') AND r.lifecycle = 'ACTIVE'
     ORDER BY h.sha256 FOR SHARE OF r ON CONFLICT DO NOTHING`,
    [options.workspaceId, options.runId, options.sha256s, options.now],
  );
}

export async function selectReads(
  db: Queryable,
  options: { workspaceId: string; runId: string; sha256s: readonly Buffer[] },
): Promise<Buffer[]> {
  const rows = await db.sql<{ sha256: Buffer }>(
    `SELECT x.sha256 FROM run_read x JOIN run r ON r.id = x.run_id WHERE r.workspace_id = $1 AND x.run_id = $2 AND x.sha256 = ANY ($3::bytea[])`,
    [options.workspaceId, options.runId, options.sha256s],
  );
  return rows.map((row) => row.sha256);
}

/** Which of these dataset versions a run read or produced, in any workspace, deleted or not. */
export async function selectUsedVersions(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT v.id FROM unnest($1::uuid[]) AS v(id)
     WHERE EXISTS (SELECT 1 FROM dataset_input i WHERE i.dataset_version_id = v.id)
       OR EXISTS (SELECT 1 FROM dataset_output o WHERE o.dataset_version_id = v.id)`,
    [ids],
  );
  return rows.map((row) => row.id);
}
