// Bringing a backup back. Nothing that it holds is believed: every file's hash is looked at before its bytes are used. Stored files come
// first, then all rows in one transaction, so that a restore that is cut leaves the database as it was, and only files that the next
// one finds there. The tables are made as the release that wrote the backup had them, filled, and then brought up to date.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { newStorageKey } from '@throughline/content';
import { migrate, MIGRATIONS_DIR } from '@throughline/database';
import type { Database } from '@throughline/database';
import { conflict, DomainError, invalid } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';

import { listed } from './backup.ts';
import { inLanes, measure } from './disk.ts';
import { objectFile, OBJECTS_LIST, readManifest, tableFile } from './format.ts';
import type { BackupManifest, ListedFile } from './format.ts';
import { addForeignKeys, copyIn, dropForeignKeys, quoted, selectTables } from './tables.ts';
import type { Client, Table } from './tables.ts';

export interface RestoreOptions {
  /** Not brought up to date yet: its tables are made as the backup's release had them. */
  database: Database;
  objects: ObjectStore;
  folder: string;
  /** Replaces what the database holds, in the same transaction. Its stored files stay until they are collected. */
  force?: boolean;
  /** Reads and checks everything, and changes nothing. */
  dryRun?: boolean;
  onProgress?: (what: 'rows' | 'bytes', done: number, total: number) => void;
}

export interface RestoreReport {
  createdAt: string;
  /** The release that wrote the backup. */
  version: string;
  tables: number;
  rows: number;
  files: number;
  bytes: number;
  /** Files that the backup lacks, since the server had lost them; they are marked as damaged. */
  lost: number;
  dryRun: boolean;
}

const LANES = 4;

/** Brings a backup back. See the errors thrown below; whatever is thrown, the database is as it was. */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { folder, dryRun = false } = options;
  const manifest = await readManifest(folder);
  if (manifest === null) {
    throw invalid('NO_BACKUP', `${folder} holds no complete backup.`, {
      hint: 'Name the folder that npx throughline backup wrote; one that was cut is not complete.',
    });
  }
  await refuseUnknownMigrations(manifest);
  await checkRows(folder, manifest);
  if (dryRun) {
    await eachFile(options, manifest, (file) => checkSaved(folder, file));
  } else {
    await refuseUnfit(options);
    await withMigrationsOf(manifest, (directory) => migrateTo(options.database, directory));
    const moved = new Map<string, string>();
    await eachFile(options, manifest, async (file) => {
      const key = await bringFile(options, file);
      if (key !== file.storageKey) moved.set(file.sha256, key);
    });
    await loadRows(options, manifest, moved);
    await migrate(options.database);
  }
  return {
    createdAt: manifest.createdAt,
    version: manifest.version,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
    files: manifest.objects.count - manifest.objects.lost.length,
    bytes: manifest.objects.bytes,
    lost: manifest.objects.lost.length,
    dryRun,
  };
}

/** Throws `conflict` BACKUP_IS_NEWER where the backup's tables are of a release that this one does not know. */
async function refuseUnknownMigrations({ migrations, version }: BackupManifest): Promise<void> {
  for (const { name, checksum } of migrations) {
    const file = join(MIGRATIONS_DIR, name, 'migration.sql');
    const sql = existsSync(file) ? await readFile(file, 'utf8') : null;
    if (sql !== null && createHash('sha256').update(sql).digest('hex') === checksum) continue;
    throw conflict(
      'BACKUP_IS_NEWER',
      `The backup was made by release ${version}, with the migration ${name}, which this release does not have.`,
      {
        hint: 'Restore it with that release, or a newer one.',
      },
    );
  }
}

function damaged(what: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'BACKUP_DAMAGED',
    message: `The backup is damaged: ${what}. Nothing was restored.`,
    hint: 'Take another copy of the backup.',
  });
}

/** Looks at the hashes of all rows and of the list of files, before any of them is used. */
async function checkRows(folder: string, manifest: BackupManifest): Promise<void> {
  for (const { name, sha256 } of manifest.tables) {
    const there = await measure(tableFile(folder, manifest.data, name));
    if (there?.sha256 !== sha256)
      throw damaged(there === null ? `the rows of ${name} are missing` : `the rows of ${name} are not what was written`);
  }
  const list = await measure(join(folder, manifest.data, OBJECTS_LIST));
  if (list?.sha256 !== manifest.objects.sha256) throw damaged('the list of stored files is missing, or not what was written');
}

