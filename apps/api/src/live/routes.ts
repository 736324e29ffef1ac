// GET /api/v1/runs/<run id>/events: what happens to a run, as it happens. A page that comes again says by Last-Event-ID where it was (or by
// ?after=, which a new EventSource can say), and gets everything since. The events are in frames.ts.

import type { Call } from '@throughline/database';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Services } from '../services.ts';
import { createLive } from './live.ts';

type CallOf = (request: FastifyRequest) => Promise<Call>;

export function registerLive(
  app: FastifyInstance,
  { tracking }: Pick<Services, 'tracking'>,
  { callOf, log }: { callOf: CallOf; log: (message: string, error?: unknown) => void },
): void {
  const live = createLive({ tracking, log });
  app.addHook('preClose', async () => live.close());
  app.get<{ Params: { runId: string }; Querystring: { after?: string } }>(
    '/api/v1/runs/:runId/events',
    // Nobody would ever end the stream of a HEAD.
    { exposeHeadRoute: false },
    async (request, reply) => {
      const call = await callOf(request);
      const last = request.headers['last-event-id'];
      const after = typeof last === 'string' && last !== '' ? last : request.query.after || null;
      const stream = await live.follow(call, { runId: request.params.runId }, { after, check: () => callOf(request) });
      return reply
        .header('Content-Type', 'text/event-stream; charset=utf-8')
        .header('Cache-Control', 'no-store, no-transform')
        .header('X-Accel-Buffering', 'no')
        .send(stream);
    },
  );
}
