// From a secret to a caller. Every request asks, so answers are kept for a few seconds, in a bounded table keyed by the secret's
// hash: a revocation by another process holds after that time, one by this process at once. When a token was last used
// is noted beside the requests, to the minute; losing such a note loses nothing else.

import type { Database } from '@throughline/database';
import type { Caller, Clock } from '@throughline/kernel';

import { otherWorkspace } from './errors.ts';
import { hashOf } from './secrets.ts';
import type { FoundToken } from './store/postgres.ts';
import { findByHash, touchToken } from './store/postgres.ts';

const KEPT_MS = 10_000;
const KEPT_TOKENS = 1_000;
const NOTED_EVERY_MS = 60_000;

interface Kept {
  found: FoundToken;
  caller: Caller;
  untilMs: number;
}

export interface Authentication {
  authenticate(secret: string, workspace?: string): Promise<Caller | null>;
  /** Forgets a token, so that the next request with it asks the database. */
  forget(tokenId: string): void;
  /** Forgets all of them. */
  forgetAll(): void;
  /** Resolves when everything that was to be noted is. */
  settle(): Promise<void>;
}

export interface AuthenticationParts {
  database: Database;
  clock: Clock;
  onError: (error: unknown) => void;
}

export function createAuthentication({ database, clock, onError }: AuthenticationParts): Authentication {
  const kept = new Map<string, Kept>();
  const notes = new Set<Promise<void>>();
  // Grows with every revocation, so that an answer that was read before one is not kept after it.
  let revocations = 0;

  function note({ token }: FoundToken, now: Date): void {
    const since = new Date(now.getTime() - NOTED_EVERY_MS);
    if (token.lastUsedAt !== null && token.lastUsedAt >= since) return;
    const work = touchToken(database, token.id, now, since)
      .catch(onError)
      .finally(() => notes.delete(work));
    notes.add(work);
  }

  async function find(secret: string): Promise<Kept | null> {
    const hash = hashOf(secret);
    if (hash === null) return null;
    const key = hash.toString('base64');
    const now = clock.now();
    const known = kept.get(key);
    if (known !== undefined && now.getTime() < known.untilMs) return known;

    kept.delete(key);
    const before = revocations;
    const found = await findByHash(database, hash);
    if (found === null || !isLive(found, now)) return null;
    note(found, now);
    const fresh: Kept = { found, caller: callerOf(found), untilMs: now.getTime() + KEPT_MS };
    if (before === revocations) {
      const [oldest] = kept.keys();
      if (kept.size >= KEPT_TOKENS && oldest !== undefined) kept.delete(oldest);
      kept.set(key, fresh);
    }
    return fresh;
  }

  return {
    async authenticate(secret, workspace) {
      const known = await find(secret);
      if (known === null || !isLive(known.found, clock.now())) return null;
      const { name, id } = known.found.workspace;
      if (workspace !== undefined && workspace !== name && workspace !== id) throw otherWorkspace(workspace);
      return known.caller;
    },
    forget(tokenId) {
      revocations += 1;
      for (const [key, { found }] of kept) if (found.token.id === tokenId) kept.delete(key);
    },
    forgetAll() {
      revocations += 1;
      kept.clear();
    },
    async settle() {
      await Promise.all(notes);
    },
  };
}

function isLive({ token }: FoundToken, now: Date): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now);
}

function callerOf({ token, principalId, workspace }: FoundToken): Caller {
  return { workspaceId: workspace.id, principalId, name: token.principal, scope: token.scope, runId: token.runId };
}
