// Goal: a page of runs is the same with cards, without them, and with cards of some of its runs. Method: runs with everything that JSON has to
// escape and MLflow has to tell, searched for over HTTP before and after their cards were made.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { speakMlflow } from '../testing/mlflow.ts';
import type { MlflowClient } from '../testing/mlflow.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { cardWriter } from './run-pages.ts';

let world: World;
let mlflow: MlflowClient;
let experimentId: string;
const runIds: string[] = [];

const AWKWARD = ['plain', '"quoted"', 'back\\slash', 'line\nbreak', 'tab\t', 'Ünïcödé', '日本', '🦭', '\u001f\u001e', '</script>', ''];

beforeAll(async () => {
  world = await startWorld({ verifies: false });
  mlflow = speakMlflow(world);
  experimentId = await mlflow.experiment('pages');
  for (const [index, value] of AWKWARD.entries()) {
    const run_id = await mlflow.run(experimentId, { run_name: `run ${index}`, start_time: 1_000 + index });
    const metrics = [
      { key: 'score', value: index, timestamp: 5, step: 1 },
      { key: 'bad', value: 'NaN', timestamp: 5, step: 1 },
    ];
    await mlflow.did('runs/log-batch', { run_id, metrics, params: [{ key: 'value', value }], tags: [{ key: 'tag', value }] });
    const dataset = { name: `d ${value}`.slice(0, 20), digest: 'g', source_type: 'local', source: value || 's', schema: '{"a":"b"}' };
    await mlflow.did('runs/log-inputs', { run_id, datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'training' }], dataset }] });
    await mlflow.did('logged-models', { experiment_id: experimentId, source_run_id: run_id });
    runIds.push(run_id);
  }
  await world.services.tracking.engine.settleAll();
});
afterAll(() => world.close());

const call = async () => ({ caller: await world.services.access.localCaller() });

/** Makes cards of all runs that a condition holds for, and removes all others. */
async function keepCards(isKept: (index: number) => boolean): Promise<void> {
  const { database, tracking } = world.services;
  await database.sql('TRUNCATE run_card');
  const rows = await database.sql<{ id: string }>(`SELECT id FROM run WHERE run_id = ANY ($1) ORDER BY start_time_ms`, [runIds]);
  const kept = rows.filter((_, index) => isKept(index)).map(({ id }) => id);
  await tracking.cards.make(await call(), kept, cardWriter(world.services), 0);
  expect(await world.countRows('run_card')).toEqual({ run_card: kept.length });
}

const SEARCHES: Record<string, object> = {
  'in the default order': {},
  'ordered by a metric': { order_by: ['metrics.score ASC'] },
  'found by a filter': { filter: 'metrics.score > 3 and params.value != "x"' },
  'of a few': { max_results: 3 },
  'with room for more than a thousand': { max_results: 5_000 },
  'of none': { filter: 'params.value = "nobody has this"' },
};

describe.each(Object.entries(SEARCHES))('a page %s', (_, search) => {
  const page = async () => (await mlflow.post('runs/search', { experiment_ids: [experimentId], ...search })).text;
  const KEPT: Record<string, (index: number) => boolean> = {
    'with all cards': () => true,
    'with some cards': (index) => index % 2 === 0,
    'with one card': (index) => index === 4,
  };

  it.each(Object.entries(KEPT))('is the same %s as with none', async (_name, isKept) => {
    await keepCards(() => false);
    const without = await page();
    await keepCards(isKept);
    expect(await page()).toBe(without);
  });
});

it('a page with cards says what each run says alone', async () => {
  await keepCards(() => true);
  const { body } = await mlflow.post('runs/search', { experiment_ids: [experimentId] });
  const { runs } = body as { runs: { info: { run_id: string } }[] };
  const alone = await Promise.all(
    runs.map(async ({ info }) => ((await mlflow.get('runs/get', { run_id: info.run_id })).body as { run: object }).run),
  );
  expect(runs).toEqual(alone);
  expect(runs).toHaveLength(AWKWARD.length);
});

it('a page shows what was logged a moment ago beside cards', async () => {
  await keepCards(() => true);
  const [run_id] = runIds;
  await mlflow.did('runs/log-metric', { run_id, key: 'fresh', value: 7, timestamp: 9 });
  const { body } = await mlflow.post('runs/search', { experiment_ids: [experimentId], order_by: ['start_time ASC'], max_results: 1 });
  const [first] = (body as { runs: { data: { metrics: { key: string; value: number }[] } }[] }).runs;
  expect(first?.data.metrics).toContainEqual({ key: 'fresh', value: 7, timestamp: 9, step: 0 });
});

it('pages go on behind their tokens, with cards', async () => {
  await keepCards((index) => index % 3 === 0);
  const seen: string[] = [];
  let page_token: string | undefined;
  do {
    const search = { experiment_ids: [experimentId], order_by: ['metrics.score DESC'], max_results: 4, page_token };
    const answer = await mlflow.did<{ runs: { info: { run_id: string } }[]; next_page_token?: string }>('runs/search', search);
    seen.push(...answer.runs.map(({ info }) => info.run_id));
    page_token = answer.next_page_token;
  } while (page_token !== undefined);
  expect(seen).toEqual(runIds.toReversed());
});

