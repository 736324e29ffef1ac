// How the plain HTTP edges (files, session, and everything that no protocol claims) answer an error. Protocols with a form of
// their own have a table of their own beside their routes.

import { DomainError } from '@throughline/kernel';
import type { ErrorKind } from '@throughline/kernel';
import type { FastifyError } from 'fastify';

/** The HTTP status of each kind of error. */
export const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  corrupt: 422,
  exhausted: 429,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
} satisfies Record<ErrorKind, number>;

/** What a client is told. */
export interface HttpProblem {
  status: number;
  body: { error: { code: string; message: string; hint?: string; details?: Readonly<Record<string, unknown>> } };
}

/** Turns a framework's own refusal (a body too large, broken JSON) into a DomainError; null where it is none. */
export function ofFramework(error: unknown): DomainError | null {
  const { statusCode, code, message } = (error ?? {}) as Partial<FastifyError>;
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500 || typeof message !== 'string') return null;
  if (statusCode === 413)
    return new DomainError({ kind: 'invalid', code: 'BODY_TOO_LARGE', message: 'The body is larger than this route takes.' });
  if (statusCode === 415)
    return new DomainError({ kind: 'invalid', code: 'UNSUPPORTED_MEDIA_TYPE', message: 'This route does not take that Content-Type.' });
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || statusCode === 400) {
    return new DomainError({
      kind: 'invalid',
      code: 'MALFORMED_REQUEST',
      message: 'The request is malformed: its body is not the JSON that it says it is, or its address is broken.',
    });
  }
  return new DomainError({ kind: 'invalid', code: 'REFUSED', message: 'The request cannot be understood.' });
}

/** What an error may say to a client: a DomainError its own words, everything else that something went wrong. */
export function presentable(error: unknown): DomainError | null {
  return error instanceof DomainError && error.kind !== 'internal' ? error : ofFramework(error);
}

/** The plain JSON form of an error. */
export function toHttpProblem(error: unknown, requestId: string): HttpProblem {
  const known = presentable(error);
  if (known === null) {
    return {
      status: 500,
      body: { error: { code: 'INTERNAL', message: `Something went wrong on the server. Its log has more under ${requestId}.` } },
    };
  }
  return {
    status: STATUS[known.kind],
    body: {
      error: {
        code: known.code,
        message: known.message,
        ...(known.hint === undefined ? {} : { hint: known.hint }),
        ...(Object.keys(known.details).length === 0 ? {} : { details: known.details }),
      },
    },
  };
}
