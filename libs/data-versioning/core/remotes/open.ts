// From what is configured to a remote that can be used. Options have DVC's names; what is not known, or not supported, is said rather than passed over.

import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import { closest } from '../formats/closest.ts';
import type { Repository } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';
import { isLoopback, localPathOf, schemeOf, shownUrl, splitCredentials } from './address.ts';
import { unauthenticated } from './failures.ts';
import { createHttpClient, drop, textOf } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { CREDENTIALS_HINT, openHttp } from './http.ts';
import { openFolder } from './local.ts';
import { createRemote } from './remote.ts';
import type { Remote } from './remote.ts';
import { openS3 } from './s3.ts';
import type { S3Options } from './s3-client.ts';
import type { Storage } from './storage.ts';
import { speakThroughline } from './throughline.ts';
import type { Throughline } from './throughline.ts';

/** Options of a remote, by DVC's names, as text. */
export type RemoteOptionTexts = Readonly<Record<string, string>>;

/** What opening needs to know of the world. */
export interface OpenContext {
  readonly surroundings: Surroundings;
  /** What paths are relative to. */
  readonly folder: string;
  /** The options of another remote, for addresses such as `remote://server/data`; null where there is none. */
  readonly optionsOf: (name: string) => RemoteOptionTexts | null;
}

const MAX_REFERENCES = 10;

/**
 * Opens a remote of the configuration; without a name the default one.
 * @throws DomainError `NO_REMOTE`, `REMOTE_UNKNOWN`, `REMOTE_CONFIG`, `REMOTE_UNSUPPORTED`.
 */
export async function openRemote(repository: Repository, name?: string | null): Promise<Remote> {
  const { config, surroundings } = repository;
  const wanted = name ?? config.defaultRemote();
  if (wanted === null || wanted === '') throw noRemote(config.remotes());
  const optionsOf = (other: string) => config.remote(other);
  const options = optionsOf(wanted);
  if (options === null) throw unknownRemote(wanted, config.remotes());
  return await openRemoteOf(wanted, options, { surroundings, folder: repository.root, optionsOf });
}

function noRemote(names: readonly string[]): DomainError {
  return notFound(
    'NO_REMOTE',
    names.length === 0 ? 'No remote is configured.' : `No default remote is set; there are ${names.join(', ')}.`,
    {
      hint:
        names.length === 0
          ? 'Add one: throughline remote add -d <name> <address>.'
          : 'Name one with -r, or set it: throughline remote default <name>.',
    },
  );
}

function unknownRemote(name: string, names: readonly string[]): DomainError {
  const near = closest(name, names);
  return notFound('REMOTE_UNKNOWN', `There is no remote ${JSON.stringify(name)}.`, {
    hint:
      near === null
        ? names.length === 0
          ? 'None is configured: throughline remote add.'
          : `There are ${names.join(', ')}.`
        : `Did you mean ${near}?`,
  });
}

/** Opens a remote by its options. */
export async function openRemoteOf(name: string | null, given: RemoteOptionTexts, context: OpenContext): Promise<Remote> {
  const options = resolveReference(given, context, 0);
  if (flagOf(options, 'version_aware') === true || flagOf(options, 'worktree') === true) {
    throw unsupported(
      `The remote ${name ?? shownUrl(options.url ?? '')} is cloud-versioned (version_aware, worktree)`,
      'Use a remote without these options, or dvc itself for this one.',
    );
  }
  const jobs = options.jobs === undefined ? null : wholeNumber(options, 'jobs');
  const { storage, server } = await openPlace(options, context);
  return createRemote({ name, storage, server, jobs });
}

/** Opens what an address names as a place for files, objects or not. */
export async function openStorage(given: RemoteOptionTexts, context: OpenContext): Promise<Storage> {
  return (await openPlace(resolveReference(given, context, 0), context)).storage;
}

/** `remote://server/data` takes the options of the remote `server`, and its address with `data` behind it; own options win. */
function resolveReference(options: RemoteOptionTexts, context: OpenContext, depth: number): RemoteOptionTexts {
  const url = options.url ?? '';
  if (url === '')
    throw invalid('REMOTE_CONFIG', 'A remote has no url.', { hint: 'Set it: throughline remote modify <name> url <address>.' });
  const match = /^remote:\/\/([^/]+)\/?(.*)$/i.exec(url);
  if (match?.[1] === undefined) return options;
  const base = context.optionsOf(match[1]);
  if (base === null || depth === MAX_REFERENCES) {
    throw invalid(
      'REMOTE_CONFIG',
      `The address ${shownUrl(url)} refers to ${depth === MAX_REFERENCES ? 'itself' : `a remote that is not there: ${match[1]}`}.`,
    );
  }
  const resolved = resolveReference(base, context, depth + 1);
  return { ...resolved, ...options, url: `${(resolved.url ?? '').replace(/\/$/, '')}/${match[2] ?? ''}` };
}

