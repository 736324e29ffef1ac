// A client in a few lines: GraphQL for facts, files by their hash for bytes. Nothing more is needed to speak to the server from any
// language.

import { setTimeout as sleep } from 'node:timers/promises';

import { sha256 } from './manifest.ts';

/** Why the server refused a request, in its words. */
export class ApiError extends Error {
  readonly code: string;

  constructor({ code, message, hint }: { code: string; message: string; hint?: string | null | undefined }) {
    super(hint == null ? message : `${message}\n${hint}`);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** Milliseconds that an answer may take. */
const TIMEOUT_MS = 60_000;
/** Milliseconds before the one retry. */
const PAUSE_MS = 500;

export class Api {
  readonly url: string;
  readonly #headers: Record<string, string>;

  /** @param token a secret to send as Bearer; a server on loopback needs none. */
  constructor(url: string, token?: string) {
    if (!URL.canParse(url))
      throw new ApiError({ code: 'INVALID_URL', message: `'${url}' is not an address such as http://localhost:4000.` });
    this.url = new URL(url).href.replace(/\/$/, '');
    this.#headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** A client for the same server with another token. */
  as(token: string): Api {
    return new Api(this.url, token);
  }

  /** Reads. Throws ApiError. */
  async query<Data>(document: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const body = JSON.stringify({ query: document, variables });
    // Reading twice does no harm; changing twice might, so a change whose answer was lost is not sent again.
    const isRepeatable = !document.trimStart().startsWith('mutation');
    const headers = { 'Content-Type': 'application/json' };
    const response = await this.#send('/graphql', { method: 'POST', headers, body }, isRepeatable);
    const answer = await readJson<GraphQLAnswer<Data>>(response);
    const [error] = answer.errors ?? [];
    if (error !== undefined) throw new ApiError({ message: error.message, code: 'UNKNOWN', ...error.extensions });
    // What is refused before GraphQL sees it is answered as everywhere else.
    if (answer.error !== undefined) throw new ApiError(answer.error);
    if (answer.data == null) throw new ApiError({ code: 'UNKNOWN', message: `${this.url} answered neither data nor an error.` });
    return answer.data;
  }

  /** Changes something: a mutation whose one field is called `result`, which is the thing changed or a Problem. Throws ApiError. */
  async command<Thing>(document: string, variables: Record<string, unknown>): Promise<Thing> {
    const { result } = await this.query<{ result: Thing | Problem }>(document, variables);
    if (isProblem(result)) throw new ApiError(result);
    return result;
  }

  /** Uploads bytes and answers their hash, by which they are known from then on. */
  async upload(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes);
    const headers = { 'Content-Type': 'application/octet-stream' };
    await this.#checked(`/api/v1/files/${hash}`, { method: 'PUT', headers, body: new Uint8Array(bytes) });
    return hash;
  }

  /** Downloads a file by its hash or its `downloadUrl`, and hashes what arrived. */
  async download(file: { sha256: string; downloadUrl?: string }): Promise<Buffer> {
    const response = await this.#checked(file.downloadUrl ?? `/api/v1/files/${file.sha256}`, {});
    const bytes = Buffer.from(await response.arrayBuffer());
    const hash = sha256(bytes);
    if (hash !== file.sha256) throw new ApiError({ code: 'CORRUPT', message: `What arrived hashes to ${hash}, not to ${file.sha256}.` });
    return bytes;
  }

  async #checked(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#send(path, init, true);
    if (response.ok) return response;
    const { error } = await readJson<{ error?: { code: string; message: string; hint?: string } }>(response);
    throw new ApiError(error ?? { code: 'UNKNOWN', message: `${path} was answered with status ${response.status}.` });
  }

  /** Sends a request; once more where the server said that it is not available, or where the line was cut and that does no harm. */
  async #send(path: string, init: RequestInit, isRepeatable: boolean): Promise<Response> {
    const attempt = async () => {
      const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
      try {
        return await fetch(new URL(path, this.url), { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      } catch (error) {
        throw unanswered(this.url, error);
      }
    };
    try {
      const response = await attempt();
      if (response.status !== 503) return response;
      await response.body?.cancel();
    } catch (error) {
      if (!isRepeatable || !(error instanceof ApiError) || !CUT.has(error.code)) throw error;
    }
    await sleep(PAUSE_MS);
    return attempt();
  }
}

/** How the network, and Node's fetch, call a line that was cut. */
const CUT: ReadonlySet<string> = new Set(['ECONNRESET', 'UND_ERR_SOCKET']);

/** Why there is no answer; fetch keeps what the network said in its error's cause. */
function unanswered(url: string, error: unknown): ApiError {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN';
  if (code === 'ECONNREFUSED') return new ApiError({ code, message: `No server answers at ${url}.`, hint: 'Start one with: npm start' });
  return new ApiError({ code, message: `There is no answer from ${url}: ${cause instanceof Error ? cause.message : String(cause)}` });
}

async function readJson<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new ApiError({
      code: 'UNKNOWN',
      message: `${response.url} answered with status ${response.status} and no JSON: ${text.slice(0, 100)}`,
    });
  }
}

/** Part of a mutation's document: what to ask of a refusal. */
export const PROBLEM = '... on Problem { code message hint }';

interface Problem {
  __typename: 'Problem';
  code: string;
  message: string;
  hint: string | null;
}

interface GraphQLAnswer<Data> {
  data?: Data | null;
  errors?: readonly { message: string; extensions?: { code: string; hint?: string } }[];
  error?: { code: string; message: string; hint?: string };
}

function isProblem(result: unknown): result is Problem {
  return typeof result === 'object' && result !== null && '__typename' in result && result.__typename === 'Problem';
}
