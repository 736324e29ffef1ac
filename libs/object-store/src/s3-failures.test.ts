// What the S3 store makes of a network that fails. Method: servers of our own that answer just enough S3 and then misbehave; what a
// well-behaved server does is the contract's matter (s3.test.ts).

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createS3ObjectStore } from './s3.ts';
import type { S3ObjectStoreOptions } from './s3.ts';

const SECRET = 'a-very-secret-key';
const EMPTY_LIST = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts a server that has the bucket; everything about objects is the handler's to answer. */
async function serve(onObject: Handler): Promise<string> {
  return await serveRaw((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    if (url.pathname !== '/bucket') onObject(request, response);
    else response.end(url.searchParams.has('list-type') ? EMPTY_LIST : '');
  });
}

async function serveRaw(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => handler(request, response));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const open = (endpoint: string, more: Partial<S3ObjectStoreOptions> = {}) =>
  createS3ObjectStore({ endpoint, bucket: 'bucket', accessKey: 'access', secretKey: SECRET, region: 'us-east-1', ...more });

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

async function* text(content: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(content);
}

const UNAVAILABLE = { kind: 'unavailable', code: 'OBJECT_STORE_UNAVAILABLE' };

describe('The S3 store at its start', () => {
  it('refuses an endpoint that is no plain origin, without repeating what may stand in it', async () => {
    for (const endpoint of ['', 'minio:9000', 'ftp://host', 'http://host/path', 'http://host?x=1', `http://user:${SECRET}@host`]) {
      const failure = await open(endpoint).catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: 'invalid', code: 'INVALID_S3_ENDPOINT' });
      expect(String(failure)).not.toContain(SECRET);
    }
  });

  it('refuses a name that no bucket can have', async () => {
    for (const bucket of ['', 'ab', 'Upper', 'a..b', '192.168.0.1', '../x', 'a'.repeat(64)]) {
      await expect(open('http://127.0.0.1:1', { bucket })).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_S3_BUCKET' });
    }
  });

  it('names the endpoint and not the secret where nobody answers', async () => {
    const endpoint = await serve(() => undefined);
    for (const close of closing.splice(0)) close();
    const failure = await open(endpoint).catch((error: unknown) => error);
    expect(failure).toMatchObject(UNAVAILABLE);
    expect(String(failure)).toContain(endpoint);
    expect(String(failure)).toContain('ECONNREFUSED');
    expect(String(failure)).not.toContain(SECRET);
  });

  it('gives up on a server that takes the connection and never answers', async () => {
    const endpoint = await serveRaw(() => undefined);
    await expect(open(endpoint, { idleTimeoutMs: 50 })).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('no answer within 0.05 s') as string,
    });
  });

  it('says that a bucket is missing and may not be made', async () => {
    const endpoint = await serveRaw((request, response) => {
      if (request.method === 'HEAD') response.writeHead(404).end();
      else refuse(response, 403, 'AccessDenied');
    });
    await expect(open(endpoint)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('has no bucket bucket') as string,
    });
  });

  it('notices a web server that is no S3', async () => {
    const endpoint = await serveRaw((_, response) => response.end('<!doctype html><p>Welcome</p>'));
    await expect(open(endpoint)).rejects.toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining('cannot be listed') as string });
  });
});

