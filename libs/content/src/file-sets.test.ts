import { newId, pageRequest } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { body, failure, newCall, newWorld, textOf } from './testing.ts';
import type { World } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const page = pageRequest({ first: 100 });

async function makeSet(files: Record<string, string> = {}) {
  const call = newCall();
  const id = await world.content.createFileSet(call);
  const put = async (path: string, text: string) => {
    const { sha256 } = await world.content.putBlob(call, body(text));
    return world.content.putFile(call, id, { path, sha256 });
  };
  for (const [path, text] of Object.entries(files)) await put(path, text);
  const paths = async () => (await world.content.listFiles(call, id, { page })).items.map((file) => file.path);
  return { call, id, put, paths };
}

describe('a file set', () => {
  it('holds the last content that was put at a path', async () => {
    const { call, id, put } = await makeSet({ 'model/MLmodel': 'one' });
    await put('model/MLmodel', 'three');
    const file = await world.content.findFile(call, id, 'model/MLmodel');
    expect(file).toMatchObject({ path: 'model/MLmodel', sizeBytes: 5 });
    expect(await textOf((await world.content.openBlob(call, file?.sha256 ?? '')).body)).toBe('three');
  });

  it('lists files and folders as a manifest does', async () => {
    const { call, id, paths } = await makeSet({ 'b/c': '1', 'b/d/e': '22', a: '3' });
    expect(await paths()).toEqual(['a', 'b/c', 'b/d/e']);
    const root = await world.content.listFilesIn(call, id, '', page);
    expect(root.items).toMatchObject([
      { type: 'FILE', name: 'a' },
      { type: 'FOLDER', name: 'b', path: 'b', fileCount: 2, totalBytes: 3 },
    ]);
  });

  it('is listed among many as it is alone, in three statements', async () => {
    const { call, id } = await makeSet({ 'b/c': '1', 'b/d/e': '22', a: '3' });
    const [other, empty] = [await world.content.createFileSet(call), await world.content.createFileSet(call)];
    const { sha256 } = await world.content.putBlob(call, body('4'));
    for (const path of ['b/x', 'c']) await world.content.putFile(call, other, { path, sha256 });
    const two = pageRequest({ first: 2 });
    world.statements.length = 0;
    const found = await world.content.listFilesInOf(call, [id, other, empty], '', two);
    expect(world.statements).toHaveLength(3);
    for (const one of [id, other, empty]) {
      const { items, hasNextPage } = await world.content.listFilesIn(call, one, '', two);
      expect(found.get(one)).toMatchObject({ items, hasNextPage });
    }
    expect(found.get(other)?.items).toMatchObject([{ path: 'b', fileCount: 1, totalBytes: 1 }, { name: 'c' }]);
    expect((await world.content.listFilesInOf(newCall(), [id, other], '', two)).size).toBe(0);
  });

  it.each([
    ['a file where a folder is', 'a'],
    ['a file below a file', 'a/b/c'],
  ])('refuses %s', async (_what, path) => {
    const { put, paths } = await makeSet({ 'a/b': '1' });
    expect(await failure(put(path, '2'))).toMatchObject({ kind: 'invalid', code: 'PATH_CONFLICT' });
    expect(await paths()).toEqual(['a/b']);
  });

  it('takes names that merely sort between a file and its folder', async () => {
    const { paths } = await makeSet({ 'a/b': '1', 'a-': '2', a0: '3' });
    expect(await paths()).toEqual(['a-', 'a/b', 'a0']);
  });

  it('takes only one of a file and a folder of the same name that arrive together', async () => {
    const { put, paths } = await makeSet();
    const results = await Promise.allSettled([put('x', '1'), put('x/y', '2')]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await paths()).toHaveLength(1);
  });

  it('refuses bytes that the workspace does not hold', async () => {
    const { call, id } = await makeSet();
    const { sha256 } = await world.content.putBlob(newCall(), body('of another'));
    expect(await failure(world.content.putFile(call, id, { path: 'a', sha256 }))).toMatchObject({ code: 'BLOB_NOT_FOUND' });
  });

  it('removes a file, or a folder with all that lies below, and nothing beside it', async () => {
    const { call, id, paths } = await makeSet({ 'a/b': '1', 'a/c/d': '2', 'a-': '3', a0: '4', e: '5' });
    expect(await world.content.removeFile(call, id, 'e')).toBe(true);
    expect(await world.content.removeFile(call, id, 'a')).toBe(false);
    expect(await world.content.removeFolder(call, id, 'a')).toBe(2);
    expect(await paths()).toEqual(['a-', 'a0']);
  });

  it('is nobody else’s', async () => {
    const { id } = await makeSet({ a: '1' });
    const stranger = newCall();
    const attempts = [
      () => world.content.listFiles(stranger, id, { page }),
      () => world.content.removeFile(stranger, id, 'a'),
      () => world.content.freeze(stranger, id, null),
      () => world.content.findFile(stranger, 'nonsense', 'a'),
    ];
    for (const attempt of attempts) {
      expect(await failure(attempt())).toMatchObject({ kind: 'not_found', code: 'FILE_SET_NOT_FOUND' });
    }
  });
});

