import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { registerTarball } from './tarball.ts';

let folder: string;
let app: FastifyInstance;
const bytes = randomBytes(100_000);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-tarball-'));
  await writeFile(join(folder, 'cli.tgz'), bytes);
});
afterEach(() => app.close());
afterAll(() => rm(folder, { recursive: true, force: true }));

function serve(name: string): void {
  app = fastify();
  registerTarball(app, join(folder, name));
}

describe('GET /cli', () => {
  it('sends the package whole', async () => {
    serve('cli.tgz');
    const { statusCode, rawPayload, headers } = await app.inject('/cli');
    expect({ statusCode, isWhole: rawPayload.equals(bytes), type: headers['content-type'] }).toEqual({
      statusCode: 200,
      isWhole: true,
      type: 'application/gzip',
    });
  });

  it('sends nothing to whoever has it', async () => {
    serve('cli.tgz');
    const { headers } = await app.inject('/cli');
    const again = await app.inject({ url: '/cli', headers: { 'if-none-match': String(headers['etag']) } });
    expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
  });

  it('says how to build it where it was not', async () => {
    serve('nothing.tgz');
    app.setErrorHandler(async (error, _request, reply) => reply.send(error));
    let thrown: unknown;
    app.addHook('onError', async (_request, _reply, error) => {
      thrown = error;
    });
    await app.inject('/cli');
    expect(thrown).toMatchObject({ code: 'CLI_NOT_BUILT', kind: 'unavailable' });
  });
});
