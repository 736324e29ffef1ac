import type { Call } from '@throughline/database';

/** What access needs of other domains; the composition root gives it. */
export interface AccessCommands {
  /** The UUID of the run that a node id or a reference names, for a token of its own. Throws `not_found`, and `conflict` where the run has ended. */
  findRunId(call: Call, text: string): Promise<string>;
}
