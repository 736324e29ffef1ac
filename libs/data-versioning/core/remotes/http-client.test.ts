// Where a server may send us. Method: a proxy that answers in the name of a server elsewhere.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { testClient } from './testing.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(onRequest: http.RequestListener): Promise<number> {
  const server = http.createServer(onRequest);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

it('a server elsewhere cannot have us ask what listens on this machine', async () => {
  let asked = 0;
  const own = await listen((_, response) => {
    asked += 1;
    response.end('own');
  });
  const elsewhere = await listen((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${own}/admin` }).end());
  const client = testClient('http://data.example', { proxies: { http: `http://127.0.0.1:${elsewhere}`, https: null, except: null } });
  closing.push(() => client.close());
  const { signal } = new AbortController();
  await expect(client.send({ method: 'GET', url: 'http://data.example/x', signal })).rejects.toMatchObject({
    message: expect.stringContaining('redirect to this machine itself') as string,
  });
  expect(asked).toBe(0);
});
