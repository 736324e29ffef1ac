// The network's side of S3: the `minio` client with limits on time, attempts of our own, and one table of what its failures mean.
// Its own retries are off: they write to the console, and what they throw no longer says why.

import http from 'node:http';
import https from 'node:https';

import { DomainError, invalid } from '@throughline/kernel';
import { Client, S3Error } from 'minio';

import {
  invalidPart,
  keyConflict,
  objectNotFound,
  rangeNotSatisfiable,
  storeFull,
  storeUnavailable,
  tooLarge,
  uploadNotFound,
} from './errors.ts';

export interface S3Options {
  /** `http://host:port` or `https://host[:port]`, nothing behind it. */
  endpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  /** Asked of the server where it is not given. */
  region?: string | undefined;
  /** Where clients reach the same server; without it nothing is presigned, since an address of our own network would help nobody. */
  publicEndpoint?: string | undefined;
  /** Put before every key, so that a bucket can be shared: `throughline/`. */
  prefix?: string | undefined;
  /** A connection on which nothing moves for so long is given up. 60 seconds unless told. */
  idleTimeoutMs?: number | undefined;
}

/** The client, with the one method that `minio` keeps for itself. */
export class S3Client extends Client {
  /** Every stored part of an open upload; the client pages through them. */
  async allParts(bucket: string, name: string, uploadId: string): Promise<{ part: number; etag: string; size: number }[]> {
    return this.listParts(bucket, name, uploadId);
  }
}

/** Opaque, but never a path: the servers make ids of these characters alone. */
export const UPLOAD_ID = /^(?!\.+$)[\w.~+=-]{1,1024}$/;

const IDLE_TIMEOUT_MS = 60_000;
/** Connections to one server at a time; further requests wait for one. */
const MAX_SOCKETS = 64;

/** Makes the client. Throws `invalid` INVALID_S3_ENDPOINT where the endpoint is not a plain http(s) origin. */
export function createS3Client(options: S3Options): S3Client {
  const url = parseEndpoint(options.endpoint);
  const secure = url.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return new S3Client({
    endPoint: url.hostname.replace(/^\[|\]$/g, ''),
    useSSL: secure,
    accessKey: options.accessKey,
    secretKey: options.secretKey,
    retryOptions: { disableRetry: true },
    transport: { request: requestWithLimits(secure, options.idleTimeoutMs ?? IDLE_TIMEOUT_MS) },
    transportAgent: secure ? new https.Agent(agentOptions) : new http.Agent(agentOptions),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(options.region === undefined ? {} : { region: options.region }),
  });
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
  if (isOrigin && url.username === '' && url.password === '') return url;
  // Not quoted: somebody may have written the keys into it.
  throw invalid(
    'INVALID_S3_ENDPOINT',
    'The S3 endpoint must look like http://host:9000 or https://s3.example.org, with no path, query or credentials.',
  );
}

/** An answer that says "later"; never handed to the client, which would throw away what it says. */
class BusyAnswer extends Error {
  constructor(statusCode: number) {
    super(`HTTP ${statusCode}`);
    this.name = 'BusyAnswer';
  }
}

class IdleConnection extends Error {
  constructor(idleMs: number) {
    super(`no answer within ${idleMs / 1000} s`);
    this.name = 'IdleConnection';
  }
}

const BUSY: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

function requestWithLimits(secure: boolean, idleTimeoutMs: number): typeof http.request {
  const send = secure ? https.request : http.request;
  const request = (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest => {
    let response: http.IncomingMessage | null = null;
    const sent = send(options, (answer) => {
      response = answer;
      if (BUSY.has(answer.statusCode ?? 0)) sent.destroy(new BusyAnswer(answer.statusCode ?? 0));
      else onResponse(answer);
    });
    sent.setTimeout(idleTimeoutMs, () => {
      // Bytes that wait for the reader are no silence of the server: a slow download may take as long as it wants.
      if (response !== null && response.readableLength > 0) return;
      const error = new IdleConnection(idleTimeoutMs);
      response?.destroy(error);
      sent.destroy(error);
    });
    return sent;
  };
  return request as typeof http.request;
}

/** What a failure was about, so that it can be told. */
export interface Subject {
  key: string;
  /** The limit that a too large body has met. */
  maxBytes?: number;
}

type Meaning = (subject: Subject, cause: unknown) => DomainError;

const full: Meaning = (_, cause) => storeFull(cause);
const conflicting: Meaning = ({ key }, cause) => keyConflict(key, cause);
const missing: Meaning = ({ key }) => objectNotFound(key);

const MEANING: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['NoSuchKey', missing],
  ['NotFound', missing],
  ['NoSuchUpload', ({ key }, cause) => uploadNotFound(key, cause)],
  ['InvalidPart', (_, cause) => invalidPart('A part that was named is not stored with this etag.', cause)],
  ['InvalidPartOrder', (_, cause) => invalidPart('The parts are not in rising order.', cause)],
  ['EntityTooSmall', (_, cause) => invalidPart('A part that is not the last is smaller than the least size of a part.', cause)],
  ['EntityTooLarge', ({ maxBytes }, cause) => tooLarge(maxBytes ?? 0, cause)],
  ['InvalidRange', (_, cause) => rangeNotSatisfiable(null, cause)],
  ['XMinioParentIsObject', conflicting],
  ['XMinioObjectExistsAsDirectory', conflicting],
  ['ObjectParentIsFile', conflicting],
  ['ExistingObjectIsDirectory', conflicting],
  ['XMinioStorageFull', full],
  ['XMinioAdminBucketQuotaExceeded', full],
  ['QuotaExceeded', full],
  ['InsufficientStorage', full],
]);

/** Turns what the client throws into a DomainError. A TypeError or RangeError is a defect of ours and stays what it is. */
export function s3Failure(error: unknown, subject: Subject): Error {
  if (error instanceof DomainError || error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof S3Error) {
    const meaning = error.code === undefined ? undefined : MEANING.get(error.code);
    return meaning === undefined ? storeUnavailable(reasonOf(error), error) : meaning(subject, error);
  }
  return storeUnavailable(reasonOf(error), error);
}

/** Why, in a few words that name neither host nor credentials. */
export function reasonOf(error: unknown): string {
  if (error instanceof S3Error) return `it answered ${error.code ?? 'with an error'}`;
  if (error instanceof BusyAnswer) return `it answered ${error.message}`;
  if (error instanceof IdleConnection) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? `its connection failed with ${code}` : 'its answer made no sense';
}

function isPassing(error: unknown): boolean {
  if (error instanceof S3Error) return error.code === 'SlowDown' || error.code === 'RequestTimeout';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return error instanceof BusyAnswer || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNREFUSED' || code === 'ETIMEDOUT';
}

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

/**
 * Runs a request that may be sent twice without harm, up to three times where the failure is a passing one (a busy answer, a kept
 * connection that the server had closed). Throws what `s3Failure` says.
 */
export async function attempt<T>(subject: Subject, request: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await request();
    } catch (error) {
      if (left === 0 || !isPassing(error)) throw s3Failure(error, subject);
      const pauseMs = FIRST_PAUSE_MS * 3 ** (ATTEMPTS - 1 - left) * (0.5 + Math.random());
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
}

/** Runs a request that must not be sent twice, since the second answer would hide what the first one did. */
export async function once<T>(subject: Subject, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw s3Failure(error, subject);
  }
}
