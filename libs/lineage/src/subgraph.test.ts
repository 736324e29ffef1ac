// The subgraph as a router would run it: documents against its own schema.

import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLEAN, LIVE, newWorld, RAW, RUN, storyOf, VERSION } from './story.ts';
import type { World } from './story.ts';
import { createLineageSubgraph } from './subgraph.ts';
import type { GraphOfTest } from './testing.ts';
import { keyOf } from './walk.ts';

let world: World;
let graph: GraphOfTest;
beforeAll(async () => {
  world = await newWorld();
  graph = await storyOf(world, { clean: 'clean', raw: 'raw', model: 'model' });
});
afterAll(() => world.end());

async function run(
  source: string,
  variableValues: Record<string, unknown> = {},
  over: GraphOfTest = graph,
): Promise<{ data: unknown; errors: string[] }> {
  const { schema } = createLineageSubgraph(world.over(over).lineage, {
    collect: () => Promise.resolve({ manifests: 1, fileSets: 2, blobs: 3, objects: 4, uploads: 5, bytes: 6 }),
  });
  const result = await graphql({ schema, source, variableValues, contextValue: { caller: world.call.caller, requestId: 'test' } });
  // GraphQL's objects have no prototype; a copy compares like any other.
  return { data: JSON.parse(JSON.stringify(result.data)) as unknown, errors: (result.errors ?? []).map((error) => error.message) };
}

describe('the subgraph', () => {
  it('traces a deployment, its nodes as stubs of the entities that they stand for', async () => {
    const { data, errors } = await run(
      `query ($id: ID!) { traceDeployment(id: $id) {
        deployment { id } verified truncated fileCount integrity { unchecked intact damaged oldestCheckAt }
        nodes { id kind ref integrity subject { __typename ... on Deployment { id } ... on DatasetVersion { id } } }
        edges { from to relation evidence context }
        files(first: 1) { path sizeBytes role node integrity checkedAt }
        weakest { from evidence } gaps { kind } } }`,
      { id: keyOf(LIVE) },
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      traceDeployment: {
        deployment: { id: keyOf(LIVE) },
        verified: false,
        fileCount: 4,
        integrity: { unchecked: 4, intact: 0, damaged: 0, oldestCheckAt: null },
        files: [
          { path: 'penguins@2/test.csv', sizeBytes: '10', role: 'DATA', node: keyOf(CLEAN), integrity: 'UNCHECKED', checkedAt: null },
        ],
        weakest: { evidence: 'OBSERVED' },
        gaps: [],
      },
    });
    const { nodes, edges } = (data as { traceDeployment: { nodes: unknown[]; edges: unknown[] } }).traceDeployment;
    expect(nodes[0]).toEqual({
      id: keyOf(LIVE),
      kind: 'DEPLOYMENT',
      ref: 'deployment:production/api9',
      integrity: null,
      subject: { __typename: 'Deployment', id: keyOf(LIVE) },
    });
    expect(nodes[4]).toMatchObject({ kind: 'DATASET_VERSION', subject: { __typename: 'DatasetVersion', id: keyOf(CLEAN) } });
    expect(edges).toHaveLength(5);
  });

  it('answers the flat graph and the thread of any node', async () => {
    const { data, errors } = await run(
      `query ($id: ID!) {
        lineage(root: $id, direction: DOWNSTREAM, depth: 5) { root truncated cyclic nodes { id } edges { from to } }
        thread(id: $id) { run { id } modelVersion { id } deployments { id } data { id } edges { relation } gaps { message } } }`,
      { id: keyOf(RUN) },
    );
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      lineage: { root: keyOf(RUN), truncated: false, cyclic: false },
      thread: { run: { id: keyOf(RUN) }, modelVersion: { id: keyOf(VERSION) }, data: [{ id: keyOf(CLEAN) }] },
    });
  });

  it('adds to the things of other domains which withdrawn data they stand on', async () => {
    const withdrawn = {
      ...graph,
      nodes: graph.nodes.map((one) => (keyOf(one.node) === keyOf(RAW) ? { ...one, retraction: 'two islands were swapped' } : one)),
    };
    const source = `query ($ids: [_Any!]!) { _entities(representations: $ids) {
      ... on Run { withdrawnData { version { id } label reason } } ... on Deployment { withdrawnData { reason } } } }`;
    const ids = [
      { __typename: 'Run', id: keyOf(RUN) },
      { __typename: 'Deployment', id: keyOf(LIVE) },
    ];
    const { data, errors } = await run(source, { ids }, withdrawn);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [
        { withdrawnData: [{ version: { id: keyOf(RAW) }, label: expect.any(String) as string, reason: 'two islands were swapped' }] },
        { withdrawnData: [{ reason: 'two islands were swapped' }] },
      ],
    });
  });

  it('queues a verification, finds it again, and answers null for one that is not', async () => {
    const started = await run('mutation ($id: ID!) { verify(root: $id) { id root state totalFiles totalBytes requestedBy } }', {
      id: keyOf(LIVE),
    });
    expect(started.errors).toEqual([]);
    const { verify } = started.data as { verify: { id: string } };
    expect(verify).toMatchObject({ root: keyOf(LIVE), state: 'QUEUED', totalFiles: 7, requestedBy: 'ada' });
    const found = await run(
      `query ($id: ID!) { verification(id: $id) { id } verifications(first: 1) { nodes { id } }
        none: verification(id: "verification_00000000-0000-7000-8000-000000000000") { id } }`,
      { id: verify.id },
    );
    expect(found).toEqual({
      data: { verification: { id: verify.id }, verifications: { nodes: [{ id: verify.id }] }, none: null },
      errors: [],
    });
  });

  it('answers what a collection found', async () => {
    const { data } = await run('mutation { collect(dryRun: true) { dryRun manifests fileSets blobs objects uploads bytes } }');
    expect(data).toEqual({ collect: { dryRun: true, manifests: 1, fileSets: 2, blobs: 3, objects: 4, uploads: 5, bytes: '6' } });
  });

  it.each([
    ['a depth of 51', `{ lineage(root: "${keyOf(RUN)}", direction: UPSTREAM, depth: 51) { root } }`, "'depth' must be"],
    ['1001 files', `{ traceDeployment(id: "${keyOf(LIVE)}") { files(first: 1001) { path } } }`, "'first' must be"],
    ['an unknown node', '{ thread(id: "run_x") { gaps { kind } } }', 'There is no'],
  ])('refuses %s in words', async (_, source, message) => {
    expect((await run(source)).errors).toEqual([expect.stringContaining(message)]);
  });
});
