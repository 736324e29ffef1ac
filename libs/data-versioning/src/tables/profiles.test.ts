// Profiles over a real database: what is queued, found, shared, put off and taken up again. Workers are ended as soon as nothing is left to do.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DomainError } from '@throughline/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { newCall, newWorld } from '../testing.ts';
import type { World } from '../testing.ts';
import type { DatasetVersion } from '../types.ts';
import type { ProfileState } from './profiles.ts';

const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
const vega = (name: string) => readFileSync(join(DATA, name));

let world: World;
beforeAll(async () => {
  world = await newWorld({ pollMs: 20, leaseMs: 600, retryMs: 1, maxTables: 3, maxBytes: 20_000_000 });
});
afterAll(() => world.end());
beforeEach(async () => {
  await world.database.sql('DELETE FROM profile_request');
  await world.database.sql('DELETE FROM table_profile');
});

/** Works until nothing is left that could be worked on now; answers what the workers had trouble with. */
async function work(workers = 1): Promise<unknown[]> {
  const errors: unknown[] = [];
  const end = new AbortController();
  const running = Array.from({ length: workers }, () =>
    world.data.profiles.run({ signal: end.signal, onError: (error) => errors.push(error) }),
  );
  await until(async () => (await open()) === 0);
  end.abort();
  await Promise.all(running);
  return errors;
}

async function open(): Promise<number> {
  const [row] = await world.database.sql<{ n: number }>(
    `SELECT (SELECT count(*) FROM profile_request)::int + (SELECT count(*) FROM table_profile WHERE state IN ('QUEUED', 'RUNNING'))::int AS n`,
  );
  return row?.n ?? 0;
}

const until = (isSo: () => Promise<boolean>) => vi.waitUntil(isSo, { timeout: 60_000, interval: 20 });

/** How far the tables of a version are, by path. */
async function states(version: DatasetVersion, call = world.call): Promise<Record<string, ProfileState>> {
  const page = (await world.data.profiles.tablesOf(call, [version.manifestId], { first: 100, after: null })).get(version.manifestId);
  const isRequested = (await world.data.profiles.requested(call, [version.id])).has(version.id);
  const tables = page?.items ?? [];
  const rows = await world.data.profiles.rows(
    call,
    tables.map(({ key }) => key),
  );
  return Object.fromEntries(
    tables.map((table, index) => [table.file.path, world.data.profiles.stateOf(table, { row: rows[index] ?? null, isRequested })]),
  );
}

async function profileOf(version: DatasetVersion, path: string) {
  const table = await world.data.profiles.findTable(world.call, version, path);
  const [profile = null] = table === null ? [] : await world.data.profiles.results(world.call, [table.key]);
  return profile;
}

const storedCount = async () => (await world.database.sql<{ n: number }>('SELECT count(*)::int AS n FROM table_profile'))[0]?.n;

