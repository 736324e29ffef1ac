// SQL for metrics: appending batches, and reading what was settled out of them (see engine/settle.ts, which comes before every read).

import { isConstraint } from '@throughline/database';
import type { Queryable } from '@throughline/database';

import type { PackedBatch } from '../engine/batch.ts';
import { CELL_BYTES } from '../engine/cells.ts';
import { COARSE_POINTS, FINE_POINTS, MAX_CHUNK_POINTS, WIDE_POINTS } from '../engine/chunk.ts';
import type { Metric, MetricInput, MetricPoint, RunKey } from '../types.ts';
import { byRunKey, OWN_RUNS } from './runs.ts';

/**
 * Appends a packed batch to a run in use, in one statement that touches one row; answers the run's UUID, null where there is no such run. The
 * row names the run by a foreign key, so that a run is removed with all of its batches or not at all. A batch and a deletion (a mark on the run)
 * that overlap may come in either order, which nobody can tell from their order at the server's door: the run is not locked for it.
 */
export async function insertBatch(
  db: Queryable,
  options: { workspaceId: string; run: RunKey; batch: PackedBatch },
): Promise<string | null> {
  const where = byRunKey(options.run, '$2');
  try {
    const rows = await db.sql<{ runId: string }>(
      `INSERT INTO metric_batch (run_id, point_count, points)
       SELECT r.id, $3, $4 FROM run r WHERE r.workspace_id = $1 AND ${where.sql} AND r.lifecycle = 'ACTIVE' RETURNING run_id AS "runId"`,
      [options.workspaceId, where.value, options.batch.pointCount, options.batch.bytes],
      { prepared: true },
    );
    return rows[0]?.runId ?? null;
  } catch (error) {
    // Removed for good while the statement ran.
    if (isConstraint(error, 'foreign_key')) return null;
    throw error;
  }
}

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

/** Parts of a series: so many cells, of one chunk after the other, or the points of one chunk. */
export interface Stretch {
  runId: string;
  /** The place of these cells among those of the run; null for points. */
  place: number | null;
  detail: Buffer;
}

/** Cells in a row: few enough that what carries them through PostgreSQL, the line and the driver stays in buffers that are used again. */
const CELLS_A_ROW = 256;

/** A chunk of the metric `$2` of the run `u` that lies wholly in the range of steps from `$3` to `$4`. */
const WHOLE = 'c.run_id = u.id AND c.key = $2 AND c.first_step BETWEEN $3 AND $4 AND c.last_step <= $4';
/** The chunk, or those that begin at one step, of which one may reach across a step: chunks do not overlap, so no other can. */
const AT_LAST_BEFORE = (isBefore: string) =>
  `c.run_id = u.id AND c.key = $2 AND c.first_step =
     (SELECT max(l.first_step) FROM metric_chunk l WHERE l.run_id = u.id AND l.key = $2 AND l.first_step ${isBefore})`;

/**
 * One metric of several runs over a range of steps, for so many buckets each: of chunks, cells of three sizes and points the coarsest that has
 * as many; the chunks that the range cuts as points, which are found by the index. In one statement, since settling may replace chunks between
 * two. Cells of thousands of chunks come as some tens of values: a row for each chunk costs more, and so does a value of a megabyte.
 */
