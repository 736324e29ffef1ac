// Reads another MLflow server through its REST protocol: the calls that its own client makes. Deleted experiments and runs are seen, deleted
// logged models and versions are not: the protocol does not show them. Files come through the server's artifact proxy, or through the routes of
// its pages where the server itself reads the store.

import type { Readable } from 'node:stream';

import { DomainError, invariant } from '@throughline/kernel';
import type { KeyValue } from '@throughline/tracking';

import { createRestClient } from './rest-client.ts';
import type { RestCredentials } from './rest-client.ts';
import { countByTokens } from './rest-counts.ts';
import { double, createHistories } from './rest-histories.ts';
import { badSource, lifecycleOf, loggedModelStatusOf, readItem, runStatusOf, stageOf, UnreachableFiles } from './source.ts';
import type {
  FileOwner,
  Source,
  SourceDataset,
  SourceExperiment,
  SourceFile,
  SourceLoggedModel,
  SourceRegisteredModel,
  SourceRun,
  SourceVersion,
} from './source.ts';
import { list, number, numberOrNull, record, text, textOrNull } from './values.ts';

type Message = Readonly<Record<string, unknown>>;

const API = '/api/2.0/mlflow';
const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
const PAGE = 1_000;
const MODELS_PAGE = 50;
/** Pages of one answer; a server that goes on behind them goes on for ever. */
const MAX_PAGES = 100_000;
const MAX_DEPTH = 100;
/** What MLflow marks prompts with, which its searches leave out unless they are asked for. */
const IS_PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'";

const messages = (value: unknown): Message[] => list(value).map((item) => record(item, 'an item'));
const keyValues = (value: unknown): KeyValue[] =>
  messages(value).map((item) => ({ key: text(item['key']), value: text(item['value'] ?? '') }));

/** A text in a filter. */
function quoted(name: string): string {
  if (!name.includes("'")) return `'${name}'`;
  if (!name.includes('"')) return `"${name}"`;
  throw badSource(`The model ${name} has both kinds of quotes in its name, which a filter cannot say.`);
}

function runOf(run: Message): SourceRun {
  const info = record(run['info'], 'a run');
  const data = record(run['data'] ?? {}, 'a run');
  const inputs = record(run['inputs'] ?? {}, 'a run');
  const outputs = record(run['outputs'] ?? {}, 'a run');
  const tags = keyValues(data['tags']);
  return {
    runId: text(info['run_id'] ?? info['run_uuid']),
    experimentId: text(info['experiment_id']),
    name: tags.find(({ key }) => key === 'mlflow.runName')?.value ?? text(info['run_name'] ?? ''),
    userId: text(info['user_id'] ?? ''),
    status: runStatusOf(info['status']),
    startTimeMs: number(info['start_time'] ?? 0),
    endTimeMs: numberOrNull(info['end_time']),
    lifecycle: lifecycleOf(info['lifecycle_stage']),
    artifactUri: text(info['artifact_uri'] ?? ''),
    params: keyValues(data['params']),
    tags,
    pointsMark: messages(data['metrics'])
      .map((metric) => ['key', 'value', 'timestamp', 'step'].map((name) => String(metric[name])).join(' '))
      .sort()
      .join('\n'),
    inputs: messages(inputs['dataset_inputs']).map(datasetOf),
    modelInputs: messages(inputs['model_inputs']).map((model) => text(model['model_id'])),
    modelOutputs: messages(outputs['model_outputs']).map((model) => ({
      modelId: text(model['model_id']),
      step: number(model['step'] ?? 0),
    })),
  };
}

const metricKeysOf = (run: Message): string[] =>
  messages(record(run['data'] ?? {}, 'a run')['metrics']).map((metric) => text(metric['key']));

function datasetOf(input: Message): SourceDataset {
  const dataset = record(input['dataset'], 'a dataset');
  return {
    name: text(dataset['name']),
    digest: text(dataset['digest']),
    sourceType: text(dataset['source_type']),
    source: text(dataset['source']),
    schema: textOrNull(dataset['schema']),
    profile: textOrNull(dataset['profile']),
    tags: keyValues(input['tags']),
  };
}

