import type { Call } from '@throughline/database';

import type { Dataset, DatasetVersion, SightingPlace } from './types.ts';

/** What to register, as a client says it: files that were uploaded before, and ids or references of other things. */
export interface RegisterDatasetVersion {
  dataset: string;
  files: readonly { path: string; sha256: string; executable: boolean }[];
  /** Whether the version is one file rather than a folder. */
  single: boolean;
  message: string;
  /** Versions, by node id or reference. */
  derivedFrom: readonly string[];
  sighting: SightingPlace | null;
  /** A run, by node id or reference. */
  producedBy: string | null;
}

/** What needs other domains too; implemented where all of them are known. */
export interface DataVersioningCommands {
  /** Makes the manifest, registers it, and records the run that produced it. */
  registerDatasetVersion(call: Call, input: RegisterDatasetVersion): Promise<DatasetVersion>;
  /** Leaves a tombstone; throws `conflict` while something stands on one of the versions. `id` is the dataset's UUID. */
  deleteDataset(call: Call, id: string): Promise<Dataset>;
}
