// Goal: after POST /test/reset a server is what it was when it first answered, whatever was in it and whatever went on meanwhile, and no server
// has that route that may hold something real. Method: every table is counted, and every file; and processes are started over databases
// of each kind.

import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { emptyTestDatabase, testDatabase } from '@throughline/database/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from './testing/mlflow.ts';
import type { MlflowClient } from './testing/mlflow.ts';
import { tellStory } from './testing/story.ts';
import { killAll, startInVain, startServer } from './testing/test-server.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let mlflow: MlflowClient;
/** What each table held when the server had first answered. */
let first: Record<string, number>;

/** How many rows each table has, but for the one that marks that runs were removed, which a reset does too. */
async function allRows(): Promise<Record<string, number>> {
  const tables = await world.database.database.sql<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'run_removal' ORDER BY 1`,
  );
  return world.countRows(...tables.map(({ name }) => name));
}

const reset = (headers: Record<string, string> = {}) => world.send('POST', '/test/reset', undefined, { headers });

async function resetWell(): Promise<void> {
  const { status, text } = await reset();
  expect([status, JSON.parse(text)]).toEqual([200, { reset: true }]);
}

beforeAll(async () => {
  world = await startWorld({ config: { testReset: true } });
  mlflow = speakMlflow(world);
  await mlflow.get('experiments/get', { experiment_id: '0' });
  first = await allRows();
});
afterAll(() => world.close());

describe('a server that is reset', () => {
  it('has no row and no file more than when it first answered, and its Default experiment', async () => {
    const story = await tellStory(world, { name: 'penguins', reads: 'token' });
    await world.verify(story.deployment.id);
    await world.send('POST', '/api/v1/uploads', JSON.stringify({ sha256: 'a'.repeat(64), sizeBytes: 5 }), {
      headers: { 'content-type': 'application/json' },
    });
    expect(Object.values(await allRows()).filter((rows) => rows > 0).length).toBeGreaterThan(20);
    await resetWell();
    expect(await allRows()).toEqual(first);
    expect(await world.countFiles()).toBe(0);
    const { body } = await mlflow.get('experiments/get', { experiment_id: '0' });
    expect(body).toMatchObject({ experiment: { name: 'Default', lifecycle_stage: 'active' } });
  });

  it('is reset while it is empty, too', async () => {
    await resetWell();
    await resetWell();
    expect(await allRows()).toEqual(first);
  });

  it('counts from the beginning again', async () => {
    const ids = [await mlflow.experiment('a'), await mlflow.experiment('b')];
    await resetWell();
    expect([await mlflow.experiment('a'), await mlflow.experiment('b')]).toEqual(ids);
  });

  it('can be told the same story again', async () => {
    for (const _round of [1, 2]) {
      const story = await tellStory(world, { name: 'again', reads: 'token' });
      expect([story.raw.ref, story.version.version]).toEqual(['data:again@1', 1]);
      await resetWell();
    }
    expect(world.log).toEqual([]);
  });

  it('knows no token of before, and no workspace', async () => {
    await world.services.access.ensureWorkspace('team');
    const there = { headers: { 'x-mlflow-workspace': 'team' } };
    expect((await world.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, there)).status).toBe(200);
    const { secret } = await world.command<{ secret: string }>('createToken', { input: { name: 't', scope: 'READ' } }, 'secret');
    expect((await world.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, { token: secret })).status).toBe(200);
    await resetWell();
    expect((await world.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, { token: secret })).status).toBe(401);
    expect((await world.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, there)).status).toBe(404);
  });

  it('lets clients that write all the while see one state or the other, and keeps nothing of before', async () => {
    let isOver = false;
    const statuses = new Set<number>();
    const write = async (name: string) => {
      for (let i = 0; !isOver; i += 1) {
        const made = await mlflow.post('runs/create', { experiment_id: '0', run_name: name });
        const runId = (made.body as { run?: { info: { run_id: string } } }).run?.info.run_id ?? '';
        const logged = await mlflow.post('runs/log-batch', { run_id: runId, metrics: [{ key: 'm', value: i, timestamp: 1, step: i }] });
        const put = await world.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/f`, `${name} ${i}`);
        for (const { status } of [made, logged, put]) statuses.add(status);
      }
    };
    const writers = ['ada', 'bob', 'eve'].map(write);
    for (let round = 0; round < 5; round += 1) await resetWell();
    isOver = true;
    await Promise.all(writers);
    // 404: a run that went with a reset, between two requests of its client.
    expect([...statuses].filter((status) => status !== 200 && status !== 404)).toEqual([]);
    await resetWell();
    expect(await allRows()).toEqual(first);
    expect(await world.countFiles()).toBe(0);
    expect(world.log).toEqual([]);
  });

  it('is reset once for each who asks at the same time', async () => {
    expect((await Promise.all([reset(), reset(), reset()])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await allRows()).toEqual(first);
  });

  it('cuts the upload of a client that stands still, and keeps nothing of it', async () => {
    const { hostname, port } = new URL(world.url);
    const runId = await mlflow.run('0');
    const inside = Promise.withResolvers<undefined>();
    const socket = connect(Number(port), hostname, () => {
      const head = `PUT /api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/f HTTP/1.1\r\nHost: ${hostname}\r\n`;
      socket.write(`${head}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`);
    });
    // It says to go on once the request is inside.
    socket.once('data', () => {
      socket.write('the first bytes');
      inside.resolve(undefined);
    });
    const cut = new Promise((done) => socket.once('close', done).on('error', () => undefined));
    await inside.promise;
    await resetWell();
    await cut;
    expect(await allRows()).toEqual(first);
    expect(await world.countFiles()).toBe(0);
  });
});

