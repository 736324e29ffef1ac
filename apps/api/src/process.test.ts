// Goal: the server as a process keeps its word when it is killed, loses its database or is started wrongly. Method: real processes, real
// signals, a line to PostgreSQL that can be cut; then what a client was told is compared with what is there.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findRunningPostgres, openDatabase } from '@throughline/database';
import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Client } from './testing/client.ts';
import { makeVersion } from './testing/story.ts';
import { endWhenSaid, killAll, layLine, startInVain, startServer } from './testing/test-server.ts';

const MIB = 2 ** 20;
/** What a process writes where something in it broke. */
const STACK = /\bat .+\(?.*:\d+:\d+\)?/;

let dataDir: string;
let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'throughline-process-'));
  database = await testDatabase();
  env = { THROUGHLINE_DATA_DIR: dataDir, DATABASE_URL: database.url };
});
afterEach(() => {
  killAll();
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What the clients sent, and of that what they were told was done. */
interface Told {
  sent: Map<string, Buffer>;
  kept: Set<string>;
  steps: number;
  keptSteps: Set<number>;
  /** The numbers of the dataset's versions. */
  versions: Set<number>;
}

/** Sends files and batches until the server is gone; calls back after each answer. */
async function work(client: Client, runId: string, told: Told, onKept: () => void): Promise<void> {
  const upload = async () => {
    for (let i = 0; ; i += 1) {
      const bytes = randomBytes(i % 3 === 0 ? 2 * MIB : 20_000);
      const sha256 = sha256Of(bytes);
      told.sent.set(sha256, bytes);
      await client.upload(bytes);
      told.kept.add(sha256);
      onKept();
    }
  };
  const log = async () => {
    for (;;) {
      const step = told.steps;
      told.steps += 1;
      const metrics = ['a', 'b'].map((key) => ({ key, value: step, timestamp: 1, step }));
      await client.mlflow('runs/log-batch', { run_id: runId, metrics, params: [{ key: `p${step}`, value: 'v' }] });
      told.keptSteps.add(step);
      onKept();
    }
  };
  const register = async () => {
    for (;;) {
      const { number } = await makeVersion(client, {
        dataset: 'killed',
        files: { 'a.csv': randomBytes(1000), 'b/c.csv': randomBytes(1000) },
      });
      told.versions.add(number);
      onKept();
    }
  };
  // Each ends with the connection; that is what is waited for.
  await Promise.allSettled([upload(), upload(), log(), log(), register(), register()]);
}

/** The versions of a dataset, newest first, with the hashes of their files. */
async function versionsOf(client: Client, dataset: string): Promise<{ number: number; sha256s: string[] }[]> {
  interface Versions {
    dataset: { versions: { nodes: { number: number; files: { nodes: { sha256: string }[] } }[] } } | null;
  }
  const found = await client.query<Versions>(
    'query ($id: ID!) { dataset(id: $id) { versions(first: 100) { nodes { number files(first: 10) { nodes { sha256 } } } } } }',
    { id: `data:${dataset}` },
  );
  const nodes = found.dataset?.versions.nodes ?? [];
  return nodes.map(({ number, files }) => ({ number, sha256s: files.nodes.map(({ sha256 }) => sha256) }));
}

describe('a server that is killed at work', () => {
  it('has after its restart everything that it acknowledged, and nothing half', { timeout: 60_000 }, async () => {
    const first = await startServer(env);
    const { run } = await first.client.mlflow<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0' });
    const runId = run.info.run_id;
    const told: Told = { sent: new Map(), kept: new Set(), steps: 0, keptSteps: new Set(), versions: new Set() };
    let answers = 0;
    const ended = new Promise<void>((resolve) => {
      void work(first.client, runId, told, () => {
        answers += 1;
        if (answers === 60) void first.end('SIGKILL').then(() => resolve());
      });
    });
    await ended;

    const second = await startServer(env);
    const wrong: string[] = [];
    for (const [sha256, bytes] of told.sent) {
      const found = await second.client.download(`/api/v1/files/${sha256}`);
      const isThere = found.status === 200 && found.bytes.equals(bytes);
      // What was not acknowledged may be there, but then whole.
      if (!isThere && (told.kept.has(sha256) || found.status !== 404)) wrong.push(`${sha256}: ${found.status}`);
    }
    const history = async (key: string) => {
      const { text } = await second.client.send('GET', `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${key}`);
      return (JSON.parse(text) as { metrics: { step: number }[] }).metrics.map(({ step }) => step).sort((a, b) => a - b);
    };
    const { run: found } = await second.client.query<{ run: { params: { key: string }[] } }>(
      'query ($id: ID!) { run(id: $id) { params { key } } }',
      { id: `run:${runId}` },
    );
    const versions = await versionsOf(second.client, 'killed');
    const files = await Promise.all(
      versions.flatMap(({ sha256s }) => sha256s).map((sha256) => second.client.download(`/api/v1/files/${sha256}`)),
    );
    const [a, b] = [await history('a'), await history('b')];
    const params = found.params.map(({ key }) => Number(key.slice(1))).sort((x, y) => x - y);
    expect({
      wrong,
      lost: [...told.keptSteps].filter((step) => !a.includes(step)),
      twice: a.filter((step, i) => a.indexOf(step) !== i),
      whole: { metrics: a.join() === b.join(), params: a.join() === params.join() },
      lostVersions: [...told.versions].filter((number) => !versions.some((version) => version.number === number)),
      numbers: versions.map(({ number }) => number),
      files: files.every(({ status }) => status === 200) && files.length === 2 * versions.length,
    }).toEqual({
      wrong: [],
      lost: [],
      twice: [],
      whole: { metrics: true, params: true },
      lostVersions: [],
      numbers: versions.map((_, i) => versions.length - i),
      files: true,
    });
    expect((await second.end('SIGTERM')).code).toBe(0);
  });
});

describe('a server that is told to end', () => {
  it('ends with 0 while a client is in the middle of a download and another in an upload', async () => {
    const server = await startServer(env);
    const bytes = randomBytes(32 * MIB);
    await server.client.upload(bytes);
    const download = await fetch(`${server.client.url}/api/v1/files/${sha256Of(bytes)}`);
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const upload = fetch(`${server.client.url}/api/v1/files/${'a'.repeat(64)}`, { method: 'PUT', body, duplex: 'half' }).catch(() => 'cut');
    const { code, said } = await server.end('SIGTERM');
    await download.body?.cancel().catch(() => undefined);
    expect({ code, said, upload: await upload }).toEqual({ code: 0, said: '', upload: 'cut' });
  });

  it('ends with 0 when whoever started it is gone', async () => {
    const server = await startServer(env);
    expect((await server.abandon()).code).toBe(0);
  });
});

describe('a server that is started wrongly', () => {
  it('names every wrong value at once, repeats no secret, and ends with 1', async () => {
    const { code, said } = await startInVain({
      THROUGHLINE_PORT: 'many',
      THROUGHLINE_WEB: 'yes',
      THROUGHLINE_MAX_UPLOAD_BYTES: '-1',
      THROUGHLINE_HOST: 'a b',
      DATABASE_URL: 'mysql://user:opensesame@localhost/x',
      THROUGHLINE_S3_ENDPOINT: 'http://localhost:9000',
    });
    const named = [
      'THROUGHLINE_PORT',
      'THROUGHLINE_WEB',
      'THROUGHLINE_MAX_UPLOAD_BYTES',
      'THROUGHLINE_HOST',
      'DATABASE_URL',
      'THROUGHLINE_S3_BUCKET',
    ];
    expect({ code, missing: named.filter((name) => !said.includes(name)), isSecret: said.includes('opensesame') }).toEqual({
      code: 1,
      missing: [],
      isSecret: false,
    });
    expect(said).not.toMatch(STACK);
  });

  it('on a taken port says so, and what to do', async () => {
    const server = await startServer(env);
    const { port } = new URL(server.client.url);
    const { code, said } = await startInVain({ ...env, THROUGHLINE_PORT: port });
    expect({ code, isSaid: said.includes(`Port ${port}`), hint: said.includes('THROUGHLINE_PORT=') }).toEqual({
      code: 1,
      isSaid: true,
      hint: true,
    });
    expect(said).not.toMatch(STACK);
  });

  it('for everybody to reach, without a token, does not open', async () => {
    const { code, said } = await startInVain({ ...env, THROUGHLINE_HOST: '0.0.0.0' });
    expect({ code, isSaid: said.includes('there is no token yet'), hint: said.includes('npx throughline token') }).toEqual({
      code: 1,
      isSaid: true,
      hint: true,
    });
    expect(said).not.toMatch(STACK);
  });

  it('without a database that answers says so', async () => {
    const { code, said } = await startInVain({ ...env, DATABASE_URL: 'postgresql://user:opensesame@127.0.0.1:1/none' });
    expect({ code, isSaid: said.includes('database cannot be reached'), isSecret: said.includes('opensesame') }).toEqual({
      code: 1,
      isSaid: true,
      isSecret: false,
    });
    expect(said).not.toMatch(STACK);
  });
});

describe('a server that loses its database', () => {
  const answers = async (client: Client) => {
    const [ready, graphql, mlflow, upload] = await Promise.all([
      client.send('GET', '/api/ready'),
      client.graphql('{ runs { totalCount } }'),
      client.send('POST', '/api/2.0/mlflow/runs/search', '{"experiment_ids":["0"]}', { headers: { 'content-type': 'application/json' } }),
      client.send('PUT', `/api/v1/files/${sha256Of(Buffer.from('x'))}`, 'x'),
    ]);
    return {
      ready: ready.status,
      graphql: graphql.errors[0]?.extensions['code'] ?? graphql.status,
      mlflow: mlflow.status,
      upload: upload.status,
      text: ready.text + graphql.text + mlflow.text + upload.text,
    };
  };
  const HEALTHY = { ready: 200, graphql: 200, mlflow: 200, upload: 201 };

  it('answers that it is unavailable, says nothing more, and is well again when the database is', async () => {
    const line = await layLine(database.url);
    try {
      const server = await startServer({ ...env, DATABASE_URL: line.url });
      const before = await answers(server.client);
      await line.cut();
      const { text, ...during } = await answers(server.client);
      await line.mend();
      const after = await answers(server.client);
      expect({ before, during, after }).toMatchObject({
        before: HEALTHY,
        during: { ready: 503, graphql: 'UNAVAILABLE', mlflow: 503, upload: 503 },
        after: HEALTHY,
      });
      expect(text).not.toMatch(/ECONN|127\.0\.0\.1|postgres|prisma|SELECT|\.ts:/i);
      expect(server.isRunning()).toBe(true);
    } finally {
      await line.close();
    }
  });

  it('outlives the end of every connection in the middle of its work, and loses nothing that it acknowledged', async () => {
    const server = await startServer(env);
    const { run } = await server.client.mlflow<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0' });
    const kept = new Set<number>();
    const statuses = new Set<number>();
    const log = async (step: number) => {
      const body = JSON.stringify({ run_id: run.info.run_id, metrics: [{ key: 'm', value: step, timestamp: 1, step }] });
      const { status } = await server.client.send('POST', '/api/2.0/mlflow/runs/log-batch', body, {
        headers: { 'content-type': 'application/json' },
      });
      statuses.add(status);
      if (status === 200) kept.add(step);
    };
    for (let round = 0; round < 10; round += 1) {
      const steps = Array.from({ length: 8 }, (_, i) => log(round * 8 + i));
      await database.database.sql(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await Promise.all(steps);
    }
    const after = await answers(server.client);
    const { text } = await server.client.send('GET', `/api/2.0/mlflow/metrics/get-history?run_id=${run.info.run_id}&metric_key=m`);
    const there = new Set((JSON.parse(text) as { metrics: { step: number }[] }).metrics.map(({ step }) => step));
    expect({
      after,
      lost: [...kept].filter((step) => !there.has(step)),
      odd: [...statuses].filter((status) => ![200, 503].includes(status)),
    }).toMatchObject({
      after: HEALTHY,
      lost: [],
      odd: [],
    });
  });
});

describe('a server with a PostgreSQL of its own', () => {
  it('leaves none behind when it is told to end before it is up', async () => {
    const own = await mkdtemp(join(tmpdir(), 'throughline-early-'));
    try {
      const { code, said } = await endWhenSaid({ THROUGHLINE_DATA_DIR: own }, 'Making a new PostgreSQL');
      // The note of the launcher and what it was making: both go when it is done with them.
      const left = (await readdir(own)).filter((name) => name.includes('.new-') || name.endsWith('.launcher.json'));
      expect({ code, said, left, running: findRunningPostgres(join(own, 'postgres')) }).toEqual({
        code: 0,
        said: '',
        left: [],
        running: null,
      });
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  });

  it('brings it back when it dies, and leaves none behind when it ends', { timeout: 60_000 }, async () => {
    const own = await mkdtemp(join(tmpdir(), 'throughline-own-'));
    try {
      const server = await startServer({ THROUGHLINE_DATA_DIR: own });
      const postmaster = async () => {
        const url = findRunningPostgres(join(own, 'postgres'));
        if (url === null) throw new Error('There is no PostgreSQL.');
        const inside = openDatabase({ url, maxConnections: 1 });
        try {
          const [row] = await inside.sql<{ pid: number }>(`SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`);
          return row?.pid ?? 0;
        } finally {
          await inside.close();
        }
      };
      const isThere = (pid: number) => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      const killed = await postmaster();
      process.kill(killed, 'SIGKILL');
      // The connections of the dead one may outlive it for a moment, and answer.
      const revived = await vi.waitFor(
        async () => {
          const pid = await postmaster();
          expect(pid).not.toBe(killed);
          return pid;
        },
        { timeout: 30_000, interval: 50 },
      );
      const { status } = await server.client.send('GET', '/api/ready');
      const { code } = await server.end('SIGTERM');
      expect({ status, code, running: findRunningPostgres(join(own, 'postgres')) }).toEqual({
        status: 200,
        code: 0,
        running: null,
      });
      // What has ended is still listed until whoever adopted it has collected it.
      await vi.waitFor(() => expect(isThere(revived)).toBe(false), { timeout: 10_000, interval: 20 });
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  });
});
