// Logged models: what a run produced, or what was logged without one. Each has files of its own, which a version of the registry freezes.
// The edge to the source run is observed where the run's own token made the model and nobody else ever touched its files: then this server
// knows who it was, and need not believe it. artifacts.ts takes it back in the transaction of the first foreign write, for good.

import { randomBytes } from 'node:crypto';

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { invalid, isUuid, newId, parseNodeId, parseRef, requireRun, requireScope, requireWrite } from '@throughline/kernel';

import { MAX_SEARCH_PAGE } from './api.ts';
import type { LoggedModels } from './api.ts';
import { loggedModelExists, loggedModelNotFound, paramsChanged, short, tagNotFound } from './errors.ts';
import { takeActiveExperiment } from './experiments.ts';
import { checkCountOf, checkKeyValue, checkModelId, checkName, checkText, checkWhole, isModelId, LIMITS } from './limits.ts';
import { modelArtifactUri } from './locations.ts';
import { randomRunName } from './names.ts';
import { byOwner, lastByKey } from './parts.ts';
import type { Parts } from './parts.ts';
import { experimentIdsOf, hasEnded, requireOwnRun, takeActiveRun } from './runs.ts';
import { planLoggedModels } from './search/logged-models.ts';
import { runPlan } from './search/plan.ts';
import {
  deleteLoggedModelTag,
  insertLoggedModel,
  insertLoggedModelParams,
  insertModelLinks,
  LOGGED_MODEL_COLUMNS,
  selectLoggedModel,
  selectLoggedModelKeyValues,
  selectLoggedModelMetrics,
  selectLoggedModels,
  selectModelLinks,
  updateLoggedModel,
  upsertLoggedModelTags,
} from './store/logged-models.ts';
import type { KeyValue, LoggedModel, LoggedModelKey, LoggedModelMetric } from './types.ts';

