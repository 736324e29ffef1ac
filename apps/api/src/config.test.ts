import { DomainError } from '@throughline/kernel';
import { describe, expect, it } from 'vitest';

import { readConfig, readMlflowCredentials } from './config.ts';

function faultOf(env: Record<string, string>): DomainError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('the configuration', () => {
  it('listens on loopback with files in the data folder unless told otherwise', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 4000, isLoopback: true, databaseUrl: null, web: true });
    expect(config.objects).toEqual({ kind: 'filesystem', root: `${config.dataDir}/objects` });
  });

  it('takes an empty variable as an absent one', () => {
    expect(readConfig({ DATABASE_URL: '', THROUGHLINE_PORT: '', THROUGHLINE_S3_ENDPOINT: '' })).toMatchObject({
      port: 4000,
      databaseUrl: null,
    });
  });

  it('reports every wrong value at once', () => {
    const { message } = faultOf({ THROUGHLINE_PORT: '70000', DATABASE_URL: 'mysql://x', THROUGHLINE_WEB: 'maybe' });
    for (const name of ['THROUGHLINE_PORT', 'DATABASE_URL', 'THROUGHLINE_WEB']) expect(message).toContain(name);
  });

  it('says what would be right', () => {
    const { message } = faultOf({ THROUGHLINE_PORT: 'x', THROUGHLINE_DATABASE_CONNECTIONS: '1.5', THROUGHLINE_WEB: 'maybe' });
    expect(message.split('\n').slice(1)).toEqual([
      '  THROUGHLINE_PORT must be a whole number from 0 to 65535',
      '  THROUGHLINE_DATABASE_CONNECTIONS must be a whole number from 2 to 200',
      '  THROUGHLINE_WEB must be 0 or 1',
    ]);
  });

  it('gives searches a part of the memory unless told otherwise, and none where told so', () => {
    const { searchMemoryBytes } = readConfig({ THROUGHLINE_SEARCH_MEMORY_MB: '' });
    expect(searchMemoryBytes).toBeGreaterThan(0);
    expect(searchMemoryBytes).toBeLessThanOrEqual(512 * 2 ** 20);
    expect(readConfig({ THROUGHLINE_SEARCH_MEMORY_MB: '2000' }).searchMemoryBytes).toBe(2_000 * 2 ** 20);
    expect(readConfig({ THROUGHLINE_SEARCH_MEMORY_MB: '0' }).searchMemoryBytes).toBe(0);
    expect(faultOf({ THROUGHLINE_SEARCH_MEMORY_MB: '-1' }).message).toContain('THROUGHLINE_SEARCH_MEMORY_MB must be a whole number');
  });

  it('takes a key of 32 bytes for secrets, and repeats none that is wrong', () => {
    expect(readConfig({})).toMatchObject({ secretKey: null, webhookAllowPrivate: false });
    const key = Buffer.alloc(32, 7);
    expect(readConfig({ THROUGHLINE_SECRET_KEY: key.toString('base64') }).secretKey).toEqual(key);
    for (const wrong of ['hunter2secret', Buffer.alloc(31, 7).toString('base64'), key.toString('hex')]) {
      const { message } = faultOf({ THROUGHLINE_SECRET_KEY: wrong });
      expect(message).toContain('THROUGHLINE_SECRET_KEY must be 32 bytes in base64');
      expect(message).not.toContain(wrong);
    }
  });

  it('names what is missing beside an S3 endpoint', () => {
    const { message } = faultOf({ THROUGHLINE_S3_ENDPOINT: 'http://127.0.0.1:9000', THROUGHLINE_S3_BUCKET: 'b-1' });
    expect(message).toContain('THROUGHLINE_S3_ACCESS_KEY');
    expect(message).toContain('THROUGHLINE_S3_SECRET_KEY');
    expect(message).not.toContain('THROUGHLINE_S3_BUCKET');
  });

  it('says that S3 settings without an endpoint mean nothing', () => {
    expect(faultOf({ THROUGHLINE_S3_BUCKET: 'b-1' }).message).toContain(
      'THROUGHLINE_S3_BUCKET means nothing without THROUGHLINE_S3_ENDPOINT',
    );
  });

  it('takes for the address of clients nothing but a scheme, a host and a port', () => {
    const s3 = {
      THROUGHLINE_S3_ENDPOINT: 'http://minio:9000',
      THROUGHLINE_S3_BUCKET: 'b-1',
      THROUGHLINE_S3_ACCESS_KEY: 'key',
      THROUGHLINE_S3_SECRET_KEY: 'secret',
    };
    expect(readConfig(s3).objects).toMatchObject({ publicEndpoint: undefined });
    const publicEndpoint = 'https://objects.example.org:9443';
    expect(readConfig({ ...s3, THROUGHLINE_S3_PUBLIC_ENDPOINT: publicEndpoint }).objects).toMatchObject({ publicEndpoint });
    for (const wrong of ['objects.example.org', 'ftp://x', 'https://x/minio', 'https://x/?a=b', 'https://user:hunter2secret@x']) {
      const { message } = faultOf({ ...s3, THROUGHLINE_S3_PUBLIC_ENDPOINT: wrong });
      expect(message).toContain('THROUGHLINE_S3_PUBLIC_ENDPOINT must be an http or https address');
      expect(message).not.toContain('hunter2secret');
    }
    expect(faultOf({ THROUGHLINE_S3_PUBLIC_ENDPOINT: publicEndpoint }).message).toContain('means nothing without THROUGHLINE_S3_ENDPOINT');
  });

  it('lets nobody but loopback empty the server', () => {
    expect(readConfig({}).testReset).toBe(false);
    expect(readConfig({ THROUGHLINE_TEST_RESET: '1' }).testReset).toBe(true);
    expect(faultOf({ THROUGHLINE_TEST_RESET: '1', THROUGHLINE_HOST: '0.0.0.0' }).message).toContain('THROUGHLINE_HOST must be loopback');
  });

  it('never repeats a secret', () => {
    const { message } = faultOf({
      THROUGHLINE_PORT: 'x',
      THROUGHLINE_S3_SECRET_KEY: 'hunter2secret',
      THROUGHLINE_S3_ENDPOINT: 'nowhere',
      DATABASE_URL: 'bad://user:hunter2secret@x',
    });
    expect(message).not.toContain('hunter2secret');
  });

  it.each(['localhost', '127.0.0.1', '127.8.9.1', '::1'])('knows %s as loopback', (host) => {
    expect(readConfig({ THROUGHLINE_HOST: host }).isLoopback).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'example.com', '127.example.com'])('does not take %s for loopback', (host) => {
    expect(readConfig({ THROUGHLINE_HOST: host }).isLoopback).toBe(false);
  });
});

describe('the credentials for another MLflow server', () => {
  it('are those of its client, and an empty one is none', () => {
    const env = { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'secret', MLFLOW_TRACKING_TOKEN: '' };
    expect(readMlflowCredentials(env)).toEqual({ username: 'ada', password: 'secret', token: undefined });
  });
});
