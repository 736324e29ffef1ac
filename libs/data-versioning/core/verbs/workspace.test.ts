// The verbs of the workspace, each on a real repository under Git: what they write, what they refuse, and that nothing is ever lost.

import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from './add.ts';
import { cacheMigrate } from './cache-migrate.ts';
import { checkout } from './checkout.ts';
import { commit } from './commit.ts';
import { config } from './config.ts';
import { dataStatus } from './data-status.ts';
import { diff } from './diff.ts';
import { init } from './init.ts';
import { status } from './status.ts';
import { unprotect } from './unprotect.ts';

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

function open(): Promise<Repository> {
  return openRepository(box.surroundings);
}

async function addAll(...targets: string[]) {
  return await add(await open(), { targets });
}

function file(name: string): string {
  return path.join(box.root, name);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function objectOf(text: string): string {
  const name = md5(text);
  return file(`.dvc/cache/files/md5/${name.slice(0, 2)}/${name.slice(2)}`);
}

function read(name: string): string {
  return fs.readFileSync(file(name), 'utf8');
}

/** Every file of the cache, with what it holds. */
function objects(): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const root = file('.dvc/cache/files/md5');
  for (const folder of fs.readdirSync(root)) {
    for (const name of fs.readdirSync(path.join(root, folder)))
      found.set(`${folder}${name}`, fs.readFileSync(path.join(root, folder, name)));
  }
  return found;
}

