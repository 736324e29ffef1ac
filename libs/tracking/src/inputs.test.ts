import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { claimOf, claimOfSource } from './claims.ts';
import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { DatasetInput, Experiment, Run } from './types.ts';

let world: World;
let experiment: Experiment;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'inputs' });
});
afterAll(() => world.end());

const start = (tags: { key: string; value: string }[] = []) => world.tracking.runs.create(world.call, { experiment, tags });

async function log(run: Run, data: object = {}): Promise<DatasetInput> {
  const [input] = await world.tracking.inputs.log(world.call, run, [
    { name: 'penguins', digest: 'abc', sourceType: 'local', source: '/p.csv', ...data },
  ]);
  if (input === undefined) throw new Error('nothing was logged');
  return input;
}

describe('logging an input', () => {
  it('keeps a dataset once for its experiment and an edge once for its run, the first tags winning', async () => {
    const [a, b] = [await start(), await start()];
    const first = await log(a, { tags: [{ key: 'mlflow.data.context', value: 'training' }] });
    const again = await log(a, { tags: [{ key: 'mlflow.data.context', value: 'test' }], source: '/other.csv' });
    const elsewhere = await log(b);
    expect(again).toEqual(first);
    expect(first).toMatchObject({ context: 'training', source: '/p.csv', evidence: 'ASSERTED', datasetVersionId: null, claim: null });
    expect(elsewhere).toMatchObject({ context: null, source: '/p.csv' });
    expect(await world.tracking.inputs.summaries(world.call, [experiment])).toEqual([
      { experimentId: experiment.experimentId, name: 'penguins', digest: 'abc', context: 'training' },
      { experimentId: experiment.experimentId, name: 'penguins', digest: 'abc', context: null },
    ]);
  });

  it('answers several in the order given, each once', async () => {
    const run = await start();
    const make = (name: string) => ({ name, digest: '1', sourceType: 'local', source: 's' });
    const logged = await world.tracking.inputs.log(world.call, run, [make('z'), make('a'), make('z')]);
    expect(logged.map(({ name }) => name)).toEqual(['z', 'a']);
  });

  it('notes what its source or else its run claims it to be', async () => {
    const run = await start([{ key: 'throughline.dataset', value: 'data:penguins@2' }]);
    expect(await log(run, { name: 'by tag' })).toMatchObject({ claim: 'data:penguins@2', claimedBy: 'tag' });
    expect(await log(run, { name: 'by source', source: 'data:gulls@1' })).toMatchObject({ claim: 'data:gulls@1', claimedBy: 'source' });
  });

  it('notes a claim that is made afterwards', async () => {
    const run = await start();
    const before = await log(run, { digest: 'later' });
    await world.tracking.runs.setTags(world.call, run, [{ key: 'throughline.dataset', value: 'data:penguins@7' }]);
    expect(await world.tracking.inputs.get(world.call, before.id)).toMatchObject({ claim: 'data:penguins@7', claimedBy: 'tag' });
  });

  it.each([
    ['no name', { name: '' }],
    ['a digest that is too long', { digest: 'd'.repeat(37) }],
    ['NUL in its source', { source: 'a\0' }],
    ['a tag that is too long', { tags: [{ key: 'k', value: 'v'.repeat(501) }] }],
  ])('refuses %s', async (_, data) => {
    expect(await codeOf(log(await start(), data))).toBe('INVALID_PARAMETER');
  });
});

describe('a claim', () => {
  it.each([
    ['data:penguins@2', 'data:penguins@2'],
    [' data:my%20set@2 ', 'data:my%20set@2'],
    ['https://ml.example:4000/api/v1/datasets/my%20set/versions/3/files/train.csv', 'data:my%20set@3'],
    ['{"url": "http://localhost:4000/api/v1/datasets/penguins/versions/1/files/a/b.csv"}', 'data:penguins@1'],
    ['{"uri": "data:penguins@1"}', 'data:penguins@1'],
    [`data:penguins@sha256:${'A'.repeat(64)}`, `data:penguins@sha256:${'a'.repeat(64)}`],
    ['team/data:penguins@2', null],
    ['data:penguins@0', null],
    ['run:abc', null],
    ['https://ml.example/api/v1/datasets/%ff/versions/3/files/x', null],
    ['{"uri": 1}', null],
    ['{broken', null],
    ['/home/ada/penguins.csv', null],
  ])('in %s is %s', (source, claim) => {
    expect(claimOfSource(source, () => true)).toBe(claim);
  });

  it.each([
    ['https://ml.example:4000/api/v1/datasets/penguins/versions/3/files/a.csv', 'data:penguins@3'],
    ['https://me:secret@ML.example/api/v1/datasets/penguins/versions/3/files/a.csv', 'data:penguins@3'],
    ['http://[::1]:4000/api/v1/datasets/penguins/versions/3/files/a.csv', 'data:penguins@3'],
    ['https://other.example/api/v1/datasets/penguins/versions/3/files/a.csv', null],
    ['https://ml.example@other.example/api/v1/datasets/penguins/versions/3/files/a.csv', null],
    ['{"url": "https://other.example/api/v1/datasets/penguins/versions/3/files/a.csv"}', null],
    ['http://a b/api/v1/datasets/penguins/versions/3/files/a.csv', null],
  ])('in an address is one where the server answers under its host: %s', (source, claim) => {
    expect(claimOfSource(source, (hostname) => ['ml.example', '::1'].includes(hostname))).toBe(claim);
  });

  it('is a dataset and nothing else', () => {
    expect(['data:a', 'data:a@raw', 'model:a@x'].map((text) => claimOf(text, () => true))).toEqual(['data:a', 'data:a@raw', null]);
  });
});

