// Our nouns in MLflow's words. 64-bit integers are JSON numbers, times are milliseconds, lists are left out where they are empty
// and so are fields that nobody set, as its protocol buffers do (mlflow/utils/proto_json_utils.py).

import type { FolderChild } from '@throughline/content';
import type { Page } from '@throughline/kernel';
import type { ModelVersion, RegisteredModel } from '@throughline/registry';
import type {
  DatasetInput,
  DatasetSummary,
  Experiment,
  KeyValue,
  LoggedModel,
  LoggedModelMetric,
  Metric,
  MetricPoint,
  ModelLink,
  Run,
  RunDetails,
  RunDetailsJson,
} from '@throughline/tracking';

type Json = Record<string, unknown>;

function listed<T>(name: string, items: readonly T[]): Json {
  return items.length === 0 ? {} : { [name]: items };
}

function given(name: string, value: unknown): Json {
  return value === null || value === undefined || value === '' ? {} : { [name]: value };
}

function pairs(items: readonly KeyValue[]): Json[] {
  return items.map(({ key, value }) => ({ key, value }));
}

/** The token of the next page, where there is one. */
export function nextPage<T>(page: Page<T>): Json {
  const last = page.items.at(-1);
  return page.hasNextPage && last !== undefined ? { next_page_token: page.cursorOf(last) } : {};
}

/** NaN has no JSON number. Infinities were turned into the largest doubles when they were logged. */
function double(value: number): number | string {
  return Number.isNaN(value) ? 'NaN' : value;
}

export function presentExperiment(experiment: Experiment, tags: readonly KeyValue[]): Json {
  return {
    experiment_id: experiment.experimentId,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycle.toLowerCase(),
    last_update_time: experiment.updatedAt.getTime(),
    creation_time: experiment.createdAt.getTime(),
    ...listed('tags', pairs(tags)),
  };
}

export function presentDatasetSummary({ experimentId, name, digest, context }: DatasetSummary): Json {
  return { experiment_id: experimentId, name, digest, ...given('context', context) };
}

export function presentRunInfo(run: Run): Json {
  return {
    run_id: run.runId,
    run_uuid: run.runId,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTimeMs,
    ...given('end_time', run.endTimeMs),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle.toLowerCase(),
  };
}

export function presentMetric(metric: MetricPoint & { key: string }): Json {
  return { key: metric.key, value: double(metric.value), timestamp: metric.timestampMs, step: metric.step };
}

function presentInput(input: DatasetInput): Json {
  return {
    ...listed('tags', pairs(input.tags)),
    dataset: {
      name: input.name,
      digest: input.digest,
      source_type: input.sourceType,
      source: input.source,
      ...given('schema', input.schema),
      ...given('profile', input.profile),
    },
  };
}

/** What a run read, and which logged models it started from and produced. */
function presentEdges(inputs: readonly DatasetInput[], links: readonly ModelLink[]): { inputs: Json; outputs: Json } {
  const modelInputs = links.filter((link) => link.direction === 'INPUT').map((link) => ({ model_id: link.modelId }));
  const modelOutputs = links.filter((link) => link.direction === 'OUTPUT').map((link) => ({ model_id: link.modelId, step: link.step }));
  return {
    inputs: { ...listed('dataset_inputs', inputs.map(presentInput)), ...listed('model_inputs', modelInputs) },
    outputs: listed('model_outputs', modelOutputs),
  };
}

export function presentRun(run: Run, details: RunDetails, links: readonly ModelLink[]): Json {
  return {
    info: presentRunInfo(run),
    data: {
      ...listed(
        'metrics',
        details.metrics.map((metric: Metric) => presentMetric(metric)),
      ),
      ...listed('params', pairs(details.params)),
      ...listed('tags', pairs(details.tags)),
    },
    ...presentEdges(details.inputs, links),
  };
}

