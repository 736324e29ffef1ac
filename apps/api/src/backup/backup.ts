// Making a backup beside a running server. The rows come first, all of one moment: one transaction that sees one snapshot. Then the stored
// files that those rows name are copied. They never change, and the collector deletes none of them as long as we hold its lock, so that what
// the rows of that moment name is there, however long the copying takes.
//
// Whatever is written is whole when it has its name, and nothing that the last backup in the folder needs is touched before the new one's
// manifest takes its place. So a backup that is cut leaves the one before, and the next one goes on with the files that are there.

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { COLLECTION_LOCK } from '@throughline/content';
import type { Database } from '@throughline/database';
import { conflict, DomainError, invalid } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';

import { refuseEmptyStore } from '../objects.ts';
import { VERSION } from '../version.ts';
import { errnoOf, inLanes, measure, PARTIAL, textBody, writeWhole } from './disk.ts';
import type { Written } from './disk.ts';
import { MANIFEST_FILE, MARK_FILE, objectFile, OBJECTS_FOLDER, OBJECTS_LIST, readListed, readManifest } from './format.ts';
import type { BackupManifest, ListedFile } from './format.ts';
import { copyOut, copyQuery, estimateRows, selectMigrations, selectSequences, selectTables } from './tables.ts';
import type { Client } from './tables.ts';

export interface BackupOptions {
  database: Database;
  objects: ObjectStore;
  /** Made where it is missing. Throws `conflict` NOT_A_BACKUP where it holds anything but a backup. */
  folder: string;
  /** Trusts files that an earlier backup left by their size, instead of reading them again. */
  quick?: boolean;
  now?: () => Date;
  /** Told how far it is; rows are estimated until they were read. */
  onProgress?: (what: 'rows' | 'bytes', done: number, total: number) => void;
}

export interface BackupReport {
  folder: string;
  createdAt: string;
  tables: number;
  rows: number;
  files: number;
  bytes: number;
  /** How many files were not there from an earlier backup. */
  copiedFiles: number;
  copiedBytes: number;
  /** Stored files that the server has lost, and no earlier backup in the folder holds. */
  lost: BackupManifest['objects']['lost'];
}

const LANES = 4;
/** One backup of a server at a time: the first eight bytes of SHA-256("throughline backup"). */
const BACKUP_LOCK = '3035192576734379310';
const MARK = `A backup of Throughline. It is complete where ${MANIFEST_FILE} is; npx throughline restore brings it back.\n`;

/** Makes a backup, or brings the one in the folder up to date. */
export async function makeBackup(options: BackupOptions): Promise<BackupReport> {
  const { database, folder, now = () => new Date() } = options;
  const last = await prepareFolder(folder);
  const client = await database.connect();
  const connection = watch(client);
  try {
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${BACKUP_LOCK}) AS mine`);
    if (rows[0]?.mine !== true)
      throw conflict('BACKUP_UNDER_WAY', 'Another backup of this server is under way.', { hint: 'Wait for its end.' });
    // Waits for a step of a collection that is under way; the next one finds that it has to wait for us.
    await client.query(`SELECT pg_advisory_lock(${COLLECTION_LOCK})`);
    await removeRows(folder, last?.data);
    const data = `data-${randomUUID()}`;
    const createdAt = now().toISOString();
    const rowsOf = await copyRows(client, options, data);
    const files = await copyFiles(options, data, connection.check);
    const manifest: BackupManifest = {
      format: 1,
      version: VERSION,
      createdAt,
      data,
      ...rowsOf.manifest,
      objects: { count: files.count, bytes: files.bytes, sha256: rowsOf.listSha256, lost: files.lost },
    };
    await writeWhole(join(folder, MANIFEST_FILE), textBody(`${JSON.stringify(manifest, null, 2)}\n`));
    await tidy(folder, manifest);
    // Before anybody is told that it is done: the end of the session, which gives them back as well, comes some time after it was asked for.
    await client.query('SELECT pg_advisory_unlock_all()');
    return {
      folder,
      createdAt,
      tables: manifest.tables.length,
      rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
      files: files.count,
      bytes: files.bytes,
      copiedFiles: files.copiedFiles,
      copiedBytes: files.copiedBytes,
      lost: files.lost,
    };
  } finally {
    connection.end();
    // The settings of the session go with it; after a failure, its locks too.
    client.release(true);
  }
}

/** Fails as soon as the connection that holds the locks is lost: from then on files might be collected. */
function watch(client: Client): { check: () => void; end: () => void } {
  let lost: unknown = null;
  const onLost = (error?: unknown) => (lost ??= error ?? new Error('the connection ended'));
  client.on('error', onLost);
  client.on('end', onLost);
  return {
    check() {
      if (lost === null) return;
      throw new DomainError({
        kind: 'unavailable',
        code: 'DATABASE_UNAVAILABLE',
        message: 'The connection to the database was lost on the way; the backup is not complete.',
        hint: 'Run it again: files that were copied already are not copied again.',
        cause: lost,
      });
    },
    end() {
      client.off('error', onLost);
      client.off('end', onLost);
    },
  };
}

/** Makes the folder ready, and answers what the backup in it says. */
async function prepareFolder(folder: string): Promise<BackupManifest | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw invalid('FOLDER_UNUSABLE', `The folder ${folder} cannot be made (${errnoOf(error) ?? 'unknown'}).`);
  });
  const names = await readdir(folder);
  if (names.length > 0 && !names.includes(MARK_FILE)) {
    throw conflict('NOT_A_BACKUP', `${folder} holds files, but no backup; nothing was touched.`, {
      hint: 'Name an empty folder, a new one, or one with a backup.',
    });
  }
  // One that cannot be read must not be replaced without a word.
  const manifest = await readManifest(folder);
  if (names.length === 0) await writeWhole(join(folder, MARK_FILE), textBody(MARK));
  return manifest;
}

/** Removes the rows of all backups but one: of those that were cut, too, or every night on a full disk would leave some. */
async function removeRows(folder: string, kept: string | undefined): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('data-') && name !== kept) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function copyRows(client: Client, { folder, onProgress }: BackupOptions, data: string) {
  // In text, so that a reader of another release, with other settings, reads the same values.
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC';
    SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL client_encoding = 'UTF8'`);
  const total = await estimateRows(client);
  const tables: BackupManifest['tables'] = [];
  let rows = 0;
  for (const table of await selectTables(client)) {
    const copied = await copyOut(client, folder, data, table);
    tables.push(copied);
    rows += copied.rows;
    onProgress?.('rows', rows, Math.max(total, rows));
  }
  const migrations = await selectMigrations(client);
  const list = `SELECT encode(sha256, 'hex'), size_bytes, storage_key FROM blob ORDER BY sha256`;
  const { sha256: listSha256 } = await copyQuery(client, list, join(folder, data, OBJECTS_LIST));
  // After the rows, and outside of their snapshot: no sequence may fall behind them.
  const sequences = await selectSequences(client);
  await client.query('COMMIT');
  return { manifest: { migrations, tables, sequences }, listSha256 };
}