const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('add', () => {
  test('writes the .dvc file of a folder as DVC does', async () => {
    box.write({ 'data/a': 'alpha', 'data/b/c': 'beta' });
    await addAll('data');
    const manifest = `[{"md5": "${md5('alpha')}", "relpath": "a"}, {"md5": "${md5('beta')}", "relpath": "b/c"}]`;
    expect(read('data.dvc')).toBe(`outs:\n- md5: ${md5(manifest)}.dir\n  size: 9\n  nfiles: 2\n  hash: md5\n  path: data\n`);
  });

  test('stores objects that nobody may write to, each under the MD5 of its bytes', async () => {
    box.write({ 'data/a': 'alpha', 'data/empty': '', 'data/b/c': 'beta' });
    await addAll('data');
    for (const [name, bytes] of objects()) expect(name.replace('.dir', '')).toBe(createHash('md5').update(bytes).digest('hex'));
    expect(fs.statSync(objectOf('alpha')).mode & 0o777).toBe(0o444);
  });

  test('stores objects with their mode whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      box.write({ data: 'alpha' });
      await addAll('data');
    } finally {
      process.umask(before);
    }
    expect(fs.statSync(objectOf('alpha')).mode & 0o777).toBe(0o444);
  });

  test('hashes thousands of files over threads as it does a few', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`data/${index % 7}/${index}`, `content ${index}`]));
    box.write(files);
    const [added] = (await addAll('data')).added;
    expect(added?.fileCount).toBe(3000);
    for (const content of Object.values(files)) expect(fs.readFileSync(objectOf(content), 'utf8')).toBe(content);
    expect([...objects().keys()].filter((name) => name.includes('throughline'))).toEqual([]);
  });

  test('copies a large file while it hashes it', async () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024 + 17, 'throughline');
    fs.writeFileSync(file('large'), bytes);
    const [added] = (await addAll('large')).added;
    expect(added?.md5).toBe(createHash('md5').update(bytes).digest('hex'));
    expect(fs.readFileSync(objectOf(bytes.toString()))).toEqual(bytes);
  });

  test('keeps what it adds out of Git, once', async () => {
    box.write({ data: 'alpha' });
    await addAll('data');
    box.write({ data: 'beta' });
    await addAll('data');
    expect(read('.gitignore')).toBe('/data\n');
  });

  test('refuses what Git tracks, and says how to take it out', async () => {
    box.write({ data: 'alpha' });
    box.commit();
    await expect(addAll('data')).rejects.toMatchObject({
      code: 'TARGET_TRACKED_BY_GIT',
      hint: expect.stringContaining('git rm -r --cached "data"') as string,
    });
    expect(fs.existsSync(file('data.dvc'))).toBe(false);
  });

  test('refuses a folder around something that is tracked', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data/a');
    await expect(addAll('data')).rejects.toEqual(refused('OUTPUTS_OVERLAP'));
  });

  test('refuses two targets of which one contains the other', async () => {
    box.write({ 'data/a': 'alpha' });
    await expect(addAll('data', 'data/a')).rejects.toEqual(refused('OUTPUTS_OVERLAP'));
  });

  test('takes a file below a tracked folder into that folder', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    box.write({ 'data/b': 'beta' });
    const [added] = (await addAll('data/b')).added;
    expect(added).toMatchObject({ path: 'data', fileCount: 2, sizeBytes: 9 });
    expect(fs.existsSync(file('data/b.dvc'))).toBe(false);
  });

  test('names a symbolic link that leads nowhere', async () => {
    box.write({ 'data/a': 'alpha' });
    fs.symlinkSync('gone', file('data/link'));
    await expect(addAll('data')).rejects.toMatchObject({ code: 'LINK_BROKEN', message: expect.stringContaining('data/link') as string });
  });

  test('refuses to go through a folder that is a symbolic link', async () => {
    box.write({ 'real/a': 'alpha' });
    fs.symlinkSync('real', file('linked'));
    await expect(addAll('linked/a')).rejects.toEqual(refused('LINKED_FOLDER'));
  });

  test('refuses a name that is no UTF-8', async () => {
    box.write({ 'data/a': 'alpha' });
    fs.writeFileSync(Buffer.concat([Buffer.from(`${file('data')}/`), Buffer.from([0x66, 0xff])]), 'x');
    await expect(addAll('data')).rejects.toEqual(refused('NAME_NOT_UTF8'));
  });

  test('refuses a .dvcignore inside of a tracked folder', async () => {
    box.write({ 'data/a': 'alpha', 'data/.dvcignore': 'b' });
    await expect(addAll('data')).rejects.toEqual(refused('IGNORE_FILE_INSIDE'));
  });

  test('leaves out what .dvcignore says', async () => {
    box.write({ '.dvcignore': '*.tmp\n', 'data/a': 'alpha', 'data/b.tmp': 'beta' });
    const [added] = (await addAll('data')).added;
    expect(added?.fileCount).toBe(1);
  });

  test('writes nothing down when one of the targets is not there', async () => {
    box.write({ data: 'alpha' });
    await expect(addAll('data', 'gone')).rejects.toEqual(refused('TARGET_MISSING'));
    expect(fs.existsSync(file('data.dvc'))).toBe(false);
  });

  test('stores nothing where only the hash is asked for', async () => {
    box.write({ data: 'alpha' });
    await add(await open(), { targets: ['data'], noCommit: true });
    expect(fs.existsSync(objectOf('alpha'))).toBe(false);
    expect(read('data.dvc')).toContain(md5('alpha'));
  });

  test('expands patterns', async () => {
    box.write({ 'a.csv': '1', 'b.csv': '2', 'sub/c.csv': '3' });
    const { added } = await add(await open(), { targets: ['**/*.csv'], glob: true });
    expect(added.map(({ path: name }) => name)).toEqual(['a.csv', 'b.csv', 'sub/c.csv']);
  });

  test('means hidden files only by patterns that begin with a dot', async () => {
    box.write({ 'd/.a': '1', 'd/b': '2', 'd/.e/c': '3' });
    const expanded = async (pattern: string) =>
      (await add(await open(), { targets: [pattern], glob: true })).added.map(({ path: name }) => name);
    expect(await expanded('d/*')).toEqual(['d/b']);
    expect(await expanded('d/.*')).toEqual(['d/.a', 'd/.e']);
  });

  test('refuses a .dvc file that Git would leave out', async () => {
    box.write({ '.gitignore': 'private/\n*.dvc\n!/b.dvc\n', 'private/a': '1', c: '2', b: '3' });
    for (const target of ['private/a', 'c']) await expect(addAll(target)).rejects.toMatchObject({ code: 'IGNORED_BY_GIT' });
    expect(read('.gitignore')).toBe('private/\n*.dvc\n!/b.dvc\n');
    await addAll('b');
    expect(read('b.dvc')).toContain(md5('3'));
  });

  test('writes nothing down for a name that leaves no room for its .dvc file', async () => {
    const name = 'a'.repeat(255);
    box.write({ [name]: '1' });
    await expect(addAll(name)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
    expect(fs.existsSync(file('.gitignore'))).toBe(false);
  });

  test('says where a target is tracked already that is to get another .dvc file', async () => {
    box.write({ a: '1' });
    await addAll('a');
    await expect(add(await open(), { targets: ['a'], file: 'b.dvc' })).rejects.toMatchObject({ code: 'OPTION_REFUSED' });
    await add(await open(), { targets: ['a'], file: 'a.dvc' });
  });

  test('leaves what DVC 2 recorded as it is until it changes', async () => {
    const legacy = `outs:\n- md5: ${md5('a\nb\n')}\n  size: 6\n  path: data\n`;
    box.write({ data: 'a\r\nb\r\n', 'data.dvc': legacy });
    await addAll('data');
    expect(read('data.dvc')).toBe(legacy);
    expect(await status(await open())).toEqual({});
    box.write({ data: 'a\r\nc\r\n' });
    await addAll('data');
    expect(read('data.dvc')).toBe(`outs:\n- md5: ${md5('a\r\nc\r\n')}\n  size: 6\n  path: data\n  hash: md5\n`);
  });

  test('takes a file into a folder of DVC 2 so that all of it is found', async () => {
    const manifest = `[{"md5": "${md5('one')}", "relpath": "a"}]`;
    const old = (name: string) => `.dvc/cache/${name.slice(0, 2)}/${name.slice(2)}`;
    box.write({
      'data/a': 'one',
      [old(md5('one'))]: 'one',
      [`${old(md5(manifest))}.dir`]: manifest,
      'data.dvc': `outs:\n- md5: ${md5(manifest)}.dir\n  size: 3\n  nfiles: 1\n  path: data\n`,
    });
    box.write({ 'data/b': 'two' });
    await addAll('data/b');
    expect(await status(await open())).toEqual({});
    fs.rmSync(file('data'), { recursive: true });
    await checkout(await open(), {});
    expect([read('data/a'), read('data/b')]).toEqual(['one', 'two']);
  });

  test('stores a damaged object anew, and keeps the damaged one aside', async () => {
    box.write({ data: 'alpha', other: 'alpha' });
    await addAll('data');
    fs.chmodSync(objectOf('alpha'), 0o644);
    fs.writeFileSync(objectOf('alpha'), 'wrong');
    await addAll('other');
    expect(fs.readFileSync(objectOf('alpha'), 'utf8')).toBe('alpha');
    expect(fs.readFileSync(file(`.dvc/cache/files/md5/throughline-damaged/${md5('alpha')}`), 'utf8')).toBe('wrong');
  });

  test('leaves nothing else beside a file that it made a link', async () => {
    await config(box.surroundings, { name: 'cache.type', value: 'hardlink' });
    box.write({ fresh: 'alpha', 'data/a': 'beta' });
    await addAll('fresh', 'data');
    await checkout(await open(), { relink: true });
    expect(fs.statSync(file('fresh')).nlink).toBe(2);
    expect([...fs.readdirSync(box.root), ...fs.readdirSync(file('data'))].filter((name) => name.startsWith('.throughline-'))).toEqual([]);
  });

  test('makes a link of the file where the settings want links, and leaves an executable one alone', async () => {
    await config(box.surroundings, { name: 'cache.type', value: 'hardlink' });
    box.write({ 'data/a': 'alpha', 'data/run': '#!' });
    fs.chmodSync(file('data/run'), 0o755);
    await addAll('data');
    expect(fs.statSync(file('data/a')).ino).toBe(fs.statSync(objectOf('alpha')).ino);
    expect(fs.statSync(file('data/run')).mode & 0o777).toBe(0o755);
  });
});

