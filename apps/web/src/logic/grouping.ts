// What runs are grouped by, as the address has it (`p:model`, `t:team`, `a:status`), and what that is in MLflow's grammar.

import { quoted } from './url-state.ts';

/** Keys that runs may be grouped by at once. */
export const MOST_GROUP_KEYS = 3;

/** What every run has. */
export const GROUP_ATTRIBUTES: readonly (readonly [column: string, label: string])[] = [
  ['a:status', 'State'],
  ['a:user_id', 'User'],
];

const KINDS: Readonly<Record<string, string>> = { p: 'params', t: 'tags', a: 'attributes' };

/** Whether the address names something that runs can be grouped by. */
export function isGroupColumn(column: string): boolean {
  return /^[pta]:./s.test(column);
}

/** A column in the grammar; keys stand between backticks, so that they may hold anything else. */
export function groupTerm(column: string): string {
  const kind = KINDS[column.slice(0, 1)] ?? 'params';
  const key = column.slice(2).replaceAll('`', '');
  return kind === 'attributes' ? `${kind}.${key}` : `${kind}.\`${key}\``;
}

export function groupLabel(column: string): string {
  return GROUP_ATTRIBUTES.find(([one]) => one === column)?.[1] ?? column.slice(2);
}

/** The filter that finds a group's runs among those of another filter; null where a value cannot be said in the grammar. */
export function groupFilter(filter: string, columns: readonly string[], values: readonly (string | null)[]): string | null {
  const clauses = columns.map((column, index) => {
    const value = values[index] ?? null;
    if (value === null) return `${groupTerm(column)} IS NULL`;
    const text = quoted(value);
    return text === null ? null : `${groupTerm(column)} = ${text}`;
  });
  if (clauses.some((clause) => clause === null)) return null;
  return [...(filter === '' ? [] : [filter]), ...clauses].join(' AND ');
}
