import { readFileSync } from 'node:fs';

/** What stands before each subgraph's own SDL: the federation link, the scalars and the value types that all of them share. */
export const sharedTypeDefs: string = readFileSync(new URL('shared.graphql', import.meta.url), 'utf8');

/** A subgraph's whole SDL out of its own part. */
export function withSharedTypes(typeDefs: string): string {
  return `${sharedTypeDefs}\n${typeDefs}`;
}
