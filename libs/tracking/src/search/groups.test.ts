// Goal: groups say of a search's runs what going through them one by one would say.
// Method: generated runs with few params, tags and values, NaN and nothing among them, against a model in a few lines.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import type { Experiment, RunGroup } from '../types.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.end());

interface Made {
  lr: string | undefined;
  team: string | undefined;
  loss: number | undefined;
}

const MADE = fc.array(
  fc.record({
    lr: fc.constantFrom(undefined, '0.1', '0.2', ''),
    team: fc.constantFrom(undefined, 'a'),
    loss: fc.constantFrom(undefined, Number.NaN, -1, 0, 0.5, 2, 1e300),
  }),
  { minLength: 1, maxLength: 12 },
);

let made = 0;

async function start(runs: readonly Made[]): Promise<Experiment> {
  const { tracking, call } = world;
  made += 1;
  const experiment = await tracking.experiments.create(call, { name: `groups ${made}` });
  for (const { lr, team, loss } of runs) {
    const run = await tracking.runs.create(call, { experiment });
    await tracking.runs.logBatch(call, run, {
      metrics: loss === undefined ? [] : [{ key: 'loss', value: loss, step: 0, timestampMs: 0 }],
      params: lr === undefined ? [] : [{ key: 'lr', value: lr }],
      tags: team === undefined ? [] : [{ key: 'team', value: team }],
    });
  }
  return experiment;
}

const groupsOf = (experiment: Experiment, by: readonly string[], more: { metrics?: string[]; filter?: string; first?: number } = {}) =>
  world.tracking.runs.groups(world.call, { experiments: [experiment], by, metrics: [], first: 100, ...more });

/** What the aggregates of a metric should be, the runs' ids left out. */
function modelOf(runs: readonly Made[]) {
  const values = runs.flatMap(({ loss }) => (loss === undefined || Number.isNaN(loss) ? [] : [loss]));
  if (values.length === 0) return [];
  const small = values.filter((value) => value < 1e76);
  const mean = small.length === 0 ? null : small.reduce((sum, value) => sum + value, 0) / small.length;
  const squares = mean === null ? 0 : small.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = small.length < 2 ? null : Math.sqrt(squares / (small.length - 1));
  return [{ key: 'loss', count: values.length, min: Math.min(...values), max: Math.max(...values), mean, deviation }];
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(9)));

describe('groups of runs', () => {
  it('say what going through the runs one by one would say', async () => {
    await fc.assert(
      fc.asyncProperty(MADE, async (runs) => {
        const experiment = await start(runs);
        const { groups, hasMore } = await groupsOf(experiment, ['params.lr', 'tags.team'], { metrics: ['loss'] });
        const expected = [...Map.groupBy(runs, ({ lr, team }) => JSON.stringify([lr ?? null, team ?? null]))].map(([values, members]) => ({
          values: JSON.parse(values) as unknown,
          runCount: members.length,
          metrics: modelOf(members).map(({ mean, deviation, ...rest }) => ({
            ...rest,
            mean: rounded(mean),
            deviation: rounded(deviation),
          })),
        }));
        const found = groups.map(({ values, runCount, metrics }: RunGroup) => ({
          values,
          runCount,
          metrics: metrics.map(({ key, count, min, max, mean, deviation }) => ({
            key,
            count,
            min,
            max,
            mean: rounded(mean),
            deviation: rounded(deviation),
          })),
        }));
        const byValues = (a: { values: unknown }, b: { values: unknown }) => (JSON.stringify(a.values) < JSON.stringify(b.values) ? -1 : 1);
        expect(found.sort(byValues)).toEqual(expected.sort(byValues));
        expect(hasMore).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('name the runs with the least and the greatest value', async () => {
    const experiment = await start([
      { lr: '1', team: undefined, loss: 2 },
      { lr: '1', team: undefined, loss: -1 },
      { lr: '1', team: undefined, loss: Number.NaN },
    ]);
    const { items } = await world.tracking.runs.search(
      world.call,
      { experiments: [experiment], orderBy: ['metrics.loss'] },
      { first: 10, after: null },
    );
    const { groups } = await groupsOf(experiment, ['params.lr'], { metrics: ['loss'] });
    expect(groups[0]?.metrics[0]).toMatchObject({ minRunId: items[0]?.id, maxRunId: items[1]?.id });
  });

  it('are of the runs that the filter finds, the largest first, and tell that there are more', async () => {
    const experiment = await start(['x', 'y', 'y', 'z', 'z', 'z'].map((lr) => ({ lr, team: undefined, loss: 1 })));
    const all = await groupsOf(experiment, ['params.lr'], { first: 2 });
    expect([all.groups.map(({ values }) => values), all.hasMore]).toEqual([[['z'], ['y']], true]);
    const some = await groupsOf(experiment, ['attributes.status', 'params.lr'], { filter: "params.lr != 'z'" });
    expect(some.groups.map(({ values, runCount }) => [values, runCount])).toEqual([
      [['RUNNING', 'y'], 2],
      [['RUNNING', 'x'], 1],
    ]);
  });

  it.each([
    [[], {}],
    [['params.a', 'params.b', 'params.c', 'params.d'], {}],
    [['metrics.loss'], {}],
    [['datasets.name'], {}],
    [['params.a'], { first: 0 }],
    [['params.a'], { first: 1_001 }],
  ] as const)('by %j with %j are refused', async (by, more) => {
    const experiment = await start([{ lr: '1', team: undefined, loss: 1 }]);
    expect(await codeOf(groupsOf(experiment, by, more))).toBe('INVALID_GROUPING');
  });
});
