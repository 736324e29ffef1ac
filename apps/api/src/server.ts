// Puts the server together: domains over a database and an object store, edges over the domains. Nothing here decides anything.

import { createAccess, createAccessSubgraph } from '@throughline/access';
import { createContent } from '@throughline/content';
import { createDataVersioning, createDataVersioningSubgraph } from '@throughline/data-versioning';
import type { Call, Database } from '@throughline/database';
import { systemClock } from '@throughline/kernel';
import { createLineage, createLineageSubgraph } from '@throughline/lineage';
import type { ObjectStore } from '@throughline/object-store';
import { createRegistry, createRegistrySubgraph, createSecretBox } from '@throughline/registry';
import { createTracking, createTrackingSubgraph } from '@throughline/tracking';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createCommands } from './commands/index.ts';
import { createResolver } from './commands/resolve.ts';
import type { Config } from './config.ts';
import { registerTarball } from './dvc/tarball.ts';
import { registerDvcRoutes } from './dvc/routes.ts';
import { registerFileRoutes, registerUploadRoutes } from './files/routes.ts';
import { createMergedSchema } from './graphql/merged-schema.ts';
import { registerGraphql } from './graphql/server.ts';
import { createApp } from './http/app.ts';
import type { Log } from './http/app.ts';
import { authenticator } from './http/authentication.ts';
import { isOwnHost } from './http/guards.ts';
import { registerSession } from './http/session.ts';
import { registerLive } from './live/routes.ts';
import { registerArtifactRoutes } from './mlflow/artifacts.ts';
import { registerMlflow } from './mlflow/index.ts';
import { secretKeyOf } from './secret-key.ts';
import type { Services } from './services.ts';
import { registerTestReset } from './testing-reset.ts';
import { VERSION } from './version.ts';

/** The dashboard: answers whatever no other route takes. */
export type Dashboard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

const DAY_MS = 86_400_000;

/** What of the configuration the domains are made with. */
type ServicesConfig = Pick<
  Config,
  | 'host'
  | 'isLoopback'
  | 'allowedHosts'
  | 'maxUploadBytes'
  | 'pushedDays'
  | 'searchMemoryBytes'
  | 'dataDir'
  | 'secretKey'
  | 'webhookAllowPrivate'
>;

/** Makes the domains and the commands over them. */
export function createServices(database: Database, objects: ObjectStore, config: ServicesConfig, log: Log): Services {
  const clock = systemClock;
  const content = createContent({
    database,
    objects,
    clock,
    limits: { maxBlobBytes: config.maxUploadBytes, pushedMs: config.pushedDays * DAY_MS },
  });
  const access = createAccess({ database, clock, onError: (error) => log('a use of a token could not be noted', error) });
  const tracking = createTracking({
    database,
    content,
    clock,
    isOwnHost: (hostname) => isOwnHost(hostname, config),
    searchMemoryBytes: config.searchMemoryBytes,
  });
  const webhooks = { secrets: createSecretBox(secretKeyOf(config)), allowPrivate: config.webhookAllowPrivate };
  const registry = createRegistry({ database, content, clock, webhooks });
  const data = createDataVersioning({ database, content, clock, scratchDir: join(config.dataDir, 'scratch') });
  const resolve = createResolver({ tracking, registry, data });
  const lineage = createLineage({ ports: [tracking.lineage, registry.lineage, data.lineage], content, resolve });
  const commands = createCommands({ database, content, tracking, registry, data }, log);
  return { database, content, access, tracking, registry, data, lineage, commands };
}

/** The subgraphs over the domains. */
export function createSubgraphs({ access, tracking, registry, data, lineage, commands }: Services) {
  return [
    createAccessSubgraph(access, commands),
    createTrackingSubgraph(tracking, commands),
    createRegistrySubgraph(registry, commands),
    createDataVersioningSubgraph(data, commands),
    createLineageSubgraph(lineage, commands),
  ];
}

/** Makes the HTTP server over the services; it does not listen yet. */
export async function createServer(services: Services, config: Config, log: Log, dashboard: Dashboard | null): Promise<FastifyInstance> {
  const { access, tracking, data, database, commands } = services;
  const app = createApp(config, log);
  const authenticate = authenticator(access, config);
  // In front of all routes: it waits for them.
  if (config.testReset) registerTestReset(app, services, authenticate);
  const callOf = async (request: FastifyRequest, workspace?: string): Promise<Call> => {
    const caller = await authenticate(request, workspace);
    // Whoever may only read must find the default experiment too.
    await tracking.ensureDefaultExperiment({ caller: { ...caller, scope: 'WRITE' } });
    return { caller };
  };
  const page =
    dashboard ??
    (async (_request: FastifyRequest, reply: FastifyReply) => reply.code(404).type('text/plain').send('This server has no dashboard.'));

  await registerGraphql(app, {
    schema: createMergedSchema({
      publicSdl: readFileSync(new URL('graphql/schema.graphql', import.meta.url), 'utf8'),
      subgraphs: createSubgraphs(services),
    }),
    log,
    contextOf: async (request) => {
      const { caller } = await callOf(request);
      return { caller, requestId: request.id };
    },
    // The explorer is a page of the dashboard.
    onHtml: page,
  });
  await app.register(async (scope) => registerMlflow(scope, services, callOf));
  await app.register(async (scope) => {
    // Bodies of bytes are taken as they come.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => {
      done(null, payload);
    });
    registerArtifactRoutes(scope, services, callOf);
    registerFileRoutes(scope, services, callOf);
    registerDvcRoutes(scope, services, callOf);
  });
  await app.register(async (scope) => {
    registerSession(scope, access);
    registerUploadRoutes(scope, services, callOf);
    registerLive(scope, services, { callOf, log });
    registerTarball(scope);
    scope.get('/api/version', async () => ({ version: VERSION }));
    scope.get('/api/ready', async () => {
      await database.ping();
      return { ready: true };
    });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !request.url.startsWith('/api/');
    if (isPage) return page(request, reply);
    return reply.code(404).send({
      error: { code: 'NOT_FOUND', message: `There is nothing at ${request.method} ${request.url.split('?', 1)[0]?.slice(0, 200)}.` },
    });
  });
  app.addHook('preClose', async () => data.endQuestions());
  app.addHook('onClose', async () => {
    await Promise.all([commands.settle(), access.settle()]);
  });
  return app;
}
