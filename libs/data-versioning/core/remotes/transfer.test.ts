// What push and fetch promise, held to folders and to a plain web server that misbehaves. Method: a repository whose cache is filled by hand, so that nothing but the
// transfer is under test; what the real remotes do is the matter of storage.test.ts and of the suites with the released dvc.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { encodeManifest, manifestId } from '../formats/manifest.ts';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import type { ObjectId } from '../types.ts';
import { fetch } from '../verbs/fetch.ts';
import { push } from '../verbs/push.ts';
import { openRepositoryAt } from '../repository/repository.ts';
import { cloudStatus, notInRemote } from './cloud-status.ts';
import { idOf, md5Of, startWebServer, temporaryFolder, testRepository } from './testing.ts';
import type { TestRepository, WebServer } from './testing.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function withFolder(): Promise<TestRepository & { store: string }> {
  const { folder, remove } = temporaryFolder();
  const test = await testRepository(join(folder, 'store'));
  closing.push(remove, () => test.remove());
  return { ...test, store: join(folder, 'store') };
}

async function withWeb(more: readonly string[] = []): Promise<TestRepository & { web: WebServer }> {
  const web = await startWebServer();
  const test = await testRepository(`${web.url}/base`, more);
  closing.push(
    () => web.close(),
    () => test.remove(),
  );
  return { ...test, web };
}

const FILES = { 'a.txt': 'first', 'sub/b.txt': 'second', 'sub/ünï': '' };
const file = (text: string) => objectPath(idOf(text));
const emptyCache = (test: TestRepository) => rmSync(test.cache.folder, { recursive: true });

