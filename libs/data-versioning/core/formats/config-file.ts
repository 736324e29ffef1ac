// DVC's config files: the INI dialect of Python's ConfigObj, without its interpolation. A file is kept as its lines, so that comments and the order of things
// survive an edit. Sections and options are lower-cased as DVC does it; `['remote "name"']` is the section `remote` of the name `name`.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

/** A text, or a list where commas stand outside of quotes. */
export type ConfigValue = string | readonly string[];

interface Line {
  /** As it is, without its line end. */
  text: string;
  /** Of a section's first line. */
  section?: SectionName;
  /** Of an option's line or lines. */
  option?: { readonly key: string; readonly value: ConfigValue };
}

export interface SectionName {
  readonly section: string;
  /** Of `remote`, `machine` and `db`: whose. */
  readonly name: string | null;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const NAMED = /^\s*(remote|machine|db)\s*"(.*)"\s*$/;
const SECTION = /^\s*\[\s*((?:"[^"]*")|(?:'[^']*')|(?:[^'"\s\][](?:[^\]]*?)))\s*\]\s*(?:#.*)?$/;
const OPTION = /^\s*("[^"]*"|'[^']*'|[^'"=\s](?:[^=]*?))\s*=\s*(.*)$/;

/** A config file that can be read and edited. */
export class ConfigFile {
  readonly #file: string;
  readonly #lines: Line[];
  readonly #end: string;

  /** @throws DomainError `CONFIG_INVALID` with the line. */
  constructor(content: string, file: string) {
    if (content.length > MAX_CONFIG_BYTES)
      throw invalid('CONFIG_INVALID', `${file} is larger than ${MAX_CONFIG_BYTES} bytes: that is no config file.`);
    this.#file = file;
    this.#end = content.includes('\r\n') ? '\r\n' : '\n';
    const texts = content.replace(/^\ufeff/, '').split(/\r?\n/);
    if (texts.at(-1) === '') texts.pop();
    this.#lines = this.#parse(texts);
  }