export function selectStretches(
  db: Queryable,
  runIds: readonly string[],
  options: { key: string; range: { from: number; to: number }; buckets: number },
): Promise<Stretch[]> {
  const { key, range, buckets } = options;
  const atLeast = (points: number) => `WHEN sum((c.point_count + ${points - 1}) / ${points}) >= $5 THEN ${points}`;
  const cells = (points: number, column: string) => `WHEN u.stretch = ${points} AND c.point_count > ${points} THEN c.${column}`;
  return db.sql(
    `WITH size AS MATERIALIZED (
       SELECT u.id, counted.stretch FROM unnest($1::uuid[]) AS u(id) CROSS JOIN LATERAL (
         SELECT CASE WHEN count(*) >= $5 THEN ${MAX_CHUNK_POINTS} ${atLeast(WIDE_POINTS)} ${atLeast(COARSE_POINTS)} ${atLeast(FINE_POINTS)} ELSE 1 END AS stretch
         FROM metric_chunk c WHERE ${WHOLE}) counted)
     SELECT u.id AS "runId", part.place, substring(folded.cells FROM part.place * ${CELLS_A_ROW * CELL_BYTES} + 1 FOR ${CELLS_A_ROW * CELL_BYTES}) AS detail
     FROM size u CROSS JOIN LATERAL (
       SELECT string_agg(
         CASE ${cells(WIDE_POINTS, 'wide')} ${cells(COARSE_POINTS, 'coarse')} ${cells(FINE_POINTS, 'fine')} ELSE c.rollup END,
         '' ORDER BY c.first_step, c.first_timestamp_ms) AS cells
       FROM metric_chunk c WHERE ${WHOLE}) folded
     CROSS JOIN LATERAL generate_series(0, (octet_length(folded.cells) - 1) / ${CELLS_A_ROW * CELL_BYTES}) AS part(place) WHERE u.stretch > 1
     UNION ALL SELECT u.id, NULL, c.points FROM size u JOIN metric_chunk c ON ${WHOLE} WHERE u.stretch = 1
     UNION ALL SELECT u.id, NULL, c.points FROM size u JOIN metric_chunk c ON ${AT_LAST_BEFORE('<= $4')} AND c.last_step > $4
     UNION ALL SELECT u.id, NULL, c.points FROM size u JOIN metric_chunk c ON ${AT_LAST_BEFORE('< $3')} AND c.last_step BETWEEN $3 AND $4`,
    [runIds, key, range.from, range.to, buckets],
    { prepared: true },
  );
}

/** How many points a metric has, and its latest. */
export type Head = MetricPoint & { pointCount: number };

/** The run that a key names, how many points a metric of it has and the latest of them, and whether batches wait to be settled. */
export interface SeriesHead {
  runId: string;
  isWaiting: boolean;
  head: Head | null;
}

/**
 * In one statement, so that where nothing waits, the metric is whole as of then. Null where there is no such run; a key that is null names no
 * metric.
 */
export async function selectSeriesHead(
  db: Queryable,
  options: { workspaceId: string; run: RunKey; key: string | null },
): Promise<SeriesHead | null> {
  const where = byRunKey(options.run, '$2');
  const [row] = await db.sql<{ runId: string; isWaiting: boolean } & (Head | { pointCount: null })>(
    `SELECT r.id AS "runId", EXISTS (SELECT 1 FROM metric_batch b WHERE b.run_id = r.id) AS "isWaiting",
       m.point_count AS "pointCount", m.step, m.timestamp_ms AS "timestampMs", m.value
     FROM run r LEFT JOIN metric_summary m ON m.run_id = r.id AND m.key = $3 WHERE r.workspace_id = $1 AND ${where.sql}`,
    [options.workspaceId, where.value, options.key],
    { prepared: true },
  );
  if (row === undefined) return null;
  const { runId, isWaiting, ...head } = row;
  return { runId, isWaiting, head: head.pointCount === null ? null : head };
}

/** How many points a metric of each run has, and its latest, which is its only one where it has one; by the run's UUID. */
export async function selectHeads(db: Queryable, runIds: readonly string[], key: string): Promise<Map<string, Head>> {
  const rows = await db.sql<Head & { runId: string }>(
    `SELECT m.run_id AS "runId", m.point_count AS "pointCount", m.step, m.timestamp_ms AS "timestampMs", m.value
     FROM metric_summary m WHERE m.run_id = ANY ($1::uuid[]) AND m.key = $2`,
    [runIds, key],
    { prepared: true },
  );
  return new Map(rows.map(({ runId, ...head }) => [runId, head]));
}

/** Where a point stands in a history, as far as a chunk tells it. */
type Moment = Pick<MetricPoint, 'timestampMs' | 'step'>;

export interface HistoryPart {
  chunks: Buffer[];
  /** What comes before this time and step is all in these chunks; null where there is nothing else. */
  completeBefore: Moment | null;
}

