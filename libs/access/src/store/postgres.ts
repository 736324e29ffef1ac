import type { Queryable } from '@throughline/database';
import type { Scope } from '@throughline/kernel';

import type { Token, Workspace } from '../types.ts';

export async function findWorkspace(db: Queryable, by: { id: string } | { name: string }): Promise<Workspace | null> {
  return db.prisma.workspace.findUnique({ where: by, select: { id: true, name: true } });
}

/** Makes a workspace, also where another is making it at this moment. */
export async function insertWorkspace(db: Queryable, workspace: Workspace, now: Date): Promise<void> {
  await db.sql('INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING', [
    workspace.id,
    workspace.name,
    now,
  ]);
}

/** The id of the principal of this name, made where there is none. */
export async function ensurePrincipal(
  db: Queryable,
  principal: { id: string; workspaceId: string; name: string; now: Date },
): Promise<string> {
  const { id, workspaceId, name, now } = principal;
  const select = () => db.prisma.principal.findUnique({ where: { workspaceId_name: { workspaceId, name } }, select: { id: true } });
  const known = await select();
  if (known !== null) return known.id;
  await db.sql(
    'INSERT INTO principal (id, workspace_id, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, name) DO NOTHING',
    [id, workspaceId, name, now],
  );
  return (await select())?.id ?? id;
}

interface TokenRow {
  id: string;
  name: string;
  hint: string;
  principal: string;
  scope: Scope;
  run_id: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const TOKEN_COLUMNS =
  't.id, t.name, t.hint, p.name AS principal, t.scope, t.run_id, t.created_at, t.expires_at, t.last_used_at, t.revoked_at';

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    principal: row.principal,
    scope: row.scope,
    runId: row.run_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

/** What a secret stands for. */
export interface FoundToken {
  token: Token;
  principalId: string;
  workspace: Workspace;
}

/** The token with this hash, revoked and expired ones too; null where there is none. */
export async function findByHash(db: Queryable, hash: Buffer): Promise<FoundToken | null> {
  const rows = await db.sql<TokenRow & { principal_id: string; workspace_id: string; workspace: string }>(
    `SELECT ${TOKEN_COLUMNS}, t.principal_id, t.workspace_id, w.name AS workspace
     FROM token t JOIN principal p ON p.id = t.principal_id JOIN workspace w ON w.id = t.workspace_id WHERE t.hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { token: toToken(row), principalId: row.principal_id, workspace: { id: row.workspace_id, name: row.workspace } };
}

export interface NewToken {
  id: string;
  workspaceId: string;
  principalId: string;
  name: string;
  hash: Buffer;
  hint: string;
  scope: Scope;
  runId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
}

export async function insertToken(db: Queryable, token: NewToken): Promise<void> {
  await db.prisma.token.create({ data: { ...token, hash: Uint8Array.from(token.hash) } });
}

/** Tokens of a workspace by id, in no order. */
export async function findTokens(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<Token[]> {
  const rows = await db.sql<TokenRow>(
    `SELECT ${TOKEN_COLUMNS} FROM token t JOIN principal p ON p.id = t.principal_id WHERE t.workspace_id = $1 AND t.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
  return rows.map(toToken);
}

/** Newest first, behind the token of this time and id where they are given. */
export async function listTokens(
  db: Queryable,
  workspaceId: string,
  page: { after: { createdAtMs: number; id: string } | null; limit: number },
): Promise<Token[]> {
  const rows = await db.sql<TokenRow>(
    `SELECT ${TOKEN_COLUMNS} FROM token t JOIN principal p ON p.id = t.principal_id
     WHERE t.workspace_id = $1 AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2, $3::uuid))
     ORDER BY t.created_at DESC, t.id DESC LIMIT $4`,
    [workspaceId, page.after === null ? null : new Date(page.after.createdAtMs), page.after?.id ?? null, page.limit],
  );
  return rows.map(toToken);
}

/** How many tokens work at this time; in one workspace, or in all. */
export async function countLiveTokens(db: Queryable, workspaceId: string | null, now: Date): Promise<number> {
  const rows = await db.sql<{ count: number }>(
    `SELECT count(*) FROM token WHERE ($1::uuid IS NULL OR workspace_id = $1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
    [workspaceId, now],
  );
  return rows[0]?.count ?? 0;
}

/** Ends a token; one that was revoked before keeps its time. False where there is none. */
export async function revokeToken(db: Queryable, workspaceId: string, id: string, now: Date): Promise<boolean> {
  const rows = await db.sql('UPDATE token SET revoked_at = coalesce(revoked_at, $3) WHERE workspace_id = $1 AND id = $2 RETURNING id', [
    workspaceId,
    id,
    now,
  ]);
  return rows.length > 0;
}

/** Notes that a token was used, unless that was noted since `unlessSince`. */
export async function touchToken(db: Queryable, id: string, now: Date, unlessSince: Date): Promise<void> {
  await db.sql('UPDATE token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)', [id, now, unlessSince]);
}
