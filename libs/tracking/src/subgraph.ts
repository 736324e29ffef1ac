// Tracking as a federation subgraph: the contract, its resolvers, and the commands that need other domains.

import { readFileSync } from 'node:fs';

import type { Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';

import type { Tracking } from './api.ts';
import type { TrackingCommands } from './commands.ts';
import { metricValues, wholeNumbers } from './resolvers/columns.ts';
import { datasetInputResolvers } from './resolvers/DatasetInput.ts';
import { datasetVersionResolvers } from './resolvers/DatasetVersion.ts';
import { experimentResolvers } from './resolvers/Experiment.ts';
import { createLoaders } from './resolvers/loaders.ts';
import { loggedModelResolvers } from './resolvers/LoggedModel.ts';
import { metricAggregateResolvers } from './resolvers/MetricAggregate.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { purgeJobResolvers } from './resolvers/PurgeJob.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { runResolvers } from './resolvers/Run.ts';

/** Tracking's contract, without the shared prelude. */
export const trackingTypeDefs: string = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

export function createTrackingSubgraph(tracking: Tracking, commands: TrackingCommands): Subgraph {
  const loaders = createLoaders(tracking);
  return defineSubgraph({
    name: 'tracking',
    typeDefs: trackingTypeDefs,
    resolvers: {
      Query: queryResolvers(tracking),
      Mutation: mutationResolvers(tracking, commands),
      Experiment: experimentResolvers(loaders),
      Run: runResolvers(tracking, loaders),
      DatasetInput: datasetInputResolvers(loaders),
      LoggedModel: loggedModelResolvers(tracking, loaders),
      DatasetVersion: datasetVersionResolvers(loaders),
      MetricAggregate: metricAggregateResolvers(loaders),
      PurgeJob: purgeJobResolvers(tracking),
      MetricValues: metricValues,
      WholeNumbers: wholeNumbers,
    },
  });
}
