// What only an import may say: when things were made elsewhere, and how they stood. Everything else of an import goes in through the doors that
// clients use. An administrator's, since a time that somebody made up looks like any other.

import { within } from '@throughline/database';
import { requireScope } from '@throughline/kernel';

import type { Times, TrackingImports } from './api.ts';
import { storedValue } from './engine/points.ts';
import { loggedModelNotFound } from './errors.ts';
import { checkBatch, checkText, checkWhole, LIMITS } from './limits.ts';
import { getRun } from './metrics.ts';
import type { Parts } from './parts.ts';
import { stampExperiment, stampLoggedModel } from './store/imports.ts';
import { insertModelMetrics } from './store/metrics.ts';

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

    async logModelMetrics(call, key, metrics) {
      requireScope(call.caller, 'ADMIN');
      checkBatch({ metrics });
      await within(database, call, async (tx) => {
        const { id: runId } = await getRun(tx, call, key);
        const stored = metrics.map((metric) => ({ ...metric, value: storedValue(metric.value) }));
        const [unknown] = await insertModelMetrics(tx, { workspaceId: call.caller.workspaceId, runId, metrics: stored });
        if (unknown !== undefined) throw loggedModelNotFound(unknown);
      });
    },

    async stampLoggedModel(call, key, { status, statusMessage, ...times }) {
      requireScope(call.caller, 'ADMIN');
      const message = statusMessage === null ? null : checkText(statusMessage, 'status_message', LIMITS.loggedModelStatusMessage);
      const stamp = { ...checkTimes(times), status, statusMessage: message };
      await within(database, call, (tx) => stampLoggedModel(tx, call.caller.workspaceId, key, stamp));
    },
  };
}
