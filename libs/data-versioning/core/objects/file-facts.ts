// Facts and hashes of many files by their paths: one map of numbers and two arrays, since an object for each of a million files takes ten times that.

import type { SurveyedFolder } from './survey.ts';
import { FACTS, MD5_BYTES } from './tasks.ts';

export class FileFacts {
  readonly #places = new Map<string, number>();
  #facts = new Float64Array(64 * FACTS);
  #digests = Buffer.alloc(64 * MD5_BYTES);

  /** Takes a file in, or in another's place. */
  set(path: string, facts: Float64Array, digest: Uint8Array): void {
    let place = this.#places.get(path);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(path, place);
      if ((place + 1) * FACTS > this.#facts.length) this.#grow();
    }
    this.#facts.set(facts, place * FACTS);
    this.#digests.set(digest, place * MD5_BYTES);
  }

  setAll(folders: readonly SurveyedFolder[]): void {
    for (const { path, names, facts, digests } of folders) {
      const prefix = path === '' ? '' : `${path}/`;
      for (const [index, name] of names.entries()) {
        const fact = index * FACTS;
        const digest = index * MD5_BYTES;
        this.set(`${prefix}${name}`, facts.subarray(fact, fact + FACTS), digests.subarray(digest, digest + MD5_BYTES));
      }
    }
  }

  /** As they were set; null for a path that was not. */
  factsOf(path: string): Float64Array | null {
    const place = this.#places.get(path);
    return place === undefined ? null : this.#facts.subarray(place * FACTS, (place + 1) * FACTS);
  }

  /** 16 bytes; null for a path that was not set. */
  digestOf(path: string): Buffer | null {
    const place = this.#places.get(path);
    return place === undefined ? null : this.#digests.subarray(place * MD5_BYTES, (place + 1) * MD5_BYTES);
  }

  #grow(): void {
    const facts = new Float64Array(this.#facts.length * 2);
    facts.set(this.#facts);
    this.#facts = facts;
    this.#digests = Buffer.concat([this.#digests], this.#digests.length * 2);
  }
}
