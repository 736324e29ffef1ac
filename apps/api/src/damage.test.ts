// Goal: whatever happens to bytes on their way or on the disk is noticed, and nothing half is ever kept. Method: the disk is changed behind
// the server's back, connections are cut in the middle, and commands are sent side by side; then the answers, the rows and the files
// themselves are looked at.

import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { logModel, makeVersion, registerModel, startRun, tellStory } from './testing/story.ts';
import type { Story } from './testing/story.ts';
import { sha256Of, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const MIB = 2 ** 20;
/** What holds bytes, and who may have them. */
const TABLES = ['blob', 'blob_grant', 'upload', 'manifest', 'dataset_version'];

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

/** The one object that holds these bytes. */
async function objectOf(bytes: Uint8Array): Promise<string> {
  const [path, ...more] = await world.objectsWith(bytes);
  if (path === undefined || more.length > 0) throw new Error(`The bytes are stored ${more.length + (path === undefined ? 0 : 1)} times.`);
  return path;
}

/** Turns one bit of the byte at an offset. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await chmod(path, 0o600);
  await writeFile(path, bytes);
}

async function trace(story: Story) {
  const { traceDeployment } = await world.query<{
    traceDeployment: { verified: boolean; files: { sha256: string; integrity: string }[] };
  }>('query ($id: ID!) { traceDeployment(id: $id) { verified files { sha256 integrity } } }', { id: story.deployment.id });
  const of = (bytes: Uint8Array) => traceDeployment.files.find(({ sha256 }) => sha256 === sha256Of(bytes))?.integrity;
  return { verified: traceDeployment.verified, raw: of(story.bytes.raw), clean: of(story.bytes.clean), model: of(story.bytes.model) };
}

describe('bytes that were changed on the disk', () => {
  it.each([
    { what: 'a flipped bit of the data', which: 'clean', how: (path: string) => flip(path, 3) },
    { what: 'a flipped bit of the data that it came from', which: 'raw', how: (path: string) => flip(path, 3) },
    { what: 'a flipped bit of the model', which: 'model', how: (path: string) => flip(path, 3) },
    { what: 'a file that is gone', which: 'clean', how: (path: string) => rm(path) },
    { what: 'a file that lost its end', which: 'clean', how: async (path: string) => writeFile(path, (await readFile(path)).subarray(1)) },
    { what: 'an empty file', which: 'model', how: (path: string) => writeFile(path, '') },
  ] as const)('turn up on the trace after a check, and the upload of the same content heals them: $what', async ({ which, how }) => {
    const story = await tellStory(world, { name: `damaged-${randomUUID()}` });
    await world.verify(story.deployment.id);
    const before = await trace(story);
    await how(await objectOf(story.bytes[which]));
    const job = await world.verify(story.deployment.id);
    const damaged = await trace(story);
    await world.upload(story.bytes[which]);
    await world.verify(story.deployment.id);
    const healed = await trace(story);
    const intact = { verified: true, raw: 'INTACT', clean: 'INTACT', model: 'INTACT' };
    expect({ before, found: job.damagedFiles, damaged, healed }).toEqual({
      before: intact,
      found: 1,
      damaged: { ...intact, verified: false, [which]: 'DAMAGED' },
      healed: intact,
    });
  });

  it('are no longer called intact by a check of anything else that holds them', async () => {
    const story = await tellStory(world, { name: 'shared' });
    const other = await makeVersion(world, { dataset: 'shared-too', files: { 'other/name.csv': story.bytes.raw } });
    await flip(await objectOf(story.bytes.raw), 0);
    await world.verify(other.id);
    expect((await trace(story)).raw).toBe('DAMAGED');
  });

  it('are refused where they are few, and cut before their end where they are many', async () => {
    const [few, many] = [Buffer.from(`few ${randomUUID()}`), randomBytes(3 * MIB)];
    await Promise.all([few, many].map((bytes) => world.upload(bytes)));
    await flip(await objectOf(few), 1);
    await flip(await objectOf(many), 2 * MIB);
    const small = await world.send('GET', `/api/v1/files/${sha256Of(few)}`);
    const large = world.download(`/api/v1/files/${sha256Of(many)}`);
    await expect(large).rejects.toThrow();
    expect({ status: small.status, code: codeOf(small.text), etag: small.headers.get('etag') }).toEqual({
      status: 422,
      code: 'BLOB_DAMAGED',
      etag: null,
    });
  });

  it('are known to be damaged from the first download that met them', async () => {
    const bytes = Buffer.from(`met ${randomUUID()}`);
    const version = await makeVersion(world, { dataset: 'met', files: { 'a.csv': bytes } });
    await flip(await objectOf(bytes), 1);
    await world.send('GET', `/api/v1/files/${sha256Of(bytes)}`);
    const { datasetVersion } = await world.query<{ datasetVersion: { integrity: string } }>(
      'query ($id: ID!) { datasetVersion(id: $id) { integrity } }',
      { id: version.id },
    );
    expect(datasetVersion.integrity).toBe('DAMAGED');
  });

  it('do not count as read by the run that was sent them', async () => {
    const bytes = Buffer.from(`unread ${randomUUID()}`);
    const version = await makeVersion(world, { dataset: 'unread', files: { 'a.csv': bytes } });
    const run = await startRun(world);
    await flip(await objectOf(bytes), 1);
    await world.send('GET', `/api/v1/files/${sha256Of(bytes)}`, undefined, { token: run.token });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    await world.services.commands.settle();
    const { run: found } = await world.query<{ run: { inputs: { evidence: string }[] } }>(
      'query ($id: ID!) { run(id: $id) { inputs { evidence } } }',
      { id: run.id },
    );
    expect(found.inputs).toEqual([{ evidence: 'ASSERTED' }]);
  });

  it('do not end a check of the others when they are gone', async () => {
    const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}.csv`, `${i} ${randomUUID()}`]));
    const version = await makeVersion(world, { dataset: 'several', files });
    await rm(await objectOf(Buffer.from(files['2.csv'] ?? '')));
    const { state, damagedFiles, totalFiles, checkedFiles } = await world.verify(version.id);
    expect({ state, damagedFiles, isWhole: totalFiles === checkedFiles }).toEqual({ state: 'DONE', damagedFiles: 1, isWhole: true });
  });
});

function codeOf(text: string): unknown {
  return (JSON.parse(text) as { error?: { code?: unknown } }).error?.code;
}

interface Cut {
  method: string;
  path: string;
  headers?: Record<string, string>;
  declaredBytes: number;
  sent: Uint8Array;
}

/** Sends the beginning of a body, waits until the server has begun with it, and tears the connection. */
async function cut({ method, path, headers = {}, declaredBytes, sent }: Cut, hasBegun: () => Promise<boolean>): Promise<void> {
  const torn = request(`${world.url}${path}`, { method, headers: { ...headers, 'content-length': String(declaredBytes) } });
  const end = new Promise((resolve) => torn.once('close', resolve));
  torn.on('error', () => undefined);
  torn.write(sent);
  await vi.waitFor(async () => expect(await hasBegun()).toBe(true), { timeout: 20_000, interval: 10 });
  torn.destroy();
  await end;
}

describe('an upload', () => {
  it('that is cut in the middle leaves no row and no file', async () => {
    const bytes = randomBytes(2 * MIB);
    const before = { rows: await world.countRows(...TABLES), files: await world.countFiles() };
    const put = { method: 'PUT', path: `/api/v1/files/${sha256Of(bytes)}`, declaredBytes: bytes.byteLength, sent: bytes.subarray(0, MIB) };
    await cut(put, async () => (await world.countFiles()) > before.files);
    await vi.waitFor(async () => expect(await world.countFiles()).toBe(before.files), { timeout: 20_000, interval: 10 });
    expect(await world.countRows(...TABLES)).toEqual(before.rows);
  });

  it('of other bytes than their hash says is refused and leaves nothing', async () => {
    const before = { rows: await world.countRows(...TABLES), files: await world.countFiles() };
    const { status, text } = await world.send('PUT', `/api/v1/files/${sha256Of(Buffer.from('announced'))}`, 'sent instead');
    expect({ status, code: codeOf(text), rows: await world.countRows(...TABLES), files: await world.countFiles() }).toEqual({
      status: 422,
      code: 'CONTENT_MISMATCH',
      ...before,
    });
  });

  it('above the limit is refused and leaves nothing', async () => {
    const before = { rows: await world.countRows(...TABLES), files: await world.countFiles() };
    const put = request(`${world.url}/api/v1/files/${'a'.repeat(64)}`, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      put.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      put.on('error', reject);
      const chunk = Buffer.alloc(4 * MIB);
      for (let i = 0; i < 17; i += 1) put.write(chunk);
      put.end();
    });
    put.destroy();
    expect({ status, rows: await world.countRows(...TABLES), files: await world.countFiles() }).toEqual({ status: 400, ...before });
  });

  it('goes on where it was cut, and is whole in the end', async () => {
    const bytes = randomBytes(9 * MIB);
    const sha256 = sha256Of(bytes);
    const json = { headers: { 'content-type': 'application/json' } };
    const started = await world.send('POST', '/api/v1/uploads', JSON.stringify({ sha256, sizeBytes: bytes.byteLength }), json);
    const { id } = JSON.parse(started.text) as { id: string };
    const path = `/api/v1/uploads/${id}`;
    const patch = { method: 'PATCH', path, headers: { 'upload-offset': '0' }, declaredBytes: bytes.byteLength };
    const offset = async () => (JSON.parse((await world.send('GET', path)).text) as { offsetBytes: number }).offsetBytes;
    await cut({ ...patch, sent: bytes.subarray(0, 8 * MIB + 5) }, async () => (await offset()) > 0);
    const kept = await offset();
    // The server may still hold the torn connection for alive; then it says so, and the client tries again.
    const last = await vi.waitFor(
      async () => {
        const sent = await world.send('PATCH', path, bytes.subarray(kept), { headers: { 'upload-offset': String(kept) } });
        expect(sent.status, sent.text).toBe(200);
        return JSON.parse(sent.text) as { complete: boolean };
      },
      { timeout: 20_000, interval: 20 },
    );
    const { bytes: back } = await world.download(`/api/v1/files/${sha256}`);
    expect({ kept, complete: last.complete, isSame: back.equals(bytes) }).toEqual({ kept: 8 * MIB, complete: true, isSame: true });
  });

  it('that ends up as other content than was announced leaves nothing', async () => {
    const before = { rows: await world.countRows(...TABLES), files: await world.countFiles() };
    const body = JSON.stringify({ sha256: sha256Of(Buffer.from('announced')), sizeBytes: 9 });
    const started = await world.send('POST', '/api/v1/uploads', body, { headers: { 'content-type': 'application/json' } });
    const { id } = JSON.parse(started.text) as { id: string };
    const sent = await world.send('PATCH', `/api/v1/uploads/${id}`, 'different', { headers: { 'upload-offset': '0' } });
    expect({
      status: sent.status,
      code: codeOf(sent.text),
      rows: await world.countRows(...TABLES),
      files: await world.countFiles(),
    }).toEqual({
      status: 422,
      code: 'CONTENT_MISMATCH',
      ...before,
    });
  });

  it('of one content by ten clients at once stores it once', async () => {
    const bytes = Buffer.from(`ten times ${randomUUID()}`);
    await Promise.all(Array.from({ length: 10 }, () => world.upload(bytes)));
    expect(await world.objectsWith(bytes)).toHaveLength(1);
  });
});

