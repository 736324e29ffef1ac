// SQL of settling: what was appended is taken out of metric_batch and becomes rows of metric_chunk and metric_summary, in one transaction.

import type { Queryable, Tx } from '@throughline/database';

import type { PackedChunk } from '../engine/chunk.ts';
import type { Metric } from '../types.ts';

/** Whose batches: those of some runs, of the runs of a workspace's experiments (null for all of them), or of any run, the oldest first, logged before a time if one is given. */
export type Scope =
  | { runIds: readonly string[] }
  | { workspaceId: string; experimentIds: readonly string[] | null }
  | { loggedBefore: Date | null; limit: number | null };

/** A run with batches, and the last of those that are there. Ids of batches fit a number for 300 years at a million a second. */
export interface Pending {
  runId: string;
  upTo: number;
}

/** A run that is being purged is its own workspace, and its rows go in many steps: they are left alone. */
const IS_HERE = 'r.workspace_id <> r.id';

/** The runs with batches that are committed by now. */
export function selectPending(db: Queryable, scope: Scope): Promise<Pending[]> {
  if ('runIds' in scope) {
    return db.sql(
      `SELECT b.run_id AS "runId", max(b.id) AS "upTo" FROM metric_batch b WHERE b.run_id = ANY ($1::uuid[]) GROUP BY b.run_id`,
      [scope.runIds],
      { prepared: true },
    );
  }
  if ('loggedBefore' in scope) {
    return db.sql(
      `SELECT p.run_id AS "runId", p.up_to AS "upTo" FROM (
         SELECT b.run_id, max(b.id) AS up_to, min(b.id) AS since FROM metric_batch b
         WHERE $1::timestamptz IS NULL OR b.logged_at < $1 GROUP BY b.run_id) p
       CROSS JOIN LATERAL (SELECT 1 FROM run r WHERE r.id = p.run_id AND ${IS_HERE} LIMIT 1) own ORDER BY p.since LIMIT $2`,
      [scope.loggedBefore, scope.limit],
    );
  }
  // There are few batches at any time, whatever there is of runs: from them to their runs, and not the other way.
  const some = scope.experimentIds === null ? '' : 'AND r.experiment_id = ANY ($2::uuid[])';
  return db.sql(
    `SELECT p.run_id AS "runId", p.up_to AS "upTo" FROM (SELECT b.run_id, max(b.id) AS up_to FROM metric_batch b GROUP BY b.run_id) p
     CROSS JOIN LATERAL (SELECT 1 FROM run r WHERE r.id = p.run_id AND r.workspace_id = $1 ${some} LIMIT 1) own`,
    [scope.workspaceId, ...(scope.experimentIds === null ? [] : [scope.experimentIds])],
    { prepared: true },
  );
}

/** A lock a run that all who settle it take, and nobody else. By the lock's own number, so that two who share one take it in one order. */
const LOCK = `hashtextextended(u.id::text, 7251)`;

/** Waits until nobody else settles these runs, and keeps others from it until the transaction ends. */
export async function lockSettling(tx: Tx, runIds: readonly string[]): Promise<void> {
  await tx.sql(
    `SELECT count(pg_advisory_xact_lock(l.lock)) FROM (SELECT DISTINCT ${LOCK} AS lock FROM unnest($1::uuid[]) AS u(id) ORDER BY 1) l`,
    [runIds],
  );
}

/** The same for those of the runs that nobody settles at the moment; answers them. */
export async function tryLockSettling(tx: Tx, runIds: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>(`SELECT u.id FROM unnest($1::uuid[]) AS u(id) WHERE pg_try_advisory_xact_lock(${LOCK})`, [
    runIds,
  ]);
  return rows.map(({ id }) => id);
}

export interface Held {
  runIds: string[];
  /** Higher than that of everything that was settled of these runs before, and lower than that of all that will be. */
  generation: number;
}

/**
 * Holds the runs' rows, so that whoever removes one waits here, and not behind the rows of its metrics, for which we would wait in turn.
 * Generations come from the clock that counts batches: under the lock of settling they rise with every commit.
 */
export async function holdRuns(tx: Tx, runIds: readonly string[]): Promise<Held> {
  const rows = await tx.sql<{ id: string; generation: number }>(
    `SELECT r.id, (SELECT nextval('metric_batch_id_seq')) AS generation FROM run r
     WHERE r.id = ANY ($1::uuid[]) AND ${IS_HERE} ORDER BY r.id FOR KEY SHARE OF r`,
    [runIds],
  );
  return { runIds: rows.map(({ id }) => id), generation: rows[0]?.generation ?? 0 };
}

/** Batches of a run that are taken at once at most. */
const BATCHES_AT_ONCE = 2_048;

export interface Taken {
  batches: { runId: string; points: Buffer }[];
  /** Whether there may be more of them. */
  more: boolean;
}

