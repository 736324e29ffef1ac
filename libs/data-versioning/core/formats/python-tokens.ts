// Python's source as tokens in logical lines: enough to find assignments and to read literals, and nothing is ever run. What is no literal needs to be told
// apart only well enough to know where it ends.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

export type Token =
  | { readonly kind: 'name' | 'operator'; readonly text: string }
  /** As it is written. */
  | { readonly kind: 'number'; readonly text: string }
  /** Null where it is no plain text: bytes, a formatted string, a character by its name. */
  | { readonly kind: 'text'; readonly value: string | null };

export interface LogicalLine {
  /** In columns, a tab going to the next multiple of eight. */
  readonly indent: number;
  readonly tokens: readonly Token[];
}

const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?)/y;
const NAME = /[\p{L}_\p{Nl}][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const QUOTE = /([a-zA-Z]{0,2})("""|'''|"|')/y;
const OPERATOR = /\*\*=|\/\/=|>>=|<<=|\.\.\.|[-+*/%&|^@!=<>:]=|->|\*\*|\/\/|<<|>>|[^\s]/y;
const BLANKS = /[ \f]+|\t+|\\\r?\n|#[^\n]*/y;
const ESCAPE = /\\(?:\r?\n|[0-7]{1,3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|N\{[^}]*\}|[^])/g;
const SHORT: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** @throws DomainError `FILE_INVALID` where a string or a bracket is never closed. */
export function pythonLines(source: string, file: string): LogicalLine[] {
  return new Tokenizer(source.replace(/^\ufeff/, ''), file).lines();
}

class Tokenizer {
  readonly #source: string;
  readonly #file: string;
  readonly #lines: LogicalLine[] = [];
  #at = 0;
  #depth = 0;
  #indent = 0;
  #tokens: Token[] = [];

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  lines(): LogicalLine[] {
    this.#measure();
    while (this.#at < this.#source.length) this.#step();
    if (this.#depth > 0) throw this.#wrong('opens a bracket that is never closed');
    this.#endLine();
    return this.#lines;
  }

  #step(): void {
    if (this.#match(BLANKS) !== null) return;
    const character = this.#source[this.#at] ?? '';
    if (character === '\n' || character === '\r') {
      this.#at += 1;
      if (character === '\r' || this.#depth > 0) return;
      this.#endLine();
      this.#measure();
      return;
    }
    const quote = this.#match(QUOTE);
    if (quote?.[2] !== undefined) {
      this.#tokens.push({ kind: 'text', value: this.#text((quote[1] ?? '').toLowerCase(), quote[2]) });
      return;
    }
    const name = this.#match(NAME);
    const number = name === null ? this.#match(NUMBER) : null;
    if (name !== null || number !== null) {
      this.#tokens.push(name === null ? { kind: 'number', text: number?.[0] ?? '' } : { kind: 'name', text: name[0] });
      return;
    }
    const text = this.#match(OPERATOR)?.[0] ?? '';
    if ('([{'.includes(text)) this.#depth += 1;
    if (')]}'.includes(text)) this.#depth = Math.max(0, this.#depth - 1);
    this.#tokens.push({ kind: 'operator', text });
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match !== null) this.#at = expression.lastIndex;
    return match;
  }

  #text(prefix: string, quote: string): string | null {
    const start = this.#at;
    for (; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at += 1;
      else if (this.#source.startsWith(quote, this.#at)) {
        const body = this.#source.slice(start, this.#at);
        this.#at += quote.length;
        return prefix.includes('b') || prefix.includes('f') ? null : prefix.includes('r') ? body : unescaped(body);
      } else if (character === '\n' && quote.length === 1) break;
    }
    this.#at = start;
    throw this.#wrong('opens a string that is never closed');
  }

  #measure(): void {
    this.#indent = 0;
    for (; ; this.#at += 1) {
      const character = this.#source[this.#at];
      if (character === ' ') this.#indent += 1;
      else if (character === '\t') this.#indent = (Math.floor(this.#indent / 8) + 1) * 8;
      else if (character !== '\f') return;
    }
  }

  #endLine(): void {
    if (this.#tokens.length > 0) this.#lines.push({ indent: this.#indent, tokens: this.#tokens });
    this.#tokens = [];
  }

  #wrong(problem: string): DomainError {
    const line = this.#source.slice(0, this.#at).split('\n').length;
    return invalid('FILE_INVALID', `${this.#file}:${line} ${problem}.`);
  }
}

/** Null where a character is named, since nobody here knows the names. */
function unescaped(body: string): string | null {
  if (!body.includes('\\')) return body;
  if (/\\N\{/.test(body.replace(/\\\\/g, ''))) return null;
  return body.replace(ESCAPE, (escape) => {
    const code = escape.slice(1);
    if (/^\r?\n$/.test(code)) return '';
    if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    if (/^[xuU][\da-fA-F]/.test(code)) {
      const point = Number.parseInt(code.slice(1), 16);
      return point > 0x10ffff ? escape : String.fromCodePoint(point);
    }
    return SHORT[code] ?? escape;
  });
}
