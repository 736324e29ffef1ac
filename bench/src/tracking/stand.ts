// What the rows run against: one PostgreSQL, durable as a server in use has it, and over two databases of it this server, started by its
// launcher as people start it, and a real MLflow server. MLflow is started by the first row that needs it.

import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

import pg from 'pg';

import { startProgram } from '../harness/processes.ts';
import type { Program } from '../harness/processes.ts';
import type { Progress } from '../harness/progress.ts';
import { closeAll, lastWordsOf, makeFolder, startPostgres, startThroughline } from '../harness/servers.ts';
import type { Server } from '../harness/servers.ts';
import type { Scale } from './scale.ts';

export interface Stand {
  throughline: Server;
  mlflow(): Promise<Server>;
  /** A database of its own for the work that needs neither server. */
  scratchUrl: string;
  scale: Scale;
  progress: Progress;
  signal: AbortSignal;
}

export interface StandOptions {
  /** The repository. */
  root: string;
  scale: Scale;
  progress: Progress;
  signal: AbortSignal;
}

export interface OpenStand {
  stand: Stand;
  /** The last lines that each program wrote, for the story of a failure. */
  lastWords: () => string;
  close: () => Promise<void>;
}

const MLFLOW_WORKERS = 4;

/** Starts what every row needs; what was started is ended again where this throws. */
export async function openStand(options: StandOptions): Promise<OpenStand> {
  const running: Program[] = [];
  const folder = makeFolder(options.root);
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= closeAll(running, folder));
  try {
    const postgresUrl = await startPostgres(options, running);
    const urlOf = (database: string) => Object.assign(new URL(postgresUrl), { pathname: `/${database}` }).href;
    for (const database of ['bench_throughline', 'bench_mlflow', 'bench_scratch']) await query(postgresUrl, `CREATE DATABASE ${database}`);
    const throughline = await startThroughline(options, running, folder, urlOf('bench_throughline'));
    let mlflow: Promise<Server> | null = null;
    const stand: Stand = {
      throughline,
      mlflow: () => (mlflow ??= startMlflow(options, running, folder, urlOf('bench_mlflow'))),
      scratchUrl: urlOf('bench_scratch'),
      scale: options.scale,
      progress: options.progress,
      signal: options.signal,
    };
    return { stand, lastWords: () => running.map(lastWordsOf).join('\n'), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startMlflow(options: StandOptions, running: Program[], folder: string, databaseUrl: string): Promise<Server> {
  const { root, signal, progress } = options;
  progress.say('starting MLflow');
  const python = join(root, '.throughline/bench-venv', process.platform === 'win32' ? 'Scripts' : 'bin');
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  // The driver is named: SQLAlchemy's default one for PostgreSQL has changed over time.
  const store = databaseUrl.replace(/^postgres(?:ql)?:/, 'postgresql+psycopg2:');
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('MLFLOW_') && !name.startsWith('_MLFLOW_')),
  );
  const env = {
    ...clean,
    PATH: [python, process.env['PATH'] ?? ''].join(delimiter),
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: 'true',
    // Evaluation jobs have nothing to do with tracking; without their eight processes MLflow has more of the machine for its work.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  };
  const args = [
    'server',
    '--backend-store-uri',
    store,
    '--artifacts-destination',
    join(folder, 'mlflow'),
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
  ];
  const { program } = await startProgram(
    { name: 'MLflow', command: join(python, 'mlflow'), args, cwd: root, env, stopsByGroup: true, signal, running },
    // Every worker says that it is ready; one that still loads its modules would slow the others down.
    async ({ output }) =>
      (output.match(/Application startup complete/g)?.length ?? 0) >= MLFLOW_WORKERS && (await answers(origin)) ? true : null,
  );
  return { name: 'MLflow', origin, pid: program.pid, databaseUrl };
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/health`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** One statement over a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}
