'use client';

// How uPlot draws a chart: lines with their bands, on one axis. A plot is made once for a set of lines; new points only change its data.

import uPlot from 'uplot';

import { axisLabel, numberTicks, tick } from '../logic/ticks.ts';
import type { Axis, JoinedLines, Line } from '../logic/series.ts';
import { joinLines, stepsBetween } from '../logic/series.ts';
import type { Zoom } from '../logic/url-state.ts';

export interface ChartLine {
  id: string;
  label: string;
  /** Which `--series-N` of the tokens. */
  slot: number;
  line: Line;
}

/** What decides how a plot is made; the rest is data. */
export interface PlotStyle {
  height: number;
  axis: Axis;
  group: string | undefined;
  bands: boolean;
  logarithmic: boolean;
}

export interface PlotData {
  lines: readonly ChartLine[];
  zoom: Zoom | null;
}

export interface Reading {
  x: number;
  /** Percent of the width. */
  left: number;
  values: { id: string; label: string; slot: number; value: number }[];
}

export interface Plot {
  /** Shows other data of the same lines. */
  update(data: PlotData): void;
  resize(width: number): void;
  destroy(): void;
}

interface Listeners {
  read: (reading: Reading | null) => void;
  zoomTo: (zoom: Zoom | null) => void;
}

/** Fewer points than one in so many pixels are shown one by one. */
const DOT_PIXELS = 14;

/** Draws into an element. Colours are read from the document now. */
export function makePlot(element: HTMLElement, style: PlotStyle, first: PlotData, { read, zoomTo }: Listeners): Plot {
  const computed = getComputedStyle(document.documentElement);
  const token = (name: string) => computed.getPropertyValue(name).trim();
  let data = first;
  let joined = joinLines(data.lines.map(({ line }) => line));
  const { axis, logarithmic } = style;

  const plot = new uPlot(
    {
      width: Math.max(element.clientWidth, 120),
      height: style.height,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: {
        points: { size: 6 },
        y: false,
        drag: { x: true, y: false, setScale: false },
        ...(style.group === undefined ? {} : { sync: { key: style.group } }),
      },
      scales: {
        x: { time: axis === 'time', range: () => stretch(axis === 'step' ? data.zoom : null, joined.xs) },
        y: { range: (_plot, min, max) => padded(min, max, logarithmic) },
      },
      ms: 1,
      axes: axesOf(style, token),
      ...seriesOf(style, first.lines, token),
      hooks: {
        draw: [(self) => markHoles(self, data.lines, token('--warn'))],
        setCursor: [(self) => read(readingAt(self, data.lines, joined))],
        setSelect: [
          (self) => {
            if (self.select.width < 4) return;
            const from = self.posToVal(self.select.left, 'x');
            const to = self.posToVal(self.select.left + self.select.width, 'x');
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            const zoom = axis === 'step' ? { from: Math.floor(from), to: Math.ceil(to) } : stepsOf(data.lines, from, to);
            if (zoom !== null && zoom.from < zoom.to) zoomTo(zoom);
          },
        ],
        ready: [(self) => self.over.addEventListener('dblclick', () => zoomTo(null))],
      },
    },
    alignedOf(style, data.lines, joined),
    element,
  );

  return {
    update(next) {
      data = next;
      joined = joinLines(data.lines.map(({ line }) => line));
      plot.setData(alignedOf(style, data.lines, joined));
    },
    resize: (width) => plot.setSize({ width, height: style.height }),
    destroy: () => plot.destroy(),
  };
}

function stepsOf(lines: readonly ChartLine[], from: number, to: number): Zoom | null {
  return stepsBetween(
    lines.map(({ line }) => line),
    from,
    to,
  );
}

