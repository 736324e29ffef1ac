// The verbs that look after a repository: init, config, remote, cache dir, check-ignore, move, remove, install, the merge driver, doctor, destroy. On real folders under Git.

import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from './add.ts';
import { cacheDir } from './cache-dir.ts';
import { checkIgnore } from './check-ignore.ts';
import { checkout } from './checkout.ts';
import { commit } from './commit.ts';
import { config } from './config.ts';
import { destroy } from './destroy.ts';
import { doctor } from './doctor.ts';
import { init } from './init.ts';
import { install } from './install.ts';
import { mergeDriver, mergeTrees } from './merge-driver.ts';
import { move } from './move.ts';
import { addRemote, defaultRemote, listRemotes, modifyRemote, removeRemote, renameRemote } from './remote.ts';
import { remove } from './remove.ts';
import { status } from './status.ts';

let box: Sandbox;

beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

function open(): Promise<Repository> {
  return openRepository(box.surroundings);
}

function text(file: string): string {
  return readFileSync(path.join(box.root, file), 'utf8');
}

function has(file: string): boolean {
  return lstatSync(path.join(box.root, file), { throwIfNoEntry: false }) !== undefined;
}

async function added(files: Readonly<Record<string, string>>, ...targets: readonly string[]): Promise<Repository> {
  box.write(files);
  const repository = await open();
  await add(repository, { targets });
  return repository;
}

describe('init', () => {
  test('makes the files that dvc makes, and has Git take them', () => {
    expect(text('.dvc/config')).toBe('');
    expect(text('.dvc/.gitignore')).toBe('/config.local\n/tmp\n/cache\n');
    expect(text('.dvcignore').split('\n')).toHaveLength(4);
    expect(box.git('status', '--porcelain').trim().split('\n')).toEqual(['A  .dvc/.gitignore', 'A  .dvc/config', 'A  .dvcignore']);
  });

  test('does nothing twice unless it is forced, and then keeps what the cache holds', async () => {
    await expect(init(box.surroundings)).rejects.toMatchObject({ code: 'ALREADY_A_REPOSITORY' });
    box.write({ '.dvc/cache/files/md5/aa/x': 'kept', '.dvc/config': '[core]\n    autostage = true\n' });
    await init(box.surroundings, { force: true });
    expect(text('.dvc/config')).toBe('');
    expect(text('.dvc/cache/files/md5/aa/x')).toBe('kept');
  });

  test('wants the top of a Git repository, a folder below it, or none at all, as it was told', async () => {
    const below = { ...box.surroundings, workingFolder: path.join(box.root, 'below') };
    mkdirSync(below.workingFolder);
    await expect(init(below)).rejects.toMatchObject({ code: 'NO_GIT' });
    await init(below, { noScm: true });
    expect(text('below/.dvc/config')).toBe('[core]\n    no_scm = True\n');
    expect((await openRepository(below)).git).toBeNull();
  });
});

describe('config', () => {
  test('sets, tells and unsets, and refuses what is not known', async () => {
    const result = await config(box.surroundings, { name: 'core.autostage', value: 'true' });
    expect(result).toMatchObject({ isChanged: true, settings: [{ name: 'core.autostage', value: 'true', level: 'repo' }] });
    await config(box.surroundings, { name: 'core.autostage', unset: true });
    expect(text('.dvc/config')).toBe('');
    await expect(config(box.surroundings, { name: 'core.autostage' })).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
    await expect(config(box.surroundings, { name: 'core.autostge' })).rejects.toMatchObject({ hint: 'Did you mean autostage?' });
  });

  test('shows no secrets unless it is asked to', async () => {
    await addRemote(box.surroundings, { name: 'web', url: 'https://me:word@host/x' });
    await modifyRemote(box.surroundings, { name: 'web', option: 'password', value: 'word', level: 'local' });
    expect(JSON.stringify(await config(box.surroundings, {}))).not.toContain('word@');
    expect((await config(box.surroundings, { name: 'remote.web.password' })).settings[0]).toMatchObject({
      value: '********',
      isMasked: true,
    });
    expect((await config(box.surroundings, { name: 'remote.web.password', showSecrets: true })).settings[0]?.value).toBe('word');
  });
});

