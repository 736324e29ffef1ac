// The deep look: every stored file is read and hashed, every manifest is written out again and hashed, and every object in the store is
// looked for in the rows. What is missing or damaged is told by hash, so that whoever still has the content can upload it again, which heals it.

import { createHash } from 'node:crypto';

import { BLOB_PREFIX, digestOf, selectNamedKeys } from '@throughline/content';
import type { ManifestEntry, ManifestKind } from '@throughline/content';
import type { Database } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import type { ListedObject, ObjectStore } from '@throughline/object-store';

import { inLanes } from '../backup/disk.ts';
import { refuseEmptyStore } from '../objects.ts';

export interface DeepOptions {
  database: Database;
  objects: ObjectStore;
  /** Writes down what was found about each blob, as a verification does. Nothing else is ever changed. */
  fix: boolean;
  now?: () => Date;
  onProgress?: (done: number, total: number) => void;
}

export interface Found<T> {
  count: number;
  /** The first of them. */
  first: T[];
}

export interface DeepReport {
  files: number;
  bytes: number;
  /** Rows without an object, by SHA-256. */
  missing: Found<string>;
  /** Objects whose bytes are not what was stored, by SHA-256. */
  damaged: Found<string>;
  /** Objects that no row names, older than the grace period, by key. */
  orphaned: Found<string> & { bytes: number };
  /** Manifests whose rows do not make their digest. */
  wrongManifests: Found<string>;
  manifests: number;
}

const PAGE = 500;
const LANES = 2;
const SHOWN = 100;
/** The collector's: what is younger may be on its way into a row. */
const GRACE_MS = 86_400_000;

interface BlobRow {
  sha256: string;
  storageKey: string;
  sizeBytes: number;
}

function found<T>(): Found<T> {
  return { count: 0, first: [] };
}

function add<T>(to: Found<T>, one: T): void {
  to.count += 1;
  if (to.first.length < SHOWN) to.first.push(one);
}

/** Looks at everything. */
export async function lookDeep(options: DeepOptions): Promise<DeepReport> {
  const report: DeepReport = {
    files: 0,
    bytes: 0,
    missing: found(),
    damaged: found(),
    orphaned: { ...found<string>(), bytes: 0 },
    wrongManifests: found(),
    manifests: 0,
  };
  await readFiles(options, report);
  await checkManifests(options.database, report);
  await findOrphans(options, report);
  return report;
}