function axesOf({ axis, logarithmic }: PlotStyle, token: (name: string) => string): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: token('--ink-3'),
    font: `11px ${token('--font-mono')}`,
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...common,
      grid: { show: false },
      size: 24,
      gap: 4,
      space: axis === 'step' ? 48 : 72,
      values: (_plot, splits) => splits.map((each) => axisLabel(axis, each, (splits[1] ?? each) - (splits[0] ?? each))),
    },
    {
      ...common,
      gap: 6,
      size: (_plot, values) => labelWidth(values),
      space: 24,
      values: (_plot, splits) => (logarithmic ? splits.map((each) => tick(Number((10 ** each).toPrecision(2)))) : numberTicks(splits)),
    },
  ];
}

function seriesOf({ bands }: PlotStyle, lines: readonly ChartLine[], token: (name: string) => string) {
  const series: uPlot.Series[] = [{}];
  const bandList: uPlot.Band[] = [];
  for (const { slot } of lines) {
    const colour = token(`--series-${slot}`);
    if (bands) {
      // An edge of its own: a band over a single bucket is too thin to be seen by its filling alone.
      const edge = { stroke: `${colour}80`, width: 0.75, points: { show: false } };
      series.push(edge, edge);
      bandList.push({ series: [series.length - 2, series.length - 1], fill: `${colour}33` });
    }
    series.push({
      stroke: colour,
      width: 1.5,
      points: { show: (self, _series, from, to) => to - from < self.bbox.width / devicePixelRatio / DOT_PIXELS, size: 5, fill: colour },
    });
  }
  return { series, bands: bandList };
}

function alignedOf({ bands, logarithmic }: PlotStyle, lines: readonly ChartLine[], joined: JoinedLines): uPlot.AlignedData {
  // A logarithmic axis has no place for zero and below: the line has a hole there.
  const scaled = (values: readonly (number | null | undefined)[]) =>
    logarithmic ? values.map((value) => (typeof value === 'number' ? (value > 0 ? Math.log10(value) : null) : value)) : [...values];
  const columns: (number | null | undefined)[][] = [joined.xs];
  for (const index of lines.keys()) {
    const values = joined.lines[index];
    if (values === undefined) continue;
    if (bands) columns.push(scaled(values.highs), scaled(values.lows));
    columns.push(scaled(values.ys));
  }
  return columns as uPlot.AlignedData;
}

/** A small cross at the foot of the chart where a value is no finite number. */
function markHoles(plot: uPlot, lines: readonly ChartLine[], colour: string): void {
  const size = 3 * devicePixelRatio;
  const { ctx, bbox } = plot;
  const y = bbox.top + bbox.height - size - devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.beginPath();
  for (const { line } of lines) {
    for (const place of line.undrawable) {
      const x = plot.valToPos(place, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x - size, y + size);
      ctx.lineTo(x + size, y - size);
    }
  }
  ctx.stroke();
  ctx.restore();
}

function readingAt(plot: uPlot, lines: readonly ChartLine[], joined: JoinedLines): Reading | null {
  const place = plot.cursor.idx;
  const x = place === null || place === undefined || (plot.cursor.left ?? -1) < 0 ? undefined : joined.xs[place];
  if (place === null || place === undefined || x === undefined) return null;
  const values = lines.flatMap(({ id, label, slot }, index) => {
    const value = nearest(joined.lines[index]?.ys ?? [], place);
    return value === null ? [] : [{ id, label, slot, value }];
  });
  return {
    x,
    left: (100 * (plot.cursor.left ?? 0)) / plot.over.clientWidth,
    values: values.sort((a, b) => b.value - a.value).slice(0, 12),
  };
}

/** Room for the longest label. uPlot asks once before it has any, whatever its types say. */
function labelWidth(labels: readonly string[] | null): number {
  return 14 + 6.7 * Math.max(3, ...(labels ?? []).map((each) => each.length));
}

function stretch(zoom: Zoom | null, xs: readonly number[]): [number, number] {
  const { from, to } = zoom ?? { from: xs[0] ?? 0, to: xs.at(-1) ?? 1 };
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
