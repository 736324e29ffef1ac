// Texts and their numbers: equal texts have equal ones. A million different ones are in a few buffers, which V8's collector does not look into, where
// a Map would have as many objects. A table with open addressing and linear probing (Knuth, The Art of Computer Programming, volume 3, 6.4),
// at most half full, finds them by their hash.

import { randomInt } from 'node:crypto';

import { createSlabs } from './slabs.ts';

const FREE = 0xffffffff;

export class Texts {
  readonly #texts = createSlabs();
  #length = 0;
  /** Numbers of texts, each at the first free place from that of its hash on. */
  #places = new Uint32Array(1024).fill(FREE);
  #hashes = new Uint32Array(512);
  readonly #scratch: Buffer;
  /** So that nobody can choose texts that all have one hash. */
  readonly #seed = randomInt(2 ** 32);

  /** `most` is how many characters a text has at most. */
  constructor(most: number) {
    this.#scratch = Buffer.allocUnsafe(3 * most);
  }

  /** The number of a text, a new one where it was not there before. They begin at 0. */
  add(text: string): number {
    const bytes = this.#write(text);
    const hash = hashOf(bytes, this.#seed);
    if (this.#length === this.#hashes.length) this.#grow();
    const place = this.#placeOf(bytes, hash);
    const known = this.#places[place] ?? FREE;
    if (known !== FREE) return known;
    const number = this.#length;
    this.#texts.add(text);
    this.#hashes[number] = hash;
    this.#places[place] = number;
    this.#length += 1;
    return number;
  }

  /** The number of a text; null where it is not there. */
  find(text: string): number | null {
    const bytes = this.#write(text);
    const number = this.#places[this.#placeOf(bytes, hashOf(bytes, this.#seed))] ?? FREE;
    return number === FREE ? null : number;
  }

  get byteLength(): number {
    return this.#texts.byteLength + this.#places.byteLength + this.#hashes.byteLength + this.#scratch.byteLength;
  }

  #write(text: string): Buffer {
    return this.#scratch.subarray(0, this.#scratch.write(text));
  }

  /** Where a text is, or would be. */
  #placeOf(bytes: Buffer, hash: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place] ?? FREE;
      if (number === FREE || (this.#hashes[number] === hash && bytes.equals(this.#texts.at(number)))) return place;
    }
  }

  #grow(): void {
    const hashes = new Uint32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const places = new Uint32Array(2 * this.#places.length).fill(FREE);
    const mask = places.length - 1;
    for (let number = 0; number < this.#length; number += 1) {
      let place = (hashes[number] ?? 0) & mask;
      while (places[place] !== FREE) place = (place + 1) & mask;
      places[place] = number;
    }
    this.#places = places;
  }
}

/** FNV-1a (Fowler, Noll, Vo) from a start of our own, with its bits mixed once more, since the table takes the lowest. */
function hashOf(bytes: Buffer, seed: number): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
