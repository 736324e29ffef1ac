// MLflow's requests are protocol buffers written as JSON, or as query parameters. A message is described by its fields; reading
// one checks every field, ignores unknown ones as protocol buffers do, and complains in the words that MLflow's clients know
// (reference server 3.x: mlflow/server/handlers.py). Nothing is half read: a message either reads whole or is refused.

import { invalid } from '@throughline/kernel';

/** Reads one field's value; `path` is for the complaint. */
export interface Field<T> {
  read(value: unknown, path: string): T;
  /** Query parameters are text, and repeated ones arrive as a list or as one text. */
  readonly repeated?: boolean;
}

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** What a message's fields read to; a field is undefined where the message does not have it. */
export type MessageOf<S extends Record<string, Field<unknown>>> = { [K in keyof S]: ValueOf<S[K]> };

function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'object':
      return 'dict';
    default:
      return typeof value;
  }
}

const MAX_SHOWN = 200;
const MAX_SHOWN_ITEMS = 10;
const MAX_SHOWN_DEPTH = 3;

/** A value as a complaint shows it: its beginning alone, since a body may hold a list of any length, or hundreds of thousands in each other. */
function shown(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === MAX_SHOWN_DEPTH) return '…';
  if (Array.isArray(value))
    return `[${value
      .slice(0, MAX_SHOWN_ITEMS)
      .map((item) => shown(item, depth + 1))
      .join(',')}]`;
  const fields = Object.entries(value).slice(0, MAX_SHOWN_ITEMS);
  return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${shown(item, depth + 1)}`).join(',')}}`;
}

function wrongType(value: unknown, path: string): Error {
  return invalid(
    'INVALID_PARAMETER_VALUE',
    `Invalid value ${shown(value).slice(0, MAX_SHOWN)} for parameter '${path}' supplied: Hint: Value was of type '${typeName(value)}'. See the API docs for more information about request parameters.`,
  );
}

function absent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function optional<T>(read: (value: unknown, path: string) => T): Field<T | undefined> {
  return { read: (value, path) => (absent(value) ? undefined : read(value, path)) };
}

/** Text. */
export const text: Field<string | undefined> = optional((value, path) => {
  if (typeof value !== 'string') throw wrongType(value, path);
  return value;
});

/**
 * Text that is cut where it is longer than `max`. MLflow's server cuts the values of params and of runs' tags, and its clients
 * count on that: they send what they have.
 */
export function cut(max: number): Field<string | undefined> {
  return optional((value, path) => {
    if (typeof value !== 'string') throw wrongType(value, path);
    // Half of a surrogate pair is no text.
    return value.length <= max ? value : value.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
  });
}

/** A 64-bit integer; digits in a string are taken too, as protocol buffers do. Beyond 2^53 it is refused. */
export const int64: Field<number | undefined> = optional((value, path) => {
  const number = typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw wrongType(value, path);
  if (!Number.isSafeInteger(number)) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      `Invalid value ${String(value)} for parameter '${path}' supplied: it must be between -(2^53 - 1) and 2^53 - 1.`,
    );
  }
  return number;
});

const SPECIAL: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

/** A double; the strings NaN, Infinity and -Infinity say what JSON numbers cannot, and digits in a string are taken too. */
export const double: Field<number | undefined> = optional((value, path) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    const special = SPECIAL[value];
    if (special !== undefined) return special;
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  }
  throw wrongType(value, path);
});

/** true or false; as text in a query, in any case. */
export const bool: Field<boolean | undefined> = optional((value, path) => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw wrongType(value, path);
});

/** One of some names, or its number: like protocol buffers, MLflow's enumerations count from 1. */
export function oneOf<const N extends string>(...names: readonly N[]): Field<N | undefined> {
  return optional((value, path) => {
    const found = names.find((name, index) => name === value || index + 1 === value || String(index + 1) === value);
    if (found === undefined) throw wrongType(value, path);
    return found;
  });
}

