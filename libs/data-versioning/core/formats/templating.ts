// `${…}` in dvc.yaml: values from params.yaml, from `vars` and from the loop variables of foreach and matrix, put in exactly as DVC puts them in, since the paths
// that come out name the entries of dvc.lock. A text that is one expression alone keeps its value's type; inside of a text it becomes what Python prints.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';
import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';
import { pythonFloat } from './yaml-print.ts';

const EXPRESSION = /(?<!\\)\$\{([^\n]*?)\}/g;
const SYNTAX = /^\s*[^.[\]]+(?:\.\s*[^.[\]]+|\[\s*[^.[\]]+\])*\s*$/;
const PLAIN_ARGUMENT = /^[\w@%+=:,./-]+$/;

/** How lists and flags are put into commands: `parsing.list` and `parsing.bool` of the config. */
export interface ParsingConfig {
  readonly list: 'nargs' | 'append';
  readonly bool: 'store_true' | 'boolean_optional';
}

export const DEFAULT_PARSING: ParsingConfig = { list: 'nargs', bool: 'store_true' };

/** Names and their values, with where whole files were taken in from. */
export class Context {
  readonly values: YamlMap;
  /** By file: the keys that were taken, null for all of them. */
  readonly imports: Map<string, readonly string[] | null>;
  /** Loop variables, which nothing may define again. */
  readonly reserved: ReadonlySet<string>;

  constructor(
    values: YamlMap = Object.create(null) as YamlMap,
    imports = new Map<string, readonly string[] | null>(),
    reserved: ReadonlySet<string> = new Set(),
  ) {
    this.values = values;
    this.imports = imports;
    this.reserved = reserved;
  }

  clone(): Context {
    return new Context(cloneMap(this.values), new Map(this.imports), this.reserved);
  }

  /** The same with other loop variables on top. */
  with(loop: YamlMap): Context {
    const values = Object.assign(Object.create(null) as YamlMap, this.values, loop);
    return new Context(values, this.imports, new Set([...this.reserved, ...Object.keys(loop)]));
  }

  /** Takes names in; a name that has a value already is refused unless both are maps. @param source What says so, for the message. */
  merge(update: YamlMap, source: string): void {
    const taken = Object.keys(update).find((key) => this.reserved.has(key));
    if (taken !== undefined) throw problem(`${source} defines ${JSON.stringify(taken)}, which stands for the loop's own value`);
    mergeInto(this.values, update, source, '');
  }

  /** The value of an expression: `a.b`, `a[0]`, `item`. */
  select(expression: string): YamlValue {
    let value: YamlValue = this.values;
    for (const part of expression.replaceAll('[', '.').replaceAll(']', '').split('.')) {
      const next: YamlValue | undefined = memberOf(value, part.trim());
      if (next === undefined)
        throw problem(`\${${expression}} stands for nothing: ${JSON.stringify(part.trim())} is in neither params.yaml nor vars`);
      value = next;
    }
    return value;
  }
}

function memberOf(value: YamlValue, key: string): YamlValue | undefined {
  if (Array.isArray(value)) return /^[-+]?\d+$/.test(key) ? value.at(Number(key)) : undefined;
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function mergeInto(into: YamlMap, update: YamlMap, source: string, where: string): void {
  for (const [key, value] of Object.entries(update)) {
    const present = Object.hasOwn(into, key) ? into[key] : undefined;
    if (isMap(present) && isMap(value)) mergeInto(present, value, source, `${where}${key}.`);
    else if (present !== undefined) throw problem(`${source} defines ${JSON.stringify(where + key)}, which has a value already`);
    else into[key] = isMap(value) ? cloneMap(value) : value;
  }
}

/** Lists are shared: nothing changes them. */
function cloneMap(map: YamlMap): YamlMap {
  const copy = Object.create(null) as YamlMap;
  for (const [key, value] of Object.entries(map)) copy[key] = isMap(value) ? cloneMap(value) : value;
  return copy;
}

/** Whether a value holds an expression anywhere. */
export function hasExpression(value: YamlValue): boolean {
  if (typeof value === 'string') return value.search(EXPRESSION) !== -1;
  if (Array.isArray(value)) return value.some(hasExpression);
  return isMap(value) && Object.entries(value).some(([key, item]) => hasExpression(key) || hasExpression(item));
}

export interface ResolveOptions {
  /** The key of the stage that the value belongs to: only `cmd` takes whole maps. Null: anything goes, as for foreach. */
  readonly key: string | null;
  readonly parsing: ParsingConfig;
}

/** A value with all expressions in it replaced, those in keys included. */
export function resolveValue(value: YamlValue, context: Context, options: ResolveOptions): YamlValue {
  if (typeof value === 'string') return resolveText(value, context, options);
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, context, options));
  if (!isMap(value)) return value;
  const resolved = Object.create(null) as YamlMap;
  for (const [key, item] of Object.entries(value))
    resolved[printValue(resolveText(key, context, options), options.parsing)] = resolveValue(item, context, options);
  return resolved;
}

