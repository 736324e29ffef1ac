// Whoever reads metrics settles them first: what was appended moves into the rows that reads are made for (summaries and chunks). Reads
// are exact and see their own writes by that alone.

import type { Call, Database } from '@throughline/database';

/**
 * Settles what was logged to these runs (UUIDs, of any workspace). Call it before reading their metric_summary or metric_chunk rows; with
 * nothing to settle it is one indexed probe. Inside the call's open transaction it settles in it, and holds the runs' settling until it ends.
 */
export async function settleRuns(database: Database, call: Pick<Call, 'tx'>, runIds: readonly string[]): Promise<void> {
  await settle(database, call, { runIds });
}

/** The same for all runs of these experiments (UUIDs); null for all of the caller's workspace. */
export async function settleExperiments(database: Database, call: Call, experimentIds: readonly string[] | null): Promise<void> {
  await settle(database, call, { workspaceId: call.caller.workspaceId, experimentIds });
}

type Scope = { runIds: readonly string[] } | { workspaceId: string; experimentIds: readonly string[] | null };

/** A batch updates its summaries in its own statement so far: there is never anything left to settle. */
function settle(_database: Database, _call: Pick<Call, 'tx'>, _scope: Scope): Promise<void> {
  return Promise.resolve();
}
