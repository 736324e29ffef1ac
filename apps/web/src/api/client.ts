// The dashboard's only way to the server: typed documents over POST /graphql on the same origin. Whatever goes wrong becomes one
// ApiError with words for people; a refused mutation (a `Problem` in the schema) becomes one too.

import { graphql } from '../gql/gql.ts';
import type { TypedDocumentString } from '../gql/graphql.ts';

// What every mutation selects of a Problem, and `act` throws.
graphql(`
  fragment Refusal on Problem {
    kind
    code
    message
    hint
  }
`);

/** How the API says what class of thing went wrong, in `extensions.code`, and `OFFLINE` where no answer came at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly reason: string | null;
  readonly hint: string | null;

  constructor(message: string, { code, reason = null, hint = null }: { code: string; reason?: string | null; hint?: string | null }) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.hint = hint;
  }

  /** Whether the same request may well succeed a moment later. */
  get isPassing(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'OFFLINE';
  }
}

interface GraphqlAnswer {
  data?: unknown;
  errors?: readonly { message: string; extensions?: { code?: unknown; reason?: unknown; hint?: unknown } }[];
}

function isAnswer(value: unknown): value is GraphqlAnswer {
  if (typeof value !== 'object' || value === null) return false;
  return 'errors' in value ? Array.isArray(value.errors) : 'data' in value;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

async function post(body: string, signal: AbortSignal | undefined): Promise<GraphqlAnswer> {
  let response: Response;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      credentials: 'same-origin',
      body,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError('The server does not answer.', {
      code: 'OFFLINE',
      hint: 'Nothing was lost. See whether it still runs, then try again.',
    });
  }
  const answer: unknown = await response.json().catch(() => null);
  if (isAnswer(answer)) return answer;
  if (response.status === 401) throw new ApiError('Sign in to go on.', { code: 'UNAUTHENTICATED' });
  throw new ApiError(`The server answered ${response.status} instead of data.`, {
    code: response.status >= 500 ? 'UNAVAILABLE' : 'UNEXPECTED',
    hint: 'Try again in a moment.',
  });
}

/** Asks for data. Throws an ApiError; an unauthenticated caller is taken to the sign-in page first. */
export async function request<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const { data, errors } = await post(JSON.stringify({ query: document.toString(), variables }), signal);
  const error = errors?.[0];
  if (error !== undefined) {
    const code = text(error.extensions?.code) ?? 'INTERNAL_SERVER_ERROR';
    if (code === 'UNAUTHENTICATED') leaveForSignIn();
    throw new ApiError(error.message, { code, reason: text(error.extensions?.reason), hint: text(error.extensions?.hint) });
  }
  return data as Result;
}

function leaveForSignIn(): void {
  const { pathname, search, hash } = window.location;
  if (pathname !== '/sign-in') window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search + hash)}`);
}

/** Runs a mutation. A `Problem` anywhere at the top of the answer is thrown as an ApiError. */
export async function act<Result extends object, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const result = await request(document, variables);
  for (const value of Object.values(result) as unknown[]) {
    if (isProblem(value)) throw new ApiError(value.message, { code: value.kind, reason: value.code, hint: value.hint ?? null });
  }
  return result;
}

function isProblem(value: unknown): value is { kind: string; code: string; message: string; hint?: string | null } {
  return typeof value === 'object' && value !== null && '__typename' in value && value.__typename === 'Problem';
}