function loggedModelOf(model: Message): SourceLoggedModel {
  const info = record(model['info'], 'a logged model');
  const data = record(model['data'] ?? {}, 'a logged model');
  return {
    modelId: text(info['model_id']),
    experimentId: text(info['experiment_id']),
    name: text(info['name']),
    modelType: textOrNull(info['model_type']),
    status: loggedModelStatusOf(info['status']),
    statusMessage: textOrNull(info['status_message']),
    sourceRunId: textOrNull(info['source_run_id']),
    createdAtMs: number(info['creation_timestamp_ms'] ?? 0),
    updatedAtMs: number(info['last_updated_timestamp_ms'] ?? 0),
    lifecycle: 'ACTIVE',
    artifactUri: text(info['artifact_uri'] ?? ''),
    params: keyValues(data['params']),
    tags: keyValues(info['tags']),
    metrics: messages(data['metrics']).map((metric) => ({
      key: text(metric['key']),
      value: double(metric['value']),
      timestampMs: number(metric['timestamp'] ?? 0),
      step: number(metric['step'] ?? 0),
      runId: text(metric['run_id'] ?? ''),
      datasetName: textOrNull(metric['dataset_name']),
      datasetDigest: textOrNull(metric['dataset_digest']),
    })),
  };
}

function versionOf(version: Message): SourceVersion {
  const source = text(version['source'] ?? '');
  return {
    version: number(version['version']),
    description: text(version['description'] ?? ''),
    userId: textOrNull(version['user_id']),
    stage: stageOf(version['current_stage']),
    source,
    runId: textOrNull(version['run_id']),
    runLink: textOrNull(version['run_link']),
    modelId: textOrNull(version['model_id']) ?? /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1] ?? null,
    storageLocation: null,
    createdAtMs: number(version['creation_timestamp'] ?? 0),
    updatedAtMs: number(version['last_updated_timestamp'] ?? 0),
    tags: keyValues(version['tags']),
  };
}

