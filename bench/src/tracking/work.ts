// The form of a row's work, and what rows share.

import { figure } from '../harness/report.ts';
import type { Figure, Row } from '../harness/report.ts';
import { interleaved } from '../harness/rounds.ts';
import type { Side } from '../harness/rounds.ts';
import type { Stand } from './stand.ts';

/** What a row's rounds may take: all rows', and what some do beforehand, fit into the time that a benchmark may take. */
export const ROUNDS_BUDGET_SECONDS = 80;

export interface Work {
  name: string;
  title: string;
  /** What is done, to both sides alike. */
  work: string;
  /** About how long it takes at full scale, on two cores that do nothing else. */
  seconds: number;
  run(stand: Stand, work: Work): Promise<Row>;
}

/** Runs the sides in turns and makes a figure of each, of one number a turn. */
export async function figuresOf(
  stand: Stand,
  unit: string,
  sides: readonly Side<number>[],
): Promise<{ figures: Figure[]; notes: string[] }> {
  const { sides: results, notes } = await interleaved(sides, {
    rounds: stand.scale.rounds,
    budgetSeconds: ROUNDS_BUDGET_SECONDS,
    progress: stand.progress,
    signal: stand.signal,
  });
  return { figures: sides.map(({ name }, index) => figure(name, unit, results[index] ?? [])), notes };
}

/** The figure at this place; rows name theirs by destructuring, and there are as many as sides. */
export function figureAt(figures: readonly Figure[], index: number): Figure {
  const found = figures[index];
  if (found === undefined) throw new RangeError(`no figure at ${index}`);
  return found;
}

/** Work that is done once for a stand, by whichever row asks first. */
export function oncePerStand<Result>(work: (stand: Stand) => Promise<Result>): (stand: Stand) => Promise<Result> {
  const done = new WeakMap<Stand, Promise<Result>>();
  return (stand) => {
    const begun = done.get(stand) ?? work(stand);
    done.set(stand, begun);
    return begun;
  };
}

let names = 0;

/** A name that no other experiment of this benchmark has. */
export function freshName(what: string): string {
  names += 1;
  return `bench-${what}-${names}`;
}
