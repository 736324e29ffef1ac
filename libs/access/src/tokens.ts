// Tokens: made, listed and revoked by whoever has the scope admin. The secret is in the answer of the one who makes it and nowhere
// else, ever: not in the database, not in a log.

import { on, within } from '@throughline/database';
import type { Call, Database } from '@throughline/database';
import type { Clock, Page, Scope } from '@throughline/kernel';
import { decodeCursor, encodeCursor, invalid, isUuid, newId, pageOf, pageRequest, requireScope } from '@throughline/kernel';

import type { Authentication } from './authentication.ts';
import { checkLabel, expiryOf } from './checks.ts';
import { invalidToken, tokenNotFound, tooManyTokens } from './errors.ts';
import { hashOf, hintOf, newSecret } from './secrets.ts';
import * as store from './store/postgres.ts';
import type { Token } from './types.ts';

export interface CreateTokenInput {
  /** What to call it, up to 120 characters. */
  name: string;
  scope: Scope;
  /** Who it stands for; made where unknown. The caller unless given. */
  principal?: string | null | undefined;
  /** After how many days it ends, 1 to 3650; never unless given. */
  expiresInDays?: number | null | undefined;
  /** The run (its UUID) that it is for: what is read with it counts as observed for that run. */
  runId?: string | null | undefined;
}

export interface Tokens {
  /** Makes a token for the caller's workspace. Its secret is in the answer and nowhere else. Needs the scope admin. */
  create(call: Call, input: CreateTokenInput): Promise<{ token: Token; secret: string }>;
  /** The tokens of the workspace, newest first, revoked ones too. Needs the scope admin. */
  list(call: Call, input: { first?: number | null | undefined; after?: string | null | undefined }): Promise<Page<Token>>;
  /** Tokens by id; unknown ids are left out. Needs the scope admin. */
  findMany(call: Call, ids: readonly string[]): Promise<Map<string, Token>>;
  /** Ends a token: in this process at once, in others within ten seconds. Needs the scope admin. */
  revoke(call: Call, id: string): Promise<Token>;
}

const MAX_NAME = 120;
const MAX_PRINCIPAL = 128;
const MAX_TOKENS = 1_000;

export interface TokenParts {
  database: Database;
  clock: Clock;
  authentication: Authentication;
}

export function createTokens({ database, clock, authentication }: TokenParts): Tokens {
  return {
    async create(call, input) {
      requireScope(call.caller, 'ADMIN');
      const { workspaceId } = call.caller;
      const name = checkLabel('name of the token', input.name, MAX_NAME);
      const principal = checkLabel('principal', input.principal ?? call.caller.name, MAX_PRINCIPAL);
      const now = clock.now();
      const expiresAt = expiryOf(now, input.expiresInDays);
      const runId = input.runId ?? null;
      if (runId !== null && !isUuid(runId)) throw invalidToken('The run of a token is named by its UUID.');

      const secret = newSecret();
      const hash = hashOf(secret);
      if (hash === null) throw new Error('a new secret is not of the form that authentication takes');
      const hint = hintOf(secret);
      const id = newId(now.getTime());
      return within(database, call, async (tx) => {
        if ((await store.countLiveTokens(tx, workspaceId, now)) >= MAX_TOKENS) throw tooManyTokens(MAX_TOKENS);
        const principalId = await store.ensurePrincipal(tx, { id: newId(now.getTime()), workspaceId, name: principal, now });
        const { scope } = input;
        await store.insertToken(tx, { id, workspaceId, principalId, name, hash, hint, scope, runId, createdAt: now, expiresAt });
        const token = { id, name, hint, principal, scope, runId, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null };
        return { token, secret };
      });
    },

    async list(call, input) {
      requireScope(call.caller, 'ADMIN');
      const { first, after } = pageRequest(input);
      const page = { after: after === null ? null : placeOf(after), limit: first + 1 };
      const rows = await store.listTokens(on(database, call), call.caller.workspaceId, page);
      return pageOf(rows, first, (token) => encodeCursor([token.createdAt.getTime(), token.id]));
    },

    async findMany(call, ids) {
      requireScope(call.caller, 'ADMIN');
      const found = await store.findTokens(on(database, call), call.caller.workspaceId, ids);
      return new Map(found.map((token) => [token.id, token]));
    },

    async revoke(call, id) {
      requireScope(call.caller, 'ADMIN');
      const { workspaceId } = call.caller;
      const token = await within(database, call, async (tx) => {
        if (!(await store.revokeToken(tx, workspaceId, id, clock.now()))) throw tokenNotFound(id);
        const [found] = await store.findTokens(tx, workspaceId, [id]);
        return found;
      });
      authentication.forget(id);
      if (token === undefined) throw tokenNotFound(id);
      return token;
    },
  };
}

function placeOf(cursor: string): { createdAtMs: number; id: string } {
  const [createdAtMs, id] = decodeCursor(cursor, 2);
  if (typeof createdAtMs === 'number' && Number.isSafeInteger(createdAtMs) && typeof id === 'string' && isUuid(id))
    return { createdAtMs, id };
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}
