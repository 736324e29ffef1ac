// One run that pages follow. Whoever follows it stands at a cursor; a reading takes all who stand at one further, so that a hundred pages of
// a run cost one question. Nothing is kept of what was told but the cursor: a page that was away, or a server that was killed, goes on from it.

import type { PassThrough } from 'node:stream';

import type { Call } from '@throughline/database';
import type { MetricChanges, Metrics, RunMarks } from '@throughline/tracking';

import { frameOf } from './frames.ts';
import type { LiveEvent } from './frames.ts';
import { createTold } from './told.ts';

/** Readings of one run are at least so far apart: a run that logs a thousand times a second is told of four times. */
const PAUSE_MS = 250;
/** What may wait in a stream before its reader counts as slow, and then for how long. */
const MAX_WAITING_BYTES = 2 ** 20;
const MAX_BEHIND_MS = 60_000;

export interface Follower {
  call: Call;
  out: PassThrough;
  cursor: string;
  /** Since when its reader has been too slow; null while it keeps up. Until then it is told nothing. */
  behindSinceMs: number | null;
}

export interface Channel {
  readonly runId: string;
  readonly followers: ReadonlySet<Follower>;
  /** How the run was when it was looked at last; null before that. */
  marks: RunMarks | null;
  add(follower: Follower): void;
  remove(follower: Follower): void;
  /** Something was logged: reads it soon, and tells. Never throws; what fails is done again at the next `tick`. */
  wake(): void;
  /** Tells everybody who keeps up. */
  tell(event: LiveEvent): void;
  /** Does again what failed, and takes up those who were slow. Call it now and then. */
  tick(): void;
}

export function createChannel(runId: string, metrics: Metrics, onError: (error: unknown) => void): Channel {
  const followers = new Set<Follower>();
  let told = createTold();
  /** The cursor of those who have been told what `told` knows. */
  let toldCursor: string | null = null;
  let isWanted = false;
  let isReading = false;
  let hasFailed = false;
  let readAtMs = 0;

  const send = (follower: Follower, event: LiveEvent): void => {
    if (follower.behindSinceMs !== null || follower.out.writableEnded) return;
    follower.out.write(frameOf(event, follower.cursor));
    if (waitingBytes(follower) > MAX_WAITING_BYTES) follower.behindSinceMs = Date.now();
  };

  const readGroup = async (cursor: string, group: readonly Follower[]): Promise<void> => {
    const caller = group[0]?.call.caller;
    if (caller === undefined) return;
    const changes: MetricChanges = await metrics.pointsAfter({ caller }, { id: runId }, cursor);
    if (changes.series.length === 0) return;
    if (toldCursor !== cursor) told = createTold();
    const series = told.fresh(changes.series);
    toldCursor = changes.cursor;
    for (const follower of group) {
      follower.cursor = changes.cursor;
      send(follower, { event: 'points', data: { series } });
    }
  };

  const readAll = async (): Promise<void> => {
    const groups = Map.groupBy(
      [...followers].filter(({ behindSinceMs }) => behindSinceMs === null),
      ({ cursor }) => cursor,
    );
    for (const [cursor, group] of groups) await readGroup(cursor, group);
  };

  const read = async (): Promise<void> => {
    while (isWanted && followers.size > 0) {
      const pauseMs = readAtMs + PAUSE_MS - Date.now();
      if (pauseMs > 0) await new Promise((resume) => setTimeout(resume, pauseMs));
      isWanted = false;
      readAtMs = Date.now();
      await readAll();
    }
    hasFailed = false;
  };

  const wake = (): void => {
    isWanted = true;
    if (isReading) return;
    isReading = true;
    read()
      .catch((error: unknown) => {
        isWanted = true;
        if (!hasFailed) onError(error);
        hasFailed = true;
      })
      .finally(() => {
        isReading = false;
      });
  };

  /** Takes up a slow reader whose stream has emptied: from the present on, and it reads the rest itself. */
  const takeUp = async (follower: Follower): Promise<void> => {
    const { cursor } = await metrics.pointsAfter({ caller: follower.call.caller }, { id: runId }, null);
    follower.cursor = cursor;
    follower.behindSinceMs = null;
    send(follower, { event: 'refetch', data: {} });
    wake();
  };

  return {
    runId,
    followers,
    marks: null,
    add(follower) {
      followers.add(follower);
    },
    remove(follower) {
      followers.delete(follower);
    },
    wake,
    tell(event) {
      for (const follower of followers) send(follower, event);
    },
    tick() {
      if (isWanted) wake();
      for (const follower of followers) {
        if (follower.behindSinceMs === null) continue;
        if (waitingBytes(follower) === 0) void takeUp(follower).catch(onError);
        else if (Date.now() - follower.behindSinceMs > MAX_BEHIND_MS) follower.out.destroy();
      }
    },
  };
}

/** What was written to a stream and has not gone over the line. */
function waitingBytes({ out }: Follower): number {
  return out.writableLength + out.readableLength;
}
