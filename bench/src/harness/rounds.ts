// Rounds: each side does its work in turn, A B A B …, so that whatever else the machine does meets all of them alike; a warm-up turn of each
// comes first and is thrown away. A budget of time bounds the row: the round that would not fit any more is left out, and that is said.

import type { Progress } from './progress.ts';

export interface Side<Result> {
  name: string;
  /** One turn; `isWarmUp` ones may be shorter. */
  turn(isWarmUp: boolean): Promise<Result>;
}

export interface RoundsOptions {
  rounds: number;
  budgetSeconds: number;
  progress: Progress;
  /** Ends the row between two turns. */
  signal: AbortSignal;
  /** Milliseconds; the clock of the machine unless told. */
  now?: () => number;
}

export interface RoundsResult<Result> {
  /** By the sides' order, then by round. */
  sides: Result[][];
  /** What a reader must know: that rounds were cut. */
  notes: string[];
}

/** Runs the sides in turns. At least one round is measured, whatever it takes, unless the signal ends it: then its reason is thrown. */
export async function interleaved<Result>(sides: readonly Side<Result>[], options: RoundsOptions): Promise<RoundsResult<Result>> {
  const now = options.now ?? (() => performance.now());
  const begin = now();
  const turn = async (side: Side<Result>, isWarmUp: boolean, what: string) => {
    options.signal.throwIfAborted();
    options.progress.say(`${what}, ${side.name}`);
    return side.turn(isWarmUp);
  };
  for (const side of sides) await turn(side, true, 'warm-up');
  const results: Result[][] = sides.map(() => []);
  let longestMs = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const roundBegin = now();
    if (round > 1 && roundBegin - begin + longestMs > options.budgetSeconds * 1000) {
      return {
        sides: results,
        notes: [`${round - 1} of ${options.rounds} rounds: another one would have gone over the budget of ${options.budgetSeconds} s`],
      };
    }
    for (const [index, side] of sides.entries()) results[index]?.push(await turn(side, false, `round ${round} of ${options.rounds}`));
    longestMs = Math.max(longestMs, now() - roundBegin);
  }
  return { sides: results, notes: [] };
}
