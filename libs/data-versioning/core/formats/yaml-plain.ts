// A reader for the plain shape that DVC itself writes: block maps and lists, one short value a line. It answers for nearly all `.dvc` and dvc.lock files without the YAML
// library, at a fraction of the time, and steps back (undefined) at the first thing that could mean something else, so that whatever it does answer is
// what the library would have said.

import { hasOtherMeaning } from './yaml-resolve.ts';
import { Float } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

const KEY = /^([A-Za-z_][\w./@-]*):(?: (.*))?$/;
/** Words that are no texts. */
const RESERVED = /^(?:true|false|null)$/i;
const TEXT = /^[A-Za-z_/](?:[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff]*[^\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff])?$/u;
/** Begins as a number does, or a path: `0.csv`, `../data`. What it means is looked up. */
const WORD = /^[\d.][\w./-]*[\w/]$/;
const QUOTED = /^'([^'\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff]*)'$/u;
const INTEGER = /^(?:0|[1-9]\d{0,14})$/;
const DECIMAL = /^(?:0|[1-9]\d{0,9})\.\d{1,9}$/;
const HASH = /^[0-9a-f]{32}(?:\.dir)?$/;

/** What goes further in is for the library, which counts the levels. */
const MAX_INDENT = 1000;

interface Line {
  /** Columns before what the line says. */
  readonly indent: number;
  readonly text: string;
}

/** A line that this reader does not answer for. */
const OTHER = Symbol('other');

/**
 * What a file of the plain shape holds; undefined where the library must read it.
 * @param textKeys Keys whose values are texts even where they are digits.
 */
export function readPlainYaml(content: string, textKeys: ReadonlySet<string>): YamlValue | undefined {
  const lines: Line[] = [];
  for (const text of content.split('\n')) {
    if (text === '') continue;
    const start = text.search(/[^ ]/);
    if (start === -1 || text[start] === '#') {
      if (start === -1) return undefined;
      continue;
    }
    lines.push({ indent: start, text: text.slice(start) });
  }
  const reader = new PlainReader(lines, textKeys);
  const value = reader.block(0);
  return value === OTHER || !reader.isAtEnd ? undefined : value;
}

class PlainReader {
  readonly #lines: readonly Line[];
  readonly #textKeys: ReadonlySet<string>;
  #at = 0;
  /** What is left of a line whose dash was taken. */
  #rest: Line | null = null;

  constructor(lines: readonly Line[], textKeys: ReadonlySet<string>) {
    this.#lines = lines;
    this.#textKeys = textKeys;
  }

  get isAtEnd(): boolean {
    return this.#rest === null && this.#at >= this.#lines.length;
  }

  get #line(): Line | undefined {
    return this.#rest ?? this.#lines[this.#at];
  }

  #advance(): void {
    if (this.#rest === null) this.#at += 1;
    else {
      this.#rest = null;
      this.#at += 1;
    }
  }

  /** The map or list whose lines begin at this column. */
  block(indent: number): YamlValue | typeof OTHER {
    // Each level is at least a column further in.
    if (indent > MAX_INDENT) return OTHER;
    const line = this.#line;
    if (line?.indent !== indent) return OTHER;
    return line.text.startsWith('- ') ? this.#list(indent) : this.#map(indent);
  }

  #list(indent: number): YamlValue[] | typeof OTHER {
    const items: YamlValue[] = [];
    for (let line = this.#line; line?.indent === indent && line.text.startsWith('- '); line = this.#line) {
      const text = line.text.slice(2);
      const isBlock = KEY.test(text) || text.startsWith('- ');
      if (isBlock) this.#rest = { indent: indent + 2, text };
      else this.#advance();
      const value = isBlock ? this.block(indent + 2) : this.#scalar(text, indent, false);
      if (value === OTHER) return OTHER;
      items.push(value);
    }
    return items;
  }

  #map(indent: number): YamlMap | typeof OTHER {
    const map = Object.create(null) as YamlMap;
    for (let line = this.#line; line?.indent === indent && !line.text.startsWith('- '); line = this.#line) {
      const [, key, text] = KEY.exec(line.text) ?? [];
      if (key === undefined || RESERVED.test(key) || key in map) return OTHER;
      this.#advance();
      const value = text === undefined || text === '' ? this.#below(indent) : this.#scalar(text, indent, this.#textKeys.has(key));
      if (value === OTHER) return OTHER;
      map[key] = value;
    }
    return map;
  }

  /** What stands below a key without a value: a list may begin at the key's own column. */
  #below(indent: number): YamlValue | typeof OTHER {
    const next = this.#line;
    if (next === undefined || next.indent < indent || (next.indent === indent && !next.text.startsWith('- '))) return null;
    return this.block(next.indent);
  }

  #scalar(text: string, indent: number, isText: boolean): YamlValue | typeof OTHER {
    // A deeper line would go on with this value.
    if ((this.#line?.indent ?? 0) > indent) return OTHER;
    if (isText && HASH.test(text)) return text;
    if (INTEGER.test(text)) return isText ? text : Number(text);
    if (DECIMAL.test(text)) return isText ? text : new Float(Number(text));
    if (text === 'true' || text === 'false') return text === 'true';
    const quoted = QUOTED.exec(text)?.[1];
    if (quoted !== undefined) return quoted;
    if (WORD.test(text)) return hasOtherMeaning(text) ? OTHER : text;
    return TEXT.test(text) && !RESERVED.test(text) && !text.includes(': ') && !text.includes(' #') && !text.endsWith(':') ? text : OTHER;
  }
}
