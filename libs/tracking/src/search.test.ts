// Goal: searches mean what MLflow's mean, pages of any size make the whole, and no filter makes anything but rows or a DomainError.
// Method: a small set of runs with every kind of gap (no metric, NaN, no param), every operator once by hand, and generated
// filters, orders and page sizes against the same search in one page.

import { DomainError, printFilter, printOrderBy } from '@throughline/kernel';
import type { FilterClause, FilterComparator } from '@throughline/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { codeOf, makeWorld } from './test-world.ts';
import type { World } from './test-world.ts';
import type { Experiment, Run } from './types.ts';

let world: World;
let experiment: Experiment;
let other: Experiment;

const METRICS: Record<string, number | undefined> = { a: 0.5, b: Number.NaN, c: -3, d: undefined, e: 0.5, f: Number.POSITIVE_INFINITY };

beforeAll(async () => {
  world = await makeWorld();
  const { tracking, call } = world;
  experiment = await tracking.experiments.create(call, { name: 'penguins' });
  other = await tracking.experiments.create(call, { name: 'other' });
  for (const [index, [name, accuracy]] of Object.entries(METRICS).entries()) {
    const run = await tracking.runs.create(call, {
      experiment,
      name,
      runId: `run-${name}`,
      startTimeMs: 1000 + index,
      userId: `u${index % 2}`,
    });
    await tracking.runs.logBatch(call, run, {
      metrics: accuracy === undefined ? [] : [{ key: 'acc', value: accuracy, step: 0, timestampMs: 0 }],
      params: index % 2 === 0 ? [{ key: 'model', value: `Forest_${index}` }] : [],
      tags: [{ key: 'weird key:1/x', value: "it's 100%" }],
    });
    if (name === 'a' || name === 'b') {
      await tracking.inputs.log(call, run, [
        {
          name: 'penguins',
          digest: 'd1',
          sourceType: 'local',
          source: 's',
          tags: [{ key: 'mlflow.data.context', value: name === 'a' ? 'train' : 'test' }],
        },
      ]);
    }
    if (name === 'e') await tracking.runs.update(call, run, { status: 'FINISHED', endTimeMs: 5000 });
  }
  await tracking.runs.create(call, { experiment: other, name: 'elsewhere', runId: 'elsewhere', startTimeMs: 1 });
});
afterAll(() => world.end());

const search = async (filter: string | null, orderBy: readonly string[] = ['run_id'], first = 100): Promise<string> => {
  const page = await world.tracking.runs.search(world.call, { experiments: [experiment], filter, orderBy }, { first, after: null });
  return page.items.map((run) => run.name).join('');
};

describe('filters of runs', () => {
  it.each([
    ['metrics.acc > 0.4', 'aef'],
    ['metrics.acc >= 0.5', 'aef'],
    ['metrics.acc < 1', 'ace'],
    ['metrics.acc <= -3', 'c'],
    ['metric.acc = 0.5', 'ae'],
    ['metrics.`acc` != 0.5', 'bcf'],
    ["params.model = 'Forest_0'", 'a'],
    ["params.model != 'Forest_0'", 'ce'],
    ["params.model LIKE 'Forest%'", 'ace'],
    ["params.model LIKE 'forest%'", ''],
    ["params.model ilike 'forest%'", 'ace'],
    ["parameters.model LIKE '%\\'", ''],
    ['params.model IS NULL', 'bdf'],
    ['params.model IS NOT NULL', 'ace'],
    ['tags."weird key:1/x" = "it\'s 100%"', 'abcdef'],
    ["tags.`weird key:1/x` = 'it''s 100%' AND metrics.acc > 0.4 and params.model = 'Forest_4'", 'e'],
    ["run_id = 'run-a'", 'a'],
    ["attributes.run_id IN ('run-a', 'run-f', 'nobody')", 'af'],
    ["run.run_id NOT IN ('run-a')", 'bcdef'],
    ["attributes.`Run name` = 'c'", 'c'],
    ["run_name LIKE '%'", 'abcdef'],
    ["status = 'FINISHED'", 'e'],
    ["attr.status != 'FINISHED'", 'abcdf'],
    ["user_id = 'u1'", 'bdf'],
    ['start_time > 1003', 'ef'],
    ['created <= 1000.5', 'a'],
    ['end_time = 5000', 'e'],
    ["artifact_uri LIKE '%run-a/artifacts'", 'a'],
    ["datasets.name = 'penguins'", 'ab'],
    ["dataset.digest IN ('d1')", 'ab'],
    ["datasets.context = 'train'", 'a'],
    ["dataset.context NOT IN ('train')", 'b'],
    ['', 'abcdef'],
  ])('%s', async (filter, expected) => {
    expect(await search(filter)).toBe(expected);
  });

  it.each([
    "metrics.acc = 'x'",
    'metrics.acc LIKE 1',
    'params.model = 1',
    'params.model > 1',
    "nonsense.key = 'x'",
    "nonsense = 'x'",
    "user_id IN ('a')",
    'start_time IS NULL',
    "datasets.source = 'x'",
    "start_time > 'x'",
  ])('refuses %s', async (filter) => {
    expect(await codeOf(search(filter))).toBe('INVALID_FILTER');
  });

  it('finds only runs of the named experiments, in use', async () => {
    const find = async (experiments: Parameters<typeof world.tracking.runs.search>[1]['experiments']) => {
      const page = await world.tracking.runs.search(world.call, { experiments }, { first: 100, after: null });
      return page.items.length;
    };
    expect(
      await Promise.all([
        find([]),
        find([other]),
        find([experiment, { experimentId: other.experimentId }]),
        find(null),
        find([{ experimentId: '999' }]),
      ]),
    ).toEqual([0, 1, 7, 7, 0]);
  });
});

