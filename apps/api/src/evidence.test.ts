// Goal: nobody raises evidence but the server, by what it saw the run's own token do. Method: each way in which somebody else could make a
// deployment look better founded than it is, tried over HTTP, and what the server then says of it.

import { parseNodeId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { filesOf, logModel, makeVersion, readVersion, registerModel, startRun } from './testing/story.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

interface Edge {
  from: string;
  to: string;
  evidence: string;
}

async function upstream(root: string): Promise<Edge[]> {
  const { lineage } = await world.query<{ lineage: { edges: Edge[] } }>(
    'query ($root: ID!) { lineage(root: $root, direction: UPSTREAM) { edges { from to evidence } } }',
    { root },
  );
  return lineage.edges;
}

const evidenceTo = async (root: string, to: string) => (await upstream(root)).find((edge) => edge.to === to)?.evidence;

const JSON_BODY = { headers: { 'content-type': 'application/json' } };

function uuidOf(node: { id: string }): string {
  return parseNodeId(node.id)?.id ?? '';
}

async function modelIdOf(model: { id: string }): Promise<string> {
  const { loggedModel } = await world.query<{ loggedModel: { modelId: string } }>(
    'query ($id: ID!) { loggedModel(id: $id) { modelId } }',
    model,
  );
  return loggedModel.modelId;
}

async function putIn(owner: string, path: string, content: string, token?: string): Promise<void> {
  const options = token === undefined ? {} : { token };
  const sha256 = await world.upload(Buffer.from(content), options);
  await world.command('putArtifact', { owner, path, sha256 }, 'path', options);
}

interface Registered {
  status: number;
  text: string;
  ref: string;
}

/** Registers as MLflow's client does. */
async function register(model: string, body: { source: string; run_id?: string; model_id?: string }, token?: string): Promise<Registered> {
  const options = { headers: { 'content-type': 'application/json' }, ...(token === undefined ? {} : { token }) };
  await world.send('POST', '/api/2.0/mlflow/registered-models/create', JSON.stringify({ name: model }), options);
  const { status, text } = await world.send(
    'POST',
    '/api/2.0/mlflow/model-versions/create',
    JSON.stringify({ name: model, ...body }),
    options,
  );
  const version = status === 200 ? (JSON.parse(text) as { model_version: { version: string } }).model_version.version : '';
  return { status, text, ref: `model:${encodeURIComponent(model)}/${version}` };
}

describe('the run that a model version came from', () => {
  it('is the one that its source names, whatever the client says', async () => {
    const [made, other] = [await startRun(world), await startRun(world)];
    await putIn(made.id, 'model/m.bin', 'made by the one');
    const { status, text } = await register('two-runs', { source: `runs:/${made.runId}/model`, run_id: other.runId }, other.token);
    expect({ status, code: (JSON.parse(text) as { error_code: string }).error_code }).toEqual({
      status: 400,
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  it('is asserted beside an external source, also by its own token', async () => {
    const run = await startRun(world);
    const { ref } = await register('outside', { source: 's3://bucket/model', run_id: run.runId }, run.token);
    expect(await evidenceTo(ref, run.id)).toBe('ASSERTED');
  });

  it('is told by a copy as by its original', async () => {
    const run = await startRun(world);
    await putIn(run.id, 'model/m.bin', 'copied', run.token);
    await register('original', { source: `runs:/${run.runId}/model`, run_id: run.runId });
    const { ref } = await register('the-copy', { source: 'models:/original/1', run_id: run.runId });
    expect(await evidenceTo(ref, run.id)).toBe('OBSERVED');
  });

  it.each([
    { who: 'its own token', own: true, evidence: 'OBSERVED' },
    { who: 'anybody else', own: false, evidence: 'ASSERTED' },
  ])('is $evidence where $who brought the files', async ({ own, evidence }) => {
    const run = await startRun(world);
    await putIn(run.id, 'model/a.bin', 'a', run.token);
    await putIn(run.id, 'model/b.bin', 'b', own ? run.token : undefined);
    const { ref } = await register(`brought-${own}`, { source: `runs:/${run.runId}/model`, run_id: run.runId }, run.token);
    expect(await evidenceTo(ref, run.id)).toBe(evidence);
  });
});

describe('a logged model that its run made', () => {
  const evidenceOf = async (model: { id: string }, run: { id: string }) => evidenceTo(model.id, run.id);

  it('is not observed any more once somebody else wrote a file of it, not even when the run writes it again', async () => {
    const run = await startRun(world);
    const model = await logModel(world, run, 'made by the run');
    const before = await evidenceOf(model, run);
    await putIn(model.id, 'model.bin', 'never made by the run');
    const swapped = await evidenceOf(model, run);
    await putIn(model.id, 'model.bin', 'made by the run', run.token);
    expect([before, swapped, await evidenceOf(model, run)]).toEqual(['OBSERVED', 'ASSERTED', 'ASSERTED']);
  });

  it('is not observed any more once somebody else took a file away', async () => {
    const run = await startRun(world);
    const model = await logModel(world, run, 'made by the run, too');
    await putIn(model.id, 'rest.bin', 'the rest', run.token);
    const { status } = await world.send(
      'DELETE',
      `/api/2.0/mlflow-artifacts/artifacts/0/models/${await modelIdOf(model)}/artifacts/rest.bin`,
    );
    expect({ status, evidence: await evidenceOf(model, run) }).toEqual({ status: 200, evidence: 'ASSERTED' });
  });

  it('is traced as strongly as it was frozen, through its versions', async () => {
    const run = await startRun(world);
    const model = await logModel(world, run, 'frozen then');
    const version = await registerModel(world, 'frozen-then', model.id);
    const edges = await upstream(version.id);
    expect([edges.find(({ to }) => to === model.id)?.evidence, edges.find(({ to }) => to === run.id)?.evidence]).toEqual([
      'MATCHED',
      'OBSERVED',
    ]);
  });
});

describe('what a run is known to have read', () => {
  const read = async (run: { id: string }) => {
    const answer = await world.query<{ run: { inputs: { evidence: string }[] } }>(
      'query ($id: ID!) { run(id: $id) { inputs { evidence } } }',
      {
        id: run.id,
      },
    );
    return answer.run.inputs.map(({ evidence }) => evidence);
  };
  const end = (run: { id: string }) => world.command('updateRun', { id: run.id, input: { status: 'FINISHED' } });

  it('is not matched by hashes that somebody else sends: anybody can copy them', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'copied-hashes', files: { 'a.csv': 'copied hashes' } });
    const input = { datasetVersion: version.id, files: await filesOf(world, version) };
    await world.command('logInput', { run: run.id, input });
    expect(await read(run)).toEqual(['ASSERTED']);
  });

  it('is compared with the hashes that somebody else sends all the same', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'wrong-hashes', files: { 'a.csv': 'wrong hashes' } });
    const input = { datasetVersion: version.id, files: [{ path: 'a.csv', sha256: 'f'.repeat(64) }] };
    expect(await world.attempt('logInput', { run: run.id, input })).toMatchObject({ code: 'HASH_DIFFERS' });
  });

  it('is not what it reads after its end', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'read-late', files: { 'a.csv': 'read late' } });
    await end(run);
    await readVersion(world, run, version, ['a.csv']);
    await world.services.commands.settle();
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } }, 'id', { token: run.token });
    expect({
      evidence: await read(run),
      reads: await world.database.database.sql('SELECT 1 FROM run_read WHERE run_id = $1', [uuidOf(run)]),
    }).toEqual({
      evidence: ['ASSERTED'],
      reads: [],
    });
  });

  it.each([
    { how: 'by hashes', hashes: true },
    { how: 'by what it read in time', hashes: false },
  ])('is only asserted where it is said after the end, $how', async ({ hashes }) => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: `said-late-${hashes}`, files: { 'a.csv': `said late ${hashes}` } });
    await readVersion(world, run, version, ['a.csv']);
    await end(run);
    const files = hashes ? { files: await filesOf(world, version) } : {};
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id, ...files } }, 'id', { token: run.token });
    await end(run);
    expect(await read(run)).toEqual(['ASSERTED']);
  });

  it('is settled when it ends, also where the server died before it looked', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'died', files: { 'a.csv': 'died' } });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    const [file] = await filesOf(world, version);
    // What a server that is killed in its pause leaves behind: a read, and nobody who looks at what it amounts to.
    await world.database.database.sql(`INSERT INTO run_read (run_id, sha256) VALUES ($1, decode($2, 'hex'))`, [uuidOf(run), file?.sha256]);
    const before = await read(run);
    await end(run);
    expect([before, await read(run)]).toEqual([['ASSERTED'], ['OBSERVED']]);
  });

  it('counts to its last byte, where it ends right behind it', async () => {
    const run = await startRun(world);
    const version = await makeVersion(world, { dataset: 'last-byte', files: { 'a.csv': 'last byte' } });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } });
    await readVersion(world, run, version, ['a.csv']);
    await end(run);
    expect(await read(run)).toEqual(['OBSERVED']);
  });

  it('cannot be added to by a token that is made after its end', async () => {
    const run = await startRun(world);
    await end(run);
    const input = { name: 'late', scope: 'WRITE', run: run.id };
    expect(await world.attempt('createToken', { input }, 'secret')).toMatchObject({ kind: 'CONFLICT', code: 'RUN_ENDED' });
  });
});

