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
  /** Behind `/api/2.0` and `/ajax-api/2.0`; `:name` stands for a field that is taken from the path. */
  path: string;
  shape: Shape;
  /** A stream is JSON that is too large to be built in memory. */
  handle: (services: Services, call: Call, message: never) => Promise<object | Readable>;
}

/** Describes a procedure; the types of its message follow from its fields. */
export function rpc<const S extends Shape>(
  method: Method,
  path: string,
  shape: S,
  handle: (services: Services, call: Call, message: MessageOf<S>) => Promise<object | Readable>,
): Rpc {
  return { method, path, shape, handle };
}
