// Cuts an incoming body into parts of exact sizes without holding one in memory.

import { uploadTooLong } from './errors.ts';

/** The body ended, or broke off, in the middle of a part. Never leaves this library. */
export class BodyCut extends Error {
  constructor(cause?: unknown) {
    super('the body ended in the middle of a part', { cause });
    this.name = 'BodyCut';
  }
}

export interface PartReader {
  /** Whether there is another byte. A body that broke off has none. */
  hasMore(): Promise<boolean>;
  /** Exactly so many bytes. Throws BodyCut where there are fewer, and UPLOAD_TOO_LONG where it is the last part and there are more. */
  take(part: { sizeBytes: number; last: boolean; totalBytes: number }): AsyncGenerator<Uint8Array, void, undefined>;
  /** Closes the body, read to its end or not. */
  close(): Promise<void>;
}

/** `passing` is told of every byte that is taken, in order. */
export function readParts(body: AsyncIterable<Uint8Array>, passing: (chunk: Uint8Array) => void): PartReader {
  const source = body[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let ended = false;
  let broken: unknown;

  async function hasMore(): Promise<boolean> {
    while (rest.byteLength === 0 && !ended) {
      try {
        const next = await source.next();
        if (next.done === true) ended = true;
        else rest = next.value;
      } catch (error) {
        // The client is gone. What it sent in whole parts is kept, which is what makes uploads resumable.
        ended = true;
        broken = error;
      }
    }
    return rest.byteLength > 0;
  }

  return {
    hasMore,
    async *take({ sizeBytes, last, totalBytes }) {
      let missing = sizeBytes;
      while (missing > 0) {
        if (!(await hasMore())) throw new BodyCut(broken);
        const chunk = rest.subarray(0, missing);
        rest = rest.subarray(chunk.byteLength);
        missing -= chunk.byteLength;
        passing(chunk);
        yield chunk;
      }
      if (last && (await hasMore())) throw uploadTooLong(totalBytes);
    },
    async close() {
      if (!ended) await source.return?.();
    },
  };
}
