// Values of metadata that somebody else wrote: taken as what they should be, or refused in words.

import { inspect } from 'node:util';

import { badSource } from './source.ts';

/** A plain object. */
export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw badSource(`${what} is not what it should be: an object is missing.`);
}

/** A list; a missing one is empty. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text; numbers and truth values as they are written. */
export function text(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw badSource(`A text is missing in the source; there is ${said(value)}.`);
  }
}

export function textOrNull(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : text(value);
}

/** A number that JavaScript holds exactly, or a double. */
export function number(value: unknown): number {
  const result = typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value;
  if (typeof result === 'number' && !Number.isNaN(result)) return result;
  throw badSource(`A number is missing in the source; there is ${said(value)}.`);
}

export function numberOrNull(value: unknown): number | null {
  return value === undefined || value === null ? null : number(value);
}

function said(value: unknown): string {
  return value === undefined ? 'nothing' : inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 80);
}
