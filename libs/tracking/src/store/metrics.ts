// SQL for metrics. A batch is one statement, whatever it holds: chunks are inserted and summaries brought up to date together, from arrays.

import type { Queryable } from '@throughline/database';

import type { PackedBatch } from '../points.ts';
import type { Metric, MetricInput, RunKey } from '../types.ts';
import { byRunKey, OWN_RUNS } from './runs.ts';

/**
 * Writes a packed batch to a run in use; false where there is no such run. The run's row is locked in the same statement, so that a
 * deletion comes wholly before the batch or wholly after it. Summaries come sorted by key, and so are locked in one order by
 * everybody: two batches with the same keys wait for each other, but never both ways.
 *
 * The latest point is the greatest by (step, timestamp, value), NaN counting as 0. GREATEST would take NaN for the largest number.
 */
export async function insertBatch(db: Queryable, workspaceId: string, run: RunKey, batch: PackedBatch): Promise<boolean> {
  const where = byRunKey(run, '$2');
  const { chunks, bytes, summaries } = batch;
  const rows = await db.sql(
    `WITH target AS (SELECT r.id FROM run r WHERE r.workspace_id = $1 AND ${where.sql} AND r.lifecycle = 'ACTIVE' FOR SHARE),
     chunks AS (
       INSERT INTO metric_chunk (run_id, key, min_step, max_step, min_timestamp_ms, max_timestamp_ms, point_count, points)
       SELECT target.id, c.key, c.min_step, c.max_step, c.min_time, c.max_time, c.points, substring($3::bytea FROM c.offset + 1 FOR c.length)
       FROM target, unnest($4::text[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int4[], $10::int4[], $11::int4[])
         AS c(key, min_step, max_step, min_time, max_time, points, "offset", length)),
     summaries AS (
       INSERT INTO metric_summary AS s (run_id, key, step, timestamp_ms, value, min, max)
       SELECT target.id, u.key, u.step, u.time, u.value, u.min, u.max
       FROM target, unnest($12::text[], $13::int8[], $14::int8[], $15::float8[], $16::float8[], $17::float8[]) AS u(key, step, time, value, min, max)
       ON CONFLICT (run_id, key) DO UPDATE SET
         step = CASE WHEN ${IS_LATER} THEN excluded.step ELSE s.step END,
         timestamp_ms = CASE WHEN ${IS_LATER} THEN excluded.timestamp_ms ELSE s.timestamp_ms END,
         value = CASE WHEN ${IS_LATER} THEN excluded.value ELSE s.value END,
         min = least(s.min, excluded.min),
         max = CASE WHEN s.max = 'NaN' THEN excluded.max WHEN excluded.max = 'NaN' THEN s.max ELSE greatest(s.max, excluded.max) END)
     SELECT id FROM target`,
    [
      workspaceId,
      where.value,
      bytes,
      chunks.map((chunk) => chunk.key),
      chunks.map((chunk) => chunk.minStep),
      chunks.map((chunk) => chunk.maxStep),
      chunks.map((chunk) => chunk.minTimestampMs),
      chunks.map((chunk) => chunk.maxTimestampMs),
      chunks.map((chunk) => chunk.pointCount),
      chunks.map((chunk) => chunk.offset),
      chunks.map((chunk) => chunk.length),
      summaries.map((summary) => summary.key),
      summaries.map((summary) => summary.step),
      summaries.map((summary) => summary.timestampMs),
      summaries.map((summary) => summary.value),
      summaries.map((summary) => summary.min),
      summaries.map((summary) => summary.max),
    ],
  );
  return rows.length > 0;
}

const IS_LATER = `(excluded.step, excluded.timestamp_ms, CASE WHEN excluded.value = 'NaN' THEN 0 ELSE excluded.value END)
  > (s.step, s.timestamp_ms, CASE WHEN s.value = 'NaN' THEN 0 ELSE s.value END)`;

