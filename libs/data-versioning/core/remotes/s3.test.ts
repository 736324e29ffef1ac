// An S3 bucket as a place for files, on the real server that test:s3 names.

import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { openS3 } from './s3.ts';
import { holdToContract } from './storage-contract.ts';
import type { Place } from './storage-contract.ts';
import { md5Of, sourceOf } from './testing.ts';

const { signal } = new AbortController();

const S3 = {
  endpoint: process.env['THROUGHLINE_TEST_S3_ENDPOINT'] ?? '',
  accessKeyId: process.env['THROUGHLINE_TEST_S3_ACCESS_KEY'] ?? '',
  secretAccessKey: process.env['THROUGHLINE_TEST_S3_SECRET_KEY'] ?? '',
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

holdToContract('An S3 bucket', s3Place);

describe('An S3 bucket as a place for files', () => {
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
