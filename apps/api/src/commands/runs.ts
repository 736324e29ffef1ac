// Runs, where what they read meets their end.

import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { conflict } from '@throughline/kernel';
import { DATA_TAGS, hasEnded } from '@throughline/tracking';
import type { Batch, Run, RunKey, RunUpdate, Tracking } from '@throughline/tracking';

import { raiseEvidence, resolveOpen } from './inputs.ts';
import type { Parts } from './parts.ts';
import { appended } from './tag-lists.ts';

/** Where MLflow's clients keep the history of a run's models. */
const MODEL_HISTORY_TAG = 'mlflow.log-model.history';

/** Whether a change ends a run. */
export function endsRun({ status }: RunUpdate): boolean {
  return status != null && hasEnded({ status });
}

/** Changes a run. Where that ends it, its evidence is settled in the same transaction: afterwards nothing it reads counts any more. */
export function updateRun(parts: Parts, call: Call, key: RunKey, change: RunUpdate): Promise<Run> {
  const { database, tracking } = parts;
  if (!endsRun(change)) return tracking.runs.update(call, key, change);
  return within(database, call, async (tx) => {
    const inside = { ...call, tx };
    // A change of nothing takes the run's lock, behind which no read is recorded.
    const run = await tracking.runs.update(inside, key, {});
    if (!hasEnded(run)) await raiseEvidence(parts, inside, run.id);
    return tracking.runs.update(inside, run, change);
  });
}

/** Whether a batch says what its run's inputs are. */
export function tellsData({ tags = [] }: Batch): boolean {
  return tags.some(({ key }) => DATA_TAGS.includes(key));
}

/**
 * Writes metrics, params and tags. Where a tag says what the run's inputs are, those that are not known yet are looked for: in a transaction of
 * its own, since it waits for whoever is registering what is looked for, who may wait for the inputs that the first one changed.
 */
export async function logBatch(parts: Parts, call: Call, key: RunKey, batch: Batch): Promise<void> {
  await parts.tracking.runs.logBatch(call, key, batch);
  if (tellsData(batch)) await resolveOpen(parts, call, key);
}

/** Takes a tag away, and looks for the run's inputs again where it said what they are. */
export async function deleteRunTag(parts: Parts, call: Call, key: RunKey, tag: string): Promise<void> {
  await parts.tracking.runs.deleteTag(call, key, tag);
  if (DATA_TAGS.includes(tag)) await resolveOpen(parts, call, key);
}

/** Adds a model, told as a JSON object, to the history that MLflow's clients keep in a tag of its run: the newest that fit. One that is too long alone is left out. */
export function logModelHistory({ database, tracking }: Parts, call: Call, key: RunKey, modelJson: string): Promise<void> {
  return within(database, call, async (tx) => {
    const inside = { ...call, tx };
    // A change of nothing takes the run's lock, so that two models logged at once both stay in the history.
    const run = await tracking.runs.update(inside, key, {});
    const details = await tracking.runs.loadDetails(inside, [run.id], { tags: [MODEL_HISTORY_TAG] });
    const value = appended(details.get(run.id)?.tags[0]?.value, modelJson, (item) => typeof item === 'object' && item !== null);
    await tracking.runs.setTags(inside, run, [{ key: MODEL_HISTORY_TAG, value }]);
  });
}

/** The UUID of the run that a new token is to speak for. Throws `conflict` RUN_ENDED: a run that is over has nothing more to say. */
export async function findRunForToken(tracking: Tracking, call: Call, text: string): Promise<string> {
  const run = await tracking.runs.getByRef(call, text);
  if (hasEnded(run)) {
    throw conflict('RUN_ENDED', `The run ${run.runId} has ended (${run.status.toLowerCase()}): no token can be made for it.`, {
      hint: 'Make the token while the run is under way.',
    });
  }
  return run.id;
}
