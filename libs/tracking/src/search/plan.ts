// Searches become one parametrised statement. No text of a caller's ever becomes SQL: operands choose among expressions written
// here, and everything else travels as a value.
//
// Pages go by keys. Each order is a list of terms that are never NULL and end in a unique one, so that the rows behind a cursor are
// those behind a tuple of values. What sorts apart (a NaN, a missing value) gets a rank in a term of its own, in front of the value.
// A cursor holds the values of its row and a fingerprint of the query, since the keys of one query mean nothing in another.

import { createHash } from 'node:crypto';

import type { Queryable } from '@throughline/database';
import { decodeCursor, encodeCursor, invalid } from '@throughline/kernel';
import type { FilterClause, FilterComparator, Page, PageRequest } from '@throughline/kernel';

type KeyType = 'text' | 'int8' | 'float8';

/** One key of an order: an expression that is never NULL. Text compares by bytes. */
export interface Term {
  sql: string;
  type: KeyType;
  ascending: boolean;
}

/** A statement in the making. */
export interface Plan {
  values: Values;
  /** Tables and joins, behind FROM. */
  from: string[];
  where: string[];
  order: Term[];
  /** The values of the first terms where all rows of the plan share them: no order among them, and nothing to compare. None unless told. */
  fixed?: readonly number[];
  /** Everything that makes this query another one than its neighbours. */
  fingerprint: string;
}

/** The values of a statement, and the placeholders that stand for them. */
export class Values {
  readonly list: unknown[] = [];

  /** Answers the placeholder of a value. */
  add(value: unknown, type?: string): string {
    this.list.push(value);
    return type === undefined ? `$${this.list.length}` : `$${this.list.length}::${type}`;
  }
}

/** Names a query in a few characters. */
export function fingerprintOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

function comparable(term: Term): string {
  return term.type === 'text' ? `(${term.sql}) COLLATE "C"` : `(${term.sql})`;
}

/** The rows behind a tuple of keys. The first key stands alone in front, for indexes. */
function behind(plan: Plan, keys: readonly unknown[]): string {
  const fixed = plan.fixed?.length ?? 0;
  const parts = plan.order.slice(fixed).map((term, index) => ({
    sql: comparable(term),
    operator: term.ascending ? '>' : '<',
    value: plan.values.add(keys[fixed + index], term.type),
  }));
  const nested = parts.reduceRight(
    (rest, { sql, operator, value }) => `(${sql} ${operator} ${value} OR (${sql} = ${value} AND ${rest}))`,
    'FALSE',
  );
  const [first] = parts;
  return first === undefined ? 'TRUE' : `${first.sql} ${first.operator}= ${first.value} AND ${nested}`;
}

/** Reads a cursor, in the words of MLflow where it is none. */
export function readCursor(cursor: string, length: number): ReturnType<typeof decodeCursor> {
  try {
    return decodeCursor(cursor, length);
  } catch (cause) {
    throw invalid('INVALID_CURSOR', 'Invalid page token: it is not one of this list; pass on the one that came with the page before.', {
      cause,
    });
  }
}

/** The keys in a cursor of this plan. Throws `invalid` INVALID_CURSOR where it is another's, or none. */
export function keysOf(plan: Plan, cursor: string): unknown[] {
  const [fingerprint, ...keys] = readCursor(cursor, plan.order.length + 1);
  if (fingerprint !== plan.fingerprint) {
    throw invalid(
      'INVALID_CURSOR',
      'Invalid page token: it comes from another search; a token fits only the filter and order that it came with.',
    );
  }
  for (const [index, term] of plan.order.entries()) {
    const key = keys[index];
    const fits =
      term.type === 'text' ? typeof key === 'string' : term.type === 'int8' ? Number.isSafeInteger(key) : typeof key === 'number';
    if (!fits || (typeof key === 'string' && (key.includes('\0') || !key.isWellFormed()))) {
      throw invalid('INVALID_CURSOR', 'Invalid page token: it is not one of ours.');
    }
  }
  return keys;
}

