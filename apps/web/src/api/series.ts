'use client';

// Series as charts ask for them, and new points on top. An answer that was under way while points came may not hold them: what was told in
// the last moments is kept, and put onto every answer that began before it.

import type { QueryClient } from '@tanstack/react-query';

import { graphql } from '../gql/gql.ts';
import type { MetricSeriesQuery, MetricSeriesQueryVariables } from '../gql/graphql.ts';
import type { LiveBucket, LiveChange } from '../logic/live-series.ts';
import { mergeChange } from '../logic/live-series.ts';
import { request } from './client.ts';
import { keyOf } from './hooks.ts';

const SeriesDocument = graphql(`
  query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {
    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {
      key
      pointCount
      columns {
        fromStep
        toStep
        last
        min
        max
        toTimestampMs
        count
      }
    }
  }
`);

type Answer = MetricSeriesQuery['metricSeries'];

/** A series as charts draw it, and as new points are put onto it: bucket by bucket. */
export interface Series {
  pointCount: string;
  buckets: readonly LiveBucket[];
}

function seriesOf({ pointCount, columns }: Answer): Series {
  const { fromStep, toStep, last, min, max, toTimestampMs, count } = columns;
  const buckets = count.map((points, index) => ({
    fromStep: fromStep[index] ?? NaN,
    toStep: toStep[index] ?? NaN,
    last: last[index] ?? NaN,
    min: min[index] ?? NaN,
    max: max[index] ?? NaN,
    toTimestampMs: toTimestampMs[index] ?? NaN,
    count: points,
  }));
  return { pointCount, buckets };
}

/** What a chart asks of one metric of one run. */
export interface SeriesAsk {
  run: string;
  key: string;
  range: { from: string; to: string } | null;
  buckets: number;
}

/** What was told of a run's metric, and when. */
interface Recent {
  run: string;
  atMs: number;
  change: LiveChange;
}

/** Longer than any answer takes. */
const RECENT_MS = 30_000;
let recent: Recent[] = [];

function optionsOf({ range, buckets }: SeriesAsk) {
  return { range: range === null ? null : { from: Number(range.from), to: Number(range.to) }, buckets };
}

export function seriesKey(ask: SeriesAsk): readonly unknown[] {
  return keyOf(SeriesDocument, ask satisfies MetricSeriesQueryVariables);
}

/** Asks for a series; what was told meanwhile is in the answer. */
export async function fetchSeries(ask: SeriesAsk, signal: AbortSignal): Promise<Series> {
  const startedMs = Date.now();
  const { metricSeries } = await request(SeriesDocument, ask satisfies MetricSeriesQueryVariables, signal);
  const since = recent.filter(({ run, atMs, change }) => atMs >= startedMs && run === ask.run && change.key === ask.key);
  return since.reduce((series, { change }) => mergeChange(series, change, optionsOf(ask)).series, seriesOf(metricSeries));
}

function askOf(key: readonly unknown[]): SeriesAsk | null {
  return key[0] === SeriesDocument.toString() ? (key[1] as SeriesAsk) : null;
}

/** Puts changes of a run onto all series that are held; answers the metrics whose series are to be asked for anew. */
export function mergeIntoSeries(client: QueryClient, run: string, changes: readonly LiveChange[]): Set<string> {
  const atMs = Date.now();
  recent = [...recent.filter((one) => atMs - one.atMs < RECENT_MS), ...changes.map((change) => ({ run, atMs, change }))];
  const inexact = new Set<string>();
  const byKey = new Map(changes.map((change) => [change.key, change]));
  for (const query of client.getQueryCache().getAll()) {
    const ask = askOf(query.queryKey);
    const change = ask?.run === run ? byKey.get(ask.key) : undefined;
    if (ask === null || change === undefined) continue;
    client.setQueryData<Series>(query.queryKey, (held) => {
      if (held === undefined) return held;
      const { series, isExact } = mergeChange(held, change, optionsOf(ask));
      if (!isExact) inexact.add(ask.key);
      return series;
    });
  }
  return inexact;
}

/** Asks anew for the series of a run that are on the page: all, or those of some metrics. */
export function refreshSeries(client: QueryClient, run: string, keys: ReadonlySet<string> | null): void {
  void client.invalidateQueries({
    predicate: ({ queryKey }) => {
      const ask = askOf(queryKey);
      return ask?.run === run && (keys === null || keys.has(ask.key));
    },
  });
}
