// A whole server for tests: every domain over a real PostgreSQL and a folder of objects, behind a real port on loopback. Tests speak to
// it as clients do, over HTTP, and look at its insides only to damage them or to see that nothing was left behind.

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { markForTests, migrate } from '@throughline/database';
import { emptyTestDatabase, testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { createFilesystemObjectStore } from '@throughline/object-store';
import type { FastifyInstance } from 'fastify';

import type { Config } from '../config.ts';
import { createServer, createServices } from '../server.ts';
import type { Services } from '../services.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';

export interface World extends Client {
  readonly services: Services;
  readonly app: FastifyInstance;
  readonly config: Config;
  readonly database: TestDatabase;
  /** What the server wrote to its log: defects, and nothing else. */
  readonly log: { message: string; error: unknown }[];
  /** The paths on disk of the stored objects that hold exactly these bytes. */
  objectsWith(bytes: Uint8Array): Promise<string[]>;
  /** How many files there are on disk, finished or not. */
  countFiles(): Promise<number>;
  /** How many rows there are in each of the tables. */
  countRows(...tables: readonly string[]): Promise<Record<string, number>>;
  /** Hashes what a root reaches, and resolves when that is done. */
  verify(root: string): Promise<FinishedJob>;
  close(): Promise<void>;
}

export interface FinishedJob {
  id: string;
  state: 'DONE' | 'FAILED';
  totalFiles: number;
  checkedFiles: number;
  damagedFiles: number;
  error: string | null;
}

const MIB = 2 ** 20;

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface WorldOptions {
  /** What is to be other than a server on loopback has it. */
  config?: Partial<Config>;
  /** Whether verifications are worked on, which asks the database now and then; true unless told. */
  verifies?: boolean;
}

/** Starts a server with an empty database. `close` it in `afterAll`. */
export async function startWorld({ config: overrides = {}, verifies = true }: WorldOptions = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-world-'));
  const root = join(dataDir, 'objects');
  const database = overrides.testReset === true ? await databaseToEmpty() : await testDatabase();
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    isLoopback: true,
    dataDir,
    databaseUrl: database.url,
    databaseConnections: 5,
    objects: { kind: 'filesystem', root },
    allowedHosts: [],
    maxUploadBytes: 64 * MIB,
    pushedDays: 3_650,
    searchMemoryBytes: 2 ** 26,
    web: false,
    secretKey: Buffer.alloc(32, 1),
    webhookAllowPrivate: false,
    testReset: false,
    ...overrides,
  };
  const log: World['log'] = [];
  const note = (message: string, error?: unknown) => void log.push({ message, error });
  const services = createServices(database.database, await createFilesystemObjectStore({ root }), config, note);
  const app = await createServer(services, config, note, null);
  const worker = new AbortController();
  if (!verifies) worker.abort();
  const verifying = services.content.runVerification({ signal: worker.signal, onError: (error) => note('verification', error) });
  // A configuration that is not loopback is tried on loopback all the same: tests open no port to the outside.
  const client = createClient(await app.listen({ host: '127.0.0.1', port: 0 }));

  return {
    ...client,
    services,
    app,
    config,
    database,
    log,

    async objectsWith(bytes) {
      const found: string[] = [];
      for (const path of await filesBelow(root)) {
        if (bytes.byteLength > 0 && (await readFile(path)).equals(bytes)) found.push(path);
      }
      return found;
    },

    countFiles: async () => (await filesBelow(root)).length,

    async countRows(...tables) {
      const counts: Record<string, number> = {};
      for (const table of tables) {
        const [row] = await database.database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM "${table}"`);
        counts[table] = row?.n ?? 0;
      }
      return counts;
    },

    verify: (root_) => verifyAndWait(client, root_),

    async close() {
      worker.abort();
      await verifying;
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A database as a server makes it that tests may empty. */
async function databaseToEmpty(): Promise<TestDatabase> {
  const test = await emptyTestDatabase();
  await markForTests(test.database);
  await migrate(test.database);
  return test;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const JOB = 'id state totalFiles checkedFiles damagedFiles error';

async function verifyAndWait(client: Client, root: string): Promise<FinishedJob> {
  const { verify } = await client.query<{ verify: { id: string } }>(`mutation ($root: ID!) { verify(root: $root) { ${JOB} } }`, { root });
  for (;;) {
    const { verification } = await client.query<{ verification: FinishedJob | null }>(
      `query ($id: ID!) { verification(id: $id) { ${JOB} } }`,
      { id: verify.id },
    );
    if (verification !== null && ['DONE', 'FAILED'].includes(verification.state)) return verification;
  }
}
