// In the worker: the first rows of a table.

import type { DuckDBConnection } from '@duckdb/node-api';

import { quoted } from './read.ts';
import type { OpenTable } from './read.ts';
import { TEXT_LIMIT } from './types.ts';
import type { TablePreview } from './types.ts';

/** A page shows no more, and an answer stays small. */
const COLUMNS_SHOWN = 100;

/** The cells of columns as texts that are short enough to be told. */
export const cells = (columns: readonly string[], of = '') =>
  columns.map((name) => `left(${of}${quoted(name)}::VARCHAR, ${TEXT_LIMIT})`).join(', ');

/** The first `rows` rows of an open table. */
export async function previewTable(connection: DuckDBConnection, table: OpenTable, rows: number): Promise<TablePreview> {
  const columns = table.columns.slice(0, COLUMNS_SHOWN);
  const names = columns.map(({ name }) => name);
  const found = await connection.runAndReadAll(`SELECT ${cells(names)} FROM ${table.sql} LIMIT ${rows + 1}`);
  const read = found.getRowsJson().map((row) => row.map((cell) => (typeof cell === 'string' ? cell : null)));
  return {
    columns,
    columnCount: table.columns.length,
    rows: read.slice(0, rows),
    hasMoreRows: read.length > rows,
    notes: table.notes,
  };
}
