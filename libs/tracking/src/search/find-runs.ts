// Runs a search of runs. One that is ordered by a metric has two ways, and which is right depends on how many runs it finds:
//
//   few    find them all by the narrowest filter, look up the metric of each, sort
//   many   go along the index over the metric's values and stop when the page is full; what is NaN or missing comes last in both
//          directions, stands apart in the index or not in it at all, and is asked for only when the numbers do not fill the page
//
// PostgreSQL does not choose well between them by itself: see breadth.ts.

import { on } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import type { Page, PageRequest } from '@throughline/kernel';

import { settleExperiments } from '../engine/settle.ts';
import type { Parts } from '../parts.ts';
import { countPlan, keysOf, pageFrom, rowsOf, runPlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { plansOfRuns } from './runs.ts';
import type { RunQuery, RunSearchPlans } from './runs.ts';

/** Compiles a search, and sees to it that the metrics it reads are up to date. */
async function prepare(
  { database }: Parts,
  call: Call,
  query: RunQuery & { experimentIds: readonly string[] | null },
): Promise<RunSearchPlans> {
  const plans = plansOfRuns(query);
  if (plans.readsMetrics) await settleExperiments(database, call, query.experimentIds);
  return plans;
}

/** One page of a search, with these columns of `run r`. Throws `invalid` (INVALID_FILTER, INVALID_ORDER, INVALID_CURSOR). */
export async function findRuns<Row extends object>(
  parts: Parts,
  call: Call,
  query: RunQuery & { experimentIds: readonly string[] | null },
  { columns, page }: { columns: string; page: PageRequest },
): Promise<Page<Row>> {
  const find = () => findPage<Row>(parts, call, query, { columns, page });
  // Who is in a transaction has a connection already, and others may wait for what it holds.
  return call.tx === undefined ? parts.turns.take(find) : find();
}

async function findPage<Row extends object>(
  parts: Parts,
  call: Call,
  query: RunQuery & { experimentIds: readonly string[] | null },
  { columns, page }: { columns: string; page: PageRequest },
): Promise<Page<Row>> {
  const plans = await prepare(parts, call, query);
  const db = on(parts.database, call);
  const { parts: inParts } = plans;
  const breadth = inParts === null ? null : await parts.breadths.of(db, inParts.counted());
  if (inParts === null || breadth === null || breadth.isNarrow) return runPlan<Row>(db, plans.whole(), columns, page);
  const looksUp = breadth.isBroad && page.first <= LOOKED_UP;
  return pageInParts<Row>(db, { whole: plans.whole(), parts: inParts, looksUp }, { columns, page });
}

/** How many runs a search finds in all pages. */
export async function countRuns(parts: Parts, call: Call, query: RunQuery & { experimentIds: readonly string[] | null }): Promise<number> {
  const plans = await prepare(parts, call, query);
  return countPlan(on(parts.database, call), plans.whole());
}

type RunParts = NonNullable<RunSearchPlans['parts']>;

/** A page of a few hundred is full before all that a filter finds were hashed. */
const LOOKED_UP = 250;

async function pageInParts<Row extends object>(
  db: Queryable,
  plans: { whole: Plan; parts: RunParts; looksUp: boolean },
  { columns, page }: { columns: string; page: PageRequest },
): Promise<Page<Row>> {
  const { first, after } = page;
  const { whole, parts, looksUp } = plans;
  // The first key of the order is 0 where the metric is a number.
  const isBehindNumbers = after !== null && keysOf(whole, after)[0] !== 0;
  const numbers = isBehindNumbers ? [] : await rowsOf(db, parts.numbers(looksUp), columns, page);
  if (numbers.length > first) return pageFrom<Row>(whole, numbers, first);
  const others = await rowsOf(db, parts.others(), columns, { first: first - numbers.length, after: isBehindNumbers ? after : null });
  return pageFrom<Row>(whole, [...numbers, ...others], first);
}
