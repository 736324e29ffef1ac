// What every place for files must do: a folder and a web server in storage.test.ts, a real S3 server in s3.test.ts.

import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Storage } from './storage.ts';
import { bytesOf, md5Of, sourceOf } from './testing.ts';

export interface Place {
  open(): Promise<Storage>;
  close(): Promise<void>;
}

const { signal } = new AbortController();

/** Holds a place to it. */
export function holdToContract(name: string, begin: () => Promise<Place>): void {
  describe(`${name} as a place for files`, () => {
    let place: Place;
    let storage: Storage;
    beforeAll(async () => {
      place = await begin();
      storage = await place.open();
    });
    afterAll(async () => {
      storage.close();
      await place.close();
    });

    it('says that a file is not there, when it is asked and when it is to be read', async () => {
      expect(await storage.stat('files/md5/aa/none', signal)).toBeNull();
      await expect(storage.read('files/md5/aa/none', { signal })).rejects.toMatchObject({
        kind: 'not_found',
        code: 'REMOTE_FILE_NOT_FOUND',
      });
    });

    it.each([0, 1, 100_001, 20 * 1024 * 1024])('gives back the %i bytes that it was given', async (size) => {
      const bytes = randomBytes(size);
      await storage.write(`sizes/${size}`, sourceOf(bytes, md5Of(bytes)), signal);
      expect(await storage.stat(`sizes/${size}`, signal)).toMatchObject({ path: `sizes/${size}`, sizeBytes: size });
      const body = await storage.read(`sizes/${size}`, { signal });
      expect({ size: body.sizeBytes, md5: md5Of(await bytesOf(body.chunks)) }).toEqual({ size, md5: md5Of(bytes) });
    });

    it('gives the rest of a file', async () => {
      const bytes = randomBytes(300_000);
      await storage.write('rest', sourceOf(bytes), signal);
      const body = await storage.read('rest', { offsetBytes: 123_456, signal });
      expect(body).toMatchObject({ offsetBytes: 123_456, sizeBytes: 300_000 });
      expect(md5Of(await bytesOf(body.chunks))).toBe(md5Of(bytes.subarray(123_456)));
    });

    it.each([1000, 20 * 1024 * 1024])('keeps nothing of %i bytes whose source fails at its end', async (size) => {
      const source = {
        sizeBytes: size,
        md5: null,
        async *open() {
          yield randomBytes(size - 1);
          throw new RangeError('the source broke');
        },
      };
      await expect(storage.write(`broken/${size}`, source, signal)).rejects.toThrow();
      expect(await storage.stat(`broken/${size}`, signal)).toBeNull();
    });

    it('writes over what is there', async () => {
      await storage.write('again', sourceOf(Buffer.from('first')), signal);
      await storage.write('again', sourceOf(Buffer.from('second')), signal);
      expect((await bytesOf((await storage.read('again', { signal })).chunks)).toString()).toBe('second');
    });

    it('lists what lies below a prefix, and removes it, where it can do so at all', async () => {
      const paths = ['list/a/1', 'list/a/2', 'list/ab', 'list/b/deep/3'];
      for (const path of paths) await storage.write(path, sourceOf(Buffer.from(path)), signal);
      if (storage.list === null || storage.remove === null) {
        expect(storage).toMatchObject({ kind: 'http', list: null, remove: null });
        return;
      }
      const listed = async (prefix: string) => {
        const found: [string, number | null][] = [];
        for await (const file of storage.list?.(prefix, signal) ?? []) found.push([file.path, file.sizeBytes]);
        return found.sort();
      };
      expect(await listed('list/')).toEqual(paths.map((path) => [path, path.length]));
      expect(await listed('list/a/')).toEqual([
        ['list/a/1', 8],
        ['list/a/2', 8],
      ]);
      await storage.remove(['list/a/1', 'list/never/was'], signal);
      expect(await listed('list/a/')).toEqual([['list/a/2', 8]]);
    });

    it('ends at once when the command is stopped', async () => {
      const stopped = AbortSignal.abort();
      await expect(storage.stat('again', stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(storage.write('stopped', sourceOf(Buffer.from('x')), stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(await storage.stat('stopped', signal)).toBeNull();
    });
  });
}
