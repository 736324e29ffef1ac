// Filters of a search as functions of a row. They say what their SQL says (search/runs.ts): what is missing matches nothing, a NaN is unequal to
// every number and neither more nor less than any.

import type { FilterClause, FilterComparator } from '@throughline/kernel';

import { resolve } from '../search/runs.ts';
import { HAS_NAN, HAS_NUMBER, MOST_KEPT, NOTHING } from './table.ts';
import type { RunTable } from './table.ts';

/** Whether a row is one of those that are looked for. Good until the table gets another row. */
export type Condition = (row: number) => boolean;

/** A clause as a function of a row; null where memory does not have what it asks for. The clauses were checked when the search was compiled. */
export function conditionOf(table: RunTable, clause: FilterClause): Condition | null {
  const { entity, key } = resolve(clause);
  switch (entity) {
    case 'metric':
      return metricCondition(table, key, clause);
    case 'param':
    case 'tag':
      return textCondition(table, entity, key, clause);
    case 'attribute':
      return attributeCondition(table, key, clause);
    case 'dataset':
      return null;
  }
}

/** Compares a number with the one of the clause. */
function comparison({ comparator, value }: FilterClause): ((number: number) => boolean) | null {
  if (value.kind !== 'number' || !Number.isFinite(value.value)) return null;
  const other = value.value;
  switch (comparator) {
    case '=':
      return (number) => number === other;
    case '!=':
      return (number) => number !== other;
    case '>':
      return (number) => number > other;
    case '>=':
      return (number) => number >= other;
    case '<':
      return (number) => number < other;
    case '<=':
      return (number) => number <= other;
    default:
      return null;
  }
}

function metricCondition(table: RunTable, key: string, clause: FilterClause): Condition | null {
  const compare = comparison(clause);
  if (compare === null) return null;
  const { values, has } = table.metric(key);
  const takesNaN = clause.comparator === '!=';
  return (row) => (has[row] === HAS_NUMBER ? compare(values[row] ?? 0) : takesNaN && has[row] === HAS_NAN);
}

function textCondition(table: RunTable, kind: 'param' | 'tag', key: string, { comparator, value }: FilterClause): Condition | null {
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') {
    const column = table.text(kind, key);
    return comparator === 'IS NULL' ? (row) => column[row] === NOTHING : (row) => column[row] !== NOTHING;
  }
  if (value.kind !== 'text' || value.value.length > MOST_KEPT) return null;
  const column = table.text(kind, key);
  const number = table.numberOf(value.value);
  if (comparator === '=') return number === null ? () => false : (row) => column[row] === number;
  if (comparator === '!=') return (row) => column[row] !== number && column[row] !== NOTHING;
  return null;
}

function attributeCondition(table: RunTable, key: string, clause: FilterClause): Condition | null {
  switch (key) {
    case 'status':
      return equality(table.statuses, clause);
    case 'run_name':
      return equality(table.names, clause);
    case 'run_id':
      return clause.value.kind === 'list'
        ? membership(table.runIds, clause.comparator, clause.value.values)
        : equality(table.runIds, clause);
    case 'start_time':
    case 'end_time': {
      const compare = comparison(clause);
      if (compare === null) return null;
      const times = key === 'start_time' ? table.startTimes : table.endTimes;
      return (row) => {
        const time = times[row] ?? NaN;
        return !Number.isNaN(time) && compare(time);
      };
    }
    default:
      return null;
  }
}

function equality(texts: readonly string[], { comparator, value }: FilterClause): Condition | null {
  if (value.kind !== 'text') return null;
  const { value: other } = value;
  if (comparator === '=') return (row) => texts[row] === other;
  if (comparator === '!=') return (row) => texts[row] !== other;
  return null;
}

function membership(texts: readonly string[], comparator: FilterComparator, members: readonly string[]): Condition | null {
  const set = new Set(members);
  if (comparator === 'IN') return (row) => set.has(texts[row] ?? '');
  if (comparator === 'NOT IN') return (row) => !set.has(texts[row] ?? '');
  return null;
}
