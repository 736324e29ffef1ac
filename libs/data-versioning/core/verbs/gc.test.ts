// What gc may take and what it must leave. Method: repositories whose caches are filled by hand, with branches, tags, earlier runs of pipelines and remotes.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { objectPath } from '../formats/object-id.ts';
import { idOf, startWebServer, temporaryFolder, testRepository } from '../remotes/testing.ts';
import type { TestRepository } from '../remotes/testing.ts';
import { gc } from './gc.ts';
import type { GcPlan } from './gc.ts';
import { push } from './push.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function repository(url: string | null = null): Promise<TestRepository> {
  const test = await testRepository(url);
  closing.push(() => test.remove());
  return test;
}

/** A folder of three states: one of a tag, one of a branch, one of the workspace. */
async function withHistory(url: string | null = null): Promise<TestRepository> {
  const test = await repository(url);
  for (const state of ['tagged', 'branched', 'now']) {
    await test.track('data', { file: state, common: 'common' });
    test.commit(state);
    if (state === 'tagged') test.git('tag', 'v1');
    if (state === 'branched') test.git('branch', 'side');
  }
  await test.cache.put(idOf('garbage'), Buffer.from('garbage'));
  return test;
}

const has = (test: TestRepository, text: string) => existsSync(test.cache.fileOf(idOf(text)));
const held = (test: TestRepository) => ['tagged', 'branched', 'now', 'common', 'garbage'].filter((text) => has(test, text));

