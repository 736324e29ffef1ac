// A page that follows a run, for tests: reads the stream as a browser does, and keeps every event until a test asks for it.

import type { RequestOptions } from './client.ts';

export interface ReceivedEvent {
  event: string;
  id: string;
  data: unknown;
}

export interface EventReader {
  status: number;
  headers: Headers;
  /** The next event, or the next of a kind, past others. Rejects where the stream ends first. */
  next(event?: string): Promise<ReceivedEvent>;
  /** Resolves once the stream is over, with the events that nobody asked for. */
  ended(): Promise<ReceivedEvent[]>;
  /** Goes away in the middle. */
  leave(): void;
}

/** Opens the events of a run. `after` goes as Last-Event-ID. */
export async function readEvents(
  url: string,
  runId: string,
  { after, token, headers = {} }: RequestOptions & { after?: string } = {},
): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/v1/runs/${runId}/events`, {
    signal: leaving.signal,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(after === undefined ? {} : { 'last-event-id': after }),
      ...headers,
    },
  });
  const arrived: ReceivedEvent[] = [];
  let isOver = false;
  let notify = (): void => undefined;
  const reading = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        arrived.push(...blocks.flatMap(parse));
        notify();
      }
    } catch {
      // Cut, by the test or by a server that was killed: what arrived counts, and `next` tells that no more comes.
    }
    isOver = true;
    notify();
  })();
  return {
    status: response.status,
    headers: response.headers,
    async next(event) {
      for (;;) {
        const place = arrived.findIndex((one) => event === undefined || one.event === event);
        const found = arrived[place];
        if (found !== undefined) {
          arrived.splice(0, place + 1);
          return found;
        }
        if (isOver) throw new Error(`The stream ended before ${event ?? 'another event'} came.`);
        await new Promise<void>((resolve) => (notify = resolve));
      }
    },
    async ended() {
      await reading;
      return arrived;
    },
    leave: () => leaving.abort(),
  };
}

/** One block of a stream; comments and the retry line are no events. */
function parse(block: string): ReceivedEvent[] {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
  );
  const event = fields.get('event');
  return event === undefined ? [] : [{ event, id: fields.get('id') ?? '', data: JSON.parse(fields.get('data') ?? 'null') }];
}
