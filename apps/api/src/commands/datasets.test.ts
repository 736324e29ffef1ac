// Deleting datasets beside everything that refers to their versions: who comes second is refused, and nothing that is referred to is let go.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeVersion, startRun } from '../testing/story.ts';
import type { Version } from '../testing/story.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

const ROUNDS = 12;

let made = 0;
function newVersion(dataset: string, derivedFrom: readonly string[] = []): Promise<Version> {
  made += 1;
  return makeVersion(world, { dataset, files: { 'a.csv': `version ${made}` }, derivedFrom });
}

const deleteDataset = (dataset: string) => world.attempt<{ deletedAt: string }>('deleteDataset', { id: `data:${dataset}` }, 'deletedAt');

/** A dataset and what refers to its first version, each in one command. */
const REFERENCES: readonly [string, (version: Version, run: string) => Promise<{ __typename: string }>][] = [
  ['an input', ({ ref }, run) => world.attempt('logInput', { run, input: { datasetVersion: ref } })],
  ['an output', ({ ref }, run) => world.attempt('logDatasetOutput', { run, datasetVersion: ref })],
  [
    'a version that is made from it',
    async ({ ref }) => {
      made += 1;
      const sha256 = await world.upload(Buffer.from(`version ${made}`));
      const input = { dataset: `made-${made}`, files: [{ path: 'a.csv', sha256 }], derivedFrom: [ref] };
      return world.attempt('registerDatasetVersion', { input });
    },
  ],
];

describe('a deletion beside', () => {
  it.each(REFERENCES)('%s: one of the two is refused', async (what, refer) => {
    const run = await startRun(world);
    for (let round = 0; round < ROUNDS; round += 1) {
      const dataset = `race-${what.replaceAll(' ', '-')}-${round}`;
      const version = await newVersion(dataset);
      const [deletion, reference] = await Promise.all([deleteDataset(dataset), refer(version, run.id)]);
      const refused = [deletion, reference].filter(({ __typename }) => __typename === 'Problem');
      expect(refused.map((problem): unknown => Reflect.get(problem, 'code'))).toEqual([
        expect.stringMatching(/^(DATASET_IN_USE|DATASET_VERSION_NOT_FOUND)$/),
      ]);
    }
  });
});

describe('a dataset is not deleted while', () => {
  const SIGHTING = { repository: 'https://git.example/acme/data.git', path: 'data', commit: 'a'.repeat(40) };

  it.each<[string, (version: Version, run: string) => Promise<unknown>]>([
    ['a run read it', ({ ref }, run) => world.command('logInput', { run, input: { datasetVersion: ref } })],
    [
      'a deleted run read it',
      async ({ ref }, run) => {
        await world.command('logInput', { run, input: { datasetVersion: ref } });
        await world.command('deleteRun', { id: run });
      },
    ],
    ['a run produced it', ({ ref }, run) => world.command('logDatasetOutput', { run, datasetVersion: ref })],
    ['another was made from it', ({ ref }) => newVersion(`made-from-${made}`, [ref])],
    ['it was seen in Git', ({ ref }) => world.command('recordSighting', { input: { version: ref, sighting: SIGHTING } })],
    ['it is tagged', ({ ref }) => world.command('tagDatasetVersion', { version: ref, tag: 'holdout' })],
  ])('%s', async (what, refer) => {
    const dataset = `kept-${what.replaceAll(' ', '-')}`;
    const first = await newVersion(dataset);
    await newVersion(dataset, [first.ref]);
    await refer(first, (await startRun(world)).id);
    expect(await deleteDataset(dataset)).toMatchObject({ __typename: 'Problem', code: 'DATASET_IN_USE' });
    expect((await world.query<{ dataset: object | null }>(`{ dataset(id: "data:${dataset}") { id } }`)).dataset).not.toBeNull();
  });

  it('only its own versions are made from one another, it goes, at the same cost for many as for one', async () => {
    const cost = async (dataset: string) => {
      const { statements } = world.database;
      statements.length = 0;
      expect(await deleteDataset(dataset)).toMatchObject({ __typename: 'Dataset' });
      // Those about datasets and their runs; others come from workers beside it.
      return statements.filter((text) => /\bdataset\w*\b/.test(text)).length;
    };
    await newVersion('one');
    let last = await newVersion('many');
    for (let i = 0; i < 8; i += 1) last = await newVersion('many', [last.ref]);
    expect(await cost('many')).toBe(await cost('one'));
  });
});

describe('the collector', () => {
  /** Makes everything that is stored look older than the grace period, and collects. */
  async function collect(): Promise<void> {
    const { database } = world.database;
    await database.sql(`UPDATE manifest SET touched_at = touched_at - interval '2 days'`);
    await database.sql(`UPDATE blob SET last_put_at = last_put_at - interval '2 days'`);
    await world.services.commands.collect({ caller: await world.services.access.localCaller() }, { dryRun: false });
  }

  /** As a dataset is that was deleted before deletions asked what stands on it. */
  const bury = (dataset: string) => world.database.database.sql('UPDATE dataset SET deleted_at = now() WHERE name = $1', [dataset]);

  const stored = async (version: Version, text: string) =>
    (await world.objectsWith(Buffer.from(text))).length > 0 &&
    (
      await world.services.content.listEntries({ caller: await world.services.access.localCaller() }, await manifestIdOf(version), {
        page: { first: 1, after: null },
      })
    ).items.length > 0;

  async function manifestIdOf({ id }: Version): Promise<string> {
    const [row] = await world.database.database.sql<{ id: string }>('SELECT manifest_id AS id FROM dataset_version WHERE id = $1', [
      id.replace('datasetVersion_', ''),
    ]);
    return row?.id ?? '';
  }

  const make = (dataset: string, derivedFrom: readonly string[] = []) =>
    makeVersion(world, { dataset, files: { 'a.csv': `bytes of ${dataset}` }, derivedFrom });

  it('takes what a deleted dataset leaves behind, and nothing that a run or a living version reaches', async () => {
    const run = await startRun(world);
    const free = await make('free');
    expect(await deleteDataset('free')).toMatchObject({ __typename: 'Dataset' });
    const read = await make('read');
    const produced = await make('produced');
    const source = await make('source of what was read');
    const derived = await make('what was read', [source.ref]);
    const alive = await make('alive');
    for (const { ref } of [read, derived]) await world.command('logInput', { run: run.id, input: { datasetVersion: ref } });
    await world.command('logDatasetOutput', { run: run.id, datasetVersion: produced.ref });
    await world.command('deleteRun', { id: run.id });
    const buried = ['read', 'produced', 'source of what was read', 'what was read'];
    for (const dataset of buried) await bury(dataset);
    await collect();
    expect(await stored(free, 'bytes of free')).toBe(false);
    const kept = await Promise.all(
      [read, produced, source, derived, alive].map((version, i) => stored(version, `bytes of ${[...buried, 'alive'][i] ?? ''}`)),
    );
    expect(kept).toEqual([true, true, true, true, true]);
  });
});
