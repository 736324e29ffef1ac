// What stands at the axes of charts.

import { formatCount, formatDuration } from './format.ts';
import type { Axis } from './series.ts';

const AXIS_NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const DAY_MS = 86_400_000;

export function tick(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(1).replace('e+', 'e') : AXIS_NUMBER.format(value);
}

/** Labels of one axis, all with as many decimals as the one that needs most. */
export function numberTicks(values: readonly number[]): string[] {
  const plain = values.map(tick);
  if (plain.some((label) => label.includes('e'))) return plain;
  const decimals = Math.max(0, ...plain.map((label) => label.split('.')[1]?.length ?? 0));
  return values.map((value) => value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

/** A place on the horizontal axis; `apart` is how far its labels are from each other. */
export function axisLabel(axis: Axis, value: number, apart: number): string {
  if (axis === 'step') return Number.isInteger(value) ? tick(value) : '';
  if (axis === 'relative') return value < 0 ? `−${formatDuration(-value)}` : value === 0 ? '0' : formatDuration(value);
  const date = new Date(value);
  if (apart >= DAY_MS) return date.toLocaleDateString('en', { month: 'short', day: 'numeric' });
  const time = date.toLocaleTimeString('en', {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...(apart < 60_000 ? { second: '2-digit' } : {}),
    ...(apart < 1_000 ? { fractionalSecondDigits: 3 } : {}),
  });
  return time;
}

/** The same where the pointer is, in full. */
export function axisReading(axis: Axis, value: number): string {
  if (axis === 'step') return `step ${formatCount(value)}`;
  if (axis === 'relative') return `after ${formatDuration(value)}`;
  return new Date(value).toLocaleString('en', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}
