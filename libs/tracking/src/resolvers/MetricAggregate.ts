import type { TypeResolvers } from '@throughline/graphql';

import type { MetricAggregate } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function metricAggregateResolvers(loaders: Loaders): TypeResolvers {
  return {
    minRun: ({ minRunId }: MetricAggregate, _args, context) => loaders.run(context, minRunId),
    maxRun: ({ maxRunId }: MetricAggregate, _args, context) => loaders.run(context, maxRunId),
  };
}
