// The points that are logged: curves that fall with noise on them, every double with all of its digits, the same for both servers and every
// round, so that what was written can be checked against what is read.

import type { Point } from './mlflow-protocol.ts';

export interface Shape {
  keys: number;
  /** Steps that one batch carries of each key. */
  steps: number;
}

const FIRST_TIMESTAMP_MS = 1_760_000_000_000;
/** Bodies are kept up to this many bytes a shape; a round begins with those that the last one made. */
const KEPT_BYTES = 48_000_000;

export function keyName(key: number): string {
  return `metric_${String(key).padStart(3, '0')}`;
}

/** A number from 0 to 1 that looks random and depends on the seed alone. */
export function noise(seed: number): number {
  let mixed = Math.imul((seed >>> 0) ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2d);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

export function pointOf(key: number, step: number): Point {
  return {
    step,
    timestamp: FIRST_TIMESTAMP_MS + step * 100,
    value: Math.exp(-step / 5000) + noise(key * 1_000_003 + step) / 10,
  };
}

/** Bodies of log-batch requests. A run's turn-th batch carries the steps from turn x steps on. */
export class BatchBodies {
  readonly shape: Shape;
  readonly #metrics: Buffer[] = [];
  #keptBytes = 0;

  constructor(shape: Shape) {
    this.shape = shape;
  }

  /** Makes the first `turns` batches before the clock starts. */
  prepare(turns: number): void {
    for (let turn = 0; turn < turns && this.#keptBytes < KEPT_BYTES; turn += 1) this.#metricsOf(turn);
  }

  body(runId: string, turn: number): Buffer {
    return Buffer.concat([Buffer.from(`{"run_id":"${runId}",`), this.#metricsOf(turn)]);
  }

  #metricsOf(turn: number): Buffer {
    const kept = this.#metrics[turn];
    if (kept !== undefined) return kept;
    const { keys, steps } = this.shape;
    const metrics: string[] = [];
    for (let step = turn * steps; step < (turn + 1) * steps; step += 1) {
      for (let key = 0; key < keys; key += 1) metrics.push(JSON.stringify({ key: keyName(key), ...pointOf(key, step) }));
    }
    const made = Buffer.from(`"metrics":[${metrics.join(',')}]}`);
    if (this.#keptBytes < KEPT_BYTES) {
      this.#metrics[turn] = made;
      this.#keptBytes += made.length;
    }
    return made;
  }
}
