// The embedded PostgreSQL: a real server, started beside ours for people who have none. It outlives a launcher that is killed, on
// purpose (no write is cut), so a start first looks for one that is still there. Who launched it stands in `<dataDir>.launcher.json`:
// written before PostgreSQL starts, removed after it stopped. A living launcher owns the folder; a dead one's PostgreSQL is adopted.
// PostgreSQL's own postmaster.pid has the last word on two servers over one folder.
//
// It listens on the loopback interface, which every user of the machine can reach: hence the random password, kept in the
// data folder where only its owner reads it.

import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, realpathSync, renameSync } from 'node:fs';
import { rmdirSync, rmSync, statSync, writeFileSync, writeSync, fsyncSync } from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { conflict, DomainError, invalid } from '@throughline/kernel';
import pg from 'pg';

import { chooseRunAs, findPrograms, handOver, mayEnter, reachableFolder } from './postgres-program.ts';
import type { PostgresPrograms, RunAs } from './postgres-program.ts';
import { identify, isRunning, programName } from './processes.ts';
import type { ProcessIdentity } from './processes.ts';

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's own data folder; made where it is missing. */
  dataDir: string;
  /** Told, in a short sentence, of whatever takes longer than a moment. */
  onProgress?: (message: string) => void;
  /** Told when PostgreSQL died on its own and what became of it. */
  onTrouble?: (message: string) => void;
  /** False gives up safety against power loss for speed: for tests only. True unless told. */
  durable?: boolean;
  /** How to shed root's rights; found out unless told. */
  runAs?: RunAs;
}

export interface EmbeddedPostgres {
  /** A connection URL of the database's owner, password included. */
  readonly url: string;
  /** The postmaster's; changes when it died and was started again. */
  readonly pid: number;
  readonly port: number;
  /** Where the data really is: elsewhere than asked for only where the account `nobody` could not reach it. */
  readonly dataDir: string;
  /** Whether it was running already, left behind by a launcher that was killed. */
  readonly adopted: boolean;
  /** Ends every session, writes everything down and waits for the end. */
  readonly stop: () => Promise<void>;
}

/** The share of the memory that PostgreSQL keeps pages in, and its limits, MB. Its own default of 128 is for machines of long ago. */
const MEMORY_SHARE = 8;
const MIN_BUFFERS_MB = 128;
const MAX_BUFFERS_MB = 1_024;

const USER = 'throughline';
const DATABASE = 'throughline';
const PASSWORD_FILE = 'throughline.password';
/** A crash before a long recovery may take minutes; then PostgreSQL says that it is starting up, and that is waited for. */
const START_LIMIT_MS = 15 * 60_000;
const STOP_LIMIT_MS = 60_000;
/** How long a server may take to stop after its launcher was killed. */
const LEAVE_LIMIT_MS = 30_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const RESTARTS = 5;