interface Place {
  readonly storage: Storage;
  readonly server: Throughline | null;
}

async function openPlace(options: RemoteOptionTexts, context: OpenContext): Promise<Place> {
  const url = options.url ?? '';
  switch (schemeOf(url)) {
    case '':
      return { storage: openLocal(options, context), server: null };
    case 's3':
      return { storage: await openS3({ ...s3OptionsOf(options), proxies: context.surroundings.proxies }), server: null };
    case 'http':
    case 'https':
      return await openWeb(url, options, context);
    case 'throughline':
      return await openThroughline(url, options, context);
    default:
      throw unsupportedScheme(schemeOf(url));
  }
}

function openLocal(options: RemoteOptionTexts, context: OpenContext): Storage {
  const path = localPathOf(options.url ?? '') ?? '';
  const folder = isAbsolute(path) ? path : resolve(context.folder, path);
  return openFolder({ folder, isShared: options.shared?.toLowerCase() === 'group' });
}

/** Why not, and what to do instead, by scheme. */
const ALTERNATIVES: ReadonlyMap<string, string> = new Map([
  ['ssh', 'Mount the folder (sshfs) and use its path.'],
  ['gs', "Use Google's S3 interface: s3://<bucket> with endpointurl https://storage.googleapis.com and an HMAC key."],
  ['azure', 'Mount the container (rclone mount, blobfuse2) and use its path.'],
  ['webdav', 'Mount it (davfs2, rclone mount) and use its path.'],
  ['webdavs', 'Mount it (davfs2, rclone mount) and use its path.'],
  ['oss', 'Use its S3 interface: s3://<bucket> with endpointurl.'],
  ['gdrive', 'Mount it (rclone mount) and use its path.'],
  ['hdfs', 'Mount it (the NFS gateway) and use its path.'],
  ['webhdfs', 'Mount it (the NFS gateway) and use its path.'],
]);

function unsupportedScheme(scheme: string): DomainError {
  const what = ALTERNATIVES.get(scheme);
  return unsupported(
    `Addresses that begin with ${scheme}:// are not supported`,
    `${what ?? 'Supported are folders, s3://, http://, https:// and throughline://.'} dvc itself goes on working with it in this repository.`,
  );
}

function unsupported(what: string, hint: string): DomainError {
  return new DomainError({ kind: 'unimplemented', code: 'REMOTE_UNSUPPORTED', message: `${what}.`, hint });
}

// -- HTTP ---------------------------------------------------------------------------------------------------------------------------------

