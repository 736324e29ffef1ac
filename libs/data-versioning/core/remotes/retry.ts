// Trying again, for what is harmless to repeat: questions, and writes of whole objects under their own hashes. Pauses grow and are spread at random, so that many
// clients of one server that stumbled do not come back at the same moment.

import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@throughline/kernel';
import { cancelled } from './failures.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Of the first pause; the next ones are twice as long each. */
  readonly firstPauseMs?: number;
}

/** Marks a failure that may pass: a busy server, a connection that broke. */
export interface Passing {
  /** What the server asked for, in milliseconds; null: as we think best. */
  readonly retryAfterMs: number | null;
}

const passing = new WeakMap<Error, Passing>();

/** The same error, marked as one that may pass. */
export function mayPass<E extends Error>(error: E, retryAfterMs: number | null = null): E {
  passing.set(error, { retryAfterMs });
  return error;
}

export function isPassing(error: unknown): boolean {
  return error instanceof Error && passing.has(error);
}

/** Runs `work` up to five times while what it throws may pass. An abort ends it at once, pauses included. */
export async function attempt<T>(work: (attemptNumber: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let number = 1; ; number += 1) {
    throwIfAborted(options.signal);
    try {
      return await work(number);
    } catch (error) {
      throwIfAborted(options.signal);
      const how = error instanceof Error ? passing.get(error) : undefined;
      if (how === undefined || number === ATTEMPTS) throw error;
      const own = (options.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (number - 1) * (0.5 + Math.random());
      await pauseFor(Math.min(LONGEST_PAUSE_MS, Math.max(own, how.retryAfterMs ?? 0)), options.signal);
    }
  }
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw error;
  }
}

/** @throws DomainError `CANCELLED` once the command is to end, or the reason that somebody gave with the abort. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof DomainError ? signal.reason : cancelled();
}
