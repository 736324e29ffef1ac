import type { GraphqlContext, Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';
import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { composeSubgraphs } from './compose.ts';
import { createMergedSchema } from './merged-schema.ts';
import { makeWorld, testContext, testSubgraphs } from './test-subgraphs.ts';

function merge(subgraphs: Subgraph[]) {
  return createMergedSchema({ publicSdl: composeSubgraphs(subgraphs).publicSdl, subgraphs });
}

async function ask(query: string, world = makeWorld()) {
  const { data, errors } = await execute({ schema: merge(testSubgraphs(world)), document: parse(query), contextValue: testContext() });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
    errors: errors?.map(({ message, path }) => ({ message, path })),
    world,
  };
}

describe('a list of entities', () => {
  it('costs one batch for each store that it reaches, however many entities and fields there are', async () => {
    const { errors, world } = await ask(
      '{ versions(first: 12) { number run { name status modelVersions { number } } again: run { startedAt } } }',
    );
    expect(errors).toBeUndefined();
    expect(world.batches.toSorted((a, b) => a.loader.localeCompare(b.loader))).toEqual([
      { loader: 'registry.versionsOfRun', size: 12 },
      { loader: 'tracking.run', size: 12 },
    ]);
  });

  it('splits more than a thousand keys into batches', async () => {
    const { errors, world } = await ask('{ versions(first: 1001) { run { name } } }', makeWorld(1001));
    expect(errors?.length).toBe(1); // Run 13 is on fire.
    expect(world.batches.map((batch) => batch.size)).toEqual([1000, 1]);
  });

  it('asks nobody for what its home already said', async () => {
    const { world } = await ask('{ versions(first: 12) { run { id __typename } } }');
    expect(world.batches).toEqual([]);
  });

  it('keeps the path of each error', async () => {
    const { errors } = await ask('{ versions(first: 14) { run { broken } } }');
    expect(errors).toEqual([
      { message: 'Run 3 is broken.', path: ['versions', 2, 'run', 'broken'] },
      { message: 'the disk of run 13 is on fire', path: ['versions', 12, 'run', 'broken'] },
    ]);
  });
});

describe('a list whose items fail now and later', () => {
  it('leaves no rejection to nobody, which would end the process', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const subgraph = defineSubgraph({
      name: 'a',
      typeDefs: 'type Query { "Items." items: [Item!]! } "An item." type Item { "A value." value: Int! }',
      resolvers: {
        Query: { items: () => ['later', 'now'] },
        Item: { value: (when: string) => (when === 'now' ? null : new Promise((_, reject) => setImmediate(reject, new Error('later')))) },
      },
    });
    const { errors } = await execute({ schema: merge([subgraph]), document: parse('{ items { value } }'), contextValue: testContext() });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    process.off('unhandledRejection', note);
    expect(errors).toHaveLength(1);
    expect(unhandled).toEqual([]);
  });
});

describe('a document of several commands', () => {
  it('shows behind each command what that one did', async () => {
    const { data } =
      await ask(`mutation { a: renameRun(id: "run_r2", name: "one") { ...R } b: renameRun(id: "run_r2", name: "two") { ...R } }
      fragment R on RenameResult { ... on Run { name modelVersions { run { name } } } }`);
    expect(data).toEqual({
      a: { name: 'one', modelVersions: [{ run: { name: 'one' } }] },
      b: { name: 'two', modelVersions: [{ run: { name: 'two' } }] },
    });
  });
});

describe('what crosses between subgraphs', () => {
  const thing = (typeDefs: string, resolvers: Parameters<typeof defineSubgraph>[0]['resolvers'], name = 'a') =>
    defineSubgraph({ name, typeDefs, resolvers });

  it('is the key in the form in which a router would send it', async () => {
    const seen: unknown[] = [];
    const subgraphs = [
      thing('"""T.""" type T @key(fields: "id") { """Id.""" id: ID! } type Query { """A.""" things: [T!]! }', {
        Query: { things: () => [{ id: 7 }, { id: '8' }] },
        T: { __resolveReference: (reference: unknown) => reference },
      }),
      thing(
        'type T @key(fields: "id") { id: ID! """More.""" more: String }',
        {
          T: {
            __resolveReference: (reference: { id: unknown }) => {
              seen.push(reference);
              return reference;
            },
            more: () => 'more',
          },
        },
        'b',
      ),
    ];
    const { data } = await execute({ schema: merge(subgraphs), document: parse('{ things { more } }'), contextValue: testContext() });
    expect(data).toEqual({ things: [{ more: 'more' }, { more: 'more' }] });
    expect(seen).toEqual([
      { __typename: 'T', id: '7' },
      { __typename: 'T', id: '8' },
    ]);
  });

  it('is the context itself, so that loaders of one request are shared', async () => {
    const seen = new Set<GraphqlContext>();
    const note = (_: unknown, _args: unknown, context: GraphqlContext) => {
      seen.add(context);
      return 'noted';
    };
    const subgraphs = [
      thing('"""T.""" type T @key(fields: "id") { """Id.""" id: ID! """N.""" note: String } type Query { """A.""" t: T }', {
        Query: { t: () => ({ id: '1' }) },
        T: { __resolveReference: (reference: unknown) => reference, note },
      }),
      thing(
        'type T @key(fields: "id") { id: ID! """N.""" other: String }',
        { T: { __resolveReference: (reference: unknown) => reference, other: note } },
        'b',
      ),
    ];
    const context = testContext();
    await execute({ schema: merge(subgraphs), document: parse('{ t { note other } }'), contextValue: context });
    expect([...seen]).toEqual([context]);
  });
});

describe('what it cannot execute', () => {
  const query = 'type Query { """A.""" t: T }';
  const resolvers = { Query: { t: () => null }, T: { __resolveReference: (reference: unknown) => reference } };

  it('refuses nested keys', () => {
    const subgraph = defineSubgraph({
      name: 'a',
      typeDefs: `${query} """T.""" type T @key(fields: "u { id }") { """U.""" u: U! } """U.""" type U { """Id.""" id: ID! }`,
      resolvers,
    });
    expect(() => merge([subgraph])).toThrow('a: the key "u { id }" of T is not made of single non-null values');
  });

  it('refuses keys that may be null', () => {
    const subgraph = defineSubgraph({ name: 'a', typeDefs: `${query} """T.""" type T @key(fields: "id") { """Id.""" id: ID }`, resolvers });
    expect(() => merge([subgraph])).toThrow('a: the key "id" of T is not made of single non-null values');
  });

  it('refuses directives whose meaning it does not know', () => {
    const subgraph = defineSubgraph({
      name: 'a',
      typeDefs: `${query} """T.""" type T @key(fields: "id") { """Id.""" id: ID! @federation__external }`,
      resolvers,
    });
    expect(() => createMergedSchema({ publicSdl: 'type Query { t: T } type T { id: ID! }', subgraphs: [subgraph] })).toThrow(
      'a: @federation__external is not executed',
    );
  });

  it('refuses a field of the public schema that no subgraph has', () => {
    expect(() => createMergedSchema({ publicSdl: 'type Query { lost: Int }', subgraphs: [] })).toThrow('no subgraph declares Query.lost');
  });
});