describe('orders of runs', () => {
  it.each([
    [['metrics.acc DESC'], 'feacbd'],
    [['metrics.acc ASC'], 'ceafbd'],
    [['metrics.acc', 'start_time ASC'], 'caefbd'],
    [['params.model DESC'], 'ecafdb'],
    [['params.model'], 'acefdb'],
    [['attributes.end_time'], 'efdcba'],
    [['end_time DESC'], 'efdcba'],
    [['start_time ASC'], 'abcdef'],
    [[], 'fedcba'],
    [['`Run name` desc'], 'fedcba'],
    [['status', 'user_id DESC', 'run_id'], 'ebdfac'],
  ])('%j', async (orderBy, expected) => {
    expect(await search(null, orderBy)).toBe(expected);
  });

  it('refuses the same field twice, and what is no field', async () => {
    expect(await codeOf(search(null, ['metrics.acc', 'metric.`acc` DESC']))).toBe('INVALID_ORDER');
    expect(await codeOf(search(null, ['datasets.name']))).toBe('INVALID_ORDER');
  });
});

async function pages(orderBy: readonly string[], filter: string, size: number): Promise<string[]> {
  const names: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await world.tracking.runs.search(world.call, { experiments: null, orderBy, filter, view: 'ALL' }, { first: size, after });
    names.push(...page.items.map((run: Run) => run.name));
    const last = page.items.at(-1);
    if (!page.hasNextPage || last === undefined) return names;
    after = page.cursorOf(last);
  }
}

const ORDERABLE = ['metrics.acc', 'params.model', 'tags.none', 'start_time', 'end_time', 'run_name', 'status', 'user_id'];

describe('pages', () => {
  it('make the whole, whatever their size and order', async () => {
    const order = fc.uniqueArray(fc.record({ key: fc.constantFrom(...ORDERABLE), direction: fc.constantFrom('', ' ASC', ' DESC') }), {
      maxLength: 3,
      selector: ({ key }) => key,
    });
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 1, max: 4 }), async (orders, size) => {
        const orderBy = orders.map(({ key, direction }) => key + direction);
        expect(await pages(orderBy, '', size)).toEqual(await pages(orderBy, '', 100));
      }),
      { numRuns: 40 },
    );
  });

  it('refuse the cursor of another search, and what is no cursor', async () => {
    const { runs } = world.tracking;
    const page = await runs.search(world.call, { experiments: [experiment] }, { first: 1, after: null });
    const [first] = page.items;
    const after = first === undefined ? '' : page.cursorOf(first);
    const next = (search: object, cursor: string) =>
      codeOf(runs.search(world.call, { experiments: [experiment], ...search }, { first: 1, after: cursor }));
    expect(await next({}, after)).toBe('');
    expect(await next({ filter: 'metrics.acc > 1' }, after)).toBe('INVALID_CURSOR');
    expect(await next({ view: 'ALL' }, after)).toBe('INVALID_CURSOR');
    expect(await next({}, 'nonsense')).toBe('INVALID_CURSOR');
    const parts = JSON.parse(Buffer.from(after, 'base64url').toString()) as unknown[];
    const forged = Buffer.from(JSON.stringify([parts[0], 'x', 'y'])).toString('base64url');
    expect(await next({}, forged)).toBe('INVALID_CURSOR');
  });
});

