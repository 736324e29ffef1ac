// What runs read and produced. An input is first what its client called it; which dataset version that is may be known at once, later, or
// never. Evidence for it only ever rises, and an input that is known to be one version never becomes another.

import { checkSha256 } from '@throughline/content';
import { on, within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { invalid, isUuid, newId, requireWrite } from '@throughline/kernel';

import type { DatasetOutputs, Inputs, Reads } from './api.ts';
import { claimOfSource, localPathOf, taggedClaims, taggedFor } from './claims.ts';
import { inputNotFound, inputResolved } from './errors.ts';
import { checkCountOf, checkName, checkText, LIMITS } from './limits.ts';
import { byOwner, lastByKey } from './parts.ts';
import type { Parts } from './parts.ts';
import { experimentIdsOf, takeActiveRun } from './runs.ts';
import { runPlanForEach } from './search/plan.ts';
import {
  ensureDatasets,
  INPUT_COLUMNS,
  insertInputs,
  insertReads,
  planInputsOfVersion,
  resolveInputs,
  resolveWaitingInputs,
  selectDatasetSummaries,
  selectInputs,
  selectOutputs,
  selectProducers,
  selectReaders,
  selectReads,
  selectUnclaimedAt,
  upsertOutput,
} from './store/inputs.ts';
import { selectKeyValues, selectRuns } from './store/runs.ts';
import { TAG } from './tags.ts';
import type { DatasetInput, DatasetInputData } from './types.ts';

const MAX_SUMMARIES = 1_000;

function checkInput(input: DatasetInputData, index: number): void {
  const path = `datasets[${index}].dataset`;
  checkName(input.name, `${path}.name`, LIMITS.datasetName);
  checkName(input.digest, `${path}.digest`, LIMITS.datasetDigest);
  checkName(input.sourceType, `${path}.source_type`, LIMITS.datasetSourceType);
  checkName(input.source, `${path}.source`, LIMITS.datasetSource);
  if (input.schema) checkText(input.schema, `${path}.schema`, LIMITS.datasetSchema);
  if (input.profile) checkText(input.profile, `${path}.profile`, LIMITS.datasetProfile);
  checkCountOf('tags', input.tags?.length ?? 0, LIMITS.batchTags);
  for (const [place, tag] of (input.tags ?? []).entries()) {
    checkName(tag.key, `datasets[${index}].tags[${place}].key`, LIMITS.inputTagKey);
    checkText(tag.value, `datasets[${index}].tags[${place}].value`, LIMITS.inputTagValue);
  }
}

/** Of several inputs that are the same dataset the first counts. */
function firstOfEach(inputs: readonly DatasetInputData[]): DatasetInputData[] {
  const seen = new Set<string>();
  return inputs.filter(({ name, digest }) => seen.size !== seen.add(JSON.stringify([name, digest])).size);
}

export function createInputs(parts: Parts): Inputs {
  const { database, clock } = parts;

  const get = async (call: Call, id: string): Promise<DatasetInput> => {
    const [input] = isUuid(id) ? await selectInputs(on(database, call), call.caller.workspaceId, { ids: [id] }) : [];
    if (input === undefined) throw inputNotFound(id);
    return input;
  };

  const ofVersions: Inputs['ofVersions'] = (call, datasetVersionIds, page) => {
    const owners = datasetVersionIds.filter(isUuid);
    return runPlanForEach(on(database, call), planInputsOfVersion(call.caller.workspaceId), INPUT_COLUMNS, { owners, page });
  };

  return {
    get,

    findMany: (call, ids) => selectInputs(on(database, call), call.caller.workspaceId, { ids: ids.filter(isUuid) }),

    async log(call, key, inputs) {
      requireWrite(call.caller);
      checkCountOf('datasets', inputs.length, LIMITS.inputsAtOnce);
      for (const [index, input] of inputs.entries()) checkInput(input, index);
      const { workspaceId } = call.caller;
      return within(database, call, async (tx) => {
        // For a change, since the tag that says what the inputs are must not change meanwhile.
        const run = await takeActiveRun(tx, call, key, 'FOR NO KEY UPDATE');
        const datasets = firstOfEach(inputs);
        if (datasets.length === 0) return [];
        const now = clock.now();
        const tagged = await selectKeyValues(tx, { table: 'run_tag', workspaceId, runIds: [run.id], keys: [TAG.dataset] });
        const tagClaims = tagged[0] === undefined ? [] : taggedClaims(tagged[0].value, parts.isOwnHost);
        const datasetIds = await ensureDatasets(
          tx,
          run.experimentUuid,
          datasets.map(({ name, digest, sourceType, source, schema, profile }) => ({
            id: newId(now.getTime()),
            name,
            digest,
            sourceType,
            source,
            schema: schema ?? null,
            profile: profile ?? null,
          })),
        );
        // Sorted, so that they are read in the order given: of ids of one millisecond the rest is chance.
        const ids = datasets.map(() => newId(now.getTime())).sort();
        const rows = datasets.map((input, index) => {
          const sourceClaim = claimOfSource(input.source, parts.isOwnHost);
          const tagClaim = taggedFor(tagClaims, input.name);
          const tags = lastByKey(input.tags ?? []);
          return {
            id: ids[index] ?? '',
            datasetId: datasetIds[index] ?? '',
            context: tags.find((tag) => tag.key === TAG.dataContext)?.value ?? null,
            claim: sourceClaim ?? tagClaim,
            claimedBy: sourceClaim !== null ? ('source' as const) : tagClaim !== null ? ('tag' as const) : null,
            tags,
          };
        });
        await insertInputs(tx, { workspaceId, runId: run.id, inputs: rows, now });
        const logged = await selectInputs(tx, workspaceId, { runIds: [run.id], datasetIds });
        const of = ({ name, digest }: { name: string; digest: string }) => JSON.stringify([name, digest]);
        const byDataset = new Map(logged.map((input) => [of(input), input]));
        return datasets.flatMap((dataset) => byDataset.get(of(dataset)) ?? []);
      });
    },

    async ofRuns(call, runIds) {
      const inputs = await selectInputs(on(database, call), call.caller.workspaceId, { runIds });
      return byOwner(
        runIds,
        inputs.map((input) => ({ owner: input.runUuid, input })),
        ({ input }) => input,
      );
    },

    ofVersions,

    async ofVersion(call, datasetVersionId, page) {
      const pages = await ofVersions(call, [datasetVersionId], page);
      return pages.get(datasetVersionId) ?? { items: [], cursorOf: () => '', hasNextPage: false };
    },

    async resolveWith(call, inputId, resolution) {
      requireWrite(call.caller);
      if (!isUuid(inputId)) throw inputNotFound(inputId);
      if (!isUuid(resolution.datasetVersionId)) throw invalid('INVALID_ID', 'A dataset version is named by its UUID.');
      return within(database, call, async (tx) => {
        const inTx: Call = { caller: call.caller, tx };
        const done = await resolveInputs(tx, call.caller.workspaceId, [{ ...resolution, inputId }], clock.now());
        const input = await get(inTx, inputId);
        if (!done.has(inputId)) throw inputResolved(inputId);
        return input;
      });
    },

    async resolveMany(call, resolutions) {
      requireWrite(call.caller);
      if (!resolutions.every(({ inputId, datasetVersionId }) => isUuid(inputId) && isUuid(datasetVersionId))) {
        throw invalid('INVALID_ID', 'Inputs and dataset versions are named by their UUIDs.');
      }
      if (resolutions.length === 0) return new Map();
      const { workspaceId } = call.caller;
      return within(database, call, async (tx) => {
        await resolveInputs(tx, workspaceId, resolutions, clock.now());
        const inputs = await selectInputs(tx, workspaceId, { ids: resolutions.map(({ inputId }) => inputId) });
        return new Map(inputs.map((input) => [input.id, input]));
      });
    },

    async resolveWaiting(call, references, { datasetVersionId, observedRunIds }) {
      requireWrite(call.caller);
      if (!isUuid(datasetVersionId)) throw invalid('INVALID_ID', 'A dataset version is named by its UUID.');
      const { workspaceId } = call.caller;
      return within(database, call, (tx) =>
        resolveWaitingInputs(tx, { workspaceId, claims: references, datasetVersionId, observedRunIds, now: clock.now() }),
      );
    },

    async waitingAtCommit(call, commit, page) {
      const rows = await selectUnclaimedAt(on(database, call), { workspaceId: call.caller.workspaceId, commit, ...page });
      return rows.map(({ repository, ...input }) => ({ input, repository, path: localPathOf(input.source) }));
    },

    async summaries(call, experiments, limit = MAX_SUMMARIES) {
      const experimentIds = (await experimentIdsOf(parts, call, experiments)) ?? [];
      return selectDatasetSummaries(on(database, call), {
        workspaceId: call.caller.workspaceId,
        experimentIds,
        limit: Math.min(limit, MAX_SUMMARIES),
      });
    },
  };
}

export function createDatasetOutputs({ database, clock }: Parts): DatasetOutputs {
  return {
    async log(call, key, datasetVersionId, evidence) {
      requireWrite(call.caller);
      if (!isUuid(datasetVersionId)) throw invalid('INVALID_ID', 'A dataset version is named by its UUID.');
      await within(database, call, async (tx) => {
        const run = await takeActiveRun(tx, call, key, 'FOR SHARE');
        await upsertOutput(tx, { runId: run.id, datasetVersionId, evidence, now: clock.now() });
      });
    },

    async ofRuns(call, runIds) {
      const rows = await selectOutputs(on(database, call), call.caller.workspaceId, runIds);
      return byOwner(runIds, rows, ({ datasetVersionId }) => datasetVersionId);
    },

    async producers(call, datasetVersionIds) {
      const db = on(database, call);
      const rows = await selectProducers(db, call.caller.workspaceId, datasetVersionIds);
      if (rows.length === 0) return new Map();
      const runs = await selectRuns(db, call.caller.workspaceId, [...new Set(rows.map(({ runId }) => runId))]);
      const byId = new Map(runs.map((run) => [run.id, run]));
      return new Map(
        rows.flatMap(({ owner, runId }) => {
          const run = byId.get(runId);
          return run === undefined ? [] : [[owner, run] as const];
        }),
      );
    },
  };
}

export function createReads({ database, clock }: Parts): Reads {
  const toBytes = (sha256s: readonly string[]) => sha256s.map((sha256) => Buffer.from(checkSha256(sha256), 'hex'));
  return {
    async record(call, runUuid, sha256s) {
      if (sha256s.length === 0 || !isUuid(runUuid)) return;
      const { workspaceId } = call.caller;
      await insertReads(on(database, call), { workspaceId, runId: runUuid, sha256s: toBytes(sha256s), now: clock.now() });
    },

    async has(call, runUuid, sha256s) {
      if (sha256s.length === 0 || !isUuid(runUuid)) return new Set();
      const found = await selectReads(on(database, call), {
        workspaceId: call.caller.workspaceId,
        runId: runUuid,
        sha256s: toBytes(sha256s),
      });
      return new Set(found.map((bytes) => bytes.toString('hex')));
    },

    async readersOf(call, sha256s, among) {
      const hashes = toBytes([...new Set(sha256s)]);
      if (hashes.length === 0) return [];
      const whose = 'waitingFor' in among ? { claims: among.waitingFor } : { runIds: among.runIds.filter(isUuid) };
      return selectReaders(on(database, call), { workspaceId: call.caller.workspaceId, sha256s: hashes, ...whose });
    },
  };
}
