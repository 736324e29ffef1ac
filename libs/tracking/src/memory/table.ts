// The runs of one experiment in memory: each with its card as it is sent, and with what searches ask for. A run that changes gets a new row, and
// its old one is passed over.
//
// What a run has under keys (metrics, params, tags) lies row by row, as pairs of numbers: of the key, and the double or the number of the text. So a key
// that few runs have costs what these have. A search wants it by column, which is made when it is asked for, in some milliseconds, and kept.

import type { CardFacts } from '../api.ts';
import { bytes, doubles, whole } from './growing.ts';
import type { Growing } from './growing.ts';
import { createSlabs } from './slabs.ts';
import { sortedByValue } from './sort.ts';
import { Texts } from './texts.ts';

/** In columns of texts: that a row has nothing under the key, and that its text is too long to be kept here. */
export const NOTHING = 0xffffffff;
const LONG = 0xfffffffe;
/** Characters of the longest text that is kept besides the card. */
export const MOST_KEPT = 256;
/** In columns of doubles. */
export const HAS_NOTHING = 0;
export const HAS_NUMBER = 1;
export const HAS_NAN = 2;

/** A metric: each row's value, and whether it has one. */
export interface NumberColumn {
  values: Float64Array;
  /** HAS_NOTHING, HAS_NUMBER or HAS_NAN. */
  has: Uint8Array;
}

/** Rows in order, as far as they had been added when it was made. */
export interface Order {
  rows: Uint32Array;
  /** Rows from this one on are not in it. */
  end: number;
}

/** Columns and orders that are kept; beyond, the one that was not asked for the longest goes. */
const MOST_COLUMNS = 48;
/** Rows behind the end of an order are sorted by each search; with so many of them it is made anew. */
const UNORDERED = 1_000;
const UNORDERED_SHARE = 50;

/** What rows have under keys. */
class Pairs {
  readonly #numbers = new Map<string, number>();
  readonly #keys = whole();
  readonly #values: Growing<Float64Array> | Growing<Uint32Array>;
  /** Where the pairs of each row begin. */
  readonly #from = whole();

  constructor(values: Growing<Float64Array> | Growing<Uint32Array>) {
    this.#values = values;
  }

  addRow(pairs: Iterable<readonly [key: string, value: number]>): void {
    this.#from.push(this.#keys.length);
    for (const [key, value] of pairs) {
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(key, number);
      }
      this.#keys.push(number);
      this.#values.push(value);
    }
  }

  /** Tells of each row from one on what it has under a key, null where it has nothing. */
  each(key: string, fromRow: number, tell: (value: number | null) => void): void {
    const number = this.#numbers.get(key);
    const [keys, values, from, rows] = [this.#keys.array, this.#values.array, this.#from.array, this.#from.length];
    for (let row = fromRow; row < rows; row += 1) {
      let at = from[row] ?? 0;
      const end = row + 1 < rows ? (from[row + 1] ?? 0) : this.#keys.length;
      while (at < end && keys[at] !== number) at += 1;
      tell(at < end ? (values[at] ?? 0) : null);
    }
  }

  get byteLength(): number {
    return this.#keys.byteLength + this.#values.byteLength + this.#from.byteLength + 100 * this.#numbers.size;
  }
}

interface KeptNumbers {
  values: Growing<Float64Array>;
  has: Growing<Uint8Array>;
}

/** What is kept by name, and let go when it was not asked for. */
class Kept<T> {
  readonly #kept = new Map<string, T>();

  get(name: string, make: () => T): T {
    const found = this.#kept.get(name) ?? make();
    this.#kept.delete(name);
    this.#kept.set(name, found);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_COLUMNS && oldest !== undefined) this.#kept.delete(oldest);
    return found;
  }

  set(name: string, value: T): void {
    this.#kept.set(name, value);
  }

  values(): Iterable<T> {
    return this.#kept.values();
  }
}

export class RunTable {
  /** Each row's UUID, MLflow's id and name, and its card. */
  readonly ids: string[] = [];
  readonly runIds: string[] = [];
  readonly names: string[] = [];
  readonly cards = createSlabs();
  readonly statuses: string[] = [];
  readonly #startTimes = doubles();
  /** NaN where the run has not ended. */
  readonly #endTimes = doubles();
  readonly #isActive = bytes();
  /** Whether the row says what its run is: it has not changed since, and is not gone. */
  readonly #isCurrent = bytes();
  readonly #metrics = new Pairs(doubles());
  readonly #texts = { param: new Pairs(whole()), tag: new Pairs(whole()) };
  readonly #numbers = new Texts(MOST_KEPT);

  /** Rows that are current, by UUID; and the stamps of the cards that were seen, those of runs without a row included. */
  readonly #rowOf = new Map<string, number>();
  readonly #stamps = new Map<string, number>();
  readonly #bare = new Set<string>();

  readonly #numberColumns = new Kept<KeptNumbers>();
  readonly #textColumns = new Kept<Growing<Uint32Array>>();
  readonly #orders = new Kept<Order>();

  /** Rows, those that are passed over included. */
  get length(): number {
    return this.ids.length;
  }

  /** Rows that are passed over. */
  get stale(): number {
    return this.ids.length - this.#rowOf.size;
  }

  /** The runs (UUIDs) of the experiment that have no card: whoever searches looks at them elsewhere. */
  get bare(): ReadonlySet<string> {
    return this.#bare;
  }