describe('commands that are sent side by side', () => {
  const TIMES = 10;

  async function registered(model: string, count: number): Promise<{ id: string; version: number }[]> {
    const run = await startRun(world);
    const versions: { id: string; version: number }[] = [];
    for (let i = 0; i < count; i += 1) {
      const logged = await logModel(world, run, `weights ${i} of ${model}`);
      versions.push(await registerModel(world, model, logged.id));
    }
    return versions;
  }

  interface Aliases {
    model: {
      aliases: { alias: string; version: { id: string } }[];
      aliasHistory: { nodes: { outcome: string; version: { id: string } | null; previous: { id: string } | null }[] };
    };
  }
  const aliasesOf = async (model: string) =>
    (
      await world.query<Aliases>(
        'query ($id: ID!) { model(id: $id) { aliases { alias version { id } } aliasHistory { nodes { outcome version { id } previous { id } } } } }',
        { id: `model:${model}` },
      )
    ).model;

  it('leave an alias one holder, and every attempt in its history', async () => {
    const versions = await registered('raced', 2);
    const attempts = Array.from({ length: TIMES }, (_, i) => versions[i % 2]?.id ?? '');
    await Promise.all(attempts.map((version) => world.command('promote', { input: { version, alias: 'champion' } })));
    const { aliases, aliasHistory } = await aliasesOf('raced');
    const [last] = aliasHistory.nodes;
    expect({ holders: aliases.length, holder: aliases[0]?.version.id, attempts: aliasHistory.nodes.length }).toEqual({
      holders: 1,
      holder: last?.version?.id,
      attempts: TIMES,
    });
  });

  it('let one promotion through where all expect that nobody holds the alias', async () => {
    const versions = await registered('expected', 2);
    const results = await Promise.all(
      Array.from({ length: TIMES }, (_, i) =>
        world.attempt('promote', { input: { version: versions[i % 2]?.id, alias: 'champion', expected: null } }),
      ),
    );
    const { aliases, aliasHistory } = await aliasesOf('expected');
    const outcomes = aliasHistory.nodes.map(({ outcome }) => outcome).sort();
    expect({
      won: results.filter(({ __typename }) => __typename === 'ModelVersion').length,
      holders: aliases.length,
      outcomes,
    }).toEqual({ won: 1, holders: 1, outcomes: ['APPLIED', ...Array.from({ length: TIMES - 1 }, () => 'REFUSED')] });
  });

  it('leave one deployment live at a target, and each of the others ended', async () => {
    const versions = await registered('deployed', 2);
    const deploy = (version: string | undefined) => ({ input: { version, environment: 'staging', target: 'raced' } });
    await Promise.all(Array.from({ length: TIMES }, (_, i) => world.command('deploy', deploy(versions[i % 2]?.id))));
    const { deployments } = await world.query<{ deployments: { nodes: { isLive: boolean; endedAt: string | null }[] } }>(
      '{ deployments(environment: "staging", ended: true) { nodes { isLive endedAt } } }',
    );
    const [live, ended] = [true, false].map((isLive) => deployments.nodes.filter((node) => node.isLive === isLive));
    expect({ live: live?.length, isEachEnded: ended?.every(({ endedAt }) => endedAt !== null) }).toEqual({ live: 1, isEachEnded: true });
    expect(ended?.length).toBeGreaterThan(0);
  });

  it('number the versions of a model that none of them found', async () => {
    const run = await startRun(world);
    const models = await Promise.all(['a', 'b', 'c'].map((weights) => logModel(world, run, `${weights} ${randomUUID()}`)));
    const versions = await Promise.all(models.map(({ id }) => registerModel(world, 'numbered', id)));
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3]);
  });

  it('register the same files as versions of ten models', async () => {
    const run = await startRun(world);
    const weights = `the same for all ${randomUUID()}`;
    const models = await Promise.all(Array.from({ length: TIMES }, () => logModel(world, run, weights)));
    const versions = await Promise.all(models.map(({ id }, i) => registerModel(world, `twin-${i}`, id)));
    expect(new Set(versions.map(({ digest }) => digest)).size).toBe(1);
  });

  it('make one version of a dataset out of the same files', async () => {
    const versions = await Promise.all(
      Array.from({ length: 5 }, () => makeVersion(world, { dataset: 'same', files: { 'a.csv': 'the same for all' } })),
    );
    expect([...new Set(versions.map(({ id, number }) => `${number} ${id}`))]).toEqual([`1 ${versions[0]?.id ?? ''}`]);
  });

  it('number the versions of a dataset that none of them found', async () => {
    const versions = await Promise.all(
      [1, 2, 3].map((i) => makeVersion(world, { dataset: 'numbered', files: { 'a.csv': `number ${i} ${randomUUID()}` } })),
    );
    expect(versions.map(({ number }) => number).sort()).toEqual([1, 2, 3]);
  });

  it('write a param once', async () => {
    const run = await startRun(world);
    const results = await Promise.all(
      Array.from({ length: TIMES }, (_, i) => world.attempt('logBatch', { run: run.id, params: [{ key: 'depth', value: String(i) }] })),
    );
    expect(results.filter(({ __typename }) => __typename === 'Run')).toHaveLength(1);
  });

  it('keep every file that is put into one run', async () => {
    const run = await startRun(world);
    const sha256 = await world.upload(Buffer.from('an artifact'));
    await Promise.all(
      Array.from({ length: TIMES }, (_, i) => world.command('putArtifact', { owner: run.id, path: `out/${i}.txt`, sha256 }, 'path')),
    );
    const { run: found } = await world.query<{ run: { artifacts: { nodes: unknown[] } } }>(
      'query ($id: ID!) { run(id: $id) { artifacts(path: "out") { nodes { path } } } }',
      { id: run.id },
    );
    expect(found.artifacts.nodes).toHaveLength(TIMES);
  });
});

