// MLflow's search of runs: which entities, keys and comparators there are, and what they mean in our tables.

import { invalid, parseFilter, parseOrderBy, printFilter, printOrderBy } from '@throughline/kernel';
import type { FilterClause, OrderClause } from '@throughline/kernel';

import type { LifecycleView } from '../types.ts';
import type { Countable, Counted } from './breadth.ts';
import {
  checkComparator,
  checkDistinct,
  checkOrderings,
  doubleCondition,
  fingerprintOf,
  joinValue,
  keyValueCondition,
  LISTED,
  nanLast,
  NULLABLE,
  nullsLast,
  NUMERIC,
  numberCondition,
  numberOf,
  OWNER,
  textCondition,
  TEXTUAL,
  valueEquals,
  Values,
} from './plan.ts';
import type { Plan, Term } from './plan.ts';

type Entity = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';

const ENTITIES: ReadonlyMap<string, Entity> = new Map([
  ['attribute', 'attribute'],
  ['attributes', 'attribute'],
  ['attr', 'attribute'],
  ['run', 'attribute'],
  ['metric', 'metric'],
  ['metrics', 'metric'],
  ['param', 'param'],
  ['params', 'param'],
  ['parameter', 'param'],
  ['parameters', 'param'],
  ['tag', 'tag'],
  ['tags', 'tag'],
  ['dataset', 'dataset'],
  ['datasets', 'dataset'],
]);

type AttributeType = 'id' | 'text' | 'int8';

/** What an attribute is, and how an index has it whose words for the same differ; that one compares bytes, and so cannot serve ILIKE. */
interface Attribute {
  sql: string;
  type: AttributeType;
  indexed?: string;
}

const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['run_id', { sql: 'r.run_id', type: 'id' }],
  ['run_name', { sql: 'r.name', type: 'text', indexed: 'r.name COLLATE "C"' }],
  ['user_id', { sql: 'r.user_id', type: 'text' }],
  ['status', { sql: 'r.status::text', type: 'text' }],
  ['artifact_uri', { sql: 'r.artifact_uri', type: 'text' }],
  ['start_time', { sql: 'r.start_time_ms', type: 'int8' }],
  ['end_time', { sql: 'r.end_time_ms', type: 'int8' }],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['created', 'start_time'],
  ['Created', 'start_time'],
  ['run name', 'run_name'],
  ['Run name', 'run_name'],
  ['Run Name', 'run_name'],
  ['run_uuid', 'run_id'],
]);

const DATASET_KEYS: ReadonlyMap<string, string> = new Map([
  ['name', 'd.name'],
  ['digest', 'd.digest'],
  ['context', 'i.context'],
]);

export interface Operand {
  entity: Entity;
  key: string;
}

/** What an operand of a filter or an order names, by its one name. Throws `invalid` (INVALID_FILTER). */
export function resolve({ entity, key }: { entity: string | null; key: string }): Operand {
  if (entity !== null) {
    const known = ENTITIES.get(entity.toLowerCase());
    if (known === undefined) {
      throw invalid('INVALID_FILTER', `Invalid entity type '${entity.slice(0, 80)}'. Valid values are ${[...ENTITIES.keys()].join(', ')}`);
    }
    return known === 'attribute' ? attribute(key) : { entity: known, key };
  }
  return attribute(key);
}

