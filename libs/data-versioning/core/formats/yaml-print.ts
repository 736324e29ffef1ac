// Prints YAML in the way of the library that DVC prints with: block style, lists at the depth of their key, texts plain where they can be.

import { Float, isMap } from './yaml.ts';
import type { YamlMap, YamlValue } from './yaml.ts';

/** What a plain text must not look like, since it would be read as something else. */
const OTHER_MEANING =
  /^(?:~|null|true|false|[-+]?(?:\.inf|\.nan)|[-+.]?[\d_.]+(?:e[-+]?\d+)?|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|[\d:.-]+|=|<<|y|n|yes|no|on|off|\d{4}-\d\d?-\d\d?.*)$/i;
const PLAIN = /^[^\s\-?:,[\]{}#&*!|>'"%@`\p{Cc}\p{Cs}\ufeff](?:[^\p{Cc}\p{Cs}\ufeff]*[^\s:\p{Cc}\p{Cs}\ufeff])?$/u;

/** A map as a file's text. */
export function printYaml(value: YamlMap): string {
  return Object.keys(value).length === 0 ? '{}\n' : mapLines(value, '').join('');
}

function mapLines(map: YamlMap, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => entryLines(`${indent}${printScalar(key)}:`, value, indent));
}

function entryLines(head: string, value: YamlValue, indent: string): string[] {
  if (Array.isArray(value) && value.length > 0) return [`${head}\n`, ...value.flatMap((item) => itemLines(item, indent))];
  if (isMap(value) && Object.keys(value).length > 0) return [`${head}\n`, ...mapLines(value, `${indent}  `)];
  return [value === null ? `${head}\n` : `${head} ${printLeaf(value)}\n`];
}

function itemLines(item: YamlValue, indent: string): string[] {
  if (isMap(item) && Object.keys(item).length > 0) {
    const lines = mapLines(item, `${indent}  `);
    return [`${indent}- ${(lines[0] ?? '').slice(indent.length + 2)}`, ...lines.slice(1)];
  }
  if (Array.isArray(item) && item.length > 0) {
    const lines = item.flatMap((inner) => itemLines(inner, `${indent}  `));
    return [`${indent}- ${(lines[0] ?? '').slice(indent.length + 2)}`, ...lines.slice(1)];
  }
  return [item === null ? `${indent}-\n` : `${indent}- ${printLeaf(item)}\n`];
}

function printLeaf(value: YamlValue): string {
  if (Array.isArray(value)) return '[]';
  if (isMap(value)) return '{}';
  if (value instanceof Float) return printFloat(value.value);
  if (typeof value === 'string') return printScalar(value);
  return String(value);
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}

/** A text: plain, in single quotes, or in double ones where it holds what only they can. */
export function printScalar(text: string): string {
  if (PLAIN.test(text) && !OTHER_MEANING.test(text) && !text.includes(': ') && !text.includes(' #')) return text;
  if (/^[^\p{Cc}\p{Cs}\ufeff\u2028\u2029]*$/u.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text);
}
