// Goal: a card that counts says what is read anew, whatever was done by whomever in whatever order. Method: the writer of these tests writes
// down everything that is read of a run; what changes a run is done between the making of a card and the reading of it, or while it is made.

import { randomUUID } from 'node:crypto';

import type { Call } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CardFacts, CardWriter } from './api.ts';
import { makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Experiment, KeyValue, LoggedModel, Run } from './types.ts';

let world: World;
let experiment: Experiment;

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'cards' });
});
afterAll(() => world.end());

const LAYOUT = 1;
/** What came before each write: for tests that act while a card is made. */
let beforeWriting: () => Promise<unknown> = async () => undefined;

const writer: CardWriter = {
  layout: LAYOUT,
  async write(call, runs) {
    await beforeWriting();
    return writeDown(call, runs);
  },
  read: (body) => JSON.parse(body) as CardFacts,
};

async function writeDown(call: Call, runs: readonly Run[]): Promise<Map<string, string>> {
  const ids = runs.map(({ id }) => id);
  const { tracking } = world;
  const details = await tracking.runs.loadDetails(call, ids, { params: true, metrics: true, tags: true, inputs: true });
  const links = await tracking.loggedModels.linksOfRuns(call, ids);
  return new Map(
    runs.map((run) => {
      const { name, status, endTimeMs, lifecycle } = run;
      const inputs = details.get(run.id)?.inputs.map((input) => ({ name: input.name, digest: input.digest, tags: input.tags }));
      const models = links.get(run.id)?.map(({ modelId, direction, step }) => ({ modelId, direction, step }));
      return [run.id, JSON.stringify({ name, status, endTimeMs, lifecycle, ...details.get(run.id), inputs, models })];
    }),
  );
}

const start = (tags: KeyValue[] = []) => world.tracking.runs.create(world.call, { experiment, tags });
const make = (...runs: Run[]) =>
  world.tracking.cards.make(
    world.call,
    runs.map(({ id }) => id),
    writer,
    0,
  );

async function cardOf(run: Run, call = world.call, layout = LAYOUT): Promise<string | null> {
  return (await world.tracking.cards.read(call, [run.id], layout)).get(run.id) ?? null;
}

async function readAnew(run: Run): Promise<string | null> {
  const found = await world.tracking.runs.findMany(world.call, [run.id]);
  return (await writeDown(world.call, found)).get(run.id) ?? null;
}

const point = (key: string, value: number, step = 0) => ({ key, value, step, timestampMs: 1 });

/** A run with one of everything, and the model that it made. */
async function startFull(): Promise<{ run: Run; model: LoggedModel }> {
  const { tracking, call } = world;
  const run = await start([{ key: 'team', value: 'a' }]);
  await tracking.runs.logBatch(call, run, { metrics: [point('loss', 1)], params: [{ key: 'lr', value: '0.1' }] });
  const tags = [{ key: 'mlflow.data.context', value: 'training' }];
  await tracking.inputs.log(call, run, [{ name: 'd', digest: randomUUID(), sourceType: 'local', source: 's', tags }]);
  const model = await tracking.loggedModels.create(call, { sourceRun: run });
  await tracking.engine.settleAll();
  return { run, model };
}

type Change = (run: Run, model: LoggedModel) => Promise<unknown>;
const sql = (text: string, ...values: unknown[]) => world.test.database.sql(text, values);

/** Everything that changes what is read of a run, through the domain or past it. */
const CHANGES: Record<string, Change> = {
  'a tag': (run) => world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'b' }]),
  'a tag less': (run) => world.tracking.runs.deleteTag(world.call, run, 'team'),
  'a param': (run) => world.tracking.runs.logBatch(world.call, run, { params: [{ key: 'depth', value: '3' }] }),
  'points that are not settled': (run) => world.tracking.runs.logBatch(world.call, run, { metrics: [point('loss', 2, 1)] }),
  'points that were settled': async (run) => {
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point('loss', 2, 1)] });
    await world.tracking.engine.settleAll();
  },
  'a new metric': async (run) => {
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point('accuracy', 2, 1)] });
    await world.tracking.engine.settleAll();
  },
  'a name': (run) => world.tracking.runs.update(world.call, run, { name: 'another' }),
  'an end': (run) => world.tracking.runs.update(world.call, run, { status: 'FINISHED', endTimeMs: 9 }),
  'its deletion': (run) => world.tracking.runs.delete(world.call, run),
  'an input': (run) =>
    world.tracking.inputs.log(world.call, run, [{ name: 'other', digest: '2', sourceType: 'local', source: 's', tags: [] }]),
  'an input less': (run) => sql(`DELETE FROM dataset_input WHERE run_id = $1`, run.id),
  'a tag of an input': (run) =>
    sql(`UPDATE dataset_input_tag SET value = 'test' WHERE input_id IN (SELECT id FROM dataset_input WHERE run_id = $1)`, run.id),
  'a tag of an input less': (run) =>
    sql(`DELETE FROM dataset_input_tag WHERE input_id IN (SELECT id FROM dataset_input WHERE run_id = $1)`, run.id),
  'the description of a dataset': (run) =>
    sql(
      `UPDATE logged_dataset SET digest = gen_random_uuid()::text WHERE id IN (SELECT dataset_id FROM dataset_input WHERE run_id = $1)`,
      run.id,
    ),
  'a model that it made': (run) => world.tracking.loggedModels.create(world.call, { sourceRun: run }),
  'the deletion of a model that it made': (_, model) => world.tracking.loggedModels.delete(world.call, model),
  'a link to a model': async (run) => {
    const other = await world.tracking.loggedModels.create(world.call, { experiment });
    await world.tracking.loggedModels.link(world.call, run, 'INPUT', [{ modelId: other.modelId }]);
  },
  'a param past the domain': (run) => sql(`UPDATE run_param SET value = 'forged' WHERE run_id = $1`, run.id),
  'a metric past the domain': (run) => sql(`DELETE FROM metric_summary WHERE run_id = $1`, run.id),
};

