// Who calls. Every domain function takes a Call first: the caller, and the transaction that it takes part in where one is open.

import { DomainError } from './errors.ts';

export type Scope = 'READ' | 'WRITE' | 'ADMIN';

/** The principal behind a request, with what it may do and where. */
export interface Caller {
  workspaceId: string;
  principalId: string;
  /** The principal's name, as histories show it. */
  name: string;
  scope: Scope;
  /** The run (its UUID) whose own token this is; null for every other token. */
  runId: string | null;
}

const RANK = { READ: 0, WRITE: 1, ADMIN: 2 } satisfies Record<Scope, number>;

/**
 * Throws `forbidden` unless the caller's scope contains the one needed. A run's own token is for what the run itself does, so beyond
 * reading it is refused here, whatever its scope: what runs may write asks `requireWrite` instead.
 */
export function requireScope(caller: Caller, needed: Scope): void {
  checkRank(caller, needed);
  if (needed !== 'READ') requireRun(caller);
}

/** As `requireScope` for WRITE, but of a run's own token too: for writes that see to whose they are, by `requireRun`. */
export function requireWrite(caller: Caller): void {
  checkRank(caller, 'WRITE');
}

/**
 * Throws `forbidden` RUN_TOKEN_ONLY where the caller is a run's own token and that run is none of these: those that the thing to be
 * written belongs to. None at all is what belongs to no run.
 */
export function requireRun(caller: Caller, ...runs: readonly (string | null)[]): void {
  if (caller.runId === null || runs.includes(caller.runId)) return;
  throw new DomainError({
    kind: 'forbidden',
    code: 'RUN_TOKEN_ONLY',
    message: "This token was made for one run: it writes what is that run's own, and nothing else.",
    hint: 'Use a token that was made for no run.',
  });
}

function checkRank(caller: Caller, needed: Scope): void {
  if (RANK[caller.scope] >= RANK[needed]) return;
  throw new DomainError({
    kind: 'forbidden',
    code: 'SCOPE_TOO_SMALL',
    message: `This needs a token with the scope ${needed.toLowerCase()}; yours has ${caller.scope.toLowerCase()}.`,
    hint: `Make one on the settings page, or with: npx throughline token create --scope ${needed.toLowerCase()}`,
  });
}

/** Tells the time; tests bring their own. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
