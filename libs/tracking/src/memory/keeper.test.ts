// Goal: a search that is answered from memory says what the one by SQL says, whatever was done by whomever meanwhile. Method: two servers over one
// database, of which one keeps runs in memory; the other changes runs and makes their cards; both search for the same, page by page, each with the
// cursors of the other.

import { createContent } from '@throughline/content';
import type { Call } from '@throughline/database';
import { DomainError, newId } from '@throughline/kernel';
import { createFilesystemObjectStore } from '@throughline/object-store';
import fc from 'fast-check';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { CardFacts, CardWriter, FoundRun, RunSearch, Tracking } from '../api.ts';
import { makeWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import { createTracking } from '../tracking.ts';
import type { Experiment, Run } from '../types.ts';

const RUNS = 600;
const LAYOUT = 1;

let world: World;
/** The server with memory; `world.tracking` is the other. */
let keeping: Tracking;
let experiment: Experiment;
const errors: unknown[] = [];

const writer: CardWriter = { layout: LAYOUT, write: writeDown, read };

async function writeDown(call: Call, runs: readonly Run[]): Promise<Map<string, string>> {
  const details = await world.tracking.runs.loadDetails(
    call,
    runs.map(({ id }) => id),
    { params: true, metrics: true, tags: true },
  );
  return new Map(
    runs.map(({ id, runId, name, status, lifecycle, startTimeMs, endTimeMs }) => {
      const { metrics = [], params = [], tags = [] } = details.get(id) ?? {};
      const values = metrics.map(({ key, value }) => ({ key, value: Number.isNaN(value) ? 'NaN' : value }));
      return [
        id,
        JSON.stringify({ runId, name, status, isActive: lifecycle === 'ACTIVE', startTimeMs, endTimeMs, metrics: values, params, tags }),
      ];
    }),
  );
}

function read(body: string): CardFacts {
  // What JSON has no number for is a text.
  const facts = JSON.parse(body) as Omit<CardFacts, 'metrics'> & { metrics: { key: string; value: number | string }[] };
  return { ...facts, metrics: facts.metrics.map(({ key, value }) => ({ key, value: Number(value) })) };
}

const sql = (text: string, ...values: unknown[]) => world.test.database.sql<{ id: string }>(text, values);

/** Adds runs of an experiment past the domain, with ties and gaps. Answers their UUIDs. */
async function addRuns(to: Experiment, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await sql(
    `INSERT INTO run (id, workspace_id, run_id, experiment_id, name, start_time_ms, artifact_uri, file_set_id)
     SELECT u.id, $1, replace(u.id::text, '-', ''), $2, 'run ' || u.n % 7, 1000 + u.n % 10, 'mlflow-artifacts:/x', u.id FROM unnest($3::uuid[]) WITH ORDINALITY AS u(id, n)`,
    world.call.caller.workspaceId,
    to.id,
    ids,
  );
  await sql(
    `INSERT INTO run_param (run_id, key, value)
     SELECT u.id, 'p', CASE WHEN n % 9 = 0 THEN repeat('x', 300) ELSE 'v' || n % 3 END FROM unnest($1::uuid[]) WITH ORDINALITY AS u(id, n) WHERE n % 11 > 0`,
    ids,
  );
  return ids;
}

async function logMetrics(ids: readonly string[]): Promise<void> {
  const point = (key: string, value: number) => ({ key, value, step: 0, timestampMs: 0 });
  for (const [n, id] of ids.entries()) {
    if (n % 13 === 0) continue;
    const loss = n % 17 === 0 ? Number.NaN : (n * 37) % 23;
    await world.tracking.runs.logBatch(
      world.call,
      { id },
      { metrics: [point('loss', loss), ...(n % 2 === 0 ? [point('auc', (n % 5) / 4)] : [])] },
    );
  }
  await world.tracking.engine.settleAll();
}

const make = (ids: readonly string[]) => world.tracking.cards.make(world.call, ids, writer, 0);

/** A server with memory, over the same database. */
async function openKeeping(searchMemoryBytes: number): Promise<Tracking> {
  const { database } = world.test;
  const root = await mkdtemp(join(tmpdir(), 'throughline-memory-'));
  const content = createContent({ database, objects: await createFilesystemObjectStore({ root }) });
  const tracking = createTracking({ database, content, searchMemoryBytes });
  tracking.cards.start({ writer, onError: (error) => errors.push(error) });
  return tracking;
}

type Found = Awaited<ReturnType<Tracking['cards']['search']>>;

const searchOn = (tracking: Tracking, search: RunSearch, page: { first: number; after: string | null }): Promise<Found> =>
  tracking.cards.search(world.call, search, { page, layout: LAYOUT });

const isFromMemory = ({ items }: Found) => items.some(({ card }) => card instanceof Uint8Array);
const textOf = ({ card }: FoundRun) => (card instanceof Uint8Array ? Buffer.from(card).toString() : card);

/** Searches until an experiment is in memory. */
async function keep(tracking: Tracking, which: Experiment): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await searchOn(tracking, { experiments: [which] }, { first: 5, after: null });
      if (!isFromMemory(found)) throw new Error('it is not in memory yet');
    },
    { timeout: 20_000 },
  );
}

