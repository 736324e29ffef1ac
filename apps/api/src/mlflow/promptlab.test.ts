import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let mlflow: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('prompts');
});
afterAll(() => world.close());

const AJAX = '/ajax-api/2.0/mlflow/';
const PATH = 'runs/create-promptlab-run';
const request = () => ({
  experiment_id: experimentId,
  run_name: 'tried',
  user_id: 'ann',
  start_time: 5,
  prompt_template: 'Say {{ word }}',
  prompt_parameters: [{ key: 'word', value: 'hello' }],
  model_route: 'a-route',
  model_parameters: [{ key: 'temperature', value: 0.1 }],
  model_input: 'Say hello',
  model_output: 'hello',
  model_output_parameters: [{ key: 'tokens', value: 10 }],
  mlflow_version: '3.0.0',
  tags: [{ key: 'team', value: 'birds' }],
});

describe('a run of the prompt lab', () => {
  it('is finished, with its parameters, a table of the answer and a model', async () => {
    const answer = await mlflow.post(PATH, request(), AJAX);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        run: {
          info: { run_name: 'tried', user_id: 'ann', status: 'FINISHED', start_time: 5, experiment_id: experimentId },
          data: {
            params: [
              { key: 'model_route', value: 'a-route' },
              { key: 'prompt_template', value: 'Say {{ word }}' },
              { key: 'temperature', value: '0.1' },
            ],
          },
        },
      },
    });
    const { run } = answer.body as { run: { info: { run_id: string }; data: { tags: { key: string; value: string }[] } } };
    const tags = Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value]));
    expect(tags).toMatchObject({ team: 'birds', 'mlflow.runName': 'tried', 'mlflow.runSourceType': 'PROMPT_ENGINEERING' });
    expect(JSON.parse(tags['mlflow.loggedArtifacts'] ?? '')).toEqual([{ path: 'eval_results_table.json', type: 'table' }]);
    expect(JSON.parse(tags['mlflow.log-model.history'] ?? '')).toMatchObject([{ run_id: run.info.run_id, artifact_path: 'model' }]);

    const read = async (path: string) => (await world.download(`/get-artifact?run_id=${run.info.run_id}&path=${path}`)).bytes.toString();
    expect(JSON.parse(await read('eval_results_table.json'))).toEqual({
      columns: ['word', 'prompt', 'output', 'tokens'],
      data: [['hello', 'Say hello', 'hello', '10']],
    });
    expect(parse(await read('model/MLmodel'))).toMatchObject({
      run_id: run.info.run_id,
      flavors: { python_function: { loader_module: 'mlflow.prompt.promptlab_model', parameters_path: 'parameters.yaml' } },
    });
    expect(parse(await read('model/parameters.yaml'))).toEqual({
      prompt_template: 'Say {{ word }}',
      prompt_parameters: { word: 'hello' },
      model_parameters: { temperature: '0.1' },
      model_route: 'a-route',
    });
  });

  it.each(['experiment_id', 'prompt_template', 'prompt_parameters', 'model_route', 'model_input', 'mlflow_version'])(
    'without %s is refused, and leaves nothing behind',
    async (name) => {
      const before = await world.countRows('run', 'blob');
      const answer = await mlflow.post(PATH, { ...request(), [name]: undefined }, AJAX);
      expect(answer).toMatchObject({
        status: 400,
        code: 'INVALID_PARAMETER_VALUE',
        message: `CreatePromptlabRun request must specify ${name}.`,
      });
      expect(await world.countRows('run', 'blob')).toEqual(before);
    },
  );

  it('that cannot be kept whole is not kept at all', async () => {
    const before = await world.countRows('run', 'run_param', 'run_tag');
    const twice = [1, 2].map((value) => ({ key: 'temperature', value }));
    expect(await mlflow.post(PATH, { ...request(), model_parameters: twice }, AJAX)).toMatchObject({ status: 400 });
    expect(await mlflow.post(PATH, { ...request(), experiment_id: '999999' }, AJAX)).toMatchObject({ status: 404 });
    expect(await world.countRows('run', 'run_param', 'run_tag')).toEqual(before);
  });

  it('is for pages alone', async () => {
    expect(await mlflow.post(PATH, request())).toMatchObject({ status: 404, text: '' });
  });
});
