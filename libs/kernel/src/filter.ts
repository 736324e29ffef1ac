// MLflow's filter and order grammar, read into clauses that know nothing of runs or models: each domain says which entities, keys
// and comparators its own search allows. By hand instead of by an SQL parser, since the grammar is small, and since a
// general parser accepts far more than may reach a database.
//
//   filter   = clause { AND clause }            order    = operand [ ASC | DESC ]
//   clause   = operand comparator value | operand IS [ NOT ] NULL | operand [ NOT ] IN ( string { , string } )
//   operand  = [ word . ] key, the key bare, in backticks or in double quotes
//   value    = number | string in single or double quotes, a doubled quote standing for one
//
// Words are read without regard to case. There is no OR, and there are no parentheses but those of lists.

import { invalid } from './errors.ts';

export const FILTER_COMPARATORS = ['=', '!=', '>', '>=', '<', '<=', 'LIKE', 'ILIKE', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL'] as const;
export type FilterComparator = (typeof FILTER_COMPARATORS)[number];

/** What an operand is compared with: nothing (IS NULL), a number, a text, or a list of texts (IN). */
export type FilterValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'list'; readonly values: readonly string[] };

/** One comparison. `entity` is the word before the first dot (`metrics`), null where there was none. */
export interface FilterClause {
  readonly entity: string | null;
  readonly key: string;
  readonly comparator: FilterComparator;
  readonly value: FilterValue;
}

/** One ordering. */
export interface OrderClause {
  readonly entity: string | null;
  readonly key: string;
  readonly ascending: boolean;
}

/** Characters of a filter, its clauses, and members of one list. */
export const FILTER_LIMITS = { length: 100_000, clauses: 100, listMembers: 5_000 } as const;

const BARE = /[\p{L}_][\p{L}\p{N}_\-./:]*/uy;
const WORD = /[A-Za-z]+/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y;
const BLANKS = /\s*/y;
const SYMBOL = /!=|<>|>=|<=|=|>|</y;

function bad(message: string, hint?: string): Error {
  return invalid('INVALID_FILTER', message, hint === undefined ? {} : { hint });
}

class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Reads what the pattern matches here, behind blanks; null where it does not. */
  take(pattern: RegExp): string | null {
    this.blanks();
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return null;
    this.at += match[0].length;
    return match[0];
  }

  blanks(): void {
    BLANKS.lastIndex = this.at;
    this.at += BLANKS.exec(this.text)?.[0].length ?? 0;
  }

  get done(): boolean {
    this.blanks();
    return this.at >= this.text.length;
  }

  /** The next character behind blanks. */
  peek(): string {
    this.blanks();
    return this.text.charAt(this.at);
  }

  get rest(): string {
    return this.text.slice(this.at, this.at + 80);
  }

  /** Reads one of these words, whatever its case; steps back where it is another. */
  word(...words: readonly string[]): string | null {
    const start = this.at;
    const word = this.take(WORD)?.toUpperCase();
    if (word !== undefined && words.includes(word)) return word;
    this.at = start;
    return null;
  }

  /** Reads a text between quotes, the next character being the quote. */
  quoted(): string {
    const quote = this.peek();
    let value = '';
    for (let from = this.at + 1; ;) {
      const end = this.text.indexOf(quote, from);
      if (end < 0)
        throw bad(
          `Invalid clause(s) in filter string: the ${quote} before '${this.text.slice(this.at + 1, this.at + 41)}' is never closed.`,
        );
      value += this.text.slice(from, end);
      if (this.text.charAt(end + 1) !== quote) {
        this.at = end + 1;
        return value;
      }
      value += quote;
      from = end + 2;
    }
  }
}

function readOperand(scanner: Scanner): { entity: string | null; key: string } {
  const isQuote = () => scanner.peek() === '`' || scanner.peek() === '"';
  if (isQuote()) {
    const first = scanner.quoted();
    if (scanner.text.charAt(scanner.at) !== '.') return { entity: null, key: first };
    scanner.at += 1;
    return { entity: first, key: isQuote() ? scanner.quoted() : bareKey(scanner) };
  }
  const bare = scanner.take(BARE);
  if (bare === null) throw bad(`Invalid clause(s) in filter string: a key was expected at '${scanner.rest}'.`);
  if (bare.endsWith('.') && (scanner.text.charAt(scanner.at) === '`' || scanner.text.charAt(scanner.at) === '"')) {
    const entity = bare.slice(0, -1);
    if (!entity.includes('.')) return { entity, key: scanner.quoted() };
  }
  const dot = bare.indexOf('.');
  return dot < 0 ? { entity: null, key: bare } : { entity: bare.slice(0, dot), key: bare.slice(dot + 1) };
}

const BARE_KEY = /[\p{L}\p{N}_\-./:]+/uy;

function bareKey(scanner: Scanner): string {
  const key = scanner.take(BARE_KEY);
  if (key === null) throw bad(`Invalid clause(s) in filter string: a key was expected at '${scanner.rest}'.`);
  return key;
}