/** Opens a server. Throws `invalid` BAD_SOURCE where there is none of MLflow's, `unavailable` where it does not answer. */
export async function openRest(uri: string, credentials: RestCredentials): Promise<Source> {
  const client = createRestClient(uri, credentials);
  if ((await client.post(`${API}/experiments/search`, { max_results: 1 })) === null) {
    throw badSource(`There is no MLflow server at ${client.base}.`);
  }

  /** All pages of a search. A server that does not know it has none. */
  async function* pages(ask: (token: Record<string, string>) => Promise<Message | null>): AsyncGenerator<Message> {
    let token: string | null = null;
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const page: Message | null = await ask(token === null ? {} : { page_token: token });
      if (page === null) return;
      yield page;
      const next = textOrNull(page['next_page_token']);
      if (next === null || next === token) return;
      token = next;
    }
    throw badSource(`${client.base} has no end: it answered ${MAX_PAGES} pages, and another one behind them.`);
  }

  async function* byProxy(folder: string, prefix: string, depth: number): AsyncGenerator<SourceFile> {
    const at = prefix === '' ? folder : `${folder}/${prefix}`;
    const answer = await client.get(PROXY, { path: at });
    for (const file of messages(answer?.['files'])) {
      // The proxy answers names; some releases answer paths.
      const path = `${prefix === '' ? '' : `${prefix}/`}${text(file['path']).split('/').at(-1) ?? ''}`;
      if (file['is_dir'] === true) yield* byProxy(folder, path, deeper(depth));
      else yield fileAt(path, file, () => client.download(`${PROXY}/${encodePath(`${folder}/${path}`)}`));
    }
  }

  async function* byPages({ kind, id }: FileOwner, prefix: string, depth: number): AsyncGenerator<SourceFile> {
    const folder: Record<string, string> = prefix === '' ? {} : { [kind === 'run' ? 'path' : 'artifact_directory_path']: prefix };
    const listing = (token: Record<string, string>) =>
      kind === 'run'
        ? client.get(`${API}/artifacts/list`, { run_id: id, ...folder, ...token })
        : client.get(`${API}/logged-models/${encodeURIComponent(id)}/artifacts/directories`, { ...folder, ...token });
    for await (const page of pages(listing)) {
      for (const file of messages(page['files'])) {
        const path = text(file['path']);
        if (file['is_dir'] === true) yield* byPages({ kind, id, experimentId: '', artifactUri: '' }, path, deeper(depth));
        else {
          yield fileAt(path, file, () =>
            kind === 'run'
              ? client.download('/get-artifact', { run_id: id, path })
              : client.download(`/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(id)}/artifacts/files`, {
                  artifact_file_path: path,
                }),
          );
        }
      }
    }
  }

  const histories = createHistories(client, { pages });
  /** The metrics that a run was answered with. */
  const metricsOf = new WeakMap<SourceRun, readonly string[]>();

  return {
    title: `the server ${client.base}`,
    // Points are asked for together, of the runs that are copied at once.
    width: 8,

    async *experiments(): AsyncGenerator<SourceExperiment> {
      const ask = (token: object) =>
        client.post(`${API}/experiments/search`, { max_results: PAGE, view_type: 'ALL', order_by: ['creation_time ASC'], ...token });
      for await (const page of pages(ask)) {
        for (const experiment of messages(page['experiments'])) {
          yield {
            experimentId: text(experiment['experiment_id']),
            name: text(experiment['name']),
            lifecycle: lifecycleOf(experiment['lifecycle_stage']),
            createdAtMs: numberOrNull(experiment['creation_time']),
            updatedAtMs: numberOrNull(experiment['last_update_time']),
            tags: keyValues(experiment['tags']),
          };
        }
      }
    },

    async countRuns(experimentId) {
      // The protocol counts nothing.
      const ask = (more: object) => client.post(`${API}/runs/search`, { experiment_ids: [experimentId], run_view_type: 'ALL', ...more });
      const counted = await countByTokens(async (token) => {
        const page = await ask({ max_results: 1, ...token });
        return { items: list(page?.['runs']).length, next: textOrNull(page?.['next_page_token']) };
      });
      if (counted !== null) return counted;
      let count = 0;
      for await (const page of pages((token) => ask({ max_results: PAGE, ...token }))) count += list(page['runs']).length;
      return count;
    },

    async *runs(experimentId) {
      // Oldest first: what starts meanwhile comes behind the pages that were read, and shifts none.
      const order = { order_by: ['attributes.start_time ASC'], max_results: PAGE };
      const ask = (token: object) =>
        client.post(`${API}/runs/search`, { experiment_ids: [experimentId], run_view_type: 'ALL', ...order, ...token });
      for await (const page of pages(ask)) {
        for (const message of messages(page['runs'])) {
          yield await readItem('a run', () => {
            const run = runOf(message);
            metricsOf.set(run, metricKeysOf(message));
            return run;
          });
        }
      }
    },

    points(run) {
      const keys = metricsOf.get(run);
      invariant(keys !== undefined, 'points are asked for of runs that were answered');
      return histories.of(run.runId, keys);
    },

    async *loggedModels(experimentId) {
      const ask = (token: object) =>
        client.post(`${API}/logged-models/search`, { experiment_ids: [experimentId], max_results: MODELS_PAGE, ...token });
      for await (const page of pages(ask))
        for (const model of messages(page['models'])) yield await readItem('a logged model', () => loggedModelOf(model));
    },

    async *registeredModels(): AsyncGenerator<SourceRegisteredModel> {
      for (const filter of [{}, { filter: IS_PROMPT }]) {
        const ask = (token: Record<string, string>) =>
          client.get(`${API}/registered-models/search`, { max_results: String(PAGE), ...filter, ...token });
        for await (const page of pages(ask)) {
          for (const model of messages(page['registered_models'])) {
            yield {
              name: text(model['name']),
              description: text(model['description'] ?? ''),
              createdAtMs: number(model['creation_timestamp'] ?? 0),
              updatedAtMs: number(model['last_updated_timestamp'] ?? 0),
              tags: keyValues(model['tags']),
              aliases: messages(model['aliases']).map((alias) => ({ alias: text(alias['alias']), version: number(alias['version']) })),
            };
          }
        }
      }
    },

    async *versions(name): AsyncGenerator<SourceVersion> {
      const versions: SourceVersion[] = [];
      for (const also of ['', ` AND ${IS_PROMPT}`]) {
        const ask = (token: Record<string, string>) =>
          client.get(`${API}/model-versions/search`, { filter: `name=${quoted(name)}${also}`, max_results: String(PAGE), ...token });
        for await (const page of pages(ask)) versions.push(...messages(page['model_versions']).map(versionOf));
        if (versions.length > 0) break;
      }
      yield* versions.sort((a, b) => a.version - b.version);
    },

    async *files(owner: FileOwner) {
      const proxied = /^mlflow-artifacts:\/*(.*)$/.exec(owner.artifactUri)?.[1];
      try {
        if (proxied === undefined || owner.artifactUri.startsWith('mlflow-artifacts://')) yield* byPages(owner, '', 0);
        else yield* byProxy(proxied.replace(/\/+$/, ''), '', 0);
      } catch (error) {
        throw unreachable(error);
      }
    },

    close: () => Promise.resolve(),
  };
}

/** A server that answers, and cannot get at its own files, keeps nothing else from coming. */
function unreachable(error: unknown): unknown {
  return error instanceof DomainError && error.code === 'SOURCE_FAILED' ? new UnreachableFiles(error.message) : error;
}

function deeper(depth: number): number {
  if (depth >= MAX_DEPTH) throw new UnreachableFiles(`Its folders lie more than ${MAX_DEPTH} deep.`);
  return depth + 1;
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

function fileAt(path: string, file: Message, download: () => Promise<Readable | null>): SourceFile {
  return {
    path,
    sizeBytes: numberOrNull(file['file_size']),
    async open() {
      const body = await download().catch((error: unknown) => {
        throw unreachable(error);
      });
      if (body === null) throw new UnreachableFiles(`${path} is not there any more.`);
      return body;
    },
  };
}
