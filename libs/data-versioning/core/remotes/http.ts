// A web server as a place for files, spoken to as DVC speaks to it: one GET, HEAD, and POST (or PUT) a file, no listing, no removing. Two things are done better:
// HEAD asks whether a file is there, where the server answers it, and the size that it tells is compared, because a plain server may keep the
// first half of an upload that broke.

import { shownUrl, below } from './address.ts';
import { fileNotFound, forbidden, remoteFull, unauthenticated, unexpectedAnswer } from './failures.ts';
import { bodyOf, drop, retryAfterOf, textOf } from './http-client.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { attempt, mayPass } from './retry.ts';
import type { Storage, StoredFile } from './storage.ts';

const JOBS = 16;

export interface HttpStorageOptions {
  /** As it is, query included: files' paths are put behind it. */
  readonly url: string;
  readonly client: HttpClient;
  readonly uploadMethod: 'POST' | 'PUT';
}

export function openHttp({ url, client, uploadMethod }: HttpStorageOptions): Storage {
  const shown = shownUrl(url);
  const address = (path: string) => below(url, escapePath(path));
  let isHeadAnswered = true;

  const ask = async (path: string, signal: AbortSignal): Promise<HttpAnswer> => {
    if (isHeadAnswered) {
      const answer = await client.send({ method: 'HEAD', url: address(path), signal });
      drop(answer);
      // 405 and 501 say that HEAD is not known; presigned and some guarded addresses answer 400 or 403 to it, and 200 to GET.
      if (answer.status < 400 || answer.status === 404 || answer.status === 410) return answer;
      if (answer.status === 405 || answer.status === 501) isHeadAnswered = false;
    }
    const answer = await client.send({ method: 'GET', url: address(path), signal });
    answer.body.on('error', () => undefined);
    // Its body is not wanted: the server notices that nobody reads.
    answer.body.destroy();
    return answer;
  };

  return {
    kind: 'http',
    url: shown,
    jobs: JOBS,
    async stat(path, signal): Promise<StoredFile | null> {
      return await attempt(
        async () => {
          const answer = await ask(path, signal);
          if (answer.status === 404 || answer.status === 410) return null;
          if (answer.status >= 400) throw refusal(answer, shown, 'reading');
          return { path, sizeBytes: lengthOf(answer), ...etagOf(answer) };
        },
        { signal },
      );
    },
    async read(path, { offsetBytes = 0, signal }) {
      const answer = await client.send({
        method: 'GET',
        url: address(path),
        signal,
        headers: { 'accept-encoding': 'identity', ...(offsetBytes > 0 ? { range: `bytes=${offsetBytes}-` } : {}) },
      });
      if (answer.status === 404 || answer.status === 410) {
        drop(answer);
        throw fileNotFound(shownUrl(address(path)));
      }
      if (answer.status === 416) {
        drop(answer);
        throw unexpectedAnswer(shown, `that ${shownUrl(address(path))} has fewer bytes than were there before`);
      }
      if (answer.status >= 400) throw refusal(answer, shown, 'reading');
      const range = /^bytes (\d+)-\d*\/(\d+|\*)/.exec(answer.headers['content-range'] ?? '');
      const isPart = answer.status === 206 && range !== null;
      return {
        chunks: bodyOf(answer, shown),
        sizeBytes: isPart ? (range[2] === '*' ? null : Number(range[2])) : lengthOf(answer),
        offsetBytes: isPart ? Number(range[1]) : 0,
        ...etagOf(answer),
      };
    },
    async write(path, source, signal) {
      await attempt(
        async () => {
          const answer = await client.send({
            method: uploadMethod,
            url: address(path),
            headers: { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' },
            body: source.open(),
            signal,
          });
          if (answer.status < 300) {
            drop(answer);
            return;
          }
          throw await writeRefusal(answer, { shown, location: shownUrl(address(path)) });
        },
        { signal },
      );
    },
    small: null,
    list: null,
    remove: null,
    versions: null,
    async flush() {
      return;
    },
    locationOf: (path) => shownUrl(address(path)),
    close: () => client.close(),
  };
}

/** Each part of a path in an address. */
export function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function lengthOf(answer: HttpAnswer): number | null {
  const length = answer.headers['content-length'];
  if (length === undefined || (answer.headers['content-encoding'] ?? 'identity') !== 'identity') return null;
  return Number(length);
}

function etagOf(answer: HttpAnswer): { etag?: string } {
  const etag = answer.headers.etag;
  return etag === undefined ? {} : { etag };
}

const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a status that refuses means. */
export function refusal(answer: HttpAnswer, url: string, doing: string): Error {
  drop(answer);
  return refusalOf(answer, url, doing, `HTTP ${answer.status}`);
}

export function refusalOf(answer: HttpAnswer, url: string, doing: string, words: string): Error {
  switch (answer.status) {
    case 401:
      return unauthenticated(url, CREDENTIALS_HINT);
    case 403:
      return forbidden(url, doing);
    case 507:
      return remoteFull(url);
    default: {
      const error = unexpectedAnswer(url, `${words} to ${doing}`);
      return TRY_AGAIN.has(answer.status) ? mayPass(error, retryAfterOf(answer)) : error;
    }
  }
}

export const CREDENTIALS_HINT =
  'Give them with: throughline remote modify --local <name> auth basic (with user and password), or auth custom (with custom_auth_header and password); for a Throughline server, throughline login <address>.';

/** A server that refuses an upload may say why in a line of text; that line is passed on. */
async function writeRefusal(answer: HttpAnswer, { shown, location }: { shown: string; location: string }): Promise<Error> {
  const text = await textOf(answer, { limitBytes: 2_000, isCut: true, url: shown }).catch(() => '');
  const line = /^[\x20-\x7e]{1,300}$/.exec(text.trim())?.[0];
  if (answer.status === 405 || answer.status === 501) {
    return unexpectedAnswer(shown, `HTTP ${answer.status} to an upload: set the remote's "method" to PUT or POST, whichever it takes`);
  }
  return refusalOf(answer, shown, `writing ${location}`, `HTTP ${answer.status}${line === undefined ? '' : ` (${line})`}`);
}
