// What a dataset says of itself. People write it here, and each writing is kept for a while, so that nobody's text is lost; where nobody
// has, the file README.md of the current version speaks.

import { on, within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { decodeCursor, DomainError, encodeCursor, invalid, pageOf, requireScope } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { datasetNotFound, readmeChanged } from './errors.ts';
import { checkText, MAX_README_CHARACTERS } from './names.ts';
import type { Parts } from './parts.ts';
import type { Dataset, DatasetVersion, Readme } from './types.ts';

export interface Readmes {
  /**
   * Writes over the revision that was read; 0 where nobody had written one. An empty text takes it away. Writing what is there already
   * changes nothing. Throws `conflict` README_CHANGED, `invalid` INVALID_TEXT (over 100,000 characters).
   */
  write(call: Call, datasetId: string, input: { text: string; revision: number }): Promise<Dataset>;
  /** The newest of each dataset; those that nobody wrote for are left out. */
  ofDatasets(call: Call, datasetIds: readonly string[]): Promise<Map<string, Readme>>;
  /** Newest first, the last hundred. */
  history(call: Call, datasetId: string, page: PageRequest): Promise<Page<Readme>>;
  /** The text of the version's README.md; null where it has none, or one that is longer than what may be written, or no text. */
  fileOf(call: Call, version: DatasetVersion): Promise<string | null>;
}

/** Writings that are kept of a dataset. */
const KEPT = 100;
/** What a README in a version may be called. */
const FILES = ['README.md', 'readme.md', 'Readme.md', 'README.markdown'];
/** The longest file whose text could be short enough: a character takes up to four bytes. */
const MAX_FILE_BYTES = 4 * MAX_README_CHARACTERS;

export function createReadmes({ database, store, content, clock }: Parts): Readmes {
  const ofDatasets: Readmes['ofDatasets'] = async (call, datasetIds) => {
    const rows = await store.readmesOf(on(database, call), call.caller.workspaceId, datasetIds);
    return new Map(rows.map(({ datasetId, ...readme }) => [datasetId, readme]));
  };

  /** Null where the stored bytes are damaged or gone, which the version's integrity tells. */
  const read = async (call: Call, sha256: string): Promise<Buffer | null> => {
    const parts: Buffer[] = [];
    try {
      for await (const part of (await content.openBlob(call, sha256)).body) parts.push(part as Buffer);
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'corrupt') return null;
      throw error;
    }
    return Buffer.concat(parts);
  };

  return {
    write(call, datasetId, { text, revision }) {
      requireScope(call.caller, 'WRITE');
      checkText('README', text, MAX_README_CHARACTERS);
      return within(database, call, async (tx) => {
        const dataset = await store.lockDataset(tx, call.caller.workspaceId, { id: datasetId });
        if (dataset === null) throw datasetNotFound(datasetId);
        const [last] = await store.readmesOf(tx, call.caller.workspaceId, [datasetId]);
        const lastRevision = last?.revision ?? 0;
        // A retry of what was written before its answer was lost finds its own text.
        if (text === (last?.text ?? '')) return dataset;
        if (revision !== lastRevision) throw readmeChanged(dataset.name, lastRevision);
        const next = lastRevision + 1;
        await store.insertReadme(tx, datasetId, { text, revision: next, author: call.caller.name, at: clock.now() }, next - KEPT);
        return dataset;
      });
    },

    ofDatasets,

    async history(call, datasetId, { first, after }) {
      const below = after === null ? null : readCursor(after);
      const rows = await store.listReadmes(on(database, call), call.caller.workspaceId, { datasetId, first: first + 1, below });
      return pageOf(rows, first, (readme) => encodeCursor([readme.revision]));
    },

    async fileOf(call, version) {
      for (const path of FILES) {
        const file = await content.findEntry(call, version.manifestId, path);
        if (file === null) continue;
        if (file.sizeBytes > MAX_FILE_BYTES || file.integrity === 'DAMAGED') return null;
        const bytes = await read(call, file.sha256);
        return bytes === null ? null : textOf(bytes);
      }
      return null;
    },
  };
}

function textOf(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.length <= MAX_README_CHARACTERS && text.trim() !== '' ? text : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function readCursor(cursor: string): number {
  const [revision] = decodeCursor(cursor, 1);
  if (typeof revision !== 'number' || !Number.isInteger(revision) || revision < 1 || revision > 2 ** 31 - 1) {
    throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
  }
  return revision;
}
