import type { GraphqlContext } from '@throughline/graphql';
import { defineLoader, defineSubgraph } from '@throughline/graphql';
import { conflict, DomainError, invariant } from '@throughline/kernel';
import Fastify from 'fastify';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { getIntrospectionQuery } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';

import { composeSubgraphs } from './compose.ts';
import { createMergedSchema } from './merged-schema.ts';
import { registerGraphql } from './server.ts';

const loadNumber = defineLoader<number, number>(async (keys) => keys);
let commands = 0;

const subgraph = defineSubgraph({
  name: 'test',
  typeDefs: `
    type Query {
      """Who asks."""
      me: String
      """Adds."""
      add(to: BigInt!, text: String): BigInt
      """Fails as a domain does."""
      conflict: String
      """Fails as a defect does."""
      defects(count: Int!): [String]
      """Fails by an internal error of ours."""
      internal: Int
      """Deeper."""
      deeper: Deeper
    }
    """Deeper."""
    type Deeper { """Deeper.""" deeper: Deeper """A number.""" number: Int }
    type Mutation {
      """Counts."""
      command: Int!
    }
  `,
  resolvers: {
    Query: {
      me: (_: unknown, _args: unknown, context: GraphqlContext) => context.caller.name,
      add: (_: unknown, { to }: { to: bigint }) => to + 1n,
      conflict: () => {
        throw conflict('NAME_TAKEN', 'The name is taken.', { hint: 'Take another.', details: { sizeBytes: 2n ** 60n } });
      },
      defects: (_: unknown, { count }: { count: number }) =>
        Array.from({ length: count }, () => new Error('SELECT secret FROM /root/passwords')),
      internal: () => invariant(false, 'the secret invariant'),
      deeper: (_: unknown, _args: unknown, context: GraphqlContext) => loadNumber(context, 1).then((number) => ({ number })),
    },
    Mutation: { command: () => (commands += 1) },
  },
});
const schema = createMergedSchema({ publicSdl: composeSubgraphs([subgraph]).publicSdl, subgraphs: [subgraph] });

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function serve(refusal?: Error) {
  const logged: { message: string; error: unknown }[] = [];
  const app = Fastify({ genReqId: () => 'request-7', bodyLimit: 300_000 });
  open.push(app);
  await registerGraphql(app, {
    schema,
    log: (message, error) => logged.push({ message, error }),
    contextOf: async (request) => {
      if (refusal !== undefined) throw refusal;
      return { caller: { workspaceId: 'w', principalId: 'p', name: 'Ada', scope: 'WRITE', runId: null }, requestId: request.id };
    },
    onHtml: async (_request, reply) => reply.type('text/html').send('<p>GraphiQL</p>'),
  });
  const send = async (options: InjectOptions) => {
    const response = await app.inject({ url: '/graphql', ...options });
    const isJson = String(response.headers['content-type']).includes('json');
    return { status: response.statusCode, headers: response.headers, text: response.body, body: isJson ? response.json<Answer>() : null };
  };
  const ask = (query: string, variables: Record<string, unknown> = {}) => send({ method: 'POST', payload: { query, variables } });
  return { send, ask, logged };
}

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

const codesOf = (body: Answer | null) => body?.errors?.map((error) => error.extensions['code']);

