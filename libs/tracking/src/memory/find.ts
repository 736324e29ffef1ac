// Finds a page of runs in memory: along the rows in order, from behind the cursor, until the page is full.
//
// An order has the rows that were there when it was made. Those that came since are looked at one by one, sorted, and put between.

import type { RunSearchPlans } from '../search/runs.ts';
import { resolve } from '../search/runs.ts';
import { conditionOf } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { HAS_NAN, HAS_NOTHING, HAS_NUMBER } from './table.ts';
import type { Order, RunTable } from './table.ts';

/** The values of a row's keys, one for each term of the plan's order. */
export type Keys = readonly (number | string)[];

/** A row that was found. */
export interface FoundRow {
  row: number;
  keys: Keys;
}

/** An order that memory can serve: by start time, the newest first, or by a metric first. */
export type MemoryOrder = { metric: string; ascending: boolean } | 'newest';

/** Which order a search asks for; null where memory cannot serve it. */
export function memoryOrderOf({ orders }: Pick<RunSearchPlans, 'orders'>): MemoryOrder | null {
  const operands = orders.map((order) => ({ ...resolve(order), ascending: order.ascending }));
  const [first] = operands;
  const isMetric = first?.entity === 'metric';
  const rest = isMetric ? operands.slice(1) : operands;
  // Behind whatever comes first, the newest come first; so it may as well be said.
  const isNewest = rest.every(({ entity, key, ascending }) => entity === 'attribute' && key === 'start_time' && !ascending);
  if (!isNewest) return null;
  return isMetric ? { metric: first.key, ascending: first.ascending } : 'newest';
}

/** Whether each key rises, as the plan's order has it. */
export function directionsOf(order: MemoryOrder): readonly boolean[] {
  return order === 'newest' ? [false, true] : [true, order.ascending, false, true];
}

/** Less than 0 where `a` comes before `b`. Keys of one place are of one type; texts compare by bytes, which all are ASCII. */
export function compareKeys(directions: readonly boolean[], a: Keys, b: Keys): number {
  for (const [index, ascending] of directions.entries()) {
    const [one, other] = [a[index] ?? 0, b[index] ?? 0];
    if (one === other) continue;
    return one < other === ascending ? -1 : 1;
  }
  return 0;
}

export interface MemorySearch {
  order: MemoryOrder;
  /** Every one must hold. */
  conditions: readonly Condition[];
  /** null for runs in use and deleted ones. */
  isActive: boolean | null;
  /** Runs (UUIDs) that are not looked at. */
  except: ReadonlySet<string>;
  /** The keys behind which it begins; null for the beginning. */
  behind: Keys | null;
  /** Rows at most. */
  limit: number;
}

/** Compiles the filters of a search; null where memory cannot tell one of them. */
export function conditionsOf(table: RunTable, { clauses }: Pick<RunSearchPlans, 'clauses'>): Condition[] | null {
  const conditions: Condition[] = [];
  for (const clause of clauses) {
    const condition = conditionOf(table, clause);
    if (condition === null) return null;
    conditions.push(condition);
  }
  return conditions;
}

/** The keys of rows in an order. */
function keysIn(table: RunTable, order: MemoryOrder): (row: number) => Keys {
  const { startTimes, runIds } = table;
  if (order === 'newest') return (row) => [startTimes[row] ?? 0, runIds[row] ?? ''];
  const { values, has } = table.metric(order.metric);
  return (row) => {
    const kind = has[row];
    const flag = kind === HAS_NUMBER ? 0 : kind === HAS_NAN ? 1 : 2;
    return [flag, flag === 0 ? (values[row] ?? 0) : 0, startTimes[row] ?? 0, runIds[row] ?? ''];
  };
}

/** The rows in order, in lists one behind the other; each has only those rows that the test holds for. */
function listsOf(table: RunTable, order: MemoryOrder): { order: Order; holds: Condition | null }[] {
  if (order === 'newest') return [{ order: table.newest(), holds: null }];
  const { has } = table.metric(order.metric);
  const newest = table.newest();
  return [
    { order: table.byMetric(order.metric, order.ascending), holds: null },
    { order: newest, holds: (row) => has[row] === HAS_NAN },
    { order: newest, holds: (row) => has[row] === HAS_NOTHING },
  ];
}

/** Finds rows in order, `limit` at most. One look, in which the table stays as it is. */
export function findRows(table: RunTable, search: MemorySearch): FoundRow[] {
  const { order, behind, limit } = search;
  const directions = directionsOf(order);
  const keysOf = keysIn(table, order);
  const isBehind = (keys: Keys) => behind === null || compareKeys(directions, behind, keys) < 0;
  const isFound = testOf(table, search);

  const found: FoundRow[] = [];
  // Each list ends at rows of its own, so that what came later is told for each.
  for (const [flag, { order: list, holds }] of listsOf(table, order).entries()) {
    if (found.length >= limit) break;
    const isOfList = (row: number) => (order === 'newest' || keysOf(row)[0] === flag) && isFound(row);
    const late: FoundRow[] = [];
    for (let row = list.end; row < table.length; row += 1) {
      if (!isOfList(row)) continue;
      const keys = keysOf(row);
      if (isBehind(keys)) late.push({ row, keys });
    }
    late.sort((a, b) => compareKeys(directions, a.keys, b.keys));
    const { rows } = list;
    const from = behind === null || holds !== null ? 0 : firstBehind(rows, (row) => compareKeys(directions, behind, keysOf(row)) < 0);
    const walked: FoundRow[] = [];
    for (let at = from; at < rows.length && found.length + walked.length < limit; at += 1) {
      const row = rows[at] ?? 0;
      if ((holds !== null && !holds(row)) || !isFound(row)) continue;
      const keys = keysOf(row);
      if (holds === null || isBehind(keys)) walked.push({ row, keys });
    }
    found.push(...merged(directions, walked, late, limit - found.length));
  }
  return found;
}

function testOf(table: RunTable, { conditions, isActive, except }: MemorySearch): Condition {
  const { isCurrent, isActive: active, ids } = table;
  const wanted = isActive === null ? null : Number(isActive);
  return (row) =>
    isCurrent[row] === 1 &&
    (wanted === null || active[row] === wanted) &&
    conditions.every((holds) => holds(row)) &&
    (except.size === 0 || !except.has(ids[row] ?? ''));
}

/** Where in rows in order the first one is that a test holds for, which then holds for all behind it. */
function firstBehind(rows: Uint32Array, isBehind: Condition): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(rows[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Two lists in order as one, `limit` at most. */
export function merged<T extends { keys: Keys }>(directions: readonly boolean[], a: readonly T[], b: readonly T[], limit: number): T[] {
  if (b.length === 0) return a.slice(0, limit);
  const all: T[] = [];
  let [fromA, fromB] = [0, 0];
  while (all.length < limit) {
    const [one, other] = [a[fromA], b[fromB]];
    if (one === undefined && other === undefined) break;
    if (other === undefined || (one !== undefined && compareKeys(directions, one.keys, other.keys) <= 0)) {
      if (one !== undefined) all.push(one);
      fromA += 1;
    } else {
      all.push(other);
      fromB += 1;
    }
  }
  return all;
}
