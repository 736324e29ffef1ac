import type { ReactNode } from 'react';

/** A column of a plain table. */
export interface Column<Row> {
  id: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** A CSS width; columns without one share what is left. */
  width?: number | string;
  /** Numbers stand at the right, in the mono face. */
  kind?: 'number' | 'mono' | 'text' | 'wrap';
}

interface Props<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Marks rows that are withdrawn or deleted. */
  faded?: (row: Row) => boolean;
  /** The least width before the table scrolls sideways in its own box. */
  minWidth?: number;
}

/** A table of fixed columns: rows of 32 px, numbers aligned, long text cut with its whole on hover. */
export function Table<Row>({ label, columns, rows, keyOf, faded, minWidth = 560 }: Props<Row>) {
  return (
    <div className="table-box">
      <table className="table" aria-label={label} style={{ minWidth }}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={column.width === undefined ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.kind === 'number' ? 'number' : undefined}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className={faded?.(row) === true ? 'faded' : undefined}>
              {columns.map((column) => (
                <td key={column.id} className={column.kind}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The foot of a list that grows page by page. */
export function More({
  query,
  shown,
  total,
  noun,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  shown: number;
  total?: number | undefined;
  noun: string;
}) {
  return (
    <div className="more">
      <span className="quiet">
        {shown.toLocaleString('en')}
        {total === undefined ? '' : ` of ${total.toLocaleString('en')}`} {noun}
      </span>
      {query.hasNextPage ? (
        <button type="button" className="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </button>
      ) : null}
    </div>
  );
}
