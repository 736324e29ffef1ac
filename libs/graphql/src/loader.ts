// Loaders: many single look-ups of one tick become one query. A definition is made once, at module level; its DataLoader lives
// as long as one request, since what one caller may see says nothing about the next.
//
// DataLoader remembers what it loaded. Within a query that is wanted; between the commands of one mutation document it would
// answer the second from before the first, so `forgetLoaded` is called around each command (see subgraph.ts).

import DataLoader from 'dataloader';

import type { GraphqlContext } from './context.ts';

/** How many keys one batch holds at most; more become several batches. */
export const MAX_BATCH = 1000;

/** Loads one thing by its key; null where there is none. */
export type Load<K, V> = (context: GraphqlContext, key: K) => Promise<V | null>;

/**
 * Answers the keys in their order and number: the value, null where there is none, or an Error for that key alone.
 * What it throws is the answer to every key of the batch.
 */
export type BatchLoad<K, V> = (keys: readonly K[], context: GraphqlContext) => Promise<readonly (V | Error | null)[]>;

export interface LoaderOptions<K> {
  /** Names a key that is not a string or number by its content: equal keys are loaded once. Needed for object keys. */
  keyOf?: (key: K) => string;
}

interface Forgetful {
  clearAll(): unknown;
}

const loadersOf = new WeakMap<GraphqlContext, Set<Forgetful>>();

/** Defines a loader. The batch function never sees more than 1000 keys, nor one key twice. */
export function defineLoader<K, V>(batch: BatchLoad<K, V>, options: LoaderOptions<K> = {}): Load<K, V> {
  const loaders = new WeakMap<GraphqlContext, DataLoader<K, V | null, K | string>>();
  const { keyOf } = options;
  return (context, key) => {
    let loader = loaders.get(context);
    if (loader === undefined) {
      loader = new DataLoader<K, V | null, K | string>((keys) => batch(keys, context), {
        maxBatchSize: MAX_BATCH,
        ...(keyOf === undefined ? {} : { cacheKeyFn: keyOf }),
      });
      loaders.set(context, loader);
      register(context, loader);
    }
    return loader.load(key);
  };
}

function register(context: GraphqlContext, loader: Forgetful): void {
  const known = loadersOf.get(context) ?? new Set<Forgetful>();
  known.add(loader);
  loadersOf.set(context, known);
}

/** Makes every loader of the request forget what it loaded, so that what follows sees what a command changed. */
export function forgetLoaded(context: GraphqlContext): void {
  for (const loader of loadersOf.get(context) ?? []) loader.clearAll();
}
