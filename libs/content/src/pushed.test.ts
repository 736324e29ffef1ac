import { createHash } from 'node:crypto';

import type { ObjectStore } from '@throughline/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { PutOutcome } from './batches.ts';
import type { CollectReport } from './collector.ts';
import { dvcDirPieces } from './manifest.ts';
import type { PushedTree } from './pushed.ts';
import { body, cutBody, failure, HOUR, newCall, newWorld, putFiles, textOf } from './testing.ts';
import type { World } from './testing.ts';

const DAY = 24 * HOUR;
const KEPT_DAYS = 30;
const V3 = { legacy: false };
const V2 = { legacy: true };

let world: World;
beforeEach(async () => {
  world = await newWorld({ pushedMs: KEPT_DAYS * DAY });
});
afterEach(() => world.end());

const md5Of = (bytes: string | Uint8Array) => createHash('md5').update(bytes).digest('hex');
const small = (text: string) => ({ md5: md5Of(text), bytes: Buffer.from(text), pushed: true });
const sayOf = (outcomes: readonly PutOutcome[]) => outcomes.map((one) => (one.state === 'refused' ? one.error.code : one.state));

/** A folder of files by path, as DVC writes it. */
function treeOf(files: Record<string, string>, legacy = false): PushedTree {
  const entries = Object.entries(files).map(([path, text]) => ({ path, md5: md5Of(text) }));
  const bytes = Buffer.from([...dvcDirPieces(entries)].join(''), 'latin1');
  return { md5: md5Of(bytes), legacy, bytes, files: entries.map(({ md5 }) => md5) };
}

const collect = (dryRun = false): Promise<CollectReport> =>
  world.content.collect(world.call, { dryRun, referencesOf: () => Promise.resolve({ manifestIds: new Set(), fileSetIds: new Set() }) });

/** Two contents with one MD5 (Wang and Yu, 2005, as everybody cites them). */
const COLLISION = [
  'd131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5bd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70',
  'd131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f8955ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5bd8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70',
].map((hex) => Buffer.from(hex, 'hex'));

describe('the names of files of manifests', () => {
  it('come page by page, each once and in one order, wherever a page ends', async () => {
    const { call, content } = world;
    const files = await putFiles(content, call, { 0: 'one', 1: 'two', 2: 'three' });
    const ids: string[] = [];
    for (const folder of ['a', 'b', 'c']) {
      const entries = files.map(({ path, sha256 }) => ({ path: `${folder}/${path}`, sha256 }));
      ids.push((await content.createManifest(call, { kind: 'DIR', entries })).id);
    }
    const whole = await content.dvcNamesOf(call, ids, { behind: null, limit: 100 });
    expect(whole.map(({ names }) => names)).toEqual(ids.flatMap(() => ['one', 'two', 'three'].map((text) => [md5Of(text)])));
    for (const limit of [1, 2, 3, 4]) {
      const walked: typeof whole = [];
      for (let page: typeof whole | null = null; page === null || page.length === limit; walked.push(...page)) {
        page = await content.dvcNamesOf(call, ids, { behind: walked.at(-1) ?? null, limit });
      }
      expect(walked).toEqual(whole);
    }
    const [first = ''] = ids.toSorted();
    expect(await content.dvcNamesOf(call, ids, { behind: { manifestId: first, path: null }, limit: 100 })).toEqual(whole.slice(3));
    expect(await content.dvcNamesOf(newCall(), ids, { behind: null, limit: 100 })).toEqual([]);
  });
});

