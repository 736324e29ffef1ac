// One command at a time in a repository. DVC holds an flock on `.dvc/tmp/lock`, and so does this: each sees the other. Node has no flock; the `flock` command (or perl, or
// python3) takes it on a descriptor that it inherits, and since the lock belongs to the open file and not to the process, it stays ours until the descriptor is
// closed, a kill -9 included. The file holds the process's number, as DVC writes it; who that is stands in a file beside it.

import { spawn } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { DomainError } from '@throughline/kernel';
import { failureOf, fileFailed, isUnwritable } from '../objects/failures.ts';
import type { Surroundings } from '../types.ts';

/** How long a command waits for another one. */
export const LOCK_WAIT_SECONDS = 60;
const FLOCK = 'import fcntl,sys;fcntl.flock(3,fcntl.LOCK_EX|(fcntl.LOCK_NB if sys.argv[1]=="0" else 0))';

/** Ways to take the lock on descriptor 3: at once (0 seconds) or within some time. Exit code 1: another one holds it. */
const WAYS: readonly { readonly command: string; readonly args: (seconds: number) => string[] }[] = [
  { command: 'flock', args: (seconds) => (seconds === 0 ? ['-x', '-n', '3'] : ['-x', '-w', String(seconds), '3']) },
  { command: 'perl', args: (seconds) => ['-e', `alarm(${seconds}); open(F,"<&=3"); exit(flock(F,${seconds === 0 ? 6 : 2})?0:1)`] },
  { command: 'python3', args: (seconds) => ['-c', FLOCK, String(seconds)] },
];

export interface LockOptions {
  /** `.dvc/tmp/lock`. */
  readonly file: string;
  /** Where it is noted who holds it. */
  readonly holderFile: string;
  /** What is being done, for the others: `throughline add`. */
  readonly command: string;
  readonly surroundings: Surroundings;
}

/** Takes the lock, waiting up to a minute. Returns what gives it back. @throws DomainError `LOCKED` with who holds it. */
export async function takeLock(options: LockOptions): Promise<() => void> {
  const descriptor = openLock(options.file);
  try {
    const way = await firstTry(descriptor);
    if (way === null) return takeExclusiveFile(options, descriptor);
    if (way.isTaken) return held(options, descriptor);
    const holder = describeHolder(options);
    options.surroundings.reporter.warn(`Waiting for ${holder}, which works in this repository.`);
    const code = await run(way.command, way.args(LOCK_WAIT_SECONDS), descriptor, options.surroundings.signal);
    if (code === 0) return held(options, descriptor);
    throw new DomainError({
      kind: 'conflict',
      code: 'LOCKED',
      message: `This repository is in use by ${holder}.`,
      hint: 'Wait for it to end, or stop it, and try again.',
    });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openLock(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, 'a+');
  } catch (error) {
    if (isUnwritable(error)) throw fileFailed(failureOf(file, error));
    throw error;
  }
}

interface Tried {
  readonly isTaken: boolean;
  readonly command: string;
  readonly args: (seconds: number) => string[];
}

async function firstTry(descriptor: number): Promise<Tried | null> {
  for (const way of WAYS) {
    const code = await run(way.command, way.args(0), descriptor);
    if (code !== null) return { ...way, isTaken: code === 0 };
  }
  return null;
}

/** The exit code; null where there is no such command. */
function run(command: string, args: readonly string[], descriptor: number, signal?: AbortSignal): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', descriptor], ...(signal === undefined ? {} : { signal }) });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
      else if (signal?.aborted === true)
        reject(
          new DomainError({
            kind: 'unavailable',
            code: 'INTERRUPTED',
            message: 'The command was interrupted while it waited for another one.',
          }),
        );
      else reject(error);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function held(options: LockOptions, descriptor: number): () => void {
  try {
    ftruncateSync(descriptor);
    // What DVC's own lock writes there.
    writeSync(descriptor, ` ${process.pid}\n`);
    noteHolder(options);
  } catch (error) {
    // It says a name to whoever waits. On a full disk there is none, and gc has to run there.
    if (!isUnwritable(error)) throw error;
  }
  return () => {
    try {
      rmSync(options.holderFile, { force: true });
    } finally {
      closeSync(descriptor);
    }
  };
}

function noteHolder(options: LockOptions): void {
  mkdirSync(path.dirname(options.holderFile), { recursive: true });
  const temporary = `${options.holderFile}.${process.pid}`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, JSON.stringify({ pid: process.pid, command: options.command }), { flag: 'wx' });
  renameSync(temporary, options.holderFile);
}

/** Where nothing can flock: a file that only one can create. A crash leaves it behind, hence the look at whether its owner lives. DVC does not see it. */
function takeExclusiveFile(options: LockOptions, descriptor: number): () => void {
  const file = `${options.holderFile}.exclusive`;
  mkdirSync(path.dirname(file), { recursive: true });
  options.surroundings.reporter.warn(
    'None of flock, perl and python3 was found: dvc itself must not run in this repository at the same time.',
  );
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      closeSync(openSync(file, 'wx'));
      writeFileSync(file, String(process.pid));
      const release = held(options, descriptor);
      return () => {
        release();
        unlinkSync(file);
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (isAlive(Number(readFileSync(file, 'utf8')))) break;
      rmSync(file, { force: true });
    }
  }
  throw new DomainError({
    kind: 'conflict',
    code: 'LOCKED',
    message: `This repository is in use by ${describeHolder(options)}.`,
    hint: `If nothing runs, delete ${file}.`,
  });
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Who holds the lock, in words: `throughline push (process 4711)`. */
function describeHolder(options: LockOptions): string {
  const pid = Number(readText(options.file).trim());
  const note = parseHolder(readText(options.holderFile));
  if (note !== null && note.pid === pid) return `\`${note.command}\` (process ${pid})`;
  return Number.isSafeInteger(pid) && pid > 0 ? `dvc or another program (process ${pid})` : 'another program';
}

function parseHolder(content: string): { pid: number; command: string } | null {
  try {
    const value = JSON.parse(content) as { pid?: unknown; command?: unknown } | null;
    return typeof value?.pid === 'number' && typeof value.command === 'string' ? { pid: value.pid, command: value.command } : null;
  } catch {
    // It is only there to say a name: without it the number is said.
    return null;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
