// Goal: the merged schema answers as a federation router would. Method: the same documents are executed over the same subgraphs
// twice, through the merged schema and through a stitching of the composed supergraph that knows nothing of it, and the answers
// are compared: the data whole, the errors by message and path.

import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSubgraphs } from './compose.ts';
import { createMergedSchema } from './merged-schema.ts';
import { queries } from './test-queries.ts';
import { answerOf, stitch } from './test-stitching.ts';
import { makeWorld, testContext, testSubgraphs } from './test-subgraphs.ts';

type Variables = Record<string, unknown>;

/** Both answers, each over a world of its own, so that what one changes the other does not see. */
function bothWays() {
  const subgraphs = testSubgraphs(makeWorld());
  const { publicSdl, supergraphSdl } = composeSubgraphs(subgraphs);
  const merged = createMergedSchema({ publicSdl, subgraphs });
  const stitched = stitch(supergraphSdl, testSubgraphs(makeWorld()));
  return async (query: string, variables: Variables = {}) => ({
    merged: await answerOf(merged, { query, variables, context: testContext() }),
    stitched: await answerOf(stitched, { query, variables, context: testContext() }),
  });
}

describe('the merged schema answers as stitching of the supergraph does', () => {
  it.each<{ what: string; query: string; variables?: Variables }>([
    { what: 'one entity, from its own subgraph', query: '{ run(id: "run_r2") { __typename id name status startedAt } }' },
    { what: 'an entity that is not there', query: '{ run(id: "run_gone") { id name modelVersions { id } } }' },
    {
      what: 'a list of 20 entities with fields of another subgraph, and back',
      query: '{ runs(first: 20) { nodes { id name modelVersions { id number run { id status } } } pageInfo { hasNextPage } } }',
    },
    { what: 'fields of other subgraphs alone, without the key', query: '{ versions(first: 20) { run { name } } }' },
    {
      what: 'edges of a connection',
      query: '{ runs(first: 3) { edges { cursor node { name modelVersions(first: 1) { number } } } pageInfo { endCursor } } }',
    },
    {
      what: 'aliases of one field with different arguments',
      query:
        '{ a: run(id: "run_r1") { x: metric(key: "k") y: metric(key: "k", scale: 3.5) } b: run(id: "run_r10") { x: metric(key: "nan") } }',
    },
    {
      what: 'default values of arguments and nested values',
      query: '{ run(id: "run_r1") { metrics { key last steps run { name modelVersions { id } } } } }',
    },
    {
      what: 'variables, input objects, enums and scalars of our own',
      query:
        'query ($filter: RunFilter, $keys: [String!]!) { runs(first: 4, filter: $filter) { nodes { status startedAt metrics(keys: $keys) { key steps } } } }',
      variables: { filter: { status: 'RUNNING', since: '1970-01-01T00:00:05+00:00' }, keys: ['loss'] },
    },
    { what: 'the default inside an input object', query: '{ runs(first: 20, filter: {}) { nodes { id status } } }' },
    { what: 'lists of lists with nulls', query: '{ run(id: "run_r1") { grid { key value } } }' },
    {
      what: 'a union of stubs whose owners fill the nodes',
      query: `{ lineage(root: "version_2") { edges { from to evidence } nodes { __typename
        ... on Run { id name modelVersions { number } } ... on ModelVersion { number run { name } } ... on DatasetVersion { id digest name usedBy { id name } } } } }`,
    },
    {
      what: 'stubs without a fetch',
      query: '{ lineage(root: "version_2", depth: 1) { nodes { __typename ... on Run { id } ... on ModelVersion { id } } } }',
    },
    {
      what: 'nulls in a list, and entities whose owner says that there are none',
      query:
        '{ lineage(root: "version_2") { maybe { __typename ... on Run { id broken parent { id } } ... on DatasetVersion { id digest } } } }',
    },
    {
      what: 'an interface',
      query: '{ node(id: "run_r2") { __typename id ... on Run { name modelVersions { id } } } gone: node(id: "run_no") { id } }',
    },
    {
      what: 'keys of several fields, and keys that others do not share',
      query:
        '{ run(id: "run_r1") { reads { name number id digest files { totalCount nodes { path sizeBytes integrity checkedAt } } usedBy { name } } } }',
    },
    {
      what: 'a shared value type of another subgraph',
      query:
        '{ version(name: "penguins", number: 1) { files(first: 2) { edges { cursor node { path downloadUrl } } pageInfo { hasNextPage endCursor } } usedBy { id } } }',
    },
    {
      what: 'an owner that lost what another still names',
      query: '{ run(id: "run_r2") { reads { name number digest files { totalCount } usedBy { id } } } }',
    },
    {
      what: 'fragments and directives',
      query:
        'query ($no: Boolean = false) { run(id: "run_r2") { ...F name @include(if: $no) } } fragment F on Run { id modelVersions @skip(if: false) { ...G } } fragment G on ModelVersion { number run { parent { name } } }',
    },
    {
      what: 'entities of the same type, one within the other',
      query: '{ versions(first: 20) { run { parent { modelVersions { run { parent { id } name } } } } } }',
    },
    { what: 'an error in a nullable field', query: '{ runs(first: 5) { nodes { id broken } } }' },
    { what: 'an error of the root', query: '{ failing { id } run(id: "run_r1") { id } }' },
    {
      what: 'a mutation and what another subgraph adds to its answer',
      query:
        'mutation { renameRun(id: "run_r2", name: "new") { ... on Run { id name modelVersions { number run { name } } } ... on Problem { kind } } }',
    },
    {
      what: 'a problem',
      query:
        'mutation { renameRun(id: "run_r2", name: "taken") { __typename ... on Run { id } ... on Problem { kind code message hint details } } }',
    },
    { what: 'an owner that knows nothing, where a field must not be null', query: '{ orphan { number run { id name } } }' },
    {
      what: 'an owner that knows nothing, up to the first field that may be null',
      query: '{ versions(first: 2) { id lostRun { id name } } orphan { number lostRun { id name } } }',
    },
    { what: 'an error of an owner', query: '{ versions(first: 14) { number run { id status } } }' },
    {
      what: 'a non-null field that its own subgraph leaves null',
      query: '{ runs(first: 5) { nodes { id parent { id } brokenHard } } run(id: "run_r1") { brokenHard } }',
    },
  ])('$what', async ({ query, variables }) => {
    const { merged, stitched } = await bothWays()(query, variables);
    expect(merged).toEqual(stitched);
  });

  it('for whatever query', async () => {
    const ask = bothWays();
    const schema = buildSchema(composeSubgraphs(testSubgraphs(makeWorld())).publicSdl);
    const pool = {
      id: ['"run_r1"', '"run_r2"', '"run_gone"'],
      first: ['1', '3', '6'],
      root: ['"version_2"'],
      depth: ['1', '3'],
      key: ['"k"', '"nan"'],
      keys: ['["loss"]', '[]'],
      name: ['"penguins"'],
      number: ['0', '1', '2'],
      filter: ['{ status: RUNNING }', '{}'],
    };
    await fc.assert(
      fc.asyncProperty(queries(schema, pool, { maxDepth: 6, maxFields: 40 }), async (query) => {
        // Where the subgraph between two keys has lost an entity, the gateway asks the third without a key. And where a field inside
        // a list breaks at once, the gateway now and then leaves promises of that list to themselves, which the merged schema never
        // does (see below).
        fc.pre(!query.includes('maybe') && !query.includes('brokenHard'));
        const { merged, stitched } = await ask(query);
        // Several errors under one field the gateway folds into one, so what is compared is the data, and that there are any.
        expect(merged.data).toEqual(stitched.data);
        expect(merged.errors.length > 0).toBe(stitched.errors.length > 0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the merged schema', () => {
  it('leaves no promise to itself, whatever the query breaks', async () => {
    const subgraphs = testSubgraphs(makeWorld());
    const { publicSdl } = composeSubgraphs(subgraphs);
    const merged = createMergedSchema({ publicSdl, subgraphs });
    const pool = { id: ['"run_r1"', '"run_gone"'], first: ['3', '6'], number: ['0', '1'], name: ['"penguins"'] };
    await fc.assert(
      fc.asyncProperty(queries(buildSchema(publicSdl), pool, { maxDepth: 6, maxFields: 40 }), async (query) => {
        // A rejection that nobody handles fails the whole run of the tests, as it would end the server.
        expect(await answerOf(merged, { query, context: testContext() })).toHaveProperty('data');
      }),
      { numRuns: 300 },
    );
  });
});
