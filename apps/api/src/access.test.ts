// Goal: nobody does more than their token allows, nor sees another workspace's things, whichever edge they come through; and no page
// elsewhere can turn a person's browser against the server. Method: the same story in one workspace, asked for and changed with tokens of
// every scope, with those of another workspace, with ended ones, and with none; every command of the schema is tried.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Answer, RequestOptions, Result } from './testing/client.ts';
import { tellStory } from './testing/story.ts';
import type { Story } from './testing/story.ts';
import { sha256Of, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const VIEWER = '{ viewer { name scope isLocal workspace { name } } }';

let world: World;
let story: Story;
let inputId: string;
let experimentId: string;
let tokenId: string;
let webhookId: string;
let deliveryId: string;
/** An address of the public internet. Nothing is sent there: nobody delivers in these tests. */
const HOOK = { name: 'told', url: 'https://1.1.1.1/hook', events: ['MODEL_VERSION_TAG_SET'] };
/** Secrets by what they may do; `other` may do everything in another workspace. */
const secrets = { read: '', write: '', admin: '', other: '', run: '' };

beforeAll(async () => {
  world = await startWorld();
  story = await tellStory(world, { name: 'ours' });
  const { run } = await world.query<{ run: { inputs: { id: string }[] } }>('query ($id: ID!) { run(id: $id) { inputs { id } } }', {
    id: story.run.id,
  });
  experimentId = (await world.command('createExperiment', { input: { name: 'ours' } })).id;
  inputId = run.inputs[0]?.id ?? '';
  for (const scope of ['read', 'write', 'admin'] as const) secrets[scope] = (await makeToken(scope)).secret;
  const other = await world.command('createRun', { input: { experiment: experimentId } });
  secrets.run = (await makeToken('admin', { run: other.id })).secret;
  tokenId = (await makeToken('read')).token.id;
  webhookId = (await world.command('createWebhook', { input: HOOK })).id;
  await world.command('setVersionTags', { id: story.version.id, tags: [{ key: 'told', value: 'yes' }] });
  const { webhook } = await world.query<{ webhook: { deliveries: { nodes: { id: string }[] } } }>(
    'query ($id: ID!) { webhook(id: $id) { deliveries { nodes { id } } } }',
    { id: webhookId },
  );
  deliveryId = webhook.deliveries.nodes[0]?.id ?? '';
  const { access } = world.services;
  await access.ensureWorkspace('theirs');
  const theirs = { caller: await access.localCaller('theirs') };
  secrets.other = (await access.tokens.create(theirs, { name: 'their admin', scope: 'ADMIN', principal: 'stranger' })).secret;
});
afterAll(async () => {
  await world.close();
});

function makeToken(scope: 'read' | 'write' | 'admin', more: Record<string, unknown> = {}) {
  const input = { name: `a ${scope} token`, scope: scope.toUpperCase(), principal: `a ${scope}er`, ...more };
  return world.command<{ secret: string; token: { id: string } }>('createToken', { input }, 'secret token { id }');
}

function basic(user: string, password: string): RequestOptions {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } };
}

/** What became of a command, in one word. */
function outcomeOf({ data, errors }: Answer<{ result: Result }>): unknown {
  const [error] = errors;
  if (error !== undefined) return error.extensions['code'];
  return data !== null && 'kind' in data.result ? data.result.kind : 'DONE';
}

