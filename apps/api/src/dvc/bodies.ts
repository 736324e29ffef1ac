// Bodies of the remote: JSON where the parser of the server is not, since these routes lie among those that take bytes as they come; and bodies that
// are held in memory whole, of which there must never be many at a time.

import { DomainError, invalid } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { BODY_STALLED, discardBody, gather } from '../files/bodies.ts';

/** Reads a body of JSON of a shape. Throws `invalid` INVALID_BODY with what would be right. */
export async function readJson<Shape extends z.ZodType>(
  body: AsyncIterable<Uint8Array>,
  shape: Shape,
  maxBytes: number,
): Promise<z.output<Shape>> {
  const bytes = await gather(body, maxBytes);
  if (bytes === null) throw invalid('BODY_TOO_LARGE', `The body has more than the ${maxBytes} bytes that this route takes.`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('MALFORMED_REQUEST', 'The body is no JSON.');
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid('INVALID_BODY', `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'it is not what this route takes'}.`);
}

/**
 * Runs what takes a body, and reads the body to its end where it was refused before: a client that is still sending reads no answer, and takes
 * the closed line for a failure that passes.
 */
export async function heardOut<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isHeard = error instanceof DomainError && error.code !== BODY_STALLED;
    if (isHeard && !request.raw.complete && !request.raw.destroyed) await discardBody(request).catch(() => undefined);
    throw error;
  }
}

/** Work that holds a body in memory. The body is read as it is passed in here. */
export type Gate = <T>(body: AsyncIterable<Uint8Array>, work: (body: AsyncIterable<Uint8Array>) => Promise<T>) => Promise<T>;

/** A body that arrives more slowly gives its place up, once it had it for a while and others wait. */
const MIN_BYTES_PER_SECOND = 32 * 2 ** 10;
const PATIENCE_MS = 30_000;

/**
 * Lets so many bodies be read into memory and worked on at a time; the others wait their turn. Throws `exhausted` BODY_TOO_SLOW for one that would
 * keep them waiting: a handful of slow lines must not stop everybody's pushes.
 */
export function createGate(atOnce: number): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function* inTime(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const begunAt = performance.now();
    let sizeBytes = 0;
    for await (const chunk of body) {
      sizeBytes += chunk.byteLength;
      const heldMs = performance.now() - begunAt;
      if (waiting.length > 0 && heldMs > PATIENCE_MS && (sizeBytes / heldMs) * 1000 < MIN_BYTES_PER_SECOND) {
        throw new DomainError({
          kind: 'exhausted',
          code: 'BODY_TOO_SLOW',
          message: `The body arrives at less than ${MIN_BYTES_PER_SECOND} bytes a second, and others wait for the room that it takes; nothing was stored.`,
          hint: 'Send it again, in smaller pieces.',
        });
      }
      yield chunk;
    }
  }

  return async (body, work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work(inTime(body));
    } finally {
      // The place goes to the next one, or is free.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
