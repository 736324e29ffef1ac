// What an import found and did, in counts and in reasons.

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
  /** At most 1,000; `notesLeftOut` says how many there were beyond. */
  notes: Note[];
  notesLeftOut: number;
}

const MAX_NOTES = 1_000;

export function emptyReport(source: string, dryRun: boolean): ImportReport {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, { found: 0, copied: 0, there: 0, skipped: 0 }])) as Record<Kind, Count>;
  return { source, dryRun, counts, bytes: 0, notes: [], notesLeftOut: 0 };
}

export function addNote(report: ImportReport, what: string, why: string): void {
  if (report.notes.length < MAX_NOTES) report.notes.push({ what, why });
  else report.notesLeftOut += 1;
}
