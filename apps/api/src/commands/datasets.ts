// Dataset versions, where they touch runs: what produced them, what waited for them, what stands on them.

import type { ManifestInfo } from '@throughline/content';
import { within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import type { Dataset, DatasetVersion, RegisterDatasetVersion, RegisteredVersion } from '@throughline/data-versioning';
import { conflict, invalid, requireScope } from '@throughline/kernel';

import type { Parts } from './parts.ts';
import { producedEvidence } from './inputs.ts';
import { resolveWaitingAt } from './seen.ts';
import { resolveWaiting, servedVersions } from './served.ts';

/** What is registered beside the files themselves. */
type About = Omit<RegisterDatasetVersion, 'files' | 'single'>;

/** Done in the transaction that registers a version. */
type Alongside = (inside: Call & { tx: Tx }, version: DatasetVersion) => Promise<void>;

/** Registers files that are here as a version. */
export async function registerFiles(
  parts: Parts,
  call: Call,
  { files, single, ...about }: RegisterDatasetVersion,
  alongside?: Alongside,
): Promise<RegisteredVersion> {
  if (single && files.length !== 1) {
    throw invalid('NOT_A_SINGLE_FILE', `A version that is a single file has one file; ${files.length} were given.`);
  }
  // Outside the transaction: it may be large, it is the same whoever repeats it, and nothing names it until the version does.
  const make = () => parts.content.createManifest(call, { kind: single ? 'FILE' : 'DIR', entries: files });
  return registerManifest(parts, call, about, make, alongside);
}

/** Registers a manifest as a version, links it to what it came from, and resolves the inputs that waited for it. */
export async function registerManifest(
  parts: Parts,
  call: Call,
  input: About,
  make: () => Promise<ManifestInfo>,
  alongside?: Alongside,
): Promise<RegisteredVersion> {
  const { data, tracking } = parts;
  const { dataset, impliedName, message } = input;
  const about = { dataset, impliedName, message, sighting: input.sighting ?? undefined };
  const find = async (inside: Call) => {
    // One after the other: a transaction is one connection, which speaks one statement at a time.
    const sources: DatasetVersion[] = [];
    for (const source of input.derivedFrom) sources.push(await data.versions.getByRef(inside, source));
    return { sources, run: input.producedBy === null ? null : await tracking.runs.getByRef(inside, input.producedBy) };
  };
  // Whatever can be refused is, before anything is stored.
  data.versions.checkNew(call, { ...about, derivedFrom: input.derivedFrom });
  await find(call);
  const manifest = await make();
  const registered = await within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const { sources, run } = await find(inside);
    const { version, isNew } = await data.versions.register(inside, {
      ...about,
      manifestId: manifest.id,
      derivedFrom: sources.map(({ id }) => id),
      derivedEvidence: await derivedEvidence(parts, inside, sources),
    });
    if (run !== null) await tracking.datasetOutputs.log(inside, run, version.id, producedEvidence(call, run));
    await alongside?.(inside, version);
    await resolveWaiting(parts, inside, version, manifest.dvcMd5);
    if (input.sighting !== null) await resolveWaitingAt(parts, inside, input.sighting.commit);
    return { version, isNew };
  });
  if (call.tx === undefined) data.profiles.wake();
  return registered;
}

/** Observed where the run whose token this is was served every byte of every source; asserted otherwise. */
async function derivedEvidence(parts: Parts, call: Call, sources: readonly DatasetVersion[]): Promise<'OBSERVED' | 'ASSERTED'> {
  const { runId } = call.caller;
  if (runId === null) return 'ASSERTED';
  const served = await servedVersions(parts, call, runId, sources);
  return sources.every(({ id }) => served.has(id)) ? 'OBSERVED' : 'ASSERTED';
}

/** Deletes a dataset on whose versions nothing stands that is not deleted with it, or was before. */
export async function deleteDataset({ database, data, tracking }: Parts, call: Call, id: string): Promise<Dataset> {
  requireScope(call.caller, 'WRITE');
  return within(database, call, async (tx) => {
    const inside = { ...call, tx };
    // First of all, since it locks: whoever refers to one of them has done so by now, or will not find it.
    const datasetVersionIds = await data.datasets.versionIdsOf(inside, id);
    const obstacle = await data.datasets.standsOn(inside, id);
    if (obstacle !== null) throw inUse(OBSTACLES[obstacle]);
    const used = await tracking.referencesOf({ datasetVersionIds }, inside);
    if (used.datasetVersionIds.length > 0) throw inUse({ what: 'a run read or produced one of its versions', hint: RETRACT });
    return data.datasets.delete(inside, id);
  });
}

const RETRACT = 'Retract the versions that should not be used any more.';

const OBSTACLES = {
  derivative: { what: 'a version of another dataset was made from it', hint: RETRACT },
  sighting: { what: 'one of its versions was seen in Git, and is looked for here by whoever checks that commit out', hint: RETRACT },
  tag: { what: 'one of its versions is tagged', hint: 'Take its tags away first, if nobody needs them.' },
} as const;

function inUse({ what, hint }: { what: string; hint: string }): Error {
  return conflict('DATASET_IN_USE', `The dataset cannot be deleted: ${what}.`, { hint });
}
