// Goal: what is wrong with a part of a store costs that part, is told, and comes with a later import once it is mended; and what was decided here is
// not undone by an import. Method: the small store with one thing wrong in it, imported once or twice.

import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Call } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { openFolder } from './folder.ts';
import { importMlflow } from './importer.ts';
import type { ImportOptions } from './importing.ts';
import { openRest } from './rest.ts';
import { openSqlite } from './sqlite.ts';
import { CHILD_ID, EXPERIMENT_ID, RUN_ID, writeFolder, writeSqlite } from './testing.ts';

const ALL: ImportOptions = { experiments: null, files: true, dryRun: false };

let world: World;
let folder: string;
let mlruns: string;
let call: Call;
let workspaces = 0;

beforeAll(async () => {
  world = await startWorld({ verifies: false });
});
afterAll(() => world.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-import-'));
  mlruns = join(folder, 'mlruns');
  await writeFolder(mlruns);
  workspaces += 1;
  const name = `troubles-${workspaces}`;
  await world.services.access.ensureWorkspace(name);
  call = { caller: await world.services.access.localCaller(name) };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const importFolder = async (options: Partial<ImportOptions> = {}) =>
  importMlflow(world.services, call, await openFolder(mlruns, []), { ...ALL, ...options });

const findRun = (runId: string) => world.services.tracking.runs.find(call, { runId });

async function filesOf(runId: string): Promise<string[]> {
  const run = await world.services.tracking.runs.get(call, { runId });
  return (await world.services.content.listFilesIn(call, run.fileSetId, '', { first: 10, after: null })).items.map(({ name }) => name);
}

describe('what is wrong in a store', () => {
  it.each([
    ['text that is no YAML', '{ [ }'],
    ['no run', '- 1\n- 2\n'],
    ['what a run must have, left out', `run_id: ${CHILD_ID}\n`],
    ['brackets without an end', '['.repeat(100_000)],
  ])('as the metadata of a run costs that run: %s', async (_what, meta) => {
    await writeFile(join(mlruns, EXPERIMENT_ID, CHILD_ID, 'meta.yaml'), meta);
    const { counts, notes, leftOut } = await importFolder();
    expect({ runs: counts.runs, what: notes.map(({ what }) => what), leftOut }).toEqual({
      runs: { found: 3, copied: 2, there: 0, skipped: 1 },
      what: [`run ${CHILD_ID}`],
      leftOut: 1,
    });
  });

  it('as the metadata of an experiment costs that experiment', async () => {
    await writeFile(join(mlruns, '0', 'meta.yaml'), ': : :');
    const { counts } = await importFolder();
    expect(counts.experiments).toEqual({ found: 2, copied: 1, there: 0, skipped: 1 });
  });

  it('as a name of an experiment costs that experiment', async () => {
    await writeFile(join(mlruns, '0', 'meta.yaml'), `experiment_id: '0'\nname: ${'x'.repeat(600)}\nlifecycle_stage: active\n`);
    const { counts } = await importFolder();
    expect(counts).toMatchObject({ experiments: { found: 2, copied: 1, skipped: 1 }, runs: { copied: 3 } });
  });

  it('as an alias or a version costs that, and neither its model nor what is behind it', async () => {
    const model = join(mlruns, 'models', 'tree');
    await writeFile(join(model, 'aliases', '7'), '1');
    await writeFile(join(model, 'aliases', 'zebra'), '1');
    await writeFile(
      join(model, 'version-2', 'meta.yaml'),
      'version: 2\ncurrent_stage: Nowhere\ncreation_timestamp: 1\nlast_updated_timestamp: 1\n',
    );
    const { counts, notes } = await importFolder();
    const { registry } = world.services;
    const made = await registry.models.getByName(call, 'tree');
    const aliases = (await registry.aliases.ofModels(call, [made.id])).get(made.id)?.map(({ alias }) => alias);
    expect({ aliases: aliases?.sort(), createdAtMs: made.createdAtMs, what: notes.map(({ what }) => what) }).toEqual({
      aliases: ['champion', 'zebra'],
      createdAtMs: 6000,
      what: ["version 2 of 'tree'", "alias 7 of 'tree'"],
    });
    expect(counts).toMatchObject({
      registeredModels: { copied: 1, skipped: 0 },
      modelVersions: { found: 4, copied: 2, there: 1, skipped: 1 },
    });
  });

  it('as a param is counted among what was left out', async () => {
    await writeFile(join(mlruns, EXPERIMENT_ID, RUN_ID, 'params', 'long'), 'x'.repeat(6_001));
    expect((await importFolder()).leftOut).toBe(1);
  });

  it('as a number that JavaScript cannot hold costs its run', async () => {
    const file = join(folder, 'mlflow.db');
    await writeSqlite(file);
    const database = new DatabaseSync(file);
    database.exec(`UPDATE runs SET start_time = 9223372036854775807 WHERE run_uuid = '${CHILD_ID}'`);
    database.close();
    const { counts } = await importMlflow(world.services, call, openSqlite(file, []), ALL);
    expect(counts.runs).toEqual({ found: 3, copied: 2, there: 0, skipped: 1 });
  });
});

describe('files', () => {
  it('that were not asked for come when they are', async () => {
    await importFolder({ files: false });
    const without = await filesOf(RUN_ID);
    const again = await importFolder({ files: false });
    await importFolder();
    expect({ without, again: again.counts.runs.there, then: await filesOf(RUN_ID) }).toEqual({ without: [], again: 3, then: ['notes'] });
  });

  it('that could not be reached are told, and come once they can', async () => {
    const file = join(folder, 'server', 'mlflow.db');
    await mkdir(join(folder, 'server'));
    await writeSqlite(file);
    const database = new DatabaseSync(file);
    database.exec(`UPDATE runs SET artifact_uri = 'mlflow-artifacts:/x' WHERE run_uuid = '${CHILD_ID}'`);
    database.close();
    await rename(join(folder, 'server', 'mlruns'), join(folder, 'elsewhere'));
    const first = await importMlflow(world.services, call, openSqlite(file, []), ALL);
    const second = await importMlflow(world.services, call, openSqlite(file, [join(folder, 'elsewhere')]), ALL);
    expect({
      first: first.notes.filter(({ why }) => why.includes('--artifacts')).map(({ what }) => what),
      second: [second.counts.files.copied, second.notes],
      files: await filesOf(RUN_ID),
    }).toEqual({ first: expect.arrayContaining([`the files of run ${RUN_ID}`]) as string[], second: [2, []], files: ['notes'] });
  });
});

describe('a second import', () => {
  it('brings the points that a run got after its end', async () => {
    await importFolder();
    await appendFile(join(mlruns, EXPERIMENT_ID, RUN_ID, 'metrics', 'loss'), '9000 0.125 2\n');
    await importFolder();
    const run = await findRun(RUN_ID);
    const points = await world.services.tracking.metrics.history(call, { id: run?.id ?? '' }, 'loss', { first: 10, after: null });
    expect(points.items.map(({ value }) => value)).toEqual([0.5, 0.25, 0.125]);
  });

  it('leaves a run deleted that was deleted here, also where there is something new in it', async () => {
    await importFolder();
    const run = await findRun(RUN_ID);
    await world.services.tracking.runs.delete(call, { id: run?.id ?? '' });
    await writeFile(join(mlruns, EXPERIMENT_ID, RUN_ID, 'tags', 'new'), '1');
    const { notes } = await importFolder();
    expect({ what: notes.map(({ what }) => what), lifecycle: (await findRun(RUN_ID))?.lifecycle }).toEqual({
      what: [`run ${RUN_ID}`],
      lifecycle: 'DELETED',
    });
  });

  it('does not make a version again that was deleted here, under whatever number', async () => {
    await importFolder();
    const { registry } = world.services;
    const model = await registry.models.getByName(call, 'tree');
    const first = await registry.versions.findByNumber(call, 'tree', 1);
    await registry.versions.delete(call, first?.id ?? '');
    await importFolder();
    const { notes } = await importFolder();
    const { items } = await registry.versions.list(call, model.id, { first: 10 });
    expect({ versions: items.map(({ version }) => version), what: notes.map(({ what }) => what) }).toEqual({
      versions: [3],
      what: ["version 1 of 'tree'"],
    });
  });
});

it('tells no webhook of what happened long ago', async () => {
  const { registry } = world.services;
  const events = ['registered_model.created', 'model_version.created', 'model_version_alias.created', 'model_version_tag.set'];
  // An address that is public, so that it may be named; nothing is sent there.
  const { id } = await registry.webhooks.create(call, { name: 'all', url: 'http://8.8.8.8/', events });
  await importFolder();
  expect((await registry.webhooks.deliveriesOf(call, [id], {})).get(id)?.items).toEqual([]);
});

it('ends where its user ends it, and says so', async () => {
  const stop = new AbortController();
  const ended = new DomainError({ kind: 'unavailable', code: 'IMPORT_ENDED', message: 'ended' });
  const importing = importFolder({ signal: stop.signal, onProgress: (done) => done > 0 && stop.abort(ended) });
  await expect(importing).rejects.toBe(ended);
});

describe('a server that is imported', () => {
  /** The small store over REST, with an answer of our own in front of some. */
  async function withServer<T>(answer: (path: string) => RequestListener | null, work: (url: string) => Promise<T>): Promise<T> {
    const from = await world.services.access.localCaller();
    await importMlflow(world.services, { caller: from }, await openFolder(mlruns, []), ALL);
    const server = createServer((request, response) => {
      const own = answer(request.url ?? '');
      if (own !== null) {
        own(request, response);
        return;
      }
      const pass = async () => {
        const body: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) body.push(chunk);
        const { method = 'GET' } = request;
        const type = request.headers['content-type'];
        const answered = await fetch(world.url + (request.url ?? ''), {
          method,
          headers: type === undefined ? {} : { 'Content-Type': type },
          ...(method === 'GET' ? {} : { body: Buffer.concat(body) }),
        });
        response.writeHead(answered.status, { 'Content-Type': answered.headers.get('content-type') ?? 'text/plain' });
        response.end(Buffer.from(await answered.arrayBuffer()));
      };
      void pass();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    try {
      return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('and cannot get at a file of its own costs that file', { timeout: 60_000 }, async () => {
    const isFile = (path: string) => path.includes('/artifacts/') && path.includes('a.txt');
    await withServer(
      (path) => (isFile(path) ? (_request, response) => void response.writeHead(500).end() : null),
      async (url) => {
        const { counts, notes } = await importMlflow(world.services, call, await openRest(url, {}), ALL);
        expect({ files: counts.files, runs: counts.runs.copied, why: notes.map(({ what }) => what) }).toEqual({
          files: { found: 2, copied: 1, there: 0, skipped: 1 },
          runs: 3,
          why: [`notes/a.txt of run ${RUN_ID}`],
        });
      },
    );
  });

  it('and breaks off in the middle of a file ends the import in words', async () => {
    const isFile = (path: string) => path.includes('/artifacts/') && path.includes('a.txt');
    await withServer(
      (path) =>
        isFile(path)
          ? (_request, response) => {
              response.writeHead(200, { 'Content-Length': '5' });
              response.write('he', () => response.destroy());
            }
          : null,
      async (url) => {
        const importing = importMlflow(world.services, call, await openRest(url, {}), ALL);
        await expect(importing).rejects.toMatchObject({ kind: 'unavailable', code: 'SOURCE_UNAVAILABLE' });
      },
    );
  });
});
