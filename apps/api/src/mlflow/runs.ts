// Runs, metrics, params, tags and inputs, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import { checkRunId, LIMITS, MAX_SEARCH_PAGE } from '@throughline/tracking';
import type { Run, RunKey } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { EXPERIMENT_ID, EXPERIMENT_IDS, TAG, tagsOf, VIEW, VIEWS } from './experiments.ts';
import { cut, double, int64, list, nested, oneOf, present, required, text } from './message.ts';
import { askedPage } from './paging.ts';
import { presentRun, presentRunInfo } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';
import { searchJson } from './run-pages.ts';

/** The fields by which a message names a run. */
export const RUN = { run_id: text, run_uuid: text } as const;
const PARAM_VALUE = cut(LIMITS.paramValue);
const TAG_VALUE = cut(LIMITS.tagValue);
export const PARAM = nested({ key: required(text), value: PARAM_VALUE });
export const RUN_TAG = nested({ key: required(text), value: TAG_VALUE });
const METRIC = nested({
  key: required(text),
  value: required(double),
  timestamp: required(int64),
  step: int64,
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
});
const DATASET = nested({
  tags: list(TAG),
  dataset: required(
    nested({
      name: required(text),
      digest: required(text),
      source_type: required(text),
      source: required(text),
      schema: text,
      profile: text,
    }),
  ),
});
const STATUS = oneOf('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED');
const DEFAULT_MAX_RESULTS = 1000;
const MODEL_FIELDS = ['artifact_path', 'flavors', 'run_id', 'utc_time_created'] as const;

