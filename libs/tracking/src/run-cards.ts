// Cards: what a protocol answers of a run, kept ready as text, so that a page of a search is as many rows and no work. What a card says is the
// edge's business, which writes it down; that it is never stale is this domain's (see store/run-cards.ts). A run without a card is read
// as if there were none.
//
// Cards are made when they are missed, and for runs that rest: some at a time, in a worker that works less than a third of the time. All of them
// are derived. The table may be emptied whenever somebody likes.

import { setTimeout as pause } from 'node:timers/promises';

import { on } from '@throughline/database';
import { DomainError, isUuid } from '@throughline/kernel';

import type { CardWriter, FoundRun, RunCards } from './api.ts';
import { createRunMemory } from './memory/keeper.ts';
import type { Parts } from './parts.ts';
import { checkSearchPage, queryOf } from './runs.ts';
import { findRuns } from './search/find-runs.ts';
import {
  cardColumn,
  insertCards,
  removeCards,
  removeStrayChanges,
  selectCards,
  selectRested,
  selectUncarded,
  takeForCards,
} from './store/run-cards.ts';
import type { Place } from './store/run-cards.ts';
import { selectRuns } from './store/runs.ts';

/** Characters of the largest card: a run with more than a thousand metrics is read instead. */
const MAX_BODY = 128 * 1024;
/** The card of a run that is too large for one: it says nothing, and that so nobody has to find that out again. */
const TOO_LARGE = '';
/** Cards that are written in one transaction. */
const CARDS_AT_ONCE = 100;
/** A run that was changed this recently may change again, and is left for later; one under way, in the background, for longer. */
const REST_MS = 5_000;
const OPEN_REST_MS = 60 * 60_000;
/** How often the worker looks for something to do, and for runs that rest; the latter takes a fiftieth of the time at most. */
const TICK_MS = 250;
const LOOK_MS = 5_000;
const LOOK_SHARE = 50;
/** Runs that are looked at in one statement, and those that wait for a card at most: what is beyond is met again. */
const LOOKED_AT = 5_000;
const MAX_WAITING = 20_000;
/** The worker pauses this many times as long as it worked. */
const PAUSE_SHARE = 2;
/** After a failure (the database is away) it waits so long. */
const RECOVERY_MS = 5_000;

/** How far the worker has looked. */
interface Lookout {
  /**
   * The last run that it saw on its one way through all of them, null at the end: whatever has no card and will not be changed, after the table
   * was emptied, or in a new layout.
   */
  seen: string | null;
  /** When it looks for runs that rest again. */
  nextMs: number;
}

