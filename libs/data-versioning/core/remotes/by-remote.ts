// Outputs sorted by the remote that holds them. An output may name its own; `-r` takes all others, and leaves those alone that belong to a different one.

import type { Repository } from '../repository/repository.ts';
import { openRemote } from './open.ts';
import type { Remote } from './remote.ts';
import type { SelectedOutput } from './selection.ts';
import type { WantedOutput } from './wanted.ts';

/** Outputs by the name of their remote; null is the default one. What has no hash yet, or is not kept in a cache, belongs nowhere. */
export function outputsByRemote(outputs: readonly SelectedOutput[], remoteName: string | null): Map<string | null, WantedOutput[]> {
  const found = new Map<string | null, WantedOutput[]>();
  for (const { output, parts } of outputs) {
    if (!output.isCached || output.id === null) continue;
    if (remoteName !== null && output.remote !== null && output.remote !== remoteName) continue;
    const name = output.remote ?? remoteName;
    const wanted: WantedOutput = {
      id: output.id,
      path: output.path,
      sizeBytes: output.sizeBytes ?? null,
      parts: partsOf(output.id.isTree, parts),
    };
    const list = found.get(name);
    if (list === undefined) found.set(name, [wanted]);
    else list.push(wanted);
  }
  return found;
}

function partsOf(isTree: boolean, parts: readonly string[] | null): readonly string[] | null {
  return isTree ? parts : null;
}

/** Opens each remote once, works on its outputs, and lets its connections go. */
export async function withRemotes<T>(
  repository: Repository,
  byRemote: ReadonlyMap<string | null, WantedOutput[]>,
  work: (remote: Remote, outputs: readonly WantedOutput[]) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const [name, outputs] of byRemote) {
    const remote = await openRemote(repository, name);
    try {
      results.push(await work(remote, outputs));
    } finally {
      remote.close();
    }
  }
  return results;
}
