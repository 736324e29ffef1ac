// Datasets: names that versions hang on. Deleting one leaves a tombstone: its versions, digests, edges and history stay for lineage,
// while look-ups by name no longer find it and the name can be taken again.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { decodeCursor, encodeCursor, invalid, newId, pageOf, parseNodeId, parseRef, requireScope } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { datasetExists, datasetNotFound, foreignWorkspace } from './errors.ts';
import { checkDatasetName, checkText, MAX_DESCRIPTION_CHARACTERS } from './names.ts';
import type { Parts } from './parts.ts';
import type { Obstacle } from './store/store.ts';
import type { Dataset } from './types.ts';

export interface Datasets {
  /** Makes a dataset without versions. Throws `conflict` DATASET_EXISTS. */
  create(call: Call, input: { name: string; description?: string | undefined }): Promise<Dataset>;
  /** Throws `not_found` DATASET_NOT_FOUND for an unknown or deleted one. */
  describe(call: Call, id: string, description: string): Promise<Dataset>;
  /**
   * Leaves a tombstone. Whether anything stands on its versions is the caller's to find out, in the same transaction and after
   * `versionIdsOf`, which keeps new versions out until it ends, and lets nobody find one of these in a transaction.
   */
  delete(call: Call, id: string): Promise<Dataset>;
  /** The ids of all its versions, oldest first. In an open transaction it locks the dataset for deletion, so that these stay all until it ends. */
  versionIdsOf(call: Call, id: string): Promise<string[]>;
  /** What stands on its versions, as far as this domain knows; null where nothing does. Deleting it then would be a mistake. */
  standsOn(call: Call, id: string): Promise<Obstacle | null>;
  /** By name; a search finds names that contain it, in either case. */
  list(call: Call, options: { search?: string | null | undefined; page: PageRequest }): Promise<Page<Dataset>>;
  count(call: Call, search?: string | null): Promise<number>;
  /** By ids, deleted ones included; unknown ones are left out. */
  byIds(call: Call, ids: readonly string[]): Promise<Map<string, Dataset>>;
  /** A live dataset by node id or reference (`data:penguins`); null where there is none. Throws `invalid` for a text that is neither. */
  findByRef(call: Call, text: string): Promise<Dataset | null>;
  /** As `findByRef`, but throws `not_found` DATASET_NOT_FOUND. */
  getByRef(call: Call, text: string): Promise<Dataset>;
}

/** The longest text that a search is made with. */
const MAX_SEARCH_CHARACTERS = 255;

export function createDatasets({ database, store, clock }: Parts): Datasets {
  const lock = async (tx: Tx, workspaceId: string, id: string, purpose: 'change' | 'delete' = 'change'): Promise<Dataset> => {
    const dataset = await store.lockDataset(tx, workspaceId, { id }, purpose);
    if (dataset === null) throw datasetNotFound(id);
    return dataset;
  };

  const findByRef = async (call: Call, text: string): Promise<Dataset | null> => {
    const db = on(database, call);
    const { workspaceId } = call.caller;
    const parsed = parseNodeId(text);
    if (parsed !== null) {
      if (parsed.kind !== 'dataset') throw notOfDataset(text);
      const [dataset] = await store.datasetsByIds(db, workspaceId, [parsed.id]);
      return dataset === undefined || dataset.deletedAt !== null ? null : dataset;
    }
    const ref = parseRef(text);
    if (ref?.ref.kind !== 'data') throw notOfDataset(text);
    if (ref.workspace !== null) throw foreignWorkspace(text);
    const { name, ...version } = ref.ref;
    if (Object.keys(version).length > 1) {
      throw invalid(
        'INVALID_REFERENCE',
        `'${text.slice(0, 120)}' names a version, where a dataset is needed: leave away what is behind the @.`,
      );
    }
    return store.findDataset(db, workspaceId, checkDatasetName(name));
  };

  return {
    create(call, { name, description = '' }) {
      requireScope(call.caller, 'WRITE');
      checkDatasetName(name);
      checkText('description', description, MAX_DESCRIPTION_CHARACTERS);
      return within(database, call, async (tx) => {
        const { workspaceId } = call.caller;
        const now = clock.now();
        const id = newId(now.getTime());
        if (!(await store.insertDataset(tx, { id, workspaceId, name, description, at: now }))) throw datasetExists(name);
        return { id, name, description, versionCount: 0, currentVersionId: null, createdAt: now, deletedAt: null };
      });
    },

    describe(call, id, description) {
      requireScope(call.caller, 'WRITE');
      checkText('description', description, MAX_DESCRIPTION_CHARACTERS);
      return within(database, call, async (tx) => {
        const dataset = await lock(tx, call.caller.workspaceId, id);
        await store.updateDescription(tx, id, description);
        return { ...dataset, description };
      });
    },

    delete(call, id) {
      requireScope(call.caller, 'WRITE');
      return within(database, call, async (tx) => {
        const dataset = await lock(tx, call.caller.workspaceId, id, 'delete');
        const deletedAt = clock.now();
        await store.markDeleted(tx, id, deletedAt);
        return { ...dataset, deletedAt };
      });
    },

    async versionIdsOf(call, id) {
      if (call.tx !== undefined) await lock(call.tx, call.caller.workspaceId, id, 'delete');
      return store.versionIdsOf(on(database, call), call.caller.workspaceId, id);
    },

    standsOn: (call, id) => store.standsOn(on(database, call), id),

    async list(call, { search, page }) {
      const after = page.after === null ? null : decodeCursor(page.after, 1)[0];
      const rows = await store.listDatasets(on(database, call), call.caller.workspaceId, {
        search: checkSearch(search),
        first: page.first + 1,
        after: after === null || after === undefined ? null : checkText('cursor', String(after), MAX_SEARCH_CHARACTERS),
      });
      return pageOf(rows, page.first, (dataset) => encodeCursor([dataset.name]));
    },

    count: (call, search) => store.countDatasets(on(database, call), call.caller.workspaceId, checkSearch(search)),

    async byIds(call, ids) {
      const rows = await store.datasetsByIds(on(database, call), call.caller.workspaceId, ids);
      return new Map(rows.map((dataset) => [dataset.id, dataset]));
    },

    findByRef,

    async getByRef(call, text) {
      const dataset = await findByRef(call, text);
      if (dataset === null) throw datasetNotFound(text);
      return dataset;
    },
  };
}

function checkSearch(search: string | null | undefined): string | null {
  if (search === null || search === undefined || search === '') return null;
  return checkText('search', search, MAX_SEARCH_CHARACTERS);
}

function notOfDataset(text: string): Error {
  return invalid('INVALID_ID', `'${text.slice(0, 120)}' is not the id or reference of a dataset; it would look like data:penguins.`);
}
