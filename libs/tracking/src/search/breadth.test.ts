// Goal: what is counted tells a narrow search from a broad one, and nothing is counted twice that is known. Method: rows that PostgreSQL makes
// up, so that there are as many as a test says, and the statements that reach it.

import { testDatabase } from '@throughline/database/testing';
import type { TestDatabase } from '@throughline/database/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createBreadths } from './breadth.ts';
import type { Breadths, Countable } from './breadth.ts';

let test: TestDatabase;
let breadths: Breadths;
const now = { ms: 0 };

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(() => {
  breadths = createBreadths({ now: () => new Date(now.ms) });
});

/** So many rows. Many are 1,000, in a database with as few runs as this. */
const rows = (name: string, count: number, bound = 0): Countable => ({
  name,
  bound,
  rows: (values) => `generate_series(1, ${values.add(count, 'int4')})`,
});

const ask = (filters: readonly Countable[], experiments: Countable | null = null, isTelling = true) =>
  breadths.of(test.database, { experiments, filters, isTelling });

/** Statements that a search takes to be told. */
async function statementsOf(filters: readonly Countable[]): Promise<number> {
  test.statements.length = 0;
  await ask(filters);
  return test.statements.length;
}

describe('a search is', () => {
  it('broad where each filter finds many', async () => {
    expect(await ask([rows('a', 2_000), rows('b', 5_000)], rows('e', 3_000))).toEqual({ isNarrow: false, isBroad: true });
  });

  it('narrow where one filter finds few', async () => {
    expect(await ask([rows('a', 2_000), rows('b', 999)])).toEqual({ isNarrow: true, isBroad: false });
  });

  it('narrow where its experiments hold few', async () => {
    expect(await ask([rows('a', 2_000)], rows('e', 10))).toEqual({ isNarrow: true, isBroad: false });
  });

  it('neither where filters are left out of the count', async () => {
    expect(await ask([rows('a', 2_000)], null, false)).toEqual({ isNarrow: false, isBroad: false });
  });

  it('told the same the second time', async () => {
    const first = await ask([rows('a', 2_000), rows('b', 5)]);
    expect(await ask([rows('a', 2_000), rows('b', 5)])).toEqual(first);
  });
});

describe('what was counted as many', () => {
  beforeEach(async () => {
    await ask([rows('a', 2_000, 0.5)]);
  });

  it('is not counted again', async () => {
    expect(await statementsOf([rows('a', 2_000, 0.5)])).toBe(0);
  });

  it('is not counted under a lower bound, which finds more', async () => {
    expect(await statementsOf([rows('a', 2_500, 0.4)])).toBe(0);
  });

  it('is counted under a higher bound', async () => {
    expect(await statementsOf([rows('a', 1_500, 0.6)])).toBe(1);
  });

  it('is counted again after ten minutes', async () => {
    now.ms += 10 * 60_000 + 1;
    expect(await statementsOf([rows('a', 2_000, 0.5)])).toBe(1);
  });
});

it('what was counted as few is counted again', async () => {
  await ask([rows('a', 5)]);
  expect(await statementsOf([rows('a', 5)])).toBe(1);
});
