// What people import.

export { ThroughlineError } from './throughline-error.ts';
export { resumeRun, startRun, withRun } from './start.ts';
export { sync } from './sync.ts';
export { VERSION } from './version.ts';

export type {
  ArtifactSource,
  ConnectionOptions,
  DatasetOptions,
  Durable,
  EndStatus,
  InputDescription,
  LogOptions,
  Mode,
  Refusal,
  Run,
  RunOptions,
  Scalar,
  StartOptions,
  SyncedRun,
  SyncOptions,
  SyncOutcome,
  SyncProgress,
  SyncReport,
} from './types.ts';
