// The benchmark of tracking: what it runs, in the order of the bars' table. Later rows build on what earlier ones left in the store; memory comes
// after the ingest, which is what it is about.

import { CREATE_RUN } from './create-run.ts';
import { COPY, LOG_BATCH_1000, LOG_BATCH_1000X1, LOG_BATCH_10X1, LOG_BATCH_500, LOG_METRIC } from './ingest.ts';
import { MEMORY, readIdleMemory } from './memory.ts';
import { SEARCH_100, SEARCH_1000, SEARCH_DEEP } from './search.ts';
import { SERIES_WORK } from './series.ts';
import type { Stand } from './stand.ts';
import type { Work } from './work.ts';

export const TRACKING: readonly Work[] = [
  LOG_BATCH_1000,
  LOG_BATCH_500,
  LOG_BATCH_1000X1,
  LOG_BATCH_10X1,
  COPY,
  CREATE_RUN,
  LOG_METRIC,
  MEMORY,
  SERIES_WORK,
  SEARCH_100,
  SEARCH_1000,
  SEARCH_DEEP,
];

/** What has to happen before the first row, given which rows will run. */
export async function beforeTracking(stand: Stand, works: readonly Work[]): Promise<void> {
  if (works.includes(MEMORY)) await readIdleMemory(stand);
}
