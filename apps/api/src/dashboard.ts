// The dashboard in this process: Next.js answers what no other route takes, on the same origin. It is loaded with the first page that
// somebody asks for, which so takes part of a second longer: a server that only takes runs never needs the tens of megabytes.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { DomainError } from '@throughline/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type next from 'next';

import type { Config } from './config.ts';

const load = createRequire(import.meta.url);

/**
 * A page inside somebody else's frame could be made to promote or delete by clicks that were meant for something else, and a picture from
 * elsewhere tells its sender who reads what, and when.
 */
const PAGE_HEADERS = {
  'Content-Security-Policy': "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'; img-src 'self' data: blob:",
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

/** Opens the built dashboard. Throws `unavailable` where it was never built. */
export function openDashboard(config: Pick<Config, 'host' | 'port'>) {
  const dir = dirname(load.resolve('@throughline/web/package.json'));
  if (!existsSync(join(dir, '.next', 'BUILD_ID'))) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'DASHBOARD_NOT_BUILT',
      message: 'The dashboard was not built yet.',
      hint: 'npm start builds it; or run: npx nx build web. THROUGHLINE_WEB=0 serves the API alone.',
    });
  }
  let started: ReturnType<typeof start> | null = null;
  async function start() {
    // CommonJS, and large: loaded as that, and only where there is a page to answer.
    const createNext = load('next') as typeof next.default;
    const server = createNext({ dev: false, dir, hostname: config.host, port: config.port, quiet: true });
    await server.prepare();
    return { handle: server.getRequestHandler(), close: () => server.close() };
  }
  /** Everybody who asks meanwhile waits for the same start; one that failed is tried again by the next. */
  async function running() {
    const starting = (started ??= start());
    try {
      return await starting;
    } catch (error) {
      if (started === starting) started = null;
      throw error;
    }
  }
  return {
    async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const { handle } = await running();
      // Next.js writes to the socket itself.
      reply.hijack();
      for (const [name, value] of Object.entries(PAGE_HEADERS)) reply.raw.setHeader(name, value);
      await handle(request.raw, reply.raw);
      return reply;
    },
    async close(): Promise<void> {
      // A start that failed left nothing to close; whoever asked for the page was told.
      const server = await started?.catch(() => null);
      await server?.close();
    },
  };
}
