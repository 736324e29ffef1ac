// Everything that a page of tracking may ask for many of, loaded together: one statement for one field of all rows.

import type { FolderChild } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { GraphqlContext, Load } from '@throughline/graphql';
import { defineLoader } from '@throughline/graphql';
import { DomainError, pageRequest } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

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

export const callOf = (context: GraphqlContext): Call => ({ caller: context.caller });

export function createLoaders({ artifacts, experiments, runs, metrics, inputs, datasetOutputs, loggedModels }: Tracking): Loaders {
  return {
    experiment: byRow((call, ids) => experiments.findMany(call, ids)),
    run: byRow((call, ids) => runs.findMany(call, ids)),
    input: byRow((call, ids) => inputs.findMany(call, ids)),
    loggedModel: byRow((call, ids) => loggedModels.findMany(call, ids)),
    experimentTags: byId((call, ids) => experiments.tagsOf(call, ids)),
    runCount: byId((call, ids) => experiments.runCounts(call, ids)),
    metricKeys: byId((call, ids) => experiments.keysOf(call, ids, 'metrics')),
    paramKeys: byId((call, ids) => experiments.keysOf(call, ids, 'params')),
    runsOfExperiment: byGroup((call, ids, { first, after, ...search }: RunArgs) =>
      runs.pagesOf(call, ids, search, nestedPage(ids, { first, after })),
    ),
    countOfExperiment: byGroup((call, ids, search: RunArgs) => runs.countsOf(call, ids, search)),
    runTags: byId(async (call, ids) => picked(await runs.loadDetails(call, ids, { tags: true }), ({ tags }) => tags)),
    params: byGroup(async (call, ids, { keys }: Omit<KeysKey, 'id'>) =>
      picked(await runs.loadDetails(call, ids, { params: keys ?? true }), ({ params }) => params),
    ),
    metrics: byGroup(async (call, ids, { keys }: Omit<KeysKey, 'id'>) =>
      picked(await runs.loadDetails(call, ids, { metrics: keys ?? true }), (details) => details.metrics),
    ),
    pointCount: byId((call, ids) => metrics.pointCounts(call, ids)),
    inputs: byId((call, ids) => inputs.ofRuns(call, ids)),
    producedVersions: byId((call, ids) => datasetOutputs.ofRuns(call, ids)),
    modelLinks: byId((call, ids) => loggedModels.linksOfRuns(call, ids)),
    children: byGroup((call, ids, page: PageArgs) => runs.childrenOf(call, ids, nestedPage(ids, page))),
    childCount: byId((call, ids) => runs.childCountsOf(call, ids)),
    artifacts: byGroup((call, ids, { path, first, after }: PageArgs & { path: string }) =>
      artifacts.listFolderOf(call, ids, path, nestedPage(ids, { first, after })),
    ),
    loggedModelDetails: byId((call, ids) => loggedModels.loadDetails(call, ids)),
    usersOfVersion: byGroup((call, ids, page: PageArgs) => inputs.ofVersions(call, ids, nestedPage(ids, page))),
    producer: byId((call, ids) => datasetOutputs.producers(call, ids)),
  };
}

/** What a document may ask for at most in pages inside of pages: items of one field. */
const MAX_NESTED_ITEMS = 20_000;

function nestedPage(owners: readonly string[], args: PageArgs): PageRequest {
  const page = pageRequest(args);
  if (owners.length * page.first <= MAX_NESTED_ITEMS) return page;
  throw new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_ITEMS',
    message: `This asks for ${page.first} items for each of ${owners.length} rows; ${MAX_NESTED_ITEMS} in all are allowed. Ask for smaller pages.`,
    details: { limit: MAX_NESTED_ITEMS },
  });
}

function picked<V, T>(map: ReadonlyMap<string, V>, pick: (value: V) => T): Map<string, T> {
  return new Map([...map].map(([id, value]) => [id, pick(value)]));
}

function byRow<V extends { id: string }>(find: (call: Call, ids: readonly string[]) => Promise<V[]>): Load<string, V> {
  return byId(async (call, ids) => new Map((await find(call, ids)).map((row) => [row.id, row])));
}

function byId<V>(find: (call: Call, ids: readonly string[]) => Promise<Map<string, V>>): Load<string, V> {
  return defineLoader(async (ids, context) => {
    const found = await find(callOf(context), ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}

/** What a search of one group throws, at once or later, is the answer to that group alone. */
async function answerOf<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Rows of one list ask the same of theirs, so one statement serves them; each other thing asked for takes one more. */
function byGroup<K extends { id: string }, V>(
  find: (call: Call, ids: readonly string[], asked: Omit<K, 'id'>) => Promise<Map<string, V>>,
): Load<K, V> {
  const asked = ({ id: _, ...rest }: K) => JSON.stringify(rest);
  return defineLoader<K, V>(
    async (keys, context) => {
      const answers = new Map<K, V | Error>();
      for (const group of Map.groupBy(keys, asked).values()) {
        const [first] = group;
        if (first === undefined) continue;
        const ids = group.map((key) => key.id);
        const found = await answerOf(() => find(callOf(context), ids, first));
        for (const key of group) {
          const answer = found instanceof Error ? found : found.get(key.id);
          if (answer !== undefined) answers.set(key, answer);
        }
      }
      return keys.map((key) => answers.get(key) ?? null);
    },
    { keyOf: (key) => JSON.stringify([key.id, asked(key)]) },
  );
}
