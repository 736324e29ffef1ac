// What an import found and did, in counts and in reasons.

import { isUnreadable } from './source.ts';
import type { Unreadable } from './source.ts';

/** What is counted. */
export const KINDS = ['experiments', 'runs', 'points', 'loggedModels', 'files', 'registeredModels', 'modelVersions'] as const;
export type Kind = (typeof KINDS)[number];

export interface Count {
  found: number;
  /** Copied now. */
  copied: number;
  /** Here already, from an import before. */
  there: number;
  /** Left out, for a reason that the notes tell. */
  skipped: number;
}

export interface Note {
  /** What it is about, such as `run 7f3a…`. */
  what: string;
  why: string;
}

export interface ImportReport {
  source: string;
  dryRun: boolean;
  counts: Record<Kind, Count>;
  /** Bytes of the files that were copied. */
  bytes: number;
  /** How many things were left out, those among them that are not counted above: params, tags, aliases. */
  leftOut: number;
  /** What was left out, and what came otherwise than it was. At most 1,000; `notesLeftOut` says how many there were beyond. */
  notes: Note[];
  notesLeftOut: number;
}

const MAX_NOTES = 1_000;

export function emptyReport(source: string, dryRun: boolean): ImportReport {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, { found: 0, copied: 0, there: 0, skipped: 0 }])) as Record<Kind, Count>;
  return { source, dryRun, counts, bytes: 0, leftOut: 0, notes: [], notesLeftOut: 0 };
}

/** Notes what came otherwise than it was. */
export function addNote(report: ImportReport, what: string, why: string): void {
  if (report.notes.length < MAX_NOTES) report.notes.push({ what, why });
  else report.notesLeftOut += 1;
}

/** Notes what did not come, and counts it where it is of a kind that is counted. */
export function leaveOut(report: ImportReport, what: string, why: string, kind?: Kind): void {
  report.leftOut += 1;
  if (kind !== undefined) report.counts[kind].skipped += 1;
  addNote(report, what, why);
}

/** What of a source can be read; the rest is left out of the import, and does not end it. */
export async function* readableOf<T extends object>(
  report: ImportReport,
  kind: Kind,
  items: AsyncIterable<T | Unreadable>,
): AsyncGenerator<T> {
  for await (const item of items) {
    if (!isUnreadable(item)) {
      yield item;
      continue;
    }
    report.counts[kind].found += 1;
    leaveOut(report, item.unreadable, item.why, kind);
  }
}