const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => ({ kind: 'text' as const, value: text })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => ({ kind: 'number' as const, value: number })),
  fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 3 }).map((values) => ({ kind: 'list' as const, values })),
);
const clause: fc.Arbitrary<FilterClause> = fc
  .record({
    entity: fc.constantFrom(null, 'metrics', 'params', 'tags', 'datasets', 'attributes', 'params'),
    key: fc.oneof(fc.constantFrom('acc', 'model', 'run_id', 'status', 'start_time', 'name', 'end_time'), fc.string({ maxLength: 5 })),
    comparator: fc.constantFrom<FilterComparator>(
      '=',
      '!=',
      '>',
      '>=',
      '<',
      '<=',
      'LIKE',
      'ILIKE',
      'IN',
      'NOT IN',
      'IS NULL',
      'IS NOT NULL',
    ),
    value,
  })
  .map((made): FilterClause => {
    if (made.comparator.startsWith('IS')) return { ...made, value: { kind: 'none' } };
    const isList = made.comparator.endsWith('IN');
    if (isList !== (made.value.kind === 'list'))
      return { ...made, value: isList ? { kind: 'list', values: ['a'] } : { kind: 'text', value: '%a\\' } };
    return made;
  });

describe('generated searches', () => {
  it('answer runs or a DomainError', async () => {
    const orders = fc.array(
      fc.record({ entity: fc.constantFrom(null, 'metrics', 'tags'), key: fc.string({ maxLength: 5 }), ascending: fc.boolean() }),
      { maxLength: 2 },
    );
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(clause, { minLength: 1, maxLength: 3 }), orders, async (clauses, orderBy) => {
        try {
          await world.tracking.runs.search(
            world.call,
            { experiments: null, filter: printFilter(clauses), orderBy: orderBy.map(printOrderBy) },
            { first: 5, after: null },
          );
          answered += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
      { numRuns: 400 },
    );
    expect(answered).toBeGreaterThan(10);
  });
});

describe('searches of experiments', () => {
  const find = async (input: object): Promise<string[]> =>
    (await world.tracking.experiments.search(world.call, input, { first: 100, after: null })).items.map(({ name }) => name);

  it('filter by name, time and tag, the Default among them', async () => {
    await world.tracking.experiments.setTags(world.call, other, [{ key: 'team', value: 'ice' }]);
    expect(await find({ filter: "name LIKE '%e%'", orderBy: ['name'] })).toEqual(['Default', 'other', 'penguins']);
    expect(await find({ filter: "tags.team = 'ice'" })).toEqual(['other']);
    expect(await find({ filter: 'tag.team IS NULL', orderBy: ['name DESC'] })).toEqual(['penguins', 'Default']);
    expect(await find({ filter: `creation_time > ${world.now.ms}` })).toEqual([]);
    expect(await find({ orderBy: ['experiment_id ASC'] })).toEqual(['Default', 'penguins', 'other']);
  });

  it('filter by id, alone and in lists', async () => {
    expect(await find({ filter: "experiment_id = '0'" })).toEqual(['Default']);
    expect(await find({ filter: `experiment_id IN ('0', '${other.experimentId}')`, orderBy: ['name'] })).toEqual(['Default', 'other']);
    expect(await find({ filter: "experiment_id NOT IN ('0') AND name LIKE 'p%'" })).toEqual(['penguins']);
  });

  it('page by an order that ties', async () => {
    const { experiments } = world.tracking;
    const first = await experiments.search(world.call, { orderBy: ['last_update_time DESC'] }, { first: 2, after: null });
    const last = first.items.at(-1);
    const second = await experiments.search(
      world.call,
      { orderBy: ['last_update_time DESC'] },
      { first: 2, after: last === undefined ? '' : first.cursorOf(last) },
    );
    expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(['Default', 'other', 'penguins']);
  });
});

it.each(['params', 'tags'])(
  'values of %s stand in one order whatever their length, in pages as at once, and what is missing comes last',
  async (kind) => {
    const { tracking, call } = world;
    const own = await tracking.experiments.create(call, { name: `lengths of ${kind}` });
    const values = { a: 'm', b: `l${'x'.repeat(200)}`, c: `n${'é'.repeat(100)}`, d: undefined, e: 'k', f: `m${'x'.repeat(128)}` };
    for (const [name, value] of Object.entries(values)) {
      const run = await tracking.runs.create(call, { experiment: own, name, startTimeMs: 1 });
      const pairs = value === undefined ? [] : [{ key: 'text', value }];
      await tracking.runs.logBatch(call, run, { [kind]: pairs });
    }
    const inPages = async (order: string, first: number): Promise<string> => {
      let found = '';
      for (let after: string | null = null, isMore = true; isMore;) {
        const page = await tracking.runs.search(call, { experiments: [own], filter: null, orderBy: [order] }, { first, after });
        found += page.items.map((run) => run.name).join('');
        const last = page.items.at(-1);
        isMore = page.hasNextPage && last !== undefined;
        after = last === undefined ? null : page.cursorOf(last);
      }
      return found;
    };
    for (const first of [100, 2]) {
      expect(await inPages(`${kind}.text ASC`, first)).toBe('ebafcd');
      expect(await inPages(`${kind}.text DESC`, first)).toBe('cfabed');
    }
  },
);
