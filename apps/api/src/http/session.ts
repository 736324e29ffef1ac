// The dashboard's sign-in: a token in a cookie that scripts cannot read and other sites cannot send.

import type { Access } from '@throughline/access';
import { DomainError, invalid } from '@throughline/kernel';
import type { FastifyInstance } from 'fastify';

import { SESSION_COOKIE } from './authentication.ts';

const THIRTY_DAYS_S = 30 * 86_400;

function cookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${isSecure ? '; Secure' : ''}`;
}

/** POST /api/v1/session { token } signs in, DELETE signs out. */
export function registerSession(app: FastifyInstance, access: Access): void {
  app.post('/api/v1/session', async (request, reply) => {
    const token: unknown = Reflect.get(Object(request.body), 'token');
    if (typeof token !== 'string' || !/^[\w-]{1,200}$/.test(token)) throw invalid('INVALID_TOKEN', 'A token is needed, such as tl_….');
    const caller = await access.authenticate(token);
    if (caller === null) {
      throw new DomainError({ kind: 'unauthenticated', code: 'UNAUTHENTICATED', message: 'The token is unknown, expired or revoked.' });
    }
    const isSecure = request.headers['x-forwarded-proto'] === 'https';
    return reply.header('Set-Cookie', cookie(token, THIRTY_DAYS_S, isSecure)).send({ name: caller.name });
  });
  app.delete('/api/v1/session', async (_request, reply) =>
    reply
      .header('Set-Cookie', cookie('', 0, false))
      .code(204)
      .send(),
  );
}
