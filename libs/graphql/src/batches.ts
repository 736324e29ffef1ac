// The two shapes that nearly every loader of a domain has: things by their id, and things that each of many rows has, asked for alike.

import { DomainError, pageRequest } from '@throughline/kernel';
import type { Caller, PageRequest } from '@throughline/kernel';

import type { GraphqlContext } from './context.ts';
import { defineLoader } from './loader.ts';
import type { Load } from './loader.ts';

/** What a domain function takes first, outside any transaction. */
export interface ContextCall {
  readonly caller: Caller;
}

/** The call that a request makes. */
export function callOf(context: GraphqlContext): ContextCall {
  return { caller: context.caller };
}

/** Loads by id, from a function that answers a map by id; null for an id that is not in it. */
export function loadById<V>(find: (call: ContextCall, ids: readonly string[]) => Promise<ReadonlyMap<string, V>>): Load<string, V> {
  return defineLoader(async (ids, context) => {
    const found = await find(callOf(context), ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}

/**
 * Loads what each of many rows has: `id` says whose, the rest of the key what of it. Rows of one list ask the same of theirs, so one
 * call serves them; each other thing asked for takes one more, and fails alone.
 */
export function loadByGroup<K extends { id: string }, V>(
  find: (call: ContextCall, ids: readonly string[], asked: Omit<K, 'id'>) => Promise<ReadonlyMap<string, V>>,
): Load<K, V> {
  const restOf = ({ id: _, ...rest }: K): Omit<K, 'id'> => rest;
  const nameOf = (key: K) => JSON.stringify(restOf(key));
  return defineLoader<K, V>(
    async (keys, context) => {
      const answers = new Map<K, V | Error>();
      for (const group of Map.groupBy(keys, nameOf).values()) {
        const [first] = group;
        if (first === undefined) continue;
        const ids = group.map((key) => key.id);
        const found = await answerOf(() => find(callOf(context), ids, restOf(first)));
        for (const key of group) {
          const answer = found instanceof Error ? found : found.get(key.id);
          if (answer !== undefined) answers.set(key, answer);
        }
      }
      return keys.map((key) => answers.get(key) ?? null);
    },
    { keyOf: (key) => JSON.stringify([key.id, nameOf(key)]) },
  );
}

/** What is thrown for one group, at once or later, is the answer to that group alone. */
async function answerOf<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What a document may ask for at most in pages inside of pages: items of one field. */
const MAX_NESTED_ITEMS = 20_000;

/** The page that each of these rows is asked for. Throws `invalid` for a bad one, `exhausted` TOO_MANY_ITEMS beyond 20,000 items in all. */
export function nestedPage(
  owners: readonly string[],
  args: { first?: number | null | undefined; after?: string | null | undefined },
): PageRequest {
  const page = pageRequest(args);
  if (owners.length * page.first <= MAX_NESTED_ITEMS) return page;
  throw new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_ITEMS',
    message: `This asks for ${page.first} items for each of ${owners.length} rows; ${MAX_NESTED_ITEMS} in all are allowed. Ask for smaller pages.`,
    details: { limit: MAX_NESTED_ITEMS },
  });
}