/** Starts PostgreSQL over the folder, or adopts the one that a killed launcher left running there. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => undefined);
  const runAs = options.runAs ?? chooseRunAs();
  const place = choosePlace(options.dataDir, runAs, progress);
  refuseForeignFolder(place.dataDir);
  const programs = findPrograms(runAs);
  refuseOtherMajor(place.dataDir, programs.major);
  const claim = await claimFolder(place, progress);
  try {
    const server = new Server({ place, programs, durable: options.durable ?? true, progress, trouble: options.onTrouble ?? progress });
    await server.begin(claim.orphaned);
    return server;
  } catch (error) {
    // Only where nothing runs: the note must outlive PostgreSQL.
    if (runningPostmaster(place.dataDir) === null) rmSync(place.note, { force: true });
    throw error;
  }
}

interface Place {
  dataDir: string;
  note: string;
  log: string;
}

function choosePlace(wanted: string, runAs: RunAs, progress: (message: string) => void): Place {
  let dataDir = resolve(wanted);
  if (!mayEnter(dirname(dataDir), runAs)) {
    dataDir = join(reachableFolder(dataDir), basename(dataDir));
    progress(`PostgreSQL runs as 'nobody' here and cannot reach ${resolve(wanted)}: its data is in ${dataDir} instead.`);
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  return { dataDir, note: `${dataDir}.launcher.json`, log: `${dataDir}.log` };
}

function refuseForeignFolder(dataDir: string): void {
  if (!existsSync(dataDir) || existsSync(join(dataDir, 'PG_VERSION')) || readdirSync(dataDir).length === 0) return;
  throw invalid('NOT_A_DATA_FOLDER', `${dataDir} holds files, but is not a PostgreSQL data folder; nothing was touched.`, {
    hint: 'Name another folder with THROUGHLINE_DATA_DIR, or move these files away.',
  });
}

function refuseOtherMajor(dataDir: string, major: number): void {
  const file = join(dataDir, 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(major)) return;
  throw conflict(
    'OTHER_POSTGRES_MAJOR',
    `The data in ${dataDir} was written by PostgreSQL ${found}; this release brings PostgreSQL ${major}.`,
    {
      hint:
        `Start the release that brought PostgreSQL ${found}, save its data with \`pg_dump -Fc\`, move ${dataDir} away, start this release with ` +
        `\`npm start -- --empty\`, and bring the data back with \`pg_restore --clean --if-exists\`. Nothing was changed.`,
      details: { found, expected: String(major) },
    },
  );
}

/** Makes the folder ours, or says whose it is. `orphaned` tells that a launcher died over it. */
async function claimFolder(place: Place, progress: (message: string) => void): Promise<{ orphaned: boolean }> {
  const me = identify(process.pid);
  if (me === null) throw new Error('this process cannot find itself');
  const note: Note = { ...me, launcher: process.connected ? identify(process.ppid) : null };
  let orphaned = false;
  let waitedMs = 0;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      const file = openSync(place.note, 'wx', 0o600);
      writeSync(file, JSON.stringify(note));
      fsyncSync(file);
      closeSync(file);
      return { orphaned };
    } catch (error) {
      if (!(error instanceof Error && Reflect.get(error, 'code') === 'EEXIST')) throw error;
    }
    const text = readIfThere(place.note);
    const holder = text === null ? null : parseNote(text);
    if (holder !== null && isRunning(holder)) {
      // A server whose launcher was killed notices and stops: that is worth a wait, a server in use is not.
      const leaving = holder.launcher !== null && !isRunning(holder.launcher);
      if (!leaving || waitedMs >= LEAVE_LIMIT_MS) throw inUse(place.dataDir, holder.pid);
      if (waitedMs === 0) progress(`Waiting for the server of a killed start (process ${holder.pid}) to stop …`);
      await pause(100);
      waitedMs += 100;
      attempt = 0;
      continue;
    }
    // An empty note is one that is being written, or one whose writer was killed in that instant: give it a moment.
    if (text === '' && attempt < 10) await pause(50);
    else if (text !== null) orphaned = removeDeadNote(place.note, text) || orphaned;
  }
  throw conflict('DATA_FOLDER_IN_USE', `Several servers are starting over ${place.dataDir} at once.`, { hint: 'Start one of them.' });
}

