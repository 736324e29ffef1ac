import type { GraphqlContext } from '@throughline/graphql';
import { newId, nodeId } from '@throughline/kernel';
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRegistrySubgraph } from './subgraph.ts';
import type { World } from './testing.ts';
import { newCall, newWorld } from './testing.ts';

let world: World;
let schema: ReturnType<typeof createRegistrySubgraph>['schema'];

beforeAll(async () => {
  world = await newWorld();
  const registerVersion = (_call: unknown, input: { model: string }) => world.register(input.model);
  schema = createRegistrySubgraph(world.registry, { registerVersion }).schema;
});
afterAll(() => world.end());

type Json = Record<string, unknown>;

async function ask(source: string, variableValues: Json = {}, call = world.call) {
  const contextValue: GraphqlContext = { caller: call.caller, requestId: 'r' };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return { data: JSON.parse(JSON.stringify(data ?? null)) as Json | null, errors: errors?.map((error) => error.message) };
}

const VERSION = '... on ModelVersion { id ref version digest aliases }';
const PROBLEM = '... on Problem { kind code message hint details }';
const PROMOTE = `mutation ($input: PromoteInput!) { promote(input: $input) { __typename ${VERSION} ${PROBLEM} } }`;

describe('the registry subgraph', () => {
  it('goes the whole way: a model, a version, an alias, a deployment, and back', async () => {
    const made = await ask(
      `mutation { createModel(input: { name: "walk", description: "d", tags: [{ key: "k", value: "v" }] }) {
        ... on RegisteredModel { ref versionCount tags { key value } } ${PROBLEM} } }`,
    );
    expect(made.data).toEqual({ createModel: { ref: 'model:walk', versionCount: 0, tags: [{ key: 'k', value: 'v' }] } });
    const registered = await ask(`mutation { registerVersion(input: { model: "walk", run: "run:r" }) { ${VERSION} ${PROBLEM} } }`);
    expect(registered.data).toMatchObject({ registerVersion: { ref: 'model:walk/1', version: 1 } });
    const promoted = await ask(PROMOTE, { input: { version: 'model:walk/1', alias: 'champion', reason: 'first', expected: null } });
    expect(promoted.data).toMatchObject({ promote: { __typename: 'ModelVersion', aliases: ['champion'] } });
    const deployed = await ask(
      `mutation { deploy(input: { version: "model:walk@champion", environment: "production", target: "walk" }) {
        ... on Deployment { id ref isLive digest modelVersion { ref } previous { id } } ${PROBLEM} } }`,
    );
    expect(deployed.data).toMatchObject({
      deploy: { ref: 'deployment:production/walk', isLive: true, modelVersion: { ref: 'model:walk/1' }, previous: null },
    });
    const back = await ask(
      `{ deployment(id: "deployment:production/walk") { modelVersion { model { name latestVersion { version } aliases { alias version { version } }
          aliasHistory { nodes { action outcome reason actor version { version } previous { version } } } }
        fileCount totalBytes integrity files { totalCount nodes { path downloadUrl } } deployments { totalCount nodes { ref } } } } }`,
    );
    expect(back.errors).toBeUndefined();
    expect(back.data).toMatchObject({
      deployment: {
        modelVersion: {
          model: {
            name: 'walk',
            latestVersion: { version: 1 },
            aliases: [{ alias: 'champion', version: { version: 1 } }],
            aliasHistory: {
              nodes: [{ action: 'PROMOTE', outcome: 'APPLIED', reason: 'first', actor: 'ada', version: { version: 1 }, previous: null }],
            },
          },
          fileCount: 1,
          totalBytes: '7',
          integrity: 'UNCHECKED',
          files: { totalCount: 1, nodes: [{ path: 'model.bin' }] },
          deployments: { totalCount: 1, nodes: [{ ref: 'deployment:production/walk' }] },
        },
      },
    });
  });

  it('tells an explicit null from no expectation', async () => {
    await world.register('conditional', 'one');
    await world.register('conditional', 'two');
    const promote = async (input: Json) => (await ask(PROMOTE, { input: { alias: 'champion', ...input } })).data?.['promote'];
    expect(await promote({ version: 'model:conditional/1' })).toMatchObject({ __typename: 'ModelVersion' });
    expect(await promote({ version: 'model:conditional/2', expected: null })).toMatchObject({
      __typename: 'Problem',
      kind: 'CONFLICT',
      code: 'ALIAS_MOVED',
      details: { holder: 1 },
    });
    expect(await promote({ version: 'model:conditional/2', expected: 'model:conditional/1' })).toMatchObject({
      __typename: 'ModelVersion',
    });
    expect(await promote({ version: 'model:conditional/1' })).toMatchObject({ __typename: 'ModelVersion' });
  });

  it('answers typed problems', async () => {
    const deploy = (version: string) =>
      ask(`mutation ($v: ID!) { deploy(input: { version: $v, environment: "e", target: "t" }) { ... on Deployment { id } ${PROBLEM} } }`, {
        v: version,
      });
    await world.register('bare', 'x', { manifestId: null, noDigestReason: 'It lies elsewhere.' });
    expect((await deploy('model:bare/1')).data).toMatchObject({ deploy: { kind: 'CONFLICT', code: 'VERSION_WITHOUT_DIGEST' } });
    expect((await deploy('model:none/1')).data).toMatchObject({ deploy: { kind: 'NOT_FOUND', code: 'MODEL_VERSION_NOT_FOUND' } });
    expect((await deploy('nonsense')).data).toMatchObject({ deploy: { kind: 'INVALID', code: 'INVALID_ID' } });
    expect((await deploy(nodeId('run', newId()))).data).toMatchObject({ deploy: { kind: 'INVALID', code: 'INVALID_ID' } });
    expect((await deploy('other/model:bare/1')).data).toMatchObject({ deploy: { kind: 'INVALID', code: 'WORKSPACE_IN_REFERENCE' } });
  });

  it('answers null for what is unknown, and for what is another workspace', async () => {
    const version = await world.register('hidden');
    const query = `query ($m: ID!, $v: ID!) { model(id: $m) { id } modelVersion(id: $v) { id } deployment(id: "deployment:no/where") { id } }`;
    const variables = { m: nodeId('model', version.modelId), v: nodeId('modelVersion', version.id) };
    expect((await ask(query, variables, newCall())).data).toEqual({ model: null, modelVersion: null, deployment: null });
    expect((await ask(query, variables)).data).toMatchObject({
      model: { id: variables.m },
      modelVersion: { id: variables.v },
      deployment: null,
    });
  });

  it('resolves references in one batch, and adds to runs and logged models what came of them', async () => {
    const runId = newId();
    const made = await world.register('contributed', 'x', { runId, loggedModelId: newId() });
    const representations = [
      { __typename: 'ModelVersion', id: nodeId('modelVersion', made.id) },
      { __typename: 'RegisteredModel', id: nodeId('model', made.modelId) },
      { __typename: 'Run', id: nodeId('run', runId) },
      { __typename: 'LoggedModel', id: nodeId('loggedModel', made.loggedModelId ?? '') },
      { __typename: 'Deployment', id: nodeId('deployment', newId()) },
    ];
    const answer = await ask(
      `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ModelVersion { ref run { id } loggedModel { id } } ... on RegisteredModel { name }
        ... on Run { modelVersions { ref } } ... on LoggedModel { modelVersions { ref } } ... on Deployment { id } } }`,
      { r: representations },
    );
    expect(answer.data).toEqual({
      _entities: [
        { ref: 'model:contributed/1', run: { id: representations[2]?.id }, loggedModel: { id: representations[3]?.id } },
        { name: 'contributed' },
        { modelVersions: [{ ref: 'model:contributed/1' }] },
        { modelVersions: [{ ref: 'model:contributed/1' }] },
        null,
      ],
    });
  });

  it('shows what a command did to what was loaded before it, in one document', async () => {
    await world.register('twice', 'x');
    const answer = await ask(
      `mutation { a: updateModel(id: "model:twice", description: "one") { ... on RegisteredModel { description versionCount } }
        b: deleteVersion(id: "model:twice/1") { ... on ModelVersion { deletedAt model { versionCount } } } }`,
    );
    expect(answer.data).toMatchObject({
      a: { description: 'one', versionCount: 1 },
      b: { deletedAt: expect.any(String) as string, model: { versionCount: 0 } },
    });
  });
});

