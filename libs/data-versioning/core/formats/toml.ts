// TOML 1.0, for parameters. Read in one pass by position; times become the texts that Python prints of them: DVC itself
// can neither record them nor put them into a template.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';
import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** Arrays and tables within each other. */
const MAX_DEPTH = 100;

const BARE_KEY = /[\w-]+/y;
const BLANKS = /[ \t]*/y;
const COMMENT = /#[^\r\n]*/y;
const LINE_END = /\r?\n/y;
const ANY_BLANKS = /(?:[ \t\r\n]|#[^\n]*)*/y;
const DATE_TIME = /(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[-+]\d\d:\d\d)?)?|(\d\d:\d\d:\d\d)(?:\.(\d+))?/y;
const INTEGER = /(?:0x[\da-fA-F](?:_?[\da-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*|[-+]?(?:0|[1-9](?:_?\d)*))(?![\w.+-])/y;
const FLOAT = /[-+]?(?:inf|nan|(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d(?:_?\d)*)?)(?![\w.])/y;
const WORD = /true|false/y;
const SHORT: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

/** @throws DomainError `FILE_INVALID` with the line. */
export function readToml(content: string, file: string): YamlMap {
  return new Reader(content.replace(/^\ufeff/, ''), file).document();
}

class Reader {
  readonly #content: string;
  readonly #file: string;
  readonly #root = emptyMap();
  /** Tables that a header has opened, and inline ones: neither may be opened again. */
  readonly #closed = new WeakSet<object>();
  /** Arrays that headers add to. */
  readonly #arrays = new WeakSet<object>();
  /** Tables that dotted keys made: headers do not open them. */
  readonly #dotted = new WeakSet<object>();
  #at = 0;

  constructor(content: string, file: string) {
    this.#content = content;
    this.#file = file;
  }

  document(): YamlMap {
    let table = this.#root;
    for (;;) {
      this.#match(ANY_BLANKS);
      if (this.#at >= this.#content.length) return this.#root;
      if (this.#takes('[[')) table = this.#openElement(this.#header(']]'));
      else if (this.#takes('[')) table = this.#openTable(this.#header(']'));
      else this.#pair(table, 0);
      this.#endLine();
    }
  }

  #endLine(): void {
    this.#match(BLANKS);
    this.#match(COMMENT);
    if (this.#at < this.#content.length && this.#match(LINE_END) === null) throw this.#wrong('has something behind its end');
  }

  #header(end: string): string[] {
    const keys = this.#keys();
    if (!this.#takes(end)) throw this.#wrong(`lacks ${end} behind a table's name`);
    return keys;
  }

  #openTable(keys: readonly string[]): YamlMap {
    const { parent, last } = this.#parent(keys);
    const present = parent[last];
    if (present === undefined) return this.#opened(parent, last);
    if (!isMap(present) || this.#closed.has(present) || this.#dotted.has(present)) throw this.#wrong(`defines ${keys.join('.')} again`);
    this.#closed.add(present);
    return present;
  }

  #opened(parent: YamlMap, key: string): YamlMap {
    const table = emptyMap();
    parent[key] = table;
    this.#closed.add(table);
    return table;
  }

  #openElement(keys: readonly string[]): YamlMap {
    const { parent, last } = this.#parent(keys);
    const present = parent[last] ?? [];
    if (!Array.isArray(present) || (parent[last] !== undefined && !this.#arrays.has(present)))
      throw this.#wrong(`defines ${keys.join('.')} again`);
    this.#arrays.add(present);
    parent[last] = present;
    const element = emptyMap();
    present.push(element);
    return element;
  }

  /** The table that a header's last key belongs to; of an array of tables the last one. */
  #parent(keys: readonly string[]): { parent: YamlMap; last: string } {
    let parent = this.#root;
    for (const key of keys.slice(0, -1)) {
      const present = parent[key];
      const next = Array.isArray(present) && this.#arrays.has(present) ? present.at(-1) : (present ?? emptyMap());
      if (!isMap(next)) throw this.#wrong(`makes a table of ${key}, which is none`);
      if (present === undefined) parent[key] = next;
      parent = next;
    }
    return { parent, last: keys.at(-1) ?? '' };
  }

  #pair(table: YamlMap, depth: number): void {
    const keys = this.#keys();
    if (!this.#takes('=')) throw this.#wrong('lacks = behind a key');
    this.#match(BLANKS);
    let parent = table;
    for (const key of keys.slice(0, -1)) {
      const present = parent[key];
      const next = present ?? emptyMap();
      if (!isMap(next) || (present !== undefined && !this.#dotted.has(next))) throw this.#wrong(`defines ${key} again`);
      parent[key] = next;
      this.#dotted.add(next);
      parent = next;
    }
    const last = keys.at(-1) ?? '';
    if (last in parent) throw this.#wrong(`defines ${keys.join('.')} again`);
    parent[last] = this.#value(depth);
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      this.#match(BLANKS);
      const quote = this.#content[this.#at];
      const bare = this.#match(BARE_KEY)?.[0];
      if (bare !== undefined) keys.push(bare);
      else if (quote === '"' || quote === "'") keys.push(this.#text(quote));
      else throw this.#wrong('lacks a key');
      this.#match(BLANKS);
    } while (this.#takes('.'));
    return keys;
  }

  #value(depth: number): YamlValue {
    if (depth > MAX_DEPTH) throw this.#wrong(`is nested deeper than ${MAX_DEPTH} levels`);
    const character = this.#content[this.#at];
    if (character === '"' || character === "'") return this.#text(character, true);
    if (character === '[') return this.#array(depth);
    if (character === '{') return this.#inline(depth);
    const word = this.#match(WORD)?.[0];
    if (word !== undefined) return word === 'true';
    const time = this.#match(DATE_TIME);
    if (time !== null) return pythonTime(time);
    const integer = this.#match(INTEGER)?.[0];
    if (integer !== undefined) return integerOf(integer.replaceAll('_', ''));
    const float = this.#match(FLOAT)?.[0];
    if (float !== undefined) return new Float(floatOf(float.replaceAll('_', '')));
    throw this.#wrong('has a value that is none of TOML');
  }

  #array(depth: number): YamlValue[] {
    const items: YamlValue[] = [];
    this.#at += 1;
    for (;;) {
      this.#match(ANY_BLANKS);
      if (this.#takes(']')) return items;
      items.push(this.#value(depth + 1));
      this.#match(ANY_BLANKS);
      if (!this.#takes(',') && this.#content[this.#at] !== ']') throw this.#wrong('lacks a comma or ] in an array');
    }
  }

  #inline(depth: number): YamlMap {
    const table = emptyMap();
    this.#at += 1;
    this.#match(BLANKS);
    let isFirst = true;
    while (!this.#takes('}')) {
      if (!isFirst && !this.#takes(',')) throw this.#wrong('lacks a comma or } in a table');
      this.#pair(table, depth + 1);
      this.#match(BLANKS);
      isFirst = false;
    }
    this.#closed.add(table);
    return table;
  }

  #text(quote: string, mayBeLong = false): string {
    const isLong = mayBeLong && this.#content.startsWith(quote.repeat(3), this.#at);
    const end = isLong ? quote.repeat(3) : quote;
    const start = this.#at + end.length;
    for (let at = start; at < this.#content.length; at += 1) {
      const character = this.#content[at];
      if (character === '\\' && quote === '"') at += 1;
      else if (this.#content.startsWith(end, at)) {
        // Up to two quotes may stand before the three that end it.
        while (isLong && this.#content.startsWith(end, at + 1)) at += 1;
        const body = this.#content.slice(start, at);
        this.#at = at + end.length;
        const lines = isLong ? body.replace(/^\r?\n/, '') : body;
        return quote === '"' ? this.#unescaped(lines, isLong) : lines;
      } else if (character === '\n' && !isLong) break;
    }
    throw this.#wrong('opens a text that is never closed');
  }

  #unescaped(body: string, isLong: boolean): string {
    return body.replace(/\\([ \t]*\r?\n\s*|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])/g, (_, code: string) => {
      if (isLong && /\n/.test(code)) return '';
      const point = code.length > 1 ? Number.parseInt(code.slice(1), 16) : Number.NaN;
      const text = point <= 0x10ffff ? String.fromCodePoint(point) : SHORT[code];
      if (text === undefined) throw this.#wrong('has an escape that is none of TOML');
      return text;
    });
  }

  #takes(text: string): boolean {
    if (!this.#content.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#content);
    if (match !== null) this.#at = expression.lastIndex;
    return match;
  }

  #wrong(problem: string): DomainError {
    const line = this.#content.slice(0, this.#at).split('\n').length;
    return invalid('FILE_INVALID', `${this.#file}:${line} ${problem}.`);
  }
}

function emptyMap(): YamlMap {
  return Object.create(null) as YamlMap;
}

function integerOf(text: string): number | bigint {
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

function floatOf(text: string): number {
  if (text.endsWith('nan')) return Number.NaN;
  return text.endsWith('inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

/** As Python's str() prints dates and times: microseconds only where there are any, and zones as offsets. */
function pythonTime([, date, dayTime, dayFraction, zone, time, fraction]: RegExpExecArray): string {
  const clock = dayTime ?? time;
  const micros = (dayFraction ?? fraction ?? '').slice(0, 6).padEnd(6, '0');
  const offset = zone === undefined ? '' : zone.toUpperCase() === 'Z' ? '+00:00' : zone;
  const exact = clock === undefined ? null : `${clock}${micros === '000000' ? '' : `.${micros}`}${offset}`;
  return [date, exact].filter((part) => part !== undefined && part !== null).join(' ');
}
