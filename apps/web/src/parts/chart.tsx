'use client';

// Lines drawn by uPlot on a canvas. Drag to look closer (the stretch lives in the address), double click to see all.

import 'uplot/dist/uPlot.min.css';

import { useEffect, useRef, useState } from 'react';

import { formatNumber } from '../logic/format.ts';
import type { Axis } from '../logic/series.ts';
import { axisReading } from '../logic/ticks.ts';
import type { Zoom } from '../logic/url-state.ts';
import type { ChartLine, Plot, PlotData, Reading } from './plot.ts';
import { makePlot } from './plot.ts';
import { onThemeChange } from './preferences.ts';

interface Props {
  label: string;
  lines: readonly ChartLine[];
  height: number;
  zoom: Zoom | null;
  onZoom?: (zoom: Zoom | null) => void;
  axis?: Axis;
  /** Charts of one group move their cursors together. */
  group?: string;
  /** Whether to draw the bands between smallest and largest. */
  bands?: boolean;
  logarithmic?: boolean;
}

export function Chart({ label, lines, height, zoom, onZoom, axis = 'step', group, bands = true, logarithmic = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [reading, setReading] = useState<Reading | null>(null);
  const [theme, setTheme] = useState(0);
  const zoomed = useRef(onZoom);
  const data = useRef<PlotData>({ lines, zoom });
  useEffect(() => {
    zoomed.current = onZoom;
    data.current = { lines, zoom };
  });
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);
  // Which lines there are, and in which colours: with others it is another plot, with other points the same.
  const made = lines.map(({ id, slot }) => `${id} ${slot}`).join();
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const drawn = makePlot(element, { height, axis, group, bands, logarithmic }, data.current, {
      read: setReading,
      zoomTo: (next) => zoomed.current?.(next),
    });
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.resize(element.clientWidth));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
      setReading(null);
    };
    // `theme` is not used inside, but colours are read from the document when the plot is made.
  }, [made, height, axis, group, bands, logarithmic, theme]);
  useEffect(() => plot.current?.update({ lines, zoom }), [lines, zoom]);
  return (
    <div className="chart" role="img" aria-label={describe(label, axis, lines)} style={{ height }}>
      <div ref={box} />
      {reading === null || reading.values.length === 0 ? null : (
        <div className="reading" style={reading.left > 50 ? { left: 44 } : { right: 8 }} aria-hidden="true">
          <small>{axisReading(axis, reading.x)}</small>
          {reading.values.map(({ id, label: name, slot, value }) => (
            <div key={id}>
              <span className="swatch" style={{ background: `var(--series-${slot})` }} />
              <span>{name}</span>
              <b>{formatNumber(value)}</b>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

const OVER = { step: 'steps', time: 'the time', relative: 'the time since the beginning' } as const;

/** The chart in words, for those who cannot see it: where each line begins and ends. */
function describe(label: string, axis: Axis, lines: readonly ChartLine[]): string {
  const parts = lines.map(({ label: name, line }) => {
    const values = line.ys.filter((y) => y !== null);
    const [first] = values;
    const last = values.at(-1);
    return first === undefined || last === undefined
      ? `${name}: nothing to draw`
      : `${name}: from ${formatNumber(first)} to ${formatNumber(last)}`;
  });
  return `${label} over ${OVER[axis]}. ${parts.join('; ')}`;
}