/** Takes a dead launcher's note away; false where another start was faster, whose note is put back. */
function removeDeadNote(note: string, seen: string): boolean {
  const aside = `${note}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(note, aside);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return false;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== seen) {
    renameSync(aside, note);
    return false;
  }
  rmSync(aside);
  return true;
}

/** Who owns the folder, and, where a launcher started that process over a channel, who that was. */
interface Note extends ProcessIdentity {
  launcher: ProcessIdentity | null;
}

function parseNote(text: string): Note | null {
  try {
    const note: unknown = JSON.parse(text);
    const holder = parseIdentity(note);
    return holder === null ? null : { ...holder, launcher: parseIdentity(Reflect.get(Object(note), 'launcher')) };
  } catch {
    // Cut off by a kill: nobody's.
    return null;
  }
}

function parseIdentity(value: unknown): ProcessIdentity | null {
  const pid: unknown = Reflect.get(Object(value), 'pid');
  const born: unknown = Reflect.get(Object(value), 'born');
  return typeof pid === 'number' ? { pid, born: typeof born === 'string' ? born : null } : null;
}

function inUse(dataDir: string, pid: number): DomainError {
  return conflict('DATA_FOLDER_IN_USE', `${dataDir} is in use by process ${pid}.`, {
    hint: `Use the server that runs, stop it first (kill ${pid}), or name another folder with THROUGHLINE_DATA_DIR.`,
    details: { pid },
  });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
    throw error;
  }
}

interface Postmaster {
  pid: number;
  port: number;
}

/**
 * The postmaster that runs over this folder, by its postmaster.pid (lines: number, folder, start, port, …); null where none does.
 * A stale file whose number now belongs to another program is removed, since PostgreSQL would refuse to start over it.
 */
function runningPostmaster(dataDir: string): Postmaster | null {
  const file = join(dataDir, 'postmaster.pid');
  const lines = readIfThere(file)?.split('\n');
  if (lines === undefined) return null;
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (identify(pid) === null) {
    // PostgreSQL would take an uncollected body for a living server.
    if (existsSync(`/proc/${pid}`)) rmSync(file, { force: true });
    return null;
  }
  if (process.platform === 'linux') {
    const place = workingFolder(pid);
    const another = programName(pid) !== 'postgres' || (place !== null && place !== realpathSync(dataDir));
    if (another) {
      rmSync(file, { force: true });
      return null;
    }
  }
  return { pid, port };
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Not to be told: then the file is believed.
    return null;
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

interface ServerOptions {
  place: Place;
  programs: PostgresPrograms;
  durable: boolean;
  progress: (message: string) => void;
  trouble: (message: string) => void;
}

class Server implements EmbeddedPostgres {
  adopted = false;
  pid = 0;
  port = 0;
  readonly dataDir: string;
  readonly #options: ServerOptions;
  #password = '';
  #stopping: Promise<void> | null = null;
  #restarts = 0;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.dataDir = options.place.dataDir;
  }

  get url(): string {
    return this.#urlOf(DATABASE);
  }

  #urlOf(database: string): string {
    return connectionUrl(this.#password, this.port, database);
  }

  /** Brings it up. `orphaned`: a launcher died over this folder, so what runs there is for us to take over. */
  async begin(orphaned: boolean): Promise<void> {
    removeHalfMade(this.dataDir);
    const running = runningPostmaster(this.dataDir);
    if (running !== null && !orphaned) throw inUse(this.dataDir, running.pid);
    if (!existsSync(join(this.dataDir, 'PG_VERSION'))) await this.#initialize();
    this.#password = readFileSync(join(this.dataDir, PASSWORD_FILE), 'utf8').trim();
    if (running === null || !(await this.#adopt(running))) await this.#launch();
    await this.#ensureDatabase();
    this.#watchOver();
  }

  async #initialize(): Promise<void> {
    const { programs, durable, progress } = this.#options;
    progress('Making a new PostgreSQL database (a few seconds, once) …');
    const stage = `${this.dataDir}.new-${randomBytes(4).toString('hex')}`;
    mkdirSync(stage, { mode: 0o700 });
    const password = join(stage, PASSWORD_FILE);
    writeFileSync(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
    handOver(stage, programs.runAs);
    handOver(password, programs.runAs);
    const made = join(stage, 'data');
    // The builtin C.UTF-8 sorts alike on every machine; the system's locales do not, and change under an index.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = [`--username=${USER}`, `--pwfile=${password}`, '--auth=scram-sha-256'];
    const args = [`--pgdata=${made}`, ...access, ...locale, '--no-instructions', ...(durable ? [] : ['--no-sync'])];
    await runProgram(programs, programs.initdb, args, stage);
    renameSync(password, join(made, PASSWORD_FILE));
    // One rename makes it a database: whatever was killed before is swept away by the next start.
    if (existsSync(this.dataDir)) rmdirSync(this.dataDir);
    if (durable) syncFolder(made);
    renameSync(made, this.dataDir);
    rmdirSync(stage);
    if (durable) syncFolder(dirname(this.dataDir));
  }

  /** Takes over a running postmaster that is provably ours; stops it and answers false where it will not have us. */
  async #adopt(running: Postmaster): Promise<boolean> {
    this.pid = running.pid;
    this.port = running.port;
    this.#options.progress(`Taking over the PostgreSQL that a killed start left running (process ${running.pid}) …`);
    try {
      // One that is killed has its number for a moment still.
      await this.#untilReady(() => (identify(running.pid) === null ? 'it has ended' : null));
      const rows = await this.#query<{ data_directory: string }>('SHOW data_directory');
      if (rows[0] !== undefined && realpathSync(rows[0].data_directory) === realpathSync(this.dataDir)) {
        this.adopted = true;
        return true;
      }
    } catch (error) {
      this.#options.progress(`It does not answer (${error instanceof Error ? error.message : String(error)}); stopping it …`);
    }
    await this.#halt();
    return false;
  }

  /** Starts the postmaster and waits until it answers; on the port that it had, where it had one. */
  async #launch(): Promise<void> {
    const fixed = this.port !== 0 && !this.adopted;
    for (let attempt = 1; ; attempt += 1) {
      if (!fixed || this.port === 0) this.port = await freePort();
      const said = await this.#spawn();
      if (said === null) return;
      // Somebody took the port in between; or the last children of a killed postmaster still hold its memory.
      const passing = /could not bind|Address already in use|could not create any TCP\/IP sockets|shared memory block|lock file/i.test(
        said,
      );
      if (!passing || attempt >= 40) throw this.#didNotStart(said);
      await pause(250);
    }
  }

  /** One attempt: null where it runs, else the end of its log. */
  async #spawn(): Promise<string | null> {
    const { place, programs, durable } = this.#options;
    const log = openLog(place.log);
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      max_connections: '200',
      timezone: 'UTC',
      log_timezone: 'UTC',
      ...(durable
        ? { shared_buffers: `${sharedBuffersMb()}MB` }
        : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '4GB' }),
    };
    const args = ['-D', this.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const { command, commandArgs, identity } = wrap(programs, programs.postgres, args);
    // A session of its own: Ctrl-C in the terminal is for the server, which ends PostgreSQL when it is done with it.
    const child = spawn(command, commandArgs, {
      ...identity,
      cwd: this.dataDir,
      env: programEnvironment(),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.file, log.file],
    });
    closeSync(log.file);
    const end: { how: string | null } = { how: null };
    child.once('error', (error) => (end.how = error.message));
    child.once('exit', (code, signal) => (end.how = `it ended with ${signal ?? `status ${String(code)}`}`));
    child.unref();
    this.pid = child.pid ?? 0;
    try {
      await this.#untilReady(() => end.how);
      return null;
    } catch (error) {
      if (end.how === null) {
        await this.#halt();
        throw error;
      }
      return `${readFileSync(place.log, 'utf8').slice(log.begin).trim().slice(-1500)}\n${end.how}`;
    }
  }

  /** Waits for the first answer; while it recovers from a crash, PostgreSQL says that it is starting up (57P03). */
  async #untilReady(ended: () => string | null = () => null): Promise<void> {
    const begin = Date.now();
    let told = false;
    for (;;) {
      const end = ended();
      if (end !== null) throw new Error(end);
      try {
        await this.#query('SELECT 1');
        return;
      } catch (error) {
        const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
        const waited = Date.now() - begin;
        const startingUp = code === '57P03' || code === 'ECONNREFUSED' || code === 'ECONNRESET';
        if (!startingUp || waited > START_LIMIT_MS || (code !== '57P03' && waited > STOP_LIMIT_MS)) throw error;
        if (!told && waited > 1500) {
          told = true;
          this.#options.progress('PostgreSQL is recovering from an unclean end; nothing is lost …');
        }
      }
      await pause(25);
    }
  }

  async #query<Row extends object>(text: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#urlOf(database), connectionTimeoutMillis: 10_000 });
    // Errors after the end of a session have nobody to tell.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #ensureDatabase(): Promise<void> {
    const rows = await this.#query(`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
    if (rows.length === 0) await this.#query(`CREATE DATABASE ${DATABASE}`);
  }

  /** Starts PostgreSQL again, on its port, when it dies without having been told to: the pool's next statement finds it. */
  #watchOver(): void {
    this.#watch = setInterval(() => {
      if (this.#stopping !== null || identify(this.pid) !== null) return;
      this.#unwatch();
      void this.#revive();
    }, 500);
    this.#watch.unref();
  }

  #unwatch(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }

  async #revive(): Promise<void> {
    const { trouble, place } = this.#options;
    this.#restarts += 1;
    if (this.#restarts > RESTARTS) {
      trouble(`PostgreSQL died ${this.#restarts} times and stays down; see ${place.log}.`);
      return;
    }
    trouble(`PostgreSQL (process ${this.pid}) died; starting it again …`);
    try {
      this.adopted = false;
      await this.#launch();
      trouble('PostgreSQL is back.');
    } catch (error) {
      trouble(error instanceof Error ? error.message : String(error));
    }
    if (this.#stopping === null) this.#watchOver();
  }

  #didNotStart(said: string): DomainError {
    return new DomainError({
      kind: 'unavailable',
      code: 'EMBEDDED_POSTGRES_FAILED',
      message: `The embedded PostgreSQL did not start over ${this.dataDir}. It said:\n${said}`,
      hint: `Its whole log is ${this.#options.place.log}. DATABASE_URL uses a PostgreSQL of your own instead.`,
    });
  }

  // Callers hand it on by itself, as something to be done at the end.
  readonly stop = (): Promise<void> => {
    this.#stopping ??= this.#end();
    return this.#stopping;
  };

  async #end(): Promise<void> {
    this.#unwatch();
    await this.#halt();
    rmSync(this.#options.place.note, { force: true });
  }

  /** Fast shutdown; where that hangs, an immediate one, after which the next start recovers from the log of writes. */
  async #halt(): Promise<void> {
    const process_ = identify(this.pid);
    if (process_ === null) return;
    for (const [signal, mode] of [
      ['SIGINT', 'fast'],
      ['SIGQUIT', 'immediate'],
    ] as const) {
      await this.#signal(signal, mode);
      const limit = Date.now() + STOP_LIMIT_MS;
      while (isRunning(process_)) {
        if (Date.now() > limit) break;
        await pause(20);
      }
      if (!isRunning(process_)) return;
    }
    throw new DomainError({
      kind: 'internal',
      code: 'EMBEDDED_POSTGRES_STUCK',
      message: `PostgreSQL (process ${this.pid}) does not stop.`,
    });
  }

  async #signal(signal: NodeJS.Signals, mode: string): Promise<void> {
    // Windows knows no signals; there, pg_ctl passes the word on.
    if (process.platform === 'win32') {
      const { programs } = this.#options;
      await runProgram(programs, programs.pgCtl, ['stop', '-D', this.dataDir, '-m', mode, '-W'], this.dataDir);
      return;
    }
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && Reflect.get(error, 'code') === 'ESRCH')) throw error;
    }
  }
}