function readComparator(scanner: Scanner): FilterComparator {
  const symbol = scanner.take(SYMBOL);
  if (symbol !== null) return symbol === '<>' ? '!=' : (symbol as FilterComparator);
  const word = scanner.word('LIKE', 'ILIKE', 'IN', 'NOT', 'IS');
  if (word === 'NOT' && scanner.word('IN') !== null) return 'NOT IN';
  if (word === 'IS') {
    const negated = scanner.word('NOT') !== null;
    if (scanner.word('NULL') !== null) return negated ? 'IS NOT NULL' : 'IS NULL';
  } else if (word !== null && word !== 'NOT') {
    return word as FilterComparator;
  }
  throw bad(
    `Invalid clause(s) in filter string: a comparator was expected at '${scanner.rest}'; there are ${FILTER_COMPARATORS.join(', ')}.`,
  );
}

function readValue(scanner: Scanner): FilterValue {
  const quote = scanner.peek();
  if (quote === "'" || quote === '"') return { kind: 'text', value: scanner.quoted() };
  const number = scanner.take(NUMBER);
  if (number !== null) {
    const value = Number(number);
    if (!Number.isFinite(value)) throw bad(`Invalid clause(s) in filter string: the number ${number.slice(0, 40)} does not fit a double.`);
    return { kind: 'number', value };
  }
  throw bad(
    `Invalid clause(s) in filter string: expected a quoted string value or a number at '${scanner.rest}'.`,
    "Strings stand in quotes: params.model = 'forest'.",
  );
}

function readList(scanner: Scanner): FilterValue {
  const values: string[] = [];
  const expected = () =>
    bad(
      `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list at '${scanner.rest}'.`,
      "A list is written ('a', 'b').",
    );
  if (scanner.peek() !== '(') throw expected();
  scanner.at += 1;
  while (scanner.peek() !== ')') {
    if (scanner.peek() !== "'" && scanner.peek() !== '"') throw expected();
    values.push(scanner.quoted());
    if (values.length > FILTER_LIMITS.listMembers) throw bad(`A list in a filter has at most ${FILTER_LIMITS.listMembers} members.`);
    if (scanner.peek() === ',') scanner.at += 1;
    else if (scanner.peek() !== ')') throw expected();
  }
  scanner.at += 1;
  if (values.length === 0) throw bad('While parsing a list in the query, expected a non-empty list of string values, but got empty list.');
  return { kind: 'list', values };
}

/**
 * Reads a filter; null, '' and blanks are no clauses. Throws `invalid` (INVALID_FILTER) where it is not of the grammar, or over the
 * limits. Text that the database cannot hold (NUL, lone surrogates) is refused too.
 */
export function parseFilter(text: string | null | undefined): FilterClause[] {
  if (text === null || text === undefined || text.trim() === '') return [];
  checkText(text);
  const scanner = new Scanner(text);
  const clauses: FilterClause[] = [];
  for (;;) {
    const operand = readOperand(scanner);
    const comparator = readComparator(scanner);
    const value: FilterValue =
      comparator === 'IS NULL' || comparator === 'IS NOT NULL'
        ? { kind: 'none' }
        : comparator === 'IN' || comparator === 'NOT IN'
          ? readList(scanner)
          : readValue(scanner);
    clauses.push({ ...operand, comparator, value });
    if (clauses.length > FILTER_LIMITS.clauses) throw bad(`A filter has at most ${FILTER_LIMITS.clauses} clauses.`);
    if (scanner.done) return clauses;
    if (scanner.word('AND') === null) {
      throw bad(
        `Invalid clause(s) in filter string: expected AND at '${scanner.rest}'.`,
        'Clauses are joined by AND only; there is no OR.',
      );
    }
  }
}

/** Reads one ordering: `metrics.loss DESC`. Throws `invalid` (INVALID_ORDER). */
export function parseOrderBy(text: string): OrderClause {
  const refuse = (cause?: unknown) =>
    invalid(
      'INVALID_ORDER',
      `Invalid order_by clause '${text.slice(0, 120)}'. Could not be parsed; it would look like 'metrics.loss DESC'.`,
      { cause },
    );
  try {
    checkText(text);
    const scanner = new Scanner(text);
    const operand = readOperand(scanner);
    const direction = scanner.word('ASC', 'DESC');
    if (!scanner.done) throw refuse();
    return { ...operand, ascending: direction !== 'DESC' };
  } catch (error) {
    throw refuse(error);
  }
}

function checkText(text: string): void {
  if (text.length > FILTER_LIMITS.length)
    throw bad(`A filter has at most ${FILTER_LIMITS.length} characters; this one has ${text.length}.`);
  if (text.includes('\0') || !text.isWellFormed()) throw bad('A filter is well-formed Unicode without NUL.');
}

function quote(text: string, mark: string): string {
  return `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
}

function printOperand({ entity, key }: { entity: string | null; key: string }): string {
  return entity === null ? quote(key, '`') : `${quote(entity, '`')}.${quote(key, '`')}`;
}

function printValue(value: FilterValue): string {
  switch (value.kind) {
    case 'none':
      return '';
    case 'number':
      return ` ${String(value.value)}`;
    case 'text':
      return ` ${quote(value.value, "'")}`;
    case 'list':
      return ` (${value.values.map((member) => quote(member, "'")).join(', ')})`;
  }
}

/** Writes clauses in one canonical form, which reads back as the same clauses: two filters that print alike ask the same. */
export function printFilter(clauses: readonly FilterClause[]): string {
  return clauses.map((clause) => `${printOperand(clause)} ${clause.comparator}${printValue(clause.value)}`).join(' AND ');
}

/** Writes an ordering in one canonical form. */
export function printOrderBy(clause: OrderClause): string {
  return `${printOperand(clause)} ${clause.ascending ? 'ASC' : 'DESC'}`;
}