describe('remote', () => {
  test('adds with folders seen from the config file, changes, renames and removes, the default included', async () => {
    await addRemote(box.surroundings, { name: 'Store', url: '../store', isDefault: true });
    expect(text('.dvc/config')).toBe('[core]\n    remote = store\n[\'remote "store"\']\n    url = ../../store\n');
    expect(await listRemotes(box.surroundings)).toEqual([
      { name: 'store', url: path.join(path.dirname(box.root), 'store'), isDefault: true },
    ]);
    await renameRemote(box.surroundings, { name: 'store', newName: 'other' });
    expect(await defaultRemote(box.surroundings)).toEqual({ name: 'other' });
    expect(await removeRemote(box.surroundings, { name: 'other' })).toEqual({ name: 'other', wasDefault: true });
    expect(text('.dvc/config')).toBe('');
  });

  test('tells the default of one level where one is named', async () => {
    for (const name of ['a', 'b']) await addRemote(box.surroundings, { name, url: `/mnt/${name}` });
    await defaultRemote(box.surroundings, { name: 'a' });
    await defaultRemote(box.surroundings, { name: 'b', level: 'local' });
    expect(await defaultRemote(box.surroundings)).toEqual({ name: 'b' });
    expect(await defaultRemote(box.surroundings, { level: 'repo' })).toEqual({ name: 'a' });
    expect(await defaultRemote(box.surroundings, { level: 'global' })).toEqual({ name: null });
  });

  test('overwrites only by force, and nothing of the old one stays', async () => {
    await addRemote(box.surroundings, { name: 's', url: 's3://a' });
    await modifyRemote(box.surroundings, { name: 's', option: 'region', value: 'x' });
    await expect(addRemote(box.surroundings, { name: 's', url: 's3://b' })).rejects.toMatchObject({ code: 'REMOTE_EXISTS' });
    await addRemote(box.surroundings, { name: 's', url: 's3://b', force: true });
    expect(text('.dvc/config')).toBe('[\'remote "s"\']\n    url = s3://b\n');
  });

  test('warns of a secret that everybody would get, and knows what was meant', async () => {
    await addRemote(box.surroundings, { name: 'store', url: 's3://a' });
    await modifyRemote(box.surroundings, { name: 'store', option: 'secret_access_key', value: 'x' });
    expect(box.warnings.join()).toContain('--local');
    await expect(modifyRemote(box.surroundings, { name: 'stor', option: 'url', value: 'x' })).rejects.toMatchObject({
      code: 'REMOTE_UNKNOWN',
      hint: 'Did you mean store?',
    });
    await expect(addRemote(box.surroundings, { name: 'a"]', url: 's3://a' })).rejects.toMatchObject({ code: 'REMOTE_NAME_INVALID' });
  });
});

test('cache dir tells the folder and writes another down so that the repository can move', async () => {
  expect(await cacheDir(box.surroundings)).toEqual({ folder: path.join(box.root, '.dvc/cache') });
  expect(await cacheDir(box.surroundings, { folder: '../shared' })).toEqual({ folder: path.join(path.dirname(box.root), 'shared') });
  expect(text('.dvc/config')).toBe('[cache]\n    dir = ../../shared\n');
});

test('check-ignore tells which line it was, and of folders that they are ones', async () => {
  box.write({ '.dvcignore': 'tmp/\n*.log\n!keep.log\n', 'tmp/x': '', tmpfile: '' });
  const answers = checkIgnore(await open(), ['tmp', 'tmp/x', 'a.log', 'keep.log', 'tmpfile']);
  expect(answers.map(({ isIgnored, patterns }) => [isIgnored, patterns.at(-1)?.origin ?? null])).toEqual([
    [true, '.dvcignore:1'],
    [true, '.dvcignore:1'],
    [true, '.dvcignore:2'],
    [false, '.dvcignore:3'],
    [false, null],
  ]);
});