describe('add from elsewhere', () => {
  test('copies what lies elsewhere to its place, and tracks it there', async () => {
    const outside = path.join(box.surroundings.homeFolder, 'raw');
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, 'a'), 'alpha');
    await add(await open(), { targets: [outside], out: 'data' });
    expect(read('data/a')).toBe('alpha');
    expect(await status(await open())).toEqual({});
  });

  test('sends a folder to the remote and keeps nothing of it in the cache', async () => {
    const remote = path.join(box.surroundings.homeFolder, 'remote');
    fs.mkdirSync(remote);
    await config(box.surroundings, { name: 'remote.storage.url', value: remote });
    await config(box.surroundings, { name: 'core.remote', value: 'storage' });
    box.write({ 'data/a': 'alpha' });
    await add(await open(), { targets: ['data'], toRemote: true });
    const name = md5('alpha');
    expect(fs.readFileSync(path.join(remote, 'files/md5', name.slice(0, 2), name.slice(2)), 'utf8')).toBe('alpha');
    expect(fs.existsSync(objectOf('alpha'))).toBe(false);
    expect(read('data.dvc')).toContain('nfiles: 1');
  });

  test('refuses several targets at once', async () => {
    box.write({ a: '1', b: '2' });
    await expect(add(await open(), { targets: ['a', 'b'], out: 'c' })).rejects.toEqual(refused('OPTIONS_EXCLUDE'));
  });
});

