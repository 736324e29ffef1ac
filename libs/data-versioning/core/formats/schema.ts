// Checks what a file says against a table of its keys, and names the file and the way to what is wrong (`outs[0].cache`).

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';
import { closest } from './closest.ts';
import { Float, isMap } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

/** Takes a value or throws; returns what is kept of it. `undefined`: as if it was not there. */
export type Check = (value: YamlValue, where: Where) => YamlValue | undefined;
export type Table = Readonly<Record<string, Check>>;

/** A place in a file. */
export class Where {
  readonly file: string;
  readonly path: string;

  constructor(file: string, path = '') {
    this.file = file;
    this.path = path;
  }

  key(name: string): Where {
    return new Where(this.file, this.path === '' ? name : `${this.path}.${name}`);
  }

  item(index: number): Where {
    return new Where(this.file, `${this.path}[${index}]`);
  }

  wrong(problem: string, hint?: string): DomainError {
    const message = `${this.file}: ${this.path === '' ? 'it' : JSON.stringify(this.path)} ${problem}.`;
    return invalid('FILE_INVALID', message, hint === undefined ? {} : { hint });
  }
}

export const text: Check = (value, where) => {
  if (typeof value !== 'string') throw where.wrong(`must be a text, and is ${describe(value)}`);
  return value;
};

export const bool: Check = (value, where) => {
  if (typeof value !== 'boolean') throw where.wrong(`must be true or false, and is ${describe(value)}`);
  return value;
};

export const integer: Check = (value, where) => {
  if (typeof value !== 'number' || value < 0) throw where.wrong(`must be a whole number that is not negative, and is ${describe(value)}`);
  return value;
};

export const anything: Check = (value) => value;

export const map: Check = (value, where) => {
  if (!isMap(value)) throw where.wrong(`must hold keys, and is ${describe(value)}`);
  return value;
};

export function optional(check: Check): Check {
  return (value, where) => (value === null ? undefined : check(value, where));
}

export function listOf(check: Check): Check {
  return (value, where) => {
    if (!Array.isArray(value)) throw where.wrong(`must be a list, and is ${describe(value)}`);
    return value.map((item, index) => check(item, where.item(index)) ?? null);
  };
}

/** A map of these keys and no others. */
export function keysOf(table: Table, required: readonly string[] = []): Check {
  return (value, where) => {
    if (!isMap(value)) throw where.wrong(`must hold keys, and is ${describe(value)}`);
    const kept: YamlMap = {};
    for (const [key, item] of Object.entries(value)) {
      const check = Object.hasOwn(table, key) ? table[key] : undefined;
      if (check === undefined) throw unknownKey(where, key, table);
      const result = check(item, where.key(key));
      if (result !== undefined) kept[key] = result;
    }
    for (const key of required) if (kept[key] === undefined) throw where.key(key).wrong('is missing');
    return kept;
  };
}

function unknownKey(where: Where, key: string, table: Table): DomainError {
  const suggestion = closest(key, Object.keys(table));
  return where
    .key(key)
    .wrong(
      'is no key that is known here',
      suggestion === null ? `Known are ${Object.keys(table).join(', ')}.` : `Did you mean ${suggestion}?`,
    );
}

export function describe(value: YamlValue): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map of keys';
  if (value instanceof Float) return `the number ${value.value}`;
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 80))}`;
  return typeof value === 'boolean' ? String(value) : `the number ${value}`;
}

/** A map whose keys are free. */
export function mapOf(check: Check): Check {
  return (value, where) => {
    if (!isMap(value)) throw where.wrong(`must hold keys, and is ${describe(value)}`);
    const kept = Object.create(null) as YamlMap;
    for (const [key, item] of Object.entries(value)) kept[key] = check(item, where.key(key)) ?? null;
    return kept;
  };
}
