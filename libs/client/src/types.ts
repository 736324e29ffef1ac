// Everything public that is not a function. It stands in one file, without an import, because the package's declarations are made of it.

/** Where a run's records go: `auto` to the server, and to a file as long as it cannot be reached; `online` only counts what the server has; `offline` never asks it. */
export type Mode = 'auto' | 'online' | 'offline';

/** How a run ended. */
export type EndStatus = 'FINISHED' | 'FAILED' | 'KILLED';

/** What a param or a tag may be; it is kept as text. */
export type Scalar = string | number | bigint | boolean;

/** Where the server is and where files go. What is not given is taken from the environment. */
export interface ConnectionOptions {
  /** The server's address: THROUGHLINE_URL, or http://localhost:4000. */
  url?: string | undefined;
  /** THROUGHLINE_TOKEN. Never written to a file. */
  token?: string | undefined;
  /** THROUGHLINE_WORKSPACE; the token's own unless given. */
  workspace?: string | undefined;
  /** The folder for journals: THROUGHLINE_DIR, or `.throughline` in the working directory. */
  dir?: string | undefined;
}

export interface RunOptions extends ConnectionOptions {
  /** THROUGHLINE_MODE, or `auto`. */
  mode?: Mode | undefined;
  /** Told of everything that goes wrong in the background. Without it, warnings are emitted on the process. */
  onError?: ((error: Error) => void) | undefined;
}

export interface StartOptions extends RunOptions {
  /** The experiment's name, which is made where there is none: the parent's, THROUGHLINE_EXPERIMENT, or `Default`. Up to 500 characters. */
  experiment?: string | undefined;
  /** Up to 500 characters; the server makes one up unless given. */
  name?: string | undefined;
  params?: Readonly<Record<string, Scalar>> | undefined;
  tags?: Readonly<Record<string, Scalar>> | undefined;
  /** The id of the run that this one is part of. */
  parent?: string | undefined;
}

export interface LogOptions {
  /** A whole number. One more than the greatest so far unless given, from 0. */
  step?: number | undefined;
  /** When it was measured, in milliseconds since 1970; now unless given. */
  timestamp?: number | Date | undefined;
}

/** Bytes of an artifact: a file's path, the bytes themselves, or a stream of them. */
export type ArtifactSource = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface DatasetOptions {
  /** training, validation, test, reference or another word. */
  context?: string | undefined;
  /** The SHA-256 of every file that was read, by its path in the version: what the server can compare is proven, not only said. */
  files?: Readonly<Record<string, string>> | undefined;
}

/** Data that is registered nowhere, as MLflow describes it. */
export interface InputDescription {
  name: string;
  /** Up to 36 characters that tell one state of the data from another. */
  digest: string;
  /** Where it came from: an address, a path. */
  source: string;
  /** What kind of place that is; `local` unless given. */
  sourceType?: string | undefined;
  schema?: string | undefined;
  profile?: string | undefined;
  context?: string | undefined;
}

/** Where everything logged so far is safe: committed by the server, or in a file that was synchronised to the disk. */
export type Durable = 'server' | 'journal';

/** A run under way. Everything but `flush`, `finish` and what stages bytes returns at once; records keep their order. */
export interface Run {
  readonly id: string;
  /** Its page in the dashboard. */
  readonly url: string;
  /** The folder that keeps what the server does not have yet. */
  readonly folder: string;

  /**
   * Logs values of metrics, of one step. NaN and infinities are taken.
   * @throws ThroughlineError INVALID_INPUT, and then nothing of the call is logged; RUN_FINISHED; JOURNAL_FULL where the disk has no room and the memory for waiting points is used up.
   */
  log(metrics: Readonly<Record<string, number>>, options?: LogOptions): void;
  /** Logs settings. A key keeps its first value: another one is refused (PARAM_CHANGED). */
  params(params: Readonly<Record<string, Scalar>>): void;
  /** Sets tags; the last value counts. */
  tags(tags: Readonly<Record<string, Scalar>>): void;
  setName(name: string): void;
  /**
   * Keeps a file. Resolves once its bytes are copied and hashed, after which the source may change; the upload goes on in the background.
   * @param path where it is put among the run's artifacts; the file's own name unless given, and required for bytes and streams.
   */
  logArtifact(source: ArtifactSource, path?: string): Promise<void>;
  /** Says that the run reads a version of a dataset: `data:penguins@2`. One that is not registered yet is linked when it is. */
  useDataset(ref: string, options?: DatasetOptions): void;
  /** Says that the run reads data that is registered nowhere. */
  logInput(input: InputDescription): void;
  /** Starts a run that is part of this one, with its connection and experiment. */
  startChild(options?: Pick<StartOptions, 'name' | 'params' | 'tags'>): Promise<Run>;

  /**
   * Resolves when nothing logged so far can be lost any more, whatever happens to this process.
   * @throws ThroughlineError with the code REFUSED for records that the server refused for good since the last flush (each in `refusals`); with the
   * server's own code where it takes nothing from this run (a wrong token, a deleted run); UNREACHABLE in the mode `online`. What was not refused for good is kept in `folder`.
   */
  flush(): Promise<Durable>;
  /** Ends the run and waits as `flush` does. May be called twice. FINISHED unless given. */
  finish(status?: EndStatus): Promise<Durable>;
  /** Ends the run as FAILED unless it was finished: what leaves the block early is an exception. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A record that the server refused for good. */
export interface Refusal {
  /** metrics, params, tags, name, artifact, dataset, input or end. */
  record: string;
  /** The server's code and words. */
  code: string;
  message: string;
}

export interface SyncOptions extends ConnectionOptions {
  /** Only these runs. */
  runs?: readonly string[] | undefined;
  /** Counts, and sends nothing. */
  dryRun?: boolean | undefined;
  /** Removes what was sent instead of moving it to `synced`. */
  remove?: boolean | undefined;
  /** Takes journals of processes that may still run; for folders that came from another machine. */
  force?: boolean | undefined;
  onProgress?: ((progress: SyncProgress) => void) | undefined;
}

export interface SyncProgress {
  runId: string;
  /** Of the journal, in bytes. */
  sentBytes: number;
  totalBytes: number;
}

/**
 * What came of one journal. `sent`: the server has all of it but what it refused for good. `in use`: its process still runs. `unreachable`, `blocked`:
 * the server does not answer, or takes nothing for this run; all is kept. `unsent`: a dry run.
 */
export type SyncOutcome = 'sent' | 'in use' | 'unreachable' | 'blocked' | 'unsent';

export interface SyncedRun {
  runId: string;
  folder: string;
  outcome: SyncOutcome;
  /** Points of metrics and artifacts in the journal. */
  points: number;
  artifacts: number;
  refusals: readonly Refusal[];
  /** Lines of the journal that do not match their checksum. */
  damagedLines: number;
  /** Why, where it is blocked or unreachable. */
  error?: string;
}

export interface SyncReport {
  runs: readonly SyncedRun[];
  /** Whether the server now has everything intact that is not in use. */
  complete: boolean;
}
