import { createHash } from 'node:crypto';

import { encodeCursor, pageRequest } from '@throughline/kernel';
import type { Page } from '@throughline/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { encodeManifest, parseManifest } from './manifest.ts';
import { body, failure, newCall, newWorld, putFiles, textOf } from './testing.ts';
import type { World } from './testing.ts';
import type { FolderChild } from './types.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const first = (n: number, after: string | null = null) => pageRequest({ first: n, after });
const names = (children: readonly FolderChild[]) =>
  children.map((child) => (child.type === 'FOLDER' ? `${child.name}/ ${child.fileCount}` : child.name));

async function make(files: Record<string, string>, call = newCall()) {
  const manifest = await world.content.createManifest(call, { kind: 'DIR', entries: await putFiles(world.content, call, files) });
  return { call, manifest };
}

describe('making a manifest', () => {
  it('stores the canonical bytes under the digest', async () => {
    const { call, manifest } = await make({ 'b.csv': 'bb', 'a/x': 'x' });
    const bytes = await textOf((await world.content.openBlob(call, manifest.digest)).body);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.digest);
    expect(parseManifest(Buffer.from(bytes)).entries.map((entry) => [entry.path, entry.sizeBytes])).toEqual([
      ['a/x', 1],
      ['b.csv', 2],
    ]);
    expect(manifest).toMatchObject({ kind: 'DIR', fileCount: 2, totalBytes: 3 });
  });

  it('answers the same manifest for the same content, also when it is made many times at once', async () => {
    const call = newCall();
    const entries = await putFiles(world.content, call, { a: '1', b: '2' });
    const all = await Promise.all(
      [entries, [...entries].reverse(), entries, entries].map((some) => world.content.createManifest(call, { kind: 'DIR', entries: some })),
    );
    expect(new Set(all.map((manifest) => manifest.id)).size).toBe(1);
  });

  it('tells manifests that differ in an executable bit alone apart, though DVC does not', async () => {
    const call = newCall();
    const entries = await putFiles(world.content, call, { run: 'sh' });
    const plain = await world.content.createManifest(call, { kind: 'DIR', entries });
    const executable = await world.content.createManifest(call, {
      kind: 'DIR',
      entries: entries.map((entry) => ({ ...entry, executable: true })),
    });
    expect(plain.digest).not.toBe(executable.digest);
    expect(plain.dvcMd5).toBe(executable.dvcMd5);
  });

  it('takes an empty folder', async () => {
    const { manifest } = await make({});
    expect(manifest).toMatchObject({ fileCount: 0, totalBytes: 0, dvcMd5: 'd751713988987e9331980363e24189ce.dir' });
  });

  it('names what is missing, at most twenty, and stores nothing', async () => {
    const call = newCall();
    const entries = Array.from({ length: 25 }, (_, n) => ({
      path: `f${n}`,
      sha256: createHash('sha256').update(`missing ${n}`).digest('hex'),
    }));
    const error = await failure(world.content.createManifest(call, { kind: 'DIR', entries }));
    expect(error).toMatchObject({
      kind: 'invalid',
      code: 'BLOBS_MISSING',
      details: { count: 25, missing: expect.objectContaining({ length: 20 }) as unknown },
    });
    expect(await world.database.sql('SELECT 1 FROM manifest WHERE workspace_id = $1', [call.caller.workspaceId])).toEqual([]);
  });

  it('counts the blob of another workspace as missing', async () => {
    const entries = await putFiles(world.content, newCall(), { a: 'of another workspace' });
    expect(await failure(world.content.createManifest(newCall(), { kind: 'DIR', entries }))).toMatchObject({ code: 'BLOBS_MISSING' });
  });

  it.each([
    ['a climbing path', ['../a'], 'INVALID_PATH'],
    ['a path named twice', ['a', 'a'], 'DUPLICATE_PATH'],
    ['a file that is a folder', ['a/b', 'a', 'a-'], 'PATH_CONFLICT'],
  ])('refuses %s', async (_what, paths, code) => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('a'));
    const entries = paths.map((path) => ({ path, sha256 }));
    expect(await failure(world.content.createManifest(call, { kind: 'DIR', entries }))).toMatchObject({ kind: 'invalid', code });
  });

  it('puts its own bytes right when they are lost and it is made again', async () => {
    const { call, manifest } = await make({ a: 'its bytes will be lost' });
    await world.flip(manifest.digest);
    await failure(textOf((await world.content.openBlob(call, manifest.digest)).body));
    await make({ a: 'its bytes will be lost' }, call);
    expect(parseManifest(Buffer.from(await textOf((await world.content.openBlob(call, manifest.digest)).body))).entries).toHaveLength(1);
  });

  it('writes thousands of entries in few statements', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('shared by thousands'));
    const entries = Array.from({ length: 12_000 }, (_, n) => ({ path: `d${n % 7}/f${n}`, sha256 }));
    world.statements.length = 0;
    const manifest = await world.content.createManifest(call, { kind: 'DIR', entries });
    expect(manifest.fileCount).toBe(12_000);
    expect(world.statements.length).toBeLessThan(20);
  });
});