const BAD_NAME = /[/:.%"']/;

function checkModelName(name: string): string {
  checkName(name, 'name', LIMITS.loggedModelName);
  if (!BAD_NAME.test(name)) return name;
  throw invalid(
    'INVALID_PARAMETER',
    `Invalid model name: ${short(name)}. Model name must be a non-empty string and cannot contain ('/', ':', '.', '%', '"', "'")`,
    {
      details: { parameter: 'name' },
    },
  );
}

function checkParams(params: readonly KeyValue[]): KeyValue[] {
  checkCountOf('params', params.length, LIMITS.loggedModelParams);
  for (const [index, param] of params.entries()) checkKeyValue(param, `params[${index}]`, LIMITS.paramValue);
  return lastByKey(params);
}

function checkTags(tags: readonly KeyValue[]): KeyValue[] {
  checkCountOf('tags', tags.length, LIMITS.loggedModelTags);
  for (const [index, tag] of tags.entries()) checkKeyValue(tag, `tags[${index}]`, LIMITS.tagValue);
  return lastByKey(tags);
}

function isModelKey(key: LoggedModelKey): boolean {
  return 'id' in key ? isUuid(key.id) : isModelId(key.modelId);
}

function nameOf(key: LoggedModelKey): string {
  return 'modelId' in key ? key.modelId : key.id;
}

export function createLoggedModels(parts: Parts, ensureDefault: (call: Call) => Promise<void>): LoggedModels {
  const { database, content, clock } = parts;

  const findAny = async (call: Call, key: LoggedModelKey): Promise<LoggedModel | null> =>
    isModelKey(key) ? selectLoggedModel(on(database, call), call.caller.workspaceId, key) : null;

  const find = async (call: Call, key: LoggedModelKey): Promise<LoggedModel | null> => {
    const model = await findAny(call, key);
    return model?.lifecycle === 'ACTIVE' ? model : null;
  };

  const findByRef = async (call: Call, text: string): Promise<LoggedModel | null> => {
    const node = parseNodeId(text);
    if (node !== null) return node.kind === 'loggedModel' ? find(call, { id: node.id }) : null;
    const parsed = parseRef(text);
    if (parsed?.workspace !== null || parsed.ref.kind !== 'loggedModel') return null;
    return find(call, { modelId: parsed.ref.modelId });
  };

  /** Runs a change on a model in use whose row is locked, and answers how it is afterwards. */
  const change = (
    call: Call,
    key: LoggedModelKey,
    work: (tx: Tx, model: LoggedModel, nowMs: number) => Promise<void>,
  ): Promise<LoggedModel> => {
    requireWrite(call.caller);
    return within(database, call, async (tx) => {
      const { workspaceId } = call.caller;
      const model = isModelKey(key) ? await selectLoggedModel(tx, workspaceId, key, true) : null;
      if (model?.lifecycle !== 'ACTIVE') throw loggedModelNotFound(nameOf(key));
      await requireOwnRun(tx, call, model.sourceRunUuid);
      await work(tx, model, clock.now().getTime());
      return (await selectLoggedModel(tx, workspaceId, { id: model.id })) ?? model;
    });
  };

  /** A run's own token may not say of another's model that the run produced it. */
  const requireOwnModels = async (tx: Tx, call: Call, models: readonly { modelId: string }[]): Promise<void> => {
    if (call.caller.runId === null) return;
    for (const { modelId } of models) {
      const model = await selectLoggedModel(tx, call.caller.workspaceId, { modelId });
      if (model !== null) await requireOwnRun(tx, call, model.sourceRunUuid);
    }
  };

  return {
    find,
    findByRef,

    async get(call, key, { deleted = false } = {}) {
      const model = await (deleted ? findAny : find)(call, key);
      if (model === null) throw loggedModelNotFound(nameOf(key));
      return model;
    },

    async getByRef(call, text) {
      const model = await findByRef(call, text);
      if (model === null) throw loggedModelNotFound(text);
      return model;
    },

    findMany: (call, ids) => selectLoggedModels(on(database, call), call.caller.workspaceId, ids.filter(isUuid)),

    async create(call, input) {
      requireWrite(call.caller);
      const name = checkModelName(input.name || randomRunName());
      const modelType = input.modelType ? checkText(input.modelType, 'model_type', LIMITS.loggedModelType) : null;
      const params = checkParams(input.params ?? []);
      const tags = checkTags(input.tags ?? []);
      const modelId = input.modelId === undefined ? `m-${randomBytes(16).toString('hex')}` : checkModelId(input.modelId);
      const { caller } = call;
      await ensureDefault(call);
      return within(database, call, async (tx) => {
        const inTx: Call = { caller, tx };
        const run = input.sourceRun === undefined ? null : await takeActiveRun(tx, inTx, input.sourceRun, '');
        if (run === null) requireRun(caller);
        const experimentKey = input.experiment ?? (run === null ? { experimentId: '0' } : { id: run.experimentUuid });
        const experiment = await takeActiveExperiment(tx, inTx, experimentKey, 'FOR SHARE');
        const nowMs = clock.now().getTime();
        const id = newId(nowMs);
        const row = {
          id,
          modelId,
          experimentUuid: experiment.id,
          name,
          modelType,
          sourceRunUuid: run?.id ?? null,
          sourceRunEvidence: run !== null && caller.runId === run.id && !hasEnded(run) ? ('OBSERVED' as const) : ('ASSERTED' as const),
          artifactUri: modelArtifactUri(experiment.artifactLocation, modelId),
          fileSetId: await content.createFileSet(inTx),
        };
        if (!(await insertLoggedModel(tx, { ...row, workspaceId: caller.workspaceId, nowMs }))) throw loggedModelExists(modelId);
        if (params.length > 0) await insertLoggedModelParams(tx, id, params);
        if (tags.length > 0) await upsertLoggedModelTags(tx, id, tags);
        return {
          ...row,
          experimentId: experiment.experimentId,
          status: 'PENDING',
          statusMessage: null,
          sourceRunId: run?.runId ?? null,
          lifecycle: 'ACTIVE',
          createdAtMs: nowMs,
          updatedAtMs: nowMs,
        };
      });
    },

    finalize: (call, key, status) => change(call, key, (tx, model, nowMs) => updateLoggedModel(tx, model.id, { status, nowMs })),

    setTags(call, key, tags) {
      const checked = checkTags(tags);
      return change(call, key, async (tx, model, nowMs) => {
        if (checked.length > 0) await upsertLoggedModelTags(tx, model.id, checked);
        await updateLoggedModel(tx, model.id, { nowMs });
      });
    },

    async deleteTag(call, key, tag) {
      await change(call, key, async (tx, model, nowMs) => {
        if (tag.includes('\0') || !tag.isWellFormed() || !(await deleteLoggedModelTag(tx, model.id, tag))) {
          throw tagNotFound(tag, `logged model with ID ${model.modelId}`);
        }
        await updateLoggedModel(tx, model.id, { nowMs });
      });
    },

    logParams(call, key, params) {
      const checked = checkParams(params);
      return change(call, key, async (tx, model, nowMs) => {
        const changed = checked.length === 0 ? [] : await insertLoggedModelParams(tx, model.id, checked);
        if (changed.length > 0) throw paramsChanged(model.modelId, changed);
        await updateLoggedModel(tx, model.id, { nowMs });
      });
    },

    async delete(call, key) {
      requireScope(call.caller, 'WRITE');
      await change(call, key, (tx, model, nowMs) => updateLoggedModel(tx, model.id, { deleted: true, nowMs }));
    },

    async search(call, search, page) {
      if (page.first > MAX_SEARCH_PAGE) {
        throw invalid(
          'INVALID_PAGE',
          `Invalid value ${page.first} for parameter 'max_results' supplied: It must be at most ${MAX_SEARCH_PAGE}.`,
        );
      }
      const datasets = search.datasets ?? [];
      checkCountOf('datasets', datasets.length, LIMITS.inputsAtOnce);
      for (const [index, { name, digest }] of datasets.entries()) {
        checkText(name, `datasets[${index}].dataset_name`, LIMITS.datasetName);
        checkText(digest ?? '', `datasets[${index}].dataset_digest`, LIMITS.datasetDigest);
      }
      for (const [index, order] of (search.orderBy ?? []).entries()) {
        checkText(order.datasetName ?? '', `order_by[${index}].dataset_name`, LIMITS.datasetName);
        checkText(order.datasetDigest ?? '', `order_by[${index}].dataset_digest`, LIMITS.datasetDigest);
      }
      const plan = planLoggedModels({
        workspaceId: call.caller.workspaceId,
        experimentIds: await experimentIdsOf(parts, call, search.experiments),
        filter: search.filter,
        orderBy: search.orderBy ?? [],
        datasets,
      });
      return runPlan<LoggedModel>(on(database, call), plan, LOGGED_MODEL_COLUMNS, page);
    },

    async link(call, key, direction, models) {
      requireWrite(call.caller);
      checkCountOf('models', models.length, LIMITS.inputsAtOnce);
      const rows = models.map(({ modelId, step }, index) => ({
        modelId: checkModelId(modelId),
        step: checkWhole(step ?? 0, `models[${index}].step`),
      }));
      await within(database, call, async (tx) => {
        const run = await takeActiveRun(tx, call, key, 'FOR SHARE');
        if (rows.length === 0) return;
        if (direction === 'OUTPUT') await requireOwnModels(tx, call, rows);
        const known = await insertModelLinks(tx, { workspaceId: call.caller.workspaceId, runId: run.id, direction, models: rows });
        const unknown = rows.find(({ modelId }) => !known.includes(modelId));
        if (unknown !== undefined) throw loggedModelNotFound(unknown.modelId);
      });
    },

    async linksOfRuns(call, runIds) {
      const links = await selectModelLinks(on(database, call), call.caller.workspaceId, runIds);
      return byOwner(
        runIds,
        links.map((link) => ({ owner: link.runUuid, link })),
        ({ link }) => link,
      );
    },

    async loadDetails(call, ids) {
      const db = on(database, call);
      const { workspaceId } = call.caller;
      const pick = ({ key, value }: KeyValue): KeyValue => ({ key, value });
      const tags = byOwner(ids, await selectLoggedModelKeyValues(db, { table: 'logged_model_tag', workspaceId, ids }), pick);
      const params = byOwner(ids, await selectLoggedModelKeyValues(db, { table: 'logged_model_param', workspaceId, ids }), pick);
      const metrics = byOwner(
        ids,
        await selectLoggedModelMetrics(db, workspaceId, ids),
        ({ owner: _owner, ...metric }): LoggedModelMetric => metric,
      );
      return new Map(ids.map((id) => [id, { tags: tags.get(id) ?? [], params: params.get(id) ?? [], metrics: metrics.get(id) ?? [] }]));
    },
  };
}