describe('The S3 store, when its server fails', () => {
  it('tries again where the server says that it is busy', async () => {
    let requests = 0;
    const store = await open(
      await serve((_, response) => {
        requests += 1;
        if (requests < 3) refuse(response, 503, 'SlowDown');
        else response.setHeader('etag', '"e"').end();
      }),
    );
    expect(await store.put('a', text('x'))).toEqual({ sizeBytes: 1 });
    expect(requests).toBe(3);
  });

  it('says that it is unavailable where the server stays busy, and names no host', async () => {
    const endpoint = await serve((_, response) => refuse(response, 500, 'InternalError'));
    const store = await open(endpoint);
    const failure = await store.put('a', text('x')).catch((error: unknown) => error);
    expect(failure).toMatchObject(UNAVAILABLE);
    expect(String(failure)).not.toContain('127.0.0.1');
  });

  it('says that it is full where the server is', async () => {
    const store = await open(await serve((_, response) => refuse(response, 507, 'XMinioStorageFull')));
    await expect(store.put('a', text('x'))).rejects.toMatchObject({ kind: 'exhausted', code: 'OBJECT_STORE_FULL' });
  });

  it('fails a download whose connection is cut, rather than ending it early', async () => {
    const store = await open(
      await serve((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('only some', () => response.destroy());
      }),
    );
    const { body, sizeBytes } = await store.get('a');
    expect(sizeBytes).toBe(100);
    await expect(body.toArray()).rejects.toMatchObject(UNAVAILABLE);
  });

  it('fails a download on which the server falls silent', async () => {
    const store = await open(
      await serve((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('only some');
      }),
      { idleTimeoutMs: 50 },
    );
    const { body } = await store.get('a');
    await expect(body.toArray()).rejects.toMatchObject(UNAVAILABLE);
  });

  it('does not take a bucket that is gone for an object that is not there', async () => {
    let gone = false;
    const store = await open(
      await serveRaw((request, response) => {
        if (gone) response.writeHead(404).end();
        else response.end(request.url?.includes('list-type') === true ? EMPTY_LIST : '');
      }),
    );
    gone = true;
    await expect(store.head('a')).rejects.toMatchObject(UNAVAILABLE);
  });

  it('tells of open uploads page by page, and of none that the client cannot name exactly', async () => {
    const upload = (key: string, id: string) =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>2026-01-02T03:04:05.000Z</Initiated></Upload>`;
    const pages = new Map([
      ['', `<IsTruncated>true</IsTruncated><NextKeyMarker>blobs/b</NextKeyMarker>${upload('blobs/a', 'x-1')}${upload('blobs/b', '007')}`],
      ['blobs/b', `<IsTruncated>false</IsTruncated>${upload('blobs/c', 'x-2')}`],
    ]);
    const store = await open(
      await serveRaw((request, response) => {
        const { searchParams } = new URL(request.url ?? '/', 'http://server');
        if (!searchParams.has('uploads')) response.end(searchParams.has('list-type') ? EMPTY_LIST : '');
        else
          response.end(`<ListMultipartUploadsResult>${pages.get(searchParams.get('key-marker') ?? '') ?? ''}</ListMultipartUploadsResult>`);
      }),
    );
    const found: unknown[] = [];
    for await (const one of store.listMultiparts('blobs/')) found.push(one);
    const startedAt = new Date('2026-01-02T03:04:05.000Z');
    expect(found).toEqual([
      { key: 'blobs/a', uploadId: 'x-1', startedAt },
      { key: 'blobs/c', uploadId: 'x-2', startedAt },
    ]);
  });

  it('tells of no open uploads where the server cannot list them, and fails where it may not', async () => {
    let code = 'NotImplemented';
    const store = await open(
      await serveRaw((request, response) => {
        const { searchParams } = new URL(request.url ?? '/', 'http://server');
        if (searchParams.has('uploads')) refuse(response, code === 'NotImplemented' ? 501 : 403, code);
        else response.end(searchParams.has('list-type') ? EMPTY_LIST : '');
      }),
    );
    const first = () => store.listMultiparts('blobs/')[Symbol.asyncIterator]().next();
    expect(await first()).toMatchObject({ done: true });
    code = 'AccessDenied';
    await expect(first()).rejects.toMatchObject(UNAVAILABLE);
  });

  it('forgets the parts of a put that fails in its middle', async () => {
    const seen: string[] = [];
    const store = await open(
      await serve((request, response) => {
        const url = new URL(request.url ?? '/', 'http://server');
        seen.push(`${request.method} ${url.searchParams.get('uploadId') ?? ''}`.trim());
        if (request.method === 'POST')
          response.end('<InitiateMultipartUploadResult><UploadId>the-id</UploadId></InitiateMultipartUploadResult>');
        else if (request.method === 'DELETE') response.writeHead(204).end();
        else refuse(response, 403, 'AccessDenied');
      }),
    );
    async function* large(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let chunk = 0; chunk < 10; chunk += 1) yield Buffer.alloc(1024 * 1024);
    }
    await expect(store.put('a', large())).rejects.toMatchObject(UNAVAILABLE);
    expect(seen).toEqual(['POST', 'PUT the-id', 'DELETE the-id']);
  });
});
