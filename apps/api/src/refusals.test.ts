// Goal: bad input gets a clear refusal in GraphQL's or HTTP's own form, says nothing of the server's insides, and changes nothing. Method:
// tables of hostile requests over one world; each answer is looked at for its code and for what must not be in it, and the rows of every
// table are counted before and after. MLflow's own refusals are tried with its client, in interop/.

import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startRun, tellStory } from './testing/story.ts';
import type { Story } from './testing/story.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const HASH = 'a'.repeat(64);
const NUL = 'a\0b';
const LONE = 'a\ud800b';
/** What no answer may hold: a stack, a statement, a path of the server, a driver's or library's name. */
const INSIDES =
  /\bat \S+ \(|\.ts:\d|node_modules|\bSELECT\b|\bINSERT\b|\bUPDATE\b .* SET|prisma|pg_|relation "|constraint|\/tmp\/|\/root\/|\/libs\//i;

let world: World;
let story: Story;
let tables: string[];

beforeAll(async () => {
  world = await startWorld();
  story = await tellStory(world, { name: 'penguins' });
  await world.services.commands.settle();
  const rows = await world.database.database.sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%' ORDER BY 1`,
  );
  tables = rows.map(({ name }) => name);
});
afterAll(async () => {
  await world.close();
});

/** Everything that a request could have changed: the number of rows of each table, and of files. */
async function state(): Promise<unknown> {
  return { ...(await world.countRows(...tables)), files: await world.countFiles() };
}

async function expectUnchanged(work: () => Promise<void>): Promise<void> {
  const before = await state();
  await work();
  expect(await state()).toEqual(before);
}

interface Command {
  what: string;
  name: string;
  args: Record<string, unknown> | (() => Record<string, unknown>);
  selection?: string;
  code: string;
}

function commandCases(): Command[] {
  const version = (dataset: string, path: string) => () => ({
    input: { dataset, files: [{ path, sha256: cleanHash() }] },
  });
  const paths = ['../up', 'a/../../up', '/etc/passwd', 'C:\\x', 'a\\b', '', '.', './a', 'a//b', 'a/', NUL, LONE, 'a/./b', 'x'.repeat(5000)];
  return [
    ...paths.map((path): Command => ({
      what: `a dataset file at ${JSON.stringify(path.slice(0, 20))}`,
      name: 'registerDatasetVersion',
      args: version('hostile', path),
      code: 'INVALID_PATH',
    })),
    ...paths.map((path): Command => ({
      what: `an artifact at ${JSON.stringify(path.slice(0, 20))}`,
      name: 'putArtifact',
      args: () => ({ owner: story.run.id, path, sha256: cleanHash() }),
      selection: 'path',
      code: 'INVALID_PATH',
    })),
    {
      what: 'a path given twice',
      name: 'registerDatasetVersion',
      args: () => ({ input: { dataset: 'd', files: [file('a'), file('a')] } }),
      code: 'DUPLICATE_PATH',
    },
    {
      what: 'a file within a file',
      name: 'registerDatasetVersion',
      args: () => ({ input: { dataset: 'd', files: [file('a'), file('a/b')] } }),
      code: 'PATH_CONFLICT',
    },
    {
      what: 'bytes that nobody uploaded',
      name: 'registerDatasetVersion',
      args: { input: { dataset: 'd', files: [{ path: 'a', sha256: HASH }] } },
      code: 'BLOBS_MISSING',
    },
    {
      what: 'a hash that is none',
      name: 'registerDatasetVersion',
      args: { input: { dataset: 'd', files: [{ path: 'a', sha256: 'abc' }] } },
      code: 'INVALID_HASH',
    },
    {
      what: 'two files as a single one',
      name: 'registerDatasetVersion',
      args: () => ({ input: { dataset: 'd', single: true, files: [file('a'), file('b')] } }),
      code: 'NOT_A_SINGLE_FILE',
    },
    { what: 'an unknown run', name: 'deleteRun', args: { id: `run_${UNKNOWN}` }, code: 'RUN_NOT_FOUND' },
    {
      what: 'an unknown model version',
      name: 'updateVersion',
      args: { id: `modelVersion_${UNKNOWN}`, description: 'x' },
      code: 'MODEL_VERSION_NOT_FOUND',
    },
    {
      what: 'a dataset that derives from nothing known',
      name: 'registerDatasetVersion',
      args: () => ({ input: { dataset: 'd', files: [file('a')], derivedFrom: [`datasetVersion_${UNKNOWN}`] } }),
      code: 'DATASET_VERSION_NOT_FOUND',
    },
    {
      what: 'a model registered from two things at once',
      name: 'registerVersion',
      args: () => ({ input: { model: 'm', run: story.run.id, loggedModel: story.loggedModel.id } }),
      code: 'AMBIGUOUS_SOURCE',
    },
  ];
}

