// Goal: what a store holds is here after an import, whatever its form, once, and however often the import was cut or run again.
// Method: one small store in two forms; each is imported into a workspace of its own, and what came of it is read back through the domains. The cut
// imports break the source at each of its answers in turn, then run whole.

import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Call } from '@throughline/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { openFolder } from './folder.ts';
import { importMlflow } from './importer.ts';
import type { ImportOptions } from './importing.ts';
import { openSource } from './open.ts';
import type { Source } from './source.ts';
import { openSqlite } from './sqlite.ts';
import { CHILD_ID, DELETED_ID, EXPERIMENT_ID, MODEL_ID, RUN_ID, writeFolder, writeSqlite } from './testing.ts';

const ALL: ImportOptions = { experiments: null, files: true, dryRun: false };

let world: World;
let folder: string;
let mlruns: string;
let sqlite: string;
let workspaces = 0;

beforeAll(async () => {
  world = await startWorld({ verifies: false });
  folder = await mkdtemp(join(tmpdir(), 'throughline-import-'));
  mlruns = join(folder, 'mlruns');
  sqlite = join(folder, 'server', 'mlflow.db');
  await mkdir(join(folder, 'server'));
  await writeFolder(mlruns);
  await writeSqlite(sqlite);
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** An administrator of a workspace that nobody used before. */
async function freshWorkspace(): Promise<Call> {
  workspaces += 1;
  const name = `import-${workspaces}`;
  await world.services.access.ensureWorkspace(name);
  return { caller: await world.services.access.localCaller(name) };
}

/** What a workspace knows of the store, but for ids and times that are this server's own. */
async function read(call: Call) {
  const { tracking, registry, content } = world.services;
  const experiment = await tracking.experiments.findByName(call, 'yes');
  const details = async (runId: string) => {
    const run = await tracking.runs.get(call, { runId });
    const loaded = (await tracking.runs.loadDetails(call, [run.id], { params: true, tags: true, inputs: true })).get(run.id);
    const files = await content.listFilesIn(call, run.fileSetId, 'notes', { first: 10, after: null });
    return {
      run: [run.name, run.userId, run.status, run.startTimeMs, run.endTimeMs, run.lifecycle, run.parentId !== null],
      params: loaded?.params,
      tags: loaded?.tags.filter(({ key }) => !key.startsWith('throughline.')),
      inputs: loaded?.inputs.map(({ name, digest, context, sourceType }) => [name, digest, context, sourceType]),
      loss: (await tracking.metrics.history(call, { id: run.id }, 'loss', { first: 10, after: null })).items,
      accuracy: (await tracking.metrics.history(call, { id: run.id }, 'val/acc', { first: 10, after: null })).items,
      links: (await tracking.loggedModels.linksOfRuns(call, [run.id])).get(run.id)?.map(({ direction, step }) => [direction, step]),
      files: files.items.map(({ name }) => name),
    };
  };
  const model = await tracking.loggedModels.get(call, { modelId: MODEL_ID });
  const modelDetails = (await tracking.loggedModels.loadDetails(call, [model.id])).get(model.id);
  const registered = await registry.models.getByName(call, 'tree');
  const versions = await registry.versions.list(call, registered.id, { first: 10 });
  const aliases = await registry.aliases.ofModels(call, [registered.id]);
  const next = await registry.versions.create(call, { modelId: registered.id, source: 'none', noDigestReason: 'Only to see its number.' });
  return {
    experiment: [experiment?.experimentId, experiment?.createdAt.getTime(), experiment?.updatedAt.getTime(), experiment?.lifecycle],
    experimentTags: (await tracking.experiments.tagsOf(call, [experiment?.id ?? '']))
      .get(experiment?.id ?? '')
      ?.filter(({ key }) => key === 'note'),
    runs: [await details(RUN_ID), await details(CHILD_ID), await details(DELETED_ID)],
    model: [model.name, model.status, model.sourceRunId, model.createdAtMs, modelDetails?.params, modelDetails?.metrics],
    registered: [registered.description, registered.createdAtMs],
    versions: versions.items.map(({ version, stage, description, userId, digest, noDigestReason, createdAtMs }) => {
      return { version, stage, description, userId, digest, noDigestReason, createdAtMs };
    }),
    aliases: aliases.get(registered.id)?.map(({ alias }) => alias),
    nextVersion: next.version,
  };
}

/** The same source, which breaks off instead of giving its nth answer. */
function cutAfter(source: Source, answers: number): Source {
  let left = answers;
  const cutting = async function* <T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const item of items) {
      left -= 1;
      if (left < 0) throw new Error('cut');
      yield item;
    }
  };
  return {
    ...source,
    experiments: () => cutting(source.experiments()),
    runs: (id) => cutting(source.runs(id)),
    points: (run) => cutting(source.points(run)),
    loggedModels: (id) => cutting(source.loggedModels(id)),
    registeredModels: () => cutting(source.registeredModels()),
    versions: (name) => cutting(source.versions(name)),
    files: (owner) => cutting(source.files(owner)),
  };
}

