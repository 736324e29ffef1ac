// Runs in this process's memory, for searches of experiments that are searched again and again. What it answers is as new as what the database
// would: each search asks first, in one statement and so of one moment,
//
//   which of the experiment's runs have cards that do not count   they are looked for by SQL, and put between those of memory
//   the newest card's stamp                                       stamps rise as cards are committed, so those since the last time are taken in
//   the mark of removals                                          with another one, the runs that are gone are found and forgotten
//
// Every other run is what its card in memory says. Where any of this is more than a little, the search goes the way of SQL, as it does for filters
// and orders that memory does not serve.

import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

import { on } from '@throughline/database';
import type { Call, Database } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import type { CardWriter, FoundRun } from '../api.ts';
import { settleExperiments } from '../engine/settle.ts';
import { keysOf, pageOf, rowsOf } from '../search/plan.ts';
import type { Plan } from '../search/plan.ts';
import { plansOfRuns } from '../search/runs.ts';
import type { RunQuery, RunSearchPlans } from '../search/runs.ts';
import { cardColumn } from '../store/run-cards.ts';
import { selectCardsOf, selectMembers, selectNewCards, selectNews } from '../store/run-memory.ts';
import type { Marks, StampedCard } from '../store/run-memory.ts';
import { conditionsOf, directionsOf, findRows, memoryOrderOf, merged } from './find.ts';
import type { Keys, MemoryOrder } from './find.ts';
import { RunTable } from './table.ts';

/** An experiment with fewer runs is searched by SQL in no time. */
const LEAST_RUNS = 500;
/** The search of an experiment from which on it is kept, and how long those before it are remembered. */
const LEAST_SEARCHES = 3;
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;
/** After it was found to be too small or too large, an experiment is let be for so long. */
const LET_BE_MS = 2 * 60_000;
/** What is not searched for so long is let go; what was within the latter keeps its place against others. */
const IDLE_MS = 10 * 60_000;
const IN_USE_MS = 60_000;
const SWEEP_MS = 30_000;
/** Cards that are read in one statement and taken in without a break: some milliseconds. */
const CARDS_AT_ONCE = 250;
/** So many tell what the others will take. */
const TELLING_RUNS = 2_500;
/** Runs that are looked for by SQL beside memory, at most. */
const MOST_APART = 500;
/** Rows that are passed over, and the share of all, from which on an experiment is read anew. */
const MOST_STALE = 1_000;
const STALE_SHARE = 4;
/** How often a search looks what is new before it goes the other way. */
const ROUNDS = 4;

/** An experiment in memory. */
interface Resident {
  table: RunTable;
  /** What was taken in: all cards up to this stamp, all removals up to this mark. Where all cards go, it goes. */
  marks: Marks;
  usedMs: number;
  /** What is taken in or forgotten now; one after the other. */
  work: Promise<void>;
  isReconciling: boolean;
}

/** An experiment, and where it is. */
interface Place {
  experimentId: string;
  workspaceId: string;
}

export interface RunMemory {
  /**
   * A page of a search of runs with their cards, from memory; null where that is not the way. Throws `invalid` as the search by SQL does
   * (INVALID_FILTER, INVALID_ORDER, INVALID_CURSOR).
   */
  search(
    call: Call,
    query: RunQuery & { experimentIds: readonly string[] | null },
    options: { page: PageRequest; layout: number },
  ): Promise<Page<FoundRun> | null>;
  /** Keeps what is searched from now on. Defects are told; searches then go the other way. */
  start(options: { writer: CardWriter; onError: (error: unknown) => void }): void;
  /** Lets everything go. */
  forget(): void;
  /** The same, and ends what is under way. */
  stop(): Promise<void>;
}

export interface RunMemoryOptions {
  database: Database;
  /** What it may take, about; 0 keeps nothing. */
  maxBytes: number;
  /** Told of runs (UUIDs) without a card: with many of them memory is of no use. */
  onMissed: (workspaceId: string, runIds: readonly string[]) => void;
}

