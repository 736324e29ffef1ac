// MLflow's search of runs: which entities, keys and comparators there are, and what they mean in our tables.

import { invalid, parseFilter, parseOrderBy, printFilter, printOrderBy } from '@throughline/kernel';
import type { FilterClause, OrderClause } from '@throughline/kernel';

import type { LifecycleView } from '../types.ts';
import {
  checkComparator,
  checkDistinct,
  checkOrderings,
  doubleCondition,
  fingerprintOf,
  keyValueCondition,
  LISTED,
  nanLast,
  NULLABLE,
  nullsLast,
  NUMERIC,
  numberCondition,
  OWNER,
  textCondition,
  TEXTUAL,
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

const ATTRIBUTES: ReadonlyMap<string, { sql: string; type: AttributeType }> = new Map([
  ['run_id', { sql: 'r.run_id', type: 'id' }],
  ['run_name', { sql: 'r.name', type: 'text' }],
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

interface Operand {
  entity: Entity;
  key: string;
}

function resolve({ entity, key }: { entity: string | null; key: string }): Operand {
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

function condition(values: Values, clause: FilterClause): string {
  switch (resolve(clause).entity) {
    case 'attribute':
      return attributeCondition(values, clause);
    case 'metric':
      checkComparator(clause, NUMERIC, 'metric');
      return `EXISTS (SELECT 1 FROM metric_summary m WHERE m.run_id = r.id AND m.key = ${values.add(clause.key, 'text')} AND ${doubleCondition(values, 'm.value', clause, 'metric')})`;
    case 'param':
      checkComparator(clause, NULLABLE, 'param');
      return keyValueCondition(values, { name: 'run_param', owner: 'run_id', row: 'r.id' }, clause, 'param');
    case 'tag':
      checkComparator(clause, NULLABLE, 'tag');
      return keyValueCondition(values, { name: 'run_tag', owner: 'run_id', row: 'r.id' }, clause, 'tag');
    case 'dataset':
      return datasetCondition(values, clause);
  }
}

function attributeCondition(values: Values, clause: FilterClause): string {
  const { key } = resolve(clause);
  const known = ATTRIBUTES.get(key);
  if (known === undefined) throw invalid('INVALID_FILTER', `Invalid attribute key '${key.slice(0, 80)}' specified.`);
  checkComparator(clause, known.type === 'int8' ? NUMERIC : known.type === 'id' ? LISTED : TEXTUAL, 'attribute');
  return known.type === 'int8'
    ? numberCondition(values, known.sql, clause, `the attribute ${key}`)
    : textCondition(values, known.sql, clause, 'attributes');
}

function datasetCondition(values: Values, clause: FilterClause): string {
  const sql = DATASET_KEYS.get(clause.key);
  if (sql === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid dataset key '${clause.key.slice(0, 80)}' specified. Valid keys are 'name', 'digest', 'context'`,
    );
  }
  checkComparator(clause, LISTED, 'dataset');
  return `EXISTS (SELECT 1 FROM dataset_input i JOIN logged_dataset d ON d.id = i.dataset_id WHERE i.run_id = r.id AND ${textCondition(values, sql, clause, 'dataset')})`;
}

/** The terms of one ordering; joins what it needs under an alias of its own. */
function ordering(plan: Plan, order: OrderClause, index: number): { name: string; terms: Term[] } {
  const { entity, key } = resolve(order);
  const name = `${entity}.${key}`;
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
      plan.from.push(`LEFT JOIN run_${entity} o${index} ON o${index}.run_id = r.id AND o${index}.key = ${plan.values.add(key, 'text')}`);
      return { name, terms: nullsLast(`o${index}.value`, 'text', order.ascending) };
    case 'dataset':
      throw invalid(
        'INVALID_ORDER',
        `Invalid order_by clause '${printOrderBy(order).slice(0, 120)}': runs cannot be ordered by a dataset.`,
      );
  }
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

/** Compiles a search of runs. Throws `invalid` (INVALID_FILTER, INVALID_ORDER) where it is not of the grammar. */
export function planRuns(query: RunQuery): Plan {
  const clauses = parseFilter(query.filter);
  checkOrderings(query.orderBy.length);
  const orders = query.orderBy.map(parseOrderBy);
  const values = new Values();
  const plan: Plan = {
    values,
    from: ['run r'],
    where: [`r.workspace_id = ${values.add(query.workspaceId, 'uuid')}`],
    order: [],
    fingerprint: fingerprintOf([
      'runs',
      query.workspaceId,
      query.experimentIds,
      printFilter(clauses),
      orders.map(printOrderBy),
      query.view,
    ]),
  };
  const experiment = experimentCondition(values, query.experimentIds);
  if (experiment !== null) plan.where.push(experiment);
  if (query.view !== 'ALL') plan.where.push(`r.lifecycle = ${values.add(query.view)}::"Lifecycle"`);
  plan.where.push(...clauses.map((clause) => condition(values, clause)));

  const orderings = orders.map((order, index) => ordering(plan, order, index));
  const names = orderings.map(({ name }) => name);
  checkDistinct(names);
  plan.order.push(...orderings.flatMap(({ terms }) => terms));
  if (!names.includes('attribute.start_time')) plan.order.push({ sql: 'r.start_time_ms', type: 'int8', ascending: false });
  if (!names.includes('attribute.run_id')) plan.order.push({ sql: 'r.run_id', type: 'text', ascending: true });
  return plan;
}
