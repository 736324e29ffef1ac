// What only an import may say: when things were made elsewhere, and how they stood. Everything else of an import goes in through the doors that
// clients use. An administrator's, since a time that somebody made up looks like any other.

import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { requireScope } from '@throughline/kernel';

import { checkText, checkWhole, LIMITS } from './limits.ts';
import type { Parts } from './parts.ts';
import { stampExperiment, stampLoggedModel } from './store/imports.ts';
import type { ExperimentKey, LoggedModelKey, LoggedModelStatus } from './types.ts';

/** Milliseconds since 1970. */
export interface Times {
  createdAtMs: number;
  updatedAtMs: number;
}

export interface TrackingImports {
  /** Sets when an experiment was made and last changed. */
  stampExperiment(call: Call, key: ExperimentKey, times: Times): Promise<void>;
  /** Sets a logged model's state and times. */
  stampLoggedModel(
    call: Call,
    key: LoggedModelKey,
    stamp: Times & { status: LoggedModelStatus; statusMessage: string | null },
  ): Promise<void>;
}

function checkTimes({ createdAtMs, updatedAtMs }: Times): Times {
  const created = checkWhole(createdAtMs, 'created_at', 0);
  return { createdAtMs: created, updatedAtMs: Math.max(created, checkWhole(updatedAtMs, 'updated_at', 0)) };
}

export function createTrackingImports({ database }: Parts): TrackingImports {
  return {
    async stampExperiment(call, key, times) {
      requireScope(call.caller, 'ADMIN');
      const checked = checkTimes(times);
      await within(database, call, (tx) => stampExperiment(tx, call.caller.workspaceId, key, checked));
    },

    async stampLoggedModel(call, key, { status, statusMessage, ...times }) {
      requireScope(call.caller, 'ADMIN');
      const message = statusMessage === null ? null : checkText(statusMessage, 'status_message', LIMITS.loggedModelStatusMessage);
      const stamp = { ...checkTimes(times), status, statusMessage: message };
      await within(database, call, (tx) => stampLoggedModel(tx, call.caller.workspaceId, key, stamp));
    },
  };
}
