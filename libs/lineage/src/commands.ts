import type { CollectReport } from '@throughline/content';
import type { Call } from '@throughline/database';

/** What needs all domains; implemented where they are known. */
export interface LineageCommands {
  /** Removes what no domain refers to any more; needs the scope ADMIN. */
  collect(call: Call, options: { dryRun: boolean }): Promise<CollectReport>;
}
