// Prints YAML to the byte as the library does that DVC writes with, since both tools rewrite the same files and Git shows every difference: block style, lists at the
// column of their key, lines broken near 80 columns (a word that is longer gets a line of its own), quotes only where they are needed.

import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';
import { hasOtherMeaning } from './yaml-resolve.ts';

const WIDTH = 80;
const BREAKS = '\n\x85\u2028\u2029';
const BLANKS = `\0 \t\r${BREAKS}`;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  ...{ '\0': '0', '\x07': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '\x1b': 'e' },
  ...{ '"': '"', '\\': '\\', '\x85': 'N', '\xa0': '_', '\u2028': 'L', '\u2029': 'P' },
};

/** A map as a file's text. */
export function printYaml(value: YamlMap): string {
  const printer = new Printer();
  printer.map(value, 0, true);
  return printer.text();
}

type Style = 'plain' | 'single' | 'double';

/** What characters of a text allow. Units are code points. */
function styleOf(text: string): Style {
  if (text === '') return 'single';
  const units = [...text];
  const hasBreaks = units.some((unit) => BREAKS.includes(unit));
  const isSpecial = units.some((unit) => unit !== '\n' && !isPrintable(unit));
  const last = units.at(-1) ?? '';
  const isPadded = ` ${BREAKS}`.includes(units[0] ?? '') || ` ${BREAKS}`.includes(last);
  if (!isSpecial && !isPadded && !hasBreaks && !hasIndicators(units) && !hasOtherMeaning(text)) return 'plain';
  // Line ends other than "\n" are not the same to all readers: escaped, they are. (The library writes some of them as they are, and not all come back.)
  return isSpecial || hasBreaks || text.includes("'") ? 'double' : 'single';
}

function isPrintable(unit: string): boolean {
  const code = unit.codePointAt(0) ?? 0;
  return (
    (code >= 0x20 && code <= 0x7e) ||
    code === 0x85 ||
    (code >= 0xa0 && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff)
  );
}

/** Whether something in a text would be taken for YAML's own signs, outside of brackets. */
function hasIndicators(units: readonly string[]): boolean {
  const text = units.join('');
  if (text.startsWith('---') || text.startsWith('...')) return true;
  return units.some((unit, index) => {
    const isFollowedByBlank = index + 1 >= units.length || BLANKS.includes(units[index + 1] ?? '');
    if (index === 0) return '#,[]{}&*!|>\'"%@`'.includes(unit) || ('?:-'.includes(unit) && isFollowedByBlank);
    return (unit === ':' && isFollowedByBlank) || (unit === '#' && BLANKS.includes(units[index - 1] ?? ''));
  });
}

class Printer {
  #out = '';
  /** In code points, as the library counts. */
  #column = 0;
  #isBlank = true;

  text(): string {
    return this.#out.endsWith('\n') || this.#out === '' ? this.#out : `${this.#out}\n`;
  }

  map(map: YamlMap, indent: number, isFirstInLine: boolean): void {
    const entries = Object.entries(map);
    if (entries.length === 0) this.#word('{}');
    for (const [index, [key, value]] of entries.entries()) {
      if (index > 0 || !isFirstInLine) this.#newLine(indent);
      this.#scalar(key, indent, true);
      this.#write(':');
      this.#isBlank = false;
      this.#value(value, indent);
    }
  }

