// What an import reads. Three readers answer it: another server over REST, a folder of runs, and a SQLite file. All of them stream, so that
// memory follows one run and not the store, and all of them say the same thing of the same store.

import type { Readable } from 'node:stream';

import { DomainError } from '@throughline/kernel';
import type { KeyValue, Lifecycle, LoggedModelStatus, RunStatus } from '@throughline/tracking';

export interface SourceExperiment {
  /** As the source writes it: a whole number of up to 19 digits. */
  experimentId: string;
  name: string;
  lifecycle: Lifecycle;
  createdAtMs: number | null;
  updatedAtMs: number | null;
  tags: KeyValue[];
}

export interface SourceDataset {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: KeyValue[];
}

export interface SourceRun {
  runId: string;
  experimentId: string;
  name: string;
  userId: string;
  status: RunStatus;
  startTimeMs: number;
  endTimeMs: number | null;
  lifecycle: Lifecycle;
  artifactUri: string;
  params: KeyValue[];
  tags: KeyValue[];
  /** A text that is another one when the run has got more points. */
  pointsMark: string;
  inputs: SourceDataset[];
  modelInputs: string[];
  modelOutputs: { modelId: string; step: number }[];
}

export interface SourcePoint {
  key: string;
  value: number;
  timestampMs: number;
  step: number;
}

export interface SourceModelMetric extends SourcePoint {
  runId: string;
  datasetName: string | null;
  datasetDigest: string | null;
}

export interface SourceLoggedModel {
  modelId: string;
  experimentId: string;
  name: string;
  modelType: string | null;
  status: LoggedModelStatus;
  statusMessage: string | null;
  sourceRunId: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  lifecycle: Lifecycle;
  artifactUri: string;
  params: KeyValue[];
  tags: KeyValue[];
  metrics: SourceModelMetric[];
}

export interface SourceRegisteredModel {
  name: string;
  description: string;
  createdAtMs: number;
  updatedAtMs: number;
  tags: KeyValue[];
  aliases: { alias: string; version: number }[];
}

export interface SourceVersion {
  version: number;
  description: string;
  userId: string | null;
  /** None, Staging, Production or Archived; null of one that was deleted, whose number stays taken. */
  stage: string | null;
  source: string;
  runId: string | null;
  runLink: string | null;
  modelId: string | null;
  /** Where the source says that its files are. */
  storageLocation: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  tags: KeyValue[];
}

export interface SourceFile {
  /** Relative, with forward slashes. */
  path: string;
  /** Bytes; null where the source does not say. */
  sizeBytes: number | null;
  open(): Promise<Readable>;
}

/** Whose files: a run's or a logged model's. */
export interface FileOwner {
  /** The run's or the model's id. */
  id: string;
  experimentId: string;
  kind: 'run' | 'loggedModel';
  artifactUri: string;
}

/** Something of the source that is not what it should be. */
export interface Unreadable {
  /** What it is, such as `run 7f3a…`. */
  unreadable: string;
  why: string;
}

export function isUnreadable(item: object): item is Unreadable {
  return 'unreadable' in item;
}

/** An item of the source, or word of what is wrong with it: one that is broken must not stand in the way of all behind it. */
export async function readItem<T>(what: string, read: () => T | Promise<T>): Promise<T | Unreadable> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_SOURCE') return { unreadable: what, why: error.message };
    throw error;
  }
}

export interface Source {
  /** What it is, for people; without credentials. */
  readonly title: string;
  /** How many runs to copy at once. */
  readonly width: number;
  experiments(): AsyncIterable<SourceExperiment | Unreadable>;
  /** How many runs an experiment has, deleted ones too; for a progress bar. */
  countRuns(experimentId: string): Promise<number>;
  /** All runs of an experiment, deleted ones too. */
  runs(experimentId: string): AsyncIterable<SourceRun | Unreadable>;
  /** The points of a run, at most 1,000 an array. */
  points(run: SourceRun): AsyncIterable<SourcePoint[]>;
  loggedModels(experimentId: string): AsyncIterable<SourceLoggedModel | Unreadable>;
  registeredModels(): AsyncIterable<SourceRegisteredModel | Unreadable>;
  /** The versions of a model by number, deleted ones where the source keeps them. */
  versions(name: string): AsyncIterable<SourceVersion | Unreadable>;
  /** The files of a run or a logged model. Throws `UnreachableFiles` where this reader cannot get at them. */
  files(owner: FileOwner): AsyncIterable<SourceFile>;
  close(): Promise<void>;
}

/** Most points in one array. */
export const POINTS_AT_ONCE = 1_000;

/** Files that stand where the reader cannot go: in a cloud's store, on another machine. The import says so and goes on. */
export class UnreachableFiles extends Error {
  override readonly name = 'UnreachableFiles';
}

/** A source that is not what it should be. */
export function badSource(message: string, hint?: string): DomainError {
  return new DomainError({ kind: 'invalid', code: 'BAD_SOURCE', message, ...(hint === undefined ? {} : { hint }) });
}

const LOGGED_MODEL_STATUS: ReadonlyMap<unknown, LoggedModelStatus> = new Map<unknown, LoggedModelStatus>([
  [1, 'PENDING'],
  [2, 'READY'],
  [3, 'UPLOAD_FAILED'],
  ['LOGGED_MODEL_PENDING', 'PENDING'],
  ['LOGGED_MODEL_READY', 'READY'],
  ['LOGGED_MODEL_UPLOAD_FAILED', 'UPLOAD_FAILED'],
]);

/** By number, as stores keep it, or by name, as the protocol says it. */
export function loggedModelStatusOf(value: unknown): LoggedModelStatus {
  return LOGGED_MODEL_STATUS.get(value) ?? 'PENDING';
}

const RUN_STATUS: ReadonlyMap<unknown, RunStatus> = new Map<unknown, RunStatus>([
  [1, 'RUNNING'],
  [2, 'SCHEDULED'],
  [3, 'FINISHED'],
  [4, 'FAILED'],
  [5, 'KILLED'],
  ['RUNNING', 'RUNNING'],
  ['SCHEDULED', 'SCHEDULED'],
  ['FINISHED', 'FINISHED'],
  ['FAILED', 'FAILED'],
  ['KILLED', 'KILLED'],
]);

export function runStatusOf(value: unknown): RunStatus {
  return RUN_STATUS.get(value) ?? 'RUNNING';
}

export function lifecycleOf(value: unknown): Lifecycle {
  return value === 'deleted' ? 'DELETED' : 'ACTIVE';
}

/** What MLflow marks the versions with that it deleted and keeps for their numbers. */
export const DELETED_STAGE = 'Deleted_Internal';

export function stageOf(value: unknown): string | null {
  if (value === DELETED_STAGE) return null;
  return typeof value === 'string' && value !== '' ? value : 'None';
}
