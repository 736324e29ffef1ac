// A closed loop: some clients, each of which sends its next request when the last one was answered.

/**
 * One request. It is over when the promise is; what that resolves to is called afterwards, off the clock: it throws where the answer was wrong
 * and tells how many units of work (points, runs) were done.
 */
export type Request = (client: number, turn: number) => Promise<() => number>;

export interface Load {
  clients: number;
  /** No request is begun later than this after the first. */
  durationMs: number;
  /** Nor more than this by each client. */
  turnsPerClient?: number;
  signal: AbortSignal;
  request: Request;
}

export interface LoadResult {
  units: number;
  /** Requests that each client sent. */
  turns: number[];
  /**
   * Units a second. Each client's own rate, from its first request to its last answer, added up: where requests take seconds, the time in
   * which the last ones finish alone would otherwise count against whoever is slow.
   */
  perSecond: number;
  /** Of each request, milliseconds to the last byte of the answer. */
  latenciesMs: number[];
}

/** Runs the load to its end. Throws what a request throws, once every client has stopped. */
export async function closedLoop(load: Load): Promise<LoadResult> {
  const begin = performance.now();
  const latenciesMs: number[] = [];
  let failed = false;
  const client = async (index: number) => {
    const own = { units: 0, turns: 0, elapsedMs: 0 };
    const begun = performance.now();
    while (!failed && own.turns < (load.turnsPerClient ?? Infinity) && performance.now() - begin < load.durationMs) {
      load.signal.throwIfAborted();
      const sent = performance.now();
      const check = await load.request(index, own.turns);
      latenciesMs.push(performance.now() - sent);
      own.units += check();
      own.turns += 1;
    }
    own.elapsedMs = performance.now() - begun;
    return own;
  };
  const ended = await Promise.allSettled(
    Array.from({ length: load.clients }, async (_, index) => {
      try {
        return await client(index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }),
  );
  const clients = ended.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  return {
    units: clients.reduce((sum, { units }) => sum + units, 0),
    turns: clients.map(({ turns }) => turns),
    perSecond: clients.reduce((sum, { units, elapsedMs }) => sum + (elapsedMs === 0 ? 0 : (units * 1000) / elapsedMs), 0),
    latenciesMs,
  };
}