describe('status', () => {
  test('says nothing where nothing changed', async () => {
    box.write({ 'data/a': 'alpha', one: '1' });
    await addAll('data', 'one');
    expect(await status(await open())).toEqual({});
  });

  test('sees a change that leaves size and time of change as they were', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    await status(await open());
    const { atime, mtime } = fs.statSync(file('data/a'));
    fs.writeFileSync(file('data/a'), 'omega');
    fs.utimesSync(file('data/a'), atime, mtime);
    expect(await status(await open())).toEqual({ 'data.dvc': [{ 'changed outs': { data: 'modified' } }] });
  });

  test('tells what was changed, removed and lost', async () => {
    box.write({ a: '1', b: '2', c: '3' });
    await addAll('a', 'b', 'c');
    box.write({ a: 'changed' });
    fs.rmSync(file('b'));
    fs.rmSync(objectOf('3'));
    expect(await status(await open())).toEqual({
      'a.dvc': [{ 'changed outs': { a: 'modified' } }],
      'b.dvc': [{ 'changed outs': { b: 'deleted' } }],
      'c.dvc': [{ 'changed outs': { c: 'not in cache' } }],
    });
  });

  test('notices an object of a folder that went away after the folder was seen to be whole', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta' });
    await addAll('data');
    await status(await open());
    fs.rmSync(objectOf('beta'));
    expect(await status(await open())).toEqual({ 'data.dvc': [{ 'changed outs': { data: 'not in cache' } }] });
  });

  test('works with a state that is damaged', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    const folder = file('.dvc/tmp/throughline/state');
    for (const name of fs.readdirSync(folder)) fs.writeFileSync(path.join(folder, name), 'rubbish');
    expect(await status(await open())).toEqual({});
  });
});

