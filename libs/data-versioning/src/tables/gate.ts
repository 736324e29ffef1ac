// A door for what people ask: some at once, some more in front of it, and a clear word to the rest. A process that reads a table takes a core and half a
// gigabyte.

import { DomainError } from '@throughline/kernel';

export interface GateOptions {
  atOnce: number;
  /** How many may wait. */
  waiting: number;
  /** How long each waits at most. */
  patienceMs: number;
}

/** Runs work when it is its turn. Throws `unavailable` TABLES_BUSY where that does not come. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate({ atOnce, waiting, patienceMs }: GateOptions): Gate {
  let inside = 0;
  const queue = new Set<() => void>();

  const enter = () =>
    new Promise<void>((resolve, reject) => {
      if (queue.size >= waiting) {
        reject(busy());
        return;
      }
      const timer = setTimeout(() => {
        queue.delete(go);
        reject(busy());
      }, patienceMs);
      const go = () => {
        clearTimeout(timer);
        queue.delete(go);
        resolve();
      };
      queue.add(go);
    });

  return async (work) => {
    if (inside < atOnce) inside += 1;
    else await enter();
    try {
      return await work();
    } finally {
      // The place goes to whoever waits longest, or is free.
      const [next] = queue;
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}

function busy(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'TABLES_BUSY',
    message: 'This server is reading as many tables as it can at once.',
    hint: 'Try again in a little while.',
  });
}
