// The frozen files of versions, as content keeps them. A version without files has none of them, and nobody has checked those.

import type { Call } from '@throughline/database';
import type { FileInfo, Integrity } from '@throughline/content';
import type { Page } from '@throughline/kernel';
import { pageOf, pageRequest } from '@throughline/kernel';

import type { PageInput } from './models.ts';
import type { Parts } from './parts.ts';
import type { ModelVersion } from './types.ts';

export interface FileTotals {
  fileCount: number;
  totalBytes: number;
}

type Frozen = Pick<ModelVersion, 'manifestId'>;

export interface Files {
  /** The files of a version, by path. */
  list(call: Call, version: Frozen, page: PageInput): Promise<Page<FileInfo>>;
  /** The same page of the files of many manifests; under their ids. */
  pagesOf(call: Call, manifestIds: readonly string[], page: PageInput): Promise<Map<string, Page<FileInfo>>>;
  /** How many files these manifests have, and how many bytes; under the manifests' ids. */
  totalsOf(call: Call, manifestIds: readonly string[]): Promise<Map<string, FileTotals>>;
  /** What the last checks found of everything behind these manifests; under their ids. */
  integrityOf(call: Call, manifestIds: readonly string[]): Promise<Map<string, Integrity>>;
}

export function createFiles({ content }: Parts): Files {
  return {
    async list(call, { manifestId }, input) {
      const page = pageRequest(input);
      return manifestId === null ? pageOf<FileInfo>([], page.first, (file) => file.path) : content.listEntries(call, manifestId, { page });
    },

    pagesOf: async (call, manifestIds, page) => content.listEntriesOf(call, manifestIds, { page: pageRequest(page) }),

    totalsOf: (call, manifestIds) => content.getManifests(call, manifestIds),

    async integrityOf(call, manifestIds) {
      const found = await content.integrityOf(call, manifestIds);
      return new Map([...found].map(([id, { integrity }]) => [id, integrity]));
    },
  };
}
