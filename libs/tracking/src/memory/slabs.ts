// Texts one behind the other in large buffers outside V8's heap, so that a hundred thousand of them are no work for its collector.

import { doubles, whole } from './growing.ts';

const SLAB_BYTES = 2 ** 20;

/** Texts by number, as UTF-8. What was added stays as it is. */
export interface Slabs {
  /** Adds a text; its number is how many came before. */
  add(text: string): void;
  /** The bytes of a text. They are nobody's to change. */
  at(index: number): Uint8Array;
  readonly byteLength: number;
}

export function createSlabs(): Slabs {
  const slabs: Buffer[] = [];
  const slabOf = whole();
  const offsets = doubles();
  const lengths = whole();
  let used = SLAB_BYTES;
  let byteLength = 0;

  return {
    add(text) {
      const length = Buffer.byteLength(text);
      let slab = slabs.at(-1);
      if (slab === undefined || used + length > slab.length) {
        slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
        slabs.push(slab);
        byteLength += slab.length;
        used = 0;
      }
      slab.write(text, used);
      slabOf.push(slabs.length - 1);
      offsets.push(used);
      lengths.push(length);
      used += length;
    },

    at(index) {
      const slab = slabs[slabOf.array[index] ?? -1];
      if (slab === undefined) throw new RangeError(`there is no text ${index}`);
      const from = offsets.array[index] ?? 0;
      return slab.subarray(from, from + (lengths.array[index] ?? 0));
    },

    get byteLength() {
      return byteLength + slabOf.byteLength + offsets.byteLength + lengths.byteLength;
    },
  };
}
