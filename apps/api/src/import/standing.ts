// How things stood in the source when they were copied whole, as a tag here says it: an import that is run again tells by it what it need not look at.

import { createHash } from 'node:crypto';

import type { KeyValue } from '@throughline/tracking';

import type { SourceLoggedModel, SourceRun } from './source.ts';

const END_WAITS = ' without its end';

/**
 * How a run stood in the source; as long as it stands so, there is nothing new in it, but for files that were added to a run that was over. A run
 * under way may have more at any time.
 */
export function standingOfRun({ status, endTimeMs, lifecycle, params, tags, pointsMark }: SourceRun): string | null {
  if (status === 'RUNNING' || status === 'SCHEDULED') return null;
  const sorted = (pairs: readonly KeyValue[]) => pairs.map(({ key, value }) => [key, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const content = createHash('sha256').update(JSON.stringify([sorted(params), sorted(tags), pointsMark]));
  return `${status} ${endTimeMs ?? '-'} ${lifecycle} ${content.digest('hex').slice(0, 16)}`;
}

export function standingOfModel({ status, updatedAtMs, lifecycle }: SourceLoggedModel): string {
  return `${status} ${updatedAtMs} ${lifecycle}`;
}

/** What is noted of a thing whose files were not asked for, or not to be had: an import that asks for them looks again. */
export function withoutFiles(standing: string): string {
  return `${standing} without files`;
}

/** What is noted of a run whose points and files are here, while its end waits for the logged models of its experiment. */
export function withoutEnd(standing: string): string {
  return `${standing}${END_WAITS}`;
}

/** What is to be noted of a run at its end, where all else of it is here; undefined where it is not. */
export function waitingForEnd(noted: string | undefined): string | undefined {
  return noted?.endsWith(END_WAITS) === true ? noted.slice(0, -END_WAITS.length) : undefined;
}

/** Whether what was noted of a thing says that all of it is here that is asked for. */
export function isSame(noted: string | undefined, standing: string | null, { files }: { files: boolean }): boolean {
  return standing !== null && (noted === standing || (!files && noted === withoutFiles(standing)));
}
