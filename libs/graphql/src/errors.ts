// Errors at the GraphQL edge. What a domain throws reaches the client in two forms: as a Problem, a typed answer of a mutation
// (see result.ts), or as an entry of `errors`. What is not a DomainError is a defect: the client gets a request id, the log the rest.

import type { ErrorKind } from '@throughline/kernel';
import { DomainError } from '@throughline/kernel';
import type { GraphQLErrorOptions } from 'graphql';
import { GraphQLError } from 'graphql';

/** `extensions.code`, in Apollo's words where it has one. */
const CODES = {
  invalid: 'BAD_USER_INPUT',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  forbidden: 'FORBIDDEN',
  unauthenticated: 'UNAUTHENTICATED',
  unavailable: 'UNAVAILABLE',
  exhausted: 'RESOURCE_EXHAUSTED',
  unimplemented: 'UNIMPLEMENTED',
  corrupt: 'CORRUPT',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorKind, string>;

/** The kinds of Problem; null where the caller has nothing to branch on, and the error stays an error. */
const PROBLEM_KINDS = {
  invalid: 'INVALID',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  forbidden: 'FORBIDDEN',
  unauthenticated: null,
  unavailable: 'UNAVAILABLE',
  exhausted: 'EXHAUSTED',
  unimplemented: 'UNIMPLEMENTED',
  corrupt: 'CORRUPT',
  internal: null,
} as const satisfies Record<ErrorKind, string | null>;

export type ProblemKind = NonNullable<(typeof PROBLEM_KINDS)[ErrorKind]>;

/** The schema's Problem. */
export interface Problem {
  __typename: 'Problem';
  kind: ProblemKind;
  code: string;
  message: string;
  hint: string | null;
  details: Readonly<Record<string, unknown>> | null;
}

/** Takes a line for the log, and the error behind it, whose stack goes with it. */
export type ErrorLog = (message: string, error: unknown) => void;

/** The error as a Problem; null where it is none, and belongs rethrown. */
export function problemOf(error: unknown): Problem | null {
  if (!(error instanceof DomainError)) return null;
  const kind = PROBLEM_KINDS[error.kind];
  if (kind === null) return null;
  return { __typename: 'Problem', kind, code: error.code, message: error.message, hint: error.hint ?? null, details: detailsOf(error) };
}

/** The details as JSON can carry them; null where there are none. */
function detailsOf(error: DomainError): Record<string, unknown> | null {
  if (Object.keys(error.details).length === 0) return null;
  const text = JSON.stringify(error.details, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as Record<string, unknown>;
}

/**
 * The error as the client may see it, at the place in the document where it happened. A DomainError says itself; everything
 * else, an `internal` DomainError included, says only that something went wrong, and is logged with its stack under the request id.
 */
export function toGraphqlError(error: unknown, { requestId, log }: { requestId: string; log: ErrorLog }): GraphQLError {
  const cause = originOf(error);
  const place = placeOf(error);
  if (cause instanceof DomainError && cause.kind !== 'internal') {
    return new GraphQLError(cause.message, {
      ...place,
      extensions: {
        code: CODES[cause.kind],
        kind: cause.kind,
        reason: cause.code,
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
        ...(Object.keys(cause.details).length === 0 ? {} : { details: detailsOf(cause) }),
      },
    });
  }
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
  log(`GraphQL request ${requestId} met a defect${path === undefined ? '' : ` at ${path}`}`, cause);
  return new GraphQLError(`Something went wrong on the server. The request's id is ${requestId}.`, {
    ...place,
    extensions: { code: CODES.internal, kind: 'internal', reason: 'INTERNAL', requestId },
  });
}

/** Where in the document it happened. */
function placeOf(error: unknown): Pick<GraphQLErrorOptions, 'nodes' | 'source' | 'positions' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  return { nodes: error.nodes ?? null, source: error.source ?? null, positions: error.positions ?? null, path: error.path ?? null };
}

/** The error that was thrown, out of the GraphQLErrors that located it. */
export function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError !== undefined) origin = origin.originalError;
  return origin;
}