describe('many files at once', () => {
  it('are stored, granted to the workspace alone, and read back', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `file ${index}`);
    expect(sayOf(await world.content.putBlobs(world.call, texts.map(small)))).toEqual(texts.map(() => 'stored'));
    const found = await world.content.findByMd5(world.call, texts.map(md5Of));
    const read = await world.content.readBlobs(world.call, [...found.values()]);
    expect([...read.values()].map(String).sort()).toEqual([...texts].sort());
    expect((await world.content.readBlobs(newCall(), [...found.values()])).size).toBe(0);
  });

  it('are known when they come again, and stored once for all workspaces', async () => {
    await world.content.putBlobs(world.call, [small('a'), small('b')]);
    expect(sayOf(await world.content.putBlobs(world.call, [small('a'), small('c'), small('a')]))).toEqual(['known', 'stored', 'known']);
    expect(sayOf(await world.content.putBlobs(newCall(), [small('a')]))).toEqual(['stored']);
    expect(await world.keys()).toHaveLength(3);
  });

  it('cost the same work where another workspace holds them as where nobody does', async () => {
    const written: string[][] = [];
    const objects: ObjectStore = {
      ...world.objects,
      putMany: (bodies) => {
        written.push(bodies.map(({ bytes }) => Buffer.from(bytes).toString()));
        return world.objects.putMany(bodies);
      },
    };
    const content = world.another({ objects });
    await content.putBlobs(newCall(), [small('theirs')]);
    await content.putBlobs(world.call, [small('theirs'), small('new')]);
    await content.putBlobs(world.call, [small('theirs'), small('new')]);
    expect(written).toEqual([['theirs'], ['theirs', 'new'], []]);
    expect(await world.keys()).toHaveLength(2);
  });

  it('are refused one by one where they are not what they were announced as', async () => {
    const wrong = { ...small('right'), bytes: Buffer.from('wrong') };
    const [a, b] = COLLISION.map((bytes) => ({ md5: md5Of(bytes), bytes, pushed: true }));
    if (a === undefined || b === undefined) throw new Error('two');
    expect(sayOf(await world.content.putBlobs(world.call, [wrong, a, b, small('good')]))).toEqual([
      'CONTENT_MISMATCH',
      'stored',
      'MD5_COLLISION',
      'stored',
    ]);
    expect(sayOf(await world.content.putBlobs(world.call, [b]))).toEqual(['MD5_COLLISION']);
    expect(await world.keys()).toHaveLength(2);
  });

  it('put right what was damaged or lost', async () => {
    const [flipped, lost] = ['was flipped', 'was lost'];
    await world.content.putBlobs(world.call, [small(flipped), small(lost)]);
    const blobs = await world.content.findByMd5(world.call, [flipped, lost].map(md5Of));
    for (const { sha256 } of blobs.values()) {
      if (sha256 === blobs.get(md5Of(flipped))?.sha256) await world.flip(sha256);
      else await world.objects.delete(await world.keyOf(sha256));
    }
    expect((await world.content.readBlobs(world.call, [...blobs.values()])).size).toBe(0);
    expect((await world.content.findPushedFiles(world.call, [flipped, lost].map(md5Of), V3)).size).toBe(0);
    expect(sayOf(await world.content.putBlobs(world.call, [small(flipped), small(lost)]))).toEqual(['stored', 'stored']);
    expect((await world.content.readBlobs(world.call, [...blobs.values()])).size).toBe(2);
  });

  it('that two bring at once are stored once', async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => small(`both bring ${index}`));
    await Promise.all([
      world.content.putBlobs(world.call, bodies),
      world.content.putBlobs(world.call, bodies.toReversed()),
      world.content.putBlobs(newCall(), bodies),
    ]);
    expect(await world.keys()).toHaveLength(40);
  });
});

