// Wires the domain.

import type { Content } from '@throughline/content';
import { on } from '@throughline/database';
import type { Database } from '@throughline/database';
import { systemClock } from '@throughline/kernel';
import type { Clock } from '@throughline/kernel';

import type { Tracking } from './api.ts';
import { createArtifacts } from './artifacts.ts';
import type { IsOwnHost } from './claims.ts';
import { createEngine } from './engine/worker.ts';
import { createEnsureDefault, createExperiments } from './experiments.ts';
import { createTrackingImports } from './imports.ts';
import { createDatasetOutputs, createInputs, createReads } from './inputs.ts';
import { createLineagePort } from './lineage.ts';
import { createLoggedModels } from './logged-models.ts';
import { createMetrics } from './metrics.ts';
import { createPurge, keep } from './purge.ts';
import { createRunCards } from './run-cards.ts';
import { createRuns } from './runs.ts';
import { createBreadths } from './search/breadth.ts';
import { createTurns, SEARCH_TURNS } from './search/turns.ts';
import { selectUsedVersions } from './store/inputs.ts';
import { selectFileSetsInUse } from './store/lineage.ts';
import { createWatch } from './watch.ts';

export interface TrackingOptions {
  database: Database;
  content: Content;
  clock?: Clock;
  /** Under which host names this server answers: an address of data under another one names another server's. Any, unless told. */
  isOwnHost?: IsOwnHost;
  /** Bytes of runs that are kept in memory for searches, about; none unless told. */
  searchMemoryBytes?: number;
}

/** Makes the domain over a database and the content library. Nothing runs until it is called. */
export function createTracking(options: TrackingOptions): Tracking {
  const { database, content, clock = systemClock, isOwnHost = () => true, searchMemoryBytes = 0 } = options;
  const engine = createEngine(database);
  const parts = { database, content, clock, engine, breadths: createBreadths(clock), turns: createTurns(SEARCH_TURNS), isOwnHost };
  const { ensureDefault: ensureDefaultExperiment, forget } = createEnsureDefault(parts);
  const cards = createRunCards(parts, searchMemoryBytes);
  return {
    ensureDefaultExperiment,
    forget() {
      forget();
      cards.forget();
    },
    experiments: createExperiments(parts, ensureDefaultExperiment),
    runs: createRuns(parts, ensureDefaultExperiment),
    cards,
    metrics: createMetrics(parts),
    engine,
    watch: createWatch(parts),
    inputs: createInputs(parts),
    datasetOutputs: createDatasetOutputs(parts),
    reads: createReads(parts),
    loggedModels: createLoggedModels(parts, ensureDefaultExperiment),
    artifacts: createArtifacts(parts),
    lineage: createLineagePort(parts),
    imports: createTrackingImports(parts),
    purge: createPurge(parts),
    keep,
    async referencesOf({ fileSetIds = [], datasetVersionIds = [] }, call = {}) {
      const db = on(database, call);
      return {
        // Manifests are cited by versions of datasets and models.
        manifestIds: [],
        fileSetIds: fileSetIds.length === 0 ? [] : await selectFileSetsInUse(db, fileSetIds),
        datasetVersionIds: datasetVersionIds.length === 0 ? [] : await selectUsedVersions(db, datasetVersionIds),
      };
    },
  };
}
