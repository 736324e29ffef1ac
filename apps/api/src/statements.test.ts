// Goal: what a page costs follows its fields, not its rows. Method: the same query is asked for 5 rows and for 50, over rows that all have
// different neighbours, and the statements that reach PostgreSQL are counted. A warm-up comes first, for what is looked up once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const ROWS = 50;
const FEW = 5;

let world: World;
beforeAll(async () => {
  world = await startWorld({ verifies: false });
  const model = Buffer.from('the same weights for all');
  const weights = await world.upload(model);
  const each = Array.from({ length: ROWS }, (_, i) => i);
  // Ten lanes: the server is asked as often as its connections allow, and no story depends on another.
  const lanes = Array.from({ length: 10 }, async (_, lane) => {
    for (const i of each.filter((one) => one % 10 === lane)) await tell(i, weights);
  });
  await Promise.all(lanes);
  await world.services.commands.settle();
  // What was logged is settled by whoever reads first, in as many statements as that takes: here beforehand.
  await world.services.tracking.engine.settleAll();
});
afterAll(async () => {
  await world.close();
});

/** One story with neighbours of its own: an experiment, a dataset, a run, a logged model, a registered model and a deployment. */
async function tell(i: number, weights: string): Promise<void> {
  const experiment = await world.command('createExperiment', { input: { name: `experiment ${i}` } });
  const sha256 = await world.upload(Buffer.from(`data ${i}`));
  const files = [{ path: 'a.csv', sha256 }];
  const data = await world.command('registerDatasetVersion', { input: { dataset: `data-${i}`, files } });
  const one = await world.upload(Buffer.from(`one of many ${i}`));
  const all = ['a.csv', 'deep/b.csv', 'deep/er/c.csv'].map((path) => ({ path, sha256: one }));
  const many = await world.command('registerDatasetVersion', { input: { dataset: 'many', files: all, derivedFrom: [data.id] } });
  const run = await world.command('createRun', {
    input: { experiment: experiment.id, name: `run ${i}`, tags: [{ key: 'k', value: String(i) }] },
  });
  const metrics = ['loss', 'accuracy'].map((key) => ({ key, value: i }));
  await world.command('logBatch', { run: run.id, metrics, params: [{ key: 'depth', value: String(i) }] });
  await world.command('logInput', { run: run.id, input: { datasetVersion: data.id, files } });
  await world.command('logInput', { run: run.id, input: { datasetVersion: many.id, files: all } });
  const logged = await world.command('createLoggedModel', { input: { name: 'm', sourceRun: run.id } });
  await world.command('putArtifact', { owner: logged.id, path: 'model.bin', sha256: weights }, 'path');
  await world.command('putArtifact', { owner: run.id, path: 'out/log.txt', sha256 }, 'path');
  await world.command('finalizeLoggedModel', { id: logged.id, status: 'READY' });
  const version = await world.command('registerVersion', {
    input: { model: `model-${i}`, loggedModel: logged.id, tags: [{ key: 'k', value: 'v' }] },
  });
  await world.command('promote', { input: { version: version.id, alias: 'champion' } });
  await world.command('deploy', { input: { version: version.id, environment: 'production', target: `target-${i}` } });
}

/** How many rows a query's first list answers, and how many statements that takes. */
async function cost(query: string, first: number): Promise<{ rows: number; statements: number }> {
  const { statements } = world.database;
  statements.length = 0;
  const data = await world.query<Record<string, unknown>>(query, { first });
  return { rows: rowsOf(data), statements: statements.length };
}

function rowsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const nodes: unknown = Reflect.get(value, 'nodes');
  if (Array.isArray(nodes)) return nodes.length;
  return Math.max(0, ...Object.values(value).map(rowsOf));
}

const MODEL_VERSION = `id ref version description tags { key value } aliases stage source digest fileCount totalBytes integrity runEvidence
  createdBy createdAt model { id name } run { id name } loggedModel { id name } copiedFrom { id }
  deployments(first: 3) { nodes { id } totalCount }`;
const DATASET_VERSION = `id ref number digest dvcMd5 message tags isCurrent fileCount totalBytes integrity checkedAt createdBy createdAt
  dataset { id name } sightings { commit } retraction { reason } retractionHistory { reason } derivedFrom { id ref } derivatives { id ref }
  producedBy { id }`;

