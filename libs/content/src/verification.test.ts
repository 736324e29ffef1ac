import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { DomainError, newId, pageRequest } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Content } from './content.ts';
import { body, failure, newCall, newWorld, putFiles } from './testing.ts';
import type { World } from './testing.ts';
import type { VerificationJob } from './store/verification.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld({ pollMs: 20, retryDelaysMs: [] });
});
afterAll(() => world.end());

let stop: AbortController;
let workers: Promise<void>[];
let errors: unknown[];
beforeEach(() => {
  [stop, workers, errors] = [new AbortController(), [], []];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(workers);
});

function work(content: Content = world.content): void {
  workers.push(content.runVerification({ signal: stop.signal, onError: (error) => errors.push(error) }));
}

async function finished(call: ReturnType<typeof newCall>, id: string): Promise<VerificationJob> {
  const ask = () => world.content.getVerification(call, id);
  await expect.poll(async () => (await ask()).finishedAt, { timeout: 20_000, interval: 20 }).not.toBeNull();
  return ask();
}

async function make(files: Record<string, string>, call = newCall()) {
  const entries = await putFiles(world.content, call, files);
  const manifest = await world.content.createManifest(call, { kind: 'DIR', entries });
  const verify = () => world.content.startVerification(call, { root: 'datasetVersion_x', manifestIds: [manifest.id] });
  const integrity = async () => (await world.content.integrityOf(call, [manifest.id])).get(manifest.id);
  return {
    call,
    manifest,
    entries,
    verify,
    integrity,
    shaOf: (path: string) => entries.find((entry) => entry.path === path)?.sha256 ?? '',
  };
}

const failing = (get: ObjectStore['get']): Content => world.another({ objects: { ...world.objects, get } });