describe('registering a version', () => {
  it('has its tables profiled, of every format, and leaves nothing on the disk', async () => {
    const { version } = await world.register('real', {
      'penguins.json': vega('penguins.json'),
      'flights.arrow': vega('flights-200k.arrow'),
      'flights.parquet': vega('flights-3m.parquet'),
      'readme.md': '# no table',
    });
    expect(await states(version)).toMatchObject({ 'penguins.json': { state: 'PENDING' }, 'flights.arrow': { state: 'PENDING' } });
    expect(await work()).toEqual([]);
    const after = await states(version);
    expect(Object.keys(after)).toEqual(['flights.arrow', 'flights.parquet', 'penguins.json']);
    for (const { state, profiledAt } of Object.values(after)) expect([state, profiledAt]).toEqual(['DONE', expect.any(Date)]);
    expect(await profileOf(version, 'penguins.json')).toMatchObject({ format: 'json', rowCount: 344, columnCount: 7 });
    expect(await profileOf(version, 'flights.parquet')).toMatchObject({ rowCount: 3_000_000 });
    expect(await readdir(world.scratchDir)).toEqual([]);
  });

  it('profiles the same content once, in whatever version and workspace it is', async () => {
    const other = newCall();
    const csv = 'a\nonce\n';
    const { version } = await world.register('one', { 'x.csv': csv, 'y.csv': csv });
    const { version: again } = await world.register('two', { 'z.csv': csv });
    const theirs = await world.data.versions.register(other, { dataset: 'theirs', manifestId: await world.files({ 'w.csv': csv }, other) });
    await work(2);
    expect(await storedCount()).toBe(1);
    for (const [one, call] of [[version], [again], [theirs.version, other]] as const) {
      for (const { state } of Object.values(await states(one, call))) expect(state).toBe('DONE');
    }
  });

  it('reads the same bytes as what each name says', async () => {
    const { version } = await world.register('named', { 'x.csv': 'a\tb\n1\t2\n', 'x.json': 'a\tb\n1\t2\n' });
    await work();
    expect(await states(version)).toMatchObject({
      'x.csv': { state: 'DONE' },
      'x.json': { state: 'FAILED', problem: { code: 'TABLE_UNREADABLE' } },
    });
  });

  it('says which tables it leaves out, and why', async () => {
    const { version } = await world.register('many', {
      'a.csv': 'a\n1\n',
      'b.csv': Buffer.alloc(20_000_001, 'x'),
      'c.csv': 'c\n1\n',
      'd.csv': 'd\n1\n',
    });
    await work();
    expect(await states(version)).toMatchObject({
      'a.csv': { state: 'DONE' },
      'b.csv': { state: 'SKIPPED', problem: { code: 'FILE_TOO_LARGE' } },
      'c.csv': { state: 'DONE' },
      'd.csv': { state: 'SKIPPED', problem: { code: 'TOO_MANY_TABLES' } },
    });
  });
});

describe('what is wrong with a table', () => {
  it('is its answer until somebody asks again', async () => {
    const { version } = await world.register('broken', { 'x.parquet': 'PAR1 nothing PAR1' });
    expect(await work()).toEqual([]);
    expect(await states(version)).toMatchObject({
      'x.parquet': { state: 'FAILED', problem: { kind: 'INVALID', code: 'TABLE_UNREADABLE' } },
    });
    await world.data.profiles.requestAgain(world.call, version);
    expect(await states(version)).toMatchObject({ 'x.parquet': { state: 'PENDING', problem: null, profiledAt: null } });
    await work();
    expect(await states(version)).toMatchObject({ 'x.parquet': { state: 'FAILED' } });
  });

  it('lets nobody ask again who may only read', async () => {
    const { version } = await world.register('read', { 'x.csv': 'a\n1\n' });
    const reader = { caller: { ...world.call.caller, scope: 'READ' as const } };
    await expect(world.data.profiles.requestAgain(reader, version)).rejects.toMatchObject({ code: 'SCOPE_TOO_SMALL' });
  });

  it('is that its bytes are damaged, where they are', async () => {
    const { version } = await world.register('damaged', { 'x.csv': 'a\ndamaged\n' });
    const file = await world.content.findEntry(world.call, version.manifestId, 'x.csv');
    await world.database.sql(`UPDATE blob SET integrity = 'DAMAGED', checked_at = now() WHERE sha256 = $1`, [
      Buffer.from(file?.sha256 ?? '', 'hex'),
    ]);
    await work();
    expect(await states(version)).toMatchObject({ 'x.csv': { state: 'FAILED', problem: { kind: 'CORRUPT' } } });
  });
});