/** Makes it over a database. */
export function createRunMemory({ database, maxBytes, onMissed }: RunMemoryOptions): RunMemory {
  const residents = new Map<string, Resident>();
  /** Searches of experiments that are not kept, and from when on they may be. */
  const missed = new Map<string, { searches: number; sinceMs: number; notBeforeMs: number }>();
  let started: { writer: CardWriter; onError: (error: unknown) => void; sweeping: NodeJS.Timeout } | null = null;
  /** The one experiment that is read now; what is under way ends when this is another. */
  let loading: Promise<void> | null = null;
  let generation = 0;

  const takeIn = (table: RunTable, { id, stamp, body }: StampedCard, writer: CardWriter): void => {
    // A run with too much to say for a card, and cards that another release wrote.
    if (!body) table.putBare(id, stamp);
    else table.put(id, { stamp, body }, writer.read(body));
  };

  /** Does something with an experiment once what came before is done. */
  const inTurn = (resident: Resident, work: () => Promise<void>): Promise<void> => {
    const done = resident.work.then(work);
    resident.work = done.catch(() => undefined);
    return done;
  };

  const catchUp = (experimentId: string, resident: Resident, upTo: number, writer: CardWriter): Promise<void> =>
    inTurn(resident, async () => {
      const { marks } = resident;
      while (marks.stamp < upTo) {
        const { layout } = writer;
        const cards = await selectNewCards(database, { layout, experimentId, above: marks.stamp, upTo, limit: CARDS_AT_ONCE });
        for (const card of cards) takeIn(resident.table, card, writer);
        marks.stamp = cards.length < CARDS_AT_ONCE ? upTo : (cards.at(-1)?.stamp ?? upTo);
      }
    });

  /** Forgets the runs that are gone. */
  const reconcile = (experimentId: string, resident: Resident): Promise<void> =>
    inTurn(resident, async () => {
      const members = await selectMembers(database, experimentId);
      const ids = new Set(members.ids);
      // Nothing is taken in meanwhile, so that a run that is known and not there is gone.
      for (const id of resident.table.known) if (!ids.has(id)) resident.table.remove(id);
      resident.marks.removal = members.removal;
    });

  const letBe = (experimentId: string): void => {
    const now = performance.now();
    residents.delete(experimentId);
    missed.set(experimentId, { searches: 0, sinceMs: now, notBeforeMs: now + LET_BE_MS });
  };

  /** Does something whose failure is no search's: the experiment is let be. */
  const apart = (experimentId: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      letBe(experimentId);
      // That the database is away is no defect, and every request says it already.
      if (!(error instanceof DomainError && error.kind === 'unavailable')) started?.onError(error);
    });

  const total = (): number => [...residents.values()].reduce((sum, { table }) => sum + table.byteLength, 0);

  /** Lets go what was not searched for the longest, until there is room. What is in use stays. */
  const makeRoom = (bytes: number): boolean => {
    const byUse = [...residents].sort(([, a], [, b]) => a.usedMs - b.usedMs);
    const now = performance.now();
    for (const [id, { usedMs }] of byUse) {
      if (total() + bytes <= maxBytes || now - usedMs < IN_USE_MS) break;
      residents.delete(id);
    }
    return total() + bytes <= maxBytes;
  };

  /** Reads an experiment; null where it is too small, or too large. */
  const read = async ({ experimentId, workspaceId }: Place, writer: CardWriter, isWanted: () => boolean): Promise<Resident | null> => {
    const { ids, ...marks } = await selectMembers(database, experimentId);
    if (ids.length < LEAST_RUNS) return null;
    const table = new RunTable();
    const old = residents.get(experimentId)?.table.byteLength ?? 0;
    if (total() + old > maxBytes) residents.delete(experimentId);
    for (let from = 0; from < ids.length; from += CARDS_AT_ONCE) {
      const some = ids.slice(from, from + CARDS_AT_ONCE);
      const cards = await selectCardsOf(database, { layout: writer.layout, runIds: some });
      const begun = performance.now();
      for (const card of cards) takeIn(table, card, writer);
      const carded = new Set(cards.map(({ id }) => id));
      const uncarded = some.filter((id) => !carded.has(id));
      for (const id of uncarded) table.putBare(id, marks.stamp);
      onMissed(workspaceId, uncarded);
      // What all of it will take, by what so many take: one that is too large is not read to the end of what there is room for.
      const length = from + some.length;
      const expected = length < TELLING_RUNS ? table.byteLength : (table.byteLength * ids.length) / length;
      if (!isWanted() || !makeRoom(expected)) return null;
      await turn();
      await pause(performance.now() - begun);
    }
    return { table, marks, usedMs: performance.now(), work: Promise.resolve(), isReconciling: false };
  };

  const load = (place: Place, writer: CardWriter): void => {
    const { experimentId } = place;
    if (loading !== null) return;
    const mine = generation;
    const isWanted = () => generation === mine;
    const reading = read(place, writer, isWanted).then((resident) => {
      if (!isWanted()) return;
      missed.delete(experimentId);
      if (resident === null) letBe(experimentId);
      else residents.set(experimentId, resident);
    });
    loading = apart(experimentId, reading).finally(() => {
      loading = null;
    });
  };

  const miss = (place: Place, writer: CardWriter): void => {
    const { experimentId } = place;
    const now = performance.now();
    const known = missed.get(experimentId);
    if (missed.size >= MOST_REMEMBERED) missed.clear();
    const isNew = known === undefined || now - known.sinceMs > REMEMBERED_MS;
    const one = isNew ? { searches: 1, sinceMs: now, notBeforeMs: 0 } : { ...known, searches: known.searches + 1 };
    missed.set(experimentId, one);
    if (one.searches >= LEAST_SEARCHES && now >= one.notBeforeMs) load(place, writer);
  };

  /** Brings an experiment up to date. Answers its runs whose cards do not count; null where that would take too long. */
  const prepare = async (
    call: Call,
    experimentId: string,
    { resident, readsMetrics, writer }: { resident: Resident; readsMetrics: boolean; writer: CardWriter },
  ): Promise<readonly string[] | null> => {
    let isSettled = !readsMetrics;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { changed, stamp, removal, emptying, isUnsettled } = await selectNews(database, experimentId);
      const { marks } = resident;
      if (emptying !== marks.emptying) {
        residents.delete(experimentId);
        return null;
      }
      if (removal !== marks.removal) {
        if (!resident.isReconciling) {
          resident.isReconciling = true;
          void apart(experimentId, reconcile(experimentId, resident)).finally(() => {
            resident.isReconciling = false;
          });
        }
        return null;
      }
      if (changed === null || changed.length > MOST_APART) return null;
      if (isUnsettled && !isSettled) await settleExperiments(database, call, [experimentId]);
      else if (stamp <= marks.stamp) return changed;
      // What is appended from here on came after the search.
      isSettled = true;
      if (stamp > marks.stamp) await apart(experimentId, catchUp(experimentId, resident, stamp, writer));
    }
    return null;
  };

  return {
    async search(call, query, { page, layout }) {
      const [experimentId, ...others] = query.experimentIds ?? [];
      // In a transaction of the caller's there may be what nobody else sees.
      if (started === null || maxBytes === 0 || experimentId === undefined || others.length > 0 || call.tx !== undefined) return null;
      const { writer } = started;
      if (layout !== writer.layout) return null;
      const plans = plansOfRuns(query);
      const order = memoryOrderOf(plans);
      if (order === null) return null;
      const resident = residents.get(experimentId);
      if (resident === undefined) {
        miss({ experimentId, workspaceId: query.workspaceId }, writer);
        return null;
      }
      resident.usedMs = performance.now();
      const { table } = resident;
      if (conditionsOf(table, plans) === null) return null;
      const changed = await prepare(call, experimentId, { resident, readsMetrics: plans.readsMetrics, writer });
      if (table.stale > MOST_STALE + table.length / STALE_SHARE) load({ experimentId, workspaceId: query.workspaceId }, writer);
      if (changed === null) return null;
      return searchTable(on(database, call), { table, plans, order, view: query.view, changed, layout }, page);
    },

    start(options) {
      started ??= { ...options, sweeping: setInterval(sweep, SWEEP_MS).unref() };
    },

    forget() {
      generation += 1;
      residents.clear();
      missed.clear();
    },

    async stop() {
      clearInterval(started?.sweeping);
      started = null;
      this.forget();
      await loading;
    },
  };

  function sweep(): void {
    const now = performance.now();
    for (const [id, { usedMs }] of residents) if (now - usedMs > IDLE_MS) residents.delete(id);
    makeRoom(0);
  }
}

