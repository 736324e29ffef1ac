export { createFilesystemObjectStore } from './filesystem.ts';
export { createS3ObjectStore } from './s3.ts';
export type { S3ObjectStoreOptions } from './s3.ts';
export type { FilesystemObjectStoreOptions } from './filesystem.ts';
export { MAX_DELETES, MAX_PARTS, MAX_SMALL_OBJECTS } from './object-store.ts';
export type {
  ByteRange,
  ListedObject,
  ListOptions,
  ObjectHead,
  ObjectStore,
  OpenMultipart,
  PartRef,
  PresignOptions,
  PutOptions,
  SmallObject,
  StoredObject,
  StoredPart,
} from './object-store.ts';
