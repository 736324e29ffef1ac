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
  get(path: string, query: Query): Promise<Readonly<Record<string, unknown>> | null>;
  post(path: string, body: object): Promise<Readonly<Record<string, unknown>> | null>;
  /** The bytes at a path; null for 404. */
  download(path: string, query?: Query): Promise<Readable | null>;
}

/** What stands behind an address; a list is sent as a parameter for each of its items. */
type Query = Readonly<Record<string, string | readonly string[]>>;

const TRIES = 6;
/** A server's own defect, such as files that it cannot get at, seldom passes; where every run has it, patience adds up to days. */
const TRIES_OF_DEFECTS = 3;
const FIRST_PAUSE_MS = 250;
/** An answer must begin within this time; large histories take a server a while. */
const ANSWER_MS = 300_000;
/** The largest JSON answer: 1,000 runs with all that they may carry. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

interface Request {
  method: 'GET' | 'POST';
  body?: string;
  headers?: Readonly<Record<string, string>>;
}

const RUN_AGAIN = 'Run the import again when the server answers; what was copied is not copied twice.';

/** The server answers, and says that it cannot. */
class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
  readonly tries: number;

  constructor(status: number) {
    super(`it answered ${status}`);
    this.tries = status === 500 ? TRIES_OF_DEFECTS : TRIES;
  }
}

const isPassing = (status: number) => status === 408 || status === 429 || status >= 500;

/** A part of an address as it was meant; as it stands where it was not encoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function addressOf(uri: string, given: RestCredentials): { base: string; headers: Record<string, string> } {
  // Not shown: it may hold a password.
  if (!URL.canParse(uri)) throw badSource('The address of the server is no address.');
  const url = new URL(uri);
  const username = url.username === '' ? given.username : decoded(url.username);
  const password = url.username === '' ? given.password : decoded(url.password);
  url.username = '';
  url.password = '';
  url.hash = '';
  url.search = '';
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (given.token !== undefined && !/^[\x21-\x7e]+$/.test(given.token)) throw badSource('The token holds characters that no header takes.');
  if (given.token !== undefined) headers['Authorization'] = `Bearer ${given.token}`;
  else if (username !== undefined) headers['Authorization'] = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  return { base: url.href.replace(/\/+$/, ''), headers };
}

/** Makes a client of the server at an address. Nothing is sent yet. */
export function createRestClient(uri: string, credentials: RestCredentials): RestClient {
  const { base, headers } = addressOf(uri, credentials);

  /** One request, and what is taken of its answer; all of that within the time. */
  async function once<T>(path: string, { headers: more, ...init }: Request, take: (response: Response) => Promise<T>): Promise<T> {
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), ANSWER_MS);
    try {
      const response = await fetch(base + path, { ...init, headers: { ...headers, ...more }, signal: slow.signal, redirect: 'error' });
      if (!isPassing(response.status)) return await take(response);
      await response.body?.cancel();
      throw new SourceFailed(response.status);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks until there is an answer. Throws `unavailable`: SOURCE_FAILED where the server answered that it cannot, else SOURCE_UNAVAILABLE. */
  async function send<T>(path: string, init: Request, take: (response: Response) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(path, init, take);
      } catch (error) {
        if (error instanceof DomainError) throw error;
        if (attempt >= (error instanceof SourceFailed ? error.tries : TRIES)) {
          throw new DomainError({
            kind: 'unavailable',
            code: error instanceof SourceFailed ? 'SOURCE_FAILED' : 'SOURCE_UNAVAILABLE',
            message: `${base}${path.split('?', 1)[0]} cannot be read: ${causeOf(error)}, ${attempt} times.`,
            hint: RUN_AGAIN,
          });
        }
      }
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }

  async function json(path: string, init: Request): Promise<Readonly<Record<string, unknown>> | null> {
    const { status, text } = await send(path, init, async (response) => ({ status: response.status, text: await textOf(response, base) }));
    if (status === 404) return null;
    if (status === 401 || status === 403) {
      throw badSource(
        `${base} refused: ${status}.`,
        'Credentials are read from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
      );
    }
    if (status < 200 || status > 299) throw badSource(`${base}${path.split('?', 1)[0]} answered ${status}: ${text.slice(0, 300)}`);
    try {
      // Some releases write NaN as it is, which is no JSON; outside of strings it stands behind a colon.
      return record(JSON.parse(text.includes('NaN') ? text.replaceAll(/(":\s*)NaN\b/g, '$1"NaN"') : text), base + path);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw badSource(`${base}${path.split('?', 1)[0]} answered no JSON.`, 'Is it the address of an MLflow server?');
    }
  }

  const withQuery = (path: string, query: Query) => {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
    const text = new URLSearchParams(pairs).toString();
    return text === '' ? path : `${path}?${text}`;
  };

  return {
    base,
    get: (path, query) => json(withQuery(path, query), { method: 'GET' }),
    post: (path, body) => json(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    async download(path, query = {}) {
      const response = await send(withQuery(path, query), { method: 'GET', headers: { Accept: '*/*' } }, (answer) =>
        Promise.resolve(answer),
      );
      if (response.status === 404) {
        await response.body?.cancel();
        return null;
      }
      if (!response.ok) throw badSource(`${base}${path} answered ${response.status}: ${(await textOf(response, base)).slice(0, 300)}`);
      return response.body === null ? Readable.from([]) : Readable.from(bytesOf(response.body, base + path));
    },
  };
}

/** A body as it comes. One that breaks off is the source's trouble, and says so. */
async function* bytesOf(body: NonNullable<Response['body']>, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new DomainError({
      kind: 'unavailable',
      code: 'SOURCE_UNAVAILABLE',
      message: `${what} broke off: ${causeOf(error)}.`,
      hint: RUN_AGAIN,
      cause: error,
    });
  }
}

async function textOf(response: Response, base: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_JSON_BYTES) throw badSource(`${base} answered more than ${MAX_JSON_BYTES} bytes at once.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
