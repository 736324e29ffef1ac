// Speaks to another MLflow server: JSON by GET and POST, files as streams. What a server may answer later (429, 5xx, a broken line) is asked
// again, with longer and longer pauses; credentials go out in a header and into no message.

import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import { DomainError } from '@throughline/kernel';

import { badSource } from './source.ts';
import { record } from './values.ts';

export interface RestCredentials {
  /** For HTTP's Basic scheme. */
  username?: string | undefined;
  password?: string | undefined;
  /** For the Bearer scheme; goes before a name and a password. */
  token?: string | undefined;
}

export interface RestClient {
  /** The server's address, without credentials. */
  readonly base: string;
  /** JSON, or null for 404 and for what the server does not know. */
  get(path: string, query: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>> | null>;
  post(path: string, body: object): Promise<Readonly<Record<string, unknown>> | null>;
  /** The bytes at a path; null for 404. */
  download(path: string, query?: Readonly<Record<string, string>>): Promise<Readable | null>;
}

const TRIES = 6;
const FIRST_PAUSE_MS = 250;
/** An answer must begin within this time; large histories take a server a while. */
const ANSWER_MS = 300_000;
/** The largest JSON answer: 1,000 runs with all that they may carry. */
const MAX_JSON_BYTES = 512 * 1024 * 1024;

interface Request {
  method: 'GET' | 'POST';
  body?: string;
  headers?: Readonly<Record<string, string>>;
}

const isPassing = (status: number) => status === 408 || status === 429 || status >= 500;

function addressOf(uri: string, given: RestCredentials): { base: string; headers: Record<string, string> } {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw badSource(`'${uri.slice(0, 200)}' is no address.`);
  }
  const username = url.username === '' ? given.username : decodeURIComponent(url.username);
  const password = url.username === '' ? given.password : decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  url.hash = '';
  url.search = '';
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (given.token !== undefined) headers['Authorization'] = `Bearer ${given.token}`;
  else if (username !== undefined) headers['Authorization'] = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  return { base: url.href.replace(/\/+$/, ''), headers };
}

/** Makes a client of the server at an address. Nothing is sent yet. */
export function createRestClient(uri: string, credentials: RestCredentials): RestClient {
  const { base, headers } = addressOf(uri, credentials);

  async function once(path: string, { headers: more, ...init }: Request): Promise<Response> {
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), ANSWER_MS);
    try {
      return await fetch(base + path, { ...init, headers: { ...headers, ...more }, signal: slow.signal, redirect: 'error' });
    } finally {
      clearTimeout(timer);
    }
  }

  async function send(path: string, init: Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(path, init).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      if (!(outcome instanceof Error) && !isPassing(outcome.status)) return outcome;
      const why = outcome instanceof Error ? causeOf(outcome) : `it answered ${outcome.status}`;
      if (!(outcome instanceof Error)) await outcome.body?.cancel();
      if (attempt === TRIES) {
        throw new DomainError({
          kind: 'unavailable',
          code: 'SOURCE_UNAVAILABLE',
          message: `${base} cannot be read: ${why}, ${TRIES} times.`,
          hint: 'Run the import again when the server answers; what was copied is not copied twice.',
        });
      }
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }

  async function json(path: string, init: Request): Promise<Readonly<Record<string, unknown>> | null> {
    const response = await send(path, init);
    const size = Number(response.headers.get('content-length') ?? 0);
    if (size > MAX_JSON_BYTES) throw badSource(`${base} answered ${size} bytes at once.`);
    const text = await response.text();
    if (response.status === 404) return null;
    if (response.status === 401 || response.status === 403) {
      throw badSource(
        `${base} refused: ${response.status}.`,
        'Credentials are read from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
      );
    }
    if (!response.ok) throw badSource(`${base}${path.split('?', 1)[0]} answered ${response.status}: ${text.slice(0, 300)}`);
    try {
      // Some releases write NaN as it is, which is no JSON; outside of strings it stands behind a colon.
      return record(JSON.parse(text.includes('NaN') ? text.replaceAll(/(":\s*)NaN\b/g, '$1"NaN"') : text), base + path);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw badSource(`${base}${path.split('?', 1)[0]} answered no JSON.`, 'Is it the address of an MLflow server?');
    }
  }

  const withQuery = (path: string, query: Readonly<Record<string, string>>) => {
    const text = new URLSearchParams(query).toString();
    return text === '' ? path : `${path}?${text}`;
  };

  return {
    base,
    get: (path, query) => json(withQuery(path, query), { method: 'GET' }),
    post: (path, body) => json(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    async download(path, query = {}) {
      const response = await send(withQuery(path, query), { method: 'GET', headers: { Accept: '*/*' } });
      if (response.status === 404) {
        await response.body?.cancel();
        return null;
      }
      if (!response.ok) throw badSource(`${base}${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
      return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    },
  };
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
