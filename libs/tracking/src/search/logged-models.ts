// MLflow's search of logged models. Metrics count whether or not they are the latest, and may be asked for on certain datasets only.

import { invalid, parseFilter, parseOrderBy, printFilter } from '@throughline/kernel';
import type { FilterClause } from '@throughline/kernel';

import type { LoggedModelOrder } from '../api.ts';
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
  textCondition,
  Values,
} from './plan.ts';
import type { Plan, Term } from './plan.ts';

type Entity = 'attribute' | 'metric' | 'param' | 'tag';

const ENTITIES: ReadonlyMap<string, Entity> = new Map([
  ['attribute', 'attribute'],
  ['attributes', 'attribute'],
  ['attr', 'attribute'],
  ['metric', 'metric'],
  ['metrics', 'metric'],
  ['param', 'param'],
  ['params', 'param'],
  ['parameter', 'param'],
  ['parameters', 'param'],
  ['tag', 'tag'],
  ['tags', 'tag'],
]);

const ATTRIBUTES: ReadonlyMap<string, { sql: string; type: 'text' | 'int8'; nullable: boolean }> = new Map([
  ['name', { sql: 'l.name', type: 'text', nullable: false }],
  ['model_id', { sql: 'l.model_id', type: 'text', nullable: false }],
  ['model_type', { sql: 'l.model_type', type: 'text', nullable: true }],
  ['status', { sql: 'l.status::text', type: 'text', nullable: false }],
  ['source_run_id', { sql: 's.run_id', type: 'text', nullable: true }],
  ['creation_timestamp', { sql: 'l.created_at_ms', type: 'int8', nullable: false }],
  ['last_updated_timestamp', { sql: 'l.updated_at_ms', type: 'int8', nullable: false }],
]);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['creation_time', 'creation_timestamp'],
  ['last_updated_time', 'last_updated_timestamp'],
]);