describe('POST /test/reset', () => {
  it('is for administrators', async () => {
    const { secret } = await world.command<{ secret: string }>('createToken', { input: { name: 't', scope: 'WRITE' } }, 'secret');
    expect((await world.send('POST', '/test/reset', undefined, { token: secret })).status).toBe(403);
    expect((await world.send('POST', '/test/reset', undefined, { token: 'tl_wrong' })).status).toBe(401);
  });

  it('is not for pages of other origins, nor for what a proxy passes on', async () => {
    expect((await reset({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await reset({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await reset({ 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
  });

  it('is nothing but a POST', async () => {
    expect((await world.send('GET', '/test/reset')).status).toBe(404);
    expect((await world.send('DELETE', '/test/reset')).status).toBe(404);
  });

  it('is not there without the flag', async () => {
    const plain = await startWorld();
    const [unknown, asked] = [await plain.send('POST', '/test/unknown'), await plain.send('POST', '/test/reset')];
    expect([asked.status, asked.text]).toEqual([404, unknown.text.replace('/test/unknown', '/test/reset')]);
    await plain.close();
  });
});

describe('a server that is started with THROUGHLINE_TEST_RESET=1', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'throughline-reset-'));
  });
  afterEach(() => {
    killAll();
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('makes an empty database its own, and finds it again; without the flag the same server has no such route', async () => {
    const test = await emptyTestDatabase();
    const env = { THROUGHLINE_DATA_DIR: dataDir, DATABASE_URL: test.url };
    for (const [flag, expected] of [
      ['1', 200],
      ['1', 200],
      ['0', 404],
    ] as const) {
      const server = await startServer({ ...env, THROUGHLINE_TEST_RESET: flag });
      expect((await server.client.send('POST', '/test/reset')).status).toBe(expected);
      expect((await server.end('SIGTERM')).code).toBe(0);
    }
    await test.drop();
  });

  it('does not start over a database that was made without it', async () => {
    const real = await testDatabase();
    const { code, said } = await startInVain({ THROUGHLINE_DATA_DIR: dataDir, DATABASE_URL: real.url, THROUGHLINE_TEST_RESET: '1' });
    expect(code).toBe(1);
    expect(said).toContain('this database was not created under it');
    expect(said).not.toMatch(/\bat .+:\d+:\d+/);
    await real.drop();
  });

  it('does not start where others can reach it', async () => {
    const { code, said } = await startInVain({ THROUGHLINE_DATA_DIR: dataDir, THROUGHLINE_HOST: '0.0.0.0', THROUGHLINE_TEST_RESET: '1' });
    expect(code).toBe(1);
    expect(said).toContain('THROUGHLINE_HOST must be loopback');
  });
});