describe('checkout', () => {
  test('brings back what was removed', async () => {
    box.write({ 'data/a': 'alpha', 'data/b/c': 'beta', one: '1' });
    await addAll('data', 'one');
    fs.rmSync(file('data'), { recursive: true });
    fs.rmSync(file('one'));
    const result = await checkout(await open());
    expect([read('data/a'), read('data/b/c'), read('one')]).toEqual(['alpha', 'beta', '1']);
    expect(result).toMatchObject({ added: ['data/', 'one'], stats: { added: 3 }, failed: [] });
  });

  test('says what it would do, and does nothing, when it runs dry', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta', 'data/c': 'gamma', one: '1' });
    await addAll('data', 'one');
    box.commit();
    box.write({ 'data/a': 'changed', 'data/new': 'new' });
    await add(await open(), { targets: ['data'] });
    box.git('checkout', '-q', '--', 'data.dvc');
    fs.rmSync(file('data/b'));
    fs.rmSync(file('one.dvc'));
    const before = () => [read('data/a'), read('data/new'), fs.existsSync(file('data/b')), read('one')];
    const was = before();
    const result = await checkout(await open(), { dry: true });
    expect(result).toMatchObject({ modified: ['data/'], deleted: ['one'], stats: { added: 1, modified: 1, deleted: 2 }, failed: [] });
    expect(result.planned).toEqual({ deleted: ['data/new'], replaced: ['data/a'] });
    expect(before()).toEqual(was);
    box.write({ 'data/new': 'mine' });
    expect((await checkout(await open(), { dry: true })).failed).toMatchObject([{ code: 'UNSAVED_CHANGES' }]);
    // What it said is what is done.
    const { planned, ...said } = await checkout(await open(), { dry: true, force: true });
    expect(planned?.deleted).toEqual(['data/new']);
    expect(await checkout(await open(), { force: true })).toEqual(said);
    expect([read('data/a'), fs.existsSync(file('data/new')), read('data/b'), fs.existsSync(file('one'))]).toEqual([
      'alpha',
      false,
      'beta',
      false,
    ]);
  });

  test('leaves a changed file alone, and says so, unless it is told to', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta' });
    await addAll('data');
    box.write({ 'data/a': 'mine' });
    fs.rmSync(file('data/b'));
    const kept = await checkout(await open());
    expect(kept.failed).toMatchObject([{ path: 'data', code: 'UNSAVED_CHANGES' }]);
    expect([read('data/a'), fs.existsSync(file('data/b'))]).toEqual(['mine', false]);
    await checkout(await open(), { force: true });
    expect([read('data/a'), read('data/b')]).toEqual(['alpha', 'beta']);
  });

  test('leaves a file that is not tracked alone', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    box.write({ 'data/new': 'only here' });
    expect((await checkout(await open())).failed).toMatchObject([{ code: 'UNSAVED_CHANGES' }]);
    expect(read('data/new')).toBe('only here');
  });

  test('never uses an object that was changed', async () => {
    box.write({ data: 'alpha' });
    await addAll('data');
    fs.rmSync(file('data'));
    fs.chmodSync(objectOf('alpha'), 0o644);
    fs.writeFileSync(objectOf('alpha'), 'wrong');
    expect((await checkout(await open())).failed).toMatchObject([{ path: 'data', code: 'OBJECT_MISSING' }]);
    expect(fs.existsSync(file('data'))).toBe(false);
  });

  test('writes nothing through a symbolic link in the place of a folder', async () => {
    box.write({ 'data/sub/a': 'alpha', 'elsewhere/kept': 'kept' });
    await addAll('data');
    fs.rmSync(file('data/sub'), { recursive: true });
    fs.symlinkSync('../elsewhere', file('data/sub'));
    expect((await checkout(await open(), { force: true })).failed).toMatchObject([{ code: 'LINKED_FOLDER' }]);
    expect(fs.readdirSync(file('elsewhere'))).toEqual(['kept']);
  });

  test('puts a folder where a file is, and a file where a folder is', async () => {
    box.write({ 'data/x': 'file', 'data/y/z': 'deep' });
    await addAll('data');
    box.commit();
    fs.rmSync(file('data'), { recursive: true });
    box.write({ 'data/x/inner': 'now a folder', 'data/y': 'now a file' });
    await addAll('data');
    box.commit();
    box.git('checkout', '-q', 'HEAD~1');
    expect((await checkout(await open())).failed).toEqual([]);
    expect([read('data/x'), read('data/y/z')]).toEqual(['file', 'deep']);
  });

  test('takes away what another branch does not have, as it was left', async () => {
    box.write({ kept: 'k' });
    await addAll('kept');
    box.commit();
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    box.commit();
    box.git('checkout', '-q', 'HEAD~1');
    expect((await checkout(await open())).deleted).toEqual(['data/']);
    expect(fs.existsSync(file('data'))).toBe(false);
  });

  test('keeps what another branch does not have and somebody changed', async () => {
    box.write({ kept: 'k' });
    await addAll('kept');
    box.commit();
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    box.commit();
    box.write({ 'data/a': 'mine' });
    box.git('checkout', '-q', 'HEAD~1');
    await checkout(await open());
    expect(read('data/a')).toBe('mine');
  });

  test('takes away what a killed command left in a folder', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta' });
    await addAll('data');
    fs.rmSync(file('data/b'));
    box.write({ 'data/.throughline-0123456789ab-7': 'half' });
    expect((await checkout(await open())).failed).toEqual([]);
    expect(fs.readdirSync(file('data')).sort()).toEqual(['a', 'b']);
  });

  test('says what the cache does not have, and brings the rest', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta' });
    await addAll('data');
    fs.rmSync(file('data'), { recursive: true });
    fs.rmSync(objectOf('beta'));
    expect((await checkout(await open())).failed).toMatchObject([{ path: 'data', code: 'OBJECT_MISSING' }]);
    expect(fs.readdirSync(file('data'))).toEqual(['a']);
    expect((await checkout(await open(), { allowMissing: true })).failed).toEqual([]);
  });

  test('makes copies, hardlinks and symbolic links of each other', async () => {
    box.write({ 'data/a': 'alpha', 'data/empty': '' });
    await addAll('data');
    const kinds: string[] = [];
    for (const type of ['hardlink', 'symlink', 'copy']) {
      await config(box.surroundings, { name: 'cache.type', value: type });
      await checkout(await open(), { relink: true });
      const found = fs.lstatSync(file('data/a'));
      kinds.push(found.isSymbolicLink() ? 'symlink' : found.nlink > 1 ? 'hardlink' : 'copy');
      expect(read('data/a')).toBe('alpha');
      expect(await status(await open())).toEqual({});
    }
    expect(kinds).toEqual(['hardlink', 'symlink', 'copy']);
  });

  test('puts the files of a folder back whose cache was moved, and leaves other links that lead nowhere', async () => {
    await config(box.surroundings, { name: 'cache.type', value: 'symlink' });
    box.write({ 'data/a': 'alpha', 'data/sub/b': 'beta' });
    await addAll('data');
    fs.renameSync(file('.dvc/cache'), file('.dvc/moved'));
    await config(box.surroundings, { name: 'cache.dir', value: '.dvc/moved' });
    await checkout(await open(), {});
    expect([read('data/a'), read('data/sub/b')]).toEqual(['alpha', 'beta']);
    expect(fs.realpathSync(file('data/a'))).toContain('/.dvc/moved/');
    fs.rmSync(file('data/sub'), { recursive: true });
    box.write({ 'data/sub': 'a file now' });
    fs.symlinkSync('nowhere', file('data/mine'));
    expect((await checkout(await open(), {})).failed).toMatchObject([{ path: 'data', code: 'LINK_BROKEN' }]);
    expect(fs.readlinkSync(file('data/mine'))).toBe('nowhere');
  });

  test('makes a real file of an empty one even where links are wanted', async () => {
    await config(box.surroundings, { name: 'cache.type', value: 'hardlink' });
    box.write({ 'data/empty': '', 'data/none': '' });
    await addAll('data');
    fs.rmSync(file('data'), { recursive: true });
    await checkout(await open());
    expect(fs.statSync(file('data/empty')).nlink).toBe(1);
  });

  test('makes a file executable again that was', async () => {
    box.write({ run: '#!/bin/sh\n' });
    fs.chmodSync(file('run'), 0o755);
    await addAll('run');
    fs.rmSync(file('run'));
    await checkout(await open());
    expect(fs.statSync(file('run')).mode & 0o100).toBe(0o100);
  });
});

