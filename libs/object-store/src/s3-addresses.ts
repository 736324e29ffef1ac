// Addresses that clients use without us: signed for one object or one part of an upload, for a while, under the name by which clients
// reach the server. Signing asks nobody anything.

import { uploadNotFound } from './errors.ts';
import { checkExpiry, checkKey, checkPartNumber } from './object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { attempt, createS3Client, once, UPLOAD_ID } from './s3-client.ts';
import type { S3Client, S3Options } from './s3-client.ts';

interface Place {
  client: S3Client;
  bucket: string;
  prefix: string;
}

/** Signs addresses under the name by which clients reach the server: the signature covers the host. Null where they cannot. */
export async function createSigner({ client, bucket }: Place, options: S3Options): Promise<S3Client | null> {
  const { publicEndpoint } = options;
  if (publicEndpoint === undefined) return null;
  // Given, so that signing never asks the server under a name that may not lead there from here.
  const region = options.region ?? (await attempt({ key: bucket }, () => client.getBucketRegionAsync(bucket)));
  return createS3Client({ ...options, endpoint: publicEndpoint, region });
}

/** The addresses under which clients reach objects by themselves. */
export function addressesOf({ bucket, prefix }: Place, signer: S3Client | null): Pick<ObjectStore, 'presigns' | 'presign' | 'presignPart'> {
  return {
    presigns: signer !== null,
    async presign(key, { expiresSeconds, filename }) {
      checkKey(key);
      checkExpiry(expiresSeconds);
      if (signer === null) return null;
      // Whatever was uploaded is saved, and never run as a page of the store's origin.
      const headers = {
        'response-content-type': 'application/octet-stream',
        'response-content-disposition': filename === undefined ? 'attachment' : attachment(filename),
      };
      return await once({ key }, () => signer.presignedGetObject(bucket, `${prefix}${key}`, expiresSeconds, headers));
    },
    async presignPart(key, { uploadId, partNumber, expiresSeconds }) {
      checkKey(key);
      checkPartNumber(partNumber);
      checkExpiry(expiresSeconds);
      if (!UPLOAD_ID.test(uploadId)) throw uploadNotFound(key);
      if (signer === null) return null;
      const query = { partNumber: String(partNumber), uploadId };
      return await once({ key }, () => signer.presignedUrl('PUT', bucket, `${prefix}${key}`, expiresSeconds, query));
    },
  };
}

/** Content-Disposition for any name (RFC 6266): plain for old readers, UTF-8 for the others. */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_').slice(0, 255);
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
