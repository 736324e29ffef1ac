// Goal: a run finds the dataset version that was seen where it read, whichever of the two is known first. Method: runs as MLflow's clients describe
// them, against versions that were seen in Git.

import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readVersion, startRun } from '../testing/story.ts';
import type { StartedRun, Version } from '../testing/story.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { innerPath } from './seen.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

const REPOSITORY = 'https://git.example/acme/shop.git';
const newCommit = () => randomBytes(20).toString('hex');
const newName = () => `seen-${randomUUID()}`;

interface Place {
  repository?: string;
  path: string;
  commit: string;
}

/** A folder of two files, and a file beside it. */
async function register(dataset: string, place: Place | null, single = false): Promise<Version> {
  const sha256 = await world.upload(Buffer.from(dataset));
  const files = single ? [{ path: 'one.csv', sha256 }] : ['a.csv', 'sub/b.csv'].map((path) => ({ path, sha256 }));
  const sighting = place === null ? null : { repository: REPOSITORY, ...place };
  return world.command<Version>('registerDatasetVersion', { input: { dataset, files, single, sighting } }, 'id ref number digest');
}

async function runAt(commit: string | null, repository?: string): Promise<StartedRun> {
  const run = await startRun(world);
  const tags = {
    ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
    ...(repository === undefined ? {} : { 'mlflow.source.git.repoURL': repository }),
  };
  for (const [key, value] of Object.entries(tags)) await world.mlflow('runs/set-tag', { run_id: run.runId, key, value });
  return run;
}

const uriOf = (uri: string) => JSON.stringify({ uri });

/** Of one name and digest, an experiment knows one source: every input here has a name of its own. */
const logInput = ({ runId, token }: StartedRun, source: string, name = newName()) =>
  world.mlflow(
    'runs/log-inputs',
    { run_id: runId, datasets: [{ dataset: { name, digest: 'd', source_type: 'local', source } }] },
    { token },
  );

interface Input {
  evidence: string;
  resolvedBy: string | null;
  datasetVersion: { ref: string } | null;
}

async function inputsOf({ id }: StartedRun): Promise<Input[]> {
  const text = 'query ($id: ID!) { run(id: $id) { inputs { evidence resolvedBy datasetVersion { ref } } } }';
  return (await world.query<{ run: { inputs: Input[] } }>(text, { id })).run.inputs;
}

const refsOf = async (run: StartedRun) => (await inputsOf(run)).map(({ datasetVersion }) => datasetVersion?.ref ?? null);

describe('a run at a commit', () => {
  it.each([
    ['as it is written', 'data/raw'],
    ['from the folder that it is in', './data/raw'],
    ['from another folder', '../data/raw/'],
    ['a file in it', 'data/raw/sub/b.csv'],
    ['a folder in it', 'data/raw/sub'],
    ['by its whole path', '/home/ada/shop/data/raw'],
    ['by an address', 'file:///home/ada/shop/data/raw/a.csv'],
    ['by a path of Windows', 'C:\\shop\\data\\raw\\a.csv'],
  ])('finds the version that it read %s', async (_how, path) => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data/raw', commit });
    const run = await runAt(commit);
    await logInput(run, uriOf(path));
    expect(await inputsOf(run)).toEqual([{ evidence: 'ASSERTED', resolvedBy: 'sighting', datasetVersion: { ref: version.ref } }]);
  });

  it.each([
    ['another folder', 'data/other/a.csv'],
    ['a file that the version has not', 'data/raw/c.csv'],
    ['something below the name of its folder', 'more/data/raw/a.csv'],
    ['an address', 'https://example.com/data/raw/a.csv'],
    ['a bucket', 's3://bucket/data/raw/a.csv'],
  ])('does not take %s for it', async (_what, path) => {
    const commit = newCommit();
    await register(newName(), { path: 'data/raw', commit });
    const run = await runAt(commit);
    await logInput(run, uriOf(path));
    expect(await refsOf(run)).toEqual([null]);
  });

  it('means the innermost of two versions', async () => {
    const commit = newCommit();
    const inner = await register(newName(), { path: 'data/sub', commit });
    await register(newName(), { path: 'data', commit });
    const run = await runAt(commit);
    await logInput(run, uriOf('data/sub/a.csv'));
    expect(await refsOf(run)).toEqual([inner.ref]);
  });

  it('means neither of two that lie in different repositories, unless it says which', async () => {
    const commit = newCommit();
    const [first] = [
      await register(newName(), { path: 'data', commit }),
      await register(newName(), { path: 'data', commit, repository: 'https://git.example/acme/other' }),
    ];
    const [vague, exact] = [await runAt(commit), await runAt(commit, 'https://me:secret@git.example/acme/shop')];
    for (const run of [vague, exact]) await logInput(run, uriOf('data/a.csv'));
    expect([await refsOf(vague), await refsOf(exact)]).toEqual([[null], [first.ref]]);
  });

  it('is of the repository that another address leads to', async () => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data', commit, repository: 'git@git.example:Acme/shop.git' });
    await register(newName(), { path: 'data', commit, repository: 'https://git.example/acme/other' });
    const run = await runAt(commit, 'https://git.example/acme/shop');
    await logInput(run, uriOf('data/a.csv'));
    expect(await refsOf(run)).toEqual([version.ref]);
  });

  it('is not looked for where the commit is another, or unknown', async () => {
    await register(newName(), { path: 'data', commit: newCommit() });
    for (const commit of [newCommit(), null, 'main']) {
      const run = await runAt(commit);
      await logInput(run, uriOf('data/a.csv'));
      expect(await refsOf(run)).toEqual([null]);
    }
  });
});

