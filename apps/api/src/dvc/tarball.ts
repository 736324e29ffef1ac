// GET /cli: the package of the command line that belongs to this server, so that whoever can reach the server can install the command:
//
//   npm install -g https://data.example/cli
//
// There is nothing in it that is not in the public sources, so nobody has to sign in.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { DomainError } from '@throughline/kernel';
import type { FastifyInstance } from 'fastify';

import { VERSION } from '../version.ts';

/** Where `node apps/cli/build.mjs --pack` puts it; `npm start` sees to it. */
const TARBALL = fileURLToPath(new URL('../../../cli/dist/throughline-cli.tgz', import.meta.url));

/** @param file the packed command; the one of this checkout unless given. */
export function registerTarball(app: FastifyInstance, file: string = TARBALL): void {
  app.get('/cli', async (request, reply) => {
    const found = await stat(file).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) {
      throw new DomainError({
        kind: 'unavailable',
        code: 'CLI_NOT_BUILT',
        message: 'The command line was not built yet.',
        hint: 'npm start builds it; or run: node apps/cli/build.mjs --pack',
      });
    }
    const tag = `"${found.size.toString(16)}-${Math.trunc(found.mtimeMs).toString(16)}"`;
    void reply.header('ETag', tag).header('Cache-Control', 'no-cache');
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return reply
      .type('application/gzip')
      .header('Content-Length', found.size)
      .header('Content-Disposition', `attachment; filename="throughline-cli-${VERSION}.tgz"`)
      .send(createReadStream(file));
  });
}
