// Experiments, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { invalid, notFound, pageRequest } from '@throughline/kernel';
import { MAX_SEARCH_PAGE } from '@throughline/tracking';
import type { Experiment } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { int64, list, nested, oneOf, required, text } from './message.ts';
import type { Field, MessageOf } from './message.ts';
import { nextPage, presentExperiment } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

/** The id of an experiment: an integer as text. What is none is refused before anything is looked up. */
export const EXPERIMENT_ID: Field<string | undefined> = {
  read(value, path) {
    const id = text.read(value, path);
    if (id !== undefined && id !== '' && !/^-?\d{1,19}$/.test(id)) {
      throw invalid('INVALID_PARAMETER_VALUE', `Invalid experiment ID '${id.slice(0, 80)}'. Experiment ID must be a valid integer.`);
    }
    return id;
  },
};

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

async function search(services: Services, call: Call, message: MessageOf<typeof SEARCH>): Promise<object> {
  const view = VIEWS[message.view_type ?? 'ACTIVE_ONLY'];
  const page = await services.tracking.experiments.search(
    call,
    { filter: message.filter, orderBy: message.order_by, view },
    pageRequest(
      { first: message.max_results ?? DEFAULT_MAX_RESULTS, after: message.page_token === '' ? null : message.page_token },
      MAX_SEARCH_PAGE,
    ),
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
      await tracking.experiments.rename(call, { experimentId: message.experiment_id }, message.new_name);
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
];
