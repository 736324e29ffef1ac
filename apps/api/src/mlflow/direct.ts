// Files that pass between a client and the object store without us: MLflow's multipart upload, and its presigned download. A client that is
// answered 501 here sends and fetches through this server instead; the words it looks for are the ones below. docs/decisions/presigned.md
// tells what these ways are worth as evidence.

import type { Call } from '@throughline/database';
import { DomainError, invalid } from '@throughline/kernel';
import { MAX_PARTS } from '@throughline/object-store';
import type { ArtifactOwner } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { checkProxyPath, getFile, nameOf, ownerForChange, ownerForFile } from './artifact-files.ts';
import { int64, list, nested, required, text } from './message.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

const UPLOAD = 'Multipart upload is not supported for the current artifact repository';
const DOWNLOAD = 'Multipart download is not supported for the current artifact repository';

/** What makes a client take the plain way. */
function unsupported(words: string): DomainError {
  return new DomainError({ kind: 'unimplemented', code: 'NOT_IMPLEMENTED', message: words });
}

/** Where a file is to lie: in the folder that the address names, under the name that it has at the client, whose system may be Windows. */
function locationOf(folder: string, localFile: string): string {
  const name = localFile.slice(Math.max(localFile.lastIndexOf('/'), localFile.lastIndexOf('\\')) + 1);
  return checkProxyPath(`${folder.replace(/\/+$/, '')}/${name}`);
}

/** What an upload is begun and completed for. */
function targetOf(owner: ArtifactOwner): string {
  return `${owner.id}/${owner.path}`;
}

async function create(services: Services, call: Call, message: { '*': string; path: string; num_parts: number | undefined }) {
  const { content } = services;
  if (!content.hasDirectAddresses) throw unsupported(UPLOAD);
  const partCount = message.num_parts ?? 0;
  if (partCount < 0) throw invalid('INVALID_PARAMETER_VALUE', `Invalid value ${partCount} for parameter 'num_parts' supplied.`);
  // An empty file has no parts, and an enormous one in small parts has too many; both go the plain way.
  if (partCount === 0 || partCount > MAX_PARTS) throw unsupported(`${UPLOAD} for a file in ${partCount} parts`);
  const owner = await ownerForFile(services, call, locationOf(message['*'], message.path));
  const { id, parts } = await content.startDirectUpload(call, { target: targetOf(owner), partCount });
  return { upload_id: id, credentials: parts.map(({ partNumber, url }) => ({ url, part_number: partNumber, headers: {} })) };
}

interface Completion {
  '*': string;
  path: string;
  upload_id: string;
  parts: readonly { part_number: number; etag: string }[];
}

async function complete(services: Services, call: Call, message: Completion): Promise<object> {
  const { content, tracking } = services;
  if (!content.hasDirectAddresses) throw unsupported(UPLOAD);
  const owner = await ownerForFile(services, call, locationOf(message['*'], message.path));
  const parts = message.parts
    .map(({ part_number, etag }) => ({ partNumber: part_number, etag: etag.replace(/^"(.*)"$/, '$1') }))
    .sort((a, b) => a.partNumber - b.partNumber);
  const blob = await content.completeDirectUpload(call, message.upload_id, { target: targetOf(owner), parts });
  await tracking.artifacts.put(call, owner, owner.path, blob.sha256);
  return {};
}

/** Of a run that takes no files any more, too: what was begun must be possible to give up. */
async function abort(services: Services, call: Call, message: { '*': string; path: string; upload_id: string }): Promise<object> {
  if (!services.content.hasDirectAddresses) throw unsupported(UPLOAD);
  const owner = await ownerForChange(services, call, locationOf(message['*'], message.path));
  await services.content.abortDirectUpload(call, message.upload_id, targetOf(owner));
  return {};
}

async function presign(services: Services, call: Call, path: string): Promise<object> {
  const { content } = services;
  // What a run reads past this server is seen by nobody, and its evidence would go missing without a word.
  if (call.caller.runId !== null) throw unsupported(`${DOWNLOAD} with a run's own token: this server observes what the run reads`);
  if (!content.hasDirectAddresses) throw unsupported(DOWNLOAD);
  const file = await getFile(services, call, checkProxyPath(path));
  const address = await content.addressOfBlob(call, file.sha256, nameOf(file.path));
  if (address === null) throw unsupported(DOWNLOAD);
  return { url: address.url, headers: {}, file_size: address.sizeBytes };
}

/** MLflow's other presigned addresses are for artifacts that clients reach without a proxy, which ours never are. */
function proxied(what: 'upload' | 'download', artifactUri: string): DomainError {
  const scheme = artifactUri.split(':', 1)[0] ?? '';
  if (!['http', 'https', 'mlflow-artifacts'].includes(scheme)) {
    return unsupported(`Presigned ${what} is not supported for the current artifact repository`);
  }
  return invalid(
    'INVALID_PARAMETER_VALUE',
    `Presigned ${what} is not supported for proxied artifact storage (artifact URI scheme: ${scheme}). This endpoint requires a direct cloud storage artifact URI.`,
  );
}

const WHERE = { '*': required(text), path: required(text) } as const;
const PART = nested({ part_number: required(int64), etag: required(text), url: text });

export const directRpcs: readonly Rpc[] = [
  rpc('POST', '/mlflow-artifacts/mpu/create/*', { ...WHERE, num_parts: int64 }, create),
  rpc('POST', '/mlflow-artifacts/mpu/complete/*', { ...WHERE, upload_id: required(text), parts: required(list(PART)) }, complete),
  rpc('POST', '/mlflow-artifacts/mpu/abort/*', { ...WHERE, upload_id: required(text) }, abort),
  rpc('GET', '/mlflow-artifacts/presigned/*', { '*': required(text) }, (services, call, message) => presign(services, call, message['*'])),
  rpc(
    'POST',
    '/mlflow/artifacts/presigned-upload-url',
    { run_id: text, model_id: text, path: required(text), expiration: int64 },
    async ({ tracking }, call, { run_id: runId, model_id: modelId, path }) => {
      if (Boolean(runId) === Boolean(modelId)) {
        throw invalid('INVALID_PARAMETER_VALUE', 'Exactly one of run_id and model_id must be provided.');
      }
      checkProxyPath(path);
      const owner = runId ? await tracking.runs.get(call, { runId }) : await tracking.loggedModels.get(call, { modelId: modelId ?? '' });
      throw proxied('upload', owner.artifactUri);
    },
  ),
  rpc(
    'POST',
    '/mlflow/artifacts/presigned-download-url',
    { run_id: required(text), path: required(text), expiration: int64 },
    async ({ tracking }, call, { run_id: runId, path, expiration = 300 }) => {
      checkProxyPath(path);
      if (expiration < 1 || expiration > 604_800) {
        throw invalid('INVALID_PARAMETER_VALUE', `expiration must be between 1 and 604800 seconds (got ${expiration}).`);
      }
      throw proxied('download', (await tracking.runs.get(call, { runId })).artifactUri);
    },
  ),
];