/** The same as JSON text, out of details that are JSON already. */
export function runJson(run: Run, details: RunDetailsJson, inputs: readonly DatasetInput[], links: readonly ModelLink[]): string {
  const data = (['metrics', 'params', 'tags'] as const)
    .filter((name) => details[name] !== '')
    .map((name) => `"${name}":[${details[name]}]`);
  const edges = presentEdges(inputs, links);
  return `{"info":${JSON.stringify(presentRunInfo(run))},"data":{${data.join(',')}},"inputs":${JSON.stringify(edges.inputs)},"outputs":${JSON.stringify(edges.outputs)}}`;
}

export interface LoggedModelDetails {
  tags: readonly KeyValue[];
  params: readonly KeyValue[];
  metrics: readonly LoggedModelMetric[];
  /** The versions that were registered from it. */
  registrations: readonly { name: string; version: number }[];
}

const LOGGED_MODEL_STATUS = {
  PENDING: 'LOGGED_MODEL_PENDING',
  READY: 'LOGGED_MODEL_READY',
  UPLOAD_FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
} satisfies Record<LoggedModel['status'], string>;

function presentModelMetric(metric: LoggedModelMetric, modelId: string): Json {
  return {
    ...presentMetric(metric),
    model_id: modelId,
    run_id: metric.runId,
    ...given('dataset_name', metric.datasetName),
    ...given('dataset_digest', metric.datasetDigest),
  };
}

export function presentLoggedModel(model: LoggedModel, details: LoggedModelDetails): Json {
  return {
    info: {
      model_id: model.modelId,
      experiment_id: model.experimentId,
      name: model.name,
      creation_timestamp_ms: model.createdAtMs,
      last_updated_timestamp_ms: model.updatedAtMs,
      artifact_uri: model.artifactUri,
      status: LOGGED_MODEL_STATUS[model.status],
      ...given('model_type', model.modelType),
      ...given('source_run_id', model.sourceRunId),
      ...given('status_message', model.statusMessage),
      ...listed('tags', pairs(details.tags)),
      ...listed(
        'registrations',
        details.registrations.map(({ name, version }) => ({ name, version: String(version) })),
      ),
    },
    data: {
      ...listed('params', pairs(details.params)),
      ...listed(
        'metrics',
        details.metrics.map((metric) => presentModelMetric(metric, model.modelId)),
      ),
    },
  };
}

export interface VersionDetails {
  tags: readonly KeyValue[];
  aliases: readonly string[];
  /** The logged model that it was registered from. */
  modelId: string | null;
}

export function presentModelVersion(version: ModelVersion, details: VersionDetails): Json {
  return {
    name: version.modelName,
    version: String(version.version),
    creation_timestamp: version.createdAtMs,
    last_updated_timestamp: version.updatedAtMs,
    ...given('user_id', version.userId),
    current_stage: version.stage,
    // Told even where they are empty: the client makes None of what it is not told, and MLflow's own server never leaves them out.
    description: version.description,
    source: version.source,
    run_id: version.sourceRunId ?? '',
    status: 'READY',
    ...listed('tags', pairs(details.tags)),
    run_link: version.runLink,
    ...listed('aliases', details.aliases),
    ...given('model_id', details.modelId),
  };
}

export interface ModelDetails {
  tags: readonly KeyValue[];
  aliases: readonly { alias: string; version: number }[];
  /** The highest version in each stage, as MLflow shows them. */
  latestVersions: readonly object[];
}

export function presentRegisteredModel(model: RegisteredModel, details: ModelDetails): Json {
  return {
    name: model.name,
    creation_timestamp: model.createdAtMs,
    last_updated_timestamp: model.updatedAtMs,
    ...given('description', model.description),
    ...listed('latest_versions', details.latestVersions),
    ...listed('tags', pairs(details.tags)),
    ...listed(
      'aliases',
      details.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
    ),
  };
}

/** An entry of an artifact listing, under its whole path or its name alone. */
export function presentChild(child: FolderChild, naming: 'path' | 'name'): Json {
  const path = child.type === 'FILE' ? child.file.path : child.path;
  return {
    path: naming === 'path' ? path : child.name,
    is_dir: child.type === 'FOLDER',
    ...(child.type === 'FILE' ? { file_size: child.file.sizeBytes } : {}),
  };
}