function resolveText(text: string, context: Context, options: ResolveOptions): YamlValue {
  if (!text.includes('${')) return text;
  const matches = [...text.matchAll(EXPRESSION)];
  const [only] = matches;
  if (matches.length === 1 && only?.[0] === text) return valueOf(only[1] ?? '', context, options);
  let resolved = '';
  let at = 0;
  for (const match of matches) {
    resolved += text.slice(at, match.index) + printValue(valueOf(match[1] ?? '', context, options), options.parsing);
    at = match.index + match[0].length;
  }
  return `${resolved}${text.slice(at)}`.replaceAll('\\${', '${');
}

function valueOf(expression: string, context: Context, options: ResolveOptions): YamlValue {
  if (!SYNTAX.test(expression)) throw problem(`\${${expression}} is no expression: it must be like \${name}, \${a.b} or \${a[0]}`);
  const value = context.select(expression);
  const isWhole = Array.isArray(value) || isMap(value);
  if (isWhole && options.key !== null && !(options.key === 'cmd' && isMap(value))) {
    throw problem(`\${${expression}} is a ${Array.isArray(value) ? 'list' : 'map'}, which cannot be put in here`);
  }
  return value;
}

/** A value as it stands in a text: as Python prints it, true and false in lower case, a map as the flags of a command. */
export function printValue(value: YamlValue, parsing: ParsingConfig = DEFAULT_PARSING): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return value;
  if (value instanceof Float) return pythonFloat(value.value);
  if (Array.isArray(value)) throw problem('a list cannot be put into a text');
  return isMap(value) ? printFlags(value, parsing) : String(value);
}

function printFlags(map: YamlMap, parsing: ParsingConfig): string {
  return flatten(map, '')
    .flatMap(([key, value]) => {
      if (typeof value === 'boolean') return value ? [`--${key}`] : parsing.bool === 'boolean_optional' ? [`--no-${key}`] : [];
      if (!Array.isArray(value)) return [`--${key} ${printArgument(value)}`];
      if (value.some((item) => Array.isArray(item) || isMap(item)))
        throw problem(`the list ${JSON.stringify(key)} holds lists or maps, which cannot be put into a command`);
      const items = value.map(printArgument);
      return parsing.list === 'append'
        ? items.map((item) => `--${key} ${item}`)
        : items.length === 0
          ? []
          : [`--${key} ${items.join(' ')}`];
    })
    .join(' ');
}

function flatten(map: YamlMap, prefix: string): [string, YamlValue][] {
  return Object.entries(map).flatMap(([key, value]): [string, YamlValue][] =>
    isMap(value) && Object.keys(value).length > 0 ? flatten(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]],
  );
}

function printArgument(value: YamlValue): string {
  if (typeof value !== 'string') return value === true ? 'True' : value === false ? 'False' : printValue(value);
  return PLAIN_ARGUMENT.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
}

function problem(message: string): DomainError {
  return invalid('TEMPLATE_INVALID', `${message}.`);
}
