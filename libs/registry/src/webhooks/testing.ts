// A receiver of webhooks, for tests: a real HTTP server on loopback that keeps what it was sent and answers as it is told.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The event, as `entity.action`, and its data. */
  event: string;
  data: unknown;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** How it answers; 200 unless told. */
  answer: (response: ServerResponse, received: Received) => void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { entity, action, data } = JSON.parse(body === '' ? '{}' : body) as Record<string, string>;
      const one = { path: request.url ?? '', headers: request.headers, body, event: `${String(entity)}.${String(action)}`, data };
      receiver.received.push(one);
      receiver.answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received: [],
    answer: (response) => void response.end('thanks'),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return receiver;
}