/** Writes metrics to the logged models that they measure; answers the model ids that do not exist. */
export async function insertModelMetrics(
  db: Queryable,
  options: { workspaceId: string; runId: string; metrics: readonly (MetricInput & { modelId: string })[] },
): Promise<string[]> {
  const { metrics } = options;
  const modelIds = [...new Set(metrics.map(({ modelId }) => modelId))].sort();
  const known = await db.sql<{ modelId: string }>(
    `SELECT model_id AS "modelId" FROM logged_model WHERE workspace_id = $1 AND model_id = ANY ($2::text[]) AND lifecycle = 'ACTIVE' ORDER BY id FOR KEY SHARE`,
    [options.workspaceId, modelIds],
  );
  if (known.length < modelIds.length) return modelIds.filter((modelId) => !known.some((row) => row.modelId === modelId));
  await db.sql(
    `INSERT INTO logged_model_metric (logged_model_id, key, timestamp_ms, step, run_id, value, dataset_name, dataset_digest)
     SELECT l.id, u.key, u.time, u.step, $2, u.value, u.name, u.digest
     FROM unnest($3::text[], $4::text[], $5::int8[], $6::int8[], $7::float8[], $8::text[], $9::text[]) AS u(model_id, key, time, step, value, name, digest)
     JOIN logged_model l ON l.workspace_id = $1 AND l.model_id = u.model_id
     ORDER BY l.id, u.key, u.time, u.step ON CONFLICT DO NOTHING`,
    [
      options.workspaceId,
      options.runId,
      metrics.map(({ modelId }) => modelId),
      metrics.map(({ key }) => key),
      metrics.map(({ timestampMs }) => timestampMs),
      metrics.map(({ step }) => step),
      metrics.map(({ value }) => value),
      metrics.map(({ datasetName }) => datasetName ?? ''),
      metrics.map(({ datasetDigest }) => datasetDigest ?? ''),
    ],
  );
  return [];
}

/** Latest values of many runs, by key; only some keys where they are given. */
export function selectSummaries(
  db: Queryable,
  options: { workspaceId: string; runIds: readonly string[]; keys: readonly string[] | null },
): Promise<(Metric & { owner: string })[]> {
  const some = options.keys === null ? '' : 'AND m.key = ANY ($3::text[])';
  return db.sql(
    `SELECT m.run_id AS owner, m.key, m.value, m.step, m.timestamp_ms AS "timestampMs", m.min, m.max FROM metric_summary m
     WHERE m.run_id = ANY (${OWN_RUNS}) ${some} ORDER BY m.run_id, m.key`,
    [options.workspaceId, options.runIds, ...(options.keys === null ? [] : [options.keys])],
  );
}

export interface ChunkTimes {
  /** As text: it is only handed back. */
  id: string;
  minTimestampMs: number;
  pointCount: number;
}

/** The chunks of a metric that reach to a time or beyond, the earliest first. */
export function selectChunkTimes(db: Queryable, runId: string, key: string, fromMs: number): Promise<ChunkTimes[]> {
  return db.sql(
    `SELECT id::text AS id, min_timestamp_ms AS "minTimestampMs", point_count AS "pointCount" FROM metric_chunk
     WHERE run_id = $1 AND key = $2 AND max_timestamp_ms >= $3 ORDER BY min_timestamp_ms, id`,
    [runId, key, fromMs],
  );
}

export async function selectChunks(db: Queryable, ids: readonly string[]): Promise<Buffer[]> {
  const rows = await db.sql<{ points: Buffer }>(
    `SELECT c.points FROM unnest($1::int8[]) WITH ORDINALITY AS u(id, place) JOIN metric_chunk c ON c.id = u.id ORDER BY u.place`,
    [ids],
  );
  return rows.map((row) => row.points);
}

/** The chunks of a metric that reach into a range of steps. */
export async function selectChunksBySteps(
  db: Queryable,
  runId: string,
  key: string,
  range: { from: number; to: number },
): Promise<Buffer[]> {
  const rows = await db.sql<{ points: Buffer }>(
    `SELECT points FROM metric_chunk WHERE run_id = $1 AND key = $2 AND max_step >= $3 AND min_step <= $4 ORDER BY min_step, min_timestamp_ms, id`,
    [runId, key, range.from, range.to],
  );
  return rows.map((row) => row.points);
}

export function countPoints(db: Queryable, workspaceId: string, runIds: readonly string[]): Promise<{ owner: string; count: number }[]> {
  return db.sql(
    `SELECT c.run_id AS owner, sum(c.point_count)::int8 AS count FROM metric_chunk c
     WHERE c.run_id = ANY (${OWN_RUNS}) GROUP BY c.run_id`,
    [workspaceId, runIds],
  );
}
