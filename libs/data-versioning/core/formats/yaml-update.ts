// Changes a YAML text to hold other values, touching only what differs. Values are replaced where they stand, keys are taken out or put in by whole lines: every comment, quote
// and blank of the rest stays as somebody wrote it. What cannot be done so (another number of items, maps in braces) goes through the library's
// own printer, which keeps comments and order.

import type * as YamlModule from 'yaml';
import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';
import { printYaml } from './yaml-print.ts';

type Yaml = typeof YamlModule;

/** The text with these values. The document is the text's, parsed by the core schema; it is changed. */
export function updateYaml(yaml: Yaml, content: string, document: YamlModule.Document.Parsed, wanted: YamlMap): string {
  if (!yaml.isMap(document.contents)) return printYaml(wanted);
  const edits = new Edits(yaml, content);
  if (edits.map(document.contents, wanted)) return edits.apply();
  applyChange(yaml, document, document.contents, wanted);
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false, nullStr: '' });
}

/** The text without one key, by the way to it; null where it has no such key. The document is the text's. */
export function removeYamlKey(yaml: Yaml, content: string, document: YamlModule.Document.Parsed, path: readonly string[]): string | null {
  if (!document.hasIn(path)) return null;
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = yaml.isMap(parent) ? parent.items.find((item) => keyOf(yaml, item) === path.at(-1)) : undefined;
  const edits = new Edits(yaml, content);
  if (yaml.isMap(parent) && parent.flow !== true && parent.items.length > 1 && pair !== undefined && edits.remove(pair))
    return edits.apply();
  document.deleteIn(path);
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false, nullStr: '' });
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Collects edits; its methods answer false where the text cannot be edited in place. */
class Edits {
  readonly #yaml: Yaml;
  readonly #content: string;
  readonly #edits: Edit[] = [];

  constructor(yaml: Yaml, content: string) {
    this.#yaml = yaml;
    this.#content = content;
  }

