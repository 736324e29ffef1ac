import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toBytes } from './hashes.ts';
import { body, cutBody, failure, newCall, newWorld, textOf } from './testing.ts';
import type { World } from './testing.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

// Two messages of one block with the same MD5, from Marc Stevens, "Single-block collision attack on MD5" (2012).
const COLLISION = [
  '4dc968ff0ee35c209572d4777b721587d36fa7b21bdc56b74a3dc0783e7b9518afbfa200a8284bf36e8e4b55b35f427593d849676da0d1555d8360fb5f07fea2',
  '4dc968ff0ee35c209572d4777b721587d36fa7b21bdc56b74a3dc0783e7b9518afbfa202a8284bf36e8e4b55b35f427593d849676da0d1d55d8360fb5f07fea2',
].map((hex) => Buffer.from(hex, 'hex'));

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

describe('putting a blob', () => {
  it('measures what arrived and gives it back', async () => {
    const { content } = world;
    const call = newCall();
    const blob = await content.putBlob(call, body('hel', 'lo'));
    expect(blob).toEqual({ sha256: sha('hello'), md5: md5('hello'), sizeBytes: 5, integrity: 'UNCHECKED', checkedAt: null });
    const open = await content.openBlob(call, blob.sha256);
    expect(await textOf(open.body)).toBe('hello');
  });

  it('takes no bytes at all as content too', async () => {
    const call = newCall();
    const blob = await world.content.putBlob(call, body());
    expect(blob.sizeBytes).toBe(0);
    expect(await textOf((await world.content.openBlob(call, blob.sha256)).body)).toBe('');
  });

  it('stores the same bytes once, however many bring them at the same time', async () => {
    const text = 'brought by ten';
    const before = (await world.keys()).length;
    const blobs = await Promise.all(Array.from({ length: 10 }, () => world.content.putBlob(newCall(), body(text))));
    expect(new Set(blobs.map((blob) => blob.sha256))).toEqual(new Set([sha(text)]));
    expect((await world.keys()).length - before).toBe(1);
  });

  it.each([
    ['another SHA-256', { sha256: sha('else') }, 'CONTENT_MISMATCH'],
    ['another MD5', { md5: md5('else') }, 'CONTENT_MISMATCH'],
    ['more bytes', { sizeBytes: 100 }, 'CONTENT_MISMATCH'],
    ['fewer bytes', { sizeBytes: 3 }, 'CONTENT_MISMATCH'],
    ['at most four bytes', { maxBytes: 4 }, 'BODY_TOO_LARGE'],
    ['a hash that is none', { sha256: 'xyz' }, 'INVALID_HASH'],
  ])('leaves nothing where %s was announced', async (_what, expectation, code) => {
    const before = await world.keys();
    const call = newCall();
    const text = `not what was announced: ${code}`;
    expect(await failure(world.content.putBlob(call, body(text), expectation))).toMatchObject({ code });
    expect(await world.keys()).toEqual(before);
    expect(await world.content.findBlobs(call, [sha(text)])).toEqual(new Map());
  });

  it('leaves nothing where the body breaks off', async () => {
    const before = await world.keys();
    expect(await failure(world.content.putBlob(newCall(), cutBody('half of')))).toMatchObject({ message: 'aborted' });
    expect(await world.keys()).toEqual(before);
  });

  it('needs the scope write', async () => {
    expect(await failure(world.content.putBlob(newCall('READ'), body('x')))).toMatchObject({ kind: 'forbidden' });
  });

  it('refuses a second content under one MD5 in a workspace, and leaves nothing of it', async () => {
    const [first, second] = COLLISION;
    if (first === undefined || second === undefined) throw new Error('the collision has two sides');
    const call = newCall();
    await world.content.putBlob(call, body(first));
    const before = await world.keys();
    expect(await failure(world.content.putBlob(call, body(second)))).toMatchObject({ kind: 'conflict', code: 'MD5_COLLISION' });
    expect(await world.keys()).toEqual(before);
    const elsewhere = await world.content.putBlob(newCall(), body(second));
    expect(elsewhere.md5).toBe(createHash('md5').update(first).digest('hex'));
  });

  it('takes part in the transaction of the call, and is rolled back with it', async () => {
    const call = newCall();
    const text = 'rolled back';
    const work = world.database.transaction(async (tx) => {
      await world.content.putBlob({ ...call, tx }, body(text));
      expect((await world.content.findBlobs({ ...call, tx }, [sha(text)])).size).toBe(1);
      throw new Error('changed my mind');
    });
    expect(await failure(work)).toMatchObject({ message: 'changed my mind' });
    expect(await world.content.findBlobs(call, [sha(text)])).toEqual(new Map());
  });
});

