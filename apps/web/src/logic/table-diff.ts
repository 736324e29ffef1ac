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

/** The table of the first version that a table of the second is compared with: the one that was asked for, of the same path, or the only one. */
export function counterpart(path: string, before: readonly string[], asked: string | null): string | null {
  if (asked !== null && before.includes(asked)) return asked;
  if (before.includes(path)) return path;
  return before.length === 1 ? (before[0] ?? null) : null;
}