  #value(value: YamlValue, indent: number): void {
    if (Array.isArray(value) && value.length > 0) this.#list(value, indent, false);
    else if (isMap(value) && Object.keys(value).length > 0) this.map(value, indent + 2, false);
    else if (value !== null) this.#leaf(value, indent);
  }

  #list(items: readonly YamlValue[], indent: number, isFirstInLine: boolean): void {
    for (const [index, item] of items.entries()) {
      if (index > 0 || !isFirstInLine) this.#newLine(indent);
      this.#write('-');
      this.#isBlank = false;
      if (Array.isArray(item) && item.length > 0) {
        this.#write(' ');
        this.#list(item, indent + 2, true);
      } else if (isMap(item) && Object.keys(item).length > 0) {
        this.#write(' ');
        this.#isBlank = true;
        this.map(item, indent + 2, true);
      } else if (item === null) this.#write(' ');
      else this.#leaf(item, indent);
    }
  }

  #leaf(value: Exclude<YamlValue, null>, indent: number): void {
    if (typeof value === 'string') this.#scalar(value, indent + 2, false);
    else if (Array.isArray(value)) this.#word('[]');
    else if (isMap(value)) this.#word('{}');
    else this.#word(value instanceof Float ? printFloat(value.value) : String(value));
  }

  #scalar(text: string, indent: number, isKey: boolean): void {
    const style = styleOf(text);
    if (style === 'plain') this.#plain(text, indent, isKey);
    else {
      this.#word(style === 'single' ? "'" : '"');
      if (style === 'single') this.#single(text, indent, isKey);
      else this.#double([...text], indent, isKey);
      this.#write(style === 'single' ? "'" : '"');
      this.#isBlank = false;
    }
  }

  #plain(text: string, indent: number, isKey: boolean): void {
    if (!this.#isBlank) this.#write(' ');
    this.#isBlank = false;
    // Runs of blanks and what stands between them: a single blank may become a line's end, a word that does not fit begins a line.
    for (const part of text.match(/ +|[^ ]+/g) ?? []) {
      const length = [...part].length;
      if (part === ' ' && this.#column >= WIDTH && !isKey) this.#newLine(indent);
      else {
        if (part[0] !== ' ' && length + this.#column > WIDTH && this.#column > indent) this.#newLine(indent);
        this.#write(part);
      }
    }
    this.#isBlank = false;
  }

  #single(text: string, indent: number, isKey: boolean): void {
    const parts = text.match(/ +|[^ ]+/g) ?? [];
    for (const [index, part] of parts.entries()) {
      const isInner = index > 0 && index < parts.length - 1;
      if (part === ' ' && this.#column > WIDTH && !isKey && isInner) this.#newLine(indent);
      else this.#write(part);
    }
  }

  /** Escapes what must be, and breaks long texts; `start` and `end` bound what is not written yet. */
  #double(units: readonly string[], indent: number, isKey: boolean): void {
    let start = 0;
    for (let end = 0; end <= units.length; end++) {
      const unit = units[end];
      if (unit === undefined || '"\\\x85\u2028\u2029\ufeff'.includes(unit) || !isPrintable(unit)) {
        this.#write(units.slice(start, end).join(''));
        start = end;
        if (unit !== undefined) {
          this.#write(escapeOf(unit));
          start = end + 1;
        }
      }
      const isBreakable = end > 0 && end < units.length - 1 && (unit === ' ' || start >= end);
      if (isKey || !isBreakable || this.#column + (end - start) <= WIDTH) continue;
      const needsBackslash = !isFoldable(units, start, end);
      this.#write(`${units.slice(start, end).join('')}${needsBackslash ? '\\' : ''}`);
      start = Math.max(start, end);
      this.#newLine(indent);
      if (units[start] === ' ') {
        // A reader drops blanks at a line's beginning and puts one where the line was broken.
        if (needsBackslash) this.#write('\\');
        else start += 1;
      }
    }
  }

  /** A word with a blank before it, where something stands in the line. */
  #word(text: string): void {
    this.#write(this.#isBlank ? text : ` ${text}`);
    this.#isBlank = false;
  }

  #newLine(indent: number): void {
    this.#out += `\n${' '.repeat(indent)}`;
    this.#column = indent;
    this.#isBlank = true;
  }

  #write(text: string): void {
    this.#out += text;
    this.#column += /^[\x20-\x7e]*$/.test(text) ? text.length : [...text].length;
  }
}

/** Whether a double-quoted text may be broken at a blank without a backslash. */
function isFoldable(units: readonly string[], start: number, end: number): boolean {
  const blank = units.indexOf(' ', end);
  if (blank === -1) return false;
  const newline = units.indexOf('\n', end);
  const at = newline !== -1 && newline < blank ? newline : blank;
  const next = units[at + 1];
  if (next === undefined) return false;
  if (units[at] === '\n' && next !== ' ') return false;
  const between = units.slice(end, at);
  if (between.includes('"') || between.includes("'")) return false;
  // Behind an escaped character there is nothing to break at unless a blank follows: the library breaks there all the same, and reads a blank more than was written.
  const breaksAtBlank = start < end || (start > end && units[start] === ' ');
  return next !== ' ' && next !== '\n' && !(units[end - 1] === ' ' && units[end] === ' ') && breaksAtBlank;
}

function escapeOf(unit: string): string {
  const short = SHORT_ESCAPES[unit];
  if (short !== undefined) return `\\${short}`;
  const code = unit.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** As Python prints it. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return pythonFloat(value);
}

/** Python's repr of a float: exponents below -4 and from 16 on, at least one digit behind the point otherwise. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const text =
    exponent < 0 ? value.toFixed(Math.min(100, -exponent + Math.max(0, mantissa.replace(/^-|\./g, '').length - 1))) : String(value);
  return text.includes('.') ? text : `${text}.0`;
}
