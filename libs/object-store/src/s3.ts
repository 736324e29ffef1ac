// Objects in an S3 bucket. The client's own putObject is not used: of a body of unknown size it gathers half a gigabyte before it sends
// anything, it goes on with whatever unfinished upload it finds under the key (ours among them), and it leaves one behind when
// a body fails. Here a body is gathered into parts of bounded size: one part is one PUT, more are a multipart upload of our own, aborted when
// anything fails. A gathered part can be sent again, carries its hash, and a slow body keeps no connection waiting.

import { createHash } from 'node:crypto';
import { IncomingMessage } from 'node:http';

import { DomainError, invalid } from '@throughline/kernel';
import { S3Error } from 'minio';

import { forEachOf, limited, outward } from './body.ts';
import { invalidPart, rangeNotSatisfiable, storeUnavailable, uploadNotFound } from './errors.ts';
import {
  checkKey,
  checkKeys,
  checkPart,
  checkPartList,
  checkPrefix,
  checkRange,
  checkSize,
  checkSmall,
  MAX_PARTS,
} from './object-store.ts';
import type {
  ByteRange,
  ListedObject,
  ListOptions,
  ObjectHead,
  ObjectStore,
  OpenMultipart,
  PartRef,
  PutOptions,
  SmallObject,
  StoredObject,
  StoredPart,
} from './object-store.ts';
import { addressesOf, createSigner } from './s3-addresses.ts';
import { attempt, createS3Client, once, reasonOf, s3Failure, UPLOAD_ID } from './s3-client.ts';
import type { S3Client, S3Options } from './s3-client.ts';

export type S3ObjectStoreOptions = S3Options;

const MIB = 1024 * 1024;
/** S3's least size of a part that is not the last. */
const MIN_PART_BYTES = 5 * MIB;
/** Ours, not S3's (5 GiB): a part is held in memory while it is sent. */
const MAX_PART_BYTES = 64 * MIB;
const MAX_OBJECT_BYTES = MAX_PARTS * MAX_PART_BYTES;
/** How a body of unknown size is cut: 39 GiB in small parts, then in the greatest, so that 10,000 parts last for 350 GiB. */
const SMALL_PART_BYTES = 8 * MIB;
const SMALL_PARTS = 5_000;
const UNKNOWN_SIZE_MAX_BYTES = SMALL_PARTS * SMALL_PART_BYTES + (MAX_PARTS - SMALL_PARTS) * MAX_PART_BYTES;
const LIST_PAGE = 1000;
/** Requests that are under way together, of one call about many objects: enough to hide the way there and back. */
const REQUESTS_AT_ONCE = 32;

/** A bucket, and the names that keys have in it. */
interface Bucket {
  client: S3Client;
  bucket: string;
  prefix: string;
}

/**
 * Opens the store in a bucket, which is made where it is missing and these credentials may. Throws `unavailable` OBJECT_STORE_UNAVAILABLE,
 * naming the endpoint and the bucket, where that does not work; `invalid` where the options make no sense.
 */
export async function createS3ObjectStore(options: S3ObjectStoreOptions): Promise<ObjectStore> {
  const place: Bucket = { client: createS3Client(options), bucket: checkBucket(options.bucket), prefix: namePrefix(options.prefix) };
  await ensureBucket(place, options);
  return {
    ...objectsOf(place),
    ...uploadsOf(place),
    ...addressesOf(place, await createSigner(place, options)),
    describe: () => `the bucket ${options.bucket} at ${options.endpoint}${place.prefix === '' ? '' : `, below ${place.prefix}`}`,
  };
}

function checkBucket(bucket: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !bucket.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return bucket;
  throw invalid('INVALID_S3_BUCKET', `${JSON.stringify(bucket.slice(0, 80))} is not a bucket's name: 3 to 63 of a-z, 0-9, '.' and '-'.`);
}