describe('a card', () => {
  it('says what was read, and counts', async () => {
    const { run } = await startFull();
    expect(await make(run)).toBe(1);
    expect(await cardOf(run)).toBe(await readAnew(run));
  });

  it.each(Object.entries(CHANGES))('does not count any more after %s', async (_, change) => {
    const { run, model } = await startFull();
    await make(run);
    await change(run, model);
    expect(await cardOf(run)).toBeNull();
  });

  it.each(Object.entries(CHANGES))('that is made again after %s says so', async (_, change) => {
    const { run, model } = await startFull();
    await make(run);
    const before = await cardOf(run);
    await change(run, model);
    await world.tracking.engine.settleAll();
    await make(run);
    expect([await cardOf(run), (await cardOf(run)) === before]).toEqual([await readAnew(run), false]);
  });

  it('of a run that started from a model does not count after that model was deleted', async () => {
    const run = await start();
    const model = await world.tracking.loggedModels.create(world.call, { experiment });
    await world.tracking.loggedModels.link(world.call, run, 'INPUT', [{ modelId: model.modelId }]);
    await make(run);
    await world.tracking.loggedModels.delete(world.call, model);
    expect(await cardOf(run)).toBeNull();
  });

  it('does not count after its experiment was deleted with all of its runs', async () => {
    const other = await world.tracking.experiments.create(world.call, { name: 'to be deleted' });
    const run = await world.tracking.runs.create(world.call, { experiment: other });
    await make(run);
    await world.tracking.experiments.delete(world.call, other);
    expect(await cardOf(run)).toBeNull();
  });

  it('counts after a change that came to nothing', async () => {
    const run = await start();
    await make(run);
    const change = world.test.database.transaction(async (tx) => {
      await world.tracking.runs.setTags({ ...world.call, tx }, run, [{ key: 'team', value: 'b' }]);
      throw new Error('it comes to nothing');
    });
    await expect(change).rejects.toThrow('it comes to nothing');
    expect(await cardOf(run)).toBe(await readAnew(run));
  });

  it('counts for its own layout alone', async () => {
    const run = await start();
    await make(run);
    expect(await cardOf(run, world.call, LAYOUT + 1)).toBeNull();
  });

  it('is not there for another workspace', async () => {
    const run = await start();
    await make(run);
    expect(await cardOf(run, await world.elsewhere())).toBeNull();
  });

  it('is not made by another workspace', async () => {
    const run = await start();
    expect(await world.tracking.cards.make(await world.elsewhere(), [run.id], writer, 0)).toBe(0);
  });

  it('of a run with very much to say says nothing', async () => {
    const run = await start();
    const tags = Array.from({ length: 20 }, (_, index) => ({ key: `long ${index}`, value: 'x'.repeat(8_000) }));
    await world.tracking.runs.setTags(world.call, run, tags);
    await make(run);
    expect(await cardOf(run)).toBe('');
  });

  it('waits until its run has rested', async () => {
    const run = await start();
    expect(await world.tracking.cards.make(world.call, [run.id], writer, 3_600_000)).toBe(0);
  });

  it('waits until the points of its run are settled', async () => {
    const run = await start();
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point('loss', 1)] });
    expect(await make(run)).toBe(0);
  });
});

