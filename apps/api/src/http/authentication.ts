// Who calls: a token as Bearer, as the password of Basic (any user name, so that MLFLOW_TRACKING_USERNAME and _PASSWORD work
// unmodified) or in the dashboard's cookie; on loopback, without any of them, the local user. A wrong token is refused even
// there: whoever sends one means it.

import type { Access } from '@throughline/access';
import { DomainError } from '@throughline/kernel';
import type { Caller } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';

import type { Config } from '../config.ts';
import { isLoopbackHost } from '../config.ts';
import { hostnameOf } from './guards.ts';

export const SESSION_COOKIE = 'throughline_session';
const WORKSPACE_HEADERS = ['x-mlflow-workspace', 'x-throughline-workspace'] as const;

/** Where a client that cannot set Authorization, or uses it for a proxy, puts its token. */
const TOKEN_HEADER = 'x-throughline-token';

/**
 * Finds out who sent a request. Throws `unauthenticated`, or `forbidden` for another workspace than the token's, by the headers or as
 * the address names it.
 */
export type Authenticate = (request: FastifyRequest, workspace?: string) => Promise<Caller>;

/** The secret that a request carries; null where it carries none. */
export function secretOf(request: FastifyRequest): string | null {
  const own = request.headers[TOKEN_HEADER];
  if (typeof own === 'string' && own !== '') return own;
  const header = request.headers.authorization;
  if (header !== undefined) {
    const [scheme = '', value = ''] = header.split(/\s+/, 2);
    if (scheme.toLowerCase() === 'bearer') return value;
    if (scheme.toLowerCase() === 'basic') {
      const pair = Buffer.from(value, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
    throw unauthenticated('The Authorization header must be Bearer or Basic.');
  }
  return cookieOf(request.headers.cookie, SESSION_COOKIE);
}

function cookieOf(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return null;
}

function unauthenticated(message: string): DomainError {
  return new DomainError({
    kind: 'unauthenticated',
    code: 'UNAUTHENTICATED',
    message,
    hint: 'Send a token as Bearer, or as the password of Basic. Make one with: npx throughline token create',
  });
}

/** The workspace that a request names, by either header or in its address. */
function workspaceOf({ headers }: FastifyRequest, addressed: string | undefined): string | undefined {
  const named = new Set([...WORKSPACE_HEADERS.flatMap((name) => headers[name] ?? []), addressed ?? ''].filter((value) => value !== ''));
  if (named.size > 1) {
    throw new DomainError({ kind: 'invalid', code: 'AMBIGUOUS_WORKSPACE', message: 'Name one workspace, not several.' });
  }
  return [...named][0];
}

/** What proxies add to a request that they pass on. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;

/**
 * Whether a request came straight to loopback. One that a proxy passed on comes from loopback too, but from anybody behind it: such
 * requests need a token, under whatever name they come.
 */
function isDirect({ headers }: FastifyRequest): boolean {
  const hostname = headers.host === undefined ? null : hostnameOf(headers.host);
  return hostname !== null && isLoopbackHost(hostname) && PROXY_HEADERS.every((name) => headers[name] === undefined);
}

/** The function that finds out who calls, for this server's configuration. */
export function authenticator(access: Access, config: Pick<Config, 'isLoopback'>): Authenticate {
  return async (request, addressed) => {
    const secret = secretOf(request);
    const workspace = workspaceOf(request, addressed);
    if (secret === null) {
      if (!config.isLoopback || !isDirect(request)) throw unauthenticated('This server needs a token.');
      return access.localCaller(workspace);
    }
    const caller = await access.authenticate(secret, workspace);
    if (caller === null) throw unauthenticated('The token is unknown, expired or revoked.');
    return caller;
  };
}
