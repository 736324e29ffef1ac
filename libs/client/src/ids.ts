// Ids of runs are made here and not by the server, so that a run can be started without it, and started again after an answer that was lost.

import { randomUUID } from 'node:crypto';

/** 32 hexadecimal characters, 122 bits of them random. */
export function newRunId(): string {
  return randomUUID().replaceAll('-', '');
}
