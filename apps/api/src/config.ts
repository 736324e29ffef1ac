// The only reader of the environment. Every wrong value is reported, all at once, with what would be right.

import { homedir, totalmem } from 'node:os';
import { resolve } from 'node:path';

import { DomainError } from '@throughline/kernel';
import { z } from 'zod';

import type { RestCredentials } from './import/rest-client.ts';

/** Where bytes are kept: a folder, or an S3 bucket. */
export type ObjectsConfig =
  | { kind: 'filesystem'; root: string }
  | {
      kind: 's3';
      endpoint: string;
      /** Where clients reach the same server; undefined where they do not. */
      publicEndpoint: string | undefined;
      bucket: string;
      accessKey: string;
      secretKey: string;
      region: string;
      prefix: string;
    };

export interface Config {
  /** The address to listen on; the server needs a token unless it is loopback. */
  host: string;
  port: number;
  /** Whether `host` is loopback, and so the local user needs no token. */
  isLoopback: boolean;
  dataDir: string;
  /** Where PostgreSQL is; null starts the embedded one in `dataDir`. */
  databaseUrl: string | null;
  databaseConnections: number;
  objects: ObjectsConfig;
  /** Host names that requests may carry beside loopback's and `host`; guards against DNS rebinding. */
  allowedHosts: readonly string[];
  /** The largest single artifact or upload, in bytes. */
  maxUploadBytes: number;
  /** How long what DVC pushed is kept after somebody last relied on it, where no version needs it. */
  pushedDays: number;
  /** What runs may take in this process's memory for searches, in bytes, about; 0 keeps none there. */
  searchMemoryBytes: number;
  /** Whether the dashboard is served beside the API. */
  web: boolean;
  /** The key under which secrets are kept, 32 bytes; null keeps one in a file of `dataDir`. */
  secretKey: Uint8Array | null;
  /** Whether webhooks may reach addresses that are not of the public internet. */
  webhookAllowPrivate: boolean;
  /** Whether POST /test/reset empties the server; on loopback only, over a database that was made for it. */
  testReset: boolean;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** A whole number, with the same words for whatever else it is. */
function whole(least: number, most: number) {
  const words = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number(words).int(words).min(least, words).max(most, words);
}
const flag = z.enum(['0', '1'], 'must be 0 or 1').transform((value) => value === '1');
const blank = (value: unknown) => (value === '' ? undefined : value);

const SHAPE = z.object({
  THROUGHLINE_HOST: z.preprocess(
    blank,
    z
      .string()
      .regex(/^[\w.:-]+$/, 'must be a host name or an address')
      .default('127.0.0.1'),
  ),
  THROUGHLINE_PORT: z.preprocess(blank, whole(0, 65_535).default(4000)),
  THROUGHLINE_DATA_DIR: z.preprocess(blank, z.string().default('.throughline')),
  DATABASE_URL: z.preprocess(
    blank,
    z
      .string()
      .regex(/^postgres(?:ql)?:\/\//, 'must begin with postgresql://')
      .optional(),
  ),
  THROUGHLINE_DATABASE_CONNECTIONS: z.preprocess(blank, whole(2, 200).default(10)),
  THROUGHLINE_S3_ENDPOINT: z.preprocess(blank, z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional()),
  THROUGHLINE_S3_PUBLIC_ENDPOINT: z.preprocess(
    blank,
    z.string().refine(isOrigin, 'must be an http or https address with nothing behind its port').optional(),
  ),
  THROUGHLINE_S3_BUCKET: z.preprocess(
    blank,
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be a bucket name')
      .optional(),
  ),
  THROUGHLINE_S3_ACCESS_KEY: z.preprocess(blank, z.string().optional()),
  THROUGHLINE_S3_SECRET_KEY: z.preprocess(blank, z.string().optional()),
  THROUGHLINE_S3_REGION: z.preprocess(blank, z.string().default('us-east-1')),
  THROUGHLINE_S3_PREFIX: z.preprocess(
    blank,
    z
      .string()
      .regex(/^(?:[a-z0-9][a-z0-9_.-]*\/)*$/, 'must be empty or end with /')
      .default(''),
  ),
  THROUGHLINE_ALLOWED_HOSTS: z.preprocess(blank, z.string().default('')),
  THROUGHLINE_MAX_UPLOAD_BYTES: z.preprocess(blank, whole(1, 5 * 2 ** 40).default(5 * 2 ** 40)),
  THROUGHLINE_PUSHED_DAYS: z.preprocess(blank, whole(1, 36_500).default(3_650)),
  THROUGHLINE_SEARCH_MEMORY_MB: z.preprocess(blank, whole(0, 1_000_000).optional()),
  THROUGHLINE_WEB: z.preprocess(blank, flag.default(true)),
  THROUGHLINE_SECRET_KEY: z.preprocess(
    blank,
    z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64, as `openssl rand -base64 32` makes them')
      .optional(),
  ),
  THROUGHLINE_WEBHOOK_ALLOW_PRIVATE: z.preprocess(blank, flag.default(false)),
  THROUGHLINE_TEST_RESET: z.preprocess(blank, flag.default(false)),
});

const TOGETHER = ['THROUGHLINE_S3_BUCKET', 'THROUGHLINE_S3_ACCESS_KEY', 'THROUGHLINE_S3_SECRET_KEY'] as const;

/** Whether an address is this machine's own loopback. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether an address is a scheme, a host and a port alone: what is signed for it has a path of its own. */
function isOrigin(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return false;
  return url.pathname === '/' && url.search === '' && url.hash === '';
}

/** Reads the configuration. Throws `invalid` that names every wrong variable; secrets are never repeated. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = SHAPE.safeParse(env);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const value = parsed.data;
  if (!env['THROUGHLINE_S3_ENDPOINT']) {
    const stray = [...TOGETHER, 'THROUGHLINE_S3_PUBLIC_ENDPOINT', 'THROUGHLINE_S3_REGION', 'THROUGHLINE_S3_PREFIX'].find(
      (name) => env[name],
    );
    if (stray !== undefined) faults.push(`${stray} means nothing without THROUGHLINE_S3_ENDPOINT`);
  } else {
    for (const name of TOGETHER) if (!env[name]) faults.push(`${name} is needed beside THROUGHLINE_S3_ENDPOINT`);
  }
  if (value?.THROUGHLINE_TEST_RESET === true && !isLoopbackHost(value.THROUGHLINE_HOST)) {
    faults.push('THROUGHLINE_TEST_RESET lets a request empty the server, so THROUGHLINE_HOST must be loopback beside it');
  }
  if (value === undefined || faults.length > 0) {
    throw new DomainError({
      kind: 'invalid',
      code: 'INVALID_CONFIGURATION',
      message: `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      hint: 'Every variable is described in .env.example.',
    });
  }
  const dataDir = resolve(value.THROUGHLINE_DATA_DIR.replace(/^~(?=\/|$)/, homedir()));
  return {
    host: value.THROUGHLINE_HOST,
    port: value.THROUGHLINE_PORT,
    isLoopback: isLoopbackHost(value.THROUGHLINE_HOST),
    dataDir,
    databaseUrl: value.DATABASE_URL ?? null,
    databaseConnections: value.THROUGHLINE_DATABASE_CONNECTIONS,
    objects: objectsOf(value, dataDir),
    allowedHosts: value.THROUGHLINE_ALLOWED_HOSTS.split(',')
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ''),
    maxUploadBytes: value.THROUGHLINE_MAX_UPLOAD_BYTES,
    pushedDays: value.THROUGHLINE_PUSHED_DAYS,
    searchMemoryBytes: (value.THROUGHLINE_SEARCH_MEMORY_MB ?? searchMemoryMb()) * 2 ** 20,
    web: value.THROUGHLINE_WEB,
    secretKey: value.THROUGHLINE_SECRET_KEY === undefined ? null : Buffer.from(value.THROUGHLINE_SECRET_KEY, 'base64'),
    webhookAllowPrivate: value.THROUGHLINE_WEBHOOK_ALLOW_PRIVATE,
    testReset: value.THROUGHLINE_TEST_RESET,
  };
}

/** A sixteenth of the memory that there is for this process, and no more than is of use to most. */
function searchMemoryMb(): number {
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(512, Math.floor(memory / 16 / 2 ** 20));
}

/** The folder in which whoever runs a command stands: what started this program says it, since the command works in the repository's. */
export function readStandpoint(env: Readonly<Record<string, string | undefined>>): string {
  return env['THROUGHLINE_INVOKED_FROM'] ?? process.cwd();
}

/** Reads what another MLflow server is asked with, as MLflow's own client does. It concerns imports alone, and is no part of a server's configuration. */
export function readMlflowCredentials(env: Readonly<Record<string, string | undefined>>): RestCredentials {
  const given = (name: string) => (env[name] === '' ? undefined : env[name]);
  return {
    username: given('MLFLOW_TRACKING_USERNAME'),
    password: given('MLFLOW_TRACKING_PASSWORD'),
    token: given('MLFLOW_TRACKING_TOKEN'),
  };
}

function objectsOf(value: z.infer<typeof SHAPE>, dataDir: string): ObjectsConfig {
  if (value.THROUGHLINE_S3_ENDPOINT === undefined) return { kind: 'filesystem', root: resolve(dataDir, 'objects') };
  return {
    kind: 's3',
    endpoint: value.THROUGHLINE_S3_ENDPOINT,
    publicEndpoint: value.THROUGHLINE_S3_PUBLIC_ENDPOINT,
    bucket: value.THROUGHLINE_S3_BUCKET ?? '',
    accessKey: value.THROUGHLINE_S3_ACCESS_KEY ?? '',
    secretKey: value.THROUGHLINE_S3_SECRET_KEY ?? '',
    region: value.THROUGHLINE_S3_REGION,
    prefix: value.THROUGHLINE_S3_PREFIX,
  };
}
