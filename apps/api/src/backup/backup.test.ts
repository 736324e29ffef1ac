// Goal: what was saved comes back elsewhere as it was, to the byte and to the verdict of a trace, and neither a kill nor a damaged byte makes
// anything else of it. Method: a server is filled over HTTP and saved while it is written to; the backup is brought into another database
// and another folder, and a second server answers from there. Then files are flipped, stores fail, and processes are killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { migrate, MIGRATIONS_DIR, openDatabase } from '@throughline/database';
import { emptyTestDatabase, testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { createFilesystemObjectStore } from '@throughline/object-store';
import type { ObjectStore } from '@throughline/object-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startRun, tellStory } from '../testing/story.ts';
import type { Story } from '../testing/story.ts';
import type { Client } from '../testing/client.ts';
import { killAll, startServer } from '../testing/test-server.ts';
import { sha256Of, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { makeBackup } from './backup.ts';
import { textBody, writeWhole } from './disk.ts';
import { objectFile, readManifest, tableFile } from './format.ts';
import type { BackupManifest } from './format.ts';
import { restoreBackup } from './restore.ts';

const CLI = fileURLToPath(new URL('../cli/throughline.ts', import.meta.url));

let world: World;
let objects: ObjectStore;
let story: Story;
beforeAll(async () => {
  world = await startWorld();
  objects = await storeOf(world.config.dataDir);
  story = await tellStory(world, { name: 'saved' });
  await world.verify(story.deployment.id);
});
afterAll(() => world.close());

const folders: string[] = [];
const databases: TestDatabase[] = [];
let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  killAll();
  for (const test of databases.splice(0)) await test.drop();
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'throughline-backup-'));
  folders.push(path);
  return path;
}

function storeOf(dataDir: string): Promise<ObjectStore> {
  return createFilesystemObjectStore({ root: join(dataDir, 'objects') });
}

async function emptyTarget(): Promise<{ database: TestDatabase; dataDir: string }> {
  const database = await emptyTestDatabase();
  databases.push(database);
  return { database, dataDir: await newFolder() };
}

const save = (options: Partial<Parameters<typeof makeBackup>[0]> = {}) =>
  makeBackup({ database: world.database.database, objects, folder, ...options });

