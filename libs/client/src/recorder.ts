// From calls to lines of a journal. Points gather as text until they fill a request or a moment has passed; whatever else is recorded closes them, so
// that the order of calls is the order of lines. Memory is bounded: past some hundred kilobytes the lines are written in the very call, which is the
// back pressure that a loop without a pause feels.

import { LIMITS } from './checks.ts';
import { messageOf, ThroughlineError } from './errors.ts';
import { encodeLine } from './journal.ts';
import type { JournalRecord, JournalWriter } from './journal.ts';

/** How long a record waits for company. */
const WAIT_MS = 200;
/** Lines beyond this are written at once. */
const WRITE_BYTES = 256 * 1024;
/** What is kept in memory where the disk takes nothing. */
const MAX_WAITING_BYTES = 16 * 2 ** 20;

export class Recorder {
  readonly #writer: JournalWriter;
  readonly #onWritten: (end: number) => void;
  readonly #onTrouble: (error: ThroughlineError) => void;
  #points = '';
  #pointCount = 0;
  #lines: Buffer[] = [];
  #bytes = 0;
  /** Whether the last attempt to write failed. */
  #isStuck = false;
  #timer: NodeJS.Timeout | null = null;

  /** @param onWritten told, after each write, where the journal ends. @param onTrouble told of a write that failed; it is tried again. */
  constructor(writer: JournalWriter, onWritten: (end: number) => void, onTrouble: (error: ThroughlineError) => void) {
    this.#writer = writer;
    this.#onWritten = onWritten;
    this.#onTrouble = onTrouble;
  }

  /** Adds a point that was checked, as JSON: `["loss",0.3,1,1700000000000]`. */
  addPoint(json: string): void {
    this.#points += this.#pointCount === 0 ? json : `,${json}`;
    this.#pointCount += 1;
    if (this.#pointCount === LIMITS.batchMetrics) this.#closePoints();
  }

  add(record: JournalRecord): void {
    this.#closePoints();
    this.#addLine(JSON.stringify(record));
  }

  /** To be called after a call's records were added: they are written in a moment, or now where they are many. Throws JOURNAL_FULL. */
  added(): void {
    if (this.#isStuck || this.#bytes + this.#points.length < WRITE_BYTES) {
      // A process that has nothing else to do need not wait for it: it is written when it ends.
      this.#timer ??= setTimeout(() => this.#writeLater(), WAIT_MS).unref();
      return;
    }
    try {
      this.write();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Throws JOURNAL_FULL where nothing more can be taken. To be called before anything is added. */
  checkRoom(): void {
    if (this.#bytes < MAX_WAITING_BYTES) return;
    this.write();
  }

  /** Writes everything, so that it outlives the process. Throws JOURNAL_FULL where the disk does not take it; it is kept then. */
  write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#closePoints();
    if (this.#lines.length === 0) return;
    try {
      while (this.#lines.length > 0) this.#writeSlab();
      this.#isStuck = false;
    } catch (error) {
      this.#isStuck = true;
      throw new ThroughlineError({ code: 'JOURNAL_FULL', message: `The journal cannot be written: ${messageOf(error)}.`, cause: error });
    } finally {
      this.#onWritten(this.#writer.end);
    }
  }

  /** Writes the first of the lines: not all at once, so that an attempt in vain costs little. */
  #writeSlab(): void {
    let count = 0;
    let bytes = 0;
    for (; count < this.#lines.length && bytes < WRITE_BYTES; count += 1) bytes += this.#lines[count]?.length ?? 0;
    this.#writer.write(Buffer.concat(this.#lines.slice(0, count), bytes));
    this.#lines.splice(0, count);
    this.#bytes -= bytes;
  }

  #writeLater(): void {
    this.#timer = null;
    try {
      this.write();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof ThroughlineError)) throw error;
    this.#timer ??= setTimeout(() => this.#writeLater(), WAIT_MS).unref();
    this.#onTrouble(error);
  }

  #closePoints(): void {
    if (this.#pointCount === 0) return;
    const points = this.#points;
    this.#points = '';
    this.#pointCount = 0;
    this.#addLine(`{"type":"metrics","points":[${points}]}`);
  }

  #addLine(json: string): void {
    const line = encodeLine(json);
    this.#lines.push(line);
    this.#bytes += line.length;
  }
}
