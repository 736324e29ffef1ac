export { createTracking } from './tracking.ts';
export type { TrackingOptions } from './tracking.ts';

export { MAX_BULK_POINTS, MAX_BULK_RUNS, MAX_CHANGED_POINTS, MAX_HISTORY_PAGE, MAX_INTERVAL_POINTS, MAX_SEARCH_PAGE } from './api.ts';
export type {
  Artifacts,
  CardFacts,
  CardWriter,
  DatasetOutputs,
  Experiments,
  FoundRun,
  Inputs,
  LoggedModelOrder,
  LoggedModels,
  LoggedModelSearch,
  Metrics,
  Reads,
  RunCards,
  RunDetails,
  RunDetailSelection,
  RunDetailsJson,
  Runs,
  RunSearch,
  RunUpdate,
  Search,
  Tracking,
} from './api.ts';
export type {
  ArtifactOwner,
  Batch,
  ChangedSeries,
  DatasetInput,
  DatasetInputData,
  DatasetSummary,
  Experiment,
  ExperimentKey,
  KeyValue,
  Lifecycle,
  LifecycleView,
  LoggedModel,
  LoggedModelKey,
  LoggedModelMetric,
  LoggedModelStatus,
  Metric,
  MetricChanges,
  MetricInput,
  MetricPoint,
  ModelLink,
  Resolution,
  Run,
  RunKey,
  RunPoints,
  RunStatus,
  Series,
  SeriesBucket,
  SeriesColumns,
} from './types.ts';

export type { Citable, Purge, PurgeHelp, PurgeInput } from './purge.ts';
export type { KeptItem, PurgeCount, PurgeCounts, PurgeJob } from './store/purge-jobs.ts';

export type { AppendListener, Engine } from './engine/worker.ts';
export type { RunMarks, Watch } from './watch.ts';
export { claimOf, localPathOf } from './claims.ts';
export { checkRunId, LIMITS } from './limits.ts';
export { climbs } from './locations.ts';
export { hasEnded } from './runs.ts';
export { DATA_TAGS, TAG } from './tags.ts';

export { createTrackingSubgraph, trackingTypeDefs } from './subgraph.ts';
export type { LogInputCommand, TrackingCommands } from './commands.ts';
