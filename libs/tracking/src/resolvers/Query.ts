import type { TypeResolvers } from '@throughline/graphql';
import { callOf, toConnection } from '@throughline/graphql';
import { idOf, pageRequest } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import { bucketsOf } from '../metrics.ts';
import type { Experiment, LifecycleView, Run, SeriesBucket } from '../types.ts';
import { experimentKeyOf, runKeyOf } from './find.ts';
import type { PageArgs, RunArgs } from './loaders.ts';
import { dateOf } from './present.ts';

const NEWEST_FIRST = ['last_update_time DESC'];

const DEFAULT_GROUPS = 100;

interface GroupArgs {
  experiments?: readonly string[] | null;
  by: readonly string[];
  metrics?: readonly string[] | null;
  filter?: string | null;
  view?: LifecycleView | null;
  first?: number | null;
}

interface SeriesArgs {
  run: string;
  key: string;
  range?: { from?: bigint | null; to?: bigint | null } | null;
  buckets?: number | null;
}

/** There may be thousands: only the times that are asked for become dates. */
function presentBucket(bucket: SeriesBucket) {
  return {
    ...bucket,
    timestamp: () => dateOf(bucket.timestampMs),
    toTimestamp: () => dateOf(bucket.toTimestampMs),
    minTimestamp: () => dateOf(bucket.minTimestampMs),
    maxTimestamp: () => dateOf(bucket.maxTimestampMs),
  };
}

export function queryResolvers({ experiments, runs, metrics, loggedModels, purge }: Tracking): TypeResolvers {
  return {
    experiment: (_parent, { id }: { id: string }, context) => experiments.findByRef(callOf(context), id),

    async experiments(_parent, args: PageArgs & { filter?: string | null; view?: LifecycleView | null }, context) {
      const call = callOf(context);
      const search = { filter: args.filter, view: args.view, orderBy: NEWEST_FIRST };
      const page = await experiments.search(call, search, pageRequest(args));
      return {
        ...toConnection(page, (experiment: Experiment) => experiment, args.after),
        totalCount: () => experiments.count(call, search),
      };
    },

    run: (_parent, { id }: { id: string }, context) => runs.findByRef(callOf(context), id),

    async runs(_parent, args: RunArgs & { experiments?: readonly string[] | null }, context) {
      const call = callOf(context);
      const search = {
        experiments: args.experiments?.map(experimentKeyOf) ?? null,
        filter: args.filter,
        orderBy: args.orderBy,
        view: args.view,
      };
      const page = await runs.search(call, search, pageRequest(args));
      return { ...toConnection(page, (run: Run) => run, args.after), totalCount: () => runs.count(call, search) };
    },

    runGroups: (_parent, { experiments: named, by, metrics: keys, filter, view, first }: GroupArgs, context) =>
      runs.groups(callOf(context), {
        experiments: named?.map(experimentKeyOf) ?? null,
        filter,
        view,
        by,
        metrics: keys ?? [],
        first: first ?? DEFAULT_GROUPS,
      }),

    loggedModel: (_parent, { id }: { id: string }, context) => loggedModels.findByRef(callOf(context), id),

    purgeJob: (_parent, { id }: { id: string }, context) => purge.find(callOf(context), idOf('purge', id)),
    purgeJobs: (_parent, { first }: { first?: number | null }, context) => purge.list(callOf(context), first ?? 10),

    async metricSeries(_parent, { run, key, range, buckets }: SeriesArgs, context) {
      const whole = (value: bigint | null | undefined) => (value === null || value === undefined ? undefined : Number(value));
      const series = await metrics.series(callOf(context), runKeyOf(run), key, {
        fromStep: whole(range?.from),
        toStep: whole(range?.to),
        buckets: buckets ?? undefined,
      });
      return { ...series, buckets: () => bucketsOf(series.columns).map(presentBucket) };
    },
  };
}
