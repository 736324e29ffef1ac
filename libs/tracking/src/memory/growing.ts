// Arrays of numbers that grow. Reading goes to the array itself, which another one takes the place of whenever it is full.

type Numbers = Float64Array | Uint32Array | Uint8Array;

/** A typed array with room at its end. Hold on to `array` only until the next `push`. */
export class Growing<A extends Numbers> {
  array: A;
  length = 0;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.array = make(64);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = this.#make(this.array.length + Math.max(64, this.array.length >> 1));
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length] = value;
    this.length += 1;
  }

  get byteLength(): number {
    return this.array.byteLength;
  }
}

export const doubles = (): Growing<Float64Array> => new Growing((length) => new Float64Array(length));
export const whole = (): Growing<Uint32Array> => new Growing((length) => new Uint32Array(length));
export const bytes = (): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length));
