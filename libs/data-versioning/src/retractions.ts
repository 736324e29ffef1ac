// Retractions: a version withdrawn, with a reason, so that it shows on everything downstream. Nothing of it is removed, and both
// the withdrawal and its taking back are kept.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { newId, requireScope } from '@throughline/kernel';

import { alreadyRetracted, notRetracted } from './errors.ts';
import { lockVersion } from './lock.ts';
import { checkReason } from './names.ts';
import type { Parts } from './parts.ts';
import type { DatasetVersion, RetractionEvent } from './types.ts';

export interface Retractions {
  /** Withdraws a version. Again for the same reason changes nothing; for another throws `conflict` ALREADY_RETRACTED. */
  retract(call: Call, versionId: string, reason: string): Promise<DatasetVersion>;
  /** Takes a retraction back. Throws `conflict` NOT_RETRACTED. */
  reinstate(call: Call, versionId: string, reason: string): Promise<DatasetVersion>;
  /** What was withdrawn and taken back, newest first, at most 100 of each version. */
  history(call: Call, versionIds: readonly string[]): Promise<Map<string, RetractionEvent[]>>;
}

/** How many events are shown of one version. */
const MAX_SHOWN = 100;

export function createRetractions({ database, store, clock }: Parts): Retractions {
  const record = async (
    tx: Tx,
    call: Call,
    versionId: string,
    what: { action: RetractionEvent['action']; reason: string; at: Date },
  ): Promise<void> => {
    await store.insertRetractionEvent(tx, { id: newId(what.at.getTime()), versionId, actor: call.caller.name, ...what });
  };

  return {
    retract(call, versionId, reason) {
      requireScope(call.caller, 'WRITE');
      const why = checkReason(reason);
      return within(database, call, async (tx) => {
        const { version } = await lockVersion(store, tx, call, versionId);
        if (version.retraction !== null) {
          if (version.retraction.reason === why) return version;
          throw alreadyRetracted(version);
        }
        const at = clock.now();
        const retraction = { reason: why, actor: call.caller.name, at };
        await store.setRetraction(tx, versionId, retraction);
        await record(tx, call, versionId, { action: 'RETRACT', reason: why, at });
        return { ...version, retraction };
      });
    },

    reinstate(call, versionId, reason) {
      requireScope(call.caller, 'WRITE');
      const why = checkReason(reason);
      return within(database, call, async (tx) => {
        const { version } = await lockVersion(store, tx, call, versionId);
        if (version.retraction === null) throw notRetracted(version);
        await store.setRetraction(tx, versionId, null);
        await record(tx, call, versionId, { action: 'REINSTATE', reason: why, at: clock.now() });
        return { ...version, retraction: null };
      });
    },

    async history(call, versionIds) {
      const rows = await store.retractionEvents(on(database, call), call.caller.workspaceId, versionIds, MAX_SHOWN);
      return Map.groupBy(rows, (event) => event.versionId);
    },
  };
}
