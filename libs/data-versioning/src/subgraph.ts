// The domain as one subgraph: its schema, its resolvers, and the loaders that they share.

import { readFileSync } from 'node:fs';

import { defineSubgraph } from '@throughline/graphql';
import type { Subgraph } from '@throughline/graphql';

import type { DataVersioningCommands } from './commands.ts';
import type { DataVersioning } from './data-versioning.ts';
import { createLoaders } from './loaders.ts';
import { datasetResolvers } from './resolvers/Dataset.ts';
import { datasetVersionResolvers } from './resolvers/DatasetVersion.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { eventResolvers, tagResolvers } from './resolvers/pointers.ts';
import { tableResolvers } from './resolvers/tables.ts';

/** The domain's own SDL. */
export const dataVersioningTypeDefs: string = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

/** Builds the subgraph over the domain. */
export function createDataVersioningSubgraph(domain: DataVersioning, commands: DataVersioningCommands): Subgraph {
  const loaders = createLoaders(domain);
  return defineSubgraph({
    name: 'data-versioning',
    typeDefs: dataVersioningTypeDefs,
    resolvers: {
      Query: queryResolvers(domain),
      Mutation: mutationResolvers(domain, commands),
      Dataset: datasetResolvers(domain, loaders),
      DatasetVersion: datasetVersionResolvers(domain, loaders),
      DatasetTable: tableResolvers(domain, loaders),
      DatasetTag: tagResolvers(loaders),
      DatasetPointerEvent: eventResolvers(loaders),
    },
  });
}
