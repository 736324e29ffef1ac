// The client for S3 and what its failures mean. AWS's own SDK is large, so it is loaded when a remote is in S3 and not before; it looks for credentials
// where every tool of AWS does, unless the remote's configuration names them.

import { readFile } from 'node:fs/promises';
import type * as Aws from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { DomainError, invalid } from '@throughline/kernel';
import { codeOf } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';
import { forbidden, reasonOf, remoteFull, remoteMissing, unauthenticated, unexpectedAnswer, unreachable } from './failures.ts';
import type { Proxies } from '../types.ts';
import { proxyFor, TunnelAgent } from './proxy.ts';
import { mayPass } from './retry.ts';

/** What `[remote]` sections say of S3, by DVC's names. */
export interface S3Options {
  readonly bucket: string;
  /** Below which everything lies; empty, or with "/" at its end. */
  readonly prefix: string;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  readonly accessKeyId: string | null;
  readonly secretAccessKey: string | null;
  readonly sessionToken: string | null;
  /** Of the shared credentials and of the configuration, where they are not in their usual places. */
  readonly credentialsFile: string | null;
  readonly configFile: string | null;
  readonly isAnonymous: boolean;
  readonly useSsl: boolean;
  readonly verify: boolean | string;
  readonly connectTimeoutMs: number;
  readonly proxies?: Proxies | undefined;
  readonly idleTimeoutMs: number;
  /** What is put into every request that writes: sse, acl and grants, by S3's own names. */
  readonly writeExtras: Readonly<Record<string, string>>;
  /** What is put into every request that reads or writes: a customer's own key. */
  readonly readExtras: Readonly<Record<string, string>>;
}

const MAX_CONNECTIONS = 64;

export type Sdk = typeof Aws;

/** A bucket, and where in it. */
export interface Place {
  readonly client: S3Client;
  readonly sdk: Sdk;
  readonly options: S3Options;
  readonly url: string;
  readonly keyOf: (path: string) => string;
  readonly locationOf: (path: string) => string;
}

/** As DVC writes it down. */
export function plainEtag(etag: string): string {
  return etag.replace(/^(?:W\/)?"?|"$/g, '');
}

export async function connect(options: S3Options): Promise<{ client: S3Client; sdk: Sdk }> {
  const sdk = await import('@aws-sdk/client-s3');
  const config: S3ClientConfig = {
    ...(await credentialsOf(options)),
    ...(options.region === null ? {} : { region: options.region }),
    // Attempts are counted here, with the same pauses for every kind of remote.
    maxAttempts: 1,
    // Checksums beside MD5 are refused by older servers, and the MD5 of an object is its name anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: true,
    requestHandler: await handlerOf(options),
    ...(options.endpoint === null ? {} : { endpoint: endpointOf(options.endpoint, options.useSsl), forcePathStyle: true }),
  };
  const client = new sdk.S3Client(config);
  try {
    // As the environment and AWS's own files say.
    await client.config.region();
    return { client, sdk };
  } catch {
    // They say nothing. Servers that are not AWS's take any region, and AWS tells the right one when it is asked in the wrong one.
    client.destroy();
    return { client: new sdk.S3Client({ ...config, region: DEFAULT_REGION }), sdk };
  }
}

async function credentialsOf(options: S3Options): Promise<S3ClientConfig> {
  const { accessKeyId, secretAccessKey, sessionToken } = options;
  if (options.isAnonymous) {
    // Requests are not signed at all, which is what a public bucket wants.
    return { signer: { sign: async (request) => request }, credentials: { accessKeyId: '', secretAccessKey: '' } };
  }
  if (accessKeyId !== null && secretAccessKey !== null) {
    return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) } };
  }
  if (accessKeyId !== null || secretAccessKey !== null) {
    throw invalid(
      'REMOTE_CONFIG',
      `The remote s3://${options.bucket} has ${accessKeyId === null ? 'a secret_access_key' : 'an access_key_id'} alone.`,
      {
        hint: 'Set both access_key_id and secret_access_key (throughline remote modify --local), or neither.',
      },
    );
  }
  for (const file of [options.credentialsFile, options.configFile]) if (file !== null) requireKeysOnly(file);
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return {
    credentials: fromNodeProviderChain({
      ...(options.profile === null ? {} : { profile: options.profile }),
      ...(options.credentialsFile === null ? {} : { filepath: options.credentialsFile }),
      ...(options.configFile === null ? {} : { configFilepath: options.configFile }),
    }),
    ...(options.profile === null ? {} : { profile: options.profile }),
  };
}

/** What has AWS's tools run a command, or send a file of this machine away. */
const REACHES_FURTHER = /^\s*(credential_process|web_identity_token_file)\s*=/im;

