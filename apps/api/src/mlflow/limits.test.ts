// Goal: every limit of MLflow's protocol holds at its very edge, and what breaks one changes nothing. Method: each limit twice, with the
// largest value that fits and with the smallest that does not.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let mlflow: MlflowClient;
let experimentId: string;
let runId: string;
let modelId: string;

beforeAll(async () => {
  world = await startWorld();
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('limits');
  runId = await mlflow.run(experimentId);
  const made = await mlflow.did<{ model: { info: { model_id: string } } }>('logged-models', { experiment_id: experimentId });
  modelId = made.model.info.model_id;
});
afterAll(() => world.close());

const x = (length: number) => 'x'.repeat(length);
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const points = (count: number) => many(count, (step) => ({ key: 'm', value: 1, timestamp: 1, step }));
const pairs = (count: number) => many(count, (index) => ({ key: `k${index}`, value: '1' }));
const dataset = (change: object) => ({ datasets: [{ dataset: { name: 'd', digest: 'g', source_type: 't', source: 's', ...change } }] });
const tagged = (tag: object) => ({ datasets: [{ tags: [tag], dataset: { name: x(7), digest: 'g', source_type: 't', source: 's' } }] });
const onRun = (body: object) => () => ({ run_id: runId, ...body });
const onExperiment = (body: object) => () => ({ experiment_id: experimentId, ...body });

interface Limit {
  what: string;
  path: string;
  fits: () => object;
  breaks: () => object;
  words?: string;
}

