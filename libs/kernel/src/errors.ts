// The one error that domains throw. It knows no protocol: each edge (GraphQL, MLflow, files) maps kinds to its own form
// in a table checked with `satisfies Record<ErrorKind, …>`, so that a new kind does not compile until every edge answers it.

/** What class of thing went wrong; decides the status at every edge. */
export type ErrorKind =
  | 'invalid'
  | 'not_found'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'unavailable'
  | 'exhausted'
  | 'unimplemented'
  | 'corrupt'
  | 'internal';

export interface DomainErrorOptions {
  kind: ErrorKind;
  /** Stable, UPPER_SNAKE_CASE, for programs: `RUN_NOT_FOUND`. */
  code: string;
  /** For people: what was wrong with which input, and what would be right. Never the server's insides. */
  message: string;
  /** What to do about it, where there is more to say. */
  hint?: string;
  /** Small facts that a program may want: the limit that was passed, the id that was unknown. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** A failure that the caller may be told about. Anything else that is thrown is a defect and stays inside. */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: DomainErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.kind = options.kind;
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

type Extra = Omit<DomainErrorOptions, 'kind' | 'code' | 'message'>;

/** The caller's input is wrong; trying it again will not help. */
export function invalid(code: string, message: string, extra: Extra = {}): DomainError {
  return new DomainError({ kind: 'invalid', code, message, ...extra });
}

/** The thing that was named does not exist, or not for this caller. */
export function notFound(code: string, message: string, extra: Extra = {}): DomainError {
  return new DomainError({ kind: 'not_found', code, message, ...extra });
}

/** The state of the thing does not allow it: a name is taken, another was faster. */
export function conflict(code: string, message: string, extra: Extra = {}): DomainError {
  return new DomainError({ kind: 'conflict', code, message, ...extra });
}

/** Throws an internal error unless the condition holds: for what only a defect can break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new DomainError({ kind: 'internal', code: 'INVARIANT_BROKEN', message });
}
