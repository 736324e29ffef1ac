// What every place for files must do, held to a folder, a web server and, where one is told of in the environment, a real S3 server.

import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openHttp } from './http.ts';
import { openFolder } from './local.ts';
import type { Storage } from './storage.ts';
import { openS3 } from './s3.ts';
import { bytesOf, md5Of, sourceOf, startWebServer, temporaryFolder, testClient } from './testing.ts';

const signal = new AbortController().signal;

interface Place {
  open(): Promise<Storage>;
  close(): Promise<void>;
}

async function folderPlace(): Promise<Place> {
  const { folder, remove } = temporaryFolder();
  return { open: async () => openFolder({ folder: `${folder}/not/yet/there` }), close: async () => remove() };
}

async function webPlace(): Promise<Place> {
  const web = await startWebServer();
  return {
    open: async () => openHttp({ url: `${web.url}/base`, client: testClient(web.url), uploadMethod: 'POST' }),
    close: () => web.close(),
  };
}

const S3 = {
  endpoint: process.env.THROUGHLINE_TEST_S3_ENDPOINT ?? '',
  accessKeyId: process.env.THROUGHLINE_TEST_S3_ACCESS_KEY ?? '',
  secretAccessKey: process.env.THROUGHLINE_TEST_S3_SECRET_KEY ?? '',
};

const s3Options = (bucket: string) => ({
  ...S3,
  bucket,
  prefix: 'some/prefix/',
  region: null,
  profile: null,
  sessionToken: null,
  credentialsFile: null,
  configFile: null,
  isAnonymous: false,
  useSsl: true,
  verify: true,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
  writeExtras: {},
  readExtras: {},
});

async function s3Place(): Promise<Place> {
  const bucket = `throughline-${randomBytes(6).toString('hex')}`;
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const admin = new S3Client({ endpoint: S3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: S3 });
  await admin.send(new CreateBucketCommand({ Bucket: bucket }));
  return { open: () => openS3(s3Options(bucket)), close: async () => admin.destroy() };
}

const PLACES: [string, () => Promise<Place>][] = [
  ['A folder', folderPlace],
  ['A web server', webPlace],
  // npm run test:s3 has one.
  ...(S3.endpoint === '' ? [] : [['An S3 bucket', s3Place] as [string, () => Promise<Place>]]),
];

