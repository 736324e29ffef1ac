// MLflow's artifact proxy: files of runs and logged models go in and out by their location, and the frozen files of model versions
// go out. A path is taken apart here and checked by the domain; it never becomes a path of this machine.

import type { FolderChild } from '@throughline/content';
import type { Call } from '@throughline/database';
import { DomainError, invalid, isUuid, notFound } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { sendBlob } from '../files/send.ts';
import type { Services } from '../services.ts';
import { LISTING_PAGE, listingOf } from './listing.ts';
import { required, text } from './message.ts';
import { presentChild } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

const FROZEN = /^model-versions\/([^/]+)(?:\/(.*))?$/s;
/** How often a path is decoded to see whether it climbs: nobody who means well encodes it more often. */
const DECODINGS = 3;

/** Refuses a path that climbs, is absolute or has a backslash or NUL, however often it is percent-encoded. */
export function checkProxyPath(path: string): string {
  let decoded = path;
  for (let round = 0; round < DECODINGS; round += 1) {
    if (/(?:^|\/)\.\.?(?:\/|$)|\\|\0|^\/|\/\//.test(decoded))
      throw invalid('INVALID_PATH', 'Invalid path: it must be relative, without empty parts, . or .. .');
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break; // A percent sign that is just that.
    }
  }
  return path;
}

function nothingAt(path: string): DomainError {
  return notFound('ARTIFACT_NOT_FOUND', `There is no artifact at '${path.slice(0, 200)}'.`);
}

async function send(services: Services, call: Call, request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
  const { content, commands } = services;
  const frozen = FROZEN.exec(path);
  const file = frozen === null ? await findOwned(services, call, path) : await findFrozen(services, call, frozen[1] ?? '', frozen[2] ?? '');
  if (file === null) throw nothingAt(path);
  return sendBlob(request, reply, {
    content,
    call,
    blob: file,
    filename: file.path.slice(file.path.lastIndexOf('/') + 1),
    onServed: commands.observeRead,
  });
}

async function findOwned({ tracking }: Services, call: Call, path: string) {
  const owner = await tracking.artifacts.ownerOf(call, path);
  return owner.path === '' ? null : tracking.artifacts.find(call, owner, owner.path);
}

async function manifestOf({ registry }: Services, call: Call, versionId: string): Promise<string> {
  const version = isUuid(versionId) ? (await registry.versions.findMany(call, [versionId])).get(versionId) : undefined;
  if (version?.manifestId == null)
    throw notFound('MODEL_VERSION_NOT_FOUND', 'There is no model version with files of its own at this location.');
  return version.manifestId;
}

async function findFrozen(services: Services, call: Call, versionId: string, path: string) {
  return path === '' ? null : services.content.findEntry(call, await manifestOf(services, call, versionId), path);
}

/** One folder, whole: the protocol has no second page here, and a listing that was cut would read as files that are not there. */
async function list(services: Services, call: Call, path: string): Promise<object> {
  const page = await listPage(services, call, path, { first: LISTING_PAGE, after: null });
  if (page.hasNextPage) {
    throw invalid(
      'FOLDER_TOO_LARGE',
      `There are more than ${LISTING_PAGE} entries in '${path.slice(0, 200)}', which is more than one answer holds.`,
      {
        hint: 'List it page by page: GraphQL, or artifacts/list with its page_token.',
      },
    );
  }
  return { files: page.items.map((child) => presentChild(child, 'name')) };
}

async function listPage(services: Services, call: Call, path: string, page: PageRequest): Promise<Page<FolderChild>> {
  const { content, tracking } = services;
  const frozen = FROZEN.exec(path);
  if (frozen !== null) return content.listFolder(call, await manifestOf(services, call, frozen[1] ?? ''), frozen[2] ?? '', page);
  const owner = await tracking.artifacts.ownerOf(call, path);
  return tracking.artifacts.listFolder(call, owner, owner.path, page);
}

async function put({ content, tracking }: Services, call: Call, path: string, body: AsyncIterable<Uint8Array>): Promise<object> {
  if (FROZEN.test(path)) throw invalid('VERSION_IS_FROZEN', 'The files of a registered model version never change.');
  const owner = await tracking.artifacts.ownerOf(call, path);
  // Refused before a byte is read, where it can be.
  if (owner.path === '') throw invalid('INVALID_PATH', 'Name the file that is to be written.');
  const blob = await content.putBlob(call, body);
  await tracking.artifacts.put(call, owner, owner.path, blob.sha256);
  return {};
}

