import type { Content } from '@throughline/content';
import type { Database } from '@throughline/database';
import type { Clock } from '@throughline/kernel';

import type { IsOwnHost } from './claims.ts';
import type { AppendSink, Engine } from './engine/worker.ts';
import type { Breadths } from './search/breadth.ts';
import type { Turns } from './search/turns.ts';

/** What every noun of this domain is made from. */
export interface Parts {
  database: Database;
  content: Content;
  clock: Clock;
  engine: Engine & AppendSink;
  breadths: Breadths;
  turns: Turns;
  isOwnHost: IsOwnHost;
}

/** Rows with an owner, gathered by it; every id that was asked for is there, with nothing where nothing was found. */
export function byOwner<Row extends { owner: string }, T>(
  ids: readonly string[],
  rows: readonly Row[],
  pick: (row: Row) => T,
): Map<string, T[]> {
  const map = new Map<string, T[]>(ids.map((id) => [id, []]));
  for (const row of rows) map.get(row.owner)?.push(pick(row));
  return map;
}

/** The last of several tags of one key wins; sorted, so that everybody who writes several rows takes them in one order. */
export function lastByKey<T extends { key: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.key, item])).values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
