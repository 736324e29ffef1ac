// Runs a command to its end and says how long it took. What it leaves in the memory of the system for the disk to write is written before the
// clock starts again, so that nobody pays for the one before.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface Command {
  name: string;
  /** The program and its first arguments. */
  start: readonly string[];
  env: NodeJS.ProcessEnv;
}

const KEPT_OUTPUT = 4_000;
const MEGABYTE = 2 ** 20;

/** Seconds that the command takes. Throws, with what it said, where it fails; `signal` kills it. */
export async function timed(command: Command, args: readonly string[], cwd: string, signal: AbortSignal): Promise<number> {
  spawnSync('sync');
  const begin = performance.now();
  await run(command, args, cwd, signal);
  return (performance.now() - begin) / 1000;
}

/** Runs it; answers what it printed on the standard output. */
export async function run({ name, start, env }: Command, args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  const [program = '', ...first] = start;
  const child = spawn(program, [...first, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said.err = (said.err + chunk).slice(-KEPT_OUTPUT)));
  const code = await ended(child);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(code)}:\n${said.out.slice(-KEPT_OUTPUT)}${said.err}`);
  return said.out;
}

function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? signal));
  });
}

/** Runs it under Python's account of children's memory, which Node has not; answers the peak in MB, and the seconds. */
export async function measured(
  python: string,
  command: Command,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<{ megabytes: number; seconds: number }> {
  const source = [
    'import resource, subprocess, sys, time',
    'begin = time.monotonic()',
    'code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)',
    'peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)',
    'print(peak, time.monotonic() - begin)',
    'sys.exit(code)',
  ].join('\n');
  const said = await run({ name: command.name, start: [python, '-c', source, ...command.start], env: command.env }, args, cwd, signal);
  const [peak = '', seconds = ''] = said.trim().split(' ');
  return { megabytes: Number(peak) / MEGABYTE, seconds: Number(seconds) };
}