describe('webhooks in the subgraph', () => {
  const WEBHOOK = '... on Webhook { id webhookId name url events hasSecret status deliveries { nodes { event state attempts body } } }';
  const administrator = { caller: { ...newCall('ADMIN').caller } };
  const make = (input: Json) =>
    ask(
      `mutation ($input: CreateWebhookInput!) { made: createWebhook(input: $input) { ${WEBHOOK} ${PROBLEM} } }`,
      { input },
      administrator,
    );

  it('are made, changed, listed, told and deleted', async () => {
    const made = await make({ name: 'hook', url: 'https://1.1.1.1/', events: ['REGISTERED_MODEL_CREATED', 'MODEL_VERSION_TAG_SET'] });
    const webhook = {
      name: 'hook',
      url: 'https://1.1.1.1/',
      events: ['REGISTERED_MODEL_CREATED', 'MODEL_VERSION_TAG_SET'],
      hasSecret: false,
    };
    expect(made).toMatchObject({ errors: undefined, data: { made: { ...webhook, status: 'ACTIVE', deliveries: { nodes: [] } } } });
    const id = String((made.data?.['made'] as Json)['id']);
    await ask('mutation { createModel(input: { name: "told" }) { __typename } }', {}, administrator);
    const listed = await ask(`{ webhooks { totalCount nodes { ${WEBHOOK.slice('... on Webhook {'.length, -1)} } } }`, {}, administrator);
    expect(listed).toMatchObject({
      errors: undefined,
      data: {
        webhooks: {
          totalCount: 1,
          nodes: [{ id, deliveries: { nodes: [{ event: 'REGISTERED_MODEL_CREATED', state: 'PENDING', attempts: 0 }] } }],
        },
      },
    });
    const changed = await ask(
      `mutation ($id: ID!) { changed: updateWebhook(id: $id, input: { status: DISABLED, events: [PROMPT_CREATED] }) { ${WEBHOOK} ${PROBLEM} } }`,
      { id },
      administrator,
    );
    expect(changed.data).toMatchObject({ changed: { name: 'hook', status: 'DISABLED', events: ['PROMPT_CREATED'] } });
    const gone = await ask(
      'mutation ($id: ID!) { deleteWebhook(id: $id) { __typename } webhook: deleteWebhook(id: $id) { ... on Problem { code } } }',
      { id },
      administrator,
    );
    expect(gone.data).toMatchObject({ deleteWebhook: { __typename: 'Webhook' }, webhook: { code: 'WEBHOOK_NOT_FOUND' } });
    expect((await ask('query ($id: ID!) { webhook(id: $id) { id } }', { id }, administrator)).data).toEqual({ webhook: null });
  });

  it('answer with a problem what is no webhook', async () => {
    const refused = await make({ name: 'hook', url: 'http://169.254.169.254/', events: ['PROMPT_CREATED'] });
    expect(refused.data).toMatchObject({ made: { kind: 'INVALID', code: 'PRIVATE_ADDRESS' } });
  });

  it('are not told to who may write and no more', async () => {
    const { data, errors } = await ask('{ webhooks { nodes { id } } }');
    expect({ data, told: errors?.[0] }).toEqual({ data: null, told: 'This needs a token with the scope admin; yours has write.' });
  });
});