function attribute(key: string): Operand {
  const name = ALIASES.get(key) ?? key;
  if (!ATTRIBUTES.has(name)) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid attribute key '${key.slice(0, 80)}' specified. Valid keys are '${[...ATTRIBUTES.keys()].join("', '")}'`,
      {
        hint: "Other keys are written as 'metrics.<key>', 'params.<key>', 'tags.<key>' or 'datasets.<key>'.",
      },
    );
  }
  return { entity: 'attribute', key: name };
}

/** The run that conditions are about; its own columns are those of `r`. */
interface Row {
  /** Its UUID, as an expression. */
  id: string;
  /** OFFSET 0 behind each look at another table keeps PostgreSQL from making anything else of it than that look. */
  fence: '' | ' OFFSET 0';
}

function condition(values: Values, clause: FilterClause, row: Row): string {
  const { entity } = resolve(clause);
  switch (entity) {
    case 'attribute':
      return attributeCondition(values, clause);
    case 'metric':
      checkComparator(clause, NUMERIC, 'metric');
      return `EXISTS (SELECT 1 FROM metric_summary m WHERE m.run_id = ${row.id} AND ${metricCondition(values, clause)}${row.fence})`;
    case 'param':
    case 'tag':
      checkComparator(clause, NULLABLE, entity);
      return keyValueCondition(
        values,
        { name: `run_${entity}`, owner: 'run_id', row: row.id, indexed: true, fence: row.fence },
        clause,
        entity,
      );
    case 'dataset':
      return datasetCondition(values, clause, row);
  }
}

function metricCondition(values: Values, clause: FilterClause): string {
  return `m.key = ${values.add(clause.key, 'text')} AND ${doubleCondition(values, 'm.value', clause, 'metric')}`;
}

function attributeCondition(values: Values, clause: FilterClause): string {
  const { key } = resolve(clause);
  const known = ATTRIBUTES.get(key);
  if (known === undefined) throw invalid('INVALID_FILTER', `Invalid attribute key '${key.slice(0, 80)}' specified.`);
  checkComparator(clause, known.type === 'int8' ? NUMERIC : known.type === 'id' ? LISTED : TEXTUAL, 'attribute');
  return known.type === 'int8'
    ? numberCondition(values, known.sql, clause, `the attribute ${key}`)
    : textCondition(values, clause.comparator === 'ILIKE' ? known.sql : (known.indexed ?? known.sql), clause, 'attributes');
}

function datasetCondition(values: Values, clause: FilterClause, row: Row): string {
  const sql = DATASET_KEYS.get(clause.key);
  if (sql === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid dataset key '${clause.key.slice(0, 80)}' specified. Valid keys are 'name', 'digest', 'context'`,
    );
  }
  checkComparator(clause, LISTED, 'dataset');
  return `EXISTS (SELECT 1 FROM dataset_input i JOIN logged_dataset d ON d.id = i.dataset_id WHERE i.run_id = ${row.id} AND ${textCondition(values, sql, clause, 'dataset')}${row.fence})`;
}

function nameOfOrder(order: OrderClause): string {
  const { entity, key } = resolve(order);
  return `${entity}.${key}`;
}

/** The terms of one ordering; joins what it needs under an alias of its own. */
function ordering(plan: Plan, order: OrderClause, index: number): { name: string; terms: Term[] } {
  const { entity, key } = resolve(order);
  const name = nameOfOrder(order);
  switch (entity) {
    case 'attribute': {
      const known = ATTRIBUTES.get(key);
      if (known === undefined) throw invalid('INVALID_ORDER', `Invalid ordering key in order_by clause '${key.slice(0, 80)}'.`);
      const type = known.type === 'int8' ? 'int8' : 'text';
      // Only the end may be missing; the others stand alone, so that indexes can serve them.
      const terms =
        key === 'end_time' ? nullsLast(known.sql, type, order.ascending) : [{ sql: known.sql, type, ascending: order.ascending } as const];
      return { name, terms };
    }
    case 'metric':
      plan.from.push(`LEFT JOIN metric_summary o${index} ON o${index}.run_id = r.id AND o${index}.key = ${plan.values.add(key, 'text')}`);
      return { name, terms: nanLast(`o${index}.value`, order.ascending) };
    case 'param':
    case 'tag':
      return {
        name,
        terms: nullsLast(
          joinValue(plan, { name: `run_${entity}`, owner: 'run_id', row: 'r.id' }, key, `o${index}`),
          'text',
          order.ascending,
        ),
      };
    case 'dataset':
      throw invalid(
        'INVALID_ORDER',
        `Invalid order_by clause '${printOrderBy(order).slice(0, 120)}': runs cannot be ordered by a dataset.`,
      );
  }
}