  #parse(texts: readonly string[]): Line[] {
    const lines: Line[] = [];
    let isInSection = false;
    for (let index = 0; index < texts.length; index++) {
      const first = texts[index] ?? '';
      const trimmed = first.trim();
      if (trimmed === '' || trimmed.startsWith('#')) {
        lines.push({ text: first });
        continue;
      }
      const section = SECTION.exec(first);
      if (section?.[1] !== undefined) {
        lines.push({ text: first, section: sectionName(unquoted(section[1])) });
        isInSection = true;
        continue;
      }
      const option = OPTION.exec(first);
      if (option?.[1] === undefined || !isInSection)
        throw this.#wrong(index, isInSection ? 'is neither a section nor "option = value"' : 'stands before any section');
      const { value, count } = this.#value(option[2] ?? '', texts, index);
      lines.push({ text: texts.slice(index, index + count).join(this.#end), option: { key: unquoted(option[1]).toLowerCase(), value } });
      index += count - 1;
    }
    return lines;
  }

  #value(text: string, texts: readonly string[], index: number): { value: ConfigValue; count: number } {
    const triple = /^("""|''')/.exec(text)?.[1];
    if (triple === undefined) return { value: this.#single(text, index), count: 1 };
    let body = text.slice(3);
    for (let count = 1; ; count++) {
      const at = body.indexOf(triple);
      if (at !== -1) return { value: body.slice(0, at), count };
      const next = texts[index + count];
      if (next === undefined) throw this.#wrong(index, 'opens three quotes that are never closed');
      body += `\n${next}`;
    }
  }

  /** A value of one line: plain, quoted, or several with commas between them. */
  #single(text: string, index: number): ConfigValue {
    const values: string[] = [];
    let rest = text.trim();
    let isList = false;
    while (rest !== '' && !rest.startsWith('#')) {
      const match = /^(?:"([^"]*)"|'([^']*)'|([^'",#][^,#]*?))\s*(?=$|,|#)/.exec(rest);
      if (match === null) {
        if (!rest.startsWith(',')) throw this.#wrong(index, 'has a value with a quote that is never closed');
      } else {
        values.push(match[1] ?? match[2] ?? match[3] ?? '');
        rest = rest.slice(match[0].length).trimStart();
      }
      if (rest.startsWith(',')) {
        isList = true;
        rest = rest.slice(1).trimStart();
      }
    }
    return isList ? values : (values[0] ?? '');
  }

  #wrong(index: number, problem: string): DomainError {
    return invalid('CONFIG_INVALID', `${this.#file}:${index + 1} ${problem}.`);
  }

  /** All options in the order of the file; one that stands twice counts last. */
  entries(): { section: SectionName; key: string; value: ConfigValue }[] {
    let section: SectionName = { section: '', name: null };
    return this.#lines.flatMap((line) => {
      section = line.section ?? section;
      return line.option === undefined ? [] : [{ section, ...line.option }];
    });
  }

  /** The sections in the order of the file, each once. */
  sections(): SectionName[] {
    const seen = new Map<string, SectionName>();
    for (const { section } of this.#lines) if (section !== undefined) seen.set(JSON.stringify(section), section);
    return [...seen.values()];
  }

  /** Sets an option, in its place where it is there already. */
  set(section: SectionName, key: string, value: ConfigValue): void {
    const text = `    ${key} = ${printValue(value, this.#file)}`;
    const at = this.#find(section, key);
    if (at !== -1) {
      this.#lines[at] = { text, option: { key, value } };
      return;
    }
    const end = this.#endOfSection(section);
    if (end === -1) {
      // As DVC orders them: sections with a name behind those without.
      const named = section.name === null ? this.#lines.findIndex((line) => (line.section?.name ?? null) !== null) : -1;
      this.#lines.splice(
        named === -1 ? this.#lines.length : named,
        0,
        { text: printSection(section), section },
        { text, option: { key, value } },
      );
    } else this.#lines.splice(end, 0, { text, option: { key, value } });
  }

  /** Takes an option out, and its section where that leaves it empty. Returns whether it was there. */
  unset(section: SectionName, key: string): boolean {
    let isFound = false;
    for (let at = this.#find(section, key); at !== -1; at = this.#find(section, key)) {
      this.#lines.splice(at, 1);
      isFound = true;
    }
    if (isFound && !this.entries().some((entry) => isSame(entry.section, section))) this.removeSection(section);
    return isFound;
  }

  /** Takes a section out with all that stands in it. Returns whether it was there. */
  removeSection(section: SectionName): boolean {
    const before = this.#lines.length;
    let isInside = false;
    const kept = this.#lines.filter((line) => {
      if (line.section !== undefined) isInside = isSame(line.section, section);
      return !isInside;
    });
    this.#lines.splice(0, this.#lines.length, ...kept);
    return kept.length < before;
  }

  /** Gives a section another name. Returns whether it was there. */
  renameSection(from: SectionName, to: SectionName): boolean {
    let isFound = false;
    for (const line of this.#lines) {
      if (line.section === undefined || !isSame(line.section, from)) continue;
      line.section = to;
      line.text = printSection(to);
      isFound = true;
    }
    return isFound;
  }

  /** The file's text. */
  print(): string {
    return this.#lines.map((line) => `${line.text}${this.#end}`).join('');
  }

  #find(section: SectionName, key: string): number {
    let current: SectionName | null = null;
    let found = -1;
    for (const [index, line] of this.#lines.entries()) {
      current = line.section ?? current;
      if (line.option?.key === key && current !== null && isSame(current, section)) found = index;
    }
    return found;
  }

  /** Behind the last option of a section's last appearance; -1 where there is none. */
  #endOfSection(section: SectionName): number {
    let end = -1;
    let isInside = false;
    for (const [index, line] of this.#lines.entries()) {
      if (line.section !== undefined) isInside = isSame(line.section, section);
      if (isInside && (line.section !== undefined || line.option !== undefined)) end = index + 1;
    }
    return end;
  }
}

function isSame(a: SectionName, b: SectionName): boolean {
  return a.section === b.section && a.name === b.name;
}

function sectionName(text: string): SectionName {
  const lowered = text.toLowerCase();
  const match = NAMED.exec(lowered);
  return match === null ? { section: lowered, name: null } : { section: match[1] ?? '', name: match[2] ?? '' };
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}

function printSection({ section, name }: SectionName): string {
  return name === null ? `[${section}]` : `['${section} "${name}"']`;
}

/** As ConfigObj quotes: only where it is needed. */
function printValue(value: ConfigValue, file: string): string {
  if (typeof value !== 'string') {
    if (value.length === 0) return ',';
    const items = value.map((item) => printText(item, file));
    return items.length === 1 ? `${items[0] ?? ''},` : items.join(', ');
  }
  return printText(value, file);
}

function printText(value: string, file: string): string {
  if (value === '') return '""';
  if (/[\r\n]/.test(value) || (value.includes('"') && value.includes("'"))) {
    // A value that ends like its quotes would end before its end.
    const quotes = ["'''", '"""'].find((candidate) => !value.includes(candidate) && !value.endsWith(candidate.slice(0, 1)));
    if (quotes === undefined || value.includes('\r')) {
      throw invalid(
        'CONFIG_INVALID',
        `${file} cannot hold a value with both kinds of quotes like this one's, nor one with carriage returns.`,
      );
    }
    return `${quotes}${value}${quotes}`;
  }
  if (!/^[\s"']|[\s"']$|[,#]/.test(value)) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