describe('commands of all kinds at once, over the same few things', () => {
  it('are done or refused in words, never defects, and leave what nobody touched as it was', { timeout: 60_000 }, async () => {
    const story = await tellStory(world, { name: 'calm' });
    const runs = [await startRun(world), await startRun(world)];
    const hashes = await Promise.all(['a', 'b', 'c'].map((text) => world.upload(Buffer.from(`stormy ${text}`))));
    // A sequence of its own for each lane, the same in every run of the test; only the order between them is the machine's.
    const lane = (seed: number) => {
      let state = seed;
      const pick = <T>(all: readonly [T, ...T[]] | readonly T[]): T => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return all[Math.floor(state / 65_536) % all.length] as T;
      };
      const run = () => pick(runs).id;
      const version = () => pick(['model:storm/1', 'model:storm/2', 'model:storm/3']);
      const data = () => pick(['data:storm', 'data:storm@1', 'data:storm@2', 'data:calm@1']);
      const target = () => pick(['a', 'b']);
      const commands: [name: string, args: () => Record<string, unknown>][] = [
        [
          'registerDatasetVersion',
          () => ({ input: { dataset: 'storm', files: [{ path: pick(['x', 'y']), sha256: pick(hashes) }], derivedFrom: [story.raw.id] } }),
        ],
        ['logInput', () => ({ run: run(), input: { datasetVersion: data() } })],
        ['logDatasetOutput', () => ({ run: run(), datasetVersion: 'data:storm' })],
        ['putArtifact', () => ({ owner: run(), path: pick(['a/b', 'a/c', 'd']), sha256: pick(hashes) })],
        ['registerVersion', () => ({ input: { model: 'storm', run: run() } })],
        ['registerVersion', () => ({ input: { model: 'storm', loggedModel: story.loggedModel.id } })],
        ['promote', () => ({ input: { version: version(), alias: 'champion' } })],
        ['deploy', () => ({ input: { version: version(), environment: 'storm', target: target() } })],
        ['endDeployment', () => ({ id: `deployment:storm/${target()}` })],
        ['deleteVersion', () => ({ id: version() })],
        ['setVersionTags', () => ({ id: version(), tags: [{ key: 'k', value: 'v' }] })],
        ['logBatch', () => ({ run: run(), metrics: [{ key: pick(['m', 'n']), value: 1 }], tags: [{ key: 'k', value: 'v' }] })],
        ['tagDatasetVersion', () => ({ version: data(), tag: 'holdout' })],
        ['setCurrentVersion', () => ({ version: data() })],
        ['deleteRun', () => ({ id: run() })],
        ['restoreRun', () => ({ id: run() })],
        ['collect', () => ({ dryRun: false })],
        ['verify', () => ({ root: 'data:calm' })],
      ];
      return () => pick(commands);
    };
    const broken: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, seed) => {
        const next = lane(seed + 1);
        for (let turn = 0; turn < 25; turn += 1) {
          const [name, args] = next();
          const { errors, data } = await world.answer(name, args(), '__typename');
          const refusal = data !== null && 'code' in data.result ? data.result.code : errors[0]?.extensions['reason'];
          if (refusal === 'TRANSACTION_COLLIDED' || refusal === 'INTERNAL') broken.push(`${name}: ${refusal}`);
        }
      }),
    );
    const { deployments } = await world.query<{ deployments: { nodes: { target: string }[] } }>(
      '{ deployments(environment: "storm") { nodes { target } } }',
    );
    const live = deployments.nodes.map((node) => node.target);
    await world.verify(story.deployment.id);
    expect({ broken, isEachLiveOnce: new Set(live).size === live.length, calm: await trace(story) }).toEqual({
      broken: [],
      isEachLiveOnce: true,
      calm: { verified: true, raw: 'INTACT', clean: 'INTACT', model: 'INTACT' },
    });
  });
});

