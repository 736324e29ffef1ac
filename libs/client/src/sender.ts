// Brings a journal to the server: starts the run, then sends parcel after parcel, one at a time, so that their order is the server's too. A living
// run and a later sync use the same sender; that is why both are right about what was sent before.
//
// What the server confirmed is noted from time to time. After a crash the note may be behind, never ahead, and what is sent again shows once.

import { rm } from 'node:fs/promises';

import { parcelsOf } from './batch.ts';
import type { Parcel, SingleRecord } from './batch.ts';
import { Failure, messageOf, systemCode } from './errors.ts';
import { stagedFile, writeProgress, writeRefusal } from './folder.ts';
import type { Header } from './folder.ts';
import { readStretch, removeSegments } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import type { Server } from './server.ts';
import type { Refusal } from './types.ts';

/** After so many failures in a row the server counts as unreachable, and nobody waits for it. */
const FAILURES_UNTIL_UNREACHABLE = 3;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const NOTE_EVERY_MS = 1_000;

/** How the server's protocols say that there is no such run. */
const NO_RUN: ReadonlySet<string> = new Set(['RUN_NOT_FOUND', 'RESOURCE_DOES_NOT_EXIST']);

/** How far it came: everything is sent, the server does not answer, or it takes nothing of this run. */
export type Standing = 'sent' | 'unreachable' | 'blocked';

export interface SenderOptions {
  server: Server;
  folder: string;
  header: Header;
  /** Where the journal goes on that the server does not have. */
  from: number;
  /** Whether the run is going on: it is under way then, and what is sent is not kept. */
  isLive: boolean;
  /** Told of each record that was refused for good, and of being blocked or unreachable, once each time. */
  onTrouble: (error: Failure) => void;
  onConfirmed?: (sentBytes: number) => void;
  /** Whether a parent is still on its way: until it is there, it is not missing. */
  isParentPending?: () => boolean;
}

/** The pause after some failures in a row: it doubles, and is never the same for two clients. */
export function pauseMs(failures: number, random: number = Math.random()): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return longest * (0.5 + random / 2);
}

