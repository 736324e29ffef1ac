// One remote procedure of MLflow's protocol: its address, the message that it takes and what it does. The table of all of them is
// the translator; what a procedure does is one call of the domain, and a present*() of what came back.

import type { Call } from '@throughline/database';
import type { Readable } from 'node:stream';

import type { Services } from '../services.ts';
import type { Field, MessageOf } from './message.ts';

type Shape = Record<string, Field<unknown>>;
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Rpc {
  method: Method;
  /** `:name` stands for a field that is taken from the path. */
  path: string;
  /** What stands before the path. */
  prefixes: readonly string[];
  shape: Shape;
  /** A stream is JSON that is too large to be built in memory. */
  handle: (services: Services, call: Call, message: never) => Promise<object | Readable>;
}

/** Every procedure is there for programs and, once more, for pages. */
const PREFIXES = ['/api/2.0', '/ajax-api/2.0'] as const;
/** Some are there for MLflow's pages alone. */
export const AJAX_ONLY = ['/ajax-api/2.0'] as const;

/** Describes a procedure; the types of its message follow from its fields. */
export function rpc<const S extends Shape>(
  method: Method,
  path: string,
  shape: S,
  handle: (services: Services, call: Call, message: MessageOf<S>) => Promise<object | Readable>,
  prefixes: readonly string[] = PREFIXES,
): Rpc {
  return { method, path, prefixes, shape, handle };
}
