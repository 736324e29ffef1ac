// What a bucket of S3 tells of the versions that it keeps.

import { throwIfAborted, attempt } from './retry.ts';
import { plainEtag, s3Failure } from './s3-client.ts';
import type { Place } from './s3-client.ts';
import type { StoredFile } from './storage.ts';

/** Whether what is written over is kept; null where these credentials may not ask, as many may not that may read and write. */
export async function areVersionsKept({ client, sdk, options, url }: Place, signal: AbortSignal): Promise<boolean | null> {
  return await attempt(
    async () => {
      try {
        const answer = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: options.bucket }), { abortSignal: signal });
        return answer.Status === 'Enabled';
      } catch (error) {
        throwIfAborted(signal);
        const failure = s3Failure(error, url, 'asking whether versions are kept');
        if ('code' in failure && (failure.code === 'REMOTE_FORBIDDEN' || isUnknownThere(error))) return null;
        throw failure;
      }
    },
    { signal },
  );
}

/** Servers that only speak like S3 may not know the question. */
function isUnknownThere(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotImplemented';
}

/** The newest versions below a path; what was removed is not there, whatever versions of it are kept. */
export async function* listNewest({ client, sdk, options, url }: Place, start: string, signal: AbortSignal): AsyncGenerator<StoredFile> {
  let next: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
  while (next !== null) {
    const after: { KeyMarker?: string; VersionIdMarker?: string } = next;
    const page = await attempt(
      async () => {
        try {
          const command = new sdk.ListObjectVersionsCommand({ Bucket: options.bucket, Prefix: `${options.prefix}${start}`, ...after });
          return await client.send(command, { abortSignal: signal });
        } catch (error) {
          throwIfAborted(signal);
          throw s3Failure(error, url, 'listing');
        }
      },
      { signal },
    );
    for (const { Key, Size, ETag, VersionId, IsLatest } of page.Versions ?? []) {
      // A key that ends with "/" stands for a folder in some tools, and holds nothing.
      if (IsLatest !== true || Key === undefined || Key.endsWith('/')) continue;
      yield {
        path: Key.slice(options.prefix.length),
        sizeBytes: Size ?? null,
        ...(ETag === undefined ? {} : { etag: plainEtag(ETag) }),
        ...(VersionId === undefined ? {} : { version: VersionId }),
      };
    }
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    next =
      IsTruncated !== true || NextKeyMarker === undefined
        ? null
        : { KeyMarker: NextKeyMarker, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) };
  }
}