describe('a pushed file', () => {
  const put = (text: string, name: { md5: string; legacy: boolean }) => world.content.putPushedFile(world.call, body(text), name);

  it('is stored under its name, and known when it comes again', async () => {
    expect(await put('text', { md5: md5Of('text'), ...V3 })).toMatchObject({ isNew: true, blob: { md5: md5Of('text') } });
    expect(await put('text', { md5: md5Of('text'), ...V3 })).toMatchObject({ isNew: false });
    expect(await world.keys()).toHaveLength(1);
  });

  it('is refused under another name, new or known, and leaves nothing', async () => {
    await put('known', { md5: md5Of('known'), ...V3 });
    for (const name of ['known', 'unknown']) {
      expect(await failure(put('other', { md5: md5Of(name), ...V3 }))).toMatchObject({ code: 'CONTENT_MISMATCH' });
      expect(await failure(put('other', { md5: md5Of(name), ...V2 }))).toMatchObject({ code: 'CONTENT_MISMATCH' });
    }
    expect(await world.keys()).toHaveLength(1);
  });

  it('is refused where the workspace has other content of that MD5', async () => {
    const [a = '', b = ''] = COLLISION;
    const md5 = md5Of(a);
    await world.content.putPushedFile(world.call, body(a), { md5, ...V3 });
    expect(await failure(world.content.putPushedFile(world.call, body(b), { md5, ...V3 }))).toMatchObject({ code: 'MD5_COLLISION' });
  });

  it('that is cut on its way leaves nothing', async () => {
    await failure(world.content.putPushedFile(world.call, cutBody('half'), { md5: md5Of('half of it'), ...V3 }));
    expect(await world.keys()).toEqual([]);
  });

  it('of DVC 2 is found by the name that it had with other line ends', async () => {
    const name = md5Of('a\nb\n');
    await put('a\r\nb\r\n', { md5: name, ...V2 });
    expect((await world.content.findPushedFiles(world.call, [name], V2)).get(name)?.md5).toBe(md5Of('a\r\nb\r\n'));
    expect((await world.content.findPushedFiles(world.call, [name], V3)).size).toBe(0);
    // Under one name there may be two; the first one stays, and whoever brings the second is not refused.
    expect(await put('a\nb\r\n', { md5: name, ...V2 })).toMatchObject({ isNew: false });
  });

  it('is nothing to other workspaces', async () => {
    await put('mine', { md5: md5Of('mine'), ...V3 });
    expect((await world.content.findPushedFiles(newCall(), [md5Of('mine')], V3)).size).toBe(0);
  });
});

describe('a pushed folder', () => {
  const FILES = { 'a.csv': 'a', 'sub/b.csv': 'b', 'sub/same.csv': 'a' };

  it('is taken once all of its files are here', async () => {
    const tree = treeOf(FILES);
    const [early] = await world.content.putPushedTrees(world.call, [tree]);
    expect(early).toMatchObject({ state: 'refused', error: { code: 'MISSING_FILES', details: { missing: [md5Of('a'), md5Of('b')] } } });
    expect(await world.keys()).toEqual([]);
    await world.content.putBlobs(world.call, [small('a'), small('b')]);
    expect(sayOf(await world.content.putPushedTrees(world.call, [tree]))).toEqual(['stored']);
    expect((await world.content.findPushedTrees(world.call, [tree.md5], V3)).get(tree.md5)?.sizeBytes).toBe(tree.bytes.byteLength);
    expect(sayOf(await world.content.putPushedTrees(world.call, [tree]))).toEqual(['known']);
  });

  it('of DVC 2 names files by their names there, and is none of DVC 3', async () => {
    const name = md5Of('x\ny');
    await world.content.putPushedFile(world.call, body('x\r\ny'), { md5: name, ...V2 });
    const tree = treeOf({ 'a.txt': 'x\ny' }, true);
    expect(sayOf(await world.content.putPushedTrees(world.call, [tree]))).toEqual(['stored']);
    expect((await world.content.findPushedTrees(world.call, [tree.md5], V2)).size).toBe(1);
    expect((await world.content.findPushedTrees(world.call, [tree.md5], V3)).size).toBe(0);
  });

  it('is there for every manifest of a folder, to the byte', async () => {
    const entries = await putFiles(world.content, world.call, { 'ä.csv': 'umlaut', 'b/"c".csv': 'quotes' });
    const manifest = await world.content.createManifest(world.call, { kind: 'DIR', entries });
    const name = manifest.dvcMd5.replace('.dir', '');
    const found = (await world.content.findPushedTrees(world.call, [name], V3)).get(name);
    const text = await textOf((await world.content.openBlob(world.call, found?.sha256 ?? '')).body);
    expect(md5Of(text)).toBe(name);
    expect((JSON.parse(text) as { relpath: string }[]).map(({ relpath }) => relpath)).toEqual(['b/"c".csv', 'ä.csv']);
  });

  it('is told of as broken while one of its files is damaged', async () => {
    await world.content.putBlobs(world.call, [small('a'), small('b')]);
    const [tree, other] = [treeOf(FILES), treeOf({ 'b.csv': 'b' })];
    await world.content.putPushedTrees(world.call, [tree, other]);
    const blob = (await world.content.findByMd5(world.call, [md5Of('a')])).get(md5Of('a'));
    if (blob === undefined) throw new Error('it was put');
    await world.flip(blob.sha256);
    await world.content.readBlobs(world.call, [blob]);
    expect(await world.content.brokenTrees(world.call, [tree.md5, other.md5])).toEqual([tree.md5]);
    await world.content.putBlobs(world.call, [small('a')]);
    expect(await world.content.brokenTrees(world.call, [tree.md5, other.md5])).toEqual([]);
  });
});