  /** Every run that it knows, UUIDs. */
  get known(): Iterable<string> {
    return [...this.#rowOf.keys(), ...this.#bare];
  }

  get startTimes(): Float64Array {
    return this.#startTimes.array;
  }

  get endTimes(): Float64Array {
    return this.#endTimes.array;
  }

  /** 1 where the run is not deleted. */
  get isActive(): Uint8Array {
    return this.#isActive.array;
  }

  get isCurrent(): Uint8Array {
    return this.#isCurrent.array;
  }

  rowOf(id: string): number | undefined {
    return this.#rowOf.get(id);
  }

  /** Takes in a run's card, unless a newer one was. */
  put(id: string, card: { stamp: number; body: string }, facts: CardFacts): void {
    if (!this.#isNews(id, card.stamp)) return;
    this.#pass(id);
    const row = this.ids.length;
    this.#rowOf.set(id, row);
    this.ids.push(id);
    this.runIds.push(facts.runId);
    this.names.push(facts.name);
    this.statuses.push(facts.status);
    this.cards.add(card.body);
    this.#startTimes.push(facts.startTimeMs);
    this.#endTimes.push(facts.endTimeMs ?? NaN);
    this.#isActive.push(facts.isActive ? 1 : 0);
    this.#isCurrent.push(1);
    this.#metrics.addRow(facts.metrics.map(({ key, value }) => [key, value]));
    for (const kind of ['param', 'tag'] as const) {
      const pairs = kind === 'param' ? facts.params : facts.tags;
      this.#texts[kind].addRow(pairs.map(({ key, value }) => [key, this.#numberFor(value)]));
    }
  }

  /** Takes in that a run has no card, by the stamp of the one that says so, unless a newer one was. */
  putBare(id: string, stamp: number): void {
    if (!this.#isNews(id, stamp)) return;
    this.#pass(id);
    this.#bare.add(id);
  }

  /** Forgets runs that are gone. */
  remove(id: string): void {
    this.#pass(id);
    this.#stamps.delete(id);
  }

  #isNews(id: string, stamp: number): boolean {
    if (stamp <= (this.#stamps.get(id) ?? -1)) return false;
    this.#stamps.set(id, stamp);
    return true;
  }

  #pass(id: string): void {
    this.#bare.delete(id);
    const row = this.#rowOf.get(id);
    if (row === undefined) return;
    this.#rowOf.delete(id);
    this.#isCurrent.array[row] = 0;
  }

  #numberFor(text: string): number {
    return text.length > MOST_KEPT ? LONG : this.#numbers.add(text);
  }

  /** The number that columns of texts have for a text of MOST_KEPT characters at most; null where no row has it. */
  numberOf(text: string): number | null {
    return this.#numbers.find(text);
  }

  /** A metric of all rows. Good until the next row is added. */
  metric(key: string): NumberColumn {
    const { values, has } = this.#numberColumns.get(key, () => ({ values: doubles(), has: bytes() }));
    this.#metrics.each(key, has.length, (value) => {
      values.push(value ?? 0);
      has.push(value === null ? HAS_NOTHING : Number.isNaN(value) ? HAS_NAN : HAS_NUMBER);
    });
    return { values: values.array, has: has.array };
  }

  /** The numbers of the texts that all rows have under a key, NOTHING or LONG. Good until the next row is added. */
  text(kind: 'param' | 'tag', key: string): Uint32Array {
    const column = this.#textColumns.get(`${kind}.${key}`, whole);
    this.#texts[kind].each(key, column.length, (value) => column.push(value ?? NOTHING));
    return column.array;
  }

  /** All rows, the newest first, those of one time by their ids. */
  newest(): Order {
    return this.#order('newest', () => {
      const { startTimes, runIds, length: end } = this;
      const rows = sortedByValue(
        Uint32Array.from(this.ids.keys()),
        startTimes.map((time) => -time),
      );
      for (let from = 0, to = 0; from < rows.length; from = to) {
        const time = startTimes[rows[from] ?? 0];
        while (to < rows.length && startTimes[rows[to] ?? 0] === time) to += 1;
        if (to - from > 1) {
          rows.subarray(from, to).sort((a, b) => ((runIds[a] ?? '') < (runIds[b] ?? '') ? -1 : 1));
        }
      }
      return { rows, end };
    });
  }

  /** The rows whose metric is a number by that, those of equal numbers as `newest` has them. */
  byMetric(key: string, ascending: boolean): Order {
    return this.#order(`metric.${ascending ? 'up' : 'down'}.${key}`, () => {
      const { values, has } = this.metric(key);
      const newest = this.newest();
      const rows = newest.rows.filter((row) => has[row] === HAS_NUMBER);
      return { rows: sortedByValue(rows, ascending ? values : values.map((value) => -value)), end: newest.end };
    });
  }

  #order(name: string, make: () => Order): Order {
    const kept = this.#orders.get(name, make);
    if (this.length - kept.end <= Math.max(UNORDERED, this.length / UNORDERED_SHARE)) return kept;
    const fresh = make();
    this.#orders.set(name, fresh);
    return fresh;
  }

  /** What it takes, about. */
  get byteLength(): number {
    let sum =
      this.cards.byteLength +
      this.#metrics.byteLength +
      this.#texts.param.byteLength +
      this.#texts.tag.byteLength +
      this.#numbers.byteLength;
    // Two ids with their places in maps, a name, and the plain columns.
    sum += this.length * 400 + this.#bare.size * 100;
    for (const { values, has } of this.#numberColumns.values()) sum += values.byteLength + has.byteLength;
    for (const column of this.#textColumns.values()) sum += column.byteLength;
    for (const { rows } of this.#orders.values()) sum += rows.byteLength;
    return sum;
  }
}
