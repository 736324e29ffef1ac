import type { Call } from '@throughline/database';

/** What access needs of other domains; the composition root gives it. */
export interface AccessCommands {
  /** The UUID of the run that a node id or a reference names. Throws `not_found`. */
  findRunId(call: Call, text: string): Promise<string>;
}