/**
 * The chunks of a metric that reach to a time and step or beyond, by their earliest times and steps, until those that begin behind it hold so
 * many points. In one statement, since settling may replace chunks between two.
 */
export async function selectHistory(
  db: Queryable,
  options: { runId: string; key: string; from: Moment; points: number },
): Promise<HistoryPart> {
  const { from } = options;
  const rows = await db.sql<Moment & { points: Buffer | null }>(
    `WITH reached AS (
       SELECT c.id, c.min_timestamp_ms, c.first_step, c.points,
         sum(CASE WHEN (c.min_timestamp_ms, c.first_step) > ($3, $4) THEN c.point_count ELSE 0 END)
           OVER (ORDER BY c.min_timestamp_ms, c.first_step, c.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
       FROM metric_chunk c WHERE c.run_id = $1 AND c.key = $2 AND (c.max_timestamp_ms, c.last_step) >= ($3::int8, $4::int8))
     (SELECT r.min_timestamp_ms AS "timestampMs", r.first_step AS step, r.points FROM reached r WHERE coalesce(r.before, 0) < $5)
     UNION ALL
     (SELECT r.min_timestamp_ms, r.first_step, NULL FROM reached r WHERE r.before >= $5 ORDER BY r.min_timestamp_ms, r.first_step, r.id LIMIT 1)`,
    [options.runId, options.key, from.timestampMs, from.step, options.points],
  );
  const next = rows.find(({ points }) => points === null);
  return {
    chunks: rows.flatMap(({ points }) => (points === null ? [] : [points])),
    completeBefore: next === undefined ? null : { timestampMs: next.timestampMs, step: next.step },
  };
}

/** Points of each run, exact duplicates once. */
export function countPoints(db: Queryable, workspaceId: string, runIds: readonly string[]): Promise<{ owner: string; count: number }[]> {
  return db.sql(
    `SELECT m.run_id AS owner, sum(m.point_count)::int8 AS count FROM metric_summary m
     WHERE m.run_id = ANY (${OWN_RUNS}) GROUP BY m.run_id`,
    [workspaceId, runIds],
  );
}

/** A metric that changed: its latest point, which is its only one where it has one. */
export interface ChangedMetric extends MetricPoint {
  key: string;
  pointCount: number;
  generation: number;
}

/** The metrics of a run that were settled after a generation. */
export function selectChanged(db: Queryable, runId: string, generation: number): Promise<ChangedMetric[]> {
  return db.sql(
    `SELECT m.key, m.point_count AS "pointCount", m.generation, m.step, m.timestamp_ms AS "timestampMs", m.value
     FROM metric_summary m WHERE m.run_id = $1 AND m.generation > $2 ORDER BY m.key`,
    [runId, generation],
    { prepared: true },
  );
}

/** The generation of what was settled last of a run; 0 where nothing was. */
export async function selectGeneration(db: Queryable, runId: string): Promise<number> {
  const [row] = await db.sql<{ generation: number }>(
    `SELECT coalesce(max(m.generation), 0) AS generation FROM metric_summary m WHERE m.run_id = $1`,
    [runId],
  );
  return row?.generation ?? 0;
}

/** The chunks of a run's metrics that were written after a generation: of the metrics with the fewest points in them, as many as hold so many points. */
export function selectChangedChunks(
  db: Queryable,
  options: { runId: string; keys: readonly string[]; generation: number; points: number },
): Promise<{ key: string; points: Buffer }[]> {
  return db.sql(
    `WITH changed AS (
       SELECT c.key, sum(c.point_count) AS points FROM metric_chunk c
       WHERE c.run_id = $1 AND c.key = ANY ($2::text[]) AND c.generation > $3 GROUP BY c.key),
     counted AS (SELECT c.key, sum(c.points) OVER (ORDER BY c.points, c.key) AS total FROM changed c)
     SELECT c.key, c.points FROM metric_chunk c
     WHERE c.run_id = $1 AND c.generation > $3 AND c.key = ANY (ARRAY(SELECT t.key FROM counted t WHERE t.total <= $4))`,
    [options.runId, options.keys, options.generation, options.points],
  );
}
