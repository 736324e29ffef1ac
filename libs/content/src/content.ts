// Wires the library: everything about bytes that the three domains share.

import type { Database } from '@throughline/database';
import { systemClock } from '@throughline/kernel';
import type { Clock } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';

import { createBatches } from './batches.ts';
import type { Batches } from './batches.ts';
import { createBlobs } from './blobs.ts';
import type { Blobs } from './blobs.ts';
import { createCollector } from './collector.ts';
import type { Collector } from './collector.ts';
import { createDirectUploads } from './direct-uploads.ts';
import type { DirectUploads } from './direct-uploads.ts';
import { createFileSets } from './file-sets.ts';
import type { FileSets } from './file-sets.ts';
import { createManifests } from './manifests.ts';
import type { Manifests } from './manifests.ts';
import { createPushed } from './pushed.ts';
import type { Pushed } from './pushed.ts';
import { createUploads } from './uploads.ts';
import type { Uploads } from './uploads.ts';
import { createVerifications } from './verification.ts';
import type { Verifications } from './verification.ts';
import { DEFAULT_LIMITS } from './types.ts';
import type { ContentLimits, Parts } from './types.ts';
import { createWipe } from './wipe.ts';
import type { Wipe } from './wipe.ts';

export interface ContentOptions {
  database: Database;
  objects: ObjectStore;
  clock?: Clock;
  limits?: Partial<ContentLimits>;
}

export type Content = Blobs & Manifests & FileSets & Batches & Pushed & Uploads & DirectUploads & Verifications & Collector & Wipe;

/** Makes the library over a database and an object store. Nothing runs until it is called. */
export function createContent({ database, objects, clock = systemClock, limits = {} }: ContentOptions): Content {
  const wanted = { ...DEFAULT_LIMITS, ...limits };
  // No installation can promise more than its object store takes: refusing at the door is better than failing with the last byte.
  const maxBlobBytes = Math.min(wanted.maxBlobBytes, objects.maxObjectBytes);
  const parts: Parts = { database, objects, clock, limits: { ...wanted, maxBlobBytes } };
  const blobs = createBlobs(parts);
  const { manifests, storeManifest } = createManifests(parts, blobs);
  const batches = createBatches(parts);
  return {
    ...blobs,
    ...batches,
    ...createPushed(parts, batches),
    ...manifests,
    ...createFileSets(parts, storeManifest),
    ...createUploads(parts, blobs),
    ...createDirectUploads(parts, blobs),
    ...createVerifications(parts),
    ...createCollector(parts),
    ...createWipe(parts),
  };
}
