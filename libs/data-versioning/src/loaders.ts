// What a page can hold is loaded for the whole page: one statement for each kind of thing, however many rows ask.

import type { FileInfo, FolderChild, ManifestInfo, ManifestIntegrity } from '@throughline/content';
import { callOf, defineLoader, loadByGroup, loadById, nestedPage } from '@throughline/graphql';
import type { Load } from '@throughline/graphql';
import type { Page, PageRequest } from '@throughline/kernel';

import type { DataVersioning } from './data-versioning.ts';
import type { ProfileKey, ProfileRow } from './store/profiles.ts';
import { keyText } from './tables/profiles.ts';
import type { DatasetTable } from './tables/profiles.ts';
import type { TableProfile } from './tables/types.ts';
import type { Dataset, DatasetPointer, DatasetPointerEvent, DatasetVersion, Readme, RetractionEvent, Sighting } from './types.ts';

export interface VersionsKey {
  datasetId: string;
  page: PageRequest;
}

/** A page of something that one of many has; `id` says whose, and is the only thing in which the rows of a list differ. */
interface Asked {
  id: string;
  first?: number | null;
  after?: string | null;
}

export interface Loaders {
  /** By UUID, tombstones included. */
  dataset: Load<string, Dataset>;
  /** By UUID, those of tombstones included. */
  version: Load<string, DatasetVersion>;
  versions: Load<VersionsKey, Page<DatasetVersion>>;
  pointers: Load<string, DatasetPointer[]>;
  pointerNames: Load<string, string[]>;
  /** By dataset: a page of the moves of one pointer, or of all. */
  history: Load<Asked & { pointer: string | null }, Page<DatasetPointerEvent>>;
  /** What was written here for a dataset. */
  readme: Load<string, Readme>;
  manifest: Load<string, ManifestInfo>;
  integrity: Load<string, ManifestIntegrity>;
  /** By manifest id: a page of its files, below a folder unless that is ''. */
  files: Load<Asked & { under: string }, Page<FileInfo>>;
  /** By manifest id: a page of what lies directly in a folder. */
  entries: Load<Asked & { path: string }, Page<FolderChild>>;
  /** By manifest id: how many files lie below a folder. */
  countBelow: Load<{ id: string; folder: string }, number>;
  /** By manifest id: a page of its tables. */
  tables: Load<Asked, Page<DatasetTable>>;
  /** How far the profile of a table's bytes is. */
  profileRow: Load<ProfileKey, ProfileRow>;
  profile: Load<ProfileKey, TableProfile>;
  /** By version: true where its tables were not looked for yet. */
  profileRequested: Load<string, true>;
  sightings: Load<string, Sighting[]>;
  retractions: Load<string, RetractionEvent[]>;
  /** The ids of the versions that a version was made from. */
  sources: Load<string, string[]>;
  /** The ids of the versions that were made from a version. */
  derivatives: Load<string, string[]>;
}

export function createLoaders(domain: DataVersioning): Loaders {
  return {
    dataset: loadById((call, ids) => domain.datasets.byIds(call, ids)),
    version: loadById((call, ids) => domain.versions.byIds(call, ids)),
    versions: defineLoader((keys, context) => domain.versions.listMany(callOf(context), keys), {
      keyOf: ({ datasetId, page }) => JSON.stringify([datasetId, page.first, page.after]),
    }),
    pointers: loadById((call, ids) => domain.pointers.ofDatasets(call, ids)),
    pointerNames: loadById((call, ids) => domain.pointers.namesAt(call, ids)),
    history: loadByGroup((call, ids, { pointer, ...page }: Omit<Asked, 'id'> & { pointer: string | null }) =>
      domain.pointers.histories(call, ids, { name: pointer, page: nestedPage(ids, page) }),
    ),
    readme: loadById((call, ids) => domain.readmes.ofDatasets(call, ids)),
    manifest: loadById((call, ids) => domain.files.manifests(call, ids)),
    integrity: loadById((call, ids) => domain.files.integrity(call, ids)),
    files: loadByGroup((call, ids, { under, ...page }: Omit<Asked, 'id'> & { under: string }) =>
      domain.files.listMany(call, ids, { under, page: nestedPage(ids, page) }),
    ),
    entries: loadByGroup((call, ids, { path, ...page }: Omit<Asked, 'id'> & { path: string }) =>
      domain.files.folders(call, ids, path, nestedPage(ids, page)),
    ),
    countBelow: loadByGroup((call, ids, { folder }: { folder: string }) => domain.files.countsBelow(call, ids, folder)),
    tables: loadByGroup((call, ids, page: Omit<Asked, 'id'>) => domain.profiles.tablesOf(call, ids, nestedPage(ids, page))),
    profileRow: defineLoader((keys, context) => domain.profiles.rows(callOf(context), keys), { keyOf: keyText }),
    profile: defineLoader((keys, context) => domain.profiles.results(callOf(context), keys), { keyOf: keyText }),
    profileRequested: loadById(
      async (call, ids) => new Map([...(await domain.profiles.requested(call, ids))].map((id) => [id, true] as const)),
    ),
    sightings: loadById((call, ids) => domain.sightings.ofVersions(call, ids)),
    retractions: loadById((call, ids) => domain.retractions.history(call, ids)),
    sources: loadById(async (call, ids) => {
      const edges = await domain.versions.derivations(call, ids, 'derived');
      return idsBy(edges.map((edge) => [edge.versionId, edge.fromVersionId]));
    }),
    derivatives: loadById(async (call, ids) => {
      const edges = await domain.versions.derivations(call, ids, 'source');
      return idsBy(edges.map((edge) => [edge.fromVersionId, edge.versionId]));
    }),
  };
}

function idsBy(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const grouped = Map.groupBy(pairs, ([key]) => key);
  return new Map([...grouped].map(([key, all]) => [key, all.map(([, id]) => id)]));
}
