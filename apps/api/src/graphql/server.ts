// GraphQL over HTTP: Apollo Server over the merged schema, with its costs and its talkativeness off, and a route in Fastify. Who calls
// is found out before the body is read. Every error that leaves here has passed formatError or the route's own error handler,
// which both answer in GraphQL's form and say nothing of the server's insides.

import { randomUUID } from 'node:crypto';

import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import fastifyApollo from '@as-integrations/fastify';
import type { ErrorLog, GraphqlContext } from '@throughline/graphql';
import { toGraphqlError } from '@throughline/graphql';
import { DomainError, invariant } from '@throughline/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';

import { presentable, STATUS } from '../http/errors.ts';
import { MAX_QUERY_BYTES, MAX_QUERY_TOKENS, queryLimitsRule } from './limits.ts';

/** Far above the limit on fields (limits.ts) and far below what the parser's recursion takes. */
const MAX_NESTING = 200;

/** Characters from which on an answer is sent as bytes. */
const LONG_ANSWER = 16_384;

/** How many defects of one request are logged one by one: a list may meet the same one in each of its items. */
const MAX_LOGGED = 10;

/** Errors that the client made and that say themselves what is wrong, in Apollo's words. */
const CLIENT_CODES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

export interface GraphqlServerOptions {
  /** The merged schema. */
  schema: GraphQLSchema;
  log: ErrorLog;
}

/** Apollo Server over the schema, not started yet. */
export function createGraphqlServer({ schema, log }: GraphqlServerOptions): ApolloServer<GraphqlContext> {
  const requests = new WeakMap<object, { requestId: string; defects: number }>();

  // formatError is told the error alone, so whose request it belongs to is noted when it is met.
  const noteRequests: ApolloServerPlugin<GraphqlContext> = {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, contextValue }) {
          const request = { requestId: contextValue.requestId, defects: 0 };
          for (const error of errors) requests.set(error, request);
        },
      };
    },
  };

  return new ApolloServer<GraphqlContext>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxLexicalTokens: MAX_QUERY_TOKENS },
    validationRules: [queryLimitsRule()],
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message: unknown) => log(`GraphQL server: ${String(message)}`, undefined),
      error: (message: unknown) => log(`GraphQL server: ${String(message)}`, undefined),
    },
    plugins: [
      noteRequests,
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    formatError(formatted, error) {
      const request = typeof error === 'object' && error !== null ? requests.get(error) : undefined;
      if (CLIENT_CODES.has(formatted.extensions?.['code'])) return formatted;
      return toGraphqlError(error, {
        requestId: request?.requestId ?? randomUUID(),
        log: (message, cause) => {
          if (request !== undefined && (request.defects += 1) > MAX_LOGGED) return;
          log(message, cause);
        },
      }).toJSON();
    },
  });
}

export interface GraphqlRouteOptions extends GraphqlServerOptions {
  /** Who calls, found out before the body is read; throws a DomainError to refuse. */
  contextOf: (request: FastifyRequest) => Promise<GraphqlContext>;
  /** Sends the answer to a GET that accepts text/html, which is a person with a browser. Nobody has asked who it is. */
  onHtml: (request: FastifyRequest, reply: FastifyReply) => PromiseLike<unknown>;
}

/** Serves GraphQL at /graphql: POST, and GET for queries. Stops the server when the app closes. */
export async function registerGraphql(app: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { contextOf, onHtml, log } = options;
  const server = createGraphqlServer(options);
  await server.start();
  app.addHook('onClose', () => server.stop());

  const contexts = new WeakMap<FastifyRequest, GraphqlContext>();
  // A scope of its own, so that its error form is GraphQL's and nobody else's.
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => sendError(error, { request, reply, log }));
    // As bytes, a long answer is copied once on its way into the socket; as a string it would be given room for three bytes a character.
    scope.addHook('onSend', async (_request, _reply, payload) =>
      typeof payload === 'string' && payload.length > LONG_ANSWER ? Buffer.from(payload) : payload,
    );
    scope.addHook('onRequest', async (request) => {
      if (!wantsHtml(request)) contexts.set(request, await contextOf(request));
    });
    scope.addHook('preHandler', async (request, reply) => {
      if (wantsHtml(request)) {
        await onHtml(request, reply);
        return reply;
      }
      checkQueryText(request);
      return undefined;
    });
    await scope.register(fastifyApollo(server), {
      path: '/graphql',
      method: ['GET', 'POST'],
      context: async (request) => {
        const context = contexts.get(request);
        invariant(context !== undefined, 'A GraphQL request came through without its context.');
        return context;
      },
    });
  });
}

/** Whether a person asks for the page: as a document, or from another page of the dashboard, which asks for what Next.js calls a payload. */
function wantsHtml(request: FastifyRequest): boolean {
  return request.method === 'GET' && ((request.headers.accept ?? '').includes('text/html') || request.headers['rsc'] !== undefined);
}

/** Refuses a query text above the limit before anything is done with it. */
function checkQueryText({ body, query }: FastifyRequest): void {
  for (const source of [body, query]) {
    const text = typeof source === 'object' && source !== null && 'query' in source ? source.query : undefined;
    if (typeof text === 'string' && Buffer.byteLength(text) > MAX_QUERY_BYTES) {
      throw new DomainError({
        kind: 'invalid',
        code: 'QUERY_TOO_LARGE',
        message: `The query text has ${Buffer.byteLength(text)} bytes; at most ${MAX_QUERY_BYTES} are taken. Values belong in variables.`,
        details: { limitBytes: MAX_QUERY_BYTES },
      });
    }
    if (typeof text === 'string' && nestingOf(text) > MAX_NESTING) {
      throw new DomainError({
        kind: 'invalid',
        code: 'QUERY_TOO_DEEP',
        message: `The query opens more than ${MAX_NESTING} brackets inside each other.`,
      });
    }
  }
}

/** How deep brackets stand in each other, those in texts counted too: parsing and validating recurse, and this comes before both. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ('{[('.includes(character)) deepest = Math.max(deepest, (depth += 1));
    else if ('}])'.includes(character)) depth = Math.max(0, depth - 1);
  }
  return deepest;
}

/** What went wrong before or around Apollo: who calls, a body that is no JSON. In GraphQL's form, with HTTP's status. */
function sendError(error: unknown, { request, reply, log }: { request: FastifyRequest; reply: FastifyReply; log: ErrorLog }): FastifyReply {
  // A body that nobody read is left on the line; the connection cannot be used again.
  if (!request.raw.complete) reply.header('Connection', 'close');
  const known = presentable(error);
  const status = STATUS[known?.kind ?? 'internal'];
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer realm="Throughline"');
  const errors: GraphQLFormattedError[] = [toGraphqlError(known ?? error, { requestId: request.id, log }).toJSON()];
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ errors }));
}
