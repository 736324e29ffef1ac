'use client';

// Numbers, times, hashes and references: shortened for the eye, whole on hover and on copy.

import type { ReactNode } from 'react';
import { useState, useSyncExternalStore } from 'react';

import type { MetricValue } from '../logic/format.ts';
import {
  exactTime,
  formatBytes,
  formatCount,
  formatNumber,
  fullNumber,
  NOTHING,
  relativeTime,
  shortHash,
  shortRef,
} from '../logic/format.ts';
import { CheckIcon, CopyIcon } from './icons.tsx';

const TICK_MS = 15_000;
let now = Date.now();
let ticker: ReturnType<typeof setInterval> | null = null;
const tickers = new Set<() => void>();

function subscribeToTime(listener: () => void): () => void {
  tickers.add(listener);
  ticker ??= setInterval(() => {
    now = Date.now();
    for (const each of tickers) each();
  }, TICK_MS);
  return () => {
    tickers.delete(listener);
    if (tickers.size === 0 && ticker !== null) {
      clearInterval(ticker);
      ticker = null;
    }
  };
}

/** How long ago; the exact moment on hover. */
export function Time({ at }: { at: string | null | undefined }) {
  const shown = useSyncExternalStore(
    subscribeToTime,
    () => now,
    () => now,
  );
  if (at === null || at === undefined) return <Nothing />;
  // A moment after the last tick is not in the future: the clock shown is up to 15 s old.
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(at, Math.max(shown, Math.min(Date.parse(at), shown + TICK_MS)))}
    </time>
  );
}

export function Nothing() {
  return <span className="nothing">{NOTHING}</span>;
}

/** A metric's value, four significant digits. */
export function Num({ value }: { value: MetricValue | null | undefined }) {
  if (value === null || value === undefined) return <Nothing />;
  return <span title={fullNumber(value)}>{formatNumber(value)}</span>;
}

export function Bytes({ value }: { value: string | number | null | undefined }) {
  if (value === null || value === undefined) return <Nothing />;
  return <span title={`${formatCount(value)} bytes`}>{formatBytes(value)}</span>;
}

/** Copies text and says so for a moment. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard
      .writeText(text)
      .then(() => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1_500);
      })
      .catch(() => window.prompt('Copy this:', text));
  };
  return (
    <button
      type="button"
      className="icon-button copy"
      aria-label={copied ? 'Copied' : label}
      title={copied ? 'Copied' : label}
      onClick={copy}
    >
      {copied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}

/** A hash, shortened in the middle. */
export function Hash({ value, copy = false }: { value: string | null | undefined; copy?: boolean }) {
  if (value === null || value === undefined || value === '') return <Nothing />;
  return (
    <span className="mono hash">
      <span title={value}>{shortHash(value)}</span>
      {copy ? <Copy text={value} label="Copy the whole hash" /> : null}
    </span>
  );
}

/** A readable reference with its copy button. */
export function Ref({ value }: { value: string }) {
  return (
    <span className="mono ref">
      <span title={value}>{shortRef(value)}</span>
      <Copy text={value} label={`Copy ${value}`} />
    </span>
  );
}

/** Lines of code with a copy button. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div className="code">
      <pre aria-label={label}>
        <code>{text}</code>
      </pre>
      <Copy text={text} label="Copy" />
    </div>
  );
}

/** Names and values, one a line. */
export function Facts({ rows }: { rows: readonly (readonly [name: ReactNode, value: ReactNode] | null)[] }) {
  return (
    <dl className="facts">
      {rows.map((row, index) =>
        row === null ? null : (
          <div key={index}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
