// Watching runs, for pages that follow them: appends in this process are told at once (engine.onAppend), everything else is found by asking
// for the marks of the runs that somebody watches. Writers do nothing for it: a NOTIFY in their transactions would make them commit one
// after another.

import type { Database } from '@throughline/database';
import { isUuid } from '@throughline/kernel';

import { selectMarks } from './store/watch.ts';

/** How a run is at a moment: texts that mean nothing, and are others once something changed. They may change where nothing did. */
export interface RunMarks {
  /** Of its metric points. */
  metrics: string;
  /** Of itself, its params, tags, inputs, the datasets that it made, and its logged models. */
  record: string;
}

export interface Watch {
  /** The marks of runs (UUIDs) of any workspace, in one statement: ask for what your callers may see. Those that do not exist are left out. */
  marksOf(runIds: readonly string[]): Promise<Map<string, RunMarks>>;
}

export function createWatch({ database }: { database: Database }): Watch {
  return {
    async marksOf(runIds) {
      const rows = await selectMarks(database, runIds.filter(isUuid));
      return new Map(rows.map(({ runId, metrics, record }) => [runId, { metrics, record }]));
    },
  };
}
