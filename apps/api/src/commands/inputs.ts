// What runs read: recording it, and finding out which registered version it was.

import { versionRef } from '@throughline/data-versioning';
import type { DatasetVersion } from '@throughline/data-versioning';
import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { notFound, parseNodeId, parseRef, requireWrite } from '@throughline/kernel';
import type { DatasetInput, DatasetInputData, LogInputCommand, Run, RunKey } from '@throughline/tracking';

import { isSpeaking, matches, servedEvidence } from './evidence.ts';
import type { Parts } from './parts.ts';
import { resolveSeen } from './seen.ts';
import { servedVersions } from './served.ts';

const CONTEXT_TAG = 'mlflow.data.context';
/** MLflow's digests have at most 36 characters. */
const DIGEST_LENGTH = 36;

/** What a run read, as MLflow describes it. */
export interface MlflowInputs {
  datasets: readonly DatasetInputData[];
  /** Logged models that it started from, by their `m-…` ids. */
  models: readonly string[];
}

/** Records inputs as MLflow describes them, all or none, and resolves those that name a registered version. */
export function logInputs(parts: Parts, call: Call, run: RunKey, { datasets, models }: MlflowInputs): Promise<void> {
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    // For nothing too, since a run that is not there is to be told of.
    const logged = await parts.tracking.inputs.log(inside, run, datasets);
    const claimed = await resolveClaims(parts, inside, logged);
    await resolveSeen(parts, inside, claimed);
    const links = models.map((modelId) => ({ modelId }));
    if (links.length > 0) await parts.tracking.loggedModels.link(inside, run, 'INPUT', links);
  });
}

/** Resolves what is open among a run's inputs, by what is known of them and of the run by now. */
export function resolveOpen(parts: Parts, call: Call, key: RunKey): Promise<void> {
  const { database, tracking } = parts;
  return within(database, call, async (tx) => {
    const inside = { ...call, tx };
    // A change of nothing takes the run's lock: until all is resolved it does not end, and says nothing else of its data.
    const run = await tracking.runs.update(inside, key, {});
    const inputs = (await tracking.inputs.ofRuns(inside, [run.id])).get(run.id) ?? [];
    await resolveSeen(parts, inside, await resolveClaims(parts, inside, inputs));
  });
}

/** Resolves those inputs of one run that name a version which there is; in as many statements for many as for one. */
async function resolveClaims(parts: Parts, call: Call, inputs: readonly DatasetInput[]): Promise<DatasetInput[]> {
  const waiting = inputs.flatMap(({ claim, datasetVersionId, ...input }) =>
    claim === null || datasetVersionId !== null ? [] : [{ ...input, claim }],
  );
  const versions = await versionsClaimed(
    parts,
    call,
    waiting.map(({ claim }) => claim),
  );
  const [one] = waiting;
  if (one === undefined || versions.size === 0) return [...inputs];
  const served = await servedVersions(parts, call, one.runUuid, [...versions.values()]);
  const resolved = await parts.tracking.inputs.resolveMany(
    call,
    waiting.flatMap(({ id, claim, claimedBy }) => {
      const version = versions.get(claim);
      if (version === undefined) return [];
      const evidence = served.has(version.id) ? 'OBSERVED' : 'ASSERTED';
      return [{ inputId: id, datasetVersionId: version.id, evidence, resolvedBy: claimedBy ?? 'source' } as const];
    }),
  );
  return inputs.map((input) => resolved.get(input.id) ?? input);
}

/** What DVC calls content, as a claim. */
const DVC = 'dvc:';

/** The versions that there are of what inputs claim to be, by the claim. */
async function versionsClaimed({ data }: Parts, call: Call, claims: readonly string[]): Promise<Map<string, DatasetVersion>> {
  const versions = await data.versions.findByRefs(
    call,
    claims.filter((claim) => !claim.startsWith(DVC)),
  );
  const names = claims.filter((claim) => claim.startsWith(DVC)).map((claim) => claim.slice(DVC.length));
  if (names.length === 0) return versions;
  const byName = await data.versions.findByDvcNames(call, names);
  return new Map([...versions, ...[...byName].map(([name, version]) => [`${DVC}${name}`, version] as const)]);
}

async function resolveAs(
  parts: Parts,
  call: Call,
  input: DatasetInput,
  version: DatasetVersion,
  resolvedBy: string,
): Promise<DatasetInput> {
  const evidence = await servedEvidence(parts, call, input.runUuid, version);
  return parts.tracking.inputs.resolveWith(call, input.id, { datasetVersionId: version.id, evidence, resolvedBy });
}

