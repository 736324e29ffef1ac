// S3 and what speaks like it (MinIO) as a place for files. Small files go in one request, whose MD5 the server checks; large ones in parts, which become
// visible together and only when all are there.

import { cutShort, fileNotFound } from './failures.ts';
import { attempt, throwIfAborted } from './retry.ts';
import { connect, isNotFound, isNoVersion, plainEtag, s3Failure } from './s3-client.ts';
import type { Place, S3Options } from './s3-client.ts';
import { areVersionsKept, listNewest } from './s3-versions.ts';
import { LARGE_BYTES } from './storage.ts';
import type { Storage, StoredFile, WriteSource } from './storage.ts';

const JOBS = 32;
const PART_BYTES = 8 * 1024 * 1024;
/** S3 takes 10,000 parts. */
const MAX_PARTS = 10_000;
const PARTS_AT_A_TIME = 4;
const REMOVE_BATCH = 1000;

export async function openS3(options: S3Options): Promise<Storage> {
  const { client, sdk } = await connect(options);
  const { bucket, prefix } = options;
  const url = `s3://${bucket}/${prefix}`.replace(/\/$/, '');
  const keyOf = (path: string) => (path === '' ? prefix.replace(/\/$/, '') : `${prefix}${path}`);
  const locationOf = (path: string) => `s3://${bucket}/${keyOf(path)}`;
  const place: Place = { client, sdk, options, url, keyOf, locationOf };
  return {
    kind: 's3',
    url,
    jobs: JOBS,
    stat: (path, signal) => stat(place, path, null, signal),
    async read(path, { offsetBytes = 0, version, signal }) {
      throwIfAborted(signal);
      try {
        const range = offsetBytes > 0 ? { Range: `bytes=${offsetBytes}-` } : {};
        const command = { Bucket: bucket, Key: keyOf(path), ...range, ...versionOf(version), ...options.readExtras };
        const answer = await client.send(new sdk.GetObjectCommand(command), { abortSignal: signal });
        const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
        const start = /^bytes (\d+)-/.exec(answer.ContentRange ?? '')?.[1];
        return {
          chunks: chunksOf(answer.Body as AsyncIterable<Uint8Array> | undefined, place),
          sizeBytes: total === undefined ? (answer.ContentLength ?? null) : Number(total),
          offsetBytes: start === undefined ? 0 : Number(start),
          ...(answer.ETag === undefined ? {} : { etag: plainEtag(answer.ETag) }),
        };
      } catch (error) {
        throwIfAborted(signal);
        if (isNotFound(error) || (version !== undefined && isNoVersion(error))) throw fileNotFound(withVersion(locationOf(path), version));
        throw s3Failure(error, url, `reading ${locationOf(path)}`);
      }
    },
    async write(path, source, signal) {
      await write(place, path, source, signal);
    },
    small: null,
    list: (start, signal) => list(place, start, signal),
    async remove(paths, signal) {
      for (let at = 0; at < paths.length; at += REMOVE_BATCH) {
        const keys = paths.slice(at, at + REMOVE_BATCH).map((path) => ({ Key: keyOf(path) }));
        await attempt(() => removeBatch(place, keys, signal), { signal });
      }
    },
    versions: {
      areKept: (signal) => areVersionsKept(place, signal),
      list: (start, signal) => listNewest(place, start, signal),
      stat: (path, version, signal) => stat(place, path, version, signal),
      write: (path, source, signal) => write(place, path, source, signal),
    },
    async flush() {
      return;
    },
    locationOf,
    close: () => client.destroy(),
  };
}

function versionOf(version: string | null | undefined): { VersionId?: string } {
  return version === null || version === undefined ? {} : { VersionId: version };
}

function withVersion(location: string, version: string | undefined): string {
  return version === undefined ? location : `${location} of the version ${JSON.stringify(version)}`;
}

/** What S3 tells of a file, whatever it was asked. */
function storedFile(
  path: string,
  sizeBytes: number | undefined,
  { ETag, VersionId }: { ETag?: string | undefined; VersionId?: string | undefined },
): StoredFile {
  return {
    path,
    sizeBytes: sizeBytes ?? null,
    ...(ETag === undefined ? {} : { etag: plainEtag(ETag) }),
    ...(VersionId === undefined ? {} : { version: VersionId }),
  };
}

