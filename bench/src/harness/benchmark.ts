// The form that every benchmark has, whatever it measures.

import type { Progress } from './progress.ts';
import type { Row, Subject } from './report.ts';

export interface Benchmark {
  /** Its rows' names, in the order in which they run: later ones may build on what earlier ones left. */
  rows: readonly string[];
  /** Starts what the rows run against. Where it throws, it has ended what it started. */
  open(options: OpenOptions): Promise<OpenBenchmark>;
}

export interface OpenOptions {
  /** The repository. */
  root: string;
  /** Little data and short turns. */
  quick: boolean;
  /** How many measured rounds; null for the benchmark's own number. */
  rounds: number | null;
  /** The names of the rows that will run. */
  rows: readonly string[];
  progress: Progress;
  /** Ends everything that waits. */
  signal: AbortSignal;
}

export interface OpenBenchmark {
  /** What a reader must know of what it runs against: versions, settings. */
  environment: Readonly<Record<string, unknown>>;
  /** Those that were asked for. */
  rows: readonly RunnableRow[];
  /** What the programs that it started said last, for the story of a failure. */
  lastWords: () => string;
  /** Ends everything that was started; may be called again. */
  close: () => Promise<void>;
}

export interface RunnableRow {
  subject: Subject;
  /** About how long it takes. */
  seconds: number;
  run: () => Promise<Row>;
}
