// How the MLflow edge answers an error: {error_code, message} and the status that goes with the code, by MLflow's own table
// (mlflow/exceptions.py), except that a client's mistake is never a 5xx: the client would try again for minutes.

import type { DomainError, ErrorKind } from '@throughline/kernel';

import { presentable } from '../http/errors.ts';

interface MlflowCode {
  code: string;
  status: number;
}

const KINDS = {
  invalid: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  not_found: { code: 'RESOURCE_DOES_NOT_EXIST', status: 404 },
  conflict: { code: 'INVALID_STATE', status: 400 },
  forbidden: { code: 'PERMISSION_DENIED', status: 403 },
  unauthenticated: { code: 'UNAUTHENTICATED', status: 401 },
  unavailable: { code: 'TEMPORARILY_UNAVAILABLE', status: 503 },
  exhausted: { code: 'RESOURCE_EXHAUSTED', status: 429 },
  unimplemented: { code: 'NOT_IMPLEMENTED', status: 501 },
  corrupt: { code: 'DATA_LOSS', status: 422 },
  internal: { code: 'INTERNAL_ERROR', status: 500 },
} satisfies Record<ErrorKind, MlflowCode>;

/** Where the protocol is finer than our kinds. */
const CODES: Readonly<Record<string, MlflowCode>> = {
  EXPERIMENT_EXISTS: { code: 'RESOURCE_ALREADY_EXISTS', status: 400 },
  MODEL_EXISTS: { code: 'RESOURCE_ALREADY_EXISTS', status: 400 },
  RUN_EXISTS: { code: 'RESOURCE_ALREADY_EXISTS', status: 400 },
  ALIAS_NOT_FOUND: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  RUN_NOT_ACTIVE: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  EXPERIMENT_NOT_ACTIVE: { code: 'INVALID_PARAMETER_VALUE', status: 400 },
  MALFORMED_REQUEST: { code: 'BAD_REQUEST', status: 400 },
  BODY_TOO_LARGE: { code: 'BAD_REQUEST', status: 413 },
};

/** A status and a body for an error; `requestId` is where the log has more of what is not told. */
export function toMlflowError(error: unknown, requestId: string): { status: number; body: { error_code: string; message: string } } {
  const known: DomainError | null = presentable(error);
  if (known === null) {
    return {
      status: 500,
      body: { error_code: 'INTERNAL_ERROR', message: `Something went wrong on the server. Its log has more under ${requestId}.` },
    };
  }
  const { code, status } = CODES[known.code] ?? KINDS[known.kind];
  return { status, body: { error_code: code, message: known.hint === undefined ? known.message : `${known.message} ${known.hint}` } };
}
