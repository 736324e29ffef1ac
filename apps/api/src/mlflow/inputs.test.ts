// Goal: datasets and logged models at runs, and searches page by page, follow MLflow's rules. Method: raw requests to a real server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

interface Model {
  info: { model_id: string; name: string; status: string; tags?: Pair[]; artifact_uri: string };
  data: { params?: Pair[]; metrics?: object[] };
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
  experimentId = await mlflow.experiment('inputs');
});
afterAll(() => world.close());

const INVALID = { status: 400, code: 'INVALID_PARAMETER_VALUE' };
const ABSENT = { status: 404, code: 'RESOURCE_DOES_NOT_EXIST' };
const UNKNOWN_MODEL = `m-${'f'.repeat(32)}`;
const JSON_BODY = { 'content-type': 'application/json' };

function dataset(name: string, more: object = {}, context?: string) {
  const tags = context === undefined ? [] : [{ key: 'mlflow.data.context', value: context }];
  return { tags, dataset: { name, digest: 'g', source_type: 'local', source: 's', ...more } };
}

const start = (experiment = experimentId) => mlflow.run(experiment);
const read = (run_id: string, datasets: object[]) => mlflow.did('runs/log-inputs', { run_id, datasets });

async function inputsOf(run_id: string) {
  const { body } = await mlflow.get('runs/get', { run_id });
  return (body as { run: { inputs: { dataset_inputs?: { tags?: Pair[]; dataset: { name: string; digest: string } }[] } } }).run.inputs;
}

async function model(more: object = {}): Promise<Model> {
  return (await mlflow.did<{ model: Model }>('logged-models', { experiment_id: experimentId, ...more })).model;
}

const patch = (path: string, body: object) => mlflow.raw('PATCH', `/api/2.0/mlflow/logged-models/${path}`, JSON.stringify(body), JSON_BODY);
const remove = (path: string) => mlflow.raw('DELETE', `/api/2.0/mlflow/logged-models/${path}`);

describe('the datasets of a run', () => {
  it('are kept as they were told, and told again with everything that they have', async () => {
    const run_id = await start();
    await read(run_id, [dataset('whole', { schema: '{"a":1}', profile: '{"n":2}' }, 'training')]);
    expect(await inputsOf(run_id)).toEqual({
      dataset_inputs: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
          dataset: { name: 'whole', digest: 'g', source_type: 'local', source: 's', schema: '{"a":1}', profile: '{"n":2}' },
        },
      ],
    });
  });

  it('count once by name and digest, and the tags that came first stay', async () => {
    const run_id = await start();
    await read(run_id, [dataset('once', {}, 'training'), dataset('once', {}, 'test')]);
    await read(run_id, [dataset('once', {}, 'validation'), dataset('once', { digest: 'h' }, 'test')]);
    const { dataset_inputs = [] } = await inputsOf(run_id);
    expect(dataset_inputs.map((input) => [input.dataset.digest, input.tags?.[0]?.value])).toEqual([
      ['g', 'training'],
      ['h', 'test'],
    ]);
  });

  it('come with every run that a search finds', async () => {
    const experiment = await mlflow.experiment('searched inputs');
    const run_id = await start(experiment);
    await read(run_id, [dataset('found')]);
    expect((await mlflow.post('runs/search', { experiment_ids: [experiment] })).body).toMatchObject({
      runs: [{ info: { run_id }, inputs: { dataset_inputs: [{ dataset: { name: 'found' } }] } }],
    });
  });

  it.each([
    ['without a dataset', { tags: [] }, 'datasets[0].dataset'],
    ['without a name', dataset('', {}), 'datasets[0].dataset.name'],
    ['without a digest', dataset('d', { digest: undefined }), 'datasets[0].dataset.digest'],
    ['without a source', dataset('d', { source: '' }), 'datasets[0].dataset.source'],
    ['without a type of source', dataset('d', { source_type: null }), 'datasets[0].dataset.source_type'],
    ['with a tag without a key', { ...dataset('d'), tags: [{ value: 'v' }] }, 'datasets[0].tags[0].key'],
    ['that is no message', 5, 'datasets[0]'],
  ])('%s are refused', async (_what, input, path) => {
    const run_id = await start();
    const answer = await mlflow.post('runs/log-inputs', { run_id, datasets: [input] });
    expect(answer).toMatchObject(INVALID);
    expect(answer.message).toContain(`'${path}'`);
    expect(await inputsOf(run_id)).toEqual({});
  });

  it('come to at most a thousand at once', async () => {
    const run_id = await start();
    const datasets = Array.from({ length: 1001 }, (_, index) => dataset(`d${index}`));
    expect(await mlflow.post('runs/log-inputs', { run_id, datasets })).toMatchObject(INVALID);
    expect(await inputsOf(run_id)).toEqual({});
  });
});

