import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { describeObjectStoreContract } from './contract.ts';
import { createS3ObjectStore } from './s3.ts';
import type { S3ObjectStoreOptions } from './s3.ts';

function setting(name: string): string {
  const value = process.env[`THROUGHLINE_TEST_S3_${name}`];
  if (value !== undefined && value !== '') return value;
  throw new Error(`THROUGHLINE_TEST_S3_${name} is not set: run this suite through scripts/s3-server.mjs --run.`);
}

/** A bucket of its own for each, made by the store. */
function options(more: Partial<S3ObjectStoreOptions> = {}): S3ObjectStoreOptions {
  return {
    endpoint: setting('ENDPOINT'),
    accessKey: setting('ACCESS_KEY'),
    secretKey: setting('SECRET_KEY'),
    bucket: `throughline-${randomBytes(6).toString('hex')}`,
    ...more,
  };
}

async function* text(content: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(content);
}

async function keys(objects: AsyncIterable<{ key: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of objects) found.push(key);
  return found;
}

const whole = options();
describeObjectStoreContract('The S3 store', async () => ({ kind: 's3', options: whole }));

const shared = options({ prefix: 'team/throughline', publicEndpoint: setting('ENDPOINT') });
describeObjectStoreContract('The S3 store below a prefix', async () => ({ kind: 's3', options: shared }));