describe('an import', () => {
  it('copies a folder of runs with ids, times, points, files, models, versions and gaps', async () => {
    const call = await freshWorkspace();
    const report = await importMlflow(world.services, call, await openFolder(mlruns, []), ALL);
    expect(report.notes).toEqual([]);
    expect(report.counts).toMatchObject({
      experiments: { found: 2, copied: 1, there: 1, skipped: 0 },
      runs: { found: 3, copied: 3 },
      points: { found: 4, copied: 4 },
      loggedModels: { found: 1, copied: 1 },
      files: { found: 2, copied: 2 },
      registeredModels: { found: 1, copied: 1 },
      modelVersions: { found: 4, copied: 2, there: 2 },
    });
    const found = await read(call);
    expect(found).toMatchObject({
      experiment: [EXPERIMENT_ID, 100, 200, 'ACTIVE'],
      experimentTags: [{ key: 'note', value: 'two\nlines' }],
      runs: [
        {
          run: ['first', 'ada', 'FINISHED', 1000, 5000, 'ACTIVE', false],
          params: [{ key: 'deep/lr', value: '0.1' }],
          inputs: [['penguins', '12345678', 'training', 'http']],
          loss: [
            { value: 0.5, timestampMs: 1000, step: 0 },
            { value: 0.25, timestampMs: 2000, step: 1 },
          ],
          accuracy: [{ value: Number.NaN, timestampMs: 3000, step: 2 }],
          links: [['OUTPUT', 3]],
          files: ['a.txt'],
        },
        { run: ['child', 'ada', 'FINISHED', 1000, 5000, 'ACTIVE', true] },
        { run: ['gone', 'ada', 'FINISHED', 1000, 5000, 'DELETED', false] },
      ],
      registered: ['of decisions', 6000],
      versions: [
        { version: 3, stage: 'Production', description: 'v3', userId: 'ada', noDigestReason: null, createdAtMs: 6003 },
        { version: 1, stage: 'Archived', description: 'v1', userId: 'ada', noDigestReason: null, createdAtMs: 6001 },
      ],
      aliases: ['champion'],
      nextVersion: 5,
    });
    for (const { digest } of found.versions) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('makes the same of a SQLite file as of a folder, and leaves other workspaces out', async () => {
    const [ofFolder, ofSqlite] = [await freshWorkspace(), await freshWorkspace()];
    await importMlflow(world.services, ofFolder, await openFolder(mlruns, []), ALL);
    const report = await importMlflow(world.services, ofSqlite, openSqlite(sqlite, []), ALL);
    expect(report.notes).toEqual([]);
    expect(await read(ofSqlite)).toEqual(await read(ofFolder));
  });

  it('copies nothing twice', async () => {
    const call = await freshWorkspace();
    await importMlflow(world.services, call, openSqlite(sqlite, []), ALL);
    const { counts, bytes } = await importMlflow(world.services, call, openSqlite(sqlite, []), ALL);
    expect(Object.values(counts).map(({ copied, skipped }) => [copied, skipped])).toEqual(Object.values(counts).map(() => [0, 0]));
    expect(bytes).toBe(0);
  });

  it('comes to the same end wherever it was cut', async () => {
    const whole = await freshWorkspace();
    await importMlflow(world.services, whole, openSqlite(sqlite, []), ALL);
    const expected = await read(whole);
    let cuts = 0;
    for (let answers = 0; ; answers += 1) {
      const call = await freshWorkspace();
      const cut = await importMlflow(world.services, call, cutAfter(openSqlite(sqlite, []), answers), ALL).then(
        () => false,
        (error: unknown) => error instanceof Error && error.message === 'cut',
      );
      if (!cut) break;
      cuts += 1;
      await importMlflow(world.services, call, openSqlite(sqlite, []), ALL);
      expect(await read(call), `cut after ${answers} answers`).toEqual(expected);
    }
    expect(cuts).toBeGreaterThan(10);
  }, 120_000);

  it('that was cut behind the runs of an experiment reads no point and no file of them again', async () => {
    const [whole, call] = [await freshWorkspace(), await freshWorkspace()];
    const source = openSqlite(sqlite, []);
    await importMlflow(world.services, whole, source, ALL);
    const cut: Source = {
      ...source,
      loggedModels(experimentId) {
        if (experimentId === EXPERIMENT_ID) throw new Error('cut');
        return source.loggedModels(experimentId);
      },
    };
    await expect(importMlflow(world.services, call, cut, ALL)).rejects.toThrow('cut');
    const asked: string[] = [];
    const watched: Source = {
      ...source,
      points: (run) => (asked.push(`points of ${run.runId}`), source.points(run)),
      files: (owner) => (asked.push(`files of ${owner.id}`), source.files(owner)),
    };
    const { counts } = await importMlflow(world.services, call, watched, ALL);
    expect({ asked, runs: counts.runs }).toEqual({
      asked: [`files of ${MODEL_ID}`],
      runs: { found: 3, copied: 0, there: 3, skipped: 0 },
    });
    expect(await read(call)).toEqual(await read(whole));
  });

  it('writes nothing when it only counts', async () => {
    const call = await freshWorkspace();
    const { counts } = await importMlflow(world.services, call, openSqlite(sqlite, []), { ...ALL, dryRun: true });
    expect(counts).toMatchObject({ experiments: { copied: 1, there: 1 }, runs: { copied: 3 }, modelVersions: { copied: 2, there: 2 } });
    expect(await world.services.tracking.experiments.findByName(call, 'yes')).toBeNull();
    expect(await world.services.registry.models.findByName(call, 'tree')).toBeNull();
  });

  it('brings only the experiments that are named, and says which there are not', async () => {
    const call = await freshWorkspace();
    const { counts, notes } = await importMlflow(world.services, call, openSqlite(sqlite, []), {
      ...ALL,
      experiments: ['Default', 'typo'],
    });
    expect(counts.runs.found).toBe(0);
    expect(notes).toMatchObject(expect.arrayContaining([{ what: "experiment 'typo'", why: 'There is none of this name.' }]));
  });

  it('leaves an experiment alone that was deleted here meanwhile', async () => {
    const call = await freshWorkspace();
    await importMlflow(world.services, call, openSqlite(sqlite, []), ALL);
    const { experiments } = world.services.tracking;
    const made = await experiments.findByName(call, 'yes');
    await experiments.delete(call, { id: made?.id ?? '' });
    const { notes } = await importMlflow(world.services, call, openSqlite(sqlite, []), ALL);
    expect(notes).toMatchObject([{ what: "experiment 'yes'" }]);
    expect((await experiments.findByName(call, 'yes'))?.lifecycle).toBe('DELETED');
  });

  it('reads no file outside of the folders that were named, whatever the store says', async () => {
    const place = join(folder, 'hostile');
    await writeFolder(join(place, 'mlruns'));
    await writeFile(join(place, 'secret'), 'secret');
    const artifacts = join(place, 'mlruns', EXPERIMENT_ID, RUN_ID, 'artifacts');
    await symlink(join(place, 'secret'), join(artifacts, 'link'));
    await rm(join(place, 'mlruns', EXPERIMENT_ID, 'models'), { recursive: true });
    await mkdir(join(place, 'mlruns', EXPERIMENT_ID, CHILD_ID, 'elsewhere'), { recursive: true });
    await symlink(place, join(place, 'mlruns', EXPERIMENT_ID, CHILD_ID, 'artifacts'));
    const call = await freshWorkspace();
    const { notes } = await importMlflow(world.services, call, await openFolder(join(place, 'mlruns'), []), ALL);
    expect(notes.map(({ what }) => what).sort()).toEqual(expect.arrayContaining([`link of run ${RUN_ID}`, `the files of run ${CHILD_ID}`]));
    expect(await world.objectsWith(Buffer.from('secret'))).toEqual([]);
  });

  it('costs a bad item itself and no other', async () => {
    const place = join(folder, 'long');
    await writeFolder(place);
    await writeFile(join(place, EXPERIMENT_ID, RUN_ID, 'params', 'long'), 'x'.repeat(6_001));
    const call = await freshWorkspace();
    const { notes } = await importMlflow(world.services, call, await openFolder(place, []), ALL);
    expect(notes).toMatchObject([{ what: `param long of run ${RUN_ID}` }]);
    expect((await read(call)).runs[0]?.params).toEqual([{ key: 'deep/lr', value: '0.1' }]);
  });
});

describe('a source', () => {
  const open = (uri: string) => openSource(uri, { credentials: {}, artifactRoots: [], path: (text) => join(folder, text) });

  it.each([
    ['nothing/here', 'There is nothing at'],
    ['server', 'is no folder of runs'],
    ['mlruns/0/meta.yaml', 'is no SQLite file'],
    ['postgresql://host/db', "'postgresql' is no kind of source"],
    ['sqlite:///missing.db', 'There is no file'],
  ])('that is none is refused with what is wrong: %s', async (uri, message) => {
    await expect(async () => open(uri)).rejects.toMatchObject({ code: 'BAD_SOURCE', message: expect.stringContaining(message) as string });
  });

  it('that refuses says so without the credentials of its address', async () => {
    const refused = open(`http://ada:secret@${new URL(world.url).host}`);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_SOURCE', message: `${world.url} refused: 401.` });
  });

  it('of another server is copied like one on disk', async () => {
    const from = await world.services.access.localCaller();
    await importMlflow(world.services, { caller: from }, openSqlite(sqlite, []), ALL);
    const call = await freshWorkspace();
    const source = await open(world.url);
    const { counts, notes } = await importMlflow(world.services, call, source, ALL);
    await source.close();
    expect(notes).toEqual([]);
    expect(counts).toMatchObject({ runs: { copied: 3 }, files: { copied: 2 }, loggedModels: { copied: 1 }, modelVersions: { copied: 2 } });
    expect((await read(call)).runs[0]).toMatchObject({
      loss: [{ value: 0.5 }, { value: 0.25 }],
      accuracy: [{ value: Number.NaN }],
      files: ['a.txt'],
    });
  });
});
