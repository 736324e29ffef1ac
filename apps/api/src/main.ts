// The server's process: reads the configuration, brings up the database, listens, and goes down cleanly. Started by `npm start`,
// by the suites and by hand; tells whoever forked it when it is ready.

import { join } from 'node:path';
import { inspect } from 'node:util';

import { markForTests, migrate, openDatabase, startEmbeddedPostgres } from '@throughline/database';
import type { Database, EmbeddedPostgres } from '@throughline/database';
import { DomainError } from '@throughline/kernel';

import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import { openDashboard } from './dashboard.ts';
import { openObjects } from './objects.ts';
import { collectAtRest } from './resting.ts';
import { cardWriter } from './mlflow/run-pages.ts';
import { createServer, createServices } from './server.ts';

function say(message: string): void {
  process.stdout.write(`${message}\n`);
}

/** Writes a defect with its stack, and its causes, to the server's own log; clients see none of it. */
function log(message: string, error?: unknown): void {
  const lines = [`${new Date().toISOString()} ${message}`];
  for (let cause = error; cause !== undefined && cause !== null; cause = cause instanceof Error ? cause.cause : undefined) {
    lines.push(cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause));
  }
  process.stderr.write(`${lines.join('\n')}\n`);
}

async function isEmpty(database: Database): Promise<boolean> {
  const [row] = await database.sql<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT 1 FROM run) AND NOT EXISTS (SELECT 1 FROM dataset) AND NOT EXISTS (SELECT 1 FROM registered_model) AS empty',
  );
  return row?.empty === true;
}

/** What is to be undone when the server goes down, last first. */
const undo: { what: string; how: () => Promise<unknown> }[] = [];
let isGoingDown = false;

async function goDown(code: number): Promise<void> {
  if (isGoingDown) return;
  isGoingDown = true;
  for (const { what, how } of undo.reverse()) {
    try {
      await how();
    } catch (error) {
      log(`${what} could not be closed`, error);
      code ||= 1;
    }
  }
  process.exit(code);
}

/** Throws `unavailable` with the driver's own reason where the database does not answer: whoever starts the server can put it right. */
async function reach(database: Database, config: Config): Promise<void> {
  try {
    await database.ping();
  } catch (error) {
    let reason: unknown = error;
    while (reason instanceof DomainError && reason.cause !== undefined) reason = reason.cause;
    const words = reason instanceof Error ? reason.message || String(Reflect.get(reason, 'code')) : inspect(reason);
    throw new DomainError({
      kind: 'unavailable',
      code: 'DATABASE_UNREACHABLE',
      message: `The database cannot be reached: ${words}.`,
      ...(config.databaseUrl === null ? {} : { hint: 'Check the address, the user and the password in DATABASE_URL.' }),
    });
  }
}

/** Throws `conflict` where a request could empty a database that somebody else keeps something in. */
async function requireTestDatabase(database: Database): Promise<void> {
  if (!(await markForTests(database))) {
    throw new DomainError({
      kind: 'conflict',
      code: 'NOT_A_TEST_DATABASE',
      message: 'THROUGHLINE_TEST_RESET=1 is refused: this database was not created under it, so that what it holds may be wanted.',
      hint: 'Unset it; or name an empty database in DATABASE_URL, or an empty folder in THROUGHLINE_DATA_DIR.',
    });
  }
  say('POST /test/reset empties this server: its database was made for tests.');
}

