// What can go wrong, sorted by what to do about it.

import { ThroughlineError } from './throughline-error.ts';
import type { Refusal } from './types.ts';

export { ThroughlineError };

/**
 * What to do about a request that failed. `transient`: send it again later. `blocked`: nothing of this run will be taken until somebody changes something
 * (a token, a deleted run). `refused`: this record will never be taken, others may be.
 */
export type FailureKind = 'transient' | 'blocked' | 'refused';

/** Codes whose kind no status tells. */
export const KIND_OF_CODE: Readonly<Record<string, FailureKind>> = {
  RUN_NOT_FOUND: 'blocked',
  RUN_NOT_ACTIVE: 'blocked',
  // Another request of ours is still at it, or was cut off; the next one asks where to go on.
  UPLOAD_BUSY: 'transient',
  UPLOAD_OFFSET: 'transient',
  UPLOAD_NOT_FOUND: 'transient',
};

/** A request that failed. */
export class Failure extends ThroughlineError {
  readonly kind: FailureKind;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(options: {
    kind: FailureKind;
    code: string;
    message: string;
    hint?: string | undefined;
    retryAfterMs?: number | undefined;
    cause?: unknown;
  }) {
    super(options);
    this.kind = options.kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function invalidInput(message: string, hint?: string): ThroughlineError {
  return new ThroughlineError({ code: 'INVALID_INPUT', message, hint });
}

/** An error for records that the server refused for good. */
export function refusedError(refusals: readonly Refusal[]): ThroughlineError {
  const [first] = refusals;
  const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : '';
  return new ThroughlineError({
    code: 'REFUSED',
    message: `The server refused ${first === undefined ? 'a record' : `${first.record}: ${first.message}`}${more}`,
    refusals,
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of an error of the system: ENOENT, ECONNREFUSED. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
