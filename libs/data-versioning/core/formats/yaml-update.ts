// Changes a YAML document to hold other values, touching only what differs: comments, order and the way of writing stay with what stays.

import type * as YamlModule from 'yaml';
import { Float, isMap } from './yaml.ts';
import type { YamlMap, YamlValue } from './yaml.ts';

type Yaml = typeof YamlModule;

/** Gives a map of a document these keys: what is new comes last, what is not among them goes. */
export function applyChange(yaml: Yaml, document: YamlModule.Document, node: YamlModule.YAMLMap, wanted: YamlMap): void {
  for (const pair of [...node.items]) {
    const key = yaml.isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    if (!Object.hasOwn(wanted, key)) node.delete(pair.key);
  }
  for (const [key, value] of Object.entries(wanted)) {
    const pair = node.items.find((item) => (yaml.isScalar(item.key) ? String(item.key.value) : String(item.key)) === key);
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
  if (yaml.isScalar(node) && isLeaf(value)) {
    if (!isSame(node, value)) {
      delete node.source;
      delete node.format;
      node.value = plain(value);
    }
    return node;
  }
  return document.createNode(plain(value));
}

function isLeaf(value: YamlValue): boolean {
  return !Array.isArray(value) && !isMap(value);
}

function isSame(node: YamlModule.Scalar, value: YamlValue): boolean {
  if (value instanceof Float) return node.value === value.value;
  return node.value === value || (typeof value === 'string' && typeof node.value === 'number' && node.source === value);
}

function plain(value: YamlValue): unknown {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}