/** Which file is read stands in the repository, and the file may, too: a stranger's must not run anything here. The user's own files, in their usual places, may. */
function requireKeysOnly(file: string): void {
  let found: string | undefined;
  try {
    found = REACHES_FURTHER.exec(readRegularText(file))?.[1];
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw invalid(
      'REMOTE_CONFIG',
      `The file of AWS's settings that a remote names, ${file}, cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        cause,
      },
    );
  }
  if (found === undefined) return;
  throw invalid('REMOTE_CONFIG', `${file} has a ${found}, which is not followed in a file that a remote's settings name.`, {
    hint: 'Take credentialpath and configpath out of the remote, and name the file by AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE, if you trust it.',
  });
}

const DEFAULT_REGION = 'us-east-1';
const AWS = 'https://s3.amazonaws.com';

async function handlerOf(options: S3Options): Promise<NonNullable<S3ClientConfig['requestHandler']>> {
  const ca = typeof options.verify === 'string' ? await readFile(options.verify, 'utf8') : undefined;
  const secure = {
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    rejectUnauthorized: options.verify !== false,
    ...(ca === undefined ? {} : { ca }),
  };
  // Buckets of AWS lie below one name; servers over plain HTTP stand nearby, and are asked directly.
  const proxy = proxyFor(new URL(options.endpoint === null ? AWS : endpointOf(options.endpoint, options.useSsl)), options.proxies);
  return {
    connectionTimeout: options.connectTimeoutMs,
    socketTimeout: options.idleTimeoutMs,
    httpAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    httpsAgent: proxy === null ? secure : new TunnelAgent(proxy, { ...secure, timeoutMs: options.connectTimeoutMs }),
  };
}

function endpointOf(endpoint: string, useSsl: boolean): string {
  const address = endpoint.includes('://') ? endpoint : `${useSsl ? 'https' : 'http'}://${endpoint}`;
  if (!URL.canParse(address)) throw invalid('REMOTE_CONFIG', 'The endpointurl of an S3 remote must look like http://host:9000.');
  return address;
}

const CREDENTIALS_HINT =
  'Set access_key_id and secret_access_key (throughline remote modify --local <name> …), a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.';
const CREDENTIAL_CODES: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'CredentialsProviderError',
  'InvalidClientTokenId',
]);
const FULL_CODES: ReadonlySet<string> = new Set([
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
  'QuotaExceeded',
  'InsufficientStorage',
]);
const PASSING_CODES: ReadonlySet<string> = new Set([
  'SlowDown',
  'RequestTimeout',
  'InternalError',
  'ServiceUnavailable',
  'TimeoutError',
  'Throttling',
]);

/** What the SDK's error means; `doing` follows "does not allow". Nothing that it says is passed on but the code: messages may quote keys. */
export function s3Failure(error: unknown, url: string, doing: string): Error {
  if (error instanceof DomainError) return error;
  const { name, status } = summaryOf(error);
  if (CREDENTIAL_CODES.has(name)) return unauthenticated(url, CREDENTIALS_HINT, error);
  if (FULL_CODES.has(name)) return remoteFull(url, error);
  if (name === 'NoSuchBucket') return remoteMissing(url, 'it has no such bucket', error);
  if (status === 401) return unauthenticated(url, CREDENTIALS_HINT, error);
  if (name === 'AccessDenied' || status === 403) return forbidden(url, doing, error);
  if (name === 'BadDigest') return unexpectedAnswer(url, 'that the bytes changed on their way', error);
  if (codeOf(error) !== null && status === null) return mayPass(unreachable(url, reasonOf(error), error));
  const failure = unexpectedAnswer(url, `${status === null ? '' : `HTTP ${status}, `}${name} to ${doing}`, error);
  return PASSING_CODES.has(name) || (status !== null && status >= 500) ? mayPass(failure) : failure;
}

export function isNotFound(error: unknown): boolean {
  const { name, status } = summaryOf(error);
  // A HEAD has no body: a missing bucket answers it like a missing object.
  return name !== 'NoSuchBucket' && (status === 404 || name === 'NoSuchKey' || name === 'NotFound');
}

/** What S3 and its likes answer where a version is asked for that they do not have: HEAD gives no code, and a mark of removal is no version to read. */
export function isNoVersion(error: unknown): boolean {
  const { name, status } = summaryOf(error);
  return name === 'NoSuchVersion' || status === 400 || status === 404 || status === 405;
}

function summaryOf(error: unknown): { name: string; status: number | null } {
  if (!(error instanceof Error)) return { name: 'Unknown', status: null };
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number } | undefined) : undefined;
  return { name: /^\w{1,60}$/.test(error.name) ? error.name : 'Unknown', status: metadata?.httpStatusCode ?? null };
}
