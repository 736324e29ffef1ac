// What happens to runs that nobody finished when the process ends. Where it ends by itself, they are finished as it ends. Where it is told to end, or
// ends by an exception, nothing can be sent any more: what waits in memory goes to the journal, and a line on the standard error says what to do.

import { writeSync } from 'node:fs';

import type { EndStatus } from './types.ts';

/** A run that is not finished. */
export interface OpenRun {
  finish(status: EndStatus): Promise<unknown>;
  /** Writes what is in memory and how the run ended, at once. Answers what to tell, if anything. */
  abandon(status: EndStatus): string | null;
}

const open = new Set<OpenRun>();
let isListening = false;

/** Looks after a run until it is let go. */
export function watch(run: OpenRun): void {
  open.add(run);
  if (isListening) return;
  isListening = true;
  process.on('beforeExit', finishAll);
  process.on('exit', abandonAll);
}

export function unwatch(run: OpenRun): void {
  open.delete(run);
}

function statusOf(code: number | string | null | undefined): EndStatus {
  return code === undefined || code === null || Number(code) === 0 ? 'FINISHED' : 'FAILED';
}

function finishAll(code: number): void {
  for (const run of open) {
    run.finish(statusOf(code)).catch((error: unknown) => {
      process.exitCode = 1;
      console.error(error);
    });
  }
}

function abandonAll(code: number): void {
  for (const run of open) {
    let line: string | null;
    try {
      line = run.abandon(statusOf(code));
    } catch (error) {
      line = `what it logged last is lost: ${String(error)}`;
    }
    // Nothing that is written later is written at all.
    if (line !== null) writeSync(2, `throughline: ${line}\n`);
  }
}