/** A list; empty where absent. */
export function list<T>(item: Field<T>): Field<Exclude<T, undefined>[]> {
  return {
    repeated: true,
    read(value, path) {
      if (absent(value)) return [];
      if (!Array.isArray(value)) throw wrongType(value, path);
      return value.map((one: unknown, index) => {
        const read = item.read(one, `${path}[${index}]`);
        if (read === undefined) throw wrongType(one, `${path}[${index}]`);
        return read as Exclude<T, undefined>;
      });
    },
  };
}

/** A message inside a message. */
export function nested<const S extends Record<string, Field<unknown>>>(shape: S): Field<MessageOf<S> | undefined> {
  return optional((value, path) => readMessage(shape, value, path));
}

function missing(path: string): Error {
  return invalid(
    'INVALID_PARAMETER_VALUE',
    `Missing value for required parameter '${path}'. See the API docs for more information about request parameters.`,
  );
}

/** A field that must be there, and not be empty text or an empty list. */
export function required<T>(field: Field<T>): Field<Exclude<T, undefined>> {
  return {
    ...(field.repeated === undefined ? {} : { repeated: field.repeated }),
    read(value, path) {
      const read = field.read(value, path);
      if (read === undefined || read === '' || (Array.isArray(read) && read.length === 0)) throw missing(path);
      return read as Exclude<T, undefined>;
    },
  };
}

/** A list that must be there, though it may be empty. */
export function present<T>(field: Field<T>): Field<T> {
  return {
    ...(field.repeated === undefined ? {} : { repeated: field.repeated }),
    read(value, path) {
      if (absent(value)) throw missing(path);
      return field.read(value, path);
    },
  };
}

type Shape = Record<string, Field<unknown>>;

interface Entry {
  name: string;
  /** The field's other name in JSON (`runId` for `run_id`), which protocol buffers take as well; null where it is the same. */
  alias: string | null;
  field: Field<unknown>;
}

/** The fields of each shape: a batch brings a thousand messages of one shape, and taking it apart each time would cost more than reading. */
const entries = new WeakMap<Shape, readonly Entry[]>();

function entriesOf(shape: Shape): readonly Entry[] {
  const known = entries.get(shape);
  if (known !== undefined) return known;
  const made = Object.entries(shape).map(([name, field]) => {
    const alias = name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
    return { name, alias: alias === name ? null : alias, field };
  });
  entries.set(shape, made);
  return made;
}

/** Reads a message out of parsed JSON. */
export function readMessage<const S extends Shape>(shape: S, value: unknown, path = ''): MessageOf<S> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(value, path === '' ? 'request' : path);
  const prefix = path === '' ? '' : `${path}.`;
  const given = value as Record<string, unknown>;
  const message: Record<string, unknown> = {};
  for (const { name, alias, field } of entriesOf(shape)) {
    let own = given[name];
    if (alias !== null && given[alias] !== undefined) {
      if (own !== undefined) throw saidTwice(prefix + name, alias);
      own = given[alias];
    }
    message[name] = field.read(own, prefix + name);
  }
  return message as MessageOf<S>;
}

/** Which of the two counts would be anybody's guess. */
function saidTwice(path: string, alias: string): Error {
  return invalid('INVALID_PARAMETER_VALUE', `Request specifies both '${path}' and '${alias}'; provide only one of them.`);
}

/** Reads a message out of query parameters: repeated fields are repeated keys. */
export function readQuery<const S extends Shape>(shape: S, query: unknown): MessageOf<S> {
  const given = (query ?? {}) as Record<string, unknown>;
  const value: Record<string, unknown> = {};
  for (const { name, field } of entriesOf(shape)) {
    const raw = given[name];
    if (raw === undefined) continue;
    if (field.repeated === true) value[name] = Array.isArray(raw) ? raw : [raw];
    // Of a field that is not repeated the first counts.
    else value[name] = Array.isArray(raw) ? (raw[0] as unknown) : raw;
  }
  return readMessage(shape, value);
}
