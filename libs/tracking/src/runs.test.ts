import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Experiment } from './types.ts';

let world: World;
let experiment: Experiment;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'penguins' });
});
afterAll(() => world.end());

const start = (input: object = {}) => world.tracking.runs.create(world.call, { experiment, ...input });
const details = async (id: string) => {
  const all = await world.tracking.runs.loadDetails(world.call, [id], { params: true, metrics: true, tags: true, inputs: true });
  const found = all.get(id);
  if (found === undefined) throw new Error('no details');
  return found;
};

/** Sessions of this database that wait for somebody's lock. */
const countWaiting = async () => {
  const [row] = await world.test.database.sql<{ count: number }>(
    `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
};

describe('starting a run', () => {
  it('makes up an id, a name, a start and a place for its artifacts', async () => {
    const run = await start();
    expect(run).toMatchObject({ status: 'RUNNING', lifecycle: 'ACTIVE', startTimeMs: world.now.ms, endTimeMs: null, parentId: null });
    expect(run.runId).toMatch(/^[0-9a-f]{32}$/);
    expect(run.name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(run.artifactUri).toBe(`mlflow-artifacts:/${experiment.experimentId}/${run.runId}/artifacts`);
    const { tags, ...row } = run;
    expect(await world.tracking.runs.get(world.call, { runId: run.runId })).toEqual(row);
    expect((await details(run.id)).tags).toEqual(tags);
  });

  it('is one statement', async () => {
    const { statements } = world.test;
    statements.length = 0;
    await start({ tags: [{ key: 'a', value: 'b' }] });
    expect(statements).toHaveLength(1);
  });

  it('makes the empty set of its files', async () => {
    const { fileSetId } = await start();
    const call = world.call;
    expect(await world.content.listFilesIn(call, fileSetId, '', { first: 10, after: null })).toMatchObject({
      items: [],
      hasNextPage: false,
    });
    await world.content.putFile(call, fileSetId, { path: 'a.txt', sha256: await world.upload('the first file') });
    expect(await world.content.findFile(call, fileSetId, 'a.txt')).toMatchObject({ path: 'a.txt' });
  });

  it('leaves nothing behind where its id is taken', async () => {
    await start({ runId: 'taken' });
    const rows = () => world.test.database.sql('SELECT (SELECT count(*) FROM file_set) AS sets, (SELECT count(*) FROM run_tag) AS tags');
    const before = await rows();
    expect(await codeOf(start({ runId: 'taken', tags: [{ key: 'a', value: 'b' }] }))).toBe('RUN_EXISTS');
    expect(await rows()).toEqual(before);
  });

  it('keeps the name and its tag in step', async () => {
    const run = await start({ tags: [{ key: 'mlflow.runName', value: 'by tag' }] });
    expect(run.name).toBe('by tag');
    await world.tracking.runs.setTags(world.call, run, [{ key: 'mlflow.runName', value: 'by tag again' }]);
    expect((await world.tracking.runs.get(world.call, run)).name).toBe('by tag again');
    await world.tracking.runs.update(world.call, run, { name: 'by name' });
    expect((await details(run.id)).tags).toContainEqual({ key: 'mlflow.runName', value: 'by name' });
  });

  it('refuses a name and a tag that differ', async () => {
    expect(await codeOf(start({ name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] }))).toBe('RUN_NAME_CONFLICT');
  });

  it('finds its parent by the tag, and tells the children', async () => {
    const parent = await start();
    const child = await start({ tags: [{ key: 'mlflow.parentRunId', value: parent.runId }] });
    expect(child.parentId).toBe(parent.id);
    const pages = await world.tracking.runs.childrenOf(world.call, [parent.id], { first: 10, after: null });
    expect(pages.get(parent.id)?.items.map((run) => run.id)).toEqual([child.id]);
  });

  it('refuses an id that is taken', async () => {
    await start({ runId: 'imported' });
    expect(await codeOf(start({ runId: 'imported' }))).toBe('RUN_EXISTS');
  });

  it('refuses an experiment that was deleted', async () => {
    const gone = await world.tracking.experiments.create(world.call, { name: 'gone' });
    await world.tracking.experiments.delete(world.call, gone);
    expect(await codeOf(start({ experiment: gone }))).toBe('EXPERIMENT_NOT_ACTIVE');
  });

  it('waits for a deletion of its experiment that is under way, and is refused after it', async () => {
    const going = await world.tracking.experiments.create(world.call, { name: 'going' });
    const attempt = await world.test.database.transaction(async (tx) => {
      await world.tracking.experiments.delete({ ...world.call, tx }, going);
      const starting = codeOf(start({ experiment: going }));
      await expect.poll(countWaiting).toBe(1);
      return { starting };
    });
    expect(await attempt.starting).toBe('EXPERIMENT_NOT_ACTIVE');
  });

  it('holds up a deletion of its experiment, which then hides it', async () => {
    const going = await world.tracking.experiments.create(world.call, { name: 'going too' });
    const { run, deleting } = await world.test.database.transaction(async (tx) => {
      const started = await world.tracking.runs.create({ ...world.call, tx }, { experiment: going });
      const deletion = world.tracking.experiments.delete(world.call, going);
      await expect.poll(countWaiting).toBe(1);
      return { run: started, deleting: deletion };
    });
    await deleting;
    expect((await world.tracking.runs.get(world.call, run)).lifecycle).toBe('DELETED');
  });

  it('knows nothing of another workspace', async () => {
    const run = await start();
    const call = await world.elsewhere();
    expect(await world.tracking.runs.find(call, run)).toBeNull();
    expect(await codeOf(world.tracking.runs.logBatch(call, run, { metrics: [{ key: 'm', value: 1, step: 0, timestampMs: 0 }] }))).toBe(
      'RUN_NOT_FOUND',
    );
    expect(await codeOf(world.tracking.runs.create(call, { experiment }))).toBe('EXPERIMENT_NOT_FOUND');
  });

  it('needs the scope WRITE', async () => {
    const call = { caller: { ...world.call.caller, scope: 'READ' as const } };
    expect(await codeOf(world.tracking.runs.create(call, { experiment }))).toBe('SCOPE_TOO_SMALL');
  });
});

describe('details as JSON', () => {
  it('say what the details say, whatever the values hold', async () => {
    const tags = ['plain', '{"a": "b\\\\"}', 'two\nlines', 'a\u001fb', 'a\u001eb', '', '😀'].map((value, i) => ({ key: `t${i}`, value }));
    const awkward = await start({ tags });
    const params = [
      { key: 'p', value: 'x"y' },
      { key: 'a/b', value: '1' },
    ];
    const metrics = [0.1, Number.NaN, 1e-7, -3, Number.MAX_VALUE].map((value, i) => ({
      key: `m ${i}`,
      value,
      step: i,
      timestampMs: i * 10,
    }));
    await world.tracking.runs.logBatch(world.call, awkward, { params, metrics });
    const bare = await start();
    const json = await world.tracking.runs.loadDetailsJson(world.call, [awkward.id, bare.id, experiment.id]);
    expect([...json.keys()].sort()).toEqual([awkward.id, bare.id].sort());
    for (const { id } of [awkward, bare]) {
      const expected = await details(id);
      const found = json.get(id) ?? { params: '', tags: '', metrics: '' };
      expect(JSON.parse(`[${found.params}]`)).toEqual(expected.params);
      expect(JSON.parse(`[${found.tags}]`)).toEqual(expected.tags);
      const latest = expected.metrics.map(({ key, value, timestampMs, step }) => ({
        key,
        value: Number.isNaN(value) ? 'NaN' : value,
        timestamp: timestampMs,
        step,
      }));
      expect(JSON.parse(`[${found.metrics}]`)).toEqual(latest);
    }
  });
});

describe('logging to a run', () => {
  it('keeps the latest point by step, time and value, and the extremes', async () => {
    const run = await start();
    const point = (value: number, step: number, timestampMs: number) => ({ key: 'loss', value, step, timestampMs });
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point(5, 2, 10), point(9, 1, 99)] });
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point(7, 2, 10)] });
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point(-1, 2, 10), point(100, 0, 1000)] });
    expect((await details(run.id)).metrics).toEqual([{ key: 'loss', value: 7, step: 2, timestampMs: 10, min: -1, max: 100 }]);
  });

  it('counts a NaN as 0 for the latest and not at all for the extremes', async () => {
    const run = await start();
    const log = (key: string, value: number) =>
      world.tracking.runs.logBatch(world.call, run, { metrics: [{ key, value, step: 0, timestampMs: 0 }] });
    await log('a', -1);
    await log('a', Number.NaN);
    await log('b', Number.NaN);
    await log('b', 1);
    await log('c', Number.NaN);
    await log('d', Number.POSITIVE_INFINITY);
    await log('d', Number.NEGATIVE_INFINITY);
    const largest = Number.MAX_VALUE;
    expect((await details(run.id)).metrics.map(({ key, value, min, max }) => [key, value, min, max])).toEqual([
      ['a', Number.NaN, -1, -1],
      ['b', 1, 1, 1],
      ['c', Number.NaN, Number.NaN, Number.NaN],
      ['d', largest, -largest, largest],
    ]);
  });

  it('takes a param again with the same value, and never another', async () => {
    const run = await start();
    await world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'lr', value: '0.1' }] });
    await world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'lr', value: '0.1' }] });
    await expect(world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'lr', value: '0.2' }] })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'PARAM_CHANGED',
      message: `Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run ID='${run.runId}'. Attempted logging new value '0.2'.`,
    });
  });

  it('logs a batch wholly or not at all', async () => {
    const run = await start();
    await world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'lr', value: '0.1' }] });
    const batch = {
      params: [
        { key: 'a', value: '1' },
        { key: 'lr', value: '0.2' },
      ],
      metrics: [{ key: 'm', value: 1, step: 0, timestampMs: 0 }],
      tags: [{ key: 't', value: '1' }],
    };
    expect(await codeOf(world.tracking.runs.logBatch(world.call, run, batch))).toBe('PARAM_CHANGED');
    const { params, metrics, tags } = await details(run.id);
    expect({ params, metrics, tags: tags.filter(({ key }) => key === 't') }).toEqual({
      params: [{ key: 'lr', value: '0.1' }],
      metrics: [],
      tags: [],
    });
  });

  it('refuses every write to a deleted run, and takes them again once it is back', async () => {
    const run = await start();
    await world.tracking.runs.delete(world.call, run);
    const { runs } = world.tracking;
    const metrics = [{ key: 'm', value: 1, step: 0, timestampMs: 0 }];
    const codes = await Promise.all([
      codeOf(runs.logBatch(world.call, run, { metrics })),
      codeOf(runs.logBatch(world.call, run, { params: [{ key: 'a', value: '1' }] })),
      codeOf(runs.setTags(world.call, run, [{ key: 'a', value: '1' }])),
      codeOf(runs.update(world.call, run, { status: 'FINISHED' })),
      codeOf(runs.deleteTag(world.call, run, 'mlflow.runName')),
    ]);
    expect(new Set(codes)).toEqual(new Set(['RUN_NOT_ACTIVE']));
    await runs.restore(world.call, run);
    expect(await codeOf(runs.logBatch(world.call, run, { metrics }))).toBe('');
  });

  it.each([
    [
      'too many metrics',
      { metrics: Array.from({ length: 1001 }, (_, step) => ({ key: 'm', value: 1, step, timestampMs: 0 })) },
      'BATCH_TOO_LARGE',
    ],
    ['too many params', { params: Array.from({ length: 101 }, (_, index) => ({ key: `p${index}`, value: '' })) }, 'BATCH_TOO_LARGE'],
    [
      'a param twice',
      {
        params: [
          { key: 'a', value: '1' },
          { key: 'a', value: '1' },
        ],
      },
      'DUPLICATE_PARAM',
    ],
    ['a key that is too long', { params: [{ key: 'k'.repeat(251), value: '' }] }, 'INVALID_PARAMETER'],
    ['a key that climbs', { tags: [{ key: '../a', value: '' }] }, 'INVALID_PARAMETER'],
    ['a key with a percent sign', { tags: [{ key: 'a%b', value: '' }] }, 'INVALID_PARAMETER'],
    ['a value with NUL', { tags: [{ key: 'a', value: 'a\0b' }] }, 'INVALID_PARAMETER'],
    ['a value with half a character', { tags: [{ key: 'a', value: '\ud800' }] }, 'INVALID_PARAMETER'],
    ['a param that is too long', { params: [{ key: 'a', value: 'x'.repeat(6001) }] }, 'INVALID_PARAMETER'],
    ['a step that JSON cannot carry', { metrics: [{ key: 'a', value: 1, step: 2 ** 53, timestampMs: 0 }] }, 'INVALID_PARAMETER'],
    ['a time before 1970', { metrics: [{ key: 'a', value: 1, step: 0, timestampMs: -1 }] }, 'INVALID_PARAMETER'],
    [
      'an unknown logged model',
      { metrics: [{ key: 'a', value: 1, step: 0, timestampMs: 0, modelId: `m-${'0'.repeat(32)}` }] },
      'LOGGED_MODEL_NOT_FOUND',
    ],
  ])('refuses %s', async (_, batch, code) => {
    const run = await start();
    expect(await codeOf(world.tracking.runs.logBatch(world.call, run, batch))).toBe(code);
    expect(await details(run.id)).toMatchObject({ params: [], metrics: [] });
  });

  it('lets many writers log the same keys to one run at once', async () => {
    const run = await start();
    const keys = ['a', 'b', 'c', 'd'];
    await Promise.all(
      Array.from({ length: 40 }, (_, step) =>
        world.tracking.runs.logBatch(world.call, run, {
          metrics: (step % 2 === 0 ? keys : keys.toReversed()).map((key) => ({ key, value: step, step, timestampMs: step })),
          tags: [{ key: step % 3 === 0 ? 'mlflow.runName' : 'plain', value: `n${step}` }],
          params: [{ key: 'same', value: 'x' }],
        }),
      ),
    );
    const { metrics } = await details(run.id);
    expect(metrics.map(({ key, value, min, max }) => [key, value, min, max])).toEqual(keys.map((key) => [key, 39, 0, 39]));
    expect(await world.tracking.metrics.pointCounts(world.call, [run.id])).toEqual(new Map([[run.id, 160]]));
  });

  it('lets one of two writers of the same param win, and tells the other', async () => {
    const run = await start();
    const log = (value: string) => codeOf(world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'lr', value }] }));
    const codes = await Promise.all(['1', '2', '3'].map(log));
    expect(codes.toSorted()).toEqual(['', 'PARAM_CHANGED', 'PARAM_CHANGED']);
    expect((await details(run.id)).params).toEqual([{ key: 'lr', value: String(codes.indexOf('') + 1) }]);
  });

  it('keeps no point that came after a deletion, however close', async () => {
    const run = await start();
    const log = (step: number) =>
      codeOf(world.tracking.runs.logBatch(world.call, run, { metrics: [{ key: 'm', value: step, step, timestampMs: 0 }] }));
    const [codes] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, (_, step) => log(step))),
      world.tracking.runs.delete(world.call, run),
    ]);
    const page = await world.tracking.metrics.history(world.call, run, 'm', { first: 100, after: null });
    expect(page.items).toHaveLength(codes.filter((code) => code === '').length);
  });

  it('undoes a batch with the transaction that it was part of', async () => {
    const run = await start();
    const metrics = [{ key: 'm', value: 1, step: 0, timestampMs: 0 }];
    const work = world.test.database.transaction(async (tx) => {
      await world.tracking.runs.logBatch({ ...world.call, tx }, run, { metrics });
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect((await details(run.id)).metrics).toEqual([]);
  });

  it('writes metrics alone in one statement', async () => {
    const run = await start();
    world.test.statements.length = 0;
    await world.tracking.runs.logBatch(world.call, { runId: run.runId }, { metrics: [{ key: 'm', value: 1, step: 0, timestampMs: 0 }] });
    expect(world.test.statements).toHaveLength(1);
  });
});

describe('tags', () => {
  it('are removed once, and not found afterwards', async () => {
    const run = await start({ tags: [{ key: 'a', value: '1' }] });
    await world.tracking.runs.deleteTag(world.call, run, 'a');
    expect(await codeOf(world.tracking.runs.deleteTag(world.call, run, 'a'))).toBe('TAG_NOT_FOUND');
  });
});