function cleanHash(): string {
  return cleanSha256;
}
let cleanSha256 = '';
beforeAll(async () => {
  cleanSha256 = await world.upload(story.bytes.clean);
});
const file = (path: string) => ({ path, sha256: cleanHash() });

describe('a command that is refused says why, and changes nothing', () => {
  it.each(commandCases())('$what', async ({ name, args, selection, code }) => {
    await expectUnchanged(async () => {
      const result = await world.attempt(name, typeof args === 'function' ? args() : args, selection);
      expect(result).toMatchObject({ __typename: 'Problem', code });
      expect(JSON.stringify(result)).not.toMatch(INSIDES);
    });
  });

  /** Every text that a command takes, with something in its place that no text may be. */
  const texts: { name: string; field: string; args: (text: string) => Record<string, unknown>; selection?: string; maxLength: number }[] = [
    { name: 'createExperiment', field: 'name', args: (name) => ({ input: { name } }), maxLength: 500 },
    { name: 'createRun', field: 'name', args: (name) => ({ input: { experiment: 'experiment:0', name } }), maxLength: 5000 },
    { name: 'createModel', field: 'name', args: (name) => ({ input: { name } }), maxLength: 256 },
    {
      name: 'createModel',
      field: 'description',
      args: (description) => ({ input: { name: 'described', description } }),
      maxLength: 5_000_000,
    },
    { name: 'createDataset', field: 'name', args: (name) => ({ input: { name } }), maxLength: 255 },
    {
      name: 'createDataset',
      field: 'description',
      args: (description) => ({ input: { name: 'described', description } }),
      maxLength: 5_000_000,
    },
    { name: 'createLoggedModel', field: 'name', args: (name) => ({ input: { name, sourceRun: story.run.id } }), maxLength: 5000 },
    { name: 'createToken', field: 'name', args: (name) => ({ input: { name, scope: 'READ' } }), selection: 'secret', maxLength: 120 },
    {
      name: 'createToken',
      field: 'principal',
      args: (principal) => ({ input: { name: 't', scope: 'READ', principal } }),
      selection: 'secret',
      maxLength: 128,
    },
    { name: 'logBatch', field: 'key', args: (key) => ({ run: story.run.id, metrics: [{ key, value: 1 }] }), maxLength: 250 },
    { name: 'logBatch', field: 'key', args: (key) => ({ run: story.run.id, params: [{ key, value: 'v' }] }), maxLength: 250 },
    { name: 'logBatch', field: 'value', args: (value) => ({ run: story.run.id, params: [{ key: 'k', value }] }), maxLength: 6000 },
    { name: 'logBatch', field: 'key', args: (key) => ({ run: story.run.id, tags: [{ key, value: 'v' }] }), maxLength: 250 },
    { name: 'logBatch', field: 'value', args: (value) => ({ run: story.run.id, tags: [{ key: 'k', value }] }), maxLength: 100_000 },
    { name: 'setModelTags', field: 'key', args: (key) => ({ id: 'model:penguins', tags: [{ key, value: 'v' }] }), maxLength: 250 },
    {
      name: 'setModelTags',
      field: 'value',
      args: (value) => ({ id: 'model:penguins', tags: [{ key: 'k', value }] }),
      maxLength: 1_000_000,
    },
    { name: 'setVersionTags', field: 'key', args: (key) => ({ id: story.version.id, tags: [{ key, value: 'v' }] }), maxLength: 250 },
    { name: 'setExperimentTags', field: 'key', args: (key) => ({ id: 'experiment:0', tags: [{ key, value: 'v' }] }), maxLength: 250 },
    {
      name: 'setExperimentTags',
      field: 'value',
      args: (value) => ({ id: 'experiment:0', tags: [{ key: 'k', value }] }),
      maxLength: 1_000_000,
    },
    { name: 'promote', field: 'alias', args: (alias) => ({ input: { version: story.version.id, alias } }), maxLength: 255 },
    {
      name: 'promote',
      field: 'reason',
      args: (reason) => ({ input: { version: story.version.id, alias: 'other', reason } }),
      maxLength: 1_000_000,
    },
    {
      name: 'deploy',
      field: 'target',
      args: (target) => ({ input: { version: story.version.id, environment: 'e', target } }),
      maxLength: 255,
    },
    {
      name: 'deploy',
      field: 'environment',
      args: (environment) => ({ input: { version: story.version.id, environment, target: 't' } }),
      maxLength: 255,
    },
    {
      name: 'deploy',
      field: 'reason',
      args: (reason) => ({ input: { version: story.version.id, environment: 'e', target: 't', reason } }),
      maxLength: 1_000_000,
    },
    { name: 'tagDatasetVersion', field: 'tag', args: (tag) => ({ version: story.clean.id, tag }), maxLength: 255 },
    { name: 'retractDatasetVersion', field: 'reason', args: (reason) => ({ version: story.clean.id, reason }), maxLength: 1_000_000 },
    {
      name: 'registerDatasetVersion',
      field: 'message',
      args: (message) => ({ input: { dataset: 'd', message, files: [file('a')] } }),
      maxLength: 1_000_000,
    },
    {
      name: 'logInput',
      field: 'context',
      args: (context) => ({ run: story.run.id, input: { datasetVersion: story.raw.id, context } }),
      maxLength: 1_000_000,
    },
    {
      name: 'recordSighting',
      field: 'path',
      args: (path) => ({
        input: { version: story.clean.id, sighting: { repository: 'https://example.org/r.git', path, commit: 'a'.repeat(40) } },
      }),
      maxLength: 5000,
    },
    {
      name: 'recordSighting',
      field: 'repository',
      args: (repository) => ({ input: { version: story.clean.id, sighting: { repository, path: 'p', commit: 'a'.repeat(40) } } }),
      maxLength: 5000,
    },
    { name: 'endDeployment', field: 'reason', args: (reason) => ({ id: story.deployment.id, reason }), maxLength: 1_000_000 },
    {
      name: 'removeAlias',
      field: 'reason',
      args: (reason) => ({ model: 'model:penguins', alias: 'champion', reason }),
      maxLength: 1_000_000,
    },
  ];
  const bad = [
    { what: 'with NUL in it', make: () => NUL },
    { what: 'with half a character in it', make: () => LONE },
    { what: 'that is too long', make: (maxLength: number) => 'x'.repeat(maxLength + 1) },
  ];
  const each = texts.flatMap((text) => bad.map((one) => ({ ...text, ...one })));

  it.each(each)('a $field of $name $what', async ({ name, args, selection, make, maxLength }) => {
    await expectUnchanged(async () => {
      const result = await world.attempt(name, args(make(maxLength)), selection);
      expect(result).toMatchObject({ __typename: 'Problem', kind: 'INVALID' });
      expect(JSON.stringify(result)).not.toMatch(INSIDES);
      expect(JSON.stringify(result).length).toBeLessThan(2000);
    });
  });

  it('a batch above its limits, whole', async () => {
    await expectUnchanged(async () => {
      const metrics = Array.from({ length: 1001 }, (_, i) => ({ key: `m${i}`, value: 1 }));
      const result = await world.attempt('logBatch', { run: story.run.id, metrics, params: [{ key: 'p', value: 'v' }] });
      expect(result).toMatchObject({ __typename: 'Problem', kind: 'INVALID' });
    });
  });

  it('a batch with one bad point, whole', async () => {
    await expectUnchanged(async () => {
      const metrics = [
        { key: 'good', value: 1 },
        { key: '../bad', value: 1 },
      ];
      expect(await world.attempt('logBatch', { run: story.run.id, metrics })).toMatchObject({ __typename: 'Problem', kind: 'INVALID' });
    });
  });

  it('a write to a run that was deleted', async () => {
    const run = await startRun(world);
    await world.command('deleteRun', { id: run.id });
    await expectUnchanged(async () => {
      const result = await world.attempt('logBatch', { run: run.id, params: [{ key: 'k', value: 'v' }] });
      expect(result).toMatchObject({ __typename: 'Problem' });
    });
  });

  it('the deletion of what a deployment stands on', async () => {
    await expectUnchanged(async () => {
      const results = await Promise.all([
        world.attempt('deleteVersion', { id: story.version.id }),
        world.attempt('deleteModel', { id: 'model:penguins' }),
        world.attempt('deleteDataset', { id: 'data:penguins' }),
      ]);
      expect(results.map((result) => ('kind' in result ? result.kind : 'done'))).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT']);
    });
  });
});

