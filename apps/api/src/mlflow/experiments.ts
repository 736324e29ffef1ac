// Experiments, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { conflict, invalid, notFound } from '@throughline/kernel';
import { MAX_SEARCH_PAGE } from '@throughline/tracking';
import type { Experiment } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { int64, list, nested, oneOf, required, text } from './message.ts';
import type { Field, MessageOf } from './message.ts';
import { askedPage } from './paging.ts';
import { nextPage, presentDatasetSummary, presentExperiment } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

function readExperimentId(value: unknown, path: string): string | undefined {
  const id = text.read(value, path);
  if (id !== undefined && id !== '' && !/^-?\d{1,80}$/.test(id)) throw noExperimentId(id);
  // As an integer it is the same with zeros in front.
  return id?.replace(/^(-?)0+(?=\d)/, '$1');
}

function noExperimentId(id: string): Error {
  return invalid('INVALID_PARAMETER_VALUE', `Invalid experiment ID '${id.slice(0, 80)}'. Experiment ID must be a valid integer.`);
}

/** The id of an experiment: an integer as text. What is none is refused before anything is looked up. */
export const EXPERIMENT_ID: Field<string | undefined> = { read: readExperimentId };

/** Ids of experiments, of which none may be empty: it would stand for no experiment at all. */
export const EXPERIMENT_IDS = list({
  read(value, path) {
    const id = readExperimentId(value, path);
    if (id === '') throw noExperimentId(id);
    return id;
  },
} satisfies Field<string | undefined>);

export const TAG = nested({ key: required(text), value: text });
/** MLflow's names of the views, and ours. */
export const VIEW = oneOf('ACTIVE_ONLY', 'DELETED_ONLY', 'ALL');
export const VIEWS = { ACTIVE_ONLY: 'ACTIVE', DELETED_ONLY: 'DELETED', ALL: 'ALL' } as const;

const SEARCH = { max_results: int64, page_token: text, filter: text, order_by: list(text), view_type: VIEW } as const;
const DEFAULT_MAX_RESULTS = 1000;

/** Tags as the domain takes them; a tag without a value has an empty one. */
export function tagsOf(tags: readonly { key: string; value: string | undefined }[]): { key: string; value: string }[] {
  return tags.map(({ key, value = '' }) => ({ key, value }));
}

/** To MLflow, an experiment that is deleted already is none that can be deleted, and one in use none that can be restored. */
async function inState(
  { experiments }: Services['tracking'],
  call: Call,
  experimentId: string,
  lifecycle: Experiment['lifecycle'],
): Promise<void> {
  const experiment = await experiments.get(call, { experimentId });
  if (experiment.lifecycle !== lifecycle) throw notFound('EXPERIMENT_NOT_FOUND', `No Experiment with id=${experimentId} exists`);
}

async function presented({ tracking }: Services, call: Call, experiments: readonly Experiment[]): Promise<object[]> {
  const tags = await tracking.experiments.tagsOf(
    call,
    experiments.map(({ id }) => id),
  );
  return experiments.map((experiment) => presentExperiment(experiment, tags.get(experiment.id) ?? []));
}

/** Where the datasets of experiments are searched: MLflow's pages ask for it by hand, and its protocol's own address lacks a slash. */
const DATASETS_AT = ['/api/2.0/', '/ajax-api/2.0/', '/api/2.0', '/ajax-api/2.0'] as const;
const MAX_DATASET_EXPERIMENTS = 20;

async function searchDatasets({ tracking }: Services, call: Call, ids: readonly string[]): Promise<object> {
  if (ids.length === 0) {
    throw invalid('INVALID_PARAMETER_VALUE', 'SearchDatasets request must specify at least one experiment_id.');
  }
  if (ids.length > MAX_DATASET_EXPERIMENTS) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      `SearchDatasets request cannot specify more than ${MAX_DATASET_EXPERIMENTS} experiment_ids. Received ${ids.length} experiment_ids.`,
    );
  }
  const summaries = await tracking.inputs.summaries(
    call,
    ids.map((experimentId) => ({ experimentId })),
  );
  return summaries.length === 0 ? {} : { dataset_summaries: summaries.map(presentDatasetSummary) };
}