/** What runs are grouped by, as a text of `run r`; joins what it needs to the plan under an alias of its own. */
export function groupTerm(plan: Plan, order: OrderClause, index: number): string {
  const { entity, key } = resolve(order);
  switch (entity) {
    case 'attribute': {
      const known = ATTRIBUTES.get(key);
      if (known !== undefined) return `(${known.sql})::text`;
      break;
    }
    case 'param':
    case 'tag':
      plan.from.push(`LEFT JOIN run_${entity} g${index} ON g${index}.run_id = r.id AND g${index}.key = ${plan.values.add(key, 'text')}`);
      return `g${index}.value`;
    case 'metric':
    case 'dataset':
  }
  throw invalid('INVALID_GROUPING', `Runs are grouped by params, tags and attributes, not by '${printOrderBy(order).slice(0, 120)}'.`);
}

export interface RunQuery {
  workspaceId: string;
  /** UUIDs; null for all; 'each' where the plan is run for each of several experiments. */
  experimentIds: readonly string[] | null | 'each';
  filter: string | null | undefined;
  orderBy: readonly string[];
  view: LifecycleView;
}

function experimentCondition(values: Values, ids: RunQuery['experimentIds']): string | null {
  if (ids === null) return null;
  if (ids === 'each') return `r.experiment_id = ${OWNER}`;
  // One experiment is a range of an index that has the default order in it; several are not.
  return ids.length === 1 ? `r.experiment_id = ${values.add(ids[0], 'uuid')}` : `r.experiment_id = ANY (${values.add(ids, 'uuid[]')})`;
}

/** The runs in use that are part of each of several, newest first. */
export function planChildren(workspaceId: string): Plan {
  const values = new Values();
  return {
    values,
    from: ['run r'],
    where: [`r.workspace_id = ${values.add(workspaceId, 'uuid')}`, `r.lifecycle = 'ACTIVE'`, `r.parent_id = ${OWNER}`],
    order: [
      { sql: 'r.start_time_ms', type: 'int8', ascending: false },
      { sql: 'r.run_id', type: 'text', ascending: true },
    ],
    fingerprint: fingerprintOf(['children', workspaceId]),
  };
}

/** A search of runs that was read and checked. */
export interface RunSearchPlans {
  /** What was read, each with an operand that `resolve` knows. */
  clauses: readonly FilterClause[];
  orders: readonly OrderClause[];
  /** All of it as one plan. */
  whole(): Plan;
  /**
   * Where it is ordered by a metric first, the same in two parts, to be asked one after the other: the runs whose metric is a number, taken
   * in the order of the index over its values, and then the runs where it is NaN or missing. Their cursors are those of the whole. The
   * parts are for searches that find many runs. On the way along the index each run is either looked up by every filter, or looked for among
   * all that the filter finds, which are found and hashed first.
   */
  parts: { numbers(looksUp: boolean): Plan; others(): Plan; counted(): Counted } | null;
  /** Whether metrics decide which runs there are, or in which order. */
  readsMetrics: boolean;
}

