// MLflow's search of the registry, compiled to SQL: a filter of the shared grammar, an order, and keyset pages. Every value
// is a parameter; what becomes SQL text is chosen from the lists below. A page token carries the sort key of the last row and a
// fingerprint of the query, since a token of another query would answer nonsense in silence.

import { createHash } from 'node:crypto';

import type { FilterClause, OrderClause } from '@throughline/kernel';
import { decodeCursor, encodeCursor, invalid, parseFilter, parseOrderBy, printFilter, printOrderBy } from '@throughline/kernel';

export interface SearchQuery {
  /** MLflow's filter string. */
  filter?: string | null | undefined;
  /** MLflow's order_by clauses. */
  orderBy?: readonly string[] | null | undefined;
  maxResults?: number | null | undefined;
  pageToken?: string | null | undefined;
}

export interface SearchResult<T> {
  items: T[];
  /** Null on the last page. */
  nextPageToken: string | null;
}

interface Column {
  /** The expression, over the search's own aliases. Never null where it orders. */
  sql: string;
  type: 'text' | 'bigint';
  /** Whether IN lists are taken. */
  lists?: boolean;
}

/** What one search knows: its columns, its tags, its limits. */
export interface SearchSpec {
  filterable: Readonly<Record<string, Column>>;
  orderable: Readonly<Record<string, Column>>;
  /** The order behind whatever is asked for; ends in what is unique. */
  tieBreak: readonly { key: string; ascending: boolean }[];
  defaultOrder: readonly { key: string; ascending: boolean }[];
  tags: { table: string; owner: string; id: string };
  defaultResults: number;
  maxResults: number;
  /** What one page holds at most, whatever is asked for: pages may be shorter than asked. */
  pageLimit: number;
}

export interface CompiledSearch {
  where: string;
  orderBy: string;
  values: unknown[];
  limit: number;
  /** The token that stands behind a row, given its sort key. */
  tokenOf(key: readonly (string | number)[]): string;
  /** The sort key's expressions, in their order. */
  keys: readonly Column[];
}

const IS_PROMPT = 'mlflow.prompt.is_prompt';
const TEXT_COMPARATORS: readonly string[] = ['=', '!=', 'LIKE', 'ILIKE'];
const NUMBER_COMPARATORS: readonly string[] = ['=', '!=', '>', '>=', '<', '<='];
const MAX_ORDERS = 10;