interface Prepared {
  table: RunTable;
  plans: RunSearchPlans;
  order: MemoryOrder;
  view: RunQuery['view'];
  changed: readonly string[];
  layout: number;
}

/** Finds a page in memory, and among the runs that memory cannot speak for. */
async function searchTable(db: ReturnType<typeof on>, prepared: Prepared, page: PageRequest): Promise<Page<FoundRun> | null> {
  const { table, plans, order, view, changed, layout } = prepared;
  const whole = plans.whole();
  const behind = page.after === null ? null : keysOf(whole, page.after).map((key) => (typeof key === 'number' ? key : String(key)));
  // From here to the rows nobody else is at the table.
  const except = new Set([...changed, ...table.bare]);
  const conditions = conditionsOf(table, plans);
  if (except.size > MOST_APART || conditions === null) return null;
  const isActive = view === 'ALL' ? null : view === 'ACTIVE';
  const limit = page.first + 1;
  const found = findRows(table, { order, conditions, isActive, except, behind, limit }).map(({ row, keys }) => ({
    keys,
    run: { id: table.ids[row] ?? '', card: table.cards.at(row) },
  }));
  const others = except.size === 0 ? [] : await findApart(db, plans.whole(), { runIds: [...except], layout, page });
  const all = merged(directionsOf(order), found, others, limit);
  return pageOf<FoundRun>(whole, {
    items: all.slice(0, page.first).map(({ run }) => run),
    keysAt: (place) => all[place]?.keys ?? [],
    hasNextPage: all.length > page.first,
  });
}

interface Found {
  run: FoundRun;
  keys: Keys;
}

/** The same search among these runs alone. */
async function findApart(
  db: ReturnType<typeof on>,
  plan: Plan,
  { runIds, layout, page }: { runIds: readonly string[]; layout: number; page: PageRequest },
): Promise<Found[]> {
  plan.where.push(`r.id = ANY (${plan.values.add(runIds, 'uuid[]')})`);
  const rows = await rowsOf(db, plan, `r.id, ${cardColumn(layout)}`, page);
  return rows.map((row) => {
    const { id, card } = row as FoundRun;
    return { run: { id, card }, keys: plan.order.map((_, index) => Reflect.get(row, `k${index}`) as number | string) };
  });
}