describe('prompts in the subgraph', () => {
  it('are a list of their own', async () => {
    const call = newCall();
    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    await world.registry.models.create(call, { name: 'a-model' });
    await world.registry.models.create(call, { name: 'a-prompt', tags });
    const list = async (args: string) => (await ask(`{ models${args} { totalCount nodes { name isPrompt } } }`, {}, call)).data?.['models'];
    const [model, prompt] = [
      { name: 'a-model', isPrompt: false },
      { name: 'a-prompt', isPrompt: true },
    ];
    expect(await list('')).toEqual({ totalCount: 1, nodes: [model] });
    expect(await list('(isPrompt: true)')).toEqual({ totalCount: 1, nodes: [prompt] });
    expect(await list('(isPrompt: null)')).toEqual({ totalCount: 2, nodes: [model, prompt] });
    expect(await list('(isPrompt: true, search: "MODEL")')).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe('the cost of a page', () => {
  const PAGE = `query ($first: Int!) {
    models(search: "page-", first: $first) { totalCount nodes { ref tags { key } aliases { alias version { version } } latestVersion { ref } versionCount
      versions(first: 2) { nodes { ref tags { key } aliases fileCount totalBytes integrity run { id } copiedFrom { id } model { name }
        deployments(first: 1) { totalCount nodes { ref previous { id } modelVersion { id } } } } }
      aliasHistory(first: 2) { nodes { version { ref } previous { ref } } } } }
    deployments(first: $first) { totalCount nodes { ref modelVersion { ref model { name } } previous { id } } } }`;

  // Loads that are not of one tick may take two statements or one, so the bound leaves room for that; a field that costs one for
  // each row would add twelve.
  it('is a number of statements that the fields decide, not the rows', async () => {
    for (let index = 0; index < 12; index += 1) {
      for (const text of ['one', 'two']) {
        const version = await world.register(`page-${index}`, text, { tags: [{ key: 'k', value: text }], runId: newId() });
        await world.registry.aliases.promote(world.call, { versionId: version.id, alias: 'champion' });
        await world.registry.deployments.deploy(world.call, { versionId: version.id, environment: 'production', target: `page-${index}` });
      }
    }
    const cost = async (first: number) => {
      world.statements.length = 0;
      const answer = await ask(PAGE, { first });
      expect(answer.errors).toBeUndefined();
      expect((answer.data?.['models'] as { nodes: unknown[] }).nodes).toHaveLength(first);
      return world.statements.length;
    };
    expect(await cost(2)).toBeLessThan(28);
    expect(await cost(12)).toBeLessThan(28);
  });

  it('is bounded, however large the pages inside of pages are that a document asks for', async () => {
    const answer = await ask('{ models(search: "page-", first: 1000) { nodes { versions(first: 1000) { nodes { id } } } } }');
    expect(answer.errors).toBeUndefined();
    for (let index = 0; index < 12; index += 1) await world.registry.models.ensure(world.call, `page-more-${index}`);
    const tooMuch = await ask('{ models(search: "page-", first: 1000) { nodes { versions(first: 1000) { nodes { id } } } } }');
    expect(tooMuch.errors?.[0]).toContain('Ask for smaller pages');
  });
});