describe('a source that is no good', () => {
  it.each([
    'models:/%zz/1',
    'models:/%zz@champion',
    's3://bucket/%2e%2e/x',
    's3://bucket/%252e%252e/x',
    'mlflow-artifacts:/0/..%2f..%2fetc',
    'file:///etc/passwd',
  ])('is refused: %s', async (source) => {
    expect((await register('no-good', { source })).status).toBe(400);
  });

  it('is refused beside a logged model too', async () => {
    const model = await logModel(world, await startRun(world), 'beside');
    expect((await register('beside', { source: 'file:///etc/passwd', model_id: await modelIdOf(model) })).status).toBe(400);
  });

  it('is not what a name is that merely has to be encoded', async () => {
    const run = await startRun(world);
    await putIn(run.id, 'model/m.bin', 'encoded');
    const original = await register('50% off', { source: `runs:/${run.runId}/model` });
    await world.command('promote', { input: { version: original.ref, alias: 'champion', reason: '' } });
    const { ref } = await register('encoded', { source: 'models:/50%25%20off@champion' });
    expect(await evidenceTo(ref, run.id)).toBe('ASSERTED');
  });
});

describe('the list of versions in a logged model’s tag', () => {
  it('never stops a registration, whatever somebody wrote there', async () => {
    const model = await logModel(world, await startRun(world), 'tagged');
    await world.send(
      'PATCH',
      `/api/2.0/mlflow/logged-models/${await modelIdOf(model)}/tags`,
      JSON.stringify({ tags: [{ key: 'mlflow.modelVersions', value: 'not json' }] }),
      {
        headers: { 'content-type': 'application/json' },
      },
    );
    expect((await registerModel(world, 'tagged', model.id)).version).toBe(1);
  });
});