/** Every command, with arguments that would do something in our workspace. `makes` are those that need nothing that is there. */
function commandsOf(): Record<string, { args: Record<string, unknown>; needs: 'WRITE' | 'ADMIN'; makes?: true }> {
  const { run, clean, raw, version, deployment, loggedModel } = story;
  const files = [{ path: 'penguins.csv', sha256: sha256Of(story.bytes.clean) }];
  const sighting = { repository: 'https://example.org/r.git', path: 'data', commit: 'a'.repeat(40) };
  const tags = [{ key: 'k', value: 'v' }];
  const write = (args: Record<string, unknown>) => ({ args, needs: 'WRITE' as const });
  const make = (args: Record<string, unknown>) => ({ args, needs: 'WRITE' as const, makes: true as const });
  const admin = (args: Record<string, unknown>) => ({ args, needs: 'ADMIN' as const });
  return {
    createToken: { ...admin({ input: { name: 'mine', scope: 'ADMIN' } }), makes: true },
    revokeToken: admin({ id: tokenId }),
    collect: { ...admin({ dryRun: true }), makes: true },
    purge: { ...admin({ input: { dryRun: true } }), makes: true },
    createDataset: make({ input: { name: 'new' } }),
    updateDataset: write({ id: 'data:ours', description: 'changed' }),
    updateDatasetReadme: write({ dataset: 'data:ours', text: 'changed', revision: 0 }),
    deleteDataset: write({ id: 'data:ours' }),
    registerDatasetVersion: write({ input: { dataset: 'ours', files } }),
    registerPushedVersion: write({ input: { dataset: 'pushed', object: createHash('md5').update(story.bytes.clean).digest('hex') } }),
    setCurrentVersion: write({ version: raw.id }),
    tagDatasetVersion: write({ version: clean.id, tag: 'holdout' }),
    untagDataset: write({ dataset: 'data:ours', tag: 'holdout' }),
    retractDatasetVersion: write({ version: clean.id, reason: 'spite' }),
    reinstateDatasetVersion: write({ version: clean.id, reason: 'spite' }),
    profileDatasetVersion: write({ version: clean.id }),
    recordSighting: write({ input: { version: clean.id, sighting } }),
    verify: write({ root: deployment.id }),
    createModel: make({ input: { name: 'new' } }),
    updateModel: write({ id: 'model:ours', description: 'changed' }),
    setModelTags: write({ id: 'model:ours', tags }),
    deleteModel: write({ id: 'model:ours' }),
    registerVersion: write({ input: { model: 'ours', loggedModel: loggedModel.id } }),
    updateVersion: write({ id: version.id, description: 'changed' }),
    setVersionTags: write({ id: version.id, tags }),
    deleteVersion: write({ id: version.id }),
    promote: write({ input: { version: version.id, alias: 'mine' } }),
    removeAlias: write({ model: 'model:ours', alias: 'champion' }),
    deploy: write({ input: { version: version.id, environment: 'production', target: 'ours' } }),
    rollBack: write({ deployment: deployment.id }),
    endDeployment: write({ id: deployment.id }),
    createWebhook: { ...admin({ input: HOOK }), makes: true },
    updateWebhook: admin({ id: webhookId, input: { name: 'changed' } }),
    deleteWebhook: admin({ id: webhookId }),
    testWebhook: admin({ id: webhookId }),
    redeliverWebhook: admin({ delivery: deliveryId }),
    createExperiment: make({ input: { name: 'new' } }),
    renameExperiment: write({ id: experimentId, name: 'changed' }),
    setExperimentTags: write({ id: experimentId, tags }),
    deleteExperiment: write({ id: experimentId }),
    restoreExperiment: write({ id: experimentId }),
    createRun: write({ input: { experiment: experimentId } }),
    updateRun: write({ id: run.id, input: { name: 'changed' } }),
    logBatch: write({ run: run.id, params: [{ key: 'new', value: 'v' }] }),
    deleteRunTag: write({ run: run.id, key: 'k' }),
    logInput: write({ run: run.id, input: { datasetVersion: clean.id } }),
    resolveInput: write({ input: inputId, datasetVersion: clean.id }),
    logDatasetOutput: write({ run: run.id, datasetVersion: clean.id }),
    putArtifact: write({ owner: run.id, path: 'a', sha256: sha256Of(story.bytes.clean) }),
    createLoggedModel: write({ input: { name: 'm', sourceRun: run.id } }),
    finalizeLoggedModel: write({ id: loggedModel.id, status: 'READY' }),
    deleteRun: write({ id: run.id }),
    restoreRun: write({ id: run.id }),
  };
}
const COMMANDS = Object.keys(
  buildSchema(readFileSync(new URL('graphql/schema.graphql', import.meta.url), 'utf8'))
    .getMutationType()
    ?.getFields() ?? {},
);
/** What could have been changed. */
const TABLES = [
  'run',
  'run_param',
  'dataset',
  'dataset_version',
  'registered_model',
  'model_version',
  'alias_event',
  'deployment',
  'token',
  'webhook',
  'webhook_delivery',
];