  apply(): string {
    let text = this.#content;
    for (const edit of this.#edits.toSorted((a, b) => b.start - a.start))
      text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
    return text;
  }

  map(node: YamlModule.YAMLMap, wanted: YamlMap): boolean {
    if (node.flow === true || node.items.length === 0) return false;
    const present = new Map(node.items.map((pair) => [keyOf(this.#yaml, pair), pair]));
    for (const [key, pair] of present) {
      const value = wanted[key];
      const isDone = Object.hasOwn(wanted, key) && value !== undefined ? this.#value(pair, value) : this.remove(pair);
      if (!isDone) return false;
    }
    const added = Object.fromEntries(Object.entries(wanted).filter(([key]) => !present.has(key)));
    return Object.keys(added).length === 0 || this.#add(node, added);
  }

  #value(pair: YamlModule.Pair, value: YamlValue): boolean {
    const node = pair.value;
    if (isMap(value) && this.#yaml.isMap(node)) return isEqual(node.toJSON(), value) || this.map(node, value);
    if (Array.isArray(value) && this.#yaml.isSeq(node)) return isEqual(node.toJSON(), value) || this.#list(node, value);
    if (!this.#yaml.isScalar(node) || !isLeaf(value)) return false;
    if (isSame(node, value)) return true;
    const [start, end] = node.range ?? [0, 0];
    // Texts over several lines, and empty values, have no place that one word could take.
    if (end <= start || this.#content.slice(start, end).includes('\n') || node.anchor !== undefined || node.tag !== undefined) return false;
    this.#edits.push({ start, end, text: printYaml({ a: value }).slice(3).trimEnd() });
    return !printYaml({ a: value }).trimEnd().includes('\n');
  }

  #list(node: YamlModule.YAMLSeq, wanted: readonly YamlValue[]): boolean {
    if (node.flow === true || node.items.length !== wanted.length) return false;
    return node.items.every((item, index) => {
      const value = wanted[index] ?? null;
      if (this.#yaml.isMap(item) && isMap(value)) return this.map(item, value);
      return this.#yaml.isScalar(item) && isLeaf(value) && isSame(item, value);
    });
  }

  /** Takes out the lines of a key, unless something else stands in them. */
  remove(pair: YamlModule.Pair): boolean {
    const start = startOf(pair);
    const end = endOf(pair);
    if (start === null || end === null) return false;
    const line = this.#content.lastIndexOf('\n', start - 1) + 1;
    const next = this.#content.indexOf('\n', Math.max(end - 1, start));
    if (this.#content.slice(line, start).trim() !== '' || /#/.test(this.#content.slice(end, next === -1 ? undefined : next))) return false;
    this.#edits.push({ start: line, end: next === -1 ? this.#content.length : next + 1, text: '' });
    return true;
  }

  /** Puts keys behind the last one of a map. */
  #add(node: YamlModule.YAMLMap, added: YamlMap): boolean {
    const first = node.items[0];
    const last = node.items.at(-1);
    const start = first === undefined ? null : startOf(first);
    const end = last === undefined ? null : endOf(last);
    if (start === null || end === null) return false;
    const indent = ' '.repeat(start - (this.#content.lastIndexOf('\n', start - 1) + 1));
    const next = this.#content.indexOf('\n', Math.max(end - 1, start));
    const at = next === -1 ? this.#content.length : next + 1;
    const lines = printYaml(added).replace(/^(?=.)/gm, indent);
    this.#edits.push({ start: at, end: at, text: next === -1 ? `\n${lines}` : lines });
    return true;
  }
}

function startOf(pair: YamlModule.Pair): number | null {
  const { range } = pair.key as { range?: readonly number[] | null };
  return range?.[0] ?? null;
}

/** Behind the last character of a key's value, comments and blanks not counted. */
function endOf(pair: YamlModule.Pair): number | null {
  const { range } = (pair.value ?? pair.key) as { range?: readonly number[] | null };
  return range?.[1] ?? null;
}

function keyOf(yaml: Yaml, pair: YamlModule.Pair): string {
  return yaml.isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** Gives a map of a document these keys: what is new comes last, what is not among them goes. */
function applyChange(yaml: Yaml, document: YamlModule.Document, node: YamlModule.YAMLMap, wanted: YamlMap): void {
  for (const pair of [...node.items]) if (!Object.hasOwn(wanted, keyOf(yaml, pair))) node.delete(pair.key);
  for (const [key, value] of Object.entries(wanted)) {
    const pair = node.items.find((item) => keyOf(yaml, item) === key);
    if (pair === undefined) node.items.push(document.createPair(key, plain(value)));
    else pair.value = changed(yaml, document, pair.value, value);
  }
}

function changed(yaml: Yaml, document: YamlModule.Document, node: unknown, value: YamlValue): unknown {
  if (isMap(value) && yaml.isMap(node)) {
    applyChange(yaml, document, node, value);
    return node;
  }
  // As DVC does: a list of the same length keeps its items' comments, another one is written anew.
  if (Array.isArray(value) && yaml.isSeq(node) && node.items.length === value.length) {
    node.items = value.map((item, index) => changed(yaml, document, node.items[index], item));
    return node;
  }
  return yaml.isScalar(node) && isLeaf(value) && isSame(node, value) ? node : document.createNode(plain(value));
}

function isLeaf(value: YamlValue): boolean {
  return !Array.isArray(value) && !isMap(value);
}

function isSame(node: YamlModule.Scalar, value: YamlValue): boolean {
  if (value instanceof Float) return node.value === value.value;
  return node.value === value || (typeof value === 'string' && typeof node.value === 'number' && node.source === value);
}

function isEqual(json: unknown, value: YamlValue): boolean {
  return JSON.stringify(json) === JSON.stringify(plain(value));
}

function plain(value: YamlValue): unknown {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return typeof value === 'bigint' ? Number(value) : value;
}
