// The one suite that every adapter passes, against the real thing behind it: what the port promises, said as tests. Each run works below
// a prefix of its own, so that a store that others use as well can be tested.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openStore } from './contract-child.ts';
import type { ChildTask, StoreConfig } from './contract-child.ts';
import { MAX_DELETES, MAX_PARTS, MAX_SMALL_OBJECTS } from './object-store.ts';
import type { ByteRange, ListOptions, ObjectStore } from './object-store.ts';

export type { StoreConfig } from './contract-child.ts';

const MIB = 1024 * 1024;

/** Keys that must never reach a disk or a bucket. */
const HOSTILE_KEYS = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '../outside',
  'a/../../outside',
  'a/..',
  'a/./b',
  'a//b',
  'a/',
  '.hidden',
  '-dash',
  'a\\..\\outside',
  'a\0b',
  'a%2e%2e/b',
  'a b',
  'A',
  'ä',
  'a\nb',
  'c:x',
  'a'.repeat(513),
  `a/${'b'.repeat(256)}`,
];

async function* of(...chunks: (Uint8Array | string)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** A body that fails after it gave something. */
async function* failing(before: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield before;
  throw new Error('the client went away');
}

async function bytes(body: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Starts a process that opens the same store; gives its lines of output. */
function startChild(task: ChildTask) {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL('./contract-child.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(`${JSON.stringify(task)}\n`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** The next line of output; throws where the process ends without one. */
    async line(): Promise<string> {
      const next = await lines.next();
      if (next.done) throw new Error('The child process ended without a word.');
      return next.value;
    },
    async kill(): Promise<void> {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Runs the contract against the store that a configuration opens. */
export function describeObjectStoreContract(name: string, configure: () => Promise<StoreConfig>): void {
  describe(`${name}, as every object store,`, () => {
    const base = `contract/${randomBytes(6).toString('hex')}`;
    let config: StoreConfig;
    let store: ObjectStore;
    let made = 0;
    /** A key that nobody used before. */
    const fresh = () => `${base}/${String((made += 1)).padStart(4, '0')}/object`;
    const read = async (key: string, range?: ByteRange) => await bytes((await store.get(key, range)).body);
    const keysBelow = async (prefix: string, options?: ListOptions) => {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix, options)) keys.push(key);
      return keys;
    };

    beforeAll(async () => {
      config = await configure();
      store = await openStore(config);
    });

    afterAll(async () => {
      for await (const { key } of store.list(`${base}/`)) await store.delete(key);
    });

    describe('putting and getting', () => {
      it('gives back the bytes that were put, and their size', async () => {
        const key = fresh();
        expect(await store.put(key, of('hello ', 'world'))).toEqual({ sizeBytes: 11 });
        const object = await store.get(key);
        expect(object.sizeBytes).toBe(11);
        expect((await bytes(object.body)).toString()).toBe('hello world');
      });

      it('stores an empty object', async () => {
        const key = fresh();
        expect(await store.put(key, of())).toEqual({ sizeBytes: 0 });
        const object = await store.get(key);
        expect(object.sizeBytes).toBe(0);
        expect(await bytes(object.body)).toEqual(Buffer.alloc(0));
      });

      it('stores a body of several parts byte for byte, however it is cut into chunks', async () => {
        const key = fresh();
        const content = randomBytes(17 * MIB + 3);
        async function* uneven(): AsyncGenerator<Uint8Array, void, undefined> {
          for (let at = 0, size = 1; at < content.length; at += size, size = (size * 7919) % 700_001) yield content.subarray(at, at + size);
        }
        expect(await store.put(key, uneven(), { sizeBytes: content.length })).toEqual({ sizeBytes: content.length });
        expect((await read(key)).equals(content)).toBe(true);
      });

      it('takes bytes from a source that uses its memory again', async () => {
        const key = fresh();
        async function* reusing(): AsyncGenerator<Uint8Array, void, undefined> {
          const memory = Buffer.alloc(3);
          for (const text of ['abc', 'def', 'ghi']) {
            memory.write(text);
            yield memory;
          }
        }
        await store.put(key, reusing());
        expect((await read(key)).toString()).toBe('abcdefghi');
      });

      it('replaces an object in one step', async () => {
        const key = fresh();
        await store.put(key, of('the first and longer content'));
        await store.put(key, of('the second'));
        expect((await read(key)).toString()).toBe('the second');
      });

      it('never shows a reader a mixture when an object is replaced while it is read', async () => {
        const key = fresh();
        const old = Buffer.alloc(12 * MIB, 'o');
        await store.put(key, of(old));
        const { body } = await store.get(key);
        const iterator = body[Symbol.asyncIterator]();
        const seen = [(await iterator.next()).value as Uint8Array];
        // Not awaited here: some servers let a writer wait until the readers are done.
        const replaced = store.put(key, of(Buffer.alloc(12 * MIB, 'n')));
        // The old bytes to their end, or a failure: both are honest.
        const outcome = await (async () => {
          for (let next = await iterator.next(); !next.done; next = await iterator.next()) seen.push(next.value as Uint8Array);
          return Buffer.concat(seen).equals(old) ? 'old' : 'mixed';
        })().catch(() => 'failed');
        await replaced;
        expect(['old', 'failed']).toContain(outcome);
        expect((await read(key)).equals(Buffer.alloc(12 * MIB, 'n'))).toBe(true);
      });

      it('tells that there is no such object', async () => {
        await expect(store.get(`${base}/nothing/here`)).rejects.toMatchObject({ kind: 'not_found', code: 'OBJECT_NOT_FOUND' });
        // A key below an object, and a key that is a folder of others.
        const key = fresh();
        await store.put(key, of('x'));
        await expect(store.get(`${key}/below`)).rejects.toMatchObject({ kind: 'not_found' });
        await expect(store.get(base)).rejects.toMatchObject({ kind: 'not_found' });
      });

      it('lets a reader stop in the middle', async () => {
        const key = fresh();
        await store.put(key, of(Buffer.alloc(4 * MIB)));
        const { body } = await store.get(key);
        for await (const chunk of body) {
          expect((chunk as Uint8Array).byteLength).toBeGreaterThan(0);
          break;
        }
        expect(body.destroyed).toBe(true);
      });
    });

    describe('when a body goes wrong', () => {
      for (const [what, before] of [
        ['a small body', Buffer.from('some')],
        ['a body of several parts', Buffer.alloc(17 * MIB)],
      ] as const) {
        it(`keeps nothing of ${what} that throws midway, and passes its error on`, async () => {
          const key = fresh();
          await expect(store.put(key, failing(before))).rejects.toThrow('the client went away');
          expect(await store.head(key)).toBeNull();
        });
      }

      it('keeps the old object when the new body throws midway', async () => {
        const key = fresh();
        await store.put(key, of('old'));
        await expect(store.put(key, failing(Buffer.from('new')))).rejects.toThrow('the client went away');
        expect((await read(key)).toString()).toBe('old');
      });

      it('refuses a body that is shorter or longer than declared, and keeps nothing', async () => {
        const key = fresh();
        const mismatch = { kind: 'invalid', code: 'OBJECT_SIZE_MISMATCH' };
        await expect(store.put(key, of('123'), { sizeBytes: 4 })).rejects.toMatchObject(mismatch);
        await expect(store.put(key, of('12', '345'), { sizeBytes: 4 })).rejects.toMatchObject(mismatch);
        expect(await store.head(key)).toBeNull();
      });

      it('closes the source of a body that it refuses', async () => {
        let closed = false;
        async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
          try {
            for (;;) yield Buffer.alloc(10);
          } finally {
            closed = true;
          }
        }
        await expect(store.put(fresh(), endless(), { sizeBytes: 25 })).rejects.toMatchObject({ code: 'OBJECT_SIZE_MISMATCH' });
        expect(closed).toBe(true);
      });

      it('leaves no object behind when the process is killed in the middle of a put', async () => {
        const key = fresh();
        const child = startChild({ store: config, task: 'put-and-hang', key, sizeBytes: 12 * MIB });
        expect(await child.line()).toBe('midway');
        await child.kill();
        const reopened = await openStore(config);
        expect(await reopened.head(key)).toBeNull();
        expect(await keysBelow(key.slice(0, -'object'.length))).toEqual([]);
      });

      it('streams 64 MB in and out and holds on to less than half of that at any time', async () => {
        const sizeBytes = 64 * MIB;
        const child = startChild({ store: config, task: 'measure-memory', key: fresh(), sizeBytes });
        const { grownBytes, receivedBytes } = JSON.parse(await child.line()) as { grownBytes: number; receivedBytes: number };
        expect(receivedBytes).toBe(sizeBytes);
        expect(grownBytes).toBeLessThan(sizeBytes / 2);
      });
    });

    describe('ranges', () => {
      it('gives exactly the bytes of any range that begins inside an object', async () => {
        const key = fresh();
        const content = randomBytes(1000);
        await store.put(key, of(content));
        await fc.assert(
          fc.asyncProperty(fc.nat(999), fc.option(fc.nat(1500), { nil: undefined }), async (start, length) => {
            const end = length === undefined ? undefined : start + length;
            const object = await store.get(key, { start, end });
            expect(object.sizeBytes).toBe(1000);
            expect((await bytes(object.body)).equals(content.subarray(start, end === undefined ? 1000 : end + 1))).toBe(true);
          }),
          { numRuns: 40 },
        );
      });

      it('refuses a range that begins behind the end, and says how long the object is', async () => {
        const key = fresh();
        await store.put(key, of('0123456789'));
        const refusal = { kind: 'invalid', code: 'RANGE_NOT_SATISFIABLE', details: { sizeBytes: 10 } };
        await expect(store.get(key, { start: 10 })).rejects.toMatchObject(refusal);
        await expect(store.get(key, { start: 10, end: 20 })).rejects.toMatchObject(refusal);
      });

      it('refuses every range of an empty object', async () => {
        const key = fresh();
        await store.put(key, of());
        for (const range of [{ start: 0 }, { start: 0, end: 0 }, { start: 5, end: 9 }]) {
          await expect(store.get(key, range)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', details: { sizeBytes: 0 } });
        }
      });

      it('refuses a range that makes no sense', async () => {
        for (const range of [{ start: -1 }, { start: 5, end: 4 }, { start: 0.5 }, { start: Number.NaN }, { start: 0, end: Infinity }]) {
          await expect(store.get(fresh(), range)).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_RANGE' });
        }
      });
    });

    describe('looking and deleting', () => {
      it('knows the size and the time of an object, and null for none', async () => {
        const key = fresh();
        await store.put(key, of('12345'));
        const head = await store.head(key);
        expect(head?.sizeBytes).toBe(5);
        // Clocks of a server and of this machine may differ, whole seconds are all that S3 tells.
        expect(Math.abs(Date.now() - (head?.modifiedAt.getTime() ?? 0))).toBeLessThan(60 * 60 * 1000);
        expect(await store.head(`${base}/nothing`)).toBeNull();
        expect(await store.head(base)).toBeNull();
      });

      it('deletes an object, and does not mind one that is not there', async () => {
        const key = fresh();
        await store.put(key, of('x'));
        await store.delete(key);
        expect(await store.head(key)).toBeNull();
        await store.delete(key);
        await store.delete(`${base}/never/was`);
      });

      it('deletes many at once, those that are there, and no others', async () => {
        const folder = fresh();
        const [a, b, kept] = [`${folder}/a`, `${folder}/b/c`, `${folder}/kept`];
        for (const key of [a, b, kept]) await store.put(key, of('x'));
        await store.deleteMany([a, `${folder}/never-was`, b, folder]);
        await store.deleteMany([]);
        expect(await keysBelow(`${folder}/`)).toEqual([kept]);
      });

      it('refuses to delete more at once than one request names', async () => {
        const keys = Array.from({ length: MAX_DELETES + 1 }, (_, index) => `${base}/${index}`);
        await expect(store.deleteMany(keys)).rejects.toMatchObject({ kind: 'invalid', code: 'TOO_MANY_OBJECTS' });
      });

      it('deletes what is named and not what lies below it', async () => {
        const key = fresh();
        await store.put(`${key}/below`, of('x'));
        await store.delete(key);
        expect(await store.head(`${key}/below`)).not.toBeNull();
      });
    });

    describe('many small objects at once', () => {
      const some = (count: number) =>
        Array.from({ length: count }, (_, index) => ({
          key: `${fresh()}/${index % 7}/x`,
          bytes: Buffer.from(`number ${index}`.repeat(index)),
        }));

      it.each([0, 3, 200])('are stored and read back, %i of them', async (count) => {
        const objects = some(count);
        await store.putMany(objects);
        const wanted = [...objects.map(({ key }) => key), fresh()];
        expect(await store.readMany(wanted)).toEqual([...objects.map(({ bytes: all }) => all), null]);
        for (const { key, bytes: all } of objects.slice(0, 5)) expect(await read(key)).toEqual(all);
      });

      it('are listed and deleted as all others are', async () => {
        const folder = `${base}/small`;
        const keys = Array.from({ length: 20 }, (_, index) => `${folder}/${String.fromCharCode(97 + index)}`);
        await store.putMany(keys.map((key) => ({ key, bytes: Buffer.from(key) })));
        expect(await keysBelow(`${folder}/`)).toEqual(keys);
        await store.deleteMany(keys);
        expect(await store.readMany(keys)).toEqual(keys.map(() => null));
      });

      it('are read as missing where a key is the folder of others', async () => {
        const key = fresh();
        await store.put(`${key}/below`, of('x'));
        expect(await store.readMany([key, `${key}/below/further`])).toEqual([null, null]);
      });

      it('are refused where they are more than one call takes', async () => {
        const keys = Array.from({ length: MAX_SMALL_OBJECTS + 1 }, (_, index) => `${base}/${index}`);
        await expect(store.readMany(keys)).rejects.toMatchObject({ kind: 'invalid', code: 'TOO_MANY_OBJECTS' });
        await expect(store.putMany(keys.map((key) => ({ key, bytes: Buffer.alloc(0) })))).rejects.toMatchObject({
          code: 'TOO_MANY_OBJECTS',
        });
      });
    });

    describe('listing', () => {
      it('lists more than a thousand keys in the order of their bytes, from any key on', async () => {
        const folder = `${base}/many`;
        const names = Array.from({ length: 1205 }, (_, index) => `${folder}/${index.toString(36)}${'-._/'.charAt(index % 4)}x`);
        for (let at = 0; at < names.length; at += 32) await Promise.all(names.slice(at, at + 32).map((key) => store.put(key, of('.'))));
        const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
        expect(await keysBelow(`${folder}/`)).toEqual(sorted);
        for (const index of [0, 7, 600, 999, 1000, 1203, 1204]) {
          expect(await keysBelow(`${folder}/`, { after: sorted[index] })).toEqual(sorted.slice(index + 1));
        }
      });

      it('lists by any beginning of a key, with sizes', async () => {
        const folder = `${base}/some`;
        for (const name of ['ab', 'ab-c', 'ab/c', 'ab/d/e', 'abc', 'b']) {
          // One key as an object and as a folder is left to the next test.
          if (name !== 'ab') await store.put(`${folder}/${name}`, of(name));
        }
        expect(await keysBelow(`${folder}/ab`)).toEqual([`${folder}/ab-c`, `${folder}/ab/c`, `${folder}/ab/d/e`, `${folder}/abc`]);
        expect(await keysBelow(`${folder}/ab/`)).toEqual([`${folder}/ab/c`, `${folder}/ab/d/e`]);
        expect(await keysBelow(`${folder}/ab/`, { after: `${folder}/ab/c` })).toEqual([`${folder}/ab/d/e`]);
        expect(await keysBelow(`${folder}/ab/`, { after: `${folder}/b` })).toEqual([]);
        expect(await keysBelow(`${folder}/x`)).toEqual([]);
        for await (const object of store.list(`${folder}/b`)) expect(object).toMatchObject({ key: `${folder}/b`, sizeBytes: 1 });
      });

      it('either stores or refuses a key below an object, and never loses the object', async () => {
        const key = fresh();
        await store.put(key, of('above'));
        const below = await store.put(`${key}/below`, of('below')).catch((error: unknown) => error);
        if (below instanceof Error) expect(below).toMatchObject({ kind: 'conflict', code: 'OBJECT_KEY_CONFLICT' });
        expect((await read(key)).toString()).toBe('above');
      });

      it('lists names that look like numbers as they were written', async () => {
        const names = ['007', '1.50', '1e5', '12345678901234567890'].map((name) => `${base}/numbers/${name}`);
        for (const key of names) await store.put(key, of('n'));
        expect(await keysBelow(`${base}/numbers/`)).toEqual(names.toSorted());
      });

      it('stops reading when its reader stops', async () => {
        for await (const { key } of store.list(`${base}/some/`)) {
          expect(key.startsWith(`${base}/some/`)).toBe(true);
          break;
        }
      });
    });

    describe('keys', () => {
      it('refuses every key that is not one of ours, everywhere', async () => {
        const refusal = { kind: 'invalid', code: 'INVALID_OBJECT_KEY' };
        for (const key of HOSTILE_KEYS) {
          await expect(store.put(key, of('x'))).rejects.toMatchObject(refusal);
          await expect(store.get(key)).rejects.toMatchObject(refusal);
          await expect(store.head(key)).rejects.toMatchObject(refusal);
          await expect(store.delete(key)).rejects.toMatchObject(refusal);
          await expect(store.deleteMany([key])).rejects.toMatchObject(refusal);
          await expect(store.putMany([{ key, bytes: Buffer.alloc(1) }])).rejects.toMatchObject(refusal);
          await expect(store.readMany([key])).rejects.toMatchObject(refusal);
          await expect(store.presign(key, { expiresSeconds: 60 })).rejects.toMatchObject(refusal);
          await expect(store.presignPart(key, { uploadId: 'x', partNumber: 1, expiresSeconds: 60 })).rejects.toMatchObject(refusal);
          await expect(store.createMultipart(key)).rejects.toMatchObject(refusal);
          await expect(store.abortMultipart(key, 'x')).rejects.toMatchObject(refusal);
        }
      });

      it('refuses to list by what cannot begin a key', async () => {
        for (const prefix of ['..', '../', '/', 'a/../', 'a//', 'A', 'a\0']) {
          await expect(keysBelow(prefix)).rejects.toMatchObject({ code: 'INVALID_OBJECT_KEY' });
        }
      });

      it('takes every key that is one of ours', async () => {
        const segment = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,12}$/);
        await fc.assert(
          fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 4 }), async (segments) => {
            const key = `${fresh()}/${segments.join('/')}`;
            await store.put(key, of(key));
            expect((await read(key)).toString()).toBe(key);
          }),
          { numRuns: 15 },
        );
      });
    });

    describe('multipart uploads', () => {
      it('joins parts in their order, whatever order they came in, and is gone afterwards', async () => {
        const key = fresh();
        const size = store.minPartBytes;
        const { uploadId } = await store.createMultipart(key);
        const third = await store.putPart(key, uploadId, 7, of('end'), 3);
        const second = await store.putPart(key, uploadId, 2, of(Buffer.alloc(size, 'b')), size);
        const first = await store.putPart(key, uploadId, 1, of(Buffer.alloc(size, 'a')), size);
        expect(await store.head(key)).toBeNull();
        expect(await store.listParts(key, uploadId)).toEqual([first, second, third]);
        expect(await store.completeMultipart(key, uploadId, [first, second, third])).toEqual({ sizeBytes: 2 * size + 3 });
        expect((await read(key)).equals(Buffer.concat([Buffer.alloc(size, 'a'), Buffer.alloc(size, 'b'), Buffer.from('end')]))).toBe(true);
        await expect(store.listParts(key, uploadId)).rejects.toMatchObject({ kind: 'not_found', code: 'OBJECT_UPLOAD_NOT_FOUND' });
      });

      it('goes on from another instance with the parts that are stored', async () => {
        const key = fresh();
        const size = store.minPartBytes;
        const { uploadId } = await store.createMultipart(key);
        await store.putPart(key, uploadId, 1, of(Buffer.alloc(size, '1')), size);
        const other = await openStore(config);
        expect((await other.listParts(key, uploadId)).map((part) => part.partNumber)).toEqual([1]);
        await other.putPart(key, uploadId, 2, of('2'), 1);
        const parts = await other.listParts(key, uploadId);
        expect(await other.completeMultipart(key, uploadId, parts)).toEqual({ sizeBytes: size + 1 });
        expect((await read(key)).subarray(-2).toString()).toBe('12');
      });

      it('keeps the parts that it had when the process is killed in the middle of the next', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const kept = await store.putPart(key, uploadId, 1, of('kept'), 4);
        const child = startChild({ store: config, task: 'part-and-hang', key, uploadId, sizeBytes: 6 * MIB });
        expect(await child.line()).toBe('midway');
        await child.kill();
        expect(await store.listParts(key, uploadId)).toEqual([kept]);
        await store.abortMultipart(key, uploadId);
      });

      it('replaces a part that is sent again', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const old = await store.putPart(key, uploadId, 1, of('old!'), 4);
        const part = await store.putPart(key, uploadId, 1, of('new'), 3);
        expect(await store.listParts(key, uploadId)).toEqual([part]);
        await expect(store.completeMultipart(key, uploadId, [old])).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_OBJECT_PART' });
        await store.completeMultipart(key, uploadId, [part]);
        expect((await read(key)).toString()).toBe('new');
      });

      it('keeps nothing of a part that throws midway, or has another size than declared', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        await expect(store.putPart(key, uploadId, 1, failing(Buffer.from('so')), 9)).rejects.toThrow('the client went away');
        await expect(store.putPart(key, uploadId, 1, of('123'), 4)).rejects.toMatchObject({ code: 'OBJECT_SIZE_MISMATCH' });
        await expect(store.putPart(key, uploadId, 1, of('12345'), 4)).rejects.toMatchObject({ code: 'OBJECT_SIZE_MISMATCH' });
        expect(await store.listParts(key, uploadId)).toEqual([]);
        await store.abortMultipart(key, uploadId);
      });

      it('lists more than a thousand parts by number', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const numbers = Array.from({ length: 1003 }, (_, index) => index + 1);
        for (let at = 0; at < numbers.length; at += 32) {
          await Promise.all(numbers.slice(at, at + 32).map((number) => store.putPart(key, uploadId, number, of('p'), 1)));
        }
        expect((await store.listParts(key, uploadId)).map((part) => part.partNumber)).toEqual(numbers);
        await store.abortMultipart(key, uploadId);
      });

      it('refuses to complete with parts that are unknown, twice, out of order or none, and keeps the upload', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const part = await store.putPart(key, uploadId, 1, of('x'), 1);
        const refusal = { kind: 'invalid', code: 'INVALID_OBJECT_PART' };
        for (const parts of [
          [],
          [part, part],
          [{ ...part, partNumber: 2 }, part],
          [{ ...part, etag: '0'.repeat(32) }],
          [{ ...part, partNumber: 9 }],
        ]) {
          await expect(store.completeMultipart(key, uploadId, parts)).rejects.toMatchObject(refusal);
        }
        expect(await store.head(key)).toBeNull();
        expect(await store.listParts(key, uploadId)).toEqual([part]);
        await store.abortMultipart(key, uploadId);
      });

      it('promises no object that its parts could not make up', () => {
        expect(Number.isSafeInteger(store.maxObjectBytes)).toBe(true);
        expect(store.maxObjectBytes).toBeGreaterThan(0);
        expect(store.maxObjectBytes).toBeLessThanOrEqual(MAX_PARTS * store.maxPartBytes);
      });

      it('refuses a body that is declared larger than an object can be, before it asks for a byte', async () => {
        const key = fresh();
        const larger = store.put(key, of('x'), { sizeBytes: store.maxObjectBytes + 1 });
        await expect(larger).rejects.toMatchObject({ kind: 'invalid', code: 'INVALID_OBJECT_SIZE' });
        expect(await store.head(key)).toBeNull();
      });

      it('refuses part numbers and sizes out of bounds before it asks for a byte', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        for (const [number, size] of [
          [0, 1],
          [10_001, 1],
          [1.5, 1],
          [1, 0],
          [1, -1],
          [1, 0.5],
          [1, store.maxPartBytes + 1],
        ] as const) {
          await expect(store.putPart(key, uploadId, number, of('x'), size)).rejects.toMatchObject({ code: 'INVALID_OBJECT_PART' });
        }
        await store.abortMultipart(key, uploadId);
      });

      it('forgets an aborted upload, as often as it is told', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        await store.putPart(key, uploadId, 1, of('x'), 1);
        await store.abortMultipart(key, uploadId);
        await store.abortMultipart(key, uploadId);
        const gone = { kind: 'not_found', code: 'OBJECT_UPLOAD_NOT_FOUND' };
        await expect(store.listParts(key, uploadId)).rejects.toMatchObject(gone);
        await expect(store.putPart(key, uploadId, 1, of('x'), 1)).rejects.toMatchObject(gone);
        await expect(store.completeMultipart(key, uploadId, [{ partNumber: 1, etag: 'x' }])).rejects.toMatchObject(gone);
        expect(await store.head(key)).toBeNull();
      });

      it('knows an upload only by its own id and its own key', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const gone = { kind: 'not_found', code: 'OBJECT_UPLOAD_NOT_FOUND' };
        for (const id of ['', '..', '../../objects', 'x y', `${uploadId}0`, 'a'.repeat(5000)]) {
          await expect(store.listParts(key, id)).rejects.toMatchObject(gone);
          await store.abortMultipart(key, id);
        }
        await expect(store.listParts(fresh(), uploadId)).rejects.toMatchObject(gone);
        await store.abortMultipart(fresh(), uploadId);
        expect(await store.listParts(key, uploadId)).toEqual([]);
        await store.abortMultipart(key, uploadId);
      });

      it('tells of what is open under a key, until it is completed or aborted', async () => {
        const key = fresh();
        const open = async () => {
          const ids: string[] = [];
          for await (const upload of store.listMultiparts(key)) {
            expect(upload.key).toBe(key);
            expect(Math.abs(Date.now() - upload.startedAt.getTime())).toBeLessThan(60 * 60 * 1000);
            ids.push(upload.uploadId);
          }
          return ids.toSorted();
        };
        expect(await open()).toEqual([]);
        const [first, second] = [await store.createMultipart(key), await store.createMultipart(key)];
        expect(await open()).toEqual([first.uploadId, second.uploadId].toSorted());
        await store.abortMultipart(key, first.uploadId);
        expect(await open()).toEqual([second.uploadId]);
        await store.completeMultipart(key, second.uploadId, [await store.putPart(key, second.uploadId, 1, of('x'), 1)]);
        expect(await open()).toEqual([]);
        await expect(store.listMultiparts('../')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'INVALID_OBJECT_KEY' });
      });

      it('leaves an upload under the same key alone while an object is put there', async () => {
        const key = fresh();
        const { uploadId } = await store.createMultipart(key);
        const part = await store.putPart(key, uploadId, 1, of('part'), 4);
        await store.put(key, of(Buffer.alloc(9 * MIB)));
        expect(await store.listParts(key, uploadId)).toEqual([part]);
        await store.abortMultipart(key, uploadId);
        expect((await store.head(key))?.sizeBytes).toBe(9 * MIB);
      });
    });

    it('refuses to presign for no time, for ever, or for half a second', async () => {
      for (const expiresSeconds of [0, -1, 0.5, 604_801, Number.NaN]) {
        const refusal = { code: 'INVALID_EXPIRY' };
        await expect(store.presign(fresh(), { expiresSeconds })).rejects.toMatchObject(refusal);
        await expect(store.presignPart(fresh(), { uploadId: 'x', partNumber: 1, expiresSeconds })).rejects.toMatchObject(refusal);
      }
    });

    it('refuses to presign a part that no upload can have', async () => {
      for (const partNumber of [0, -1, 1.5, MAX_PARTS + 1, Number.NaN]) {
        const part = { uploadId: 'x', partNumber, expiresSeconds: 60 };
        await expect(store.presignPart(fresh(), part)).rejects.toMatchObject({ code: 'INVALID_OBJECT_PART' });
      }
    });

    it('answers addresses exactly where it says that it does', async () => {
      const key = fresh();
      const { uploadId } = await store.createMultipart(key);
      const addresses = [
        await store.presign(key, { expiresSeconds: 60 }),
        await store.presignPart(key, { uploadId, partNumber: 1, expiresSeconds: 60 }),
      ];
      await store.abortMultipart(key, uploadId);
      for (const address of addresses) expect(address !== null && URL.canParse(address)).toBe(store.presigns);
    });
  });
}
