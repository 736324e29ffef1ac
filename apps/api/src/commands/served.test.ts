// Goal: recording what runs read costs the same for many inputs as for one. Method: the statements that reach PostgreSQL are counted.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { filesOf, makeVersion, readVersion, startRun } from '../testing/story.ts';
import type { StartedRun } from '../testing/story.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

interface Input {
  name: string;
  evidence: string;
  datasetVersion: { ref: string } | null;
}

async function inputsOf({ id }: { id: string }): Promise<Input[]> {
  const { run } = await world.query<{ run: { inputs: Input[] } }>(
    'query ($id: ID!) { run(id: $id) { inputs { name evidence datasetVersion { ref } } } }',
    { id },
  );
  return run.inputs;
}

const describeDataset = (source: string, name = source) => ({ dataset: { name, digest: 'd', source_type: 'http', source } });

const logInputs = ({ runId, token }: StartedRun, sources: readonly string[]) =>
  world.mlflow('runs/log-inputs', { run_id: runId, datasets: sources.map((source) => describeDataset(source)) }, { token });

/** How many statements some work takes that are about inputs, reads, datasets and manifests: others come from workers beside it. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const { statements } = world.database;
  statements.length = 0;
  await work();
  return statements.filter((text) => /\b(?:run_read|dataset\w*|manifest\w*)\b/.test(text) && !text.includes('verification')).length;
}

describe('inputs that wait for a version', () => {
  const register = async (dataset: string) => {
    const files = [{ path: 'a.csv', sha256: await world.upload(Buffer.from(`awaited ${dataset}`)) }];
    return cost(() => world.command('registerDatasetVersion', { input: { dataset, files } }));
  };

  it('are all resolved when it is registered, at the cost of one', async () => {
    const runs = await Promise.all(Array.from({ length: 25 }, () => startRun(world)));
    const [first] = runs;
    if (first !== undefined) await logInputs(first, ['data:awaited-by-one@1']);
    for (const run of runs) await logInputs(run, ['data:awaited-by-many@1']);
    const one = await register('awaited-by-one');
    expect(await register('awaited-by-many')).toBe(one);
    for (const run of runs) expect((await inputsOf(run)).map((input) => input.datasetVersion?.ref)).toContain('data:awaited-by-many@1');
  });

  it('are observed where the run was served every byte of it before, and asserted where it was served some', async () => {
    const text = { 'a.csv': 'a of both names', 'b.csv': 'b of both names' };
    const known = await makeVersion(world, { dataset: 'known name', files: text });
    const [whole, half] = [await startRun(world), await startRun(world)];
    for (const run of [whole, half]) await logInputs(run, ['data:new-name@1']);
    await readVersion(world, whole, known, ['a.csv', 'b.csv']);
    await readVersion(world, half, known, ['a.csv']);
    await world.services.commands.settle();
    await makeVersion(world, { dataset: 'new-name', files: text });
    expect((await inputsOf(whole)).map(({ evidence }) => evidence)).toEqual(['OBSERVED']);
    expect(await inputsOf(half)).toEqual([{ name: 'data:new-name@1', evidence: 'ASSERTED', datasetVersion: { ref: 'data:new-name@1' } }]);
  });
});

describe('an input that is logged while its version is registered', () => {
  it('is resolved, though neither sees the other', async () => {
    const run = await startRun(world);
    const files = [{ path: 'a.csv', sha256: await world.upload(Buffer.from('at the same time')) }];
    const { database } = world.database;
    const caller = await world.services.access.localCaller();
    let registration: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      const input = { name: 'x', digest: 'x', sourceType: 'local', source: 'data:same-time@1' };
      await world.services.commands.logInputs({ caller, tx }, { runId: run.runId }, { datasets: [input], models: [] });
      registration = world.command('registerDatasetVersion', { input: { dataset: 'same-time', files } });
      await Promise.race([registration, somebodyWaits()]);
    });
    await registration;
    expect((await inputsOf(run)).map(({ datasetVersion }) => datasetVersion?.ref)).toEqual(['data:same-time@1']);
  });

  /** Resolves when a statement in this database waits for a lock. */
  async function somebodyWaits(): Promise<void> {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await world.database.database.sql(waiting)).length === 0);
  }
});

describe('inputs of versions that there are', () => {
  it('are resolved and weighed for twenty at the cost of one, in the order given', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `there-${i}`);
    const versions = [];
    for (const dataset of names) versions.push(await makeVersion(world, { dataset, files: { 'a.csv': `there ${dataset}` } }));
    const [many, one] = [await startRun(world), await startRun(world)];
    for (const run of [many, one]) {
      for (const version of versions)
        await readVersion(
          world,
          run,
          version,
          (await filesOf(world, version)).map(({ path }) => path),
        );
    }
    await world.services.commands.settle();
    const sources = names.map((name) => `data:${name}@1`);
    const costOfOne = await cost(() => logInputs(one, [...sources.slice(0, 1), 'data:not-there@1']));
    expect(await cost(() => logInputs(many, [...sources, 'data:not-there@1', '/tmp/plain.csv']))).toBe(costOfOne);
    const inputs = await inputsOf(many);
    expect(inputs.map(({ datasetVersion }) => datasetVersion?.ref)).toEqual([...sources, undefined, undefined]);
    expect(inputs.map(({ evidence }) => evidence)).toEqual([...sources.map(() => 'OBSERVED'), 'ASSERTED', 'ASSERTED']);
  });

  it('rise together once the run has read them', async () => {
    const run = await startRun(world);
    const versions = [];
    for (const dataset of ['rise-a', 'rise-b', 'rise-c'])
      versions.push(await makeVersion(world, { dataset, files: { 'a.csv': `rises ${dataset}` } }));
    await logInputs(
      run,
      versions.map(({ ref }) => ref),
    );
    for (const version of versions.slice(0, 2)) await readVersion(world, run, version, ['a.csv']);
    await world.services.commands.settle();
    expect((await inputsOf(run)).map(({ evidence }) => evidence)).toEqual(['OBSERVED', 'OBSERVED', 'ASSERTED']);
  });
});
