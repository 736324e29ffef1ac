'use client';

import { useMemo } from 'react';

import type { RunDetails } from '../views/run.tsx';
import { slotOf } from '../logic/colours.ts';
import { drawableOf } from '../logic/metrics.ts';
import { readZoom, writeZoom } from '../logic/url-state.ts';
import { Empty } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';
import { MetricPanel } from './metric-panel.tsx';

/** How a page's charts are drawn; part of the address. */
export function useChartSettings() {
  const url = useUrl();
  const smoothing = Math.min(0.95, Math.max(0, Number(url.get('smoothing') ?? 0) || 0));
  return { url, zoom: readZoom(url.get('zoom')), smoothing, logarithmic: url.get('scale') === 'log' };
}

/** Smoothing, scale, and a way back from a zoom. */
export function ChartBar({ children }: { children?: React.ReactNode }) {
  const { url, zoom, smoothing, logarithmic } = useChartSettings();
  return (
    <div className="bar">
      {children}
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

/** Every metric of a run. */
export function RunCharts({ run }: { run: RunDetails }) {
  const { url, zoom, smoothing, logarithmic } = useChartSettings();
  const { id, name, runId } = run;
  const running = run.status === 'RUNNING';
  const runs = useMemo(() => [{ id, name, slot: slotOf(runId), running }], [id, name, runId, running]);
  const filter = (url.get('metrics') ?? '').toLowerCase();
  const curves = drawableOf(run.metrics).filter(({ key }) => key.toLowerCase().includes(filter));
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
          <div className="panels">
            {curves.map(({ key }) => (
              <MetricPanel
                key={key}
                metric={key}
                runs={runs}
                height={170}
                zoom={zoom}
                smoothing={smoothing}
                logarithmic={logarithmic}
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
