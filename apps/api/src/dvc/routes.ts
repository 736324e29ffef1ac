// The remote of a workspace, for DVC as it is and for our own command, which speaks in batches. docs/data-server.md tells how to use it.
//
//   GET, HEAD, POST, PUT  /dvc/<workspace>/files/md5/<2>/<30>[.dir]     an object; what DVC 2 made lies below <2>/<30>[.dir]
//   POST  /dvc/<workspace>/objects/missing   { ids } -> { missing }
//   POST  /dvc/<workspace>/objects/put       frames -> { stored, known, refused }
//   POST  /dvc/<workspace>/objects/get       { ids } -> frames
//   POST  /dvc/<workspace>/objects/release   { ids } -> { released }: kept no longer for having been pushed
//   POST  /dvc/<workspace>/versions          registers what was pushed
//   GET   /dvc/<workspace>/needed?cursor=    the names of everything that a version needs
//   POST  /dvc/<workspace>/reads             what a run read, with hashes

import { finished, Readable } from 'node:stream';

import type { Call } from '@throughline/database';
import { requireWrite } from '@throughline/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { openBodyOf } from '../files/bodies.ts';
import type { Services } from '../services.ts';
import { getFrames, MAX_IDS_BYTES, missingOf, putFrames, QUESTION, releaseOf, WANTED } from './batches.ts';
import { createGate, heardOut, readJson } from './bodies.ts';
import { FRAMES_TYPE, readFrames } from './frames.ts';
import { objectAt, putObject, sendObject } from './objects.ts';
import { logRead, MAX_VERSION_BYTES, neededBy, READ, register, REGISTRATION } from './versions.ts';

/** Bodies that are in memory at a time: frames and versions may have 64 MiB each, the list of a folder 256. */
const BODIES_AT_ONCE = 4;

interface InWorkspace {
  Params: { workspace: string; '*': string };
}

/** Finds out who calls, and that the workspace in the address is theirs. */
type CallOf = (request: FastifyRequest, workspace: string) => Promise<Call>;

/** The routes of the remote. Bodies come as they are. */
export function registerDvcRoutes(app: FastifyInstance, services: Services, callOf: CallOf): void {
  const { commands } = services;
  const gate = createGate(BODIES_AT_ONCE);
  const call = (request: FastifyRequest<InWorkspace>) => callOf(request, request.params.workspace);

  app.get<InWorkspace>('/dvc/:workspace/*', async (request, reply) =>
    sendObject(services, await call(request), objectAt(request.params['*']), { request, reply }),
  );
  const put = async (request: FastifyRequest<InWorkspace>, reply: FastifyReply) => {
    const isNew = await heardOut(request, async () => {
      const by = await call(request);
      requireWrite(by.caller);
      return putObject(services, by, objectAt(request.params['*']), { request, gate });
    });
    return reply.code(isNew ? 201 : 200).send({ stored: isNew });
  };
  app.post<InWorkspace>('/dvc/:workspace/*', put);
  app.put<InWorkspace>('/dvc/:workspace/*', put);

  app.post<InWorkspace>('/dvc/:workspace/objects/missing', async (request) =>
    heardOut(request, async () => {
      const by = await call(request);
      const { ids } = await readJson(openBodyOf(request), QUESTION, MAX_IDS_BYTES);
      return { missing: await missingOf(services, by, ids) };
    }),
  );
  app.post<InWorkspace>('/dvc/:workspace/objects/put', async (request) =>
    heardOut(request, async () => {
      const by = await call(request);
      requireWrite(by.caller);
      return gate(openBodyOf(request), async (body) => putFrames(services, by, await readFrames(body)));
    }),
  );
  app.post<InWorkspace>('/dvc/:workspace/objects/get', async (request, reply) =>
    heardOut(request, async () => {
      const by = await call(request);
      const { ids } = await readJson(openBodyOf(request), WANTED, MAX_IDS_BYTES);
      const sent: string[] = [];
      // Only what the socket took was served: of an answer that was cut nothing is observed.
      finished(reply.raw, (error) => {
        if (error == null) commands.observeReads(by, sent);
      });
      return reply.type(FRAMES_TYPE).send(Readable.from(getFrames(services, by, ids, (sha256s) => sent.push(...sha256s))));
    }),
  );
  app.post<InWorkspace>('/dvc/:workspace/objects/release', async (request) =>
    heardOut(request, async () => {
      const by = await call(request);
      requireWrite(by.caller);
      const { ids } = await readJson(openBodyOf(request), QUESTION, MAX_IDS_BYTES);
      return { released: await releaseOf(services, by, ids) };
    }),
  );

  app.post<InWorkspace>('/dvc/:workspace/versions', async (request) =>
    heardOut(request, async () => {
      const by = await call(request);
      requireWrite(by.caller);
      return gate(openBodyOf(request), async (body) => register(services, by, await readJson(body, REGISTRATION, MAX_VERSION_BYTES)));
    }),
  );
  app.get<InWorkspace & { Querystring: { cursor?: string } }>('/dvc/:workspace/needed', async (request) =>
    neededBy(services, await call(request), request.query.cursor),
  );
  app.post<InWorkspace>('/dvc/:workspace/reads', async (request) =>
    heardOut(request, async () => {
      const by = await call(request);
      requireWrite(by.caller);
      return gate(openBodyOf(request), async (body) => logRead(services, by, await readJson(body, READ, MAX_VERSION_BYTES)));
    }),
  );
}
