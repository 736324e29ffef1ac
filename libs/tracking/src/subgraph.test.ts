// The subgraph on its own schema, without a router: what its resolvers answer, and how many statements they take.

import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId, nodeId } from '@throughline/kernel';

import { createTrackingSubgraph } from './subgraph.ts';
import { makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Run } from './types.ts';

let world: World;
let parent: Run;
const versionId = newId();

beforeAll(async () => {
  world = await makeWorld();
  const { tracking, call, now } = world;
  const experiment = await tracking.experiments.create(call, { name: 'penguins', tags: [{ key: 'team', value: 'ice' }] });
  parent = await tracking.runs.create(call, { experiment, name: 'parent' });
  for (let index = 0; index < 8; index += 1) {
    now.ms += 1000;
    const run = await tracking.runs.create(call, { experiment, parent, name: `child ${index}` });
    await tracking.runs.logBatch(call, run, {
      metrics: [{ key: 'accuracy', value: index / 10, step: 3, timestampMs: 5 }],
      params: [{ key: 'depth', value: String(index) }],
      tags: [{ key: 'mlflow.source.git.commit', value: 'c0ffee' }],
    });
    const [input] = await tracking.inputs.log(call, run, [
      { name: 'penguins', digest: 'abc', sourceType: 'local', source: 'p.csv', tags: [{ key: 'mlflow.data.context', value: 'training' }] },
    ]);
    if (input === undefined) throw new Error('no input');
    await tracking.inputs.resolveWith(call, input.id, { datasetVersionId: versionId, evidence: 'OBSERVED', resolvedBy: 'tag' });
    await tracking.loggedModels.create(call, { name: 'tree', sourceRun: run });
    await tracking.datasetOutputs.log(call, run, newId(), 'ASSERTED');
  }
});
afterAll(() => world.end());

const notOurs = () => Promise.reject(new Error('this command needs other domains'));

async function ask(source: string, variables: Record<string, unknown> = {}) {
  const { schema } = createTrackingSubgraph(world.tracking, {
    logInput: notOurs,
    resolveInput: notOurs,
    logDatasetOutput: notOurs,
    logBatch: (call, key, batch) => world.tracking.runs.logBatch(call, key, batch),
    deleteRunTag: (call, key, tag) => world.tracking.runs.deleteTag(call, key, tag),
    updateRun: (call, key, change) => world.tracking.runs.update(call, key, change),
    purge: (call, input) => world.tracking.purge.start(call, input),
    putArtifact: (call, { path, sha256 }) => world.tracking.artifacts.put(call, world.tracking.artifacts.ownedBy(parent), path, sha256),
  });
  const contextValue = { caller: world.call.caller, requestId: 'test' };
  const { data, errors } = await graphql({ schema, source, variableValues: variables, contextValue });
  if (errors !== undefined) throw errors[0] ?? new Error('no error');
  // Copied, since graphql's objects have no prototype.
  return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
}

const EVERYTHING = `
  query ($first: Int) {
    experiments(first: 10) { totalCount nodes { id ref name tags { key value } runCount metricKeys paramKeys
      runs(first: $first, orderBy: ["metrics.accuracy DESC"]) { totalCount pageInfo { hasNextPage } nodes {
        id ref name status user startedAt durationMs commit source pointCount
        experiment { id } parent { id } children(first: 2) { totalCount nodes { id name } }
        params { key value } metrics(keys: ["accuracy"]) { key value step timestamp min max } tags { key value }
        inputs { id name context evidence run { id } datasetVersion { id usedBy(first: 3) { nodes { id } } producedBy { id } } }
        producedDatasets { id } loggedModels { id ref name status sourceRunEvidence params { key } tags { key } sourceRun { id } } startedFrom { id }
      } } } }
  }`;