/** Copies the stored files of the list that are not there yet. */
async function copyFiles({ database, objects, folder, quick = false, onProgress }: BackupOptions, data: string, check: () => void) {
  const found = { count: 0, bytes: 0, copiedFiles: 0, copiedBytes: 0, lost: new Array<BackupManifest['objects']['lost'][number]>() };
  let total = 0;
  for await (const file of listed(folder, data)) total += file.sizeBytes;
  await inLanes(listed(folder, data), LANES, async (file) => {
    check();
    const path = objectFile(folder, file.sha256);
    const isThere = await isWhole(path, file, quick);
    const why = isThere ? null : await copyFile(objects, path, file, (sha256) => keyOf(database, sha256));
    found.count += 1;
    found.bytes += file.sizeBytes;
    if (why !== null) found.lost.push({ sha256: file.sha256, sizeBytes: file.sizeBytes, why });
    else if (!isThere) {
      found.copiedFiles += 1;
      found.copiedBytes += file.sizeBytes;
    }
    onProgress?.('bytes', found.bytes, total);
  });
  check();
  if (found.lost.length > 0) await refuseEmptyStore(objects);
  found.lost.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  return found;
}

/** Reads the list of stored files; a line at a time, since there may be millions. */
export async function* listed(folder: string, data: string): AsyncGenerator<ListedFile, void, undefined> {
  for await (const line of createInterface({ input: createReadStream(join(folder, data, OBJECTS_LIST)), crlfDelay: Infinity })) {
    yield readListed(line);
  }
}

async function isWhole(path: string, file: ListedFile, quick: boolean): Promise<boolean> {
  if (quick) return (await sizeOf(path)) === file.sizeBytes;
  const there = await measure(path);
  return there?.sha256 === file.sha256;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

class Damaged extends Error {}

/** Copies one stored file; answers why it could not, where the server itself has lost it. */
async function copyFile(
  objects: ObjectStore,
  path: string,
  file: ListedFile,
  keyNow: (sha256: string) => Promise<string | null>,
): Promise<'MISSING' | 'DAMAGED' | null> {
  const why = await copyObject(objects, path, file, file.storageKey);
  if (why === null) return null;
  // Content that arrived again since then heals a loss: it lies under another key.
  const key = await keyNow(file.sha256);
  return key === null || key === file.storageKey ? why : copyObject(objects, path, file, key);
}

async function copyObject(objects: ObjectStore, path: string, file: ListedFile, key: string): Promise<'MISSING' | 'DAMAGED' | null> {
  try {
    const { body } = await objects.get(key);
    await writeWhole(path, body as AsyncIterable<Uint8Array>, (written: Written) => {
      if (written.sha256 !== file.sha256) throw new Damaged();
    });
    return null;
  } catch (error) {
    if (error instanceof Damaged || (error instanceof DomainError && error.kind === 'corrupt')) return 'DAMAGED';
    if (error instanceof DomainError && error.code === 'OBJECT_NOT_FOUND') return 'MISSING';
    throw error;
  }
}

async function keyOf(database: Database, sha256: string): Promise<string | null> {
  const [row] = await database.sql<{ key: string }>('SELECT storage_key AS key FROM blob WHERE sha256 = $1', [Buffer.from(sha256, 'hex')]);
  return row?.key ?? null;
}

/** Removes what belongs to no backup any more: rows of earlier ones, files that nothing names now, and what was cut while it was written. */
async function tidy(folder: string, manifest: BackupManifest): Promise<void> {
  await removeRows(folder, manifest.data);
  const groups = await readdir(join(folder, OBJECTS_FOLDER)).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  // The list is sorted, as the groups are: one group's names are held at a time.
  const files = listed(folder, manifest.data);
  let next = await files.next();
  for (const group of groups.sort()) {
    const named = new Set<string>();
    while (next.done !== true && next.value.sha256.slice(0, 2) <= group) {
      named.add(next.value.sha256);
      next = await files.next();
    }
    for (const name of await readdir(join(folder, OBJECTS_FOLDER, group))) {
      if (!named.has(name)) await rm(join(folder, OBJECTS_FOLDER, group, name), { force: true });
    }
  }
  for (const name of await readdir(folder)) if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
}