async function search(services: Services, call: Call, message: MessageOf<typeof SEARCH>): Promise<object> {
  const view = VIEWS[message.view_type ?? 'ACTIVE_ONLY'];
  const page = await services.tracking.experiments.search(
    call,
    { filter: message.filter, orderBy: message.order_by, view },
    askedPage(message, { default: DEFAULT_MAX_RESULTS, max: MAX_SEARCH_PAGE }),
  );
  return { experiments: await presented(services, call, page.items), ...nextPage(page) };
}

export const experimentRpcs: readonly Rpc[] = [
  rpc('GET', '/mlflow/experiments/get-by-name', { experiment_name: required(text) }, async (services, call, { experiment_name }) => {
    const experiment = await services.tracking.experiments.findByName(call, experiment_name);
    if (experiment === null)
      throw notFound('EXPERIMENT_NOT_FOUND', `Could not find experiment with name '${experiment_name.slice(0, 200)}'`);
    const [presentation] = await presented(services, call, [experiment]);
    return { experiment: presentation };
  }),
  rpc('GET', '/mlflow/experiments/get', { experiment_id: required(EXPERIMENT_ID) }, async (services, call, { experiment_id }) => {
    const experiment = await services.tracking.experiments.get(call, { experimentId: experiment_id });
    const [presentation] = await presented(services, call, [experiment]);
    return { experiment: presentation };
  }),
  rpc(
    'POST',
    '/mlflow/experiments/create',
    { name: required(text), artifact_location: text, tags: list(TAG) },
    async ({ tracking }, call, { name, artifact_location, tags }) => {
      const artifactLocation = artifact_location === '' ? undefined : artifact_location;
      const experiment = await tracking.experiments.create(call, { name, artifactLocation, tags: tagsOf(tags) });
      return { experiment_id: experiment.experimentId };
    },
  ),
  rpc('POST', '/mlflow/experiments/search', SEARCH, search),
  rpc('GET', '/mlflow/experiments/search', SEARCH, search),
  rpc('POST', '/mlflow/experiments/delete', { experiment_id: required(EXPERIMENT_ID) }, async ({ tracking }, call, { experiment_id }) => {
    await inState(tracking, call, experiment_id, 'ACTIVE');
    await tracking.experiments.delete(call, { experimentId: experiment_id });
    return {};
  }),
  rpc('POST', '/mlflow/experiments/restore', { experiment_id: required(EXPERIMENT_ID) }, async ({ tracking }, call, { experiment_id }) => {
    await inState(tracking, call, experiment_id, 'DELETED');
    await tracking.experiments.restore(call, { experimentId: experiment_id });
    return {};
  }),
  rpc(
    'POST',
    '/mlflow/experiments/update',
    { experiment_id: required(EXPERIMENT_ID), new_name: required(text) },
    async ({ tracking }, call, message) => {
      const experiment = await tracking.experiments.get(call, { experimentId: message.experiment_id });
      // Other writes to a deleted experiment are invalid parameters to MLflow; this one is an invalid state.
      if (experiment.lifecycle !== 'ACTIVE') throw conflict('EXPERIMENT_NOT_RENAMABLE', 'Cannot rename a non-active experiment.');
      await tracking.experiments.rename(call, experiment, message.new_name);
      return {};
    },
  ),
  rpc(
    'POST',
    '/mlflow/experiments/set-experiment-tag',
    { experiment_id: required(EXPERIMENT_ID), key: required(text), value: text },
    async ({ tracking }, call, { experiment_id, key, value = '' }) => {
      await tracking.experiments.setTags(call, { experimentId: experiment_id }, [{ key, value }]);
      return {};
    },
  ),
  rpc(
    'POST',
    '/mlflow/experiments/delete-experiment-tag',
    { experiment_id: required(EXPERIMENT_ID), key: required(text) },
    async ({ tracking }, call, { experiment_id, key }) => {
      await tracking.experiments.deleteTag(call, { experimentId: experiment_id }, key);
      return {};
    },
  ),
  rpc(
    'POST',
    'mlflow/experiments/search-datasets',
    { experiment_ids: EXPERIMENT_IDS },
    async (services, call, { experiment_ids }) => searchDatasets(services, call, experiment_ids),
    DATASETS_AT,
  ),
];
