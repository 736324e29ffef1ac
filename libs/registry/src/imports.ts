// What only an import may say: the numbers and times that models and versions had elsewhere. Everything else of an import goes in through the
// doors that clients use. An administrator's, since a time that somebody made up looks like any other.

import { on, within } from '@throughline/database';
import type { Call, Database } from '@throughline/database';
import { invalid, requireScope } from '@throughline/kernel';

import { checkOptional } from './checks.ts';
import { raiseLastVersion, stampModel, stampVersion } from './store/imports.ts';

/** Milliseconds since 1970. */
export interface Times {
  createdAtMs: number;
  updatedAtMs: number;
}

export interface RegistryImports {
  /** Counts numbers up to this one as given out, so that the next version has a greater one. Never goes back. */
  skipTo(call: Call, modelId: string, version: number): Promise<void>;
  stampModel(call: Call, modelId: string, times: Times): Promise<void>;
  /** Sets when a version was made and last changed, and by whom. */
  stampVersion(call: Call, versionId: string, stamp: Times & { userId: string | null }): Promise<void>;
}

function checkTimes({ createdAtMs, updatedAtMs }: Times): Times {
  for (const time of [createdAtMs, updatedAtMs]) {
    if (!Number.isSafeInteger(time) || time < 0)
      throw invalid('INVALID_TIME', `A time is a whole number of milliseconds since 1970, not ${time}.`);
  }
  return { createdAtMs, updatedAtMs: Math.max(createdAtMs, updatedAtMs) };
}

export function createRegistryImports(database: Database): RegistryImports {
  return {
    async skipTo(call, modelId, version) {
      requireScope(call.caller, 'ADMIN');
      if (!Number.isInteger(version) || version < 0 || version >= 2 ** 31)
        throw invalid('INVALID_VERSION', `${version} is not the number of a version.`);
      await raiseLastVersion(on(database, call), call.caller.workspaceId, modelId, version);
    },

    async stampModel(call, modelId, times) {
      requireScope(call.caller, 'ADMIN');
      await stampModel(on(database, call), call.caller.workspaceId, modelId, checkTimes(times));
    },

    async stampVersion(call, versionId, { userId, ...times }) {
      requireScope(call.caller, 'ADMIN');
      const by = checkOptional('user id', userId, 256) ?? '';
      await within(database, call, (tx) => stampVersion(tx, call.caller.workspaceId, versionId, { ...checkTimes(times), userId: by }));
    },
  };
}
