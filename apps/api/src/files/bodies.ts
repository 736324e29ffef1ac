// Bodies of bytes, as they come in: streams that are read once, or thrown away. A sender that falls silent (a laptop that was closed, a line that
// was cut without a word) would be waited for without an end, and would keep what is held for it: a connection, a file, memory.

import { Readable } from 'node:stream';

import { invalid } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';

/** What is read at most of a body that nobody wants, so that its client hears why. */
const MAX_DISCARDED_BYTES = 2 ** 30;
/** Within so many milliseconds something more of a body has to arrive, while it is waited for. */
export const MAX_SILENCE_MS = 60_000;

/** What `bodyOf` throws for a sender that fell silent. There is nobody who would send the rest. */
export const BODY_STALLED = 'BODY_STALLED';

/** The bytes of a request; none where it has no body. Throws `invalid` BODY_STALLED where nothing more of it arrives for a minute. */
export function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return unlessSilent(rawBodyOf(request));
}

/** The same, of which the rest can still be read by whoever stops in the middle. */
export function openBodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const body = rawBodyOf(request);
  return unlessSilent(body instanceof Readable ? { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) } : body);
}

function rawBodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return (request.body as AsyncIterable<Uint8Array> | null | undefined) ?? Readable.from([]);
}

/** Passes a body on, and fails where its next piece does not come in time. How long a piece takes to be worked on does not count. */
export async function* unlessSilent(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = body[Symbol.asyncIterator]();
  const sender = { isSilent: false };
  // A promise and a timer for every piece: one promise for the whole body would remember each piece that it was raced against.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      const timer = setTimeout(() => {
        sender.isSilent = true;
        reject(invalid(BODY_STALLED, `Nothing more of the body came for ${MAX_SILENCE_MS / 1000} seconds; nothing was stored.`));
      }, MAX_SILENCE_MS);
      void pieces
        .next()
        .finally(() => {
          clearTimeout(timer);
        })
        .then(resolve, reject);
    });
  try {
    for (let piece = await next(); piece.done !== true; piece = await next()) yield piece.value;
  } finally {
    // One that is still waited for cannot be put down: it would be waited for here. Its line is closed with the answer.
    if (!sender.isSilent) await pieces.return?.();
  }
}

/** How many bytes a request says that it has; undefined where it does not. */
export function declaredSize(request: FastifyRequest): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The bytes of a request in memory; null where there are more than so many. */
export function gatherBody(request: FastifyRequest, maxBytes: number): Promise<Buffer | null> {
  return gather(bodyOf(request), maxBytes);
}

/** A body in memory; null where it has more than so many bytes. */
export async function gather(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
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