describe('A push', () => {
  it('brings everything, and nothing the second time', async () => {
    const test = await withFolder();
    const id = await test.track('data', FILES);
    expect(await push(test.repository)).toMatchObject({ pushed: 4, failures: [] });
    for (const text of Object.values(FILES)) expect(readFileSync(join(test.store, file(text)), 'utf8')).toBe(text);
    expect(existsSync(join(test.store, objectPath(id)))).toBe(true);
    expect(await push(test.repository)).toMatchObject({ pushed: 0, failures: [] });
  });

  it('sends a file that is missing beside its manifest', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    await push(test.repository);
    rmSync(join(test.store, file('second')));
    expect(await push(test.repository)).toMatchObject({ pushed: 1 });
    expect(readFileSync(join(test.store, file('second')), 'utf8')).toBe('second');
  });

  it('sends no manifest where one of its files could not be sent, and all of it the next time', async () => {
    const test = await withWeb();
    const id = await test.track('data', FILES);
    test.web.onRequest = (request, response) => {
      if (request.method !== 'POST' || request.url !== `/base/${file('second')}`) return false;
      request.resume();
      response.writeHead(409).end('no');
      return true;
    };
    const result = await push(test.repository);
    expect(result.failures).toMatchObject([{ path: 'data/sub/b.txt', id: md5Of('second') }]);
    expect(test.web.files.has(`/base/${objectPath(id)}`)).toBe(false);
    test.web.onRequest = null;
    expect(await push(test.repository)).toMatchObject({ pushed: 2, failures: [] });
    expect(test.web.files.has(`/base/${objectPath(id)}`)).toBe(true);
  });

  it('sends a manifest last', async () => {
    const test = await withWeb();
    const id = await test.track('data', FILES);
    await push(test.repository);
    expect(test.web.requests.filter((one) => one.startsWith('POST')).at(-1)).toBe(`POST /base/${objectPath(id)}`);
  });

  it('sends again what a web server kept only half of', async () => {
    const test = await withWeb();
    await test.track('one', 'the whole text');
    test.web.files.set(`/base/${file('the whole text')}`, Buffer.from('the wh'));
    expect(await push(test.repository)).toMatchObject({ pushed: 1, failures: [] });
    expect(test.web.files.get(`/base/${file('the whole text')}`)?.toString()).toBe('the whole text');
  });

  it('asks with GET where a server does not know HEAD', async () => {
    const test = await withWeb();
    await test.track('one', 'text');
    test.web.onRequest = (request, response) => {
      if (request.method !== 'HEAD') return false;
      response.writeHead(405).end();
      return true;
    };
    await push(test.repository);
    expect(await push(test.repository)).toMatchObject({ pushed: 0, failures: [] });
  });

  it('sends by the method that is configured', async () => {
    const test = await withWeb(['method = PUT']);
    await test.track('one', 'text');
    await push(test.repository);
    expect(test.web.requests).toContain(`PUT /base/${file('text')}`);
  });

  it.each(['folder', 'web'])('refuses what is damaged in the cache, names it, and sends the rest (%s)', async (kind) => {
    const test = kind === 'folder' ? await withFolder() : await withWeb();
    await test.track('data', FILES);
    const damaged = test.cache.fileOf(idOf('second'));
    chmodSync(damaged, 0o644);
    writeFileSync(damaged, 'secomd');
    chmodSync(damaged, 0o444);
    const result = await push(test.repository);
    expect(result.failures).toMatchObject([{ path: 'data/sub/b.txt', code: 'CACHE_OBJECT_DAMAGED' }]);
    expect(result.pushed).toBe(2);
    expect((await cloudStatus(test.repository))['data/sub/b.txt']).toBe('new');
  });

  it('names what is nowhere', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    rmSync(test.cache.fileOf(idOf('first')));
    expect((await push(test.repository)).failures).toMatchObject([{ path: 'data/a.txt', code: 'OBJECT_NOWHERE' }]);
  });

  it('sends a part of a folder without its manifest', async () => {
    const test = await withFolder();
    const id = await test.track('data', FILES);
    await push(test.repository, { targets: ['data/sub'] });
    expect(existsSync(join(test.store, file('second')))).toBe(true);
    expect(existsSync(join(test.store, file('first')))).toBe(false);
    expect(existsSync(join(test.store, objectPath(id)))).toBe(false);
  });

  it('tells what it would send, and sends nothing, when it is only asked', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    expect(await push(test.repository, { dryRun: true })).toMatchObject({ pushed: 4, sizeBytes: expect.any(Number) as number });
    expect(existsSync(test.store)).toBe(false);
  });

  it('sends what other branches have', async () => {
    const test = await withFolder();
    await test.track('one', 'of the branch');
    test.commit('branch');
    test.git('branch', 'old');
    await test.track('one', 'of now');
    test.commit('now');
    await push(test.repository);
    expect(existsSync(join(test.store, file('of the branch')))).toBe(false);
    await push(test.repository, { allBranches: true });
    expect(existsSync(join(test.store, file('of the branch')))).toBe(true);
  });

  it('keeps what DVC 2 made where DVC 2 looks for it', async () => {
    const test = await withFolder();
    const id = await test.track('data', FILES, 'md5-dos2unix');
    await push(test.repository);
    expect(objectPath(id)).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{30}\.dir$/);
    expect(existsSync(join(test.store, objectPath(id)))).toBe(true);
    expect(existsSync(join(test.store, 'files'))).toBe(false);
    emptyCache(test);
    expect(await fetch(test.repository)).toMatchObject({ fetched: 4, failures: [] });
  });

  it('sends an output of a pipeline, and what it was made from where that is asked for', async () => {
    const test = await withFolder();
    await test.track('raw', 'raw');
    await test.cache.put(idOf('model'), Buffer.from('model'));
    mkdirSync(join(test.root, 'work'));
    writeFileSync(
      join(test.root, 'dvc.yaml'),
      'stages:\n  train:\n    cmd: make\n    wdir: work\n    deps:\n    - ../raw\n    outs:\n    - model\n',
    );
    writeFileSync(
      join(test.root, 'dvc.lock'),
      `schema: '2.0'\nstages:\n  train:\n    cmd: make\n    deps:\n    - path: ../raw\n      hash: md5\n      md5: ${idOf('raw').md5}\n      size: 3\n    outs:\n    - path: model\n      hash: md5\n      md5: ${idOf('model').md5}\n      size: 5\n`,
    );
    expect(await push(test.repository, { targets: ['train'] })).toMatchObject({ pushed: 1, failures: [] });
    expect(existsSync(join(test.store, file('model')))).toBe(true);
    expect(await push(test.repository, { targets: ['work/model'], withDependencies: true })).toMatchObject({ pushed: 1, failures: [] });
    expect(existsSync(join(test.store, file('raw')))).toBe(true);
  });

  it('says of an unknown target what may have been meant', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    await expect(push(test.repository, { targets: ['dta'] })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN', hint: 'Did you mean data?' });
  });
});