/** Throws `conflict` SERVER_RUNNING, TARGET_NOT_EMPTY. */
async function refuseUnfit({ database, force = false }: RestoreOptions): Promise<void> {
  const client = await database.connect();
  try {
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'throughline' AND pid <> pg_backend_pid()`,
    );
    if ((rows[0]?.n ?? 0) > 0) {
      throw conflict('SERVER_RUNNING', 'A server, or another command, works with this database.', { hint: 'Stop it, then restore.' });
    }
    if (!force) await refuseFull(client);
  } finally {
    client.release();
  }
}

/** What a server makes at its first start is not worth keeping. */
const FROM_THE_START: ReadonlySet<string> = new Set(['workspace', 'principal', 'purge_job', 'purge_item']);

async function refuseFull(client: Client): Promise<void> {
  for (const { name } of await selectTables(client)) {
    if (FROM_THE_START.has(name)) continue;
    const beside = name === 'experiment' ? 'WHERE experiment_id <> 0' : '';
    const { rows } = await client.query(`SELECT 1 FROM ${quoted(name)} ${beside} LIMIT 1`);
    if (rows.length === 0) continue;
    throw conflict('TARGET_NOT_EMPTY', `The database is not empty: the table ${name} holds rows. Nothing was changed.`, {
      hint: 'Restore into an empty one (another THROUGHLINE_DATA_DIR or DATABASE_URL), or replace everything that it holds with --force.',
    });
  }
}

/** Runs work with a folder that holds just the migrations of the backup. */
async function withMigrationsOf(manifest: BackupManifest, work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-migrations-'));
  try {
    for (const { name } of manifest.migrations) await cp(join(MIGRATIONS_DIR, name), join(directory, name), { recursive: true });
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function migrateTo(database: Database, directory: string): Promise<void> {
  try {
    await migrate(database, directory);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'DATABASE_IS_NEWER')) throw error;
    throw conflict('TARGET_IS_NEWER', 'The database has the tables of a newer release than the backup. Nothing was changed.', {
      hint: 'Restore into a database that no server ever used (another THROUGHLINE_DATA_DIR or DATABASE_URL); it is brought up to date afterwards.',
    });
  }
}

async function eachFile(
  { folder, onProgress }: RestoreOptions,
  manifest: BackupManifest,
  work: (file: ListedFile) => Promise<void>,
): Promise<void> {
  const lost = new Set(manifest.objects.lost.map(({ sha256 }) => sha256));
  let bytes = 0;
  await inLanes(listed(folder, manifest.data), LANES, async (file) => {
    if (!lost.has(file.sha256)) await work(file);
    bytes += file.sizeBytes;
    onProgress?.('bytes', bytes, manifest.objects.bytes);
  });
}

async function checkSaved(folder: string, { sha256 }: ListedFile): Promise<void> {
  const there = await measure(objectFile(folder, sha256));
  if (there?.sha256 !== sha256) throw damaged(`the stored file ${sha256} is ${there === null ? 'missing' : 'not what was written'}`);
}

/**
 * Puts a file into the store, under the key that its row names; answers the key. Where that key holds the file already, nothing is written; where it
 * holds other bytes, the file gets another key: no object is ever overwritten.
 */
async function bringFile({ folder, objects }: RestoreOptions, file: ListedFile): Promise<string> {
  const held = await objects.head(file.storageKey);
  if (held !== null && held.sizeBytes === file.sizeBytes && (await hashOf(objects, file.storageKey)) === file.sha256)
    return file.storageKey;
  const key = held === null ? file.storageKey : newStorageKey();
  await objects.put(key, checkedBody(folder, file), { sizeBytes: file.sizeBytes });
  return key;
}

async function hashOf(objects: ObjectStore, key: string): Promise<string> {
  const hash = createHash('sha256');
  const { body } = await objects.get(key);
  for await (const chunk of body) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** The bytes of a saved file. What the generator throws passes through `put`, which then has stored nothing: so the hash is looked at inside. */
async function* checkedBody(folder: string, { sha256, sizeBytes }: ListedFile): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(objectFile(folder, sha256), { highWaterMark: 256 * 1024 })) {
      hash.update(chunk as Uint8Array);
      size += (chunk as Uint8Array).byteLength;
      if (size > sizeBytes) break;
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') throw damaged(`the stored file ${sha256} is missing`);
    throw error;
  }
  if (size !== sizeBytes || hash.digest('hex') !== sha256) throw damaged(`the stored file ${sha256} is not what was written`);
}

/** Loads all rows in one transaction. `moved` are files that lie under another key than their row says. */
async function loadRows(options: RestoreOptions, manifest: BackupManifest, moved: ReadonlyMap<string, string>): Promise<void> {
  const { database, folder, force = false, onProgress } = options;
  const client = await database.connect();
  let isDone = false;
  try {
    await client.query(`BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '30s';
      SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL client_encoding = 'UTF8'`);
    const tables = await selectTables(client);
    refuseOtherTables(manifest.tables, tables);
    await client.query(`LOCK TABLE ${tables.map(({ name }) => quoted(name)).join(', ')} IN ACCESS EXCLUSIVE MODE`);
    if (!force) await refuseFull(client);
    const { rows: all } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations'`,
    );
    await client.query(`TRUNCATE ${all.map(({ name }) => quoted(name)).join(', ')}`);
    const keys = await dropForeignKeys(client);
    const total = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    let loaded = 0;
    for (const table of manifest.tables) {
      // Rules for new facts, such as that a history is only added to, do not hold for facts that were.
      await client.query(`ALTER TABLE ${quoted(table.name)} DISABLE TRIGGER USER`);
      await copyIn(client, folder, manifest.data, table);
      await client.query(`ALTER TABLE ${quoted(table.name)} ENABLE TRIGGER USER`);
      onProgress?.('rows', (loaded += table.rows), total);
    }
    await addForeignKeys(client, keys);
    for (const { name, value, isCalled } of manifest.sequences)
      await client.query(`SELECT setval($1::regclass, $2, $3)`, [quoted(name), value, isCalled]);
    await settle(
      client,
      manifest,
      moved,
      tables.map(({ name }) => name),
    );
    await client.query('COMMIT');
    isDone = true;
  } finally {
    // Where it failed, the end of the session rolls everything back.
    client.release(!isDone);
  }
}