const LIMITS: Limit[] = [
  {
    what: 'an experiment name of 500 characters',
    path: 'experiments/create',
    fits: () => ({ name: x(500) }),
    breaks: () => ({ name: x(501) }),
    words: "'name' exceeds the maximum length of 500 characters",
  },
  {
    what: 'a new experiment name of 500 characters',
    path: 'experiments/update',
    fits: onExperiment({ new_name: `y${x(499)}` }),
    breaks: onExperiment({ new_name: `y${x(500)}` }),
  },
  {
    what: "an experiment tag's value of 20,000 characters, which is not cut",
    path: 'experiments/set-experiment-tag',
    fits: onExperiment({ key: 'k', value: x(20_000) }),
    breaks: onExperiment({ key: 'k', value: x(20_001) }),
    words: 'exceeds the maximum length of 20000 characters',
  },
  {
    what: 'an artifact location of 2048 characters',
    path: 'experiments/create',
    fits: () => ({ name: 'located', artifact_location: `s3://b/${x(2041)}` }),
    breaks: () => ({ name: 'located too', artifact_location: `s3://b/${x(2042)}` }),
  },
  {
    what: 'a metric key of 250 characters',
    path: 'runs/log-metric',
    fits: onRun({ key: x(250), value: 1, timestamp: 1 }),
    breaks: onRun({ key: x(251), value: 1, timestamp: 1 }),
  },
  {
    what: 'a param key of 250 characters',
    path: 'runs/log-parameter',
    fits: onRun({ key: x(250), value: '1' }),
    breaks: onRun({ key: x(251), value: '1' }),
  },
  { what: 'a tag key of 250 characters', path: 'runs/set-tag', fits: onRun({ key: x(250) }), breaks: onRun({ key: x(251) }) },
  {
    what: 'a batch of 1000 metrics',
    path: 'runs/log-batch',
    fits: onRun({ metrics: points(1000) }),
    breaks: onRun({ metrics: points(1001) }),
    words: 'A batch logging request can contain at most 1000 metrics. Got 1001 metrics.',
  },
  {
    what: 'a batch of 100 params',
    path: 'runs/log-batch',
    fits: onRun({ params: pairs(100) }),
    breaks: onRun({ params: pairs(101) }),
    words: 'A batch logging request can contain at most 100 params. Got 101 params.',
  },
  {
    what: 'a batch of 100 tags',
    path: 'runs/log-batch',
    fits: onRun({ tags: pairs(100) }),
    breaks: onRun({ tags: pairs(101) }),
    words: 'A batch logging request can contain at most 100 tags. Got 101 tags.',
  },
  {
    what: 'a batch of 1000 things altogether',
    path: 'runs/log-batch',
    fits: onRun({ metrics: points(900), tags: pairs(100) }),
    breaks: onRun({ metrics: points(901), tags: pairs(100) }),
    words: 'A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags.',
  },
  {
    what: 'a dataset name of 500',
    path: 'runs/log-inputs',
    fits: onRun(dataset({ name: x(500) })),
    breaks: onRun(dataset({ name: x(501) })),
  },
  { what: 'a digest of 36', path: 'runs/log-inputs', fits: onRun(dataset({ digest: x(36) })), breaks: onRun(dataset({ digest: x(37) })) },
  {
    what: 'a dataset source of 65,535',
    path: 'runs/log-inputs',
    fits: onRun(dataset({ name: 'source', source: x(65_535) })),
    breaks: onRun(dataset({ name: 'source', source: x(65_536) })),
  },
  {
    what: 'a dataset schema of 1,048,575',
    path: 'runs/log-inputs',
    fits: onRun(dataset({ name: 'schema', schema: x(1_048_575) })),
    breaks: onRun(dataset({ name: 'schema', schema: x(1_048_576) })),
  },
  {
    what: 'a dataset profile of 16,777,215',
    path: 'runs/log-inputs',
    fits: onRun(dataset({ name: 'profile', profile: x(16_777_215) })),
    breaks: onRun(dataset({ name: 'profile', profile: x(16_777_216) })),
  },
  {
    what: "an input tag's key of 255",
    path: 'runs/log-inputs',
    fits: onRun(tagged({ key: x(255), value: 'v' })),
    breaks: onRun(tagged({ key: x(256), value: 'v' })),
  },
  {
    what: "an input tag's value of 500",
    path: 'runs/log-inputs',
    fits: onRun(tagged({ key: 'k', value: x(500) })),
    breaks: onRun(tagged({ key: 'k', value: x(501) })),
  },
  {
    what: 'a timestamp from 0',
    path: 'runs/log-metric',
    fits: onRun({ key: 'm', value: 1, timestamp: 0 }),
    breaks: onRun({ key: 'm', value: 1, timestamp: -1 }),
  },
  {
    what: 'a search of 50,000 runs',
    path: 'runs/search',
    fits: () => ({ experiment_ids: [experimentId], max_results: 50_000 }),
    breaks: () => ({ experiment_ids: [experimentId], max_results: 50_001 }),
    words: "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000.",
  },
  {
    what: 'a search of one run',
    path: 'runs/search',
    fits: () => ({ experiment_ids: [experimentId], max_results: 1 }),
    breaks: () => ({ experiment_ids: [experimentId], max_results: 0 }),
  },
  {
    what: 'a search of 50,000 experiments',
    path: 'experiments/search',
    fits: () => ({ max_results: 50_000 }),
    breaks: () => ({ max_results: 50_001 }),
    words: "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000.",
  },
  {
    what: 'a search of one experiment',
    path: 'experiments/search',
    fits: () => ({ max_results: 1 }),
    breaks: () => ({ max_results: 0 }),
    words: "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer.",
  },
  {
    what: 'a search of 50,000 logged models, though a page has 50 unless told',
    path: 'logged-models/search',
    fits: () => ({ experiment_ids: [experimentId], max_results: 50_000 }),
    breaks: () => ({ experiment_ids: [experimentId], max_results: 50_001 }),
  },
  {
    what: 'datasets of 20 experiments',
    path: 'experiments/search-datasets',
    fits: () => ({ experiment_ids: many(20, String) }),
    breaks: () => ({ experiment_ids: many(21, String) }),
    words: 'SearchDatasets request cannot specify more than 20 experiment_ids. Received 21 experiment_ids.',
  },
  {
    what: 'datasets of one experiment',
    path: 'experiments/search-datasets',
    fits: () => ({ experiment_ids: ['0'] }),
    breaks: () => ({ experiment_ids: [] }),
    words: 'SearchDatasets request must specify at least one experiment_id.',
  },
  {
    what: 'a metric of a logged model on a dataset with name and digest',
    path: 'runs/log-batch',
    fits: () => ({
      run_id: runId,
      metrics: [{ key: 'm', value: 1, timestamp: 1, model_id: modelId, dataset_name: 'd', dataset_digest: 'g' }],
    }),
    breaks: () => ({ run_id: runId, metrics: [{ key: 'm', value: 1, timestamp: 1, model_id: modelId, dataset_name: 'd' }] }),
    words: 'Both dataset_name and dataset_digest must be provided if one is provided',
  },
];

describe('a limit is', () => {
  it.each(LIMITS)('$what', async ({ path, fits, breaks, words = '' }) => {
    expect(await mlflow.post(path, fits())).toMatchObject({ status: 200 });
    const before = await world.countRows('experiment', 'experiment_tag', 'run_param', 'run_tag', 'logged_dataset', 'dataset_input');
    const refused = await mlflow.post(path, breaks());
    expect(refused).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
    expect(refused.message).toContain(words);
    expect(await world.countRows('experiment', 'experiment_tag', 'run_param', 'run_tag', 'logged_dataset', 'dataset_input')).toEqual(
      before,
    );
  });
});