describe('while a card is made', () => {
  /** Makes the card of a run, and does something in the middle of it. */
  async function makeWith(run: Run, during: () => Promise<unknown>): Promise<number> {
    beforeWriting = during;
    try {
      return await make(run);
    } finally {
      beforeWriting = async () => undefined;
    }
  }

  it('a change makes it one that does not count', async () => {
    const run = await start();
    await makeWith(run, () => world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'b' }]));
    expect(await cardOf(run)).toBeNull();
  });

  it('a change that began before and ends afterwards makes it one that does not count', async () => {
    const run = await start();
    await world.test.database.transaction(async (tx) => {
      await world.tracking.runs.setTags({ ...world.call, tx }, run, [{ key: 'team', value: 'b' }]);
      await make(run);
    });
    expect(await cardOf(run)).toBeNull();
  });

  it('points make it one that does not count', async () => {
    const run = await start();
    await makeWith(run, () => world.tracking.runs.logBatch(world.call, run, { metrics: [point('loss', 1)] }));
    expect(await cardOf(run)).toBeNull();
  });

  it('nobody else makes it', async () => {
    const run = await start();
    let made = -1;
    await makeWith(run, async () => {
      beforeWriting = async () => undefined;
      made = await make(run);
    });
    expect(made).toBe(0);
  });

  it('writers of its run do not wait', async () => {
    const run = await start();
    await makeWith(run, () => world.tracking.runs.update(world.call, run, { status: 'FINISHED' }));
    expect((await world.tracking.runs.get(world.call, run)).status).toBe('FINISHED');
  });

  it('whatever fails leaves the one that was there', async () => {
    const run = await start();
    await make(run);
    const before = await cardOf(run);
    const failing = makeWith(run, async () => {
      throw new Error('it cannot be written');
    });
    await expect(failing).rejects.toThrow('it cannot be written');
    expect(await cardOf(run)).toBe(before);
  });
});

it('a card that counts says what is read anew, in whatever order runs change and cards are made', async () => {
  const [first, second] = [await startFull(), await startFull()];
  const names = Object.keys(CHANGES).filter((name) => name !== 'its deletion' && !name.startsWith('the deletion'));
  const step = fc.record({ change: fc.constantFrom('', ...names), isFirst: fc.boolean(), makes: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const { change, isFirst, makes } of steps) {
        const { run, model } = isFirst ? first : second;
        if (change !== '') {
          await CHANGES[change]?.(run, model).catch((error: unknown) => {
            // What is refused the second time changes nothing.
            if (!(error instanceof DomainError)) throw error;
          });
        }
        if (makes) await make(run);
        for (const one of [first.run, second.run]) {
          const card = await cardOf(one);
          if (card !== null) expect(card).toBe(await readAnew(one));
        }
      }
    }),
    { numRuns: 12 },
  );
});

describe('cards and what goes for good', () => {
  it('are removed with their run, and so is what is told of its changes', async () => {
    const run = await start();
    await make(run);
    await world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'b' }]);
    await sql(`DELETE FROM run WHERE id = $1`, run.id);
    const left = await sql(
      `SELECT run_id FROM run_card WHERE run_id = $1 UNION ALL SELECT run_id FROM run_change WHERE run_id = $1`,
      run.id,
    );
    expect(left).toEqual([]);
  });

  it('may all be removed at any time', async () => {
    const run = await start();
    await make(run);
    await sql(`TRUNCATE run_card`);
    expect(await cardOf(run)).toBeNull();
    await make(run);
    expect(await cardOf(run)).toBe(await readAnew(run));
  });
});

describe('the worker', () => {
  async function atWork(test: () => Promise<void>): Promise<void> {
    const troubles: unknown[] = [];
    world.tracking.cards.start({ writer, onError: (error) => troubles.push(error) });
    try {
      await test();
    } finally {
      await world.tracking.cards.stop();
    }
    expect(troubles).toEqual([]);
  }
  /** As if the run had rested for two hours. */
  const rest = (run: Run) => sql(`UPDATE run_change SET changed_at = now() - interval '2 hours' WHERE run_id = $1`, run.id);

  it('makes the cards of runs that were changed and rest', async () => {
    const run = await start();
    await rest(run);
    await atWork(async () => {
      await expect.poll(() => cardOf(run)).toBe(await readAnew(run));
    });
  });

  it('makes the cards of runs that lack one and do not change any more', async () => {
    const run = await start();
    await make(run);
    await sql(`TRUNCATE run_card`);
    await atWork(async () => {
      await expect.poll(() => cardOf(run)).toBe(await readAnew(run));
    });
  });

  it('makes the cards that are missed', async () => {
    await atWork(async () => {
      const run = await start();
      await rest(run);
      world.tracking.cards.missed(world.call, [run.id]);
      await expect.poll(() => cardOf(run)).toBe(await readAnew(run));
    });
  });
});
