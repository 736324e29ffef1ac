import type { FileInfo } from '@throughline/content';
import type { Call } from '@throughline/database';

import type { RunUpdate } from './api.ts';
import type { PurgeInput } from './purge.ts';
import type { PurgeJob } from './store/purge-jobs.ts';
import type { Batch, DatasetInput, Run, RunKey } from './types.ts';

/** What a run read, by node ids or references; the command finds out what they are. */
export interface LogInputCommand {
  run: string;
  datasetVersion: string;
  context?: string | null | undefined;
  /** Every file that was read, with its SHA-256 in hexadecimal. */
  files?: readonly { path: string; sha256: string }[] | null | undefined;
}

/** The commands that tracking's schema offers and that need other domains too; the composition root gives them. */
export interface TrackingCommands {
  /** Records what a run read, as strongly as what is known allows. */
  logInput(call: Call, input: LogInputCommand): Promise<Run>;
  /** Says which dataset version an unresolved input was. */
  resolveInput(call: Call, input: { input: string; datasetVersion: string }): Promise<DatasetInput>;
  /** Records a dataset version that a run produced. */
  logDatasetOutput(call: Call, input: { run: string; datasetVersion: string }): Promise<Run>;
  /** Writes metrics, params and tags; one that says what the run's inputs are makes these be looked for again. */
  logBatch(call: Call, run: RunKey, batch: Batch): Promise<void>;
  /** Takes a tag away, and looks for the run's inputs again where it said what they are. */
  deleteRunTag(call: Call, run: RunKey, key: string): Promise<void>;
  /** Changes a run; ending it settles the evidence for what it read. */
  updateRun(call: Call, run: RunKey, change: RunUpdate): Promise<Run>;
  /** Queues the removal of what was deleted, and begins with it in the background. */
  purge(call: Call, input: PurgeInput): Promise<PurgeJob>;
  /** Puts an uploaded file among the files of a run or a logged model. */
  putArtifact(call: Call, input: { owner: string; path: string; sha256: string }): Promise<FileInfo>;
}