// The layout counts up with what it says of a run: where this changes, so must LAYOUT, or cards that are there already say the old.
it('a card of layout 1 looks as it always did', async () => {
  const id = await mlflow.experiment('layout');
  const run_id = await mlflow.run(id, { run_name: 'one', start_time: 1, user_id: 'ada', tags: [{ key: 'k', value: 'v' }] });
  await mlflow.did('runs/log-batch', {
    run_id,
    metrics: [{ key: 'm', value: 0.5, timestamp: 2, step: 3 }],
    params: [{ key: 'p', value: 'q' }],
  });
  await mlflow.did('runs/log-inputs', {
    run_id,
    datasets: [{ tags: [{ key: 't', value: 'u' }], dataset: { name: 'd', digest: 'g', source_type: 'local', source: 's' } }],
  });
  const { model } = await mlflow.did<{ model: { info: { model_id: string } } }>('logged-models', {
    experiment_id: id,
    source_run_id: run_id,
  });
  await mlflow.did('runs/update', { run_id, status: 'FINISHED', end_time: 4 });
  const { tracking } = world.services;
  await tracking.engine.settleAll();
  const run = await tracking.runs.get(await call(), { runId: run_id });
  const writer = cardWriter(world.services);
  await tracking.cards.make(await call(), [run.id], writer, 0);
  const card = (await tracking.cards.read(await call(), [run.id], writer.layout)).get(run.id);
  expect(writer.read(card ?? '')).toEqual({
    runId: run_id,
    name: 'one',
    status: 'FINISHED',
    isActive: true,
    startTimeMs: 1,
    endTimeMs: 4,
    metrics: [expect.objectContaining({ key: 'm', value: 0.5 })],
    params: [{ key: 'p', value: 'q' }],
    tags: [
      { key: 'k', value: 'v' },
      { key: 'mlflow.runName', value: 'one' },
    ],
  });
  expect([writer.layout, card]).toEqual([
    1,
    `{"info":{"run_id":"${run_id}","run_uuid":"${run_id}","run_name":"one","experiment_id":"${id}","user_id":"ada","status":"FINISHED","start_time":1,"end_time":4,` +
      `"artifact_uri":"mlflow-artifacts:/${id}/${run_id}/artifacts","lifecycle_stage":"active"},"data":{"metrics":[{"key":"m","value":0.5,"timestamp":2,"step":3}],` +
      `"params":[{"key":"p","value":"q"}],"tags":[{"key":"k","value":"v"},{"key":"mlflow.runName","value":"one"}]},"inputs":{"dataset_inputs":[{"tags":[{"key":"t","value":"u"}],` +
      `"dataset":{"name":"d","digest":"g","source_type":"local","source":"s"}}]},"outputs":{"model_outputs":[{"model_id":"${model.info.model_id}","step":0}]}}`,
  ]);
});

describe('a page from memory', () => {
  const page = async (search: object) => (await mlflow.post('runs/search', { experiment_ids: [experimentId], ...search })).text;
  const errors: unknown[] = [];
  const pages = new Map<object, string>();

  beforeAll(async () => {
    const { database, tracking } = world.services;
    const inExperiment = `experiment_id = (SELECT id FROM experiment WHERE experiment_id = $1)`;
    // So many that they are kept there.
    await database.sql(
      `INSERT INTO run (id, workspace_id, run_id, experiment_id, name, start_time_ms, artifact_uri, file_set_id)
       SELECT u.id, r.workspace_id, replace(u.id::text, '-', ''), r.experiment_id, 'filler', n, 'mlflow-artifacts:/x', u.id
       FROM (SELECT workspace_id, experiment_id FROM run WHERE ${inExperiment} LIMIT 1) r, (SELECT gen_random_uuid() AS id, n FROM generate_series(1, 500) AS n) u`,
      [experimentId],
    );
    for (const search of Object.values(SEARCHES)) pages.set(search, await page(search));
    const runs = await database.sql<{ id: string }>(`SELECT id FROM run WHERE ${inExperiment}`, [experimentId]);
    const ids = runs.map(({ id }) => id);
    const writer = cardWriter(world.services);
    await tracking.cards.make(await call(), ids, writer, 0);
    tracking.cards.start({ writer, onError: (error) => errors.push(error) });
    await vi.waitFor(async () => {
      const options = { page: { first: 1, after: null }, layout: writer.layout };
      const found = await tracking.cards.search(await call(), { experiments: [{ experimentId }] }, options);
      expect(found.items[0]?.card).toBeInstanceOf(Uint8Array);
    });
  });
  afterAll(() => world.services.tracking.cards.stop());

  it.each(Object.entries(SEARCHES))('is the same as one by SQL, %s', async (_, search) => {
    expect([await page(search), errors]).toEqual([pages.get(search), []]);
  });
});
