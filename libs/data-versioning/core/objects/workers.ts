// The threads that read, hash and write files, and who gives them their work. They are started when there is enough of it: a thread costs 30 ms, as long as a hundred
// small files do. What is little is done at once, on the caller's thread, by the same functions.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { placeFiles } from './place-file.ts';
import { storeFiles } from './store-file.ts';
import type { FilesTaskOfAnyKind, TaskAnswer } from './tasks.ts';
import type { TaskMessage, WorkerMessage } from './worker.ts';

/** More hash no faster than disks read. */
const MAX_HASHERS = 8;
/** Making files is the file system's work, and beyond a few threads wait for each other's locks. */
const MAX_WRITERS = 4;
/** Where they all make their files in one folder, that is so from the second one on. */
const CORES_A_PLACER = 2;

/** The threads' own program, which lies beside this one: in the sources, and as a file of its own in a bundle, whose modules all lie in one folder. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** How many threads serve such work best. */
export function threadsFor(work: 'hash' | 'store' | 'place'): number {
  const cores = availableParallelism();
  if (work === 'hash') return Math.min(cores, MAX_HASHERS);
  return Math.max(1, Math.min(work === 'store' ? cores : Math.floor(cores / CORES_A_PLACER), MAX_WRITERS));
}

type OnBytes = (count: number) => void;

interface Waiting {
  readonly onBytes: OnBytes;
  readonly resolve: (answer: TaskAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread and what it still owes. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor() {
    this.#worker = new Worker(WORKER);
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`A thread ended with code ${code}.`)));
    // Last: to listen to a thread has the process wait for it again.
    this.#worker.unref();
  }

  get load(): number {
    return this.#waiting.size;
  }

  run(task: FilesTaskOfAnyKind, onBytes: OnBytes): Promise<TaskAnswer> {
    return new Promise((resolve, reject) => {
      const number = this.#number++;
      // An idle thread keeps no process alive.
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(number, { onBytes, resolve, reject });
      const message: TaskMessage = { number, task };
      this.#worker.postMessage(message, buffersOf(task));
    });
  }

  #receive(message: WorkerMessage): void {
    const waiting = this.#waiting.get(message.number);
    if (waiting === undefined) return;
    if ('bytes' in message) {
      waiting.onBytes(message.bytes);
      return;
    }
    this.#waiting.delete(message.number);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('answer' in message) waiting.resolve(message.answer);
    else waiting.reject(message.error);
  }

  #fail(error: unknown): void {
    threads.delete(this);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** What changes hands with a task instead of being copied. */
function buffersOf(task: FilesTaskOfAnyKind): ArrayBuffer[] {
  if (task.kind === 'place') return [task.digests.buffer as ArrayBuffer];
  return task.surveyed === null ? [] : [task.surveyed.facts.buffer];
}

const threads = new Set<Thread>();

/** Starts so many threads before there is work for them: they need a while until they can take any. */
export function startThreads(threadCount: number): void {
  while (threads.size < threadCount) threads.add(new Thread());
}

/** Runs a task on the least busy of so many threads; null threads: on this one. */
export async function runTask(task: FilesTaskOfAnyKind, threadCount: number | null, onBytes: OnBytes): Promise<TaskAnswer> {
  if (threadCount === null) return task.kind === 'store' ? await storeFiles(task, onBytes) : placeFiles(task, onBytes);
  const candidates = [...threads].slice(0, threadCount);
  let best = candidates[0];
  for (const thread of candidates) if (best === undefined || thread.load < best.load) best = thread;
  if (best === undefined || (best.load > 0 && candidates.length < threadCount)) {
    best = new Thread();
    threads.add(best);
  }
  return best.run(task, onBytes);
}
