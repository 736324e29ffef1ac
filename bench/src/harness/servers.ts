// Servers that benchmarks run against: a PostgreSQL that is as durable as one in use, and this server over a database of it, started by its launcher as
// people start it; and the folder for what a benchmark keeps in files.

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startProgram } from './processes.ts';
import type { Program } from './processes.ts';
import type { Progress } from './progress.ts';

export interface Server {
  name: string;
  origin: string;
  pid: number;
  databaseUrl: string;
}

export interface ServerOptions {
  /** The repository. */
  root: string;
  progress: Progress;
  signal: AbortSignal;
}

const LAST_LINES = 25;

/** For the story of a failure. */
export function lastWordsOf(program: Program): string {
  return `-- ${program.name}:\n${program.output().trimEnd().split('\n').slice(-LAST_LINES).join('\n')}`;
}

/** Ends what was started, last first, and removes the folder. */
export async function closeAll(running: Program[], folder: string): Promise<void> {
  // PostgreSQL was first, and leaves last.
  for (const program of running.toReversed()) {
    await program.stop().catch((error: unknown) => process.stderr.write(`${program.name} could not be stopped: ${String(error)}\n`));
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A folder for what a benchmark keeps in files; those of benchmarks that were killed are removed. */
export function makeFolder(root: string): string {
  const parent = join(root, '.throughline/bench');
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const owner = /^files-(\d+)$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = join(parent, `files-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process (EPERM) is alive too.
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}

/** Answers its address. */
export async function startPostgres({ root, signal }: ServerOptions, running: Program[]): Promise<string> {
  const args = [join(root, 'libs/database/src/cli/throwaway.ts'), '--durable', '--under', join(root, '.throughline/bench')];
  const { ready } = await startProgram(
    { name: 'PostgreSQL', command: process.execPath, args, cwd: root, env: process.env, channel: true, signal, running },
    ({ message }) => {
      const url: unknown = Reflect.get(Object(message), 'url');
      return typeof url === 'string' ? url : null;
    },
  );
  return ready;
}

export async function startThroughline(options: ServerOptions, running: Program[], folder: string, databaseUrl: string): Promise<Server> {
  const { root, signal, progress } = options;
  progress.say('starting this server');
  const env = {
    ...process.env,
    ...defaultSettings(root),
    DATABASE_URL: databaseUrl,
    THROUGHLINE_PORT: '0',
    THROUGHLINE_DATA_DIR: join(folder, 'throughline'),
  };
  const { program, ready } = await startProgram(
    { name: 'This server', command: process.execPath, args: [join(root, 'scripts/start.mjs'), '--empty'], cwd: root, env, signal, running },
    ({ output }) => /Throughline is ready: (http:\S+)/.exec(output)?.[1] ?? null,
  );
  // Not the name: it may mean two addresses, of which the server listens on one.
  return { name: 'Throughline', origin: ready.replace('localhost', '127.0.0.1'), pid: program.pid, databaseUrl };
}

/** Every setting that .env.example lists, at its default: what this machine has in its environment or in .env is not measured. */
function defaultSettings(root: string): Record<string, string> {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  return Object.fromEntries([...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => [name ?? '', '']));
}
