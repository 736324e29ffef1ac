// Programs that a benchmark runs beside itself. Each has a process group of its own, so that Ctrl-C in the terminal reaches the benchmark
// alone, which then ends them in order, last started first.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 30_000;
const KEPT_OUTPUT = 20_000;

export interface ProgramOptions {
  name: string;
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Whether the program speaks over a channel, which it watches: it ends when the channel closes. */
  channel?: boolean;
  /** Whether SIGTERM goes to the whole group, for a program that does not pass it on. */
  stopsByGroup?: boolean;
  signal: AbortSignal;
  /** The program is put here at once, before it is ready, so that whoever cleans up finds it. */
  running: Program[];
}

export interface Program {
  name: string;
  pid: number;
  /** The end of what it said, for the story of a failure. */
  output(): string;
  stop(): Promise<void>;
}

/** A sign that the program is ready: null until then. */
export type ReadySign<Ready> = (seen: { output: string; message: unknown }) => Ready | null | Promise<Ready | null>;

/** Starts a program and waits until it is ready; throws, with what it said, where it ends before or takes more than three minutes. Ending it is the caller's. */
export async function startProgram<Ready>(options: ProgramOptions, isReady: ReadySign<Ready>): Promise<{ program: Program; ready: Ready }> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', ...(options.channel === true ? (['ipc'] as const) : [])],
    detached: true,
  });
  const seen: { output: string; message: unknown } = { output: '', message: null };
  const keep = (chunk: string) => (seen.output = (seen.output + chunk).slice(-KEPT_OUTPUT));
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  child.on('message', (message) => (seen.message = message));
  const end: { how: string | null } = { how: null };
  child.once('error', (error) => (end.how ??= error.message));
  child.once('exit', (code, signal) => (end.how ??= signal ?? `status ${String(code)}`));
  const program: Program = {
    name: options.name,
    pid: child.pid ?? 0,
    output: () => seen.output,
    stop: () => stop(child, options, () => end.how !== null),
  };
  options.running.push(program);
  const limit = performance.now() + START_LIMIT_MS;
  for (;;) {
    options.signal.throwIfAborted();
    if (end.how !== null) throw new Error(`${options.name} ended (${end.how}) before it was ready:\n${seen.output}`);
    const ready = await isReady(seen);
    if (ready !== null) return { program, ready };
    if (performance.now() > limit) throw new Error(`${options.name} was not ready within ${START_LIMIT_MS / 1000} s:\n${seen.output}`);
    await pause(100);
  }
}

async function stop(child: ChildProcess, options: ProgramOptions, hasEnded: () => boolean): Promise<void> {
  if (options.channel === true && child.connected) child.disconnect();
  else if (!hasEnded()) send(child, 'SIGTERM', options.stopsByGroup === true);
  const limit = performance.now() + STOP_LIMIT_MS;
  while (!hasEnded() && performance.now() < limit) await pause(50);
  // Whoever is still in the group by now is not going to leave.
  send(child, 'SIGKILL', true);
}

function send(child: ChildProcess, signal: NodeJS.Signals, toGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(toGroup ? -child.pid : child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'ESRCH')) throw error;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
