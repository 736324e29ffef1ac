// Logged models, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { MAX_SEARCH_PAGE } from '@throughline/tracking';
import type { LoggedModel } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { EXPERIMENT_ID, EXPERIMENT_IDS, tagsOf } from './experiments.ts';
import { listingOf } from './listing.ts';
import { bool, int64, list, nested, oneOf, required, text } from './message.ts';
import { askedPage } from './paging.ts';
import { nextPage, presentLoggedModel } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';
import { PARAM, RUN_TAG } from './runs.ts';

const MODEL = { model_id: required(text) } as const;
const STATUS = oneOf('LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED');
const STATUSES = { LOGGED_MODEL_PENDING: 'PENDING', LOGGED_MODEL_READY: 'READY', LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED' } as const;
const DEFAULT_MAX_RESULTS = 50;

async function presented({ tracking, registry }: Services, call: Call, models: readonly LoggedModel[]): Promise<object[]> {
  const ids = models.map(({ id }) => id);
  const [details, versions] = await Promise.all([
    tracking.loggedModels.loadDetails(call, ids),
    registry.versions.from(call, 'loggedModel', ids),
  ]);
  return models.map((model) =>
    presentLoggedModel(model, {
      ...(details.get(model.id) ?? { tags: [], params: [], metrics: [] }),
      registrations: (versions.get(model.id) ?? []).map(({ modelName, version }) => ({ name: modelName, version })),
    }),
  );
}

async function one(services: Services, call: Call, model: LoggedModel): Promise<object> {
  const [presentation] = await presented(services, call, [model]);
  return { model: presentation };
}

export const loggedModelRpcs: readonly Rpc[] = [
  rpc(
    'POST',
    '/mlflow/logged-models',
    { experiment_id: required(EXPERIMENT_ID), name: text, model_type: text, source_run_id: text, params: list(PARAM), tags: list(RUN_TAG) },
    async (services, call, message) => {
      const model = await services.tracking.loggedModels.create(call, {
        experiment: { experimentId: message.experiment_id },
        name: message.name || undefined,
        modelType: message.model_type || undefined,
        sourceRun: message.source_run_id ? { runId: message.source_run_id } : undefined,
        params: tagsOf(message.params),
        tags: tagsOf(message.tags),
      });
      return one(services, call, model);
    },
  ),
  rpc('GET', '/mlflow/logged-models/:model_id', { ...MODEL, allow_deleted: bool }, async (services, call, { model_id, allow_deleted }) =>
    one(services, call, await services.tracking.loggedModels.get(call, { modelId: model_id }, { deleted: allow_deleted })),
  ),
  rpc('PATCH', '/mlflow/logged-models/:model_id', { ...MODEL, status: required(STATUS) }, async (services, call, { model_id, status }) =>
    one(services, call, await services.tracking.loggedModels.finalize(call, { modelId: model_id }, STATUSES[status])),
  ),
  rpc('DELETE', '/mlflow/logged-models/:model_id', MODEL, async ({ tracking }, call, { model_id }) => {
    await tracking.loggedModels.delete(call, { modelId: model_id });
    return {};
  }),
  rpc(
    'POST',
    '/mlflow/logged-models/search',
    {
      experiment_ids: EXPERIMENT_IDS,
      filter: text,
      datasets: list(nested({ dataset_name: required(text), dataset_digest: text })),
      max_results: int64,
      order_by: list(nested({ field_name: required(text), ascending: bool, dataset_name: text, dataset_digest: text })),
      page_token: text,
    },
    async (services, call, message) => {
      const page = await services.tracking.loggedModels.search(
        call,
        {
          experiments: message.experiment_ids.map((experimentId) => ({ experimentId })),
          filter: message.filter,
          datasets: message.datasets.map(({ dataset_name, dataset_digest }) => ({
            name: dataset_name,
            digest: dataset_digest || undefined,
          })),
          orderBy: message.order_by.map((order) => ({
            fieldName: order.field_name,
            ascending: order.ascending,
            datasetName: order.dataset_name || undefined,
            datasetDigest: order.dataset_digest || undefined,
          })),
        },
        // Where 0 is "unless told", as protocol buffers have it.
        askedPage({ ...message, max_results: message.max_results || undefined }, { default: DEFAULT_MAX_RESULTS, max: MAX_SEARCH_PAGE }),
      );
      const models = await presented(services, call, page.items);
      return { ...(models.length === 0 ? {} : { models }), ...nextPage(page) };
    },
  ),
  rpc('PATCH', '/mlflow/logged-models/:model_id/tags', { ...MODEL, tags: list(RUN_TAG) }, async (services, call, { model_id, tags }) =>
    one(services, call, await services.tracking.loggedModels.setTags(call, { modelId: model_id }, tagsOf(tags))),
  ),
  rpc(
    'DELETE',
    '/mlflow/logged-models/:model_id/tags/:tag_key',
    { ...MODEL, tag_key: required(text) },
    async ({ tracking }, call, { model_id, tag_key }) => {
      await tracking.loggedModels.deleteTag(call, { modelId: model_id }, tag_key);
      return {};
    },
  ),
  rpc(
    'POST',
    '/mlflow/logged-models/:model_id/params',
    { ...MODEL, params: list(PARAM) },
    async ({ tracking }, call, { model_id, params }) => {
      await tracking.loggedModels.logParams(call, { modelId: model_id }, tagsOf(params));
      return {};
    },
  ),
  rpc(
    'GET',
    '/mlflow/logged-models/:model_id/artifacts/directories',
    { ...MODEL, artifact_directory_path: text, page_token: text },
    async ({ tracking }, call, { model_id, artifact_directory_path, page_token }) => {
      const model = await tracking.loggedModels.get(call, { modelId: model_id });
      const listing = await listingOf(tracking, call, tracking.artifacts.ownedBy(model), artifact_directory_path ?? '', page_token);
      return { root_uri: model.artifactUri, ...listing };
    },
  ),
];
