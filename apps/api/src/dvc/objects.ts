// DVC's plain HTTP remote: one object at one address. DVC asks whether an object is there by a GET that it hangs up after the headers, reads with GET
// or HEAD, and sends with POST or PUT in pieces of no announced length (dvc_http, fsspec's HTTPFileSystem). Every object is hashed while it arrives.

import type { BlobInfo, PushedTree } from '@throughline/content';
import type { Call } from '@throughline/database';
import { decodeManifest, objectOfPath, printObjectId } from '@throughline/data-versioning/formats';
import type { ObjectId } from '@throughline/data-versioning/formats';
import { DomainError, invalid, invariant, notFound } from '@throughline/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { declaredSize, gather, openBodyOf } from '../files/bodies.ts';
import { sendBlob } from '../files/send.ts';
import type { Services } from '../services.ts';
import type { Gate } from './bodies.ts';

/** The list of a million files with long paths. */
export const MAX_TREE_BYTES = 256 * 2 ** 20;
/** Below this a second request, to the object store, costs more than the bytes. */
const MIN_REDIRECT_BYTES = 2 ** 20;

/** The object that an address names. Throws `not_found` for everything else: runs, listings, and whatever a remote may hold beside objects. */
export function objectAt(path: string): ObjectId {
  const id = objectOfPath(path);
  if (id === null) throw nothingHere();
  return id;
}

function nothingHere(): DomainError {
  return notFound('OBJECT_NOT_FOUND', 'This workspace has no such object.');
}

/** The stored bytes of an object; null where the workspace does not hold it. */
export async function findObject({ content }: Services, call: Call, id: ObjectId): Promise<BlobInfo | null> {
  const naming = { legacy: id.hash === 'md5-dos2unix' };
  const found = await (id.isTree ? content.findPushedTrees(call, [id.md5], naming) : content.findPushedFiles(call, [id.md5], naming));
  return found.get(id.md5) ?? null;
}

/** Answers a GET or HEAD. What a run's own token reads goes through this server, which observes it. */
export async function sendObject(
  services: Services,
  call: Call,
  id: ObjectId,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const { content, commands } = services;
  const blob = await findObject(services, call, id);
  if (blob === null) throw nothingHere();
  const filename = printObjectId(id);
  const mayPassBy = request.method === 'GET' && call.caller.runId === null && !id.isTree && blob.sizeBytes >= MIN_REDIRECT_BYTES;
  if (mayPassBy && content.hasDirectAddresses) {
    const address = await content.addressOfBlob(call, blob.sha256, filename);
    if (address !== null) return reply.header('Cache-Control', 'no-store').redirect(address.url, 302);
  }
  return sendBlob(request, reply, { content, call, blob, filename, onServed: (by, sha256) => commands.observeReads(by, [sha256]) });
}

/** Takes an object, whole; answers whether it is new here. */
export async function putObject(
  services: Services,
  call: Call,
  id: ObjectId,
  { request, gate }: { request: FastifyRequest; gate: Gate },
): Promise<boolean> {
  try {
    return await (id.isTree
      ? gate(openBodyOf(request), (body) => putTree(services, call, id, body))
      : putFile(services, call, id, request));
  } catch (error) {
    throw inWordsOf(error, id);
  }
}

/** What is wrong with a body is its sender's to mend: nothing that is kept here is damaged. */
export function inWordsOf(error: unknown, id: ObjectId): unknown {
  if (!(error instanceof DomainError) || !['CONTENT_MISMATCH', 'MANIFEST_DAMAGED'].includes(error.code)) return error;
  return new DomainError({
    kind: 'invalid',
    code: error.code,
    message: `${printObjectId(id)} was refused. ${error.message}`,
    hint: 'The local cache may be damaged: run dvc status, or add the data again.',
    details: error.details,
    cause: error,
  });
}

async function putFile({ content }: Services, call: Call, { md5, hash }: ObjectId, request: FastifyRequest): Promise<boolean> {
  const name = { md5, legacy: hash === 'md5-dos2unix', sizeBytes: declaredSize(request) };
  return (await content.putPushedFile(call, openBodyOf(request), name)).isNew;
}

async function putTree({ content }: Services, call: Call, id: ObjectId, body: AsyncIterable<Uint8Array>): Promise<boolean> {
  const bytes = await gather(body, MAX_TREE_BYTES);
  if (bytes === null) throw invalid('BODY_TOO_LARGE', `The list of a folder's files has at most ${MAX_TREE_BYTES} bytes.`);
  const [outcome] = await content.putPushedTrees(call, [treeOf(id, bytes)]);
  invariant(outcome !== undefined, 'every folder has an outcome');
  if (outcome.state === 'refused') throw outcome.error;
  return outcome.state === 'stored';
}

/** A folder as it is kept. Throws `corrupt` MANIFEST_DAMAGED where the bytes are no list of files, or name a path that must never be written. */
export function treeOf(id: ObjectId, bytes: Buffer): PushedTree {
  const files = decodeManifest(bytes, `The list ${printObjectId(id)}`).map(({ md5 }) => md5);
  return { md5: id.md5, legacy: id.hash === 'md5-dos2unix', bytes, files };
}