describe('reading a blob', () => {
  it('answers a range', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('0123456789'));
    const open = await world.content.openBlob(call, sha256, { start: 2, end: 4 });
    expect([await textOf(open.body), open.sizeBytes]).toEqual(['234', 10]);
  });

  it('gives another workspace nothing, though it knows the hash', async () => {
    const { sha256, md5: itsMd5 } = await world.content.putBlob(newCall(), body('secret'));
    const stranger = newCall();
    expect(await failure(world.content.openBlob(stranger, sha256))).toMatchObject({ kind: 'not_found', code: 'BLOB_NOT_FOUND' });
    expect((await world.content.findBlobs(stranger, [sha256])).size).toBe(0);
    expect((await world.content.findByMd5(stranger, [itsMd5])).size).toBe(0);
  });

  it('gives the bytes to a second workspace once it has brought them itself', async () => {
    const { sha256 } = await world.content.putBlob(newCall(), body('common knowledge'));
    const other = newCall();
    await world.content.putBlob(other, body('common knowledge'));
    expect(await textOf((await world.content.openBlob(other, sha256)).body)).toBe('common knowledge');
  });

  it('finds many by either hash at once', async () => {
    const call = newCall();
    const [a, b] = await Promise.all([world.content.putBlob(call, body('many a')), world.content.putBlob(call, body('many b'))]);
    expect([...(await world.content.findBlobs(call, [a.sha256, b.sha256, sha('none')])).keys()].sort()).toEqual(
      [a.sha256, b.sha256].sort(),
    );
    expect((await world.content.findByMd5(call, [a.md5])).get(a.md5)).toEqual(a);
  });
});

describe('damaged bytes', () => {
  it('fail in place of the last chunk of a whole read, and are known from then on', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('will be flipped'));
    await world.flip(sha256);
    const open = await world.content.openBlob(call, sha256);
    expect(await failure(textOf(open.body))).toMatchObject({ kind: 'corrupt', code: 'BLOB_DAMAGED' });
    expect((await world.content.findBlobs(call, [sha256])).get(sha256)?.integrity).toBe('DAMAGED');
    expect(await failure(world.content.openBlob(call, sha256, { start: 0, end: 1 }))).toMatchObject({ code: 'BLOB_DAMAGED' });
  });

  it('fail a range that covers them all just so', async () => {
    const call = newCall();
    const { sha256, sizeBytes } = await world.content.putBlob(call, body('flipped under a range'));
    await world.flip(sha256);
    const open = await world.content.openBlob(call, sha256, { start: 0, end: sizeBytes - 1 });
    expect(await failure(textOf(open.body))).toMatchObject({ code: 'BLOB_DAMAGED' });
  });

  it('are put right when the same content arrives again', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('flipped, then healed'));
    await world.flip(sha256);
    await failure(textOf((await world.content.openBlob(call, sha256)).body));
    expect(await world.content.putBlob(newCall(), body('flipped, then healed'))).toMatchObject({ integrity: 'UNCHECKED', checkedAt: null });
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('flipped, then healed');
  });

  it('that are gone are called missing, and are put back by the same content', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('lost'));
    await world.objects.delete(await world.keyOf(sha256));
    expect(await failure(world.content.openBlob(call, sha256))).toMatchObject({ kind: 'corrupt', code: 'BLOB_MISSING' });
    await world.content.putBlob(call, body('lost'));
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('lost');
  });

  it('that nobody has noticed are put back as well', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('lost unseen'));
    await world.objects.delete(await world.keyOf(sha256));
    await world.content.putBlob(call, body('lost unseen'));
    expect(await textOf((await world.content.openBlob(call, sha256)).body)).toBe('lost unseen');
  });

  it('are not blamed on a store that cannot be reached', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('out of reach'));
    const cut = world.another({ objects: { ...world.objects, get: () => Promise.reject(new Error('no route')) } });
    expect(await failure(cut.openBlob(call, sha256))).toMatchObject({ message: 'no route' });
    const [row] = await world.database.sql('SELECT integrity FROM blob WHERE sha256 = $1', [toBytes(sha256)]);
    expect(row).toEqual({ integrity: 'UNCHECKED' });
  });
});
