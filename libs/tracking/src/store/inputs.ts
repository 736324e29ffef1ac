// SQL for what runs read and produced.

import type { Queryable, Tx } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import { fingerprintOf, OWNER, Values } from '../search/plan.ts';
import type { Plan } from '../search/plan.ts';
import { TAG } from '../tags.ts';
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

/**
 * Notes what the run's unresolved inputs are said to be, where their own source does not say it: the only claim that there is, or of several the
 * one of the dataset that an input is called like.
 */
export async function claimInputs(tx: Tx, runId: string, claims: readonly { claim: string; name: string | null }[]): Promise<void> {
  await tx.sql(
    `WITH unclaimed AS (
       SELECT i.id, (SELECT c.claim FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS c(claim, name, place)
         WHERE cardinality($2::text[]) = 1 OR c.name = d.name ORDER BY c.place LIMIT 1) AS claim
       FROM dataset_input i JOIN logged_dataset d ON d.id = i.dataset_id
       WHERE i.run_id = $1 AND i.dataset_version_id IS NULL AND i.claimed_by IS DISTINCT FROM 'source' ORDER BY i.id FOR NO KEY UPDATE OF i)
     UPDATE dataset_input i SET claim = unclaimed.claim, claimed_by = CASE WHEN unclaimed.claim IS NULL THEN NULL ELSE 'tag' END
     FROM unclaimed WHERE i.id = unclaimed.id AND i.dataset_version_id IS NULL`,
    [runId, claims.map(({ claim }) => claim), claims.map(({ name }) => name)],
  );
}

/** Unresolved inputs that claim nothing, of runs of a commit, by id; with the repository that the run says it is of. */
export function selectUnclaimedAt(
  db: Queryable,
  options: { workspaceId: string; commit: string; behind: string | null; limit: number },
): Promise<(DatasetInput & { repository: string | null })[]> {
  return db.sql(
    `SELECT ${INPUT_COLUMNS}, (SELECT r.value FROM run_tag r WHERE r.run_id = i.run_id AND r.key = '${TAG.repository}') AS repository
     FROM run_tag t JOIN dataset_input i ON i.run_id = t.run_id JOIN logged_dataset d ON d.id = i.dataset_id
     WHERE t.key = '${TAG.commit}' AND t.value COLLATE "C" = $2 AND octet_length(t.value) <= 128 AND i.workspace_id = $1
       AND i.dataset_version_id IS NULL AND i.claim IS NULL AND ($3::uuid IS NULL OR i.id > $3) ORDER BY i.id LIMIT $4`,
    [options.workspaceId, options.commit, options.behind, options.limit],
  );
}

/**
 * Resolves inputs, or raises their evidence where they are those versions already, and answers which; left out are those that are another
 * version, or not there. One statement: of two that resolve at once, the second sees what the first wrote, and the rows are locked in one
 * order. Evidence sorts from ASSERTED to MATCHED, as it was declared.
 */
export async function resolveInputs(
  tx: Tx,
  workspaceId: string,
  resolutions: readonly (Resolution & { inputId: string })[],
  now: Date,
): Promise<Set<string>> {
  const rows = await tx.sql<{ id: string }>(
    `WITH given AS (
       SELECT l.id, u.version, u.evidence, u.by
       FROM unnest($2::uuid[], $3::uuid[], $4::"Evidence"[], $5::text[]) AS u(id, version, evidence, by) JOIN dataset_input l ON l.id = u.id
       WHERE l.workspace_id = $1 ORDER BY l.id FOR NO KEY UPDATE OF l)
     UPDATE dataset_input i SET dataset_version_id = given.version, evidence = greatest(i.evidence, given.evidence),
       resolved_by = CASE WHEN i.dataset_version_id IS NULL OR i.evidence < given.evidence THEN given.by ELSE i.resolved_by END,
       resolved_at = coalesce(i.resolved_at, $6)
     FROM given WHERE i.id = given.id AND (i.dataset_version_id IS NULL OR i.dataset_version_id = given.version) RETURNING i.id`,
    [
      workspaceId,
      resolutions.map(({ inputId }) => inputId),
      resolutions.map(({ datasetVersionId }) => datasetVersionId),
      resolutions.map(({ evidence }) => evidence),
      resolutions.map(({ resolvedBy }) => resolvedBy),
      now,
    ],
  );
  return new Set(rows.map((row) => row.id));
}

/** Inputs of the workspace $1 that wait for one of the references $2. */
const WAITING = `i.workspace_id = $1 AND i.claim = ANY ($2::text[]) AND i.dataset_version_id IS NULL`;

/** Resolves all inputs that wait for one of the claims, and answers how many; observed are those of the runs that are named. */
export async function resolveWaitingInputs(
  tx: Tx,
  options: { workspaceId: string; claims: readonly string[]; datasetVersionId: string; observedRunIds: readonly string[]; now: Date },
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `WITH waiting AS (SELECT i.id FROM dataset_input i WHERE ${WAITING} ORDER BY i.id FOR NO KEY UPDATE),
     done AS (
       UPDATE dataset_input i SET dataset_version_id = $3, resolved_by = coalesce(i.claimed_by, 'source'), resolved_at = $5,
         evidence = CASE WHEN i.run_id = ANY ($4::uuid[]) THEN 'OBSERVED'::"Evidence" ELSE 'ASSERTED'::"Evidence" END
       FROM waiting WHERE i.id = waiting.id AND ${WAITING} RETURNING i.id)
     SELECT count(*) AS count FROM done`,
    [options.workspaceId, options.claims, options.datasetVersionId, options.observedRunIds, options.now],
  );
  return row?.count ?? 0;
}

/** The runs under way that have read all of these, among those that are named, or that have inputs which wait for one of the claims. */
export async function selectReaders(
  db: Queryable,
  options: { workspaceId: string; sha256s: readonly Buffer[] } & ({ runIds: readonly string[] } | { claims: readonly string[] }),
): Promise<string[]> {
  const [among, value] =
    'runIds' in options
      ? ['$2::uuid[]', options.runIds]
      : [`ARRAY(SELECT DISTINCT i.run_id FROM dataset_input i WHERE ${WAITING})`, options.claims];
  const rows = await db.sql<{ id: string }>(
    `SELECT x.run_id AS id FROM run_read x JOIN run r ON r.id = x.run_id
     WHERE r.workspace_id = $1 AND r.status IN ('RUNNING', 'SCHEDULED') AND x.run_id = ANY (${among}) AND x.sha256 = ANY ($3::bytea[])
     GROUP BY x.run_id HAVING count(*) = cardinality($3::bytea[])`,
    [options.workspaceId, value, options.sha256s],
  );
  return rows.map((row) => row.id);
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
