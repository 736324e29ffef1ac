// Purging joins three domains: tracking decides what is due, the registry says what its versions stand on, content collects the bytes. A job
// is worked on in the process that it was asked of, in the background; one that was cut goes on where a server starts, or by the command line.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Call } from '@throughline/database';
import type { PurgeHelp, PurgeInput, PurgeJob } from '@throughline/tracking';

import type { Log } from '../http/app.ts';
import { collect } from './collect.ts';
import type { Parts } from './parts.ts';

export interface WorkOptions {
  /** Ends the work between two steps; the job waits for whoever goes on. */
  signal?: AbortSignal | undefined;
  onProgress?: ((job: PurgeJob) => void) | undefined;
  /** Told what the job waits for, each time that it looks again. */
  onWait?: ((why: WaitReason) => void) | undefined;
}

/** WORKER: somebody else has the job. BACKUP: stored files stay as long as one is made. */
export type WaitReason = 'WORKER' | 'BACKUP';

/** How often a job that waits looks again. */
const RETRY_MS = 5_000;

export interface Purger {
  /** Queues a job and begins with it in the background. */
  purge(call: Call, input: PurgeInput): Promise<PurgeJob>;
  /**
   * Works on the job that is not at its end, of any workspace. One that somebody has is waited for: whoever was killed holds it for another half
   * minute. Null where there is none, or somebody else brought it to its end.
   */
  resumePurge(options?: WorkOptions): Promise<PurgeJob | null>;
  /** Ends what goes on in the background between two steps, and resolves when it has. */
  settlePurge(): Promise<void>;
}

export function createPurger(parts: Parts, log: Log): Purger {
  const { tracking, registry } = parts;
  const down = new AbortController();
  const working = new Set<Promise<unknown>>();

  const helpWith = ({ onProgress, onWait }: WorkOptions): PurgeHelp => ({
    citedOf: (tx, asked) => registry.citedOf(tx, asked),
    collect(job, isDue, signal) {
      // Whoever queued the job had the right to; nothing is written in their name.
      const caller = { workspaceId: job.workspaceId, principalId: job.id, name: job.requestedBy, scope: 'ADMIN', runId: null } as const;
      const whileHeldOff = () => {
        onWait?.('BACKUP');
        return sleep(RETRY_MS, undefined, { signal });
      };
      return collect(parts, { caller }, { dryRun: job.dryRun, isDue, signal, whileHeldOff });
    },
    ...(onProgress === undefined ? {} : { onProgress }),
  });

  const work = (id: string, options: WorkOptions): Promise<PurgeJob | null> => {
    const { signal } = options;
    return tracking.purge.work(id, helpWith(options), signal === undefined ? down.signal : AbortSignal.any([signal, down.signal]));
  };

  return {
    async purge(call, input) {
      const job = await tracking.purge.start(call, input);
      const done: Promise<unknown> = work(job.id, {})
        .catch((error: unknown) => log('a purge met trouble', error))
        .finally(() => working.delete(done));
      working.add(done);
      return job;
    },

    async resumePurge(options = {}) {
      const stop = options.signal === undefined ? down.signal : AbortSignal.any([options.signal, down.signal]);
      for (;;) {
        const job = await tracking.purge.findUnfinished();
        if (job === null || stop.aborted) return null;
        const worked = await work(job.id, options);
        if (worked !== null) return worked;
        options.onWait?.('WORKER');
        // Aborted is not failed: it is how a server goes down.
        await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
      }
    },

    async settlePurge() {
      down.abort();
      await Promise.all(working);
    },
  };
}
