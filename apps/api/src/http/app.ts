// One HTTP server, one origin: GraphQL, MLflow's protocol, files, and the dashboard for everything else. Each edge answers errors
// in its own form; which edge a request came through is told by its path.

import { randomUUID } from 'node:crypto';

import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Config } from '../config.ts';
import { toMlflowError } from '../mlflow/errors.ts';
import { presentable, toHttpProblem } from './errors.ts';
import { checkOrigin } from './guards.ts';

/** The largest JSON body: MLflow lets a dataset's profile have 16 MB, and JSON escapes may double it. */
const MAX_JSON_BYTES = 34_000_000;

const MLFLOW_PATHS = /^\/(?:ajax-)?api\/[23]\.0(?:\/|mlflow\/)|^\/(?:get-artifact|model-versions\/get-artifact)(?:\?|$)/;

const FILE_HEADERS = ['Content-Disposition', 'Content-Length', 'Content-Range', 'ETag', 'Accept-Ranges'] as const;

export type Log = (message: string, error?: unknown) => void;

/** An HTTP server with its guards and error forms, without routes yet. */
export function createApp(config: Config, log: Log): FastifyInstance {
  const app = Fastify({
    bodyLimit: MAX_JSON_BYTES,
    // A body may take long on a slow line; a header may not.
    requestTimeout: 0,
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 8_192 },
    logger: false,
    // An address that cannot be decoded never reaches a route, and still gets its edge's form.
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    // Long downloads must not hold the server open once it was told to stop.
    forceCloseConnections: true,
  });

  app.addHook('onRequest', async (request) => {
    checkOrigin(request, config);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('X-Content-Type-Options', 'nosniff');
    reply.header('Referrer-Policy', 'same-origin');
  });

  app.setErrorHandler((error, request, reply) => {
    // A client that goes away in the middle of its body is no defect of ours.
    const isTorn = request.raw.errored !== null && request.raw.errored === error;
    if (presentable(error) === null && !isTorn) log(`${request.method} ${request.url.split('?', 1)[0]} failed (${request.id})`, error);
    return sendError(error, request, reply);
  });
  return app;
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // A body that nobody read is left on the line; the connection cannot be used again.
  if (!request.raw.complete) reply.header('Connection', 'close');
  // Said of the file that was to be sent, before it turned out to be damaged.
  for (const name of FILE_HEADERS) reply.removeHeader(name);
  if (MLFLOW_PATHS.test(request.url)) {
    const { status, body } = toMlflowError(error, request.id);
    if (status === 401) reply.header('WWW-Authenticate', 'Basic realm="Throughline"');
    return reply.code(status).type('application/json').send(body);
  }
  const { status, body } = toHttpProblem(error, request.id);
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer realm="Throughline"');
  return reply.code(status).type('application/json').send(body);
}