beforeAll(async () => {
  world = await makeWorld();
  experiment = await world.tracking.experiments.create(world.call, { name: 'kept' });
  const ids = await addRuns(experiment, RUNS);
  await logMetrics(ids);
  await make(ids);
  keeping = await openKeeping(2 ** 26);
  await keep(keeping, experiment);
});
afterAll(async () => {
  await keeping.cards.stop();
  await world.end();
});
afterEach(() => {
  expect(errors).toEqual([]);
});

const filters = [
  '',
  'metrics.auc > 0.4',
  'metrics.loss != 3',
  'metrics.loss <= 11 AND metrics.auc >= 0.5',
  "params.p = 'v1'",
  "params.p != 'v1'",
  'params.p IS NULL AND metrics.loss < 20',
  'params.p IS NOT NULL',
  "params.p = 'never seen'",
  "tags.team = 'a'",
  "tags.team IS NULL AND params.p = 'v2'",
  "status = 'RUNNING'",
  "status != 'RUNNING' AND end_time > 3",
  "run_name = 'run 3'",
  "run_name != 'run 3' AND start_time >= 1004",
  'start_time < 1005.5',
  'metrics.none > 1',
] as const;
const orders = [
  [],
  ['start_time DESC'],
  ['metrics.loss ASC'],
  ['metrics.loss DESC'],
  ['metrics.auc DESC', 'start_time DESC'],
  ['metrics.none ASC'],
] as const;

const searches = fc.record({
  filter: fc.constantFrom(...filters),
  orderBy: fc.constantFrom(...orders),
  view: fc.constantFrom('ACTIVE' as const, 'ACTIVE' as const, 'DELETED' as const, 'ALL' as const),
  first: fc.constantFrom(7, 50, 200, 700),
});

const point = (key: string, value: number) => ({ key, value, step: 1, timestampMs: 1 });

/** As another server makes a card. */
async function replaceCard(id: string, layout: number, body: string): Promise<void> {
  await sql(`DELETE FROM run_change WHERE run_id = $1`, id);
  await sql(`DELETE FROM run_card WHERE run_id = $1`, id);
  await sql(`INSERT INTO run_card (run_id, layout, body) VALUES ($1, $2, $3)`, id, layout, body);
}

/** What happens to one run. */
const CHANGES: Record<string, (run: { id: string }) => Promise<unknown>> = {
  'a tag': (run) => world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'a' }]),
  'a tag less': (run) => sql(`DELETE FROM run_tag WHERE run_id = $1 AND key = 'team'`, run.id),
  points: (run) => world.tracking.runs.logBatch(world.call, run, { metrics: [point('loss', 4.5)] }),
  'points that are settled': async (run) => {
    await world.tracking.runs.logBatch(world.call, run, { metrics: [point('auc', Number.NaN)] });
    await world.tracking.engine.settleAll();
  },
  'an end': (run) => world.tracking.runs.update(world.call, run, { status: 'FINISHED', endTimeMs: 5 }),
  'a name': (run) => world.tracking.runs.update(world.call, run, { name: 'run 3' }),
  'its deletion': (run) => world.tracking.runs.delete(world.call, run),
  'its restoration': (run) => world.tracking.runs.restore(world.call, run),
  'its removal': (run) => sql(`DELETE FROM run WHERE id = $1`, run.id),
  'its way out of the workspace': (run) => sql(`UPDATE run SET workspace_id = id WHERE id = $1`, run.id),
  'its way out while its card is made': async (run) => {
    await sql(`UPDATE run SET workspace_id = id WHERE id = $1`, run.id);
    await replaceCard(run.id, LAYOUT, '');
  },
  'very much to say': (run) =>
    world.tracking.runs.setTags(
      world.call,
      run,
      Array.from({ length: 20 }, (_, n) => ({ key: `long ${n}`, value: 'x'.repeat(8_000) })),
    ),
  'a card of another release': async (run) => {
    await world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'a' }]);
    await replaceCard(run.id, LAYOUT + 1, 'what another release would write');
  },
  nothing: async () => undefined,
};

const steps = fc.record({
  change: fc.constantFrom(...Object.keys(CHANGES)),
  runs: fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 3 }),
  then: fc.constantFrom('', '', 'cards', 'cards', 'new runs', 'new runs with cards'),
  search: searches,
});