describe('a batch', () => {
  it('of more than a megabyte is taken whole, as long as each of its parts is within its own limit', async () => {
    const run_id = await mlflow.run(experimentId);
    const long = (count: number, length: number) => many(count, (index) => ({ key: `k${index}`, value: x(length) }));
    const batch = { run_id, params: long(100, 6_000), tags: long(100, 8_000), metrics: points(800) };
    expect(JSON.stringify(batch).length).toBeGreaterThan(1_400_000);
    expect(await mlflow.post('runs/log-batch', batch)).toMatchObject({ status: 200 });
    const { body } = await mlflow.get('runs/get', { run_id });
    const { data } = (body as { run: { data: { params: { value: string }[]; tags: { key: string; value: string }[] } } }).run;
    const lengths = (values: { value: string }[]) => [values.length, ...new Set(values.map(({ value }) => value.length))];
    expect([lengths(data.params), lengths(data.tags.filter(({ key }) => key.startsWith('k')))]).toEqual([
      [100, 6_000],
      [100, 8_000],
    ]);
  });
});

describe('long values of params and tags', () => {
  const valueOf = async (kind: 'params' | 'tags', key: string, run = runId) => {
    const { body } = await mlflow.get('runs/get', { run_id: run });
    const { data } = (body as { run: { data: Record<string, { key: string; value: string }[]> } }).run;
    return data[kind]?.find((one) => one.key === key)?.value.length;
  };

  it('of runs are cut as the clients count on it', async () => {
    await mlflow.did('runs/log-parameter', { run_id: runId, key: 'cut', value: x(6001) });
    await mlflow.did('runs/log-batch', { run_id: runId, params: [{ key: 'cut in a batch', value: x(9000) }] });
    await mlflow.did('runs/set-tag', { run_id: runId, key: 'cut', value: x(8001) });
    const made = await mlflow.run(experimentId, { tags: [{ key: 'cut', value: x(9000) }] });
    expect(await valueOf('params', 'cut')).toBe(6000);
    expect(await valueOf('params', 'cut in a batch')).toBe(6000);
    expect(await valueOf('tags', 'cut')).toBe(8000);
    expect(await valueOf('tags', 'cut', made)).toBe(8000);
  });

  it('of params are the same again, since both are cut alike', async () => {
    await mlflow.did('runs/log-parameter', { run_id: runId, key: 'again', value: x(7000) });
    await mlflow.did('runs/log-parameter', { run_id: runId, key: 'again', value: x(8000) });
    expect(await valueOf('params', 'again')).toBe(6000);
  });
});

const KEYS = ['a', 'a/b', 'a:b', 'a b', 'a.b', 'a-b', 'a_b', 'ü', '日本', '²', '½', '...', 'a/..b', '.a', ' ', '0'];
const NO_KEYS = [
  '',
  'a//b',
  '/a',
  'a/',
  './a',
  'a/.',
  '..',
  '../a',
  'a/..',
  'a/../b',
  '.',
  '/',
  'a#b',
  'a+b',
  'a\\b',
  'a\nb',
  '\t',
  '😀',
  "a'b",
  '%2e',
  'a\0',
];

describe('a key of a metric, param or tag', () => {
  it.each(KEYS)('may be %j', async (key) => {
    const run = await mlflow.run(experimentId, { tags: [{ key, value: '1' }] });
    await mlflow.did('runs/log-metric', { run_id: run, key, value: 1, timestamp: 1 });
    await mlflow.did('runs/log-parameter', { run_id: run, key, value: '1' });
    await mlflow.did('experiments/set-experiment-tag', { experiment_id: experimentId, key, value: '1' });
    expect((await mlflow.get('runs/get', { run_id: run })).body).toMatchObject({
      run: { data: { metrics: [{ key }], params: [{ key }], tags: expect.arrayContaining([{ key, value: '1' }]) as unknown } },
    });
  });

  it.each(NO_KEYS)('that is %j could be taken for another, and is refused', async (key) => {
    const requests: [string, object][] = [
      ['runs/log-metric', { run_id: runId, key, value: 1, timestamp: 1 }],
      ['runs/log-parameter', { run_id: runId, key, value: '1' }],
      ['runs/set-tag', { run_id: runId, key, value: '1' }],
      ['runs/log-batch', { run_id: runId, metrics: [{ key, value: 1, timestamp: 1 }] }],
      ['runs/log-batch', { run_id: runId, params: [{ key, value: '1' }] }],
      ['runs/log-batch', { run_id: runId, tags: [{ key, value: '1' }] }],
      ['runs/create', { experiment_id: experimentId, tags: [{ key, value: '1' }] }],
      ['experiments/create', { name: `for ${key}`, tags: [{ key, value: '1' }] }],
      ['experiments/set-experiment-tag', { experiment_id: experimentId, key, value: '1' }],
    ];
    const answers = await Promise.all(requests.map(([path, body]) => mlflow.post(path, body)));
    expect(answers.map(({ status, code }) => [status, code])).toEqual(requests.map(() => [400, 'INVALID_PARAMETER_VALUE']));
  });

  it('in a batch is named by its place', async () => {
    const answer = await mlflow.post('runs/log-batch', {
      run_id: runId,
      metrics: [
        { key: 'ok', value: 1, timestamp: 1 },
        { key: 'a//b', value: 1, timestamp: 1 },
      ],
    });
    expect(answer.message).toContain("parameter 'metrics[1].name'");
  });
});