describe('resolving an input', () => {
  it('only ever raises its evidence', async () => {
    const input = await log(await start());
    const datasetVersionId = newId();
    const resolve = (evidence: 'ASSERTED' | 'OBSERVED' | 'MATCHED', resolvedBy: string) =>
      world.tracking.inputs.resolveWith(world.call, input.id, { datasetVersionId, evidence, resolvedBy });
    expect(await resolve('OBSERVED', 'source')).toMatchObject({ datasetVersionId, evidence: 'OBSERVED', resolvedBy: 'source' });
    expect(await resolve('ASSERTED', 'tag')).toMatchObject({ evidence: 'OBSERVED', resolvedBy: 'source' });
    expect(await resolve('MATCHED', 'hashes')).toMatchObject({ evidence: 'MATCHED', resolvedBy: 'hashes' });
    const page = await world.tracking.inputs.ofVersion(world.call, datasetVersionId, { first: 10, after: null });
    expect(page.items.map(({ id }) => id)).toEqual([input.id]);
  });

  it('never makes one version another', async () => {
    const input = await log(await start());
    const resolve = (datasetVersionId: string) =>
      world.tracking.inputs.resolveWith(world.call, input.id, { datasetVersionId, evidence: 'MATCHED', resolvedBy: 'hashes' });
    const results = await Promise.all([codeOf(resolve(newId())), codeOf(resolve(newId()))]);
    expect(results.sort()).toEqual(['', 'DATASET_INPUT_RESOLVED']);
  });

  it('is not for another workspace', async () => {
    const input = await log(await start());
    const call = await world.elsewhere();
    expect(
      await codeOf(world.tracking.inputs.resolveWith(call, input.id, { datasetVersionId: newId(), evidence: 'MATCHED', resolvedBy: 'x' })),
    ).toBe('DATASET_INPUT_NOT_FOUND');
  });
});

describe('resolving everything that waits for a version', () => {
  it('takes one statement for any number of inputs, and leaves what is another version or names another', async () => {
    const claimed = { source: 'data:awaited@1' };
    const runs = await Promise.all(Array.from({ length: 30 }, () => start()));
    const waiting = await Promise.all(runs.map((run) => log(run, claimed)));
    const [reader] = runs;
    const other = await log(await start(), { source: 'data:awaited@2', digest: 'two' });
    const known = await log(await start(), claimed);
    const [elsewhere, version] = [newId(), newId()];
    await world.tracking.inputs.resolveWith(world.call, known.id, { datasetVersionId: elsewhere, evidence: 'ASSERTED', resolvedBy: 'x' });
    world.test.statements.length = 0;
    const resolution = { datasetVersionId: version, observedRunIds: [reader?.id ?? ''] };
    const count = await world.test.database.transaction((tx) =>
      world.tracking.inputs.resolveWaiting({ ...world.call, tx }, ['data:awaited@1', 'data:awaited@sha256:x'], resolution),
    );
    expect([count, world.test.statements.filter((text) => text.includes('dataset_input')).length]).toEqual([30, 1]);
    const now = await world.tracking.inputs.findMany(
      world.call,
      waiting.map(({ id }) => id),
    );
    expect(now.map(({ datasetVersionId, resolvedBy }) => [datasetVersionId, resolvedBy])).toEqual(waiting.map(() => [version, 'source']));
    expect(now.filter(({ evidence }) => evidence === 'OBSERVED').map(({ runUuid }) => runUuid)).toEqual([reader?.id]);
    expect((await world.tracking.inputs.get(world.call, other.id)).datasetVersionId).toBeNull();
    expect((await world.tracking.inputs.get(world.call, known.id)).datasetVersionId).toBe(elsewhere);
  });

  it('is not for another workspace', async () => {
    const input = await log(await start(), { source: 'data:foreign@1', digest: 'foreign' });
    const resolution = { datasetVersionId: newId(), observedRunIds: [] };
    expect(await world.tracking.inputs.resolveWaiting(await world.elsewhere(), ['data:foreign@1'], resolution)).toBe(0);
    expect((await world.tracking.inputs.get(world.call, input.id)).datasetVersionId).toBeNull();
  });
});

