// The database's side of a backup: which tables there are, and their rows out of it and into it, by COPY over one connection.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

import type { Database } from '@throughline/database';
import { DomainError, invariant } from '@throughline/kernel';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

import { writeWhole } from './disk.ts';
import { tableFile } from './format.ts';
import type { BackupManifest, BackupTable } from './format.ts';

export type Client = Awaited<ReturnType<Database['connect']>>;

/**
 * What is no data: uploads under way, whose bytes are in no blob yet; cards of runs, which are made anew from what they show, and what servers are
 * told about them; and what Prisma's book says, which the manifest tells itself.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(['_prisma_migrations', 'upload', 'direct_upload', 'run_card', 'run_change', 'run_removal']);

export interface Table {
  name: string;
  columns: string[];
}

/** The tables of the database by its own account, with the columns that are written: what a release adds is saved without a word here. */
export async function selectTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname`,
  );
  return rows.filter(({ name }) => !LEFT_OUT.has(name));
}

/** About how many rows there are, for showing how far a copy is. */
export async function estimateRows(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT coalesce(sum(greatest(reltuples, 0)), 0)::float8 AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  return rows[0]?.n ?? 0;
}

export async function selectSequences(client: Client): Promise<BackupManifest['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname`,
  );
  const sequences: BackupManifest['sequences'] = [];
  for (const { name } of rows) {
    const state = await client.query<{ value: string; isCalled: boolean }>(
      `SELECT last_value::text AS value, is_called AS "isCalled" FROM ${quoted(name)}`,
    );
    const [row] = state.rows;
    invariant(row !== undefined, 'a sequence has a state');
    sequences.push({ name, ...row });
  }
  return sequences;
}

export async function selectMigrations(client: Client): Promise<BackupManifest['migrations']> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows;
}

/** Writes the rows of a table, as the client's transaction sees them. */
export async function copyOut(client: Client, folder: string, data: string, table: Table): Promise<BackupTable> {
  const rows = client.query(copyTo(`COPY ${quoted(table.name)} (${table.columns.map(quoted).join(', ')}) TO STDOUT`));
  const compressed = createZstdCompress();
  const [written] = await Promise.all([writeWhole(tableFile(folder, data, table.name), compressed), pipeline(rows, compressed)]);
  return { ...table, rows: rows.rowCount, bytes: written.sizeBytes, sha256: written.sha256 };
}

/** Writes what a query answers, as the client's transaction sees it, one line a row with tabs between. */
export async function copyQuery(client: Client, query: string, path: string): Promise<{ rows: number; sha256: string }> {
  const rows = client.query(copyTo(`COPY (${query}) TO STDOUT`));
  const { sha256 } = await writeWhole(path, rows);
  return { rows: rows.rowCount, sha256 };
}

/** Loads a table's rows. Throws `corrupt` BACKUP_DAMAGED where they are other than the manifest says. */
export async function copyIn(client: Client, folder: string, data: string, table: BackupTable): Promise<void> {
  const into = client.query(copyFrom(`COPY ${quoted(table.name)} (${table.columns.map(quoted).join(', ')}) FROM STDIN`));
  await pipeline(createReadStream(tableFile(folder, data, table.name)), createZstdDecompress(), into);
  if (into.rowCount === table.rows) return;
  throw new DomainError({
    kind: 'corrupt',
    code: 'BACKUP_DAMAGED',
    message: `The backup holds ${into.rowCount} rows of ${table.name}, where it says ${table.rows}.`,
  });
}

export interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

/** The references between tables: taken off while rows are loaded in any order, and checked as a whole when they are put back. */
export async function dropForeignKeys(client: Client): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `SELECT c.conrelid::regclass::text AS table, quote_ident(c.conname) AS name, pg_get_constraintdef(c.oid) AS definition
     FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  );
  for (const { table, name } of rows) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  return rows;
}

export async function addForeignKeys(client: Client, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys) await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
}

/** A name as SQL takes it, whatever it is. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
