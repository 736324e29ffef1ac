// What a page can hold is loaded for the whole page: one statement for each kind of thing, however many rows ask.

import type { ManifestInfo, ManifestIntegrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import { defineLoader } from '@throughline/graphql';
import type { GraphqlContext, Load } from '@throughline/graphql';
import type { Page, PageRequest } from '@throughline/kernel';

import type { DataVersioning } from './data-versioning.ts';
import type { Dataset, DatasetPointer, DatasetVersion, RetractionEvent, Sighting } from './types.ts';

export interface VersionsKey {
  datasetId: string;
  page: PageRequest;
}

export interface Loaders {
  /** By UUID, tombstones included. */
  dataset: Load<string, Dataset>;
  /** By UUID, those of tombstones included. */
  version: Load<string, DatasetVersion>;
  versions: Load<VersionsKey, Page<DatasetVersion>>;
  pointers: Load<string, DatasetPointer[]>;
  pointerNames: Load<string, string[]>;
  manifest: Load<string, ManifestInfo>;
  integrity: Load<string, ManifestIntegrity>;
  sightings: Load<string, Sighting[]>;
  retractions: Load<string, RetractionEvent[]>;
  /** The ids of the versions that a version was made from. */
  sources: Load<string, string[]>;
  /** The ids of the versions that were made from a version. */
  derivatives: Load<string, string[]>;
}

export function callOf(context: GraphqlContext): Call {
  return { caller: context.caller };
}

export function createLoaders(domain: DataVersioning): Loaders {
  return {
    dataset: byKey((call, ids) => domain.datasets.byIds(call, ids)),
    version: byKey((call, ids) => domain.versions.byIds(call, ids)),
    versions: defineLoader((keys, context) => domain.versions.listMany(callOf(context), keys), {
      keyOf: ({ datasetId, page }) => JSON.stringify([datasetId, page.first, page.after]),
    }),
    pointers: byKey((call, ids) => domain.pointers.ofDatasets(call, ids)),
    pointerNames: byKey((call, ids) => domain.pointers.namesAt(call, ids)),
    manifest: byKey((call, ids) => domain.files.manifests(call, ids)),
    integrity: byKey((call, ids) => domain.files.integrity(call, ids)),
    sightings: byKey((call, ids) => domain.sightings.ofVersions(call, ids)),
    retractions: byKey((call, ids) => domain.retractions.history(call, ids)),
    sources: byKey(async (call, ids) => {
      const edges = await domain.versions.derivations(call, ids, 'derived');
      return idsBy(edges.map((edge) => [edge.versionId, edge.fromVersionId]));
    }),
    derivatives: byKey(async (call, ids) => {
      const edges = await domain.versions.derivations(call, ids, 'source');
      return idsBy(edges.map((edge) => [edge.fromVersionId, edge.versionId]));
    }),
  };
}

/** A loader over a function that answers a map by the key. */
function byKey<V>(load: (call: Call, keys: readonly string[]) => Promise<ReadonlyMap<string, V>>): Load<string, V> {
  return defineLoader(async (keys: readonly string[], context) => {
    const found = await load(callOf(context), keys);
    return keys.map((key) => found.get(key) ?? null);
  });
}

function idsBy(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const grouped = Map.groupBy(pairs, ([key]) => key);
  return new Map([...grouped].map(([key, all]) => [key, all.map(([, id]) => id)]));
}