function namePrefix(prefix = ''): string {
  checkPrefix(prefix);
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

async function ensureBucket({ client, bucket, prefix }: Bucket, { endpoint, region }: S3Options): Promise<void> {
  const doing = async <T>(what: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      throw new DomainError({
        kind: 'unavailable',
        code: 'OBJECT_STORE_UNAVAILABLE',
        message: `The object store at ${endpoint} cannot be used: ${what} (${reasonOf(error)}).`,
        hint: 'Check the endpoint, the bucket, the access key and the secret key, and that the server runs.',
        cause: error,
      });
    }
  };
  if (!(await doing(`its bucket ${bucket} cannot be looked up`, () => client.bucketExists(bucket)))) {
    await doing(`it has no bucket ${bucket}, and making it did not work`, () => makeBucket(client, { bucket, region }));
  }
  // Any web server may say yes to a HEAD; a list only an S3 can give.
  await doing(`its bucket ${bucket} cannot be listed`, () => client.listObjectsV2Query(bucket, prefix, '', '', 1, ''));
}

async function makeBucket(client: S3Client, { bucket, region = '' }: { bucket: string; region: string | undefined }): Promise<void> {
  try {
    await client.makeBucket(bucket, region);
  } catch (error) {
    // Another server that starts at the same time may have been faster.
    if (!(error instanceof S3Error) || error.code !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

function objectsOf(place: Bucket): Pick<ObjectStore, 'put' | 'putMany' | 'readMany' | 'get' | 'head' | 'list' | 'delete' | 'deleteMany'> {
  const { client, bucket, prefix } = place;
  const named = (key: string): string => {
    checkKey(key);
    return `${prefix}${key}`;
  };

  async function put(key: string, body: AsyncIterable<Uint8Array>, { sizeBytes }: PutOptions = {}): Promise<{ sizeBytes: number }> {
    const name = named(key);
    checkSize(sizeBytes, MAX_OBJECT_BYTES);
    const maxBytes = sizeBytes === undefined ? UNKNOWN_SIZE_MAX_BYTES : MAX_OBJECT_BYTES;
    const parts = gather(limited(body, { sizeBytes, maxBytes }), (partNumber) => partBytes(partNumber, sizeBytes));
    const first = await parts.next();
    if (first.done) return await putSmall(key, name, Buffer.alloc(0));
    if (first.value.isLast) return await putSmall(key, name, first.value.bytes);
    return await putInParts(place, { key, name, first: first.value.bytes, rest: parts });
  }

  async function putSmall(key: string, name: string, bytes: Buffer): Promise<{ sizeBytes: number }> {
    await attempt({ key, maxBytes: MAX_OBJECT_BYTES }, () => client.putObject(bucket, name, bytes, bytes.length));
    return { sizeBytes: bytes.length };
  }

  async function putMany(small: readonly SmallObject[]): Promise<void> {
    checkSmall(small.map(({ key }) => key));
    await forEachOf(small, REQUESTS_AT_ONCE, async ({ key, bytes }) => {
      await putSmall(key, named(key), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
  }

  async function readMany(keys: readonly string[]): Promise<(Buffer | null)[]> {
    checkSmall(keys);
    const found: (Buffer | null)[] = keys.map(() => null);
    await forEachOf(keys, REQUESTS_AT_ONCE, async (key, index) => {
      try {
        const chunks: Uint8Array[] = [];
        for await (const chunk of (await get(key)).body) chunks.push(chunk as Uint8Array);
        found[index] = Buffer.concat(chunks);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'OBJECT_NOT_FOUND') throw error;
      }
    });
    return found;
  }

  async function get(key: string, range?: ByteRange): Promise<StoredObject> {
    const name = named(key);
    if (range !== undefined) checkRange(range);
    const source = await attempt({ key }, () => open(name, range)).catch((error: unknown) => withSize(key, error));
    try {
      const { sizeBytes, expectedBytes } = sizesOf(source, range !== undefined);
      const body = outward(source, {
        expectedBytes,
        translate: (error) => s3Failure(error, { key }),
        onShort: () => storeUnavailable('its answer was cut off', null),
      });
      return { body, sizeBytes };
    } catch (error) {
      source.destroy();
      throw error;
    }
  }

  /** Says how long the object is where a range does not fit: S3's answer does not. */
  async function withSize(key: string, error: unknown): Promise<never> {
    if (!(error instanceof DomainError) || error.code !== 'RANGE_NOT_SATISFIABLE') throw error;
    throw rangeNotSatisfiable((await head(key))?.sizeBytes ?? null, error);
  }

  async function open(name: string, range: ByteRange | undefined): Promise<IncomingMessage> {
    // A length of 0 means "to the end" to the client, and so does a start of 0 without a length: then nothing is asked of the range.
    const length = range?.end === undefined ? 0 : range.end - range.start + 1;
    const answer = await client.getPartialObject(bucket, name, range?.start ?? 0, length);
    if (answer instanceof IncomingMessage) return answer;
    throw new TypeError('The S3 client answers with something that is not an HTTP response.');
  }

  async function head(key: string): Promise<ObjectHead | null> {
    const name = named(key);
    try {
      const stat = await attempt({ key }, () => client.statObject(bucket, name));
      return { sizeBytes: stat.size, modifiedAt: stat.lastModified };
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
      // A HEAD answer has no body that would tell a missing object from a missing bucket; taking one for the other would look like loss.
      if (await attempt({ key }, () => client.bucketExists(bucket))) return null;
      throw storeUnavailable('its bucket is gone', error);
    }
  }

  async function* list(from: string, { after }: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    checkPrefix(from);
    let startAfter = after === undefined ? '' : `${prefix}${after}`;
    for (;;) {
      // Paged by the last key rather than by the server's token, which may expire while the reader takes its time.
      const page = await attempt({ key: from }, () => client.listObjectsV2Query(bucket, `${prefix}${from}`, '', '', LIST_PAGE, startAfter));
      for (const item of page.objects) {
        if (item.name === undefined) continue;
        yield { key: item.name.slice(prefix.length), sizeBytes: item.size, modifiedAt: item.lastModified };
        startAfter = item.name;
      }
      if (!page.isTruncated || page.objects.length === 0) return;
    }
  }

  async function remove(key: string): Promise<void> {
    const name = named(key);
    await attempt({ key }, () => client.removeObject(bucket, name));
  }

  async function removeMany(keys: readonly string[]): Promise<void> {
    checkKeys(keys);
    const [first] = keys;
    if (first === undefined) return;
    const names = keys.map((key) => `${prefix}${key}`);
    const failures = await attempt({ key: first }, () => client.removeObjects(bucket, names));
    if (failures.some((failure) => failure !== null)) throw storeUnavailable('some objects could not be deleted', failures);
  }

  return { put, putMany, readMany, get, head, list, delete: remove, deleteMany: removeMany };
}

function uploadsOf(
  place: Bucket,
): Pick<
  ObjectStore,
  | 'minPartBytes'
  | 'maxPartBytes'
  | 'maxObjectBytes'
  | 'createMultipart'
  | 'putPart'
  | 'listParts'
  | 'completeMultipart'
  | 'abortMultipart'
  | 'listMultiparts'
> {
  const { client, bucket, prefix } = place;
  const named = (key: string, uploadId?: string): string => {
    checkKey(key);
    if (uploadId !== undefined && !UPLOAD_ID.test(uploadId)) throw uploadNotFound(key);
    return `${prefix}${key}`;
  };

  async function createMultipart(key: string): Promise<{ uploadId: string }> {
    const name = named(key);
    return { uploadId: await once({ key }, () => client.initiateNewMultipartUpload(bucket, name, {})) };
  }

  async function putPart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: AsyncIterable<Uint8Array>,
    sizeBytes: number,
  ): Promise<StoredPart> {
    const name = named(key, uploadId);
    checkPart(partNumber, sizeBytes, MAX_PART_BYTES);
    let bytes: Buffer = Buffer.alloc(0);
    for await (const part of gather(limited(body, { sizeBytes, maxBytes: sizeBytes }), () => sizeBytes)) bytes = part.bytes;
    return await sendPart(place, { key, name, uploadId, partNumber, bytes });
  }

  async function listParts(key: string, uploadId: string): Promise<StoredPart[]> {
    const name = named(key, uploadId);
    const parts = await attempt({ key }, () => client.allParts(bucket, name, uploadId));
    return parts.map(({ part, etag, size }) => ({ partNumber: part, etag, sizeBytes: size })).sort((a, b) => a.partNumber - b.partNumber);
  }

  async function completeMultipart(key: string, uploadId: string, parts: readonly PartRef[]): Promise<{ sizeBytes: number }> {
    const name = named(key, uploadId);
    checkPartList(parts);
    const stored = chosen(await listParts(key, uploadId), parts);
    return await complete(place, { key, name, uploadId, parts: stored });
  }

  async function abortMultipart(key: string, uploadId: string): Promise<void> {
    checkKey(key);
    if (UPLOAD_ID.test(uploadId)) await abort(place, { key, name: named(key), uploadId });
  }

  async function* listMultiparts(from: string): AsyncGenerator<OpenMultipart, void, undefined> {
    checkPrefix(from);
    for (let marker = ''; ;) {
      const page = await attempt({ key: from }, () => multipartsPage(`${prefix}${from}`, marker));
      for (const { key, uploadId, initiated } of page.uploads) {
        // The client reads texts that look like numbers as numbers; what it cannot name exactly must not be aborted by that name.
        if (typeof key !== 'string' || typeof uploadId !== 'string') continue;
        yield { key: key.slice(prefix.length), uploadId, startedAt: initiated };
      }
      // Of one key with several uploads, what a page's end cuts off is left out: the client loses the server's second marker.
      if (!page.isTruncated || page.nextKeyMarker === '' || page.nextKeyMarker === marker) return;
      marker = page.nextKeyMarker;
    }
  }

  async function multipartsPage(from: string, marker: string): Promise<Awaited<ReturnType<S3Client['listIncompleteUploadsQuery']>>> {
    try {
      return await client.listIncompleteUploadsQuery(bucket, from, marker, '', '');
    } catch (error) {
      // Some servers cannot list them, and so know nothing that could be cleared up by this.
      if (!(error instanceof S3Error) || error.code !== 'NotImplemented') throw error;
      return { uploads: [], prefixes: [], isTruncated: false, nextKeyMarker: '', nextUploadIdMarker: '' };
    }
  }

  return {
    minPartBytes: MIN_PART_BYTES,
    maxPartBytes: MAX_PART_BYTES,
    maxObjectBytes: MAX_OBJECT_BYTES,
    createMultipart,
    putPart,
    listParts,
    completeMultipart,
    abortMultipart,
    listMultiparts,
  };
}

interface OpenUpload {
  key: string;
  /** The key's name in the bucket. */
  name: string;
  uploadId: string;
}

async function sendPart({ client, bucket }: Bucket, part: OpenUpload & { partNumber: number; bytes: Buffer }): Promise<StoredPart> {
  const { key, name, uploadId, partNumber, bytes } = part;
  // The client puts the id into the query as it is; over https it signs no hash of the payload, so the MD5 guards the way.
  const uploadID = encodeURIComponent(uploadId);
  const headers = { 'content-md5': createHash('md5').update(bytes).digest('base64') };
  const sent = await attempt({ key, maxBytes: MAX_PART_BYTES }, () =>
    client.uploadPart({ bucketName: bucket, objectName: name, uploadID, partNumber, headers: { ...headers } }, bytes),
  );
  return { partNumber, etag: sent.etag, sizeBytes: bytes.length };
}

async function complete({ client, bucket }: Bucket, upload: OpenUpload & { parts: readonly StoredPart[] }): Promise<{ sizeBytes: number }> {
  const { key, name, uploadId, parts } = upload;
  const etags = parts.map(({ partNumber, etag }) => ({ part: partNumber, etag }));
  await once({ key }, () => client.completeMultipartUpload(bucket, name, uploadId, etags));
  return { sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0) };
}

/** What is stored of the parts that were named. Throws INVALID_OBJECT_PART, since the server's own answer may lose its code on the way. */
function chosen(stored: readonly StoredPart[], parts: readonly PartRef[]): StoredPart[] {
  const byNumber = new Map(stored.map((part) => [part.partNumber, part]));
  return parts.map(({ partNumber, etag }, index) => {
    const part = byNumber.get(partNumber);
    if (part?.etag !== etag) throw invalidPart(`Part ${partNumber} with this etag is not stored.`);
    if (part.sizeBytes >= MIN_PART_BYTES || index === parts.length - 1) return part;
    throw invalidPart(`Part ${partNumber} has ${part.sizeBytes} bytes; all but the last need at least ${MIN_PART_BYTES}.`);
  });
}

async function abort({ client, bucket }: Bucket, { key, name, uploadId }: OpenUpload): Promise<void> {
  try {
    await attempt({ key }, () => client.abortMultipartUpload(bucket, name, encodeURIComponent(uploadId)));
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
  }
}

interface PartStream {
  key: string;
  name: string;
  first: Buffer;
  rest: AsyncIterable<{ bytes: Buffer }>;
}

async function putInParts(place: Bucket, { key, name, first, rest }: PartStream): Promise<{ sizeBytes: number }> {
  const uploadId = await once({ key }, () => place.client.initiateNewMultipartUpload(place.bucket, name, {}));
  try {
    const parts = [await sendPart(place, { key, name, uploadId, partNumber: 1, bytes: first })];
    for await (const { bytes } of rest) parts.push(await sendPart(place, { key, name, uploadId, partNumber: parts.length + 1, bytes }));
    return await complete(place, { key, name, uploadId, parts });
  } catch (error) {
    // What failed is what counts; an upload that cannot be aborted now is invisible, and the bucket's lifecycle rule removes it.
    await abort(place, { key, name, uploadId }).catch(() => undefined);
    throw error;
  }
}

function partBytes(partNumber: number, sizeBytes: number | undefined): number {
  if (sizeBytes === undefined) return partNumber <= SMALL_PARTS ? SMALL_PART_BYTES : MAX_PART_BYTES;
  // Equal parts, as some servers want them.
  return Math.max(SMALL_PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);
}

/**
 * Cuts a body into parts of the sizes asked for; only the last may be smaller. Copies, since a source may use its chunk's memory again,
 * and does so itself: a part's bytes are good until the next part is asked for.
 */
async function* gather(
  body: AsyncIterable<Uint8Array>,
  sizeOf: (partNumber: number) => number,
): AsyncGenerator<{ bytes: Buffer; isLast: boolean }, void, undefined> {
  let partNumber = 1;
  let part = Buffer.alloc(0);
  let filled = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.byteLength;) {
      const size = sizeOf(partNumber);
      // Only with a further byte at hand is a full part known not to be the last.
      if (filled === size) {
        yield { bytes: part.subarray(0, size), isLast: false };
        [filled, partNumber] = [0, partNumber + 1];
        continue;
      }
      const length = Math.min(size - filled, chunk.byteLength - from);
      if (filled + length > part.length) part = enlarged(part, { filled, needed: filled + length, size });
      part.set(chunk.subarray(from, from + length), filled);
      filled += length;
      from += length;
    }
  }
  if (filled > 0) yield { bytes: part.subarray(0, filled), isLast: true };
}

/** Memory doubles up to the part's size, so that a small object does not cost a whole part. */
function enlarged(part: Buffer, { filled, needed, size }: { filled: number; needed: number; size: number }): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.min(size, Math.max(needed, 2 * part.length, 64 * 1024)));
  part.copy(larger, 0, 0, filled);
  return larger;
}

/** The size of the whole object and of what this answer carries, from its headers. */
function sizesOf(answer: IncomingMessage, ranged: boolean): { sizeBytes: number; expectedBytes: number } {
  const expectedBytes = Number(answer.headers['content-length']);
  const whole = /^bytes \d+-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1];
  const sizeBytes = whole === undefined ? expectedBytes : Number(whole);
  if (!Number.isSafeInteger(expectedBytes)) throw storeUnavailable('it does not say how long its answer is', null);
  if (ranged && sizeBytes === 0) throw rangeNotSatisfiable(0);
  return { sizeBytes, expectedBytes };
}
