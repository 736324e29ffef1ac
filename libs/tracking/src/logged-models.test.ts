import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Experiment, LoggedModel, Run } from './types.ts';

let world: World;
let experiment: Experiment;
let run: Run;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'models' });
  run = await world.tracking.runs.create(world.call, { experiment, runId: 'trainer' });
});
afterAll(() => world.end());

const make = (input: object = {}): Promise<LoggedModel> =>
  world.tracking.loggedModels.create(world.call, { name: 'tree', sourceRun: run, ...input });

describe('logged models', () => {
  it('are made pending, in the experiment of their run, and finalized', async () => {
    const model = await make();
    expect(model).toMatchObject({
      status: 'PENDING',
      experimentId: experiment.experimentId,
      sourceRunId: 'trainer',
      sourceRunEvidence: 'ASSERTED',
    });
    expect(model.modelId).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model.artifactUri).toBe(`mlflow-artifacts:/${experiment.experimentId}/models/${model.modelId}/artifacts`);
    expect(await world.tracking.loggedModels.get(world.call, { modelId: model.modelId })).toEqual(model);
    expect((await world.tracking.loggedModels.finalize(world.call, model, 'READY')).status).toBe('READY');
  });

  it('are observed to be the run’s where its own token makes them', async () => {
    const call = { caller: { ...world.call.caller, runId: run.id } };
    const model = await world.tracking.loggedModels.create(call, { name: 'own', sourceRun: run });
    expect(model.sourceRunEvidence).toBe('OBSERVED');
  });

  it('are not the run’s alone any more, for good, once somebody else wrote to them or took something away', async () => {
    const { artifacts, loggedModels } = world.tracking;
    const own = { caller: { ...world.call.caller, runId: run.id } };
    const sha256 = await world.upload('a model');
    const evidenceAfter = async (change: (model: LoggedModel) => Promise<unknown>) => {
      const model = await loggedModels.create(own, { name: 'own', sourceRun: run });
      await artifacts.put(own, artifacts.ownedBy(model), 'a', sha256);
      await change(model);
      await artifacts.put(own, artifacts.ownedBy(model), 'a', sha256);
      return (await loggedModels.get(world.call, model)).sourceRunEvidence;
    };
    expect([
      await evidenceAfter((model) => artifacts.remove(own, artifacts.ownedBy(model), 'a')),
      await evidenceAfter((model) => artifacts.put(world.call, artifacts.ownedBy(model), 'b', sha256)),
      await evidenceAfter((model) => artifacts.remove(world.call, artifacts.ownedBy(model), 'a')),
      // What is refused changes nothing.
      await evidenceAfter((model) => codeOf(artifacts.put(world.call, artifacts.ownedBy(model), 'a/b', sha256))),
    ]).toEqual(['OBSERVED', 'ASSERTED', 'ASSERTED', 'OBSERVED']);
  });

  it('are only asserted to be of a run that has ended', async () => {
    const ended = await world.tracking.runs.create(world.call, { experiment });
    await world.tracking.runs.update(world.call, ended, { status: 'FINISHED' });
    const late = { caller: { ...world.call.caller, runId: ended.id } };
    expect((await world.tracking.loggedModels.create(late, { name: 'late', sourceRun: ended })).sourceRunEvidence).toBe('ASSERTED');
  });

  it('write params once and tags as often as wanted', async () => {
    const { loggedModels } = world.tracking;
    const model = await make({ params: [{ key: 'a', value: '1' }], tags: [{ key: 't', value: '1' }] });
    await loggedModels.setTags(world.call, model, [{ key: 't', value: '2' }]);
    await loggedModels.logParams(world.call, model, [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    expect(
      await codeOf(
        loggedModels.logParams(world.call, model, [
          { key: 'c', value: '3' },
          { key: 'a', value: '2' },
        ]),
      ),
    ).toBe('PARAM_CHANGED');
    const details = (await loggedModels.loadDetails(world.call, [model.id])).get(model.id);
    expect(details).toEqual({
      tags: [{ key: 't', value: '2' }],
      params: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
      metrics: [],
    });
    await loggedModels.deleteTag(world.call, model, 't');
    expect(await codeOf(loggedModels.deleteTag(world.call, model, 't'))).toBe('TAG_NOT_FOUND');
  });

  it('are gone when deleted, but still there for the edges that point at them', async () => {
    const { loggedModels } = world.tracking;
    const model = await make();
    await loggedModels.delete(world.call, model);
    expect(await codeOf(loggedModels.get(world.call, model))).toBe('LOGGED_MODEL_NOT_FOUND');
    expect(await codeOf(loggedModels.setTags(world.call, model, []))).toBe('LOGGED_MODEL_NOT_FOUND');
    expect((await loggedModels.findMany(world.call, [model.id])).map(({ lifecycle }) => lifecycle)).toEqual(['DELETED']);
  });

  it.each(['', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b", 'a\0b'])('refuse the name %j', async (name) => {
    // An empty name is made up, as MLflow's client relies on.
    expect(await codeOf(make({ name }))).toBe(name === '' ? '' : 'INVALID_PARAMETER');
  });

  it('are linked to the runs that start from them', async () => {
    const { loggedModels, runs } = world.tracking;
    const model = await make();
    const user = await runs.create(world.call, { experiment });
    await loggedModels.link(world.call, user, 'INPUT', [{ modelId: model.modelId }]);
    await loggedModels.link(world.call, user, 'INPUT', [{ modelId: model.modelId }]);
    const unknown = `m-${'0'.repeat(32)}`;
    expect(await codeOf(loggedModels.link(world.call, user, 'OUTPUT', [{ modelId: model.modelId }, { modelId: unknown }]))).toBe(
      'LOGGED_MODEL_NOT_FOUND',
    );
    const links = (await loggedModels.linksOfRuns(world.call, [user.id, run.id])) as Map<string, { modelId: string; direction: string }[]>;
    expect(links.get(user.id)).toEqual([
      { runUuid: user.id, loggedModelId: model.id, modelId: model.modelId, direction: 'INPUT', step: 0 },
    ]);
    expect(links.get(run.id)?.find(({ modelId }) => modelId === model.modelId)?.direction).toBe('OUTPUT');
  });

  it('keep the metrics that name them, beside the run’s own', async () => {
    const { loggedModels, runs } = world.tracking;
    const model = await make();
    const point = { key: 'acc', step: 1, timestampMs: 7, modelId: model.modelId };
    await runs.logBatch(world.call, run, {
      metrics: [
        { ...point, value: 0.5, datasetName: 'test', datasetDigest: 'd' },
        { ...point, value: 0.75 },
      ],
    });
    await runs.logBatch(world.call, run, { metrics: [{ ...point, value: 0.75 }] });
    const details = (await loggedModels.loadDetails(world.call, [model.id])).get(model.id);
    expect(details?.metrics).toEqual([
      { key: 'acc', value: 0.75, step: 1, timestampMs: 7, runId: 'trainer', datasetName: null, datasetDigest: null },
      { key: 'acc', value: 0.5, step: 1, timestampMs: 7, runId: 'trainer', datasetName: 'test', datasetDigest: 'd' },
    ]);
  });
});

describe('searches of logged models', () => {
  let group: Experiment;
  const find = async (input: object = {}): Promise<string> =>
    (await world.tracking.loggedModels.search(world.call, { experiments: [group], ...input }, { first: 100, after: null })).items
      .map(({ name }) => name)
      .join('');

  beforeAll(async () => {
    const { experiments, loggedModels, runs } = world.tracking;
    group = await experiments.create(world.call, { name: 'searched' });
    const searcher = await runs.create(world.call, { experiment: group, runId: 'searcher' });
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      world.now.ms += 1000;
      const model = await loggedModels.create(world.call, {
        name,
        experiment: group,
        ...(name === 'c' ? {} : { sourceRun: searcher, modelType: 'forest' }),
        params: [{ key: 'depth', value: String(index) }],
        tags: [{ key: 'team', value: 'ice' }],
      });
      if (name === 'b') await loggedModels.finalize(world.call, model, 'READY');
      if (name === 'c') await loggedModels.finalize(world.call, model, 'UPLOAD_FAILED');
      const metric = {
        key: 'acc',
        step: 0,
        timestampMs: 0,
        modelId: model.modelId,
        datasetName: index === 0 ? 'train' : 'test',
        datasetDigest: 'd',
      };
      if (name !== 'c') await runs.logBatch(world.call, searcher, { metrics: [{ ...metric, value: index / 2 }] });
    }
  });

  it.each([
    ['', 'cba'],
    ["name = 'a'", 'a'],
    ["name IN ('a', 'c')", 'ca'],
    ["status = 'READY'", 'b'],
    ["status = 'LOGGED_MODEL_READY'", 'b'],
    ["status = 'LOGGED_MODEL_UPLOAD_FAILED'", 'c'],
    ["status = 'FAILED'", 'c'],
    ["status NOT IN ('FAILED')", 'ba'],
    ["model_type ILIKE 'FOR%'", 'ba'],
    ["model_type != 'forest'", 'c'],
    ['model_type IS NULL', 'c'],
    ["source_run_id = 'searcher'", 'ba'],
    ["source_run_id NOT IN ('searcher')", 'c'],
    ["params.depth != '0'", 'cb'],
    ["tags.team = 'ice'", 'cba'],
    ['tags.none IS NULL', 'cba'],
    ['metrics.acc >= 0.5', 'b'],
    ['creation_time > 0 AND last_updated_timestamp > 0', 'cba'],
  ])('%s', async (filter, expected) => {
    expect(await find({ filter })).toBe(expected);
  });

  it('order by attributes and metrics, and take metrics of certain datasets only', async () => {
    expect(await find({ orderBy: [{ fieldName: 'metrics.acc', ascending: false }] })).toBe('bac');
    expect(await find({ orderBy: [{ fieldName: 'metrics.acc', ascending: true, datasetName: 'test' }] })).toBe('bca');
    expect(await find({ orderBy: [{ fieldName: 'name' }] })).toBe('abc');
    expect(await find({ filter: 'metrics.acc >= 0', datasets: [{ name: 'train', digest: 'd' }] })).toBe('a');
    expect(await codeOf(find({ orderBy: [{ fieldName: 'params.depth' }] }))).toBe('INVALID_ORDER');
    expect(await codeOf(find({ filter: "datasets.name = 'x'" }))).toBe('INVALID_FILTER');
  });

  it('page', async () => {
    const { loggedModels } = world.tracking;
    const search = { experiments: [group], orderBy: [{ fieldName: 'metrics.acc' }] };
    const first = await loggedModels.search(world.call, search, { first: 2, after: null });
    const last = first.items.at(-1);
    const second = await loggedModels.search(world.call, search, { first: 2, after: last === undefined ? '' : first.cursorOf(last) });
    expect([...first.items, ...second.items].map(({ name }) => name).join('')).toBe('abc');
  });
});

