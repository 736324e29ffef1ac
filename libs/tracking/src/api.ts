// Everything that tracking offers, by noun. Each function takes a Call first: who calls, and the transaction that the call takes
// part in, if any. Writes need the scope WRITE. What is not in the caller's workspace does not exist.
// All of them throw DomainError: `invalid` for what the input breaks, `not_found`, `conflict` for what the state forbids.

import type { FileInfo, FolderChild } from '@throughline/content';
import type { Call, Tx } from '@throughline/database';
import type { Evidence, LineagePort, Page, PageRequest } from '@throughline/kernel';

import type { Engine } from './engine/worker.ts';
import type { Purge } from './purge.ts';
import type {
  ArtifactOwner,
  Batch,
  DatasetInput,
  DatasetInputData,
  DatasetSummary,
  Experiment,
  ExperimentKey,
  KeyValue,
  LifecycleView,
  LoggedModel,
  LoggedModelKey,
  LoggedModelMetric,
  LoggedModelStatus,
  Metric,
  MetricInput,
  MetricChanges,
  MetricPoint,
  ModelLink,
  Resolution,
  Run,
  RunGroups,
  RunKey,
  RunPoints,
  RunStatus,
  Series,
} from './types.ts';
import type { Watch } from './watch.ts';

/** What to look for. Cursors fit the query that they came from, and are refused by any other. */
export interface Search {
  filter?: string | null | undefined;
  orderBy?: readonly string[] | null | undefined;
  /** ACTIVE unless told. */
  view?: LifecycleView | null | undefined;
}

export interface RunSearch extends Search {
  /** All of the workspace's where it is null; none where it is empty. */
  experiments: readonly ExperimentKey[] | null;
}

