// Goal: whichever way a search of many runs takes, its pages make the whole, each run once and in order. Method: enough runs that a search
// counts as wide, with ties, NaN and gaps in their metrics, against filters and orders of a naive model.

import { newId } from '@throughline/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import type { Experiment } from '../types.ts';

const RUNS = 1_500;

interface Model {
  name: string;
  startTimeMs: number;
  /** NaN is one; undefined is a metric that was never logged. */
  loss: number | undefined;
  auc: number | undefined;
  param: string;
}

let world: World;
let experiment: Experiment;
const models: Model[] = Array.from({ length: RUNS }, (_, i) => ({
  name: `run-${String(i).padStart(4, '0')}`,
  startTimeMs: 1_000 + (i % 10),
  loss: i % 40 === 0 ? undefined : i % 25 === 0 ? Number.NaN : ((i * 37) % 60) / 4 - 5,
  auc: i % 3 === 0 ? undefined : (i * 7) % 2,
  param: i % 10 === 0 ? 'rare' : i % 4 === 1 ? `long-${'x'.repeat(200)}` : 'common',
}));

beforeAll(async () => {
  world = await makeWorld();
  const { tracking, call, test } = world;
  experiment = await tracking.experiments.create(call, { name: 'many' });
  const ids = models.map(() => newId());
  await test.database.sql(
    `INSERT INTO run (id, workspace_id, run_id, experiment_id, name, start_time_ms, artifact_uri, file_set_id)
     SELECT u.id, $1, replace(u.id::text, '-', ''), $2, u.name, u.start, 'mlflow-artifacts:/x', u.id FROM unnest($3::uuid[], $4::text[], $5::int8[]) AS u(id, name, start)`,
    [call.caller.workspaceId, experiment.id, ids, models.map(({ name }) => name), models.map(({ startTimeMs }) => startTimeMs)],
  );
  await test.database.sql(
    `INSERT INTO run_param (run_id, key, value) SELECT u.id, 'p', u.value FROM unnest($1::uuid[], $2::text[]) AS u(id, value)`,
    [ids, models.map(({ param }) => param)],
  );
  const point = (key: string, value: number | undefined) => (value === undefined ? [] : [{ key, value, step: 0, timestampMs: 0 }]);
  // A few lanes: one after the other would take the time of each trip to the database.
  await Promise.all(
    [0, 1, 2, 3].map(async (lane) => {
      for (const [i, { loss, auc }] of models.entries()) {
        const metrics = [...point('loss', loss), ...point('auc', auc)];
        const id = ids[i];
        if (i % 4 === lane && id !== undefined && metrics.length > 0) await tracking.runs.logBatch(call, { id }, { metrics });
      }
    }),
  );
  await test.database.sql('ANALYZE run');
});
afterAll(() => world.end());

/** Numbers first in their direction, then NaN, then what is missing. */
function byMetric(a: number | undefined, b: number | undefined, direction: 1 | -1): number {
  const rank = (value: number | undefined) => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
  return rank(a) - rank(b) || (rank(a) === 0 ? ((a ?? 0) - (b ?? 0)) * direction : 0);
}

const FILTERS: Record<string, (model: Model) => boolean> = {
  '': () => true,
  'metrics.auc > 0.5': ({ auc }) => auc !== undefined && auc > 0.5,
  "params.p = 'common'": ({ param }) => param === 'common',
  "params.p = 'rare' AND metrics.auc >= 0": ({ param, auc }) => param === 'rare' && auc !== undefined,
  [`params.p = 'long-${'x'.repeat(200)}'`]: ({ param }) => param.startsWith('long'),
  "params.p LIKE '%o%' AND run_name LIKE 'run-0%'": ({ param, name }) => param.includes('o') && name.startsWith('run-0'),
  "tags.none IS NULL AND params.p != 'common'": ({ param }) => param !== 'common',
  'metrics.loss < 3': ({ loss }) => loss !== undefined && loss < 3,
  "run_name ILIKE 'RUN-00%'": ({ name }) => name.startsWith('run-00'),
};

const found = fc.record({
  filter: fc.constantFrom(...Object.keys(FILTERS)),
  direction: fc.constantFrom(1 as const, -1 as const),
  second: fc.constantFrom(null, 'metrics.auc', 'start_time ASC'),
  size: fc.constantFrom(200, 250, 400, 900),
});

describe('a search of many runs that is ordered by a metric', () => {
  it('gives each run that matches once, in order, over all of its pages', async () => {
    await fc.assert(
      fc.asyncProperty(found, async ({ filter, direction, second, size }) => {
        const expected = models
          .filter((model) => FILTERS[filter]?.(model) === true)
          .sort(
            (a, b) =>
              byMetric(a.loss, b.loss, direction) ||
              (second === 'metrics.auc' ? byMetric(a.auc, b.auc, 1) : second === null ? 0 : a.startTimeMs - b.startTimeMs),
          );
        const orderBy = [`metrics.loss ${direction === 1 ? 'ASC' : 'DESC'}`, ...(second === null ? [] : [second])];
        const names: string[] = [];
        for (let after: string | null = null, more = true; more;) {
          const page = await world.tracking.runs.search(world.call, { experiments: [experiment], filter, orderBy }, { first: size, after });
          names.push(...page.items.map(({ name }) => name));
          const last = page.items.at(-1);
          more = page.hasNextPage && last !== undefined;
          after = last === undefined ? null : page.cursorOf(last);
        }
        const model = new Map(models.map((one) => [one.name, one]));
        expect([...names].sort()).toEqual(expected.map(({ name }) => name).sort());
        const keys = (one: Model | undefined) => [
          one?.loss,
          ...(second === 'metrics.auc' ? [one?.auc] : second === null ? [] : [one?.startTimeMs]),
        ];
        expect(names.map((name) => keys(model.get(name)))).toEqual(expected.map(keys));
      }),
      { numRuns: 40 },
    );
  });

  it('goes along the index of the metric, and asks for the rest only where numbers do not fill the page', async () => {
    const { statements } = world.test;
    const walked = async (first: number) => {
      statements.length = 0;
      await world.tracking.runs.search(world.call, { experiments: [experiment], orderBy: ['metrics.loss'] }, { first, after: null });
      return statements.filter((text) => text.includes('o0.value')).map((text) => text.includes('LEFT JOIN metric_summary o0'));
    };
    expect(await walked(100)).toEqual([false]);
    expect(await walked(RUNS)).toEqual([false, true]);
  });

  it('finds few runs by the filter that finds them', async () => {
    const { statements } = world.test;
    statements.length = 0;
    const search = { experiments: [experiment], filter: "params.p = 'rare'", orderBy: ['metrics.loss'] };
    await world.tracking.runs.search(world.call, search, { first: 10, after: null });
    expect(statements.filter((text) => text.includes('LEFT JOIN metric_summary o0'))).toHaveLength(1);
  });
});