function connectionUrl(password: string, port: number, database: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** The URL of the PostgreSQL that runs over this folder now, for another process of the same user; null where none runs. */
export function findRunningPostgres(dataDir: string): string | null {
  const place = choosePlace(dataDir, chooseRunAs(), () => undefined);
  const running = existsSync(place.dataDir) ? runningPostmaster(place.dataDir) : null;
  if (running === null) return null;
  const password = readFileSync(join(place.dataDir, PASSWORD_FILE), 'utf8').trim();
  return connectionUrl(password, running.port, DATABASE);
}

/** Stops the PostgreSQL that a killed launcher left over this folder, if there is one. Leaves a living launcher's alone. */
export async function stopOrphan(dataDir: string): Promise<'none' | 'stopped' | 'in use'> {
  const text = readIfThere(`${resolve(dataDir)}.launcher.json`);
  const holder = text === null ? null : parseNote(text);
  if (holder !== null && isRunning(holder)) return 'in use';
  const running = existsSync(dataDir) ? runningPostmaster(dataDir) : null;
  if (running === null) return 'none';
  process.kill(running.pid, 'SIGQUIT');
  const limit = Date.now() + STOP_LIMIT_MS;
  while (identify(running.pid) !== null && Date.now() < limit) await pause(20);
  return 'stopped';
}

/** Removes what a start that was killed while it made the database left beside it. */
function removeHalfMade(dataDir: string): void {
  const prefix = `${basename(dataDir)}.new-`;
  for (const name of readdirSync(dirname(dataDir))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(dataDir), name), { recursive: true, force: true });
  }
}

