// A client in a hundred lines: GraphQL for facts, files by their hash for bytes. Nothing more is needed to speak to the server from any
// language.

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

  /** @param token a secret to send as Bearer; a server on loopback needs none. Throws where the address is none. */
  constructor(url: string, token?: string) {
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
    const answer = (await response.json()) as GraphQLAnswer<Data>;
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
    const { error } = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string; hint?: string } };
    throw new ApiError(error ?? { code: 'UNKNOWN', message: `${init.method ?? 'GET'} ${path} was answered ${response.status}.` });
  }

  /** Sends a request; once more where the server said that it is not available, or where the line was cut and that does no harm. */
  async #send(path: string, init: RequestInit, isRepeatable: boolean): Promise<Response> {
    const attempt = () =>
      fetch(new URL(path, `${this.url}/`), {
        ...init,
        headers: { ...this.#headers, ...(init.headers as Record<string, string> | undefined) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    try {
      const response = await attempt();
      if (response.status !== 503) return response;
      await response.body?.cancel();
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ECONNREFUSED') {
        throw new ApiError({ code, message: `No server answers at ${this.url}.`, hint: 'Start one with: npm start' });
      }
      if (!isRepeatable || (code !== 'ECONNRESET' && code !== 'UND_ERR_SOCKET')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return attempt();
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

/** What the network said; fetch keeps it in its error's cause. */
function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
