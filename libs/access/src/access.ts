// Who may do what, and where: workspaces, the principals in them, and the tokens that stand for those.

import type { Call, Database } from '@throughline/database';
import type { Caller, Clock } from '@throughline/kernel';
import { newId, systemClock } from '@throughline/kernel';

import { createAuthentication } from './authentication.ts';
import { checkWorkspaceName } from './checks.ts';
import { workspaceNotFound } from './errors.ts';
import * as store from './store/postgres.ts';
import type { Tokens } from './tokens.ts';
import { createTokens } from './tokens.ts';
import type { Workspace } from './types.ts';

export interface AccessOptions {
  database: Database;
  clock?: Clock;
  /** Told where it could not be noted that a token was used; nothing else depends on such a note. */
  onError?: (error: unknown) => void;
}

export interface Access {
  /** The workspace of this name, made where there is none. */
  ensureWorkspace(name: string): Promise<Workspace>;
  /** The caller's own workspace. */
  workspaceOf(call: Call): Promise<Workspace>;
  /**
   * The local user of a server on loopback, with all rights in a workspace: `default`, made where there is none, or another that
   * exists. Throws WORKSPACE_NOT_FOUND.
   */
  localCaller(workspace?: string): Promise<Caller>;
  /** Whether a caller is one that `localCaller` answered. */
  isLocal(caller: Caller): boolean;
  /**
   * Whom a secret stands for; null where it is unknown, expired or revoked. With a workspace, by its name or id, it must be the
   * token's: throws `forbidden` OTHER_WORKSPACE.
   */
  authenticate(secret: string, workspace?: string): Promise<Caller | null>;
  /** Whether any token works now, in any workspace. */
  hasTokens(): Promise<boolean>;
  readonly tokens: Tokens;
  /** Resolves when the uses of tokens so far are noted. */
  settle(): Promise<void>;
  /** Forgets what it knows of workspaces and tokens, which somebody else took out of the database. */
  forget(): void;
}

const DEFAULT_WORKSPACE = 'default';
const LOCAL_USER = 'local';

export function createAccess({ database, clock = systemClock, onError = () => undefined }: AccessOptions): Access {
  const authentication = createAuthentication({ database, clock, onError });
  const localCallers = new Map<string, Caller>();

  const access: Access = {
    async ensureWorkspace(name) {
      checkWorkspaceName(name);
      const known = await store.findWorkspace(database, { name });
      if (known !== null) return known;
      const now = clock.now();
      await store.insertWorkspace(database, { id: newId(now.getTime()), name }, now);
      const made = await store.findWorkspace(database, { name });
      if (made === null) throw workspaceNotFound(name);
      return made;
    },

    async workspaceOf({ caller }) {
      const workspace = await store.findWorkspace(database, { id: caller.workspaceId });
      if (workspace === null) throw workspaceNotFound(caller.workspaceId);
      return workspace;
    },

    async localCaller(name = DEFAULT_WORKSPACE) {
      const known = localCallers.get(name);
      if (known !== undefined) return known;
      const found =
        name === DEFAULT_WORKSPACE
          ? await access.ensureWorkspace(name)
          : await store.findWorkspace(database, { name: checkWorkspaceName(name) });
      if (found === null) throw workspaceNotFound(name);
      const now = clock.now();
      const principalId = await store.ensurePrincipal(database, { id: newId(now.getTime()), workspaceId: found.id, name: LOCAL_USER, now });
      const caller: Caller = { workspaceId: found.id, principalId, name: LOCAL_USER, scope: 'ADMIN', runId: null };
      localCallers.set(name, caller);
      return caller;
    },

    isLocal: (caller) => [...localCallers.values()].includes(caller),
    authenticate: (secret, workspace) => authentication.authenticate(secret, workspace),
    hasTokens: async () => (await store.countLiveTokens(database, null, clock.now())) > 0,
    tokens: createTokens({ database, clock, authentication }),
    settle: () => authentication.settle(),
    forget() {
      localCallers.clear();
      authentication.forgetAll();
    },
  };
  return access;
}