describe('a token', () => {
  it.each([
    { how: 'as Bearer', options: () => ({ token: secrets.write }) },
    { how: 'as Bearer, whatever the case of the word', options: () => ({ headers: { authorization: `bearer ${secrets.write}` } }) },
    { how: 'as the password of Basic', options: () => basic('anybody', secrets.write) },
    { how: 'in the cookie of a session', options: () => ({ headers: { cookie: `other=1; throughline_session=${secrets.write}` } }) },
  ])('is taken $how', async ({ options }) => {
    const { viewer } = await world.query<{ viewer: unknown }>(VIEWER, {}, options());
    expect(viewer).toEqual({ name: 'a writeer', scope: 'WRITE', isLocal: false, workspace: { name: 'default' } });
  });

  it.each([
    { what: 'that nobody made', options: { token: `tl_${'x'.repeat(43)}` } },
    { what: 'that is none', options: { token: 'x' } },
    { what: 'that is empty', options: { headers: { authorization: 'Bearer ' } } },
    { what: 'in an unknown scheme', options: { headers: { authorization: 'Digest abc' } } },
    { what: 'in broken Basic', options: { headers: { authorization: 'Basic !!!' } } },
    { what: 'in a cookie, made up', options: { headers: { cookie: 'throughline_session=made-up' } } },
  ])('$what is refused even on loopback', async ({ options }) => {
    const { status, errors } = await world.graphql(VIEWER, {}, options);
    expect({ status, code: errors[0]?.extensions['code'] }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('that has ended is refused', async () => {
    const { secret, token } = await makeToken('admin', { expiresInDays: 1 });
    await world.database.database.sql(
      `UPDATE token SET created_at = now() - interval '2 seconds', expires_at = now() - interval '1 second' WHERE id = $1::uuid`,
      [token.id.slice('token_'.length)],
    );
    expect((await world.graphql(VIEWER, {}, { token: secret })).status).toBe(401);
  });

  it('that is revoked is refused from the next request on, at every edge', async () => {
    const { secret, token } = await makeToken('admin');
    const before = (await world.graphql(VIEWER, {}, { token: secret })).status;
    await world.command('revokeToken', { id: token.id });
    const after = await Promise.all([
      world.graphql(VIEWER, {}, { token: secret }),
      world.send('GET', `/api/v1/files/${sha256Of(story.bytes.raw)}`, undefined, { token: secret }),
      world.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, { token: secret }),
    ]);
    expect({ before, after: after.map(({ status }) => status) }).toEqual({ before: 200, after: [401, 401, 401] });
  });

  it('is shown once, and kept nowhere', async () => {
    const { secret } = await makeToken('write');
    const { text } = await world.graphql('{ tokens { nodes { id name hint principal } } }');
    const rows = await world.database.database.sql("SELECT t.*, encode(t.hash, 'escape') AS text FROM token t");
    expect({ listed: text.includes(secret), stored: JSON.stringify(rows).includes(secret) }).toEqual({ listed: false, stored: false });
  });
});

describe('scopes', () => {
  it('are tried with every command there is', () => {
    expect(Object.keys(commandsOf()).sort()).toEqual([...COMMANDS].sort());
  });

  it.each(COMMANDS)('read does not suffice for %s', async (name) => {
    const before = await world.countRows(...TABLES);
    const answer = await world.answer(name, commandsOf()[name]?.args ?? {}, '__typename', { token: secrets.read });
    expect({ outcome: outcomeOf(answer), rows: await world.countRows(...TABLES) }).toEqual({ outcome: 'FORBIDDEN', rows: before });
  });

  it.each(COMMANDS)('write suffices for %s unless it administers', async (name) => {
    const { needs } = commandsOf()[name] ?? {};
    // Of what needs no more than write, only the refusal is looked for: the commands would undo each other's ground.
    const args = needs === 'ADMIN' ? (commandsOf()[name]?.args ?? {}) : unknownArgs(commandsOf()[name]?.args ?? {});
    const answer = await world.answer(name, args, '__typename', { token: secrets.write });
    if (needs === 'ADMIN') expect(outcomeOf(answer)).toBe('FORBIDDEN');
    else expect(outcomeOf(answer)).not.toBe('FORBIDDEN');
  });

  // Registering data and making a model to register in are what runs do; both name nothing of another run.
  it.each(COMMANDS.filter((name) => !['registerDatasetVersion', 'registerPushedVersion', 'createModel'].includes(name)))(
    'admin does not suffice for %s, where the token is of another run',
    async (name) => {
      const before = await world.countRows(...TABLES);
      const answer = await world.answer(name, commandsOf()[name]?.args ?? {}, '__typename', { token: secrets.run });
      expect({ outcome: outcomeOf(answer), rows: await world.countRows(...TABLES) }).toEqual({ outcome: 'FORBIDDEN', rows: before });
    },
  );

  it.each(['tokens', 'webhooks'])('write does not suffice to list %s', async (list) => {
    const { errors, data } = await world.graphql(`{ ${list} { nodes { name } } }`, {}, { token: secrets.write });
    expect({ data, code: errors[0]?.extensions['code'] }).toEqual({ data: null, code: 'FORBIDDEN' });
  });

  it.each([
    ['runs/create', { experiment_id: '0' }],
    ['runs/log-metric', { run_id: 'RUN', key: 'm', value: 1, timestamp: 1 }],
    ['runs/log-batch', { run_id: 'RUN', params: [{ key: 'new', value: 'v' }] }],
    ['runs/delete', { run_id: 'RUN' }],
    ['experiments/create', { name: 'new' }],
    ['registered-models/create', { name: 'new' }],
    ['model-versions/create', { name: 'ours', source: 'runs:/RUN/model' }],
    ['registered-models/alias', { name: 'ours', alias: 'mine', version: '1' }],
    ['logged-models', { experiment_id: '0', name: 'm' }],
  ])('read does not suffice for %s of MLflow’s protocol', async (rpc, body) => {
    const text = JSON.stringify(body).replaceAll('RUN', story.run.runId);
    const sent = await world.send('POST', `/api/2.0/mlflow/${rpc}`, text, {
      token: secrets.read,
      headers: { 'content-type': 'application/json' },
    });
    expect({ status: sent.status, text: sent.text }).toMatchObject({
      status: 403,
      text: expect.stringContaining('PERMISSION_DENIED') as string,
    });
  });

  it('read suffices to search, and to find the default experiment', async () => {
    const { runs } = await world.mlflow<{ runs: unknown[] }>('runs/search', { experiment_ids: ['0'] }, { token: secrets.read });
    expect(runs).toHaveLength(1);
  });

  it.each([
    { method: 'PUT', path: `/api/v1/files/${sha256Of(Buffer.from('x'))}`, body: 'x' },
    { method: 'POST', path: '/api/v1/uploads', body: JSON.stringify({ sha256: 'a'.repeat(64), sizeBytes: 1 }) },
    { method: 'PATCH', path: `/api/v1/uploads/${UNKNOWN}`, body: 'x' },
    { method: 'DELETE', path: `/api/v1/uploads/${UNKNOWN}`, body: undefined },
  ])('read does not suffice to $method $path', async ({ method, path, body }) => {
    const headers = { 'upload-offset': '0', ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) };
    const { status } = await world.send(method, path, body, { token: secrets.read, headers });
    expect(status).toBe(403);
  });
});

/** The same arguments, naming nothing that is there. */
function unknownArgs(args: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(args)
    .replace(/_[0-9a-f]{8}-[0-9a-f-]{27}/g, `_${UNKNOWN}`)
    .replace(/"(data|model):ours"/g, '"$1:none"')
    .replace(/"sha256":"[0-9a-f]{64}"/g, `"sha256":"${'f'.repeat(64)}"`);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('another workspace', () => {
  const other = () => ({ token: secrets.other });

  it.each([
    ['run', () => story.run.id],
    ['run', () => `run:${story.run.runId}`],
    ['run', () => `default/run:${story.run.runId}`],
    ['model', () => 'model:ours'],
    ['modelVersion', () => story.version.id],
    ['modelVersion', () => 'model:ours@champion'],
    ['deployment', () => story.deployment.id],
    ['deployment', () => 'deployment:production/ours'],
    ['dataset', () => 'data:ours'],
    ['datasetVersion', () => story.clean.id],
    ['datasetVersion', () => `data:ours@sha256:${story.clean.digest}`],
    ['loggedModel', () => story.loggedModel.id],
    ['webhook', () => webhookId],
  ])('sees no %s of ours (%#)', async (field, id) => {
    const { data, errors, text } = await world.graphql<Record<string, unknown>>(
      `query ($id: ID!) { ${field}(id: $id) { id } }`,
      { id: id() },
      other(),
    );
    expect(
      {
        data: data?.[field] ?? null,
        codes: errors.map(({ extensions }) => extensions['code']).filter((code) => code !== 'BAD_USER_INPUT'),
      },
      text,
    ).toEqual({
      data: null,
      codes: [],
    });
  });

  it.each(['runs', 'models', 'datasets', 'deployments', 'verifications', 'webhooks'])('has no %s of ours in its lists', async (list) => {
    const data = await world.query<Record<string, { nodes: unknown[] }>>(`{ ${list} { nodes { id } } }`, {}, other());
    expect(data[list]?.nodes).toEqual([]);
  });

  it.each([
    ['the lineage', 'query ($id: ID!) { result: lineage(root: $id, direction: DOWNSTREAM) { nodes { id } } }', () => story.raw.id],
    [
      'the lineage by reference',
      'query ($id: ID!) { result: lineage(root: $id, direction: UPSTREAM) { nodes { id } } }',
      () => 'data:ours@1',
    ],
    ['the trace', 'query ($id: ID!) { result: traceDeployment(id: $id) { verified } }', () => story.deployment.id],
    ['the thread', 'query ($id: ID!) { result: thread(id: $id) { data { id } } }', () => story.run.id],
    ['the difference', 'query ($id: ID!) { result: datasetDiff(from: $id, to: $id) { addedCount } }', () => story.clean.id],
    ['a metric', 'query ($id: ID!) { result: metricSeries(run: $id, key: "m") { pointCount } }', () => story.run.id],
  ])('is told that there is no %s of ours', async (_what, query, id) => {
    const { data, errors } = await world.graphql(query, { id: id() }, other());
    expect({ data, code: errors[0]?.extensions['code'] }).toEqual({ data: null, code: 'NOT_FOUND' });
  });

  it('cannot read our bytes by their hash', async () => {
    const { status } = await world.send('GET', `/api/v1/files/${sha256Of(story.bytes.raw)}`, undefined, other());
    expect(status).toBe(404);
  });

  it('is not told by an upload that we have the same bytes', async () => {
    const bytes = story.bytes.raw;
    const body = JSON.stringify({ sha256: sha256Of(bytes), sizeBytes: bytes.byteLength });
    const sent = await world.send('POST', '/api/v1/uploads', body, { ...other(), headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(sent.text)).toMatchObject({ complete: false, offsetBytes: 0 });
  });

  it('finds no upload of ours, whatever it asks of it', async () => {
    const json = { 'content-type': 'application/json' };
    const body = JSON.stringify({ sha256: sha256Of(Buffer.from('in pieces')), sizeBytes: 9 });
    const { id } = JSON.parse((await world.send('POST', '/api/v1/uploads', body, { headers: json })).text) as { id: string };
    const path = `/api/v1/uploads/${id}`;
    const answers = [
      await world.send('GET', path, undefined, other()),
      await world.send('PATCH', path, 'in pieces', { ...other(), headers: { 'upload-offset': '0' } }),
      await world.send('DELETE', path, undefined, other()),
      await world.send('GET', path),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 200]);
  });

  it.each([
    ['experiments of ours by a run', () => `/api/2.0/mlflow/runs/get?run_id=${story.run.runId}`],
    ['our model', () => '/api/2.0/mlflow/registered-models/get?name=ours'],
    ['our version', () => '/api/2.0/mlflow/model-versions/get?name=ours&version=1'],
    ['our version by its alias', () => '/api/2.0/mlflow/registered-models/alias?name=ours&alias=champion'],
    ['our webhook', () => `/api/2.0/mlflow/webhooks/${webhookId.slice('webhook_'.length)}`],
    ['our artifacts', () => `/api/2.0/mlflow/artifacts/list?run_id=${story.run.runId}`],
    ['the files of our dataset', () => '/api/v1/datasets/ours/versions/1/files/penguins.csv'],
  ])('does not find %s through REST', async (_what, path) => {
    const { status, text } = await world.send('GET', path(), undefined, other());
    expect(status, text).toBe(404);
  });

  it.each(COMMANDS)('changes nothing of ours with %s', async (name) => {
    const { args, makes } = commandsOf()[name] ?? { args: {}, makes: undefined };
    const before = await world.countRows(...TABLES);
    const answer = await world.answer(name, args, '__typename', other());
    const outcome = outcomeOf(answer);
    if (makes === undefined) {
      // Named by a hash, our bytes are as unknown there as anything that was never uploaded.
      const byHash: Record<string, string> = { registerDatasetVersion: 'INVALID', registerPushedVersion: 'CONFLICT' };
      expect(outcome).toBe(byHash[name] ?? 'NOT_FOUND');
      expect(await world.countRows(...TABLES)).toEqual(before);
    } else {
      expect(outcome).toBe('DONE');
    }
  });
});

describe('the header that names a workspace', () => {
  it.each(['x-mlflow-workspace', 'x-throughline-workspace'])('%s lets the local user into another one', async (header) => {
    const { viewer } = await world.query<{ viewer: { workspace: unknown } }>(VIEWER, {}, { headers: { [header]: 'theirs' } });
    expect(viewer.workspace).toEqual({ name: 'theirs' });
  });

  it.each([
    { what: 'an unknown one', headers: { 'x-mlflow-workspace': 'nowhere' }, as: null, status: 404 },
    { what: 'one that cannot be', headers: { 'x-mlflow-workspace': '../default' }, as: null, status: 400 },
    {
      what: 'two at once',
      headers: { 'x-mlflow-workspace': 'theirs', 'x-throughline-workspace': 'default' },
      as: null,
      status: 400,
    },
    { what: 'another than the token’s', headers: { 'x-mlflow-workspace': 'theirs' }, as: 'admin' as const, status: 403 },
    { what: 'the token’s own', headers: { 'x-mlflow-workspace': 'default' }, as: 'admin' as const, status: 200 },
  ])('is answered with $status where it names $what', async ({ headers, as, status }) => {
    const sent = Object.fromEntries(Object.entries(headers));
    const answer = await world.graphql(VIEWER, {}, as === null ? { headers: sent } : { headers: sent, token: secrets[as] });
    expect(answer.status).toBe(status);
  });
});

describe('a session', () => {
  const json = { 'content-type': 'application/json' };
  const signIn = (token: string, headers: Record<string, string> = {}) =>
    world.send('POST', '/api/v1/session', JSON.stringify({ token }), { headers: { ...json, ...headers } });

  it('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const { status, headers } = await signIn(secrets.read);
    const [pair, ...flags] = (headers.get('set-cookie') ?? '').split('; ');
    expect({ status, pair, flags: flags.sort() }).toEqual({
      status: 200,
      pair: `throughline_session=${secrets.read}`,
      flags: ['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict'],
    });
  });

  it('goes over https alone where it began there', async () => {
    const { headers } = await signIn(secrets.read, { 'x-forwarded-proto': 'https' });
    expect(headers.get('set-cookie')?.split('; ')).toContain('Secure');
  });

  it('does not begin with a wrong token', async () => {
    const { status, headers } = await signIn(`tl_${'x'.repeat(43)}`);
    expect({ status, cookie: headers.get('set-cookie') }).toEqual({ status: 401, cookie: null });
  });

  it('does not say whether what is no token at all could be one', async () => {
    const { status, text } = await signIn('"; Path=/; Domain=evil');
    expect({ status, isRepeated: text.includes('evil') }).toEqual({ status: 400, isRepeated: false });
  });

  it('ends by an empty cookie', async () => {
    const { status, headers } = await world.send('DELETE', '/api/v1/session', undefined, {
      headers: { cookie: `throughline_session=${secrets.read}` },
    });
    expect({
      status,
      cookie: headers.get('set-cookie')?.split('; ').slice(0, 1),
      age: headers.get('set-cookie')?.includes('Max-Age=0'),
    }).toEqual({
      status: 204,
      cookie: ['throughline_session='],
      age: true,
    });
  });

  it('ends with its token', async () => {
    const { secret, token } = await makeToken('read');
    const headers = { cookie: `throughline_session=${secret}` };
    const before = (await world.graphql(VIEWER, {}, { headers })).status;
    await world.command('revokeToken', { id: token.id });
    expect({ before, after: (await world.graphql(VIEWER, {}, { headers })).status }).toEqual({ before: 200, after: 401 });
  });
});

describe('a page of another site', () => {
  const payload = JSON.stringify({ query: 'mutation { createModel(input: { name: "forged" }) { __typename } }' });
  const inject = (headers: Record<string, string>, url = '/graphql', body = payload) =>
    world.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, payload: body });

  it.each([
    { what: 'under its own origin', headers: { host: 'localhost:4000', origin: 'https://evil.example' } },
    { what: 'under no origin', headers: { host: 'localhost:4000', origin: 'null' } },
    { what: 'under another port', headers: { host: 'localhost:4000', origin: 'http://localhost:3000' } },
    { what: 'as the browser says', headers: { host: 'localhost:4000', 'sec-fetch-site': 'cross-site' } },
    { what: 'as the browser says of a sibling', headers: { host: 'localhost:4000', 'sec-fetch-site': 'same-site' } },
    { what: 'under a name that it pointed here', headers: { host: 'evil.example', origin: 'http://evil.example' } },
    { what: 'under a name that looks like ours', headers: { host: 'localhost.evil.example' } },
    { what: 'under a number that looks like ours', headers: { host: '127.0.0.1.evil.example' } },
    { what: 'under a host that is none', headers: { host: 'localhost:4000@evil.example' } },
  ])('changes nothing $what', async ({ headers }) => {
    const answers = await Promise.all([
      inject(headers),
      inject(headers, '/api/2.0/mlflow/registered-models/create', '{"name":"forged"}'),
      inject(headers, '/api/v1/uploads', JSON.stringify({ sha256: 'a'.repeat(64), sizeBytes: 1 })),
      inject(headers, '/api/v1/session', JSON.stringify({ token: secrets.read })),
    ]);
    const { model } = await world.query<{ model: unknown }>('{ model(id: "model:forged") { id } }');
    expect({ statuses: answers.map(({ statusCode }) => statusCode), model }).toEqual({ statuses: [403, 403, 403, 403], model: null });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'changes nothing with what a form can send, even where the browser does not say whence: %s',
    async (type) => {
      const answers = await Promise.all(
        [
          ['/graphql', payload],
          ['/api/2.0/mlflow/registered-models/create', '{"name":"forged"}'],
          ['/api/v1/uploads', JSON.stringify({ sha256: 'a'.repeat(64), sizeBytes: 1 })],
        ].map(([url, body]) => inject({ 'content-type': type }, url, body)),
      );
      expect(answers.filter(({ statusCode }) => statusCode < 400)).toEqual([]);
    },
  );

  it('changes nothing by a link', async () => {
    const query = encodeURIComponent('mutation { createModel(input: { name: "forged" }) { __typename } }');
    const { statusCode } = await world.app.inject({ method: 'GET', url: `/graphql?query=${query}` });
    expect(statusCode).toBeGreaterThanOrEqual(400);
  });

  it('is not allowed to read any answer', async () => {
    const headers = { host: 'localhost:4000', origin: 'https://evil.example' };
    const answers = await Promise.all(
      ['/api/version', '/api/2.0/mlflow/experiments/get?experiment_id=0', `/api/v1/files/${sha256Of(story.bytes.raw)}`].map((url) =>
        world.app.inject({ method: 'GET', url, headers }),
      ),
    );
    expect(answers.map(({ headers: sent }) => sent['access-control-allow-origin'])).toEqual([undefined, undefined, undefined]);
  });

  it('cannot be made out of what somebody uploads: files are never shown in our origin', async () => {
    const sha256 = await world.upload(Buffer.from('<script>alert(document.cookie)</script>'));
    await world.command('putArtifact', { owner: story.run.id, path: 'page.html', sha256 }, 'path');
    await world.command('registerDatasetVersion', { input: { dataset: 'pages', files: [{ path: 'page.html', sha256 }] } });
    const answers = await Promise.all(
      [
        `/api/v1/files/${sha256}?filename=page.html`,
        '/api/v1/datasets/pages/versions/1/files/page.html',
        `/get-artifact?path=page.html&run_uuid=${story.run.runId}`,
      ].map((path) => world.send('GET', path)),
    );
    for (const { status, headers } of answers) {
      expect({ status, type: headers.get('content-type'), sniff: headers.get('x-content-type-options') }).toEqual({
        status: 200,
        type: 'application/octet-stream',
        sniff: 'nosniff',
      });
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
    }
  });

  it('is no page of ours, which may change things', async () => {
    const headers = { host: 'localhost:4000', origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' };
    const query = JSON.stringify({ query: 'mutation { createModel(input: { name: "ours-from-a-page" }) { __typename } }' });
    expect((await inject(headers, '/graphql', query)).json()).toEqual({ data: { createModel: { __typename: 'RegisteredModel' } } });
  });
});

describe('a server that others can reach', () => {
  let open: World;
  beforeAll(async () => {
    open = await startWorld({ config: { host: '0.0.0.0', isLoopback: false } });
  });
  afterAll(async () => {
    await open.close();
  });

  it.each([
    { method: 'POST', path: '/graphql', body: JSON.stringify({ query: '{ viewer { name } }' }) },
    { method: 'GET', path: '/api/2.0/mlflow/experiments/get?experiment_id=0' },
    { method: 'POST', path: '/api/2.0/mlflow/runs/search', body: '{"experiment_ids":["0"]}' },
    { method: 'GET', path: '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0' },
    { method: 'GET', path: '/get-artifact?path=a&run_uuid=b' },
    { method: 'GET', path: '/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/b' },
    { method: 'GET', path: `/api/v1/files/${'a'.repeat(64)}` },
    { method: 'GET', path: '/api/v1/datasets/d/versions/1/files/a' },
    { method: 'POST', path: '/api/v1/uploads', body: JSON.stringify({ sha256: 'a'.repeat(64), sizeBytes: 1 }) },
    { method: 'GET', path: `/api/v1/uploads/${UNKNOWN}` },
  ])('answers nobody without a token: $method $path', async ({ method, path, body }) => {
    const { status, headers } = await open.send(method, path, body, { headers: { 'content-type': 'application/json' } });
    expect({ status, asks: headers.get('www-authenticate') !== null }).toEqual({ status: 401, asks: true });
  });

  it('refuses bytes without a token before it takes them', async () => {
    const { status } = await open.send('PUT', `/api/v1/files/${sha256Of(Buffer.from('x'))}`, 'x');
    expect({ status, files: await open.countFiles() }).toEqual({ status: 401, files: 0 });
  });

  it.each(['/health', '/version', '/api/version', '/api/ready'])('says to anybody that it is there: %s', async (path) => {
    expect((await open.send('GET', path)).status).toBe(200);
  });

  it('answers whoever has a token', async () => {
    const { access } = open.services;
    const caller = await access.localCaller();
    const { secret } = await access.tokens.create({ caller }, { name: 'first', scope: 'WRITE', principal: 'ada' });
    const { viewer } = await open.query<{ viewer: unknown }>(VIEWER, {}, { token: secret });
    expect(viewer).toEqual({ name: 'ada', scope: 'WRITE', isLocal: false, workspace: { name: 'default' } });
  });
});

it('met no defect on the way', () => {
  expect(world.log).toEqual([]);
});
