// Goal: the main job, over HTTP alone: from a data file to a deployed model, and back to the bytes. Method: one server, one story a test,
// and what each page of the dashboard would ask about it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { filesOf, logModel, makeVersion, readVersion, registerModel, startRun, tellStory } from './testing/story.ts';
import type { Story } from './testing/story.ts';
import { sha256Of, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

interface Trace {
  verified: boolean;
  truncated: boolean;
  fileCount: number;
  deployment: { id: string };
  nodes: { id: string; kind: string; retraction: string | null }[];
  edges: { from: string; to: string; relation: string; evidence: string; context: string | null }[];
  files: { path: string; sizeBytes: string; sha256: string; integrity: string; role: string }[];
  weakest: { from: string; to: string; evidence: string } | null;
  gaps: { node: string; kind: string; message: string; hint: string }[];
}

async function trace(id: string): Promise<Trace> {
  const answer = await world.query<{ traceDeployment: Trace }>(
    `query ($id: ID!) { traceDeployment(id: $id) { verified truncated fileCount deployment { id } nodes { id kind retraction }
      edges { from to relation evidence context } files { path sizeBytes sha256 integrity role } weakest { from to evidence }
      gaps { node kind message hint } } }`,
    { id },
  );
  return answer.traceDeployment;
}

interface Input {
  name: string;
  evidence: string;
  resolvedBy: string | null;
  context: string | null;
  datasetVersion: { id: string } | null;
}

async function inputsOf(run: string): Promise<Input[]> {
  const answer = await world.query<{ run: { inputs: Input[] } }>(
    'query ($id: ID!) { run(id: $id) { inputs { name evidence resolvedBy context datasetVersion { id } } } }',
    { id: run },
  );
  return answer.run.inputs;
}

describe('a deployment traced to its data', () => {
  let story: Story;
  beforeAll(async () => {
    story = await tellStory(world, { name: 'traced' });
  });

  it('reaches every step of the way', async () => {
    const { nodes } = await trace(story.deployment.id);
    expect(nodes.map(({ id }) => id).sort()).toEqual(
      [story.deployment.id, story.version.id, story.loggedModel.id, story.run.id, story.clean.id, story.raw.id].sort(),
    );
  });

  it('says how each step is known', async () => {
    const { edges } = await trace(story.deployment.id);
    const evidence = (from: string, to: string) => edges.find((edge) => edge.from === from && edge.to === to)?.evidence;
    expect({
      pinned: evidence(story.deployment.id, story.version.id),
      frozen: evidence(story.version.id, story.loggedModel.id),
      produced: evidence(story.loggedModel.id, story.run.id),
      read: evidence(story.run.id, story.clean.id),
      derived: evidence(story.clean.id, story.raw.id),
    }).toEqual({ pinned: 'MATCHED', frozen: 'MATCHED', produced: 'OBSERVED', read: 'MATCHED', derived: 'OBSERVED' });
  });

  it('names the very bytes, with their hashes', async () => {
    const { files } = await trace(story.deployment.id);
    expect(files.map(({ path, sha256, sizeBytes, role }) => ({ path, sha256, sizeBytes, role }))).toEqual(
      expect.arrayContaining(
        [
          { path: 'traced@2/penguins.csv', bytes: story.bytes.clean, role: 'DATA' },
          { path: 'traced@1/penguins.csv', bytes: story.bytes.raw, role: 'DATA' },
          { path: 'traced/1/model.bin', bytes: story.bytes.model, role: 'MODEL' },
        ].map(({ path, bytes, role }) => ({ path, sha256: sha256Of(bytes), sizeBytes: String(bytes.byteLength), role })),
      ),
    );
  });

  it('is not verified while nobody has checked the bytes, and is once they are', async () => {
    const before = await trace(story.deployment.id);
    const job = await world.verify(story.deployment.id);
    const after = await trace(story.deployment.id);
    expect({
      before: { verified: before.verified, integrity: [...new Set(before.files.map(({ integrity }) => integrity))] },
      job: { state: job.state, damaged: job.damagedFiles },
      after: { verified: after.verified, integrity: [...new Set(after.files.map(({ integrity }) => integrity))], gaps: after.gaps },
    }).toEqual({
      before: { verified: false, integrity: ['UNCHECKED'] },
      job: { state: 'DONE', damaged: 0 },
      after: { verified: true, integrity: ['INTACT'], gaps: [] },
    });
  });

  it('is found by its readable reference too', async () => {
    expect((await trace('deployment:production/traced')).deployment.id).toBe(story.deployment.id);
  });

  it('reads the same from the data down as from the deployment up', async () => {
    const walk = async (root: string, direction: string) => {
      const { lineage } = await world.query<{ lineage: { nodes: { id: string }[]; edges: { from: string; to: string }[] } }>(
        'query ($root: ID!, $direction: LineageDirection!) { lineage(root: $root, direction: $direction) { nodes { id } edges { from to } } }',
        { root, direction },
      );
      return {
        nodes: lineage.nodes.map(({ id }) => id).sort(),
        edges: lineage.edges.map(({ from, to }) => `${from} ${to}`).sort(),
      };
    };
    expect(await walk(story.raw.id, 'DOWNSTREAM')).toEqual(await walk(story.deployment.id, 'UPSTREAM'));
  });

  it('shows the same thread on every page of the story', async () => {
    const threads = await Promise.all(
      [story.clean.id, story.run.id, story.version.id, story.deployment.id].map((id) =>
        world.query<{
          thread: {
            data: { id: string }[];
            run: { id: string } | null;
            modelVersion: { id: string } | null;
            deployments: { id: string }[];
          };
        }>('query ($id: ID!) { thread(id: $id) { data { id } run { id } modelVersion { id } deployments { id } } }', { id }),
      ),
    );
    for (const { thread } of threads) {
      expect({ data: thread.data[0]?.id, run: thread.run?.id, model: thread.modelVersion?.id, live: thread.deployments[0]?.id }).toEqual({
        data: story.clean.id,
        run: story.run.id,
        model: story.version.id,
        live: story.deployment.id,
      });
    }
  });

  it('pins the digest that the version had', async () => {
    const { deployment } = await world.query<{ deployment: { digest: string } }>('query ($id: ID!) { deployment(id: $id) { digest } }', {
      id: story.deployment.id,
    });
    expect(deployment.digest).toBe(story.version.digest);
  });
});

describe('what a run says that it read', () => {
  it.each([
    { how: 'with the hash of every file', reads: 'hashes', evidence: 'MATCHED' },
    { how: 'after reading every file with its own token', reads: 'token', evidence: 'OBSERVED' },
    { how: 'with nothing to show for it', reads: 'word', evidence: 'ASSERTED' },
  ] as const)('is $evidence $how', async ({ reads, evidence }) => {
    const story = await tellStory(world, { name: `reads-${reads}`, reads });
    expect(await inputsOf(story.run.id)).toMatchObject([{ evidence, context: 'training', datasetVersion: { id: story.clean.id } }]);
  });

  it('is never verified where it is only asserted, however intact the bytes', async () => {
    const story = await tellStory(world, { name: 'asserted', reads: 'word' });
    await world.verify(story.deployment.id);
    const { verified, weakest, files } = await trace(story.deployment.id);
    expect({ verified, weakest, intact: files.every(({ integrity }) => integrity === 'INTACT') }).toEqual({
      verified: false,
      weakest: { from: story.run.id, to: story.clean.id, evidence: 'ASSERTED' },
      intact: true,
    });
  });

  it('stays asserted where one file of several was not read', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'partly', files: { 'a.csv': 'partly a', 'b.csv': 'partly b' } });
    await readVersion(world, run, version, ['a.csv']);
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'ASSERTED' }]);
  });

  it('is raised to observed once the run has read the rest', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'raised', files: { 'a.csv': 'raised a', 'b.csv': 'raised b' } });
    await readVersion(world, run, version, ['a.csv']);
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    await readVersion(world, run, version, ['b.csv']);
    await world.services.commands.settle();
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'OBSERVED' }]);
  });

  it('counts its last byte even where it was served just before', async () => {
    const run = await startRun(world);
    const source = await makeVersion(world, { dataset: 'just-before', files: { 'a.csv': 'just before a' } });
    const sha256 = await world.upload(Buffer.from('just before b'));
    const input = { dataset: 'just-after', files: [{ path: 'b.csv', sha256 }], derivedFrom: [source.id] };
    const made = await world.services.database.transaction(async (tx) => {
      // Nobody can note a read while this lasts.
      await tx.sql('LOCK TABLE run_read IN SHARE MODE');
      await readVersion(world, run, source, ['a.csv']);
      const registering = world.command('registerDatasetVersion', { input }, 'id', { token: run.token });
      // Long enough for a command that waits for nothing to be done.
      const done: unknown[] = [];
      void registering.then((version) => done.push(version));
      for (let turn = 0; turn < 80 && done.length === 0; turn += 1) await world.query('{ viewer { name } }');
      return { registering };
    });
    const version = await made.registering;
    const { lineage } = await world.query<{ lineage: { edges: { from: string; to: string; evidence: string }[] } }>(
      'query ($root: ID!) { lineage(root: $root, direction: UPSTREAM) { edges { from to evidence } } }',
      { root: version.id },
    );
    expect(lineage.edges.find(({ to }) => to === source.id)).toEqual({ from: version.id, to: source.id, evidence: 'OBSERVED' });
  });

  it('is not observed where another token read it', async () => {
    const [run, other] = [await startRun(world), await startRun(world)];
    const version = await makeVersion(world, { dataset: 'others', files: { 'a.csv': 'others a' } });
    await readVersion(world, other, version, ['a.csv']);
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'ASSERTED' }]);
  });

  it('is not observed where only a part of a file was read', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'ranged', files: { 'a.csv': 'ranged bytes' } });
    const [file] = await filesOf(world, version);
    await world.download(`/api/v1/files/${file?.sha256 ?? ''}`, { token: run.token, headers: { range: 'bytes=1-' } });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'ASSERTED' }]);
  });

  it.each([
    { what: 'its head', method: 'HEAD', headers: () => ({}) },
    { what: 'what it says it has already', method: 'GET', headers: (sha256: string) => ({ 'if-none-match': `"${sha256}"` }) },
  ])('is not observed where a file was asked only for $what', async ({ what, method, headers }) => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: `asked for ${what}`, files: { 'a.csv': `asked only for ${what}` } });
    const [file] = await filesOf(world, version);
    const sha256 = file?.sha256 ?? '';
    await world.send(method, `/api/v1/files/${sha256}`, undefined, { token: run.token, headers: { ...headers(sha256) } });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    await world.services.commands.settle();
    expect(await inputsOf(run.id)).toMatchObject([{ evidence: 'ASSERTED' }]);
  });

  it('is refused where a hash is not the file’s, and nothing is recorded', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'lied', files: { 'a.csv': 'lied a' } });
    const files = [{ path: 'a.csv', sha256: sha256Of(Buffer.from('something else')) }];
    const result = await world.attempt('logInput', { run: run.id, input: { datasetVersion: version.id, files } });
    expect({ result, inputs: await inputsOf(run.id) }).toMatchObject({ result: { code: 'HASH_DIFFERS' }, inputs: [] });
  });
});