describe('a run that says after it logged what it read', () => {
  const setTag = ({ runId, token }: StartedRun, key: string, value: string) =>
    world.mlflow('runs/set-tag', { run_id: runId, key, value }, { token });

  it.each<[string, (run: StartedRun, commit: string) => Promise<unknown>]>([
    ['by set-tag', (run, commit) => setTag(run, 'mlflow.source.git.commit', commit)],
    [
      'in a batch',
      ({ runId }, commit) => world.mlflow('runs/log-batch', { run_id: runId, tags: [{ key: 'mlflow.source.git.commit', value: commit }] }),
    ],
    [
      'over GraphQL',
      ({ id }, commit) => world.command('logBatch', { run: id, tags: [{ key: 'mlflow.source.git.commit', value: commit }] }),
    ],
  ])('at which commit it ran, %s, finds the version that was seen there', async (_how, tell) => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data', commit });
    const run = await runAt(null);
    await logInput(run, uriOf('data/a.csv'));
    expect(await refsOf(run)).toEqual([null]);
    await tell(run, commit);
    expect(await inputsOf(run)).toEqual([{ evidence: 'ASSERTED', resolvedBy: 'sighting', datasetVersion: { ref: version.ref } }]);
  });

  it('which repository it is of, finds the version that was seen in that one', async () => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data', commit });
    await register(newName(), { path: 'data', commit, repository: 'https://git.example/acme/other' });
    const run = await runAt(commit);
    await logInput(run, uriOf('data/a.csv'));
    await setTag(run, 'mlflow.source.git.repoURL', REPOSITORY);
    expect(await refsOf(run)).toEqual([version.ref]);
  });

  it('which version it was, finds it, and is observed where this server served it', async () => {
    const version = await register(newName(), null);
    const run = await runAt(null);
    await logInput(run, 'somewhere');
    await readVersion(world, run, version, ['a.csv', 'sub/b.csv']);
    await setTag(run, 'throughline.dataset', version.ref);
    expect(await inputsOf(run)).toEqual([{ evidence: 'OBSERVED', resolvedBy: 'tag', datasetVersion: { ref: version.ref } }]);
  });

  it('that it was none of a name, is looked for at its commit again', async () => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data', commit });
    const run = await runAt(commit);
    await setTag(run, 'throughline.dataset', 'data:never-registered@1');
    await logInput(run, uriOf('data/a.csv'));
    expect(await refsOf(run)).toEqual([null]);
    await world.mlflow('runs/delete-tag', { run_id: run.runId, key: 'throughline.dataset' });
    expect(await refsOf(run)).toEqual([version.ref]);
  });

  it('something else of itself, keeps what it found', async () => {
    const commit = newCommit();
    const version = await register(newName(), { path: 'data', commit });
    const run = await runAt(commit);
    await logInput(run, uriOf('data/a.csv'));
    await setTag(run, 'mlflow.source.git.commit', newCommit());
    await setTag(run, 'throughline.dataset', 'data:something-else@1');
    expect(await refsOf(run)).toEqual([version.ref]);
  });
});

