// Runs: started in an experiment in use, logged to while in use, hidden and brought back. What MLflow's clients say by tags is kept in
// step with the run's own fields: its name, the run that it is part of.
//
// Whoever writes to a run takes its row first: FOR SHARE where only rows beside it are written, so that many writers pass each other;
// FOR NO KEY UPDATE at once where the row itself will change, since two that share it and both want more would wait for each other for
// ever. Behind it everybody writes params, metrics and tags in this order, each by key.

import { randomBytes } from 'node:crypto';

import { on, within } from '@throughline/database';
import type { Call, Queryable, Tx } from '@throughline/database';
import { invalid, isUuid, newId, parseNodeId, parseRef, requireRun, requireScope, requireWrite } from '@throughline/kernel';

import { MAX_SEARCH_PAGE } from './api.ts';
import type { RunDetails, RunDetailsJson, Runs, RunSearch, Search, StartedRun } from './api.ts';
import { keyValuesJson, pairsJson } from './details-json.ts';
import { packBatch } from './engine/batch.ts';
import { storedValue } from './engine/points.ts';
import { settleExperiments, settleRuns } from './engine/settle.ts';
import {
  experimentNotActive,
  experimentNotFound,
  loggedModelNotFound,
  paramsChanged,
  runExists,
  runNotActive,
  runNotFound,
  short,
  tagNotFound,
} from './errors.ts';
import { isExperimentKey, nameOfExperiment, takeActiveExperiment } from './experiments.ts';
import { checkBatch, checkCountOf, checkKeyValue, checkRunId, checkText, checkWhole, isRunId, LIMITS } from './limits.ts';
import { getRun, isPlainText, isRunKey, nameOfRun } from './metrics.ts';
import { randomRunName } from './names.ts';
import { byOwner, lastByKey } from './parts.ts';
import type { Parts } from './parts.ts';
import { countRuns, findRuns } from './search/find-runs.ts';
import { groupRuns } from './search/groups.ts';
import { countPlanForEach, runPlanForEach } from './search/plan.ts';
import { planChildren, plansOfRuns } from './search/runs.ts';
import { selectExperimentIds } from './store/experiments.ts';
import { claimInputs, selectInputs } from './store/inputs.ts';
import { insertBatch, insertModelMetrics, selectSummaries } from './store/metrics.ts';
import {
  deleteTag,
  insertParams,
  insertRun,
  RUN_COLUMNS,
  selectJoinedDetails,
  selectKeyValues,
  selectRun,
  selectRuns,
  updateRun,
  updateRunLifecycle,
  updateRunParent,
  upsertTags,
} from './store/runs.ts';
import type { RunLock } from './store/runs.ts';
import { taggedClaims } from './claims.ts';
import { DATA_TAGS, TAG } from './tags.ts';
import type { Batch, ExperimentKey, KeyValue, Metric, MetricInput, Run, RunKey } from './types.ts';

/** The run in use that a key names, locked until the transaction ends. A run's own token takes that run and those that are part of it. */
export async function takeActiveRun(tx: Tx, call: Call, key: RunKey, lock: RunLock): Promise<Run> {
  const run = isRunKey(key) ? await selectRun(tx, call.caller.workspaceId, key, lock) : null;
  if (run === null) throw runNotFound(nameOfRun(key));
  requireRun(call.caller, run.id, run.parentId);
  if (run.lifecycle !== 'ACTIVE') throw runNotActive(run.runId);
  return run;
}

/** Throws `forbidden` where the caller is a run's own token, and what it writes to belongs to another run (or to none) that is not part of it. */
export async function requireOwnRun(db: Queryable, { caller }: Call, runUuid: string | null): Promise<void> {
  if (caller.runId === null || caller.runId === runUuid) return;
  const run = runUuid === null ? null : await selectRun(db, caller.workspaceId, { id: runUuid });
  requireRun(caller, run?.parentId ?? null);
}

/** Whether a run is over. What it reads afterwards is not what it was made from. */
export function hasEnded({ status }: Pick<Run, 'status'>): boolean {
  return status !== 'RUNNING' && status !== 'SCHEDULED';
}

