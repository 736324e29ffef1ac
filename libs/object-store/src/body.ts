// Bodies on their way in and out: counted, so that neither a short nor an overlong one passes for the right one.

import { Readable } from 'node:stream';

import { invariant } from '@throughline/kernel';

import { sizeMismatch, tooLarge } from './errors.ts';

export interface BodyLimits {
  /** What the caller declared, if it did. */
  sizeBytes: number | undefined;
  maxBytes: number;
}

/** Passes a body on chunk by chunk. Throws OBJECT_SIZE_MISMATCH or OBJECT_TOO_LARGE as soon as it is sure; the source is closed then. */
export async function* limited(body: AsyncIterable<Uint8Array>, limits: BodyLimits): AsyncGenerator<Uint8Array, void, undefined> {
  const { sizeBytes, maxBytes } = limits;
  let received = 0;
  for await (const chunk of body) {
    invariant(chunk instanceof Uint8Array, 'A body must yield bytes.');
    received += chunk.byteLength;
    if (sizeBytes !== undefined && received > sizeBytes) throw sizeMismatch(sizeBytes, received, true);
    if (received > maxBytes) throw tooLarge(maxBytes);
    if (chunk.byteLength > 0) yield chunk;
  }
  if (sizeBytes !== undefined && received < sizeBytes) throw sizeMismatch(sizeBytes, received, false);
}

export interface OutwardOptions {
  expectedBytes: number;
  /** Turns what the source fails with into what the reader is told. */
  translate: (error: unknown) => Error;
  /** What the reader is told where the source ends early without an error of its own. */
  onShort: () => Error;
}

/**
 * Hands a source on as a stream whose errors are translated and whose length is checked: a reader sees the end only after
 * `expectedBytes`. The source flows only while the reader takes, and is destroyed with the stream.
 */
export function outward(source: Readable, options: OutwardOptions): Readable {
  const { expectedBytes, translate, onShort } = options;
  let sent = 0;
  let ended = false;
  source.pause();
  const stream = new Readable({
    read() {
      source.resume();
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  source.on('data', (chunk: Uint8Array) => {
    sent += chunk.byteLength;
    if (!stream.push(chunk)) source.pause();
  });
  source.on('end', () => {
    ended = true;
    if (sent === expectedBytes) stream.push(null);
    else stream.destroy(onShort());
  });
  source.on('error', (error: unknown) => stream.destroy(translate(error)));
  source.on('close', () => {
    if (!ended) stream.destroy(onShort());
  });
  return stream;
}

/** Does something for each of many, some at a time, in order of their beginning. The first failure ends it, once what is under way is done. */
export async function forEachOf<T>(items: readonly T[], atOnce: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  const left = items.entries();
  let failed = false;
  const some = async () => {
    for (const [index, item] of left) {
      if (failed) return;
      try {
        await work(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, some));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}
