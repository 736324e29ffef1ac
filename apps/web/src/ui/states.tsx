'use client';

// What a page shows when there is nothing yet, when something went wrong, and while it is on its way. Skeletons have the size of
// what comes.

import type { ReactNode } from 'react';
import { useEffect, useState, useSyncExternalStore } from 'react';

import type { ApiError } from '../api/client.ts';
import { WarningIcon } from './icons.tsx';

/** Nothing here yet, and what would fill it. */
export function Empty({ title, children, wide = false }: { title: string; children?: ReactNode; wide?: boolean }) {
  return (
    <div className={wide ? 'empty wide' : 'empty'}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const MEANING: Readonly<Record<string, { title: string; next: string }>> = {
  OFFLINE: {
    title: 'The server does not answer',
    next: 'What was logged before is safe. This page goes on as soon as the server is back.',
  },
  UNAVAILABLE: {
    title: 'The server cannot reach its storage right now',
    next: 'What was logged before is safe. This usually passes by itself.',
  },
  NOT_FOUND: { title: 'There is nothing at this address', next: 'It may have been deleted, or be in another workspace.' },
  FORBIDDEN: { title: 'Your token may not see this', next: 'An admin of the workspace can make one that may, under Settings.' },
  UNAUTHENTICATED: { title: 'Sign in to see this', next: 'Taking you to the sign-in page.' },
  TABLES_BUSY: { title: 'The server reads as many tables as it can at once', next: 'Try again in a little while.' },
  TABLE_UNREADABLE: { title: 'This table could not be read', next: 'Its bytes are stored as they came, and can be downloaded.' },
  BAD_USER_INPUT: { title: 'The server could not make sense of this request', next: 'Change the address or the filter, then try again.' },
};

/** What happened, what it means for the data, and what to do. */
export function Failure({ error, retry }: { error: ApiError; retry?: (() => unknown) | undefined }) {
  const known = MEANING[error.reason ?? ''] ??
    MEANING[error.code] ?? {
      title: 'Something went wrong',
      next: 'Nothing was changed. Try again; if it stays, the server’s log says more.',
    };
  return (
    <div className="failure" role="alert">
      <WarningIcon />
      <div>
        <h2>{known.title}</h2>
        <p>{error.message}</p>
        <p className="quiet">{error.hint ?? known.next}</p>
        {retry === undefined ? null : (
          <button type="button" className="button" onClick={() => void retry()}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

/** One line of an error, for a dialog or beside a field. */
export function FailureLine({ error }: { error: ApiError | null }) {
  if (error === null) return null;
  return (
    <p className="failure-line" role="alert">
      {error.message}
      {error.hint === null ? null : <> {error.hint}</>}
    </p>
  );
}

/** Grey bars where rows will be. Shown only after a moment, so that fast answers do not flash. */
export function Skeleton({ rows = 6, height = 32, label = 'Loading' }: { rows?: number; height?: number; label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height }}>
          <span style={{ width: `${30 + ((index * 37) % 45)}%` }} />
        </div>
      ))}
    </div>
  );
}

interface Query<Data> {
  data: Data | undefined;
  error: ApiError | null;
  refetch: () => unknown;
}

/** The three states of a query. An answer from the cache stays on show while a newer one cannot be had. */
export function Loaded<Data>({
  query,
  skeleton,
  children,
}: {
  query: Query<Data>;
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Failure error={query.error} retry={query.refetch} />;
  return skeleton ?? <Skeleton />;
}

/** A page for what is not there. */
export function Missing({ what, name }: { what: string; name: string }) {
  return (
    <div className="page">
      <title>{`No ${what} ${name} · Throughline`}</title>
      <Empty title={`No ${what} is called ${name}`}>
        <p>It may have been deleted, be in another workspace, or the link may have lost a character on its way.</p>
      </Empty>
    </div>
  );
}

const never = () => () => undefined;

/** This server's address, for the lines that people paste; a blank of the same width until the browser has told it. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => 'http://localhost:4000',
  );
}

/** A value that follows another after it has rested for a while: a search as one types. */
export function useRested<Value>(value: Value, restMs = 180): Value {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}
