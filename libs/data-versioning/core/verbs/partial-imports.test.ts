// Imports of which only the place is known: what pull brings of them, and what it refuses to take for them.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from './add.ts';
import { importData } from './import.ts';
import { importUrl } from './import-url.ts';
import { init } from './init.ts';
import { pull } from './pull.ts';
import { addRemote } from './remote.ts';
import { update } from './update.ts';

let box: Sandbox;
let outside: string;

beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  outside = path.join(path.dirname(box.root), 'outside');
  mkdirSync(path.join(outside, 'folder/deep'), { recursive: true });
  for (const [name, text] of Object.entries({ file: 'one', 'folder/a': 'two', 'folder/deep/b': 'three' }))
    writeFileSync(path.join(outside, name), text);
});
afterEach(() => box.remove());

function open() {
  return openRepository(box.surroundings);
}

function read(name: string): string {
  return readFileSync(path.join(box.root, name), 'utf8');
}

function has(name: string): boolean {
  return existsSync(path.join(box.root, name));
}

describe('pull', () => {
  test('takes files and folders of an address that were only looked at, and leaves their .dvc files as they are', async () => {
    const repository = await open();
    for (const name of ['file', 'folder']) await importUrl(repository, { url: `../outside/${name}`, noDownload: true });
    await importUrl(repository, { url: '../outside/file', out: 'unseen', noExec: true });
    const before = ['file.dvc', 'folder.dvc', 'unseen.dvc'].map(read);
    const { fetch, checkout } = await pull(await open());
    expect(fetch).toMatchObject({ fetched: 4, failures: [] });
    expect([...checkout.added].sort()).toEqual(['file', 'folder/', 'unseen']);
    expect(['file', 'folder/a', 'folder/deep/b', 'unseen'].map(read)).toEqual(['one', 'two', 'three', 'one']);
    expect(['file.dvc', 'folder.dvc', 'unseen.dvc'].map(read)).toEqual(before);
    expect((await pull(await open())).fetch.fetched).toBe(0);
  });

  test('takes what another repository had at the commit that was looked at', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', outside, '-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main', ...args]);
    const record = () => (git('add', '-A'), git('commit', '-qm', 'c'));
    git('init', '-q');
    record();
    await importData(await open(), { url: outside, path: 'folder', noDownload: true });
    writeFileSync(path.join(outside, 'folder/a'), 'changed');
    record();
    await pull(await open());
    expect(['folder/a', 'folder/deep/b'].map(read)).toEqual(['two', 'three']);
  });

  test('refuses what has changed at its address since it was looked at', async () => {
    await importUrl(await open(), { url: '../outside/file', noDownload: true });
    writeFileSync(path.join(outside, 'file'), 'other');
    const { fetch } = await pull(await open());
    expect(fetch.failures).toMatchObject([{ path: 'file', code: 'IMPORT_CHANGED' }]);
    expect(has('file')).toBe(false);
    await update(await open(), { targets: ['file.dvc'], noDownload: true });
    await pull(await open());
    expect(read('file')).toBe('other');
  });

  test('leaves alone what lies in the place of an import', async () => {
    await importUrl(await open(), { url: '../outside/file', noDownload: true });
    box.write({ file: 'mine' });
    await pull(await open());
    expect(read('file')).toBe('mine');
  });

  test('needs no remote where the cache has everything', async () => {
    box.write({ data: '1' });
    await add(await open(), { targets: ['data'] });
    rmSync(path.join(box.root, 'data'));
    await pull(await open());
    expect(read('data')).toBe('1');
    rmSync(path.join(box.root, '.dvc/cache'), { recursive: true });
    await expect(pull(await open())).rejects.toMatchObject({ code: 'NO_REMOTE' });
  });
});

describe('update without download', () => {
  test('takes away what is not meant any more, so that pull brings what is', async () => {
    await importUrl(await open(), { url: '../outside/file' });
    writeFileSync(path.join(outside, 'file'), 'newer');
    await update(await open(), { targets: ['file.dvc'], noDownload: true });
    expect(has('file')).toBe(false);
    await pull(await open());
    expect(read('file')).toBe('newer');
  });

  test('takes nothing away that the cache does not have', async () => {
    await importUrl(await open(), { url: '../outside/file' });
    const before = read('file.dvc');
    box.write({ file: 'mine' });
    writeFileSync(path.join(outside, 'file'), 'newer');
    await expect(update(await open(), { targets: ['file.dvc'], noDownload: true })).rejects.toMatchObject({ code: 'UNSAVED_CHANGES' });
    expect([read('file'), read('file.dvc')]).toEqual(['mine', before]);
  });
});

describe('import-url', () => {
  test('names a path as it was typed, seen from the .dvc file', async () => {
    mkdirSync(path.join(box.root, 'sub'));
    await importUrl(await open(), { url: '../outside/file', out: 'sub/near' });
    await importUrl(await open(), { url: path.join(outside, 'file'), out: 'sub/far' });
    expect(read('sub/near.dvc')).toContain('path: ../../outside/file\n');
    expect(read('sub/far.dvc')).toContain(`path: ${path.join(outside, 'file')}\n`);
    writeFileSync(path.join(outside, 'file'), 'newer');
    await update(await open(), { targets: ['sub/near.dvc'] });
    expect(read('sub/near')).toBe('newer');
  });

  test('knows a file by its hash that lies in the folder of a remote', async () => {
    await addRemote(box.surroundings, { name: 'shelf', url: outside });
    await importUrl(await open(), { url: 'remote://shelf/file' });
    expect(read('file.dvc')).toMatch(/deps:\n- md5: f97c5d29941bfb1b2fdab0874906ab82\n/);
  });
});