describe('artifacts', () => {
  it('belong to the run or model that a path of the proxy names', async () => {
    const model = await make();
    const { experimentId } = experiment;
    const owner = (path: string) => world.tracking.artifacts.ownerOf(world.call, path);
    expect(await owner(`${experimentId}/trainer/artifacts/a/b.txt`)).toMatchObject({
      kind: 'run',
      id: run.id,
      path: 'a/b.txt',
      ours: true,
    });
    expect(await owner(`${experimentId}/trainer/artifacts`)).toMatchObject({ kind: 'run', path: '' });
    expect(await owner(`${experimentId}/models/${model.modelId}/artifacts/MLmodel`)).toMatchObject({
      kind: 'loggedModel',
      id: model.id,
      path: 'MLmodel',
    });
    expect(
      await Promise.all(
        [
          `0/trainer/artifacts/a`,
          `${experimentId}/nobody/artifacts`,
          `${experimentId}/trainer/other`,
          'x',
          `${experimentId}/models/m-1/artifacts`,
        ].map((path) => codeOf(owner(path))),
      ),
    ).toEqual(Array(5).fill('ARTIFACT_NOT_FOUND'));
    expect(
      await Promise.all(
        [
          '',
          '/etc/passwd',
          `${experimentId}/trainer/artifacts/../../x`,
          `${experimentId}/trainer/artifacts/%2e%2e/x`,
          `${experimentId}\\x`,
          'a\0',
        ].map((path) => codeOf(owner(path))),
      ),
    ).toEqual(Array(6).fill('INVALID_PATH'));
  });

  it('are written while their run is in use, and only read afterwards', async () => {
    const own = await world.tracking.runs.create(world.call, { experiment });
    const owner = world.tracking.artifacts.ownedBy(own);
    const sha256 = await world.upload('content');
    const { artifacts } = world.tracking;
    await artifacts.put(world.call, owner, 'a/b.txt', sha256);
    await artifacts.put(world.call, owner, 'a/b.txt', sha256);
    await artifacts.put(world.call, owner, 'c.txt', sha256);
    await world.tracking.runs.delete(world.call, own);
    expect(await codeOf(artifacts.put(world.call, owner, 'd.txt', sha256))).toBe('RUN_NOT_ACTIVE');
    expect(await codeOf(artifacts.remove(world.call, owner, 'a'))).toBe('RUN_NOT_ACTIVE');
    expect((await artifacts.find(world.call, owner, 'a/b.txt'))?.sha256).toBe(sha256);
    expect((await artifacts.listFolder(world.call, owner, '', { first: 10, after: null })).items.map(({ name }) => name)).toEqual([
      'a',
      'c.txt',
    ]);
    await world.tracking.runs.restore(world.call, own);
    await artifacts.remove(world.call, owner, 'a');
    expect(await codeOf(artifacts.remove(world.call, owner, 'a'))).toBe('ARTIFACT_NOT_FOUND');
  });

  it('are kept by the collector as long as their run or model is there', async () => {
    const model = await make();
    const stray = await world.content.createFileSet(world.call);
    expect((await world.tracking.referencesOf({ fileSetIds: [run.fileSetId, model.fileSetId, stray] })).fileSetIds.sort()).toEqual(
      [run.fileSetId, model.fileSetId].sort(),
    );
  });
});
