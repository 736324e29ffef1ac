// Many small bodies at once. What one blob costs is mostly waiting: two syncs, a dozen steps on the disk, four statements. A few thousand
// together cost one sync and a handful of statements. The order is that of one blob: bytes are durable under keys that nobody knows before a row
// names them, and an object is deleted here only where no row can name it.

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { on, within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { DomainError, invalid, requireWrite } from '@throughline/kernel';
import { MAX_DELETES, MAX_SMALL_OBJECTS } from '@throughline/object-store';

import { holdObject, newStorageKey, SLOW_MS } from './blobs.ts';
import { bodyTooLarge, contentCollected, contentMismatch, md5Collision } from './errors.ts';
import { checkMd5, createMeter } from './hashes.ts';
import type { Measured } from './hashes.ts';
import { findGrantedByMd5, markDamaged } from './store/blobs.ts';
import type { StoredBlob } from './store/blobs.ts';
import { findManyBlobs, grantBlobs, touchBlobs, upsertBlobs } from './store/batches.ts';
import type { BlobInfo, Parts } from './types.ts';

/** A body in memory, and the MD5 that it was announced with. */
export interface SmallBody {
  md5: string;
  bytes: Uint8Array;
  /** Whether it is kept for having been pushed, though nothing names it; see `Pushed`. */
  pushed: boolean;
}

/** What became of a body. `known`: the workspace held it before. */
export type PutOutcome = { state: 'stored' | 'known'; blob: BlobInfo } | { state: 'refused'; error: DomainError };

export interface Batches {
  /**
   * Stores bodies and grants them to the caller's workspace; all that was stored is durable when it resolves. Answers in the order given; one that is not
   * what it was announced as (CONTENT_MISMATCH), or has the MD5 of other content (MD5_COLLISION), is refused without the others. At most MAX_BATCH.
   */
  putBlobs(call: Call, bodies: readonly SmallBody[]): Promise<PutOutcome[]>;
  /**
   * Blobs of the caller's workspace whole in memory, hashed, by SHA-256. Left out are those that it does not hold, and those whose bytes are gone or
   * damaged, which is noted. How many bytes that may be is the caller's to know.
   */
  readBlobs(call: Call, blobs: readonly Pick<BlobInfo, 'sha256' | 'md5'>[]): Promise<Map<string, Buffer>>;
}

/** Bodies or blobs in one call. */
export const MAX_BATCH = MAX_SMALL_OBJECTS;
/** Questions to the object store that are under way together. */
const HEADS_AT_ONCE = 32;
/** Hashing holds the process: it lets others run after so many bytes. */
const BREATH_BYTES = 4 * 2 ** 20;

interface Wanted extends Measured {
  bytes: Uint8Array;
  pushed: boolean;
  storageKey: string;
}

export function createBatches(parts: Parts): Batches {
  const { database, objects, clock, limits } = parts;

  /** Those whose bytes are known here, sound and stored; notes of the others that they are lost, so that what arrives now puts them right. */
  async function soundBlobs(call: Call, sha256s: readonly string[]): Promise<Map<string, StoredBlob>> {
    const known = await findManyBlobs(on(database, call), sha256s);
    const check = async (blob: StoredBlob): Promise<void> => {
      if (blob.integrity !== 'DAMAGED' && (await objects.head(blob.storageKey))?.sizeBytes === blob.sizeBytes) return;
      known.delete(blob.sha256);
      if (blob.integrity !== 'DAMAGED') await markDamaged(on(database, call), { ...blob, checkedBy: call.caller.name, now: clock.now() });
    };
    const all = [...known.values()];
    for (let start = 0; start < all.length; start += HEADS_AT_ONCE) await Promise.all(all.slice(start, start + HEADS_AT_ONCE).map(check));
    return known;
  }

  /** Makes blobs of what is stored already, and of what was known before; answers what the workspace holds by now, or why it does not, by hash. */
  async function adoptAll(
    call: Call,
    begunAt: Date,
    fresh: readonly Wanted[],
    known: readonly Wanted[],
  ): Promise<Map<string, BlobInfo | DomainError>> {
    const { workspaceId } = call.caller;
    const now = clock.now();
    const { held, unused } = await within(database, call, async (tx) => {
      if (now.getTime() - begunAt.getTime() > SLOW_MS) for (const { storageKey } of fresh) await holdObject(parts, tx, storageKey);
      const placed = await upsertBlobs(tx, fresh, now);
      const still = await touchBlobs(
        tx,
        known.map(({ sha256 }) => sha256),
        now,
      );
      const there = [...fresh, ...known.filter(({ sha256 }) => still.has(sha256))];
      const granted = await grantBlobs(tx, { workspaceId, blobs: there, now });
      const results = [...fresh, ...known].map((wanted): [string, BlobInfo | DomainError] => {
        const { sha256, md5, sizeBytes } = wanted;
        const place = placed.get(sha256);
        if (place === undefined && !still.has(sha256)) return [sha256, contentCollected()];
        if (!granted.has(sha256)) return [sha256, md5Collision(md5)];
        return [sha256, { sha256, md5, sizeBytes, integrity: place?.integrity ?? 'UNCHECKED', checkedAt: place?.checkedAt ?? null }];
      });
      const unnamed = fresh.filter(({ sha256, storageKey }) => placed.get(sha256)?.storageKey !== storageKey);
      return { held: new Map(results), unused: unnamed.map(({ storageKey }) => storageKey) };
    });
    // Somebody else brought the same in the meantime, and no row has ever named these.
    for (let start = 0; start < unused.length; start += MAX_DELETES) await objects.deleteMany(unused.slice(start, start + MAX_DELETES));
    return held;
  }

  return {
    async putBlobs(call, bodies) {
      requireWrite(call.caller);
      checkCount(bodies.length);
      const begunAt = clock.now();
      const outcomes: (PutOutcome | null)[] = bodies.map(() => null);
      const measured = await measureAll(bodies, limits.maxBlobBytes, (index, error) => (outcomes[index] = { state: 'refused', error }));
      const { workspaceId } = call.caller;
      const md5s = [...new Set([...measured.values()].map(({ md5 }) => md5))];
      const held = new Map((await findGrantedByMd5(on(database, call), workspaceId, md5s)).map((blob) => [blob.md5, blob]));
      const byMd5 = new Map([...held].map(([md5, { sha256 }]) => [md5, sha256]));
      const wanted = new Map<string, Wanted>();
      for (const [index, one] of measured) {
        const rival = byMd5.get(one.md5);
        if (rival !== undefined && rival !== one.sha256) {
          outcomes[index] = { state: 'refused', error: md5Collision(one.md5) };
          continue;
        }
        byMd5.set(one.md5, one.sha256);
        wanted.set(one.sha256, { ...one, pushed: one.pushed || wanted.get(one.sha256)?.pushed === true });
      }
      const sound = await soundBlobs(call, [...wanted.keys()]);
      // What only others hold is written like what nobody does: how long an answer takes must not tell that they have it.
      const isKnown = ({ sha256, md5 }: Wanted) => sound.has(sha256) && held.has(md5);
      const fresh = [...wanted.values()].filter((one) => !isKnown(one));
      const known = [...wanted.values()].filter(isKnown);
      await objects.putMany(fresh.map(({ storageKey: key, bytes }) => ({ key, bytes })));
      const now = wanted.size === 0 ? new Map<string, never>() : await adoptAll(call, begunAt, fresh, known);
      for (const [index, { sha256, md5 }] of measured) {
        const blob = now.get(sha256);
        if (outcomes[index] !== null || blob === undefined) continue;
        const wasHeld = held.get(md5)?.sha256 === sha256 && sound.has(sha256);
        outcomes[index] = blob instanceof DomainError ? { state: 'refused', error: blob } : { state: wasHeld ? 'known' : 'stored', blob };
      }
      return outcomes.flatMap((outcome) => outcome ?? []);
    },

    async readBlobs(call, blobs) {
      checkCount(blobs.length);
      const granted = await findGrantedByMd5(
        on(database, call),
        call.caller.workspaceId,
        blobs.map(({ md5 }) => md5),
      );
      const sound = granted.filter(({ integrity }) => integrity !== 'DAMAGED');
      const bodies = await objects.readMany(sound.map(({ storageKey }) => storageKey));
      const read = new Map<string, Buffer>();
      let since = 0;
      for (const [index, blob] of sound.entries()) {
        const bytes = bodies[index] ?? null;
        if (bytes !== null && createHash('sha256').update(bytes).digest('hex') === blob.sha256) read.set(blob.sha256, bytes);
        // Outside of the call's transaction, which may be rolled back.
        else await markDamaged(database, { ...blob, checkedBy: call.caller.name, now: clock.now() });
        since = await breathe(since + blob.sizeBytes);
      }
      return read;
    },
  };
}

function checkCount(count: number): void {
  if (count > MAX_BATCH) throw invalid('TOO_MANY_FILES', `At most ${MAX_BATCH} files are stored or read at once; these are ${count}.`);
}

/** Hashes bodies, by their place; tells of those that are too large or not what they were announced as. */
async function measureAll(
  bodies: readonly SmallBody[],
  maxBytes: number,
  refuse: (index: number, error: DomainError) => void,
): Promise<Map<number, Wanted>> {
  const measured = new Map<number, Wanted>();
  let since = 0;
  for (const [index, { md5, bytes, pushed }] of bodies.entries()) {
    checkMd5(md5);
    if (bytes.byteLength > maxBytes) {
      refuse(index, bodyTooLarge(maxBytes));
      continue;
    }
    const meter = createMeter();
    meter.update(bytes);
    const found = meter.finish();
    if (found.md5 !== md5) refuse(index, contentMismatch('MD5', md5, found.md5));
    else measured.set(index, { ...found, bytes, pushed, storageKey: newStorageKey() });
    since = await breathe(since + bytes.byteLength);
  }
  return measured;
}

/** Lets others run now and then; answers how many bytes were hashed since. */
async function breathe(sinceBytes: number): Promise<number> {
  if (sinceBytes < BREATH_BYTES) return sinceBytes;
  await setImmediate();
  return 0;
}
