// What the database's own codes mean to a domain. Nothing of a statement, a constraint or a driver leaks above this file.

import { DomainError } from '@throughline/kernel';

/** The constraint that a statement ran into, for stores to name what is taken. */
export class ConstraintError extends Error {
  readonly kind: 'unique' | 'foreign_key' | 'check';
  /** The constraint's name where the database told it, else ''. */
  readonly constraint: string;

  constructor(kind: ConstraintError['kind'], constraint: string, cause: unknown) {
    super(`a ${kind} constraint was violated: ${constraint}`, { cause });
    this.name = 'ConstraintError';
    this.kind = kind;
    this.constraint = constraint;
  }
}

const LOST_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
  '08001',
  '53300',
]);
const LOST_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Can't reach database server|connection is closed/i;
const PRISMA_LOST = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
/** Two transactions stood in each other's way, and PostgreSQL ended this one. */
const COLLISIONS = new Set(['40P01', '40001', 'P2034']);
/** The database ended a statement because it ran too long, or because somebody asked it to. */
const CANCELLED = '57014';
const CONSTRAINTS: Record<string, ConstraintError['kind']> = {
  '23505': 'unique',
  '23503': 'foreign_key',
  '23514': 'check',
  P2002: 'unique',
  P2003: 'foreign_key',
};

function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Turns an error of the driver or of Prisma into a DomainError or ConstraintError; passes everything else through. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof DomainError || error instanceof ConstraintError || !(error instanceof Error)) return error;
  const code = text(field(error, 'code'));
  const driver = field(field(error, 'meta'), 'driverAdapterError');
  const cause = field(driver, 'cause');
  const original = text(field(cause, 'originalCode'));
  if (LOST_CONNECTION.has(code) || PRISMA_LOST.has(code) || LOST_CONNECTION.has(original) || LOST_MESSAGE.test(error.message))
    return unavailable(error);
  if (COLLISIONS.has(code) || COLLISIONS.has(original)) return collided(error);
  if (code === CANCELLED || original === CANCELLED) return tooSlow(error);
  const kind = CONSTRAINTS[code] ?? CONSTRAINTS[original];
  if (kind !== undefined) {
    // Prisma passes a check's name on only inside the database's own sentence.
    const quoted = /constraint "([^"]+)"/.exec(text(field(cause, 'originalMessage')))?.[1];
    const named = field(error, 'constraint') ?? field(field(cause, 'constraint'), 'index') ?? quoted;
    return new ConstraintError(kind, text(named), error);
  }
  return error;
}

function collided(cause: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'TRANSACTION_COLLIDED',
    message: 'Another change stood in the way; nothing was changed. Try again.',
    cause,
  });
}

function tooSlow(cause: unknown): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'STATEMENT_TOO_SLOW',
    message: 'This took the database too long and was given up; nothing was changed.',
    hint: 'Ask for less at once: a narrower filter, or a smaller page.',
    cause,
  });
}

/** What work hears that goes on behind the end of its transaction. */
export function transactionOver(): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TRANSACTION_TOO_SLOW',
    message: 'This took too long and was given up; nothing was changed.',
    hint: 'Ask for less at once, or try again when less is going on.',
  });
}

function unavailable(cause: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'DATABASE_UNAVAILABLE',
    message: 'The database cannot be reached at the moment; nothing was changed. Try again shortly.',
    cause,
  });
}

/** Whether the error is a violated constraint of this kind, and of this name where one is given. */
export function isConstraint(error: unknown, kind: ConstraintError['kind'], constraint?: string): error is ConstraintError {
  return error instanceof ConstraintError && error.kind === kind && (constraint === undefined || error.constraint === constraint);
}
