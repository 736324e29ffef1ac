// Observes what runs read. A download to a run's own token is noted as soon as its last byte went out; the run's inputs are looked
// at again once it pauses, since a run that reads a thousand files completes its evidence with the last one only. A server that dies in
// the pause has noted the reads; what they amount to is looked at again when the run ends (runs.ts).

import type { Call } from '@throughline/database';

import type { Log } from '../http/app.ts';
import type { Parts } from './parts.ts';
import { raiseEvidence } from './inputs.ts';

/** Milliseconds without a read before a run's inputs are looked at. */
const PAUSE_MS = 200;

export interface ReadObserver {
  observe: (call: Call, sha256s: readonly string[]) => void;
  /** Resolves when what a run has read so far is noted: it may speak of its data, or end, right behind its last byte. */
  noted: (runUuid: string) => Promise<void>;
  settle: () => Promise<void>;
}

/** Makes the observer of one server. */
export function createReadObserver(parts: Parts, log: Log): ReadObserver {
  const waiting = new Map<string, { timer: NodeJS.Timeout; look: () => void }>();
  const underWay = new Set<Promise<void>>();
  const notes = new Map<Promise<void>, string>();

  function track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => log('what a run read could not be noted', error))
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  }

  function lookLater(call: Call, runId: string): void {
    clearTimeout(waiting.get(runId)?.timer);
    const look = () => {
      waiting.delete(runId);
      // The observation is the server's, not the token's: a token that may only read is observed as well.
      void track(raiseEvidence(parts, { caller: { ...call.caller, scope: 'WRITE' } }, runId));
    };
    waiting.set(runId, { timer: setTimeout(look, PAUSE_MS).unref(), look });
  }

  return {
    observe(call, sha256s) {
      const { runId } = call.caller;
      if (runId === null || sha256s.length === 0) return;
      const note = track(parts.tracking.reads.record({ caller: call.caller }, runId, sha256s).then(() => lookLater(call, runId)));
      notes.set(note, runId);
      void note.finally(() => notes.delete(note));
    },
    async noted(runUuid) {
      await Promise.all([...notes].filter(([, runId]) => runId === runUuid).map(([note]) => note));
    },
    async settle() {
      await Promise.all(underWay);
      for (const { timer, look } of waiting.values()) {
        clearTimeout(timer);
        look();
      }
      await Promise.all(underWay);
    },
  };
}
