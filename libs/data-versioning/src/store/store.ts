// The port to what the domain keeps. Every method takes where it speaks first: the database at large, or an open transaction.
// Nothing here decides; whoever writes holds the dataset's row lock, taken by `lockDataset`.

import type { Queryable, Tx } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import type {
  Dataset,
  DatasetPointer,
  DatasetPointerEvent,
  DatasetVersion,
  Derivation,
  Readme,
  Retraction,
  RetractionEvent,
  Sighting,
  SightingPlace,
} from '../types.ts';

/** How a version is asked for within a dataset that is named. */
export type VersionSelector = { number: number } | { digest: string } | { pointer: string };

/** A page of one dataset's versions, newest first: those below a number, or from the newest. */
export interface VersionsRequest {
  datasetId: string;
  first: number;
  below: number | null;
}

/** Whether the datasets of what is found cannot be deleted before the transaction ends. */
export interface Holding {
  hold: boolean;
}

/** What keeps a dataset from being deleted: a living version of another that was made from it, a place in Git, a tag. */
export type Obstacle = 'derivative' | 'sighting' | 'tag';

/** A version that is this manifest, or was made from one that is. */
export interface Reaching {
  manifestId: string;
  versionId: string;
  /** Whether it needs the manifest by itself: its dataset is alive, or it is seen in Git or tagged. Else only somebody else may need it. */
  needed: boolean;
}

export interface Store {
  /** False where a live dataset has the name already. */
  insertDataset(on: Queryable, dataset: { id: string; workspaceId: string; name: string; description: string; at: Date }): Promise<boolean>;
  /**
   * Locks a live dataset until the transaction ends, so that writers to it come one after the other; null where there is none. Who
   * deletes it waits besides for all that hold one of its versions.
   */
  lockDataset(tx: Tx, workspaceId: string, by: { id: string } | { name: string }, purpose?: 'change' | 'delete'): Promise<Dataset | null>;
  findDataset(on: Queryable, workspaceId: string, name: string): Promise<Dataset | null>;
  /** Tombstones included. */
  datasetsByIds(on: Queryable, workspaceId: string, ids: readonly string[]): Promise<Dataset[]>;
  /** Live ones by name; `search` is found anywhere in the name, in either case. */
  listDatasets(
    on: Queryable,
    workspaceId: string,
    page: { search: string | null; first: number; after: string | null },
  ): Promise<Dataset[]>;
  countDatasets(on: Queryable, workspaceId: string, search: string | null): Promise<number>;
  updateDescription(tx: Tx, id: string, description: string): Promise<void>;
  markDeleted(tx: Tx, id: string, at: Date): Promise<void>;

  /** Keeps it as the dataset's newest, and of the others those with a revision above `keptAbove`. */
  insertReadme(tx: Tx, datasetId: string, readme: Readme, keptAbove: number): Promise<void>;
  /** The newest of each dataset; those that nobody wrote for are left out. */
  readmesOf(on: Queryable, workspaceId: string, datasetIds: readonly string[]): Promise<(Readme & { datasetId: string })[]>;
  /** Newest first, those below a revision, or from the newest. */
  listReadmes(on: Queryable, workspaceId: string, page: { datasetId: string; first: number; below: number | null }): Promise<Readme[]>;

  /** Gives the version the dataset's next number. */
  insertVersion(
    tx: Tx,
    version: {
      id: string;
      workspaceId: string;
      datasetId: string;
      manifestId: string;
      digest: string;
      message: string;
      createdBy: string;
      at: Date;
    },
  ): Promise<void>;
  /** Versions of live datasets, in the order asked for; null where there is none. */
  findVersions(
    on: Queryable,
    workspaceId: string,
    wanted: readonly { dataset: string; selector: VersionSelector }[],
    options: Holding,
  ): Promise<(DatasetVersion | null)[]>;
  /**
   * Until the transaction ends: who looks for names in vain shares them, and who registered a version under one takes it for itself alone.
   * There need not be a dataset of the name. Whoever holds one has no lock on inputs of runs yet.
   */
  lockNames(tx: Tx, workspaceId: string, names: readonly string[], how: 'SHARED' | 'ALONE'): Promise<void>;
  /** Those of the versions whose datasets are live. */
  liveVersions(on: Queryable, workspaceId: string, ids: readonly string[], options: Holding): Promise<DatasetVersion[]>;
  /** Those of tombstones included. */
  versionsByIds(on: Queryable, workspaceId: string, ids: readonly string[]): Promise<DatasetVersion[]>;
  /** Of live datasets, oldest first. */
  versionsByDigests(on: Queryable, workspaceId: string, digests: readonly string[]): Promise<DatasetVersion[]>;
  /** Of all versions, those of tombstones included, by id, each once. */
  manifestIds(on: Queryable, workspaceId: string, from: string | null, limit: number): Promise<string[]>;
  /** For each request, in their order, at most `first` versions, newest first. */
  listVersions(on: Queryable, workspaceId: string, requests: readonly VersionsRequest[]): Promise<DatasetVersion[][]>;
  versionIdsOf(on: Queryable, workspaceId: string, datasetId: string): Promise<string[]>;

