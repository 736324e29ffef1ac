// Searches take turns. A search is PostgreSQL working for some milliseconds, and a handful of them at once share its cores: each ends late, after all the
// others. One after the other each ends after those in front of it, the mean is half of that, and no core is worse used.
//
// What works for longer must not keep the others waiting: a place is lent for a moment only, and whoever has not ended by then goes on without one.

import { availableParallelism } from 'node:os';

/** Lets some work at once, in the order in which they came. */
export interface Turns {
  /** Does the work when it is its turn. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export interface TurnsOptions {
  /** How many work at once. */
  places: number;
  /** Milliseconds after which whoever has a place loses it, and works on. */
  lentMs: number;
}

/**
 * As many searches as there are cores, where PostgreSQL has those too; where it has a machine of its own, this process is busy with a few.
 * Most end long before they lose their place.
 */
export const SEARCH_TURNS: TurnsOptions = { places: Math.max(2, availableParallelism()), lentMs: 25 };

export function createTurns({ places, lentMs }: TurnsOptions): Turns {
  let free = places;
  const waiting: (() => void)[] = [];

  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };

  return {
    async take(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((begin) => waiting.push(begin));
      let isLent = true;
      const end = (): void => {
        if (!isLent) return;
        isLent = false;
        clearTimeout(timer);
        giveBack();
      };
      const timer = setTimeout(end, lentMs);
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}
