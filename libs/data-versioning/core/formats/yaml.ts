// YAML 1.2 as DVC reads it. The library is loaded when a file is not of the plain shape that DVC itself writes, since loading it takes longer than reading a
// repository's `.dvc` files. Files may come from strangers: size, depth and what aliases repeat are bounded.

import { DomainError, invalid } from '@throughline/kernel';
import type * as YamlModule from 'yaml';

/** Of a `.dvc`, dvc.yaml, dvc.lock or params file. A dvc.lock of 100,000 stages has some 60 MB. */
const MAX_YAML_BYTES = 256 * 1024 * 1024;
const MAX_DEPTH = 64;
/** All nodes, with those that aliases repeat: a few lines of aliases could otherwise stand for billions. */
const MAX_NODES = 20_000_000;

/** A number that was written with a point or an exponent. YAML and Python tell 1 from 1.0, JavaScript does not. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type YamlValue = null | boolean | number | bigint | string | Float | YamlValue[] | YamlMap;
/** Keys in the order of the file. */
export interface YamlMap {
  [key: string]: YamlValue;
}

let library: typeof YamlModule | null = null;

/** The library, loaded at first use. */
export async function yamlLibrary(): Promise<typeof YamlModule> {
  library ??= await import('yaml');
  return library;
}

export function isMap(value: YamlValue | undefined): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float);
}

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
  const yaml = await yamlLibrary();
  const document = parseDocument(yaml, text, file);
  if (document.contents === null) return {};
  return new Reader({ yaml, document, file, textKeys: options.textKeys ?? new Set() }).read(document.contents, 0, false) ?? {};
}

/** The document with its comments and places. */
export function parseDocument(yaml: typeof YamlModule, text: string, file: string): YamlModule.Document.Parsed {
  const document = yaml.parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    stringKeys: false,
    logLevel: 'silent',
    prettyErrors: true,
  });
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
  readonly document: YamlModule.Document.Parsed;
  readonly file: string;
  readonly textKeys: ReadonlySet<string>;
}

/** Walks the parsed nodes instead of using the library's own conversion, which counts no nodes and knows neither floats nor the text of numbers. */
class Reader {
  readonly #parts: ReaderParts;
  #nodes = 0;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  read(node: unknown, depth: number, asText: boolean): YamlValue {
    const { yaml, document, file } = this.#parts;
    this.#nodes += 1;
    if (depth > MAX_DEPTH) throw invalid('YAML_TOO_DEEP', `${file} nests deeper than ${MAX_DEPTH} levels.`);
    if (this.#nodes > MAX_NODES) throw invalid('YAML_TOO_LARGE', `${file} stands for more than ${MAX_NODES} values.`);
    if (yaml.isAlias(node)) return this.read(node.resolve(document), depth + 1, asText);
    if (yaml.isSeq(node)) return node.items.map((item) => this.read(item, depth + 1, asText));
    if (yaml.isMap(node)) return this.#map(node, depth);
    if (yaml.isScalar(node)) return scalar(node, asText);
    return null;
  }

  #map(node: YamlModule.YAMLMap, depth: number): YamlMap {
    // Without a prototype, so that "__proto__" is a key like others.
    const map = Object.create(null) as YamlMap;
    for (const pair of node.items) {
      const key = this.#key(pair.key, depth);
      map[key] = this.read(pair.value, depth + 1, this.#parts.textKeys.has(key));
    }
    return map;
  }

  #key(node: unknown, depth: number): string {
    const value = this.read(node, depth + 1, true);
    if (typeof value === 'string') return value;
    if (value === null || typeof value === 'boolean') return value === null ? 'None' : value ? 'True' : 'False';
    throw invalid('YAML_INVALID', `${this.#parts.file} has a key that is neither a text nor a number.`);
  }
}

function scalar(node: YamlModule.Scalar, asText: boolean): YamlValue {
  const { value } = node;
  if (typeof value === 'number') {
    if (asText && node.source !== undefined) return node.source;
    const isInteger = Number.isInteger(value) && /^[-+]?(?:\d+|0x[\da-f]+|0o[0-7]+)$/i.test(node.source ?? '');
    if (!isInteger) return new Float(value);
    return Number.isSafeInteger(value) ? value : BigInt((node.source ?? '').replace(/^\+/, ''));
  }
  return value === null || typeof value === 'boolean' || typeof value === 'string' ? value : (node.source ?? '');
}
