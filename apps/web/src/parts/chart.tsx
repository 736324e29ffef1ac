'use client';

// Lines over steps, drawn by uPlot on a canvas. Drag to look closer (the stretch lives in the address), double click to see all.

import 'uplot/dist/uPlot.min.css';

import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';

import { formatCount, formatNumber } from '../logic/format.ts';
import type { Line } from '../logic/series.ts';
import { joinLines } from '../logic/series.ts';
import type { Zoom } from '../logic/url-state.ts';
import { onThemeChange } from './preferences.ts';

export interface ChartLine {
  id: string;
  label: string;
  /** Which `--series-N` of the tokens. */
  slot: number;
  line: Line;
}

interface Props {
  label: string;
  lines: readonly ChartLine[];
  height: number;
  zoom: Zoom | null;
  onZoom?: (zoom: Zoom | null) => void;
  /** Charts of one group move their cursors together. */
  group?: string;
  /** Whether to draw the bands between smallest and largest. */
  bands?: boolean;
  logarithmic?: boolean;
}

interface Reading {
  step: number;
  left: number;
  values: { id: string; label: string; slot: number; value: number }[];
}

const AXIS_NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

function tick(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(1).replace('e+', 'e') : AXIS_NUMBER.format(value);
}

/** Labels of one axis, all with as many decimals as the one that needs most. */
function ticks(values: readonly number[]): string[] {
  const plain = values.map(tick);
  if (plain.some((label) => label.includes('e'))) return plain;
  const decimals = Math.max(0, ...plain.map((label) => label.split('.')[1]?.length ?? 0));
  return values.map((value) => value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

export function Chart({ label, lines, height, zoom, onZoom, group, bands = true, logarithmic = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [reading, setReading] = useState<Reading | null>(null);
  const [theme, setTheme] = useState(0);
  const zoomed = useRef(onZoom);
  useEffect(() => {
    zoomed.current = onZoom;
  });
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const plot = draw(element, { lines, height, zoom, group, bands, logarithmic }, setReading, (next) => zoomed.current?.(next));
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      setReading(null);
    };
    // `theme` is not used inside, but colours are read from the document when the chart is drawn.
  }, [lines, height, zoom, group, bands, logarithmic, theme]);
  return (
    <div className="chart" role="img" aria-label={describe(label, lines)} style={{ height }}>
      <div ref={box} />
      {reading === null || reading.values.length === 0 ? null : (
        <div className="reading" style={reading.left > 50 ? { left: 44 } : { right: 8 }} aria-hidden="true">
          <small>step {formatCount(reading.step)}</small>
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

/** The chart in words, for those who cannot see it: where each line begins and ends. */
function describe(label: string, lines: readonly ChartLine[]): string {
  const parts = lines.map(({ label: name, line }) => {
    const values = line.ys.filter((y) => y !== null);
    const [first] = values;
    const last = values.at(-1);
    return first === undefined || last === undefined
      ? `${name}: nothing to draw`
      : `${name}: from ${formatNumber(first)} to ${formatNumber(last)}`;
  });
  return `${label} over steps. ${parts.join('; ')}`;
}

interface Drawing {
  lines: readonly ChartLine[];
  height: number;
  zoom: Zoom | null;
  group: string | undefined;
  bands: boolean;
  logarithmic: boolean;
}

function draw(element: HTMLElement, drawing: Drawing, read: (reading: Reading | null) => void, zoomTo: (zoom: Zoom | null) => void): uPlot {
  const { lines, height, zoom, group, bands, logarithmic } = drawing;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  // A logarithmic axis has no place for zero and below: the line has a hole there.
  const scaled = (values: readonly (number | null | undefined)[]) =>
    logarithmic ? values.map((value) => (typeof value === 'number' ? (value > 0 ? Math.log10(value) : null) : value)) : [...values];
  const joined = joinLines(lines.map(({ line }) => line));
  const data: (number | null | undefined)[][] = [joined.xs];
  const series: uPlot.Series[] = [{}];
  const bandList: uPlot.Band[] = [];
  const valuePlaces: number[] = [];
  for (const [index, { slot, line }] of lines.entries()) {
    const values = joined.lines[index];
    if (values === undefined) continue;
    const colour = token(`--series-${slot}`);
    if (bands && line.xs.length > 1) {
      data.push(scaled(values.highs), scaled(values.lows));
      series.push(
        { stroke: 'transparent', width: 0, points: { show: false } },
        { stroke: 'transparent', width: 0, points: { show: false } },
      );
      bandList.push({ series: [series.length - 2, series.length - 1], fill: `${colour}26` });
    }
    data.push(scaled(values.ys));
    series.push({ stroke: colour, width: 1.5, points: { show: line.xs.length === 1, size: 6, fill: colour } });
    valuePlaces.push(series.length - 1);
  }
  const font = `11px ${token('--font-mono')}`;
  const axis: uPlot.Axis = {
    stroke: token('--ink-3'),
    font,
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  };
  const [firstStep, lastStep] = [joined.xs[0] ?? 0, joined.xs.at(-1) ?? 1];
  return new uPlot(
    {
      width: Math.max(element.clientWidth, 120),
      height,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: {
        points: { size: 6 },
        y: false,
        drag: { x: true, y: false, setScale: false },
        ...(group === undefined ? {} : { sync: { key: group } }),
      },
      scales: {
        x: { time: false, range: () => stretch(zoom ?? { from: firstStep, to: lastStep }) },
        y: { range: (_plot, min, max) => padded(min, max, logarithmic) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          gap: 4,
          space: 48,
          values: (_plot, splits) => splits.map((each) => (Number.isInteger(each) ? tick(each) : '')),
        },
        {
          ...axis,
          gap: 6,
          size: (_plot, values) => labelWidth(values),
          space: 24,
          values: (_plot, splits) => (logarithmic ? splits.map((each) => tick(Number((10 ** each).toPrecision(2)))) : ticks(splits)),
        },
      ],
      series,
      bands: bandList,
      hooks: {
        setCursor: [
          (plot) => {
            const place = plot.cursor.idx;
            if (place === null || place === undefined || (plot.cursor.left ?? -1) < 0) {
              read(null);
              return;
            }
            const step = joined.xs[place];
            if (step === undefined) return;
            const values = lines.flatMap(({ id, label, slot }, index) => {
              const value = nearest(joined.lines[index]?.ys ?? [], place);
              return value === null ? [] : [{ id, label, slot, value }];
            });
            read({
              step,
              left: (100 * (plot.cursor.left ?? 0)) / plot.over.clientWidth,
              values: values.sort((a, b) => b.value - a.value).slice(0, 12),
            });
          },
        ],
        setSelect: [
          (plot) => {
            if (plot.select.width < 4) return;
            const zoom = {
              from: Math.floor(plot.posToVal(plot.select.left, 'x')),
              to: Math.ceil(plot.posToVal(plot.select.left + plot.select.width, 'x')),
            };
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            if (zoom.from < zoom.to) zoomTo(zoom);
          },
        ],
        ready: [
          (plot) => {
            plot.over.addEventListener('dblclick', () => zoomTo(null));
          },
        ],
      },
    },
    data as uPlot.AlignedData,
    element,
  );
}

/** Room for the longest label. uPlot asks once before it has any, whatever its types say. */
function labelWidth(labels: readonly string[] | null): number {
  return 14 + 6.7 * Math.max(3, ...(labels ?? []).map((each) => each.length));
}

function stretch({ from, to }: Zoom): [number, number] {
  return from === to ? [from - 1, to + 1] : [from, to];
}

/** A little air above and below, and some room around a line that never changes. */
function padded(min: number | null, max: number | null, logarithmic: boolean): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = max === min ? Math.abs(max) * 0.1 || 1 : (max - min) * 0.06;
  return [!logarithmic && min >= 0 && min - room < 0 ? 0 : min - room, max + room];
}

/** The value at a place, or the last one before it: lines that have no bucket at this step go on. */
function nearest(values: readonly (number | null | undefined)[], place: number): number | null {
  for (let index = place; index >= 0 && index > place - 200; index -= 1) {
    const value = values[index];
    if (value !== undefined) return value;
  }
  return null;
}
