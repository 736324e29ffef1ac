// In the worker: what changed from one table to another, by columns and by rows.
//
// Rows are recognised by a key: the columns that the user names, or one that both tables have and that is different in every row of each. Without one,
// a table is a bag of rows: what is more often in one than in the other was added or removed, and nothing can be said to have changed.

import type { DuckDBConnection } from '@duckdb/node-api';

import { cells } from './preview.ts';
import { quoted } from './read.ts';
import type { OpenTable } from './read.ts';
import { COLUMN_LIMIT } from './types.ts';
import type { ColumnChange, RowChange, TableDiff } from './types.ts';

/** So many columns are tried as a key, those that are named like one first. */
const KEYS_TRIED = 20;
const KEY_NAME = /^(?:.*_)?(?:id|key|uuid|guid|index)$/i;

interface Both {
  readonly before: OpenTable;
  readonly after: OpenTable;
}

/** Compares two open tables. Throws where a key column is missing or a key is there twice. */
export async function diffTables(
  connection: DuckDBConnection,
  both: Both,
  { key: asked, sample }: { key: readonly string[]; sample: number },
): Promise<TableDiff> {
  const { before, after } = both;
  const typesAfter = new Map(after.columns.map(({ name, type }) => [name, type]));
  const common = before.columns.filter(({ name }) => typesAfter.has(name)).map(({ name }) => name);
  const missing = asked.find((name) => !common.includes(name));
  if (missing !== undefined) throw new Error(`There is no column '${missing}' in both tables.`);

  const rowsBefore = await count(connection, `SELECT count(*) FROM ${before.sql}`);
  const rowsAfter = await count(connection, `SELECT count(*) FROM ${after.sql}`);
  const rows = { before: rowsBefore, after: rowsAfter };
  const key = asked.length > 0 ? asked : await keyOf(connection, both, { common, rows });
  if (asked.length > 0 && !(await isKey(connection, both, { key, rows }))) {
    throw new Error(`'${asked.join("', '")}' is no key: a value is missing, or there more than once.`);
  }
  const columns = columnChanges(both);
  const notes = [...new Set([...before.notes, ...after.notes])];
  if (common.length === 0) {
    const found = {
      key: [],
      addedRows: rowsAfter,
      removedRows: rowsBefore,
      changedRows: 0,
      changedColumns: [],
      sampleColumns: [],
      sample: [],
    };
    return { columns, rowsBefore, rowsAfter, ...found, notes: [...notes, 'The tables have no column in common.'] };
  }
  const found =
    key.length > 0 ? await byKey(connection, both, { key, common, sample }) : await asBags(connection, both, { common, sample });
  return { columns, rowsBefore, rowsAfter, key, ...found, notes };
}

function columnChanges({ before, after }: Both): ColumnChange[] {
  const was = new Map(before.columns.map(({ name, type }) => [name, type]));
  const is = new Map(after.columns.map(({ name, type }) => [name, type]));
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.flatMap((name): ColumnChange[] => {
    const [from, to] = [was.get(name) ?? null, is.get(name) ?? null];
    if (from === to) return [];
    return [{ name, change: from === null ? 'ADDED' : to === null ? 'REMOVED' : 'RETYPED', before: from, after: to }];
  });
}

async function keyOf(
  connection: DuckDBConnection,
  both: Both,
  { common, rows }: { common: readonly string[]; rows: { before: number; after: number } },
): Promise<string[]> {
  const tried = [...common].sort((a, b) => Number(KEY_NAME.test(b)) - Number(KEY_NAME.test(a))).slice(0, KEYS_TRIED);
  for (const name of tried) {
    // A measurement that happens to be different in every row is no key.
    if (!KEY_NAME.test(name) && /^(?:FLOAT|DOUBLE|DECIMAL)/.test(both.before.columns.find((one) => one.name === name)?.type ?? ''))
      continue;
    if (await isKey(connection, both, { key: [name], rows })) return [name];
  }
  return [];
}

/**
 * A column as it is compared: as it is where both tables have it as one type, which is several times as fast, and else as a text, so that 1 is still 1 where
 * a table became another format.
 */
function comparable({ before, after }: Both): (name: string, of: string) => string {
  const was = new Map(before.columns.map(({ name, type }) => [name, type]));
  const same = new Set(after.columns.filter(({ name, type }) => was.get(name) === type).map(({ name }) => name));
  return (name, of) => `${of}${quoted(name)}${same.has(name) ? '' : '::VARCHAR'}`;
}

async function isKey(
  connection: DuckDBConnection,
  both: Both,
  { key, rows }: { key: readonly string[]; rows: { before: number; after: number } },
): Promise<boolean> {
  const { before, after } = both;
  const as = comparable(both);
  const columns = key.map((name) => as(name, ''));
  const present = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  const different = (table: OpenTable) =>
    count(connection, `SELECT count(*) FROM (SELECT DISTINCT ${columns.join(', ')} FROM ${table.sql} WHERE ${present})`);
  return (await different(before)) === rows.before && (await different(after)) === rows.after;
}

