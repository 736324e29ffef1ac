// How strong an edge to data is. Matched: the run, by its own token, sent the full hash of every file, and they are the version's (anybody
// can copy hashes out of the API, so from anybody else they prove nothing of the run). Observed: this server served every file whole to the
// run's own token while the run was under way. Asserted: somebody said so. What a run read is settled when it ends. Evidence is found out
// here, where data, content and tracking meet; what it means is the model's.

import type { Content } from '@throughline/content';
import type { DatasetVersion } from '@throughline/data-versioning';
import type { Call } from '@throughline/database';
import { invalid } from '@throughline/kernel';
import type { Caller, Evidence } from '@throughline/kernel';
import { hasEnded } from '@throughline/tracking';
import type { Run, Tracking } from '@throughline/tracking';

const PAGE = 1000;

/** A file as its reader saw it. */
export interface ReadFile {
  path: string;
  /** Hexadecimal, as the reader computed it. */
  sha256: string;
}

type Parts = { content: Content; tracking: Tracking };

/** Whether this server served every file of the version to the run's own token. Stops at the first that it did not. */
export async function wasRead({ content, tracking }: Parts, call: Call, runUuid: string, version: DatasetVersion): Promise<boolean> {
  let after: string | null = null;
  for (;;) {
    const page = await content.listEntries(call, version.manifestId, { page: { first: PAGE, after } });
    const hashes = [...new Set(page.items.map(({ sha256 }) => sha256))];
    if (hashes.length === 0) return after !== null;
    const read = await tracking.reads.has(call, runUuid, hashes);
    if (read.size < hashes.length) return false;
    const last = page.items.at(-1);
    if (!page.hasNextPage || last === undefined) return true;
    after = page.cursorOf(last);
  }
}

/** Whether the caller is the run itself, under way: its own token, and nothing said after the fact. */
export function isSpeaking(caller: Caller, run: Pick<Run, 'id' | 'status'>): boolean {
  return caller.runId === run.id && !hasEnded(run);
}

/** The evidence for a run's reading of a version, from what the server served alone; asserted where the run has ended. */
export async function servedEvidence(parts: Parts, call: Call, runUuid: string, version: DatasetVersion): Promise<Evidence> {
  const run = await parts.tracking.runs.find(call, { id: runUuid });
  if (run === null || hasEnded(run)) return 'ASSERTED';
  return (await wasRead(parts, call, runUuid, version)) ? 'OBSERVED' : 'ASSERTED';
}

/**
 * Whether the files are all of the version's, and no other. Throws `invalid` where one has another hash, or is no file of the
 * version: then something else was read, and recording it would be a lie.
 */
export async function matches({ content }: Parts, call: Call, version: DatasetVersion, files: readonly ReadFile[]): Promise<boolean> {
  const given = new Map(files.map(({ path, sha256 }) => [path, sha256.toLowerCase()]));
  if (given.size < files.length) throw invalid('DUPLICATE_PATH', 'A path is listed twice among the files that were read.');
  let after: string | null = null;
  let isWhole = true;
  for (;;) {
    const page = await content.listEntries(call, version.manifestId, { page: { first: PAGE, after } });
    for (const { path, sha256 } of page.items) {
      const seen = given.get(path);
      if (seen === undefined) isWhole = false;
      else if (seen !== sha256) throw differs(version, path);
      given.delete(path);
    }
    const last = page.items.at(-1);
    if (!page.hasNextPage || last === undefined) break;
    after = page.cursorOf(last);
  }
  const [stranger] = given.keys();
  if (stranger !== undefined) throw invalid('NOT_A_FILE_OF_VERSION', `${nameOf(version)} has no file '${stranger.slice(0, 200)}'.`);
  return isWhole;
}

function nameOf(version: DatasetVersion): string {
  return `data:${version.datasetName}@${version.number}`;
}

function differs(version: DatasetVersion, path: string): Error {
  return invalid('HASH_DIFFERS', `The file '${path.slice(0, 200)}' that was read is not that of ${nameOf(version)}: their hashes differ.`, {
    hint: 'Read the file again, or register what was read as a version of its own.',
  });
}