describe('an id of the wrong kind', () => {
  const ids = {
    run: () => story.run.id,
    dataset: () => 'data:penguins',
    datasetVersion: () => story.clean.id,
    model: () => 'model:penguins',
    modelVersion: () => story.version.id,
    deployment: () => story.deployment.id,
    loggedModel: () => story.loggedModel.id,
    experiment: () => 'experiment:0',
  };
  const fields = ['run', 'dataset', 'datasetVersion', 'model', 'modelVersion', 'deployment', 'loggedModel', 'experiment'] as const;
  /** References that stand for two kinds: a dataset is its current version, a model its newest. */
  const both = new Set(['datasetVersion dataset', 'dataset datasetVersion', 'modelVersion model', 'model modelVersion']);
  const pairs = fields.flatMap((field) =>
    (Object.keys(ids) as (keyof typeof ids)[])
      .filter((kind) => kind !== field && !both.has(`${field} ${kind}`))
      .map((kind) => ({ field, kind })),
  );

  it.each(pairs)('is no $field: a $kind', async ({ field, kind }) => {
    const { data, errors, text } = await world.graphql<Record<string, unknown>>(`query ($id: ID!) { ${field}(id: $id) { id } }`, {
      id: ids[kind](),
    });
    const answer = errors.length > 0 ? errors[0]?.extensions['code'] : data?.[field];
    expect([null, 'BAD_USER_INPUT', 'NOT_FOUND']).toContain(answer);
    expect(text).not.toMatch(INSIDES);
  });
});