describe('a run of MLflow’s client that names its data by a tag', () => {
  async function logTagged(dataset: string): Promise<{ run_id: string }> {
    const { run } = await world.mlflow<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0', start_time: 1 });
    const { run_id } = run.info;
    await world.mlflow('runs/set-tag', { run_id, key: 'throughline.dataset', value: `data:${dataset}@1` });
    const frame = { name: 'frame', digest: 'a1b2c3d4', source_type: 'code', source: '{}' };
    await world.mlflow('runs/log-inputs', {
      run_id,
      datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'training' }], dataset: frame }],
    });
    return { run_id };
  }

  it('is resolved when the input is logged', async () => {
    const version = await makeVersion(world, { dataset: 'tagged', files: { 'a.csv': 'tagged' } });
    const { run_id } = await logTagged('tagged');
    expect(await inputsOf(`run:${run_id}`)).toMatchObject([
      { datasetVersion: { id: version.id }, evidence: 'ASSERTED', resolvedBy: 'tag' },
    ]);
  });

  it('waits as a gap, and is resolved when the version is registered', async () => {
    const { run_id } = await logTagged('later');
    const before = await inputsOf(`run:${run_id}`);
    const version = await makeVersion(world, { dataset: 'later', files: { 'a.csv': 'later' } });
    expect({ before, after: await inputsOf(`run:${run_id}`) }).toMatchObject({
      before: [{ datasetVersion: null }],
      after: [{ datasetVersion: { id: version.id }, resolvedBy: 'tag' }],
    });
  });

  it('shows the gap on the trace of what was deployed from it, with how to close it', async () => {
    const { run_id } = await logTagged('never-registered');
    const model = await logModel(world, { id: `run:${run_id}` }, 'weights of a gap');
    const version = await registerModel(world, 'gapped', model.id);
    const deployment = await world.command('deploy', { input: { version: version.id, environment: 'production', target: 'gapped' } });
    const { gaps, verified } = await trace(deployment.id);
    expect({ verified, gaps }).toMatchObject({ verified: false, gaps: [{ kind: 'UNRESOLVED_INPUT' }] });
    expect(gaps[0]?.hint).not.toBe('');
  });
});