/** Rows that the manifest does not tell of would be lost without a word: its tables and columns have to be those that its migrations made. */
function refuseOtherTables(saved: readonly Table[], made: readonly Table[]): void {
  const columnsOf = (tables: readonly Table[]) => new Map(tables.map(({ name, columns }) => [name, [...columns].sort().join(', ')]));
  const [told, known] = [columnsOf(saved), columnsOf(made)];
  const other = [...known.keys(), ...told.keys()].find((name) => told.get(name) !== known.get(name));
  if (other !== undefined) throw damaged(`it does not tell of the table ${other} as its migrations make it`);
}

/** What is true of the copy and was not of the original. */
async function settle(
  client: Client,
  manifest: BackupManifest,
  moved: ReadonlyMap<string, string>,
  tables: readonly string[],
): Promise<void> {
  for (const [sha256, key] of moved) {
    await client.query(`UPDATE blob SET storage_key = $2 WHERE sha256 = $1`, [Buffer.from(sha256, 'hex'), key]);
  }
  await client.query(`UPDATE blob SET integrity = 'DAMAGED', checked_at = $2, checked_by = 'restore' WHERE sha256 = ANY ($1::bytea[])`, [
    manifest.objects.lost.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
    manifest.createdAt,
  ]);
  // Nobody who restores wants what was being deleted to be deleted on: they can ask for it again.
  if (tables.includes('purge_job')) {
    await client.query(
      `UPDATE purge_job SET state = 'FAILED', error = 'It was under way when the backup was made.', finished_at = $1, lease_id = NULL, lease_until = NULL
       WHERE state IN ('QUEUED', 'RUNNING')`,
      [manifest.createdAt],
    );
  }
  // The original sends these. Sent again by a copy, they would tell of the past as if it happened now.
  if (tables.includes('webhook_delivery')) {
    await client.query(
      `UPDATE webhook_delivery SET state = 'FAILED', error = 'It was waiting when the backup was made.', finished_at = $1 WHERE state = 'PENDING'`,
      [manifest.createdAt],
    );
  }
}
