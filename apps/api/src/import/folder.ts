// Reads a folder of runs, as MLflow's file store keeps it (mlflow/store/tracking/file_store.py, model_registry/file_store.py):
//
//   <root>/<experiment>/meta.yaml, tags/<key>, datasets/<id>/meta.yaml
//   <root>/<experiment>/<run>/meta.yaml, params/<key>, tags/<key>, metrics/<key>, inputs/<id>/meta.yaml, outputs/<id>/meta.yaml, artifacts/
//   <root>/<experiment>/models/<model>/meta.yaml, params/, tags/, metrics/, artifacts/
//   <root>/models/<name>/meta.yaml, tags/, aliases/, version-<n>/meta.yaml, version-<n>/tags/
//   <root>/.trash/<experiment>    deleted experiments
//
// Keys with slashes are folders. A line of a metric is `<time> <value> [<step> [<dataset> <digest>]]`, of a model's metric
// `<time> <value> <step> <run> [<dataset> <digest>]`.

import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { DomainError } from '@throughline/kernel';
import type { KeyValue } from '@throughline/tracking';
import { parse } from 'yaml';

import { checkHasNone, folderWithin, isThere, localPathOf, usualPlaceOf, walkFiles } from './local-files.ts';
import { badSource, isUnreadable, lifecycleOf, loggedModelStatusOf, POINTS_AT_ONCE, readItem, runStatusOf, stageOf } from './source.ts';
import type {
  FileOwner,
  Source,
  SourceDataset,
  SourceExperiment,
  SourceLoggedModel,
  SourceModelMetric,
  SourcePoint,
  SourceRegisteredModel,
  SourceRun,
  SourceVersion,
} from './source.ts';
import { number, numberOrNull, record, text, textOrNull } from './values.ts';

const META = 'meta.yaml';
const TRASH = '.trash';
const MODELS = 'models';
/** What stands beside the runs in the folder of an experiment. */
const NO_RUNS: ReadonlySet<string> = new Set([MODELS, 'datasets', 'tags', 'traces']);
/** The largest metadata file or value that is read, in bytes; a dataset's profile may have 16 MB. */
const MAX_BYTES = 40_000_000;

type Meta = Readonly<Record<string, unknown>>;

const isMissing = (error: unknown) => error instanceof Error && ['ENOENT', 'ENOTDIR'].includes(String(Reflect.get(error, 'code')));

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw badSource(`${path} has ${size} bytes; at most ${MAX_BYTES} are read.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error) || error instanceof DomainError) throw error;
    throw badSource(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** A metadata file; null where there is none. MLflow writes YAML 1.1, and quotes what that version would read as something else. */
async function readMeta(folder: string): Promise<Meta | null> {
  const path = join(folder, META);
  let yaml: string;
  try {
    yaml = await readText(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return record(parseYaml(yaml, path), path);
}

function parseYaml(yaml: string, path: string): unknown {
  try {
    return parse(yaml, { version: '1.1', maxAliasCount: 0 });
  } catch (error) {
    // Text that is no YAML, aliases, and brackets in brackets until the stack is full.
    throw badSource(`${path} is not YAML that can be read: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
  }
}

/** The folders in a folder, sorted; none where it does not exist. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The keys that stand as files below a folder. */
async function keysIn(folder: string, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    if (entry.isDirectory()) keys.push(...(await keysIn(folder, `${prefix}${entry.name}/`)));
    else if (entry.isFile() && !(prefix === '' && entry.name.startsWith('.'))) keys.push(prefix + entry.name);
  }
  return keys.sort();
}

async function valuesIn(folder: string): Promise<KeyValue[]> {
  const values: KeyValue[] = [];
  for (const key of await keysIn(folder)) values.push({ key, value: await readText(join(folder, key)) });
  return values;
}

/** The sizes of the files below a folder: they are only ever written to at their end. */
async function sizesIn(folder: string): Promise<string> {
  const sizes: string[] = [];
  for (const key of await keysIn(folder)) sizes.push(`${key} ${(await stat(join(folder, key))).size}`);
  return sizes.join('\n');
}

/** Numbers as Python prints them. */
function pythonFloat(word: string | undefined, path: string): number {
  const lower = word?.toLowerCase() ?? '';
  if (lower === 'nan') return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/.test(lower)) return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = lower === '' ? Number.NaN : Number(lower);
  if (Number.isNaN(value)) throw badSource(`${path} holds ${JSON.stringify(word)} where a number should be.`);
  return value;
}

function whole(word: string | undefined, path: string): number {
  const value = Number(word);
  if (word === undefined || word === '' || !Number.isSafeInteger(value))
    throw badSource(`${path} holds ${JSON.stringify(word)} where a whole number should be.`);
  return value;
}

async function* wordsOf(path: string): AsyncGenerator<string[]> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) if (line.trim() !== '') yield line.trim().split(' ');
}