/** Orders logged models; metrics may be those of one dataset. */
export interface LoggedModelOrder {
  fieldName: string;
  ascending?: boolean | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface LoggedModelSearch {
  experiments: readonly ExperimentKey[] | null;
  filter?: string | null | undefined;
  orderBy?: readonly LoggedModelOrder[] | null | undefined;
  /** Metrics of the filter count only where they were measured on one of these. */
  datasets?: readonly { name: string; digest?: string | undefined }[] | undefined;
}

/** Largest page of a search, as MLflow has it. */
export const MAX_SEARCH_PAGE = 50_000;

export interface Experiments {
  /** Makes an experiment. `experimentId` is for imports; `artifactLocation` is refused unless it is external (see locations.ts). */
  create(
    call: Call,
    input: {
      name: string;
      artifactLocation?: string | null | undefined;
      tags?: readonly KeyValue[] | undefined;
      experimentId?: string | undefined;
    },
  ): Promise<Experiment>;
  /** Deleted ones too. */
  get(call: Call, key: ExperimentKey): Promise<Experiment>;
  find(call: Call, key: ExperimentKey): Promise<Experiment | null>;
  /** By name, deleted ones included. */
  findByName(call: Call, name: string): Promise<Experiment | null>;
  /** By node id (`experiment_…`) or reference (`experiment:12`). */
  findByRef(call: Call, text: string): Promise<Experiment | null>;
  getByRef(call: Call, text: string): Promise<Experiment>;
  /** By UUID, in any order; unknown ones are left out. */
  findMany(call: Call, ids: readonly string[]): Promise<Experiment[]>;
  /** At most 50,000 a page. */
  search(call: Call, search: Search, page: PageRequest): Promise<Page<Experiment>>;
  count(call: Call, search: Search): Promise<number>;
  rename(call: Call, key: ExperimentKey, name: string): Promise<Experiment>;
  setTags(call: Call, key: ExperimentKey, tags: readonly KeyValue[]): Promise<Experiment>;
  deleteTag(call: Call, key: ExperimentKey, tag: string): Promise<Experiment>;
  /** Hides it and its runs. Deleting a deleted one is a conflict. */
  delete(call: Call, key: ExperimentKey): Promise<Experiment>;
  /** Brings it back with all of its runs, those deleted one by one included, as MLflow does. */
  restore(call: Call, key: ExperimentKey): Promise<Experiment>;
  tagsOf(call: Call, ids: readonly string[]): Promise<Map<string, KeyValue[]>>;
  /** Runs in use, by experiment. */
  runCounts(call: Call, ids: readonly string[]): Promise<Map<string, number>>;
  /** Keys that the runs in use logged, most common first, at most 200 an experiment. */
  keysOf(call: Call, ids: readonly string[], kind: 'metrics' | 'params'): Promise<Map<string, string[]>>;
}

export interface RunDetails {
  params: KeyValue[];
  metrics: Metric[];
  tags: KeyValue[];
  inputs: DatasetInput[];
}

/** Which details to load; a list of keys loads only those. */
export interface RunDetailSelection {
  params?: boolean | readonly string[];
  metrics?: boolean | readonly string[];
  tags?: boolean | readonly string[];
  inputs?: boolean;
}

/** A run's params, tags and latest metrics as the members of JSON arrays, by key, '' where there is none. */
export interface RunDetailsJson {
  /** `{"key", "value"}` each. */
  params: string;
  tags: string;
  /** `{"key", "value", "timestamp", "step"}` each; a NaN is the string. */
  metrics: string;
}

/** What may change of a run; what is undefined or null stays as it is. */
export interface RunUpdate {
  name?: string | null | undefined;
  status?: RunStatus | null | undefined;
  endTimeMs?: number | null | undefined;
}

/** A run that was just started, with the tags that it began with. */
export interface StartedRun extends Run {
  tags: KeyValue[];
}

export interface Runs {
  /** Starts a run. Unless given, the name is made up, `startTimeMs` is now, `runId` (for imports) is 32 random hex characters. */
  create(
    call: Call,
    input: {
      experiment: ExperimentKey;
      name?: string | null | undefined;
      userId?: string | undefined;
      startTimeMs?: number | undefined;
      tags?: readonly KeyValue[] | undefined;
      /** Must exist. The tag mlflow.parentRunId may name any run instead. */
      parent?: RunKey | undefined;
      runId?: string | undefined;
    },
  ): Promise<StartedRun>;
  /** Deleted ones too. */
  get(call: Call, key: RunKey): Promise<Run>;
  find(call: Call, key: RunKey): Promise<Run | null>;
  /** By node id (`run_…`) or reference (`run:7f3a…`). */
  findByRef(call: Call, text: string): Promise<Run | null>;
  getByRef(call: Call, text: string): Promise<Run>;
  findMany(call: Call, ids: readonly string[]): Promise<Run[]>;
  search(call: Call, search: RunSearch, page: PageRequest): Promise<Page<Run>>;
  count(call: Call, search: RunSearch): Promise<number>;
  /** The runs of a search by what they have in common, the largest groups first, at most 1,000; see search/groups.ts. */
  groups(
    call: Call,
    search: Omit<RunSearch, 'orderBy'> & { by: readonly string[]; metrics: readonly string[]; first: number },
  ): Promise<RunGroups>;
  /** The same search in each of several experiments (UUIDs), one page of each, in one statement. */
  pagesOf(call: Call, experimentIds: readonly string[], search: Search, page: PageRequest): Promise<Map<string, Page<Run>>>;
  countsOf(call: Call, experimentIds: readonly string[], search: Search): Promise<Map<string, number>>;
  /** The runs in use that are part of each of these (UUIDs), newest first, one page of each. */
  childrenOf(call: Call, ids: readonly string[], page: PageRequest): Promise<Map<string, Page<Run>>>;
  childCountsOf(call: Call, ids: readonly string[]): Promise<Map<string, number>>;
  /**
   * Throws `forbidden` where the caller is a run's own token, and something of another run, or of none, is to be written; runs that are part
   * of the token's are its own too. Every write here asks it itself: this is for commands that write elsewhere.
   */
  requireOwn(call: Call, runUuid: string | null): Promise<void>;
  /** Only a run in use can be changed. What is undefined stays as it is. */
  update(call: Call, key: RunKey, change: RunUpdate): Promise<Run>;
  /** Hides a run; again is no error. */
  delete(call: Call, key: RunKey): Promise<Run>;
  /** Brings a deleted run back; one in use is no error. */
  restore(call: Call, key: RunKey): Promise<Run>;
  /** All of it or nothing; at most 1000 metrics, 100 params, 100 tags and 1000 together. */
  logBatch(call: Call, key: RunKey, batch: Batch): Promise<void>;
  setTags(call: Call, key: RunKey, tags: readonly KeyValue[]): Promise<void>;
  deleteTag(call: Call, key: RunKey, tag: string): Promise<void>;
  /** Params, latest metrics, tags and inputs of many runs at once, one statement each; what was not asked for is empty. */
  loadDetails(call: Call, ids: readonly string[], selection: RunDetailSelection): Promise<Map<string, RunDetails>>;
  /** All params, latest metrics and tags of many runs as JSON, in one statement, for answers that only pass them on. Unknown ids are left out. */
  loadDetailsJson(call: Call, ids: readonly string[]): Promise<Map<string, RunDetailsJson>>;
}

/** Largest page of a metric's history. */
export const MAX_HISTORY_PAGE = 25_000;
/** Runs whose points are asked for at once, and points of their histories, at most; points a run of their samples; points of changes. */
export const MAX_BULK_RUNS = 100;
export const MAX_BULK_POINTS = 25_000;
export const MAX_INTERVAL_POINTS = 2_500;
export const MAX_CHANGED_POINTS = 25_000;

export interface Metrics {
  /** The points by timestamp, step and value, exact duplicates once; at most 25,000 a page. */
  history(call: Call, run: RunKey, key: string, page: PageRequest): Promise<Page<MetricPoint>>;
  /**
   * The same of at most 100 runs: by run id, at most `limit` (25,000) points over all of them, the later runs left out where it is reached. Runs
   * that did not log the metric are left out; one that does not exist is not found.
   */
  historyOf(call: Call, runs: readonly RunKey[], key: string, limit: number): Promise<RunPoints[]>;
  /**
   * The metric in at most `buckets` (1 to 5000, 500 unless told) stretches of steps, exact duplicates once. Where all points stand at one step,
   * stretches hold about as many points each. What it costs follows the buckets.
   */
  series(
    call: Call,
    run: RunKey,
    key: string,
    options?: { fromStep?: number | undefined; toStep?: number | undefined; buckets?: number | undefined },
  ): Promise<Series>;
  /**
   * Real points of at most 100 runs that keep the shape of a metric, by run id and then by step, timestamp and value: at most `maxPoints` (1 to
   * 2500) a run. All where they are that few, else the first, the least, the greatest and the last of stretches of equally many points. The range
   * of steps has both ends in it. What it costs follows the points asked for.
   */
  bulkInterval(
    call: Call,
    runs: readonly RunKey[],
    key: string,
    options: { startStep?: number | undefined; endStep?: number | undefined; maxPoints: number },
  ): Promise<RunPoints[]>;
  /**
   * What was logged to a run after a cursor, for pages that follow it. Without a cursor it answers the present one, and nothing else: take it
   * before the metrics are read, so that nothing falls between. With the cursor of an answer come the metrics that have changed since, and their
   * new points; a point may come again, with points near it, so hold them by step, timestamp and value. A metric whose points are null has more
   * than fit (`limit` points over all, at most and unless told 25,000): read its series anew. No cursor skips anything, however long it was
   * kept; cursors stay valid over restarts and are the same at all servers of one database.
   */
  pointsAfter(call: Call, run: RunKey, cursor: string | null, limit?: number): Promise<MetricChanges>;
  /** Points that each run logged, exact duplicates once. */
  pointCounts(call: Call, runIds: readonly string[]): Promise<Map<string, number>>;
}

export interface Inputs {
  /** Records what a run read; a dataset once a run: again is no error and changes nothing. Answers the inputs in the order given. */
  log(call: Call, run: RunKey, inputs: readonly DatasetInputData[]): Promise<DatasetInput[]>;
  get(call: Call, id: string): Promise<DatasetInput>;
  findMany(call: Call, ids: readonly string[]): Promise<DatasetInput[]>;
  /** By the run's UUID, in the order in which they were logged. */
  ofRuns(call: Call, runIds: readonly string[]): Promise<Map<string, DatasetInput[]>>;
  /** Inputs that are this dataset version, newest first. */
  ofVersion(call: Call, datasetVersionId: string, page: PageRequest): Promise<Page<DatasetInput>>;
  /** Inputs that are each of these dataset versions, newest first, one page of each. */
  ofVersions(call: Call, datasetVersionIds: readonly string[], page: PageRequest): Promise<Map<string, Page<DatasetInput>>>;
  /**
   * Says which version an input was. Evidence only ever rises. An input that is known to be another version is a conflict,
   * whatever the evidence: which of the two it was is for a person to find out.
   */
  resolveWith(call: Call, inputId: string, resolution: Resolution): Promise<DatasetInput>;
  /** The same for many inputs in one statement. Answers them all as they are then, by id: an input that is another version stays so. */
  resolveMany(call: Call, resolutions: readonly (Resolution & { inputId: string })[]): Promise<Map<string, DatasetInput>>;
  /**
   * Resolves every unresolved input that names one of these references in their canonical form (`data:penguins@2`,
   * `data:penguins@sha256:…`), in one statement, and answers how many. Observed are those of the runs named by UUID, the others asserted.
   */
  resolveWaiting(
    call: Call,
    references: readonly string[],
    resolution: { datasetVersionId: string; observedRunIds: readonly string[] },
  ): Promise<number>;
  /**
   * Unresolved inputs that name no version, of runs of a commit (by their tag), by id behind one: each with the path at which its reader found the
   * data, null where its source is no file, and the repository that the run says it is of.
   */
  waitingAtCommit(
    call: Call,
    commit: string,
    page: { behind: string | null; limit: number },
  ): Promise<{ input: DatasetInput; path: string | null; repository: string | null }[]>;
  /** The datasets of these experiments, at most `limit` (1000). */
  summaries(call: Call, experiments: readonly ExperimentKey[], limit?: number): Promise<DatasetSummary[]>;
}

export interface DatasetOutputs {
  /** Records that a run produced a dataset version; again only raises the evidence. */
  log(call: Call, run: RunKey, datasetVersionId: string, evidence: Evidence): Promise<void>;
  /** Dataset version ids by the run's UUID. */
  ofRuns(call: Call, runIds: readonly string[]): Promise<Map<string, string[]>>;
  /** The run that produced each version: of several, the first with the strongest evidence. */
  producers(call: Call, datasetVersionIds: readonly string[]): Promise<Map<string, Run>>;
}

export interface Reads {
  /** Records that every byte of these blobs (SHA-256, hex) was served to the run's own token; of a run that has ended nothing. Needs no scope: the server observes. */
  record(call: Call, runUuid: string, sha256s: readonly string[]): Promise<void>;
  /** Which of these the run has read. */
  has(call: Call, runUuid: string, sha256s: readonly string[]): Promise<Set<string>>;
  /** The UUIDs of the runs under way that have read all of these, among some, or among those with inputs that wait for a reference. */
  readersOf(
    call: Call,
    sha256s: readonly string[],
    among: { runIds: readonly string[] } | { waitingFor: readonly string[] },
  ): Promise<string[]>;
}

export interface LoggedModels {
  /** Makes a logged model, PENDING. Its experiment is the source run's unless given. */
  create(
    call: Call,
    input: {
      experiment?: ExperimentKey | undefined;
      name?: string | null | undefined;
      modelType?: string | null | undefined;
      sourceRun?: RunKey | undefined;
      params?: readonly KeyValue[] | undefined;
      tags?: readonly KeyValue[] | undefined;
      modelId?: string | undefined;
    },
  ): Promise<LoggedModel>;
  /** Those in use; a deleted one is not found, unless `deleted` says that it may be one. */
  get(call: Call, key: LoggedModelKey, options?: { deleted?: boolean | undefined }): Promise<LoggedModel>;
  find(call: Call, key: LoggedModelKey): Promise<LoggedModel | null>;
  /** By node id or reference (`loggedModel:m-…`). */
  findByRef(call: Call, text: string): Promise<LoggedModel | null>;
  getByRef(call: Call, text: string): Promise<LoggedModel>;
  /** By UUID, deleted ones included: edges keep pointing at them. */
  findMany(call: Call, ids: readonly string[]): Promise<LoggedModel[]>;
  finalize(call: Call, key: LoggedModelKey, status: LoggedModelStatus): Promise<LoggedModel>;
  setTags(call: Call, key: LoggedModelKey, tags: readonly KeyValue[]): Promise<LoggedModel>;
  deleteTag(call: Call, key: LoggedModelKey, tag: string): Promise<void>;
  /** Params are written once, as a run's. */
  logParams(call: Call, key: LoggedModelKey, params: readonly KeyValue[]): Promise<LoggedModel>;
  delete(call: Call, key: LoggedModelKey): Promise<void>;
  search(call: Call, search: LoggedModelSearch, page: PageRequest): Promise<Page<LoggedModel>>;
  /** What a run produced (OUTPUT, at a step) or started from (INPUT); again is no error. */
  link(
    call: Call,
    run: RunKey,
    direction: 'INPUT' | 'OUTPUT',
    models: readonly { modelId: string; step?: number | undefined }[],
  ): Promise<void>;
  /** Links by the run's UUID; a model whose source the run is counts as its output. */
  linksOfRuns(call: Call, runIds: readonly string[]): Promise<Map<string, ModelLink[]>>;
  /** By the UUID of the logged model. */
  loadDetails(
    call: Call,
    ids: readonly string[],
  ): Promise<Map<string, { tags: KeyValue[]; params: KeyValue[]; metrics: LoggedModelMetric[] }>>;
}

export interface Artifacts {
  /**
   * Whose files a path of MLflow's artifact proxy names: `<experiment>/<run>/artifacts[/<path>]`,
   * `<experiment>/models/<model>/artifacts[/<path>]`. Throws `not_found` where it is nobody's, `invalid` where the path is hostile.
   */
  ownerOf(call: Call, locationPath: string): Promise<ArtifactOwner>;
  /** The same for a run or logged model that is already known. */
  ownedBy(owner: Run | LoggedModel): ArtifactOwner;
  /** Throws what `put` and `remove` throw where the owner takes no change from the caller now: for who is about to send much. */
  requireWritable(call: Call, owner: ArtifactOwner): Promise<void>;
  /** Puts a blob of this workspace at a path, over what was there. A deleted owner, or one whose artifacts are elsewhere, refuses. */
  put(call: Call, owner: ArtifactOwner, path: string, sha256: string): Promise<FileInfo>;
  /** Removes a file, or a folder with all in it; `not_found` where there is neither. */
  remove(call: Call, owner: ArtifactOwner, path: string): Promise<void>;
  find(call: Call, owner: ArtifactOwner, path: string): Promise<FileInfo | null>;
  /** What lies directly in a folder, '' being the root. */
  listFolder(call: Call, owner: ArtifactOwner, folder: string, page: PageRequest): Promise<Page<FolderChild>>;
  /** The same page of many owners whose artifacts are here, by file set; sets that the workspace does not have are left out. */
  listFolderOf(call: Call, fileSetIds: readonly string[], folder: string, page: PageRequest): Promise<Map<string, Page<FolderChild>>>;
}

/** Milliseconds since 1970. */
export interface Times {
  createdAtMs: number;
  updatedAtMs: number;
}

/** What only an import may say; an administrator's. */
export interface TrackingImports {
  /** Sets when an experiment was made and last changed. */
  stampExperiment(call: Call, key: ExperimentKey, times: Times): Promise<void>;
  /**
   * Writes metrics to logged models alone: their points are in the run's history already, and stood there as they were, while MLflow kept a NaN
   * of a model as 0.
   */
  logModelMetrics(call: Call, run: RunKey, metrics: readonly (MetricInput & { modelId: string })[]): Promise<void>;
  /** Sets a logged model's state and times. */
  stampLoggedModel(
    call: Call,
    key: LoggedModelKey,
    stamp: Times & { status: LoggedModelStatus; statusMessage: string | null },
  ): Promise<void>;
}

/** A run that was found. */
export interface FoundRun {
  /** Its UUID. */
  id: string;
  /**
   * What its card says, as a text or as the UTF-8 of one; '' where it is too large for one, null where there is none, or where bodies were not asked
   * for.
   */
  card: string | Uint8Array | null;
}

/** What searches ask of a run, as its card says it. */
export interface CardFacts {
  /** As MLflow knows it. */
  runId: string;
  name: string;
  /** A RunStatus. */
  status: string;
  isActive: boolean;
  startTimeMs: number;
  endTimeMs: number | null;
  /** The last value of each, NaN included. */
  metrics: readonly { key: string; value: number }[];
  params: readonly KeyValue[];
  tags: readonly KeyValue[];
}

/** How runs are written down. */
export interface CardWriter {
  /** Changes whenever the same run would be written otherwise: cards of another layout do not count. */
  layout: number;
  /** Writes down runs, by UUID. Everything that it reads must be read through the call, in its transaction. */
  write(call: Call & { tx: Tx }, runs: readonly Run[]): Promise<Map<string, string>>;
  /** Reads a card again that it wrote, not ''. */
  read(body: string): CardFacts;
}

export interface RunCards {
  /** As `runs.search`, with the cards of a layout instead of the runs; null for none of them, for pages that are too large to be held. */
  search(call: Call, search: RunSearch, options: { page: PageRequest; layout: number | null }): Promise<Page<FoundRun>>;
  /** The cards that there are of these runs (UUIDs), '' included. */
  read(call: Call, runIds: readonly string[], layout: number): Promise<Map<string, string>>;
  /** Makes the cards of these runs (UUIDs) anew, but for those that changed within `restMs` or that somebody else is at. Answers how many it made. */
  make(call: Call, runIds: readonly string[], writer: CardWriter, restMs: number): Promise<number>;
  /** Says that cards of these runs (UUIDs) were missed. The worker makes them, where one is at work. */
  missed(call: Call, runIds: readonly string[]): void;
  /** Makes cards in the background from now on, until it is stopped. A defect is told, and what failed is tried again when it is met. */
  start(options: { writer: CardWriter; onError: (error: unknown) => void }): void;
  /** Ends the work under way and starts no more. */
  stop(): Promise<void>;
}

export interface Tracking {
  /** Makes the experiment 0, `Default`, where the caller's workspace has none. Call it when a workspace is first used; cheap afterwards. */
  ensureDefaultExperiment(call: Call): Promise<void>;
  /** Forgets what it knows of workspaces, which somebody else took out of the database. */
  forget(): void;
  experiments: Experiments;
  runs: Runs;
  /** What is kept ready to be answered of runs. */
  cards: RunCards;
  metrics: Metrics;
  /** What settles metrics in the background, and tells of appends. */
  engine: Engine;
  /** Whether runs changed, for pages that follow them. */
  watch: Watch;
  inputs: Inputs;
  datasetOutputs: DatasetOutputs;
  reads: Reads;
  loggedModels: LoggedModels;
  artifacts: Artifacts;
  /** The edges that tracking records, and the facts of runs, logged models and dataset inputs. */
  lineage: LineagePort;
  /** What only an import may say. */
  imports: TrackingImports;
  /** Removing for good what was deleted; see purge.ts. */
  purge: Purge;
  /**
   * Keeps runs and logged models (UUIDs) from being purged until the transaction ends. Whoever stores a reference to one that it did not just
   * make calls this in the same transaction. Throws `not_found` where one is not there any more.
   */
  keep(call: Call & { tx: Tx }, ids: { runs?: readonly string[]; loggedModels?: readonly string[] }): Promise<void>;
  /** Which of these runs and logged models still need, deleted or not, in any workspace. */
  referencesOf(
    asked: {
      manifestIds?: readonly string[];
      fileSetIds?: readonly string[];
      /** Needed where a run read or produced one. */
      datasetVersionIds?: readonly string[];
    },
    call?: Pick<Call, 'tx'>,
  ): Promise<{ manifestIds: string[]; fileSetIds: string[]; datasetVersionIds: string[] }>;
}