async function* blobsOf(database: Database): AsyncGenerator<BlobRow, void, undefined> {
  for (let behind: string | null = null; ;) {
    const rows: BlobRow[] = await database.sql<BlobRow>(
      `SELECT encode(sha256, 'hex') AS sha256, storage_key AS "storageKey", size_bytes AS "sizeBytes" FROM blob
       WHERE $1::bytea IS NULL OR sha256 > $1 ORDER BY sha256 LIMIT ${PAGE}`,
      [behind === null ? null : Buffer.from(behind, 'hex')],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    behind = last.sha256;
  }
}

async function readFiles({ database, objects, fix, now = () => new Date(), onProgress }: DeepOptions, report: DeepReport): Promise<void> {
  const [sum] = await database.sql<{ bytes: number }>('SELECT coalesce(sum(size_bytes), 0)::int8 AS bytes FROM blob');
  const total = sum?.bytes ?? 0;
  await inLanes(blobsOf(database), LANES, async (blob) => {
    const state = await stateOf(database, objects, blob);
    // Before anything is written down: an empty store says more about the settings than about the files.
    if (state === 'MISSING' && report.missing.count === 0) await refuseEmptyStore(objects);
    report.files += 1;
    report.bytes += blob.sizeBytes;
    if (state === 'MISSING') add(report.missing, blob.sha256);
    if (state === 'DAMAGED') add(report.damaged, blob.sha256);
    if (fix && state !== 'GONE') await record(database, blob, state === 'INTACT' ? 'INTACT' : 'DAMAGED', now());
    onProgress?.(report.bytes, Math.max(total, report.bytes));
  });
}

/** GONE where the row is not there any more, or names another object: somebody collected or healed it meanwhile. */
async function stateOf(database: Database, objects: ObjectStore, blob: BlobRow): Promise<'INTACT' | 'MISSING' | 'DAMAGED' | 'GONE'> {
  const state = await read(objects, blob);
  if (state === 'INTACT') return state;
  const rows = await database.sql('SELECT 1 FROM blob WHERE sha256 = $1 AND storage_key = $2', [
    Buffer.from(blob.sha256, 'hex'),
    blob.storageKey,
  ]);
  return rows.length === 0 ? 'GONE' : state;
}

async function read(objects: ObjectStore, { sha256, storageKey, sizeBytes }: BlobRow): Promise<'INTACT' | 'MISSING' | 'DAMAGED'> {
  try {
    const object = await objects.get(storageKey);
    const hash = createHash('sha256');
    for await (const chunk of object.body) hash.update(chunk as Uint8Array);
    return object.sizeBytes === sizeBytes && hash.digest('hex') === sha256 ? 'INTACT' : 'DAMAGED';
  } catch (error) {
    if (error instanceof DomainError && error.code === 'OBJECT_NOT_FOUND') return 'MISSING';
    if (error instanceof DomainError && error.kind === 'corrupt') return 'DAMAGED';
    throw error;
  }
}

async function record(database: Database, { sha256, storageKey }: BlobRow, integrity: 'INTACT' | 'DAMAGED', now: Date): Promise<void> {
  await database.sql(
    `UPDATE blob SET integrity = $3::"Integrity", checked_at = $4, checked_by = 'doctor' WHERE sha256 = $1 AND storage_key = $2`,
    [Buffer.from(sha256, 'hex'), storageKey, integrity, now],
  );
}

async function checkManifests(database: Database, report: DeepReport): Promise<void> {
  for (let behind: string | null = null; ;) {
    const rows: { id: string; digest: string; kind: ManifestKind }[] = await database.sql(
      `SELECT id, encode(digest, 'hex') AS digest, kind::text AS kind FROM manifest WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT ${PAGE}`,
      [behind],
    );
    for (const { id, digest, kind } of rows) {
      const entries = await database.sql<ManifestEntry>(
        `SELECT e.path, encode(e.sha256, 'hex') AS sha256, encode(b.md5, 'hex') AS md5, b.size_bytes AS "sizeBytes", e.executable
         FROM manifest_entry e JOIN blob b ON b.sha256 = e.sha256 WHERE e.manifest_id = $1 ORDER BY e.path`,
        [id],
      );
      report.manifests += 1;
      if (!makes(digest, kind, entries) && (await isThere(database, id))) add(report.wrongManifests, digest);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    behind = last.id;
  }
}

function makes(digest: string, kind: ManifestKind, entries: readonly ManifestEntry[]): boolean {
  try {
    return digestOf({ kind, entries }) === digest;
  } catch (error) {
    // Rows that are not even a manifest do not make this one.
    if (error instanceof DomainError) return false;
    throw error;
  }
}

async function isThere(database: Database, id: string): Promise<boolean> {
  return (await database.sql('SELECT 1 FROM manifest WHERE id = $1', [id])).length > 0;
}

async function findOrphans({ database, objects, now = () => new Date() }: DeepOptions, report: DeepReport): Promise<void> {
  const before = new Date(now().getTime() - GRACE_MS);
  const sweep = async (batch: readonly ListedObject[]) => {
    const named = await selectNamedKeys(
      database,
      batch.map(({ key }) => key),
    );
    for (const { key, sizeBytes } of batch) {
      if (named.has(key)) continue;
      add(report.orphaned, key);
      report.orphaned.bytes += sizeBytes;
    }
  };
  let batch: ListedObject[] = [];
  for await (const object of objects.list(BLOB_PREFIX)) {
    if (object.modifiedAt >= before) continue;
    batch.push(object);
    if (batch.length < PAGE) continue;
    await sweep(batch);
    batch = [];
  }
  await sweep(batch);
}