describe('a version that is registered after runs read it', () => {
  it('is found by all that wait at its commit', async () => {
    const commit = newCommit();
    const runs = [await runAt(commit), await runAt(commit), await runAt(newCommit())];
    for (const run of runs) await logInput(run, uriOf('data/a.csv'));
    const version = await register(newName(), { path: 'data', commit });
    expect(await Promise.all(runs.map(refsOf))).toEqual([[version.ref], [version.ref], [null]]);
  });

  it('is found once it is seen there', async () => {
    const commit = newCommit();
    const run = await runAt(commit);
    await logInput(run, uriOf('data/one.csv'));
    const version = await register(newName(), null, true);
    const sighting = { repository: REPOSITORY, path: 'data/one.csv', commit: commit.toUpperCase() };
    await world.command('recordSighting', { input: { version: version.ref, sighting } });
    expect(await refsOf(run)).toEqual([version.ref]);
  });

  it('is observed where this server served it to the run', async () => {
    const commit = newCommit();
    const name = newName();
    const known = await register(name, null);
    const run = await runAt(commit);
    await readVersion(world, run, known, ['a.csv', 'sub/b.csv']);
    await world.services.commands.settle();
    await logInput(run, uriOf('data'));
    await register(name, { path: 'data', commit });
    expect(await inputsOf(run)).toMatchObject([{ evidence: 'OBSERVED', datasetVersion: { ref: known.ref } }]);
  });

  it.each(['the first', 'not the first'])('is found by an input that is logged while it is registered, %s of its commit', async (which) => {
    const commit = newCommit();
    if (which === 'not the first') await register(newName(), { path: 'elsewhere', commit });
    const run = await runAt(commit);
    const name = newName();
    await world.upload(Buffer.from(name));
    const caller = await world.services.access.localCaller();
    let registration: Promise<unknown> = Promise.resolve();
    await world.database.database.transaction(async (tx) => {
      const input = { name: 'x', digest: 'x', sourceType: 'local', source: uriOf('data') };
      await world.services.commands.logInputs({ caller, tx }, { runId: run.runId }, { datasets: [input], models: [] });
      registration = register(name, { path: 'data', commit });
      await Promise.race([registration, somebodyWaits()]);
    });
    await registration;
    expect(await refsOf(run)).toEqual([`data:${name}@1`]);
  });

  /** Resolves when a statement in this database waits for a lock. */
  async function somebodyWaits(): Promise<void> {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await world.database.database.sql(waiting)).length === 0);
  }
});

describe('the address of a file', () => {
  it.each<[string, boolean]>([
    ['localhost:4000', true],
    ['127.0.0.1', true],
    ['staging.example', false],
  ])('under %s is one of a version here: %s', async (host, isOurs) => {
    const version = await register(newName(), null);
    const run = await startRun(world);
    await logInput(run, `http://${host}/api/v1/datasets/${version.ref.slice('data:'.length, -'@1'.length)}/versions/1/files/a.csv`);
    expect(await refsOf(run)).toEqual([isOurs ? version.ref : null]);
  });
});

describe('a tag of a run', () => {
  const tag = ({ runId }: StartedRun, value: string) => world.mlflow('runs/set-tag', { run_id: runId, key: 'throughline.dataset', value });

  it.each(['before', 'after'])(
    'names several versions, each for the input that is called like it, set %s they are logged',
    async (when) => {
      const [train, test] = [await register(newName(), null), await register(newName(), null)];
      const nameOf = ({ ref }: Version) => ref.slice('data:'.length, ref.lastIndexOf('@'));
      const run = await startRun(world);
      if (when === 'before') await tag(run, `${train.ref}, ${test.ref}`);
      for (const version of [test, train]) await logInput(run, 'somewhere', nameOf(version));
      await logInput(run, 'elsewhere', 'called otherwise');
      if (when === 'after') await tag(run, `${train.ref},${test.ref}`);
      const { datasetInputs } = await claimsOf(run);
      expect(datasetInputs).toEqual([test.ref, train.ref, null]);
    },
  );

  /** What the inputs of a run claim to be. */
  async function claimsOf({ id }: StartedRun): Promise<{ datasetInputs: (string | null)[] }> {
    const rows = await world.database.database.sql<{ claim: string | null }>(
      'SELECT claim FROM dataset_input WHERE run_id = $1 ORDER BY logged_at, id',
      [id.replace('run_', '')],
    );
    return { datasetInputs: rows.map(({ claim }) => claim) };
  }
});

describe('where a path leads', () => {
  it.each<[string, string, string | null]>([
    ['data/a.csv', 'data', 'a.csv'],
    ['data', 'data', ''],
    ['data2/a.csv', 'data', null],
    ['/x/data/y/data/a.csv', 'data', 'a.csv'],
    ['x/data/a.csv', 'data', null],
  ])('%s, seen from %s', (path, place, inner) => {
    expect(innerPath(path, place)).toBe(inner);
  });
});
