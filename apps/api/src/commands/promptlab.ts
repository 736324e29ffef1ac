// A run of MLflow's prompt lab: a page that tried a prompt on a model asks the server to keep what it did. The run holds the parameters,
// a table of the one answer, and a model folder from which the Python library can ask the same route again. The bytes are stored first;
// then the run, with everything, in one transaction: unlike on MLflow's server there is no half of one, marked as failed.

import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import type { KeyValue, Run } from '@throughline/tracking';
import { stringify } from 'yaml';

import type { Parts } from './parts.ts';
import { logModelHistory } from './runs.ts';

export interface PromptlabRun {
  experimentId: string;
  name?: string | undefined;
  userId: string;
  startTimeMs?: number | undefined;
  tags: readonly KeyValue[];
  promptTemplate: string;
  promptParameters: readonly KeyValue[];
  modelRoute: string;
  modelParameters: readonly KeyValue[];
  modelInput: string;
  /** What the model answered; null where the page does not tell. */
  modelOutput: string | null;
  modelOutputParameters: readonly KeyValue[];
  /** The release of the Python library that is to load the model. */
  mlflowVersion: string;
}

const TABLE = 'eval_results_table.json';
/** The oldest Python that the library's release runs on: nothing here runs Python, and the folder must name one. */
const PYTHON = '3.10';

/** Keeps the run, finished. */
export async function createPromptlabRun(parts: Parts, call: Call, input: PromptlabRun): Promise<Run> {
  const { content, database, tracking } = parts;
  const runId = randomBytes(16).toString('hex');
  const model = {
    runId,
    uuid: randomUUID().replaceAll('-', ''),
    createdAt: new Date().toISOString().replace('T', ' ').replace('Z', '000'),
  };
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries({ ...modelFiles(input, model), [TABLE]: resultTable(input) })) {
    files.set(path, (await content.putBlob(call, Readable.from([Buffer.from(text)]))).sha256);
  }
  return within(database, call, async (tx) => {
    const inside = { ...call, tx };
    const { experimentId, name, userId, startTimeMs, tags } = input;
    const run = await tracking.runs.create(inside, { experiment: { experimentId }, runId, name, userId, startTimeMs, tags });
    await tracking.runs.logBatch(inside, run, {
      params: [
        ...input.modelParameters,
        { key: 'model_route', value: input.modelRoute },
        { key: 'prompt_template', value: input.promptTemplate },
      ],
      tags: [
        { key: 'mlflow.loggedArtifacts', value: JSON.stringify([{ path: TABLE, type: 'table' }]) },
        { key: 'mlflow.runSourceType', value: 'PROMPT_ENGINEERING' },
      ],
    });
    const told = { run_id: runId, artifact_path: 'model', utc_time_created: model.createdAt, model_uuid: model.uuid, flavors: {} };
    await logModelHistory(parts, inside, run, JSON.stringify(told));
    const owner = tracking.artifacts.ownedBy(run);
    for (const [path, sha256] of files) await tracking.artifacts.put(inside, owner, path, sha256);
    return tracking.runs.update(inside, run, { status: 'FINISHED', endTimeMs: Date.now() });
  });
}

function byKey(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

/** The one answer as a table: a column for each parameter of the prompt, the prompt, the output and what is known of it. */
function resultTable({ promptParameters, modelInput, modelOutput, modelOutputParameters }: PromptlabRun): string {
  const columns: [string, string | null][] = [
    ...promptParameters.map(({ key, value }): [string, string] => [key, value]),
    ['prompt', modelInput],
    ['output', modelOutput],
    ...modelOutputParameters.map(({ key, value }): [string, string] => [key, value]),
  ];
  return JSON.stringify({ columns: columns.map(([name]) => name), data: [columns.map(([, value]) => value)] });
}

/** A folder that the Python library loads as a model (mlflow.prompt.promptlab_model). */
function modelFiles(input: PromptlabRun, model: { runId: string; uuid: string; createdAt: string }): Record<string, string> {
  const requirement = `mlflow[gateway]==${input.mlflowVersion}`;
  const example = JSON.stringify({ inputs: input.promptParameters.map(({ value }) => value) });
  const strings = (names: readonly string[]) => JSON.stringify(names.map((name) => ({ type: 'string', name, required: true })));
  return {
    'model/MLmodel': stringify({
      artifact_path: 'model',
      flavors: {
        python_function: {
          env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
          loader_module: 'mlflow.prompt.promptlab_model',
          parameters_path: 'parameters.yaml',
          python_version: PYTHON,
        },
      },
      mlflow_version: input.mlflowVersion,
      model_uuid: model.uuid,
      run_id: model.runId,
      saved_input_example_info: { artifact_path: 'input_example.json', type: 'json_object' },
      signature: { inputs: strings(input.promptParameters.map(({ key }) => key)), outputs: strings(['output']), params: null },
      utc_time_created: model.createdAt,
    }),
    'model/parameters.yaml': stringify({
      prompt_template: input.promptTemplate,
      prompt_parameters: byKey(input.promptParameters),
      model_parameters: byKey(input.modelParameters),
      model_route: input.modelRoute,
    }),
    'model/input_example.json': example,
    'model/requirements.txt': `${requirement}\n`,
    'model/python_env.yaml': stringify({ python: PYTHON, build_dependencies: ['pip'], dependencies: ['-r requirements.txt'] }),
    'model/conda.yaml': stringify({
      name: 'mlflow-env',
      channels: ['conda-forge'],
      dependencies: [`python=${PYTHON}`, 'pip', { pip: [requirement] }],
    }),
  };
}
