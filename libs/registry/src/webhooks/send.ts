// One POST to an address that somebody else chose. The host's name is resolved once, every address that it has must be public, and the
// connection goes to one of those very addresses: a name that answers differently the second time gains nothing. Redirects are answers
// like any other and are not followed; proxies of the environment are not used; time and what is read of the answer are bounded.

import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';

import { DomainError } from '@throughline/kernel';

import { isPublicAddress } from './addresses.ts';

export interface Letter {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Whether addresses that are not public may be reached too. */
  allowPrivate: boolean;
  /** From the first byte to the last, both ways. */
  timeoutMs: number;
  /** Breaks it off. */
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** The answer's Retry-After, as it came. */
  retryAfter: string | null;
  /** The first few kilobytes of its body. */
  text: string;
}

/** What is read of an answer. */
const MAX_ANSWER_BYTES = 4_096;
const MAX_HEADER_BYTES = 16_384;

export function privateAddress(host: string, address: string): DomainError {
  const shown = host === address ? `'${host}' is` : `'${host}' resolves to ${address}, which is`;
  return new DomainError({
    kind: 'invalid',
    code: 'PRIVATE_ADDRESS',
    message: `${shown} not an address of the public internet; webhooks do not reach others.`,
    hint: 'Whoever runs the server may allow them: THROUGHLINE_WEBHOOK_ALLOW_PRIVATE=1.',
  });
}

/** The host of a URL as sockets take it: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

/** As `dns.lookup`, and refuses a name that has any address that is not public. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '');
      return;
    }
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (refused !== undefined) callback(privateAddress(hostname, refused.address), '');
    else if (options.all === true) callback(null, addresses);
    else if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
    else callback(null, first.address, first.family);
  });
};

/** Throws `invalid` PRIVATE_ADDRESS, or WEBHOOK_HOST_UNKNOWN where the name has no address: for asking before anything is sent. */
export async function checkReachable(url: URL): Promise<void> {
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    if (!isPublicAddress(host)) throw privateAddress(host, host);
    return;
  }
  await new Promise<void>((done, failed) => {
    lookupPublic(host, { all: true }, (error) => {
      if (error === null) done();
      else if (error instanceof DomainError) failed(error);
      else
        failed(
          new DomainError({
            kind: 'invalid',
            code: 'WEBHOOK_HOST_UNKNOWN',
            message: `The host '${host}' cannot be resolved.`,
            cause: error,
          }),
        );
    });
  });
}

/** Sends a letter and answers what came back. Throws PRIVATE_ADDRESS, and the socket's error where there was no answer. */
export async function send({ url, headers, body, allowPrivate, timeoutMs, signal }: Letter): Promise<Answer> {
  const host = hostOf(url);
  // A socket that is given an address looks nothing up, and so would not ask.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddress(host, host);
  const isTls = url.protocol === 'https:';
  const limit = AbortSignal.timeout(timeoutMs);
  const options = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
    // Its own, without a proxy, and closed behind the answer.
    agent: isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false }),
    maxHeaderSize: MAX_HEADER_BYTES,
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    ...(allowPrivate ? {} : { lookup: lookupPublic }),
  };
  try {
    return await new Promise<Answer>((done, failed) => {
      const request = isTls ? requestHttps(url, options) : requestHttp(url, options);
      request.on('error', failed);
      request.once('response', (response) => {
        readStart(response).then((text) => {
          done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null, text });
          request.destroy();
        }, failed);
      });
      // Unheard, it would end the connection without a word, and whoever waits here would wait for ever.
      request.once('upgrade', ({ statusCode = 0 }: IncomingMessage, socket: Duplex) => {
        socket.destroy();
        done({ status: statusCode, retryAfter: null, text: '' });
      });
      // Whatever else ends it has come to an end.
      request.once('close', () => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
      request.end(body);
    });
  } catch (error) {
    if (limit.aborted) throw Object.assign(new Error('no answer in time', { cause: error }), { code: 'ETIMEDOUT' });
    throw error;
  }
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  // What no database column takes.
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8').replaceAll('\0', '\uFFFD');
}