describe('reading a manifest', () => {
  it('pages its files in byte order', async () => {
    const { call, manifest } = await make({ 'z\u{1f600}': '1', 'z\uffee': '2', 'a/b': '3', 'a.b': '4', 'a-b': '5' });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof world.content.listEntries>> = await world.content.listEntries(call, manifest.id, {
        page: first(2, after),
      });
      const last = page.items.at(-1);
      seen.push(...page.items.map((file) => file.path));
      after = page.hasNextPage && last !== undefined ? page.cursorOf(last) : null;
    } while (after !== null);
    expect(seen).toEqual(['a-b', 'a.b', 'a/b', 'z\uffee', 'z\u{1f600}']);
  });

  it('lists by prefix', async () => {
    const { call, manifest } = await make({ 'a/1': '1', 'a/2': '2', ab: '3', b: '4' });
    const page = await world.content.listEntries(call, manifest.id, { prefix: 'a/', page: first(10) });
    expect(page.items.map((file) => file.path)).toEqual(['a/1', 'a/2']);
  });

  it('lists a folder: files, and folders with all that lies below them', async () => {
    const { call, manifest } = await make({ 'a-b': '1', 'a.b': '2', 'a/x': '3', 'a/y/z': '4', a0: '5', 'b/c/d/e': '6' });
    expect(names((await world.content.listFolder(call, manifest.id, '', first(10))).items)).toEqual(['a-b', 'a.b', 'a/ 2', 'a0', 'b/ 1']);
    expect(names((await world.content.listFolder(call, manifest.id, 'a', first(10))).items)).toEqual(['x', 'y/ 1']);
    expect(names((await world.content.listFolder(call, manifest.id, 'no/such', first(10))).items)).toEqual([]);
  });

  it('lists the same children as a scan of everything would, page by page', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('x'));
    const part = fc.string({ unit: fc.constantFrom('a', '-', '0', 'é', '\u{1f600}'), minLength: 1, maxLength: 2 });
    const paths = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      { minLength: 1, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(paths, fc.integer({ min: 1, max: 3 }), async (all, size) => {
        const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
        const manifest = await world.content.createManifest(call, { kind: 'DIR', entries: files.map((path) => ({ path, sha256 })) });
        const keys = new Set(files.map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : path)));
        const expected = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const seen: string[] = [];
        let after: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof world.content.listFolder>> = await world.content.listFolder(
            call,
            manifest.id,
            '',
            first(size, after),
          );
          seen.push(...page.items.map((child) => (child.type === 'FOLDER' ? `${child.name}/` : child.name)));
          const last = page.items.at(-1);
          after = page.hasNextPage && last !== undefined ? page.cursorOf(last) : null;
        } while (after !== null);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('reads a folder without reading what lies below it', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('x'));
    const entries = Array.from({ length: 20_000 }, (_, n) => ({ path: `${n < 10_000 ? 'a' : 'b'}/f${n}`, sha256 }));
    const manifest = await world.content.createManifest(call, { kind: 'DIR', entries });
    await world.database.sql('ANALYZE manifest_entry');
    world.statements.length = 0;
    const page = await world.content.listFolder(call, manifest.id, '', first(10));
    expect(names(page.items)).toEqual(['a/ 10000', 'b/ 10000']);
    const scan = world.statements.find((text) => text.includes('RECURSIVE'));
    const values = [call.caller.workspaceId, '', null, '', 11, [manifest.id]];
    const [plan] = await world.database.sql<{ 'QUERY PLAN': unknown }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${String(scan)}`, values);
    expect(rowsRead(plan?.['QUERY PLAN'])).toBeLessThan(20);
  });

  it('finds a file by its path', async () => {
    const { call, manifest } = await make({ 'a/b': 'content' });
    expect(await world.content.findEntry(call, manifest.id, 'a/b')).toMatchObject({ path: 'a/b', sizeBytes: 7, executable: false });
    expect(await world.content.findEntry(call, manifest.id, 'a')).toBeNull();
  });

  it('shows another workspace nothing', async () => {
    const { manifest } = await make({ a: '1' });
    const stranger = newCall();
    expect(await failure(world.content.listEntries(stranger, manifest.id, { page: first(1) }))).toMatchObject({
      code: 'MANIFEST_NOT_FOUND',
    });
    expect((await world.content.getManifests(stranger, [manifest.id])).size).toBe(0);
    expect((await world.content.integrityOf(stranger, [manifest.id])).size).toBe(0);
    expect(await world.content.findManifest(stranger, manifest.digest)).toBeNull();
    expect(await failure(world.content.keepManifests(stranger, [manifest.id]))).toMatchObject({ code: 'MANIFEST_NOT_FOUND' });
  });

  it('calls an id that is none unknown', async () => {
    expect(await failure(world.content.findEntry(newCall(), "'; DROP TABLE blob", 'a'))).toMatchObject({ code: 'MANIFEST_NOT_FOUND' });
  });

  it.each([['[1,2]'], ['[1]'], ['["a\\u0000b"]'], ['["\\ud800"]'], ['nonsense']])('refuses the cursor %s', async (cursor) => {
    const { call, manifest } = await make({ a: '1' });
    const page = first(1, Buffer.from(cursor).toString('base64url'));
    for (const attempt of [
      () => world.content.listEntries(call, manifest.id, { page }),
      () => world.content.listFolder(call, manifest.id, '', page),
      () => world.content.diffManifests(call, manifest.id, manifest.id, page),
    ]) {
      expect(await failure(attempt())).toMatchObject({ kind: 'invalid', code: 'INVALID_CURSOR' });
    }
  });
});

describe('the first files of many manifests', () => {
  it('are had in one statement, by path, and only by their own workspace', async () => {
    const call = newCall();
    const one = await make({ b: '1', a: '2', c: '3' }, call);
    const two = await make({ x: '4' }, call);
    const ids = [one.manifest.id, two.manifest.id];
    world.statements.length = 0;
    const found = await world.content.firstEntriesOf(call, ids, 2);
    expect(ids.map((id) => found.get(id)?.map((file) => file.path))).toEqual([['a', 'b'], ['x']]);
    expect(world.statements).toHaveLength(1);
    expect((await world.content.firstEntriesOf(newCall(), ids, 2)).size).toBe(0);
  });
});

describe('pages of many manifests', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '-', '0', 'é', '\u{1f600}'), minLength: 1, maxLength: 2 });
  const paths = fc.uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    { maxLength: 8 },
  );
  const shown = <T>(page: Page<T>) => ({ ...page, cursorOf: undefined, cursors: page.items.map(page.cursorOf) });

  it('are those of each alone: files and folders, from any cursor on', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('x'));
    const folders = fc.constantFrom('', 'a', 'a/a');
    const behind = fc.option(fc.constantFrom('a', 'a/', 'a/a', '0/', 'é'), { nil: null });
    await fc.assert(
      fc.asyncProperty(
        fc.array(paths, { minLength: 1, maxLength: 4 }),
        folders,
        behind,
        fc.integer({ min: 1, max: 3 }),
        async (...asked) => {
          const [trees, folder, after, size] = asked;
          const ids = new Set<string>();
          for (const all of trees) {
            const entries = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`))).map((path) => ({ path, sha256 }));
            ids.add((await world.content.createManifest(call, { kind: 'DIR', entries })).id);
          }
          const page = first(size, after === null ? null : encodeCursor([after]));
          const prefix = folder === '' ? '' : `${folder}/`;
          const files = await world.content.listEntriesOf(call, [...ids], { prefix, page });
          const children = await world.content.listFolderOf(call, [...ids], folder, page);
          for (const id of ids) {
            const [oneFiles, oneChildren] = [files.get(id), children.get(id)];
            expect(oneFiles && shown(oneFiles)).toEqual(shown(await world.content.listEntries(call, id, { prefix, page })));
            expect(oneChildren && shown(oneChildren)).toEqual(shown(await world.content.listFolder(call, id, folder, page)));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('cost as many statements as one, and are had only by their own workspace', async () => {
    const call = newCall();
    const files = { 'b/c': '1', 'b/d': '22', a: '3' };
    const made = [await make(files, call), await make({ ...files, e: '4' }, call), await make({}, call)];
    const ids = made.map(({ manifest }) => manifest.id);
    world.statements.length = 0;
    const found = await world.content.listFolderOf(call, ids, '', first(2));
    expect(ids.map((id) => names(found.get(id)?.items ?? []))).toEqual([['a', 'b/ 2'], ['a', 'b/ 2'], []]);
    expect(ids.map((id) => found.get(id)?.hasNextPage)).toEqual([false, true, false]);
    expect(world.statements).toHaveLength(3);
    const stranger = newCall();
    expect((await world.content.listFolderOf(stranger, ids, '', first(2))).size).toBe(0);
    expect((await world.content.listEntriesOf(stranger, ids, { page: first(2) })).size).toBe(0);
    expect((await world.content.findFolderOf(stranger, ids, 'b')).size).toBe(0);
  });

  it('are read without reading what lies behind them', async () => {
    const call = newCall();
    const { sha256 } = await world.content.putBlob(call, body('x'));
    const ids: string[] = [];
    for (const name of ['f', 'g']) {
      const entries = Array.from({ length: 10_000 }, (_, n) => ({ path: `${name}${n}`, sha256 }));
      ids.push((await world.content.createManifest(call, { kind: 'DIR', entries })).id);
    }
    await world.database.sql('ANALYZE manifest_entry');
    world.statements.length = 0;
    await world.content.listEntriesOf(call, ids, { page: first(10) });
    const [statement, ...more] = world.statements;
    expect(more).toEqual([]);
    const values = ['', null, 11, call.caller.workspaceId, ids];
    const [plan] = await world.database.sql<{ 'QUERY PLAN': unknown }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${String(statement)}`, values);
    expect(rowsRead(plan?.['QUERY PLAN'])).toBeLessThan(100);
  });

  it('come with the totals of a folder where a manifest has it', async () => {
    const call = newCall();
    const [one, other] = [await make({ 'b/c': '1', 'b/d': '22' }, call), await make({ b: '3' }, call)];
    const found = await world.content.findFolderOf(call, [one.manifest.id, other.manifest.id], 'b');
    expect([...found]).toEqual([[one.manifest.id, { path: 'b', fileCount: 2, totalBytes: 3 }]]);
  });
});

describe('the integrity of a manifest', () => {
  it('is the worst of what it reaches', async () => {
    const { call, manifest } = await make({ a: 'integrity a', b: 'integrity b' });
    const ask = async () => (await world.content.integrityOf(call, [manifest.id])).get(manifest.id);
    expect(await ask()).toEqual({
      integrity: 'UNCHECKED',
      checkedAt: null,
      damagedFiles: 0,
      uncheckedFiles: 2,
      intactFiles: 0,
      oldestCheckAt: null,
    });
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    const set = (text: string, integrity: string, day: number) =>
      world.database.sql(`UPDATE blob SET integrity = $2::"Integrity", checked_at = $3 WHERE sha256 = $1`, [
        createHash('sha256').update(text).digest(),
        integrity,
        at(day),
      ]);
    const bytes = await textOf((await world.content.openBlob(call, manifest.digest)).body);
    await set(bytes, 'INTACT', 3);
    await set('integrity a', 'INTACT', 2);
    expect(await ask()).toMatchObject({ integrity: 'UNCHECKED' });
    await set('integrity b', 'INTACT', 4);
    expect(await ask()).toMatchObject({
      integrity: 'INTACT',
      checkedAt: at(2),
      damagedFiles: 0,
      uncheckedFiles: 0,
      intactFiles: 2,
      oldestCheckAt: at(2),
    });
    await set('integrity b', 'DAMAGED', 5);
    expect(await ask()).toMatchObject({ integrity: 'DAMAGED', checkedAt: at(5), damagedFiles: 1, intactFiles: 1 });
  });

  it('is asked for many manifests in one statement', async () => {
    const call = newCall();
    const made = [await make({ a: '1' }, call), await make({ a: '2' }, call), await make({ a: '3' }, call)];
    world.statements.length = 0;
    const found = await world.content.integrityOf(
      call,
      made.map(({ manifest }) => manifest.id),
    );
    expect([found.size, world.statements.length]).toEqual([3, 1]);
  });
});

describe('the integrity of a file set', () => {
  it('is the worst of what it holds now', async () => {
    const call = newCall();
    const [id, empty] = [await world.content.createFileSet(call), await world.content.createFileSet(call)];
    for (const text of ['set a', 'set b']) {
      const { sha256 } = await world.content.putBlob(call, body(text));
      await world.content.putFile(call, id, { path: text.replace(' ', '-'), sha256 });
    }
    await world.database.sql(`UPDATE blob SET integrity = 'DAMAGED', checked_at = now() WHERE sha256 = $1`, [
      createHash('sha256').update('set a').digest(),
    ]);
    const found = await world.content.fileSetIntegrityOf(call, [id, empty]);
    expect([...found.keys()]).toEqual([id]);
    expect(found.get(id)).toMatchObject({ integrity: 'DAMAGED', damagedFiles: 1, uncheckedFiles: 1 });
    await world.content.removeFile(call, id, 'set-a');
    expect((await world.content.fileSetIntegrityOf(call, [id])).get(id)).toMatchObject({ integrity: 'UNCHECKED', damagedFiles: 0 });
  });
});

describe('the difference of two manifests', () => {
  it('names what was added, removed and changed, with totals over all pages', async () => {
    const call = newCall();
    const before = await make({ same: 's', gone: 'gg', changed: '1' }, call);
    const after = await make({ same: 's', changed: '22', new: 'nnn' }, call);
    const diff = await world.content.diffManifests(call, before.manifest.id, after.manifest.id, first(2));
    expect(diff.items.map((one) => [one.path, one.change, one.before?.sizeBytes, one.after?.sizeBytes])).toEqual([
      ['changed', 'CHANGED', 1, 2],
      ['gone', 'REMOVED', 2, undefined],
    ]);
    expect(diff.totals).toEqual({
      added: 1,
      removed: 1,
      changed: 1,
      unchanged: 1,
      addedBytes: 3,
      removedBytes: 2,
      changedBytesBefore: 1,
      changedBytesAfter: 2,
    });
    const last = diff.items[1];
    const rest = await world.content.diffManifests(
      call,
      before.manifest.id,
      after.manifest.id,
      first(2, last === undefined ? null : diff.cursorOf(last)),
    );
    expect(rest.items.map((one) => [one.path, one.change])).toEqual([['new', 'ADDED']]);
    expect([diff.hasNextPage, rest.hasNextPage]).toEqual([true, false]);
  });

  it('sees an executable bit', async () => {
    const call = newCall();
    const entries = await putFiles(world.content, call, { run: 'x' });
    const a = await world.content.createManifest(call, { kind: 'DIR', entries });
    const b = await world.content.createManifest(call, { kind: 'DIR', entries: entries.map((entry) => ({ ...entry, executable: true })) });
    const diff = await world.content.diffManifests(call, a.id, b.id, first(5));
    expect(diff.items.map((one) => [one.change, one.before?.executable, one.after?.executable])).toEqual([['CHANGED', false, true]]);
  });

  it('of a manifest with itself is empty', async () => {
    const { call, manifest } = await make({ a: '1' });
    const diff = await world.content.diffManifests(call, manifest.id, manifest.id, first(5));
    expect([diff.items, diff.totals.unchanged]).toEqual([[], 1]);
  });
});

it('agrees with the pure encoder on what it stores', async () => {
  const { call, manifest } = await make({ 'é/"q"': 'one', b: 'two' });
  const { items } = await world.content.listEntries(call, manifest.id, { page: first(10) });
  const bytes = encodeManifest({ kind: 'DIR', entries: items });
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.digest);
});

/** Rows that all index and table scans of a plan together brought up. */
function rowsRead(plan: unknown): number {
  if (Array.isArray(plan)) return plan.reduce<number>((sum, one) => sum + rowsRead(one), 0);
  if (typeof plan !== 'object' || plan === null) return 0;
  const node = plan as { 'Node Type'?: string; 'Actual Rows'?: number; 'Actual Loops'?: number; Plan?: unknown; Plans?: unknown };
  const own =
    node['Node Type']?.includes('Scan') === true && node['Node Type'] !== 'WorkTable Scan'
      ? (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1)
      : 0;
  return own + rowsRead(node.Plan) + rowsRead(node.Plans);
}
