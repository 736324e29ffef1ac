import type { Problem } from './errors.ts';
import { problemOf } from './errors.ts';

/**
 * Runs a mutation's work and answers one member of its result union: the object under its type's name, or the Problem that
 * refused it. Defects, `internal` and `unauthenticated` are thrown on: there is nothing in them for a client to branch on.
 * The work answers a plain object; it is copied, since the same one may sit in a loader's cache.
 */
export async function asResult<N extends string, T extends object>(
  typename: N,
  work: () => Promise<T> | T,
): Promise<(T & { __typename: N }) | Problem> {
  try {
    return { ...(await work()), __typename: typename };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    return problem;
  }
}
