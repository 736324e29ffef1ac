// Parameters in a Python file, as DVC reads them: what is assigned a literal at the top, in classes, and to `self` in `__init__`. The file is data here and
// never run; what is computed is passed over.

import type { LogicalLine, Token } from './python-tokens.ts';
import { pythonLines } from './python-tokens.ts';
import { Float } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** Literals within literals. */
const MAX_DEPTH = 100;

/** @throws DomainError `FILE_INVALID` where it cannot be Python. */
export function readPythonParams(source: string, file: string): YamlMap {
  const lines = pythonLines(source, file);
  return readBlock(lines, { from: 0, to: lines.length }, false);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The values of a block; of `__init__` those of `self` alone. */
function readBlock(lines: readonly LogicalLine[], { from, to }: Range, isInit: boolean): YamlMap {
  const values = Object.create(null) as YamlMap;
  const indent = lines[from]?.indent ?? 0;
  for (let at = from; at < to; at += 1) {
    const line = lines[at];
    if (line === undefined || line.indent !== indent) continue;
    const body = { from: at + 1, to: endOfBlock(lines, at, to) };
    const [first, second] = line.tokens;
    if (isWord(first, 'class') && second?.kind === 'name') values[second.text] = readBody(lines, line, body, false);
    else if (isWord(first, 'def') && isWord(second, '__init__')) Object.assign(values, readBody(lines, line, body, true));
    else for (const statement of splitAt(line.tokens, ';')) assign(values, statement, isInit);
  }
  return values;
}

/** What stands behind a colon on the same line, or in the lines below. */
function readBody(lines: readonly LogicalLine[], header: LogicalLine, body: Range, isInit: boolean): YamlMap {
  const colon = positions(header.tokens, ':')[0] ?? header.tokens.length;
  const rest = header.tokens.slice(colon + 1);
  return rest.length > 0 ? readBlock([{ indent: 0, tokens: rest }], { from: 0, to: 1 }, isInit) : readBlock(lines, body, isInit);
}

function endOfBlock(lines: readonly LogicalLine[], at: number, to: number): number {
  const indent = lines[at]?.indent ?? 0;
  let end = at + 1;
  while (end < to && (lines[end]?.indent ?? 0) > indent) end += 1;
  return end;
}

function assign(values: YamlMap, statement: readonly Token[], isInit: boolean): void {
  const [equals, another] = positions(statement, '=');
  if (equals === undefined || another !== undefined) return;
  const [colon = equals] = positions(statement.slice(0, equals), ':');
  const name = targetOf(statement.slice(0, colon), isInit);
  if (name === null) return;
  const value = new Literal(statement.slice(equals + 1)).value();
  if (value !== undefined) values[name] = value;
}

function targetOf(tokens: readonly Token[], isInit: boolean): string | null {
  const [first, dot, second] = tokens;
  if (tokens.length === 1 && first?.kind === 'name' && !isInit) return first.text;
  return tokens.length === 3 && isWord(first, 'self') && isOperator(dot, '.') && second?.kind === 'name' ? second.text : null;
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'name' && token.text === text;
}

function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

/** Where an operator stands outside of all brackets. */
function positions(tokens: readonly Token[], operator: string): number[] {
  const found: number[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'operator') continue;
    if (depth === 0 && token.text === operator) found.push(index);
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
  }
  return found;
}

function splitAt(tokens: readonly Token[], operator: string): Token[][] {
  const ends = [...positions(tokens, operator), tokens.length];
  return ends.map((end, index) => tokens.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end));
}

/** What is written is no literal. */
const NONE = Symbol('no literal');
type Found = YamlValue | typeof NONE;

