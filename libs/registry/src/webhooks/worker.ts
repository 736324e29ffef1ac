// The worker that delivers. Any number of them may run, in any number of processes: each takes what is due, one delivery of a webhook at a
// time, so that a receiver that hangs holds up nobody else's and a healthy one hears of things in their order. Killed at any line, it
// leaves a delivery whose lease ends and that is then taken again: at least once, under the same id.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Database } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import type { Clock } from '@throughline/kernel';

import { delayBehind, isPassing } from './retries.ts';
import type { SecretBox } from './secrets.ts';
import { send } from './send.ts';
import type { Answer } from './send.ts';
import { headersOf } from './signature.ts';
import { giveBack, recordOutcome, removeDone, takeDue } from './store.ts';
import type { Outcome, TakenDelivery } from './store.ts';

export interface DeliveryOptions {
  /** Ends the worker; attempts under way are given back. */
  signal: AbortSignal;
  /** Told of what the worker itself could not cope with, such as a lost database; it goes on at the next turn. */
  onError?: (error: unknown) => void;
}

/** What deliveries are made with. */
export interface Courier {
  database: Database;
  clock: Clock;
  secrets: SecretBox;
  allowPrivate: boolean;
  /** How long the worker rests where nothing is due. */
  pollMs: number;
  /** For the whole of one attempt. */
  attemptMs: number;
}

export const ATTEMPT_LIMIT_MS = 15_000;
/** Longer than an attempt with what is recorded behind it; so long a delivery waits whose server was killed. */
const LEASE_MS = 30_000;
const CONCURRENCY = 8;
/** Of those, what receivers get that took long the last time, in turn: however many hang, and however much waits for them, half is for others. */
const CONCURRENCY_OF_SLOW = 4;
/** How much of an attempt's time is long. */
const SLOW_SHARE = 0.1;
const AFTER_TROUBLE_MS = 5_000;
/** How long what is done stays in the log. */
const KEPT_DAYS = 30;
const CLEANING_EVERY_MS = 3_600_000;
const CLEANED_AT_ONCE = 5_000;
const MAX_ERROR = 500;

/** Delivers until the signal ends it, then waits for what is under way to be given back. */
export async function runDeliveries(courier: Courier, { signal, onError = () => undefined }: DeliveryOptions): Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  /** Webhooks whose receivers took long, those first that were tried longest ago. */
  const slow = new Set<string>();
  let cleanedAtMs = -Infinity;
  while (!signal.aborted) {
    try {
      if (performance.now() - cleanedAtMs > CLEANING_EVERY_MS) {
        await clean(courier.database, signal);
        cleanedAtMs = performance.now();
        // Those that were deleted are in it too.
        slow.clear();
      }
      for (const delivery of await takeNext(courier.database, [...underWay.keys()], slow)) {
        const { webhookId } = delivery;
        const begunAtMs = performance.now();
        const work = deliver(courier, delivery, signal)
          .catch(onError)
          .finally(() => {
            underWay.delete(webhookId);
            slow.delete(webhookId);
            if (performance.now() - begunAtMs > courier.attemptMs * SLOW_SHARE) slow.add(webhookId);
          });
        underWay.set(webhookId, work);
      }
      await rest(courier.pollMs, [...underWay.values()], signal);
    } catch (error) {
      onError(error);
      // A database that is gone is not back within a moment, and each try is a line in the log.
      await rest(AFTER_TROUBLE_MS, [], signal);
    }
  }
  await Promise.all(underWay.values());
}

/** Takes what there is room for. */
async function takeNext(database: Database, busy: readonly string[], slow: ReadonlySet<string>): Promise<TakenDelivery[]> {
  const free = CONCURRENCY - busy.length;
  if (free === 0) return [];
  const taken = await takeDue(database, { limit: free, leaseMs: LEASE_MS, except: [...busy, ...slow] });
  const ofSlow = Math.min(free - taken.length, CONCURRENCY_OF_SLOW - busy.filter((id) => slow.has(id)).length);
  const waiting = [...slow].filter((id) => !busy.includes(id));
  if (ofSlow <= 0 || waiting.length === 0) return taken;
  return [...taken, ...(await takeDue(database, { limit: ofSlow, leaseMs: LEASE_MS, only: waiting }))];
}