/** The statement's parts that both ways of running a plan share. */
function clausesOf(plan: Plan, columns: string, page: PageRequest): string {
  const where = page.after === null ? plan.where : [...plan.where, behind(plan, keysOf(plan, page.after))];
  const keys = plan.order.map((term, index) => `${comparable(term)} AS k${index}`);
  const order = plan.order.slice(plan.fixed?.length ?? 0).map((term) => `${comparable(term)} ${term.ascending ? 'ASC' : 'DESC'}`);
  const limit = plan.values.add(page.first + 1, 'int8');
  return `SELECT ${[columns, ...keys].join(', ')} FROM ${plan.from.join(' ')} WHERE ${where.join(' AND ')} ORDER BY ${order.join(', ')} LIMIT ${limit}`;
}

/** Rows of a plan, with the keys that make their cursors beside their columns; one more than the page has, where there are more. */
export function rowsOf(db: Queryable, plan: Plan, columns: string, page: PageRequest): Promise<object[]> {
  return db.sql(clausesOf(plan, columns, page), plan.values.list);
}

/** Parts what was selected from the keys beside it, which become cursors. */
export function pageFrom<Row extends object>(plan: Plan, rows: readonly object[], first: number): Page<Row> {
  const names = Object.keys(rows[0] ?? {}).filter((name) => !/^(?:k\d+|owner)$/.test(name));
  const items = rows.slice(0, first).map((row): Row => {
    const item: Record<string, unknown> = {};
    for (const name of names) item[name] = Reflect.get(row, name);
    return item as Row;
  });
  const keysAt = (place: number) => plan.order.map((_, index) => Reflect.get(rows[place] ?? {}, `k${index}`) as string | number);
  return pageOf(plan, { items, keysAt, hasNextPage: rows.length > first });
}

/** A page of what was found in the order of a plan; `keysAt` tells the keys of an item by its place. */
export function pageOf<Row extends object>(
  plan: Plan,
  found: { items: Row[]; keysAt: (place: number) => readonly (string | number)[]; hasNextPage: boolean },
): Page<Row> {
  const { items, keysAt, hasNextPage } = found;
  let places: Map<Row, number> | null = null;
  const placeOf = (item: Row): number | undefined => {
    // Most pages need the cursor of their last row alone.
    if (item === items.at(-1)) return items.length - 1;
    places ??= new Map(items.map((one, place) => [one, place]));
    return places.get(item);
  };
  const cursorOf = (item: Row): string => {
    const place = placeOf(item);
    return place === undefined ? '' : encodeCursor([plan.fingerprint, ...keysAt(place)]);
  };
  return { items, cursorOf, hasNextPage };
}

/** Runs a plan for one page of rows. `columns` is what is selected of each. */
export async function runPlan<Row extends object>(db: Queryable, plan: Plan, columns: string, page: PageRequest): Promise<Page<Row>> {
  return pageFrom<Row>(plan, await rowsOf(db, plan, columns, page), page.first);
}

/** The owner's id in a plan that is run for each of several owners. */
export const OWNER = 'o.id';

/** Runs a plan for one page of each owner, in one statement: its conditions name the OWNER. Every owner has a page. */
export async function runPlanForEach<Row extends object>(
  db: Queryable,
  plan: Plan,
  columns: string,
  options: { owners: readonly string[]; page: PageRequest },
): Promise<Map<string, Page<Row>>> {
  const { owners, page } = options;
  const inner = clausesOf(plan, columns, page);
  const order = plan.order.map(
    (term, index) => `t.k${index}${term.type === 'text' ? ' COLLATE "C"' : ''} ${term.ascending ? 'ASC' : 'DESC'}`,
  );
  const rows = await db.sql<{ owner: string }>(
    `SELECT ${OWNER} AS owner, t.* FROM unnest(${plan.values.add(owners, 'uuid[]')}) AS o(id) CROSS JOIN LATERAL (${inner}) t ORDER BY ${[OWNER, ...order].join(', ')}`,
    plan.values.list,
  );
  const groups = Map.groupBy(rows, (row) => row.owner);
  return new Map(owners.map((owner) => [owner, pageFrom<Row>(plan, groups.get(owner) ?? [], page.first)]));
}

/** How many rows a plan has in all pages. */
export async function countPlan(db: Queryable, plan: Plan): Promise<number> {
  const [row] = await db.sql<{ count: number }>(
    `SELECT count(*) AS count FROM ${plan.from.join(' ')} WHERE ${plan.where.join(' AND ')}`,
    plan.values.list,
  );
  return row?.count ?? 0;
}

