import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.end());

describe('experiments', () => {
  it('begin with Default, whose number is 0, in every workspace', async () => {
    const call = await world.elsewhere();
    expect(await world.tracking.experiments.get(call, { experimentId: '0' })).toMatchObject({
      name: 'Default',
      artifactLocation: 'mlflow-artifacts:/0',
    });
    await Promise.all([1, 2, 3].map(() => world.tracking.ensureDefaultExperiment(call)));
    expect(await world.tracking.experiments.create(call, { name: 'first' })).toMatchObject({
      experimentId: '1',
      artifactLocation: 'mlflow-artifacts:/1',
    });
  });

  it('get numbers of their own when many are made at once', async () => {
    const call = await world.elsewhere();
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => world.tracking.experiments.create(call, { name: `e${index}` })),
    );
    expect(new Set(made.map(({ experimentId }) => experimentId)).size).toBe(12);
  });

  it('keep imported numbers of 18 digits, which do not move the next ones', async () => {
    const call = await world.elsewhere();
    const imported = await world.tracking.experiments.create(call, { name: 'imported', experimentId: '123456789012345678' });
    expect(imported.experimentId).toBe('123456789012345678');
    expect(await world.tracking.experiments.get(call, { experimentId: '123456789012345678' })).toEqual(imported);
    expect((await world.tracking.experiments.create(call, { name: 'next' })).experimentId).toBe('1');
    const page = await world.tracking.experiments.search(call, { orderBy: ['experiment_id DESC'] }, { first: 1, after: null });
    expect(page.items).toEqual([imported]);
    expect(await codeOf(world.tracking.experiments.create(call, { name: 'again', experimentId: '123456789012345678' }))).toBe(
      'EXPERIMENT_EXISTS',
    );
  });

  it('take their runs along when they are deleted, and bring all of them back', async () => {
    const { experiments, runs } = world.tracking;
    const experiment = await experiments.create(world.call, { name: 'cascade' });
    const kept = await runs.create(world.call, { experiment });
    const dropped = await runs.create(world.call, { experiment });
    await runs.delete(world.call, dropped);
    await experiments.delete(world.call, experiment);
    expect([(await runs.get(world.call, kept)).lifecycle, (await experiments.get(world.call, experiment)).lifecycle]).toEqual([
      'DELETED',
      'DELETED',
    ]);
    expect(await codeOf(runs.restore(world.call, kept))).toBe('EXPERIMENT_NOT_ACTIVE');
    await experiments.restore(world.call, experiment);
    expect(await Promise.all([kept, dropped].map(async (run) => (await runs.get(world.call, run)).lifecycle))).toEqual([
      'ACTIVE',
      'ACTIVE',
    ]);
    expect(await codeOf(experiments.restore(world.call, experiment))).toBe('EXPERIMENT_NOT_DELETED');
  });

  it('keep their name when they are deleted', async () => {
    const { experiments } = world.tracking;
    const gone = await experiments.create(world.call, { name: 'taken' });
    await experiments.delete(world.call, gone);
    expect(await codeOf(experiments.create(world.call, { name: 'taken' }))).toBe('EXPERIMENT_EXISTS');
    expect(await codeOf(experiments.rename(world.call, gone, 'other'))).toBe('EXPERIMENT_NOT_ACTIVE');
    expect((await experiments.findByName(world.call, 'taken'))?.lifecycle).toBe('DELETED');
    const live = await experiments.create(world.call, { name: 'live' });
    expect(await codeOf(experiments.rename(world.call, live, 'taken'))).toBe('EXPERIMENT_EXISTS');
    expect((await experiments.rename(world.call, live, 'lively')).name).toBe('lively');
  });

  it.each([
    'file:///etc',
    '/etc',
    'C:\\data',
    'runs:/abc/x',
    'mlflow-artifacts:/0',
    'mlflow-artifacts://elsewhere/0',
    's3://bucket/../x',
    's3://bucket/%2e%2e/x',
    's3://bucket/%252e%252e/x',
    's3://bucket/x#y',
    's3://bucket/x;y',
    's3://bucket/x?a=../b',
    's3:///x',
    'https://host/a b',
    'nonsense',
  ])('refuse the artifact location %s', async (artifactLocation) => {
    expect(await codeOf(world.tracking.experiments.create(world.call, { name: `at ${artifactLocation}`, artifactLocation }))).toBe(
      'INVALID_ARTIFACT_LOCATION',
    );
  });

  it('take an external location, whose artifacts are not ours', async () => {
    const { experiments, runs, artifacts } = world.tracking;
    const experiment = await experiments.create(world.call, { name: 'external', artifactLocation: 's3://bucket/path/?region=x' });
    const run = await runs.create(world.call, { experiment });
    expect(run.artifactUri).toBe(`s3://bucket/path/${run.runId}/artifacts?region=x`);
    expect(await codeOf(artifacts.put(world.call, artifacts.ownedBy(run), 'a', await world.upload('x')))).toBe('ARTIFACTS_ELSEWHERE');
  });

  it.each([
    ['', 'INVALID_PARAMETER'],
    ['   ', 'INVALID_PARAMETER'],
    ['a\0b', 'INVALID_PARAMETER'],
    ['\udfff', 'INVALID_PARAMETER'],
    ['n'.repeat(501), 'INVALID_PARAMETER'],
  ])('refuse the name %j', async (name, code) => {
    expect(await codeOf(world.tracking.experiments.create(world.call, { name }))).toBe(code);
  });
});