function syncFolder(folder: string): void {
  // Windows opens no folders; its file system keeps the order of renames by itself.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Opens the log for appending; one that has grown long becomes the previous one. */
function openLog(path: string): { file: number; begin: number } {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return { file: openSync(path, 'a', 0o600), begin: size > LOG_LIMIT_BYTES ? 0 : size };
}

/** Nothing of the caller's environment: PGDATA, PGPORT, PGOPTIONS and the like would speak to PostgreSQL behind our back. */
function programEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];
  const own = Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return { ...own, LC_ALL: 'C', TZ: 'UTC' };
}

function wrap(programs: PostgresPrograms, program: string, args: readonly string[]) {
  const { runAs } = programs;
  const [first, ...rest] = runAs.how === 'namespace' ? [...runAs.prefix, program, ...args] : [program, ...args];
  const identity = runAs.how === 'nobody' ? { uid: runAs.uid, gid: runAs.gid } : {};
  return { command: first ?? program, commandArgs: rest, identity };
}

async function runProgram(programs: PostgresPrograms, program: string, args: readonly string[], cwd: string): Promise<void> {
  const { command, commandArgs, identity } = wrap(programs, program, args);
  try {
    await promisify(execFile)(command, commandArgs, { ...identity, cwd, env: programEnvironment(), windowsHide: true });
  } catch (error) {
    const said = error instanceof Error ? String(Reflect.get(error, 'stderr') ?? error.message).trim() : String(error);
    throw new DomainError({
      kind: 'unavailable',
      code: 'EMBEDDED_POSTGRES_FAILED',
      message: `${basename(program)} failed:\n${said}`,
      hint: 'DATABASE_URL uses a PostgreSQL of your own instead.',
      cause: error,
    });
  }
}

/** An eighth of the memory that this process may have, within limits. What is never read takes no room. */
function sharedBuffersMb(): number {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return Math.round(Math.min(MAX_BUFFERS_MB, Math.max(MIN_BUFFERS_MB, bytes / MEMORY_SHARE / 2 ** 20)));
}
