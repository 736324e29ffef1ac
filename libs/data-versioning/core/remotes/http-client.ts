// HTTP as remotes need it: connections that are kept, bodies that stream both ways, limits on silence rather than on time, and redirects that take no
// credentials along to another origin. Node's own `fetch` can neither be told whom to trust nor how long to wait for a connection.

import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@throughline/kernel';
import { codeOf } from '../objects/failures.ts';
import { isNearby } from './address.ts';
import { reasonOf, unexpectedAnswer, unreachable } from './failures.ts';
import type { Proxies } from '../types.ts';
import { proxyFor, throughProxy, TunnelAgent } from './proxy.ts';
import { isPassing, mayPass, throwIfAborted } from './retry.ts';

export interface HttpOptions {
  /** Of the remote, without credentials; for messages. */
  readonly url: string;
  /** Sent to the remote's own origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** False: any certificate will do. Text: certificates of the authorities that are trusted, as PEM. */
  readonly verify: boolean | string;
  readonly connectTimeoutMs: number;
  /** A connection on which nothing moves for so long is given up. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  readonly proxies?: Proxies | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array> | Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: http.IncomingMessage;
}

export interface HttpClient {
  /** Any status is an answer; a connection that fails throws `REMOTE_UNREACHABLE`, marked as passing. The body must be read or dropped. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createHttpClient(options: HttpOptions): HttpClient {
  const agentOptions = { keepAlive: true, maxSockets: options.maxConnections, scheduling: 'lifo' as const };
  const tls = { rejectUnauthorized: options.verify !== false, ...(typeof options.verify === 'string' ? { ca: options.verify } : {}) };
  const plain = new http.Agent(agentOptions);
  const secure = new https.Agent({ ...agentOptions, ...tls });
  const tunnels = new Map<string, TunnelAgent>();
  const agents: Agents = {
    plain,
    secure,
    tunnel(proxy) {
      const agent = tunnels.get(proxy.href) ?? new TunnelAgent(proxy, { ...agentOptions, ...tls, timeoutMs: options.connectTimeoutMs });
      tunnels.set(proxy.href, agent);
      return agent;
    },
  };
  return {
    async send(request) {
      const origin = originOf(request.url);
      let url = request.url;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
        const own = originOf(url) === origin ? options.headers : {};
        const answer = await sendOnce({ ...request, url, headers: { ...own, ...request.headers } }, agents, options);
        const next = answer.headers.location;
        if (!REDIRECTS.has(answer.status) || next === undefined || request.body !== undefined) return answer;
        drop(answer);
        url = new URL(next, url).href;
        if (!/^https?:/.test(url)) throw unexpectedAnswer(options.url, 'with a redirect to something else than HTTP');
        // A server elsewhere has no business with what listens here, and is not to have us ask it.
        if (isNearby(new URL(url).hostname) && !isNearby(new URL(request.url).hostname))
          throw unexpectedAnswer(options.url, 'with a redirect to this machine itself');
      }
      throw unexpectedAnswer(options.url, `with more than ${MAX_REDIRECTS} redirects`);
    },
    close() {
      plain.destroy();
      secure.destroy();
      for (const tunnel of tunnels.values()) tunnel.destroy();
    },
  };
}

function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
  readonly tunnel: (proxy: URL) => https.Agent;
}

async function sendOnce(request: HttpRequest, agents: Agents, options: HttpOptions): Promise<HttpAnswer> {
  throwIfAborted(request.signal);
  const url = new URL(request.url);
  const sent = begin(url, request, agents, options);
  limitSilence(sent, options);
  const answered = new Promise<http.IncomingMessage>((done, failed) => {
    sent.once('response', done);
    sent.on('error', failed);
  });
  const source: Source = { failure: null };
  try {
    // An answer that comes before the body's end wins over the error of the connection that it leaves behind.
    await Promise.race([Promise.all([answered, writeBody(sent, request.body, source)]), answered]);
    const body = await answered;
    return { status: body.statusCode ?? 0, headers: body.headers, body };
  } catch (error) {
    sent.destroy();
    answered.catch(() => undefined);
    throwIfAborted(request.signal);
    throw source.failure === null ? explain(error, options.url) : source.failure.error;
  }
}

function begin(url: URL, request: HttpRequest, agents: Agents, { proxies }: HttpOptions): http.ClientRequest {
  const { method, signal } = request;
  const headers = { 'user-agent': 'throughline', ...request.headers };
  const proxy = proxyFor(url, proxies);
  if (url.protocol === 'https:')
    return https.request(url, { method, headers, signal, agent: proxy === null ? agents.secure : agents.tunnel(proxy) });
  if (proxy === null) return http.request(url, { method, headers, signal, agent: agents.plain });
  const { headers: own, ...through } = throughProxy(url, proxy);
  const isSecure = proxy.protocol === 'https:';
  const agent = isSecure ? agents.secure : agents.plain;
  return (isSecure ? https : http).request({ ...through, method, signal, agent, headers: { ...headers, ...own } });
}

/** Where the body comes from: what it throws is its own, and no matter of the connection. */
interface Source {
  failure: { error: unknown } | null;
}

async function writeBody(sent: http.ClientRequest, body: HttpRequest['body'], source: Source): Promise<void> {
  if (body === undefined) sent.end();
  else if (body instanceof Uint8Array) sent.end(body);
  else await pipeline(Readable.from(watched(body, source), { objectMode: false }), sent);
}

async function* watched(body: AsyncIterable<Uint8Array>, source: Source): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        source.failure = { error };
        throw error;
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function limitSilence(sent: http.ClientRequest, options: HttpOptions): void {
  sent.once('socket', (socket) => {
    if (!socket.connecting) return;
    const limit = setTimeout(() => sent.destroy(new Silence('no connection', options.connectTimeoutMs)), options.connectTimeoutMs);
    const end = () => clearTimeout(limit);
    socket.once('connect', end).once('error', end).once('close', end);
  });
  sent.setTimeout(options.idleTimeoutMs, () => {
    const error = new Silence('no answer', options.idleTimeoutMs);
    sent.destroy(error);
  });
}

class Silence extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} within ${limitMs / 1000} s`);
    this.name = 'Silence';
  }
}

function explain(error: unknown, url: string): Error {
  if (error instanceof DomainError) return error;
  if (error instanceof Silence) return mayPass(unreachable(url, error.message, error));
  const failure = unreachable(url, reasonOf(error), error);
  const code = codeOf(error) ?? '';
  // A name or a certificate does not mend itself within seconds.
  return code === 'ENOTFOUND' || code.includes('CERT') || code.includes('SIGNATURE') ? failure : mayPass(failure);
}

/** Lets an answer's body go unread. A short one is read to its end, which keeps the connection. */
export function drop(answer: HttpAnswer): void {
  answer.body.on('error', () => undefined);
  const length = Number(answer.headers['content-length'] ?? Number.NaN);
  if (length <= DROP_BYTES) answer.body.resume();
  else answer.body.destroy();
}

const DROP_BYTES = 64 * 1024;

/** The beginning of an answer's body as text, for messages and for small JSON. Throws where it is longer than `limitBytes`, unless `isCut`. */
export async function textOf(
  answer: HttpAnswer,
  { limitBytes, isCut = false, url }: { limitBytes: number; isCut?: boolean; url: string },
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(answer, url)) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size <= limitBytes) continue;
    if (!isCut) throw unexpectedAnswer(url, `with more than ${limitBytes} bytes`);
    break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes).toString('utf8');
}

/** An answer's body. A connection that breaks in it throws `REMOTE_UNREACHABLE`, marked as passing. */
export async function* bodyOf(answer: HttpAnswer, url: string): AsyncGenerator<Uint8Array> {
  try {
    yield* answer.body as AsyncIterable<Buffer>;
  } catch (error) {
    if (isPassing(error)) throw error;
    throw explain(error, url);
  }
}

/** What a server asked for with Retry-After, in milliseconds. */
export function retryAfterOf(answer: HttpAnswer): number | null {
  const value = answer.headers['retry-after'];
  if (value === undefined) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
