// Wires the domain.

import type { Content } from '@throughline/content';
import type { Database } from '@throughline/database';
import { systemClock } from '@throughline/kernel';
import type { Clock, LineagePort } from '@throughline/kernel';

import { createDatasets } from './datasets.ts';
import type { Datasets } from './datasets.ts';
import { createFiles } from './files.ts';
import type { Files } from './files.ts';
import { createLineagePort } from './lineage.ts';
import type { Parts } from './parts.ts';
import { createPointers } from './pointers.ts';
import type { Pointers } from './pointers.ts';
import { createReadmes } from './readmes.ts';
import type { Readmes } from './readmes.ts';
import { createRetractions } from './retractions.ts';
import type { Retractions } from './retractions.ts';
import { createSightings } from './sightings.ts';
import type { Sightings } from './sightings.ts';
import { postgresStore } from './store/postgres.ts';
import { createVersions } from './versions.ts';
import type { Versions } from './versions.ts';

export interface DataVersioningOptions {
  database: Database;
  content: Content;
  clock?: Clock;
}

export interface DataVersioning {
  datasets: Datasets;
  versions: Versions;
  files: Files;
  pointers: Pointers;
  readmes: Readmes;
  retractions: Retractions;
  sightings: Sightings;
  lineage: LineagePort;
  /**
   * Which of these manifests a version still needs, in any workspace; for the collector. The domain keeps no file sets.
   *
   * `onlyThrough` names the others that versions of deleted datasets reach, with each of those versions: such a manifest is needed where
   * another domain has an edge to one of them. A tombstone keeps its edges, and what they lead to has to be there.
   */
  referencesOf(asked: { manifestIds?: readonly string[]; fileSetIds?: readonly string[] }): Promise<{
    manifestIds: string[];
    fileSetIds: string[];
    onlyThrough: { manifestId: string; datasetVersionId: string }[];
  }>;
}

/** Makes the domain over a database and the content that its versions name. */
export function createDataVersioning({ database, content, clock = systemClock }: DataVersioningOptions): DataVersioning {
  const parts: Parts = { database, content, clock, store: postgresStore };
  const pointers = createPointers(parts);
  return {
    datasets: createDatasets(parts),
    versions: createVersions(parts, pointers),
    files: createFiles(parts),
    pointers,
    readmes: createReadmes(parts),
    retractions: createRetractions(parts),
    sightings: createSightings(parts),
    lineage: createLineagePort(parts),
    async referencesOf({ manifestIds = [] }) {
      const reaching = manifestIds.length === 0 ? [] : await parts.store.versionsReaching(database, manifestIds);
      const needed = new Set(reaching.filter((one) => one.needed).map(({ manifestId }) => manifestId));
      const onlyThrough = reaching
        .filter(({ manifestId }) => !needed.has(manifestId))
        .map(({ manifestId, versionId }) => ({ manifestId, datasetVersionId: versionId }));
      return { manifestIds: [...needed], fileSetIds: [], onlyThrough };
    },
  };
}
