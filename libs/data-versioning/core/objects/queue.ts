// Files on their way to the threads: collected into batches, so many under way at a time, ended by the user's wish between two of them. Little work is done on this
// thread, and durably one by one; much is given to others and made durable as a whole, once.

import { DomainError } from '@throughline/kernel';
import type { Task } from '../types.ts';
import { fileFailed } from './failures.ts';
import type { FileFailure } from './failures.ts';
import type { FilesTaskOfAnyKind, TaskAnswer } from './tasks.ts';
import { runTask, startThreads, threadsFor } from './workers.ts';

/** Files of a batch, and their bytes unless one alone has more. */
const BATCH_FILES = 512;
const BATCH_BYTES = 16 * 1024 * 1024;
/** Up to so many files are worth no thread. */
export const FEW_FILES = 24;
const FEW_BYTES = 32 * 1024 * 1024;
/** Batches that a thread has before it: the next one must lie there when it ends one. */
const AHEAD = 2;
/** Batches in line before whoever fills it waits. */
const MAX_READY = 64;
/** Failures that are named; the rest is counted. */
const NAMED_FAILURES = 20;

export interface QueueOptions<File> {
  readonly work: 'hash' | 'store' | 'place';
  readonly signal: AbortSignal;
  readonly progress: Task;
  /** Files or bytes. */
  readonly counts: 'files' | 'bytes';
  /** The task for some files. `isFew`: nobody will sync them as a whole. */
  readonly taskOf: (files: readonly File[], isFew: boolean) => FilesTaskOfAnyKind;
  readonly sizeOf: (file: File) => number;
  readonly onAnswer: (files: readonly File[], answer: TaskAnswer) => void;
}

export class FileQueue<File> {
  readonly #options: QueueOptions<File>;
  readonly #threads: number;
  readonly #ready: File[][] = [];
  readonly #failures: FileFailure[] = [];
  #batch: File[] = [];
  #batchBytes = 0;
  #fileCount = 0;
  #byteCount = 0;
  #underWay = 0;
  #isMany = false;
  #error: { readonly thrown: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(options: QueueOptions<File>) {
    this.#options = options;
    this.#threads = threadsFor(options.work);
  }

  /** What failed so far. */
  get failures(): readonly FileFailure[] {
    return this.#failures;
  }

  /** To be called when there will be more than a few files, and before they are there. */
  expectMany(): void {
    startThreads(this.#threads);
  }

  push(file: File): void {
    const size = this.#options.sizeOf(file);
    if (this.#batch.length > 0 && this.#batchBytes + size > BATCH_BYTES) this.#close();
    this.#batch.push(file);
    this.#batchBytes += size;
    this.#fileCount += 1;
    this.#byteCount += size;
    if (this.#batch.length >= BATCH_FILES) this.#close();
  }

  /** Whether so much waits that whoever pushes should wait for `room`, too: a million files in line would fill the memory. */
  get isFull(): boolean {
    return this.#ready.length > MAX_READY;
  }

  /** Lets answers in while there is more to come, and waits until the line is short again. */
  async room(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.isFull && this.#underWay > 0 && this.#error === null) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#throwIfOver();
  }

  /** Waits until everything is done. Failures of single files are in `failures`; whatever else goes wrong is thrown. */
  async drain(): Promise<void> {
    this.#close();
    const isFew = !this.#isMany && this.#fileCount <= FEW_FILES && (this.#byteCount <= FEW_BYTES || this.#fileCount === 1);
    if (isFew) {
      for (const files of this.#ready.splice(0)) await this.#run(files, null);
    } else {
      this.#isMany = true;
      this.#pump();
      while (this.#underWay > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#throwIfOver();
    this.#fileCount = 0;
    this.#byteCount = 0;
  }

  #close(): void {
    if (this.#batch.length === 0) return;
    this.#ready.push(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#isMany ||= this.#fileCount > FEW_FILES;
    if (this.#isMany) this.#pump();
  }

  #pump(): void {
    while (this.#underWay < this.#threads * AHEAD && this.#error === null && !this.#options.signal.aborted) {
      const files = this.#ready.shift();
      if (files === undefined) return;
      this.#underWay += 1;
      void this.#run(files, this.#threads).finally(() => {
        this.#underWay -= 1;
        this.#pump();
        if (this.#underWay === 0 || !this.isFull) this.#wake?.();
      });
    }
  }

  async #run(files: readonly File[], threads: number | null): Promise<void> {
    const { counts, progress, taskOf, sizeOf, onAnswer } = this.#options;
    let told = 0;
    try {
      const answer = await runTask(taskOf(files, threads === null), threads, (bytes) => {
        told += bytes;
        if (counts === 'bytes') progress.advance(bytes);
      });
      onAnswer(files, answer);
      this.#failures.push(...answer.failures);
      const isFull = answer.failures.find((failure) => failure.code === 'ENOSPC' || failure.code === 'EDQUOT');
      // With a full disk all the others would fail, too.
      if (isFull !== undefined) throw fileFailed(isFull);
      progress.advance(counts === 'files' ? files.length : files.reduce((sum, file) => sum + sizeOf(file), 0) - told);
    } catch (error) {
      this.#error ??= { thrown: error };
    }
  }

  #throwIfOver(): void {
    if (this.#error !== null) throw this.#error.thrown;
    throwIfAborted(this.#options.signal);
  }
}

/** @throws DomainError `INTERRUPTED`. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'INTERRUPTED',
      message: 'The command was interrupted.',
      hint: 'Repeat it: it goes on where it stopped.',
    });
  }
}

/** One error for all files that failed: the first in words, the others by name. */
export function throwFailures(failures: readonly FileFailure[]): void {
  const [first, ...others] = failures;
  if (first === undefined) return;
  const error = fileFailed(first);
  if (others.length === 0) throw error;
  throw new DomainError({
    kind: error.kind,
    code: error.code,
    message: `${error.message} So it is with ${others.length} more.`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { files: failures.slice(0, NAMED_FAILURES).map((failure) => failure.path) },
  });
}
