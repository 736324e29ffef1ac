// Goal: a database of an earlier release keeps every point, whose chunks could overlap and hold points twice.
// Method: the migrations up to that release, its rows, the rest of the migrations; then what the engine reads.

import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { migrate } from '@throughline/database';
import type { Database } from '@throughline/database';
import { emptyTestDatabase } from '@throughline/database/testing';
import { newId } from '@throughline/kernel';
import { expect, it } from 'vitest';

import type { MetricPoint } from '../types.ts';
import { settleRuns } from './settle.ts';
import { selectHistory } from '../store/metrics.ts';
import { pointAt } from './points.ts';
import { unpackChunk } from './chunk.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));
const FIRST_OF_THIS = '20261123185300_metric_engine';

/** A chunk as the earlier release wrote it: a byte of version, then 24 bytes a point. */
function chunk(points: readonly MetricPoint[]): Buffer {
  const bytes = Buffer.alloc(1 + 24 * points.length, 1);
  for (const [index, { step, timestampMs, value }] of points.entries()) {
    bytes.writeBigInt64LE(BigInt(step), 1 + index * 24);
    bytes.writeBigInt64LE(BigInt(timestampMs), 9 + index * 24);
    bytes.writeDoubleLE(value, 17 + index * 24);
  }
  return bytes;
}

async function writeEarlier(database: Database, runId: string): Promise<void> {
  const [workspace, experiment] = [newId(), newId()];
  await database.sql(`INSERT INTO workspace (id, name) VALUES ($1, 'w')`, [workspace]);
  await database.sql(
    `INSERT INTO experiment (id, workspace_id, experiment_id, name, artifact_location) VALUES ($1, $2, 1, 'e', 'mlflow-artifacts:/1')`,
    [experiment, workspace],
  );
  await database.sql(
    `WITH files AS (INSERT INTO file_set (id, workspace_id) VALUES ($1, $2) RETURNING id)
     INSERT INTO run (id, workspace_id, run_id, experiment_id, name, start_time_ms, artifact_uri, file_set_id)
     SELECT $3, $2, 'r', $4, 'n', 0, 'mlflow-artifacts:/1/r', files.id FROM files`,
    [newId(), workspace, runId, experiment],
  );
  const chunks = [POINTS.slice(0, 4), POINTS.slice(2), POINTS.slice(0, 2)];
  for (const [key, points] of [...chunks.map((points) => ['größe/α', points] as const), ['other', POINTS.slice(0, 1)] as const]) {
    const [allSteps, allTimes] = [points.map(({ step }) => step), points.map(({ timestampMs }) => timestampMs)];
    await database.sql(
      `INSERT INTO metric_chunk (run_id, key, min_step, max_step, min_timestamp_ms, max_timestamp_ms, point_count, points)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        runId,
        key,
        Math.min(...allSteps),
        Math.max(...allSteps),
        Math.min(...allTimes),
        Math.max(...allTimes),
        points.length,
        chunk(points),
      ],
    );
    await database.sql(
      `INSERT INTO metric_summary (run_id, key, step, timestamp_ms, value, min, max) VALUES ($1, $2, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`,
      [runId, key],
    );
  }
}

const POINTS: readonly MetricPoint[] = [
  { step: -3, timestampMs: 10, value: 0.5 },
  { step: 0, timestampMs: 20, value: Number.NaN },
  { step: 1, timestampMs: 30, value: -Number.MAX_VALUE },
  { step: 1, timestampMs: 30, value: 7 },
  { step: Number.MAX_SAFE_INTEGER, timestampMs: 1_700_000_000_000, value: 8 },
];

it('keeps the points of an earlier release, each once', async () => {
  const test = await emptyTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'throughline-migrations-'));
  try {
    const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const name of names.filter((one) => one < FIRST_OF_THIS))
      await cp(join(MIGRATIONS, name), join(folder, name), { recursive: true });
    await migrate(test.database, folder);
    const runId = newId();
    await writeEarlier(test.database, runId);
    expect(await migrate(test.database)).toContain(FIRST_OF_THIS);

    await settleRuns(test.database, {}, [runId]);
    const { chunks } = await selectHistory(test.database, {
      runId,
      key: 'größe/α',
      from: { timestampMs: 0, step: -Number.MAX_SAFE_INTEGER },
      points: 100,
    });
    const columns = chunks.map(unpackChunk);
    expect(columns.flatMap((one) => Array.from({ length: one.length }, (_, index) => pointAt(one, index)))).toEqual(POINTS);
    expect(
      await test.database.sql(
        `SELECT key, step::text, timestamp_ms AS time, value, min, max, point_count AS count FROM metric_summary WHERE run_id = $1 ORDER BY key`,
        [runId],
      ),
    ).toEqual([
      { key: 'größe/α', step: '9007199254740991', time: 1_700_000_000_000, value: 8, min: -Number.MAX_VALUE, max: 8, count: 5 },
      { key: 'other', step: '-3', time: 10, value: 0.5, min: 0.5, max: 0.5, count: 1 },
    ]);
    expect(await test.database.sql('SELECT 1 FROM metric_batch')).toEqual([]);
  } finally {
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  }
});