describe('commit', () => {
  test('records changes only when it is told to', async () => {
    box.write({ data: 'alpha' });
    await addAll('data');
    box.write({ data: 'beta' });
    await expect(commit(await open())).rejects.toEqual(refused('CHANGES_UNCONFIRMED'));
    await commit(await open(), { force: true });
    expect(read('data.dvc')).toContain(md5('beta'));
    expect(fs.readFileSync(objectOf('beta'), 'utf8')).toBe('beta');
  });

  test('asks as well where what changed since was hashed only', async () => {
    box.write({ data: 'a' });
    await add(await open(), { targets: ['data'], noCommit: true });
    box.write({ data: 'b' });
    await expect(commit(await open())).rejects.toMatchObject({ code: 'CHANGES_UNCONFIRMED' });
    expect(fs.existsSync(objectOf('b'))).toBe(false);
  });

  test('stores what was hashed only', async () => {
    box.write({ data: 'alpha' });
    await add(await open(), { targets: ['data'], noCommit: true });
    await commit(await open());
    expect(fs.readFileSync(objectOf('alpha'), 'utf8')).toBe('alpha');
  });

  test('keeps comments and notes of a .dvc file', async () => {
    box.write({ data: 'alpha' });
    await addAll('data');
    fs.appendFileSync(file('data.dvc'), '# measured in May\nmeta:\n  owner: me\n');
    box.write({ data: 'beta' });
    await commit(await open(), { force: true });
    expect(read('data.dvc')).toMatch(/# measured in May\nmeta:\n {2}owner: me\n$/);
  });

  test('writes dvc.lock for what a stage was made from and what it made', async () => {
    box.write({
      'dvc.yaml': 'stages:\n  train:\n    cmd: cp in out\n    deps: [in]\n    params: [lr]\n    outs: [out]\n',
      'params.yaml': 'lr: 0.1\n',
      in: 'i',
      out: 'o',
    });
    await commit(await open(), { force: true });
    expect(await status(await open())).toEqual({});
    box.write({ 'params.yaml': 'lr: 0.2\n', in: 'changed' });
    expect(await status(await open())).toEqual({ train: [{ 'changed deps': { in: 'modified', 'params.yaml': { lr: 'modified' } } }] });
  });
});

test('commands are compared as the settings put maps of parameters into them', async () => {
  box.write({
    'params.yaml': 'flags: {a: false, b: [1, 2]}\n',
    'dvc.yaml': `stages:\n  s:\n    cmd: echo $\{flags}\n    outs: [out]\n`,
    out: 'out',
  });
  await commit(await open(), { force: true });
  const locked = () => /cmd: (.*)/.exec(read('dvc.lock'))?.[1];
  expect(locked()).toBe('echo --b 1 2');
  box.write({ '.dvc/config': '[parsing]\n    bool = boolean_optional\n    list = append\n' });
  expect(await status(await open())).toEqual({ s: ['changed command'] });
  await commit(await open(), { force: true });
  expect(locked()).toBe('echo --no-a --b 1 --b 2');
  expect(await status(await open())).toEqual({});
});

describe('data status and diff', () => {
  test('tell what changed since the last commit and since it was recorded', async () => {
    box.write({ 'data/a': 'alpha', 'data/b': 'beta' });
    await addAll('data');
    box.commit();
    box.write({ 'data/a': 'changed' });
    await addAll('data');
    fs.renameSync(file('data/b'), file('data/c'));
    expect(await dataStatus(await open(), { granular: true })).toEqual({
      committed: { modified: ['data/', 'data/a'] },
      uncommitted: { modified: ['data/'], renamed: [{ old: 'data/b', new: 'data/c' }] },
    });
    expect(await diff(await open())).toMatchObject({
      modified: [{ path: 'data/' }, { path: 'data/a' }],
      renamed: [{ path: { old: 'data/b', new: 'data/c' } }],
    });
  });

  test('take files of a folder whose manifest is missing for unknown', async () => {
    box.write({ 'data/a': 'alpha' });
    await addAll('data');
    box.commit();
    for (const name of objects().keys())
      if (name.endsWith('.dir')) fs.rmSync(file(`.dvc/cache/files/md5/${name.slice(0, 2)}/${name.slice(2)}`));
    box.write({ 'data/a': 'changed' });
    expect(await dataStatus(await open(), { granular: true })).toEqual({
      not_in_cache: ['data/'],
      uncommitted: { modified: ['data/'], unknown: ['data/a'] },
    });
  });

  test('compare two commits without touching the workspace', async () => {
    box.write({ data: 'alpha' });
    await addAll('data');
    const first = box.commit();
    box.write({ data: 'beta' });
    await addAll('data');
    const second = box.commit();
    expect(await diff(await open(), { from: first, to: second, showHash: true })).toEqual({
      added: [],
      deleted: [],
      modified: [{ path: 'data', hash: { old: md5('alpha'), new: md5('beta') } }],
      renamed: [],
    });
  });

  test('take a .dvc file for its outputs, and name one that is none', async () => {
    box.write({ one: '1', two: '2' });
    await addAll('one', 'two');
    box.commit();
    box.write({ one: '11', two: '22' });
    expect((await diff(await open(), { targets: ['one.dvc'] })).modified).toEqual([{ path: 'one' }]);
    await expect(diff(await open(), { targets: ['one.dvc', 'three.dvc'] })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' });
  });
});

test('unprotect makes a copy of a link, so that writing to it changes no object', async () => {
  await config(box.surroundings, { name: 'cache.type', value: 'hardlink' });
  box.write({ 'data/a': 'alpha' });
  await addAll('data');
  expect((await unprotect(await open(), { targets: ['data'] })).unprotected).toEqual([{ path: 'data', files: 1 }]);
  box.write({ 'data/a': 'mine' });
  expect(fs.readFileSync(objectOf('alpha'), 'utf8')).toBe('alpha');
});

test('unprotect takes away what a killed one left, which dvc would take for data', async () => {
  box.write({ 'data/a': 'alpha' });
  await addAll('data');
  box.write({ 'data/.throughline-0123456789ab-0': 'half' });
  await unprotect(await open(), { targets: ['data'] });
  expect(fs.readdirSync(path.join(box.root, 'data'))).toEqual(['a']);
});

describe('cache migrate', () => {
  test('gives objects of DVC 2 the names of DVC 3 and leaves the old ones', async () => {
    const text = 'a\r\nb\r\n';
    const old = md5('a\nb\n');
    box.write({ [`.dvc/cache/${old.slice(0, 2)}/${old.slice(2)}`]: text });
    expect(await cacheMigrate(await open())).toMatchObject({ objects: 1, damaged: [] });
    expect(fs.readFileSync(objectOf(text), 'utf8')).toBe(text);
    expect(fs.existsSync(file(`.dvc/cache/${old.slice(0, 2)}/${old.slice(2)}`))).toBe(true);
  });

  test('leaves a damaged object of DVC 2 where it is, and names it', async () => {
    const old = md5('right');
    box.write({ [`.dvc/cache/${old.slice(0, 2)}/${old.slice(2)}`]: 'wrong' });
    expect(await cacheMigrate(await open())).toMatchObject({ objects: 0, damaged: [old] });
  });

  test('rewrites what .dvc files of DVC 2 say', async () => {
    box.write({ data: 'a\r\nb\r\n', 'data.dvc': `outs:\n- md5: ${md5('a\nb\n')}\n  size: 6\n  path: data\n` });
    expect((await cacheMigrate(await open(), { dvcFiles: true })).files).toEqual(['data.dvc']);
    expect(read('data.dvc')).toBe(`outs:\n- md5: ${md5('a\r\nb\r\n')}\n  size: 6\n  path: data\n  hash: md5\n`);
  });
});