async function start(config: Config): Promise<void> {
  let postgres: EmbeddedPostgres | null = null;
  if (config.databaseUrl === null) {
    const starting = startEmbeddedPostgres({
      dataDir: join(config.dataDir, 'postgres'),
      onProgress: say,
      onTrouble: (message) => log(message),
    });
    // Before it is up: whoever ends the server meanwhile must not leave a PostgreSQL behind.
    undo.push({ what: 'PostgreSQL', how: async () => (await starting.catch(() => null))?.stop() });
    postgres = await starting;
    if (isGoingDown) return;
  }
  const database = openDatabase({ url: config.databaseUrl ?? postgres?.url ?? '', maxConnections: config.databaseConnections });
  undo.push({ what: 'the database', how: () => database.close() });
  await reach(database, config);
  if (config.testReset) await requireTestDatabase(database);
  const applied = await migrate(database);
  if (applied.length > 0) say(`Brought the database up to date: ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'}.`);

  const objects = await openObjects(config.objects);
  const services = createServices(database, objects, config, log);
  const isReachable = !config.isLoopback || config.allowedHosts.length > 0;
  if (isReachable && !(await services.access.hasTokens())) {
    throw new DomainError({
      kind: 'forbidden',
      code: 'NO_TOKEN',
      message: `The server is to be reached as ${[config.host, ...config.allowedHosts].join(', ')}, and nobody could sign in: there is no token yet.`,
      hint: 'Make one first: npx throughline token create --name admin --scope admin',
    });
  }

  const worker = new AbortController();
  const verifying = services.content.runVerification({ signal: worker.signal, onError: (error) => log('verification met trouble', error) });
  undo.push({
    what: 'the verification worker',
    how: async () => {
      worker.abort();
      await verifying;
    },
  });

  const reader = new AbortController();
  const profiling = services.data.profiles.run({ signal: reader.signal, onError: (error) => log('profiling tables met trouble', error) });
  undo.push({
    what: 'the worker of profiles',
    how: async () => {
      reader.abort();
      await profiling;
    },
  });

  const courier = new AbortController();
  const delivering = services.registry.webhooks.runDeliveries({
    signal: courier.signal,
    onError: (error) => log('the delivery of webhooks met trouble', error),
  });
  undo.push({
    what: 'the delivery of webhooks',
    how: async () => {
      courier.abort();
      await delivering;
    },
  });

  // One that this server, or another, was ended in. It ends with the commands, between two of its steps.
  const purging = services.commands.resumePurge().catch((error: unknown) => log('a purge met trouble', error));
  undo.push({ what: 'the purge', how: () => Promise.all([services.commands.settle(), purging]) });

  services.tracking.engine.start({ onError: (error) => log('settling metrics met trouble', error) });
  undo.push({ what: 'the metric engine', how: () => services.tracking.engine.stop() });

  services.tracking.cards.start({
    writer: cardWriter(services),
    onError: (error) => log('keeping runs ready to be answered met trouble', error),
  });
  undo.push({ what: 'the worker of run cards', how: () => services.tracking.cards.stop() });

  const dashboard = config.web ? openDashboard(config) : null;
  if (dashboard !== null) undo.push({ what: 'the dashboard', how: () => dashboard.close() });
  const app = await createServer(services, config, log, dashboard === null ? null : (request, reply) => dashboard.answer(request, reply));
  undo.push({ what: 'the HTTP server', how: () => app.close() });
  const stopCollecting = collectAtRest(app.server, { onError: (error) => log('memory cannot be given back', error) });
  undo.push({ what: 'the collection of memory', how: async () => stopCollecting() });
  const url = await listen(app, config);
  process.send?.({ type: 'ready', url, embedded: config.databaseUrl === null, emptyDatabase: await isEmpty(database) });
  if (process.send === undefined) say(`Listening at ${url}, files in ${objects.describe()}`);
}

async function listen(app: Awaited<ReturnType<typeof createServer>>, config: Config): Promise<string> {
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'EADDRINUSE') {
      throw new DomainError({
        kind: 'conflict',
        code: 'PORT_IN_USE',
        message: `Port ${config.port} of ${config.host} is taken by another program.`,
        hint: 'End that program, or take another port: THROUGHLINE_PORT=4001 npm start',
      });
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new DomainError({
        kind: 'invalid',
        code: 'CANNOT_LISTEN',
        message: `The server cannot listen at ${config.host}:${config.port} (${code}).`,
      });
    }
    throw error;
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const shown = config.isLoopback ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${shown}:${port}`;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void goDown(0));
// The launcher is gone without a word: nobody would stop this server any more.
process.on('disconnect', () => void goDown(0));

try {
  await start(readConfig(process.env));
} catch (error) {
  if (error instanceof DomainError && error.kind !== 'internal') {
    process.stderr.write(`\n${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    if (error.cause !== undefined) log('The cause:', error.cause);
  } else {
    log('The server cannot start', error);
  }
  await goDown(1);
}
