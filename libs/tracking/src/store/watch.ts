// SQL of watching: whether runs changed, told from the versions of their rows, so that writers pay nothing for being watched.

import type { Queryable } from '@throughline/database';

export interface RunMark {
  runId: string;
  metrics: string;
  record: string;
}

/** A row that is changed or added gets a higher transaction id than all before it, so that for one count of rows the sum only rises. */
const rowsOf = (table: string, column = 'run_id') =>
  `(SELECT concat_ws('.', count(*), sum(t.xmin::text::bigint)) FROM ${table} t WHERE t.${column} = r.id)`;

export function selectMarks(db: Queryable, runIds: readonly string[]): Promise<RunMark[]> {
  return db.sql(
    `SELECT r.id AS "runId",
       concat_ws(':', (SELECT max(b.id) FROM metric_batch b WHERE b.run_id = r.id),
         (SELECT max(m.generation) FROM metric_summary m WHERE m.run_id = r.id)) AS metrics,
       concat_ws(':', r.xmin::text, ${rowsOf('run_param')}, ${rowsOf('run_tag')}, ${rowsOf('dataset_input')}, ${rowsOf('dataset_output')},
         ${rowsOf('run_model_link')}, ${rowsOf('logged_model', 'source_run_id')}) AS record
     FROM run r WHERE r.id = ANY ($1::uuid[])`,
    [runIds],
    { prepared: true },
  );
}