describe('move', () => {
  test('renames the data, its .dvc file and its line in .gitignore', async () => {
    const repository = await added({ 'data/a': '1', 'sub/x': '' }, 'data');
    const before = text('data.dvc');
    expect(await move(repository, { from: 'data', to: 'sub' })).toEqual({
      from: 'data',
      to: 'sub/data',
      oldFile: 'data.dvc',
      newFile: 'sub/data.dvc',
    });
    expect(text('sub/data.dvc')).toBe(before);
    expect([has('data'), has('data.dvc'), has('.gitignore'), text('sub/data/a'), text('sub/.gitignore')]).toEqual([
      false,
      false,
      false,
      '1',
      '/data\n',
    ]);
  });

  test('does the rest where a killed one renamed the data only', async () => {
    const repository = await added({ 'data/a': '1' }, 'data');
    execFileSync('mv', [path.join(box.root, 'data'), path.join(box.root, 'new')]);
    await move(repository, { from: 'data', to: 'new' });
    expect(text('new.dvc')).toContain('path: new\n');
    expect(has('data.dvc')).toBe(false);
  });

  test.each([1, 2, 3])('does the rest where a killed one had done %i steps of it', async (steps) => {
    const repository = await added({ 'data/data/a': '1', 'sub/x': '' }, 'data');
    const before = text('data.dvc');
    const note = { from: 'data', to: 'sub/data', oldFile: 'data.dvc', newFile: 'sub/data.dvc' };
    box.write({ '.dvc/tmp/throughline/moving.json': JSON.stringify(note), 'sub/.gitignore': '/data\n' });
    execFileSync('mv', [path.join(box.root, 'data'), path.join(box.root, 'sub/data')]);
    if (steps > 1) box.write({ 'sub/data.dvc': before });
    if (steps > 2) execFileSync('rm', [path.join(box.root, 'data.dvc')]);
    await expect(move(repository, { from: 'data', to: 'other' })).rejects.toMatchObject({ code: 'MOVE_UNFINISHED' });
    expect(await move(repository, { from: 'data', to: 'sub' })).toEqual(note);
    expect([has('data.dvc'), has('.gitignore'), text('sub/data.dvc')]).toEqual([false, false, before]);
    expect(await status(repository)).toEqual({});
    expect(has('.dvc/tmp/throughline/moving.json')).toBe(false);
  });

  test('takes data for moved into a folder that the user has moved there himself', async () => {
    const repository = await added({ data: '1', 'sub/x': '' }, 'data');
    execFileSync('mv', [path.join(box.root, 'data'), path.join(box.root, 'sub/data')]);
    expect(await move(repository, { from: 'data', to: 'sub' })).toMatchObject({ to: 'sub/data', newFile: 'sub/data.dvc' });
    expect(await status(repository)).toEqual({});
  });

  test('overwrites nothing and moves nothing into something else', async () => {
    const repository = await added({ a: '1', 'd/x': '2', taken: '3' }, 'a', 'd');
    await expect(move(repository, { from: 'a', to: 'taken' })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(move(repository, { from: 'a', to: 'd' })).rejects.toMatchObject({ code: 'OUTPUT_OVERLAPS' });
    await expect(move(repository, { from: 'd', to: 'd/e' })).rejects.toMatchObject({ code: 'PATH_REFUSED' });
    await expect(move(repository, { from: 'd/x', to: 'y' })).rejects.toMatchObject({
      code: 'TARGET_UNKNOWN',
      hint: expect.stringContaining('lies in d') as string,
    });
    expect([text('a'), text('taken')]).toEqual(['1', '3']);
  });
});

describe('remove', () => {
  const PIPELINE = '# top\nstages:\n  # one\n  one:\n    cmd: x\n    outs: [s1]   # here\n  two:\n    cmd: y\n';

  test('stops tracking and leaves the data', async () => {
    const repository = await added({ data: '1' }, 'data');
    expect(await remove(repository, { targets: ['data.dvc'] })).toEqual({ stages: ['data.dvc'], outputs: ['data'], deleted: [] });
    expect([has('data.dvc'), has('.gitignore'), text('data')]).toEqual([false, false, '1']);
  });

  test('takes data with it that the cache has, and other data only by force', async () => {
    const repository = await added({ 'data/a': '1' }, 'data');
    box.write({ 'data/a': 'changed' });
    await expect(remove(repository, { targets: ['data.dvc'], withOutputs: true })).rejects.toMatchObject({ code: 'UNSAVED_CHANGES' });
    box.write({ 'data/a': '1' });
    expect((await remove(repository, { targets: ['data.dvc'], withOutputs: true, isDryRun: true })).deleted).toEqual(['data']);
    expect(has('data/a')).toBe(true);
    await remove(repository, { targets: ['data.dvc'], withOutputs: true });
    expect([has('data'), has('data.dvc')]).toEqual([false, false]);
  });

  test('takes a stage out of dvc.yaml by its lines, and the file with the last one', async () => {
    box.write({ 'dvc.yaml': PIPELINE });
    await remove(await open(), { targets: ['two'] });
    expect(text('dvc.yaml')).toBe('# top\nstages:\n  # one\n  one:\n    cmd: x\n    outs: [s1]   # here\n');
    await remove(await open(), { targets: ['dvc.yaml:one'] });
    expect(has('dvc.yaml')).toBe(false);
  });

  test('takes away a whole dvc.yaml with its lock, and nothing of what it made', async () => {
    box.write({
      a: '1',
      b: '2',
      'dvc.yaml': `stages:\n  one:\n    cmd: x\n    outs: [a]\n  two:\n    foreach: [b]\n    do:\n      cmd: y\n      outs: ["\${item}"]\n`,
    });
    const repository = await open();
    await commit(repository, { force: true });
    expect(text('.gitignore')).toBe('/a\n/b\n');
    const result = await remove(await open(), { targets: ['dvc.yaml'] });
    expect(result).toMatchObject({ stages: ['dvc.yaml:one', 'dvc.yaml:two@b'], outputs: ['a', 'b'], deleted: [] });
    expect(['dvc.yaml', 'dvc.lock', '.gitignore', 'a', 'b'].filter(has)).toEqual(['a', 'b']);
  });

  test('takes a link with it that leads nowhere any more', async () => {
    box.write({ '.dvc/config': '[cache]\n    type = symlink\n' });
    const repository = await added({ a: '1' }, 'a');
    rmSync(path.join(box.root, '.dvc/cache'), { recursive: true });
    await remove(repository, { targets: ['a.dvc'], withOutputs: true });
    expect(['a', 'a.dvc'].filter(has)).toEqual([]);
  });

  test('says what would be right for what it cannot remove', async () => {
    const repository = await added({ data: '1', 'dvc.yaml': 'stages:\n  s:\n    foreach: [a]\n    do: {cmd: x}\n' }, 'data');
    await expect(remove(repository, { targets: ['data'] })).rejects.toMatchObject({ hint: 'data is tracked by data.dvc: remove that.' });
    await expect(remove(repository, { targets: ['dta.dvc'] })).rejects.toMatchObject({ hint: 'Did you mean data.dvc?' });
    await expect(remove(repository, { targets: ['s@a'] })).rejects.toMatchObject({ code: 'STAGE_GENERATED' });
  });
});

describe('install', () => {
  test('writes hooks that can be run, and a merge driver, and tells which attribute is missing', async () => {
    const result = await install(await open());
    expect(result.missingAttribute).toBe('*.dvc merge=dvc');
    for (const hook of result.hooks)
      expect([execFileSync('sh', ['-n', hook]).toString(), statSync(hook).mode & 0o111]).toEqual(['', 0o111]);
    box.write({ '.gitattributes': '*.dvc merge=dvc\n' });
    expect((await install(await open())).missingAttribute).toBeNull();
  });

  test("overwrites nobody's hook without being asked to", async () => {
    box.write({ '.git/hooks/pre-push': '#!/bin/sh\necho mine\n' });
    await expect(install(await open())).rejects.toMatchObject({ code: 'HOOK_EXISTS' });
    expect([has('.git/hooks/pre-commit'), text('.git/hooks/pre-push')]).toEqual([false, '#!/bin/sh\necho mine\n']);
    await install(await open(), { force: true });
    expect(text('.git/hooks/pre-push')).toContain('exec throughline push');
  });

  test("adds to the pre-commit tool's file what is missing there, once, and writes no hooks", async () => {
    box.write({ '.pre-commit-config.yaml': 'repos: # ours\n  - repo: meta\n    hooks: [{id: identity}]\nfail_fast: true\n' });
    const { hooks, preCommit } = await install(await open(), { usePreCommitTool: true });
    expect([hooks, has('.git/hooks/pre-push')]).toEqual([[], false]);
    expect(preCommit?.added).toEqual(['throughline-post-checkout', 'throughline-pre-commit', 'throughline-pre-push']);
    const written = text('.pre-commit-config.yaml');
    expect(written).toMatch(
      /^repos: # ours\n {2}- repo: meta\n {4}hooks: \[\{id: identity\}\]\n {2}- repo: local\n[^]*\nfail_fast: true\n$/,
    );
    expect((await install(await open(), { usePreCommitTool: true })).preCommit?.added).toEqual([]);
    expect(text('.pre-commit-config.yaml')).toBe(written);
  });

  test("changes nothing where the pre-commit tool's file cannot be read", async () => {
    box.write({ '.pre-commit-config.yaml': 'repos: [' });
    await expect(install(await open(), { usePreCommitTool: true })).rejects.toMatchObject({ code: 'YAML_INVALID' });
    expect([text('.pre-commit-config.yaml'), box.git('config', '--list').includes('merge.dvc')]).toEqual(['repos: [', false]);
  });
});

describe('the merge driver', () => {
  const entry = (file: string, content: string) => ({ path: file, md5: content.repeat(32).slice(0, 32) });

  test("joins both branches' changes to a folder", async () => {
    const repository = await added({ 'd/1': 'a', 'd/2': 'b', 'd/3': 'c' }, 'd');
    const version = async (name: string, change: () => void): Promise<string> => {
      change();
      await add(repository, { targets: ['d'] });
      const file = path.join(path.dirname(box.root), name);
      writeFileSync(file, text('d.dvc'));
      return file;
    };
    const ancestor = await version('ancestor', () => undefined);
    const our = await version('our', () => {
      box.write({ 'd/4': 'd' });
      rmSync(path.join(box.root, 'd/1'));
    });
    const their = await version('their', () => {
      rmSync(path.join(box.root, 'd/4'));
      box.write({ 'd/1': 'a', 'd/3': 'changed', 'd/5': 'e' });
    });
    expect(await mergeDriver(repository, { ancestor, our, their })).toMatchObject({ fileCount: 4 });
    writeFileSync(path.join(box.root, 'd.dvc'), readFileSync(our));
    await checkout(repository, {});
    expect(['1', '2', '3', '4', '5'].map((file) => (has(`d/${file}`) ? text(`d/${file}`) : null))).toEqual([
      null,
      'b',
      'changed',
      'd',
      'e',
    ]);
  });

  test('does not decide where both changed one file', () => {
    const base = [entry('x', 'a')];
    expect(() => mergeTrees(base, [entry('x', 'b')], [entry('x', 'c')])).toThrow('Both branches changed "x"');
    expect(() => mergeTrees(base, [], [entry('x', 'c')])).toThrow(expect.objectContaining({ code: 'MERGE_CONFLICT' }) as Error);
    expect(mergeTrees(base, [entry('x', 'b')], [entry('x', 'b')])).toEqual([entry('x', 'b')]);
  });

  test('gives the same whichever side merges, and the other side where one changed nothing', () => {
    const tree = fc.uniqueArray(fc.record({ path: fc.constantFrom('a', 'b', 'c', 'd'), md5: fc.constantFrom('1', '2') }), {
      selector: ({ path: file }) => file,
    });
    const sorted = (entries: readonly { path: string; md5: string }[]) => [...entries].sort((x, y) => (x.path < y.path ? -1 : 1));
    const attempt = (...trees: Parameters<typeof mergeTrees>) => {
      try {
        return mergeTrees(...trees);
      } catch {
        return 'conflict';
      }
    };
    fc.assert(
      fc.property(tree, tree, tree, (base, ours, theirs) => {
        expect(attempt(base, ours, theirs)).toEqual(attempt(base, theirs, ours));
        expect(attempt(base, ours, base)).toEqual(sorted(ours));
      }),
    );
  });
});

test('doctor tells what it stands on and what is wrong, without secrets', async () => {
  box.write({
    '.dvc/config': '[core]\n    remote = gone\n    autostge = true\n[\'remote "web"\']\n    url = https://me:word@host/x\n',
    'bad.dvc': 'outs: [\n',
  });
  const report = await doctor(await open());
  expect(JSON.stringify(report)).not.toContain('word');
  expect(report).toMatchObject({
    root: box.root,
    gitRoot: box.root,
    remotes: [{ name: 'web', url: 'https://********@host/x', isDefault: false }],
  });
  expect(report.workingLinkTypes).toContain('copy');
  expect(report.problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    expect.stringContaining('autostge') as string,
    expect.stringContaining('error bad.dvc:') as string,
    expect.stringContaining('default remote is "gone"') as string,
  ]);
});

describe('destroy', () => {
  test('leaves the data as files of their own, and nothing of DVC', async () => {
    box.write({ '.dvc/config': '[cache]\n    type = symlink\n' });
    const repository = await added({ 'data/a': '1' }, 'data');
    expect(lstatSync(path.join(box.root, 'data/a')).isSymbolicLink()).toBe(true);
    expect((await destroy(repository, { isDryRun: true })).files).toEqual(['data.dvc', '.dvcignore', '.dvc']);
    await destroy(repository);
    expect(lstatSync(path.join(box.root, 'data/a')).isFile()).toBe(true);
    expect([text('data/a'), has('data.dvc'), has('.dvc'), has('.dvcignore'), existsSync(path.join(box.root, '.gitignore'))]).toEqual([
      '1',
      false,
      false,
      false,
      false,
    ]);
  });

  test('asks first where the cache alone has something', async () => {
    const repository = await added({ data: '1' }, 'data');
    rmSync(path.join(box.root, 'data'));
    await expect(destroy(repository)).rejects.toMatchObject({ code: 'DATA_IN_CACHE_ALONE' });
    expect(has('.dvc/cache')).toBe(true);
    expect((await destroy(repository, { force: true })).lost).toEqual(['data']);
  });
});