async function stat(
  { client, sdk, options, url, keyOf, locationOf }: Place,
  path: string,
  version: string | null,
  signal: AbortSignal,
): Promise<StoredFile | null> {
  return await attempt(
    async () => {
      try {
        const command = { Bucket: options.bucket, Key: keyOf(path), ...versionOf(version), ...options.readExtras };
        const found = await client.send(new sdk.HeadObjectCommand(command), { abortSignal: signal });
        return storedFile(path, found.ContentLength, found);
      } catch (error) {
        throwIfAborted(signal);
        if (isNotFound(error) || (version !== null && isNoVersion(error))) return null;
        throw s3Failure(error, url, `reading ${locationOf(path)}`);
      }
    },
    { signal },
  );
}

async function* chunksOf(body: AsyncIterable<Uint8Array> | undefined, place: Place): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  try {
    yield* body;
  } catch (error) {
    throw s3Failure(error, place.url, 'reading');
  }
}

async function* list({ client, sdk, options, url }: Place, start: string, signal: AbortSignal): AsyncGenerator<StoredFile> {
  let token: string | undefined;
  do {
    const page = await attempt(
      async () => {
        try {
          const command = new sdk.ListObjectsV2Command({
            Bucket: options.bucket,
            Prefix: `${options.prefix}${start}`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          });
          return await client.send(command, { abortSignal: signal });
        } catch (error) {
          throwIfAborted(signal);
          throw s3Failure(error, url, 'listing');
        }
      },
      { signal },
    );
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      // A key that ends with "/" stands for a folder in some tools, and holds nothing.
      if (Key === undefined || Key.endsWith('/')) continue;
      yield { path: Key.slice(options.prefix.length), sizeBytes: Size ?? null, ...(ETag === undefined ? {} : { etag: plainEtag(ETag) }) };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function removeBatch({ client, sdk, options, url }: Place, keys: { Key: string }[], signal: AbortSignal): Promise<void> {
  try {
    const answer = await client.send(new sdk.DeleteObjectsCommand({ Bucket: options.bucket, Delete: { Objects: keys, Quiet: true } }), {
      abortSignal: signal,
    });
    const failed = answer.Errors?.[0];
    if (failed !== undefined) throw s3Failure(Object.assign(new Error('not removed'), { name: failed.Code ?? 'Unknown' }), url, 'removing');
  } catch (error) {
    throwIfAborted(signal);
    throw s3Failure(error, url, 'removing');
  }
}

async function write(place: Place, path: string, source: WriteSource, signal: AbortSignal): Promise<StoredFile> {
  return await attempt(
    async () => {
      try {
        return await (source.sizeBytes < LARGE_BYTES ? writeWhole(place, path, source, signal) : writeInParts(place, path, source, signal));
      } catch (error) {
        throwIfAborted(signal);
        throw s3Failure(error, place.url, `writing ${place.locationOf(path)}`);
      }
    },
    { signal },
  );
}

/** The bytes are held in memory for the time of the request: the signature covers them, and S3 wants their number before the first. */
async function writeWhole(
  { client, sdk, options, keyOf, locationOf }: Place,
  path: string,
  source: WriteSource,
  signal: AbortSignal,
): Promise<StoredFile> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (body.length !== source.sizeBytes) throw cutShort(locationOf(path), body.length, source.sizeBytes);
  const md5 = source.md5 === null ? {} : { ContentMD5: Buffer.from(source.md5, 'hex').toString('base64') };
  const command = { Bucket: options.bucket, Key: keyOf(path), Body: body, ...md5, ...options.writeExtras };
  const answer = await client.send(new sdk.PutObjectCommand(command), { abortSignal: signal });
  return storedFile(path, body.length, answer);
}

async function writeInParts(
  { client, options, keyOf }: Place,
  path: string,
  source: WriteSource,
  signal: AbortSignal,
): Promise<StoredFile> {
  const [{ Upload }, { Readable }] = await Promise.all([import('@aws-sdk/lib-storage'), import('node:stream')]);
  const upload = new Upload({
    client,
    params: { Bucket: options.bucket, Key: keyOf(path), Body: Readable.from(source.open(), { objectMode: false }), ...options.writeExtras },
    partSize: Math.max(PART_BYTES, Math.ceil(source.sizeBytes / MAX_PARTS)),
    queueSize: PARTS_AT_A_TIME,
  });
  const stop = () => void upload.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // A stream that throws, as one does whose hash is wrong, ends the upload before it is completed, and its parts are taken back.
    const answer = await upload.done();
    return storedFile(path, source.sizeBytes, { ETag: answer.ETag, VersionId: answer.VersionId });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
