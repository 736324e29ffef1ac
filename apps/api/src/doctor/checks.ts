// What can be looked at in a second: the settings, the database, the disk, the store, the clock. Each check answers in one line, with what to
// do where something is wrong; one that fails ends none of the others.

import { randomUUID } from 'node:crypto';
import { readdir, statfs } from 'node:fs/promises';

import { MIGRATIONS_DIR } from '@throughline/database';
import type { Database } from '@throughline/database';
import { DomainError, humanBytes } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';
import { checkSecrets } from '@throughline/registry';

import type { Config } from '../config.ts';
import { findSecretKey } from '../secret-key.ts';

export type CheckState = 'OK' | 'WARNING' | 'PROBLEM';

export interface Check {
  name: string;
  state: CheckState;
  message: string;
  hint?: string;
  details?: Readonly<Record<string, unknown>>;
}

const LOW_BYTES = 5e9;
const FULL_BYTES = 200e6;
/** Leases and grace periods have room for this between the clocks of servers and of the database. */
const CLOCK_MS = 5_000;
/** Webhooks that are named. */
const SHOWN = 10;

/** Runs a check; what it throws is its answer. */
export async function checked(name: string, work: () => Promise<Omit<Check, 'name'>>): Promise<Check> {
  try {
    return { name, ...(await work()) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, state: 'PROBLEM', message, ...(error instanceof DomainError && error.hint !== undefined ? { hint: error.hint } : {}) };
  }
}

/** The settings were read already; what they mean together is said here. */
export function checkConfiguration(config: Config): Omit<Check, 'name'> {
  const database = config.databaseUrl === null ? `PostgreSQL that comes along, in ${config.dataDir}` : 'PostgreSQL of DATABASE_URL';
  const store =
    config.objects.kind === 'filesystem'
      ? `files in ${config.objects.root}`
      : `files in the bucket ${config.objects.bucket} at ${config.objects.endpoint}`;
  return { state: 'OK', message: `${database}; ${store}; Node ${process.versions.node}` };
}

export async function checkDatabase(database: Database): Promise<Omit<Check, 'name'>> {
  const [server] = await database.sql<{ version: string; number: number; sizeBytes: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       pg_database_size(current_database()) AS "sizeBytes"`,
  );
  const message = `PostgreSQL ${server?.version ?? '?'}, ${humanBytes(server?.sizeBytes ?? 0)}`;
  if ((server?.number ?? 0) >= 140_000) return { state: 'OK', message };
  return { state: 'PROBLEM', message: `${message}: Throughline needs 14 or newer.`, hint: 'Upgrade it, or unset DATABASE_URL.' };
}

export async function checkMigrations(database: Database): Promise<Omit<Check, 'name'>> {
  const [book] = await database.sql<{ there: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
  if (book?.there !== true)
    return { state: 'WARNING', message: 'The database has no tables yet.', hint: 'The server makes them when it starts.' };
  const applied = await database.sql<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL`,
  );
  const known = (await readdir(MIGRATIONS_DIR)).filter((name) => /^\d{14}_/.test(name));
  const missing = known.filter((name) => !applied.some((one) => one.name === name));
  const foreign = applied.find(({ name }) => !known.includes(name));
  if (foreign !== undefined) {
    return { state: 'PROBLEM', message: `A newer release wrote to this database (${foreign.name}).`, hint: 'Start that release.' };
  }
  if (missing.length > 0) {
    return {
      state: 'WARNING',
      message: `${missing.length} of ${known.length} migrations are missing.`,
      hint: 'The server applies them when it starts.',
    };
  }
  return { state: 'OK', message: `all ${known.length} applied` };
}

export async function checkClock(database: Database, now: () => number = Date.now): Promise<Omit<Check, 'name'>> {
  const before = now();
  const [row] = await database.sql<{ at: Date }>('SELECT clock_timestamp() AS at');
  const middle = (before + now()) / 2;
  const apart = Math.abs((row?.at.getTime() ?? 0) - middle);
  if (apart <= CLOCK_MS) return { state: 'OK', message: `${Math.round(apart)} ms from the database's` };
  return {
    state: 'WARNING',
    message: `This machine's clock and the database's are ${Math.round(apart / 1000)} s apart.`,
    hint: 'Let both follow a time server: grace periods and histories rest on them.',
  };
}

export async function checkDisk(config: Config): Promise<Omit<Check, 'name'>> {
  const { bavail, bsize, blocks } = await statfs(config.dataDir);
  const free = bavail * bsize;
  const message = `${humanBytes(free)} of ${humanBytes(blocks * bsize)} free in ${config.dataDir}`;
  if (free < FULL_BYTES) return { state: 'PROBLEM', message, hint: 'Make room, or nothing can be written.' };
  return free < LOW_BYTES
    ? { state: 'WARNING', message, hint: 'Make room soon; npx throughline gc --dry-run says what is not needed.' }
    : { state: 'OK', message };
}

/** Whether the secrets of webhooks open with the key that this server has: without them deliveries fail, one by one, when they are due. */
export async function checkSecretKey(database: Database, config: Pick<Config, 'secretKey' | 'dataDir'>): Promise<Omit<Check, 'name'>> {
  const key = findSecretKey(config);
  const { secrets, unreadable } = await checkSecrets(database, key);
  if (secrets === 0) return { state: 'OK', message: key === null ? 'none is needed yet' : 'it is there; no webhook has a secret' };
  if (unreadable.length === 0)
    return { state: 'OK', message: `it opens ${secrets === 1 ? 'the secret of the webhook' : `all ${secrets} secrets of webhooks`}` };
  const names = unreadable.slice(0, SHOWN).join(', ') + (unreadable.length > SHOWN ? ` and ${unreadable.length - SHOWN} more` : '');
  return {
    state: 'PROBLEM',
    message: `${key === null ? 'There is no key, and so the' : 'The'} secrets of these webhooks cannot be read: ${names}.`,
    hint: 'Put back THROUGHLINE_SECRET_KEY, or secret.key of the data folder, as it was when they were made; or give the webhooks new secrets.',
  };
}

/** Writes a small object, reads it and takes it away, under a key that no blob has. */
export async function checkStore(objects: ObjectStore): Promise<Omit<Check, 'name'>> {
  const key = `doctor/${randomUUID()}`;
  const sent = Buffer.from(key);
  await objects.put(
    key,
    (async function* () {
      yield sent;
    })(),
  );
  try {
    const { body } = await objects.get(key);
    const read = Buffer.concat((await body.toArray()) as Uint8Array[]);
    if (!read.equals(sent)) return { state: 'PROBLEM', message: `${objects.describe()} gives back other bytes than it was given.` };
  } finally {
    await objects.delete(key);
  }
  return { state: 'OK', message: `${objects.describe()} can be written and read` };
}
