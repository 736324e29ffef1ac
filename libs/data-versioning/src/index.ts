export { createDataVersioning } from './data-versioning.ts';
export type { DataVersioning, DataVersioningOptions } from './data-versioning.ts';

export type { Datasets } from './datasets.ts';
export { downloadPath } from './files.ts';
export type { Files } from './files.ts';
export type { Pointers } from './pointers.ts';
export type { Retractions } from './retractions.ts';
export type { SeenVersion, Sightings } from './sightings.ts';
export { isSameRepository, normalizeCommit, normalizeRepository } from './repository.ts';
export { versionRef } from './versions.ts';
export type { NewVersion, Versions } from './versions.ts';

export { createDataVersioningSubgraph, dataVersioningTypeDefs } from './subgraph.ts';
export type { DataVersioningCommands, RegisterDatasetVersion, RegisteredVersion, RegisterPushedVersion } from './commands.ts';

export type {
  Dataset,
  DatasetPointer,
  DatasetPointerEvent,
  DatasetVersion,
  Derivation,
  Retraction,
  RetractionEvent,
  Sighting,
  SightingPlace,
} from './types.ts';
