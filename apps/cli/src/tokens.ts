// The user's own store of tokens: one file that only they can read, by the origin of the server. `login` writes it; nothing prints it.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError, invalid } from '@throughline/kernel';

import type { Settings } from './settings.ts';

const MAX_BYTES = 1_000_000;

type Tokens = Readonly<Record<string, string>>;

type Store = Pick<Settings, 'ownConfigFolder'>;

function fileOf({ ownConfigFolder }: Store): string {
  return join(ownConfigFolder, 'tokens.json');
}

/**
 * What `Surroundings.tokenFor` answers: a token of the environment, else the stored one; null where there is none. Which server is asked stands in the repository, whose
 * author may be a stranger: a token that names no server of its own is for this machine's alone.
 */
export function tokenFinder(settings: Pick<Settings, 'tokens' | 'ownConfigFolder'>): (origin: string) => string | null {
  let stored: Tokens | null = null;
  return (origin) => {
    const given = settings.tokens.find((one) => (one.origin === null ? isThisMachine(origin) : one.origin === origin));
    if (given !== undefined) return given.token;
    stored ??= readTokens(settings);
    return Object.hasOwn(stored, origin) ? (stored[origin] ?? null) : null;
  };
}

function isThisMachine(origin: string): boolean {
  return /^https?:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(origin);
}

/** Throws `corrupt` TOKENS_UNREADABLE, `forbidden` TOKENS_OPEN where others can read the file. */
function readTokens(settings: Store): Tokens {
  const file = fileOf(settings);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return {};
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw new DomainError({
      kind: 'forbidden',
      code: 'TOKENS_OPEN',
      message: `${file} can be read by others, and it holds tokens.`,
      hint: `Close it: chmod 600 ${file}. If others have used this machine meanwhile, revoke those tokens and log in again.`,
    });
  }
  const unreadable = () =>
    new DomainError({
      kind: 'corrupt',
      code: 'TOKENS_UNREADABLE',
      message: `${file} is not what this command wrote there.`,
      hint: 'Remove it and log in again: throughline login <address>',
    });
  if (stat.size > MAX_BYTES) throw unreadable();
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable();
    throw error;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw unreadable();
  const entries = Object.entries(read as Record<string, unknown>).map(([origin, token]) => {
    if (typeof token !== 'string') throw unreadable();
    return [origin, token] as const;
  });
  return Object.fromEntries(entries);
}

/** Stores, replaces or, with null, forgets the token of a server. Answers whether there was one before. */
export function storeToken(settings: Store, origin: string, token: string | null): boolean {
  if (token !== null && !/^[\x21-\x7e]{1,4096}$/.test(token))
    throw invalid('INVALID_TOKEN', 'That is no token: it has blanks or other characters.');
  const { [origin]: before, ...others } = readTokens(settings);
  const file = fileOf(settings);
  const next: Tokens = token === null ? others : { ...others, [origin]: token };
  mkdirSync(settings.ownConfigFolder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(temporary, file);
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made; why is what the user is told.
    }
    throw error;
  }
  return before !== undefined;
}
