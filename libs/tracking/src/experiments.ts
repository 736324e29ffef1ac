// Experiments, by MLflow's rules: names stay taken when an experiment is deleted; deleting takes its runs along, restoring brings all of
// them back; one named Default with the number 0 is there from the start.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { isUuid, newId, parseNodeId, parseRef, requireScope } from '@throughline/kernel';

import type { Experiments } from './api.ts';
import { settleExperiments } from './engine/settle.ts';
import {
  experimentExists,
  experimentIdTaken,
  experimentNotActive,
  experimentNotDeleted,
  experimentNotFound,
  short,
  tagNotFound,
} from './errors.ts';
import { checkCountOf, checkKeyValue, checkName, checkWholeId, isExperimentId, LIMITS } from './limits.ts';
import { checkLocation, ownLocation } from './locations.ts';
import { byOwner, lastByKey } from './parts.ts';
import type { Parts } from './parts.ts';
import { planExperiments } from './search/experiments.ts';
import { countPlan, runPlan } from './search/plan.ts';
import {
  countRuns,
  deleteExperimentTag,
  EXPERIMENT_COLUMNS,
  insertDefaultExperiment,
  insertExperiment,
  nextExperimentId,
  selectExperiment,
  selectExperimentByName,
  selectExperiments,
  selectExperimentTags,
  selectKeys,
  updateExperiment,
  updateRunsOf,
  upsertExperimentTags,
} from './store/experiments.ts';
import type { ExperimentLock } from './store/experiments.ts';
import type { Experiment, ExperimentKey, KeyValue } from './types.ts';

const MAX_KEYS = 200;

/** How messages call what a key names. */
export function nameOfExperiment(key: ExperimentKey): string {
  return 'experimentId' in key ? key.experimentId : key.id;
}

/** Whether the key could name an experiment at all; the database takes no other texts for ids. */
export function isExperimentKey(key: ExperimentKey): boolean {
  return 'id' in key ? isUuid(key.id) : isExperimentId(key.experimentId);
}

/** The experiment in use that a key names, locked until the transaction ends. */
export async function takeActiveExperiment(tx: Tx, call: Call, key: ExperimentKey, lock: ExperimentLock): Promise<Experiment> {
  const experiment = isExperimentKey(key) ? await selectExperiment(tx, call.caller.workspaceId, key, lock) : null;
  if (experiment === null) throw experimentNotFound(nameOfExperiment(key));
  if (experiment.lifecycle !== 'ACTIVE') throw experimentNotActive(experiment.experimentId, experiment.lifecycle);
  return experiment;
}

/** Makes sure of the Default experiment, asking the database once for each workspace and process. */
export function createEnsureDefault({ database, clock }: Parts): { ensureDefault: (call: Call) => Promise<void>; forget: () => void } {
  const known = new Set<string>();
  return {
    async ensureDefault({ caller: { workspaceId } }) {
      if (known.has(workspaceId)) return;
      const now = clock.now();
      // On its own and not in the caller's transaction: one that is rolled back must not leave us believing that it is there.
      await insertDefaultExperiment(database, { id: newId(now.getTime()), workspaceId, location: ownLocation('0'), now });
      known.add(workspaceId);
    },
    forget: () => known.clear(),
  };
}

