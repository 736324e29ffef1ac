// MLflow's artifact proxy: files of runs and logged models go in and out by their location, and the frozen files of model versions
// go out. What goes past this server, between a client and the object store, is in direct.ts.

import type { Call } from '@throughline/database';
import { DomainError, invalid } from '@throughline/kernel';
import type { ArtifactOwner } from '@throughline/tracking';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { bodyOf, declaredSize, discardBody, gatherBody } from '../files/bodies.ts';
import { sendBlob } from '../files/send.ts';
import type { Services } from '../services.ts';
import { checkProxyPath, getFile, getFileOf, listFolder, nameOf, ownerForChange, ownerForFile } from './artifact-files.ts';
import { directRpcs } from './direct.ts';
import { LISTING_PAGE, listingOf } from './listing.ts';
import { readQuery, required, text } from './message.ts';
import { presentChild } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

/** What MLflow's pages may send in one piece: 10 MiB. */
const MAX_PAGE_UPLOAD_BYTES = 10 * 2 ** 20;

/** The location that an address ends with. Throws `invalid` for one that climbs. */
function pathOf(request: FastifyRequest): string {
  return checkProxyPath((request.params as { '*': string })['*']);
}

/** One folder, whole: the protocol has no second page here, and a listing that was cut would read as files that are not there. */
async function list(services: Services, call: Call, path: string): Promise<object> {
  const page = await listFolder(services, call, path, { first: LISTING_PAGE, after: null });
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

async function put(services: Services, call: Call, request: FastifyRequest): Promise<object> {
  const { content, tracking } = services;
  let owner: ArtifactOwner;
  try {
    owner = await ownerForFile(services, call, pathOf(request));
  } catch (error) {
    // A client that is still sending reads no answer: it takes the closed line for a failure and tries for minutes.
    await discardBody(request);
    throw error;
  }
  const blob = await content.putBlob(call, bodyOf(request), { sizeBytes: declaredSize(request) });
  await tracking.artifacts.put(call, owner, owner.path, blob.sha256);
  return {};
}

async function remove(services: Services, call: Call, path: string): Promise<object> {
  const owner = await ownerForChange(services, call, path);
  try {
    await services.tracking.artifacts.remove(call, owner, owner.path);
  } catch (error) {
    // What is not there is gone already: a client that asks again after a lost answer is told so, as MLflow tells it.
    if (!(error instanceof DomainError && error.code === 'ARTIFACT_NOT_FOUND')) throw error;
  }
  return {};
}

/** Takes the file that one of MLflow's pages sends. */
async function putFromPage(services: Services, call: Call, request: FastifyRequest): Promise<void> {
  const { run_uuid: runId, path } = readQuery({ run_uuid: text, path: text }, request.query);
  if (!runId) throw invalid('INVALID_PARAMETER_VALUE', 'Request must specify run_uuid.');
  if (!path) throw invalid('INVALID_PARAMETER_VALUE', 'Request must specify path.');
  checkProxyPath(path);
  const data = await gatherBody(request, MAX_PAGE_UPLOAD_BYTES);
  if (data === null) throw invalid('INVALID_PARAMETER_VALUE', 'Artifact size is too large. Max size is 10MB.');
  if (data.length === 0) throw invalid('INVALID_PARAMETER_VALUE', 'Request must specify data.');
  const { content, tracking } = services;
  const owner = tracking.artifacts.ownedBy(await tracking.runs.get(call, { runId }));
  await tracking.artifacts.requireWritable(call, owner);
  const blob = await content.putBlob(call, once(data));
  await tracking.artifacts.put(call, owner, path, blob.sha256);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
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
  ...directRpcs,
];

/** The routes whose bodies are bytes. */
export function registerArtifactRoutes(app: FastifyInstance, services: Services, callOf: (request: FastifyRequest) => Promise<Call>): void {
  const { content, commands, registry, tracking } = services;
  const send = async (
    request: FastifyRequest,
    reply: FastifyReply,
    call: Call,
    file: { path: string; sha256: string; sizeBytes: number },
  ) => sendBlob(request, reply, { content, call, blob: file, filename: nameOf(file.path), onServed: commands.observeRead });

  for (const prefix of ['/api/2.0', '/ajax-api/2.0']) {
    const base = `${prefix}/mlflow-artifacts/artifacts`;
    app.get(base, async (request) => {
      const call = await callOf(request);
      const { path = '' } = readQuery({ path: text }, request.query);
      return list(services, call, checkProxyPath(path.replace(/\/+$/, '')));
    });
    app.get(`${base}/*`, async (request, reply) => {
      const call = await callOf(request);
      return send(request, reply, call, await getFile(services, call, pathOf(request)));
    });
    app.put(`${base}/*`, async (request) => put(services, await callOf(request), request));
    app.delete(`${base}/*`, async (request) => remove(services, await callOf(request), pathOf(request)));
  }

  app.get('/get-artifact', async (request, reply) => {
    const call = await callOf(request);
    const query = readQuery({ run_id: text, run_uuid: text, path: required(text) }, request.query);
    const run = await tracking.runs.get(call, { runId: required(text).read(query.run_id || query.run_uuid, 'run_id') });
    return send(request, reply, call, await getFileOf(services, call, tracking.artifacts.ownedBy(run), checkProxyPath(query.path)));
  });
  app.get('/model-versions/get-artifact', async (request, reply) => {
    const call = await callOf(request);
    const { name, version, path } = readQuery({ name: required(text), version: required(text), path: required(text) }, request.query);
    const { id } = await registry.versions.getByNumber(call, name, Number(version));
    return send(request, reply, call, await getFile(services, call, `model-versions/${id}/${checkProxyPath(path)}`));
  });
  app.get('/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files', async (request, reply) => {
    const call = await callOf(request);
    const { model_id: modelId } = request.params as { model_id: string };
    const { artifact_file_path: path } = readQuery({ artifact_file_path: required(text) }, request.query);
    const model = await tracking.loggedModels.get(call, { modelId });
    return send(request, reply, call, await getFileOf(services, call, tracking.artifacts.ownedBy(model), checkProxyPath(path)));
  });
  app.post('/ajax-api/2.0/mlflow/upload-artifact', async (request, reply) => {
    await putFromPage(services, await callOf(request), request);
    // As MLflow answers: nothing, and the type of it.
    return reply.type('application/json').send('');
  });
}
