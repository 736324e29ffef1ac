export { createContent } from './content.ts';
export type { Content, ContentOptions } from './content.ts';

export { MAX_BATCH } from './batches.ts';
export type { Batches, PutOutcome, SmallBody } from './batches.ts';
export type { Pushed, PushedTree } from './pushed.ts';
export { BLOB_PREFIX, newStorageKey } from './blobs.ts';
export type { Blobs, Expectation, OpenBlob } from './blobs.ts';
export type { CollectOptions, Collector, CollectReport, References } from './collector.ts';
export type { DirectUpload, DirectUploads } from './direct-uploads.ts';
export { COLLECTION_LOCK, selectNamedKeys } from './store/collector.ts';
export type { FileSets, FrozenFiles } from './file-sets.ts';
export { fileSetInsertion } from './store/file-sets.ts';
export type { Manifests, NewEntry } from './manifests.ts';
export type { Uploads, UploadState } from './uploads.ts';
export type { VerificationRequest, Verifications, WorkerOptions } from './verification.ts';
export type { JobState, VerificationJob } from './store/verification.ts';
export type { ListFilesOptions } from './trees.ts';
export { underLease } from './leases.ts';
export { createRests } from './rests.ts';
export type { Wipe } from './wipe.ts';

export { digestOf, dvcDirPieces, dvcMd5Of, encodeManifest, MAX_ENTRIES, parseManifest } from './manifest.ts';
export type { ManifestContent, ManifestEntry, ManifestKind } from './manifest.ts';
export { checkPath, compareUtf8, MAX_PATH_BYTES } from './paths.ts';
export { checkMd5, checkSha256 } from './hashes.ts';

export type {
  BlobInfo,
  ChangeKind,
  ContentLimits,
  DiffTotals,
  FileChange,
  FileInfo,
  FolderChild,
  Integrity,
  ManifestDiff,
  ManifestInfo,
  ManifestIntegrity,
} from './types.ts';