/** The UUIDs of the experiments that exist, null for all. */
export async function experimentIdsOf(parts: Parts, call: Call, experiments: readonly ExperimentKey[] | null): Promise<string[] | null> {
  if (experiments === null) return null;
  if (experiments.length > MAX_EXPERIMENTS) {
    throw invalid('TOO_MANY', `A search names at most ${MAX_EXPERIMENTS} experiments; this one names ${experiments.length}.`);
  }
  return selectExperimentIds(on(parts.database, call), call.caller.workspaceId, experiments.filter(isExperimentKey));
}

const MAX_EXPERIMENTS = 10_000;

/** What to look for, with the experiments that there are of those that are named. */
export async function queryOf(parts: Parts, call: Call, search: RunSearch) {
  return {
    workspaceId: call.caller.workspaceId,
    experimentIds: await experimentIdsOf(parts, call, search.experiments),
    filter: search.filter,
    orderBy: search.orderBy ?? [],
    view: search.view ?? 'ACTIVE',
  };
}

export function checkSearchPage(first: number): void {
  if (first <= MAX_SEARCH_PAGE) return;
  throw invalid('INVALID_PAGE', `Invalid value ${first} for parameter 'max_results' supplied: It must be at most ${MAX_SEARCH_PAGE}.`);
}

/** The name that a run gets: given as it is or by its tag, or made up. */
function nameFor(name: string | null | undefined, tags: readonly KeyValue[]): string {
  const tagged = tags.find(({ key }) => key === TAG.runName)?.value;
  if (name && tagged && name !== tagged) {
    throw invalid(
      'RUN_NAME_CONFLICT',
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${short(name)}', mlflow.runName='${short(tagged)}').`,
    );
  }
  const chosen = name || tagged || randomRunName();
  return checkText(chosen, 'run_name', LIMITS.runName);
}

/** The run that a tag names as the one that another is part of; null where it could be nobody's name, or is the other's own. */
function parentNamedBy(tags: readonly KeyValue[], childRunId: string): { runId: string } | null {
  const runId = tags.findLast(({ key }) => key === TAG.parentRunId)?.value;
  return runId === undefined || !isRunId(runId) || runId === childRunId ? null : { runId };
}

