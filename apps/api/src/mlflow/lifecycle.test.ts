// Goal: params, tags, names and the lives of runs and experiments follow MLflow's rules. Method: raw requests to a real server, each rule
// by what the answers and the run say afterwards.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

interface RunBody {
  info: {
    run_name: string;
    run_id: string;
    status: string;
    lifecycle_stage: string;
    start_time: number;
    end_time?: number;
    user_id: string;
  };
  data: { params?: Pair[]; tags?: Pair[]; metrics?: { key: string }[] };
}
interface Pair {
  key: string;
  value: string;
}

let world: World;
let mlflow: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('lives');
});
afterAll(() => world.close());

const INVALID = { status: 400, code: 'INVALID_PARAMETER_VALUE' };
const ABSENT = { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' };

async function runOf(run_id: string): Promise<RunBody> {
  return ((await mlflow.get('runs/get', { run_id })).body as { run: RunBody }).run;
}
const pairsOf = (pairs: readonly Pair[] = []) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
const paramsOf = async (runId: string) => pairsOf((await runOf(runId)).data.params);
const tagsOf = async (runId: string) => pairsOf((await runOf(runId)).data.tags);
const start = (more: object = {}) => mlflow.run(experimentId, more);

describe('a param', () => {
  it('that is logged again with its value is taken', async () => {
    const run_id = await start();
    await mlflow.did('runs/log-parameter', { run_id, key: 'lr', value: '0.1' });
    await mlflow.did('runs/log-parameter', { run_id, key: 'lr', value: '0.1' });
    await mlflow.did('runs/log-batch', { run_id, params: [{ key: 'lr', value: '0.1' }] });
    expect(await paramsOf(run_id)).toEqual({ lr: '0.1' });
  });

  it.each(['runs/log-parameter', 'runs/log-batch'])('does not change by %s', async (path) => {
    const run_id = await start();
    await mlflow.did('runs/log-parameter', { run_id, key: 'lr', value: '0.1' });
    const param = { key: 'lr', value: '0.2' };
    const answer = await mlflow.post(path, path.endsWith('batch') ? { run_id, params: [param] } : { run_id, ...param });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain(
      `Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='${run_id}'. ` +
        "Attempted logging new value '0.2'.",
    );
    expect(await paramsOf(run_id)).toEqual({ lr: '0.1' });
  });

  it('may be empty text', async () => {
    const run_id = await start();
    await mlflow.did('runs/log-parameter', { run_id, key: 'empty', value: '' });
    await mlflow.did('runs/log-parameter', { run_id, key: 'absent' });
    expect(await paramsOf(run_id)).toEqual({ empty: '', absent: '' });
    expect(await mlflow.post('runs/log-parameter', { run_id, key: 'empty', value: 'x' })).toMatchObject(INVALID);
  });

  it('given twice in a batch is refused, whatever the values', async () => {
    const run_id = await start();
    const answer = await mlflow.post('runs/log-batch', {
      run_id,
      params: [
        { key: 'p', value: '1' },
        { key: 'p', value: '1' },
      ],
    });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain('Duplicate parameter keys have been submitted');
  });

  it('that changes in a batch takes the rest of the batch along', async () => {
    const run_id = await start();
    await mlflow.did('runs/log-parameter', { run_id, key: 'fixed', value: '1' });
    const batch = {
      run_id,
      params: [
        { key: 'fresh', value: '1' },
        { key: 'fixed', value: '2' },
      ],
      metrics: [{ key: 'm', value: 1, timestamp: 1 }],
      tags: [{ key: 't', value: '1' }],
    };
    expect(await mlflow.post('runs/log-batch', batch)).toMatchObject(INVALID);
    const run = await runOf(run_id);
    expect([pairsOf(run.data.params), run.data.metrics, pairsOf(run.data.tags)['t']]).toEqual([{ fixed: '1' }, undefined, undefined]);
  });
});

describe('a tag', () => {
  it('is what was set last, within a batch too', async () => {
    const run_id = await start();
    await mlflow.did('runs/set-tag', { run_id, key: 't', value: '1' });
    await mlflow.did('runs/log-batch', {
      run_id,
      tags: [
        { key: 't', value: '2' },
        { key: 't', value: '3' },
      ],
    });
    expect((await tagsOf(run_id))['t']).toBe('3');
  });

  it('that is not there cannot be deleted', async () => {
    const run_id = await start();
    await mlflow.did('runs/set-tag', { run_id, key: 't', value: '1' });
    await mlflow.did('runs/delete-tag', { run_id, key: 't' });
    const again = await mlflow.post('runs/delete-tag', { run_id, key: 't' });
    expect(again).toMatchObject({ ...ABSENT, message: `No tag with name: t in run with id ${run_id}` });
    expect(await mlflow.post('experiments/delete-experiment-tag', { experiment_id: experimentId, key: 'absent' })).toMatchObject(ABSENT);
  });
});

describe('the name of a run', () => {
  it('is made up of words where nobody gives one', async () => {
    const run = await runOf(await start());
    expect(run.info.run_name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(pairsOf(run.data.tags)['mlflow.runName']).toBe(run.info.run_name);
  });

  it.each([
    ['its field', { run_name: 'named' }],
    ['its tag', { tags: [{ key: 'mlflow.runName', value: 'named' }] }],
    ['both alike', { run_name: 'named', tags: [{ key: 'mlflow.runName', value: 'named' }] }],
  ])('is given by %s', async (_how, more) => {
    const run = await runOf(await start(more));
    expect([run.info.run_name, pairsOf(run.data.tags)['mlflow.runName']]).toEqual(['named', 'named']);
  });

  it('is refused where the field and the tag differ', async () => {
    const answer = await mlflow.post('runs/create', {
      experiment_id: experimentId,
      run_name: 'a',
      tags: [{ key: 'mlflow.runName', value: 'b' }],
    });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain("Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values");
  });

  it.each([
    ['runs/update', { run_name: 'later' }],
    ['runs/set-tag', { key: 'mlflow.runName', value: 'later' }],
    ['runs/log-batch', { tags: [{ key: 'mlflow.runName', value: 'later' }] }],
  ])('and its tag are changed together by %s', async (path, change) => {
    const run_id = await start({ run_name: 'first' });
    await mlflow.did(path, { run_id, ...change });
    const run = await runOf(run_id);
    expect([run.info.run_name, pairsOf(run.data.tags)['mlflow.runName']]).toEqual(['later', 'later']);
  });
});

describe('a run', () => {
  it('begins RUNNING, with an id of 32 hexadecimal digits and the start that it was given', async () => {
    const run = await runOf(await start({ start_time: 1234, user_id: 'ann' }));
    expect(run.info).toMatchObject({ status: 'RUNNING', start_time: 1234, user_id: 'ann', lifecycle_stage: 'active' });
    expect(run.info.run_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('begins in Default where no experiment is named', async () => {
    expect((await mlflow.post('runs/create', {})).body).toMatchObject({ run: { info: { experiment_id: '0' } } });
  });

  it('keeps what an update does not mention', async () => {
    const run_id = await start({ run_name: 'kept' });
    await mlflow.did('runs/update', { run_id, status: 'FINISHED', end_time: 99 });
    await mlflow.did('runs/update', { run_id, run_name: 'renamed' });
    await mlflow.did('runs/update', { run_id });
    expect((await runOf(run_id)).info).toMatchObject({ run_name: 'renamed', status: 'FINISHED', end_time: 99 });
  });

  it.each(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'])('can be %s', async (status) => {
    const run_id = await start();
    const answer = await mlflow.post('runs/update', { run_id, status, end_time: 5 });
    expect(answer.body).toMatchObject({ run_info: { run_id, run_uuid: run_id, status, end_time: 5 } });
  });

  it('that is deleted takes no writes, is deleted again without complaint and comes back as it was', async () => {
    const run_id = await start({ run_name: 'hidden' });
    await mlflow.did('runs/delete', { run_id });
    await mlflow.did('runs/delete', { run_id });
    const writes: [string, object][] = [
      ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { key: 'p', value: '1' }],
      ['runs/set-tag', { key: 't', value: '1' }],
      ['runs/delete-tag', { key: 'mlflow.runName' }],
      ['runs/log-batch', {}],
      ['runs/log-batch', { metrics: [{ key: 'm', value: 1, timestamp: 1 }] }],
      ['runs/update', { status: 'FINISHED' }],
      ['runs/log-inputs', {}],
      ['runs/outputs', { models: [] }],
      ['runs/log-model', { model_json: '{"run_id":"r","artifact_path":"m","utc_time_created":"x","flavors":{}}' }],
    ];
    for (const [path, body] of writes) {
      const answer = await mlflow.post(path, { run_id, ...body });
      expect([path, answer.status, answer.code]).toEqual([path, 400, 'INVALID_PARAMETER_VALUE']);
      expect(answer.message).toContain(`The run ${run_id} must be in the 'active' state. Current state is deleted.`);
    }
    expect((await runOf(run_id)).info.lifecycle_stage).toBe('deleted');
    await mlflow.did('runs/restore', { run_id });
    await mlflow.did('runs/restore', { run_id });
    const run = await runOf(run_id);
    expect(run.info).toMatchObject({ lifecycle_stage: 'active', run_name: 'hidden', status: 'RUNNING' });
    expect(run.data).toEqual({ tags: [{ key: 'mlflow.runName', value: 'hidden' }] });
  });

  it('that nobody knows is not found by whatever names it', async () => {
    const requests: [string, object][] = [
      ['runs/update', {}],
      ['runs/delete', {}],
      ['runs/restore', {}],
      ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { key: 'p' }],
      ['runs/set-tag', { key: 't' }],
      ['runs/delete-tag', { key: 't' }],
      ['runs/log-batch', {}],
      ['runs/log-inputs', {}],
      ['runs/outputs', { models: [] }],
    ];
    const answers = await Promise.all(requests.map(([path, body]) => mlflow.post(path, { run_id: 'f'.repeat(32), ...body })));
    expect(answers.map(({ status, code }) => [status, code])).toEqual(requests.map(() => [404, 'RESOURCE_DOES_NOT_EXIST']));
  });

  it.each(['bad id', '日本', '-x', 'x'.repeat(257), '../up'])('cannot have the id %j, which a batch for it is told', async (run_id) => {
    for (const path of ['runs/log-batch', 'runs/log-inputs']) {
      const answer = await mlflow.post(path, { run_id });
      expect(answer).toMatchObject(INVALID);
      expect(answer.message).toContain("for parameter 'run_id' supplied");
    }
    expect(await mlflow.get('runs/get', { run_id })).toMatchObject(ABSENT);
  });
});

describe('an experiment', () => {
  it('0 is Default from the start', async () => {
    expect((await mlflow.get('experiments/get', { experiment_id: '0' })).body).toMatchObject({
      experiment: { experiment_id: '0', name: 'Default', lifecycle_stage: 'active', artifact_location: 'mlflow-artifacts:/0' },
    });
    expect(await mlflow.get('experiments/get', { experiment_id: '000' })).toMatchObject({ status: 200 });
  });

  it('keeps its name when it is deleted, and is still found by it', async () => {
    const experiment_id = await mlflow.experiment('taken');
    await mlflow.did('experiments/delete', { experiment_id });
    const again = await mlflow.post('experiments/create', { name: 'taken' });
    expect(again).toMatchObject({ status: 400, code: 'RESOURCE_ALREADY_EXISTS' });
    expect(again.message).toContain('Experiment(name=taken) already exists.');
    expect(again.text).not.toMatch(/INSERT|constraint|sql/i);
    expect((await mlflow.get('experiments/get-by-name', { experiment_name: 'taken' })).body).toMatchObject({
      experiment: { experiment_id, lifecycle_stage: 'deleted' },
    });
    expect(await mlflow.post('experiments/update', { experiment_id: await mlflow.experiment('free'), new_name: 'taken' })).toMatchObject({
      status: 400,
      code: 'RESOURCE_ALREADY_EXISTS',
    });
  });

  it('is searched for by GET too, and without saying how many', async () => {
    const experiment_id = await mlflow.experiment('searched by GET');
    const found = await mlflow.get('experiments/search', { filter: "name = 'searched by GET'" });
    expect(found).toMatchObject({ status: 200, body: { experiments: [{ experiment_id }] } });
  });

  it('takes its runs along when it is deleted, and brings back all of them, those deleted before included', async () => {
    const experiment_id = await mlflow.experiment('family');
    const runs = [await mlflow.run(experiment_id), await mlflow.run(experiment_id)];
    await mlflow.did('runs/delete', { run_id: runs[0] });
    await mlflow.did('experiments/delete', { experiment_id });
    const stages = async () => Promise.all(runs.map(async (run) => (await runOf(run)).info.lifecycle_stage));
    expect(await stages()).toEqual(['deleted', 'deleted']);
    await mlflow.did('experiments/restore', { experiment_id });
    expect(await stages()).toEqual(['active', 'active']);
  });

  it('that is deleted can be neither deleted, renamed, tagged nor written into; one in use cannot be restored', async () => {
    const experiment_id = await mlflow.experiment('gone');
    expect(await mlflow.post('experiments/restore', { experiment_id })).toMatchObject(ABSENT);
    await mlflow.did('experiments/delete', { experiment_id });
    expect(await mlflow.post('experiments/delete', { experiment_id })).toMatchObject(ABSENT);
    // MLflow answers 500 here, and its client would try again for minutes.
    expect(await mlflow.post('experiments/update', { experiment_id, new_name: 'other' })).toMatchObject({
      status: 400,
      code: 'INVALID_STATE',
      message: 'Cannot rename a non-active experiment.',
    });
    const state = `The experiment ${experiment_id} must be in the 'active' state. Current state is deleted.`;
    for (const [path, body] of [
      ['experiments/set-experiment-tag', { key: 'k', value: 'v' }],
      ['experiments/delete-experiment-tag', { key: 'k' }],
      ['runs/create', {}],
      ['logged-models', { name: 'm' }],
    ] as const) {
      const answer = await mlflow.post(path, { experiment_id, ...body });
      expect(answer).toMatchObject(INVALID);
      expect(answer.message).toContain(state);
    }
  });

  it.each(['-1', '999999', '9223372036854775807', '9'.repeat(30)])('%s, which is a number, is not found', async (experiment_id) => {
    expect(await mlflow.get('experiments/get', { experiment_id })).toMatchObject(ABSENT);
    expect(await mlflow.post('experiments/delete', { experiment_id })).toMatchObject(ABSENT);
    expect(await mlflow.post('runs/create', { experiment_id })).toMatchObject(ABSENT);
  });

  it.each(['abc', '1.5', '0x1', '1e3', ' '])('%j, which is no number, is refused', async (experiment_id) => {
    const answer = await mlflow.get('experiments/get', { experiment_id });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toBe(`Invalid experiment ID '${experiment_id}'. Experiment ID must be a valid integer.`);
  });
});

describe('the legacy record of a model', () => {
  const model = (more: object = {}) => JSON.stringify({ run_id: 'r', artifact_path: 'm', utc_time_created: 'x', flavors: {}, ...more });

  it('is appended to the history of its run', async () => {
    const run_id = await start();
    await mlflow.did('runs/log-model', { run_id, model_json: model({ artifact_path: 'first' }) });
    await mlflow.did('runs/log-model', { run_id, model_json: model({ artifact_path: 'second' }) });
    const history = JSON.parse((await tagsOf(run_id))['mlflow.log-model.history'] ?? '') as { artifact_path: string }[];
    expect(history.map(({ artifact_path }) => artifact_path)).toEqual(['first', 'second']);
  });

  it.each(['{', '[]', '5', 'null', '"x"', '{}', '{"run_id":"r","artifact_path":"m","flavors":{}}'])(
    'that is %s is refused',
    async (model_json) => {
      const answer = await mlflow.post('runs/log-model', { run_id: await start(), model_json });
      expect(answer).toMatchObject(INVALID);
      expect(answer.message).toMatch(/^(?:Malformed model info|Model json is missing mandatory fields: )/);
    },
  );
});
