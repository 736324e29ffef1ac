// Dataset versions, where they touch runs: what produced them, what waited for them, what stands on them.

import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import type { DataVersioning, Dataset, DatasetVersion, RegisterDatasetVersion } from '@throughline/data-versioning';
import { conflict, invalid, requireScope } from '@throughline/kernel';

import { servedEvidence } from './evidence.ts';
import type { Parts } from './parts.ts';
import { producedEvidence, resolveWaiting } from './inputs.ts';

/** Registers uploaded files as a version, links it to what it came from, and resolves the inputs that waited for it. */
export async function registerDatasetVersion(parts: Parts, call: Call, input: RegisterDatasetVersion): Promise<DatasetVersion> {
  const { content, data, tracking } = parts;
  if (input.single && input.files.length !== 1) {
    throw invalid('NOT_A_SINGLE_FILE', `A version that is a single file has one file; ${input.files.length} were given.`);
  }
  const { dataset } = input;
  const about = { dataset, message: input.message, sighting: input.sighting ?? undefined };
  const find = async (inside: Call) => {
    // One after the other: a transaction is one connection, which speaks one statement at a time.
    const sources: DatasetVersion[] = [];
    for (const source of input.derivedFrom) sources.push(await data.versions.getByRef(inside, source));
    return { sources, run: input.producedBy === null ? null : await tracking.runs.getByRef(inside, input.producedBy) };
  };
  // Whatever can be refused is, before anything is stored.
  data.versions.checkNew(call, { ...about, derivedFrom: input.derivedFrom });
  await find(call);
  // Outside the transaction: it may be large, it is the same whoever repeats it, and nothing names it until the version does.
  const manifest = await content.createManifest(call, {
    kind: input.single ? 'FILE' : 'DIR',
    entries: input.files,
  });
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const { sources, run } = await find(inside);
    const { version } = await data.versions.register(inside, {
      ...about,
      manifestId: manifest.id,
      derivedFrom: sources.map(({ id }) => id),
      derivedEvidence: await derivedEvidence(parts, inside, sources),
    });
    if (run !== null) await tracking.datasetOutputs.log(inside, run, version.id, producedEvidence(call, run));
    await resolveWaiting(parts, inside, version);
    return version;
  });
}

/** Observed where the run whose token this is was served every byte of every source; asserted otherwise. */
async function derivedEvidence(parts: Parts, call: Call, sources: readonly DatasetVersion[]): Promise<'OBSERVED' | 'ASSERTED'> {
  const { runId } = call.caller;
  if (runId === null) return 'ASSERTED';
  for (const source of sources) {
    if ((await servedEvidence(parts, call, runId, source)) === 'ASSERTED') return 'ASSERTED';
  }
  return 'OBSERVED';
}

/** Deletes a dataset on whose versions nothing stands that is not deleted with it, or was before. */
export async function deleteDataset(parts: Parts, call: Call, id: string): Promise<Dataset> {
  const { data, tracking } = parts;
  requireScope(call.caller, 'WRITE');
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const versionIds = await data.datasets.versionIdsOf(inside, id);
    if (await hasLivingDerivatives(data, inside, versionIds)) throw inUse('a version that was made from it');
    for (const versionId of versionIds) {
      const users = await tracking.inputs.ofVersion(inside, versionId, { first: 1, after: null });
      if (users.items.length > 0) throw inUse('a run that read it');
    }
    return data.datasets.delete(inside, id);
  });
}

function inUse(what: string): Error {
  return conflict('DATASET_IN_USE', `The dataset cannot be deleted: at least one of its versions has ${what}.`, {
    hint: 'Retract the versions that should not be used any more.',
  });
}

/** Whether a version of another dataset, that is not deleted itself, was made from one of these. */
async function hasLivingDerivatives(data: DataVersioning, call: Call, versionIds: readonly string[]): Promise<boolean> {
  const own = new Set(versionIds);
  const edges = await data.versions.derivations(call, versionIds, 'source');
  const others = edges.map(({ versionId }) => versionId).filter((versionId) => !own.has(versionId));
  const versions = await data.versions.byIds(call, [...new Set(others)]);
  const datasets = await data.datasets.byIds(call, [...new Set([...versions.values()].map(({ datasetId }) => datasetId))]);
  return [...datasets.values()].some(({ deletedAt }) => deletedAt === null);
}
