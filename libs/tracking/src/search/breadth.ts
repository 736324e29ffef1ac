// How many runs a search finds, as far as that decides how to look for them. PostgreSQL multiplies the chances of filters as if keys and values
// had nothing to do with each other, so that rows are counted instead, up to the point where they are many.
//
// Counting that far costs about as much as finding a page. But what was many a moment ago still is, and of what is more the metrics above a
// lower bound: both are remembered for ten minutes, and decide about speed alone. What is few is counted each time, which is quick.

import type { Queryable } from '@throughline/database';
import type { Clock } from '@throughline/kernel';

import { Values } from './plan.ts';

/** Rows that can be counted by an index. */
export interface Countable {
  /** What they have in common with those of other bounds, in a few characters. */
  name: string;
  /** The higher, the fewer of them; 0 where there is no bound. */
  bound: number;
  /** The rows, behind FROM. */
  rows: (values: Values) => string;
}

/** What a search is counted by. */
export interface Counted {
  /** The runs of its experiments; null for all runs. */
  experiments: Countable | null;
  /** What single filters find, of those that an index answers. */
  filters: readonly Countable[];
  /** Whether that is all filters, and few enough for their numbers to tell something of all of them together. */
  isTelling: boolean;
}

export interface Breadth {
  /** One of its filters finds few runs, or its experiments hold a small part of all: on the way along an index those of all come by. */
  isNarrow: boolean;
  /** Each of its filters finds a tenth of all runs at least. */
  isBroad: boolean;
}

export interface Breadths {
  of(db: Queryable, counted: Counted): Promise<Breadth>;
}

/** So few runs are better looked at one by one than met on the way along an order. */
const FEW = 1_000;
/** Counting further than this takes longer than it saves. */
const MANY = 20_000;
const REMEMBERED_MS = 10 * 60_000;
const MAX_REMEMBERED = 10_000;

export function createBreadths(clock: Clock): Breadths {
  /** What was many, up to which bound, and until when that is believed. */
  const many = new Map<string, { bound: number; untilMs: number }>();

  const isKnown = ({ name, bound }: Countable): boolean => {
    const known = many.get(name);
    return known !== undefined && known.bound >= bound && known.untilMs > clock.now().getTime();
  };

  const remember = ({ name, bound }: Countable): void => {
    if (many.size >= MAX_REMEMBERED) many.clear();
    many.set(name, { bound, untilMs: clock.now().getTime() + REMEMBERED_MS });
  };

  return {
    async of(db, { experiments, filters, isTelling }) {
      const asked = [...(experiments === null ? [] : [experiments]), ...filters].filter((one) => !isKnown(one));
      if (asked.length === 0) return { isNarrow: false, isBroad: isTelling };
      const { size, counts } = await count(db, asked);
      const few = asked.filter((one, index) => {
        const isMany = counts[index] === size;
        if (isMany) remember(one);
        return !isMany;
      });
      const isNarrow = asked.some((one, index) => few.includes(one) && (one === experiments || (counts[index] ?? 0) < FEW));
      return { isNarrow, isBroad: isTelling && few.length === 0 };
    },
  };
}

/** How many rows there are of each, counted up to a tenth of all runs. */
async function count(db: Queryable, asked: readonly Countable[]): Promise<{ size: number; counts: number[] }> {
  const values = new Values();
  const counts = asked.map(({ rows }, index) => `(SELECT count(*) FROM (SELECT 1 FROM ${rows(values)} LIMIT part.size) x) AS n${index}`);
  const [row] = await db.sql<Record<string, number>>(
    `SELECT part.size, ${counts.join(', ')}
     FROM (SELECT least(${MANY}, greatest(${FEW}, reltuples / 10))::int8 AS size FROM pg_class WHERE oid = 'run'::regclass) part`,
    values.list,
  );
  return { size: row?.['size'] ?? 0, counts: asked.map((_, index) => row?.[`n${index}`] ?? 0) };
}