/** Reads a literal as Python's ast.literal_eval does; tuples and sets become lists, keys texts. */
class Literal {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Undefined where it is none. */
  value(): YamlValue | undefined {
    const first = this.#one(0);
    if (first === NONE) return undefined;
    const value = isOperator(this.#next, ',') ? this.#restOfTuple(first) : first;
    return value === NONE || this.#at < this.#tokens.length ? undefined : value;
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #takes(operator: string): boolean {
    if (!isOperator(this.#next, operator)) return false;
    this.#at += 1;
    return true;
  }

  #restOfTuple(first: YamlValue): Found {
    const items = [first];
    while (this.#takes(',')) {
      if (this.#next === undefined) break;
      const item = this.#one(1);
      if (item === NONE) return NONE;
      items.push(item);
    }
    return items;
  }

  #one(depth: number): Found {
    const token = this.#next;
    if (token === undefined || depth > MAX_DEPTH) return NONE;
    if (token.kind === 'text') return this.#text();
    this.#at += 1;
    if (token.kind === 'number') return numberOf(token.text);
    if (token.kind === 'name') return constantOf(token.text);
    switch (token.text) {
      case '-':
      case '+':
        return this.#signed(token.text, depth);
      case '[':
        return this.#items(']', depth, [])?.items ?? NONE;
      case '(':
        return this.#parenthesis(depth);
      case '{':
        return this.#braces(depth);
      default:
        return NONE;
    }
  }

  /** Texts beside each other are one. */
  #text(): Found {
    let text = '';
    for (let token = this.#next; token?.kind === 'text'; token = this.#next) {
      if (token.value === null) return NONE;
      text += token.value;
      this.#at += 1;
    }
    return text;
  }

  #signed(sign: string, depth: number): Found {
    const value = this.#one(depth + 1);
    if (value instanceof Float) return sign === '-' ? new Float(-value.value) : value;
    if (typeof value !== 'number' && typeof value !== 'bigint') return NONE;
    return sign === '-' ? -value : value;
  }

  #parenthesis(depth: number): Found {
    const found = this.#items(')', depth, []);
    if (found === null) return NONE;
    const [only] = found.items;
    // Parentheses alone make no tuple.
    return found.items.length === 1 && !found.endsWithComma && only !== undefined ? only : found.items;
  }

  #items(close: string, depth: number, items: YamlValue[]): { items: YamlValue[]; endsWithComma: boolean } | null {
    let endsWithComma = items.length === 0;
    while (!this.#takes(close)) {
      if (!endsWithComma) return null;
      const item = this.#one(depth + 1);
      if (item === NONE) return null;
      items.push(item);
      endsWithComma = this.#takes(',');
    }
    return { items, endsWithComma };
  }

  #braces(depth: number): Found {
    const map = Object.create(null) as YamlMap;
    while (!this.#takes('}')) {
      const key = this.#one(depth + 1);
      if (key === NONE) return NONE;
      if (!this.#takes(':')) {
        const isSet = Object.keys(map).length === 0;
        const goesOn = this.#takes(',');
        if (!isSet || (!goesOn && !isOperator(this.#next, '}'))) return NONE;
        return this.#restOfSet(key, depth);
      }
      const value = this.#one(depth + 1);
      if (value === NONE) return NONE;
      map[keyOf(key)] = value;
      if (!this.#takes(',') && !isOperator(this.#next, '}')) return NONE;
    }
    return map;
  }

  #restOfSet(first: YamlValue, depth: number): Found {
    const items = [first];
    while (!this.#takes('}')) {
      const item = this.#one(depth + 1);
      if (item === NONE) return NONE;
      items.push(item);
      if (!this.#takes(',') && !isOperator(this.#next, '}')) return NONE;
    }
    return items;
  }
}

function keyOf(key: YamlValue): string {
  if (key instanceof Float) return String(key.value);
  return typeof key === 'object' ? JSON.stringify(key) : String(key);
}

function constantOf(name: string): Found {
  if (name === 'None') return null;
  return name === 'True' ? true : name === 'False' ? false : NONE;
}

function numberOf(text: string): Found {
  const plain = text.replaceAll('_', '');
  if (/[jJ]$/.test(plain)) return NONE;
  if (!/^0[xX]/.test(plain) && /[.eE]/.test(plain)) return new Float(Number(plain));
  if (/^0+[1-9]/.test(plain)) return NONE;
  const value = BigInt(/^0+$/.test(plain) ? '0' : plain);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
