// Pointers: names that stand for one version of a dataset at a time. `current` stands for the dataset itself; every other is a tag. Each
// move is kept, so that what a name stood for at a time can be told. Who moves one holds the dataset's row lock.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { decodeCursor, encodeCursor, invalid, invariant, isUuid, newId, pageOf, requireScope } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { datasetNotFound, tagNotFound, tooManyTags, versionRetracted } from './errors.ts';
import { lockVersion } from './lock.ts';
import { checkTag, CURRENT } from './names.ts';
import type { Parts } from './parts.ts';
import type { Dataset, DatasetPointer, DatasetPointerEvent, DatasetVersion } from './types.ts';

export interface Pointers {
  /** Makes a version the current one of its dataset. Throws `conflict` VERSION_RETRACTED. Doing it again changes nothing. */
  setCurrent(call: Call, versionId: string): Promise<Dataset>;
  /** Makes a tag name a version, moving it where it exists. Throws `invalid` INVALID_TAG, `exhausted` TOO_MANY_TAGS (over 1000). */
  tag(call: Call, versionId: string, tag: string): Promise<DatasetVersion>;
  /** Takes a tag away. Throws `not_found` TAG_NOT_FOUND. */
  untag(call: Call, datasetId: string, tag: string): Promise<Dataset>;
  /** The pointers of datasets, `current` included, by name. */
  ofDatasets(call: Call, datasetIds: readonly string[]): Promise<Map<string, DatasetPointer[]>>;
  /** The names of the pointers at versions, `current` included. */
  namesAt(call: Call, versionIds: readonly string[]): Promise<Map<string, string[]>>;
  /** Every move of one pointer, or of all, newest first. */
  history(call: Call, datasetId: string, options: { name?: string | null; page: PageRequest }): Promise<Page<DatasetPointerEvent>>;
  /** The same page of many datasets, in one statement; for every id an answer, an empty one where there is no such dataset. */
  histories(
    call: Call,
    datasetIds: readonly string[],
    options: { name?: string | null; page: PageRequest },
  ): Promise<Map<string, Page<DatasetPointerEvent>>>;
  /** The id of the version that the pointer named at a time; null where it named none. */
  asOf(call: Call, datasetId: string, name: string, at: Date): Promise<string | null>;
  /** For whoever holds the dataset's lock: moves `current`, unless it stands there already. */
  moveCurrent(tx: Tx, call: Call, dataset: Dataset, versionId: string): Promise<Dataset>;
}

/** Tags and `current` of one dataset. */
const MAX_POINTERS = 1001;

export function createPointers({ database, store, clock }: Parts): Pointers {
  const move = async (
    tx: Tx,
    call: Call,
    datasetId: string,
    name: string,
    to: { from: string | null; versionId: string | null },
  ): Promise<void> => {
    const at = clock.now();
    const { from: previousVersionId, versionId } = to;
    const actor = call.caller.name;
    await store.movePointer(tx, { eventId: newId(at.getTime()), datasetId, name, versionId, previousVersionId, actor, at });
  };

  const moveCurrent = async (tx: Tx, call: Call, dataset: Dataset, versionId: string): Promise<Dataset> => {
    if (dataset.currentVersionId === versionId) return dataset;
    await move(tx, call, dataset.id, CURRENT, { from: dataset.currentVersionId, versionId });
    return { ...dataset, currentVersionId: versionId };
  };

  const histories: Pointers['histories'] = async (call, datasetIds, { name = null, page }) => {
    const found = await store.pointerEvents(on(database, call), call.caller.workspaceId, {
      datasetIds,
      name,
      first: page.first + 1,
      after: page.after === null ? null : readCursor(page.after),
    });
    return new Map(datasetIds.map((id) => [id, pageOf(found.get(id) ?? [], page.first, cursorOf)]));
  };

  return {
    setCurrent(call, versionId) {
      requireScope(call.caller, 'WRITE');
      return within(database, call, async (tx) => {
        const { dataset, version } = await lockVersion(store, tx, call, versionId);
        if (version.retraction !== null) throw versionRetracted(version);
        return moveCurrent(tx, call, dataset, versionId);
      });
    },

    tag(call, versionId, tag) {
      requireScope(call.caller, 'WRITE');
      checkTag(tag);
      return within(database, call, async (tx) => {
        const { dataset, version } = await lockVersion(store, tx, call, versionId);
        const from = await store.findPointer(tx, dataset.id, tag);
        if (from === versionId) return version;
        if (from === null && (await store.countPointers(tx, dataset.id)) >= MAX_POINTERS) throw tooManyTags(dataset.name, MAX_POINTERS - 1);
        await move(tx, call, dataset.id, tag, { from, versionId });
        return version;
      });
    },

    untag(call, datasetId, tag) {
      requireScope(call.caller, 'WRITE');
      checkTag(tag);
      return within(database, call, async (tx) => {
        const dataset = await store.lockDataset(tx, call.caller.workspaceId, { id: datasetId });
        if (dataset === null) throw datasetNotFound(datasetId);
        const from = await store.findPointer(tx, datasetId, tag);
        if (from === null) throw tagNotFound(dataset.name, tag);
        await move(tx, call, datasetId, tag, { from, versionId: null });
        return dataset;
      });
    },

    async ofDatasets(call, datasetIds) {
      const rows = await store.pointersOf(on(database, call), call.caller.workspaceId, datasetIds, MAX_POINTERS);
      return Map.groupBy(rows, (pointer) => pointer.datasetId);
    },

    async namesAt(call, versionIds) {
      const rows = await store.pointersAt(on(database, call), call.caller.workspaceId, versionIds);
      const grouped = Map.groupBy(rows, (pointer) => pointer.versionId);
      return new Map([...grouped].map(([versionId, pointers]) => [versionId, pointers.map((pointer) => pointer.name)]));
    },

    async history(call, datasetId, options) {
      const page = (await histories(call, [datasetId], options)).get(datasetId);
      invariant(page !== undefined, 'every id has an answer');
      return page;
    },

    histories,

    asOf: (call, datasetId, name, at) => store.pointerAsOf(on(database, call), call.caller.workspaceId, datasetId, name, at),

    moveCurrent,
  };
}

/** The last moment that a Date can tell. */
const MAX_DATE_MS = 8.64e15;

function cursorOf(event: DatasetPointerEvent): string {
  return encodeCursor([event.at.getTime(), event.id]);
}

function readCursor(cursor: string): { at: Date; id: string } {
  const [ms, id] = decodeCursor(cursor, 2);
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= MAX_DATE_MS) || typeof id !== 'string' || !isUuid(id)) {
    throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
  }
  return { at: new Date(ms), id };
}
