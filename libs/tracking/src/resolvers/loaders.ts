// Everything that a page of tracking may ask for many of, loaded together: one statement for one field of all rows.

import type { FolderChild } from '@throughline/content';
import type { Call } from '@throughline/database';
import { loadByGroup, loadById, nestedPage } from '@throughline/graphql';
import type { Load } from '@throughline/graphql';
import type { Page } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import type { DatasetInput, Experiment, KeyValue, LifecycleView, LoggedModel, Metric, ModelLink, Run } from '../types.ts';

/** What a connection's field takes. */
export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

/** What a field that searches runs takes. */
export interface RunArgs extends PageArgs {
  filter?: string | null;
  orderBy?: readonly string[] | null;
  view?: LifecycleView | null;
}

interface KeysKey {
  id: string;
  keys: readonly string[] | null;
}

export interface Loaders {
  experiment: Load<string, Experiment>;
  run: Load<string, Run>;
  input: Load<string, DatasetInput>;
  loggedModel: Load<string, LoggedModel>;
  experimentTags: Load<string, KeyValue[]>;
  runCount: Load<string, number>;
  metricKeys: Load<string, string[]>;
  paramKeys: Load<string, string[]>;
  runsOfExperiment: Load<RunArgs & { id: string }, Page<Run>>;
  countOfExperiment: Load<RunArgs & { id: string }, number>;
  runTags: Load<string, KeyValue[]>;
  params: Load<KeysKey, KeyValue[]>;
  metrics: Load<KeysKey, Metric[]>;
  pointCount: Load<string, number>;
  inputs: Load<string, DatasetInput[]>;
  producedVersions: Load<string, string[]>;
  modelLinks: Load<string, ModelLink[]>;
  children: Load<PageArgs & { id: string }, Page<Run>>;
  childCount: Load<string, number>;
  /** By file set: what lies directly in a folder. */
  artifacts: Load<PageArgs & { id: string; path: string }, Page<FolderChild>>;
  loggedModelDetails: Load<string, { tags: KeyValue[]; params: KeyValue[] }>;
  usersOfVersion: Load<PageArgs & { id: string }, Page<DatasetInput>>;
  producer: Load<string, Run>;
}

export function createLoaders({ artifacts, experiments, runs, metrics, inputs, datasetOutputs, loggedModels }: Tracking): Loaders {
  return {
    experiment: byRow((call, ids) => experiments.findMany(call, ids)),
    run: byRow((call, ids) => runs.findMany(call, ids)),
    input: byRow((call, ids) => inputs.findMany(call, ids)),
    loggedModel: byRow((call, ids) => loggedModels.findMany(call, ids)),
    experimentTags: loadById((call, ids) => experiments.tagsOf(call, ids)),
    runCount: loadById((call, ids) => experiments.runCounts(call, ids)),
    metricKeys: loadById((call, ids) => experiments.keysOf(call, ids, 'metrics')),
    paramKeys: loadById((call, ids) => experiments.keysOf(call, ids, 'params')),
    runsOfExperiment: loadByGroup((call, ids, { first, after, ...search }: RunArgs) =>
      runs.pagesOf(call, ids, search, nestedPage(ids, { first, after })),
    ),
    countOfExperiment: loadByGroup((call, ids, search: RunArgs) => runs.countsOf(call, ids, search)),
    runTags: loadById(async (call, ids) => picked(await runs.loadDetails(call, ids, { tags: true }), ({ tags }) => tags)),
    params: loadByGroup(async (call, ids, { keys }: Omit<KeysKey, 'id'>) =>
      picked(await runs.loadDetails(call, ids, { params: keys ?? true }), ({ params }) => params),
    ),
    metrics: loadByGroup(async (call, ids, { keys }: Omit<KeysKey, 'id'>) =>
      picked(await runs.loadDetails(call, ids, { metrics: keys ?? true }), (details) => details.metrics),
    ),
    pointCount: loadById((call, ids) => metrics.pointCounts(call, ids)),
    inputs: loadById((call, ids) => inputs.ofRuns(call, ids)),
    producedVersions: loadById((call, ids) => datasetOutputs.ofRuns(call, ids)),
    modelLinks: loadById((call, ids) => loggedModels.linksOfRuns(call, ids)),
    children: loadByGroup((call, ids, page: PageArgs) => runs.childrenOf(call, ids, nestedPage(ids, page))),
    childCount: loadById((call, ids) => runs.childCountsOf(call, ids)),
    artifacts: loadByGroup((call, ids, { path, first, after }: PageArgs & { path: string }) =>
      artifacts.listFolderOf(call, ids, path, nestedPage(ids, { first, after })),
    ),
    loggedModelDetails: loadById((call, ids) => loggedModels.loadDetails(call, ids)),
    usersOfVersion: loadByGroup((call, ids, page: PageArgs) => inputs.ofVersions(call, ids, nestedPage(ids, page))),
    producer: loadById((call, ids) => datasetOutputs.producers(call, ids)),
  };
}

function picked<V, T>(map: ReadonlyMap<string, V>, pick: (value: V) => T): Map<string, T> {
  return new Map([...map].map(([id, value]) => [id, pick(value)]));
}

function byRow<V extends { id: string }>(find: (call: Call, ids: readonly string[]) => Promise<V[]>): Load<string, V> {
  return loadById(async (call, ids) => new Map((await find(call, ids)).map((row) => [row.id, row])));
}