describe('the name of a logged model', () => {
  it.each(['a', 'ü b', '日本', 'a_b-c', '(1)'])('may be %j', async (name) => {
    const answer = await mlflow.post('logged-models', { experiment_id: experimentId, name });
    expect(answer.body).toMatchObject({ model: { info: { name } } });
  });

  it.each(['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])('that is %j is refused', async (name) => {
    const answer = await mlflow.post('logged-models', { experiment_id: experimentId, name });
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
    expect(answer.message).toContain('Invalid model name');
  });
});

describe('an artifact location', () => {
  it.each([
    'runs:/abc/model',
    's3://b/p#fragment',
    'https://h/p;params',
    's3://b/../p',
    'https://h/p?a=..',
    'file:///etc',
    '/etc',
    '../up',
  ])('that is %s is refused', async (artifact_location) => {
    const answer = await mlflow.post('experiments/create', { name: `at ${artifact_location}`, artifact_location });
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
  });
});

describe('a page of which nobody says how large', () => {
  /** Rows like those that a condition finds, with what has to differ. */
  const copies = (table: string, count: number, change: string, condition: string) =>
    world.database.database.sql(
      `INSERT INTO ${table} SELECT (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(), ${change}))).*
       FROM ${table} one, generate_series(1, ${count}) n WHERE ${condition}`,
    );

  it.each([
    ['runs', 1000],
    ['experiments', 1000],
    ['models', 50],
    ['registered_models', 100],
  ] as const)('has of %s at most %i, and a token for the rest', async (field, size) => {
    const name = `pages of ${field}`;
    const experiment = await mlflow.experiment(name);
    const make = {
      runs: async () => {
        const run = await mlflow.run(experiment);
        await copies('run', size, `'run_id', md5(n::text), 'file_set_id', gen_random_uuid()`, `run_id = '${run}'`);
      },
      experiments: () => copies('experiment', size, `'experiment_id', 1000000 + n, 'name', one.name || n`, `name = '${name}'`),
      models: () => Promise.all(many(size + 1, (n) => mlflow.did('logged-models', { experiment_id: experiment, name: `m${n}` }))),
      registered_models: () => Promise.all(many(size + 1, (n) => mlflow.did('registered-models/create', { name: `m${n}` }))),
    }[field];
    await make();
    const answer = {
      runs: () => mlflow.post('runs/search', { experiment_ids: [experiment] }),
      experiments: () => mlflow.post('experiments/search', {}),
      models: () => mlflow.post('logged-models/search', { experiment_ids: [experiment] }),
      registered_models: () => mlflow.get('registered-models/search', {}),
    }[field];
    const { body } = await answer();
    expect([(Reflect.get(body as object, field) as object[]).length, Reflect.has(body as object, 'next_page_token')]).toEqual([size, true]);
  });
});

describe('a search in no experiments', () => {
  it.each(['runs/search', 'logged-models/search'])('finds nothing by %s', async (path) => {
    expect(await mlflow.post(path, { experiment_ids: [] })).toMatchObject({ status: 200, text: '{}' });
    expect(await mlflow.post(path, {})).toMatchObject({ status: 200, text: '{}' });
  });
});

describe('a page token', () => {
  const asked = { experiment_ids: ['0'], max_results: 1 };
  it.each(['abc', '!', btoa('{"offset": 0}'), btoa('{"offset": "x"}'), btoa('[]'), btoa('null'), 'ü'])(
    'that is %j is refused by every search',
    async (page_token) => {
      const searches = ['runs/search', 'experiments/search', 'logged-models/search'];
      const answers = await Promise.all(searches.map((path) => mlflow.post(path, { ...asked, page_token })));
      const history = await mlflow.get('metrics/get-history', { run_id: runId, metric_key: 'm', page_token });
      for (const answer of [...answers, history]) {
        expect(answer).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
        expect(answer.message).toContain('Invalid page token');
      }
    },
  );
});
