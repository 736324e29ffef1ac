// The dashboard in this process: Next.js answers what no other route takes, on the same origin.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { DomainError } from '@throughline/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type next from 'next';

import type { Config } from './config.ts';

const load = createRequire(import.meta.url);

/** A page inside somebody else's frame could be made to promote or delete by clicks that were meant for something else. */
const PAGE_HEADERS = {
  'Content-Security-Policy': "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

/** Opens the built dashboard. Throws `unavailable` where it was never built. */
export async function openDashboard(config: Pick<Config, 'host' | 'port'>) {
  const dir = dirname(load.resolve('@throughline/web/package.json'));
  if (!existsSync(join(dir, '.next', 'BUILD_ID'))) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'DASHBOARD_NOT_BUILT',
      message: 'The dashboard was not built yet.',
      hint: 'npm start builds it; or run: npx nx build web. THROUGHLINE_WEB=0 serves the API alone.',
    });
  }
  // CommonJS, and large: loaded as that, and only where there is a dashboard to serve.
  const createNext = load('next') as typeof next.default;
  const server = createNext({ dev: false, dir, hostname: config.host, port: config.port, quiet: true });
  await server.prepare();
  const handle = server.getRequestHandler();
  return {
    async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      // Next.js writes to the socket itself.
      reply.hijack();
      for (const [name, value] of Object.entries(PAGE_HEADERS)) reply.raw.setHeader(name, value);
      await handle(request.raw, reply.raw);
      return reply;
    },
    close: () => server.close(),
  };
}
