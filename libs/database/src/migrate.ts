// Applies prisma/migrations in the order of their names, each in a transaction of its own, under an advisory lock, so that two
// servers that start together are safe. It keeps Prisma's own book, the table _prisma_migrations with its checksums, so that
// Prisma's tools agree with it; unlike them it needs no downloaded engine. See docs/decisions for why.

import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DomainError } from '@throughline/kernel';
import type { PoolClient } from 'pg';

import type { Database } from './database.ts';

/** Any constant will do, as long as every server takes the same one: the first eight bytes of SHA-256("throughline migrations"). */
export const LOCK = '4276991804223148133';

/** Where the migrations stand in the repository. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

export const BOOK = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the database up to date and answers the names of the migrations that it applied. Waits for another server that is at it.
 * Throws `conflict` where an applied migration was edited afterwards, or where the database knows one that this release does not:
 * then a newer release wrote it, and an older server would misread it; or where the server is older than PostgreSQL 14 or not UTF8.
 */
export async function migrate(database: Database, directory: string = MIGRATIONS_DIR): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const client = await database.connect();
  try {
    // Another server may be at it for long, and so may a migration.
    await client.query('SET statement_timeout = 0');
    await client.query(`SELECT pg_advisory_lock(${LOCK})`);
    try {
      return await applyMissing(client, migrations);
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${LOCK})`);
      await client.query('RESET statement_timeout');
    }
  } finally {
    client.release();
  }
}

/** The oldest PostgreSQL that the migrations and the SQL of the stores are written for: 14, as `server_version_num` counts. */
const OLDEST = 140_000;

async function refuseUnfit(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number; encoding: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
            current_setting('server_encoding') AS encoding`,
  );
  const server = rows[0];
  if (server === undefined || server.number < OLDEST) {
    throw new DomainError({
      kind: 'conflict',
      code: 'POSTGRES_TOO_OLD',
      message: `The database is PostgreSQL ${server?.version ?? 'of no version'}; Throughline needs 14 or newer.`,
      hint: 'Upgrade it, or unset DATABASE_URL to use the PostgreSQL that comes along.',
    });
  }
  if (server.encoding !== 'UTF8') {
    throw new DomainError({
      kind: 'conflict',
      code: 'DATABASE_NOT_UTF8',
      message: `The database's encoding is ${server.encoding}; Throughline needs UTF8, or names would be lost.`,
      hint: "Make one with: CREATE DATABASE throughline ENCODING 'UTF8' TEMPLATE template0",
    });
  }
}

async function applyMissing(client: PoolClient, migrations: readonly Migration[]): Promise<string[]> {
  await refuseUnfit(client);
  await client.query(BOOK);
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const known = new Set(migrations.map((migration) => migration.name));
  const foreign = [...applied.keys()].find((name) => !known.has(name));
  if (foreign !== undefined) {
    throw new DomainError({
      kind: 'conflict',
      code: 'DATABASE_IS_NEWER',
      message: `The database holds the migration ${foreign}, which this release does not know: a newer release wrote it.`,
      hint: 'Start that release, or restore a backup from before the upgrade.',
    });
  }
  const done: string[] = [];
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) {
      await apply(client, migration);
      done.push(migration.name);
    } else if (checksum !== migration.checksum) {
      throw new DomainError({
        kind: 'conflict',
        code: 'MIGRATION_EDITED',
        message: `The migration ${migration.name} was edited after it was applied to this database.`,
        hint: 'Undo the edit and write a new migration instead.',
      });
    }
  }
  return done;
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
