// Goal: the one definition has two ways to run, and both answer alike: in one process through the merged schema, and behind a gateway that
// knows the committed supergraph and nothing else. Method: real questions over one told story, executed both ways, and compared: the data
// whole, the errors by message and path. graphql/stitched.test.ts does the same for made-up subgraphs and any query.

import { readFileSync } from 'node:fs';

import type { GraphqlContext } from '@throughline/graphql';
import type { GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createMergedSchema } from './graphql/merged-schema.ts';
import { answerOf, stitch } from './graphql/test-stitching.ts';
import { createSubgraphs } from './server.ts';
import { logModel, makeVersion, registerModel, startRun, tellStory } from './testing/story.ts';
import type { Story } from './testing/story.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let story: Story;
let merged: GraphQLSchema;
let stitched: GraphQLSchema;

const committed = (name: string) => readFileSync(new URL(`graphql/${name}.graphql`, import.meta.url), 'utf8');

beforeAll(async () => {
  world = await startWorld();
  const subgraphs = createSubgraphs(world.services);
  merged = createMergedSchema({ publicSdl: committed('schema'), subgraphs });
  stitched = stitch(committed('supergraph'), subgraphs);

  story = await tellStory(world, { name: 'penguins' });
  await tellStory(world, { name: 'seals', reads: 'word' });
  await world.verify(story.deployment.id);
  await world.command('logBatch', {
    run: story.run.id,
    params: [{ key: 'depth', value: '3' }],
    metrics: [1, 2, 3].map((step) => ({ key: 'loss', value: step === 2 ? 'NaN' : 1 / step, step })),
    tags: [{ key: 'team', value: 'birds' }],
  });
  await world.command('recordSighting', {
    input: {
      version: story.clean.id,
      sighting: { repository: 'https://example.org/data.git', path: 'data/penguins.csv', commit: 'a'.repeat(40) },
    },
  });
  await world.command('tagDatasetVersion', { version: story.clean.id, tag: 'holdout' });
  // A second version that nobody deployed, and a gap: a run that read what nobody registered.
  const run = await startRun(world, 'a gap');
  await world.mlflow('runs/log-inputs', {
    run_id: run.runId,
    datasets: [{ dataset: { name: 'unknown', digest: 'a1b2c3d4', source_type: 'http', source: '{"url":"https://example.org/a.csv"}' } }],
  });
  await registerModel(world, 'penguins', (await logModel(world, run, 'second weights')).id);
  await makeVersion(world, { dataset: 'unused', files: { 'a.csv': 'never read', 'b/c.csv': 'neither' } });
  await world.services.commands.settle();
});
afterAll(async () => {
  await world.close();
});

async function bothWays(query: string, variables: Record<string, unknown> = {}) {
  const caller = await world.services.access.localCaller();
  // Loaders hang on the context, so each way has one of its own.
  const context = (): GraphqlContext => ({ caller, requestId: 'compared' });
  return {
    merged: await answerOf(merged, { query, variables, context: context() }),
    stitched: await answerOf(stitched, { query, variables, context: context() }),
  };
}

const SUBJECT = `subject { __typename
  ... on Deployment { environment target digest isLive modelVersion { version } }
  ... on ModelVersion { ref aliases frozen: digest model { name } origin: run { name } }
  ... on LoggedModel { name readiness: status sourceRun { name } modelVersions { ref } }
  ... on Run { name status params { key value } modelVersions { ref } }
  ... on DatasetInput { name address: source sourceType run { name } }
  ... on DatasetVersion { ref digest fileCount tags usedBy { nodes { run { name } } } ofDataset: dataset { name } } }`;

interface Question {
  what: string;
  /** Whether there are errors to compare. */
  fails?: true;
  query: string;
  variables?: () => Record<string, unknown>;
}

