// What a page can hold is loaded for the whole page: one statement for each kind of thing, however many rows ask.

import type { FileInfo, FolderChild, ManifestInfo, ManifestIntegrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import { defineLoader } from '@throughline/graphql';
import type { GraphqlContext, Load } from '@throughline/graphql';
import { DomainError, pageRequest } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import type { DataVersioning } from './data-versioning.ts';
import type { Dataset, DatasetPointer, DatasetPointerEvent, DatasetVersion, RetractionEvent, Sighting } from './types.ts';

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
  manifest: Load<string, ManifestInfo>;
  integrity: Load<string, ManifestIntegrity>;
  /** By manifest id: a page of its files, below a folder unless that is ''. */
  files: Load<Asked & { under: string }, Page<FileInfo>>;
  /** By manifest id: a page of what lies directly in a folder. */
  entries: Load<Asked & { path: string }, Page<FolderChild>>;
  /** By manifest id: how many files lie below a folder. */
  countBelow: Load<{ id: string; folder: string }, number>;
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
    history: byGroup((call, ids, { pointer, ...page }: Omit<Asked, 'id'> & { pointer: string | null }) =>
      domain.pointers.histories(call, ids, { name: pointer, page: nestedPage(ids, page) }),
    ),
    manifest: byKey((call, ids) => domain.files.manifests(call, ids)),
    integrity: byKey((call, ids) => domain.files.integrity(call, ids)),
    files: byGroup((call, ids, { under, ...page }: Omit<Asked, 'id'> & { under: string }) =>
      domain.files.listMany(call, ids, { under, page: nestedPage(ids, page) }),
    ),
    entries: byGroup((call, ids, { path, ...page }: Omit<Asked, 'id'> & { path: string }) =>
      domain.files.folders(call, ids, path, nestedPage(ids, page)),
    ),
    countBelow: byGroup((call, ids, { folder }: { folder: string }) => domain.files.countsBelow(call, ids, folder)),
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

/** What a document may ask for at most in pages inside of pages: items of one field. */
const MAX_NESTED_ITEMS = 20_000;

function nestedPage(owners: readonly string[], args: Omit<Asked, 'id'>): PageRequest {
  const page = pageRequest(args);
  if (owners.length * page.first <= MAX_NESTED_ITEMS) return page;
  throw new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_ITEMS',
    message: `This asks for ${page.first} items for each of ${owners.length} rows; ${MAX_NESTED_ITEMS} in all are allowed. Ask for smaller pages.`,
    details: { limit: MAX_NESTED_ITEMS },
  });
}

/** Rows of one list ask the same of theirs, so one call serves them; each other thing asked for takes one more, and fails alone. */
function byGroup<K extends { id: string }, V>(
  find: (call: Call, ids: readonly string[], asked: Omit<K, 'id'>) => Promise<Map<string, V>>,
): Load<K, V> {
  const asked = ({ id: _, ...rest }: K) => JSON.stringify(rest);
  return defineLoader<K, V>(
    async (keys, context) => {
      const answers = new Map<K, V | Error>();
      for (const group of Map.groupBy(keys, asked).values()) {
        const [first] = group;
        if (first === undefined) continue;
        const { id: _, ...rest } = first;
        const ids = group.map((key) => key.id);
        const found = await answerOf(() => find(callOf(context), ids, rest));
        for (const key of group) {
          const answer = found instanceof Error ? found : found.get(key.id);
          if (answer !== undefined) answers.set(key, answer);
        }
      }
      return keys.map((key) => answers.get(key) ?? null);
    },
    { keyOf: (key) => JSON.stringify([key.id, asked(key)]) },
  );
}

/** What is thrown for one group, at once or later, is the answer to that group alone. */
async function answerOf<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function idsBy(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const grouped = Map.groupBy(pairs, ([key]) => key);
  return new Map([...grouped].map(([key, all]) => [key, all.map(([, id]) => id)]));
}