const DEFAULT_TIMEOUT_SECONDS = 60;
const MAX_CONNECTIONS = 64;
/** A workspace of a Throughline server, below which DVC's own addresses stand. */
const WORKSPACE = /^(https?:\/\/[^?#]*\/dvc\/[^/?#]+)\/?$/i;

async function openWeb(url: string, options: RemoteOptionTexts, context: OpenContext): Promise<Place> {
  const { url: plain, user, password } = splitCredentials(url);
  const base = WORKSPACE.exec(plain)?.[1] ?? null;
  const own = await authorizationOf(options, { user, password }, { url: shownUrl(url), context });
  // A token belongs to the server that gave it: it is sent only where the address is a workspace's.
  const headers = own === null && base !== null ? tokenHeader(plain, context) : (own ?? {});
  const client = await clientOf(plain, headers, options, context);
  const storage = openHttp({ url: base ?? plain, client, uploadMethod: uploadMethodOf(options) });
  if (base === null || !(await isThroughline(base, client, context))) return { storage, server: null };
  return { storage, server: speakThroughline({ base, url: shownUrl(base), client }) };
}

/** `throughline://host:port/workspace`: over https, and over http where the host is this machine. */
async function openThroughline(url: string, options: RemoteOptionTexts, context: OpenContext): Promise<Place> {
  const { url: plain, user, password } = splitCredentials(url);
  const match = /^throughline:\/\/([^/?#]+)\/([^/?#]+)\/?$/i.exec(plain);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw invalid('REMOTE_CONFIG', `The address ${shownUrl(url)} must look like throughline://host/<workspace>.`);
  }
  const [, host, workspace] = match;
  const scheme = isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https';
  const base = `${scheme}://${host}/dvc/${workspace}`;
  const headers = (await authorizationOf(options, { user, password }, { url: shownUrl(url), context })) ?? tokenHeader(base, context);
  const client = await clientOf(base, headers, options, context);
  return { storage: openHttp({ url: base, client, uploadMethod: 'PUT' }), server: speakThroughline({ base, url: shownUrl(base), client }) };
}

function tokenHeader(url: string, context: OpenContext): Record<string, string> {
  const token = context.surroundings.tokenFor(new URL(url).origin);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

async function clientOf(
  url: string,
  headers: Record<string, string>,
  options: RemoteOptionTexts,
  context: OpenContext,
): Promise<HttpClient> {
  return createHttpClient({
    url: shownUrl(url),
    headers,
    verify: await verifyOf(options, context),
    connectTimeoutMs: secondsOf(options, 'connect_timeout'),
    idleTimeoutMs: secondsOf(options, 'read_timeout'),
    maxConnections: MAX_CONNECTIONS,
    proxies: context.surroundings.proxies,
  });
}

/** Asks whether what stands there speaks our words; a plain server does not know them. */
async function isThroughline(base: string, client: HttpClient, context: OpenContext): Promise<boolean> {
  const answer = await client.send({
    method: 'POST',
    url: `${base}/objects/missing`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from('{"ids":[]}'),
    signal: context.surroundings.signal,
  });
  if (answer.status === 401) {
    drop(answer);
    throw unauthenticated(shownUrl(base), CREDENTIALS_HINT);
  }
  if (answer.status !== 200 || !/json/.test(answer.headers['content-type'] ?? '')) {
    drop(answer);
    return false;
  }
  return /^\s*\{\s*"missing"\s*:/.test(await textOf(answer, { limitBytes: 1_000, isCut: true, url: shownUrl(base) }));
}

interface UserAndPassword {
  readonly user: string | null;
  readonly password: string | null;
}

/** What is sent with every request, as `auth` says; null where it says nothing. */
async function authorizationOf(
  options: RemoteOptionTexts,
  inAddress: UserAndPassword,
  { url, context }: { readonly url: string; readonly context: OpenContext },
): Promise<Record<string, string> | null> {
  const user = options.user ?? inAddress.user;
  const known = options.password ?? inAddress.password;
  const auth = options.auth?.toLowerCase() ?? (inAddress.user === null && inAddress.password === null ? null : 'basic');
  if (auth === null) return null;
  const isAsked = known === null && flagOf(options, 'ask_password') === true;
  const { askSecret } = context.surroundings;
  const password = isAsked
    ? ((await askSecret?.(`Password of ${user ?? options.custom_auth_header ?? 'the user'} for ${url}`)) ?? null)
    : known;
  const need = (what: string) =>
    invalid('REMOTE_CONFIG', `The remote ${url} has auth = ${auth}, which needs ${what}.`, {
      hint: 'Set it where Git does not see it: throughline remote modify --local <name> <option> <value>.',
    });
  switch (auth) {
    case 'basic':
      if (user === null || password === null) throw need('user and password');
      return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
    case 'custom': {
      const header = options.custom_auth_header;
      if (header === undefined || password === null) throw need('custom_auth_header and password');
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header)) throw invalid('REMOTE_CONFIG', `The custom_auth_header of ${url} is no name of a header.`);
      return { [header.toLowerCase()]: password };
    }
    default:
      throw unsupported(`The remote ${url} has auth = ${JSON.stringify(auth)}`, 'Known are basic and custom.');
  }
}

function uploadMethodOf(options: RemoteOptionTexts): 'POST' | 'PUT' {
  const method = (options.method ?? 'POST').toUpperCase();
  if (method === 'POST' || method === 'PUT') return method;
  throw invalid('REMOTE_CONFIG', `The method of a remote is POST or PUT, not ${JSON.stringify(method)}.`);
}

async function verifyOf(options: RemoteOptionTexts, context: OpenContext): Promise<boolean | string> {
  const value = options.ssl_verify;
  if (value === undefined) return true;
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  try {
    return await readFile(resolve(context.folder, value), 'utf8');
  } catch (error) {
    throw invalid('REMOTE_CONFIG', `The ssl_verify of a remote names the file ${value}, which cannot be read.`, { cause: error });
  }
}

function secondsOf(options: RemoteOptionTexts, option: string): number {
  const value = options[option];
  if (value === undefined) return DEFAULT_TIMEOUT_SECONDS * 1000;
  const seconds = Number(value);
  if (!Number.isFinite(seconds) || seconds <= 0)
    throw invalid('REMOTE_CONFIG', `${option} must be a number of seconds, not ${JSON.stringify(value)}.`);
  return seconds * 1000;
}

function wholeNumber(options: RemoteOptionTexts, option: string): number {
  const value = Number(options[option]);
  if (!Number.isSafeInteger(value) || value < 1)
    throw invalid('REMOTE_CONFIG', `${option} must be a whole number from 1 on, not ${JSON.stringify(options[option])}.`);
  return value;
}

function flagOf(options: RemoteOptionTexts, option: string): boolean | null {
  const value = options[option]?.toLowerCase();
  if (value === undefined) return null;
  if (/^(true|yes|on|1)$/.test(value)) return true;
  if (/^(false|no|off|0)$/.test(value)) return false;
  throw invalid('REMOTE_CONFIG', `${option} must be true or false, not ${JSON.stringify(value)}.`);
}

// -- S3 -----------------------------------------------------------------------------------------------------------------------------------

const GRANTS: Readonly<Record<string, string>> = {
  grant_full_control: 'GrantFullControl',
  grant_read: 'GrantRead',
  grant_read_acp: 'GrantReadACP',
  grant_write_acp: 'GrantWriteACP',
};

function s3OptionsOf(options: RemoteOptionTexts): S3Options {
  const match = /^s3:\/\/([^/?#]+)\/?([^?#]*)(\?[^#]*)?/i.exec(options.url ?? '');
  if (match?.[1] === undefined)
    throw invalid('REMOTE_CONFIG', `The address ${shownUrl(options.url ?? '')} must look like s3://bucket/path.`);
  if (/versionId=/.test(match[3] ?? '')) {
    throw unsupported('An address that names a version of an S3 object', 'Fetch it with the tools of AWS, and add it.');
  }
  const prefix = (match[2] ?? '').replace(/^\/+|\/+$/g, '');
  const { readExtras, writeExtras } = s3Extras(options);
  return {
    bucket: match[1],
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint: options.endpointurl ?? null,
    region: options.region ?? null,
    profile: options.profile ?? null,
    accessKeyId: options.access_key_id ?? null,
    secretAccessKey: options.secret_access_key ?? null,
    sessionToken: options.session_token ?? null,
    credentialsFile: options.credentialpath ?? null,
    configFile: options.configpath ?? null,
    isAnonymous: flagOf(options, 'allow_anonymous_login') ?? false,
    useSsl: flagOf(options, 'use_ssl') ?? true,
    verify: s3Verify(options),
    connectTimeoutMs: secondsOf(options, 'connect_timeout'),
    idleTimeoutMs: secondsOf(options, 'read_timeout'),
    readExtras,
    writeExtras,
  };
}

/** False, true, or the file of the authorities' certificates. */
function s3Verify(options: RemoteOptionTexts): boolean | string {
  const value = options.ssl_verify;
  if (value === undefined || /^(true|yes|on|1)$/i.test(value)) return true;
  return /^(false|no|off|0)$/i.test(value) ? false : value;
}

function s3Extras(options: RemoteOptionTexts): { readExtras: Record<string, string>; writeExtras: Record<string, string> } {
  const { sse, sse_kms_key_id: kmsKey, sse_customer_key: customerKey, sse_customer_algorithm: algorithm, acl } = options;
  const grants = Object.entries(GRANTS).filter(([option]) => options[option] !== undefined);
  if (acl !== undefined && grants.length > 0) throw invalid('REMOTE_CONFIG', 'acl and grant_… of an S3 remote exclude each other.');
  if (kmsKey !== undefined && customerKey !== undefined) {
    throw invalid('REMOTE_CONFIG', 'sse_kms_key_id and sse_customer_key of an S3 remote exclude each other.');
  }
  const readExtras = customerKey === undefined ? {} : { SSECustomerAlgorithm: algorithm ?? 'AES256', SSECustomerKey: customerKey };
  return {
    readExtras,
    writeExtras: {
      ...readExtras,
      ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
      ...(kmsKey === undefined ? {} : { SSEKMSKeyId: kmsKey }),
      ...(acl === undefined ? {} : { ACL: acl }),
      ...Object.fromEntries(grants.map(([option, name]) => [name, options[option] ?? ''])),
    },
  };
}
