// What tracking tells about the things it keeps. `id` is always the UUID; `runId`, `experimentId` and `modelId` are the names that
// MLflow's clients use. Times are Date where the server set them and `…Ms` since 1970 where a client did.

import type { Evidence } from '@throughline/kernel';

export type Lifecycle = 'ACTIVE' | 'DELETED';
export type LifecycleView = 'ACTIVE' | 'DELETED' | 'ALL';
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** A tag or a param. */
export interface KeyValue {
  key: string;
  value: string;
}

export interface Experiment {
  id: string;
  /** A 64-bit integer in decimal digits. */
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycle: Lifecycle;
  createdAt: Date;
  updatedAt: Date;
}

export interface Run {
  id: string;
  runId: string;
  /** The experiment's UUID. */
  experimentUuid: string;
  /** The experiment's number, as MLflow's clients use it. */
  experimentId: string;
  parentId: string | null;
  name: string;
  userId: string;
  status: RunStatus;
  /** 0 where the client did not say. */
  startTimeMs: number;
  endTimeMs: number | null;
  artifactUri: string;
  fileSetId: string;
  lifecycle: Lifecycle;
  deletedAt: Date | null;
  createdAt: Date;
}

/** Names a run by its UUID or by the id that MLflow's clients use; a Run is one too. */
export type RunKey = { readonly id: string } | { readonly runId: string };

/** Names an experiment by its UUID or its number; an Experiment is one too. */
export type ExperimentKey = { readonly id: string } | { readonly experimentId: string };

/** Names a logged model by its UUID or its `m-…` id; a LoggedModel is one too. */
export type LoggedModelKey = { readonly id: string } | { readonly modelId: string };

export interface MetricPoint {
  value: number;
  step: number;
  timestampMs: number;
}

/** A metric's latest point by (step, timestamp, value), and its extremes over all points that are numbers; NaN where none is. */
export interface Metric extends MetricPoint {
  key: string;
  min: number;
  max: number;
}

/** A point to log. `modelId` is a logged model that it measures, on the dataset named beside it. */
export interface MetricInput extends MetricPoint {
  key: string;
  modelId?: string | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface Batch {
  metrics?: readonly MetricInput[] | undefined;
  params?: readonly KeyValue[] | undefined;
  tags?: readonly KeyValue[] | undefined;
}

/** A stretch of steps: its first and last point, and the extremes between; NaN where no point in it is a number. */
export interface SeriesBucket {
  fromStep: number;
  toStep: number;
  first: number;
  last: number;
  min: number;
  max: number;
  /** The first point's time, and the last's. */
  timestampMs: number;
  toTimestampMs: number;
  /** Where the extremes are: of several alike, the first. */
  minStep: number;
  minTimestampMs: number;
  maxStep: number;
  maxTimestampMs: number;
  count: number;
}

/** Buckets as columns: of each field, one number for each bucket. A column is made by each call. */
export type SeriesColumns = Readonly<Record<keyof SeriesBucket, () => Float64Array>>;

export interface Series {
  key: string;
  pointCount: number;
  columns: SeriesColumns;
}

/** Points of one metric of a run. */
export interface RunPoints {
  run: Run;
  points: MetricPoint[];
}

/** A metric that changed: how many points it has, and its new ones by step, timestamp and value; null where they are too many. */
export interface ChangedSeries {
  key: string;
  pointCount: number;
  points: MetricPoint[] | null;
}

/** Metrics of a run that changed, by key, and the cursor behind them. */
export interface MetricChanges {
  cursor: string;
  series: ChangedSeries[];
}

/** What a run says that it read. Name, digest, source, schema and profile are the client's own words. */
export interface DatasetInput {
  id: string;
  /** The run's UUID. */
  runUuid: string;
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  context: string | null;
  tags: readonly KeyValue[];
  /** The dataset version that it is; null where that is not known. */
  datasetVersionId: string | null;
  evidence: Evidence;
  resolvedBy: string | null;
  /** The dataset version that the input names (`data:penguins@2`), out of its source or its run's tag; null where it names none. */
  claim: string | null;
  claimedBy: 'source' | 'tag' | null;
  loggedAt: Date;
  resolvedAt: Date | null;
}

export interface DatasetInputData {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string | null | undefined;
  profile?: string | null | undefined;
  /** MLflow's context is the tag `mlflow.data.context`. */
  tags?: readonly KeyValue[] | undefined;
}

/** What an input is known to be. */
export interface Resolution {
  datasetVersionId: string;
  evidence: Evidence;
  /** What led to it: 'tag', 'source', 'digest', 'hashes', 'a person'. */
  resolvedBy: string;
}

/** One metric in a group of runs: of the latest value of each run that has one, NaN left out. */
export interface MetricAggregate {
  key: string;
  /** Runs with a value. */
  count: number;
  min: number;
  max: number;
  /** Null where no value can be summed. */
  mean: number | null;
  /** Of a sample; null where there are fewer than two values. */
  deviation: number | null;
  /** The UUIDs of the runs with the least and the greatest value. */
  minRunId: string;
  maxRunId: string;
}

/** Runs that have the same values. */
export interface RunGroup {
  /** In the order of the keys; null where the runs have none. */
  values: (string | null)[];
  runCount: number;
  metrics: MetricAggregate[];
}

export interface RunGroups {
  keys: string[];
  groups: RunGroup[];
  hasMore: boolean;
}

/** A dataset of an experiment, as MLflow's dataset search tells it. */
export interface DatasetSummary {
  experimentId: string;
  name: string;
  digest: string;
  context: string | null;
}

export interface LoggedModel {
  id: string;
  modelId: string;
  experimentUuid: string;
  experimentId: string;
  name: string;
  modelType: string | null;
  status: LoggedModelStatus;
  statusMessage: string | null;
  /** The UUID of the run that produced it. */
  sourceRunUuid: string | null;
  /** The same run by the id that MLflow's clients use. */
  sourceRunId: string | null;
  sourceRunEvidence: Evidence;
  /** Where its files are, as MLflow's clients are told. */
  artifactUri: string;
  fileSetId: string;
  lifecycle: Lifecycle;
  createdAtMs: number;
  updatedAtMs: number;
}

/** A metric of a logged model. */
export interface LoggedModelMetric extends MetricPoint {
  key: string;
  /** The run that measured it, as MLflow's clients name it. */
  runId: string;
  datasetName: string | null;
  datasetDigest: string | null;
}

/** A logged model at a run: it started from it, or produced it at a step. */
export interface ModelLink {
  runUuid: string;
  loggedModelId: string;
  modelId: string;
  direction: 'INPUT' | 'OUTPUT';
  step: number;
}

/** Whose artifacts a path of MLflow's artifact proxy names, and the path among them; '' is their root. */
export interface ArtifactOwner {
  kind: 'run' | 'loggedModel';
  /** The UUID of the run or logged model. */
  id: string;
  /** The id that MLflow's clients use. */
  name: string;
  experimentId: string;
  fileSetId: string;
  lifecycle: Lifecycle;
  /** Whether the artifacts are kept here; those at an external location are not ours. */
  ours: boolean;
  path: string;
}
