// How numbers, sizes, times and hashes are written everywhere in the dashboard: exact enough to compare, short enough to scan.
// Whatever is shortened here is shown whole on hover and on copy by the component that uses it.

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** What stands where there is nothing. */
export const NOTHING = '–';

/** A metric's value as the API writes it: a number, or NaN and the infinities as words. */
export type MetricValue = number | string;

/** The value as a number; the API's words "NaN", "Infinity" and "-Infinity" become those. */
export function toNumber(value: MetricValue): number {
  return typeof value === 'number' ? value : Number(value);
}

/** Four significant digits, thousands separated; whole parts below ten million are written out. MLflow keeps infinities as the largest numbers. */
export function formatNumber(value: MetricValue): string {
  const number = toNumber(value);
  if (Number.isNaN(number)) return 'NaN';
  if (Math.abs(number) >= Number.MAX_VALUE) return number > 0 ? '∞' : '−∞';
  const size = Math.abs(number);
  if (Number.isInteger(number) && size < 1e7) return NUMBER.format(number);
  if (size >= 1e7 || size < 1e-4) return number.toExponential(3).replace('e+', 'e');
  return size >= 1000 ? NUMBER.format(Math.round(number)) : number.toPrecision(4);
}

/** Every digit there is, thousands separated. */
export function fullNumber(value: MetricValue): string {
  const number = toNumber(value);
  return Number.isFinite(number) && Math.abs(number) < 1e15 && Math.abs(number) >= 1e-6 ? NUMBER.format(number) : String(number);
}

/** A count, thousands separated; takes the API's 64-bit numbers as strings. */
export function formatCount(count: number | string): string {
  return NUMBER.format(typeof count === 'number' ? count : BigInt(count));
}

/** A count with its noun: `1 run`, `2,000 runs`. */
export function counted(count: number | string, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${String(count) === '1' ? one : many}`;
}

/** A size in decimal units: `340 B`, `12.4 kB`, `1.20 GB`. */
export function formatBytes(bytes: number | string): string {
  let size = Math.abs(Number(bytes));
  let unit = 0;
  while (size >= 999.5 && unit < SIZES.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const sign = Number(bytes) < 0 ? '-' : '';
  return `${sign}${unit === 0 ? String(size) : size.toPrecision(3)} ${SIZES[unit] ?? 'B'}`;
}

/** A span of time in its two largest units: `1 min 48 s`, `340 ms`. */
export function formatDuration(milliseconds: number | string): string {
  const ms = Math.max(0, Number(milliseconds));
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joined(hours, 'h', minutes % 60, 'min');
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** How long ago, in one unit; beyond a week the date, beyond a year with its year. */
export function relativeTime(iso: string, nowMs: number): string {
  const at = new Date(iso);
  const seconds = Math.round((nowMs - at.getTime()) / 1000);
  if (seconds < -60) return exactTime(iso);
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 2 * 86_400) return 'yesterday';
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  const sameYear = new Date(nowMs).getFullYear() === at.getFullYear();
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** The whole moment, in the reader's own time zone. */
export function exactTime(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** Shortens a hash or id in its middle: `b2f4…91c0`. Short ones stay whole. */
export function shortHash(hash: string, keep = 4): string {
  return hash.length <= keep * 2 + 2 ? hash : `${hash.slice(0, keep)}…${hash.slice(-keep)}`;
}

/** Shortens a reference whose name is a long id, and leaves names alone: `run:7f3ac1…e09b`. */
export function shortRef(ref: string): string {
  return ref.replace(/[0-9a-f]{20,}/g, (id) => `${id.slice(0, 6)}…${id.slice(-4)}`);
}