describe('the datasets of experiments', () => {
  const found = async (...experiment_ids: string[]) => {
    const { body } = await mlflow.post('experiments/search-datasets', { experiment_ids }, '/ajax-api/2.0/mlflow/');
    return (body as { dataset_summaries?: object[] }).dataset_summaries;
  };

  it('are told once for each context that they were read in, the runs counting together', async () => {
    const [one, two] = [await mlflow.experiment('datasets 1'), await mlflow.experiment('datasets 2')];
    await read(await start(one), [dataset('a', {}, 'training'), dataset('b')]);
    await read(await start(one), [dataset('a', {}, 'training')]);
    await read(await start(one), [dataset('a', {}, 'test')]);
    await read(await start(two), [dataset('c', { digest: 'h' }, 'training')]);
    const ofOne = [
      { experiment_id: one, name: 'a', digest: 'g', context: 'test' },
      { experiment_id: one, name: 'a', digest: 'g', context: 'training' },
      { experiment_id: one, name: 'b', digest: 'g' },
    ];
    expect(await found(one)).toEqual(ofOne);
    expect(await found(one, two)).toEqual([...ofOne, { experiment_id: two, name: 'c', digest: 'h', context: 'training' }]);
  });

  it('are at most a thousand', async () => {
    const experiment = await mlflow.experiment('many datasets');
    const run_id = await start(experiment);
    await read(
      run_id,
      Array.from({ length: 1000 }, (_, index) => dataset(`d${index}`)),
    );
    await read(run_id, [dataset('one more')]);
    expect(await found(experiment)).toHaveLength(1000);
  });

  it('are none of an experiment without any, or that nobody knows', async () => {
    expect(await found(await mlflow.experiment('no datasets'), '999999')).toBeUndefined();
  });
});

