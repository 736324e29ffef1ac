// Data that stands in another repository: its objects come from there, at the commit that was locked.

import type { Repository } from '../repository/repository.ts';
import type { Stage } from '../types.ts';
import type { SelectedOutput } from './selection.ts';
import { NOTHING_MOVED } from './wanted.ts';
import type { TransferResult } from './wanted.ts';

/** Whether a stage's data belongs to another repository. */
export function isImport(stage: Stage): boolean {
  return stage.dependencies.some(({ repo }) => repo !== undefined);
}

export async function fetchImports(
  _repository: Repository,
  _outputs: readonly SelectedOutput[],
  _options: { jobs: number | null; signal: AbortSignal },
): Promise<TransferResult> {
  return NOTHING_MOVED;
}
