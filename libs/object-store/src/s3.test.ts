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

const shared = options({ prefix: 'team/throughline' });
describeObjectStoreContract('The S3 store below a prefix', async () => ({ kind: 's3', options: shared }));

describe('The S3 store', () => {
  it('says where it is, and no secret', async () => {
    const given = options({ prefix: 'here' });
    const words = (await createS3ObjectStore(given)).describe();
    expect(words).toBe(`the bucket ${given.bucket} at ${given.endpoint}, below here/`);
    expect(words).not.toContain(given.secretKey);
  });

  it('hands out a URL that gives the object to anyone, under the name that was asked for', async () => {
    const store = await createS3ObjectStore(options());
    await store.put('reports/a.csv', text('a,b\n'));
    const url = await store.presign('reports/a.csv', { method: 'GET', expiresSeconds: 60, filename: 'Bericht "für" 2026.csv' });
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