describe('Collecting garbage', () => {
  it('wants to be told what to keep', async () => {
    const test = await withHistory();
    await expect(gc(test.repository, { force: true })).rejects.toMatchObject({ code: 'GC_SCOPE' });
    await expect(gc(test.repository, { workspace: true, cloud: true, notInRemote: true })).rejects.toMatchObject({ code: 'GC_SCOPE' });
    expect(held(test)).toHaveLength(5);
  });

  it('keeps what branches and tags need, where they are named', async () => {
    const test = await withHistory();
    await gc(test.repository, { allBranches: true, dropUnnamed: true, force: true });
    expect(held(test)).toEqual(['branched', 'now', 'common']);
  });

  it('refuses a project that is none, and makes nothing there', async () => {
    const test = await withHistory();
    const folder = join(dirname(test.root), 'mistyped');
    await expect(gc(test.repository, { workspace: true, force: true, projects: [folder] })).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
    });
    expect(existsSync(folder)).toBe(false);
    expect(held(test)).toHaveLength(5);
  });

  it('keeps everything that any commit needs', async () => {
    const test = await withHistory();
    await gc(test.repository, { allCommits: true, force: true });
    expect(held(test)).toEqual(['tagged', 'branched', 'now', 'common']);
  });

  it('keeps what branches and tags need that are not named', async () => {
    const test = await withHistory();
    const result = await gc(test.repository, { workspace: true, force: true });
    // Two files and two manifests of other states, and the garbage.
    expect(result.parts).toMatchObject([{ objects: 1, kept: 7, neededElsewhere: { objects: 4 } }]);
    expect(result.removed).toMatchObject([{ id: idOf('garbage').md5 }]);
    expect(held(test)).toEqual(['tagged', 'branched', 'now', 'common']);
  });

  it('keeps what stashes need, older ones and what they keep of files that Git does not track as well', async () => {
    const test = await withHistory();
    for (const [name, text] of [
      ['data', { file: 'stashed first' }],
      ['more', 'stashed later'],
    ] as const) {
      await test.track(name, text);
      test.git('stash', 'push', '-q', '--include-untracked');
    }
    await gc(test.repository, { allBranches: true, allTags: true, force: true });
    expect([has(test, 'stashed first'), has(test, 'stashed later'), has(test, 'garbage')]).toEqual([true, true, false]);
  });

  it('keeps what another working tree stands on, and what a branch of another place needs', async () => {
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const test = await withHistory();
    for (const [state, keep] of [
      ['in a tree', ['worktree', 'add', '-q', '--detach', join(folder, 'tree')]],
      ['far away', ['update-ref', 'refs/remotes/origin/topic', 'HEAD']],
    ] as const) {
      await test.track('data', { file: state });
      test.commit(state);
      test.git(...keep);
      test.git('reset', '-q', '--hard', 'HEAD~1');
    }
    await gc(test.repository, { allBranches: true, allTags: true, force: true });
    expect([has(test, 'in a tree'), has(test, 'far away'), has(test, 'garbage')]).toEqual([true, true, false]);
  });

  it('removes nothing from a remote for a shallow clone, which knows only a part of what is needed', async () => {
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const test = await withHistory(join(folder, 'store'));
    await push(test.repository, { allCommits: true });
    writeFileSync(join(test.root, '.git', 'shallow'), test.git('rev-parse', 'HEAD'));
    await expect(gc(test.repository, { allCommits: true, cloud: true, force: true })).rejects.toMatchObject({ code: 'GC_SHALLOW' });
    expect(existsSync(join(folder, 'store', objectPath(idOf('tagged'))))).toBe(true);
  });

  it('tells before it removes how much of it branches and tags need that are not named and that is given up', async () => {
    const test = await withHistory();
    const plans: GcPlan[] = [];
    const result = await gc(test.repository, { workspace: true, dropUnnamed: true, confirm: async (plan) => plans.push(plan) > 1 });
    // Two files and two manifests of other states, and the garbage.
    expect(plans).toMatchObject([{ parts: [{ objects: 5, kept: 3, neededElsewhere: { objects: 4 } }], isShared: false }]);
    expect(result.isDone).toBe(false);
    expect(held(test)).toHaveLength(5);
  });

  it('removes that where it is given up', async () => {
    const test = await withHistory();
    await gc(test.repository, { workspace: true, dropUnnamed: true, force: true });
    expect(held(test)).toEqual(['now', 'common']);
  });

  it('removes nothing, and says what it would, when it is only asked', async () => {
    const test = await withHistory();
    const result = await gc(test.repository, { allCommits: true, dryRun: true, force: true });
    expect(result).toMatchObject({ isDone: false, removed: [{ id: idOf('garbage').md5, sizeBytes: 7 }] });
    expect(held(test)).toHaveLength(5);
  });

  it('refuses where a file of the workspace cannot be read', async () => {
    const test = await withHistory();
    writeFileSync(join(test.root, 'broken.dvc'), 'outs: [}');
    await expect(gc(test.repository, { workspace: true, force: true, skipFailed: true })).rejects.toMatchObject({ code: 'GC_UNREADABLE' });
    expect(held(test)).toHaveLength(5);
  });

  it('refuses where a file of a commit cannot be read, unless such commits are given up', async () => {
    const test = await withHistory();
    writeFileSync(join(test.root, 'broken.dvc'), 'outs: [}');
    test.commit('broken');
    rmSync(join(test.root, 'broken.dvc'));
    test.commit('mended');
    await expect(gc(test.repository, { allCommits: true, force: true })).rejects.toMatchObject({ code: 'GC_UNREADABLE' });
    await gc(test.repository, { allCommits: true, force: true, skipFailed: true });
    expect(held(test)).toEqual(['tagged', 'branched', 'now', 'common']);
  });

  it('refuses where a manifest is lost that alone knows which files are needed', async () => {
    const test = await repository();
    const id = await test.track('data', { file: 'now' });
    rmSync(test.cache.fileOf(id));
    await expect(gc(test.repository, { workspace: true })).rejects.toMatchObject({ code: 'GC_TREE_LOST' });
    expect(has(test, 'now')).toBe(true);
  });

  it('reads a manifest that the cache lost from the remote', async () => {
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const test = await repository(join(folder, 'store'));
    const id = await test.track('data', { file: 'now' });
    await push(test.repository);
    rmSync(test.cache.fileOf(id));
    await gc(test.repository, { workspace: true, force: true });
    expect(has(test, 'now')).toBe(true);
  });

  it('keeps what earlier runs of pipelines made, and refuses where that cannot be read', async () => {
    const test = await withHistory();
    const [key, value] = ['key', 'value'].map((text) => createHash('sha256').update(text).digest('hex'));
    const run = join(test.cache.folder, 'runs', (key ?? '').slice(0, 2), key ?? '', value ?? '');
    mkdirSync(dirname(run), { recursive: true });
    writeFileSync(
      run,
      `cmd: make\ndeps:\n- path: in\n  hash: md5\n  md5: ${idOf('tagged').md5}\nouts:\n- path: out\n  hash: md5\n  md5: ${idOf('garbage').md5}\n`,
    );
    await gc(test.repository, { workspace: true, dropUnnamed: true, force: true });
    expect(held(test)).toEqual(['tagged', 'now', 'common', 'garbage']);
    writeFileSync(run, 'outs: [}');
    await expect(gc(test.repository, { workspace: true, force: true })).rejects.toMatchObject({ code: 'GC_UNREADABLE' });
  });

  it('keeps what another repository with the same cache needs', async () => {
    const test = await withHistory();
    const other = await repository();
    writeFileSync(join(other.root, '.dvc', 'config'), `[cache]\n    dir = ${test.cache.folder}\n`);
    writeFileSync(join(other.root, 'own.dvc'), `outs:\n- md5: ${idOf('garbage').md5}\n  hash: md5\n  path: own\n`);
    await gc(test.repository, { workspace: true, dropUnnamed: true, force: true, projects: [other.root] });
    expect(held(test)).toEqual(['now', 'common', 'garbage']);
  });

  it('removes from a remote what nothing needs, and nothing else', async () => {
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const store = join(folder, 'store');
    const test = await withHistory(store);
    await push(test.repository, { allCommits: true });
    mkdirSync(dirname(join(store, objectPath(idOf('garbage')))), { recursive: true });
    writeFileSync(join(store, objectPath(idOf('garbage'))), 'garbage');
    writeFileSync(join(store, 'README'), 'of somebody');
    const there = () => ['tagged', 'branched', 'now', 'garbage'].filter((text) => existsSync(join(store, objectPath(idOf(text)))));
    await gc(test.repository, { allCommits: true, force: true });
    expect(there()).toHaveLength(4);
    await gc(test.repository, { allTags: true, cloud: true, force: true });
    expect(there()).toEqual(['tagged', 'branched', 'now']);
    await gc(test.repository, { allTags: true, cloud: true, dropUnnamed: true, force: true });
    expect(there()).toEqual(['tagged', 'now']);
    expect(existsSync(join(store, 'README'))).toBe(true);
  });

  it('removes from the cache what the remote has, and keeps what it has not', async () => {
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const test = await repository(join(folder, 'store'));
    await test.track('one', 'pushed');
    await push(test.repository);
    await test.track('two', 'not pushed');
    await gc(test.repository, { workspace: true, notInRemote: true, force: true });
    expect([has(test, 'pushed'), has(test, 'not pushed')]).toEqual([false, true]);
  });

  it('says of a plain web server that it cannot be cleaned up', async () => {
    const web = await startWebServer();
    closing.push(() => web.close());
    const test = await withHistory(`${web.url}/base`);
    await expect(gc(test.repository, { workspace: true, cloud: true, force: true })).rejects.toMatchObject({
      code: 'REMOTE_CANNOT_REMOVE',
    });
    expect(held(test)).toHaveLength(5);
  });
});
