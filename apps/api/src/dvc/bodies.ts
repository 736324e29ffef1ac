// Bodies in JSON where the parser of the server is not: these routes lie among those that take bytes as they come.

import { Readable } from 'node:stream';

import { DomainError, invalid } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { bodyOf, discardBody, gatherBody } from '../files/bodies.ts';

/** Reads a body of JSON of a shape. Throws `invalid` INVALID_BODY with what would be right. */
export async function readJson<Shape extends z.ZodType>(request: FastifyRequest, shape: Shape, maxBytes: number): Promise<z.output<Shape>> {
  const bytes = await gatherBody(request, maxBytes);
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

/** The bytes of a request, of which the rest can still be read by whoever stops in the middle. */
export function openBodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const body = bodyOf(request);
  return body instanceof Readable ? { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) } : body;
}

/**
 * Runs what takes a body, and reads the body to its end where it was refused before: a client that is still sending reads no answer, and takes
 * the closed line for a failure that passes.
 */
export async function heardOut<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && !request.raw.complete && !request.raw.destroyed) await discardBody(request).catch(() => undefined);
    throw error;
  }
}

/** Lets so many pieces of work run at a time, for what holds much memory while it does; the others wait their turn. */
export function createGate(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next one, or is free.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