describe('what is wrong with the machine', () => {
  it('is no answer: the table is tried again', async () => {
    const { version } = await world.register('later', { 'x.csv': 'a\nlater\n' });
    // Nothing can be stored where a file stands in the place of the folder.
    await rm(world.scratchDir, { recursive: true, force: true });
    await writeFile(world.scratchDir, '');
    const end = new AbortController();
    const errors: unknown[] = [];
    const running = world.data.profiles.run({ signal: end.signal, onError: (error) => errors.push(error) });
    await until(() => Promise.resolve(errors.some((error) => !(error instanceof DomainError) && String(error).includes('EEXIST'))));
    await until(async () => (await states(version))['x.csv']?.problem?.kind === 'UNAVAILABLE');
    await rm(world.scratchDir);
    await mkdir(world.scratchDir);
    await until(async () => (await states(version))['x.csv']?.state === 'DONE');
    end.abort();
    await running;
    expect((await states(version))['x.csv']).toMatchObject({ state: 'DONE', problem: null });
  });
});

describe('a worker that ends', () => {
  it('gives back what it was at, at once', async () => {
    const { version } = await world.register('ended', { 'x.parquet': vega('flights-3m.parquet') });
    const end = new AbortController();
    const running = world.data.profiles.run({ signal: end.signal });
    await until(async () => (await states(version))['x.parquet']?.state === 'RUNNING');
    end.abort();
    await running;
    expect(await states(version)).toMatchObject({ 'x.parquet': { state: 'PENDING' } });
    expect(await readdir(world.scratchDir)).toEqual([]);
  });

  it('by kill -9 leaves it to the next one, which takes its files away as well', async () => {
    const { version } = await world.register('killed', { 'x.parquet': vega('flights-3m.parquet') });
    const program = fileURLToPath(new URL('../testing-profiler.ts', import.meta.url));
    const child = spawn(process.execPath, [program, world.url, world.objectsDir, world.scratchDir], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    await until(async () => (await readdir(world.scratchDir)).length > 0);
    child.kill('SIGKILL');
    await ended;
    expect(await states(version)).toMatchObject({ 'x.parquet': { state: 'RUNNING' } });
    await work();
    expect(await states(version)).toMatchObject({ 'x.parquet': { state: 'DONE' } });
    expect(await readdir(world.scratchDir)).toEqual([]);
  });

  it('again and again in the same table has that left alone, until somebody asks', async () => {
    const { version } = await world.register('ending', { 'x.csv': 'a\nending\n' });
    await world.database.sql('DELETE FROM profile_request');
    await world.data.profiles.requestAgain(world.call, version);
    await world.database.sql(
      `UPDATE table_profile SET state = 'RUNNING', lost = 2, lease_id = gen_random_uuid(), lease_until = now() - interval '1 s'`,
    );
    await work();
    expect(await states(version)).toMatchObject({ 'x.csv': { state: 'FAILED', problem: { code: 'READING_NEVER_ENDED' } } });
    await world.data.profiles.requestAgain(world.call, version);
    await work();
    expect(await states(version)).toMatchObject({ 'x.csv': { state: 'DONE' } });
  });
});

describe('a profile and its bytes', () => {
  it('go together: it neither keeps them nor stays', async () => {
    const call = { caller: { ...world.call.caller, scope: 'ADMIN' as const } };
    await world.files({ 'x.csv': 'a\nunnamed\n' });
    const [blob] = await world.database.sql<{ sha256: Buffer }>(
      `SELECT b.sha256 FROM blob b LEFT JOIN manifest_entry e USING (sha256) WHERE e.path = 'x.csv' ORDER BY b.created_at DESC LIMIT 1`,
    );
    await world.database.sql(
      `INSERT INTO table_profile (sha256, format, workspace_id, size_bytes, state, result) VALUES ($1, '.csv', $2, 1, 'DONE', '{}')`,
      [blob?.sha256, world.call.caller.workspaceId],
    );
    await world.database.sql(`UPDATE blob SET last_put_at = now() - interval '2 days'`);
    await world.database.sql(`UPDATE manifest SET touched_at = now() - interval '2 days'`);
    const none = { manifestIds: new Set<string>(), fileSetIds: new Set<string>() };
    const removed = await world.content.collect(call, { dryRun: false, referencesOf: async () => Promise.resolve(none) });
    expect(removed.blobs).toBeGreaterThan(0);
    expect(await storedCount()).toBe(0);
  });
});