export class Sender {
  readonly #options: SenderOptions;
  #confirmed: number;
  #noted: number;
  #notedAtMs = 0;
  /** Up to where there is something to send. */
  #target: number;
  #segmentStart = -1;
  #isStarted = false;
  #isWorking = false;
  #isClosed = false;
  #failures = 0;
  #blocked: Failure | null = null;
  #lastFailure: Failure | null = null;
  /** Whether it was told that the server is away, which is told once. */
  #isAwayTold = false;
  #refusals: Refusal[] = [];
  #damagedLines = 0;
  /** Wakes who waits for something to change. */
  #waiting: (() => void)[] = [];
  #pause: { timer: NodeJS.Timeout; end: () => void } | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#confirmed = options.from;
    this.#noted = options.from;
    this.#target = options.from;
  }

  /** Whether the run is on the server. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  get isUnreachable(): boolean {
    return this.#failures >= FAILURES_UNTIL_UNREACHABLE;
  }

  /** What went wrong last; null where nothing did. */
  get failure(): Failure | null {
    return this.#blocked ?? this.#lastFailure;
  }

  get damagedLines(): number {
    return this.#damagedLines;
  }

  /** Has everything sent up to an offset; the run started, where that is none. Does not wait. */
  send(upTo: number): void {
    this.#target = Math.max(this.#target, upTo);
    if (!this.#isWorking && this.#blocked === null && !this.#isClosed) {
      this.#isWorking = true;
      void this.#work();
    }
  }

  /** Tries again now where it pauses between two attempts. */
  hurry(): void {
    this.#pause?.end();
  }

  /**
   * Waits until everything up to an offset is sent, or it is clear that this takes longer.
   * @param patienceMs how long to go on with a server that is unreachable.
   */
  async settle(upTo: number, patienceMs = 0): Promise<Standing> {
    const deadline = Date.now() + patienceMs;
    this.send(upTo);
    for (;;) {
      if (this.#isStarted && this.#confirmed >= upTo) return 'sent';
      if (this.#blocked !== null) return 'blocked';
      if (this.isUnreachable && Date.now() >= deadline) return 'unreachable';
      this.#pause?.timer.ref();
      await this.#change();
    }
  }

  /** Tries once where the server is unreachable, and waits as `settle` does. */
  async settleAnew(upTo: number): Promise<Standing> {
    if (this.isUnreachable) {
      this.#failures = FAILURES_UNTIL_UNREACHABLE - 1;
      this.hurry();
    }
    return this.settle(upTo);
  }

  /** The records that were refused since this was asked last. */
  takeRefusals(): Refusal[] {
    return this.#refusals.splice(0);
  }

  /** Stops after the request that is under way, and notes how far it came. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.hurry();
    while (this.#isWorking) await this.#change();
    this.#note(true);
  }

  #change(): Promise<void> {
    return new Promise((done) => this.#waiting.push(done));
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #work(): Promise<void> {
    while (!this.#isClosed && this.#blocked === null && !(this.#isStarted && this.#confirmed >= this.#target)) {
      try {
        if (!this.#isStarted) await this.#start();
        else await this.#sendStretch();
        this.#succeeded();
      } catch (error) {
        await this.#afterFailure(failureOf(error));
      }
      this.#changed();
    }
    this.#isWorking = false;
    this.#changed();
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#lastFailure = null;
    this.#isAwayTold = false;
  }

  async #start(): Promise<void> {
    const { server, header, isLive } = this.#options;
    if (header.kind === 'start') await server.startRun(header);
    else if (isLive) await server.updateRun(header.runId, { status: 'RUNNING' });
    else await server.getRun(header.runId);
    this.#isStarted = true;
  }

  async #afterFailure(failure: Failure): Promise<void> {
    const { onTrouble, isParentPending } = this.#options;
    const isWaiting = !this.#isStarted && NO_RUN.has(failure.code) && isParentPending?.() === true;
    if (failure.kind !== 'transient' && !isWaiting) {
      this.#blocked = failure;
      onTrouble(failure);
      return;
    }
    this.#lastFailure = failure;
    this.#failures += 1;
    if (this.isUnreachable && !this.#isAwayTold) {
      this.#isAwayTold = true;
      onTrouble(failure);
    }
    this.#changed();
    if (!this.#isClosed) await this.#rest(Math.max(failure.retryAfterMs ?? 0, pauseMs(this.#failures)));
  }

  async #rest(ms: number): Promise<void> {
    await new Promise<void>((end) => {
      const timer = setTimeout(end, ms);
      // Nobody waits for a server that is away; a process that is done may end.
      if (this.isUnreachable) timer.unref();
      this.#pause = { timer, end };
    });
    if (this.#pause !== null) clearTimeout(this.#pause.timer);
    this.#pause = null;
  }

  async #sendStretch(): Promise<void> {
    const { folder, isLive } = this.#options;
    const { entries, segmentStart } = await readStretch(folder, this.#confirmed, this.#target);
    if (entries.length === 0) {
      const message = `The journal in ${folder} ends before what was written to it; somebody has removed or changed it.`;
      throw new Failure({ kind: 'blocked', code: 'JOURNAL_LOST', message });
    }
    if (segmentStart !== this.#segmentStart) {
      this.#segmentStart = segmentStart;
      this.#note(true);
      if (isLive) await removeSegments(folder, this.#confirmed);
    }
    for (const parcel of parcelsOf(entries)) {
      if (this.#isClosed) return;
      await this.#sendParcel(parcel);
      this.#confirmed = parcel.end;
      this.#succeeded();
      this.#note(false);
      if (isLive && parcel.kind === 'single' && parcel.record.type === 'artifact') await this.#discard(parcel.record.file);
      this.#options.onConfirmed?.(this.#confirmed);
      this.#changed();
    }
  }

  /** Removes a staged file, after it is noted that nobody will look for it. */
  async #discard(file: string): Promise<void> {
    this.#note(true);
    await rm(stagedFile(this.#options.folder, file), { force: true });
  }

  #note(isDue: boolean): void {
    const now = Date.now();
    if (this.#noted === this.#confirmed || (!isDue && now - this.#notedAtMs < NOTE_EVERY_MS)) return;
    writeProgress(this.#options.folder, this.#confirmed);
    this.#noted = this.#confirmed;
    this.#notedAtMs = now;
  }

  async #sendParcel(parcel: Parcel): Promise<void> {
    if (parcel.kind === 'damaged') {
      this.#damagedLines += 1;
    } else if (parcel.kind === 'single') {
      await this.#sendOrRefuse(parcel.record, () => this.#sendSingle(parcel.record));
    } else {
      const { server, header } = this.#options;
      try {
        await server.logBatch(header.runId, parcel);
      } catch (error) {
        if (!(error instanceof Failure && error.kind === 'refused')) throw error;
        // One of them is wrong: each alone, so that the others come through.
        for (const record of parcel.records) await this.#sendOrRefuse(record, () => server.logBatch(header.runId, batchOf(record)));
      }
    }
  }

  async #sendSingle(record: SingleRecord): Promise<void> {
    const { server, folder, header } = this.#options;
    const { runId } = header;
    switch (record.type) {
      case 'name':
        return server.updateRun(runId, { run_name: record.name });
      case 'end':
        return server.updateRun(runId, { status: record.status, end_time: record.endedAtMs });
      case 'dataset':
        return server.useDataset(runId, record);
      case 'input':
        return server.logInput(runId, record);
      case 'artifact':
        return server.putArtifact(runId, record, stagedFile(folder, record.file));
    }
  }

  /** Sends a record; where the server will never take it, keeps it apart and goes on. */
  async #sendOrRefuse(record: JournalRecord, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== 'refused') throw failure;
      const { server, folder, header, onTrouble } = this.#options;
      // Whatever is sent to a deleted run is refused, and would not be once it is restored.
      const { isDeleted } = await server.getRun(header.runId);
      if (isDeleted)
        throw new Failure({ kind: 'blocked', code: failure.code, message: failure.message, hint: 'Restore the run to send the rest.' });
      const refusal: Refusal = { record: record.type, code: failure.code, message: failure.message };
      writeRefusal(folder, refusal, record);
      this.#refusals.push(refusal);
      onTrouble(failure);
    }
  }
}

function batchOf(record: JournalRecord) {
  return {
    metrics: record.type === 'metrics' ? record.points : [],
    params: record.type === 'params' ? record.pairs : [],
    tags: record.type === 'tags' ? record.pairs : [],
  };
}

/** Whatever went wrong here is no fault of the server's: a staged file that is gone, a disk that is full. Nothing more is sent until somebody looks. */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = systemCode(error);
  return new Failure({
    // A file that is gone does not come back; the records behind it should not wait for it.
    kind: code === 'ENOENT' ? 'refused' : 'blocked',
    code: code ?? 'UNEXPECTED',
    message: messageOf(error),
    cause: error,
  });
}
