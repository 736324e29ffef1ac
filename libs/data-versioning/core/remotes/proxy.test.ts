// Goal: requests go through the proxy that the environment names, and no others. Method: a proxy of the test's own that leads every name to one server here; for
// HTTPS a certificate that was made for this test, and whose key is no secret.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { textOf } from './http-client.ts';
import { proxyFor } from './proxy.ts';
import { testClient } from './testing.ts';

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsXU5WFLbegvW+oNH
KbF1bF1l6WfbVwhs2EkLmqES+3ChRANCAAQpY5UA7tcM19YkjY2SkH/R6O9wrlDK
l0JjenY4oiNFuuk5H8M8qOiOdDlHtmH2nyP1XtIZs3qXbvW3BUrNdhdd
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIUNkocJh1N0LA7iv1w5F6uMgho6fswCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZGF0YS5leGFtcGxlMCAXDTI2MTEyNDAxMjYxMVoYDzIxMjYx
MDMxMDEyNjExWjAXMRUwEwYDVQQDDAxkYXRhLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQpY5UA7tcM19YkjY2SkH/R6O9wrlDKl0JjenY4oiNFuuk5
H8M8qOiOdDlHtmH2nyP1XtIZs3qXbvW3BUrNdhddo2wwajAdBgNVHQ4EFgQUiIoP
cEQYGlPHqXH8/ZBJRCA0UHAwHwYDVR0jBBgwFoAUiIoPcEQYGlPHqXH8/ZBJRCA0
UHAwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxkYXRhLmV4YW1wbGUwCgYI
KoZIzj0EAwIDSQAwRgIhAMVFMeObQTCT36kpsJq2PQhBc1L8yf+wwhNK9PbkTXgK
AiEAn7nlj8QwzKVwbqfrivg4rRhR3cAfdMYQM7m+8C8EFj8=
-----END CERTIFICATE-----`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

/** Answers what it is asked, and how many connections it got. */
async function startTarget(secure: boolean) {
  const target = { port: 0, connections: 0 };
  const answer = (request: http.IncomingMessage, response: http.ServerResponse) => {
    request.resume().on('end', () => response.end(`${request.method ?? ''} ${request.headers.host ?? ''}${request.url ?? ''}`));
  };
  const server = secure ? https.createServer({ key: KEY, cert: CERTIFICATE }, answer) : http.createServer(answer);
  server.on(secure ? 'secureConnection' : 'connection', () => (target.connections += 1));
  target.port = await listen(server);
  return target;
}

/** Leads everything to one port; notes what it was asked for, and by whom. */
async function startProxy(port: number, refuse: number | null = null) {
  const asked: string[] = [];
  const note = (request: http.IncomingMessage) =>
    void asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? '-'}`);
  const server = http.createServer((request, response) => {
    note(request);
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const passed = http.request({ host: '127.0.0.1', port, path: pathname + search, method: request.method ?? '', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    note(request);
    if (refuse !== null) {
      client.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
      return;
    }
    const passed = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      passed.pipe(client).pipe(passed);
    });
    for (const socket of [client, passed]) socket.on('error', () => passed.destroy());
  });
  return { asked, url: `http://me:se%3Acret@127.0.0.1:${await listen(server)}` };
}

const AUTHORIZATION = `Basic ${Buffer.from('me:se:cret').toString('base64')}`;
const { signal } = new AbortController();

async function ask(client: ReturnType<typeof testClient>, url: string, body?: Buffer) {
  const answer = await client.send({ method: body === undefined ? 'GET' : 'PUT', url, signal, ...(body === undefined ? {} : { body }) });
  return await textOf(answer, { limitBytes: 1_000, url });
}

describe('A proxy', () => {
  it('is told the whole address of what is asked over plain HTTP', async () => {
    const target = await startTarget(false);
    const proxy = await startProxy(target.port);
    const client = testClient('http://data.example', { proxies: { http: proxy.url, https: null, except: 'other.example' } });
    closing.push(() => client.close());
    expect(await ask(client, 'http://data.example:8080/a?b=1')).toBe('GET data.example:8080/a?b=1');
    expect(await ask(client, 'http://data.example/up', Buffer.from('bytes'))).toBe('PUT data.example/up');
    expect(proxy.asked).toEqual([`GET http://data.example:8080/a?b=1 ${AUTHORIZATION}`, `PUT http://data.example/up ${AUTHORIZATION}`]);
  });

  it('passes HTTPS on without reading it, and the connection is kept', async () => {
    const target = await startTarget(true);
    const proxy = await startProxy(target.port);
    const client = testClient('https://data.example', { verify: CERTIFICATE, proxies: { http: null, https: proxy.url, except: null } });
    closing.push(() => client.close());
    expect(await ask(client, 'https://data.example/a')).toBe('GET data.example/a');
    expect(await ask(client, 'https://data.example/b')).toBe('GET data.example/b');
    expect(proxy.asked).toEqual([`CONNECT data.example:443 ${AUTHORIZATION}`]);
    expect(target.connections).toBe(1);
  });

  it('that cannot be trusted with names is found out: the certificate is checked behind it', async () => {
    const proxy = await startProxy((await startTarget(true)).port);
    const client = testClient('https://other.example', { verify: CERTIFICATE, proxies: { http: null, https: proxy.url, except: null } });
    closing.push(() => client.close());
    await expect(ask(client, 'https://other.example/a')).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' });
  });

  it('that refuses, or is not there, is named without its password', async () => {
    const proxy = await startProxy(1, 407);
    for (const [url, words] of [
      [proxy.url, 'answers HTTP 407'],
      ['http://me:se%3Acret@127.0.0.1:1', 'cannot be reached'],
    ] as const) {
      const client = testClient('https://data.example', { proxies: { http: null, https: url, except: null } });
      closing.push(() => client.close());
      const failure = await ask(client, 'https://data.example/a').catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'PROXY_FAILED', message: expect.stringContaining(words) as string });
      expect(String(failure)).not.toContain('cret');
    }
  });

  it('is passed by for this machine, and for whatever is excepted', () => {
    const proxies = { http: 'proxy.example:3128', https: null, except: 'a.example, .b.example,c.example:81' };
    const through = (url: string) => proxyFor(new URL(url), proxies)?.href ?? null;
    for (const url of ['http://localhost:4000', 'http://127.0.0.1', 'http://[::1]:1', 'https://x.example'])
      expect(through(url), url).toBeNull();
    for (const url of ['http://a.example', 'http://A.example:80/x', 'http://in.a.example:9', 'http://b.example', 'http://c.example:81'])
      expect(through(url), url).toBeNull();
    for (const url of ['http://na.example', 'http://a.example.org', 'http://c.example'])
      expect(through(url), url).toBe('http://proxy.example:3128/');
    expect(proxyFor(new URL('http://x.example'), { ...proxies, except: '*' })).toBeNull();
    expect(proxyFor(new URL('http://x.example'), undefined)).toBeNull();
    expect(() => proxyFor(new URL('http://x.example'), { ...proxies, http: 'ftp://x' })).toThrow(
      expect.objectContaining({ code: 'PROXY_INVALID' }) as Error,
    );
  });

  it('is passed by for a name below any that is excepted', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
    fc.assert(
      fc.property(label, label, fc.array(label, { maxLength: 3 }), (below, name, others) => {
        const proxies = { http: 'http://proxy.example', https: null, except: [...others, name].join(',') };
        expect(proxyFor(new URL(`http://${below}.${name}`), proxies)).toBeNull();
      }),
    );
  });
});
