// throughline login, logout

import { createHttpClient, textOf } from '@throughline/data-versioning/core';
import type { Surroundings } from '@throughline/data-versioning/core';
import { DomainError, invalid } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { storeToken } from '../tokens.ts';

const ASK_LIMIT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Asks for a token, asks the server whether it knows it, and keeps it. */
export const login: Action = async ({ operands, settings, readSecret, surroundings }) => {
  const origin = originOf(operands[0] ?? '');
  const token = (await readSecret(`Token for ${origin}`)).trim();
  if (token === '') {
    throw invalid('INVALID_TOKEN', 'No token was given.', {
      hint: 'Make one where the server stands: npx throughline token create --name me --scope write',
    });
  }
  const name = await whoseToken(origin, token, surroundings);
  storeToken(settings, origin, token);
  return { value: { server: origin, name }, lines: () => [`Signed in to ${origin} as ${name}.`] };
};

export const logout: Action = async ({ operands, settings }) => {
  const origin = originOf(operands[0] ?? '');
  const had = storeToken(settings, origin, null);
  return { value: { server: origin, had }, lines: () => [had ? `Forgot the token for ${origin}.` : `There was no token for ${origin}.`] };
};

/** The server that an address names, as `Surroundings.tokenFor` is asked for it. Throws `invalid` ADDRESS. */
export function originOf(address: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  const url = URL.canParse(text) ? new URL(text.replace(/^throughline:/i, 'https:')) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid('ADDRESS', `'${address.slice(0, 200)}' is no address of a server.`, {
      hint: 'Such as https://data.example, or throughline://data.example',
    });
  }
  if (url.username !== '' || url.password !== '')
    throw invalid('ADDRESS', 'The address must not carry a password; the token is asked for.');
  // As remotes read it: a Throughline server on this machine speaks plain HTTP.
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return /^throughline:/i.test(text) && isLoopback ? `http://${url.host}` : url.origin;
}

/** The name that a token stands for, as the server says. */
async function whoseToken(origin: string, token: string, { signal, proxies }: Surroundings): Promise<string> {
  const limits = { connectTimeoutMs: ASK_LIMIT_MS, idleTimeoutMs: ASK_LIMIT_MS, maxConnections: 1 };
  const client = createHttpClient({ url: origin, headers: {}, verify: true, ...limits, proxies });
  try {
    const answer = await client.send({
      method: 'POST',
      url: `${origin}/api/v1/session`,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ token })),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_LIMIT_MS)]),
    });
    const name = nameIn(await textOf(answer, { limitBytes: MAX_ANSWER_BYTES, isCut: true, url: origin }));
    if (answer.status < 300 && name !== null) return name;
    throw answer.status === 400 || answer.status === 401 || answer.status === 403 ? unknownToken(origin) : noServer(origin, answer.status);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'REMOTE_UNREACHABLE') throw unreachable(origin, error);
    throw error;
  } finally {
    client.close();
  }
}

/** Null where the answer is none of ours. */
function nameIn(text: string): string | null {
  try {
    const name: unknown = Reflect.get(Object(JSON.parse(text)), 'name');
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}

function unreachable(origin: string, cause: Error): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'SERVER_UNREACHABLE',
    message: `${origin} does not answer.`,
    hint: 'Is the address right, and does the server run?',
    cause,
  });
}

function unknownToken(origin: string): DomainError {
  return new DomainError({
    kind: 'unauthenticated',
    code: 'UNAUTHENTICATED',
    message: `${origin} does not know this token, or it is expired or revoked.`,
  });
}

function noServer(origin: string, status: number): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'NO_THROUGHLINE_SERVER',
    message: `${origin} answers with status ${status}, and not as a Throughline server does.`,
  });
}