/** Removes batches with about so many points from the table, and answers them. */
export async function takeBatches(tx: Tx, options: { runIds: readonly string[]; upTo: number; points: number }): Promise<Taken> {
  const batches = await tx.sql<{ runId: string; points: Buffer; before: number }>(
    `WITH found AS (
       SELECT u.id AS run_id, b.id, b.point_count FROM unnest($1::uuid[]) AS u(id)
       CROSS JOIN LATERAL (
         SELECT m.id, m.point_count FROM metric_batch m WHERE m.run_id = u.id AND m.id <= $2 ORDER BY m.id LIMIT ${BATCHES_AT_ONCE}) b),
     counted AS (SELECT f.run_id, f.id, sum(f.point_count) OVER (ORDER BY f.run_id, f.id) - f.point_count AS before FROM found f)
     DELETE FROM metric_batch b USING counted c WHERE b.run_id = c.run_id AND b.id = c.id AND c.before < $3
     RETURNING b.run_id AS "runId", b.points, (SELECT count(*) FROM found)::int AS before`,
    [options.runIds, options.upTo, options.points],
  );
  const found = batches[0]?.before ?? 0;
  return { batches, more: found > batches.length || found >= BATCHES_AT_ONCE };
}

/** A metric of a run, as two arrays of a statement. */
export interface SeriesKey {
  runId: string;
  key: string;
}

export interface SummaryRow extends Metric {
  pointCount: number;
}

/** The summaries of metrics, by their places in the list; those that have none are left out. */
export async function selectSummariesOf(tx: Tx, series: readonly SeriesKey[]): Promise<Map<number, SummaryRow>> {
  const rows = await tx.sql<SummaryRow & { place: number }>(
    `SELECT u.place::int AS place, s.* FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS u(run_id, key, place)
     CROSS JOIN LATERAL (
       SELECT m.key, m.step, m.timestamp_ms AS "timestampMs", m.value, m.min, m.max, m.point_count AS "pointCount" FROM metric_summary m
       WHERE m.run_id = u.run_id AND m.key = u.key LIMIT 1) s`,
    [series.map(({ runId }) => runId), series.map(({ key }) => key)],
  );
  return new Map(rows.map((row) => [row.place - 1, row]));
}

/** What names a chunk. */
export interface ChunkKey extends SeriesKey {
  firstStep: number;
  firstTimestampMs: number;
  /** As text: it is only handed back. */
  id: string;
}

/** Sizes fall by half towards the end of a series: these are all that are not full. */
const TAIL_CHUNKS = 12;

/**
 * The chunks of each metric from the one in front of a point (by step and timestamp) to the end, and the last few in any case. The place
 * is that of the metric in the list; a chunk may come twice.
 */
export function selectChunksFrom(
  tx: Tx,
  series: readonly (SeriesKey & { step: number; timestampMs: number })[],
): Promise<(ChunkKey & { place: number; rollup: Buffer })[]> {
  const ours = 'c.run_id = u.run_id AND c.key = u.key';
  const columns = 'c.id, c.first_step, c.first_timestamp_ms, c.rollup';
  return tx.sql(
    `SELECT u.place::int - 1 AS place, u.run_id AS "runId", u.key, c.id::text AS id, c.first_step AS "firstStep",
       c.first_timestamp_ms AS "firstTimestampMs", c.rollup
     FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::int8[]) WITH ORDINALITY AS u(run_id, key, step, time, place)
     LEFT JOIN LATERAL (
       SELECT c.first_step AS step, c.first_timestamp_ms AS time FROM metric_chunk c
       WHERE ${ours} AND (c.first_step, c.first_timestamp_ms) < (u.step, u.time)
       ORDER BY c.first_step DESC, c.first_timestamp_ms DESC LIMIT 1) front ON TRUE
     CROSS JOIN LATERAL (
       (SELECT ${columns} FROM metric_chunk c WHERE ${ours} ORDER BY c.first_step DESC, c.first_timestamp_ms DESC, c.id DESC LIMIT ${TAIL_CHUNKS})
       UNION ALL
       SELECT ${columns} FROM metric_chunk c WHERE ${ours}
         AND (c.first_step, c.first_timestamp_ms) >= (coalesce(front.step, -9223372036854775808), coalesce(front.time, -9223372036854775808))) c`,
    [series.map((one) => one.runId), series.map((one) => one.key), series.map((one) => one.step), series.map((one) => one.timestampMs)],
  );
}

const CHUNK_KEYS = 'unnest($1::uuid[], $2::text[], $3::int8[], $4::int8[], $5::int8[])';
const IS_CHUNK = `c.run_id = u.run_id AND c.key = u.key AND c.first_step = u.step AND c.first_timestamp_ms = u.time AND c.id = u.id`;

