// Lineage as one subgraph. Its nodes name what they stand for by stubs of the other domains' entities, which their owners fill; to some of
// them it adds what only the graph knows.

import { readFileSync } from 'node:fs';

import { defineSubgraph } from '@throughline/graphql';
import type { Subgraph } from '@throughline/graphql';

import type { LineageCommands } from './commands.ts';
import type { Lineage } from './lineage.ts';
import { entityResolvers } from './resolvers/entities.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { traceResolvers } from './resolvers/Trace.ts';
import { verificationJobResolvers } from './resolvers/VerificationJob.ts';

/** The domain's own SDL. */
export const lineageTypeDefs: string = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

/** Builds the subgraph over the engine. */
export function createLineageSubgraph(lineage: Lineage, commands: LineageCommands): Subgraph {
  const entityOf = entityResolvers(lineage);
  return defineSubgraph({
    name: 'lineage',
    typeDefs: lineageTypeDefs,
    resolvers: {
      Query: queryResolvers(lineage),
      Mutation: mutationResolvers(lineage, commands),
      Trace: traceResolvers(),
      Deployment: entityOf('deployment'),
      ModelVersion: entityOf('modelVersion'),
      LoggedModel: entityOf('loggedModel'),
      Run: entityOf('run'),
      VerificationJob: verificationJobResolvers(lineage),
    },
  });
}
