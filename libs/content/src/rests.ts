// How a worker that found nothing to do waits: until its next turn, or until this process has made work for it.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Rests {
  /** Waits for the next turn, a wake or the end. */
  rest: (signal: AbortSignal) => Promise<void>;
  /** Ends the waiting of all who wait now. */
  wake: () => void;
}

/** Turns come after `pollMs` milliseconds, since other processes make work as well. */
export function createRests(pollMs: number): Rests {
  const sleepers = new Set<AbortController>();
  return {
    async rest(signal) {
      const sleeper = new AbortController();
      sleepers.add(sleeper);
      // Aborted is not failed: it is how a sleeper is woken, and nothing else can go wrong with a clock.
      await sleep(pollMs, undefined, { signal: AbortSignal.any([signal, sleeper.signal]) }).catch(() => undefined);
      sleepers.delete(sleeper);
    },
    wake() {
      for (const sleeper of sleepers) sleeper.abort();
    },
  };
}