function chunkKeys(chunks: readonly ChunkKey[]): unknown[][] {
  return [
    chunks.map(({ runId }) => runId),
    chunks.map(({ key }) => key),
    chunks.map(({ firstStep }) => firstStep),
    chunks.map(({ firstTimestampMs }) => firstTimestampMs),
    chunks.map(({ id }) => id),
  ];
}

/** The points of chunks, by their ids. */
export async function selectPoints(tx: Tx, chunks: readonly ChunkKey[]): Promise<Map<string, Buffer>> {
  const rows = await tx.sql<{ id: string; points: Buffer }>(
    `SELECT u.id::text AS id, c.points FROM ${CHUNK_KEYS} AS u(run_id, key, step, time, id)
     CROSS JOIN LATERAL (SELECT c.points FROM metric_chunk c WHERE ${IS_CHUNK} LIMIT 1) c`,
    chunkKeys(chunks),
  );
  return new Map(rows.map(({ id, points }) => [id, points]));
}

/** Puts chunks in the place of others. The bytes of all of them travel as one value; each row cuts its own out of it. */
export async function replaceChunks(
  tx: Tx,
  generation: number,
  change: { gone: readonly ChunkKey[]; made: readonly (SeriesKey & { chunk: PackedChunk })[] },
): Promise<void> {
  const { gone, made } = change;
  if (gone.length > 0) {
    await tx.sql(`DELETE FROM metric_chunk c USING ${CHUNK_KEYS} AS u(run_id, key, step, time, id) WHERE ${IS_CHUNK}`, chunkKeys(gone));
  }
  const chunks = made.map(({ chunk }) => chunk);
  let offset = 1;
  const offsets = chunks.map((chunk) => {
    const start = offset;
    offset += chunk.rollup.length + chunk.wide.length + chunk.coarse.length + chunk.fine.length + chunk.points.length;
    return start;
  });
  await tx.sql(
    `INSERT INTO metric_chunk (run_id, key, first_step, first_timestamp_ms, last_step, min_timestamp_ms, max_timestamp_ms, point_count, generation,
       rollup, wide, coarse, fine, points)
     SELECT u.run_id, u.key, u.step, u.time, u.last_step, u.min_time, u.max_time, u.count, $2,
       substring($1::bytea FROM u.at FOR u.rollup), substring($1 FROM u.at + u.rollup FOR u.wide),
       substring($1 FROM u.at + u.rollup + u.wide FOR u.coarse), substring($1 FROM u.at + u.rollup + u.wide + u.coarse FOR u.fine),
       substring($1 FROM u.at + u.rollup + u.wide + u.coarse + u.fine FOR u.points)
     FROM unnest($3::uuid[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::int4[], $11::int4[], $12::int4[],
       $13::int4[], $14::int4[], $15::int4[], $16::int4[])
       AS u(run_id, key, step, time, last_step, min_time, max_time, count, at, rollup, wide, coarse, fine, points)`,
    [
      Buffer.concat(chunks.flatMap((chunk) => [chunk.rollup, chunk.wide, chunk.coarse, chunk.fine, chunk.points])),
      generation,
      made.map(({ runId }) => runId),
      made.map(({ key }) => key),
      chunks.map((chunk) => chunk.firstStep),
      chunks.map((chunk) => chunk.firstTimestampMs),
      chunks.map((chunk) => chunk.lastStep),
      chunks.map((chunk) => chunk.minTimestampMs),
      chunks.map((chunk) => chunk.maxTimestampMs),
      chunks.map((chunk) => chunk.pointCount),
      offsets,
      chunks.map((chunk) => chunk.rollup.length),
      chunks.map((chunk) => chunk.wide.length),
      chunks.map((chunk) => chunk.coarse.length),
      chunks.map((chunk) => chunk.fine.length),
      chunks.map((chunk) => chunk.points.length),
    ],
  );
}

/** Writes summaries as they are from now on. */
export async function upsertSummaries(tx: Tx, generation: number, summaries: readonly (SummaryRow & SeriesKey)[]): Promise<void> {
  await tx.sql(
    `INSERT INTO metric_summary (run_id, key, step, timestamp_ms, value, min, max, point_count, generation)
     SELECT u.*, $9 FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::int8[], $5::float8[], $6::float8[], $7::float8[], $8::int8[]) AS u
     ON CONFLICT (run_id, key) DO UPDATE SET step = excluded.step, timestamp_ms = excluded.timestamp_ms, value = excluded.value,
       min = excluded.min, max = excluded.max, point_count = excluded.point_count, generation = excluded.generation`,
    [
      summaries.map(({ runId }) => runId),
      summaries.map(({ key }) => key),
      summaries.map(({ step }) => step),
      summaries.map(({ timestampMs }) => timestampMs),
      summaries.map(({ value }) => value),
      summaries.map(({ min }) => min),
      summaries.map(({ max }) => max),
      summaries.map(({ pointCount }) => pointCount),
      generation,
    ],
  );
}
