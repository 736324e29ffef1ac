// Imports that follow the versions of a bucket, against a real server. The files that the released dvc writes of the same are compared by the interop suites.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { testRepository } from '../remotes/testing.ts';
import type { TestRepository } from '../remotes/testing.ts';
import { newBucket } from '../testing/bucket.ts';
import type { Bucket } from '../testing/bucket.ts';
import { importUrl } from './import-url.ts';
import { pull } from './pull.ts';
import { status } from './status.ts';
import { update } from './update.ts';

const SERVER = {
  endpoint: process.env['THROUGHLINE_TEST_S3_ENDPOINT'] ?? '',
  accessKeyId: process.env['THROUGHLINE_TEST_S3_ACCESS_KEY'] ?? '',
  secretAccessKey: process.env['THROUGHLINE_TEST_S3_SECRET_KEY'] ?? '',
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A bucket that keeps versions, with a file and a folder in it, and a repository that knows it as the remote `store`. */
async function placed(): Promise<{ bucket: Bucket; own: TestRepository }> {
  const bucket = await newBucket(SERVER);
  const own = await testRepository(`s3://${bucket.name}`, bucket.options);
  closing.push(
    () => bucket.close(),
    () => own.remove(),
  );
  await bucket.put('one.txt', 'first');
  await bucket.put('folder/a.txt', 'a');
  await bucket.put('folder/sub/b.txt', 'b');
  return { bucket, own };
}

/** As a fresh clone is: what is tracked is in neither the workspace nor the cache. */
function forget(own: TestRepository, ...paths: string[]): void {
  for (const path of ['.dvc/cache', ...paths]) rmSync(join(own.root, path), { recursive: true, force: true });
}

const read = (own: TestRepository, path: string): string => readFileSync(join(own.root, path), 'utf8');

describe('An import that follows versions', () => {
  it('is taken again as it was, whatever the bucket has under its names now', async () => {
    const { bucket, own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    await importUrl(await own.reopen(), { url: 'remote://store/folder', versionAware: true });
    await bucket.put('one.txt', 'second');
    await bucket.put('folder/a.txt', 'other');
    await bucket.remove('folder/sub/b.txt');
    forget(own, 'one.txt', 'folder');
    expect((await pull(await own.reopen())).fetch).toMatchObject({ fetched: 3, failures: [] });
    expect([read(own, 'one.txt'), read(own, 'folder/a.txt'), read(own, 'folder/sub/b.txt')]).toEqual(['first', 'a', 'b']);
  });

  it('is not pushed', async () => {
    const { own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    expect(read(own, 'one.txt.dvc')).toMatch(/^ {2}push: false$/m);
  });

  it('says when the bucket has newer versions, and takes them, or an older one', async () => {
    const { bucket, own } = await placed();
    const [first] = (await bucket.versions()).filter((one) => one.startsWith('one.txt '));
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    await importUrl(await own.reopen(), { url: 'remote://store/folder', versionAware: true });
    expect(await status(await own.reopen())).toEqual({});
    await bucket.put('one.txt', 'second');
    await bucket.put('folder/c.txt', 'c');
    expect(await status(await own.reopen())).toEqual({
      'folder.dvc': [{ 'changed deps': { 'remote://store/folder': 'modified' } }],
      'one.txt.dvc': [{ 'changed deps': { 'remote://store/one.txt': 'update available' } }],
    });
    await update(await own.reopen(), { targets: ['one.txt.dvc', 'folder.dvc'] });
    expect([read(own, 'one.txt'), read(own, 'folder/c.txt')]).toEqual(['second', 'c']);
    expect(await status(await own.reopen())).toEqual({});
    await update(await own.reopen(), { targets: ['one.txt.dvc'], rev: first?.split(' ')[1] ?? '' });
    expect(read(own, 'one.txt')).toBe('first');
  });

  it('says when its source was removed', async () => {
    const { bucket, own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    await bucket.remove('one.txt');
    expect(await status(await own.reopen())).toEqual({ 'one.txt.dvc': [{ 'changed deps': { 'remote://store/one.txt': 'deleted' } }] });
  });

  it('is noted without being downloaded, and taken by an update', async () => {
    const { own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/folder', versionAware: true, noDownload: true });
    expect(existsSync(join(own.root, 'folder'))).toBe(false);
    await update(await own.reopen(), { targets: ['folder.dvc'] });
    expect(read(own, 'folder/sub/b.txt')).toBe('b');
  });

  it('whose version is gone says so, and keeps nothing else in its place', async () => {
    const { bucket, own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    const [first] = (await bucket.versions()).filter((one) => one.startsWith('one.txt '));
    await bucket.put('one.txt', 'second');
    await bucket.remove('one.txt', first?.split(' ')[1] ?? '');
    forget(own, 'one.txt');
    expect((await pull(await own.reopen())).fetch.failures).toMatchObject([{ path: 'one.txt', code: 'REMOTE_FILE_NOT_FOUND' }]);
    expect(existsSync(join(own.root, 'one.txt'))).toBe(false);
  });

  it.each([
    ['md5: 8b04d5e3775d298e78455efc5ca404d5', 'md5: 00000000000000000000000000000000'],
    ['etag: 8b04d5e3775d298e78455efc5ca404d5', 'etag: 00000000000000000000000000000000'],
  ])('is held to what is recorded of it: %s', async (recorded, other) => {
    const { own } = await placed();
    await importUrl(await own.reopen(), { url: 'remote://store/one.txt', versionAware: true });
    const file = join(own.root, 'one.txt.dvc');
    writeFileSync(file, readFileSync(file, 'utf8').replace(recorded, other));
    forget(own, 'one.txt');
    expect((await pull(await own.reopen())).fetch.failures).toMatchObject([{ path: 'one.txt', code: 'IMPORT_CHANGED' }]);
    expect(existsSync(join(own.root, 'one.txt'))).toBe(false);
  });
});
