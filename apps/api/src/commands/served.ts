// Who was served which versions, for many at once. What a run read is asked for by the hashes of a version's files, which may be a million:
// they come a page at a time, and a page is fetched only while somebody has read all of those before it.

import type { FileInfo } from '@throughline/content';
import { versionRef } from '@throughline/data-versioning';
import type { DatasetVersion } from '@throughline/data-versioning';
import type { Call, Tx } from '@throughline/database';
import { formatRef } from '@throughline/kernel';
import { hasEnded } from '@throughline/tracking';

import { wasRead } from './evidence.ts';
import type { Parts } from './parts.ts';

const PAGE = 1000;
/** Files that are looked at at once, of all versions together. */
const MAX_FILES = 10_000;

/** Those of the versions (by id) whose every file this server served to the run's own token; none where the run has ended. */
export async function servedVersions(parts: Parts, call: Call, runUuid: string, versions: readonly DatasetVersion[]): Promise<Set<string>> {
  const { content, tracking } = parts;
  const served = new Set<string>();
  const run = versions.length === 0 ? null : await tracking.runs.find(call, { id: runUuid });
  if (run === null || hasEnded(run)) return served;
  const manifestIds = [...new Set(versions.map(({ manifestId }) => manifestId))];
  const limit = Math.max(1, Math.floor(MAX_FILES / manifestIds.length));
  const beginnings = await content.firstEntriesOf(call, manifestIds, limit);
  const read = await tracking.reads.has(call, runUuid, hashesOf([...beginnings.values()].flat()));
  for (const version of versions) {
    const files = beginnings.get(version.manifestId) ?? [];
    if (files.length === 0 || files.some(({ sha256 }) => !read.has(sha256))) continue;
    // More than a beginning is looked at only where all of that was read.
    if (files.length < limit || (await wasRead(parts, call, runUuid, version))) served.add(version.id);
  }
  return served;
}

/**
 * Resolves older inputs that named this version before it was registered, all of them: by its reference, its digest, or what DVC calls it. For the transaction that registers it: the
 * statements are as many as the version has pages of files that somebody read, and one.
 */
export async function resolveWaiting(parts: Parts, call: Call & { tx: Tx }, version: DatasetVersion, dvcMd5: string): Promise<void> {
  await parts.data.versions.beforeWaiting(call, version, dvcMd5);
  const references = [versionRef(version), formatRef({ kind: 'data', name: version.datasetName, digest: version.digest }), `dvc:${dvcMd5}`];
  const observedRunIds = await waitingReaders(parts, call, version, references);
  await parts.tracking.inputs.resolveWaiting(call, references, { datasetVersionId: version.id, observedRunIds });
}

/** The runs that wait for one of the references, and were served every file of the version. */
async function waitingReaders(
  { content, tracking }: Parts,
  call: Call,
  version: DatasetVersion,
  references: readonly string[],
): Promise<readonly string[]> {
  let readers: readonly string[] | null = null;
  let after: string | null = null;
  for (;;) {
    const page = await content.listEntries(call, version.manifestId, { page: { first: PAGE, after } });
    const last = page.items.at(-1);
    if (last === undefined) return readers ?? [];
    readers = await tracking.reads.readersOf(
      call,
      hashesOf(page.items),
      readers === null ? { waitingFor: references } : { runIds: readers },
    );
    if (readers.length === 0 || !page.hasNextPage) return readers;
    after = page.cursorOf(last);
  }
}

function hashesOf(files: readonly Pick<FileInfo, 'sha256'>[]): string[] {
  return [...new Set(files.map(({ sha256 }) => sha256))];
}