describe('verification', () => {
  it('finds everything intact, the manifest’s own bytes included', async () => {
    const { call, verify, integrity } = await make({ a: 'one', b: 'two', 'c/again': 'two' });
    work();
    const job = await verify();
    expect(job).toMatchObject({ state: 'QUEUED', totalFiles: 3, checkedFiles: 0, requestedBy: 'ada' });
    expect(await finished(call, job.id)).toMatchObject({
      state: 'DONE',
      checkedFiles: 3,
      checkedBytes: job.totalBytes,
      damagedFiles: 0,
      error: null,
    });
    expect(await integrity()).toMatchObject({ integrity: 'INTACT', damagedFiles: 0, checkedAt: expect.any(Date) as Date });
  });

  it('finds a flipped bit', async () => {
    const { call, verify, integrity, shaOf } = await make({ a: 'soon flipped', b: 'sound' });
    await world.flip(shaOf('a'));
    work();
    const job = await verify();
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', damagedFiles: 1 });
    expect(await integrity()).toMatchObject({ integrity: 'DAMAGED', damagedFiles: 1 });
    const files = await world.content.findBlobs(call, [shaOf('a'), shaOf('b')]);
    expect([files.get(shaOf('a'))?.integrity, files.get(shaOf('b'))?.integrity]).toEqual(['DAMAGED', 'INTACT']);
  });

  it('finds a missing object damaged', async () => {
    const { call, verify, shaOf, integrity } = await make({ a: 'soon missing' });
    await world.objects.delete(await world.keyOf(shaOf('a')));
    work();
    expect(await finished(call, (await verify()).id)).toMatchObject({ state: 'DONE', damagedFiles: 1 });
    expect(await integrity()).toMatchObject({ integrity: 'DAMAGED' });
  });

  it('finds bytes intact again that were damaged before', async () => {
    const { call, verify, shaOf, integrity } = await make({ a: 'flipped twice' });
    await world.flip(shaOf('a'));
    work();
    await finished(call, (await verify()).id);
    await world.flip(shaOf('a'));
    await finished(call, (await verify()).id);
    expect(await integrity()).toMatchObject({ integrity: 'INTACT' });
  });

  it('covers the files of a set', async () => {
    const call = newCall();
    const set = await world.content.createFileSet(call);
    const { sha256 } = await world.content.putBlob(call, body('in a set'));
    await world.content.putFile(call, set, { path: 'a', sha256 });
    await world.flip(sha256);
    work();
    const job = await world.content.startVerification(call, { root: 'run_x', manifestIds: [], fileSetIds: [set] });
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', totalFiles: 1, damagedFiles: 1 });
  });

  it('is done at once where there is nothing', async () => {
    const call = newCall();
    work();
    const job = await world.content.startVerification(call, {
      root: 'run_x',
      manifestIds: [],
      fileSetIds: [await world.content.createFileSet(call)],
    });
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', totalFiles: 0 });
  });

  it('fails with words where the store cannot be reached, and marks nothing', async () => {
    const { call, verify, integrity } = await make({ a: 'out of reach' });
    const away = new DomainError({ kind: 'unavailable', code: 'OBJECT_STORE_UNAVAILABLE', message: 'The object store is away.' });
    work(failing(() => Promise.reject(away)));
    expect(await finished(call, (await verify()).id)).toMatchObject({
      state: 'FAILED',
      error: 'The object store is away.',
      checkedFiles: 0,
    });
    expect(await integrity()).toMatchObject({ integrity: 'UNCHECKED' });
    expect(errors).toEqual([]);
  });

  it('outlives a short break of the store', async () => {
    const { call, verify } = await make({ a: 'a short break' });
    let breaks = 2;
    const away = new DomainError({ kind: 'unavailable', code: 'OBJECT_STORE_UNAVAILABLE', message: 'The object store is away.' });
    const objects: ObjectStore = { ...world.objects, get: (...args) => (breaks-- > 0 ? Promise.reject(away) : world.objects.get(...args)) };
    work(world.another({ objects, limits: { retryDelaysMs: [1, 1] } }));
    expect(await finished(call, (await verify()).id)).toMatchObject({ state: 'DONE', damagedFiles: 0 });
  });

  it('takes a store that holds nothing at all for another one, not for lost bytes', async () => {
    const { call, verify, integrity } = await make({ a: 'not mounted' });
    const objects: ObjectStore = {
      ...world.objects,
      get: (key) => Promise.reject(new DomainError({ kind: 'not_found', code: 'OBJECT_NOT_FOUND', message: key })),
      list: () => body() as AsyncIterable<never>,
    };
    work(world.another({ objects }));
    expect(await finished(call, (await verify()).id)).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining('not mounted') as string,
    });
    expect(await integrity()).toMatchObject({ integrity: 'UNCHECKED' });
  });

  it('tells of a defect, but not the client', async () => {
    const { call, verify } = await make({ a: 'a defect' });
    const defect = new TypeError('secret inside');
    work(failing(() => Promise.reject(defect)));
    const job = await finished(call, (await verify()).id);
    expect(job.state).toBe('FAILED');
    expect(job.error).not.toContain('secret');
    expect(errors).toContain(defect);
  });

  it('goes on where a worker that ended left it, without hashing anything twice', async () => {
    const { call, verify } = await make(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, `file ${n}`])));
    const first = new AbortController();
    let opened = 0;
    const content = failing((...args) => {
      opened += 1;
      if (opened === 70) first.abort();
      return world.objects.get(...args);
    });
    const job = await verify();
    await content.runVerification({ signal: first.signal });
    const half = await world.content.getVerification(call, job.id);
    expect(half).toMatchObject({ state: 'RUNNING' });
    let reopened = 0;
    work(
      failing((...args) => {
        reopened += 1;
        return world.objects.get(...args);
      }),
    );
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', checkedFiles: 101, damagedFiles: 0 });
    expect(half.checkedFiles + reopened).toBe(101);
  });

  it('goes on after its process was killed', async () => {
    const { call, verify } = await make(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, `survivor ${n}`])));
    const job = await verify();
    const child = spawn(process.execPath, [fileURLToPath(new URL('./testing-worker.ts', import.meta.url)), world.url, world.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const half = await world.content.getVerification(call, job.id);
    expect(half).toMatchObject({ state: 'RUNNING', checkedFiles: 64 });
    work();
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', checkedFiles: 101, damagedFiles: 0 });
  });

  it('is shared by workers without counting anything twice', async () => {
    const made = await make(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, `shared ${n}`])));
    const jobs = await Promise.all([made.verify(), made.verify(), made.verify()]);
    work();
    work(world.another());
    for (const job of jobs) expect(await finished(made.call, job.id)).toMatchObject({ state: 'DONE', checkedFiles: 31 });
    expect(errors).toEqual([]);
  });

  it('checks again what was replaced while it was hashed', async () => {
    const { call, verify, shaOf } = await make({ a: 'healed while hashed' });
    await world.flip(shaOf('a'));
    let healed: Promise<unknown> | null = null;
    const heal = async () => {
      await world.database.sql(`UPDATE blob SET integrity = 'DAMAGED', checked_at = now() WHERE sha256 = decode($1, 'hex')`, [shaOf('a')]);
      await world.content.putBlob(call, body('healed while hashed'));
    };
    const flipped = await world.keyOf(shaOf('a'));
    work(
      failing(async (key, range) => {
        const object = await world.objects.get(key, range);
        if (key === flipped) await (healed ??= heal());
        return object;
      }),
    );
    expect(await finished(call, (await verify()).id)).toMatchObject({ state: 'DONE', checkedFiles: 2, damagedFiles: 0 });
  });

  it('waits for nobody who is writing a blob, and checks that later', async () => {
    const { call, verify, shaOf } = await make({ a: 'being written', b: 'free' });
    const locked = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const writing = world.database.transaction(async (tx) => {
      await world.content.putBlob({ ...call, tx }, body('being written'));
      locked.resolve(undefined);
      await go.promise;
    });
    await locked.promise;
    work();
    const job = await verify();
    await expect.poll(async () => (await world.content.getVerification(call, job.id)).checkedFiles, { interval: 20 }).toBe(2);
    expect((await world.content.findBlobs(call, [shaOf('b')])).get(shaOf('b'))?.integrity).toBe('INTACT');
    go.resolve(undefined);
    await writing;
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', checkedFiles: 3 });
  });

  it('begins without waiting for its turn when it is started or woken', async () => {
    const patient = world.another({ limits: { pollMs: 3_600_000 } });
    const { call, manifest } = await make({ a: 'woken' });
    work(patient);
    const request = { root: 'x', manifestIds: [manifest.id] };
    const started = await patient.startVerification(call, request);
    expect(await finished(call, started.id)).toMatchObject({ state: 'DONE' });
    const inTransaction = await world.database.transaction((tx) => patient.startVerification({ ...call, tx }, request));
    patient.wakeVerification();
    expect(await finished(call, inTransaction.id)).toMatchObject({ state: 'DONE' });
  });

  it('drops what was collected meanwhile', async () => {
    const { call, verify, manifest, shaOf } = await make({ a: 'kept', b: 'collected meanwhile' });
    const job = await verify();
    await world.database.sql(`DELETE FROM manifest_entry WHERE manifest_id = $1 AND path = 'b'`, [manifest.id]);
    for (const table of ['blob_grant', 'blob'])
      await world.database.sql(`DELETE FROM ${table} WHERE sha256 = decode($1, 'hex')`, [shaOf('b')]);
    work();
    expect(await finished(call, job.id)).toMatchObject({ state: 'DONE', totalFiles: 2, checkedFiles: 2 });
  });

  it('looks up its roots in as many statements for many as for one', async () => {
    const call = newCall();
    const { manifest } = await make({ a: 'counted' }, call);
    const sets = [
      await world.content.createFileSet(call),
      await world.content.createFileSet(call),
      await world.content.createFileSet(call),
    ];
    const statements = async (fileSetIds: readonly string[]) => {
      world.statements.length = 0;
      await world.content.startVerification(call, { root: 'run_x', manifestIds: [manifest.id], fileSetIds });
      return world.statements.length;
    };
    expect(await statements(sets)).toBe(await statements(sets.slice(0, 1)));
    const foreign = await world.content.createFileSet(newCall());
    for (const id of [foreign, newId(), 'nonsense']) {
      const request = { root: 'run_x', manifestIds: [], fileSetIds: [...sets, id] };
      expect(await failure(world.content.startVerification(call, request))).toMatchObject({ code: 'FILE_SET_NOT_FOUND' });
    }
  });

  it('refuses what belongs to another workspace', async () => {
    const { manifest, verify } = await make({ a: 'mine' });
    const stranger = newCall();
    expect(await failure(world.content.startVerification(stranger, { root: 'x', manifestIds: [manifest.id] }))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
    });
    expect(await failure(world.content.getVerification(stranger, (await verify()).id))).toMatchObject({ code: 'VERIFICATION_NOT_FOUND' });
  });

  it.each([['["x",1]'], ['[9e15,"0198c0de-0000-7000-8000-000000000001"]'], ['[1,"\\u0000"]']])('refuses the cursor %s', async (cursor) => {
    const page = pageRequest({ first: 1, after: Buffer.from(cursor).toString('base64url') });
    expect(await failure(world.content.listVerifications(newCall(), page))).toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('is listed newest first, page by page', async () => {
    const call = newCall();
    const jobs: VerificationJob[] = [];
    for (let n = 0; n < 3; n += 1) {
      jobs.unshift(await world.content.startVerification(call, { root: `run_${n}`, manifestIds: [] }));
      world.pass(10);
    }
    const page = await world.content.listVerifications(call, pageRequest({ first: 2 }));
    const last = page.items.at(-1);
    const rest = await world.content.listVerifications(
      call,
      pageRequest({ first: 2, after: last === undefined ? null : page.cursorOf(last) }),
    );
    expect([...page.items, ...rest.items].map((job) => job.root)).toEqual(['run_2', 'run_1', 'run_0']);
    expect([page.hasNextPage, rest.hasNextPage]).toEqual([true, false]);
  });
});
