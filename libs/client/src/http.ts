// Requests over Node's own HTTP client: connections are kept, a file goes out with its length, and every answer that is no success becomes a
// Failure that says whether sending again can help.

import type { IncomingHttpHeaders } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';

import { Failure, KIND_OF_CODE, messageOf, systemCode } from './errors.ts';
import type { FailureKind } from './errors.ts';
import type { Connection } from './settings.ts';
import { VERSION } from './version.ts';

const CONNECT_LIMIT_MS = 5_000;
/** Without a byte in either direction. A server that hashes a large file says nothing meanwhile. */
const SILENCE_LIMIT_MS = 120_000;
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
const MAX_RETRY_AFTER_S = 60;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Behind the server's address. */
  path: string;
  type?: string;
  headers?: Record<string, string>;
  body?: string | { open: () => Readable; sizeBytes: number };
}

/** Sends requests to one server. */
export class Http {
  readonly #connection: Connection;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #isSecure: boolean;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#isSecure = connection.url.startsWith('https:');
    this.#agent = this.#isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** The answer's JSON, or undefined where it has none. Throws Failure. */
  async json(request: HttpRequest): Promise<unknown> {
    const { status, headers, text } = await this.#send(request);
    const answer = parse(text);
    if (status >= 200 && status < 300) {
      if (answer !== undefined || text === '') return answer;
      throw new Failure({ kind: 'blocked', code: 'NO_JSON', message: `${this.#connection.url} answers, but not as Throughline does.` });
    }
    throw failureOf({ status, headers, answer, text, request, url: this.#connection.url });
  }

  /** Closes the connections that wait for another request. */
  close(): void {
    this.#agent.destroy();
  }

  #send({ method, path, type, headers, body }: HttpRequest): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
    const { url, token, workspace } = this.#connection;
    const send = this.#isSecure ? httpsRequest : httpRequest;
    const length = body === undefined ? undefined : typeof body === 'string' ? Buffer.byteLength(body) : body.sizeBytes;
    return new Promise((answered, failed) => {
      const request = send(`${url}${path}`, {
        method,
        agent: this.#agent,
        timeout: SILENCE_LIMIT_MS,
        headers: {
          Accept: 'application/json',
          'User-Agent': `throughline-client/${VERSION}`,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(workspace === undefined ? {} : { 'X-Throughline-Workspace': workspace }),
          ...(type === undefined ? {} : { 'Content-Type': type }),
          ...(length === undefined ? {} : { 'Content-Length': String(length) }),
          ...headers,
        },
      });
      const fail = (error: unknown) => {
        request.destroy();
        failed(unreachable(url, error));
      };
      request.on('error', fail);
      request.on('timeout', () => fail(new Error(`no word for ${SILENCE_LIMIT_MS / 1000} s`)));
      request.on('socket', (socket) => {
        if (!socket.connecting) return;
        const limit = setTimeout(() => fail(new Error(`no connection within ${CONNECT_LIMIT_MS / 1000} s`)), CONNECT_LIMIT_MS);
        socket.once('connect', () => clearTimeout(limit)).once('close', () => clearTimeout(limit));
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) fail(new Error('the answer is too large'));
        });
        response.on('error', fail);
        response.on('end', () => {
          answered({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      if (body === undefined || typeof body === 'string') {
        request.end(body);
        return;
      }
      const stream = body.open();
      stream.on('error', (error) => {
        request.destroy();
        failed(error);
      });
      stream.pipe(request);
      // Whoever refuses a file early closes the connection; the rest is not read for nobody.
      request.on('close', () => stream.destroy());
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): Failure {
  const code = systemCode(error);
  const message =
    code === 'ECONNREFUSED' ? `No server answers at ${url}.` : `There is no answer from ${url}: ${messageOf(error) || String(code)}.`;
  return new Failure({ kind: 'transient', code: 'UNREACHABLE', message, cause: error });
}

/** What the server said about a request that failed, in any of its protocols' forms. */
interface Said {
  error_code?: string;
  message?: string;
  error?: { code?: string; message?: string; hint?: string };
  errors?: readonly { message?: string; extensions?: { reason?: string; hint?: string } }[];
}

function failureOf({
  status,
  headers,
  answer,
  text,
  request,
  url,
}: {
  status: number;
  headers: IncomingHttpHeaders;
  answer: unknown;
  text: string;
  request: HttpRequest;
  url: string;
}): Failure {
  const said = (typeof answer === 'object' && answer !== null ? answer : {}) as Said;
  const [first] = said.errors ?? [];
  const code = said.error_code ?? said.error?.code ?? first?.extensions?.reason ?? `HTTP_${status}`;
  const message =
    said.message ??
    said.error?.message ??
    first?.message ??
    `${request.method} ${url}${request.path} was answered with ${status}: ${text.slice(0, 200)}`;
  const known = answer !== undefined;
  const hint =
    said.error?.hint ??
    first?.extensions?.hint ??
    (status === 401
      ? 'Give a token in THROUGHLINE_TOKEN.'
      : !known && status < 500
        ? 'Is THROUGHLINE_URL the address of a Throughline server?'
        : undefined);
  return new Failure({
    kind: KIND_OF_CODE[code] ?? kindOf(status, known),
    code,
    message,
    hint,
    retryAfterMs: retryAfterMs(headers['retry-after']),
  });
}

function kindOf(status: number, isOurs: boolean): FailureKind {
  if (status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501)) return 'transient';
  // A redirect, or a page of something else: another record would be answered no better.
  if (status < 400 || status === 401 || status === 403 || status === 404 || !isOurs) return 'blocked';
  return 'refused';
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(Number(header), MAX_RETRY_AFTER_S) * 1000;
}