describe('a query that is refused', () => {
  const CURSORS = [
    'nonsense',
    '',
    Buffer.from('[]').toString('base64url'),
    Buffer.from('[null,null]').toString('base64url'),
    Buffer.from('["a","b","c"]').toString('base64url'),
    Buffer.from('[1e308,"x"]').toString('base64url'),
    Buffer.from(JSON.stringify(['\0', '\0'])).toString('base64url'),
    Buffer.from('{"a":1}').toString('base64url'),
  ];
  const LISTS = [
    'deployments(PAGE) { nodes { id } }',
    'models(PAGE) { nodes { id } }',
    'datasets(PAGE) { nodes { id } }',
    'experiments(PAGE) { nodes { id } }',
    'runs(PAGE) { nodes { id } }',
    'tokens(PAGE) { nodes { id } }',
    'verifications(PAGE) { nodes { id } }',
    'model(id: "model:penguins") { versions(PAGE) { nodes { id } } }',
    'model(id: "model:penguins") { aliasHistory(PAGE) { nodes { alias } } }',
    'dataset(id: "data:penguins") { versions(PAGE) { nodes { id } } }',
    'dataset(id: "data:penguins") { history(PAGE) { nodes { pointer } } }',
    'datasetVersion(id: "data:penguins") { files(PAGE) { nodes { path } } }',
    'datasetVersion(id: "data:penguins") { entries(PAGE) { nodes { path } } }',
    'datasetVersion(id: "data:penguins") { usedBy(PAGE) { nodes { id } } }',
    'modelVersion(id: "model:penguins/1") { files(PAGE) { nodes { path } } }',
    'modelVersion(id: "model:penguins/1") { deployments(PAGE) { nodes { id } } }',
    'experiment(id: "experiment:0") { runs(PAGE) { nodes { id } } }',
    'RUN { artifacts(PAGE) { nodes { path } } }',
    'RUN { children(PAGE) { nodes { id } } }',
    'datasetDiff(from: "data:penguins@1", to: "data:penguins@2", PAGE) { differences { path } }',
  ];
  const asked = (list: string, page: string) => `{ ${list.replace('PAGE', page).replace('RUN', `run(id: "${story.run.id}")`)} }`;

  it.each(LISTS)('says so where a page is too small, too large, or begins at no cursor: %s', async (list) => {
    const pages = ['first: 0', 'first: -1', 'first: 100000', ...CURSORS.map((cursor) => `first: 1, after: "${cursor}"`)];
    const answers = await Promise.all(pages.map((page) => world.graphql(asked(list, page))));
    const wrong = answers.flatMap(({ errors, text }, i) =>
      ['BAD_USER_INPUT', 'RESOURCE_EXHAUSTED'].includes(String(errors[0]?.extensions['code'])) && !INSIDES.test(text)
        ? []
        : [`${pages[i] ?? ''}: ${text.slice(0, 300)}`],
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    { what: 'a syntax error', query: '{ viewer { name }', code: 'GRAPHQL_PARSE_FAILED' },
    { what: 'an unknown field', query: '{ viewer { password } }', code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'a wrong type', query: '{ deployments(first: "many") { nodes { id } } }', code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'a number beyond its type', query: '{ deployments(first: 99999999999) { nodes { id } } }', code: 'GRAPHQL_VALIDATION_FAILED' },
    {
      what: 'a query that nests too deep',
      query: `{ model(id: "model:penguins") { ${'versions { nodes { model { '.repeat(6)} id ${'} } } '.repeat(6)} } }`,
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    {
      what: 'one field a thousand times',
      query: `{ viewer { ${Array.from({ length: 1001 }, (_, i) => `a${i}: name`).join(' ')} } }`,
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    {
      what: 'fragments that unfold without end',
      query: `{ viewer { ...a } } ${Array.from({ length: 30 }, (_, i) => `fragment ${ab(i)} on Viewer { ...${ab(i + 1)} ...${ab(i + 1)} }`).join(' ')} fragment ${ab(30)} on Viewer { name }`,
      code: 'GRAPHQL_VALIDATION_FAILED',
    },
    { what: 'fragments in a circle', query: '{ viewer { ...a } } fragment a on Viewer { ...a }', code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'too many tokens', query: `{ viewer { ${'name '.repeat(6000)} } }`, code: 'GRAPHQL_PARSE_FAILED' },
    { what: 'too long a text', query: `{ viewer { name } } #${'x'.repeat(200_000)}`, code: 'BAD_USER_INPUT' },
    {
      what: 'a lineage that is too deep',
      query: '{ lineage(root: "data:penguins", direction: UPSTREAM, depth: 51) { root } }',
      code: 'BAD_USER_INPUT',
    },
    {
      what: 'a lineage of no depth',
      query: '{ lineage(root: "data:penguins", direction: UPSTREAM, depth: 0) { root } }',
      code: 'BAD_USER_INPUT',
    },
    { what: 'a lineage of nothing', query: '{ lineage(root: "nothing", direction: UPSTREAM) { root } }', code: 'BAD_USER_INPUT' },
    {
      what: 'a lineage of what is no node',
      query: '{ lineage(root: "experiment:0", direction: UPSTREAM) { root } }',
      code: 'BAD_USER_INPUT',
    },
    { what: 'an unknown root', query: `{ lineage(root: "run_${UNKNOWN}", direction: UPSTREAM) { root } }`, code: 'NOT_FOUND' },
    { what: 'a trace of a run', query: '{ traceDeployment(id: "RUN") { verified } }', code: 'BAD_USER_INPUT' },
    { what: 'an unknown trace', query: `{ traceDeployment(id: "deployment_${UNKNOWN}") { verified } }`, code: 'NOT_FOUND' },
    { what: 'a broken escape', query: '{ model(id: "model:%zz") { id } }', code: 'BAD_USER_INPUT' },
    { what: 'a filter that is none', query: '{ runs(filter: "robert\'); DROP TABLE run;--") { nodes { id } } }', code: 'BAD_USER_INPUT' },
    { what: 'an order that is none', query: '{ runs(orderBy: ["sideways()"]) { nodes { id } } }', code: 'BAD_USER_INPUT' },
    {
      what: 'a chart of too many buckets',
      query: '{ metricSeries(run: "RUN", key: "m", buckets: 100000) { key } }',
      code: 'BAD_USER_INPUT',
    },
    { what: 'a verification of nothing', query: `mutation { verify(root: "run_${UNKNOWN}") { id } }`, code: 'NOT_FOUND' },
  ])('has the code for $what', async ({ query, code }) => {
    const { errors, text } = await world.graphql(query.replace('RUN', story.run.id));
    expect({ code: errors[0]?.extensions['code'] }).toEqual({ code });
    expect(text).not.toMatch(INSIDES);
  });

  it.each(['search', 'filter'])('or answered with nothing, for NUL and half characters in a %s', async (argument) => {
    const field = argument === 'search' ? 'models' : 'experiments';
    const value = (text: string) => (argument === 'search' ? text : `name LIKE '%${text}%'`);
    for (const text of [NUL, LONE]) {
      const answer = await world.graphql<Record<string, { nodes: unknown[] }>>(
        `query ($text: String) { ${field}(${argument}: $text) { nodes { id } } }`,
        { text: value(text) },
      );
      expect(answer.errors.map(({ extensions }) => extensions['code']).filter((code) => code !== 'BAD_USER_INPUT')).toEqual([]);
    }
  });

  it.each([NUL, LONE])('or answered with nothing, for %j in a reference', async (text) => {
    for (const [field, ref] of Object.entries({
      run: 'run:',
      model: 'model:',
      dataset: 'data:',
      deployment: 'deployment:x/',
      modelVersion: 'model:penguins@',
    })) {
      const { errors, text: body } = await world.graphql(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id: `${ref}${text}` });
      expect(
        errors.map(({ extensions }) => extensions['code']).filter((code) => code !== 'BAD_USER_INPUT'),
        body,
      ).toEqual([]);
    }
  });
});

function ab(i: number): string {
  return String.fromCharCode(97 + Math.floor(i / 26)) + (i === 0 ? '' : String.fromCharCode(97 + (i % 26)));
}

describe('a request that is no request', () => {
  const json = { headers: { 'content-type': 'application/json' } };

  it.each([
    { what: 'malformed JSON', method: 'POST', path: '/graphql', body: '{"query":', status: 400 },
    { what: 'JSON that is no object', method: 'POST', path: '/graphql', body: '[1]', status: 400 },
    { what: 'no query', method: 'POST', path: '/graphql', body: '{}', status: 400 },
    {
      what: 'variables that are no object',
      method: 'POST',
      path: '/graphql',
      body: '{"query":"{ viewer { name } }","variables":7}',
      status: 400,
    },
    { what: 'an upload that is not JSON', method: 'POST', path: '/api/v1/uploads', body: 'x', status: 400 },
    { what: 'an upload of no hash', method: 'POST', path: '/api/v1/uploads', body: '{"sizeBytes":1}', status: 400 },
    {
      what: 'an upload of a negative size',
      method: 'POST',
      path: '/api/v1/uploads',
      body: `{"sha256":"${HASH}","sizeBytes":-1}`,
      status: 400,
    },
    {
      what: 'an upload of half a byte',
      method: 'POST',
      path: '/api/v1/uploads',
      body: `{"sha256":"${HASH}","sizeBytes":0.5}`,
      status: 400,
    },
    {
      what: 'an upload above the limit',
      method: 'POST',
      path: '/api/v1/uploads',
      body: `{"sha256":"${HASH}","sizeBytes":68719476736}`,
      status: 400,
    },
    { what: 'an unknown upload', method: 'GET', path: `/api/v1/uploads/${UNKNOWN}`, status: 404 },
    { what: 'an upload by no id', method: 'GET', path: '/api/v1/uploads/..%2f..%2fetc', status: 404 },
    { what: 'bytes without an offset', method: 'PATCH', path: `/api/v1/uploads/${UNKNOWN}`, body: 'x', status: 400 },
    {
      what: 'bytes of an unknown upload',
      method: 'PATCH',
      path: `/api/v1/uploads/${UNKNOWN}`,
      body: 'x',
      headers: { 'upload-offset': '0' },
      status: 404,
    },
    { what: 'a file by no hash', method: 'PUT', path: '/api/v1/files/abc', body: 'x', status: 400 },
    { what: 'an unknown file', method: 'GET', path: `/api/v1/files/${HASH}`, status: 404 },
    { what: 'a file by a path', method: 'GET', path: '/api/v1/files/..%2f..%2fetc%2fpasswd', status: 400 },
    { what: 'a file of an unknown dataset', method: 'GET', path: '/api/v1/datasets/none/versions/1/files/a', status: 404 },
    { what: 'a file of version 0', method: 'GET', path: '/api/v1/datasets/penguins/versions/0/files/a', status: 400 },
    { what: 'an unknown file of a version', method: 'GET', path: '/api/v1/datasets/penguins/versions/1/files/none', status: 404 },
    { what: 'a file above a version', method: 'GET', path: '/api/v1/datasets/penguins/versions/1/files/..%2f..%2fx', status: 400 },
    {
      what: 'a file above it, encoded twice',
      method: 'GET',
      path: '/api/v1/datasets/penguins/versions/1/files/%252e%252e%252fx',
      status: 400,
    },
    { what: 'a file with NUL', method: 'GET', path: '/api/v1/datasets/penguins/versions/1/files/a%00b', status: 400 },
    { what: 'a dataset with NUL', method: 'GET', path: '/api/v1/datasets/a%00b/versions/1/files/a', status: 400 },
    { what: 'a broken escape', method: 'GET', path: '/api/v1/datasets/%ff/versions/1/files/a', status: 400 },
    { what: 'a session without a token', method: 'POST', path: '/api/v1/session', body: '{}', status: 400 },
    { what: 'a session of null', method: 'POST', path: '/api/v1/session', body: 'null', status: 400 },
    { what: 'an unknown place', method: 'POST', path: '/api/v1/nothing', body: '{}', status: 404 },
  ])('$what is answered with $status, in words', async ({ method, path, body, headers, status }) => {
    await expectUnchanged(async () => {
      const options = headers === undefined ? (body === undefined ? {} : json) : { headers };
      const sent = await world.send(method, path, body, options);
      expect({ status: sent.status, text: sent.text }).toMatchObject({ status });
      expect(sent.text).toMatch(/"message":"[^"]+/);
      expect(sent.text).not.toMatch(INSIDES);
    });
  });

  it.each(['/graphql', '/api/v1/uploads', '/api/2.0/mlflow/runs/search'])(
    'a body over the limit is refused before it is sent: %s',
    async (path) => {
      const declared = 40_000_000;
      const text = await raw(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${declared}\r\n\r\n{`,
      );
      expect(text).toMatch(/^HTTP\/1.1 4(?:00|13) /);
      expect(text).not.toMatch(INSIDES);
    },
  );

  it('something that is not HTTP is answered with 400 and no more', async () => {
    const text = await raw('\x16\x03\x01 hello\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).not.toMatch(INSIDES);
  });

  it('a range behind the end is answered with 416', async () => {
    const { status } = await world.send('GET', `/api/v1/files/${cleanHash()}`, undefined, { headers: { range: 'bytes=100000-' } });
    expect(status).toBe(416);
  });
});

/** Sends text over a socket of its own; answers what comes back until the other side ends it. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

it('no refusal was a defect', () => {
  expect(world.log).toEqual([]);
});
