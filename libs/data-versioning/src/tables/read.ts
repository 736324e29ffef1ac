// In the worker: a table's file as a table of DuckDB, under the name that is asked for.
//
// The process that does this trusts nothing of the file. DuckDB is opened without the network, without extensions, with one thread and little
// memory, and may open the files that it was given and its own folder, for good: the settings are locked before the first byte is read.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';

import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DataType, RecordBatchReader } from 'apache-arrow';
import type { Vector } from 'apache-arrow';

import type { TableFile } from './types.ts';

/** A table that was opened. */
export interface OpenTable {
  /** To be written in SQL as it is. */
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly notes: readonly string[];
}

/** The longest line of a CSV, and the largest value of a JSON, in bytes. */
const LINE_BYTES = 4 * 1024 * 1024;

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Opens DuckDB in `folder`, for these files and nothing else. */
export async function openDatabase(folder: string, files: readonly string[], memoryBytes: number): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(join(folder, 'tables.duckdb'), {
    threads: '1',
    memory_limit: `${Math.floor(memoryBytes / 1_000_000)}MB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: join(folder, 'spilled'),
    max_temp_directory_size: '8GB',
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run(`SET allowed_directories = [${literal(folder)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return connection;
}

export interface OpenOptions {
  /** No more rows are read. */
  readonly firstRows?: number;
}

/** Opens a file as the table or view `name`. Throws what DuckDB or Arrow says of a file that is none. */
export async function openTable(
  connection: DuckDBConnection,
  name: string,
  { file, format }: TableFile,
  { firstRows }: OpenOptions = {},
): Promise<OpenTable> {
  const notes: string[] = [];
  const limit = firstRows === undefined ? '' : `LIMIT ${firstRows}`;
  switch (format) {
    case 'parquet':
      // Its columns are read one by one, as often as they are asked for.
      await connection.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet(${literal(file)})`);
      break;
    case 'json':
      await connection.run(
        `CREATE TABLE ${name} AS SELECT * FROM read_json(${literal(file)}, maximum_object_size = ${LINE_BYTES}) ${limit}`,
      );
      await unwrap(connection, name);
      break;
    case 'csv':
    case 'tsv':
      notes.push(...(await readText(connection, name, { file, format }, limit)));
      break;
    case 'arrow':
      await readArrow(connection, name, file, firstRows);
      break;
  }
  const described = await connection.runAndReadAll(`SELECT column_name, column_type FROM (DESCRIBE ${name})`);
  const columns = described.getRowsJson().map(([column, type]) => ({ name: textOf(column), type: textOf(type) }));
  // A name that SQL cannot say; such a file is hardly a table.
  if (columns.some((column) => column.name.includes('\0'))) throw new Error('The name of a column has a NUL in it.');
  return { sql: name, columns, notes };
}

/** Where some values are numbers and some texts, DuckDB keeps them as JSON, quotes and all: read as the texts that they are. */
async function unwrap(connection: DuckDBConnection, name: string): Promise<void> {
  const mixed = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE ${name}) WHERE column_type = 'JSON'`);
  for (const [column] of mixed.getRowsJson()) {
    const c = quoted(textOf(column));
    await connection.run(`ALTER TABLE ${name} ALTER ${c} TYPE VARCHAR USING ${c} ->> '$'`);
  }
}

/** Types are found by reading all of it; where they do not hold, the table is read as texts, and where even that fails, without the lines that no reader understands. */
async function readText(connection: DuckDBConnection, name: string, { file, format }: TableFile, limit: string): Promise<string[]> {
  const given = `${literal(file)}, max_line_size = ${LINE_BYTES}${format === 'tsv' ? `, delim = '\t'` : ''}`;
  const attempts: { options: string; notes: string[] }[] = [
    { options: 'sample_size = 100000', notes: [] },
    { options: 'sample_size = -1', notes: [] },
    {
      options: 'all_varchar = true, null_padding = true, strict_mode = false',
      notes: ['Its rows do not agree on types: every column was read as text.'],
    },
    {
      options: `all_varchar = true, null_padding = true, strict_mode = false, encoding = 'latin-1'`,
      notes: ['It is not UTF-8: it was read as Latin-1, every column as text.'],
    },
  ];
  let first: unknown = null;
  for (const { options, notes } of attempts) {
    try {
      await connection.run(`CREATE OR REPLACE TABLE ${name} AS SELECT * FROM read_csv(${given}, ${options}) ${limit}`);
      return notes;
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

interface ArrowColumn {
  readonly type: DuckDBType;
  readonly valueOf: (value: unknown) => DuckDBValue;
}

/** How a column of Arrow becomes one of ours. Lists, structs and whatever else has no plain form become JSON. */
function arrowColumn(type: DataType): ArrowColumn {
  if (DataType.isDictionary(type)) return arrowColumn(type.dictionary as DataType);
  if (DataType.isBool(type)) return { type: BOOLEAN, valueOf: (value) => value === true };
  // An unsigned one of 64 bits may be more than BIGINT holds; DuckDB finds the type of the text.
  if (DataType.isInt(type) && (type.isSigned || type.bitWidth < 64))
    return { type: BIGINT, valueOf: (value) => BigInt(value as number | bigint) };
  if (DataType.isFloat(type)) return { type: DOUBLE, valueOf: (value) => Number(value) };
  // apache-arrow tells both in milliseconds since 1970.
  if (DataType.isTimestamp(type) || DataType.isDate(type)) {
    return { type: TIMESTAMP_MS, valueOf: (value) => new DuckDBTimestampMillisecondsValue(BigInt(Math.trunc(Number(value)))) };
  }
  return { type: VARCHAR, valueOf: textOf };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object')
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? value.toString() : '';
}

/** What DuckDB takes at once. */
const CHUNK_ROWS = 2_048;

async function readArrow(connection: DuckDBConnection, name: string, file: string, firstRows = Infinity): Promise<void> {
  const reader = await RecordBatchReader.from(createReadStream(file));
  await reader.open();
  const columns = reader.schema.fields.map((field) => ({ name: field.name, ...arrowColumn(field.type as DataType) }));
  if (columns.length === 0) throw new Error('The file has no columns.');
  await connection.run(`CREATE TABLE ${name} (${columns.map((one) => `${quoted(one.name)} ${one.type.toString()}`).join(', ')})`);
  const appender = await connection.createAppender(name);
  const types = columns.map(({ type }) => type);
  let left = firstRows;
  for await (const batch of reader) {
    if (left <= 0) break;
    for (let from = 0; from < batch.numRows; from += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, batch.numRows - from, left);
      if (count <= 0) break;
      left -= count;
      const chunk = DuckDBDataChunk.create(types, count);
      columns.forEach((column, index) => {
        const vector: Vector | null = batch.getChildAt(index);
        const values = Array.from({ length: count }, (_, row): DuckDBValue => {
          const value: unknown = vector?.get(from + row) ?? null;
          return value === null ? null : column.valueOf(value);
        });
        chunk.setColumnValues(index, values);
      });
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}
