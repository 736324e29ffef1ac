// A run that reads a file of a repository has not named a dataset version, but there may be one that was seen there: at the commit that the run
// says it ran at, under the path that it read. Asserted, as everything that a client says of itself; a file that was changed and not
// committed is one that nobody can tell from here.

import { isSameRepository, normalizeCommit, normalizeRepository } from '@throughline/data-versioning';
import type { DatasetVersion, SeenVersion, SightingPlace } from '@throughline/data-versioning';
import { within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { DomainError } from '@throughline/kernel';
import { localPathOf, TAG } from '@throughline/tracking';
import type { DatasetInput } from '@throughline/tracking';

import type { Parts } from './parts.ts';
import { servedVersions } from './served.ts';

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
/** Inputs that are looked at at once, and in all, when something is seen: the rest stays as it is, unresolved and said to be. */
const PAGE = 500;
const MAX_WAITING = 10_000;

/** An input, and where its reader says that the data was. */
interface Reading {
  input: DatasetInput;
  path: string | null;
  repository: string | null;
}

/** Resolves those inputs of one run that claim nothing, by what was seen at its commit. */
export async function resolveSeen(parts: Parts, call: Call & { tx: Tx }, inputs: readonly DatasetInput[]): Promise<void> {
  const open = inputs.filter(
    ({ claim, datasetVersionId, source }) => claim === null && datasetVersionId === null && localPathOf(source) !== null,
  );
  const [one] = open;
  if (one === undefined) return;
  const { tags = [] } =
    (await parts.tracking.runs.loadDetails(call, [one.runUuid], { tags: [TAG.commit, TAG.repository] })).get(one.runUuid) ?? {};
  const valueOf = (key: string) => tags.find((tag) => tag.key === key)?.value ?? null;
  const commit = valueOf(TAG.commit);
  if (commit === null || !COMMIT.test(commit)) return;
  const seen = await parts.data.sightings.findAtCommit(call, commit);
  const repository = valueOf(TAG.repository);
  await resolve(
    parts,
    call,
    seen,
    open.map((input) => ({ input, path: localPathOf(input.source), repository })),
  );
}

/** Records where a version was seen, and resolves what runs read there before. */
export function recordSighting(parts: Parts, call: Call, versionId: string, place: SightingPlace): Promise<DatasetVersion> {
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const version = await parts.data.sightings.record(inside, versionId, place);
    await resolveWaitingAt(parts, inside, place.commit);
    return version;
  });
}

/** For the transaction that recorded a sighting: resolves older inputs of runs of that commit. */
export async function resolveWaitingAt(parts: Parts, call: Call & { tx: Tx }, commit: string): Promise<void> {
  const normal = normalizeCommit(commit);
  await parts.data.sightings.beforeWaiting(call, normal);
  const seen = await parts.data.sightings.findAtCommit(call, normal);
  let behind: string | null = null;
  for (let looked = 0; looked < MAX_WAITING; looked += PAGE) {
    const waiting: Reading[] = await parts.tracking.inputs.waitingAtCommit(call, normal, { behind, limit: PAGE });
    await resolve(parts, call, seen, waiting);
    if (waiting.length < PAGE) return;
    behind = waiting.at(-1)?.input.id ?? null;
  }
}

async function resolve(parts: Parts, call: Call, seen: readonly SeenVersion[], readings: readonly Reading[]): Promise<void> {
  const found: { input: DatasetInput; version: DatasetVersion }[] = [];
  for (const reading of readings) {
    const version = await versionRead(parts, call, seen, reading);
    if (version !== null) found.push({ input: reading.input, version });
  }
  if (found.length === 0) return;
  const served = new Map<string, ReadonlySet<string>>();
  for (const [runUuid, some] of Map.groupBy(found, ({ input }) => input.runUuid)) {
    served.set(
      runUuid,
      await servedVersions(
        parts,
        call,
        runUuid,
        some.map(({ version }) => version),
      ),
    );
  }
  await parts.tracking.inputs.resolveMany(
    call,
    found.map(({ input, version }) => {
      const evidence = served.get(input.runUuid)?.has(version.id) === true ? 'OBSERVED' : 'ASSERTED';
      return { inputId: input.id, datasetVersionId: version.id, evidence, resolvedBy: 'sighting' } as const;
    }),
  );
}

/** The version that lies where something was read; null where there is none, or two places could be meant that hold different data. */
async function versionRead(
  { content }: Parts,
  call: Call,
  seen: readonly SeenVersion[],
  { path, repository }: Reading,
): Promise<DatasetVersion | null> {
  if (path === null) return null;
  const home = repository === null ? null : normalOf(repository);
  const near = seen
    .filter((one) => home === null || isSameRepository(one.repository, home))
    .flatMap((one) => {
      const inner = innerPath(path, one.path);
      return inner === null ? [] : [{ ...one, inner }];
    });
  // The innermost place is what was meant: `data/raw` rather than `data`, where both are versions.
  const depth = Math.max(...near.map((one) => one.path.length));
  const meant = near.filter((one) => one.path.length === depth);
  const last = meant.at(-1);
  if (last === undefined || meant.some(({ version }) => version.digest !== last.version.digest)) return null;
  if (last.inner === '') return last.version;
  const { manifestId } = last.version;
  const isFile = (await content.findEntry(call, manifestId, last.inner)) !== null;
  return isFile || (await content.findFolderOf(call, [manifestId], last.inner)).has(manifestId) ? last.version : null;
}

/** Where in a place a path leads: '' for the place itself; null where it leads elsewhere. Of an absolute path the end counts. */
export function innerPath(path: string, place: string): string | null {
  const whole = path.startsWith('/') ? path : `/${path}`;
  const at =
    path.startsWith('/') || /^[A-Za-z]:\//.test(path)
      ? `${whole}/`.lastIndexOf(`/${place}/`)
      : `${whole}/`.startsWith(`/${place}/`)
        ? 0
        : -1;
  return at === -1 ? null : whole.slice(at + place.length + 2);
}

/** A repository's one form; what is no address is none that was seen anywhere. */
function normalOf(repository: string): string {
  try {
    return normalizeRepository(repository);
  } catch (error) {
    if (error instanceof DomainError) return '';
    throw error;
  }
}
