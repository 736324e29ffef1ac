// Goal: a purge through the API takes away what was deleted, bytes included, and leaves every trace as it was. Method: stories are told over
// HTTP, deleted, and purged; the rows are made old behind the server's back, since bytes stay for a day.

import { randomUUID } from 'node:crypto';

import { COLLECTION_LOCK } from '@throughline/content';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { logModel, makeVersion, startRun, tellStory } from './testing/story.ts';
import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

interface Job {
  state: string;
  error: string | null;
  runs: { found: number; removed: number; kept: number };
  kept: { id: string; reason: string }[];
  collected: { blobs: number } | null;
}
const JOB = 'id state error runs { found removed kept } experiments { removed } kept { id reason } collected { blobs }';

/** Purges, and waits for the end. */
async function purge(input: Record<string, unknown> = {}): Promise<Job> {
  const { id } = await world.command('purge', { input: { dryRun: false, ...input } });
  return vi.waitFor(
    async () => {
      const { purgeJob } = await world.query<{ purgeJob: Job }>(`query ($id: ID!) { purgeJob(id: $id) { ${JOB} } }`, { id });
      expect(purgeJob.state).toMatch(/DONE|FAILED/);
      return purgeJob;
    },
    { timeout: 20_000, interval: 20 },
  );
}

/** Lets everything that is stored be a week old. */
async function makeOld(): Promise<void> {
  await world.database.database.sql(`UPDATE blob SET last_put_at = now() - interval '7 days'`);
  await world.database.database.sql(`UPDATE file_set SET created_at = now() - interval '7 days'`);
  await world.database.database.sql(`UPDATE manifest SET touched_at = now() - interval '7 days'`);
}

