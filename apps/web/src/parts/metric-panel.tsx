'use client';

import { useQueries } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { ApiError } from '../api/client.ts';
import type { Series } from '../api/series.ts';
import { fetchSeries, seriesKey } from '../api/series.ts';
import { counted, formatCount } from '../logic/format.ts';
import type { Axis } from '../logic/series.ts';
import { lineOf } from '../logic/series.ts';
import type { Zoom } from '../logic/url-state.ts';
import { Chart } from './chart.tsx';
import type { ChartLine } from './plot.ts';

export interface ChartedRun {
  /** The node id. */
  id: string;
  name: string;
  slot: number;
  /** Whether it is to be asked for again and again; not where the page follows the run. */
  polled: boolean;
  startedAtMs: number | null;
}

/** How charts are drawn. */
export interface ChartStyle {
  axis: Axis;
  smoothing: number;
  logarithmic: boolean;
}

export const PLAIN: ChartStyle = { axis: 'step', smoothing: 0, logarithmic: false };

interface Props {
  metric: string;
  /** Keep the array while its runs are the same: the chart is drawn again for a new one. */
  runs: readonly ChartedRun[];
  height?: number;
  zoom: Zoom | null;
  onZoom?: (zoom: Zoom | null) => void;
  style?: ChartStyle;
  group?: string;
}

const POLL_MS = 4_000;
/** One bucket for so many pixels; in hundreds, so that a window that is resized asks for little. */
const PIXELS_A_BUCKET = 2;
const BUCKETS = { step: 100, most: 1_000 } as const;

/** One metric of some runs. */
export function MetricPanel({ metric, runs, height = 150, zoom, onZoom, style = PLAIN, group }: Props) {
  const box = useRef<HTMLElement>(null);
  const buckets = useBuckets(box);
  const range = zoom === null ? null : { from: String(zoom.from), to: String(zoom.to) };
  const answers = useQueries({
    queries: runs.map(({ id, polled }) => {
      const ask = { run: id, key: metric, range, buckets: buckets ?? BUCKETS.step };
      return {
        queryKey: seriesKey(ask),
        queryFn: ({ signal }: { signal: AbortSignal }) => fetchSeries(ask, signal),
        enabled: buckets !== null,
        staleTime: polled ? 2_000 : 60_000,
        refetchInterval: polled ? POLL_MS : (false as const),
        retry: (failures: number, error: Error) => error instanceof ApiError && error.isPassing && failures < 2,
      };
    }),
    combine: (results) => ({
      series: results.map((result) => result.data),
      error: results.find((result) => result.error !== null)?.error ?? null,
      pending: results.some((result) => result.isPending),
    }),
  });
  const isAtOneStep = answers.series.some((one) => isSingleStep(one));
  const axis = style.axis === 'step' && isAtOneStep ? 'relative' : style.axis;
  const current = useLines(runs, answers.series, axis, style.smoothing);
  const lines = useKept(current, answers.pending);
  const points = answers.series.reduce((sum, series) => sum + Number(series?.pointCount ?? 0), 0);
  const drawn = answers.series.reduce((sum, series) => sum + (series?.buckets.length ?? 0), 0);
  const holes = lines.reduce((sum, { line }) => sum + line.undrawable.length, 0);
  return (
    <figure className="panel" ref={box}>
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
          {style.axis === 'step' && isAtOneStep ? ' · all at one step' : ''}
          {style.smoothing > 0 ? ` · smoothed ${style.smoothing}` : ''}
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
          axis={axis}
          logarithmic={style.logarithmic}
          {...(onZoom === undefined ? {} : { onZoom })}
          {...(group === undefined ? {} : { group })}
        />
      )}
    </figure>
  );
}

/** How many buckets fit an element's pixels; null until it is known how wide it is. */
function useBuckets(box: RefObject<HTMLElement | null>): number | null {
  const [buckets, setBuckets] = useState<number | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      const fit = Math.ceil(element.clientWidth / PIXELS_A_BUCKET / BUCKETS.step) * BUCKETS.step;
      setBuckets(Math.min(BUCKETS.most, Math.max(BUCKETS.step, fit)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return buckets;
}

/** Whether all points stand at one step, as those do that are logged without one. */
function isSingleStep(series: Series | undefined): boolean {
  if (series === undefined || series.buckets.length < 2) return false;
  return series.buckets[0]?.fromStep === series.buckets.at(-1)?.toStep;
}

/** The lines, new only when an answer is (the query client shares equal answers): a chart is drawn again whenever they change. */
function useLines(
  runs: readonly ChartedRun[],
  series: readonly (Series | undefined)[],
  axis: Axis,
  smoothing: number,
): readonly ChartLine[] {
  return useMemo(
    () =>
      runs.flatMap(({ id, name, slot, startedAtMs }, index) => {
        const found = series[index];
        if (found === undefined || found.buckets.length === 0) return [];
        return [{ id, label: name, slot, line: lineOf(found.buckets, { axis, smoothing, startedAtMs }) }];
      }),
    [runs, series, axis, smoothing],
  );
}

/** The lines that were there before, as long as others are on their way: nothing flickers at a zoom. */
function useKept(lines: readonly ChartLine[], isPending: boolean): readonly ChartLine[] {
  const [kept, keep] = useState(lines);
  if (!isPending && kept !== lines) keep(lines);
  return isPending && lines.length === 0 ? kept : lines;
}
