import type { Call } from '@throughline/database';

import type { Dataset, DatasetVersion, SightingPlace } from './types.ts';

/** What to register, as a client says it: files that were uploaded before, and ids or references of other things. */
export interface RegisterDatasetVersion {
  dataset: string;
  /** Whether the name is only the path of what is registered: then it may get another one, see `NewVersion`. */
  impliedName?: boolean | undefined;
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

/** What to register of what was pushed: an object, by the name that DVC has for it. */
export interface RegisterPushedVersion extends Omit<RegisterDatasetVersion, 'files' | 'single'> {
  /** An MD5, with `.dir` behind it for a folder. */
  object: string;
  /** The paths that can be executed; of a file alone, '' is itself. */
  executable: readonly string[];
  tags: readonly string[];
  /** The dataset's; null leaves it as it is. */
  description: string | null;
}

/** A version that was registered, and whether it was not there before. */
export interface RegisteredVersion {
  version: DatasetVersion;
  isNew: boolean;
}

/** What needs other domains too; implemented where all of them are known. */
export interface DataVersioningCommands {
  /** Makes the manifest, registers it, and records the run that produced it. */
  registerDatasetVersion(call: Call, input: RegisterDatasetVersion): Promise<DatasetVersion>;
  /** Makes the manifest of what was pushed, and registers it. Throws `conflict` MISSING_FILES for what was not. */
  registerPushedVersion(call: Call, input: RegisterPushedVersion): Promise<RegisteredVersion>;
  /** Records where in Git a version was seen, and finds out what runs read there. `versionId` is its UUID. */
  recordSighting(call: Call, versionId: string, place: SightingPlace): Promise<DatasetVersion>;
  /** Leaves a tombstone; throws `conflict` while something stands on one of the versions. `id` is the dataset's UUID. */
  deleteDataset(call: Call, id: string): Promise<Dataset>;
}