/** Restores over a pool of its own, as the command does: the tests' one has connections open. */
async function bring(target: { database: TestDatabase; dataDir: string }, options: { force?: boolean; objects?: ObjectStore } = {}) {
  const database = openDatabase({ url: target.database.url, maxConnections: 2 });
  try {
    return await restoreBackup({ database, objects: options.objects ?? (await storeOf(target.dataDir)), folder, ...options });
  } finally {
    await database.close();
  }
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

/** What a server answers about a story, its files and its metrics. */
async function answers(client: Client) {
  const { traceDeployment } = await client.query<{ traceDeployment: object }>(
    `query ($id: ID!) { traceDeployment(id: $id) { verified nodes { id ref integrity } edges { from to evidence } files { path sha256 integrity } gaps { kind } } }`,
    { id: story.deployment.id },
  );
  const bytes: Record<string, string> = {};
  for (const [name, content] of Object.entries(story.bytes)) {
    bytes[name] = (await client.download(`/api/v1/files/${sha256Of(content)}`)).bytes.toString();
  }
  const { status, text } = await client.send('GET', `/api/2.0/mlflow/metrics/get-history?run_id=${story.run.runId}&metric_key=loss`);
  return { traceDeployment, bytes, history: { status, text } };
}

async function change(how: (manifest: BackupManifest) => BackupManifest): Promise<void> {
  const manifest = await readManifest(folder);
  if (manifest === null) throw new Error('there is no backup');
  await writeFile(join(folder, 'backup.json'), JSON.stringify(how(manifest)));
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function countTables(test: TestDatabase): Promise<number> {
  const [row] = await test.database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`);
  return row?.n ?? 0;
}

describe('a backup', () => {
  it('that is made while the server is written to comes back elsewhere, and answers the same', async () => {
    const metrics = Array.from({ length: 100 }, (_, step) => ({
      key: 'loss',
      value: step === 50 ? NaN : 1 / (step + 1),
      step,
      timestamp: 1000 + step,
    }));
    await world.mlflow('runs/log-batch', {
      run_id: story.run.runId,
      metrics: metrics.map((m) => ({ ...m, value: Number.isNaN(m.value) ? 'NaN' : m.value })),
    });
    const expected = await answers(world);
    const saved = new AbortController();
    const writing = (async () => {
      for (let i = 0; !saved.signal.aborted; i += 1) {
        const run = await startRun(world, `meanwhile ${i}`);
        await world.command('putArtifact', { owner: run.id, path: 'f', sha256: await world.upload(Buffer.from(`meanwhile ${i}`)) }, 'path');
      }
    })();
    const report = await save();
    saved.abort();
    await writing;
    const target = await emptyTarget();
    await bring(target);
    const server = await startServer({ DATABASE_URL: target.database.url, THROUGHLINE_DATA_DIR: target.dataDir });
    expect(report.lost).toEqual([]);
    expect(expected.traceDeployment).toMatchObject({ verified: true });
    expect(expected.history.status).toBe(200);
    expect(await answers(server.client)).toEqual(expected);
    // What is made from here on collides with nothing that was restored, and what was read is written on.
    await tellStory(server.client, { name: 'afterwards' });
    await server.client.mlflow('runs/log-batch', {
      run_id: story.run.runId,
      metrics: [{ key: 'loss', value: 0, step: 100, timestamp: 2000 }],
    });
    await server.end('SIGTERM');
  });

  it('copies what is new alone into the folder of an earlier one, which it replaces in one step', async () => {
    const first = await save();
    const bytes = Buffer.from('new since then');
    const run = await startRun(world);
    await world.command('putArtifact', { owner: run.id, path: 'f', sha256: await world.upload(bytes) }, 'path');
    const second = await save();
    const names = await readdir(folder);
    expect({
      first: first.copiedFiles,
      second: second.copiedFiles,
      all: second.files,
      data: names.filter((name) => name.startsWith('data-')).length,
    }).toEqual({
      first: first.files,
      second: 1,
      all: first.files + 1,
      data: 1,
    });
  });

  it('reads what an earlier one left again, and replaces what was damaged there', async () => {
    await save();
    const path = objectFile(folder, sha256Of(story.bytes.model));
    await flip(path);
    const { copiedFiles } = await save();
    expect({ copiedFiles, isSame: (await readFile(path)).equals(story.bytes.model) }).toEqual({ copiedFiles: 1, isSame: true });
  });

  it('keeps what an earlier one saved and the server has lost since', async () => {
    await save();
    const lossy: ObjectStore = { ...objects, get: () => Promise.reject(new Error('nothing is read twice')) };
    expect(await save({ objects: lossy })).toMatchObject({ copiedFiles: 0, lost: [] });
  });

  it('says what the server has lost, and saves everything else; restored, that is marked as damaged', async () => {
    const damaged = await startWorld();
    try {
      const other = await tellStory(damaged, { name: 'lossy' });
      const [path = ''] = await damaged.objectsWith(other.bytes.raw);
      await rm(path);
      const [flipped = ''] = await damaged.objectsWith(other.bytes.clean);
      await flip(flipped);
      const { lost } = await save({ database: damaged.database.database, objects: await storeOf(damaged.config.dataDir) });
      const target = await emptyTarget();
      const report = await bring(target);
      const rows = await target.database.database.sql<{ sha256: string }>(
        `SELECT encode(sha256, 'hex') AS sha256 FROM blob WHERE integrity = 'DAMAGED'`,
      );
      const expected = [
        { sha256: sha256Of(other.bytes.raw), sizeBytes: other.bytes.raw.length, why: 'MISSING' },
        { sha256: sha256Of(other.bytes.clean), sizeBytes: other.bytes.clean.length, why: 'DAMAGED' },
      ];
      expect(new Set(lost)).toEqual(new Set(expected));
      expect({ lost: report.lost, damaged: new Set(rows.map(({ sha256 }) => sha256)) }).toEqual({
        lost: 2,
        damaged: new Set(expected.map(({ sha256 }) => sha256)),
      });
    } finally {
      await damaged.close();
    }
  });

  it('is none where the store holds nothing at all: a disk that is not mounted', async () => {
    expect(await failure(save({ objects: await storeOf(await newFolder()) }))).toBe('STORE_EMPTY');
    expect(await readManifest(folder)).toBeNull();
  });

  it('keeps the collector from its files, and a second one waiting', async () => {
    await world.upload(Buffer.from('named by nothing'));
    await world.database.database.sql(`UPDATE blob SET last_put_at = now() - interval '7 days'`);
    const met = new Set<unknown>();
    const busy: ObjectStore = {
      ...objects,
      async get(...args) {
        if (met.size === 0) {
          const { errors } = await world.graphql('mutation { collect(dryRun: false) { blobs } }');
          met.add(errors[0]?.extensions['reason']).add(await failure(save({ folder: await newFolder() })));
        }
        return objects.get(...args);
      },
    };
    await save({ objects: busy });
    expect(met).toEqual(new Set(['BACKUP_UNDER_WAY']));
  });

  it('is done with its locks when it says that it is done', async () => {
    await save();
    const held = await world.database.database.sql(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(held).toEqual([]);
  });

  it('touches no folder that holds anything else', async () => {
    await writeFile(join(folder, 'thesis.tex'), 'chapter 1');
    expect({ code: await failure(save()), names: await readdir(folder) }).toEqual({ code: 'NOT_A_BACKUP', names: ['thesis.tex'] });
  });

  it('that is cut anywhere leaves the one before, and the next one goes on', async () => {
    await save();
    const before = await readManifest(folder);
    await rm(join(folder, 'objects'), { recursive: true });
    let reads = 0;
    for (let cut = 1, isWhole = false; !isWhole; cut += 5) {
      reads = 0;
      const failing: ObjectStore = {
        ...objects,
        get: (...args) => ((reads += 1) > cut ? Promise.reject(new Error('cut')) : objects.get(...args)),
      };
      isWhole = (await failure(save({ objects: failing }))) === 'no failure';
      if (!isWhole) expect(await readManifest(folder)).toEqual(before);
    }
    await bring(await emptyTarget());
  });

  it('that is cut again and again leaves the rows of one attempt beside those of the one before', async () => {
    await save();
    const failing: ObjectStore = { ...objects, get: () => Promise.reject(new Error('cut')) };
    await rm(join(folder, 'objects'), { recursive: true });
    for (let attempt = 0; attempt < 3; attempt += 1) await failure(save({ objects: failing }));
    expect((await readdir(folder)).filter((name) => name.startsWith('data-'))).toHaveLength(2);
  });

  it('names the file that the disk does not take', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'below');
    await expect(writeWhole(path, textBody(''))).rejects.toMatchObject({
      code: 'DISK_REFUSED',
      message: expect.stringContaining(path) as string,
    });
  });
});

describe('a restore', () => {
  it.each([
    { what: 'a flipped bit of rows', how: async () => flip(tableFile(folder, (await readManifest(folder))?.data ?? '', 'run')) },
    { what: 'missing rows', how: async () => rm(tableFile(folder, (await readManifest(folder))?.data ?? '', 'run_param')) },
    { what: 'a flipped bit of a file', how: () => flip(objectFile(folder, sha256Of(story.bytes.model))) },
    { what: 'a missing file', how: () => rm(objectFile(folder, sha256Of(story.bytes.model))) },
    {
      what: 'a list of files that lost its end',
      how: async () => {
        const path = join(folder, (await readManifest(folder))?.data ?? '', 'objects.tsv');
        await writeFile(path, (await readFile(path)).subarray(0, -10));
      },
    },
    {
      what: 'a manifest that does not tell of a table',
      how: () => change((manifest) => ({ ...manifest, tables: manifest.tables.filter(({ name }) => name !== 'run_tag') })),
    },
    {
      what: 'a manifest that does not tell of a column',
      how: () =>
        change((manifest) => ({
          ...manifest,
          tables: manifest.tables.map((table) => ({ ...table, columns: table.columns.filter((column) => column !== 'integrity') })),
        })),
    },
  ])('takes nothing from a backup with $what', async ({ how }) => {
    await save();
    await how();
    const target = await emptyTarget();
    const code = await failure(bring(target));
    const [row] =
      (await countTables(target.database)) === 0
        ? [{ n: 0 }]
        : await target.database.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM run');
    expect({ code, runs: row?.n }).toEqual({ code: 'BACKUP_DAMAGED', runs: 0 });
  });

  it('takes nothing from a folder without a complete backup, or from one of a newer release', async () => {
    const none = await failure(bring(await emptyTarget()));
    await save();
    const path = join(folder, 'backup.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as { migrations: { name: string; checksum: string }[] };
    await writeFile(
      path,
      JSON.stringify({ ...manifest, migrations: [...manifest.migrations, { name: '29991231000000_later', checksum: 'a'.repeat(64) }] }),
    );
    const newer = await failure(bring(await emptyTarget()));
    await writeFile(path, '{"format": 1');
    expect([none, newer, await failure(bring(await emptyTarget()))]).toEqual(['NO_BACKUP', 'BACKUP_IS_NEWER', 'BACKUP_UNREADABLE']);
  });

  it('replaces what a database holds only where it is told to', async () => {
    await save();
    const target = { database: await testDatabase(), dataDir: await newFolder() };
    databases.push(target.database);
    await target.database.database.sql(
      `INSERT INTO dataset (id, workspace_id, name) VALUES (gen_random_uuid(), gen_random_uuid(), 'there already')`,
    );
    await target.database.database.close();
    const refused = await failure(bring(target));
    await bring(target, { force: true });
    const again = openDatabase({ url: target.database.url });
    const names = await again.sql<{ name: string }>('SELECT name FROM dataset');
    await again.close();
    databases.pop();
    expect({ refused, names }).toEqual({ refused: 'TARGET_NOT_EMPTY', names: [{ name: 'saved' }] });
  });

  it('is refused while a server works with the database', async () => {
    await save();
    const target = await emptyTarget();
    const server = await startServer({ DATABASE_URL: target.database.url, THROUGHLINE_DATA_DIR: target.dataDir });
    expect(await failure(bring(target))).toBe('SERVER_RUNNING');
    await server.end('SIGTERM');
  });

  it('that is cut while files are brought leaves the database empty, and the next one goes on', async () => {
    await save();
    const target = await emptyTarget();
    const store = await storeOf(target.dataDir);
    let puts = 0;
    for (let cut = 1, isWhole = false; !isWhole; cut += 5) {
      puts = 0;
      const failing: ObjectStore = {
        ...store,
        put: (...args) => ((puts += 1) > cut ? Promise.reject(new Error('cut')) : store.put(...args)),
      };
      isWhole = (await failure(bring(target, { objects: failing }))) === 'no failure';
      if (!isWhole) expect(await rowsIn(target.database.url, 'blob')).toBe(0);
    }
    expect(await rowsIn(target.database.url, 'deployment')).toBe(1);
  });

  it('puts a file under another key where its own holds something else', async () => {
    await save();
    const target = await emptyTarget();
    const store = await storeOf(target.dataDir);
    const [row] = await world.database.database.sql<{ key: string }>('SELECT storage_key AS key FROM blob WHERE sha256 = $1', [
      Buffer.from(sha256Of(story.bytes.model), 'hex'),
    ]);
    await store.put(row?.key ?? '', one('something else'));
    await bring(target);
    const moved = await target.database.database.sql<{ key: string }>('SELECT storage_key AS key FROM blob WHERE sha256 = $1', [
      Buffer.from(sha256Of(story.bytes.model), 'hex'),
    ]);
    const { body } = await store.get(moved[0]?.key ?? '');
    expect({ isMoved: moved[0]?.key !== row?.key, bytes: Buffer.concat(await body.toArray()).toString() }).toEqual({
      isMoved: true,
      bytes: story.bytes.model.toString(),
    });
  });

  it('brings the tables of an older release up to date', async () => {
    const old = await emptyTarget();
    const some = await newFolder();
    const names = (await readdir(MIGRATIONS_DIR)).sort().slice(0, 6);
    for (const name of names) await cp(join(MIGRATIONS_DIR, name), join(some, name), { recursive: true });
    await migrate(old.database.database, some);
    await old.database.database.sql(`INSERT INTO workspace (id, name) VALUES (gen_random_uuid(), 'old')`);
    await save({ database: old.database.database, objects: await storeOf(old.dataDir) });
    const target = await emptyTarget();
    await bring(target);
    const [row] = await target.database.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM _prisma_migrations');
    expect({ applied: row?.n, workspaces: await target.database.database.sql('SELECT name FROM workspace') }).toEqual({
      applied: (await readdir(MIGRATIONS_DIR)).filter((name) => /^\d/.test(name)).length,
      workspaces: [{ name: 'old' }],
    });
  });

  it('does not go on with what was being purged, and sends nothing twice', async () => {
    await world.database.database.sql(
      `INSERT INTO purge_job (id, workspace_id, dry_run, before, requested_by) VALUES (gen_random_uuid(), gen_random_uuid(), false, now(), 'ada')`,
    );
    await save();
    await world.database.database.sql(`DELETE FROM purge_job`);
    const target = await emptyTarget();
    await bring(target);
    expect(await target.database.database.sql('SELECT state::text AS state FROM purge_job')).toEqual([{ state: 'FAILED' }]);
  });
});

async function* one(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}

async function rowsIn(url: string, table: string): Promise<number> {
  const database = openDatabase({ url, maxConnections: 1 });
  try {
    const [row] = await database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM "${table}"`);
    return row?.n ?? 0;
  } finally {
    await database.close();
  }
}

