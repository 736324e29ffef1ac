// The form of a row's work, and turns whose sides need not be alike in number: dvc, which takes a minute where others take seconds, has fewer.

import { figure } from '../harness/report.ts';
import type { Figure, Row } from '../harness/report.ts';
import type { Stand } from './stand.ts';

export interface Work {
  name: string;
  title: string;
  work: string;
  /** About how long it takes at full scale, on two cores that do nothing else. */
  seconds: number;
  run(stand: Stand, work: Work): Promise<Row>;
}

export interface Side {
  name: string;
  rounds: number;
  /** Makes ready what the turn needs; not measured. */
  before?: (round: number) => Promise<void>;
  /** One turn; answers seconds. */
  turn: (round: number) => Promise<number>;
}

/** Runs the sides in turns, A B C A B C …, without a warm-up: each turn begins from what is laid out for it. A figure for each side. */
export async function secondsOf({ progress, signal }: Stand, sides: readonly Side[]): Promise<Figure[]> {
  const raw = sides.map((): number[] => []);
  const most = Math.max(...sides.map(({ rounds }) => rounds));
  for (let round = 1; round <= most; round += 1) {
    for (const [index, side] of sides.entries()) {
      if (round > side.rounds) continue;
      signal.throwIfAborted();
      progress.say(`round ${round} of ${side.rounds}, ${side.name}`);
      await side.before?.(round);
      signal.throwIfAborted();
      raw[index]?.push(await side.turn(round));
    }
  }
  return sides.map(({ name }, index) => figure(name, 's', raw[index] ?? []));
}

/** The figure of a side that there is. */
export function figureOf(figures: readonly Figure[], name: string): Figure {
  const found = figures.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`no figure of ${name}`);
  return found;
}
