// Goal: what was deleted goes, what something stands on stays whole, and neither a kill nor a race changes that. Method: small worlds of
// runs, models and experiments over a real database; jobs are cut after every step in turn, and other callers act in between.

import { randomUUID } from 'node:crypto';

import type { CollectReport } from '@throughline/content';
import type { Call } from '@throughline/database';
import { newId } from '@throughline/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { PurgeHelp, PurgeInput } from './purge.ts';
import type { PurgeJob } from './store/purge-jobs.ts';
import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';

const DAY = 86_400_000;
const NOTHING: CollectReport = { manifests: 0, fileSets: 0, blobs: 0, objects: 0, uploads: 0, bytes: 0 };

// Each test has a world of its own: one job at a time works on a whole server.
let world: World;
let admin: Call;
/** Runs that another domain stands on. */
let cited: Set<string>;
beforeEach(async () => {
  world = await makeWorld();
  admin = { caller: { ...world.call.caller, scope: 'ADMIN' } };
  cited = new Set();
});
afterEach(() => world.end());

const help: PurgeHelp = {
  citedOf: async (_tx, { runs }) => ({ runs: new Set(runs.filter((id) => cited.has(id))), loggedModels: new Set() }),
  collect: async () => NOTHING,
};

const never = () => new AbortController().signal;

async function purge(input: Partial<PurgeInput> = {}): Promise<PurgeJob> {
  const { purge: jobs } = world.tracking;
  const { id } = await jobs.start(admin, { dryRun: false, ...input });
  const job = await jobs.work(id, help, never());
  if (job === null) throw new Error('somebody else has the job');
  return job;
}

async function makeExperiment() {
  return world.tracking.experiments.create(admin, { name: `e-${randomUUID()}` });
}

async function makeRun(options: { experiment?: { id: string }; parent?: { id: string } } = {}) {
  const { runs, inputs } = world.tracking;
  const run = await runs.create(admin, {
    experiment: options.experiment ?? { experimentId: '0' },
    ...(options.parent === undefined ? {} : { parent: options.parent }),
  });
  await runs.logBatch(admin, run, {
    metrics: [{ key: 'loss', value: 1, step: 0, timestampMs: 1 }],
    params: [{ key: 'lr', value: '0.1' }],
    tags: [{ key: 'team', value: 'a' }],
  });
  await inputs.log(admin, run, [{ name: 'd', digest: 'x', sourceType: 'local', source: 's', tags: [] }]);
  return run;
}

async function makeModel(run: { id: string }) {
  return world.tracking.loggedModels.create(admin, { sourceRun: run, params: [{ key: 'depth', value: '3' }] });
}