/** `memoryBytes` is what runs may take in memory for searches; see memory/keeper.ts. */
export function createRunCards(parts: Parts, memoryBytes: number): RunCards & { forget(): void } {
  const { database } = parts;
  /** Runs without a card, by UUID, and their workspaces. */
  const waiting = new Map<string, string>();
  let work: { end: AbortController; done: Promise<void> } | null = null;

  const want = (places: readonly Place[]): void => {
    for (const { id, workspaceId } of places.slice(0, MAX_WAITING - waiting.size)) waiting.set(id, workspaceId);
  };

  const memory = createRunMemory({
    database,
    maxBytes: memoryBytes,
    onMissed: (workspaceId, runIds) => want(runIds.map((id) => ({ id, workspaceId }))),
  });

  const make: RunCards['make'] = async (call, runIds, writer, restMs) => {
    const { workspaceId } = call.caller;
    const known = runIds.filter(isUuid);
    let made = 0;
    for (let from = 0; from < known.length; from += CARDS_AT_ONCE) {
      const some = known.slice(from, from + CARDS_AT_ONCE);
      made += await database.transaction(async (tx) => {
        const taken = await takeForCards(tx, { workspaceId, runIds: some, restMs });
        if (taken.length === 0) return 0;
        await removeCards(tx, taken);
        const cards = await writer.write({ ...call, tx }, await selectRuns(tx, workspaceId, taken));
        // One that is on its way out of the workspace is not read, and said nothing of: whoever goes by cards hears that it is not what it was.
        const bodies = taken.map((id): [string, string] => {
          // One that is on its way out of the workspace is not read. That its card says nothing tells whoever goes by cards that it changed.
          const body = cards.get(id) ?? TOO_LARGE;
          return [id, body.length <= MAX_BODY ? body : TOO_LARGE];
        });
        const small = new Map(bodies);
        await insertCards(tx, writer.layout, small);
        return small.size;
      });
    }
    return made;
  };

  /** Makes cards of some of the runs that wait. */
  const makeSome = async (writer: CardWriter): Promise<void> => {
    const [first] = waiting;
    if (first === undefined) return;
    const [, workspaceId] = first;
    const some: string[] = [];
    for (const [id, owner] of waiting) {
      if (owner === workspaceId) some.push(id);
      if (some.length === CARDS_AT_ONCE) break;
    }
    for (const id of some) waiting.delete(id);
    const caller = { workspaceId, principalId: workspaceId, name: 'cards of runs', scope: 'READ', runId: null } as const;
    await make({ caller }, some, writer, REST_MS);
  };

  /** Looks for runs to make cards of, once there are none. */
  const look = async (writer: CardWriter, at: Lookout): Promise<void> => {
    const begun = performance.now();
    if (at.seen !== null) {
      const runs = await selectUncarded(database, { after: at.seen, layout: writer.layout, limit: LOOKED_AT });
      want(runs.filter(({ lacks }) => lacks));
      at.seen = runs.length < LOOKED_AT ? null : (runs.at(-1)?.id ?? null);
      if (at.seen === null) await removeStrayChanges(database);
    } else if (begun >= at.nextMs) {
      want(await selectRested(database, { endedMs: REST_MS, openMs: OPEN_REST_MS, limit: LOOKED_AT }));
      at.nextMs = performance.now() + Math.max(LOOK_MS, LOOK_SHARE * (performance.now() - begun));
    }
  };

  /** Works until it is told to end, or something goes wrong. */
  const run = async (writer: CardWriter, at: Lookout, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const begun = performance.now();
      if (waiting.size > 0) await makeSome(writer);
      else await look(writer, at);
      const isIdle = waiting.size === 0 && at.seen === null;
      await pause(isIdle ? TICK_MS : PAUSE_SHARE * (performance.now() - begun), undefined, { signal });
    }
  };

  /** Works on after whatever goes wrong. */
  const runOn = async ({ writer, onError }: { writer: CardWriter; onError: (error: unknown) => void }, signal: AbortSignal) => {
    const at: Lookout = { seen: '00000000-0000-0000-0000-000000000000', nextMs: 0 };
    for (;;) {
      try {
        await run(writer, at, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // That the database is away is no defect, and every request says it already.
        if (!(error instanceof DomainError && error.kind === 'unavailable')) onError(error);
        await pause(RECOVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  return {
    make,

    async search(call, search, { page, layout }) {
      checkSearchPage(page.first);
      const query = await queryOf(parts, call, search);
      const found = layout === null ? null : await memory.search(call, query, { page, layout });
      if (found !== null) return found;
      const columns = `r.id, ${layout === null ? 'NULL AS card' : cardColumn(layout)}`;
      return findRuns<FoundRun>(parts, call, query, { columns, page });
    },

    async read(call, runIds, layout) {
      const { workspaceId } = call.caller;
      return selectCards(on(database, call), { workspaceId, runIds: runIds.filter(isUuid), layout });
    },

    missed(call, runIds) {
      // In a transaction of the caller's they would be looked at before it ends.
      if (work === null || call.tx !== undefined) return;
      want(runIds.filter(isUuid).map((id) => ({ id, workspaceId: call.caller.workspaceId })));
    },

    start(options) {
      if (work !== null) return;
      const end = new AbortController();
      work = { end, done: runOn(options, end.signal) };
      memory.start(options);
    },

    async stop() {
      work?.end.abort();
      await Promise.all([work?.done, memory.stop()]);
      work = null;
      waiting.clear();
    },

    forget: () => memory.forget(),
  };
}
