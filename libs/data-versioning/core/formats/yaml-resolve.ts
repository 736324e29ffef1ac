// Which plain texts are something else than texts: YAML 1.2's core types, with the liberties that the library behind DVC takes (underscores and binary
// numbers). One table for reading and for printing: a text that would be read as something else is printed in quotes.

import { Float } from './yaml-value.ts';
import type { YamlValue } from './yaml-value.ts';

const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.[\d_]+(?:[eE][-+]\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INTEGER = /^(?:[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[\d_]+|[-+]?0x[\da-fA-F_]+)$/;
const DATE = /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

/** Whether a plain text would be read as something else than itself. */
export function hasOtherMeaning(text: string): boolean {
  const first = text[0] ?? '';
  if (first === '') return true;
  if ('tTfF'.includes(first)) return BOOLEAN.test(text);
  if ('~nN'.includes(first)) return NULL.test(text);
  if (!/[-+0-9.<=!&*]/.test(first)) return false;
  return FLOAT.test(text) || (/[-+0-9]/.test(first) && INTEGER.test(text)) || DATE.test(text) || text === '<<' || text === '=';
}

/** What a plain scalar is. Dates stay texts. */
export function resolvePlain(text: string): YamlValue {
  if (NULL.test(text)) return null;
  if (!hasOtherMeaning(text)) return text;
  if (BOOLEAN.test(text)) return text[0] === 't' || text[0] === 'T';
  if (FLOAT.test(text)) return new Float(floatOf(text));
  return INTEGER.test(text) && /\d/.test(text) ? integerOf(text) : text;
}

function floatOf(text: string): number {
  const lowered = text.replaceAll('_', '').toLowerCase();
  if (lowered === '.nan') return Number.NaN;
  if (lowered.endsWith('.inf')) return lowered.startsWith('-') ? -Infinity : Infinity;
  return Number(lowered);
}

function integerOf(text: string): number | bigint {
  const isNegative = text.startsWith('-');
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const magnitude = BigInt(/^0[xob]/.test(digits) ? digits : digits.replace(/^0+(?=\d)/, ''));
  const value = isNegative ? -magnitude : magnitude;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