function lastCursorOf(page: Found): string | null {
  const last = page.items.at(-1);
  return last === undefined ? null : page.cursorOf(last);
}

/** Goes through all pages on both servers, each with the cursor that the other gave, and compares. Answers whether memory answered. */
async function compare(search: RunSearch, first: number): Promise<boolean> {
  let wasFromMemory = false;
  for (let after: string | null = null, more = true, pages = 0; more && pages < 4; pages += 1) {
    const kept: Found = await searchOn(keeping, search, { first, after });
    const found: Found = await searchOn(world.tracking, search, { first, after });
    wasFromMemory ||= isFromMemory(kept);
    expect(kept.items.map(({ id }) => id)).toEqual(found.items.map(({ id }) => id));
    expect(kept.hasNextPage).toBe(found.hasNextPage);
    const cards = new Map(found.items.map((one) => [one.id, textOf(one)]));
    const differing = kept.items.filter((one) => one.card !== null && cards.get(one.id) !== null && textOf(one) !== cards.get(one.id));
    expect(differing.map(textOf)).toEqual([]);
    const cursor = lastCursorOf(kept);
    expect(cursor).toBe(lastCursorOf(found));
    more = found.hasNextPage;
    after = cursor;
  }
  return wasFromMemory;
}

describe('a search from memory', () => {
  it('says what the one by SQL says, for every filter and order', async () => {
    for (const filter of filters) {
      for (const orderBy of orders) await compare({ experiments: [experiment], filter, orderBy, view: 'ALL' }, 250);
    }
  });

  it('says what the one by SQL says, whatever happens to runs', async () => {
    let fromMemory = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 5 }), async (all) => {
        for (const { change, runs, then, search } of all) {
          const ids = (await sql(`SELECT id FROM run WHERE experiment_id = $1 ORDER BY id`, experiment.id)).map(({ id }) => id);
          const chosen = runs.map((n) => ids[n % ids.length] ?? '');
          // What is refused changes nothing.
          for (const id of chosen) await CHANGES[change]?.({ id }).catch(() => undefined);
          if (then === 'cards') await make(chosen);
          if (then.startsWith('new runs')) {
            const added = await addRuns(experiment, 3);
            if (then.endsWith('cards')) await make(added);
          }
          const { first, ...rest } = search;
          if (await compare({ experiments: [experiment], ...rest }, first)) fromMemory += 1;
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
    expect(fromMemory).toBeGreaterThan(40);
  });

  it('says what the one by SQL says after much that happened at once', async () => {
    const ids = (await sql(`SELECT id FROM run WHERE experiment_id = $1 AND workspace_id <> id ORDER BY id`, experiment.id)).map(
      ({ id }) => id,
    );
    const change = async (n: number) => {
      const run = { id: ids[n] ?? '' };
      await world.tracking.runs.setTags(world.call, run, [{ key: 'team', value: 'a' }]).catch(() => undefined);
      await make([run.id]);
    };
    const some = async (from: number) => {
      for (let n = from; n < from + 25; n += 1) await change(n);
    };
    const grow = async () => {
      for (let n = 0; n < 5; n += 1) await make(await addRuns(experiment, 5));
    };
    const shrink = async () => {
      for (const id of ids.slice(120, 130)) await sql(`DELETE FROM run WHERE id = $1`, id);
    };
    let isOver = false;
    const search = async () => {
      while (!isOver) await searchOn(keeping, { experiments: [experiment], orderBy: ['metrics.loss DESC'] }, { first: 100, after: null });
    };
    const searching = [search(), search(), search()];
    await Promise.all([some(0), some(10), some(40), grow(), shrink()]);
    isOver = true;
    await Promise.all(searching);
    await keep(keeping, experiment);
    expect(await compare({ experiments: [experiment], orderBy: ['metrics.loss DESC'], view: 'ALL' }, 300)).toBe(true);
  });

  it('asks for the experiment and for what is new, and for nothing else', async () => {
    const other = await world.tracking.experiments.create(world.call, { name: 'at rest' });
    await make(await addRuns(other, 520));
    await keep(keeping, other);
    const { statements } = world.test;
    const before = statements.length;
    const found = await searchOn(keeping, { experiments: [other], filter: "status != 'KILLED'" }, { first: 20, after: null });
    const asked = statements.slice(before);
    expect([isFromMemory(found), asked.length, asked.filter((text) => text.includes('run_removal')).length]).toEqual([true, 2, 1]);
  });

  it.each([
    { filter: "params.p LIKE 'v%'" },
    { filter: `params.p = '${'x'.repeat(300)}'` },
    { filter: "datasets.name = 'd'" },
    { orderBy: ['params.p'] },
    { orderBy: ['metrics.loss', 'metrics.auc'] },
    { orderBy: ['start_time ASC'] },
  ])('is left to SQL where memory does not serve it: %o', async (search) => {
    expect(await compare({ experiments: [experiment], ...search }, 250)).toBe(false);
  });

  it('is left to SQL in a transaction, which sees what nobody else does', async () => {
    const [run] = await sql(`SELECT id FROM run WHERE experiment_id = $1 AND workspace_id <> id ORDER BY id LIMIT 1`, experiment.id);
    await world.test.database.transaction(async (tx) => {
      await tx.sql(`INSERT INTO run_tag (run_id, key, value) VALUES ($1, 'mine', 'yes')`, [run?.id]);
      const search = { experiments: [experiment], filter: "tags.mine = 'yes'", view: 'ALL' as const };
      const found = await keeping.cards.search({ ...world.call, tx }, search, { page: { first: 5, after: null }, layout: LAYOUT });
      expect(found.items.map(({ id }) => id)).toEqual([run?.id]);
    });
  });

  it('refuses what the one by SQL refuses, in its words', async () => {
    const refused = (tracking: Tracking, search: RunSearch, after: string | null) =>
      searchOn(tracking, search, { first: 5, after }).then(
        () => null,
        (error: unknown) => error,
      );
    const wrong: [RunSearch, string | null][] = [
      [{ experiments: [experiment], filter: 'metrics.loss LIKE 3' }, null],
      [{ experiments: [experiment], orderBy: ['nonsense'] }, null],
      [{ experiments: [experiment] }, 'no cursor'],
      [
        { experiments: [experiment] },
        lastCursorOf(await searchOn(keeping, { experiments: [experiment], view: 'ALL' }, { first: 5, after: null })),
      ],
    ];
    for (const [search, after] of wrong) {
      const [kept, found] = [await refused(keeping, search, after), await refused(world.tracking, search, after)];
      expect(kept).toBeInstanceOf(DomainError);
      expect(kept).toEqual(found);
    }
  });

  it('reads an experiment anew when most of its rows are passed over', async () => {
    const ids = (await sql(`SELECT id FROM run WHERE experiment_id = $1 AND workspace_id <> id ORDER BY id`, experiment.id)).map(
      ({ id }) => id,
    );
    const isReading = (text: string) => text.includes('ARRAY(SELECT id::text FROM run');
    const before = world.test.statements.filter(isReading).length;
    for (let round = 0; round < 3; round += 1) {
      await make(ids);
      await searchOn(keeping, { experiments: [experiment] }, { first: 5, after: null });
    }
    await vi.waitFor(async () => {
      await searchOn(keeping, { experiments: [experiment] }, { first: 5, after: null });
      if (world.test.statements.filter(isReading).length === before) throw new Error('it was not read yet');
    });
    expect(await compare({ experiments: [experiment], view: 'ALL' }, 250)).toBe(true);
  });

  it('is left to SQL once it is forgotten, until it was searched again and again', async () => {
    keeping.forget();
    expect(isFromMemory(await searchOn(keeping, { experiments: [experiment] }, { first: 5, after: null }))).toBe(false);
    await keep(keeping, experiment);
  });

  it('comes back where all cards were taken away, which are made again', async () => {
    const other = await world.tracking.experiments.create(world.call, { name: 'without cards' });
    await addRuns(other, 520);
    await sql('DELETE FROM run_change WHERE run_id IN (SELECT id FROM run WHERE experiment_id = $1)', other.id);
    await keep(keeping, other);
  });

  it('ends where all cards are taken away, whatever became of runs before', async () => {
    const [run] = await sql(`SELECT id FROM run WHERE experiment_id = $1 AND workspace_id <> id ORDER BY id LIMIT 1`, experiment.id);
    if (run === undefined) throw new Error('there is no run');
    await sql(`UPDATE run SET workspace_id = id WHERE id = $1`, run.id);
    await replaceCard(run.id, LAYOUT, '');
    await sql('TRUNCATE run_card');
    expect(await compare({ experiments: [experiment] }, 250)).toBe(false);
  });
});

describe('what there is no room for', () => {
  it.each([0, 100_000])('is left to SQL: %i bytes', async (bytes) => {
    const other = await world.tracking.experiments.create(world.call, { name: `of no room in ${bytes}` });
    await make(await addRuns(other, 520));
    const tracking = await openKeeping(bytes);
    const search = () => searchOn(tracking, { experiments: [other] }, { first: 5, after: null });
    for (let n = 0; n < 3; n += 1) await search();
    // One with room that begins later is done later.
    const roomy = await openKeeping(2 ** 26);
    await keep(roomy, other);
    expect(isFromMemory(await search())).toBe(false);
    await roomy.cards.stop();
    await tracking.cards.stop();
  });
});
