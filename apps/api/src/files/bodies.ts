// Bodies of bytes, as they come in: streams that are read once, or thrown away.

import { Readable } from 'node:stream';

import type { FastifyRequest } from 'fastify';

/** What is read at most of a body that nobody wants, so that its client hears why. */
const MAX_DISCARDED_BYTES = 2 ** 30;

/** The bytes of a request; none where it has no body. */
export function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return (request.body as AsyncIterable<Uint8Array> | null | undefined) ?? Readable.from([]);
}

/** How many bytes a request says that it has; undefined where it does not. */
export function declaredSize(request: FastifyRequest): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The bytes of a request in memory; null where there are more than so many. */
export async function gatherBody(request: FastifyRequest, maxBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyOf(request)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a body to its end and keeps nothing of it. One that has no end is left on the line. */
export async function discardBody(request: FastifyRequest): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of bodyOf(request)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_DISCARDED_BYTES) return;
  }
}
