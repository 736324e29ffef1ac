import type { Caller } from '@throughline/kernel';

/**
 * What every resolver gets as its third argument: one object for one request, by identity. Loaders hang on it, so it must not
 * be copied on the way.
 */
export interface GraphqlContext {
  /** Who asks, and in which workspace. */
  readonly caller: Caller;
  /** Names the request in the log and in answers that say no more than that something went wrong. */
  readonly requestId: string;
}
