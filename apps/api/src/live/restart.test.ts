// Goal: a server that is killed, and one that is told to stop, lose nothing for the pages that follow a run. Method: real processes over one
// database; what was logged before, between and after is compared with what the page was told.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Client } from '../testing/client.ts';
import { readEvents } from '../testing/events.ts';
import type { EventReader } from '../testing/events.ts';
import { killAll, startServer } from '../testing/test-server.ts';

let dataDir: string;
let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'throughline-live-'));
  database = await testDatabase();
  env = { THROUGHLINE_DATA_DIR: dataDir, DATABASE_URL: database.url };
});
afterEach(() => killAll());
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

function log(client: Client, runId: string, step: number): Promise<unknown> {
  return client.mlflow('runs/log-metric', { run_id: runId, key: 'loss', value: step, timestamp: step, step });
}

/** Reads until the point of this step has come; adds the steps to what was told, and answers the last id. */
async function readTo(reader: EventReader, step: number, told: Set<number>): Promise<string> {
  for (;;) {
    const { id, data } = await reader.next('points');
    const { series } = data as { series: { points: [number, number, number][] }[] };
    for (const { points } of series) for (const [at] of points) told.add(at);
    if (told.has(step)) return id;
  }
}

describe('a page that follows a run', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('misses nothing where its server ends by %s and another takes over', async (signal) => {
    const told = new Set<number>();
    const first = await startServer(env);
    const { run } = await first.client.mlflow<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0' });
    const runId = run.info.run_id;
    const before = await readEvents(first.client.url, runId);
    await before.next('ready');
    await log(first.client, runId, 1);
    const id = await readTo(before, 1, told);
    // Committed, and the server may be gone before it has told it.
    await log(first.client, runId, 2);
    const { said } = await first.end(signal);
    await before.ended();
    const second = await startServer(env);
    await log(second.client, runId, 3);
    const after = await readEvents(second.client.url, runId, { after: id });
    await readTo(after, 3, told);
    await log(second.client, runId, 4);
    await readTo(after, 4, told);
    after.leave();
    expect(said).toBe('');
    expect([...told].sort()).toEqual([1, 2, 3, 4]);
  });
});
