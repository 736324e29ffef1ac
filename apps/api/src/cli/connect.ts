// How the commands of the shell reach the server's database: the one that DATABASE_URL names, else the embedded one, whether the
// server is running (then beside it) or not (then it is brought up for as long as the command takes).

import { join } from 'node:path';

import { findRunningPostgres, migrate, openDatabase, startEmbeddedPostgres } from '@throughline/database';
import type { Database } from '@throughline/database';

import type { Config } from '../config.ts';

export interface Connection {
  database: Database;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** False leaves the database as it is, whatever release made it; true unless told. */
  bringUpToDate?: boolean;
  /** Connections at most; 2 unless told. */
  connections?: number;
}

/** Connects to the database of this configuration, brought up to date. `progress` is told of what takes longer than a moment. */
export async function connect(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  progress: (message: string) => void,
  { bringUpToDate = true, connections = 2 }: ConnectOptions = {},
): Promise<Connection> {
  if (config.databaseUrl !== null) return open(config.databaseUrl, { bringUpToDate, connections });
  const dataDir = join(config.dataDir, 'postgres');
  const running = findRunningPostgres(dataDir);
  // The server that runs there has brought it up to date, to its own release.
  if (running !== null) return open(running, { bringUpToDate: false, connections });
  const postgres = await startEmbeddedPostgres({ dataDir, onProgress: progress });
  try {
    const connection = await open(postgres.url, { bringUpToDate, connections });
    return {
      database: connection.database,
      async close() {
        await connection.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function open(url: string, { bringUpToDate, connections }: Required<ConnectOptions>): Promise<Connection> {
  const database = openDatabase({ url, maxConnections: connections });
  try {
    if (bringUpToDate) await migrate(database);
    await database.ping();
    return { database, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}
