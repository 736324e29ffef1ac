// Work on many things, so many at a time. What one of them throws ends the others: whoever wants to gather failures catches them in his own work.

import { throwIfAborted } from './retry.ts';

export interface PoolOptions {
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/** Runs `work` over all items. The first failure is thrown once nothing is under way any more; nothing new is begun after it. */
export async function inParallel<T>(items: Iterable<T>, { jobs, signal }: PoolOptions, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { error: unknown } | null = null;
  const worker = async () => {
    for (;;) {
      if (failure !== null) return;
      const next = iterator.next();
      if (next.done === true) return;
      try {
        throwIfAborted(signal);
        await work(next.value);
      } catch (error) {
        failure ??= { error };
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  // TypeScript does not see that the workers assign it.
  const thrown = failure as { error: unknown } | null;
  if (thrown !== null) throw thrown.error;
}

/** Cuts a list into pieces that hold at most so many items, and together weigh no more than the limit unless one alone does. */
export function inBatches<T>(items: readonly T[], limits: { count: number; weight: number }, weightOf: (item: T) => number): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let weight = 0;
  for (const item of items) {
    const own = weightOf(item);
    if (batch.length > 0 && (batch.length >= limits.count || weight + own > limits.weight)) {
      batches.push(batch);
      batch = [];
      weight = 0;
    }
    batch.push(item);
    weight += own;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
