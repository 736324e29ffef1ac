// Gives memory back when the server rests. V8 collects because something asks for memory, so a server that has worked hard and is then left alone
// keeps what the work left: a young generation of 128 MB and the bodies of the last requests, 370 to 480 MB resident after bursts of
// log-batch where a fresh server has 220. One full collection once it is quiet leaves 205 to 225. It takes about 0.17 s of one core, which
// is why nobody must be waiting meanwhile: no request is under way but event streams, which wait themselves, and nothing works in the background.
// A server that nobody has asked anything yet is left as it started: its first page is about to be asked for.
//
// Only the flavor for the last resort gives the pages of the young generation back; a plain full collection keeps all 128 MB. Limiting the young
// generation instead (--max-semi-space-size) costs collections under load. What glibc does with buffers that are freed, scripts/start.mjs sees to.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const CHECK_MS = 1_000;
/** The server rests when it was quiet at so many checks, one behind the other. */
const CHECKS = 4;
/** The share of a time in which a quiet event loop runs at most: timers that look for work need a few thousandths. */
const QUIET_SHARE = 0.05;
/** What must be there to be gained: a health check every ten seconds is no reason for a collection every ten seconds. */
const WORTH_BYTES = 32 * 2 ** 20;

/** What a check sees. */
export interface Check {
  isQuiet: boolean;
  /** Whether nobody has asked the server for anything yet. */
  isFresh: boolean;
  rssBytes: number;
}

/** What is remembered between checks. */
export interface Rest {
  quietChecks: number;
  /** What was resident when there was nothing to gain: before the first request, and after the last collection. */
  baseBytes: number;
}

/** Whether a collection is due, and what is remembered until the next check. The base follows a server that shrinks by itself. */
export function nextRest(rest: Rest, { isQuiet, isFresh, rssBytes }: Check): Rest & { isDue: boolean } {
  if (isFresh) return { quietChecks: 0, baseBytes: rssBytes, isDue: false };
  const quietChecks = isQuiet ? rest.quietChecks + 1 : 0;
  const isDue = quietChecks === CHECKS && rssBytes >= rest.baseBytes + WORTH_BYTES;
  return { quietChecks, baseBytes: Math.min(rest.baseBytes, rssBytes), isDue };
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * V8's own collector, which is there for whoever asks for it by a flag. Looked for when it is needed: a context that was made and left behind has
 * V8 collect by itself soon afterwards, in the middle of whatever comes then.
 */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this runtime does not tell how to collect');
  return collect as Collect;
}

interface Watch {
  /** Whether somebody waits for an answer, or has asked for one since the last time that this was asked. */
  wasAsked: () => boolean;
  /** Whether nobody has asked anything since the watch began. */
  isFresh: () => boolean;
  stop: () => void;
}

function watchRequests(server: Server): Watch {
  let open = 0;
  let begun = 0;
  let begunBefore = 0;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    begun += 1;
    // A page that follows a run keeps a stream open for hours; what happens on it comes from other requests.
    if (request.headers.accept?.includes('text/event-stream') === true) return;
    open += 1;
    response.once('close', () => (open -= 1));
  };
  server.prependListener('request', onRequest);
  return {
    wasAsked() {
      const wasAsked = open > 0 || begun > begunBefore;
      begunBefore = begun;
      return wasAsked;
    },
    isFresh: () => begun === 0,
    stop: () => server.off('request', onRequest),
  };
}

export interface RestingOptions {
  /** Told where memory cannot be given back; nothing is tried again then. */
  onError: (error: unknown) => void;
  /** Milliseconds between two checks; 1,000 unless told. */
  checkMs?: number;
  /** Told of each collection. */
  onCollected?: () => void;
}

/** Collects whenever the server rests with something to be gained, at most once a rest. Answers how to stop that. */
export function collectAtRest(server: Server, { onError, checkMs = CHECK_MS, onCollected = () => undefined }: RestingOptions): () => void {
  let collect: Collect | null = null;
  const requests = watchRequests(server);
  let loop: EventLoopUtilization = performance.eventLoopUtilization();
  let rest: Rest = { quietChecks: 0, baseBytes: process.memoryUsage.rss() };
  const check = (): void => {
    const since = performance.eventLoopUtilization(loop);
    loop = performance.eventLoopUtilization();
    const isQuiet = !requests.wasAsked() && since.utilization < QUIET_SHARE;
    const next = nextRest(rest, { isQuiet, isFresh: requests.isFresh(), rssBytes: process.memoryUsage.rss() });
    rest = next;
    if (!next.isDue) return;
    try {
      collect ??= findCollector();
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    } catch (error) {
      stop();
      onError(error);
      return;
    }
    rest = { ...next, baseBytes: process.memoryUsage.rss() };
    onCollected();
  };
  const timer = setInterval(check, checkMs);
  timer.unref();
  const stop = (): void => {
    clearInterval(timer);
    requests.stop();
  };
  return stop;
}
