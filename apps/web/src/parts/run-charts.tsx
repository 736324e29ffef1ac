'use client';

import { useMemo } from 'react';

import type { RunDetails } from '../api/run.ts';
import { slotOf } from '../logic/colours.ts';
import { drawableOf } from '../logic/metrics.ts';
import type { Axis } from '../logic/series.ts';
import { readZoom, writeZoom } from '../logic/url-state.ts';
import { Empty } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';
import type { ChartedRun } from './metric-panel.tsx';
import { MetricPanel } from './metric-panel.tsx';

/** How a page's charts are drawn; part of the address. */
export function useChartSettings() {
  const url = useUrl();
  const smoothing = Math.min(0.95, Math.max(0, Number(url.get('smoothing') ?? 0) || 0));
  const axis = readAxis(url.get('x'));
  const logarithmic = url.get('scale') === 'log';
  const style = useMemo(() => ({ axis, smoothing, logarithmic }), [axis, smoothing, logarithmic]);
  return { url, zoom: readZoom(url.get('zoom')), style };
}

function readAxis(value: string | null): Axis {
  return value === 'time' || value === 'relative' ? value : 'step';
}

/** Smoothing, scale, and a way back from a zoom. */
export function ChartBar({ children }: { children?: React.ReactNode }) {
  const { url, zoom, style } = useChartSettings();
  const { axis, smoothing, logarithmic } = style;
  return (
    <div className="bar">
      {children}
      <label className="inline-field">
        Over
        <select
          className="input"
          value={axis}
          onChange={(event) => url.set({ x: event.currentTarget.value === 'step' ? null : event.currentTarget.value })}
        >
          <option value="step">steps</option>
          <option value="relative">time since start</option>
          <option value="time">time of day</option>
        </select>
      </label>
      <label className="inline-field">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.95}
          step={0.05}
          value={smoothing}
          onChange={(event) => url.set({ smoothing: event.currentTarget.value === '0' ? null : event.currentTarget.value })}
        />
        <output className="mono">{smoothing.toFixed(2)}</output>
      </label>
      <label className="inline-field">
        <input type="checkbox" checked={logarithmic} onChange={(event) => url.set({ scale: event.currentTarget.checked ? 'log' : null })} />
        Logarithmic
      </label>
      <span className="spacer" />
      {zoom === null ? (
        <span className="quiet">Drag over a chart to look closer.</span>
      ) : (
        <button type="button" className="button small" onClick={() => url.set({ zoom: null })}>
          Steps {zoom.from.toLocaleString('en')} to {zoom.to.toLocaleString('en')} · show all
        </button>
      )}
    </div>
  );
}

/** A run as charts take it. Its page follows it, so that nothing needs to be asked for again. */
export function useCharted({ id, name, runId, startedAt }: RunDetails): readonly ChartedRun[] {
  const startedAtMs = startedAt ? Date.parse(startedAt) : null;
  return useMemo(() => [{ id, name, slot: slotOf(runId), polled: false, startedAtMs }], [id, name, runId, startedAtMs]);
}

/** So many charts share the whole width. */
const FEW = 2;

/** Every metric of a run. */
export function RunCharts({ run }: { run: RunDetails }) {
  const { url, zoom, style } = useChartSettings();
  const runs = useCharted(run);
  const filter = (url.get('metrics') ?? '').toLowerCase();
  const curves = drawableOf(run.metrics).filter(({ key }) => key.toLowerCase().includes(filter));
  const isFew = curves.length <= FEW;
  return (
    <>
      <ChartBar>
        <input
          type="search"
          className="input"
          placeholder="Metrics by name"
          aria-label="Metrics by name"
          value={url.get('metrics') ?? ''}
          onChange={(event) => url.set({ metrics: event.currentTarget.value })}
        />
      </ChartBar>
      <div className="page">
        {curves.length === 0 ? (
          <Empty title={filter === '' ? 'No curves yet' : `No curve’s name contains ${filter}`}>
            <p>A metric becomes a curve once it is logged at more than one step. Single values are in the overview.</p>
          </Empty>
        ) : (
          <div className={isFew ? 'panels few' : 'panels'}>
            {curves.map(({ key }) => (
              <MetricPanel
                key={key}
                metric={key}
                runs={runs}
                height={isFew ? 280 : 170}
                zoom={zoom}
                style={style}
                group="run"
                onZoom={(next) => url.set({ zoom: writeZoom(next) })}
              />
            ))}
          </div>
        )}
      </div>
    </>
  );
}