/** The same for each owner. */
export async function countPlanForEach(db: Queryable, plan: Plan, owners: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.sql<{ owner: string; count: number }>(
    `SELECT ${OWNER} AS owner, t.count FROM unnest(${plan.values.add(owners, 'uuid[]')}) AS o(id)
     CROSS JOIN LATERAL (SELECT count(*) AS count FROM ${plan.from.join(' ')} WHERE ${plan.where.join(' AND ')}) t`,
    plan.values.list,
  );
  return new Map(rows.map(({ owner, count }) => [owner, count]));
}

/** What an operand may be compared by. */
export const NUMERIC: readonly FilterComparator[] = ['=', '!=', '>', '>=', '<', '<='];
export const TEXTUAL: readonly FilterComparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
export const LISTED: readonly FilterComparator[] = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];
export const NULLABLE: readonly FilterComparator[] = ['=', '!=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL'];

export function checkComparator(clause: FilterClause, allowed: readonly FilterComparator[], what: string): void {
  if (allowed.includes(clause.comparator)) return;
  throw invalid(
    'INVALID_FILTER',
    `Invalid comparator '${clause.comparator}' not one of '${allowed.join(', ')}' for the ${what} '${clause.key.slice(0, 80)}'.`,
  );
}

/** The text that a clause compares with. */
export function textOf(clause: FilterClause, what: string): string {
  if (clause.value.kind === 'text') return clause.value.value;
  throw invalid(
    'INVALID_FILTER',
    `Expected a quoted string value for ${what} (e.g. 'my-value') behind '${clause.key.slice(0, 80)} ${clause.comparator}'.`,
  );
}

/** The number that a clause compares with. */
export function numberOf(clause: FilterClause, what: string): number {
  if (clause.value.kind === 'number') return clause.value.value;
  throw invalid(
    'INVALID_FILTER',
    `Expected numeric value type for ${what}, unquoted, behind '${clause.key.slice(0, 80)} ${clause.comparator}'.`,
  );
}

/** A condition on a text. LIKE knows % and _ and no escapes, as MLflow's SQLite does, so that a backslash is a backslash. */
export function textCondition(values: Values, sql: string, clause: FilterClause, what: string): string {
  switch (clause.comparator) {
    case 'LIKE':
    case 'ILIKE':
      return `${sql} ${clause.comparator} ${values.add(textOf(clause, what), 'text')} ESCAPE ''`;
    case 'IN':
    case 'NOT IN': {
      const members = values.add(clause.value.kind === 'list' ? clause.value.values : [], 'text[]');
      return clause.comparator === 'IN' ? `${sql} = ANY (${members})` : `NOT (${sql} = ANY (${members}))`;
    }
    case 'IS NULL':
    case 'IS NOT NULL':
      return `${sql} ${clause.comparator}`;
    default:
      return `${sql} ${operatorOf(clause)} ${values.add(textOf(clause, what), 'text')}`;
  }
}

/** A condition on a number that is never NaN. */
export function numberCondition(values: Values, sql: string, clause: FilterClause, what: string): string {
  const number = numberOf(clause, what);
  return `${sql} ${operatorOf(clause)} ${values.add(number, Number.isSafeInteger(number) ? 'int8' : 'float8')}`;
}

/** A condition on a double: a NaN is neither more nor less than any number, while PostgreSQL sorts it above all of them. */
export function doubleCondition(values: Values, sql: string, clause: FilterClause, what: string): string {
  const condition = `${sql} ${operatorOf(clause)} ${values.add(numberOf(clause, what), 'float8')}`;
  return clause.comparator === '>' || clause.comparator === '>=' ? `${condition} AND ${sql} <> 'NaN'` : condition;
}

const OPERATORS = { '=': '=', '!=': '<>', '>': '>', '>=': '>=', '<': '<', '<=': '<=' } as const;

function operatorOf(clause: FilterClause): string {
  switch (clause.comparator) {
    case '=':
    case '!=':
    case '>':
    case '>=':
    case '<':
    case '<=':
      return OPERATORS[clause.comparator];
    default:
      throw invalid('INVALID_FILTER', `Invalid comparator '${clause.comparator}' for '${clause.key.slice(0, 80)}'.`);
  }
}

/** A table of keys and values, and the row that has them. */
export interface KeyValues {
  name: string;
  /** Its column that names the row. */
  owner: string;
  /** The row's id, as an expression. */
  row: string;
  /** Whether it has the indexes over short and long values that `valueEquals` is for. */
  indexed?: boolean;
  /** What stands behind the conditions of a look into it; nothing unless told. */
  fence?: string;
}

