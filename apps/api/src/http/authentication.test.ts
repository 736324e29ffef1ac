import type { Access } from '@throughline/access';
import type { Caller } from '@throughline/kernel';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';

import { authenticator } from './authentication.ts';

const local: Caller = { workspaceId: 'w', principalId: 'p', name: 'local', scope: 'ADMIN', runId: null };

/** Only what the authenticator asks of access; no secret is known. */
const access = { localCaller: async () => local, authenticate: async () => null } as unknown as Access;

async function ask(headers: Record<string, string>, isLoopback = true): Promise<string> {
  const app = Fastify();
  const authenticate = authenticator(access, { isLoopback });
  app.get('/', async (request) => (await authenticate(request)).name);
  app.setErrorHandler((error, _request, reply) => reply.code(401).send(String(Reflect.get(Object(error), 'code'))));
  return (await app.inject({ url: '/', headers })).body;
}

describe('a request without a token', () => {
  it.each(['localhost:4000', '127.0.0.1', '[::1]:4000'])("straight to %s is the local user's", async (host) => {
    expect(await ask({ host })).toBe('local');
  });

  it.each([
    ['under the name of a proxy', { host: 'ml.company.example' }],
    ['passed on with X-Forwarded-For', { host: 'localhost:4000', 'x-forwarded-for': '10.0.0.7' }],
    ['passed on with Forwarded', { host: 'localhost:4000', forwarded: 'for=10.0.0.7' }],
    ['passed on with Via', { host: '127.0.0.1:4000', via: '1.1 proxy' }],
  ])('is nobody when it came %s', async (_how, headers) => {
    expect(await ask(headers)).toBe('UNAUTHENTICATED');
  });

  it('is nobody on a server that is not on loopback', async () => {
    expect(await ask({ host: 'localhost:4000' }, false)).toBe('UNAUTHENTICATED');
  });
});

describe('a request with a token', () => {
  it('in a header of ours needs no other, and is nobody by a wrong one', async () => {
    expect(await ask({ host: 'localhost', 'x-throughline-token': 'tl_wrong' })).toBe('UNAUTHENTICATED');
    expect(await ask({ host: 'localhost', 'x-throughline-token': '' })).toBe('local');
  });

  it.each(['Bearer tl_wrong', `Basic ${Buffer.from('user:tl_wrong').toString('base64')}`, 'Digest x'])(
    'that is not known is nobody, even on loopback: %s',
    async (authorization) => {
      expect(await ask({ host: 'localhost', authorization })).toBe('UNAUTHENTICATED');
    },
  );
});
