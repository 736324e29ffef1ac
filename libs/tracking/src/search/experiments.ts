// MLflow's search of experiments.

import { invalid, parseFilter, parseOrderBy, printFilter, printOrderBy } from '@throughline/kernel';
import type { FilterClause, OrderClause } from '@throughline/kernel';

import type { LifecycleView } from '../types.ts';
import {
  checkComparator,
  checkDistinct,
  checkOrderings,
  fingerprintOf,
  keyValueCondition,
  LISTED,
  NULLABLE,
  NUMERIC,
  numberCondition,
  textCondition,
  TEXTUAL,
  Values,
} from './plan.ts';
import type { Plan, Term } from './plan.ts';

const CREATED = '(extract(epoch FROM e.created_at) * 1000)::int8';
const UPDATED = '(extract(epoch FROM e.updated_at) * 1000)::int8';

// Imported ids have 18 digits, more than a JSON number keeps: they travel as text that sorts as they do.
const NUMBER = "lpad(e.experiment_id::text, 19, '0')";

/** What an attribute is sorted by, and what filters compare where that is another thing. */
interface Attribute {
  sql: string;
  type: 'text' | 'int8';
  filtered?: string;
  lists?: boolean;
}

const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['name', { sql: 'e.name', type: 'text' }],
  ['creation_time', { sql: CREATED, type: 'int8' }],
  ['last_update_time', { sql: UPDATED, type: 'int8' }],
  ['experiment_id', { sql: NUMBER, type: 'text', filtered: 'e.experiment_id::text', lists: true }],
]);

const ATTRIBUTE_WORDS: ReadonlySet<string> = new Set(['attribute', 'attributes', 'attr', 'experiment']);

function attribute({ entity, key }: { entity: string | null; key: string }) {
  if (entity !== null && !ATTRIBUTE_WORDS.has(entity.toLowerCase())) {
    throw invalid('INVALID_FILTER', `Invalid entity type '${entity.slice(0, 80)}'. Valid values are attribute, tag`);
  }
  const known = ATTRIBUTES.get(key);
  if (known === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid attribute key '${key.slice(0, 80)}' specified. Valid keys are '${[...ATTRIBUTES.keys()].join("', '")}'`,
    );
  }
  return known;
}

function condition(values: Values, clause: FilterClause): string {
  if (clause.entity !== null && ['tag', 'tags'].includes(clause.entity.toLowerCase())) {
    checkComparator(clause, NULLABLE, 'tag');
    return keyValueCondition(values, { name: 'experiment_tag', owner: 'experiment_id', row: 'e.id' }, clause, 'tag');
  }
  const known = attribute(clause);
  checkComparator(clause, known.type === 'int8' ? NUMERIC : known.lists === true ? LISTED : TEXTUAL, 'attribute');
  return known.type === 'int8'
    ? numberCondition(values, known.sql, clause, `the attribute ${clause.key}`)
    : textCondition(values, known.filtered ?? known.sql, clause, 'attributes');
}

function term(order: OrderClause): Term {
  const { sql, type } = attribute(order);
  return { sql, type, ascending: order.ascending };
}

export interface ExperimentQuery {
  workspaceId: string;
  filter: string | null | undefined;
  orderBy: readonly string[];
  view: LifecycleView;
}

/** Compiles a search of experiments. Throws `invalid` (INVALID_FILTER, INVALID_ORDER) where it is not of the grammar. */
export function planExperiments(query: ExperimentQuery): Plan {
  const clauses = parseFilter(query.filter);
  checkOrderings(query.orderBy.length);
  const orders = query.orderBy.map(parseOrderBy);
  checkDistinct(orders.map(({ key }) => key));
  const values = new Values();
  const where = [`e.workspace_id = ${values.add(query.workspaceId, 'uuid')}`];
  if (query.view !== 'ALL') where.push(`e.lifecycle = ${values.add(query.view)}::"Lifecycle"`);
  where.push(...clauses.map((clause) => condition(values, clause)));
  const order = orders.map(term);
  if (order.length === 0) order.push({ sql: CREATED, type: 'int8', ascending: false }, { sql: NUMBER, type: 'text', ascending: true });
  else if (!orders.some(({ key }) => key === 'experiment_id')) order.push({ sql: NUMBER, type: 'text', ascending: false });
  return {
    values,
    from: ['experiment e'],
    where,
    order,
    fingerprint: fingerprintOf(['experiments', query.workspaceId, printFilter(clauses), orders.map(printOrderBy), query.view]),
  };
}
