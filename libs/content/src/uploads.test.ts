import { createHash } from 'node:crypto';

import { DomainError, newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toBytes } from './hashes.ts';
import { body, cutBody, failure, HOUR, newCall, newWorld, textOf } from './testing.ts';
import type { World } from './testing.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

// Parts of four bytes make a handful of letters a large upload.
let world: World;
beforeAll(async () => {
  world = await newWorld({ partBytes: 4 });
});
afterAll(() => world.end());

async function start(text: string, call = newCall()) {
  const { content } = world;
  const upload = await content.startUpload(call, { sha256: sha(text), sizeBytes: Buffer.byteLength(text) });
  const id = upload.id ?? '';
  return {
    call,
    content,
    id,
    upload,
    append: (offset: number, ...chunks: string[]) => content.appendUpload(call, id, offset, body(...chunks)),
  };
}

/** A body that gives its first half, and the rest only when it is woken. */
function stalled(text: string) {
  const [reached, woken] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const half = Math.ceil(text.length / 2);
  const halves: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      yield Buffer.from(text.slice(0, half));
      reached.resolve(undefined);
      await woken.promise;
      yield Buffer.from(text.slice(half));
    },
  };
  return { body: halves, reached: reached.promise, wake: () => woken.resolve(undefined) };
}

/** What happens to the lease of a server that stands still. */
const missHeartbeats = (id: string) =>
  world.database.sql(`UPDATE upload SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);

const read = async (call: ReturnType<typeof newCall>, text: string) => textOf((await world.content.openBlob(call, sha(text))).body);

describe('an upload', () => {
  it.each([
    ['less than a part', 'abc'],
    ['exactly a part', 'abcd'],
    ['parts and a rest', 'abcdefghij'],
    ['whole parts alone', 'abcdefgh'],
  ])('of %s becomes a blob with its last byte', async (_what, text) => {
    const { call, append } = await start(text);
    expect(await append(0, text.slice(0, 1), text.slice(1))).toMatchObject({ id: null, offsetBytes: text.length, complete: true });
    expect(await read(call, text)).toBe(text);
    expect(await world.database.sql('SELECT 1 FROM upload')).toEqual([]);
  });

  it('of nothing is complete at once', async () => {
    const { call, upload } = await start('');
    expect(upload.complete).toBe(true);
    expect(await read(call, '')).toBe('');
  });

  it('is not asked for what the workspace holds already', async () => {
    const call = newCall();
    await world.content.putBlob(call, body('held already'));
    expect((await start('held already', call)).upload).toMatchObject({ id: null, complete: true });
  });

  it('is asked for what only another workspace holds', async () => {
    await world.content.putBlob(newCall(), body('held elsewhere'));
    const { upload } = await start('held elsewhere');
    expect(upload).toMatchObject({ offsetBytes: 0, complete: false });
  });

  it('is asked for what is held but lost', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('held but lost'));
    await world.objects.delete(await world.keyOf(sha256));
    const { append } = await start('held but lost', call);
    await append(0, 'held but lost');
    expect(await read(call, 'held but lost')).toBe('held but lost');
  });

  it('goes on where a cut connection left whole parts, in another process', async () => {
    const text = 'cut in the middle';
    const { call, id } = await start(text);
    const cut = await world.content.appendUpload(call, id, 0, cutBody(text.slice(0, 10)));
    expect(cut).toMatchObject({ id, offsetBytes: 8, complete: false });
    const other = world.another();
    expect(await other.startUpload(call, { sha256: sha(text), sizeBytes: text.length })).toMatchObject({ id, offsetBytes: 8 });
    expect(await other.appendUpload(call, id, 8, body(text.slice(8)))).toMatchObject({ complete: true });
    expect(await read(call, text)).toBe(text);
  });

  it('takes requests that end between parts', async () => {
    const text = 'one request a part';
    const { call, append } = await start(text);
    for (let offset = 0; offset < text.length; offset += 4) {
      expect((await append(offset, text.slice(offset, offset + 4))).offsetBytes).toBe(Math.min(offset + 4, text.length));
    }
    expect(await read(call, text)).toBe(text);
  });

  it('that was cut is no blob, and shows in no listing of the workspace', async () => {
    const text = 'cut for good';
    const { call, id } = await start(text);
    await world.content.appendUpload(call, id, 0, cutBody(text.slice(0, 9)));
    expect(await world.content.findBlobs(call, [sha(text)])).toEqual(new Map());
    expect(await failure(world.content.openBlob(call, sha(text)))).toMatchObject({ code: 'BLOB_NOT_FOUND' });
  });

  it('says where it goes on when it is asked to go on elsewhere', async () => {
    const { append } = await start('wrong offset');
    await append(0, 'wron');
    expect(await failure(append(0, 'wrong offset'))).toMatchObject({
      kind: 'conflict',
      code: 'UPLOAD_OFFSET',
      details: { offsetBytes: 4 },
    });
  });

  it('refuses a second writer while one is writing', async () => {
    const text = 'two writers at once';
    const { call, id, append } = await start(text);
    const begun = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const slow: AsyncIterable<Uint8Array> = {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from(text.slice(0, 2));
        begun.resolve(undefined);
        await go.promise;
        yield Buffer.from(text.slice(2));
      },
    };
    const first = world.content.appendUpload(call, id, 0, slow);
    await begun.promise;
    expect(await failure(append(0, text))).toMatchObject({ kind: 'conflict', code: 'UPLOAD_BUSY' });
    expect(await failure(world.content.abandonUpload(call, id))).toMatchObject({ code: 'UPLOAD_BUSY' });
    go.resolve(undefined);
    expect(await first).toMatchObject({ complete: true });
  });

  it('goes to one of two writers that begin together', async () => {
    const text = 'a race for the lease';
    const { call, append } = await start(text);
    const results = await Promise.allSettled([append(0, text), append(0, text)]);
    expect(results.filter((result) => result.status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    expect(await read(call, text)).toBe(text);
  });

  it('is free again when its writer died without a word', async () => {
    const text = 'killed while writing';
    const { call, id, append } = await start(text);
    await world.database.sql(`UPDATE upload SET lease_id = gen_random_uuid(), lease_until = now() - interval '1 second' WHERE id = $1`, [
      id,
    ]);
    expect(await append(0, text)).toMatchObject({ complete: true });
    expect(await read(call, text)).toBe(text);
  });

  it('is finished where the process died between joining the parts and the database', async () => {
    const text = 'joined, then killed';
    const { call, id, append } = await start(text);
    const dying = world.another({
      objects: {
        ...world.objects,
        completeMultipart: async (...args) => {
          await world.objects.completeMultipart(...args);
          throw new Error('killed');
        },
      },
    });
    await failure(dying.appendUpload(call, id, 0, body(text)));
    expect(await world.content.getUpload(call, id)).toMatchObject({ offsetBytes: text.length, complete: false });
    expect(await append(text.length)).toMatchObject({ complete: true });
    expect(await read(call, text)).toBe(text);
  });

  it.each([
    ['in parts', 'a writer that slept too long'],
    ['in one part', 'abc'],
  ])('keeps its blob when a writer whose lease ran out wakes up behind the one that finished it, %s', async (_what, text) => {
    const { call, id, append } = await start(text);
    const first = stalled(text);
    const sleeper = failure(world.content.appendUpload(call, id, 0, first.body));
    await first.reached;
    await missHeartbeats(id);
    const { offsetBytes } = await world.content.getUpload(call, id);
    expect(await append(offsetBytes, text.slice(offsetBytes))).toMatchObject({ complete: true });
    first.wake();
    expect(await sleeper).toMatchObject({
      kind: expect.stringMatching(/not_found|conflict/) as string,
      code: expect.stringMatching(/^UPLOAD_/) as string,
    });
    expect(await read(call, text)).toBe(text);
  });

  it('keeps its blob when a writer whose lease ran out finds its parts replaced', async () => {
    const text = 'parts that were replaced';
    const { call, id, append } = await start(text);
    const reached = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const slow = world.another({
      objects: {
        ...world.objects,
        async completeMultipart() {
          reached.resolve(undefined);
          await go.promise;
          throw new DomainError({ kind: 'invalid', code: 'INVALID_OBJECT_PART', message: 'Part 1 was replaced or removed meanwhile.' });
        },
      },
    });
    const sleeper = failure(slow.appendUpload(call, id, 0, body(text)));
    await reached.promise;
    await missHeartbeats(id);
    expect(await append(text.length)).toMatchObject({ complete: true });
    go.resolve(undefined);
    expect(await sleeper).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await read(call, text)).toBe(text);
  });

  it('keeps its blob when a writer whose lease ran out meets another content of the same MD5', async () => {
    const text = 'collided too late';
    const { call, id, append } = await start(text);
    const [reached, go] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const other = await world.content.putBlob(newCall(), body('other content'));
    const grant = [call.caller.workspaceId, toBytes(other.sha256), createHash('md5').update(text).digest()];
    const slow = world.another({
      objects: {
        ...world.objects,
        async completeMultipart(...args) {
          const done = await world.objects.completeMultipart(...args);
          reached.resolve(undefined);
          await go.promise;
          return done;
        },
      },
    });
    const sleeper = failure(slow.appendUpload(call, id, 0, body(text)));
    await reached.promise;
    await missHeartbeats(id);
    const lease = [id, newId()];
    await world.database.sql(`UPDATE upload SET lease_id = $2, lease_until = now() + interval '1 hour' WHERE id = $1`, lease);
    await world.database.sql('INSERT INTO blob_grant (workspace_id, sha256, md5) VALUES ($1, $2, $3)', grant);
    go.resolve(undefined);
    expect(await sleeper).toMatchObject({ code: 'UPLOAD_BUSY' });
    await world.database.sql('DELETE FROM blob_grant WHERE workspace_id = $1 AND sha256 = $2', grant.slice(0, 2));
    await missHeartbeats(id);
    expect(await append(text.length)).toMatchObject({ complete: true });
    expect(await read(call, text)).toBe(text);
  });

  it('is hashed again where another writer replaced a part behind the back of the one that sent it', async () => {
    const text = 'replaced behind the back';
    const { call, id, append } = await start(text);
    const meddled = world.another({
      objects: {
        ...world.objects,
        async listParts(key, uploadId) {
          await world.objects.putPart(key, uploadId, 2, body('evil'), 4);
          return world.objects.listParts(key, uploadId);
        },
      },
    });
    expect(await failure(meddled.appendUpload(call, id, 0, body(text)))).toMatchObject({ code: 'CONTENT_MISMATCH' });
    expect(await failure(append(0, text))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect((await world.content.findBlobs(call, [sha(text)])).size).toBe(0);
  });

  it('whose parts the store has lost is thrown away, without a word about where they lay', async () => {
    const text = 'parts lost by the store';
    const { call, id, append } = await start(text);
    await append(0, text.slice(0, 8));
    const [row] = await world.database.sql<{ key: string; multipart: string }>(
      'SELECT storage_key AS key, multipart_id AS multipart FROM upload WHERE id = $1',
      [id],
    );
    await world.objects.abortMultipart(row?.key ?? '', row?.multipart ?? '');
    const lost = await failure(append(8, text.slice(8)));
    expect(lost).toMatchObject({ kind: 'not_found', code: 'UPLOAD_NOT_FOUND' });
    expect(String(lost)).not.toContain(row?.key);
    expect((await start(text, call)).upload).toMatchObject({ offsetBytes: 0, complete: false });
  });

  it('that is thrown away loses its row before its bytes, so that a kill in between leaves what the collector finds', async () => {
    const text = 'killed while throwing away';
    const { call, id, append } = await start(text);
    await append(0, text.slice(0, 8));
    const killed = () => Promise.reject(new Error('killed'));
    const dying = world.another({ objects: { ...world.objects, abortMultipart: killed, delete: killed } });
    await failure(dying.abandonUpload(call, id));
    expect(await failure(world.content.getUpload(call, id))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  it.each([
    ['in one piece', ['not what was announced']],
    ['in pieces', ['not what was ', 'announced']],
    ['within one part', ['not']],
  ])('of other content than announced, %s, is refused and thrown away', async (_what, pieces) => {
    const whole = pieces.join('');
    const { call, id, content } = await start('x'.repeat(whole.length));
    const before = await world.keys();
    const send = async () => {
      let offset = 0;
      for (let rest = whole; rest !== ''; rest = whole.slice(offset)) {
        const end = offset === 0 ? (pieces[0]?.length ?? 0) : rest.length;
        offset = (await content.appendUpload(call, id, offset, body(rest.slice(0, end)))).offsetBytes;
      }
    };
    expect(await failure(send())).toMatchObject({ kind: 'corrupt', code: 'CONTENT_MISMATCH' });
    expect(await failure(content.getUpload(call, id))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await world.keys()).toEqual(before);
  });

  it.each([['abc'], ['abcdef']])('of more bytes than announced is refused (%s)', async (text) => {
    const { call, id, append } = await start(text);
    expect(await failure(append(0, text, 'too much'))).toMatchObject({ kind: 'invalid', code: 'UPLOAD_TOO_LONG' });
    expect((await world.content.findBlobs(call, [sha(text)])).size).toBe(0);
    const { offsetBytes } = await world.content.getUpload(call, id);
    expect(await append(offsetBytes, text.slice(offsetBytes))).toMatchObject({ complete: true });
  });

  it('is nobody else’s', async () => {
    const { id } = await start('mine alone');
    const stranger = newCall();
    expect(await failure(world.content.getUpload(stranger, id))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await failure(world.content.appendUpload(stranger, id, 0, body('x')))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await failure(world.content.abandonUpload(stranger, id))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await failure(world.content.abandonUpload(stranger, 'nonsense'))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  it('that is abandoned leaves nothing', async () => {
    const { call, id, content, append } = await start('abandoned half way');
    await append(0, 'abandone');
    await content.abandonUpload(call, id);
    expect(await failure(append(8, 'd'))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await world.database.sql('SELECT 1 FROM upload WHERE id = $1', [id])).toEqual([]);
  });

  it.each([
    ['a negative size', -1, 'INVALID_SIZE'],
    ['half a byte', 0.5, 'INVALID_SIZE'],
    ['more than can be stored', 2 ** 50, 'BODY_TOO_LARGE'],
  ])('of %s is refused', async (_what, sizeBytes, code) => {
    expect(await failure(world.content.startUpload(newCall(), { sha256: sha('x'), sizeBytes }))).toMatchObject({ kind: 'invalid', code });
  });

  it('of more than the object store can hold in one object is refused, and so is a body', async () => {
    const small = world.another({ objects: { ...world.objects, maxObjectBytes: 10, maxPartBytes: 4 } });
    const refusal = { kind: 'invalid', code: 'BODY_TOO_LARGE', details: { limitBytes: 10 } };
    expect(await failure(small.startUpload(newCall(), { sha256: sha('x'), sizeBytes: 11 }))).toMatchObject(refusal);
    expect(await failure(small.startUpload(newCall(), { sha256: sha('x'), sizeBytes: 2 ** 40 }))).toMatchObject(refusal);
    expect(await failure(small.putBlob(newCall(), body('eleven byte')))).toMatchObject(refusal);
    expect(await small.startUpload(newCall(), { sha256: sha('x'), sizeBytes: 10 })).toMatchObject({ complete: false, partBytes: 4 });
  });

  it('of a size that contradicts the one begun before is refused', async () => {
    const { call } = await start('one size');
    expect(await failure(world.content.startUpload(call, { sha256: sha('one size'), sizeBytes: 9 }))).toMatchObject({
      code: 'UPLOAD_SIZE',
    });
  });

  it('that nobody goes on with is collected after a week', async () => {
    const { call, id, content, append } = await start('left alone for long');
    await append(0, 'left alo');
    const collect = () =>
      content.collect(world.call, {
        dryRun: false,
        referencesOf: () => Promise.resolve({ manifestIds: new Set(), fileSetIds: new Set() }),
      });
    world.pass(6 * 24 * HOUR);
    await collect();
    expect(await content.getUpload(call, id)).toMatchObject({ offsetBytes: 8 });
    world.pass(25 * HOUR);
    await collect();
    expect(await failure(content.getUpload(call, id))).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });
});
