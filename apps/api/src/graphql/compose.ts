// Composition: the subgraphs' SDL becomes one supergraph, for a router, and one public schema, for clients and for our own
// executor (merged-schema.ts). Both are committed, so that a change of the contract shows in review; `cli/compose.ts` writes them.

import { composeServices } from '@theguild/federation-composition';
import type { GraphQLInputField, GraphQLNamedType } from 'graphql';
import { buildSchema, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isSpecifiedScalarType, parse } from 'graphql';

/** What composition needs of a subgraph: no resolver, no database. */
export interface SubgraphSdl {
  name: string;
  /** Its whole SDL, the shared prelude included. */
  typeDefs: string;
}

export interface Composed {
  /** For a Federation 2 router. Each subgraph is at `http://<name>/graphql`, its name being its host. */
  supergraphSdl: string;
  /** What clients see. */
  publicSdl: string;
}

const ROOTS: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** Composes the subgraphs. Throws an Error that lists what does not fit together, and what nobody described. */
export function composeSubgraphs(subgraphs: readonly SubgraphSdl[]): Composed {
  const composed = composeServices(
    subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs: parse(typeDefs), url: `http://${name}/graphql` })),
  );
  const faults = composed.errors === undefined ? undescribedIn(composed.publicSdl) : composed.errors.map((error) => error.message);
  if (composed.errors !== undefined || faults.length > 0) {
    throw new Error(`The subgraphs do not compose:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
  return { supergraphSdl: `${composed.supergraphSdl.trim()}\n`, publicSdl: `${composed.publicSdl.trim()}\n` };
}

function undescribedIn(publicSdl: string): string[] {
  const types = Object.values(buildSchema(publicSdl).getTypeMap());
  return types.filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type)).flatMap(undescribedOf);
}

function undescribedOf(type: GraphQLNamedType): string[] {
  const faults = type.description || ROOTS.has(type.name) ? [] : [`no subgraph describes the type ${type.name}`];
  const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type);
  const fields: readonly Pick<GraphQLInputField, 'name' | 'description'>[] = hasFields ? Object.values(type.getFields()) : [];
  for (const field of fields) if (!field.description) faults.push(`no subgraph describes the field ${type.name}.${field.name}`);
  return faults;
}
