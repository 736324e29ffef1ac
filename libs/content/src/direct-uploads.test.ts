// A real store in a folder stands for one that clients reach by themselves: an address names the upload and the part, and `send` does what
// the store does with a PUT to it. What S3 does is said by the object store's own contract, and what MLflow's client does by test:interop.

import { createHash } from 'node:crypto';

import { newId } from '@throughline/kernel';
import type { ObjectStore } from '@throughline/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Content } from './content.ts';
import { body, failure, HOUR, newCall, newWorld, textOf } from './testing.ts';
import type { World } from './testing.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const GONE = { kind: 'not_found', code: 'UPLOAD_NOT_FOUND' };
const WRONG_PARTS = { kind: 'invalid', code: 'INVALID_OBJECT_PART' };

let world: World;
let content: Content;
beforeEach(async () => {
  world = await newWorld();
  content = world.another({ objects: reachable(world.objects) });
});
afterEach(() => world.end());

function reachable(store: ObjectStore): ObjectStore {
  return {
    ...store,
    presigns: true,
    presign: (key, { expiresSeconds, filename }) => Promise.resolve(JSON.stringify({ key, expiresSeconds, filename })),
    presignPart: (key, part) => Promise.resolve(JSON.stringify({ key, ...part })),
  };
}

/** Sends a part to its address, as a client does; answers what it then names. */
async function send(part: { url: string } | undefined, text: string) {
  const { key, uploadId, partNumber } = JSON.parse(part?.url ?? '') as { key: string; uploadId: string; partNumber: number };
  const { etag } = await world.objects.putPart(key, uploadId, partNumber, body(text), Buffer.byteLength(text));
  return { partNumber, etag };
}

/** Begins an upload of these parts and sends them. */
async function sent(texts: readonly string[], call = newCall()) {
  const upload = await content.startDirectUpload(call, { target: 'here', partCount: texts.length });
  const parts = await Promise.all(texts.map((text, index) => send(upload.parts[index], text)));
  return { call, upload, id: upload.id, parts, complete: () => content.completeDirectUpload(call, upload.id, { target: 'here', parts }) };
}

const collect = (dryRun = false) =>
  content.collect(world.call, { dryRun, referencesOf: () => Promise.resolve({ manifestIds: new Set(), fileSetIds: new Set() }) });
const rows = () => world.database.sql('SELECT id FROM direct_upload');

describe('a file that went straight into the object store', () => {
  it('is no content until its upload is completed, and then is what arrived', async () => {
    const { call, complete } = await sent(['first ', 'second ', 'third']);
    expect(await content.findBlobs(call, [sha('first second third')])).toEqual(new Map());
    expect(await complete()).toMatchObject({ sha256: sha('first second third'), sizeBytes: 18, integrity: 'UNCHECKED' });
    expect(await textOf((await content.openBlob(call, sha('first second third'))).body)).toBe('first second third');
  });

  it('is known to the workspace alone whose token sent it', async () => {
    const { complete } = await sent(['mine']);
    await complete();
    expect(await content.findBlobs(newCall(), [sha('mine')])).toEqual(new Map());
  });

  it('is kept once where its bytes are there already', async () => {
    await content.putBlob(newCall(), body('known'));
    const { call, complete } = await sent(['known']);
    await complete();
    expect(await world.keys()).toEqual([await world.keyOf(sha('known'))]);
    expect(await textOf((await content.openBlob(call, sha('known'))).body)).toBe('known');
  });

  it('puts right what was damaged', async () => {
    await content.putBlob(newCall(), body('precious'));
    await world.database.sql(`UPDATE blob SET integrity = 'DAMAGED', checked_at = now()`);
    const { call, complete } = await sent(['precious']);
    expect(await complete()).toMatchObject({ integrity: 'UNCHECKED' });
    expect(await textOf((await content.openBlob(call, sha('precious'))).body)).toBe('precious');
  });

  it('has one address for each part, all of them good for an hour', async () => {
    const { parts, expiresAt } = await content.startDirectUpload(newCall(), { target: 'x', partCount: 3 });
    expect(parts.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3]);
    for (const [index, { url }] of parts.entries()) expect(JSON.parse(url)).toMatchObject({ partNumber: index + 1, expiresSeconds: 3600 });
    expect(Math.abs(expiresAt.getTime() - Date.now() - HOUR)).toBeLessThan(60_000);
  });

  it('has as many parts as an upload can have', async () => {
    for (const partCount of [0, -1, 1.5, 10_001, Number.NaN]) {
      expect(await failure(content.startDirectUpload(newCall(), { target: 'x', partCount }))).toMatchObject({ code: 'INVALID_PART_COUNT' });
    }
    expect((await content.startDirectUpload(newCall(), { target: 'x', partCount: 10_000 })).parts).toHaveLength(10_000);
  });

  it('is not to be sent by who may only read, nor where clients cannot reach the store', async () => {
    const wanted = { target: 'x', partCount: 1 };
    expect(await failure(content.startDirectUpload(newCall('READ'), wanted))).toMatchObject({ kind: 'forbidden' });
    expect(content.hasDirectAddresses).toBe(true);
    expect(world.content.hasDirectAddresses).toBe(false);
    const refusal = { kind: 'unimplemented', code: 'NO_DIRECT_ADDRESSES' };
    expect(await failure(world.content.startDirectUpload(newCall(), wanted))).toMatchObject(refusal);
    expect(await rows()).toEqual([]);
  });
});

