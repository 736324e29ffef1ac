// What runs on a thread: it takes tasks from its port, one after the other, and answers each.

import { parentPort } from 'node:worker_threads';
import { invariant } from '@throughline/kernel';
import { placeFiles } from './place-file.ts';
import { storeFiles } from './store-file.ts';
import type { FilesTaskOfAnyKind, TaskAnswer } from './tasks.ts';

/** What comes in. */
export interface TaskMessage {
  readonly number: number;
  readonly task: FilesTaskOfAnyKind;
}

/** What goes out: pieces of large files as they are done, then the answer. */
export type WorkerMessage =
  | { readonly number: number; readonly bytes: number }
  | { readonly number: number; readonly answer: TaskAnswer }
  | { readonly number: number; readonly error: unknown };

/** How many bytes are told at a time. */
const REPORT_BYTES = 16 * 1024 * 1024;

invariant(parentPort !== null, 'This file runs on a thread.');
const port = parentPort;
/** Large files wait in between: without this, tasks would mix. */
let last: Promise<void> = Promise.resolve();

port.on('message', (message: TaskMessage) => {
  last = last.then(() => run(message));
});

async function run({ number, task }: TaskMessage): Promise<void> {
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
    if (bytes < REPORT_BYTES) return;
    port.postMessage({ number, bytes } satisfies WorkerMessage);
    bytes = 0;
  };
  try {
    const answer = task.kind === 'store' ? await storeFiles(task, onBytes) : placeFiles(task, onBytes);
    port.postMessage({ number, answer } satisfies WorkerMessage, [answer.digests.buffer, answer.facts.buffer]);
  } catch (error) {
    port.postMessage({ number, error } satisfies WorkerMessage);
  }
}