describe('freezing a file set', () => {
  it('makes the manifest that the same files make', async () => {
    const { call, id } = await makeSet({ 'a/b': '1', c: '2' });
    const frozen = await world.content.freeze(call, id, null);
    const { items } = await world.content.listFiles(call, id, { page });
    expect(frozen).toMatchObject(await world.content.createManifest(call, { kind: 'DIR', entries: items }));
  });

  it('takes a folder with paths from there', async () => {
    const { call, id } = await makeSet({ 'model/MLmodel': '1', 'model/data/w': '2', 'model-2/MLmodel': '3', other: '4' });
    const frozen = await world.content.freeze(call, id, 'model');
    const { items } = await world.content.listEntries(call, frozen?.id ?? '', { page });
    expect(items.map((file) => file.path)).toEqual(['MLmodel', 'data/w']);
  });

  it('makes a manifest of one file where it is pointed at one', async () => {
    const { call, id } = await makeSet({ 'model/weights.onnx': 'w' });
    expect(await world.content.freeze(call, id, 'model/weights.onnx')).toMatchObject({ kind: 'FILE', fileCount: 1 });
  });

  it('answers null where there is nothing', async () => {
    const { call, id } = await makeSet({ a: '1' });
    expect(await world.content.freeze(call, id, 'b')).toBeNull();
    const empty = await makeSet();
    expect(await world.content.freeze(empty.call, empty.id, null)).toBeNull();
  });

  it('keeps what was frozen whatever is put later', async () => {
    const { call, id, put } = await makeSet({ a: 'then' });
    const frozen = await world.content.freeze(call, id, null);
    await put('a', 'now');
    const file = await world.content.findEntry(call, frozen?.id ?? '', 'a');
    expect(await textOf((await world.content.openBlob(call, file?.sha256 ?? '')).body)).toBe('then');
  });

  describe('tells the run that wrote all of it', () => {
    const [run, other] = [newId(), newId()];
    const written = async (files: readonly [path: string, writer: string | null][]) => {
      const call = newCall();
      const by = (runId: string | null) => ({ caller: { ...call.caller, runId } });
      const id = await world.content.createFileSet(call);
      for (const [path, writer] of files) {
        const { sha256 } = await world.content.putBlob(call, body(path));
        await world.content.putFile(by(writer), id, { path, sha256 });
      }
      return { by, id, writerOf: async (under: string | null) => (await world.content.freeze(call, id, under))?.writerRunId };
    };

    it('and nobody where another token wrote one of the files', async () => {
      const { writerOf } = await written([
        ['model/a', run],
        ['model/b', run],
        ['mixed/a', run],
        ['mixed/b', other],
        ['plain/a', null],
      ]);
      expect([
        await writerOf('model'),
        await writerOf('model/b'),
        await writerOf('mixed'),
        await writerOf('plain'),
        await writerOf(null),
      ]).toEqual([run, run, null, null, null]);
    });

    it('and nobody where somebody else wrote the same path since', async () => {
      const { writerOf } = await written([
        ['model/a', run],
        ['model/a', null],
      ]);
      expect(await writerOf('model')).toBeNull();
    });

    it.each([
      { who: 'somebody else', remover: null, writer: null },
      { who: 'the run itself', remover: run, writer: run },
    ])('after $who took a file away: $writer', async ({ remover, writer }) => {
      const { by, id, writerOf } = await written([
        ['model/a', run],
        ['model/b', run],
      ]);
      await world.content.removeFile(by(remover), id, 'model/b');
      expect(await writerOf('model')).toBe(writer);
    });
  });

  it('waits for a change under way, so that it sees it whole', async () => {
    const { call, id } = await makeSet();
    const [one, two] = [await world.content.putBlob(call, body('one')), await world.content.putBlob(call, body('two'))];
    const begun = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const change = world.database.transaction(async (tx) => {
      await world.content.putFile({ ...call, tx }, id, { path: 'one', sha256: one.sha256 });
      begun.resolve(undefined);
      await go.promise;
      await world.content.putFile({ ...call, tx }, id, { path: 'two', sha256: two.sha256 });
    });
    await begun.promise;
    const frozen = world.content.freeze(call, id, null);
    go.resolve(undefined);
    await change;
    expect(await frozen).toMatchObject({ fileCount: 2 });
  });

  it('takes part in the transaction of the call, so that both stand or fall', async () => {
    const { call, id } = await makeSet({ a: 'in a transaction' });
    const digest = await world.database
      .transaction(async (tx) => {
        const frozen = await world.content.freeze({ ...call, tx }, id, null);
        throw new Error(frozen?.digest);
      })
      .catch((error: unknown) => (error as Error).message);
    expect(await world.content.findManifest(call, digest)).toBeNull();
    expect(await world.content.freeze(call, id, null)).toMatchObject({ digest });
  });
});
