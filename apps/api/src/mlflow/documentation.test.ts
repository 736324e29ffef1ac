// Goal: docs/mlflow.md names exactly the requests that are served. Method: routes are taken down as Fastify gets them and compared with what the
// tables say; what stands under /mlflow is there for programs and once more for pages.

import { readFileSync } from 'node:fs';

import type { RouteOptions } from 'fastify';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { registerArtifactRoutes } from './artifacts.ts';
import { registerMlflow } from './index.ts';

const PAGE = readFileSync(new URL('../../../../docs/mlflow.md', import.meta.url), 'utf8');

let world: World;

beforeAll(async () => {
  world = await startWorld({ verifies: false });
});
afterAll(() => world.close());

/** Every request that the tables name, with its whole address. */
function documented(): string[] {
  const rows = [...PAGE.matchAll(/^\| `([A-Z]+) (\/[^`]+)`/gm)];
  return rows.flatMap(([, method = '', path = '']) =>
    (/^\/mlflow(?:-artifacts)?\//.test(path) ? ['/api/2.0', '/ajax-api/2.0'] : ['']).map((prefix) => `${method} ${prefix}${path}`),
  );
}

/** Every request that is served, but for the ones without a body and the 404 behind all others. */
async function served(): Promise<string[]> {
  const routes: RouteOptions[] = [];
  const app = fastify();
  app.addHook('onRoute', (route) => void routes.push(route));
  const noCall = () => Promise.reject(new Error('Nobody asks here.'));
  registerMlflow(app, world.services, noCall);
  registerArtifactRoutes(app, world.services, noCall);
  await app.close();
  return routes
    .filter(({ method, url }) => typeof method === 'string' && method !== 'HEAD' && !/^\/(?:ajax-)?api\/\d\.0mlflow/.test(url))
    .map(({ method, url }) => `${String(method)} ${url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')}`);
}

it('names every request that is served, and no other', async () => {
  expect(documented().toSorted()).toEqual((await served()).toSorted());
});
