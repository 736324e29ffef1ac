import { createHash } from 'node:crypto';

import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import type { Call } from '@throughline/database';
import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAccess } from './access.ts';
import type { Access } from './access.ts';

const DAY_MS = 86_400_000;

let test: TestDatabase;
let access: Access;
let admin: Call;
let aheadMs = 0;
const clock = { now: () => new Date(Date.now() + aheadMs) };

beforeAll(async () => {
  test = await testDatabase();
  access = createAccess({ database: test.database, clock });
  admin = { caller: await access.localCaller() };
});
afterAll(async () => {
  await access.settle();
  await test.drop();
});

/** The admin of another workspace, with an access of its own, as another server has it. */
async function elsewhere(name: string): Promise<{ access: Access; admin: Call }> {
  const other = createAccess({ database: test.database, clock });
  await other.ensureWorkspace(name);
  return { access: other, admin: { caller: await other.localCaller(name) } };
}

/** Runs work and answers which statements it sent. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  test.statements.length = 0;
  await work();
  return [...test.statements];
}

describe('workspaces', () => {
  it('are made once, however many ask for one at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => access.ensureWorkspace('team-a')));
    expect(new Set(all.map((workspace) => workspace.id)).size).toBe(1);
  });

  it.each(['', 'Upper', 'a_b', '-a', 'a-', 'a'.repeat(64), 'a b', 'nul\0'])('refuse the name %j', async (name) => {
    await expect(access.ensureWorkspace(name)).rejects.toMatchObject({ code: 'INVALID_WORKSPACE_NAME' });
  });
});

describe('the local user', () => {
  it('is one principal with all rights in the default workspace', async () => {
    const caller = await createAccess({ database: test.database, clock }).localCaller();
    expect(caller).toEqual(admin.caller);
    expect(caller).toMatchObject({ name: 'local', scope: 'ADMIN', runId: null });
    expect(await access.workspaceOf(admin)).toMatchObject({ name: 'default' });
  });

  it('may name another workspace that exists, and makes none by naming it', async () => {
    await access.ensureWorkspace('known');
    expect((await access.localCaller('known')).workspaceId).not.toBe(admin.caller.workspaceId);
    await expect(access.localCaller('unknown')).rejects.toMatchObject({ kind: 'not_found', code: 'WORKSPACE_NOT_FOUND' });
    await expect(access.localCaller('unknown')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('is told from a token of the same name', async () => {
    const { secret } = await access.tokens.create(admin, { name: 'same name', scope: 'ADMIN' });
    const caller = await access.authenticate(secret);
    expect(caller).toEqual(admin.caller);
    expect(access.isLocal(admin.caller)).toBe(true);
    expect(caller !== null && access.isLocal(caller)).toBe(false);
  });
});

describe('a token', () => {
  it('stands for its principal, in its workspace, with its scope', async () => {
    const runId = newId();
    const { token, secret } = await access.tokens.create(admin, { name: 'ci', scope: 'WRITE', principal: 'robot', runId });
    expect(secret).toMatch(/^tl_[\w-]{43}$/);
    expect(token.hint).toBe(secret.slice(0, 7));
    expect(await access.authenticate(secret)).toMatchObject({
      workspaceId: admin.caller.workspaceId,
      name: 'robot',
      scope: 'WRITE',
      runId,
    });
  });

  it('is kept as a hash alone', async () => {
    const { token, secret } = await access.tokens.create(admin, { name: 'hashed', scope: 'READ' });
    const [row] = await test.database.sql<{ hash: Buffer; row: string }>('SELECT hash, token::text AS row FROM token WHERE id = $1', [
      token.id,
    ]);
    expect(row?.hash).toEqual(createHash('sha256').update(secret).digest());
    expect(row?.row).not.toContain(secret.slice(7));
  });

  it.each(['', 'tl_', 'nonsense', `tl_${'a'.repeat(43)}`, `xx_${'a'.repeat(43)}`, `tl_${'a'.repeat(42)}\0`])(
    'that was never made is nobody: %j',
    async (secret) => {
      expect(await access.authenticate(secret)).toBeNull();
    },
  );

  it('ends when it is revoked, in this process at once', async () => {
    const { token, secret } = await access.tokens.create(admin, { name: 'short', scope: 'READ' });
    expect(await access.authenticate(secret)).not.toBeNull();
    const revoked = await access.tokens.revoke(admin, token.id);
    expect(revoked.revokedAt).toBeInstanceOf(Date);
    expect(await access.authenticate(secret)).toBeNull();
    expect(await access.tokens.revoke(admin, token.id)).toEqual(revoked);
  });

  it('that another process revoked ends within ten seconds', async () => {
    const { token, secret } = await access.tokens.create(admin, { name: 'far', scope: 'READ' });
    expect(await access.authenticate(secret)).not.toBeNull();
    await createAccess({ database: test.database, clock }).tokens.revoke(admin, token.id);
    aheadMs += 10_000;
    expect(await access.authenticate(secret)).toBeNull();
  });

  it('ends by itself when its days are over, though it was just used', async () => {
    const { secret } = await access.tokens.create(admin, { name: 'a day', scope: 'READ', expiresInDays: 1 });
    aheadMs += DAY_MS - 5_000;
    expect(await access.authenticate(secret)).not.toBeNull();
    aheadMs += 6_000;
    expect(await access.authenticate(secret)).toBeNull();
  });

  it('asks the database once for many requests', async () => {
    const { secret } = await access.tokens.create(admin, { name: 'busy', scope: 'READ' });
    await access.authenticate(secret);
    await access.settle();
    const statements = await statementsOf(async () => {
      for (let request = 0; request < 50; request += 1) await access.authenticate(secret);
    });
    expect(statements).toEqual([]);
  });

  it('tells when it was last used, written at most once a minute', async () => {
    const { token, secret } = await access.tokens.create(admin, { name: 'used', scope: 'READ' });
    const lastUsed = async () => (await access.tokens.findMany(admin, [token.id])).get(token.id)?.lastUsedAt;
    expect(await lastUsed()).toBeNull();
    const use = async (afterMs: number) => {
      aheadMs += afterMs;
      await access.authenticate(secret);
      await access.settle();
    };
    await use(0);
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    await use(30_000);
    expect(await lastUsed()).toEqual(first);
    await use(31_000);
    expect((await lastUsed())?.getTime()).toBeGreaterThan(first?.getTime() ?? Infinity);
  });

  it('is refused in another workspace than its own', async () => {
    const { secret } = await access.tokens.create(admin, { name: 'walled', scope: 'READ' });
    expect(await access.authenticate(secret, 'default')).not.toBeNull();
    await expect(access.authenticate(secret, 'team-a')).rejects.toMatchObject({ kind: 'forbidden', code: 'OTHER_WORKSPACE' });
  });

  it('is made, listed and revoked by administrators alone, each in their workspace', async () => {
    const { token, secret } = await access.tokens.create(admin, { name: 'writer', scope: 'WRITE' });
    const caller = await access.authenticate(secret);
    if (caller === null) throw new Error('the token does not work');
    await expect(access.tokens.create({ caller }, { name: 'more', scope: 'READ' })).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(access.tokens.list({ caller }, {})).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(access.tokens.revoke({ caller }, token.id)).rejects.toMatchObject({ kind: 'forbidden' });

    const other = await elsewhere('other-team');
    await expect(other.access.tokens.revoke(other.admin, token.id)).rejects.toMatchObject({ kind: 'not_found' });
    expect((await other.access.tokens.list(other.admin, {})).items).toEqual([]);
    expect(await access.authenticate(secret)).not.toBeNull();
  });

  it.each([
    { name: '' },
    { name: ' a' },
    { name: 'x'.repeat(121) },
    { name: 'line\nbreak' },
    { principal: '' },
    { principal: 'x'.repeat(129) },
    { expiresInDays: 0 },
    { expiresInDays: 3651 },
    { expiresInDays: 1.5 },
    { runId: 'run' },
  ])('is not made of %j', async (wrong) => {
    const made = access.tokens.create(admin, { name: 'wrong', scope: 'READ', ...wrong });
    await expect(made).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('is listed newest first, in pages', async () => {
    const other = await elsewhere('paging');
    for (const name of ['one', 'two', 'three']) {
      aheadMs += 5;
      await other.access.tokens.create(other.admin, { name, scope: 'READ' });
    }
    const first = await other.access.tokens.list(other.admin, { first: 2 });
    const last = first.items.at(-1);
    const second = await other.access.tokens.list(other.admin, { first: 2, after: last === undefined ? null : first.cursorOf(last) });
    expect([...first.items, ...second.items].map((token) => token.name)).toEqual(['three', 'two', 'one']);
    expect(second.hasNextPage).toBe(false);
  });
});

describe('whether there are tokens', () => {
  it('counts only those that work', async () => {
    const fresh = await testDatabase();
    try {
      const own = createAccess({ database: fresh.database, clock });
      const call = { caller: await own.localCaller() };
      expect(await own.hasTokens()).toBe(false);
      const { token } = await own.tokens.create(call, { name: 'only', scope: 'ADMIN' });
      expect(await own.hasTokens()).toBe(true);
      await own.tokens.revoke(call, token.id);
      expect(await own.hasTokens()).toBe(false);
    } finally {
      await fresh.drop();
    }
  });
});
