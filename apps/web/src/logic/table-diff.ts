// Rows of a comparison as they are drawn: every cell with what it is, or was, and whether it changed.

export interface SampleCell {
  value: string | null;
  /** What it was; the same as `value` where it did not change. */
  before: string | null;
  isChanged: boolean;
}

export interface SampleRow {
  change: 'ADDED' | 'REMOVED' | 'CHANGED';
  cells: SampleCell[];
}

interface RowChange {
  change: SampleRow['change'];
  before?: readonly (string | null | undefined)[] | null | undefined;
  after?: readonly (string | null | undefined)[] | null | undefined;
}

/** One row for each of the sample, with a cell for each of its columns. A row that came or went shows its own cells, none of them changed. */
export function sampleRows({ sample, sampleColumns }: { sample: readonly RowChange[]; sampleColumns: readonly string[] }): SampleRow[] {
  return sample.map(({ change, before, after }) => ({
    change,
    cells: sampleColumns.map((_, index): SampleCell => {
      const was = before?.[index] ?? null;
      const is = after?.[index] ?? null;
      if (change === 'CHANGED') return { value: is, before: was, isChanged: was !== is };
      const value = change === 'ADDED' ? is : was;
      return { value, before: value, isChanged: false };
    }),
  }));
}

/** The tables of a version, by path: all of them, or the first. */
export interface TableList {
  paths: readonly string[];
  isWhole: boolean;
}

const TABLE_NAME = /\.(?:(?:csv|tsv|tab|json|jsonl|ndjson)(?:\.gz)?|parquet|pq|arrow|feather)$/i;

/** Whether a path is among the tables, or may be among those behind the last that is listed, by its name. */
export function mayHold({ paths, isWhole }: TableList, path: string): boolean {
  return paths.includes(path) || (!isWhole && path > (paths.at(-1) ?? '') && TABLE_NAME.test(path));
}

/** The table of the first version that a table of the second is compared with: the one that was asked for, of the same path, or the only one. */
export function counterpart(path: string, before: TableList, asked: string | null): string | null {
  if (asked !== null && mayHold(before, asked)) return asked;
  if (mayHold(before, path)) return path;
  return before.isWhole && before.paths.length === 1 ? (before.paths[0] ?? null) : null;
}