/** Records that a run read a registered version, as strongly as what is known allows. Hashes that are not the version's are refused, whoever sends them. */
export async function logInput(parts: Parts, call: Call, { run: runText, datasetVersion, context, files }: LogInputCommand): Promise<Run> {
  const { tracking, data } = parts;
  requireWrite(call.caller);
  // Before the transaction, which must not last for as long as a hundred thousand files take: what a version's files are never changes.
  const compared = files == null ? null : await data.versions.getByRef(call, datasetVersion);
  const isWhole = compared !== null && files != null && (await matches(parts, call, compared, files));
  // A reference to the current version may mean another one by then.
  const meant = compared === null ? datasetVersion : versionRef(compared);
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const run = await tracking.runs.getByRef(inside, runText);
    const version = await data.versions.getByRef(inside, meant);
    const [input] = await tracking.inputs.log(inside, run, [
      {
        name: version.datasetName,
        digest: version.digest.slice(0, DIGEST_LENGTH),
        sourceType: 'throughline',
        source: versionRef(version),
        tags: context == null || context === '' ? [] : [{ key: CONTEXT_TAG, value: context }],
      },
    ]);
    if (input !== undefined) {
      // Logging it locked the run: from here on it does not end.
      const isMatched = isWhole && isSpeaking(call.caller, await tracking.runs.get(inside, run));
      const evidence = isMatched ? 'MATCHED' : await servedEvidence(parts, inside, run.id, version);
      const resolvedBy = isMatched ? 'hashes' : 'reference';
      await tracking.inputs.resolveWith(inside, input.id, { datasetVersionId: version.id, evidence, resolvedBy });
    }
    return run;
  });
}

/** Says which version an unresolved input was. */
export function resolveInput(
  parts: Parts,
  call: Call,
  { input, datasetVersion }: { input: string; datasetVersion: string },
): Promise<DatasetInput> {
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const node = parseNodeId(input);
    if (node?.kind !== 'datasetInput') throw notFound('DATASET_INPUT_NOT_FOUND', `There is no dataset input '${input.slice(0, 80)}'.`);
    const found = await parts.tracking.inputs.get(inside, node.id);
    await parts.tracking.runs.requireOwn(inside, found.runUuid);
    const version = await parts.data.versions.getByRef(inside, datasetVersion);
    return resolveAs(parts, inside, found, version, 'a person');
  });
}

/** Records a version that a run produced: observed where the run's own token says so. */
export function logDatasetOutput(
  parts: Parts,
  call: Call,
  { run: runText, datasetVersion }: { run: string; datasetVersion: string },
): Promise<Run> {
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const run = await parts.tracking.runs.getByRef(inside, runText);
    const version = await parts.data.versions.getByRef(inside, datasetVersion);
    await parts.tracking.datasetOutputs.log(inside, run, version.id, producedEvidence(call, run));
    return run;
  });
}

/** A run's own token is the run speaking, while it is under way; anybody else only says so. */
export function producedEvidence(call: Call, run: Pick<Run, 'id' | 'status'>): 'OBSERVED' | 'ASSERTED' {
  return isSpeaking(call.caller, run) ? 'OBSERVED' : 'ASSERTED';
}

/** Looks again at the inputs of a run that are only asserted, after it has read more. */
export async function raiseEvidence(parts: Parts, call: Call, runUuid: string): Promise<void> {
  const { tracking, data } = parts;
  const inputs = (await tracking.inputs.ofRuns(call, [runUuid])).get(runUuid) ?? [];
  const asserted = inputs.filter((input) => input.datasetVersionId !== null && input.evidence === 'ASSERTED');
  const versions = await data.versions.byIds(
    call,
    asserted.flatMap(({ datasetVersionId }) => datasetVersionId ?? []),
  );
  const served = await servedVersions(parts, call, runUuid, [...versions.values()]);
  await tracking.inputs.resolveMany(
    call,
    asserted.flatMap(({ id, datasetVersionId, resolvedBy }) =>
      datasetVersionId === null || !served.has(datasetVersionId)
        ? []
        : [{ inputId: id, datasetVersionId, evidence: 'OBSERVED', resolvedBy: resolvedBy ?? 'reference' } as const],
    ),
  );
}

/** Whether a text names a run rather than a logged model: for places that take either. */
export function namesRun(text: string): boolean {
  return parseNodeId(text)?.kind === 'run' || parseRef(text)?.ref.kind === 'run';
}
