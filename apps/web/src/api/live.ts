'use client';

// Follows a run that is under way: new points go onto the charts as they come, everything else is asked for anew when the server says that
// it changed. While there is no stream the page asks now and then. A hidden tab lets its stream go, since a browser keeps few connections to
// one server; the cursor of the last event brings back what it missed.

import { useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { refs } from '../logic/links.ts';
import type { LiveChange } from '../logic/live-series.ts';
import { keyOf } from './hooks.ts';
import type { RunDetails } from './run.ts';
import { RunDocument } from './run.ts';
import { mergeIntoSeries, refreshSeries } from './series.ts';

/** `off`: nothing more is expected of the run. */
export type LiveState = 'off' | 'connecting' | 'live' | 'reconnecting';

/** How often the page asks while it has no stream. */
const POLL_MS = 4_000;
/** The run itself, and series that must be asked for anew, at most so often. */
const REFRESH_MS = 1_000;
/** A stream that was refused is tried again after so long. */
const REOPEN_MS = 5_000;

function isUnderWay({ status, lifecycle }: RunDetails): boolean {
  return lifecycle === 'ACTIVE' && (status === 'RUNNING' || status === 'SCHEDULED');
}

/** Keeps the page of a run up to date from when it is seen under way. */
export function useLive(run: RunDetails): LiveState {
  const client = useQueryClient();
  const underWay = isUnderWay(run);
  // Points may come late, after a run has said that it is finished.
  const [isFollowed, follow] = useState(underWay);
  if (underWay && !isFollowed) follow(true);
  const [state, setState] = useState<LiveState>('connecting');
  const { id, runId } = run;
  useEffect(() => (isFollowed ? followRun(client, { id, runId }, setState) : undefined), [client, id, runId, isFollowed]);
  useEffect(() => {
    if (!underWay || state === 'live') return undefined;
    const timer = setInterval(() => refreshAll(client, { id, runId }), POLL_MS);
    return () => clearInterval(timer);
  }, [client, id, runId, underWay, state]);
  return underWay ? state : 'off';
}

interface Followed {
  id: string;
  runId: string;
}

function refreshRun(client: QueryClient, { runId }: Followed): void {
  void client.invalidateQueries({ queryKey: keyOf(RunDocument, { id: refs.run(runId) }) });
}

function refreshAll(client: QueryClient, run: Followed): void {
  refreshRun(client, run);
  refreshSeries(client, run.id, null);
}

/** Calls at once, and then at most once in a while; the last call is never lost. */
function throttled(work: () => void): { call: () => void; cancel: () => void } {
  let timer: number | undefined;
  let isWanted = false;
  const call = (): void => {
    if (timer !== undefined) {
      isWanted = true;
      return;
    }
    isWanted = false;
    work();
    timer = window.setTimeout(() => {
      timer = undefined;
      if (isWanted) call();
    }, REFRESH_MS);
  };
  return { call, cancel: () => window.clearTimeout(timer) };
}

/** Follows a run until the answer is called. */
function followRun(client: QueryClient, run: Followed, tell: (state: LiveState) => void): () => void {
  let source: EventSource | null = null;
  let cursor: string | null = null;
  let reopening: number | undefined;
  let inexact = new Set<string>();
  const freshRun = throttled(() => refreshRun(client, run));
  const freshSeries = throttled(() => {
    refreshSeries(client, run.id, inexact);
    inexact = new Set();
  });

  const close = (): void => {
    window.clearTimeout(reopening);
    source?.close();
    source = null;
  };

  const open = (): void => {
    const after = cursor === null ? '' : `?after=${encodeURIComponent(cursor)}`;
    const opened = new EventSource(`/api/v1/runs/${encodeURIComponent(run.runId)}/events${after}`);
    source = opened;
    const on = (event: string, handle: (data: unknown) => void): void => {
      opened.addEventListener(event, (message: MessageEvent<string>) => {
        cursor = message.lastEventId;
        handle(JSON.parse(message.data));
      });
    };
    on('ready', (data) => {
      tell('live');
      if ((data as { resumed: boolean }).resumed) freshRun.call();
      else refreshAll(client, run);
    });
    on('points', (data) => {
      const { series } = data as { series: readonly LiveChange[] };
      for (const key of mergeIntoSeries(client, run.id, series)) inexact.add(key);
      if (inexact.size > 0) freshSeries.call();
      freshRun.call();
    });
    on('run', () => freshRun.call());
    on('refetch', () => refreshAll(client, run));
    on('end', () => {
      close();
      tell('reconnecting');
      refreshRun(client, run);
    });
    opened.addEventListener('error', () => {
      tell('reconnecting');
      // The browser tries again by itself, unless it was refused; a cursor of another database may be why.
      if (opened.readyState !== EventSource.CLOSED) return;
      cursor = null;
      reopening = window.setTimeout(open, REOPEN_MS);
    });
  };

  const onVisibility = (): void => {
    if (document.visibilityState === 'hidden') close();
    else if (source === null) open();
  };

  if (document.visibilityState !== 'hidden') open();
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    freshRun.cancel();
    freshSeries.cancel();
    close();
  };
}