describe('a run’s own token', () => {
  it('does all that a run does: logs, registers, and runs parts of it', async () => {
    const run = await startRun(world);
    const options = { token: run.token };
    const version = await makeVersion(world, { dataset: 'own-things', files: { 'a.csv': 'own things' }, token: run.token });
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } }, 'id', options);
    await world.command('logBatch', { run: run.id, metrics: [{ key: 'm', value: 1 }] }, 'id', options);
    const child = await world.command('createRun', { input: { experiment: 'experiment:0', parent: run.id } }, 'id', options);
    await world.command('logBatch', { run: child.id, metrics: [{ key: 'm', value: 1 }] }, 'id', options);
    await logModel(world, { id: child.id, token: run.token }, 'of the part');
    const model = await logModel(world, run, 'of the whole');
    const { status } = await register(
      'own-things',
      { source: `models:/${await modelIdOf(model)}`, model_id: await modelIdOf(model), run_id: run.runId },
      run.token,
    );
    await world.command('updateRun', { id: run.id, input: { status: 'FINISHED' } }, 'id', options);
    expect(status).toBe(200);
  });

  it.each([
    ['runs/create', { experiment_id: '0' }],
    ['runs/log-metric', { run_id: 'RUN', key: 'm', value: 1, timestamp: 1 }],
    ['runs/log-batch', { run_id: 'RUN', params: [{ key: 'new', value: 'v' }] }],
    ['runs/log-inputs', { run_id: 'RUN', models: [{ model_id: 'MODEL' }] }],
    ['runs/outputs', { run_id: 'OWN', models: [{ model_id: 'MODEL' }] }],
    ['runs/delete', { run_id: 'OWN' }],
    ['logged-models', { experiment_id: '0', name: 'm' }],
    ['logged-models/MODEL/params', { params: [{ key: 'k', value: 'v' }] }],
    ['experiments/set-experiment-tag', { experiment_id: '0', key: 'k', value: 'v' }],
    ['model-versions/create', { name: 'not-its-own', source: 'runs:/RUN/model' }],
    ['model-versions/create', { name: 'not-its-own', source: 's3://bucket/path' }],
  ])('does nothing to what is not its own: %s %j', async (rpc, body) => {
    const [run, other] = [await startRun(world), await startRun(world)];
    const model = await modelIdOf(await logModel(world, other, `of another, ${rpc} ${JSON.stringify(body)}`));
    await world.send('POST', '/api/2.0/mlflow/registered-models/create', JSON.stringify({ name: 'not-its-own' }), JSON_BODY);
    const fill = (text: string) => text.replaceAll('RUN', other.runId).replaceAll('OWN', run.runId).replaceAll('MODEL', model);
    const { status } = await world.send('POST', fill(`/api/2.0/mlflow/${rpc}`), fill(JSON.stringify(body)), {
      ...JSON_BODY,
      token: run.token,
    });
    expect(status).toBe(403);
  });

  it('writes no file of another run or model', async () => {
    const [run, other] = [await startRun(world), await startRun(world)];
    const model = await modelIdOf(await logModel(world, other, 'of another, untouched'));
    const statuses = await Promise.all(
      [`${other.runId}/artifacts/a`, `models/${model}/artifacts/model.bin`].map(async (path) => {
        const { status } = await world.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${path}`, 'x', { token: run.token });
        return status;
      }),
    );
    expect(statuses).toEqual([403, 403]);
  });
});

describe('the history of models in a run’s tag', () => {
  const describeModel = (path: string, more: object = {}) =>
    JSON.stringify({ artifact_path: path, flavors: {}, run_id: 'r', utc_time_created: 't', ...more });
  const historyOf = async (runId: string) => {
    const { text } = await world.send('GET', `/api/2.0/mlflow/runs/get?run_id=${runId}`);
    const { run } = JSON.parse(text) as { run: { data: { tags: { key: string; value: string }[] } } };
    const value = run.data.tags.find(({ key }) => key === 'mlflow.log-model.history')?.value ?? '[]';
    return (JSON.parse(value) as { artifact_path: string }[]).map(({ artifact_path: path }) => path);
  };

  it('begins anew where somebody wrote something else, and keeps the newest that fit', async () => {
    const { runId } = await startRun(world);
    await world.mlflow('runs/set-tag', { run_id: runId, key: 'mlflow.log-model.history', value: 'not json' });
    for (const path of ['first', 'second', 'third']) {
      await world.mlflow('runs/log-model', { run_id: runId, model_json: describeModel(path, { padding: 'x'.repeat(3_500) }) });
    }
    expect(await historyOf(runId)).toEqual(['second', 'third']);
  });

  it('takes a description that is nested beyond reason, and leaves it out', async () => {
    const { runId } = await startRun(world);
    const model = describeModel('deep', { nested: 'HERE' }).replace('"HERE"', '['.repeat(100_000) + ']'.repeat(100_000));
    await world.mlflow('runs/log-model', { run_id: runId, model_json: model });
    expect(await historyOf(runId)).toEqual([]);
  });
});
