// Pages: bounded, by opaque cursors. A cursor holds the sort key of the row behind which the page begins, so that a page
// stays where it was when rows are added before it (keyset paging).

import { invalid } from './errors.ts';

/** What a caller asks for. */
export interface PageRequest {
  first: number;
  after: string | null;
}

/** One page of things; `cursor` stands for the last item. */
export interface Page<T> {
  items: readonly T[];
  cursorOf: (item: T) => string;
  hasNextPage: boolean;
}

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 1000;

/** Checks a requested page size and cursor. Throws `invalid` outside 1 to `max` (1000 unless told). */
export function pageRequest(
  args: { first?: number | null | undefined; after?: string | null | undefined },
  max: number = MAX_PAGE,
): PageRequest {
  const first = args.first ?? Math.min(DEFAULT_PAGE, max);
  if (!Number.isInteger(first) || first < 1 || first > max) {
    throw invalid('INVALID_PAGE', `'first' must be a whole number from 1 to ${max}; it was ${first}.`);
  }
  return { first, after: args.after ?? null };
}

/** Writes a cursor from the sort key's values. */
export function encodeCursor(key: readonly (string | number | boolean | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** What a sort key may hold; text with NUL, which no row of ours has and PostgreSQL refuses, is not among it. */
function isKeyPart(part: unknown): part is string | number | boolean | null {
  if (typeof part === 'string') return !part.includes('\0') && part.isWellFormed();
  return part === null || typeof part === 'number' || typeof part === 'boolean';
}

/** Reads a cursor of `length` values. Throws `invalid` where it is not one of ours. */
export function decodeCursor(cursor: string, length: number): (string | number | boolean | null)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === length && key.every(isKeyPart)) {
      return key;
    }
  } catch {
    // Falls through to the one answer for everything that is not a cursor.
  }
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}

/** Makes a page out of up to `first + 1` rows: the extra one only says that there are more. */
export function pageOf<T>(rows: readonly T[], first: number, cursorOf: (item: T) => string): Page<T> {
  return { items: rows.slice(0, first), cursorOf, hasNextPage: rows.length > first };
}