/** Takes out of the log what is long done, in statements that are short. */
async function clean(database: Database, signal: AbortSignal): Promise<void> {
  let removed: number;
  do removed = await removeDone(database, { days: KEPT_DAYS, limit: CLEANED_AT_ONCE });
  while (removed === CLEANED_AT_ONCE && !signal.aborted);
}

/** Until something is done, so that the next of its webhook follows at once, or until the next turn. */
async function rest(pollMs: number, underWay: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  // Aborted is not failed: it is how a sleeper is woken.
  const turn = sleep(pollMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
  await Promise.race([turn, ...underWay]);
  over.abort();
}

async function deliver(courier: Courier, delivery: TakenDelivery, signal: AbortSignal): Promise<void> {
  const outcome = await attempt(courier, delivery, signal);
  await (outcome === null ? giveBack(courier.database, delivery) : recordOutcome(courier.database, delivery, outcome));
}

/** What one attempt comes to; null where the worker was ended in the middle of it. */
async function attempt(courier: Courier, delivery: TakenDelivery, signal: AbortSignal): Promise<Outcome | null> {
  const now = courier.clock.now();
  try {
    const answer = await sendSigned(courier, delivery, signal);
    if (answer.status >= 200 && answer.status < 300) {
      return { state: 'DELIVERED', againInMs: 0, responseStatus: answer.status, error: null };
    }
    const error = `The receiver answered ${answer.status}${answer.text.trim() === '' ? '.' : `: ${answer.text.trim()}`}`.slice(
      0,
      MAX_ERROR,
    );
    return isPassing(answer.status) ? later(delivery, answer, error, now) : failed(answer.status, error);
  } catch (error) {
    if (signal.aborted) return null;
    const words = wordsFor(error);
    // What is wrong with the address stays wrong; everything else may pass.
    return error instanceof DomainError && error.kind === 'invalid' ? failed(null, words) : later(delivery, null, words, now);
  }
}

function failed(responseStatus: number | null, error: string): Outcome {
  return { state: 'FAILED', againInMs: 0, responseStatus, error };
}

function later(delivery: TakenDelivery, answer: Answer | null, error: string, now: Date): Outcome {
  const againInMs = delayBehind(delivery.attempt, answer, now);
  const responseStatus = answer?.status ?? null;
  return againInMs === null ? failed(responseStatus, error) : { state: 'PENDING', againInMs, responseStatus, error };
}

/** Signs and sends a body. Throws what stood in the way of an answer. */
export async function sendSigned(
  { secrets, allowPrivate, clock, attemptMs }: Pick<Courier, 'secrets' | 'allowPrivate' | 'clock' | 'attemptMs'>,
  letter: Pick<TakenDelivery, 'id' | 'body' | 'webhookId' | 'url' | 'secret'>,
  signal?: AbortSignal,
): Promise<Answer> {
  const secret = letter.secret === null ? null : secrets.open(letter.webhookId, letter.secret);
  const headers = headersOf(letter, secret, clock.now());
  return send({ url: new URL(letter.url), headers, body: letter.body, allowPrivate, timeoutMs: attemptMs, signal });
}

/** The codes of sockets and names that people know, in words. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was cut.',
  ENOTFOUND: 'The host name has no address.',
  EAI_AGAIN: 'The host name could not be resolved at the moment.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The network cannot be reached.',
  ETIMEDOUT: `There was no answer within ${ATTEMPT_LIMIT_MS / 1000} seconds.`,
};

/** Why there was no answer, in words that hold nothing of this server's insides. */
export function wordsFor(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? (WORDS[code] ?? `The delivery failed (${code.slice(0, 80)}).`) : 'The delivery failed.';
}