describe('a purge', () => {
  it('takes a run away with its bytes, and what the trace of a deployment needs stays', async () => {
    const story = await tellStory(world, { name: 'kept' });
    await world.verify(story.deployment.id);
    const doomed = await startRun(world);
    const bytes = Buffer.from(`doomed ${randomUUID()}`);
    await world.command('putArtifact', { owner: doomed.id, path: 'a/b.txt', sha256: await world.upload(bytes) }, 'path');
    for (const run of [doomed, story.run]) await world.command('deleteRun', { id: run.id });
    await makeOld();
    const job = await purge();
    const { traceDeployment } = await world.query<{ traceDeployment: { verified: boolean } }>(
      'query ($id: ID!) { traceDeployment(id: $id) { verified } }',
      { id: story.deployment.id },
    );
    const { run } = await world.query<{ run: unknown }>('query ($id: ID!) { run(id: $id) { id } }', { id: doomed.id });
    expect({ job, verified: traceDeployment.verified, run, left: await world.objectsWith(bytes), log: world.log }).toMatchObject({
      job: {
        state: 'DONE',
        runs: { found: 2, removed: 1, kept: 1 },
        kept: [{ id: story.run.id, reason: 'MODEL_VERSION' }],
        collected: { blobs: 1 },
      },
      verified: true,
      run: null,
      left: [],
      log: [],
    });
  });

  it('counts in a dry run the bytes that would become free', async () => {
    const run = await startRun(world);
    const bytes = Buffer.from(`counted ${randomUUID()}`);
    await world.command('putArtifact', { owner: run.id, path: 'a', sha256: await world.upload(bytes) }, 'path');
    await world.command('deleteRun', { id: run.id });
    await makeOld();
    const dry = await purge({ dryRun: true });
    const stored = (await world.objectsWith(bytes)).length;
    const real = await purge();
    expect({ dry: [dry.runs, dry.collected], stored, left: await world.objectsWith(bytes) }).toEqual({
      dry: [real.runs, real.collected],
      stored: 1,
      left: [],
    });
  });

  it('takes a run with the data that it read, and the data no longer tells of it', async () => {
    const version = await makeVersion(world, { dataset: 'read', files: { 'a.csv': `read ${randomUUID()}` } });
    const run = await startRun(world);
    await world.command('logInput', { run: run.id, input: { datasetVersion: version.id } }, 'id', { token: run.token });
    await world.command('deleteRun', { id: run.id });
    await purge();
    const { datasetVersion } = await world.query<{ datasetVersion: { usedBy: { nodes: unknown[] } } }>(
      'query ($id: ID!) { datasetVersion(id: $id) { usedBy { nodes { id } } } }',
      { id: version.id },
    );
    expect(datasetVersion.usedBy.nodes).toEqual([]);
  });

  it('and a registration from the same deleted run are decided by who was first', async () => {
    const rounds = await Promise.all(Array.from({ length: 8 }, () => startRun(world)));
    for (const [i, run] of rounds.entries()) {
      await world.command(
        'putArtifact',
        { owner: run.id, path: 'model.bin', sha256: await world.upload(Buffer.from(`weights ${i}`)) },
        'path',
      );
      await world.command('deleteRun', { id: run.id });
    }
    const registered = Promise.all(
      rounds.map((run) =>
        world.attempt<{ id: string; run: { id: string } | null }>(
          'registerVersion',
          { input: { model: 'raced', run: run.id } },
          'id run { id }',
        ),
      ),
    );
    const [job, versions] = await Promise.all([purge(), registered]);
    const { runs } = await world.query<{ runs: { nodes: { id: string }[] } }>('{ runs(view: ALL, first: 100) { nodes { id } } }');
    const left = new Set(runs.nodes.map(({ id }) => id));
    const made = versions.flatMap((version, i) => ('kind' in version ? [] : [rounds[i]?.id ?? '']));
    // Every version that was made has its run, and every run that stayed has a version.
    expect({ made: new Set(made), state: job.state, log: world.log }).toEqual({ made: left, state: 'DONE', log: [] });
  });

  it('leaves a model version its files when the logged model that it came from is deleted', async () => {
    const run = await startRun(world);
    const model = await logModel(world, run, `weights ${randomUUID()}`);
    const version = await world.command<{ id: string; digest: string }>(
      'registerVersion',
      { input: { model: 'm', loggedModel: model.id } },
      'id digest',
    );
    const { loggedModel } = await world.query<{ loggedModel: { modelId: string } }>(
      'query ($id: ID!) { loggedModel(id: $id) { modelId } }',
      { id: model.id },
    );
    await world.send('DELETE', `/api/2.0/mlflow/logged-models/${loggedModel.modelId}`);
    await world.command('deleteRun', { id: run.id });
    await makeOld();
    const job = await purge();
    expect({
      kept: job.kept.map(({ reason }) => reason).sort(),
      collected: job.collected,
      verified: await world.verify(version.id),
    }).toMatchObject({
      kept: ['MODEL_VERSION', 'MODEL_VERSION'],
      collected: { blobs: 0 },
      verified: { damagedFiles: 0 },
    });
  });

  it('is refused to whoever may only write', async () => {
    const { secret } = await world.command<{ secret: string }>('createToken', { input: { name: 'w', scope: 'WRITE' } }, 'secret');
    const refused = await world.attempt('purge', { input: { dryRun: true } }, 'id', { token: secret });
    expect(refused).toMatchObject({ code: 'SCOPE_TOO_SMALL' });
  });

  it('says that it waits for a backup, and goes on behind its end', { timeout: 60_000 }, async () => {
    await world.upload(Buffer.from('named by nothing'));
    await makeOld();
    const backup = await world.database.database.connect();
    await backup.query(`SELECT pg_advisory_lock(${COLLECTION_LOCK})`);
    const { id } = await world.command('purge', { input: { dryRun: false } });
    const read = async () => {
      const { purgeJob } = await world.query<{ purgeJob: { state: string; waitsFor: string | null } }>(
        'query ($id: ID!) { purgeJob(id: $id) { state waitsFor } }',
        { id },
      );
      return purgeJob;
    };
    await vi.waitFor(async () => expect(await read()).toEqual({ state: 'RUNNING', waitsFor: 'BACKUP' }), { timeout: 20_000, interval: 20 });
    await backup.query(`SELECT pg_advisory_unlock(${COLLECTION_LOCK})`);
    backup.release();
    await vi.waitFor(async () => expect(await read()).toEqual({ state: 'DONE', waitsFor: null }), { timeout: 20_000, interval: 20 });
  });
});
