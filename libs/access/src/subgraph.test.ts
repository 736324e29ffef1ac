import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import type { GraphqlContext } from '@throughline/graphql';
import { newId, nodeId, notFound } from '@throughline/kernel';
import type { Caller } from '@throughline/kernel';
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAccess } from './access.ts';
import type { Access } from './access.ts';
import { createAccessSubgraph } from './subgraph.ts';

const runId = newId();
let test: TestDatabase;
let access: Access;
let local: Caller;
let schema: ReturnType<typeof createAccessSubgraph>['schema'];

beforeAll(async () => {
  test = await testDatabase();
  access = createAccess({ database: test.database });
  local = await access.localCaller();
  const findRunId = (_call: unknown, text: string) =>
    text === 'run:known' ? Promise.resolve(runId) : Promise.reject(notFound('RUN_NOT_FOUND', `There is no run ${text}.`));
  schema = createAccessSubgraph(access, { findRunId }).schema;
});
afterAll(() => test.drop());

async function ask(source: string, variableValues: Record<string, unknown> = {}, caller: Caller = local) {
  const contextValue: GraphqlContext = { caller, requestId: 'r' };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)) as Record<string, unknown> | null,
    errors: errors?.map((error) => error.message),
  };
}

const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) {
  __typename ... on CreatedToken { secret token { id name hint principal scope revokedAt } } ... on Problem { kind code message } } }`;

describe('the access subgraph', () => {
  it('tells who is calling, and where', async () => {
    const answer = await ask('{ viewer { name scope isLocal workspace { id name } } }');
    expect(answer.data).toEqual({
      viewer: { name: 'local', scope: 'ADMIN', isLocal: true, workspace: { id: nodeId('workspace', local.workspaceId), name: 'default' } },
    });
  });

  it('makes a token for a run, shows the secret once, and lists the token without it', async () => {
    const made = await ask(CREATE, { input: { name: 'ci', scope: 'WRITE', principal: 'robot', run: 'run:known' } });
    const { secret, token } = made.data?.['createToken'] as { secret: string; token: { id: string; hint: string } };
    expect(await access.authenticate(secret)).toMatchObject({ name: 'robot', runId });
    const listed = await ask('{ tokens { nodes { id hint name scope } pageInfo { hasNextPage } } }');
    expect(listed.data).toEqual({
      tokens: { nodes: [{ id: token.id, hint: token.hint, name: 'ci', scope: 'WRITE' }], pageInfo: { hasNextPage: false } },
    });
    expect(JSON.stringify(listed.data)).not.toContain(secret);
  });

  it('answers a typed problem for what it refuses', async () => {
    const unknownRun = await ask(CREATE, { input: { name: 'ci', scope: 'WRITE', run: 'run:other' } });
    expect(unknownRun.data).toMatchObject({ createToken: { __typename: 'Problem', kind: 'NOT_FOUND', code: 'RUN_NOT_FOUND' } });
    const reader: Caller = { ...local, scope: 'READ' };
    const refused = await ask(CREATE, { input: { name: 'ci', scope: 'READ' } }, reader);
    expect(refused.data).toMatchObject({ createToken: { __typename: 'Problem', kind: 'FORBIDDEN', code: 'SCOPE_TOO_SMALL' } });
    expect((await ask('{ tokens { nodes { id } } }', {}, reader)).errors).toHaveLength(1);
  });

  it('revokes a token', async () => {
    const made = await ask(CREATE, { input: { name: 'gone', scope: 'READ' } });
    const { secret, token } = made.data?.['createToken'] as { secret: string; token: { id: string } };
    const revoke = 'mutation ($id: ID!) { revokeToken(id: $id) { ... on Token { id revokedAt } ... on Problem { code } } }';
    const revoked = await ask(revoke, { id: token.id });
    expect(revoked.data).toMatchObject({ revokeToken: { id: token.id, revokedAt: expect.stringMatching(/Z$/) as string } });
    expect(await access.authenticate(secret)).toBeNull();
    const unknown = await ask(revoke, { id: nodeId('token', newId()) });
    expect(unknown.data).toEqual({ revokeToken: { code: 'TOKEN_NOT_FOUND' } });
  });

  it("resolves references to the caller's workspace and no other", async () => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Workspace { name } } }';
    const own = { __typename: 'Workspace', id: nodeId('workspace', local.workspaceId) };
    const other = { __typename: 'Workspace', id: nodeId('workspace', (await access.ensureWorkspace('other')).id) };
    expect((await ask(query, { r: [own, other] })).data).toEqual({ _entities: [{ name: 'default' }, null] });
  });
});
