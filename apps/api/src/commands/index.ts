// The commands that span domains, over what they need. GraphQL and MLflow's protocol call the same ones.

import type { AccessCommands } from '@throughline/access';
import type { DatasetVersion, DataVersioningCommands } from '@throughline/data-versioning';
import type { Call } from '@throughline/database';
import type { ModelVersion, RegistryCommands } from '@throughline/registry';
import type { Run, RunKey, TrackingCommands } from '@throughline/tracking';
import type { LineageCommands } from '@throughline/lineage';

import type { Log } from '../http/app.ts';
import { collect } from './collect.ts';
import { deleteDataset, registerFiles } from './datasets.ts';
import { logDatasetOutput, logInput, logInputs, resolveInput } from './inputs.ts';
import type { MlflowInputs } from './inputs.ts';
import { registerSource, registerVersion } from './models.ts';
import type { RegisterSource } from './models.ts';
import { createReadObserver } from './observer.ts';
import type { Parts } from './parts.ts';
import { createPromptlabRun } from './promptlab.ts';
import type { PromptlabRun } from './promptlab.ts';
import { createPurger } from './purge.ts';
import type { Purger } from './purge.ts';
import { logRead, registerPushedVersion } from './pushed.ts';
import type { ReadReport } from './pushed.ts';
import { putArtifact } from './put-artifact.ts';
import { recordSighting } from './seen.ts';
import { deleteRunTag, endsRun, findRunForToken, logBatch, logModelHistory, tellsData, updateRun } from './runs.ts';

export interface Commands extends AccessCommands, TrackingCommands, RegistryCommands, DataVersioningCommands, LineageCommands {
  /** Records inputs as MLflow describes them. */
  logInputs(call: Call, run: RunKey, inputs: MlflowInputs): Promise<void>;
  /** Records that a run read what DVC knows by a name, with the hashes that its reader found. Answers the version that it is; null while none is known. */
  logRead(call: Call, report: ReadReport): Promise<DatasetVersion | null>;
  /** Adds a model, told as a JSON object, to the history that MLflow's clients keep in a tag of its run. */
  logModelHistory(call: Call, run: RunKey, modelJson: string): Promise<void>;
  /** Keeps what MLflow's prompt lab did, as a finished run. */
  createPromptlabRun(call: Call, input: PromptlabRun): Promise<Run>;
  /** Registers whatever source MLflow's client names. */
  registerSource(call: Call, input: RegisterSource): Promise<ModelVersion>;
  /** Notes that every byte of a blob went out to a run's own token. Does not fail: what it could not note is logged. */
  observeRead: (call: Call, sha256: string) => void;
  /** The same of many blobs, in one statement. */
  observeReads: (call: Call, sha256s: readonly string[]) => void;
  /** Goes on with the purge that a server or a command was ended in, where there is one. */
  resumePurge: Purger['resumePurge'];
  /** Resolves when everything that was observed is noted, and what goes on in the background was ended where it can go on. */
  settle(): Promise<void>;
}

/** Makes the commands. */
export function createCommands(parts: Parts, log: Log): Commands {
  const observer = createReadObserver(parts, log);
  const purger = createPurger(parts, log);
  /** Runs what weighs evidence, once everything that the caller was served before is noted. */
  const spoken = async <T>(call: Call, work: () => Promise<T>): Promise<T> => {
    if (call.caller.runId !== null) await observer.noted(call.caller.runId);
    return work();
  };
  return {
    findRunId: (call, text) => findRunForToken(parts.tracking, call, text),
    async updateRun(call, key, change) {
      if (endsRun(change)) await observer.noted((await parts.tracking.runs.get(call, key)).id);
      return updateRun(parts, call, key, change);
    },
    logBatch: (call, key, batch) =>
      tellsData(batch) ? spoken(call, () => logBatch(parts, call, key, batch)) : logBatch(parts, call, key, batch),
    deleteRunTag: (call, key, tag) => spoken(call, () => deleteRunTag(parts, call, key, tag)),
    logInput: (call, input) => spoken(call, () => logInput(parts, call, input)),
    resolveInput: (call, input) => spoken(call, () => resolveInput(parts, call, input)),
    putArtifact: (call, input) => putArtifact(parts, call, input),
    logDatasetOutput: (call, input) => logDatasetOutput(parts, call, input),
    registerVersion: (call, input) => registerVersion(parts, call, input),
    registerDatasetVersion: (call, input) => spoken(call, async () => (await registerFiles(parts, call, input)).version),
    registerPushedVersion: (call, input) => spoken(call, () => registerPushedVersion(parts, call, input)),
    logRead: (call, report) => spoken(call, () => logRead(parts, call, report)),
    recordSighting: (call, versionId, place) => recordSighting(parts, call, versionId, place),
    deleteDataset: (call, id) => deleteDataset(parts, call, id),
    collect: (call, options) => collect(parts, call, options),
    logInputs: (call, run, inputs) => spoken(call, () => logInputs(parts, call, run, inputs)),
    logModelHistory: (call, run, modelJson) => logModelHistory(parts, call, run, modelJson),
    createPromptlabRun: (call, input) => createPromptlabRun(parts, call, input),
    registerSource: (call, input) => registerSource(parts, call, input),
    observeRead: (call, sha256) => observer.observe(call, [sha256]),
    observeReads: observer.observe,
    purge: (call, input) => purger.purge(call, input),
    resumePurge: (options) => purger.resumePurge(options),
    async settle() {
      await Promise.all([observer.settle(), purger.settlePurge()]);
    },
  };
}