describe('The S3 store', () => {
  it('says where it is, and no secret', async () => {
    const given = options({ prefix: 'here' });
    const words = (await createS3ObjectStore(given)).describe();
    expect(words).toBe(`the bucket ${given.bucket} at ${given.endpoint}, below here/`);
    expect(words).not.toContain(given.secretKey);
  });

  it('presigns nothing where it is not told how clients reach it', async () => {
    const store = await createS3ObjectStore(options());
    expect(store.presigns).toBe(false);
    expect(await store.presign('a', { expiresSeconds: 60 })).toBeNull();
  });

  it('signs for the name by which clients reach it, and asks nothing under that name', async () => {
    const store = await createS3ObjectStore(options({ publicEndpoint: 'https://objects.example.org', prefix: 'p' }));
    const address = new URL((await store.presign('a/b', { expiresSeconds: 60 })) ?? '');
    expect(address.origin).toBe('https://objects.example.org');
    expect(address.pathname).toMatch(/\/p\/a\/b$/);
    expect(address.searchParams.get('X-Amz-Expires')).toBe('60');
  });

  it('has bytes saved and never shown, whatever they are', async () => {
    const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
    await store.put('page.html', text('<script>alert(1)</script>'));
    const answer = await fetch((await store.presign('page.html', { expiresSeconds: 60 })) ?? '', { headers: { range: 'bytes=1-6' } });
    expect(answer.status).toBe(206);
    expect(await answer.text()).toBe('script');
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-disposition')).toBe('attachment');
  });

  it('lets nobody turn an address into one for another object, or into a write', async () => {
    const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
    await store.put('mine', text('mine'));
    await store.put('other', text('other'));
    const address = (await store.presign('mine', { expiresSeconds: 60 })) ?? '';
    expect((await fetch(address.replace('/mine?', '/other?'))).status).toBe(403);
    expect((await fetch(address.replace('octet-stream', 'html'))).status).toBe(403);
    expect((await fetch(address, { method: 'PUT', body: 'changed' })).status).toBe(403);
  });

  describe('with addresses for the parts of an upload', () => {
    const put = async (address: string | null, body: string | Uint8Array<ArrayBuffer>) => {
      const answer = await fetch(address ?? '', { method: 'PUT', body });
      return { status: answer.status, etag: answer.headers.get('etag')?.replaceAll('"', '') ?? '' };
    };

    it('joins the parts that came straight from a client', async () => {
      const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
      const { uploadId } = await store.createMultipart('x');
      const first = new Uint8Array(store.minPartBytes).fill(7);
      const one = await put(await store.presignPart('x', { uploadId, partNumber: 1, expiresSeconds: 60 }), first);
      const two = await put(await store.presignPart('x', { uploadId, partNumber: 2, expiresSeconds: 60 }), 'end');
      const parts = [
        { partNumber: 1, etag: one.etag },
        { partNumber: 2, etag: two.etag },
      ];
      expect(await store.completeMultipart('x', uploadId, parts)).toEqual({ sizeBytes: store.minPartBytes + 3 });
    });

    it('refuses to join a part that somebody replaced behind the back of who names it', async () => {
      const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
      const { uploadId } = await store.createMultipart('x');
      const address = await store.presignPart('x', { uploadId, partNumber: 1, expiresSeconds: 60 });
      const { etag } = await put(address, 'what the owner sent');
      await put(address, 'what somebody else sent');
      const refusal = { kind: 'invalid', code: 'INVALID_OBJECT_PART' };
      await expect(store.completeMultipart('x', uploadId, [{ partNumber: 1, etag }])).rejects.toMatchObject(refusal);
      await store.abortMultipart('x', uploadId);
    });

    it('takes nothing at an address once its upload was completed or aborted, and the object stays as it is', async () => {
      const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
      const { uploadId } = await store.createMultipart('x');
      const address = await store.presignPart('x', { uploadId, partNumber: 1, expiresSeconds: 60 });
      const { etag } = await put(address, 'first');
      await store.completeMultipart('x', uploadId, [{ partNumber: 1, etag }]);
      expect((await put(address, 'later')).status).toBe(404);
      const { body } = await store.get('x');
      expect(await body.setEncoding('utf8').reduce((text: string, chunk: string) => text + chunk, '')).toBe('first');
      const other = await store.createMultipart('y');
      const dead = await store.presignPart('y', { uploadId: other.uploadId, partNumber: 1, expiresSeconds: 60 });
      await store.abortMultipart('y', other.uploadId);
      expect((await put(dead, 'late')).status).toBe(404);
      expect(await store.head('y')).toBeNull();
    });

    it('takes at an address neither another part nor another upload', async () => {
      const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
      const [mine, other] = [await store.createMultipart('x'), await store.createMultipart('x')];
      const address = (await store.presignPart('x', { uploadId: mine.uploadId, partNumber: 1, expiresSeconds: 60 })) ?? '';
      const turned = new URL(address);
      turned.searchParams.set('partNumber', '2');
      expect((await put(turned.href, 'x')).status).toBe(403);
      turned.searchParams.set('partNumber', '1');
      turned.searchParams.set('uploadId', other.uploadId);
      expect((await put(turned.href, 'x')).status).toBe(403);
      turned.search = '';
      expect((await put(turned.href, 'x')).status).toBe(403);
      for (const { uploadId } of [mine, other]) await store.abortMultipart('x', uploadId);
    });
  });

  it('hands out a URL that gives the object to anyone, under the name that was asked for', async () => {
    const store = await createS3ObjectStore(options({ publicEndpoint: setting('ENDPOINT') }));
    await store.put('reports/a.csv', text('a,b\n'));
    const url = await store.presign('reports/a.csv', { expiresSeconds: 60, filename: 'Bericht "für" 2026.csv' });
    const answer = await fetch(url ?? '');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('a,b\n');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Bericht _f_r_ 2026.csv"; filename*=UTF-8''Bericht%20%22f%C3%BCr%22%202026.csv`,
    );
  });

  it('keeps two prefixes of one bucket apart', async () => {
    const given = options();
    const [a, b] = [await createS3ObjectStore({ ...given, prefix: 'a' }), await createS3ObjectStore({ ...given, prefix: 'a/b/' })];
    await a.put('x', text('of a'));
    await b.put('y', text('of b'));
    expect(await keys(b.list(''))).toEqual(['y']);
    expect(await a.head('y')).toBeNull();
    expect(await b.head('x')).toBeNull();
  });

  it('opens a bucket that exists as well as one that it has to make', async () => {
    const given = options();
    await (await createS3ObjectStore(given)).put('x', text('x'));
    expect((await (await createS3ObjectStore(given)).head('x'))?.sizeBytes).toBe(1);
  });

  it('starts in two processes at once, each making the bucket', async () => {
    const given = options();
    const stores = await Promise.all([createS3ObjectStore(given), createS3ObjectStore(given), createS3ObjectStore(given)]);
    expect(stores).toHaveLength(3);
  });

  it('says at its start that the credentials are refused: the endpoint and the bucket, never the secret', async () => {
    const given = options({ secretKey: 'a-secret-that-is-wrong' });
    const failure = await createS3ObjectStore(given).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'OBJECT_STORE_UNAVAILABLE' });
    expect(String(failure)).toContain(given.endpoint);
    expect(String(failure)).toContain(given.bucket);
    expect(String(failure)).not.toContain(given.secretKey);
  });

  it('refuses parts that are too small to be joined, and keeps the upload', async () => {
    const store = await createS3ObjectStore(options());
    const { uploadId } = await store.createMultipart('x');
    const parts = [await store.putPart('x', uploadId, 1, text('small'), 5), await store.putPart('x', uploadId, 2, text('last'), 4)];
    await expect(store.completeMultipart('x', uploadId, parts)).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_OBJECT_PART' });
    expect(await store.listParts('x', uploadId)).toEqual(parts);
    await store.abortMultipart('x', uploadId);
  });
});
