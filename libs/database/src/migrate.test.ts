import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { emptyTestDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

let test: TestDatabase;
let folder: string;
beforeEach(async () => {
  test = await emptyTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'throughline-migrations-'));
});
afterEach(async () => {
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

it('applies every migration of this release once', async () => {
  const applied = await migrate(test.database);
  expect(applied).toContain('20261123000000_init');
  expect(await migrate(test.database)).toEqual([]);
});

it('lets two servers that start together share the work', async () => {
  await write('1_slow', 'CREATE TABLE a (n int); SELECT pg_sleep(0.2)');
  await write('2_next', 'ALTER TABLE a ADD COLUMN m int');
  const other = openDatabase({ url: test.url });
  try {
    const done = await Promise.all([migrate(test.database, folder), migrate(other, folder)]);
    expect(done.flat().sort()).toEqual(['1_slow', '2_next']);
  } finally {
    await other.close();
  }
});

it('leaves nothing of a migration that fails, keeps those before it, and goes on from there', async () => {
  await write('1_good', 'CREATE TABLE a (n int)');
  await write('2_bad', 'CREATE TABLE b (n int); SELECT 1 / 0');
  await expect(migrate(test.database, folder)).rejects.toThrow('division by zero');
  expect(await test.database.sql("SELECT to_regclass('a') IS NOT NULL AS a, to_regclass('b') IS NOT NULL AS b")).toEqual([
    { a: true, b: false },
  ]);
  await write('2_bad', 'CREATE TABLE b (n int)');
  expect(await migrate(test.database, folder)).toEqual(['2_bad']);
});

it('refuses a migration that was edited after it was applied', async () => {
  await write('1_first', 'CREATE TABLE a (n int)');
  await migrate(test.database, folder);
  await write('1_first', 'CREATE TABLE a (n bigint)');
  await expect(migrate(test.database, folder)).rejects.toMatchObject({ kind: 'conflict', code: 'MIGRATION_EDITED' });
});

it('refuses a database that a newer release wrote', async () => {
  await write('1_first', 'CREATE TABLE a (n int)');
  await write('2_future', 'CREATE TABLE b (n int)');
  await migrate(test.database, folder);
  await rm(join(folder, '2_future'), { recursive: true });
  await expect(migrate(test.database, folder)).rejects.toMatchObject({ kind: 'conflict', code: 'DATABASE_IS_NEWER' });
});

it('refuses a database that cannot hold every name', async () => {
  const name = new URL(test.url).pathname.slice(1);
  const [server] = await test.database.sql<{ number: number }>("SELECT current_setting('server_version_num')::int AS number");
  // Before 15 there was one provider, and no word for it.
  const provider = (server?.number ?? 0) < 150_000 ? '' : 'LOCALE_PROVIDER libc';
  await test.database.sql(`CREATE DATABASE ${name}_latin ENCODING 'LATIN1' ${provider} LOCALE 'C' TEMPLATE template0`);
  const latin = openDatabase({ url: `${test.url}_latin` });
  try {
    await expect(migrate(latin, folder)).rejects.toMatchObject({ kind: 'conflict', code: 'DATABASE_NOT_UTF8' });
  } finally {
    await latin.close();
    await test.database.sql(`DROP DATABASE ${name}_latin WITH (FORCE)`);
  }
});
