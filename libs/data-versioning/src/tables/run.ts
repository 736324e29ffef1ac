// Asks the process that reads tables, and holds it to its limits: of time, of memory, and of room on the disk. What it dies of says whose fault
// that is. A table's is told to whoever asked and is final; the machine's (no room, no process to be had) is `unavailable`, and passes.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

import { DomainError, invalid } from '@throughline/kernel';

import { bytesBelow, noRoom, requireRoom } from './scratch.ts';
import type { TableAnswers, TableRequest } from './types.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

export interface TableLimits {
  /** It is killed after so long. */
  readonly timeoutMs: number;
  /** What DuckDB may use before it spills to the disk. */
  readonly memoryBytes: number;
  /** What the process may have in memory by the system's account, where the system tells (Linux). */
  readonly residentBytes: number;
  /** What it may write to the disk. */
  readonly diskBytes: number;
}

/** For a profile, which nobody waits for. */
export const PROFILE_LIMITS: TableLimits = {
  timeoutMs: 10 * 60_000,
  memoryBytes: 512_000_000,
  residentBytes: 1_500_000_000,
  diskBytes: 8_000_000_000,
};
/** For what somebody waits for. */
export const QUESTION_LIMITS: TableLimits = { ...PROFILE_LIMITS, timeoutMs: 60_000, diskBytes: 4_000_000_000 };

/** An answer is a few hundred columns or rows of short texts; more than this is not read. */
const ANSWER_BYTES = 32 * 1024 * 1024;
/** What the process says of its own failing to start, for the log. */
const COMPLAINT_BYTES = 4_096;
/** How often it is looked at. */
const LOOK_MS = 250;

export interface AskOptions {
  readonly limits: TableLimits;
  readonly signal?: AbortSignal | undefined;
  /** Whether everything else on the machine goes first. */
  readonly isBackground?: boolean;
}

/** A child that ended, and why it was ended where it did not by itself. */
interface Ended {
  readonly text: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: Error | null;
  readonly complaint: string;
}

/**
 * Asks about tables in a process of its own, which writes below the question's folder.
 *
 * Throws `invalid` TABLE_UNREADABLE with what is wrong with the file, `exhausted` TABLE_TOO_LARGE where it needs more time or room than it gets, and
 * `unavailable` where the machine has no room or no process to spare. `signal` ends it with the signal's reason.
 */
export async function askTables<Q extends TableRequest>(question: Q, options: AskOptions): Promise<TableAnswers[Q['kind']]> {
  options.signal?.throwIfAborted();
  const ended = await run(question, options);
  if (ended.reason !== null) throw ended.reason;
  if (ended.code === 0) {
    const answer = JSON.parse(ended.text) as { value: TableAnswers[Q['kind']] } | { error: string };
    if ('value' in answer) return answer.value;
    throw unreadable(answer.error, question);
  }
  if (ended.signal === null) throw notStarted(new Error(`The reader of tables ended with ${ended.code}: ${ended.complaint}`));
  // V8 aborts where its heap is full; the system kills the largest process where the memory is.
  if (ended.signal === 'SIGABRT' || ended.signal === 'SIGKILL') throw tooLarge(MEMORY);
  throw invalid('TABLE_UNREADABLE', `It cannot be read as a table: its reader ended by ${ended.signal}, so it is probably damaged.`);
}

async function run(question: TableRequest, { limits, signal, isBackground = false }: AskOptions): Promise<Ended> {
  const child = spawn(process.execPath, ['--max-old-space-size=512', WORKER], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {},
    windowsHide: true,
  });
  const parts: Buffer[] = [];
  const complaint: Buffer[] = [];
  let bytes = 0;
  let reason: Error | null = null;
  const end = (why: Error) => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const onAbort = () => end(signal?.reason instanceof Error ? signal.reason : new Error('It was given up.'));
  const closed = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.once('close', (code, by) => resolve({ code, signal: by }));
    child.once('error', (error) => {
      // A child that could not be made does not close.
      reason ??= notStarted(error);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  // Where no process is to be had, it may have no streams either.
  if (child.pid === undefined) return { text: '', ...(await closed), reason, complaint: '' };
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => end(tooLarge(`more than ${Math.round(limits.timeoutMs / 1000)} seconds`)), limits.timeoutMs);
  const watching = watch(child, question.folder, limits, end);
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > ANSWER_BYTES) end(tooLarge('more words than an answer has room for'));
    else parts.push(part);
  });
  child.stderr.on('data', (part: Buffer) => {
    if (complaint.length === 0) complaint.push(part.subarray(0, COMPLAINT_BYTES));
  });
  // One that ended before it read its question says why by how it ended.
  child.stdin.on('error', () => undefined);
  if (isBackground) lower(child);
  // Left open: when this process is gone, it closes, and the child ends.
  child.stdin.write(`${JSON.stringify({ request: question, memoryBytes: limits.memoryBytes })}\n`);
  try {
    const { code, signal: by } = await closed;
    return { text: Buffer.concat(parts).toString(), code, signal: by, reason, complaint: Buffer.concat(complaint).toString() };
  } finally {
    clearTimeout(timer);
    clearInterval(watching);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Looks at what the child takes, and ends it where that is too much. */
function watch(child: ChildProcess, folder: string, limits: TableLimits, end: (why: Error) => void): NodeJS.Timeout {
  let isLooking = false;
  const look = async () => {
    if ((await residentBytes(child.pid)) > limits.residentBytes) end(tooLarge(MEMORY));
    else if ((await bytesBelow(folder)) > limits.diskBytes) end(tooLarge('more room on the disk than a table gets'));
    else await requireRoom(folder, 0);
  };
  return setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look()
      .catch((error: unknown) => end(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (isLooking = false));
  }, LOOK_MS);
}

/** What a process has in memory; 0 where the system does not tell, or the process is gone. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

function lower(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already; how, `closed` tells.
  }
}

const MEMORY = 'more memory than a table gets';

/** What whoever waits is told where the server ends. */
export function serverEnds(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'SERVER_ENDS',
    message: 'The server is being stopped.',
    hint: 'Try again in a little while.',
  });
}

function tooLarge(what: string): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TABLE_TOO_LARGE',
    message: `The table takes ${what}.`,
    hint: 'Parquet is read fastest; the file itself can be downloaded as it is.',
  });
}

function notStarted(cause: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'NO_READER_OF_TABLES',
    message: 'The process that reads tables could not be started on this server.',
    hint: 'Try again later; the server’s log says why.',
    cause,
  });
}

/** What DuckDB says, without paths of ours, and no more of it than a person reads. */
function unreadable(message: string, question: TableRequest): DomainError {
  if (/no space left|disk quota/i.test(message)) return noRoom();
  if (/out of memory|max_temp_directory_size|array buffer allocation failed/i.test(message)) return tooLarge(MEMORY);
  const files = question.kind === 'diff' ? [question.before.file, question.after.file] : [question.table.file];
  const told = [...files, question.folder].reduce((text, path) => text.replaceAll(path, 'the file'), message).split('\n')[0] ?? '';
  return invalid('TABLE_UNREADABLE', `It cannot be read as a table: ${told.slice(0, 300)}`);
}
