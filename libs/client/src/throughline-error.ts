// The error that callers meet. It stands alone, because the package's declarations are made of this file.

import type { Refusal } from './types.ts';

/** Whatever goes wrong; told apart by `code`. */
export class ThroughlineError extends Error {
  /** INVALID_INPUT, PARAM_CHANGED, RUN_FINISHED, JOURNAL_FULL, UNREACHABLE, REFUSED, or a code of the server. */
  readonly code: string;
  /** What would help. */
  readonly hint: string | undefined;
  /** The records that were refused, where the code is REFUSED. */
  readonly refusals: readonly Refusal[];

  constructor(options: { code: string; message: string; hint?: string | undefined; refusals?: readonly Refusal[]; cause?: unknown }) {
    super(options.hint === undefined ? options.message : `${options.message} ${options.hint}`, { cause: options.cause });
    this.name = 'ThroughlineError';
    this.code = options.code;
    this.hint = options.hint;
    this.refusals = options.refusals ?? [];
  }
}