export function createRuns(parts: Parts, ensureDefault: (call: Call) => Promise<void>): Runs {
  const { database, clock, engine } = parts;

  const find = async (call: Call, key: RunKey): Promise<Run | null> =>
    isRunKey(key) ? selectRun(on(database, call), call.caller.workspaceId, key) : null;

  const get = (call: Call, key: RunKey): Promise<Run> => getRun(on(database, call), call, key);

  const findByRef = async (call: Call, text: string): Promise<Run | null> => {
    const node = parseNodeId(text);
    if (node !== null) return node.kind === 'run' ? find(call, { id: node.id }) : null;
    const parsed = parseRef(text);
    if (parsed?.workspace !== null || parsed.ref.kind !== 'run') return null;
    return find(call, { runId: parsed.ref.runId });
  };

  /** Runs a change on a run whose row is locked for it, and answers how it is afterwards. */
  const change = (call: Call, key: RunKey, work: (tx: Tx, run: Run) => Promise<void>): Promise<Run> => {
    requireWrite(call.caller);
    return within(database, call, async (tx) => {
      const run = isRunKey(key) ? await selectRun(tx, call.caller.workspaceId, key, 'FOR NO KEY UPDATE') : null;
      if (run === null) throw runNotFound(nameOfRun(key));
      requireRun(call.caller, run.id, run.parentId);
      await work(tx, run);
      return (await selectRun(tx, call.caller.workspaceId, { id: run.id })) ?? run;
    });
  };

  /** The UUID of the run that tags name as the one that another is part of; null where there is none, which MLflow takes as well. */
  const parentOf = async (tx: Tx, call: Call, tags: readonly KeyValue[], childRunId: string): Promise<string | null> => {
    const named = parentNamedBy(tags, childRunId);
    return named === null ? null : ((await selectRun(tx, call.caller.workspaceId, named))?.id ?? null);
  };

  /** Writes tags, and what they mean: the run's row must be locked for a change where they mean something. */
  const writeTags = async (tx: Tx, call: Call, run: Run, tags: readonly KeyValue[]): Promise<void> => {
    if (tags.length === 0) return;
    const sorted = lastByKey(tags);
    await upsertTags(tx, run.id, sorted);
    const valueOf = (key: string) => sorted.find((tag) => tag.key === key)?.value;
    const name = valueOf(TAG.runName);
    if (name !== undefined && name !== run.name) await updateRun(tx, run.id, { name });
    if (valueOf(TAG.parentRunId) !== undefined) await updateRunParent(tx, run.id, await parentOf(tx, call, sorted, run.runId));
    const dataset = valueOf(TAG.dataset);
    if (dataset !== undefined) await claimInputs(tx, run.id, taggedClaims(dataset, parts.isOwnHost));
  };

  const writeModelMetrics = async (tx: Tx, call: Call, runId: string, metrics: readonly MetricInput[]): Promise<void> => {
    const measured = metrics.flatMap((metric) =>
      metric.modelId === undefined ? [] : [{ ...metric, modelId: metric.modelId, value: storedValue(metric.value) }],
    );
    if (measured.length === 0) return;
    const [unknown] = await insertModelMetrics(tx, { workspaceId: call.caller.workspaceId, runId, metrics: measured });
    if (unknown !== undefined) throw loggedModelNotFound(unknown);
  };

  /** Metrics alone are one statement, and need no transaction around it. */
  const logMetrics = async (call: Call, key: RunKey, metrics: readonly MetricInput[]): Promise<void> => {
    const db = on(database, call);
    if (call.caller.runId !== null) await requireOwnRun(db, call, (await get(call, key)).id);
    const batch = packBatch(metrics);
    const runId = isRunKey(key) ? await insertBatch(db, { workspaceId: call.caller.workspaceId, run: key, batch }) : null;
    if (runId === null) throw runNotActive((await get(call, key)).runId);
    engine.appended(runId, batch);
  };

  const logAll = async (call: Call, key: RunKey, { metrics = [], params = [], tags = [] }: Batch): Promise<void> => {
    const batch = packBatch(metrics);
    const runId = await within(database, call, async (tx) => {
      const run = await takeActiveRun(tx, call, key, tags.some(({ key: tag }) => CHANGES_RUN.has(tag)) ? 'FOR NO KEY UPDATE' : 'FOR SHARE');
      if (params.length > 0) {
        const changed = await insertParams(tx, run.id, lastByKey(params));
        if (changed.length > 0) throw paramsChanged(run.runId, changed);
      }
      if (metrics.length > 0) {
        await insertBatch(tx, { workspaceId: call.caller.workspaceId, run, batch });
        await writeModelMetrics(tx, call, run.id, metrics);
      }
      await writeTags(tx, call, run, tags);
      return run.id;
    });
    if (metrics.length > 0) engine.appended(runId, batch);
  };

  const logBatch = async (call: Call, key: RunKey, batch: Batch): Promise<void> => {
    requireWrite(call.caller);
    checkBatch(batch);
    const { metrics = [], params = [], tags = [] } = batch;
    const onlyMetrics = params.length === 0 && tags.length === 0 && metrics.every(({ modelId }) => modelId === undefined);
    await (onlyMetrics && metrics.length > 0 ? logMetrics(call, key, metrics) : logAll(call, key, batch));
  };

  /** The plan of a search in each of several experiments, whose metrics are brought up to date where it reads them. */
  const eachPlan = async (call: Call, experimentIds: readonly string[], { filter, orderBy, view }: Search) => {
    const plans = plansOfRuns({
      workspaceId: call.caller.workspaceId,
      experimentIds: 'each',
      filter,
      orderBy: orderBy ?? [],
      view: view ?? 'ACTIVE',
    });
    if (plans.readsMetrics) await settleExperiments(database, call, experimentIds);
    return plans.whole();
  };

  const loadDetails: Runs['loadDetails'] = async (call, ids, selection) => {
    const db = on(database, call);
    const { workspaceId } = call.caller;
    const runIds = ids.filter(isUuid);
    const keyValues = async (table: 'run_param' | 'run_tag', selected: boolean | readonly string[] | undefined) => {
      const keys = keysOf(selected);
      return keys === false ? [] : selectKeyValues(db, { table, workspaceId, runIds, keys });
    };
    const metricKeys = keysOf(selection.metrics);
    const params = await keyValues('run_param', selection.params);
    const tags = await keyValues('run_tag', selection.tags);
    if (metricKeys !== false) await settleRuns(database, call, runIds);
    const metrics = metricKeys === false ? [] : await selectSummaries(db, { workspaceId, runIds, keys: metricKeys });
    const inputs = selection.inputs === true ? await selectInputs(db, workspaceId, { runIds }) : [];
    const pick = ({ key, value }: KeyValue): KeyValue => ({ key, value });
    const paramsOf = byOwner(runIds, params, pick);
    const tagsOf = byOwner(runIds, tags, pick);
    const metricsOf = byOwner(runIds, metrics, ({ owner: _owner, ...metric }): Metric => metric);
    const inputsOf = byOwner(
      runIds,
      inputs.map((input) => ({ owner: input.runUuid, input })),
      ({ input }) => input,
    );
    return new Map(
      runIds.map((id): [string, RunDetails] => [
        id,
        { params: paramsOf.get(id) ?? [], tags: tagsOf.get(id) ?? [], metrics: metricsOf.get(id) ?? [], inputs: inputsOf.get(id) ?? [] },
      ]),
    );
  };

  return {
    find,
    get,
    findByRef,
    logBatch,
    requireOwn: (call, runUuid) => requireOwnRun(on(database, call), call, runUuid),

    async getByRef(call, text) {
      const run = await findByRef(call, text);
      if (run === null) throw runNotFound(text);
      return run;
    },

    findMany: (call, ids) => selectRuns(on(database, call), call.caller.workspaceId, ids.filter(isUuid)),

    async create(call, input) {
      requireWrite(call.caller);
      const given = input.tags ?? [];
      checkCountOf('tags', given.length, LIMITS.batchTags);
      for (const [index, tag] of given.entries()) checkKeyValue(tag, `tags[${index}]`, LIMITS.tagValue);
      const now = clock.now();
      const id = newId(now.getTime());
      const runId = input.runId === undefined ? randomBytes(16).toString('hex') : checkRunId(input.runId);
      const name = nameFor(input.name, given);
      const startTimeMs = checkWhole(input.startTimeMs ?? now.getTime(), 'start_time', 0);
      const userId = checkText(input.userId || (given.find(({ key }) => key === TAG.user)?.value ?? ''), 'user_id', LIMITS.userId);
      await ensureDefault(call);
      const start = async (db: Queryable, parent: Run | null): Promise<StartedRun> => {
        const tags = lastByKey([
          ...given,
          { key: TAG.runName, value: name },
          ...(parent === null ? [] : [{ key: TAG.parentRunId, value: parent.runId }]),
        ]);
        // Any run may be named by the tag, also one that is not there, as MLflow has it.
        const named = parentNamedBy(tags, runId);
        const row = { id, runId, name, userId, startTimeMs, fileSetId: newId(now.getTime()) };
        const { workspaceId } = call.caller;
        const made = isExperimentKey(input.experiment)
          ? await insertRun(db, { ...row, workspaceId, experiment: input.experiment, parent: parent ?? named, now, tags })
          : null;
        if (made === null) throw experimentNotFound(nameOfExperiment(input.experiment));
        const { experimentUuid, experimentId, parentId, artifactUri } = made;
        if (made.lifecycle !== 'ACTIVE') throw experimentNotActive(experimentId, made.lifecycle);
        if (!made.isNew || artifactUri === null) throw runExists(runId);
        const fresh = { status: 'RUNNING', endTimeMs: null, lifecycle: 'ACTIVE', deletedAt: null, createdAt: now } as const;
        return { ...row, ...fresh, experimentUuid, experimentId, parentId, artifactUri, tags };
      };
      if (input.parent === undefined && call.caller.runId === null) return start(on(database, call), null);
      return within(database, call, async (tx) => {
        const parent = input.parent === undefined ? null : await takeActiveRun(tx, call, input.parent, '');
        const named = parent === null ? parentNamedBy(given, runId) : null;
        const owner = named === null ? parent : await selectRun(tx, call.caller.workspaceId, named);
        requireRun(call.caller, owner?.id ?? null);
        return start(tx, parent);
      });
    },

    async search(call, search, page) {
      checkSearchPage(page.first);
      return findRuns<Run>(parts, call, await queryOf(parts, call, search), { columns: RUN_COLUMNS, page });
    },

    async count(call, search) {
      return countRuns(parts, call, await queryOf(parts, call, { ...search, orderBy: [] }));
    },

    async groups(call, { by, metrics, first, ...search }) {
      return groupRuns(parts, call, { ...(await queryOf(parts, call, search)), by, metrics, first });
    },

    async pagesOf(call, experimentIds, search, page) {
      checkSearchPage(page.first);
      const owners = experimentIds.filter(isUuid);
      return runPlanForEach<Run>(on(database, call), await eachPlan(call, owners, search), RUN_COLUMNS, { owners, page });
    },

    async countsOf(call, experimentIds, search) {
      const owners = experimentIds.filter(isUuid);
      return countPlanForEach(on(database, call), await eachPlan(call, owners, { ...search, orderBy: [] }), owners);
    },

    childrenOf: (call, ids, page) =>
      runPlanForEach<Run>(on(database, call), planChildren(call.caller.workspaceId), RUN_COLUMNS, { owners: ids.filter(isUuid), page }),

    childCountsOf: (call, ids) => countPlanForEach(on(database, call), planChildren(call.caller.workspaceId), ids.filter(isUuid)),

    update(call, key, { name, status, endTimeMs }) {
      if (name) checkText(name, 'run_name', LIMITS.runName);
      const end = endTimeMs === null || endTimeMs === undefined ? undefined : checkWhole(endTimeMs, 'end_time', 0);
      return change(call, key, async (tx, run) => {
        if (run.lifecycle !== 'ACTIVE') throw runNotActive(run.runId);
        await updateRun(tx, run.id, { name: name || undefined, status: status ?? undefined, endTimeMs: end });
        if (name) await upsertTags(tx, run.id, [{ key: TAG.runName, value: name }]);
      });
    },

    delete(call, key) {
      requireScope(call.caller, 'WRITE');
      return change(call, key, async (tx, run) => {
        if (run.lifecycle === 'ACTIVE') await updateRunLifecycle(tx, run.id, 'DELETED', clock.now());
      });
    },

    restore(call, key) {
      requireScope(call.caller, 'WRITE');
      return within(database, call, async (tx) => {
        // The experiment's row first and the run's behind it, as everybody who takes both.
        const { experimentUuid } = await getRun(tx, call, key);
        await takeActiveExperiment(tx, call, { id: experimentUuid }, 'FOR SHARE');
        return change({ caller: call.caller, tx }, key, async (_, run) => {
          if (run.lifecycle === 'DELETED') await updateRunLifecycle(tx, run.id, 'ACTIVE', null);
        });
      });
    },

    setTags: (call, key, tags) => logBatch(call, key, { tags }),

    async deleteTag(call, key, tag) {
      await change(call, key, async (tx, run) => {
        if (run.lifecycle !== 'ACTIVE') throw runNotActive(run.runId);
        if (tag.includes('\0') || !tag.isWellFormed() || !(await deleteTag(tx, run.id, tag)))
          throw tagNotFound(tag, `run with id ${run.runId}`);
        if (tag === TAG.parentRunId) await updateRunParent(tx, run.id, null);
        if (tag === TAG.dataset) await claimInputs(tx, run.id, []);
      });
    },

    loadDetails,

    async loadDetailsJson(call, ids) {
      const db = on(database, call);
      const runIds = ids.filter(isUuid);
      await settleRuns(database, call, runIds);
      const rows = await selectJoinedDetails(db, call.caller.workspaceId, runIds);
      const joined = rows.map((row) => ({
        id: row.id,
        metrics: row.metrics ?? '',
        params: pairsJson(row.params, row.paramCount),
        tags: pairsJson(row.tags, row.tagCount),
      }));
      const unclear = joined.filter(({ params, tags }) => params === null || tags === null).map(({ id }) => id);
      const apart = unclear.length === 0 ? null : await loadDetails(call, unclear, { params: true, tags: true });
      return new Map(
        joined.map(({ id, metrics, params, tags }): [string, RunDetailsJson] => [
          id,
          {
            metrics,
            params: params ?? keyValuesJson(apart?.get(id)?.params ?? []),
            tags: tags ?? keyValuesJson(apart?.get(id)?.tags ?? []),
          },
        ]),
      );
    },
  };
}

/** The keys that a selection names: null for all, false for none. Those that the database cannot hold are nobody's. */
function keysOf(selected: boolean | readonly string[] | undefined): readonly string[] | null | false {
  if (selected === undefined || selected === false) return false;
  if (selected === true) return null;
  checkCountOf('keys', selected.length, MAX_KEYS);
  return selected.filter(isPlainText);
}

const MAX_KEYS = 1_000;

/** Tags that change the run's row or those of its inputs, or say together what these are: who sets one sees the others. */
const CHANGES_RUN: ReadonlySet<string> = new Set([TAG.runName, TAG.parentRunId, ...DATA_TAGS]);