describe('reads', () => {
  it('tell who read everything, among some runs or among those that wait', async () => {
    const [a, b] = ['1', '2'].map((character) => character.repeat(64)) as [string, string];
    const [whole, half, ended, idle] = [await start(), await start(), await start(), await start()];
    for (const run of [whole, half, ended, idle]) await log(run, { source: 'data:read@1', digest: 'read' });
    const stranger = await start();
    for (const run of [whole, ended, stranger]) await world.tracking.reads.record(world.call, run.id, [a, b]);
    await world.tracking.reads.record(world.call, half.id, [a]);
    await world.tracking.runs.update(world.call, ended, { status: 'FINISHED' });
    const { reads } = world.tracking;
    expect(await reads.readersOf(world.call, [a, b, b], { waitingFor: ['data:read@1'] })).toEqual([whole.id]);
    expect(await reads.readersOf(world.call, [a, b], { runIds: [half.id, stranger.id] })).toEqual([stranger.id]);
    expect(await reads.readersOf(await world.elsewhere(), [a, b], { runIds: [stranger.id] })).toEqual([]);
  });

  it('of a run that has ended are not recorded, nor those that arrive while it ends', async () => {
    const [before, during, after] = ['7', '8', '9'].map((character) => character.repeat(64)) as [string, string, string];
    const { reads, runs } = world.tracking;
    const run = await start();
    await reads.record(world.call, run.id, [before]);
    const { recording } = await world.test.database.transaction(async (tx) => {
      await runs.update({ ...world.call, tx }, run, { status: 'FINISHED' });
      const done: string[] = [];
      const late = reads.record(world.call, run.id, [during]).then(() => done.push(during));
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while (done.length === 0 && (await world.test.database.sql(waiting)).length === 0);
      return { recording: late };
    });
    await recording;
    await reads.record(world.call, run.id, [after]);
    expect(await reads.has(world.call, run.id, [before, during, after])).toEqual(new Set([before]));
  });

  it('are remembered once, for the run that read', async () => {
    const [run, other] = [await start(), await start()];
    const [a, b] = ['a', 'b'].map((character) => character.repeat(64)) as [string, string];
    await Promise.all([1, 2].map(() => world.tracking.reads.record(world.call, run.id, [a, a])));
    expect(await world.tracking.reads.has(world.call, run.id, [a, b])).toEqual(new Set([a]));
    expect(await world.tracking.reads.has(world.call, other.id, [a])).toEqual(new Set());
  });
});

describe('outputs', () => {
  it('tell who produced a version, with the strongest evidence first', async () => {
    const [weak, strong] = [await start(), await start()];
    const version = newId();
    const { datasetOutputs } = world.tracking;
    await datasetOutputs.log(world.call, weak, version, 'ASSERTED');
    await datasetOutputs.log(world.call, strong, version, 'OBSERVED');
    await datasetOutputs.log(world.call, strong, version, 'ASSERTED');
    expect((await datasetOutputs.producers(world.call, [version])).get(version)?.id).toBe(strong.id);
    expect(await datasetOutputs.ofRuns(world.call, [weak.id])).toEqual(new Map([[weak.id, [version]]]));
  });
});

describe('dataset versions', () => {
  it('are needed where a run read or produced them, deleted ones included', async () => {
    const [read, produced, unused] = [newId(), newId(), newId()];
    const run = await start();
    const input = await log(run, { digest: 'needed' });
    await world.tracking.inputs.resolveWith(world.call, input.id, { datasetVersionId: read, evidence: 'ASSERTED', resolvedBy: 'source' });
    await world.tracking.datasetOutputs.log(world.call, run, produced, 'ASSERTED');
    await world.tracking.runs.delete(world.call, run);
    const { datasetVersionIds } = await world.tracking.referencesOf({ datasetVersionIds: [read, produced, unused] });
    expect(datasetVersionIds.sort()).toEqual([read, produced].sort());
  });
});