describe('completing a direct upload', () => {
  it('answers the same when it is asked again, at once or later, here or by another server', async () => {
    const { call, id, parts, complete } = await sent(['once']);
    const [first, second] = await Promise.all([complete(), complete()]);
    expect(second).toEqual(first);
    expect(await complete()).toEqual(first);
    expect(await world.content.completeDirectUpload(call, id, { target: 'here', parts })).toEqual(first);
    expect(await world.keys()).toHaveLength(1);
  });

  it('goes on where a server was killed between joining the parts and naming what they make', async () => {
    const { upload, parts, complete } = await sent(['jo', 'ined']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.completeMultipart(key, uploadId, parts);
    expect(await complete()).toMatchObject({ sha256: sha('joined') });
  });

  it.each([
    ['another principal', (call: ReturnType<typeof newCall>) => ({ ...call.caller, principalId: newId() })],
    ['a token of a run', (call: ReturnType<typeof newCall>) => ({ ...call.caller, runId: newId() })],
    ['another workspace', (call: ReturnType<typeof newCall>) => ({ ...call.caller, workspaceId: newId() })],
  ])('is for who began it alone, not for %s', async (_who, other) => {
    const { call, id, parts, complete } = await sent(['mine']);
    const stranger = { caller: other(call) };
    expect(await failure(content.completeDirectUpload(stranger, id, { target: 'here', parts }))).toMatchObject(GONE);
    await content.abortDirectUpload(stranger, id, 'here');
    expect(await complete()).toMatchObject({ sha256: sha('mine') });
  });

  it('is for what it was begun for alone', async () => {
    const { call, id, parts } = await sent(['mine']);
    expect(await failure(content.completeDirectUpload(call, id, { target: 'elsewhere', parts }))).toMatchObject(GONE);
    expect(await failure(content.completeDirectUpload(call, 'no id', { target: 'here', parts }))).toMatchObject(GONE);
  });

  it('refuses a part that somebody replaced behind the back of who names it, until the right one is there again', async () => {
    const { call, id, upload, parts, complete } = await sent(['what the run sent ', 'end']);
    const replaced = await send(upload.parts[0], 'what somebody else sent ');
    expect(await failure(complete())).toMatchObject(WRONG_PARTS);
    expect(replaced.etag).not.toBe(parts[0]?.etag);
    const again = [await send(upload.parts[0], 'what the run sent '), ...parts.slice(1)];
    expect(await content.completeDirectUpload(call, id, { target: 'here', parts: again })).toMatchObject({
      sha256: sha('what the run sent end'),
    });
  });

  it('wants every part named, once, in order', async () => {
    const { call, id, parts, complete } = await sent(['a', 'b', 'c']);
    for (const wrong of [[], parts.slice(0, 2), parts.toReversed(), [...parts, { partNumber: 4, etag: 'x' }]]) {
      expect(await failure(content.completeDirectUpload(call, id, { target: 'here', parts: wrong }))).toMatchObject(WRONG_PARTS);
    }
    expect(await complete()).toMatchObject({ sha256: sha('abc') });
  });

  it('throws away what is larger than the installation takes', async () => {
    const { call, id, parts } = await sent(['12345', '67890']);
    const small = world.another({ objects: reachable(world.objects), limits: { maxBlobBytes: 9 } });
    expect(await failure(small.completeDirectUpload(call, id, { target: 'here', parts }))).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(await failure(content.completeDirectUpload(call, id, { target: 'here', parts }))).toMatchObject(GONE);
    expect(await world.keys()).toEqual([]);
  });

  it('throws away what is larger than the installation takes where its parts were joined already', async () => {
    const { call, id, upload, parts } = await sent(['12345', '67890']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.completeMultipart(key, uploadId, parts);
    const small = world.another({ objects: reachable(world.objects), limits: { maxBlobBytes: 9 } });
    expect(await failure(small.completeDirectUpload(call, id, { target: 'here', parts }))).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect({ rows: await rows(), keys: await world.keys() }).toEqual({ rows: [], keys: [] });
  });

  it('throws away a second content of one MD5', async () => {
    const { call, complete } = await sent(['content']);
    await world.database.sql(`INSERT INTO blob (sha256, md5, size_bytes, storage_key) VALUES ($1, $2, 1, 'other')`, [
      Buffer.alloc(32, 7),
      createHash('md5').update('content').digest(),
    ]);
    await world.database.sql(`INSERT INTO blob_grant (workspace_id, sha256, md5) SELECT $1, sha256, md5 FROM blob`, [
      call.caller.workspaceId,
    ]);
    expect(await failure(complete())).toMatchObject({ kind: 'conflict', code: 'MD5_COLLISION' });
    expect(await failure(complete())).toMatchObject(GONE);
    expect(await world.keys()).toEqual([]);
  });

  it('is asked to wait while another server is at it', async () => {
    const { call, id, complete } = await sent(['busy']);
    await world.database.sql(`UPDATE direct_upload SET lease_id = $1, lease_until = now() + interval '1 minute'`, [newId()]);
    const busy = { kind: 'unavailable', code: 'UPLOAD_BUSY' };
    expect(await failure(complete())).toMatchObject(busy);
    expect(await failure(content.abortDirectUpload(call, id, 'here'))).toMatchObject(busy);
    await world.database.sql(`UPDATE direct_upload SET lease_until = now() - interval '1 second'`);
    expect(await complete()).toMatchObject({ sha256: sha('busy') });
  });

  it('says that the upload is gone where the store has neither its parts nor what they made', async () => {
    const { upload, complete } = await sent(['lost']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.abortMultipart(key, uploadId);
    expect(await failure(complete())).toMatchObject(GONE);
    expect(await rows()).toEqual([]);
  });
});

describe('aborting a direct upload', () => {
  it('forgets its parts, and does not mind being asked twice', async () => {
    const { call, id, upload, parts } = await sent(['a', 'b']);
    await content.abortDirectUpload(call, id, 'here');
    await content.abortDirectUpload(call, id, 'here');
    expect(await failure(content.completeDirectUpload(call, id, { target: 'here', parts }))).toMatchObject(GONE);
    expect(await failure(send(upload.parts[0], 'late'))).toMatchObject({ code: 'OBJECT_UPLOAD_NOT_FOUND' });
    expect(await rows()).toEqual([]);
  });

  it('takes nothing away that is content already', async () => {
    const { call, id, complete } = await sent(['content']);
    await complete();
    await content.abortDirectUpload(call, id, 'here');
    expect(await textOf((await content.openBlob(call, sha('content'))).body)).toBe('content');
  });
});

describe('the collector', () => {
  it('finds the object that a kill in the middle of throwing an upload away left', async () => {
    const { call, id, upload, parts } = await sent(['joined']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.completeMultipart(key, uploadId, parts);
    const killed = world.another({ objects: { ...reachable(world.objects), abortMultipart: () => Promise.reject(new Error('killed')) } });
    expect(await failure(killed.abortDirectUpload(call, id, 'here'))).toMatchObject({ message: 'killed' });
    expect({ rows: await rows(), keys: await world.keys() }).toEqual({ rows: [], keys: [key] });
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ uploads: 0, objects: 1 });
    expect(await world.keys()).toEqual([]);
  });

  it('throws a direct upload away a day after it was begun, with its parts', async () => {
    const { upload } = await sent(['ab', 'cde']);
    world.pass(23 * HOUR);
    expect(await collect()).toMatchObject({ uploads: 0, bytes: 0 });
    world.pass(2 * HOUR);
    expect(await collect(true)).toMatchObject({ uploads: 1, bytes: 5 });
    expect(await collect()).toMatchObject({ uploads: 1, bytes: 5 });
    expect(await collect()).toMatchObject({ uploads: 0, bytes: 0 });
    expect(await failure(send(upload.parts[0], 'late'))).toMatchObject({ code: 'OBJECT_UPLOAD_NOT_FOUND' });
    expect(await rows()).toEqual([]);
  });

  it('throws an object away that was joined and never named', async () => {
    const { upload, parts } = await sent(['joined']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.completeMultipart(key, uploadId, parts);
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ uploads: 1, bytes: 6, objects: 0 });
    expect(await world.keys()).toEqual([]);
  });

  it('spares what somebody is completing, its object included', async () => {
    const { upload, parts, complete } = await sent(['slow']);
    const { key, uploadId } = JSON.parse(upload.parts[0]?.url ?? '') as { key: string; uploadId: string };
    await world.objects.completeMultipart(key, uploadId, parts);
    await world.database.sql(`UPDATE direct_upload SET lease_id = $1, lease_until = now() + interval '1 minute'`, [newId()]);
    world.pass(25 * HOUR);
    expect(await collect()).toMatchObject({ uploads: 0, objects: 0 });
    await world.database.sql(`UPDATE direct_upload SET lease_until = NULL, lease_id = NULL`);
    expect(await complete()).toMatchObject({ sha256: sha('slow') });
  });

  it('forgets that an upload was completed, and keeps its content', async () => {
    const { call, complete } = await sent(['kept']);
    await complete();
    const set = await content.createFileSet(call);
    await content.putFile(call, set, { path: 'x', sha256: sha('kept') });
    world.pass(25 * HOUR);
    const referencesOf = () => Promise.resolve({ manifestIds: new Set<string>(), fileSetIds: new Set([set]) });
    expect(await content.collect(world.call, { dryRun: false, referencesOf })).toMatchObject({
      uploads: 0,
      blobs: 0,
      objects: 0,
      bytes: 0,
    });
    expect(await rows()).toEqual([]);
    expect(await textOf((await content.openBlob(call, sha('kept'))).body)).toBe('kept');
  });
});

describe('the address of a blob', () => {
  it('is for those who hold it, under a name to save it by, and tells its size', async () => {
    const call = newCall();
    const { sha256 } = await content.putBlob(call, body('twelve bytes'));
    const address = await content.addressOfBlob(call, sha256, 'a b.txt');
    expect(address?.sizeBytes).toBe(12);
    expect(JSON.parse(address?.url ?? '')).toEqual({ key: await world.keyOf(sha256), filename: 'a b.txt', expiresSeconds: 300 });
    expect(await failure(content.addressOfBlob(newCall(), sha256, 'x'))).toMatchObject({ code: 'BLOB_NOT_FOUND' });
  });

  it('is none where clients cannot reach the store', async () => {
    const call = newCall();
    const { sha256 } = await content.putBlob(call, body('x'));
    expect(await world.content.addressOfBlob(call, sha256, 'x')).toBeNull();
  });

  it('is refused for bytes that are damaged, or gone', async () => {
    const call = newCall();
    const [lost, kept] = [await content.putBlob(call, body('lost')), await content.putBlob(call, body('kept'))];
    await world.objects.delete(await world.keyOf(lost.sha256));
    expect(await failure(content.addressOfBlob(call, lost.sha256, 'x'))).toMatchObject({ kind: 'corrupt', code: 'BLOB_MISSING' });
    expect(await failure(content.addressOfBlob(call, lost.sha256, 'x'))).toMatchObject({ kind: 'corrupt', code: 'BLOB_DAMAGED' });
    await world.objects.put(await world.keyOf(kept.sha256), body('kept, and more'));
    expect(await failure(content.addressOfBlob(call, kept.sha256, 'x'))).toMatchObject({ kind: 'corrupt', code: 'BLOB_DAMAGED' });
  });
});
