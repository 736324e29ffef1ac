// Runs by what they have in common: counts, and aggregates of metrics, of every group of a search's runs. PostgreSQL finds the runs once, by the same
// plan as a search, and only groups leave it: an answer is as large as the groups are many, however many runs there are.
//
// Values that are not there make a group of their own, and NaN is left out of every aggregate. So large a value that its square
// leaves the doubles is left out of mean and deviation, and not of the least and the greatest.

import { on } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import { invalid, parseOrderBy } from '@throughline/kernel';

import { settleExperiments } from '../engine/settle.ts';
import { checkCountOf, checkKey } from '../limits.ts';
import type { Parts } from '../parts.ts';
import type { RunGroup, RunGroups } from '../types.ts';
import type { Plan } from './plan.ts';
import { groupTerm, plansOfRuns } from './runs.ts';
import type { RunQuery } from './runs.ts';

/** What runs may be grouped by at once. */
export const MAX_GROUP_KEYS = 3;
/** Metrics that are aggregated at once. */
const MAX_GROUP_METRICS = 20;
/** Groups of one answer; that there are more is told. */
export const MAX_GROUPS = 1_000;
/** The fourth root of the greatest double, about: sums of squares of such values stay finite. */
const SUMMABLE = '1e76';

export interface GroupQuery extends Omit<RunQuery, 'orderBy'> {
  experimentIds: readonly string[] | null;
  /** `params.<key>`, `tags.<key>`, or an attribute of the grammar, 1 to 3. */
  by: readonly string[];
  /** Metrics to aggregate, at most 20. */
  metrics: readonly string[];
  /** Groups at most, the largest first; 1 to 1,000. */
  first: number;
}

interface GroupRow {
  /** Its place among the groups. */
  place: number;
  values: (string | null)[];
  runs: number;
}

interface AggregateRow {
  place: number;
  key: string;
  count: number;
  min: number;
  max: number;
  mean: number | null;
  deviation: number | null;
  minRun: string;
  maxRun: string;
}

/** Groups the runs of a search. Throws `invalid` (INVALID_GROUPING, INVALID_FILTER). */
export async function groupRuns({ database }: Parts, call: Call, query: GroupQuery): Promise<RunGroups> {
  const { by, metrics, first } = query;
  if (by.length < 1 || by.length > MAX_GROUP_KEYS) {
    throw invalid('INVALID_GROUPING', `Runs are grouped by 1 to ${MAX_GROUP_KEYS} keys; there are ${by.length}.`);
  }
  if (!Number.isInteger(first) || first < 1 || first > MAX_GROUPS) {
    throw invalid('INVALID_GROUPING', `'first' must be a whole number from 1 to ${MAX_GROUPS}; it was ${first}.`);
  }
  checkCountOf('metrics', metrics.length, MAX_GROUP_METRICS);
  for (const [index, key] of metrics.entries()) checkKey(key, `metrics[${index}]`);
  const plans = plansOfRuns({ ...query, orderBy: [] });
  if (plans.readsMetrics || metrics.length > 0) await settleExperiments(database, call, query.experimentIds);
  const orders = by.map(parseOrderBy);
  // A statement has values of its own: PostgreSQL refuses one that it does not use.
  const grouping = (): Grouping => {
    const plan = plans.whole();
    return { plan, terms: orders.map((order, index) => groupTerm(plan, order, index)) };
  };
  const db = on(database, call);
  const rows = await selectGroups(db, grouping(), first + 1);
  const groups = rows.slice(0, first);
  const aggregates = metrics.length === 0 || groups.length === 0 ? [] : await selectAggregates(db, grouping(), { metrics, groups });
  const byPlace = Map.groupBy(aggregates, ({ place }) => place);
  return {
    keys: [...by],
    hasMore: rows.length > first,
    groups: groups.map(({ place, values, runs }): RunGroup => {
      const found = new Map((byPlace.get(place) ?? []).map((row) => [row.key, row]));
      return {
        values,
        runCount: runs,
        metrics: metrics.flatMap((key) => {
          const row = found.get(key);
          return row === undefined ? [] : [{ ...row, minRunId: row.minRun, maxRunId: row.maxRun }];
        }),
      };
    }),
  };
}

/** The runs of a search, and what they are grouped by. */
interface Grouping {
  plan: Plan;
  terms: string[];
}

function found({ plan, terms }: Grouping): string {
  return `SELECT r.id, ARRAY[${terms.join(', ')}]::text[] AS "values" FROM ${plan.from.join(' ')} WHERE ${plan.where.join(' AND ')}`;
}

/** The largest groups first; equal ones by their values. */
function selectGroups(db: Queryable, grouping: Grouping, limit: number): Promise<GroupRow[]> {
  const { plan } = grouping;
  const count = plan.values.add(limit, 'int8');
  return db.sql<GroupRow>(
    `SELECT row_number() OVER (ORDER BY g.runs DESC, g."values") AS place, g."values", g.runs
     FROM (SELECT f."values", count(*) AS runs FROM (${found(grouping)}) f GROUP BY f."values") g
     ORDER BY g.runs DESC, g."values" LIMIT ${count}`,
    plan.values.list,
  );
}

/** Aggregates of the metrics in the groups that were found. */
function selectAggregates(
  db: Queryable,
  grouping: Grouping,
  { metrics, groups }: { metrics: readonly string[]; groups: readonly GroupRow[] },
): Promise<AggregateRow[]> {
  const { plan } = grouping;
  // An array of arrays is one array to PostgreSQL, and must not be ragged: values travel as JSON.
  const wanted = plan.values.add(JSON.stringify(groups.map(({ place, values }) => ({ place, values }))), 'jsonb');
  const keys = plan.values.add(metrics, 'text[]');
  return db.sql<AggregateRow>(
    `WITH wanted AS (
       SELECT (w->>'place')::int AS place, ARRAY(SELECT v.value FROM jsonb_array_elements_text(w->'values') WITH ORDINALITY AS v(value, n) ORDER BY v.n) AS "values"
       FROM jsonb_array_elements(${wanted}) AS w),
     found AS MATERIALIZED (
       SELECT f.id, w.place FROM (${found(grouping)}) f JOIN wanted w ON w."values" = f."values")
     SELECT found.place, m.key, count(*) AS count, min(m.value), max(m.value),
       avg(m.value) FILTER (WHERE abs(m.value) < ${SUMMABLE}) AS mean, stddev_samp(m.value) FILTER (WHERE abs(m.value) < ${SUMMABLE}) AS deviation,
       (array_agg(found.id ORDER BY m.value, found.id))[1] AS "minRun", (array_agg(found.id ORDER BY m.value DESC, found.id))[1] AS "maxRun"
     FROM found JOIN metric_summary m ON m.run_id = found.id AND m.key = ANY (${keys}) AND m.value < 'NaN'
     GROUP BY found.place, m.key`,
    plan.values.list,
  );
}
