// What a Throughline server takes beside DVC's plain HTTP: many objects in one request, questions about many at once, dataset versions, and what a run has read.
// The plain way stands below the same address, so large objects, and those of DVC 2, go there.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DomainError } from '@throughline/kernel';
import type { ErrorKind } from '@throughline/kernel';
import type { ObjectId } from '../types.ts';
import { printObjectId } from '../formats/object-id.ts';
import { localDamaged, remoteFull, unauthenticated, unexpectedAnswer, wrongContent } from './failures.ts';
import { bodyOf, drop, retryAfterOf, textOf } from './http-client.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { FRAMES_TYPE, frameHeader, readFrames } from './frames.ts';
import { attempt, mayPass } from './retry.ts';

export interface Registration {
  readonly name: string;
  /** Nobody chose the name: where it is another repository's, the server puts this one's before it. */
  readonly impliedName?: boolean;
  readonly description?: string;
  /** As `.dvc` files write it: with ".dir" for a folder. */
  readonly id: string;
  readonly message?: string;
  /** Of a folder's files, or `[""]` for a file alone. */
  readonly executable?: readonly string[];
  readonly sighting: { readonly repository: string; readonly path: string; readonly commit: string } | null;
  readonly tags: readonly string[];
}

export interface Registered {
  readonly dataset: string;
  readonly version: number;
  readonly ref: string;
  readonly digest: string;
  readonly created: boolean;
}