/** Compiles a query. `$1` is the workspace. Throws `invalid` for what the grammar or this search does not have. */
export function compileSearch(spec: SearchSpec, workspaceId: string, query: SearchQuery): CompiledSearch {
  const clauses = parseFilter(query.filter);
  const orders = completeOrder(spec, (query.orderBy ?? []).map(parseOrderBy));
  const fingerprint = createHash('sha256')
    .update(`${printFilter(clauses)}\n${orders.map((order) => `${order.key} ${String(order.ascending)}`).join(',')}`)
    .digest('base64url')
    .slice(0, 12);

  const values: unknown[] = [workspaceId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const conditions = promptRule(spec, clauses, add).concat(otherClauses(clauses).map((clause) => compileClause(spec, clause, add)));
  const token = query.pageToken ?? '';
  if (token !== '') {
    conditions.push(behind(orders, readToken(token, orders, fingerprint), add));
  }
  return {
    where: conditions.map((condition) => `AND ${condition}`).join('\n'),
    orderBy: orders.map((order) => `${order.column.sql} ${order.ascending ? 'ASC' : 'DESC'}`).join(', '),
    values,
    limit: checkMaxResults(spec, query.maxResults),
    tokenOf: (key) => encodeCursor([fingerprint, ...key]),
    keys: orders.map((order) => order.column),
  };
}

function checkMaxResults(spec: SearchSpec, wanted: number | null | undefined): number {
  const count = wanted ?? spec.defaultResults;
  if (!Number.isInteger(count) || count < 1 || count > spec.maxResults) {
    throw invalid(
      'INVALID_MAX_RESULTS',
      `Invalid value for max_results. It must be a positive integer of at most ${spec.maxResults}, but got value ${count}.`,
      { details: { limit: spec.maxResults } },
    );
  }
  return Math.min(count, spec.pageLimit);
}

/** An ordering with the column behind it. */
interface Order {
  key: string;
  column: Column;
  ascending: boolean;
}

function completeOrder(spec: SearchSpec, asked: readonly OrderClause[]): Order[] {
  if (asked.length > MAX_ORDERS) throw invalid('INVALID_ORDER', `At most ${MAX_ORDERS} order_by clauses; there are ${asked.length}.`);
  const orders: Order[] = [];
  const known = (sql: string) => orders.some((order) => order.column.sql === sql);
  for (const clause of asked) {
    const column = isAttribute(clause.entity) && Object.hasOwn(spec.orderable, clause.key) ? spec.orderable[clause.key] : undefined;
    if (column === undefined) {
      throw invalid(
        'INVALID_ORDER',
        `Invalid order by key '${printOrderBy(clause).slice(0, 120)}' specified. Valid keys are ${Object.keys(spec.orderable).join(', ')}.`,
      );
    }
    if (known(column.sql)) throw invalid('INVALID_ORDER', `\`order_by\` contains duplicate fields: '${clause.key}'.`);
    orders.push({ key: clause.key, column, ascending: clause.ascending });
  }
  for (const { key, ascending } of asked.length === 0 ? [...spec.defaultOrder, ...spec.tieBreak] : spec.tieBreak) {
    const column = spec.orderable[key];
    if (column !== undefined && !known(column.sql)) orders.push({ key, column, ascending });
  }
  return orders;
}

function isAttribute(entity: string | null): boolean {
  return entity === null || entity === 'attribute';
}

function isTag(clause: FilterClause): boolean {
  return clause.entity === 'tag' || clause.entity === 'tags';
}

const isPromptClause = (clause: FilterClause): boolean => isTag(clause) && clause.key === IS_PROMPT;
const otherClauses = (clauses: readonly FilterClause[]): FilterClause[] => clauses.filter((clause) => !isPromptClause(clause));

/**
 * Prompts are registered models with a tag, and stay out unless they are asked for: MLflow's rule. The first clause about that tag
 * decides; `= 'false'` and `!= 'true'` mean everything else, also what lacks the tag.
 */
function promptRule(spec: SearchSpec, clauses: readonly FilterClause[], add: (value: unknown) => string): string[] {
  const mentions = clauses.filter(isPromptClause);
  const { comparator, value } = mentions[0] ?? { comparator: '=', value: { kind: 'text', value: 'false' } };
  const text = value.kind === 'text' ? value.value.toLowerCase() : '';
  const wanted = (comparator === '=' && text === 'true') || (comparator === '!=' && text === 'false');
  if (wanted) return mentions.map((clause) => compileClause(spec, clause, add));
  const { table, owner, id } = spec.tags;
  return [`NOT EXISTS (SELECT 1 FROM ${table} t WHERE t.${owner} = ${id} AND t.key = ${add(IS_PROMPT)} AND lower(t.value) = 'true')`];
}

function compileClause(spec: SearchSpec, clause: FilterClause, add: (value: unknown) => string): string {
  if (isTag(clause)) {
    if (clause.value.kind !== 'text') {
      throw invalid('INVALID_FILTER', `Expected a quoted string value for tag (e.g. 'my-value') behind '${clause.key}'.`);
    }
    const { table, owner, id } = spec.tags;
    const key = add(clause.key);
    return `EXISTS (SELECT 1 FROM ${table} t WHERE t.${owner} = ${id} AND t.key = ${key} AND ${compareText('t.value', clause, add)})`;
  }
  if (!isAttribute(clause.entity)) {
    throw invalid('INVALID_FILTER', `Invalid entity type '${clause.entity ?? ''}'. Valid entity types are attribute, tag, tags.`);
  }
  const column = Object.hasOwn(spec.filterable, clause.key) ? spec.filterable[clause.key] : undefined;
  if (column === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid attribute key '${clause.key.slice(0, 80)}' specified. Valid keys are ${Object.keys(spec.filterable).join(', ')}.`,
    );
  }
  if (column.type === 'text') return compareText(column.sql, clause, add, column.lists);
  const number = numberOf(clause.value);
  if (number === null) throw invalid('INVALID_FILTER', `The attribute '${clause.key}' is compared with a number.`);
  refuseComparator(clause, NUMBER_COMPARATORS);
  return `${column.sql} ${clause.comparator} ${add(number)}::float8`;
}

/** A number, also one in quotes, as MLflow takes it; null where it is none. */
function numberOf(value: FilterClause['value']): number | null {
  if (value.kind === 'number') return value.value;
  return value.kind === 'text' && /^-?\d{1,18}$/.test(value.value) ? Number(value.value) : null;
}

function compareText(sql: string, clause: FilterClause, add: (value: unknown) => string, lists: boolean = false): string {
  if (clause.value.kind === 'list') {
    if (!lists) {
      throw invalid('INVALID_FILTER', "Only the attributes 'name' and 'run_id' support comparison with a list of quoted string values.");
    }
    return `${sql} ${clause.comparator === 'IN' ? '= ANY' : '<> ALL'}(${add(clause.value.values)}::text[])`;
  }
  refuseComparator(clause, TEXT_COMPARATORS);
  if (clause.value.kind !== 'text') throw invalid('INVALID_FILTER', `Expected a quoted string value behind '${clause.key.slice(0, 80)}'.`);
  const value = add(clause.value.value);
  // No character escapes in a pattern: MLflow has none, and a pattern that ends with PostgreSQL's would be an error.
  if (clause.comparator === 'LIKE') return `${sql} LIKE ${value} ESCAPE ''`;
  if (clause.comparator === 'ILIKE') return `${sql} COLLATE "default" ILIKE ${value} ESCAPE ''`;
  return `${sql} ${clause.comparator} ${value}`;
}

function refuseComparator(clause: FilterClause, allowed: readonly string[]): void {
  if (allowed.includes(clause.comparator)) return;
  throw invalid(
    'INVALID_FILTER',
    `Invalid comparator '${clause.comparator}' for '${clause.key.slice(0, 80)}'. Valid comparators are ${allowed.join(', ')}.`,
  );
}

/** What sorts behind a key, in a mixed order: behind in the first column, or equal there and behind in the next. */
function behind(orders: readonly Order[], key: readonly (string | number)[], add: (value: unknown) => string): string {
  const places = orders.map((order, index) => ({ ...order, value: `${add(key[index])}::${order.column.type}` }));
  const branches = places.map((place, index) => {
    const equal = places.slice(0, index).map((before) => `${before.column.sql} = ${before.value}`);
    return `(${[...equal, `${place.column.sql} ${place.ascending ? '>' : '<'} ${place.value}`].join(' AND ')})`;
  });
  return `(${branches.join(' OR ')})`;
}

function readToken(token: string, orders: readonly Order[], fingerprint: string): (string | number)[] {
  const refuse = () => invalid('INVALID_PAGE_TOKEN', 'Invalid page token: it is not one of this search, with this filter and this order.');
  let parts: (string | number | boolean | null)[];
  try {
    parts = decodeCursor(token, orders.length + 1);
  } catch {
    throw invalid('INVALID_PAGE_TOKEN', 'Invalid page token, could not base64-decode it to a place in this search.');
  }
  const [print, ...key] = parts;
  if (print !== fingerprint) throw refuse();
  return orders.map((order, index) => {
    const value = key[index];
    if (order.column.type === 'text' ? typeof value === 'string' && !value.includes('\0') : Number.isSafeInteger(value))
      return value as string | number;
    throw refuse();
  });
}