describe.each(PLACES)('%s as a place for files', (_, begin) => {
  let place: Place;
  let storage: Storage;
  beforeAll(async () => {
    place = await begin();
    storage = await place.open();
  });
  afterAll(async () => {
    storage.close();
    await place.close();
  });

  it('says that a file is not there, when it is asked and when it is to be read', async () => {
    expect(await storage.stat('files/md5/aa/none', signal)).toBeNull();
    await expect(storage.read('files/md5/aa/none', { signal })).rejects.toMatchObject({ kind: 'not_found', code: 'REMOTE_FILE_NOT_FOUND' });
  });

  it.each([0, 1, 100_001, 20 * 1024 * 1024])('gives back the %i bytes that it was given', async (size) => {
    const bytes = randomBytes(size);
    await storage.write(`sizes/${size}`, sourceOf(bytes, md5Of(bytes)), signal);
    expect(await storage.stat(`sizes/${size}`, signal)).toMatchObject({ path: `sizes/${size}`, sizeBytes: size });
    const body = await storage.read(`sizes/${size}`, { signal });
    expect({ size: body.sizeBytes, md5: md5Of(await bytesOf(body.chunks)) }).toEqual({ size, md5: md5Of(bytes) });
  });

  it('gives the rest of a file', async () => {
    const bytes = randomBytes(300_000);
    await storage.write('rest', sourceOf(bytes), signal);
    const body = await storage.read('rest', { offsetBytes: 123_456, signal });
    expect(body).toMatchObject({ offsetBytes: 123_456, sizeBytes: 300_000 });
    expect(md5Of(await bytesOf(body.chunks))).toBe(md5Of(bytes.subarray(123_456)));
  });

  it.each([1000, 20 * 1024 * 1024])('keeps nothing of %i bytes whose source fails at its end', async (size) => {
    const source = {
      sizeBytes: size,
      md5: null,
      async *open() {
        yield randomBytes(size - 1);
        throw new RangeError('the source broke');
      },
    };
    await expect(storage.write(`broken/${size}`, source, signal)).rejects.toThrow();
    expect(await storage.stat(`broken/${size}`, signal)).toBeNull();
  });

  it('writes over what is there', async () => {
    await storage.write('again', sourceOf(Buffer.from('first')), signal);
    await storage.write('again', sourceOf(Buffer.from('second')), signal);
    expect((await bytesOf((await storage.read('again', { signal })).chunks)).toString()).toBe('second');
  });

  it('lists what lies below a prefix, and removes it, where it can do so at all', async () => {
    const paths = ['list/a/1', 'list/a/2', 'list/ab', 'list/b/deep/3'];
    for (const path of paths) await storage.write(path, sourceOf(Buffer.from(path)), signal);
    if (storage.list === null || storage.remove === null) {
      expect(storage).toMatchObject({ kind: 'http', list: null, remove: null });
      return;
    }
    const listed = async (prefix: string) => {
      const found: [string, number | null][] = [];
      for await (const file of storage.list?.(prefix, signal) ?? []) found.push([file.path, file.sizeBytes]);
      return found.sort();
    };
    expect(await listed('list/')).toEqual(paths.map((path) => [path, path.length]));
    expect(await listed('list/a/')).toEqual([
      ['list/a/1', 8],
      ['list/a/2', 8],
    ]);
    await storage.remove(['list/a/1', 'list/never/was'], signal);
    expect(await listed('list/a/')).toEqual([['list/a/2', 8]]);
  });

  it('ends at once when the command is stopped', async () => {
    const stopped = AbortSignal.abort();
    await expect(storage.stat('again', stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(storage.write('stopped', sourceOf(Buffer.from('x')), stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await storage.stat('stopped', signal)).toBeNull();
  });
});

describe('A folder as a place for files', () => {
  it('leaves no temporary file behind a write that failed', async () => {
    const { folder, remove } = temporaryFolder();
    const storage = openFolder({ folder });
    const source = { sizeBytes: 9, md5: null, open: () => bytesThenFailure() };
    await expect(storage.write('a/b', source, signal)).rejects.toThrow('broke');
    expect(readdirSync(`${folder}/a`)).toEqual([]);
    remove();
  });

  it('refuses a source that has become shorter than it said', async () => {
    const { folder, remove } = temporaryFolder();
    const storage = openFolder({ folder });
    const source = { ...sourceOf(Buffer.from('short')), sizeBytes: 99 };
    await expect(storage.write('a', source, signal)).rejects.toMatchObject({ kind: 'conflict', code: 'SOURCE_CHANGED' });
    remove();
  });
});

async function* bytesThenFailure(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  throw new RangeError('the source broke');
}

describe.runIf(S3.endpoint !== '')('An S3 bucket as a place for files', () => {
  it('says that a bucket is missing', async () => {
    const storage = await openS3(s3Options('throughline-never-made'));
    await expect(storage.write('a', sourceOf(Buffer.from('x')), signal)).rejects.toMatchObject({
      kind: 'not_found',
      code: 'REMOTE_NOT_FOUND',
    });
  });

  it('says that the credentials are wrong, and repeats neither of them', async () => {
    const storage = await openS3({ ...s3Options('throughline-any'), secretAccessKey: 'a-wrong-secret' });
    const failure = await storage.read('a', { signal }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unauthenticated', code: 'REMOTE_CREDENTIALS_REFUSED' });
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(new RegExp(`a-wrong-secret|${S3.accessKeyId}`));
  });

  it('refuses bytes that are not what their MD5 says', async () => {
    const place = await s3Place();
    const storage = await place.open();
    await expect(storage.write('a', sourceOf(Buffer.from('x'), md5Of('y')), signal)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await storage.stat('a', signal)).toBeNull();
    await place.close();
  });
});