describe('the collector', () => {
  /** Makes everything that is stored look as if it had been left alone for two days. */
  async function age(): Promise<void> {
    const { database } = world.database;
    await database.sql(`UPDATE blob SET last_put_at = now() - interval '2 days'`);
    await database.sql(`UPDATE manifest SET touched_at = now() - interval '2 days'`);
    await database.sql(`UPDATE file_set SET created_at = now() - interval '2 days'`);
    const old = new Date(Date.now() - 2 * 86_400_000);
    const root = join(world.config.dataDir, 'objects');
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), old, old);
    }
  }
  interface Report {
    blobs: number;
    objects: number;
    manifests: number;
    bytes: string;
  }
  const collect = (dryRun: boolean) => world.command<Report>('collect', { dryRun }, 'blobs objects manifests fileSets uploads bytes');

  it('removes what nothing references, after saying so in a dry run, and leaves every story whole', async () => {
    const story = await tellStory(world, { name: 'collected' });
    await age();
    await collect(false);
    const rest = await world.countFiles();

    const unwanted = Buffer.from(`nobody wants this ${randomUUID()}`);
    await world.upload(unwanted);
    await age();
    const dry = await collect(true);
    const kept = await world.objectsWith(unwanted);
    const real = await collect(false);
    await world.verify(story.deployment.id);
    expect({
      dry,
      kept: kept.length,
      gone: await world.objectsWith(unwanted),
      files: await world.countFiles(),
      trace: await trace(story),
    }).toEqual({
      dry: real,
      kept: 1,
      gone: [],
      files: rest,
      trace: { verified: true, raw: 'INTACT', clean: 'INTACT', model: 'INTACT' },
    });
    expect({ blobs: real.blobs, bytes: real.bytes }).toEqual({ blobs: 1, bytes: String(unwanted.byteLength) });
  });

  it('takes nothing that was only just uploaded', async () => {
    const bytes = Buffer.from(`in a moment ${randomUUID()}`);
    await world.upload(bytes);
    await collect(false);
    expect(await world.objectsWith(bytes)).toHaveLength(1);
  });

  it('takes an object that no row names', async () => {
    const stray = Buffer.from(`stray ${randomUUID()}`);
    const folder = join(world.config.dataDir, 'objects', 'objects', 'blobs', '00');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, randomBytes(15).toString('hex')), stray);
    await age();
    await collect(false);
    expect(await world.objectsWith(stray)).toEqual([]);
  });
});

it('met no defect on the way', () => {
  expect(world.log).toEqual([]);
});
