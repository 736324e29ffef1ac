// Names of temporary files. Threads work in one folder at the same time, under one name that a note or a pattern knows all of them by: each counts in a range of its own.

import { threadId } from 'node:worker_threads';

/** No thread makes so many. */
const RANGE = 2 ** 32;

let next = threadId * RANGE;

/** A file in a folder, which no other thread of this command takes. */
export function temporaryFile(folder: string, temporaryName: string): string {
  return `${folder}/${temporaryName}-${next++}`;
}