/** Opens a folder of runs. Throws `invalid` BAD_SOURCE where it is none. */
export async function openFolder(path: string, artifactRoots: readonly string[]): Promise<Source> {
  const root = resolve(path);
  const roots = [root, ...artifactRoots];
  const known = await foldersIn(root);
  const isExperiment = async (name: string) => {
    const meta = await readItem(name, () => readMeta(join(root, name)));
    return meta !== null && 'experiment_id' in meta;
  };
  let isStore = known.includes(MODELS) || (await foldersIn(join(root, TRASH))).length > 0;
  for (const name of known) isStore ||= await isExperiment(name);
  if (!isStore) {
    throw badSource(
      `${path} is no folder of runs: it holds no experiment.`,
      'It is usually called mlruns, and holds a folder for each experiment.',
    );
  }

  /** Where an experiment's folder is, deleted or not. */
  async function experimentFolder(experimentId: string): Promise<string> {
    for (const folder of [join(root, experimentId), join(root, TRASH, experimentId)]) {
      if (await isThere(join(folder, META))) return folder;
    }
    throw badSource(`The experiment ${experimentId} is not in ${path}, or not in a folder of that name.`);
  }

  const runFolder = async ({ experimentId, runId }: SourceRun) => join(await experimentFolder(experimentId), runId);

  async function datasetsOf(experiment: string, run: string): Promise<{ inputs: SourceDataset[]; modelInputs: string[] }> {
    const inputs: SourceDataset[] = [];
    const modelInputs: string[] = [];
    for (const name of await foldersIn(join(run, 'inputs'))) {
      const input = await readMeta(join(run, 'inputs', name));
      if (input === null) continue;
      const source = text(input['source_id']);
      if (input['source_type'] === 'MODEL') modelInputs.push(source);
      if (input['source_type'] !== 'DATASET') continue;
      const dataset = await readMeta(join(experiment, 'datasets', source));
      if (dataset === null) continue;
      inputs.push({
        name: text(dataset['name']),
        digest: text(dataset['digest']),
        sourceType: text(dataset['source_type']),
        source: text(dataset['source']),
        schema: textOrNull(dataset['schema']),
        profile: textOrNull(dataset['profile']),
        tags: Object.entries(record(input['tags'] ?? {}, 'tags')).map(([key, value]) => ({ key, value: text(value) })),
      });
    }
    return { inputs, modelInputs };
  }

  async function runOf(experiment: string, runId: string): Promise<SourceRun | null> {
    const folder = join(experiment, runId);
    const meta = await readMeta(folder);
    if (meta === null || meta['run_id'] === undefined) return null;
    const tags = await valuesIn(join(folder, 'tags'));
    const modelOutputs: SourceRun['modelOutputs'] = [];
    for (const name of await foldersIn(join(folder, 'outputs'))) {
      const output = await readMeta(join(folder, 'outputs', name));
      if (output !== null) modelOutputs.push({ modelId: text(output['destination_id']), step: number(output['step'] ?? 0) });
    }
    return {
      runId: text(meta['run_id']),
      experimentId: text(meta['experiment_id']),
      name: tags.find(({ key }) => key === 'mlflow.runName')?.value ?? text(meta['run_name'] ?? ''),
      userId: text(meta['user_id'] ?? ''),
      status: runStatusOf(meta['status']),
      startTimeMs: number(meta['start_time'] ?? 0),
      endTimeMs: numberOrNull(meta['end_time']),
      lifecycle: lifecycleOf(meta['lifecycle_stage']),
      artifactUri: text(meta['artifact_uri'] ?? ''),
      params: await valuesIn(join(folder, 'params')),
      tags,
      pointsMark: await sizesIn(join(folder, 'metrics')),
      ...(await datasetsOf(experiment, folder)),
      modelOutputs,
    };
  }

  async function modelMetrics(folder: string): Promise<SourceModelMetric[]> {
    const metrics: SourceModelMetric[] = [];
    for (const key of await keysIn(folder)) {
      const file = join(folder, key);
      for await (const words of wordsOf(file)) {
        metrics.push({
          key,
          timestampMs: whole(words[0], file),
          value: pythonFloat(words[1], file),
          step: whole(words[2], file),
          runId: words[3] ?? '',
          datasetName: words[4] ?? null,
          datasetDigest: words[5] ?? null,
        });
      }
    }
    return metrics;
  }

  async function experimentOf(folder: string): Promise<SourceExperiment | null> {
    const meta = await readMeta(folder);
    if (meta?.['experiment_id'] === undefined) return null;
    return {
      experimentId: text(meta['experiment_id']),
      name: text(meta['name']),
      lifecycle: lifecycleOf(meta['lifecycle_stage']),
      createdAtMs: numberOrNull(meta['creation_time']),
      updatedAtMs: numberOrNull(meta['last_update_time']),
      tags: await valuesIn(join(folder, 'tags')),
    };
  }

  async function loggedModelOf(folder: string, experimentId: string): Promise<SourceLoggedModel | null> {
    const meta = await readMeta(folder);
    if (meta === null) return null;
    return {
      modelId: text(meta['model_id']),
      experimentId,
      name: text(meta['name']),
      modelType: textOrNull(meta['model_type']),
      status: loggedModelStatusOf(meta['status']),
      statusMessage: textOrNull(meta['status_message']),
      sourceRunId: textOrNull(meta['source_run_id']),
      createdAtMs: number(meta['creation_timestamp']),
      updatedAtMs: number(meta['last_updated_timestamp']),
      lifecycle: lifecycleOf(meta['lifecycle_stage']),
      artifactUri: text(meta['artifact_location'] ?? ''),
      params: await valuesIn(join(folder, 'params')),
      tags: await valuesIn(join(folder, 'tags')),
      metrics: await modelMetrics(join(folder, 'metrics')),
    };
  }

  async function registeredModelOf(folder: string): Promise<SourceRegisteredModel | null> {
    const meta = await readMeta(folder);
    if (meta === null) return null;
    return {
      name: text(meta['name']),
      description: text(meta['description'] ?? ''),
      createdAtMs: number(meta['creation_timestamp']),
      updatedAtMs: number(meta['last_updated_timestamp']),
      tags: await valuesIn(join(folder, 'tags')),
      aliases: (await valuesIn(join(folder, 'aliases'))).map(({ key, value }) => ({ alias: key, version: whole(value.trim(), folder) })),
    };
  }

  async function versionOf(folder: string): Promise<SourceVersion | null> {
    const meta = await readMeta(folder);
    if (meta === null) return null;
    return {
      version: number(meta['version']),
      description: text(meta['description'] ?? ''),
      userId: textOrNull(meta['user_id']),
      stage: stageOf(meta['current_stage'] === null ? 'None' : meta['current_stage']),
      source: text(meta['source'] ?? ''),
      runId: textOrNull(meta['run_id']),
      runLink: textOrNull(meta['run_link']),
      modelId: textOrNull(meta['model_id']),
      storageLocation: textOrNull(meta['storage_location']),
      createdAtMs: number(meta['creation_timestamp']),
      updatedAtMs: number(meta['last_updated_timestamp']),
      tags: await valuesIn(join(folder, 'tags')),
    };
  }

  return {
    title: `the folder ${path}`,
    width: 4,

    async *experiments() {
      for (const parent of [root, join(root, TRASH)]) {
        for (const name of await foldersIn(parent)) {
          if (parent === root && (name === MODELS || name === TRASH)) continue;
          const experiment = await readItem(`experiment in ${name}`, () => experimentOf(join(parent, name)));
          if (experiment !== null) yield experiment;
        }
      }
    },

    async countRuns(experimentId) {
      const names = await foldersIn(await experimentFolder(experimentId));
      return names.filter((name) => !NO_RUNS.has(name)).length;
    },

    async *runs(experimentId) {
      const experiment = await experimentFolder(experimentId);
      for (const name of await foldersIn(experiment)) {
        if (NO_RUNS.has(name)) continue;
        const run = await readItem(`run ${name}`, () => runOf(experiment, name));
        if (run !== null) yield run;
      }
    },

    async *points(run): AsyncGenerator<SourcePoint[]> {
      const folder = join(await runFolder(run), 'metrics');
      let points: SourcePoint[] = [];
      for (const key of await keysIn(folder)) {
        const file = join(folder, key);
        for await (const words of wordsOf(file)) {
          points.push({
            key,
            timestampMs: whole(words[0], file),
            value: pythonFloat(words[1], file),
            step: words[2] === undefined ? 0 : whole(words[2], file),
          });
          if (points.length < POINTS_AT_ONCE) continue;
          yield points;
          points = [];
        }
      }
      if (points.length > 0) yield points;
    },

    async *loggedModels(experimentId) {
      const parent = join(await experimentFolder(experimentId), MODELS);
      for (const name of await foldersIn(parent)) {
        const model = await readItem(`logged model ${name}`, () => loggedModelOf(join(parent, name), experimentId));
        if (model !== null) yield model;
      }
    },

    async *registeredModels() {
      for (const name of await foldersIn(join(root, MODELS))) {
        const model = await readItem(`registered model '${name}'`, () => registeredModelOf(join(root, MODELS, name)));
        if (model !== null) yield model;
      }
    },

    async *versions(name) {
      const folder = join(root, MODELS, name);
      const versions: SourceVersion[] = [];
      for (const child of await foldersIn(folder)) {
        if (!child.startsWith('version-')) continue;
        const version = await readItem(`${child} of '${name}'`, () => versionOf(join(folder, child)));
        if (version === null) continue;
        if (isUnreadable(version)) yield version;
        else versions.push(version);
      }
      yield* versions.sort((a, b) => a.version - b.version);
    },

    async *files(owner: FileOwner) {
      const experiment = await experimentFolder(owner.experimentId);
      const beside = owner.kind === 'run' ? join(experiment, owner.id, 'artifacts') : join(experiment, MODELS, owner.id, 'artifacts');
      const named = localPathOf(owner.artifactUri, root);
      const elsewhere = artifactRoots.map((place) => join(place, usualPlaceOf(owner)));
      const folder = await folderWithin(roots, [beside, ...(named === null ? [] : [named]), ...elsewhere]);
      if (folder !== null) yield* walkFiles(folder);
      else await checkHasNone({ owner, named, artifactRoots });
    },

    close: () => Promise.resolve(),
  };
}
