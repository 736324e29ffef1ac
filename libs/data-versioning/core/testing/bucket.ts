// A bucket of a real S3 server, for tests of what follows the versions of its objects.

import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** Where the server is, and who may make buckets there. */
export interface BucketServer {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Bucket {
  readonly name: string;
  /** What a remote in it needs beside its address, as lines of the configuration. */
  readonly options: readonly string[];
  /** Answers the version that it became. */
  put(key: string, content: string): Promise<string>;
  remove(key: string, version?: string): Promise<void>;
  read(key: string): Promise<string>;
  /** Every version of every object, as `key version`, marks of removal included. */
  versions(): Promise<string[]>;
  close(): void;
}

export async function newBucket(
  server: BucketServer,
  { keepsVersions = true }: { readonly keepsVersions?: boolean } = {},
): Promise<Bucket> {
  const name = `throughline-${randomBytes(6).toString('hex')}`;
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  if (keepsVersions) await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }));
  return {
    name,
    options: [`endpointurl = ${endpoint}`, `access_key_id = ${accessKeyId}`, `secret_access_key = ${secretAccessKey}`],
    async put(key, content) {
      const { VersionId = '' } = await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: content }));
      return VersionId;
    },
    async remove(key, version) {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key: key, ...(version === undefined ? {} : { VersionId: version }) }));
    },
    async read(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
      return (await Body?.transformToString()) ?? '';
    },
    async versions() {
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: name }));
      return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key ?? ''} ${VersionId ?? ''}`).sort();
    },
    close: () => client.destroy(),
  };
}
