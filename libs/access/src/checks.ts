import { invalid } from '@throughline/kernel';

import { invalidToken } from './errors.ts';

const WORKSPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const CONTROL = /\p{Cc}/u;
const MAX_DAYS = 3650;

/** A workspace's name stands in headers and references: lower-case letters, digits and dashes, 1 to 63. */
export function checkWorkspaceName(name: string): string {
  if (WORKSPACE.test(name)) return name;
  throw invalid(
    'INVALID_WORKSPACE_NAME',
    `'${name.slice(0, 80)}' cannot be the name of a workspace: 1 to 63 lower-case letters, digits and dashes, no dash at an end.`,
  );
}

/** A name for people: printable, and not blank at its ends. */
export function checkLabel(what: string, name: string, max: number): string {
  if (name.length >= 1 && name.length <= max && name.isWellFormed() && !CONTROL.test(name) && name === name.trim()) return name;
  throw invalidToken(`The ${what} needs 1 to ${max} printable characters, without blanks around them.`);
}

/** When a token that is made now ends; null where it does not. */
export function expiryOf(now: Date, days: number | null | undefined): Date | null {
  if (days === null || days === undefined) return null;
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) {
    throw invalidToken(`A token ends after 1 to ${MAX_DAYS} whole days; ${days} was asked for.`);
  }
  return new Date(now.getTime() + days * 86_400_000);
}
