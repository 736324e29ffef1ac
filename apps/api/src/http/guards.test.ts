import Fastify from 'fastify';
import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';

import { checkOrigin } from './guards.ts';

const LOCAL = { host: '127.0.0.1', isLoopback: true, allowedHosts: ['throughline.example'] };

async function ask(options: InjectOptions, config: Parameters<typeof checkOrigin>[1] = LOCAL): Promise<number> {
  const app = Fastify();
  app.addHook('onRequest', async (request) => checkOrigin(request, config));
  app.setErrorHandler((_error, _request, reply) => reply.code(403).send());
  app.all('/', async () => 'ok');
  const { statusCode } = await app.inject({ url: '/', ...options });
  return statusCode;
}

describe('the guard of a server on loopback', () => {
  it.each(['localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST', 'throughline.example'])('answers under %s', async (host) => {
    expect(await ask({ headers: { host } })).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:4000', 'user@localhost', 'evil.example:4000', '10.0.0.1'])(
    'refuses the host %s',
    async (host) => {
      expect(await ask({ headers: { host } })).toBe(403);
    },
  );

  it('lets its own pages write, and no others', async () => {
    const post = (headers: Record<string, string>) => ask({ method: 'POST', headers: { host: 'localhost:4000', ...headers } });
    expect(await post({ origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await post({})).toBe(200);
    expect(await post({ origin: 'https://evil.example' })).toBe(403);
    expect(await post({ origin: 'http://localhost:5000' })).toBe(403);
    expect(await post({ origin: 'null' })).toBe(403);
    expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  });

  it('lets links from elsewhere open pages', async () => {
    expect(await ask({ headers: { host: 'localhost:4000', 'sec-fetch-site': 'cross-site' } })).toBe(200);
  });
});

describe('the guard of a server that needs tokens', () => {
  const open = { host: '0.0.0.0', isLoopback: false, allowedHosts: [] };

  it('answers under any name', async () => {
    expect(await ask({ headers: { host: 'ml.company.example' } }, open)).toBe(200);
  });

  it('still refuses writes from other origins', async () => {
    expect(await ask({ method: 'POST', headers: { host: 'ml.company.example', origin: 'https://evil.example' } }, open)).toBe(403);
  });
});