/** Which run a message names: run_id, or run_uuid as older clients say. */
export function runKey(message: { run_id: string | undefined; run_uuid: string | undefined }): RunKey {
  const runId = message.run_id || message.run_uuid;
  if (!runId) {
    throw invalid(
      'MISSING_RUN_ID',
      "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    );
  }
  return { runId };
}

/** As `runKey`; but to MLflow a batch for an id that no run can have is an invalid value, and not one for a run that is absent. */
function checkedRunKey(message: { run_id: string | undefined; run_uuid: string | undefined }): RunKey {
  const key = runKey(message);
  if ('runId' in key) checkRunId(key.runId);
  return key;
}

async function presented({ tracking }: Services, call: Call, runs: readonly Run[]): Promise<object[]> {
  const ids = runs.map(({ id }) => id);
  const [details, links] = await Promise.all([
    tracking.runs.loadDetails(call, ids, { params: true, metrics: true, tags: true, inputs: true }),
    tracking.loggedModels.linksOfRuns(call, ids),
  ]);
  const none = { params: [], metrics: [], tags: [], inputs: [] };
  return runs.map((run) => presentRun(run, details.get(run.id) ?? none, links.get(run.id) ?? []));
}

/** A run with everything that belongs to it. */
export async function presentedRun(services: Services, call: Call, run: Run): Promise<object | undefined> {
  const [presentation] = await presented(services, call, [run]);
  return presentation;
}

export const runRpcs: readonly Rpc[] = [
  rpc(
    'POST',
    '/mlflow/runs/create',
    { experiment_id: EXPERIMENT_ID, user_id: text, run_name: text, start_time: int64, tags: list(RUN_TAG) },
    async ({ tracking }, call, message) => {
      const run = await tracking.runs.create(call, {
        experiment: { experimentId: message.experiment_id || '0' },
        name: message.run_name === '' ? undefined : message.run_name,
        userId: message.user_id,
        startTimeMs: message.start_time,
        tags: tagsOf(message.tags),
      });
      // It was just made: what it began with is all that it has.
      return { run: presentRun(run, { params: [], metrics: [], tags: run.tags, inputs: [] }, []) };
    },
  ),
  rpc('GET', '/mlflow/runs/get', RUN, async (services, call, message) => {
    const run = await services.tracking.runs.get(call, runKey(message));
    return { run: await presentedRun(services, call, run) };
  }),
  rpc('POST', '/mlflow/runs/update', { ...RUN, status: STATUS, end_time: int64, run_name: text }, async ({ commands }, call, message) => {
    const run = await commands.updateRun(call, runKey(message), {
      name: message.run_name === '' ? undefined : message.run_name,
      status: message.status,
      endTimeMs: message.end_time,
    });
    return { run_info: presentRunInfo(run) };
  }),
  rpc('POST', '/mlflow/runs/delete', RUN, async ({ tracking }, call, message) => {
    await tracking.runs.delete(call, runKey(message));
    return {};
  }),
  rpc('POST', '/mlflow/runs/restore', RUN, async ({ tracking }, call, message) => {
    await tracking.runs.restore(call, runKey(message));
    return {};
  }),
  rpc(
    'POST',
    '/mlflow/runs/search',
    { experiment_ids: EXPERIMENT_IDS, filter: text, run_view_type: VIEW, max_results: int64, order_by: list(text), page_token: text },
    async (services, call, message) => {
      const search = {
        experiments: message.experiment_ids.map((experimentId) => ({ experimentId })),
        filter: message.filter,
        orderBy: message.order_by,
        view: VIEWS[message.run_view_type ?? 'ACTIVE_ONLY'],
      };
      return searchJson(services, call, search, askedPage(message, { default: DEFAULT_MAX_RESULTS, max: MAX_SEARCH_PAGE }));
    },
  ),
  rpc(
    'POST',
    '/mlflow/runs/log-metric',
    {
      ...RUN,
      key: required(text),
      value: required(double),
      timestamp: required(int64),
      step: int64,
      model_id: text,
      dataset_name: text,
      dataset_digest: text,
    },
    async ({ tracking }, call, message) => {
      await tracking.runs.logBatch(call, runKey(message), { metrics: [metricOf(message)] });
      return {};
    },
  ),
  rpc('POST', '/mlflow/runs/log-parameter', { ...RUN, key: required(text), value: PARAM_VALUE }, async ({ tracking }, call, message) => {
    await tracking.runs.logBatch(call, runKey(message), { params: [{ key: message.key, value: message.value ?? '' }] });
    return {};
  }),
  rpc('POST', '/mlflow/runs/set-tag', { ...RUN, key: required(text), value: TAG_VALUE }, async ({ commands }, call, message) => {
    await commands.logBatch(call, runKey(message), { tags: [{ key: message.key, value: message.value ?? '' }] });
    return {};
  }),
  rpc('POST', '/mlflow/runs/delete-tag', { ...RUN, key: required(text) }, async ({ commands }, call, message) => {
    await commands.deleteRunTag(call, runKey(message), message.key);
    return {};
  }),
  rpc(
    'POST',
    '/mlflow/runs/log-batch',
    { ...RUN, metrics: list(METRIC), params: list(PARAM), tags: list(RUN_TAG) },
    async ({ commands }, call, message) => {
      await commands.logBatch(call, checkedRunKey(message), {
        metrics: message.metrics.map(metricOf),
        params: tagsOf(message.params),
        tags: tagsOf(message.tags),
      });
      return {};
    },
  ),
  rpc(
    'POST',
    '/mlflow/runs/log-inputs',
    { ...RUN, datasets: list(DATASET), models: list(nested({ model_id: required(text) })) },
    async ({ commands }, call, message) => {
      const datasets = message.datasets.map(({ dataset, tags }) => ({
        name: dataset.name,
        digest: dataset.digest,
        sourceType: dataset.source_type,
        source: dataset.source,
        schema: dataset.schema,
        profile: dataset.profile,
        tags: tagsOf(tags),
      }));
      await commands.logInputs(call, checkedRunKey(message), { datasets, models: message.models.map(({ model_id }) => model_id) });
      return {};
    },
  ),
  rpc(
    'POST',
    '/mlflow/runs/outputs',
    { ...RUN, models: present(list(nested({ model_id: required(text), step: int64 }))) },
    async ({ tracking }, call, message) => {
      const models = message.models.map(({ model_id, step }) => ({ modelId: model_id, step }));
      await tracking.loggedModels.link(call, runKey(message), 'OUTPUT', models);
      return {};
    },
  ),
  rpc('POST', '/mlflow/runs/log-model', { ...RUN, model_json: required(text) }, async ({ commands }, call, message) => {
    const model = Object(parseModel(message.model_json)) as object;
    const missing = MODEL_FIELDS.filter((name) => !Object.hasOwn(model, name));
    if (missing.length > 0) throw invalid('INVALID_PARAMETER_VALUE', `Model json is missing mandatory fields: ${missing.join(', ')}`);
    await commands.logModelHistory(call, runKey(message), message.model_json);
    return {};
  }),
];

function metricOf(metric: {
  key: string;
  value: number;
  timestamp: number;
  step: number | undefined;
  model_id: string | undefined;
  dataset_name: string | undefined;
  dataset_digest: string | undefined;
}) {
  return {
    key: metric.key,
    value: metric.value,
    timestampMs: metric.timestamp,
    step: metric.step ?? 0,
    modelId: metric.model_id || undefined,
    datasetName: metric.dataset_name || undefined,
    datasetDigest: metric.dataset_digest || undefined,
  };
}

function parseModel(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('INVALID_PARAMETER_VALUE', `Malformed model info. \n 'model_json' is not JSON.`);
  }
}
