// How values are shown where the schema's type is another than ours.

/** The last moment that four digits of a year can say; clients may log any number for a time. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function dateOf(ms: number): Date {
  return new Date(Math.min(ms, LAST_MS));
}
