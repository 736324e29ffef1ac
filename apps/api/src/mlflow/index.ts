// MLflow's REST protocol: its procedures and its artifact proxy, at both prefixes, as a thin translator over the functions that
// GraphQL uses. What is not in the table is answered as MLflow answers it: 404 without a body.

import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Services } from '../services.ts';
import { artifactRpcs } from './artifacts.ts';
import { bodies } from './bodies.ts';
import { experimentRpcs } from './experiments.ts';
import { loggedModelRpcs } from './logged-models.ts';
import { readMessage, readQuery } from './message.ts';
import { metricRpcs } from './metrics.ts';
import { modelVersionRpcs } from './model-versions.ts';
import { promptlabRpcs } from './promptlab.ts';
import { registeredModelRpcs } from './registered-models.ts';
import { runRpcs } from './runs.ts';
import { webhookRpcs } from './webhooks.ts';
import { MLFLOW_VERSION } from './version.ts';

const RPCS = [
  ...experimentRpcs,
  ...runRpcs,
  ...metricRpcs,
  ...promptlabRpcs,
  ...loggedModelRpcs,
  ...registeredModelRpcs,
  ...modelVersionRpcs,
  ...webhookRpcs,
  ...artifactRpcs,
];
/** Where procedures live, those of the parts of MLflow's protocol included that are not spoken here. */
const PREFIXES = ['/api/2.0', '/ajax-api/2.0', '/api/3.0', '/ajax-api/3.0'] as const;

type CallOf = (request: FastifyRequest) => Promise<Call>;

/** Serves the procedures. */
export function registerMlflow(app: FastifyInstance, services: Services, callOf: CallOf): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  for (const { method, path, prefixes, shape, handle } of RPCS) {
    for (const prefix of prefixes) {
      app.route({
        method,
        url: prefix + path,
        async handler(request, reply) {
          const call = await callOf(request);
          const params = request.params as Record<string, string>;
          const query = request.query as Record<string, unknown>;
          const message =
            method === 'GET' ? readQuery(shape, { ...query, ...params }) : readMessage(shape, { ...bodyOf(request), ...params });
          const answer = await handle(services, call, message as never);
          if (Buffer.isBuffer(answer)) reply.raw.once('finish', () => bodies.giveBack(answer));
          return reply.type('application/json').send(answer);
        },
      });
    }
  }

  // Asked for before anybody is known; what it tells is no secret.
  app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'));
  app.get('/version', async (_request, reply) => reply.type('text/plain').send(MLFLOW_VERSION));
  for (const prefix of ['/api/3.0', '/ajax-api/3.0']) {
    app.get(`${prefix}/mlflow/server-info`, async () => ({
      store_type: 'SqlStore',
      workspaces_enabled: true,
      // Clients then send large files past this server by themselves. They fetch past it only where somebody tells them to: what is read so is
      // neither checked on its way nor observed.
      multipart_uploads_enabled: services.content.hasDirectAddresses,
      multipart_downloads_enabled: false,
    }));
  }
  for (const prefix of PREFIXES) {
    app.all(`${prefix}/*`, async (_request, reply) => reply.code(404).send());
  }
}

/** The body of a request as JSON. A DELETE may come without one, and some clients encode theirs twice. */
function bodyOf(request: FastifyRequest): object {
  const body = request.body as Buffer | undefined;
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (request.method !== 'DELETE' && type !== 'application/json') {
    throw invalid('WRONG_CONTENT_TYPE', "Bad Request. Content-Type must be one of ['application/json'].");
  }
  if (body === undefined || body.length === 0) return {};
  try {
    const once: unknown = JSON.parse(body.toString('utf8'));
    const value: unknown = typeof once === 'string' ? JSON.parse(once) : once;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the one answer for everything that is not a JSON object.
  }
  throw invalid('MALFORMED_REQUEST', 'Bad Request. The body is not a JSON object; NaN and Infinity are written as strings.');
}
