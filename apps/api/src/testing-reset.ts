// POST /test/reset: empties the server back to its first state, so that test suites written for another server can run against this one. It is
// there only where THROUGHLINE_TEST_RESET=1 said so at the start, which is refused beyond loopback and over a database that was not made for it.
//
// Whatever else is under way would write into the emptied database. So new requests wait at a barrier, those inside come to their end, and
// what is still open then (a stream of events, a download that nobody reads) is cut; only then everything goes.

import { setTimeout as sleep } from 'node:timers/promises';

import { emptyDatabase } from '@throughline/database';
import { DomainError, requireScope } from '@throughline/kernel';
import type { FastifyInstance, FastifyReply } from 'fastify';

import type { Authenticate } from './http/authentication.ts';
import type { Services } from './services.ts';

/** How long requests under way may take before their connections are cut, and how long they have then to notice. */
const PATIENCE_MS = 300;
const LIMIT_MS = 10_000;

/** What is inside the server at the moment, and a door in front of it. */
interface Barrier {
  /** Runs work while nothing else is inside. Throws `unavailable` where something does not come to its end. */
  alone<T>(self: FastifyReply, work: () => Promise<T>): Promise<T>;
}

/** Stands in front of every route that is registered after this. */
function createBarrier(app: FastifyInstance): Barrier {
  const inside = new Map<FastifyReply, number>();
  /** Who wants to be alone, and so is not waited for: only one of them is at a time. */
  const alone = new Set<FastifyReply>();
  let closed: Promise<void> | null = null;

  /** A request is inside while its handler runs and while its answer is under way: either may outlast the other. */
  const enter = (reply: FastifyReply) => void inside.set(reply, (inside.get(reply) ?? 0) + 1);
  const leave = (reply: FastifyReply) => {
    const left = (inside.get(reply) ?? 1) - 1;
    if (left === 0) inside.delete(reply);
    else inside.set(reply, left);
  };

  app.addHook('onRequest', async (_request, reply) => {
    while (closed !== null) await closed;
    enter(reply);
    reply.raw.once('close', () => leave(reply));
  });
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = async function (this: FastifyInstance, request, reply) {
      enter(reply);
      try {
        const answer: unknown = await handler.call(this, request, reply);
        return answer;
      } finally {
        leave(reply);
      }
    };
  });

  const others = () => [...inside.keys()].filter((reply) => !alone.has(reply));

  async function emptied(limitMs: number): Promise<boolean> {
    const until = performance.now() + limitMs;
    while (others().length > 0 && performance.now() < until) await sleep(5);
    return others().length === 0;
  }

  return {
    async alone(self, work) {
      alone.add(self);
      while (closed !== null) await closed;
      const { promise, resolve: open } = Promise.withResolvers<undefined>();
      closed = promise.then(() => undefined);
      try {
        if (!(await emptied(PATIENCE_MS))) {
          for (const reply of others()) reply.raw.destroy();
          if (!(await emptied(LIMIT_MS))) throw busy();
        }
        return await work();
      } finally {
        alone.delete(self);
        closed = null;
        open(undefined);
      }
    },
  };
}

function busy(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'RESET_BUSY',
    message: `Requests that were under way did not end within ${LIMIT_MS / 1000} s; nothing was emptied.`,
  });
}

/** Adds the route. Call it before any other route is registered: those are what it waits for. */
export function registerTestReset(app: FastifyInstance, services: Services, authenticate: Authenticate): void {
  const barrier = createBarrier(app);
  app.post('/test/reset', async (request, reply) => {
    requireScope(await authenticate(request), 'ADMIN');
    await barrier.alone(reply, () => reset(services));
    return { reset: true };
  });
}

async function reset({ access, commands, content, database, tracking }: Services): Promise<void> {
  // What answered requests left to be noted belongs to what goes.
  await Promise.all([commands.settle(), access.settle()]);
  const wipe = await content.prepareWipe();
  await emptyDatabase(database);
  access.forget();
  tracking.forget();
  await wipe();
  await tracking.ensureDefaultExperiment({ caller: await access.localCaller() });
}
