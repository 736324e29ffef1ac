// What is known of a table: asked of a process of its own (worker.ts), stored as it is, and shown. Numbers that may not fit a double, and
// everything that has no number, are texts, as DuckDB prints them.

/** The formats that are read. NDJSON and JSON are told apart by their content. */
export type TableFormat = 'csv' | 'tsv' | 'parquet' | 'json' | 'arrow';

/** How a column's values are summed up. */
export type ColumnKind = 'number' | 'text' | 'boolean' | 'time' | 'other';

export interface Bin {
  /** Where it begins and ends, in the column's unit; for times in milliseconds since 1970. The last bin includes its end. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface TopValue {
  /** Null: the cell is empty. Cut at TEXT_LIMIT characters. */
  readonly value: string | null;
  readonly count: number;
}

export interface ColumnProfile {
  readonly name: string;
  /** As DuckDB names it. */
  readonly type: string;
  readonly kind: ColumnKind;
  readonly nullCount: number;
  /** Different values that are not null; an estimate where `isDistinctEstimated`. */
  readonly distinctCount: number;
  readonly isDistinctEstimated: boolean;
  readonly min: string | null;
  readonly max: string | null;
  /** Of numbers that are finite. */
  readonly mean: number | null;
  readonly standardDeviation: number | null;
  /** Of numbers that are finite, at QUANTILES; empty where there is none. */
  readonly quantiles: readonly number[];
  /** NaN and the infinities. */
  readonly notFiniteCount: number;
  /** Of equal width, over what is finite; empty for texts and where all is one value. */
  readonly histogram: readonly Bin[];
  /** The most frequent values, most frequent first. */
  readonly top: readonly TopValue[];
}

export interface TableProfile {
  readonly format: TableFormat;
  readonly rowCount: number;
  readonly columnCount: number;
  /** The first COLUMN_LIMIT columns. */
  readonly columns: readonly ColumnProfile[];
  /** What a reader should know of how it was read. */
  readonly notes: readonly string[];
}

export interface TablePreview {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly columnCount: number;
  /** Cells as texts, cut at TEXT_LIMIT characters; null where there is none. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly hasMoreRows: boolean;
  readonly notes: readonly string[];
}

export interface ColumnChange {
  readonly name: string;
  readonly change: 'ADDED' | 'REMOVED' | 'RETYPED';
  readonly before: string | null;
  readonly after: string | null;
}

export interface RowChange {
  readonly change: 'ADDED' | 'REMOVED' | 'CHANGED';
  /** The cells of the columns of `sampleColumns`; null on the side where there is no row. */
  readonly before: readonly (string | null)[] | null;
  readonly after: readonly (string | null)[] | null;
}

export interface TableDiff {
  readonly columns: readonly ColumnChange[];
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** By which columns rows were recognised; empty: by all of them, and then no row counts as changed. */
  readonly key: readonly string[];
  readonly addedRows: number;
  readonly removedRows: number;
  readonly changedRows: number;
  /** Which columns changed in how many rows, most first. */
  readonly changedColumns: readonly { readonly name: string; readonly rows: number }[];
  readonly sampleColumns: readonly string[];
  readonly sample: readonly RowChange[];
  readonly notes: readonly string[];
}

/** Columns that are profiled and shown; what a table has beyond them is counted only. */
export const COLUMN_LIMIT = 500;
/** Characters of a cell that are told. */
export const TEXT_LIMIT = 200;
export const QUANTILES: readonly number[] = [0.05, 0.25, 0.5, 0.75, 0.95];

/** A file for the worker, which opens it under this path and nothing else. */
export interface TableFile {
  readonly file: string;
  readonly format: TableFormat;
}

/** What the worker can be asked; `folder` is empty, its own, and where it spills to. */
export type TableRequest = { readonly folder: string } & (
  | { readonly kind: 'profile'; readonly table: TableFile }
  | { readonly kind: 'preview'; readonly table: TableFile; readonly rows: number }
  | {
      readonly kind: 'diff';
      readonly before: TableFile;
      readonly after: TableFile;
      readonly key: readonly string[];
      readonly sample: number;
    }
);

export interface TableAnswers {
  profile: TableProfile;
  preview: TablePreview;
  diff: TableDiff;
}

/** How a table is kept: its format, and whether that is compressed once more. */
export interface TableKind {
  readonly format: TableFormat;
  readonly isGzipped: boolean;
}

const FORMATS: ReadonlyMap<string, TableFormat> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['json', 'json'],
  ['jsonl', 'json'],
  ['ndjson', 'json'],
  ['arrow', 'arrow'],
  ['feather', 'arrow'],
]);
/** What holds pages or batches compresses them itself. */
const GZIPPED: ReadonlySet<TableFormat> = new Set(['csv', 'tsv', 'json']);

/** The endings of paths that are tables, in lower case. */
export const TABLE_ENDINGS: readonly string[] = [...FORMATS].flatMap(([ending, format]) =>
  GZIPPED.has(format) ? [`.${ending}`, `.${ending}.gz`] : [`.${ending}`],
);

/** What a file is by its name; null: no table. */
export function tableKindOf(path: string): TableKind | null {
  const match = /\.([a-z0-9]+)(\.gz)?$/i.exec(path);
  const format = FORMATS.get((match?.[1] ?? '').toLowerCase());
  const isGzipped = match?.[2] !== undefined;
  return format === undefined || (isGzipped && !GZIPPED.has(format)) ? null : { format, isGzipped };
}

/** How a file of this kind ends where DuckDB is to read it, and how the kind is written down. */
export function endingOf({ format, isGzipped }: TableKind): string {
  return `.${format}${isGzipped ? '.gz' : ''}`;
}
