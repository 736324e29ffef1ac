// Real databases for tests: each call gets a fresh one with every migration applied, copied from a template that is migrated once
// a cluster. The template's name carries a hash of the migrations, so an edited one is never mistaken for the old.

import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { migrate, MIGRATIONS_DIR } from './migrate.ts';

/** The variable that names the cluster: a superuser's URL. scripts/test.mjs sets it, else this package's testing-setup does. */
export const TEST_POSTGRES = 'THROUGHLINE_TEST_POSTGRES';

export interface TestDatabase {
  database: Database;
  url: string;
  /** Every statement so far, oldest first. Empty it to count anew: `statements.length = 0`. */
  statements: string[];
  /** Closes the database and removes it. */
  drop(): Promise<void>;
}

/** A fresh database with every migration applied. Drop it in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const template = await templateOnce();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return openTest(name);
}

/** A fresh database without any table, for tests of the migrations themselves. */
export async function emptyTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withAdmin((admin) => admin.query(`CREATE DATABASE ${name}`));
  return openTest(name);
}

function openTest(name: string): TestDatabase {
  const url = urlOf(name);
  const statements: string[] = [];
  const database = openDatabase({ url, maxConnections: 5, onStatement: (text) => statements.push(text) });
  return {
    database,
    url,
    statements,
    async drop() {
      await database.close();
      await withAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

let template: Promise<string> | undefined;

function templateOnce(): Promise<string> {
  template ??= makeTemplate();
  return template;
}

async function makeTemplate(): Promise<string> {
  const name = `template_${await hashOfMigrations()}`;
  await withAdmin(async (admin) => {
    // Test files run side by side, in processes of their own: one makes the template, the others wait for it here.
    await admin.query("SELECT pg_advisory_lock(hashtext('throughline test template'))");
    const { rows } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rows.length > 0) return;
    const half = `half_${randomBytes(8).toString('hex')}`;
    await admin.query(`CREATE DATABASE ${half}`);
    const database = openDatabase({ url: urlOf(half), maxConnections: 1 });
    try {
      await migrate(database);
    } finally {
      await database.close();
    }
    await admin.query(`ALTER DATABASE ${half} RENAME TO ${name}`);
  });
  return name;
}

async function hashOfMigrations(): Promise<string> {
  const hash = createHash('sha256');
  const folders = (await readdir(MIGRATIONS_DIR, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\n`).update(await readFile(join(MIGRATIONS_DIR, name, 'migration.sql')));
  }
  return hash.digest('hex').slice(0, 16);
}

function adminUrl(): string {
  const url = process.env[TEST_POSTGRES];
  if (url === undefined) {
    throw new Error(
      `${TEST_POSTGRES} is not set; name '@throughline/database/testing-setup' as globalSetup in this project's vitest.config.ts.`,
    );
  }
  return url;
}

function urlOf(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** One session as the superuser; ending it gives back its advisory locks. */
async function withAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