describe('the tracking subgraph', () => {
  it('takes as many statements for many runs as for one', async () => {
    const count = async (first: number) => {
      world.test.statements.length = 0;
      await ask(EVERYTHING, { first });
      return world.test.statements.length;
    };
    await count(1);
    const one = await count(1);
    expect(await count(9)).toBe(one);
  });

  it('bounds pages inside of pages, and takes no key that cannot be', async () => {
    const { runs } = await ask(
      '{ runs(first: 1000) { nodes { children(first: 1000) { nodes { id } } metrics(keys: ["a\\u0000", "accuracy"]) { key } } } }',
    );
    expect(runs).toBeDefined();
    for (let index = 0; index < 12; index += 1) await world.tracking.runs.create(world.call, { experiment: { experimentId: '0' } });
    await expect(ask('{ runs(first: 1000) { nodes { children(first: 1000) { nodes { id } } } } }')).rejects.toThrow(
      'Ask for smaller pages',
    );
  });

  it('answers runs ordered by a metric, the ones without it last', async () => {
    const { runs } = await ask(`{ runs(experiments: ["experiment:1"], orderBy: ["metrics.accuracy DESC"], filter: "params.depth != '3'") {
      totalCount nodes { name metrics { key value } user } } }`);
    expect(runs).toMatchObject({
      totalCount: 7,
      nodes: [{ name: 'child 7', metrics: [{ key: 'accuracy', value: 0.7 }] }, {}, {}, {}, {}, {}, { name: 'child 0' }],
    });
  });

  it('answers by node id and by reference', async () => {
    const { a, b } = await ask(
      `{ a: run(id: "${nodeId('run', parent.id)}") { name } b: run(id: "run:${parent.runId}") { name children { totalCount } } }`,
    );
    expect([a, b]).toEqual([{ name: 'parent' }, { name: 'parent', children: { totalCount: 8 } }]);
  });

  it('answers entities by reference, each kind in one statement', async () => {
    const ids = (await world.tracking.runs.search(world.call, { experiments: null }, { first: 5, after: null })).items.map((run) =>
      nodeId('run', run.id),
    );
    world.test.statements.length = 0;
    const { _entities } = await ask(`query ($them: [_Any!]!) { _entities(representations: $them) { ... on Run { name } } }`, {
      them: ids.map((id) => ({ __typename: 'Run', id })),
    });
    expect(_entities).toHaveLength(5);
    expect(world.test.statements).toHaveLength(1);
  });

  it('walks an experiment from its making to its deletion and back', async () => {
    const { createExperiment } = await ask(
      `mutation { createExperiment(input: { name: "walk", tags: [{ key: "a", value: "1" }] }) { ... on Experiment { id name tags { key } } ... on Problem { code } } }`,
    );
    const { id } = createExperiment as { id: string };
    const answers = await ask(
      `mutation ($id: ID!) {
        a: renameExperiment(id: $id, name: "walked") { ... on Experiment { name } }
        b: deleteExperiment(id: $id) { ... on Experiment { lifecycle } }
        c: createRun(input: { experiment: $id }) { __typename ... on Problem { kind code } }
        d: restoreExperiment(id: $id) { ... on Experiment { lifecycle } }
        e: createRun(input: { experiment: $id, name: "mine" }) { ... on Run { name user experiment { name } } }
        f: createExperiment(input: { name: "walked" }) { ... on Problem { kind code } }
      }`,
      { id },
    );
    expect(answers).toEqual({
      a: { name: 'walked' },
      b: { lifecycle: 'DELETED' },
      c: { __typename: 'Problem', kind: 'CONFLICT', code: 'EXPERIMENT_NOT_ACTIVE' },
      d: { lifecycle: 'ACTIVE' },
      e: { name: 'mine', user: 'ada', experiment: { name: 'walked' } },
      f: { kind: 'CONFLICT', code: 'EXPERIMENT_EXISTS' },
    });
  });

  it('starts a run under an id of the client, once', async () => {
    const answers = await ask(`mutation {
      first: createRun(input: { experiment: "experiment:0", runId: "mine-1" }) { ... on Run { runId ref } }
      again: createRun(input: { experiment: "experiment:0", runId: "mine-1" }) { ... on Problem { kind code } }
      wrong: createRun(input: { experiment: "experiment:0", runId: "../1" }) { ... on Problem { kind } }
    }`);
    expect(answers).toEqual({
      first: { runId: 'mine-1', ref: 'run:mine-1' },
      again: { kind: 'CONFLICT', code: 'RUN_EXISTS' },
      wrong: { kind: 'INVALID' },
    });
  });

  it('logs a batch and answers the run as it is then', async () => {
    const { logBatch } = await ask(
      `mutation ($run: ID!) { logBatch(run: $run, metrics: [{ key: "loss", value: "NaN", step: "7" }, { key: "gain", value: "Infinity" }], params: [{ key: "p", value: "1" }]) {
        ... on Run { metrics { key value step } params { key value } pointCount } ... on Problem { message } } }`,
      { run: nodeId('run', parent.id) },
    );
    expect(logBatch).toEqual({
      metrics: [
        { key: 'gain', value: Number.MAX_VALUE, step: '0' },
        { key: 'loss', value: 'NaN', step: '7' },
      ],
      params: [{ key: 'p', value: '1' }],
      pointCount: '2',
    });
  });

  it('answers a metric as buckets', async () => {
    const { metricSeries } = await ask(
      `{ metricSeries(run: "run:${parent.runId}", key: "loss", buckets: 10) { key pointCount buckets { fromStep toStep first last min max minStep maxStep count timestamp
        toTimestamp minTimestamp maxTimestamp } } }`,
    );
    expect(metricSeries).toMatchObject({
      pointCount: '1',
      buckets: [{ fromStep: '7', toStep: '7', first: 'NaN', min: 'NaN', minStep: '7', count: 1 }],
    });
  });

  it('answers the same buckets as columns, under other names and through fragments too', async () => {
    const metrics = [
      { key: 'curve', value: 'NaN', step: '-9007199254740991' },
      { key: 'curve', value: 0.1, step: '9007199254740991' },
    ];
    await ask(`mutation ($metrics: [MetricInput!]!) { logBatch(run: "run:${parent.runId}", metrics: $metrics) { ... on Run { id } } }`, {
      metrics,
    });
    const { metricSeries } = await ask(
      `{ metricSeries(run: "run:${parent.runId}", key: "curve", buckets: 10) {
          columns { __typename ends: toStep last ...extremes count @include(if: true) first @skip(if: true) }
          buckets { toStep last min max } } } fragment extremes on MetricColumns { min max minStep }`,
    );
    expect(metricSeries).toEqual({
      columns: {
        __typename: 'MetricColumns',
        ends: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
        last: ['NaN', 0.1],
        min: ['NaN', 0.1],
        max: ['NaN', 0.1],
        minStep: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
        count: [1, 1],
      },
      buckets: [
        { toStep: '-9007199254740991', last: 'NaN', min: 'NaN', max: 'NaN' },
        { toStep: '9007199254740991', last: 0.1, min: 0.1, max: 0.1 },
      ],
    });
  });

  it('lists artifacts folder by folder', async () => {
    const sha256 = await world.upload('weights');
    await ask(
      `mutation { putArtifact(owner: "run:${parent.runId}", path: "model/weights.bin", sha256: "${sha256}") { ... on File { path } ... on Problem { message } } }`,
    );
    const { run } = await ask(
      `{ run(id: "run:${parent.runId}") { root: artifacts { nodes { name isFolder } } inner: artifacts(path: "model") { nodes { path sizeBytes file { sha256 } } } } }`,
    );
    expect(run).toEqual({
      root: { nodes: [{ name: 'model', isFolder: true }] },
      inner: { nodes: [{ path: 'model/weights.bin', sizeBytes: '7', file: { sha256 } }] },
    });
  });

  it('answers null for what does not exist and says what is wrong with an id', async () => {
    expect(await ask(`{ run(id: "run:nobody") { id } experiment(id: "run_x") { id } }`)).toEqual({ run: null, experiment: null });
    await expect(ask(`{ runs(experiments: ["nonsense"]) { nodes { id } } }`)).rejects.toThrow("'nonsense' names no experiment");
  });
});
