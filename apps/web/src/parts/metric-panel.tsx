'use client';

import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';

import { keyOf } from '../api/hooks.ts';
import { ApiError, request } from '../api/client.ts';
import type { MetricSeriesQuery } from '../gql/graphql.ts';
import { graphql } from '../gql/gql.ts';
import { counted, formatCount } from '../logic/format.ts';
import { lineOf } from '../logic/series.ts';
import type { Zoom } from '../logic/url-state.ts';
import type { ChartLine } from './chart.tsx';
import { Chart } from './chart.tsx';

const SeriesDocument = graphql(`
  query MetricSeries($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {
    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) {
      key
      pointCount
      buckets {
        toStep
        last
        min
        max
      }
    }
  }
`);

export interface ChartedRun {
  /** The node id. */
  id: string;
  name: string;
  slot: number;
  running: boolean;
}

interface Props {
  metric: string;
  /** Keep the array while its runs are the same: the chart is drawn again for a new one. */
  runs: readonly ChartedRun[];
  height?: number;
  /** How many stretches to ask for; about one for two pixels is enough. */
  buckets?: number;
  zoom: Zoom | null;
  onZoom?: (zoom: Zoom | null) => void;
  smoothing?: number;
  logarithmic?: boolean;
  group?: string;
}

const POLL_MS = 4_000;

/** One metric of some runs. */
export function MetricPanel({ metric, runs, height = 150, buckets = 300, zoom, onZoom, smoothing = 0, logarithmic = false, group }: Props) {
  const range = zoom === null ? null : { from: String(zoom.from), to: String(zoom.to) };
  const answers = useQueries({
    queries: runs.map(({ id, running }) => {
      const variables = { run: id, key: metric, range, buckets };
      return {
        queryKey: keyOf(SeriesDocument, variables),
        queryFn: ({ signal }: { signal: AbortSignal }) => request(SeriesDocument, variables, signal),
        staleTime: running ? 2_000 : 60_000,
        refetchInterval: running ? POLL_MS : (false as const),
        retry: (failures: number, error: Error) => error instanceof ApiError && error.isPassing && failures < 2,
      };
    }),
    combine: (results) => ({
      series: results.map((result) => result.data?.metricSeries),
      error: results.find((result) => result.error !== null)?.error ?? null,
      pending: results.some((result) => result.isPending),
    }),
  });
  const lines = useLines(runs, answers.series, smoothing);
  const points = answers.series.reduce((sum, series) => sum + Number(series?.pointCount ?? 0), 0);
  const drawn = answers.series.reduce((sum, series) => sum + (series?.buckets.length ?? 0), 0);
  const holes = lines.reduce((sum, { line }) => sum + line.undrawable, 0);
  return (
    <figure className="panel">
      <figcaption>
        <b title={metric}>{metric}</b>
        <small>
          {answers.error !== null
            ? 'could not be loaded'
            : drawn < points
              ? `${formatCount(drawn)} buckets of ${counted(points, 'point')}`
              : points === 0
                ? ''
                : counted(points, 'point')}
          {holes > 0 ? ` · ${formatCount(holes)} not finite` : ''}
          {smoothing > 0 ? ` · smoothed ${smoothing}` : ''}
        </small>
      </figcaption>
      {lines.length === 0 ? (
        <div className="chart-place" style={{ height }} role="status">
          {answers.error !== null ? answers.error.message : answers.pending ? '' : 'No points here.'}
        </div>
      ) : (
        <Chart
          label={metric}
          lines={lines}
          height={height}
          zoom={zoom}
          logarithmic={logarithmic}
          {...(onZoom === undefined ? {} : { onZoom })}
          {...(group === undefined ? {} : { group })}
        />
      )}
    </figure>
  );
}

type Series = MetricSeriesQuery['metricSeries'];

/** The lines, new only when an answer is (the query client shares equal answers): a chart is drawn again whenever they change. */
function useLines(runs: readonly ChartedRun[], series: readonly (Series | undefined)[], smoothing: number): readonly ChartLine[] {
  return useMemo(
    () =>
      runs.flatMap(({ id, name, slot }, index) => {
        const found = series[index];
        return found === undefined || found.buckets.length === 0 ? [] : [{ id, label: name, slot, line: lineOf(found.buckets, smoothing) }];
      }),
    [runs, series, smoothing],
  );
}
