// Events as a page gets them (text/event-stream, of the HTML standard). Each one has an id: the cursor of the run's points as far as they have
// been told by then, which a browser sends back when it comes again.
//
//   ready    { resumed }   The stream stands. Read the run anew; where it was not resumed, its series too.
//   points   { series }    Metrics that changed: [{ key, pointCount, points: [[step, timestampMs, value], …] | null }]. A point may come again:
//                          hold points by step, timestamp and value. Null: too many to tell, read the series anew.
//   run      {}            The run itself changed, or its params, tags, inputs, logged models: read it anew.
//   refetch  {}            You were too slow, and something was left out: read everything anew.
//   end      { reason }    "gone" (the run) or "unauthenticated". Coming again is in vain.

import type { ChangedSeries } from '@throughline/tracking';

export type LiveEvent =
  | { event: 'ready'; data: { resumed: boolean } }
  | { event: 'points'; data: { series: readonly ChangedSeries[] } }
  | { event: 'run' | 'refetch'; data: Record<string, never> }
  | { event: 'end'; data: { reason: 'gone' | 'unauthenticated' } };

/** For how long a browser waits until it comes again, in milliseconds; the stream's first line. */
export const RETRY_LINE = 'retry: 1000\n\n';
/** Keeps proxies from taking the line for dead. */
export const HEARTBEAT = ':\n\n';

/** JSON has no NaN and no infinities: they go as words, as everywhere in the API. */
function valueOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function dataOf(event: LiveEvent): unknown {
  if (event.event !== 'points') return event.data;
  return {
    series: event.data.series.map(({ key, pointCount, points }) => ({
      key,
      pointCount,
      points: points?.map(({ step, timestampMs, value }) => [step, timestampMs, valueOf(value)]) ?? null,
    })),
  };
}

/** One event as it goes over the line. */
export function frameOf(event: LiveEvent, cursor: string): string {
  return `event: ${event.event}\nid: ${cursor}\ndata: ${JSON.stringify(dataOf(event))}\n\n`;
}