async function remove({ tracking }: Services, call: Call, path: string): Promise<object> {
  if (FROZEN.test(path)) throw invalid('VERSION_IS_FROZEN', 'The files of a registered model version never change.');
  const owner = await tracking.artifacts.ownerOf(call, path);
  try {
    await tracking.artifacts.remove(call, owner, owner.path);
  } catch (error) {
    // What is not there is gone already: a client that asks again after a lost answer is told so, as MLflow tells it.
    if (!(error instanceof DomainError && error.code === 'ARTIFACT_NOT_FOUND')) throw error;
  }
  return {};
}

export const artifactRpcs: readonly Rpc[] = [
  rpc(
    'GET',
    '/mlflow/artifacts/list',
    { run_id: text, run_uuid: text, path: text, page_token: text },
    async ({ tracking }, call, { run_id, run_uuid, path = '', page_token }) => {
      const runId = required(text).read(run_id || run_uuid, 'run_id');
      const run = await tracking.runs.get(call, { runId });
      const listing = await listingOf(tracking, call, tracking.artifacts.ownedBy(run), path === '' ? '' : checkProxyPath(path), page_token);
      return { root_uri: run.artifactUri, ...listing };
    },
  ),
];

const IN_PARTS = [
  ['POST', 'mpu/create', 'Multipart upload'],
  ['POST', 'mpu/complete', 'Multipart upload'],
  ['POST', 'mpu/abort', 'Multipart upload'],
  ['GET', 'presigned', 'Multipart download'],
] as const;

/** The routes whose bodies are bytes. */
export function registerArtifactRoutes(app: FastifyInstance, services: Services, callOf: (request: FastifyRequest) => Promise<Call>): void {
  const pathOf = (request: FastifyRequest) => checkProxyPath((request.params as { '*': string })['*']);
  for (const prefix of ['/api/2.0', '/ajax-api/2.0']) {
    const base = `${prefix}/mlflow-artifacts/artifacts`;
    app.get(base, async (request) => {
      const { path = '' } = request.query as { path?: string };
      return list(services, await callOf(request), checkProxyPath(path.replace(/\/+$/, '')));
    });
    app.get(`${base}/*`, async (request, reply) => send(services, await callOf(request), request, reply, pathOf(request)));
    app.put(`${base}/*`, async (request) => {
      const call = await callOf(request);
      return put(services, call, pathOf(request), request.body as AsyncIterable<Uint8Array>);
    });
    // Clients that were told to upload in parts or to fetch by a presigned address ask first, and take this as "the plain way, then".
    for (const [method, path, what] of IN_PARTS) {
      app.route({
        method,
        url: `${prefix}/mlflow-artifacts/${path}/*`,
        handler: async (request) => {
          await callOf(request);
          throw new DomainError({
            kind: 'unimplemented',
            code: 'NOT_IMPLEMENTED',
            message: `${what} is not supported for the current artifact repository`,
          });
        },
      });
    }
    app.delete(`${base}/*`, async (request) => remove(services, await callOf(request), pathOf(request)));
  }
  app.get('/get-artifact', async (request, reply) => {
    const call = await callOf(request);
    const query = request.query as Record<string, string | undefined>;
    const runId = required(text).read(query['run_id'] || query['run_uuid'], 'run_id');
    const path = checkProxyPath(required(text).read(query['path'], 'path'));
    const run = await services.tracking.runs.get(call, { runId });
    const file = await services.tracking.artifacts.find(call, services.tracking.artifacts.ownedBy(run), path);
    if (file === null) throw nothingAt(path);
    const { content, commands } = services;
    return sendBlob(request, reply, {
      content,
      call,
      blob: file,
      filename: path.slice(path.lastIndexOf('/') + 1),
      onServed: commands.observeRead,
    });
  });
  app.get('/model-versions/get-artifact', async (request, reply) => {
    const call = await callOf(request);
    const query = request.query as Record<string, string | undefined>;
    const name = required(text).read(query['name'], 'name');
    const number = Number(required(text).read(query['version'], 'version'));
    const path = checkProxyPath(required(text).read(query['path'], 'path'));
    const version = await services.registry.versions.getByNumber(call, name, number);
    return send(services, call, request, reply, `model-versions/${version.id}/${path}`);
  });
}
