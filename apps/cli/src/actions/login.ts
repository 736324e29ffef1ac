// throughline login, logout

import { DomainError, invalid } from '@throughline/kernel';

import type { Action } from '../command.ts';
import { storeToken } from '../tokens.ts';

const ASK_LIMIT_MS = 30_000;

/** Asks for a token, asks the server whether it knows it, and keeps it. */
export const login: Action = async ({ operands, settings, readSecret, surroundings }) => {
  const origin = originOf(operands[0] ?? '');
  const token = await readSecret(`Token for ${origin}`);
  if (token === '') {
    throw invalid('INVALID_TOKEN', 'No token was given.', {
      hint: 'Make one where the server stands: npx throughline token create --name me --scope write',
    });
  }
  const name = await whoseToken(origin, token, surroundings.signal);
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
async function whoseToken(origin: string, token: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`${origin}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_LIMIT_MS)]),
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new DomainError({
      kind: 'unavailable',
      code: 'SERVER_UNREACHABLE',
      message: `${origin} does not answer.`,
      hint: 'Is the address right, and does the server run?',
      cause,
    });
  }
  const answer: unknown = await response.json().catch(() => null);
  const name: unknown = Reflect.get(Object(answer), 'name');
  if (response.ok && typeof name === 'string') return name;
  if (response.status === 400 || response.status === 401 || response.status === 403) {
    throw new DomainError({
      kind: 'unauthenticated',
      code: 'UNAUTHENTICATED',
      message: `${origin} does not know this token, or it is expired or revoked.`,
    });
  }
  throw new DomainError({
    kind: 'unavailable',
    code: 'NO_THROUGHLINE_SERVER',
    message: `${origin} answers with status ${response.status}, and not as a Throughline server does.`,
  });
}