export function createExperiments(parts: Parts, ensureDefault: (call: Call) => Promise<void>): Experiments {
  const { database, clock } = parts;

  const find = async (call: Call, key: ExperimentKey): Promise<Experiment | null> => {
    if (!isExperimentKey(key)) return null;
    await ensureDefault(call);
    return selectExperiment(on(database, call), call.caller.workspaceId, key);
  };

  const get = async (call: Call, key: ExperimentKey): Promise<Experiment> => {
    const experiment = await find(call, key);
    if (experiment === null) throw experimentNotFound(nameOfExperiment(key));
    return experiment;
  };

  const findByRef = async (call: Call, text: string): Promise<Experiment | null> => {
    const node = parseNodeId(text);
    if (node !== null) return node.kind === 'experiment' ? find(call, { id: node.id }) : null;
    const parsed = parseRef(text);
    if (parsed?.workspace !== null || parsed.ref.kind !== 'experiment') return null;
    return find(call, { experimentId: parsed.ref.experimentId });
  };

  /** Runs a change on an experiment whose row is locked, and answers how it is afterwards. */
  const change = (call: Call, key: ExperimentKey, work: (tx: Tx, experiment: Experiment) => Promise<void>): Promise<Experiment> => {
    requireScope(call.caller, 'WRITE');
    return within(database, call, async (tx) => {
      const experiment = isExperimentKey(key) ? await selectExperiment(tx, call.caller.workspaceId, key, 'FOR NO KEY UPDATE') : null;
      if (experiment === null) throw experimentNotFound(nameOfExperiment(key));
      await work(tx, experiment);
      const after = await selectExperiment(tx, call.caller.workspaceId, { id: experiment.id });
      return after ?? experiment;
    });
  };

  return {
    find,
    get,
    findByRef,

    async getByRef(call, text) {
      const experiment = await findByRef(call, text);
      if (experiment === null) throw experimentNotFound(short(text));
      return experiment;
    },

    async findByName(call, name) {
      if (name.length > LIMITS.experimentName || name.includes('\0') || !name.isWellFormed()) return null;
      await ensureDefault(call);
      return selectExperimentByName(on(database, call), call.caller.workspaceId, name);
    },

    findMany: (call, ids) => selectExperiments(on(database, call), call.caller.workspaceId, ids.filter(isUuid)),

    async create(call, input) {
      requireScope(call.caller, 'WRITE');
      checkName(input.name, 'name', LIMITS.experimentName);
      const tags = lastByKey(input.tags ?? []);
      checkTags(tags);
      if (input.experimentId !== undefined) checkWholeId(input.experimentId, 'experiment_id');
      await ensureDefault(call);
      const { workspaceId } = call.caller;
      return within(database, call, async (tx) => {
        const experimentId = input.experimentId ?? (await nextExperimentId(tx, workspaceId));
        const artifactLocation = input.artifactLocation ? checkLocation(input.artifactLocation, experimentId) : ownLocation(experimentId);
        const now = clock.now();
        const id = newId(now.getTime());
        if (!(await insertExperiment(tx, { id, workspaceId, experimentId, name: input.name, artifactLocation, now }))) {
          const holder = await selectExperimentByName(tx, workspaceId, input.name);
          throw holder === null ? experimentIdTaken(experimentId) : experimentExists(input.name, holder.lifecycle === 'DELETED');
        }
        if (tags.length > 0) await upsertExperimentTags(tx, id, tags);
        return { id, experimentId, name: input.name, artifactLocation, lifecycle: 'ACTIVE', createdAt: now, updatedAt: now };
      });
    },

    async search(call, { filter, orderBy, view }, page) {
      const plan = planExperiments({ workspaceId: call.caller.workspaceId, filter, orderBy: orderBy ?? [], view: view ?? 'ACTIVE' });
      await ensureDefault(call);
      return runPlan<Experiment>(on(database, call), plan, EXPERIMENT_COLUMNS, page);
    },

    async count(call, { filter, view }) {
      await ensureDefault(call);
      return countPlan(
        on(database, call),
        planExperiments({ workspaceId: call.caller.workspaceId, filter, orderBy: [], view: view ?? 'ACTIVE' }),
      );
    },

    rename(call, key, name) {
      checkName(name, 'new_name', LIMITS.experimentName);
      return change(call, key, async (tx, experiment) => {
        if (experiment.lifecycle !== 'ACTIVE') throw experimentNotActive(experiment.experimentId, experiment.lifecycle);
        if (experiment.name === name) return;
        // The lock that makers of experiments take: between this look and the write nobody can take the name.
        await nextExperimentId(tx, call.caller.workspaceId);
        const holder = await selectExperimentByName(tx, call.caller.workspaceId, name);
        if (holder !== null) throw experimentExists(name, holder.lifecycle === 'DELETED');
        await updateExperiment(tx, experiment.id, { name, now: clock.now() });
      });
    },

    setTags(call, key, tags) {
      checkTags(tags);
      return change(call, key, async (tx, experiment) => {
        if (experiment.lifecycle !== 'ACTIVE') throw experimentNotActive(experiment.experimentId, experiment.lifecycle);
        await upsertExperimentTags(tx, experiment.id, lastByKey(tags));
        await updateExperiment(tx, experiment.id, { now: clock.now() });
      });
    },

    deleteTag(call, key, tag) {
      return change(call, key, async (tx, experiment) => {
        if (experiment.lifecycle !== 'ACTIVE') throw experimentNotActive(experiment.experimentId, experiment.lifecycle);
        if (tag.includes('\0') || !(await deleteExperimentTag(tx, experiment.id, tag))) {
          throw tagNotFound(tag, `experiment with id ${experiment.experimentId}`);
        }
        await updateExperiment(tx, experiment.id, { now: clock.now() });
      });
    },

    delete(call, key) {
      return change(call, key, async (tx, experiment) => {
        if (experiment.lifecycle !== 'ACTIVE') throw experimentNotActive(experiment.experimentId, experiment.lifecycle);
        const now = clock.now();
        await updateExperiment(tx, experiment.id, { lifecycle: 'DELETED', now });
        await updateRunsOf(tx, experiment.id, 'DELETED', now);
      });
    },

    restore(call, key) {
      return change(call, key, async (tx, experiment) => {
        if (experiment.lifecycle !== 'DELETED') throw experimentNotDeleted(experiment.experimentId);
        const now = clock.now();
        await updateExperiment(tx, experiment.id, { lifecycle: 'ACTIVE', now });
        await updateRunsOf(tx, experiment.id, 'ACTIVE', now);
      });
    },

    async tagsOf(call, ids) {
      const rows = await selectExperimentTags(on(database, call), call.caller.workspaceId, ids);
      return byOwner(ids, rows, ({ key, value }): KeyValue => ({ key, value }));
    },

    async runCounts(call, ids) {
      const rows = await countRuns(on(database, call), call.caller.workspaceId, ids);
      const counts = new Map(ids.map((id) => [id, 0]));
      for (const { owner, count } of rows) counts.set(owner, count);
      return counts;
    },

    async keysOf(call, ids, kind) {
      if (kind === 'metrics') await settleExperiments(database, call, ids.filter(isUuid));
      const table = kind === 'metrics' ? 'metric_summary' : 'run_param';
      const rows = await selectKeys(on(database, call), call.caller.workspaceId, ids, { table, limit: MAX_KEYS });
      return byOwner(ids, rows, ({ key }) => key);
    },
  };
}

function checkTags(tags: readonly KeyValue[]): void {
  checkCountOf('tags', tags.length, LIMITS.experimentTags);
  for (const [index, tag] of tags.entries()) checkKeyValue(tag, `tags[${index}]`, LIMITS.experimentTagValue);
}