/** Compiles a search of runs. Throws `invalid` (INVALID_FILTER, INVALID_ORDER) where it is not of the grammar. */
export function plansOfRuns(query: RunQuery): RunSearchPlans {
  const clauses = parseFilter(query.filter);
  checkOrderings(query.orderBy.length);
  const orders = query.orderBy.map(parseOrderBy);
  const fingerprint = fingerprintOf([
    'runs',
    query.workspaceId,
    query.experimentIds,
    printFilter(clauses),
    orders.map(printOrderBy),
    query.view,
  ]);

  const begin = (from: string): Plan => {
    const values = new Values();
    const plan: Plan = {
      values,
      from: [from],
      where: [`r.workspace_id = ${values.add(query.workspaceId, 'uuid')}`],
      order: [],
      fingerprint,
    };
    const experiment = experimentCondition(values, query.experimentIds);
    if (experiment !== null) plan.where.push(experiment);
    if (query.view !== 'ALL') plan.where.push(`r.lifecycle = ${values.add(query.view)}::"Lifecycle"`);
    return plan;
  };
  const order = (plan: Plan, skip: number): Plan => {
    const orderings = orders.map((one, index) => (index < skip ? { name: nameOfOrder(one), terms: [] } : ordering(plan, one, index)));
    const names = orderings.map(({ name }) => name);
    checkDistinct(names);
    plan.order.push(...orderings.flatMap(({ terms }) => terms));
    if (!names.includes('attribute.start_time')) plan.order.push({ sql: 'r.start_time_ms', type: 'int8', ascending: false });
    if (!names.includes('attribute.run_id')) plan.order.push({ sql: 'r.run_id', type: 'text', ascending: true });
    return plan;
  };
  const whole = (): Plan => {
    const plan = begin('run r');
    plan.where.push(...clauses.map((clause) => condition(plan.values, clause, { id: 'r.id', fence: '' })));
    return order(plan, 0);
  };
  // What is wrong with a search is said whichever of its plans runs.
  whole();

  const [first] = orders;
  const isByMetric = first !== undefined && resolve(first).entity === 'metric' && query.experimentIds !== 'each';
  return {
    clauses,
    orders,
    whole,
    readsMetrics: [...clauses, ...orders].some((one) => resolve(one).entity === 'metric'),
    parts: !isByMetric
      ? null
      : {
          numbers(looksUp) {
            const plan = begin('metric_summary o0 JOIN run r ON r.id = o0.run_id');
            plan.where.push(`o0.key = ${plan.values.add(resolve(first).key, 'text')}`, `o0.value < 'NaN'`);
            // Not to be turned into joins, which lose the order.
            const row = { id: 'o0.run_id', fence: looksUp ? ' OFFSET 0' : '' } as const;
            plan.where.push(...clauses.map((clause) => `(${condition(plan.values, clause, row)}) IS TRUE`));
            plan.order.push({ sql: '0', type: 'int8', ascending: true }, { sql: 'o0.value', type: 'float8', ascending: first.ascending });
            return order({ ...plan, fixed: [0] }, 1);
          },
          others() {
            const plan = whole();
            plan.where.push(`(o0.value IS NULL OR o0.value = 'NaN')`);
            return plan;
          },
          counted: () => countedOf(query, clauses),
        },
  };
}

/** What tells how many runs a search finds. */
function countedOf(query: RunQuery, clauses: readonly FilterClause[]): Counted {
  const filters = clauses.flatMap((clause) => countableOf(clause) ?? []);
  return {
    experiments:
      query.experimentIds === null
        ? null
        : {
            name: fingerprintOf(['experiments', query.experimentIds]),
            bound: 0,
            rows: (values) => `run r WHERE ${experimentCondition(values, query.experimentIds) ?? 'TRUE'}`,
          },
    filters,
    // What an index does not find may be as rare as it likes.
    isTelling: filters.length === clauses.length && filters.length <= MOST_BROAD,
  };
}

/** What a filter finds, where an index has that in one range; null elsewhere. */
function countableOf(clause: FilterClause): Countable | null {
  const { entity } = resolve(clause);
  const { key, comparator, value } = clause;
  if (entity === 'metric') {
    const number = numberOf(clause, 'metric');
    const rises = comparator === '>' || comparator === '>=';
    const isRange = rises || comparator === '<' || comparator === '<=';
    return {
      name: fingerprintOf(['metric', key, comparator, isRange ? null : number]),
      bound: isRange ? (rises ? number : -number) : 0,
      rows: (values) => `metric_summary m WHERE ${metricCondition(values, clause)}`,
    };
  }
  if ((entity !== 'param' && entity !== 'tag') || comparator !== '=' || value.kind !== 'text') return null;
  return {
    name: fingerprintOf([entity, key, value.value]),
    bound: 0,
    rows: (values) => `run_${entity} v WHERE v.key = ${values.add(key, 'text')} AND ${valueEquals(values, value.value)}`,
  };
}

/** Filters that each find a tenth may together find a tenth of a tenth, and so on. */
const MOST_BROAD = 2;