describe('A fetch', () => {
  it('brings everything, readable by nobody to write, and nothing the second time', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    await push(test.repository);
    emptyCache(test);
    expect(await fetch(test.repository)).toMatchObject({ fetched: 4, failures: [] });
    const stored = test.cache.fileOf(idOf('second'));
    expect({ text: readFileSync(stored, 'utf8'), mode: statSync(stored).mode & 0o777 }).toEqual({ text: 'second', mode: 0o444 });
    expect(await fetch(test.repository)).toMatchObject({ fetched: 0, failures: [] });
  });

  it.each([1_000, 12 * 1024 * 1024])('keeps nothing of %i bytes that are not what their name says', async (size) => {
    const test = await withFolder();
    const bytes = 'x'.repeat(size);
    await test.track('one', bytes);
    await test.track('two', 'right');
    await push(test.repository);
    writeFileSync(join(test.store, file(bytes)), 'y'.repeat(size));
    emptyCache(test);
    const result = await fetch(test.repository);
    expect(result.failures).toMatchObject([{ path: 'one', code: 'REMOTE_OBJECT_DAMAGED' }]);
    expect(readdirSync(dirname(test.cache.fileOf(idOf(bytes))))).toEqual([]);
    expect(existsSync(test.cache.fileOf(idOf('right')))).toBe(true);
  });

  it('refuses a manifest that names files outside of its folder', async () => {
    const test = await withFolder();
    const bytes = encodeManifest([{ path: '../../evil', md5: md5Of('x') }]);
    const id: ObjectId = manifestId(bytes);
    mkdirSync(dirname(join(test.store, objectPath(id))), { recursive: true });
    writeFileSync(join(test.store, objectPath(id)), bytes);
    writeFileSync(join(test.root, 'data.dvc'), `outs:\n- md5: ${printObjectId(id)}\n  hash: md5\n  path: data\n`);
    expect((await fetch(test.repository)).failures).toMatchObject([{ path: 'data', code: 'MANIFEST_DAMAGED' }]);
  });

  it('goes on where a connection broke, and where an earlier command was stopped', async () => {
    const test = await withWeb();
    const bytes = randomBytes(20 * 1024 * 1024);
    const id = idOf(bytes);
    test.web.files.set(`/base/${objectPath(id)}`, bytes);
    writeFileSync(join(test.root, 'big.dvc'), `outs:\n- md5: ${id.md5}\n  hash: md5\n  path: big\n`);
    // As it would lie there after a kill.
    writeFileSync(await test.cache.temporaryFile(id), bytes.subarray(0, 9 * 1024 * 1024));
    const ranges: (string | undefined)[] = [];
    test.web.onRequest = (request, response) => {
      ranges.push(request.headers.range);
      if (request.headers.range !== `bytes=${9 * 1024 * 1024}-`) return false;
      response.writeHead(206, {
        'content-length': 11 * 1024 * 1024,
        'content-range': `bytes ${9 * 1024 * 1024}-${bytes.length - 1}/${bytes.length}`,
      });
      response.write(bytes.subarray(9 * 1024 * 1024, 12 * 1024 * 1024), () => response.destroy());
      return true;
    };
    expect(await fetch(test.repository)).toMatchObject({ fetched: 1, failures: [] });
    expect(md5Of(readFileSync(test.cache.fileOf(id)))).toBe(id.md5);
    const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));
    expect(starts[1]).toBe(9 * 1024 * 1024);
    expect(starts.at(-1)).toBeGreaterThan(9 * 1024 * 1024);
  });

  it('begins anew where what lies there is of something else', async () => {
    const test = await withWeb();
    const bytes = randomBytes(10 * 1024 * 1024);
    const id = idOf(bytes);
    test.web.files.set(`/base/${objectPath(id)}`, bytes);
    writeFileSync(join(test.root, 'big.dvc'), `outs:\n- md5: ${id.md5}\n  hash: md5\n  path: big\n`);
    writeFileSync(await test.cache.temporaryFile(id), randomBytes(9 * 1024 * 1024));
    expect(await fetch(test.repository)).toMatchObject({ fetched: 1, failures: [] });
    expect(md5Of(readFileSync(test.cache.fileOf(id)))).toBe(id.md5);
  });

  it('brings the files of a folder that are asked for, and no others', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    await push(test.repository);
    emptyCache(test);
    await fetch(test.repository, { targets: ['data/a.txt'] });
    expect(existsSync(test.cache.fileOf(idOf('first')))).toBe(true);
    expect(existsSync(test.cache.fileOf(idOf('second')))).toBe(false);
  });

  it('sends the credentials to the remote, and not to where it redirects to', async () => {
    const test = await withWeb(['auth = custom', 'custom_auth_header = X-Key', 'password = secret']);
    const other = await startWebServer();
    closing.push(() => other.close());
    await test.track('one', 'text');
    await push(test.repository);
    emptyCache(test);
    const seen: Record<string, string | string[] | undefined> = {};
    other.files.set('/elsewhere', Buffer.from('text'));
    other.onRequest = (request) => {
      seen.other = request.headers['x-key'];
      return false;
    };
    test.web.onRequest = (request, response) => {
      seen.own = request.headers['x-key'];
      response.writeHead(302, { location: `${other.url}/elsewhere` }).end();
      return true;
    };
    expect(await fetch(test.repository)).toMatchObject({ fetched: 1, failures: [] });
    expect(seen).toEqual({ own: 'secret', other: undefined });
  });

  it('asks for the password where the remote says so, and says what is missing where there is nobody to ask', async () => {
    const test = await withWeb(['auth = basic', 'user = me', 'ask_password = true']);
    await test.track('one', 'text');
    await expect(push(test.repository)).rejects.toMatchObject({ code: 'REMOTE_CONFIG' });
    const asked: string[] = [];
    const seen = new Set<string | undefined>();
    test.web.onRequest = (request) => {
      seen.add(request.headers.authorization);
      return false;
    };
    const askSecret = (question: string) => {
      asked.push(question);
      return Promise.resolve('word');
    };
    const repository = await openRepositoryAt(test.root, { ...test.repository.surroundings, askSecret });
    expect(await push(repository)).toMatchObject({ pushed: 1 });
    expect([...seen]).toEqual([`Basic ${Buffer.from('me:word').toString('base64')}`]);
    expect(asked).toEqual([`Password of me for ${test.web.url}/base`]);
  });

  it('says that the credentials are wrong, without repeating them', async () => {
    const test = await withWeb(['auth = basic', 'user = me', 'password = very-secret']);
    await test.track('one', 'text');
    test.web.onRequest = (_, response) => {
      response.writeHead(401).end();
      return true;
    };
    const failure = await push(test.repository).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unauthenticated', code: 'REMOTE_CREDENTIALS_REFUSED' });
    expect(JSON.stringify(failure)).not.toContain('very-secret');
  });
});

describe('What differs between cache and remote', () => {
  it('is new, deleted or missing, file by file', async () => {
    const test = await withFolder();
    await test.track('data', FILES);
    await test.track('gone', 'gone');
    await push(test.repository);
    rmSync(join(test.store, file('first')));
    rmSync(test.cache.fileOf(idOf('second')));
    rmSync(join(test.store, file('gone')));
    rmSync(test.cache.fileOf(idOf('gone')));
    expect(await cloudStatus(test.repository)).toEqual({ 'data/a.txt': 'new', 'data/sub/b.txt': 'deleted', gone: 'missing' });
    expect(await notInRemote(test.repository)).toEqual(['data/', 'gone']);
    expect(await notInRemote(test.repository, { isGranular: true })).toEqual(['data/a.txt', 'gone']);
  });
});

describe('An address that is not supported', () => {
  it.each(['ssh://host/path', 'gs://bucket', 'azure://container', 'webdavs://host/dav'])(
    'is named with what to do instead: %s',
    async (url) => {
      const test = await testRepository(url);
      closing.push(() => test.remove());
      await test.track('one', 'text');
      await expect(push(test.repository)).rejects.toMatchObject({ kind: 'unimplemented', code: 'REMOTE_UNSUPPORTED' });
    },
  );
});