describe('the commands, killed', () => {
  /** Runs a command until something is true, then kills it for good; answers its exit code, null where it was killed. */
  async function run(args: string[], env: Record<string, string>, until: (() => Promise<boolean>) | null): Promise<number | null> {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    if (until === null) return ended;
    let isOver = false;
    void ended.then(() => (isOver = true));
    await vi.waitFor(async () => expect(isOver || (await until())).toBe(true), { timeout: 25_000, interval: 1 });
    child.kill('SIGKILL');
    return ended;
  }

  it('leave what they can go on with', async () => {
    for (let i = 0; i < 150; i += 1) await world.upload(Buffer.from(`one of many ${i}`));
    const source = { DATABASE_URL: world.database.url, THROUGHLINE_DATA_DIR: world.config.dataDir };
    const saved = async () => (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name)).length;
    const killed = await run(['backup', folder], source, async () => (await saved()) > 20);
    const half = await readManifest(folder);
    const whole = await run(['backup', folder, '--json'], source, null);
    const target = await emptyTarget();
    await mkdir(join(target.dataDir, 'objects'), { recursive: true });
    const env = { DATABASE_URL: target.database.url, THROUGHLINE_DATA_DIR: target.dataDir };
    const stored = async () => (await readdir(join(target.dataDir, 'objects'), { recursive: true })).length;
    const killedToo = await run(['restore', folder], env, async () => (await stored()) > 60);
    const rows = await rowsIn(target.database.url, 'blob');
    const wholeToo = await run(['restore', folder], env, null);
    const again = await run(['restore', folder], env, null);
    expect({ killed, half, whole, killedToo, rows, wholeToo, again }).toEqual({
      killed: null,
      half: null,
      whole: 0,
      killedToo: null,
      rows: 0,
      wholeToo: 0,
      again: 1,
    });
    expect(await rowsIn(target.database.url, 'blob')).toBe(await rowsIn(world.database.url, 'blob'));
  });
});
