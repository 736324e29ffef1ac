import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { GraphqlContext } from './context.ts';
import { defineLoader } from './loader.ts';
import type { Resolvers } from './subgraph.ts';
import { defineSubgraph } from './subgraph.ts';

const context: GraphqlContext = { caller: { workspaceId: 'w', principalId: 'p', name: 'n', scope: 'READ', runId: null }, requestId: 'r' };

function define(typeDefs: string, resolvers: Resolvers = {}, name = 'test') {
  return defineSubgraph({ name, typeDefs, resolvers });
}

const query = 'type Query { "One." one: Int }';
const Query = { one: () => 1 };

describe('defineSubgraph', () => {
  it('makes a federation schema that answers for its entities', async () => {
    const { schema, typeDefs } = define(
      'type Query { "A thing." thing: Thing } "A thing." type Thing @key(fields: "id") { "Its id." id: ID! "Its size." size: BigInt! }',
      {
        Query: { thing: () => ({ id: 1, size: 2n }) },
        Thing: { __resolveReference: ({ id }: { id: string }) => (id === '9' ? null : { id, size: 5n }) },
      },
    );
    const document = parse(
      'query ($of: [_Any!]!) { thing { id size } _entities(representations: $of) { __typename ... on Thing { id size } } _service { sdl } }',
    );
    const of = [
      { __typename: 'Thing', id: '7' },
      { __typename: 'Thing', id: '9' },
    ];
    const { data, errors } = await execute({ schema, document, variableValues: { of }, contextValue: context });
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ thing: { id: '1', size: '2' }, _entities: [{ __typename: 'Thing', id: '7', size: '5' }, null] });
    expect(typeDefs).toContain('@link(url: "https://specs.apollo.dev/federation/v2.9"');
  });

  it('lets loaders forget around each command, so that what follows sees what it did', async () => {
    let name = 'old';
    const load = defineLoader<string, { name: string }>(async (keys) => keys.map(() => ({ name })));
    const { schema } = define(
      `${query} type Mutation { "Renames." rename(to: String!): Thing } "A thing." type Thing { "Its name." name: String }`,
      {
        Query,
        Mutation: {
          rename: async (_: unknown, { to }: { to: string }, from: GraphqlContext) => {
            await load(from, 'x');
            name = to;
            return {};
          },
        },
        Thing: { name: (_: unknown, _args: unknown, from: GraphqlContext) => load(from, 'x').then((thing) => thing?.name) },
      },
    );
    const { data } = await execute({
      schema,
      document: parse('mutation { a: rename(to: "a") { name } b: rename(to: "b") { name } }'),
      contextValue: { ...context },
    });
    expect(data).toEqual({ a: { name: 'a' }, b: { name: 'b' } });
  });

  it.each<{ what: string; typeDefs: string; resolvers?: Resolvers; fault: string }>([
    { what: 'a root field without a resolver', typeDefs: query, resolvers: {}, fault: 'the field Query.one has no resolver' },
    {
      what: 'a field with arguments and no resolver',
      typeDefs: `${query} "T." type T { "F." f(x: Int): Int }`,
      fault: 'the field T.f takes arguments and has no resolver, so it would ignore them',
    },
    {
      what: 'a resolver for a field that is not there',
      typeDefs: query,
      resolvers: { Query: { ...Query, two: () => 2 } },
      fault: 'there is a resolver for Query.two',
    },
    {
      what: 'resolvers for a type that is not there',
      typeDefs: query,
      resolvers: { Query, Lost: {} },
      fault: 'there are resolvers for the type Lost',
    },
    {
      what: 'inner values of an enum',
      typeDefs: `${query} "E." enum E { "A." A }`,
      resolvers: { Query, E: { A: () => 1 } },
      fault: 'there is a resolver for E.A',
    },
    {
      what: 'an entity without a reference resolver',
      typeDefs: `${query} "T." type T @key(fields: "id") { "Id." id: ID! }`,
      fault: 'the entity T has no __resolveReference',
    },
    {
      what: 'a reference resolver without a key',
      typeDefs: `${query} "T." type T { "Id." id: ID! }`,
      resolvers: { Query, T: { __resolveReference: () => null } },
      fault: 'T has a __resolveReference, but no @key',
    },
    { what: 'a scalar that nobody implements', typeDefs: `${query} "S." scalar S`, fault: 'the scalar S has no GraphQLScalarType' },
    { what: 'a type without a description', typeDefs: `${query} type T { "F." f: Int }`, fault: 'the type T has no description' },
    { what: 'a field without a description', typeDefs: `${query} "T." type T { f: Int }`, fault: 'the field T.f has no description' },
    {
      what: 'an input field without a description',
      typeDefs: `${query} "I." input I { f: Int }`,
      fault: 'the field I.f has no description',
    },
    { what: 'a blank description', typeDefs: `${query} " " type T { "F." f: Int }`, fault: 'the type T has no description' },
  ])('refuses $what', ({ typeDefs, resolvers, fault }) => {
    expect(() => define(typeDefs, resolvers ?? { Query })).toThrow(fault);
  });

  it('refuses a name that a router could not take', () => {
    expect(() => define(query, { Query }, 'Not A Name')).toThrow('the name must match');
  });

  it('says everything that is wrong at once', () => {
    expect(() => define('type Query { one: Int }')).toThrow(/no description[^]*no resolver|no resolver[^]*no description/);
  });

  it('asks stubs and shared entities for no description of what their owner describes', () => {
    expect(() => define(`${query} type Stub @key(fields: "id", resolvable: false) { id: ID! }`, { Query })).not.toThrow();
  });
});