describe('the collector', () => {
  const tree = treeOf({ 'a.csv': 'in a folder' });

  it('keeps what was pushed, for as long as the installation says', async () => {
    await world.content.putBlobs(world.call, [small('in a folder'), small('alone')]);
    await world.content.putPushedTrees(world.call, [tree]);
    world.pass((KEPT_DAYS - 1) * DAY);
    expect(await collect()).toMatchObject({ manifests: 0, blobs: 0 });
    world.pass(2 * DAY);
    expect(await collect(true)).toMatchObject({ manifests: 1, blobs: 3 });
    expect(await collect()).toMatchObject({ manifests: 1, blobs: 3 });
    expect(await world.keys()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['pushed again', () => world.content.putPushedTrees(world.call, [tree])],
    ['told to be here', () => world.content.findPushedTrees(world.call, [tree.md5], V3)],
  ])('keeps a folder on with its files that was %s', async (_what, rely) => {
    await world.content.putBlobs(world.call, [small('in a folder')]);
    await world.content.putPushedTrees(world.call, [tree]);
    world.pass((KEPT_DAYS - 1) * DAY);
    await rely();
    world.pass((KEPT_DAYS - 1) * DAY);
    expect(await collect()).toMatchObject({ manifests: 0, blobs: 0 });
  });

  it('keeps a file on that somebody was told to be here', async () => {
    await world.content.putBlobs(world.call, [small('alone')]);
    world.pass((KEPT_DAYS - 1) * DAY);
    await world.content.findPushedFiles(world.call, [md5Of('alone')], V3);
    world.pass((KEPT_DAYS - 1) * DAY);
    expect(await collect()).toMatchObject({ blobs: 0 });
  });

  it('leaves what somebody was told to be here for a while, also where it is kept for a day alone', async () => {
    const { call } = world;
    const brief = world.another({ limits: { pushedMs: DAY } });
    await brief.putBlobs(call, [small('briefly')]);
    world.pass(20 * HOUR);
    expect((await brief.findPushedFiles(call, [md5Of('briefly')], V3)).size).toBe(1);
    world.pass(10 * HOUR);
    const referencesOf = () => Promise.resolve({ manifestIds: new Set<string>(), fileSetIds: new Set<string>() });
    expect(await brief.collect(call, { dryRun: false, referencesOf })).toMatchObject({ blobs: 0 });
  });

  it('takes what was released, and not what a folder still holds', async () => {
    await world.content.putBlobs(world.call, [small('in a folder'), small('alone')]);
    await world.content.putPushedTrees(world.call, [tree]);
    const files = ['in a folder', 'alone'].map(md5Of);
    expect(await world.content.releasePushed(world.call, { files, trees: [] })).toBe(2);
    world.pass(2 * DAY);
    expect(await collect()).toMatchObject({ manifests: 0, blobs: 1 });
    expect(await world.content.releasePushed(world.call, { files: [], trees: [tree.md5] })).toBe(1);
    expect(await collect()).toMatchObject({ manifests: 1, blobs: 2 });
  });

  it('keeps what another workspace pushed, whoever releases it', async () => {
    await world.content.putBlobs(world.call, [small('both')]);
    const other = newCall();
    await world.content.putBlobs(other, [small('both')]);
    await world.content.releasePushed(world.call, { files: [md5Of('both')], trees: [] });
    world.pass(2 * DAY);
    expect(await collect()).toMatchObject({ blobs: 0 });
  });
});