describe('a logged model', () => {
  it('begins pending, with what it was given and a place for its files', async () => {
    const run_id = await start();
    const made = await model({
      name: 'm',
      model_type: 'agent',
      source_run_id: run_id,
      params: [{ key: 'p', value: '1' }],
      tags: [{ key: 't', value: '2' }],
    });
    const { model_id } = made.info;
    expect(model_id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(made).toMatchObject({
      info: {
        experiment_id: experimentId,
        name: 'm',
        model_type: 'agent',
        source_run_id: run_id,
        status: 'LOGGED_MODEL_PENDING',
        artifact_uri: `mlflow-artifacts:/${experimentId}/models/${model_id}/artifacts`,
        tags: [{ key: 't', value: '2' }],
      },
      data: { params: [{ key: 'p', value: '1' }] },
    });
    expect((await mlflow.get(`logged-models/${model_id}`)).body).toEqual({ model: made });
  });

  it('gets a name where it has none', async () => {
    expect((await model()).info.name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
  });

  it.each(['LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED', 'LOGGED_MODEL_PENDING'])('is set to %s', async (status) => {
    const { model_id } = (await model()).info;
    expect((await patch(model_id, { status })).body).toMatchObject({ model: { info: { model_id, status } } });
  });

  it.each(['LOGGED_MODEL_STATUS_UNSPECIFIED', 'READY', 0, 9, null])('is not set to %j', async (status) => {
    const { model_id } = (await model()).info;
    expect(await patch(model_id, { status })).toMatchObject(INVALID);
  });

  it('keeps tags as they were set last, and params as they were first', async () => {
    const { model_id } = (await model()).info;
    await patch(`${model_id}/tags`, {
      tags: [
        { key: 't', value: '1' },
        { key: 't', value: '2' },
      ],
    });
    expect((await patch(`${model_id}/tags`, { tags: [{ key: 'u', value: '3' }] })).body).toMatchObject({
      model: {
        info: {
          tags: [
            { key: 't', value: '2' },
            { key: 'u', value: '3' },
          ],
        },
      },
    });
    await mlflow.did(`logged-models/${model_id}/params`, { params: [{ key: 'p', value: '1' }] });
    expect(await mlflow.post(`logged-models/${model_id}/params`, { params: [{ key: 'p', value: '2' }] })).toMatchObject(INVALID);
    expect(await remove(`${model_id}/tags/t`)).toMatchObject({ status: 200, body: {} });
    expect(await remove(`${model_id}/tags/t`)).toMatchObject(ABSENT);
    expect((await mlflow.get(`logged-models/${model_id}`)).body).toMatchObject({
      model: { info: { tags: [{ key: 'u', value: '3' }] }, data: { params: [{ key: 'p', value: '1' }] } },
    });
  });

  it('that is deleted is there for who asks for deleted ones, and for nobody else', async () => {
    const { model_id } = (await model({ name: 'gone' })).info;
    expect(await remove(model_id)).toMatchObject({ status: 200, body: {} });
    const answers = [
      await mlflow.get(`logged-models/${model_id}`),
      await mlflow.get(`logged-models/${model_id}`, { allow_deleted: 'false' }),
      await remove(model_id),
      await patch(model_id, { status: 'LOGGED_MODEL_READY' }),
      await patch(`${model_id}/tags`, { tags: [] }),
      await mlflow.post(`logged-models/${model_id}/params`, { params: [] }),
      await mlflow.get(`logged-models/${model_id}/artifacts/directories`),
    ];
    expect(answers.map(({ status, code }) => [status, code])).toEqual(answers.map(() => [404, 'RESOURCE_DOES_NOT_EXIST']));
    expect((await mlflow.get(`logged-models/${model_id}`, { allow_deleted: 'true' })).body).toMatchObject({
      model: { info: { name: 'gone' } },
    });
    const { body } = await mlflow.post('logged-models/search', { experiment_ids: [experimentId], filter: "name = 'gone'" });
    expect(body).toEqual({});
  });

  it('lists its files folder by folder', async () => {
    const { model_id, artifact_uri } = (await model()).info;
    const base = `/api/2.0/mlflow-artifacts/artifacts/${artifact_uri.replace('mlflow-artifacts:/', '')}`;
    for (const path of ['MLmodel', 'data/model.bin']) expect((await world.send('PUT', `${base}/${path}`, 'bytes')).status).toBe(200);
    const listed = (artifact_directory_path: string) =>
      mlflow.get(`logged-models/${model_id}/artifacts/directories`, { artifact_directory_path });
    const file = { path: 'MLmodel', is_dir: false, file_size: 5 };
    expect((await listed('')).body).toEqual({ root_uri: artifact_uri, files: [file, { path: 'data', is_dir: true }] });
    expect((await listed('data')).body).toEqual({
      root_uri: artifact_uri,
      files: [{ path: 'data/model.bin', is_dir: false, file_size: 5 }],
    });
    expect((await listed('absent')).body).toEqual({ root_uri: artifact_uri });
    expect(await listed('../up')).toMatchObject(INVALID);
  });

  it('has the metrics that runs measured of it', async () => {
    const { model_id } = (await model()).info;
    const run_id = await start();
    const metric = { key: 'acc', value: 0.5, timestamp: 1, step: 2, model_id, dataset_name: 'd', dataset_digest: 'g' };
    await mlflow.did('runs/log-metric', { run_id, ...metric });
    expect((await mlflow.get(`logged-models/${model_id}`)).body).toMatchObject({ model: { data: { metrics: [{ ...metric, run_id }] } } });
    expect(await mlflow.post('runs/log-metric', { run_id, ...metric, model_id: UNKNOWN_MODEL })).toMatchObject(ABSENT);
  });
});

describe('the logged models of a run', () => {
  it('are those that it took and those that it made, with the step, each once', async () => {
    const [taken, made] = [(await model()).info.model_id, (await model()).info.model_id];
    const run_id = await start();
    for (const _ of [1, 2]) {
      await mlflow.did('runs/log-inputs', { run_id, models: [{ model_id: taken }] });
      await mlflow.did('runs/outputs', { run_id, models: [{ model_id: made, step: 7 }] });
    }
    expect((await mlflow.get('runs/get', { run_id })).body).toMatchObject({
      run: { inputs: { model_inputs: [{ model_id: taken }] }, outputs: { model_outputs: [{ model_id: made, step: 7 }] } },
    });
  });

  it.each(['runs/log-inputs', 'runs/outputs'])('have to be there for %s', async (path) => {
    const run_id = await start();
    expect(await mlflow.post(path, { run_id, models: [{ model_id: UNKNOWN_MODEL }] })).toMatchObject(ABSENT);
    expect(await mlflow.post(path, { run_id, models: [{}] })).toMatchObject(INVALID);
  });
});

describe('the pages of a search', () => {
  interface Page {
    next_page_token?: string;
  }
  const SEARCHES = [
    { what: 'runs', path: 'runs/search', field: 'runs', body: () => ({ experiment_ids: [pagedId], order_by: ['start_time ASC'] }) },
    { what: 'experiments', path: 'experiments/search', field: 'experiments', body: () => ({ filter: "name LIKE 'paged%'" }) },
    { what: 'logged models', path: 'logged-models/search', field: 'models', body: () => ({ experiment_ids: [pagedId] }) },
  ];
  let pagedId = '';
  beforeAll(async () => {
    pagedId = await mlflow.experiment('paged 0');
    for (const index of [1, 2, 3, 4]) await mlflow.experiment(`paged ${index}`);
    for (const index of [0, 1, 2, 3, 4]) {
      await mlflow.run(pagedId, { start_time: index });
      await model({ experiment_id: pagedId, name: `m${index}` });
    }
  });

  it.each(SEARCHES)('of $what are the whole, and the last one has no token', async ({ path, field, body }) => {
    const idsOf = (answer: unknown) => (Reflect.get(answer as object, field) as object[]).map((one) => JSON.stringify(one));
    const whole = await mlflow.did<Page>(path, body());
    const seen: string[] = [];
    const sizes: number[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const page: Page = await mlflow.did<Page>(path, { ...body(), max_results: 2, page_token: token });
      seen.push(...idsOf(page));
      sizes.push(idsOf(page).length);
      token = page.next_page_token;
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect(seen).toEqual(idsOf(whole));
    expect(whole.next_page_token).toBeUndefined();
  });

  it.each(SEARCHES)('of $what end exactly where there is nothing more', async ({ path, body }) => {
    expect((await mlflow.did<Page>(path, { ...body(), max_results: 5 })).next_page_token).toBeUndefined();
  });

  it.each(SEARCHES)('of $what belong to one order: a token of another is refused', async ({ path, body }) => {
    const { next_page_token } = await mlflow.did<Page>(path, { ...body(), max_results: 2 });
    const order = path === 'logged-models/search' ? [{ field_name: 'name' }] : path === 'runs/search' ? ['run_name'] : ['name'];
    expect(await mlflow.post(path, { ...body(), order_by: order, max_results: 2, page_token: next_page_token })).toMatchObject(INVALID);
  });

  it('of logged models belong to one filter and one choice of experiments as well', async () => {
    const body = { experiment_ids: [pagedId], max_results: 2 };
    const { next_page_token: page_token } = await mlflow.did<Page>('logged-models/search', body);
    for (const change of [{ filter: "name != 'x'" }, { experiment_ids: [experimentId] }, { experiment_ids: [pagedId, experimentId] }]) {
      expect([change, await mlflow.post('logged-models/search', { ...body, ...change, page_token })]).toMatchObject([change, INVALID]);
    }
  });

  it('of runs stay where they were while runs are started before them', async () => {
    const body = { experiment_ids: [pagedId], max_results: 2, order_by: ['start_time DESC'] };
    const first = await mlflow.did<Page & { runs: { info: { start_time: number } }[] }>('runs/search', body);
    await mlflow.run(pagedId, { start_time: 100 });
    const second = await mlflow.did<typeof first>('runs/search', { ...body, page_token: first.next_page_token });
    expect([...first.runs, ...second.runs].map(({ info }) => info.start_time)).toEqual([4, 3, 2, 1]);
  });
});