  setRetraction(tx: Tx, versionId: string, retraction: Retraction | null): Promise<void>;
  insertRetractionEvent(tx: Tx, event: RetractionEvent): Promise<void>;
  /** Newest first, at most `limit` of each version. */
  retractionEvents(on: Queryable, workspaceId: string, versionIds: readonly string[], limit: number): Promise<RetractionEvent[]>;

  /** By dataset and name; at most `limit` of each dataset. */
  pointersOf(on: Queryable, workspaceId: string, datasetIds: readonly string[], limit: number): Promise<DatasetPointer[]>;
  /** The pointers that name these versions, by name. */
  pointersAt(on: Queryable, workspaceId: string, versionIds: readonly string[]): Promise<DatasetPointer[]>;
  /** What a pointer names; null where there is no such pointer. */
  findPointer(on: Queryable, datasetId: string, name: string): Promise<string | null>;
  countPointers(on: Queryable, datasetId: string): Promise<number>;
  /** Makes the pointer name the version, or takes it away, and writes that into its history, behind all that stands there. */
  movePointer(
    tx: Tx,
    move: {
      eventId: string;
      datasetId: string;
      name: string;
      versionId: string | null;
      previousVersionId: string | null;
      actor: string;
      at: Date;
    },
  ): Promise<void>;
  /** The same page of each dataset's events, newest first; all names where none is given. Those without events are left out. */
  pointerEvents(
    on: Queryable,
    workspaceId: string,
    page: { datasetIds: readonly string[]; name: string | null; first: number; after: { at: Date; id: string } | null },
  ): Promise<Map<string, DatasetPointerEvent[]>>;
  /** What the pointer named at that time. */
  pointerAsOf(on: Queryable, workspaceId: string, datasetId: string, name: string, at: Date): Promise<string | null>;

  /** Evidence of an edge that is there already rises and never falls. */
  linkDerivations(
    tx: Tx,
    link: { versionId: string; fromVersionIds: readonly string[]; evidence: Evidence; actor: string; at: Date },
  ): Promise<void>;
  /** Derivations of (`derived`) or from (`source`) these versions, in a fixed order. */
  derivations(
    on: Queryable,
    workspaceId: string,
    versionIds: readonly string[],
    side: 'derived' | 'source',
    limit: number,
  ): Promise<Derivation[]>;

  /** The same place twice is the same sighting. */
  insertSighting(tx: Tx, sighting: Sighting & { workspaceId: string }): Promise<void>;
  /** Newest first, at most `limit` of each version. */
  sightingsOf(on: Queryable, workspaceId: string, versionIds: readonly string[], limit: number): Promise<Sighting[]>;
  /** The versions of live datasets that were seen at a place; in any repository where none is given. */
  versionsSeenAt(
    on: Queryable,
    workspaceId: string,
    place: Omit<SightingPlace, 'repository'> & { repository: string | null },
  ): Promise<DatasetVersion[]>;

  /** The repositories in which versions of a dataset were seen, at most 1,000. */
  repositoriesOf(on: Queryable, datasetId: string): Promise<string[]>;

  /** The versions of live datasets that were seen at a commit, with where, oldest first. */
  seenAtCommit(
    on: Queryable,
    workspaceId: string,
    commit: string,
    limit: number,
  ): Promise<{ version: DatasetVersion; repository: string; path: string }[]>;

  /** What this domain knows to stand on the versions of a dataset. */
  standsOn(on: Queryable, datasetId: string): Promise<Obstacle | null>;
  /** Every version, in any workspace, through which one of these manifests is reached. */
  versionsReaching(on: Queryable, manifestIds: readonly string[]): Promise<Reaching[]>;
}