/** How many rows each table holds, for whole worlds to be compared; without those that tell of purges themselves. */
async function rows(): Promise<Record<string, number>> {
  const tables = await world.test.database.sql<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
       AND c.relname NOT LIKE 'purge%' AND c.relname <> 'run_removal' ORDER BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await world.test.database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM "${name}"`);
    counts[name] = row?.n ?? 0;
  }
  return counts;
}

const isThere = async (run: { id: string }) => (await world.tracking.runs.find(admin, { id: run.id })) !== null;

describe('a plan', () => {
  it('is made by a database that knows how much there is', async () => {
    await world.test.database.sql('ANALYZE purge_item');
    for (let n = 0; n < 5; n += 1) await world.tracking.runs.delete(admin, await makeRun());
    const known: number[] = [];
    const asking: PurgeHelp = {
      ...help,
      async citedOf(tx, asked) {
        const [row] = await tx.sql<{ n: number }>(`SELECT reltuples::float8 AS n FROM pg_class WHERE oid = 'purge_item'::regclass`);
        known.push(row?.n ?? -1);
        return help.citedOf(tx, asked);
      },
    };
    const { id } = await world.tracking.purge.start(admin, { dryRun: true });
    await world.tracking.purge.work(id, asking, never());
    expect(known).toEqual([5]);
  });
});

describe('a purge', () => {
  it('removes a deleted run with every row that is its own, and nothing else', async () => {
    await makeRun();
    const before = await rows();
    const run = await makeRun();
    await world.tracking.runs.delete(admin, run);
    const job = await purge();
    const after = await rows();
    // Its file set has bytes, which are the collector's.
    expect({ state: job.state, runs: job.counts.runs, rows: after }).toEqual({
      state: 'DONE',
      runs: { found: 1, removed: 1, kept: 0 },
      rows: { ...before, file_set: (before['file_set'] ?? 0) + 1 },
    });
  });

  it('frees the id of a run and the name of an experiment', async () => {
    const experiment = await makeExperiment();
    const run = await makeRun({ experiment });
    await makeModel(run);
    await world.tracking.experiments.delete(admin, experiment);
    const { counts } = await purge();
    const again = await world.tracking.experiments.create(admin, { name: experiment.name, experimentId: experiment.experimentId });
    await world.tracking.runs.create(admin, { experiment: again, runId: run.runId });
    expect(counts).toMatchObject({ runs: { removed: 1 }, loggedModels: { removed: 1 }, experiments: { removed: 1 }, kept: {} });
  });

  it('leaves alone what is in use, what was deleted lately, and what is of another workspace', async () => {
    const used = await makeRun();
    const lately = await makeRun();
    const elsewhere = await world.elsewhere();
    const foreign = await world.tracking.runs.create(elsewhere, { experiment: { experimentId: '0' } });
    await world.tracking.runs.delete(elsewhere, foreign);
    world.now.ms += 2 * DAY;
    await world.tracking.runs.delete(admin, lately);
    const { counts } = await purge({ olderThanMs: DAY });
    expect(counts.runs).toEqual({ found: 0, removed: 0, kept: 0 });
    expect(await Promise.all([isThere(used), isThere(lately), world.tracking.runs.find(elsewhere, { id: foreign.id })])).toEqual([
      true,
      true,
      expect.objectContaining({ id: foreign.id }),
    ]);
  });

  it.each([
    { reason: 'MODEL_VERSION', make: async (run: { id: string }) => void cited.add(run.id) },
    { reason: 'DATASET_VERSION', make: (run: { id: string }) => world.tracking.datasetOutputs.log(admin, run, newId(), 'ASSERTED') },
    { reason: 'LOGGED_MODEL', make: makeModel },
    { reason: 'CHILD_RUN', make: (run: { id: string }) => makeRun({ parent: run }) },
  ])('keeps a deleted run whole where something stands on it: $reason', async ({ reason, make }) => {
    const run = await makeRun();
    await make(run);
    await world.tracking.runs.delete(admin, run);
    const before = await rows();
    const job = await purge();
    const kept = await world.tracking.purge.keptBy(admin, job.id, 10);
    expect({ rows: await rows(), kept, counted: job.counts.kept }).toEqual({
      rows: before,
      kept: [{ kind: 'RUN', id: run.id, reason }],
      counted: { [reason]: 1 },
    });
  });

  it('keeps what a kept run stands on in turn', async () => {
    const parent = await makeRun();
    const child = await makeRun({ parent });
    cited.add(child.id);
    for (const run of [parent, child]) await world.tracking.runs.delete(admin, run);
    const { counts } = await purge();
    expect(counts.kept).toEqual({ MODEL_VERSION: 1, CHILD_RUN: 1 });
  });

  it('keeps a deleted model that a run in use started from', async () => {
    const model = await makeModel(await makeRun());
    await world.tracking.loggedModels.link(admin, await makeRun(), 'INPUT', [{ modelId: model.modelId }]);
    await world.tracking.loggedModels.delete(admin, model);
    world.now.ms += 1;
    const { counts } = await purge();
    expect(counts).toMatchObject({ loggedModels: { found: 1, kept: 1 }, kept: { STARTED_FROM: 1 } });
  });

  it('removes whole circles: a run that started from the model that it made', async () => {
    const run = await makeRun();
    const model = await makeModel(run);
    await world.tracking.loggedModels.link(admin, run, 'INPUT', [{ modelId: model.modelId }]);
    await world.tracking.loggedModels.delete(admin, model);
    await world.tracking.runs.delete(admin, run);
    world.now.ms += 1;
    const { counts } = await purge();
    expect(counts).toMatchObject({ runs: { removed: 1 }, loggedModels: { removed: 1 } });
  });

  it('leaves an experiment for the run that it keeps, and gives its name back', async () => {
    const experiment = await makeExperiment();
    const [kept] = [await makeRun({ experiment }), await makeRun({ experiment })];
    cited.add(kept.id);
    await world.tracking.experiments.delete(admin, experiment);
    const { counts } = await purge();
    await world.tracking.experiments.create(admin, { name: experiment.name });
    const left = await world.tracking.experiments.get(admin, { id: experiment.id });
    expect({ counts, lifecycle: left.lifecycle, kept: await isThere(kept) }).toMatchObject({
      counts: { runs: { removed: 1, kept: 1 }, experiments: { removed: 0, kept: 1 }, kept: { MODEL_VERSION: 1, HOLDS_KEPT: 1 } },
      lifecycle: 'DELETED',
      kept: true,
    });
  });

  it('counts in a dry run what it removes afterwards, and changes nothing', async () => {
    const experiment = await makeExperiment();
    await makeModel(await makeRun({ experiment }));
    const alone = await makeRun();
    const kept = await makeRun();
    await makeModel(kept);
    await world.tracking.experiments.delete(admin, experiment);
    for (const run of [alone, kept]) await world.tracking.runs.delete(admin, run);
    const before = await rows();
    const dry = await purge({ dryRun: true });
    expect(await rows()).toEqual(before);
    const real = await purge();
    expect(real.counts).toEqual(dry.counts);
    expect(real.counts.runs).toEqual({ found: 3, removed: 2, kept: 1 });
  });

  it('takes what is named alone', async () => {
    const [named, other] = [await makeRun(), await makeRun()];
    for (const run of [named, other]) await world.tracking.runs.delete(admin, run);
    await purge({ runIds: [named.runId] });
    expect(await Promise.all([isThere(named), isThere(other)])).toEqual([false, true]);
  });

  it('deletes many rows in many small statements', async () => {
    const run = await makeRun();
    await world.test.database.sql(`INSERT INTO run_param (run_id, key, value) SELECT $1, 'k' || n, '' FROM generate_series(1, 12000) n`, [
      run.id,
    ]);
    await world.tracking.runs.delete(admin, run);
    world.test.statements.length = 0;
    await purge();
    expect(world.test.statements.filter((text) => text.includes('DELETE FROM run_param')).length).toBeGreaterThanOrEqual(3);
  });
});

describe('a purge that is refused', () => {
  it.each([
    { code: 'PURGE_UNKNOWN', input: { runIds: ['nobody'] } },
    { code: 'INVALID_AGE', input: { olderThanMs: -1 } },
    { code: 'TOO_MANY', input: { runIds: Array.from({ length: 10_001 }, (_, i) => `r${i}`) } },
  ])('says $code and leaves no job', async ({ code, input }) => {
    expect(await codeOf(world.tracking.purge.start(admin, { dryRun: false, ...input }))).toBe(code);
    expect(await world.tracking.purge.list(admin, 10)).toEqual([]);
  });

  it('is one of a run in use, or of one that was deleted too lately', async () => {
    const run = await makeRun();
    const start = (olderThanMs = 0) => codeOf(world.tracking.purge.start(admin, { dryRun: false, runIds: [run.runId], olderThanMs }));
    const inUse = await start();
    await world.tracking.runs.delete(admin, run);
    expect([inUse, await start(DAY)]).toEqual(['PURGE_IN_USE', 'PURGE_TOO_YOUNG']);
  });

  it('is one by a caller without the scope admin', async () => {
    expect(await codeOf(world.tracking.purge.start(world.call, { dryRun: true }))).toBe('SCOPE_TOO_SMALL');
  });

  it('tells nobody who works in another workspace', async () => {
    const elsewhere = await world.elsewhere();
    const other: Call = { caller: { ...elsewhere.caller, name: 'grace', scope: 'ADMIN' } };
    await world.tracking.purge.start(other, { dryRun: true });
    await expect(world.tracking.purge.start(admin, { dryRun: true })).rejects.toMatchObject({
      code: 'PURGE_UNDER_WAY',
      message: expect.not.stringContaining('grace') as string,
    });
  });

  it('is a second one, as long as the first is not at its end', async () => {
    await world.tracking.purge.start(admin, { dryRun: true });
    expect(await codeOf(world.tracking.purge.start(admin, { dryRun: true }))).toBe('PURGE_UNDER_WAY');
  });
});

describe('a purge that is cut', () => {
  /** Works until a number of steps were told, as a kill would end it there; answers whether it came to its end. */
  async function workUntil(id: string, steps: number): Promise<boolean> {
    const killed = new AbortController();
    let told = 0;
    const onProgress = () => {
      told += 1;
      if (told === steps) killed.abort();
    };
    return (await world.tracking.purge.work(id, { ...help, onProgress }, killed.signal))?.state === 'DONE';
  }

  it('goes on where it was, wherever that was', async () => {
    const empty = await rows();
    for (let steps = 1, isWhole = false; !isWhole; steps += 1) {
      const experiment = await makeExperiment();
      await makeModel(await makeRun({ experiment }));
      const parent = await makeRun();
      const child = await makeRun({ parent });
      await world.tracking.experiments.delete(admin, experiment);
      for (const run of [parent, child]) await world.tracking.runs.delete(admin, run);
      const { id } = await world.tracking.purge.start(admin, { dryRun: false });
      isWhole = await workUntil(id, steps);
      if (!isWhole) expect(await world.tracking.purge.work(id, help, never()), `cut at step ${steps}`).toMatchObject({ state: 'DONE' });
      // Bytes are the collector's; the descriptions of datasets stay with the experiment, as does the first one.
      const { file_set: _bytes, logged_dataset: _described, experiment: experiments, ...left } = await rows();
      const { file_set: _before, logged_dataset: _none, experiment: _first, ...expected } = empty;
      expect({ left, experiments }, `cut at step ${steps}`).toEqual({ left: expected, experiments: 1 });
    }
  });

  it('leaves alone what is brought back meanwhile', async () => {
    const [restored, other] = [await makeRun(), await makeRun()];
    for (const run of [restored, other]) await world.tracking.runs.delete(admin, run);
    const { id } = await world.tracking.purge.start(admin, { dryRun: false });
    await workUntil(id, 1);
    await world.tracking.runs.restore(admin, restored);
    const job = await world.tracking.purge.work(id, help, never());
    const { params } = (await world.tracking.runs.loadDetails(admin, [restored.id], { params: true })).get(restored.id) ?? {};
    expect({ kept: job?.counts.kept, other: await isThere(other), params }).toEqual({
      kept: { RESTORED: 1 },
      other: false,
      params: [{ key: 'lr', value: '0.1' }],
    });
  });

  it('is worked on by one at a time, and waits for somebody to begin', async () => {
    const { id } = await world.tracking.purge.start(admin, { dryRun: false });
    const { purge: jobs } = world.tracking;
    const wait = async () => {
      const job = await jobs.find(admin, id);
      return job === null ? 'no job' : jobs.waitOf(job);
    };
    let second: PurgeJob | null | undefined;
    const waits = [await wait()];
    const collect: PurgeHelp['collect'] = async () => {
      second = await jobs.work(id, help, never());
      waits.push(await wait());
      return NOTHING;
    };
    await jobs.work(id, { ...help, collect }, never());
    waits.push(await wait());
    expect({ second, waits }).toEqual({ second: null, waits: ['WORKER', null, null] });
  });

  it('tells why it failed, and makes room for the next', async () => {
    const { id } = await world.tracking.purge.start(admin, { dryRun: false });
    const collect: PurgeHelp['collect'] = () => Promise.reject(new Error('a defect'));
    await expect(world.tracking.purge.work(id, { ...help, collect }, never())).rejects.toThrow('a defect');
    expect(await world.tracking.purge.find(admin, id)).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining('unexpected') as string,
    });
    expect(await purge()).toMatchObject({ state: 'DONE' });
  });
});

describe('a purge beside whoever refers to the same run', () => {
  it('waits for a reference that is being stored, and then keeps the run', async () => {
    const run = await makeRun();
    await world.tracking.runs.delete(admin, run);
    let purging: Promise<PurgeJob> | undefined;
    await world.test.database.transaction(async (tx) => {
      await world.tracking.keep({ ...admin, tx }, { runs: [run.id] });
      const asked = new Promise<void>((resolve) => {
        const citedOf: PurgeHelp['citedOf'] = (inner, ids) => {
          resolve();
          return help.citedOf(inner, ids);
        };
        purging = world.tracking.purge.start(admin, { dryRun: false }).then(async ({ id }) => {
          const job = await world.tracking.purge.work(id, { ...help, citedOf }, never());
          return job ?? Promise.reject(new Error('no job'));
        });
      });
      // The plan is made before anything is locked; what comes after waits for us.
      await asked;
      cited.add(run.id);
    });
    expect((await purging)?.counts).toMatchObject({ runs: { found: 1, removed: 0, kept: 1 }, kept: { MODEL_VERSION: 1 } });
    expect(await isThere(run)).toBe(true);
  });

  it('that came first leaves nothing to refer to', async () => {
    const run = await makeRun();
    await world.tracking.runs.delete(admin, run);
    await purge();
    const keep = world.test.database.transaction((tx) => world.tracking.keep({ ...admin, tx }, { runs: [run.id] }));
    expect(await codeOf(keep)).toBe('RUN_NOT_FOUND');
  });

  it('lets no run begin in an experiment that goes', async () => {
    const experiment = await makeExperiment();
    await world.tracking.experiments.delete(admin, experiment);
    const codes: string[] = [];
    const { id } = await world.tracking.purge.start(admin, { dryRun: false });
    const starting: Promise<string>[] = [];
    await world.tracking.purge.work(id, { ...help, onProgress: () => void starting.push(codeOf(makeRun({ experiment }))) }, never());
    codes.push(...(await Promise.all(starting)));
    expect(
      codes.every((code) => code === 'EXPERIMENT_NOT_ACTIVE' || code === 'EXPERIMENT_NOT_FOUND'),
      codes.join(),
    ).toBe(true);
  });
});
