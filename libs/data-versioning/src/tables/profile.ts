// In the worker: what a table holds, column by column.

import type { DuckDBConnection } from '@duckdb/node-api';

import { quoted } from './read.ts';
import type { OpenTable } from './read.ts';
import { COLUMN_LIMIT, QUANTILES, TEXT_LIMIT } from './types.ts';
import type { Bin, ColumnKind, ColumnProfile, TableFormat, TableProfile, TopValue } from './types.ts';

const BINS = 20;
const TOP = 10;
/** Up to so many rows everything is counted exactly; above it, different values and quantiles are estimated (HyperLogLog, t-digest). */
const EXACT_ROWS = 1_000_000;

const NUMBER = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/;
const TIME = /^(?:DATE|TIMESTAMP)/;

export function kindOf(type: string): ColumnKind {
  if (/[[(]/.test(type.replace(/^DECIMAL\([\d, ]+\)$/, ''))) return 'other';
  if (NUMBER.test(type)) return 'number';
  if (TIME.test(type)) return 'time';
  if (type === 'BOOLEAN') return 'boolean';
  return type === 'VARCHAR' || type === 'UUID' || type === 'TIME' ? 'text' : 'other';
}

/** Profiles an open table. */
export async function profileTable(connection: DuckDBConnection, table: OpenTable, format: TableFormat): Promise<TableProfile> {
  const [counted] = (await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${table.sql}`)).getRowsJson();
  const rowCount = Number(counted?.[0] ?? 0);
  const columns: ColumnProfile[] = [];
  for (const column of table.columns.slice(0, COLUMN_LIMIT)) {
    columns.push(await profileColumn(connection, table.sql, column, rowCount));
  }
  const left = table.columns.length - columns.length;
  const notes = left > 0 ? [`${left.toLocaleString('en')} columns beyond the first ${COLUMN_LIMIT} were not profiled.`] : [];
  return { format, rowCount, columnCount: table.columns.length, columns, notes: [...table.notes, ...notes] };
}

async function profileColumn(
  connection: DuckDBConnection,
  table: string,
  { name, type }: { name: string; type: string },
  rowCount: number,
): Promise<ColumnProfile> {
  const kind = kindOf(type);
  const c = quoted(name);
  const isExact = rowCount <= EXACT_ROWS;
  const text = (sql: string) => `left((${sql})::VARCHAR, ${TEXT_LIMIT})`;
  // Lists and structs have no order that says something, but they can be told apart.
  const distinct = isExact ? `count(DISTINCT ${c})` : `approx_count_distinct(${c})`;
  const finite = `FILTER (isfinite(${c}::DOUBLE))`;
  const quantile = isExact ? 'quantile_cont' : 'approx_quantile';
  const row = await one(
    connection,
    `SELECT count(*) - count(${c}) AS nulls, ${distinct} AS uniques,
       ${kind === 'other' ? 'NULL' : text(`min(${c})`)} AS least, ${kind === 'other' ? 'NULL' : text(`max(${c})`)} AS most
       ${
         kind === 'number'
           ? `, count(*) FILTER (NOT isfinite(${c}::DOUBLE)) AS odd, avg(${c}::DOUBLE) ${finite} AS mean, stddev_samp(${c}::DOUBLE) ${finite} AS deviation,
              ${quantile}(${c}::DOUBLE, [${QUANTILES.join(', ')}]) ${finite} AS quantiles, min(${c}::DOUBLE) ${finite} AS low, max(${c}::DOUBLE) ${finite} AS high`
           : ''
       }
       ${kind === 'time' ? `, epoch_ms(min(${c}) FILTER (isfinite(${c})))::DOUBLE AS low, epoch_ms(max(${c}) FILTER (isfinite(${c})))::DOUBLE AS high` : ''}
     FROM ${table}`,
  );
  const x = kind === 'time' ? `epoch_ms(${c})::DOUBLE` : `${c}::DOUBLE`;
  const isIn = kind === 'time' ? `isfinite(${c})` : `isfinite(${c}::DOUBLE)`;
  return {
    name,
    type,
    kind,
    nullCount: Number(row['nulls']),
    distinctCount: Number(row['uniques']),
    isDistinctEstimated: !isExact,
    min: textOrNull(row['least']),
    max: textOrNull(row['most']),
    mean: finiteOrNull(row['mean']),
    standardDeviation: finiteOrNull(row['deviation']),
    quantiles: Array.isArray(row['quantiles']) ? row['quantiles'].map(Number).filter(Number.isFinite) : [],
    notFiniteCount: Number(row['odd'] ?? 0),
    histogram: await histogramOf(connection, { table, x, isIn, low: finiteOrNull(row['low']), high: finiteOrNull(row['high']) }),
    top: await topOf(connection, { table, c, kind, isUnique: Number(row['uniques']) >= rowCount - Number(row['nulls']) }),
  };
}

async function histogramOf(
  connection: DuckDBConnection,
  { table, x, isIn, low, high }: { table: string; x: string; isIn: string; low: number | null; high: number | null },
): Promise<Bin[]> {
  if (low === null || high === null || !(high > low)) return [];
  // The width of the whole may not fit a double, that of a bin does.
  const width = high / BINS - low / BINS;
  if (!Number.isFinite(width) || width === 0) return [];
  const { rows } = await all(
    connection,
    `SELECT least(${BINS - 1}, greatest(0, floor(${x} / ${width} - (${low} / ${width}))))::INTEGER AS bin, count(*)::DOUBLE AS count FROM ${table} WHERE ${isIn} GROUP BY 1`,
  );
  const counts = new Map(rows.map((row) => [Number(row['bin']), Number(row['count'])]));
  return Array.from({ length: BINS }, (_, bin) => ({
    from: low + bin * width,
    to: bin === BINS - 1 ? high : low + (bin + 1) * width,
    count: counts.get(bin) ?? 0,
  }));
}

/** Values that are all different have no most frequent ones. */
async function topOf(
  connection: DuckDBConnection,
  { table, c, kind, isUnique }: { table: string; c: string; kind: ColumnKind; isUnique: boolean },
): Promise<TopValue[]> {
  if (isUnique || kind === 'other') return [];
  const { rows } = await all(
    connection,
    `SELECT left(value::VARCHAR, ${TEXT_LIMIT}) AS value, count FROM (
       SELECT ${c} AS value, count(*)::DOUBLE AS count FROM ${table} WHERE ${c} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP}) top ORDER BY count DESC, value`,
  );
  return rows.map((row) => ({ value: textOrNull(row['value']), count: Number(row['count']) }));
}

async function all(connection: DuckDBConnection, sql: string) {
  const reader = await connection.runAndReadAll(sql);
  return { rows: reader.getRowObjectsJson() };
}

async function one(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>> {
  return (await all(connection, sql)).rows[0] ?? {};
}

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
const finiteOrNull = (value: unknown) => (value === null || value === undefined || !Number.isFinite(Number(value)) ? null : Number(value));
