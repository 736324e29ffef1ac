// What becomes of what was pushed: registering it, what versions need, and what runs read of it.

import type { Call } from '@throughline/database';
import { versionRef } from '@throughline/data-versioning';
import { isObjectId } from '@throughline/data-versioning/formats';
import { decodeCursor, encodeCursor, invalid, isUuid } from '@throughline/kernel';
import { z } from 'zod';

import type { Services } from '../services.ts';

/** A million paths of 60 characters. */
export const MAX_VERSION_BYTES = 64 * 2 ** 20;

const ID = z.string().refine(isObjectId, 'must be an MD5 of 32 hexadecimal digits in lower case, with .dir behind it for a folder');

export const REGISTRATION = z.object({
  name: z.string(),
  impliedName: z.boolean().nullish(),
  description: z.string().nullish(),
  id: ID,
  message: z.string().nullish(),
  executable: z.array(z.string()).nullish(),
  sighting: z.object({ repository: z.string(), path: z.string(), commit: z.string() }).nullish(),
  tags: z.array(z.string()).max(100).nullish(),
});

export const READ = z.object({
  run: z.string().min(1),
  id: ID,
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hexadecimal digits')
    .nullish(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })),
});

/** Registers what was pushed, by the name that DVC has for it. */
export async function register({ commands }: Services, call: Call, input: z.output<typeof REGISTRATION>) {
  const { version, isNew } = await commands.registerPushedVersion(call, {
    dataset: input.name,
    impliedName: input.impliedName ?? false,
    object: input.id,
    executable: input.executable ?? [],
    message: input.message ?? '',
    description: input.description ?? null,
    tags: input.tags ?? [],
    derivedFrom: [],
    sighting: input.sighting ?? null,
    producedBy: null,
  });
  return { dataset: version.datasetName, version: version.number, ref: versionRef(version), digest: version.digest, created: isNew };
}

/** Records what a run read. */
export async function logRead({ commands }: Services, call: Call, { run, id, digest = null, files }: z.output<typeof READ>) {
  const version = await commands.logRead(call, { run, object: id, digest, files });
  return { version: version === null ? null : versionRef(version) };
}

const MANIFESTS = 500;
const FILES = 10_000;

/**
 * A page of the names of all objects that versions of the workspace need, those of deleted datasets included, which history leads to; a name may be
 * in several pages. Names of DVC 2 are among them.
 */
export async function neededBy(
  { content, data }: Services,
  call: Call,
  cursor: string | undefined,
): Promise<{ ids: string[]; next: string | null }> {
  const behind = cursor === undefined || cursor === '' ? null : placeOf(cursor);
  const manifestIds = await data.versions.manifestIds(call, behind?.manifestId ?? null, MANIFESTS);
  const files = await content.dvcNamesOf(call, manifestIds, { behind, limit: FILES });
  const manifests = await content.getManifests(call, manifestIds);
  const ids = new Set([...manifests.values()].filter(({ kind }) => kind === 'DIR').map(({ dvcMd5 }) => dvcMd5));
  for (const { names } of files) for (const name of names) ids.add(name);
  const last = files.at(-1);
  const lastManifest = manifestIds.at(-1);
  if (files.length === FILES && last !== undefined) return { ids: [...ids], next: encodeCursor([last.manifestId, last.path]) };
  const isWhole = lastManifest === undefined || manifestIds.length < MANIFESTS;
  return { ids: [...ids], next: isWhole ? null : encodeCursor([lastManifest, null]) };
}

function placeOf(cursor: string): { manifestId: string; path: string | null } {
  const [manifestId, path] = decodeCursor(cursor, 2);
  if (typeof manifestId === 'string' && isUuid(manifestId) && (path === null || typeof path === 'string')) return { manifestId, path };
  throw invalid('INVALID_CURSOR', "'cursor' is not one of this list; pass the 'next' of the page before.");
}