describe('merged and stitched subgraphs answer alike', () => {
  it.each<Question>([
    { what: 'who asks', query: '{ viewer { name scope isLocal workspace { id name } } }' },
    {
      what: 'the list of runs, with data and models',
      query: `{ runs(first: 10) { totalCount pageInfo { hasNextPage endCursor } nodes { id ref name experiment { name }
        params { key value } metrics { key value min max step } tags { key value } inputs { name evidence context datasetVersion { ref digest dataset { name } } }
        modelVersions { ref aliases model { name } } loggedModels { name status } producedDatasets { ref } } } }`,
    },
    {
      what: 'the deployments, down to their data and back up',
      query: `{ deployments(first: 10) { totalCount nodes { ref isLive modelVersion { ref digest run { name inputs { evidence
        datasetVersion { ref usedBy { nodes { run { name modelVersions { deployments { nodes { ref } } } } } } } } } } } } }`,
    },
    {
      what: 'a dataset with its versions, files, sightings and what came of them',
      query: `{ dataset(id: "data:penguins") { name versionCount current { ref } tags { name version { number } } versions { nodes { ref number digest
        dvcMd5 isCurrent integrity files { totalCount nodes { path sha256 integrity downloadUrl } } entries { nodes { name isFolder } } sightings { repository commit }
        derivedFrom { ref } derivatives { ref producedBy { name } } producedBy { name } usedBy { nodes { evidence run { name } } } } }
        history { nodes { pointer version { ref } previous { ref } actor } } } }`,
    },
    {
      what: 'a model with its versions and the history of its aliases',
      query: `{ model(id: "model:penguins") { name versionCount latestVersion { version } aliases { alias version { ref } } versions { nodes { ref version stage runEvidence
        run { name inputs { name } } loggedModel { name sourceRun { name } } deployments { nodes { target } } files { nodes { path } } } }
        aliasHistory { nodes { alias action outcome version { ref } previous { ref } actor reason } } } }`,
    },
    {
      what: 'a trace',
      query: `query ($id: ID!) { traceDeployment(id: $id) { verified truncated fileCount integrity { intact damaged unchecked } weakest { from to relation evidence }
        deployment { ref modelVersion { ref } } nodes { id kind ref label detail integrity ${SUBJECT} } edges { from to relation evidence context }
        files(first: 5) { path sizeBytes sha256 integrity role node } gaps { node kind message hint } } }`,
      variables: () => ({ id: story.deployment.id }),
    },
    {
      what: 'a trace with an asserted step',
      query:
        '{ traceDeployment(id: "deployment:production/seals") { verified weakest { from to evidence } gaps { kind } deployment { id target } } }',
    },
    {
      what: 'the lineage upstream, with its subjects',
      query: `query ($id: ID!) { lineage(root: $id, direction: UPSTREAM) { root truncated cyclic nodes { id kind ref label integrity ${SUBJECT} } edges { from to relation evidence } } }`,
      variables: () => ({ id: story.version.id }),
    },
    {
      what: 'the lineage downstream, with its subjects',
      query: `query ($id: ID!) { lineage(root: $id, direction: DOWNSTREAM, depth: 10) { nodes { id kind ${SUBJECT} } edges { from to evidence } } }`,
      variables: () => ({ id: story.raw.id }),
    },
    {
      what: 'the lineage of a gap',
      query: `{ lineage(root: "model:penguins/2", direction: UPSTREAM) { nodes { kind label ${SUBJECT} } edges { relation evidence } } }`,
    },
    {
      what: 'the thread around a run',
      query: `query ($id: ID!) { thread(id: $id) { data { ref ${SUBJECT} } run { ref } modelVersion { ref } deployments { ref } edges { from to evidence } gaps { kind } } }`,
      variables: () => ({ id: story.run.id }),
    },
    {
      what: 'a chart, and logged models',
      query: `query ($id: ID!) { metricSeries(run: $id, key: "loss", buckets: 2) { pointCount buckets { fromStep toStep first last min max count } columns { toStep last min max toTimestampMs count } }
        run(id: $id) { loggedModels { name artifacts { nodes { path file { sha256 } } } modelVersions { ref } } artifacts { nodes { path } } } }`,
      variables: () => ({ id: story.run.id }),
    },
    {
      what: 'the difference of two versions',
      query:
        '{ datasetDiff(from: "data:penguins@1", to: "data:penguins@2") { addedCount changedCount bytesDelta from { ref usedBy { nodes { id } } } differences { path change before { sha256 } after { sha256 } } } }',
    },
    { what: 'the verifications', query: '{ verifications { nodes { root state totalFiles checkedFiles damagedFiles requestedBy } } }' },
    {
      what: 'the experiments',
      query: '{ experiments { nodes { name runCount metricKeys paramKeys runs { nodes { name modelVersions { ref } } } } } }',
    },
    {
      what: 'what is not there',
      query: '{ run(id: "run:none") { id modelVersions { id } } model(id: "model:none") { id } dataset(id: "data:none") { id } }',
    },
    {
      what: 'a bad page, beside a good one',
      fails: true,
      query: '{ model(id: "model:penguins") { name versions(first: 0) { nodes { id } } } viewer { name } }',
    },
    { what: 'an id of another kind', query: '{ run(id: "model:penguins") { id } viewer { name } }' },
    { what: 'a graph that is too deep', fails: true, query: '{ lineage(root: "data:penguins", direction: UPSTREAM, depth: 99) { root } }' },
  ])('on $what', async ({ query, variables = () => ({}), fails = false }) => {
    const answers = await bothWays(query, variables());
    expect(answers.merged).toEqual(answers.stitched);
    expect(answers.merged.errors.length > 0).toBe(fails);
  });

  it.each<Question>([
    {
      what: 'that is done',
      query: `mutation ($id: ID!) { setVersionTags(id: $id, tags: [{ key: "k", value: "v" }]) { __typename
        ... on ModelVersion { ref tags { key value } run { name inputs { datasetVersion { ref } } } } ... on Problem { code } } }`,
      variables: () => ({ id: story.version.id }),
    },
    {
      what: 'that is refused',
      query: `mutation ($id: ID!) { deleteVersion(id: $id) { __typename ... on ModelVersion { ref } ... on Problem { kind code message hint details } } }`,
      variables: () => ({ id: story.version.id }),
    },
  ])('to a command $what', async ({ query, variables = () => ({}) }) => {
    const answers = await bothWays(query, variables());
    expect(answers.merged).toEqual(answers.stitched);
  });
});

it('the subgraphs met no defect on the way', () => {
  expect(world.log).toEqual([]);
});