/**
 * Values up to this many bytes are in an index whole, which so answers for them alone; of longer ones an index of its own has the
 * beginning. PostgreSQL uses either only where the statement says the same about the length.
 */
const SHORT = 'octet_length(v.value) <= 128';
const LONG = 'octet_length(v.value) > 128';

/** A condition for `v` to have exactly this value, for the index that has values of its length. */
export function valueEquals(values: Values, value: string): string {
  const text = values.add(value, 'text');
  return Buffer.byteLength(value) <= 128
    ? `${SHORT} AND v.value COLLATE "C" = ${text}`
    : `${LONG} AND left(v.value, 64) = left(${text}, 64) AND v.value = ${text}`;
}

/**
 * Joins what rows have under a key, and answers it as an expression: two joins, for the indexes over short and long values, since without either all
 * keys of all owners are read where there are many rows. `row` is the row's id, `alias` begins the names of the joins.
 */
export function joinValue(plan: Plan, table: Pick<KeyValues, 'name' | 'owner' | 'row'>, key: string, alias: string): string {
  const placeholder = plan.values.add(key, 'text');
  for (const [name, isOfLength] of [
    [`${alias}s`, '<= 128'],
    [`${alias}l`, '> 128'],
  ]) {
    plan.from.push(
      `LEFT JOIN ${table.name} ${name} ON ${name}.${table.owner} = ${table.row} AND ${name}.key = ${placeholder} AND octet_length(${name}.value) ${isOfLength}`,
    );
  }
  return `coalesce(${alias}s.value, ${alias}l.value)`;
}

/**
 * A condition on what a row has under a key in a table of keys and values: `alias.owner = row.id AND alias.key = …`. A row that lacks
 * the key matches nothing but IS NULL, as in MLflow, whose joins drop it.
 */
export function keyValueCondition(values: Values, table: KeyValues, clause: FilterClause, what: string): string {
  const key = values.add(clause.key, 'text');
  const exists = (condition: string) =>
    `EXISTS (SELECT 1 FROM ${table.name} v WHERE v.${table.owner} = ${table.row} AND v.key = ${key}${condition}${table.fence ?? ''})`;
  if (clause.comparator === 'IS NULL') return `NOT ${exists('')}`;
  if (clause.comparator === '=' && table.indexed === true) return exists(` AND ${valueEquals(values, textOf(clause, what))}`);
  const condition = clause.comparator === 'IS NOT NULL' ? '' : ` AND ${textCondition(values, 'v.value', clause, what)}`;
  if (table.indexed !== true) return exists(condition);
  return `(${exists(` AND ${SHORT}${condition}`)} OR ${exists(` AND ${LONG}${condition}`)})`;
}

/** Two terms that put rows without a value last, whichever way the others run. */
export function nullsLast(sql: string, type: KeyType, ascending: boolean): Term[] {
  const none = type === 'text' ? `''` : '0';
  return [
    { sql: `CASE WHEN ${sql} IS NULL THEN 1 ELSE 0 END`, type: 'int8', ascending: true },
    { sql: `coalesce(${sql}, ${none})`, type, ascending },
  ];
}

/** Two terms for a double: numbers, then NaN, then what is missing, whichever way the numbers run. */
export function nanLast(sql: string, ascending: boolean): Term[] {
  return [
    { sql: `CASE WHEN ${sql} IS NULL THEN 2 WHEN ${sql} = 'NaN' THEN 1 ELSE 0 END`, type: 'int8', ascending: true },
    { sql: `CASE WHEN ${sql} IS NULL OR ${sql} = 'NaN' THEN 0 ELSE ${sql} END`, type: 'float8', ascending },
  ];
}

/** Throws where two orderings are by the same thing. */
export function checkDistinct(names: readonly string[]): void {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw invalid('INVALID_ORDER', `\`order_by\` contains duplicate fields: ${twice.join(', ')}`);
}

/** Orderings of one search at most. */
export const MAX_ORDERINGS = 20;

export function checkOrderings(count: number): void {
  if (count > MAX_ORDERINGS) throw invalid('INVALID_ORDER', `A search has at most ${MAX_ORDERINGS} orderings; this one has ${count}.`);
}