export interface ReadReport {
  readonly run: string;
  readonly id: string;
  readonly digest: string | null;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** One object to send, from the cache. */
export interface Sending {
  readonly id: ObjectId;
  readonly file: string;
  readonly sizeBytes: number;
}

export interface Throughline {
  /** Which of these the workspace does not hold. */
  missing(ids: readonly ObjectId[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Sends small objects, in this order. Answers what the server refused, with why. */
  put(objects: readonly Sending[], signal: AbortSignal): Promise<{ id: string; error: DomainError }[]>;
  /** Fetches small objects, verified; answers those that must be fetched alone, and those that are not there. */
  get(
    ids: readonly ObjectId[],
    signal: AbortSignal,
    onObject: (id: ObjectId, bytes: Buffer) => void,
  ): Promise<{ alone: ObjectId[]; absent: ObjectId[] }>;
  register(registration: Registration, signal: AbortSignal): Promise<Registered>;
  /** Every object that a dataset version needs. */
  needed(signal: AbortSignal): AsyncIterable<string>;
  reportRead(report: ReadReport, signal: AbortSignal): Promise<void>;
}

/** Of one question about what is missing. */
const QUESTION_LIMIT = 100_000;
/** Of an answer in JSON: a hundred thousand names have some 4 MB. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
/** How much is handed to the connection at once: headers alone would be packets of their own. */
const SEND_BYTES = 256 * 1024;

export interface ThroughlineOptions {
  /** `https://host/dvc/<workspace>`. */
  readonly base: string;
  /** The same for people. */
  readonly url: string;
  readonly client: HttpClient;
}

export function speakThroughline({ base, url, client }: ThroughlineOptions): Throughline {
  const call = async (method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<unknown> =>
    await attempt(
      async () => {
        const answer = await client.send({
          method,
          url: `${base}/${path}`,
          signal,
          headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
        });
        return await jsonOf(answer, url);
      },
      { signal },
    );

  return {
    async missing(ids, signal) {
      const absent = new Set<string>();
      for (let at = 0; at < ids.length; at += QUESTION_LIMIT) {
        const answer = await call('POST', 'objects/missing', { ids: ids.slice(at, at + QUESTION_LIMIT).map(printObjectId) }, signal);
        for (const id of stringsOf(answer, 'missing', url)) absent.add(id);
      }
      return absent;
    },
    async put(objects, signal) {
      return await attempt(
        async () => {
          const answer = await client.send({
            method: 'POST',
            url: `${base}/objects/put`,
            headers: { 'content-type': FRAMES_TYPE, accept: 'application/json' },
            body: framesOf(objects),
            signal,
          });
          return refusalsOf(await jsonOf(answer, url), objects, url);
        },
        { signal },
      );
    },
    async get(ids, signal, onObject) {
      return await attempt(() => getOnce({ base, url, client }, ids, signal, onObject), { signal });
    },
    async register(registration, signal) {
      const answer = await call('POST', 'versions', registration, signal);
      if (
        isRecord(answer) &&
        typeof answer.dataset === 'string' &&
        typeof answer.version === 'number' &&
        typeof answer.ref === 'string' &&
        typeof answer.digest === 'string'
      ) {
        return {
          dataset: answer.dataset,
          version: answer.version,
          ref: answer.ref,
          digest: answer.digest,
          created: answer.created === true,
        };
      }
      throw unexpectedAnswer(url, 'with no dataset version');
    },
    async *needed(signal) {
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer: unknown = await call(
          'GET',
          cursor === '' ? 'needed' : `needed?cursor=${encodeURIComponent(cursor)}`,
          undefined,
          signal,
        );
        yield* stringsOf(answer, 'ids', url);
        const next: unknown = isRecord(answer) ? answer.next : null;
        if (next === cursor) throw unexpectedAnswer(url, 'with the same page again');
        cursor = typeof next === 'string' && next !== '' ? next : null;
      }
    },
    async reportRead(report, signal) {
      await call('POST', 'reads', report, signal);
    },
  };
}

/** The objects as one body. Files are read when their turn comes: no more than one of them is in memory at a time, beside what waits for the connection. */
async function* framesOf(objects: readonly Sending[]): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let size = 0;
  for (const { id, file } of objects) {
    const bytes = readFileSync(file);
    parts.push(frameHeader({ md5: id.md5, isTree: id.isTree, sizeBytes: bytes.length }), bytes);
    size += bytes.length;
    if (size < SEND_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

function refusalsOf(answer: unknown, objects: readonly Sending[], url: string): { id: string; error: DomainError }[] {
  if (!isRecord(answer) || !Array.isArray(answer.refused)) throw unexpectedAnswer(url, 'without saying what it stored');
  return (answer.refused as unknown[]).map((one) => {
    if (!isRecord(one) || typeof one.id !== 'string') throw unexpectedAnswer(url, 'with a refusal that names no object');
    const sent = objects.find(({ id }) => printObjectId(id) === one.id || id.md5 === one.id);
    // The most likely reason is looked into here, since only here the file has a name.
    if (sent !== undefined) {
      const actual = createHash('md5').update(readFileSync(sent.file)).digest('hex');
      if (actual !== sent.id.md5) return { id: one.id, error: localDamaged(sent.file, sent.id.md5, actual) };
    }
    const code = typeof one.code === 'string' ? one.code : 'REFUSED';
    const message = typeof one.message === 'string' ? one.message : `The remote ${url} refused ${one.id}.`;
    return { id: one.id, error: new DomainError({ kind: 'conflict', code, message }) };
  });
}

async function getOnce(
  { base, url, client }: ThroughlineOptions,
  ids: readonly ObjectId[],
  signal: AbortSignal,
  onObject: (id: ObjectId, bytes: Buffer) => void,
): Promise<{ alone: ObjectId[]; absent: ObjectId[] }> {
  const wanted = new Map(ids.map((id) => [printObjectId(id), id]));
  const answer = await client.send({
    method: 'POST',
    url: `${base}/objects/get`,
    headers: { 'content-type': 'application/json', accept: `${FRAMES_TYPE}, application/json` },
    body: Buffer.from(JSON.stringify({ ids: [...wanted.keys()] })),
    signal,
  });
  if (answer.status >= 300) await jsonOf(answer, url);
  const alone: ObjectId[] = [];
  const absent: ObjectId[] = [];
  for await (const frames of readFrames(bodyOf(answer, url), url)) {
    for (const { md5, isTree, bytes, isAlone } of frames) {
      const name = isTree ? `${md5}.dir` : md5;
      // Of something absent a server need not know what it would be.
      const id = wanted.get(name) ?? (bytes === null ? wanted.get(`${md5}.dir`) : undefined);
      if (id === undefined) continue;
      wanted.delete(printObjectId(id));
      if (bytes === null) absent.push(id);
      else if (isAlone) alone.push(id);
      else {
        const actual = createHash('md5').update(bytes).digest('hex');
        if (actual !== md5) throw wrongContent(`${url}/${name}`, md5, actual);
        onObject(id, bytes);
      }
    }
  }
  if (wanted.size > 0) throw mayPass(unexpectedAnswer(url, `with ${wanted.size} objects too few`));
  return { alone, absent };
}

const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'invalid',
  422: 'invalid',
  429: 'exhausted',
  501: 'unimplemented',
  503: 'unavailable',
  507: 'exhausted',
};
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** A good answer's JSON; a bad one's words as an error. */
async function jsonOf(answer: HttpAnswer, url: string): Promise<unknown> {
  if (!/json/.test(answer.headers['content-type'] ?? '')) {
    drop(answer);
    throw refusalWithoutWords(answer, url);
  }
  const text = await textOf(answer, { limitBytes: ANSWER_LIMIT_BYTES, url });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unexpectedAnswer(url, 'with JSON that is damaged', error);
  }
  if (answer.status < 300) return value;
  const { code, message, hint, details } = isRecord(value) && isRecord(value.error) ? value.error : {};
  if (answer.status === 401) throw unauthenticated(url, LOGIN_HINT);
  if (typeof message !== 'string') throw refusalWithoutWords(answer, url);
  const error = new DomainError({
    kind: KIND_OF_STATUS[answer.status] ?? 'unavailable',
    code: typeof code === 'string' ? code : 'REMOTE_ANSWER',
    message,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(isRecord(details) ? { details } : {}),
  });
  throw PASSING.has(answer.status) ? mayPass(error, retryAfterOf(answer)) : error;
}

const LOGIN_HINT = 'Run: throughline login <address of the server>, or set THROUGHLINE_TOKEN, and THROUGHLINE_URL to that address.';

function refusalWithoutWords(answer: HttpAnswer, url: string): Error {
  if (answer.status === 401) return unauthenticated(url, LOGIN_HINT);
  if (answer.status === 507) return remoteFull(url);
  const error = unexpectedAnswer(url, `HTTP ${answer.status} without saying why`);
  return PASSING.has(answer.status) ? mayPass(error, retryAfterOf(answer)) : error;
}

function stringsOf(answer: unknown, field: string, url: string): string[] {
  const value: unknown = isRecord(answer) ? answer[field] : undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw unexpectedAnswer(url, `without a list of "${field}"`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
