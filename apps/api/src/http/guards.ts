// What keeps a browser from being turned against a server on loopback, where the local user needs no token. A page elsewhere
// can make a browser send requests here: under our own address (then Origin tells), or under a name of its own that it has
// pointed at 127.0.0.1 (DNS rebinding; then Host tells). Both are refused before anything is read.

import { DomainError } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';

import type { Config } from '../config.ts';
import { isLoopbackHost } from '../config.ts';

/** The host name of an authority, without its port, in lower case; null where it is malformed. */
export function hostnameOf(authority: string): string | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:@/\s]+))(?::\d{1,5})?$/.exec(authority);
  return match === null ? null : (match[1] ?? match[2] ?? '').toLowerCase();
}

type Names = Pick<Config, 'host' | 'isLoopback' | 'allowedHosts'>;

/** Whether this server answers under a host name; null is none. One that is reached from outside and was told no names answers under all. */
export function isOwnHost(hostname: string | null, { host, isLoopback, allowedHosts }: Names): boolean {
  if (!isLoopback && allowedHosts.length === 0) return true;
  if (hostname === null) return false;
  return isLoopbackHost(hostname) || hostname === host.toLowerCase() || allowedHosts.includes(hostname);
}

/** Throws `forbidden` where the Host is not one of ours, or a request that may change something comes from another origin. */
export function checkOrigin(request: FastifyRequest, config: Names): void {
  const authority = request.headers.host;
  const hostname = authority === undefined ? null : hostnameOf(authority);
  if (!isOwnHost(hostname, config)) {
    throw new DomainError({
      kind: 'forbidden',
      code: 'FOREIGN_HOST',
      message: 'This server does not answer under that host name.',
      hint: 'Name it in THROUGHLINE_ALLOWED_HOSTS if it is yours.',
    });
  }
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  const isForeign = (origin !== undefined && !isSameOrigin(origin, authority)) || site === 'cross-site' || site === 'same-site';
  if (!isSafe && isForeign) {
    throw new DomainError({ kind: 'forbidden', code: 'FOREIGN_ORIGIN', message: 'Pages of other origins may not change anything here.' });
  }
}

function isSameOrigin(origin: string, authority: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === authority?.toLowerCase();
}
