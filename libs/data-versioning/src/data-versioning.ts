// Wires the domain.

import { tmpdir } from 'node:os';

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
import { createTableDifferences } from './tables/differences.ts';
import type { TableDifferences } from './tables/differences.ts';
import { createGate } from './tables/gate.ts';
import { createPreviews } from './tables/previews.ts';
import type { Previews } from './tables/previews.ts';
import { createProfiles, DEFAULT_PROFILE_LIMITS } from './tables/profiles.ts';
import type { ProfileLimits, Profiles } from './tables/profiles.ts';
import { serverEnds } from './tables/run.ts';
import { createScratch } from './tables/scratch.ts';
import { createVersions } from './versions.ts';
import type { Versions } from './versions.ts';

export interface DataVersioningOptions {
  database: Database;
  content: Content;
  clock?: Clock;
  /** Where tables are stored while they are read; the system's folder for such things unless told. */
  scratchDir?: string | undefined;
  profileLimits?: Partial<ProfileLimits>;
}

/** Tables that are read at once for people who wait; each takes a core and half a gigabyte. One more is read for a profile. */
const QUESTIONS = { atOnce: 2, waiting: 16, patienceMs: 20_000 };

export interface DataVersioning {
  datasets: Datasets;
  versions: Versions;
  files: Files;
  pointers: Pointers;
  readmes: Readmes;
  retractions: Retractions;
  sightings: Sightings;
  profiles: Profiles;
  previews: Previews;
  tableDifferences: TableDifferences;
  /** Ends what people wait for of tables, and refuses more: a server that goes down does not wait a minute for it. */
  endQuestions(): void;
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
export function createDataVersioning({
  database,
  content,
  clock = systemClock,
  scratchDir = tmpdir(),
  profileLimits = {},
}: DataVersioningOptions): DataVersioning {
  const parts: Parts = { database, content, clock, store: postgresStore };
  const pointers = createPointers(parts);
  const scratch = createScratch(scratchDir);
  const profiles = createProfiles(parts, scratch, { ...DEFAULT_PROFILE_LIMITS, ...profileLimits });
  const questions = new AbortController();
  const asking = { scratch, gate: createGate(QUESTIONS), signal: questions.signal };
  return {
    datasets: createDatasets(parts),
    versions: createVersions(parts, pointers, profiles),
    files: createFiles(parts),
    pointers,
    readmes: createReadmes(parts),
    retractions: createRetractions(parts),
    sightings: createSightings(parts),
    profiles,
    previews: createPreviews(parts, asking),
    tableDifferences: createTableDifferences(parts, { profiles, ...asking }),
    lineage: createLineagePort(parts),
    endQuestions: () => questions.abort(serverEnds()),
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
