// YAML 1.2 as DVC reads it. The library is loaded when a file is not of the plain shape that DVC itself writes, since loading it takes longer than reading a
// repository's `.dvc` files. Files may come from strangers: size, depth and what aliases repeat are bounded.

import { DomainError, invalid } from '@throughline/kernel';
import type * as YamlModule from 'yaml';
import { readPlainYaml } from './yaml-plain.ts';
import { resolvePlain } from './yaml-resolve.ts';
import { isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** Of a `.dvc`, dvc.yaml, dvc.lock or params file. A dvc.lock of 100,000 stages has some 60 MB. */
const MAX_YAML_BYTES = 256 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Values that aliases repeat, all together: a few lines of aliases could otherwise stand for billions. */
const MAX_REPEATED = 500_000;

let library: typeof YamlModule | null = null;

/** The library, loaded at first use. */
export async function yamlLibrary(): Promise<typeof YamlModule> {
  library ??= await import('yaml');
  return library;
}

const NO_KEYS: ReadonlySet<string> = new Set();

export interface ReadYamlOptions {
  /** Keys whose numbers are kept as the text that they were written with: an MD5 of digits alone is one. */
  readonly textKeys?: ReadonlySet<string>;
}

/**
 * What a file holds; an empty one holds nothing, which is an empty map.
 * @param file Its path, for the messages.
 * @throws DomainError `YAML_INVALID` with the line and the column.
 */
export async function readYaml(text: string, file: string, options: ReadYamlOptions = {}): Promise<YamlValue> {
  if (text.length > MAX_YAML_BYTES) throw invalid('YAML_TOO_LARGE', `${file} is larger than ${MAX_YAML_BYTES} bytes.`);
  const textKeys = options.textKeys ?? NO_KEYS;
  const plain = readPlainYaml(text, textKeys);
  if (plain !== undefined) return plain;
  const yaml = await yamlLibrary();
  const document = parseDocument(yaml, text, file);
  return new Reader({ yaml, file, textKeys }).read(document.contents, 0, false) ?? {};
}

/** @throws DomainError `YAML_TOO_DEEP` where the library's own recursion ends. */
function parsed(yaml: typeof YamlModule, text: string, file: string, schema: 'failsafe' | 'core'): YamlModule.Document.Parsed {
  try {
    return yaml.parseDocument(text, {
      version: '1.2',
      schema,
      strict: true,
      uniqueKeys: true,
      stringKeys: false,
      logLevel: 'silent',
      prettyErrors: true,
    });
  } catch (cause) {
    if (cause instanceof RangeError) throw invalid('YAML_TOO_DEEP', `${file} nests deeper than ${MAX_DEPTH} levels.`, { cause });
    throw cause;
  }
}

/** The document with its comments and places. The `failsafe` schema leaves all values texts, which `Reader` takes as DVC does; `core` is for documents that are printed again. */
export function parseDocument(
  yaml: typeof YamlModule,
  text: string,
  file: string,
  schema: 'failsafe' | 'core' = 'failsafe',
): YamlModule.Document.Parsed {
  const document = parsed(yaml, text, file, schema);
  const [error] = document.errors;
  if (error === undefined) return document;
  const at = error.linePos?.[0];
  const what = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  throw new DomainError({
    kind: 'invalid',
    code: 'YAML_INVALID',
    message: `${file}${at === undefined ? '' : `:${at.line}:${at.col}`} is no YAML that can be read: ${what}.`,
    ...(/<{7}|={7}|>{7}/.test(text) ? { hint: 'The file holds the marks of a merge conflict: settle it first.' } : {}),
  });
}

interface ReaderParts {
  readonly yaml: typeof YamlModule;
  readonly file: string;
  readonly textKeys: ReadonlySet<string>;
}

/** Walks the parsed nodes instead of using the library's own conversion, which knows neither floats nor the text of numbers, and looks for each alias from the beginning. */
class Reader {
  readonly #parts: ReaderParts;
  /** What an alias stands for: the last node before it that has its name. */
  readonly #anchors = new Map<string, unknown>();
  #repeated = 0;
  #aliasDepth = 0;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  read(node: unknown, depth: number, asText: boolean): YamlValue {
    const { yaml, file } = this.#parts;
    if (depth > MAX_DEPTH) throw invalid('YAML_TOO_DEEP', `${file} nests deeper than ${MAX_DEPTH} levels.`);
    if (this.#aliasDepth > 0) this.#repeated += 1;
    if (this.#repeated > MAX_REPEATED) throw invalid('YAML_TOO_LARGE', `${file} repeats more than ${MAX_REPEATED} values by aliases.`);
    if (yaml.isAlias(node)) return this.#alias(node, depth, asText);
    if ((yaml.isScalar(node) || yaml.isCollection(node)) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (yaml.isSeq(node)) return node.items.map((item) => this.read(item, depth + 1, asText));
    if (yaml.isMap(node)) return this.#map(node, depth);
    if (yaml.isScalar(node)) return scalar(node, asText);
    return null;
  }

  #alias(node: YamlModule.Alias, depth: number, asText: boolean): YamlValue {
    this.#aliasDepth += 1;
    const value = this.read(this.#anchors.get(node.source), depth + 1, asText);
    this.#aliasDepth -= 1;
    return value;
  }

  #map(node: YamlModule.YAMLMap, depth: number): YamlMap {
    // Without a prototype, so that "__proto__" is a key like others.
    const map = Object.create(null) as YamlMap;
    const merged: YamlMap[] = [];
    for (const pair of node.items) {
      if (this.#isMerge(pair.key)) {
        merged.push(...this.#merged(pair.value, depth));
        continue;
      }
      const key = this.#key(pair.key, depth);
      map[key] = this.read(pair.value, depth + 1, this.#parts.textKeys.has(key));
    }
    // What a map says itself goes before what it takes over by "<<".
    for (const source of merged) for (const [key, value] of Object.entries(source)) if (!(key in map)) map[key] = value;
    return map;
  }

  #isMerge(key: unknown): boolean {
    return this.#parts.yaml.isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
  }

  #merged(node: unknown, depth: number): YamlMap[] {
    const value = this.read(node, depth + 1, false);
    const sources = Array.isArray(value) ? value : [value];
    if (!sources.every(isMap)) throw invalid('YAML_INVALID', `${this.#parts.file} merges ("<<") something that is no map.`);
    return sources;
  }

  #key(node: unknown, depth: number): string {
    const value = this.read(node, depth + 1, true);
    if (typeof value === 'string') return value;
    if (value === null || typeof value === 'boolean') return value === null ? 'None' : value ? 'True' : 'False';
    throw invalid('YAML_INVALID', `${this.#parts.file} has a key that is neither a text nor a number.`);
  }
}

function scalar(node: YamlModule.Scalar, asText: boolean): YamlValue {
  const source = typeof node.value === 'string' ? node.value : (node.source ?? '');
  // DVC's library takes these two for line ends, and indents what follows.
  const text = node.type === 'QUOTE_SINGLE' ? source.replace(/ *([\u2028\u2029]+) */g, '$1') : source;
  if (node.tag === 'tag:yaml.org,2002:str' || (node.type !== 'PLAIN' && node.tag === undefined)) return text;
  const value = resolvePlain(text);
  return asText && value !== null && typeof value !== 'boolean' ? text : value;
}