describe('a retraction', () => {
  it('shows on what stands downstream and ends its being verified, until it is taken back', async () => {
    const story = await tellStory(world, { name: 'retracted' });
    await world.verify(story.deployment.id);
    const verified = async () => (await trace(story.deployment.id)).verified;
    const before = await verified();
    await world.command('retractDatasetVersion', { version: story.raw.id, reason: 'measured in pounds' });
    const during = await trace(story.deployment.id);
    await world.command('reinstateDatasetVersion', { version: story.raw.id, reason: 'it was grams after all' });
    expect({ before, during: during.verified, gaps: during.gaps, after: await verified() }).toMatchObject({
      before: true,
      during: false,
      gaps: [{ kind: 'RETRACTED_DATA', node: story.raw.id }],
      after: true,
    });
    expect(during.nodes.find(({ id }) => id === story.raw.id)?.retraction).toBe('measured in pounds');
  });
});

describe('the deployments', () => {
  interface Deployments {
    deployments: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null }; totalCount: number };
  }
  const ask = (first: number, after: string | null) =>
    world.query<Deployments>(
      `query ($first: Int, $after: String) { deployments(first: $first, after: $after, environment: "paged") {
        nodes { id } pageInfo { hasNextPage endCursor } totalCount } }`,
      { first, after },
    );

  it('come in pages, newest first, each once, however many are made in between', async () => {
    const run = await startRun(world);
    const model = await logModel(world, run, 'weights of many');
    const version = await registerModel(world, 'paged', model.id);
    const deploy = (target: string) =>
      world.command('deploy', { input: { version: version.id, environment: 'paged', target } }).then(({ id }) => id);
    const made: string[] = [];
    for (const target of ['a', 'b', 'c', 'd', 'e']) made.push(await deploy(target));
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { deployments }: Deployments = await ask(2, after);
      seen.push(...deployments.nodes.map(({ id }) => id));
      if (!deployments.pageInfo.hasNextPage) break;
      after = deployments.pageInfo.endCursor;
      if (seen.length === 2) await deploy('f');
    }
    expect(seen).toEqual(made.reverse());
  });
});

it('met no defect on the way', () => {
  expect(world.log).toEqual([]);
});