type Found = Pick<TableDiff, 'addedRows' | 'removedRows' | 'changedRows' | 'changedColumns' | 'sampleColumns' | 'sample'>;

async function byKey(
  connection: DuckDBConnection,
  both: Both,
  { key, common, sample }: { key: readonly string[]; common: readonly string[]; sample: number },
): Promise<Found> {
  const { before, after } = both;
  const as = comparable(both);
  const on = key.map((name) => `${as(name, 'b.')} = ${as(name, 'a.')}`).join(' AND ');
  const others = common.filter((name) => !key.includes(name));
  const differs = (name: string) => `${as(name, 'b.')} IS DISTINCT FROM ${as(name, 'a.')}`;
  const isChanged = others.length === 0 ? 'FALSE' : `(${others.map(differs).join(' OR ')})`;
  const joined = `${before.sql} b JOIN ${after.sql} a ON ${on}`;
  const only = (left: string, right: string, x: string) => `${left} ${x} ANTI JOIN ${right} ${x === 'b' ? 'a' : 'b'} ON ${on}`;
  const gone = only(before.sql, after.sql, 'b');
  const come = only(after.sql, before.sql, 'a');

  const counted =
    others.length === 0
      ? []
      : await connection
          .runAndReadAll(`SELECT ${others.map((name) => `(count(*) FILTER (${differs(name)}))::DOUBLE`).join(', ')} FROM ${joined}`)
          .then((reader) => reader.getRowsJson()[0] ?? []);
  const changedColumns = others
    .map((name, index) => ({ name, rows: Number(counted[index] ?? 0) }))
    .filter((one) => one.rows > 0)
    .sort((x, y) => y.rows - x.rows);
  // Of a wide table, what says which row it is and what changed comes first.
  const sampleColumns = [...new Set([...key, ...changedColumns.map(({ name }) => name), ...common])].slice(0, Math.min(COLUMN_LIMIT, 50));
  const order = (x: string) => key.map((name) => `${x}.${quoted(name)}`).join(', ');
  const changed = await rowsOf(
    connection,
    `SELECT ${cells(sampleColumns, 'b.')}, ${cells(sampleColumns, 'a.')} FROM ${joined} WHERE ${isChanged} ORDER BY ${order('a')} LIMIT ${sample}`,
  );
  const removed = await rowsOf(connection, `SELECT ${cells(sampleColumns, 'b.')} FROM ${gone} ORDER BY ${order('b')} LIMIT ${sample}`);
  const added = await rowsOf(connection, `SELECT ${cells(sampleColumns, 'a.')} FROM ${come} ORDER BY ${order('a')} LIMIT ${sample}`);
  const width = sampleColumns.length;
  return {
    addedRows: await count(connection, `SELECT count(*) FROM ${come}`),
    removedRows: await count(connection, `SELECT count(*) FROM ${gone}`),
    changedRows: await count(connection, `SELECT count(*) FROM ${joined} WHERE ${isChanged}`),
    changedColumns,
    sampleColumns,
    sample: [
      ...changed.map((row): RowChange => ({ change: 'CHANGED', before: row.slice(0, width), after: row.slice(width) })),
      ...removed.map((row): RowChange => ({ change: 'REMOVED', before: row, after: null })),
      ...added.map((row): RowChange => ({ change: 'ADDED', before: null, after: row })),
    ],
  };
}

async function asBags(
  connection: DuckDBConnection,
  both: Both,
  { common, sample }: { common: readonly string[]; sample: number },
): Promise<Found> {
  const { before, after } = both;
  const as = comparable(both);
  const whole = common.map((name) => `${as(name, '')} AS ${quoted(name)}`).join(', ');
  const bag = (x: OpenTable, y: OpenTable) => `(SELECT ${whole} FROM ${x.sql} EXCEPT ALL SELECT ${whole} FROM ${y.sql})`;
  const sampleColumns = common.slice(0, 50);
  const shown = (x: OpenTable, y: OpenTable) =>
    rowsOf(connection, `SELECT ${cells(sampleColumns)} FROM ${bag(x, y)} ORDER BY ALL LIMIT ${sample}`);
  const removed = await shown(before, after);
  const added = await shown(after, before);
  return {
    addedRows: await count(connection, `SELECT count(*) FROM ${bag(after, before)}`),
    removedRows: await count(connection, `SELECT count(*) FROM ${bag(before, after)}`),
    changedRows: 0,
    changedColumns: [],
    sampleColumns,
    sample: [
      ...removed.map((row): RowChange => ({ change: 'REMOVED', before: row, after: null })),
      ...added.map((row): RowChange => ({ change: 'ADDED', before: null, after: row })),
    ],
  };
}

async function count(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await connection.runAndReadAll(sql)).getRowsJson()[0]?.[0] ?? 0);
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<(string | null)[][]> {
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  return rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : null)));
}