function resolve({ entity, key }: { entity: string | null; key: string }): { entity: Entity; key: string } {
  const known = entity === null ? 'attribute' : ENTITIES.get(entity.toLowerCase());
  if (known === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid entity type '${(entity ?? '').slice(0, 80)}'. Valid values are ${[...ENTITIES.keys()].join(', ')}`,
    );
  }
  return known === 'attribute' ? { entity: known, key: ALIASES.get(key) ?? key } : { entity: known, key };
}

function attribute(key: string) {
  const known = ATTRIBUTES.get(key);
  if (known === undefined) {
    throw invalid(
      'INVALID_FILTER',
      `Invalid attribute key '${key.slice(0, 80)}' specified. Valid keys are '${[...ATTRIBUTES.keys()].join("', '")}'`,
    );
  }
  return known;
}

/** The status as we store it, whichever of MLflow's spellings was given: the client shows FAILED for what the protocol calls UPLOAD_FAILED. */
function withPlainStatus(clause: FilterClause): FilterClause {
  const plain = (text: string) => text.replace(/^LOGGED_MODEL_/, '').replace(/^FAILED$/, 'UPLOAD_FAILED');
  const { value } = clause;
  if (value.kind === 'text') return { ...clause, value: { kind: 'text', value: plain(value.value) } };
  if (value.kind === 'list') return { ...clause, value: { kind: 'list', values: value.values.map(plain) } };
  return clause;
}

/** What was not given compares as empty, as MLflow stores it: `model_type != 'agent'` finds the models without a type too. */
function comparedTo({ sql, nullable }: { sql: string; nullable: boolean }, { comparator }: FilterClause): string {
  return nullable && comparator !== 'IS NULL' && comparator !== 'IS NOT NULL' ? `coalesce(${sql}, '')` : sql;
}

type Datasets = readonly { name: string; digest?: string | undefined }[];

function condition(values: Values, clause: FilterClause, datasets: Datasets): string {
  const { entity, key } = resolve(clause);
  switch (entity) {
    case 'attribute': {
      const known = attribute(key);
      checkComparator(
        clause,
        known.type === 'int8' ? NUMERIC : known.nullable ? [...LISTED, 'IS NULL', 'IS NOT NULL'] : LISTED,
        'attribute',
      );
      return known.type === 'int8'
        ? numberCondition(values, known.sql, clause, `the attribute ${key}`)
        : textCondition(values, comparedTo(known, clause), key === 'status' ? withPlainStatus(clause) : clause, 'attributes');
    }
    case 'metric': {
      checkComparator(clause, NUMERIC, 'metric');
      const on = datasets.length === 0 ? '' : ` AND (${datasets.map((dataset) => datasetCondition(values, dataset)).join(' OR ')})`;
      return `EXISTS (SELECT 1 FROM logged_model_metric m WHERE m.logged_model_id = l.id AND m.key = ${values.add(key, 'text')} AND ${doubleCondition(values, 'm.value', clause, 'metric')}${on})`;
    }
    case 'param':
    case 'tag':
      checkComparator(clause, NULLABLE, entity);
      return keyValueCondition(values, { name: `logged_model_${entity}`, owner: 'logged_model_id', row: 'l.id' }, clause, entity);
  }
}

function datasetCondition(values: Values, { name, digest }: { name: string; digest?: string | undefined }): string {
  const byName = `m.dataset_name = ${values.add(name, 'text')}`;
  return digest === undefined ? byName : `(${byName} AND m.dataset_digest = ${values.add(digest, 'text')})`;
}

function ordering(plan: Plan, order: LoggedModelOrder, index: number): { name: string; terms: Term[] } {
  const parsed = parseOrderBy(order.fieldName);
  const { entity, key } = resolve(parsed);
  const ascending = order.ascending ?? true;
  if (entity === 'attribute') {
    const known = attribute(key);
    const { sql, type } = known;
    return { name: key, terms: known.nullable ? nullsLast(sql, type, ascending) : [{ sql, type, ascending }] };
  }
  if (entity !== 'metric') {
    throw invalid(
      'INVALID_ORDER',
      `Invalid order_by clause '${order.fieldName.slice(0, 120)}': logged models are ordered by attributes and metrics.`,
    );
  }
  const conditions = [`m.logged_model_id = l.id`, `m.key = ${plan.values.add(key, 'text')}`];
  if (order.datasetName !== undefined) conditions.push(`m.dataset_name = ${plan.values.add(order.datasetName, 'text')}`);
  if (order.datasetDigest !== undefined) conditions.push(`m.dataset_digest = ${plan.values.add(order.datasetDigest, 'text')}`);
  plan.from.push(
    `LEFT JOIN LATERAL (SELECT m.value FROM logged_model_metric m WHERE ${conditions.join(' AND ')} ORDER BY m.timestamp_ms DESC, m.step DESC, m.value DESC LIMIT 1) o${index} ON TRUE`,
  );
  return {
    name: JSON.stringify(['metric', key, order.datasetName ?? null, order.datasetDigest ?? null]),
    terms: nanLast(`o${index}.value`, ascending),
  };
}

export interface LoggedModelQuery {
  workspaceId: string;
  /** UUIDs; null for all. */
  experimentIds: readonly string[] | null;
  filter: string | null | undefined;
  orderBy: readonly LoggedModelOrder[];
  datasets: Datasets;
}

/** Compiles a search of the logged models in use. Throws `invalid` (INVALID_FILTER, INVALID_ORDER) where it is not of the grammar. */
export function planLoggedModels(query: LoggedModelQuery): Plan {
  const clauses = parseFilter(query.filter);
  checkOrderings(query.orderBy.length);
  const values = new Values();
  const plan: Plan = {
    values,
    from: ['logged_model l JOIN experiment e ON e.id = l.experiment_id LEFT JOIN run s ON s.id = l.source_run_id'],
    where: [`l.workspace_id = ${values.add(query.workspaceId, 'uuid')}`, `l.lifecycle = 'ACTIVE'`],
    order: [],
    fingerprint: fingerprintOf([
      'logged models',
      query.workspaceId,
      query.experimentIds,
      printFilter(clauses),
      query.orderBy.map(({ fieldName, ascending, datasetName, datasetDigest }) => [fieldName, ascending, datasetName, datasetDigest]),
      query.datasets.map(({ name, digest }) => [name, digest]),
    ]),
  };
  if (query.experimentIds !== null) plan.where.push(`l.experiment_id = ANY (${values.add(query.experimentIds, 'uuid[]')})`);
  plan.where.push(...clauses.map((clause) => condition(values, clause, query.datasets)));
  const orderings = query.orderBy.map((order, index) => ordering(plan, order, index));
  const names = orderings.map(({ name }) => name);
  checkDistinct(names);
  plan.order.push(...orderings.flatMap(({ terms }) => terms));
  if (!names.includes('creation_timestamp')) plan.order.push({ sql: 'l.created_at_ms', type: 'int8', ascending: false });
  if (!names.includes('model_id')) plan.order.push({ sql: 'l.model_id', type: 'text', ascending: true });
  return plan;
}