describe('a page of fifty costs as many statements as one of five', () => {
  it.each([
    {
      what: 'runs with everything that the table shows',
      query: `query ($first: Int) { runs(first: $first) { totalCount nodes { id ref runId name status user startedAt endedAt durationMs
        params { key value } metrics { key value min max } tags { key value } experiment { id name } parent { id } pointCount
        inputs { id name evidence datasetVersion { id ref digest dataset { name } } } modelVersions { id ref aliases model { name } }
        loggedModels { id name } startedFrom { id } producedDatasets { id } commit source } } }`,
    },
    {
      what: 'runs with their children',
      query: 'query ($first: Int) { runs(first: $first) { nodes { id children(first: 2) { nodes { id } } } } }',
    },
    {
      what: 'runs with their artifacts, and those of their models',
      query: `query ($first: Int) { runs(first: $first) { nodes { id artifacts(first: 2) { nodes { path isFolder sizeBytes file { sha256 } } pageInfo { hasNextPage } }
        out: artifacts(path: "out") { nodes { path } } loggedModels { artifacts { nodes { path file { sizeBytes } } } } } } }`,
    },
    {
      what: 'deployments with the files of their versions',
      query: `query ($first: Int) { deployments(first: $first) { nodes { id modelVersion {
        files(first: 2) { totalCount nodes { path sha256 } pageInfo { endCursor } } } } } }`,
    },
    {
      what: 'versions of one dataset with their files and folders',
      query: `query ($first: Int) { dataset(id: "data:many") { versions(first: $first) { nodes { id
        files(first: 2) { totalCount nodes { path sha256 } } below: files(under: "deep") { totalCount nodes { path } }
        entries { nodes { path isFolder sizeBytes } } deep: entries(path: "deep", first: 1) { nodes { path } } } } } }`,
    },
    {
      what: 'deployments down to their data',
      query: `query ($first: Int) { deployments(first: $first) { totalCount nodes { id ref environment target digest isLive startedAt startedBy
        previous { id } modelVersion { ${MODEL_VERSION} run { id name experiment { name } inputs { datasetVersion { ${DATASET_VERSION} } } } } } } }`,
    },
    {
      what: 'versions of one dataset with who used them',
      query: `query ($first: Int) { dataset(id: "data:many") { versions(first: $first) { nodes { ${DATASET_VERSION}
        usedBy(first: 3) { nodes { id evidence run { id name modelVersions { id ref } } } } } } } }`,
    },
    {
      what: 'datasets',
      query: `query ($first: Int) { datasets(first: $first) { totalCount nodes { id name description versionCount tags { name version { id } }
        current { id ref digest fileCount totalBytes integrity } versions(first: 2) { nodes { id number } } } } }`,
    },
    {
      what: 'datasets with their history',
      query: `query ($first: Int) { datasets(first: $first) { nodes { id history(first: 2) { nodes { pointer actor version { ref } previous { ref } } }
        tagged: history(pointer: "none", first: 1) { nodes { pointer } } } } }`,
    },
    {
      what: 'models',
      query: `query ($first: Int) { models(first: $first) { totalCount nodes { id name description tags { key } versionCount aliases { alias version { id version } }
        latestVersion { ${MODEL_VERSION} } versions(first: 2) { nodes { id } } aliasHistory(first: 2) { nodes { outcome version { id } previous { id } } } } } }`,
    },
    {
      what: 'experiments',
      query:
        'query ($first: Int) { experiments(first: $first) { totalCount nodes { id name runCount tags { key value } runs(first: 2) { nodes { id name } } } } }',
    },
    {
      what: 'experiments with the keys of their runs',
      query: 'query ($first: Int) { experiments(first: $first) { nodes { id metricKeys paramKeys } } }',
    },
  ])('$what', async ({ query }) => {
    await cost(query, FEW);
    const few = await cost(query, FEW);
    const many = await cost(query, ROWS);
    expect({ few: few.rows, many: many.rows }).toEqual({ few: FEW, many: ROWS });
    expect(many.statements, world.database.statements.join('\n')).toBe(few.statements);
  });
});

describe('a graph costs as many statements for many nodes as for few', () => {
  it('downstream of one dataset version', async () => {
    const ask = async (root: string) => {
      const { statements } = world.database;
      statements.length = 0;
      const { lineage } = await world.query<{ lineage: { nodes: unknown[] } }>(
        `query ($root: ID!) { lineage(root: $root, direction: DOWNSTREAM) { nodes { id kind label integrity subject { __typename
          ... on Run { name } ... on ModelVersion { ref } ... on Deployment { environment } ... on DatasetVersion { digest } ... on LoggedModel { name } } }
          edges { from to evidence } } }`,
        { root },
      );
      return { nodes: lineage.nodes.length, statements: statements.length };
    };
    const run = await world.command('createRun', { input: { experiment: 'experiment:0', name: 'gathers' } });
    const { datasets } = await world.query<{ datasets: { nodes: { current: { id: string } | null }[] } }>(
      '{ datasets(search: "data-", first: 50) { nodes { current { id } } } }',
    );
    // A version from which thirty others were made, each with a run, a model and a deployment behind it; and one with a single one.
    const sha256 = await world.upload(Buffer.from('the root of all'));
    const register = (dataset: string, derivedFrom: string[], i: number) =>
      world.command('registerDatasetVersion', { input: { dataset, files: [{ path: `${i}.csv`, sha256 }], derivedFrom } });
    const wide = await register('wide', [], 0);
    const narrow = await register('narrow', [], 1);
    const used = datasets.nodes.slice(0, 30);
    for (const [i] of used.entries()) {
      const child = await register(`child-${i}`, i === 0 ? [wide.id, narrow.id] : [wide.id], 100 + i);
      await world.command('logInput', { run: run.id, input: { datasetVersion: child.id } });
    }
    await ask(narrow.id);
    const [few, many] = [await ask(narrow.id), await ask(wide.id)];
    expect(many.nodes).toBeGreaterThan(few.nodes + 25);
    expect(many.statements).toBe(few.statements);
  });
});
