// Puts uploaded bytes among the files of a run or a logged model.

import type { FileInfo } from '@throughline/content';
import type { Call } from '@throughline/database';

import type { Parts } from './parts.ts';
import { namesRun } from './inputs.ts';

/** Puts a blob at a path of its owner, by the owner's node id or reference. */
export async function putArtifact(
  { tracking }: Parts,
  call: Call,
  { owner, path, sha256 }: { owner: string; path: string; sha256: string },
): Promise<FileInfo> {
  const found = namesRun(owner) ? await tracking.runs.getByRef(call, owner) : await tracking.loggedModels.getByRef(call, owner);
  return tracking.artifacts.put(call, tracking.artifacts.ownedBy(found), path, sha256);
}
