// Who follows which run. While nobody does, nothing here runs. Appends in this process wake a run's channel at once; what other servers of
// the database log, and everything that is no metric, is found by one statement every half second over all runs that are followed.

import { PassThrough } from 'node:stream';

import type { Call } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import type { RunKey, RunMarks, Tracking } from '@throughline/tracking';

import { createChannel } from './channel.ts';
import type { Channel, Follower } from './channel.ts';
import { frameOf, HEARTBEAT, RETRY_LINE } from './frames.ts';

const LOOK_MS = 500;
/** How often a line shows that it lives, and its caller is asked for again. */
const HEARTBEAT_MS = 10_000;
/** Streams of the whole server, and of one run. */
const MAX_STREAMS = 500;
const MAX_STREAMS_OF_RUN = 50;

export interface LiveOptions {
  tracking: Tracking;
  log: (message: string, error?: unknown) => void;
  /** Other limits than a server's, for tests. */
  maxStreams?: number;
  heartbeatMs?: number;
}

export interface Live {
  /**
   * Follows a run from a cursor, or from now where there is none. `check` rejects once the caller may not read any more. The stream ends by
   * itself then, when the run is gone, and when the server stops; destroy it to leave. Throws `not_found`, `invalid` for what is no cursor,
   * `exhausted` where too many follow already.
   */
  follow(call: Call, run: RunKey, options: { after: string | null; check: () => Promise<unknown> }): Promise<PassThrough>;
  /** How many streams stand. */
  count(): number;
  /** Ends all streams, and takes no more. */
  close(): void;
}

export function createLive({ tracking, log, maxStreams = MAX_STREAMS, heartbeatMs = HEARTBEAT_MS }: LiveOptions): Live {
  const channels = new Map<string, Channel>();
  const checks = new Map<Follower, () => Promise<unknown>>();
  /** Streams that stand or are about to. */
  let streams = 0;
  let stop: (() => void) | null = null;
  let isClosed = false;

  const end = (channel: Channel, follower: Follower, reason: 'gone' | 'unauthenticated'): void => {
    channel.remove(follower);
    // One who does not read would never come to the end.
    if (follower.behindSinceMs === null) follower.out.end(frameOf({ event: 'end', data: { reason } }, follower.cursor));
    else follower.out.destroy();
  };

  const look = async (): Promise<void> => {
    const marks = await tracking.watch.marksOf([...channels.keys()]);
    for (const channel of channels.values()) {
      const now = marks.get(channel.runId);
      if (now === undefined) {
        for (const follower of channel.followers) end(channel, follower, 'gone');
        continue;
      }
      const before = channel.marks;
      channel.marks = now;
      if (before !== null && before.metrics !== now.metrics) channel.wake();
      if (before !== null && before.record !== now.record) channel.tell({ event: 'run', data: {} });
      channel.tick();
    }
  };

  const beat = async (): Promise<void> => {
    const all = [...channels.values()].flatMap((channel) => [...channel.followers].map((follower) => ({ channel, follower })));
    for (const { follower } of all) if (follower.behindSinceMs === null) follower.out.write(HEARTBEAT);
    for (const { channel, follower } of all) {
      try {
        await checks.get(follower)?.();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        end(channel, follower, 'unauthenticated');
      }
    }
  };

  /** Runs a task again and again, each time so long after it has ended. What fails is told once in a row. */
  const repeat = (task: () => Promise<void>, everyMs: number): (() => void) => {
    let timer: NodeJS.Timeout;
    let isOver = false;
    let hasFailed = false;
    const run = (): void => {
      task()
        .then(() => (hasFailed = false))
        .catch((error: unknown) => {
          if (!hasFailed) log('runs that are followed could not be looked at', error);
          hasFailed = true;
        })
        .finally(() => {
          if (!isOver) timer = setTimeout(run, everyMs);
        });
    };
    timer = setTimeout(run, everyMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  };

  const startUp = (): void => {
    const stops = [tracking.engine.onAppend((runId) => channels.get(runId)?.wake()), repeat(look, LOOK_MS), repeat(beat, heartbeatMs)];
    stop = () => {
      for (const one of stops) one();
      stop = null;
    };
  };

  const channelOf = (runId: string, marks: RunMarks | null): Channel => {
    const found = channels.get(runId);
    if (found !== undefined) return found;
    const channel = createChannel(runId, tracking.metrics, (error) => log('new points of a run could not be told', error));
    channel.marks = marks;
    channels.set(runId, channel);
    if (stop === null) startUp();
    return channel;
  };

  const leave = (channel: Channel, follower: Follower): void => {
    streams -= 1;
    checks.delete(follower);
    channel.remove(follower);
    if (channel.followers.size > 0 || channels.get(channel.runId) !== channel) return;
    channels.delete(channel.runId);
    if (channels.size === 0) stop?.();
  };

  const requirePlace = (runId: string): void => {
    if (isClosed) throw new DomainError({ kind: 'unavailable', code: 'STOPPING', message: 'The server is stopping.' });
    if (streams < maxStreams && (channels.get(runId)?.followers.size ?? 0) < MAX_STREAMS_OF_RUN) return;
    throw new DomainError({
      kind: 'exhausted',
      code: 'TOO_MANY_STREAMS',
      message: `So many pages follow runs that there is no place for one more: ${maxStreams} on this server, ${MAX_STREAMS_OF_RUN} of one run.`,
      hint: 'Ask for the run now and then instead.',
    });
  };

  return {
    async follow(call, key, { after, check }) {
      const { id } = await tracking.runs.get(call, key);
      // With a cursor this reads what came meanwhile, only to see that the cursor is one: the channel tells it.
      const { cursor } = await tracking.metrics.pointsAfter(call, { id }, after, 1);
      // Before the page is told to read: what changes while it does is another mark.
      const marks = (await tracking.watch.marksOf([id])).get(id) ?? null;
      requirePlace(id);
      const out = new PassThrough();
      const follower: Follower = { call, out, cursor: after ?? cursor, behindSinceMs: null };
      streams += 1;
      const channel = channelOf(id, marks);
      channel.add(follower);
      checks.set(follower, check);
      out.once('close', () => leave(channel, follower));
      out.write(RETRY_LINE + frameOf({ event: 'ready', data: { resumed: after !== null } }, follower.cursor));
      channel.wake();
      return out;
    },

    count: () => streams,

    close() {
      isClosed = true;
      for (const { followers } of channels.values()) for (const { out } of followers) out.end();
      stop?.();
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof DomainError && (error.kind === 'unauthenticated' || error.kind === 'forbidden');
}