describe('the route', () => {
  it('answers a POST with the context of its request', async () => {
    const { ask } = await serve();
    const { status, body } = await ask('query ($to: BigInt!) { me add(to: $to) }', { to: '9007199254740993' });
    expect({ status, body }).toEqual({ status: 200, body: { data: { me: 'Ada', add: '9007199254740994' } } });
  });

  it('answers a GET with a query', async () => {
    const { send } = await serve();
    const { body } = await send({ method: 'GET', query: { query: '{ me }' }, headers: { 'apollo-require-preflight': 'yes' } });
    expect(body).toEqual({ data: { me: 'Ada' } });
  });

  it('runs no command by GET', async () => {
    const { send } = await serve();
    const before = commands;
    const { status } = await send({
      method: 'GET',
      query: { query: 'mutation { command }' },
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect({ status, ran: commands - before }).toEqual({ status: 405, ran: 0 });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'takes nothing that a foreign page could send: %s',
    async (type) => {
      const { send } = await serve();
      const before = commands;
      const { status } = await send({ method: 'POST', payload: '{"query":"mutation { command }"}', headers: { 'content-type': type } });
      expect([400, 415]).toContain(status);
      expect(commands).toBe(before);
    },
  );

  it('hands a browser to the page, without asking who it is', async () => {
    const { send } = await serve(new DomainError({ kind: 'unauthenticated', code: 'UNAUTHENTICATED', message: 'No.' }));
    const { status, text } = await send({ method: 'GET', headers: { accept: 'text/html,application/xhtml+xml' } });
    expect({ status, text }).toEqual({ status: 200, text: '<p>GraphiQL</p>' });
  });

  it('refuses several operations in one body', async () => {
    const { send } = await serve();
    const { status, body } = await send({ method: 'POST', payload: [{ query: '{ me }' }, { query: '{ me }' }] });
    expect({ status, codes: codesOf(body) }).toEqual({ status: 400, codes: ['BAD_REQUEST'] });
  });

  it('refuses persisted queries', async () => {
    const { send } = await serve();
    const { body } = await send({ method: 'POST', payload: { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } } });
    expect(codesOf(body)).toEqual(['PERSISTED_QUERY_NOT_SUPPORTED']);
  });
});

describe('who may not call', () => {
  it('gets 401 and how to do it, in the form of GraphQL', async () => {
    const { ask } = await serve(
      new DomainError({ kind: 'unauthenticated', code: 'UNAUTHENTICATED', message: 'This needs a token.', hint: 'Send one.' }),
    );
    const { status, headers, body } = await ask('{ me }');
    expect({ status, challenge: headers['www-authenticate'] }).toEqual({ status: 401, challenge: 'Bearer realm="Throughline"' });
    expect(body).toEqual({
      errors: [
        {
          message: 'This needs a token.',
          extensions: { code: 'UNAUTHENTICATED', kind: 'unauthenticated', reason: 'UNAUTHENTICATED', hint: 'Send one.' },
        },
      ],
    });
  });

  it('learns nothing of a defect on the way', async () => {
    const { ask, logged } = await serve(new Error('connect ECONNREFUSED /var/run/postgres'));
    const { status, text } = await ask('{ me }');
    expect(status).toBe(500);
    expect(text).not.toContain('postgres');
    expect(logged).toHaveLength(1);
  });
});

describe('errors', () => {
  it('of a domain say themselves, at their path', async () => {
    const { ask, logged } = await serve();
    const { status, body } = await ask('{ me conflict }');
    expect(status).toBe(200);
    expect(body?.data).toEqual({ me: 'Ada', conflict: null });
    expect(body?.errors).toEqual([
      {
        message: 'The name is taken.',
        locations: [{ line: 1, column: 6 }],
        path: ['conflict'],
        extensions: {
          code: 'CONFLICT',
          kind: 'conflict',
          reason: 'NAME_TAKEN',
          hint: 'Take another.',
          details: { sizeBytes: '1152921504606846976' },
        },
      },
    ]);
    expect(logged).toEqual([]);
  });

  it('that are defects give the request’s id alone, and the log the rest', async () => {
    const { ask, logged } = await serve();
    const { body, text } = await ask('{ defects(count: 1) }');
    expect(body?.errors?.[0]).toMatchObject({
      message: "Something went wrong on the server. The request's id is request-7.",
      path: ['defects', 0],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-7' },
    });
    expect(text).not.toMatch(/secret|\/root|stack/i);
    expect(logged).toEqual([
      { message: 'GraphQL request request-7 met a defect at defects.0', error: new Error('SELECT secret FROM /root/passwords') },
    ]);
  });

  it('that are internal are defects, whoever says so', async () => {
    const { ask, logged } = await serve();
    const { text } = await ask('{ internal }');
    expect(text).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });

  it('that come in hundreds do not flood the log', async () => {
    const { ask, logged } = await serve();
    const { body } = await ask('{ defects(count: 300) }');
    expect(body?.errors).toHaveLength(300);
    expect(logged).toHaveLength(10);
  });

  it.each([
    { what: 'no JSON', payload: '{"query":', code: 'BAD_USER_INPUT', status: 400 },
    { what: 'an empty body', payload: '', code: 'BAD_USER_INPUT', status: 400 },
    { what: 'a body without a query', payload: '{"variables":{}}', code: 'BAD_REQUEST', status: 400 },
    { what: 'a query that is no text', payload: '{"query":{"a":1}}', code: 'BAD_REQUEST', status: 400 },
    { what: 'a query that does not parse', payload: '{"query":"{ me"}', code: 'GRAPHQL_PARSE_FAILED', status: 400 },
    { what: 'a field that is not there', payload: '{"query":"{ you }"}', code: 'GRAPHQL_VALIDATION_FAILED', status: 400 },
    { what: 'a literal of the wrong type', payload: '{"query":"{ add(to: 1.5) }"}', code: 'GRAPHQL_VALIDATION_FAILED', status: 400 },
    {
      what: 'a variable of the wrong type',
      payload: '{"query":"query ($to: BigInt!) { add(to: $to) }","variables":{"to":"x"}}',
      code: 'BAD_USER_INPUT',
      status: 400,
    },
    {
      what: 'an operation that is not there',
      payload: '{"query":"query A { me }","operationName":"B"}',
      code: 'OPERATION_RESOLUTION_FAILURE',
      status: 400,
    },
    {
      what: 'a body above the limit',
      payload: `{"query":"{ me }","variables":{"x":"${'x'.repeat(300_001)}"}}`,
      code: 'BAD_USER_INPUT',
      status: 400,
    },
  ])('answer $what with $code', async ({ payload, code, status }) => {
    const { send, logged } = await serve();
    const answer = await send({ method: 'POST', payload, headers: { 'content-type': 'application/json' } });
    expect({ status: answer.status, codes: codesOf(answer.body) }).toEqual({ status, codes: [code] });
    expect(answer.text).not.toMatch(/node_modules|\.ts|stack/);
    expect(logged).toEqual([]);
  });
});

describe('limits', () => {
  it('refuse a query text above 100 kB', async () => {
    const { ask } = await serve();
    const { status, body } = await ask(`{ me } # ${'x'.repeat(100_000)}`);
    expect({ status, reason: body?.errors?.[0]?.extensions['reason'] }).toEqual({ status: 400, reason: 'QUERY_TOO_LARGE' });
  });

  it('refuse more than 5000 tokens before they are looked at', async () => {
    const { ask } = await serve();
    expect(codesOf((await ask(`{ ${'me '.repeat(5000)} }`)).body)).toEqual(['GRAPHQL_PARSE_FAILED']);
  });

  it('refuse a depth above 15', async () => {
    const { ask } = await serve();
    const nested = (depth: number): string => (depth === 1 ? 'number' : `deeper { ${nested(depth - 1)} }`);
    expect((await ask(`{ ${nested(15)} }`)).body?.errors).toBeUndefined();
    expect((await ask(`{ ${nested(16)} }`)).body?.errors?.[0]?.message).toContain('fields nest 16 deep');
  });

  it('refuse more than 20 root fields', async () => {
    const { ask } = await serve();
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `a${index}: me`).join(' ')} }`;
    expect((await ask(aliases(20))).body?.errors).toBeUndefined();
    expect((await ask(aliases(21))).body?.errors?.[0]?.message).toContain('21 root fields');
  });

  it('leave introspection whole', async () => {
    const { ask } = await serve();
    const { body } = await ask(getIntrospectionQuery());
    expect(body?.errors).toBeUndefined();
    expect(body?.data).toHaveProperty('__schema.queryType.name', 'Query');
  });
});
