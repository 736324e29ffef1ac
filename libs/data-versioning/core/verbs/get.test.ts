// Taking data out of another repository, and into this one. Method: two repositories beside each other; the `.dvc` files are held to vectors that the released dvc wrote.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { parseDvcFile, printDvcFile, stageMd5 } from '../formats/dvc-file.ts';
import { startWebServer, temporaryFolder, testRepository } from '../remotes/testing.ts';
import type { TestRepository } from '../remotes/testing.ts';
import { fetch } from './fetch.ts';
import { get } from './get.ts';
import { getUrl } from './get-url.ts';
import { importData } from './import.ts';
import { importUrl } from './import-url.ts';
import { list } from './list.ts';
import { listUrl } from './list-url.ts';
import { push } from './push.ts';
import { commit } from './commit.ts';
import { status } from './status.ts';
import { update } from './update.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const FILES = { 'a.txt': 'first', 'sub/b.txt': 'second' };

/** A repository with a folder and a file of DVC's, and a script of Git's, pushed and committed; and an empty one. */
async function pair(): Promise<{ source: TestRepository; own: TestRepository; out: string }> {
  const { folder, remove } = temporaryFolder();
  const source = await testRepository(join(folder, 'store'));
  const own = await testRepository();
  closing.push(
    remove,
    () => source.remove(),
    () => own.remove(),
  );
  await source.track('data', FILES);
  writeFileSync(join(source.root, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(source.root, 'run.sh'), 0o755);
  source.commit('one');
  await push(source.repository);
  own.commit('begun');
  return { source, own, out: join(folder, 'out') };
}

const tree = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .sort();

describe('Getting from a repository', () => {
  it('takes a folder of DVC, a file in it, and a file of Git with its mode', async () => {
    const { source, own, out } = await pair();
    const { surroundings } = own.repository;
    expect(await get(surroundings, { url: source.root, path: 'data', out })).toMatchObject({ path: out, files: 2, sizeBytes: 11 });
    expect(tree(out)).toEqual(['a.txt', 'sub/b.txt']);
    expect(readFileSync(join(out, 'sub/b.txt'), 'utf8')).toBe('second');
    // It belongs to whoever fetched it, unlike what lies in a cache.
    expect(statSync(join(out, 'a.txt')).mode & 0o200).toBe(0o200);
    await get(surroundings, { url: source.root, path: 'data/a.txt', out: `${out}-file` });
    expect(readFileSync(`${out}-file`, 'utf8')).toBe('first');
    await get(surroundings, { url: source.root, path: 'run.sh', out: `${out}.sh`, rev: 'main' });
    expect(statSync(`${out}.sh`).mode & 0o100).toBe(0o100);
  });

  it('clones from an address, and leaves no clone behind', async () => {
    const { source, own, out } = await pair();
    await get(own.repository.surroundings, { url: `file://${source.root}`, path: 'data', out, rev: 'main' });
    expect(tree(out)).toEqual(['a.txt', 'sub/b.txt']);
  });

  it('takes an older state', async () => {
    const { source, own, out } = await pair();
    source.git('tag', 'v1');
    await source.track('data', { 'a.txt': 'changed' });
    source.commit('two');
    await get(own.repository.surroundings, { url: source.root, path: 'data', out, rev: 'v1' });
    expect(tree(out)).toEqual(['a.txt', 'sub/b.txt']);
  });

  it.each([
    ['a folder', (root: string) => root],
    ['an address', (root: string) => `file://${join(root, '.git')}`],
  ])('takes its settings from a config file that is named, where its own, those of %s, lead nowhere', async (_, urlOf) => {
    const { source, own, out } = await pair();
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    const url = urlOf(source.root);
    rmSync(source.cache.folder, { recursive: true });
    renameSync(source.repository.config.remote('store')?.url ?? '', join(folder, 'moved'));
    await expect(get(own.repository.surroundings, { url, path: 'data', out })).rejects.toMatchObject({ kind: 'not_found' });
    writeFileSync(join(folder, 'config'), `[core]\n    remote = other\n['remote "other"']\n    url = moved\n`);
    await get(own.repository.surroundings, { url, path: 'data', out, config: join(folder, 'config') });
    expect(tree(out)).toEqual(['a.txt', 'sub/b.txt']);
    // An import keeps the file's name, and fetches by it.
    await importData(own.repository, { url, path: 'data', config: join(folder, 'config') });
    expect(readFileSync(join(own.root, 'data.dvc'), 'utf8')).toContain(`config: ${join(folder, 'config')}\n`);
    rmSync(own.cache.folder, { recursive: true });
    expect(await fetch(own.repository)).toMatchObject({ failures: [] });
    await expect(get(own.repository.surroundings, { url, path: 'data', out: `${out}-2`, config: 'no such' })).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
    });
  });

  it('leaves what is there alone, unless it is told to replace it', async () => {
    const { source, own, out } = await pair();
    writeFileSync(out, 'mine');
    await expect(get(own.repository.surroundings, { url: source.root, path: 'data', out })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(out, 'utf8')).toBe('mine');
    await get(own.repository.surroundings, { url: source.root, path: 'data', out, force: true });
    expect(tree(out)).toEqual(['a.txt', 'sub/b.txt']);
  });

  it('leaves nothing behind where the data is nowhere', async () => {
    const { source, own, out } = await pair();
    rmSync(source.cache.folder, { recursive: true });
    rmSync(source.repository.config.remote('store')?.url ?? '', { recursive: true });
    const parent = join(out, '..');
    const before = readdirSync(parent);
    await expect(get(own.repository.surroundings, { url: source.root, path: 'data', out })).rejects.toMatchObject({ kind: 'not_found' });
    expect(readdirSync(parent)).toEqual(before);
  });

  it('refuses a path that leads out of the repository, and says what is not there', async () => {
    const { source, own, out } = await pair();
    const { surroundings } = own.repository;
    await expect(get(surroundings, { url: source.root, path: '../x', out })).rejects.toMatchObject({ code: 'PATH_REFUSED' });
    await expect(get(surroundings, { url: source.root, path: 'no', out })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(get(surroundings, { url: `${source.root}/no`, path: 'no', out })).rejects.toMatchObject({ code: 'EXTERNAL_NOT_FOUND' });
    await expect(get(surroundings, { url: 'file:///no/such/repository', path: 'no', out })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('tells where the data lies', async () => {
    const { source, own } = await pair();
    const { url } = await get(own.repository.surroundings, { url: source.root, path: 'data/a.txt', showUrl: true });
    expect(url).toMatch(/\/store\/files\/md5\/8b\/04d5e3775d298e78455efc5ca404d5$/);
  });
});

describe('Listing a repository', () => {
  it("shows DVC's data among Git's files", async () => {
    const { source, own } = await pair();
    const entries = await list(own.repository.surroundings, { url: source.root, rev: 'main' });
    expect(entries.map(({ path, isout, isdir, isexec }) => [path, isout, isdir, isexec])).toEqual([
      ['data', true, true, false],
      ['data.dvc', false, false, false],
      ['run.sh', false, false, true],
    ]);
  });

  it('goes into folders, as deep as it is told, and shows DVC alone where it is asked to', async () => {
    const { source, own } = await pair();
    const paths = async (more: object) =>
      (await list(own.repository.surroundings, { url: source.root, rev: 'main', ...more })).map(({ path }) => path);
    expect(await paths({ recursive: true, dvcOnly: true })).toEqual(['data/a.txt', 'data/sub/b.txt']);
    expect(await paths({ recursive: true, level: 2, path: 'data' })).toEqual(['a.txt', 'sub/b.txt']);
    expect(await paths({ recursive: true, level: 1, path: 'data' })).toEqual(['a.txt', 'sub']);
  });
});

describe('Importing', () => {
  it('gives an import the MD5 that DVC gives it', () => {
    // Computed by dvc 3.67.1.
    const content = {
      frozen: true,
      deps: [
        { path: 'data', repo: { url: 'https://example.org/data.git', rev: 'v1', rev_lock: '0f26b489592dfcc40ba1439b0d7442f176e8054b' } },
      ],
      outs: [{ md5: '38911492c1440bf28412285eaf7dd94b.dir', size: 403, nfiles: 53, hash: 'md5', path: 'dätä' }],
    };
    expect(stageMd5(content)).toBe('cb9ef5d86c62fb6b02aa2bfae7c16af7');
  });

  it('tracks what it took, locks the commit, and fetches it from there again', async () => {
    const { source, own } = await pair();
    const head = source.git('rev-parse', 'HEAD');
    const result = await importData(own.repository, { url: source.root, path: 'data' });
    expect(result).toMatchObject({ path: 'data', dvcFile: 'data.dvc', commit: head });
    expect(tree(join(own.root, 'data'))).toEqual(['a.txt', 'sub/b.txt']);
    expect(readFileSync(join(own.root, 'data.dvc'), 'utf8')).toContain(`rev_lock: ${head}`);
    expect(readFileSync(join(own.root, '.gitignore'), 'utf8')).toBe('/data\n');
    rmSync(own.cache.folder, { recursive: true });
    expect(await fetch(own.repository)).toMatchObject({ failures: [] });
    expect(existsSync(own.cache.fileOf({ hash: 'md5', md5: '8b04d5e3775d298e78455efc5ca404d5', isTree: false }))).toBe(true);
  });

  it('follows its source when it is told to, and keeps comments', async () => {
    const { source, own } = await pair();
    await importData(own.repository, { url: source.root, path: 'data' });
    writeFileSync(join(own.root, 'data.dvc'), `${readFileSync(join(own.root, 'data.dvc'), 'utf8')}# from the others\n`);
    expect(await update(own.repository, { targets: ['data.dvc'] })).toMatchObject([{ isChanged: false }]);
    await source.track('data', { 'a.txt': 'changed' });
    const head = source.commit('two');
    expect(await update(own.repository, { targets: ['data.dvc'] })).toMatchObject([{ isChanged: true, commit: head }]);
    expect(tree(join(own.root, 'data'))).toEqual(['a.txt']);
    expect(readFileSync(join(own.root, 'data.dvc'), 'utf8')).toContain('# from the others');
  });

  it.each([
    ['a folder', (root: string) => root],
    ['an address', (root: string) => `file://${join(root, '.git')}`],
  ])('says that its source, %s, has moved on, unless nobody is to be asked', async (_, urlOf) => {
    const { source, own } = await pair();
    const url = urlOf(source.root);
    source.git('tag', 'v1');
    await importData(own.repository, { url: source.root, path: 'data' });
    await importData(own.repository, { url: source.root, path: 'data', out: 'old', rev: 'v1' });
    for (const file of ['data.dvc', 'old.dvc']) {
      const content = await parseDvcFile(readFileSync(join(own.root, file), 'utf8').replace(source.root, url), file);
      writeFileSync(join(own.root, file), printDvcFile({ ...content, md5: stageMd5(content) }));
    }
    expect(await status(own.repository)).toEqual({});
    await source.track('data', { 'a.txt': 'changed' });
    source.commit('two');
    expect(await status(own.repository)).toEqual({ 'data.dvc': [{ 'changed deps': { [`data (${url})`]: 'update available' } }] });
    expect(await status(own.repository, { noUpdates: true })).toEqual({});
  });

  it('ends a status with the way out where its source cannot be asked', async () => {
    const { source, own } = await pair();
    await importData(own.repository, { url: source.root, path: 'data' });
    const file = join(own.root, 'data.dvc');
    writeFileSync(file, readFileSync(file, 'utf8').replace(source.root, 'file:///gone/secret:word@x/.git'));
    await expect(status(own.repository)).rejects.toMatchObject({ hint: expect.stringContaining('--no-updates') as string });
  });

  it('whose file was edited by hand counts as changed until it is committed', async () => {
    const { source, own } = await pair();
    await importData(own.repository, { url: source.root, path: 'data' });
    const file = join(own.root, 'data.dvc');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace(/^md5: .*/, `md5: ${'0'.repeat(32)}`));
    expect(await status(own.repository)).toEqual({ 'data.dvc': ['changed checksum'] });
    await commit(own.repository, { targets: ['data.dvc'] });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('overlaps with nothing that is tracked already', async () => {
    const { source, own } = await pair();
    mkdirSync(join(own.root, 'data'));
    await own.track('data', FILES);
    await expect(importData(own.repository, { url: source.root, path: 'data', out: 'data/inner' })).rejects.toMatchObject({
      code: 'OUTPUT_OVERLAPS',
    });
  });

  it('is not pushed, since it belongs to others', async () => {
    const { source, own } = await pair();
    const { folder, remove } = temporaryFolder();
    closing.push(remove);
    writeFileSync(join(own.root, '.dvc', 'config'), `[core]\n    remote = own\n['remote "own"']\n    url = ${folder}\n`);
    await importData(own.repository, { url: source.root, path: 'data' });
    expect(await push(await own.reopen())).toMatchObject({ pushed: 0, failures: [] });
  });
});

describe('An address that is no repository', () => {
  it('is shown, got and imported, and followed by what the server calls its content', async () => {
    const { own } = await pair();
    const web = await startWebServer();
    closing.push(() => web.close());
    web.files.set('/a.csv', Buffer.from('1,2\n'));
    const url = `${web.url}/a.csv`;
    expect(await listUrl(own.repository.surroundings, { url })).toEqual([{ path: 'a.csv', isdir: false, size: 4 }]);
    expect(await getUrl(own.repository.surroundings, { url, out: 'got.csv' })).toMatchObject({ files: 1, sizeBytes: 4 });
    expect(await importUrl(own.repository, { url })).toMatchObject({ path: 'a.csv', sizeBytes: 4 });
    expect(await update(own.repository, { targets: ['a.csv.dvc'] })).toMatchObject([{ isChanged: false }]);
    web.files.set('/a.csv', Buffer.from('1,2\n3,4\n'));
    expect(await update(own.repository, { targets: ['a.csv.dvc'] })).toMatchObject([{ isChanged: true }]);
    expect(readFileSync(join(own.root, 'a.csv'), 'utf8')).toBe('1,2\n3,4\n');
  });

  it('may be a folder of this machine', async () => {
    const { own, out } = await pair();
    mkdirSync(join(out, 'sub'), { recursive: true });
    writeFileSync(join(out, 'sub', 'x'), 'x');
    expect(await importUrl(own.repository, { url: out, out: 'ext' })).toMatchObject({ path: 'ext', sizeBytes: 1 });
    expect(readFileSync(join(own.root, 'ext', 'sub', 'x'), 'utf8')).toBe('x');
  });

  it('that lies in the repository is compared once the import is no longer frozen', async () => {
    const { own } = await pair();
    writeFileSync(join(own.root, 'src.txt'), 'one');
    await importUrl(own.repository, { url: join(own.root, 'src.txt'), out: 'copy.txt' });
    writeFileSync(join(own.root, 'src.txt'), 'other');
    expect(await status(own.repository)).toEqual({});
    const file = join(own.root, 'copy.txt.dvc');
    writeFileSync(file, readFileSync(file, 'utf8').replace('frozen: true\n', ''));
    const changed = Object.values(await status(await own.reopen()));
    expect(changed).toEqual([[{ 'changed deps': { 'src.txt': 'modified' } }]]);
  });

  it('with a password in it is not written into a file that Git keeps', async () => {
    const { own } = await pair();
    const failure = await importUrl(own.repository, { url: 'https://me:secret@host/a.csv' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SECRET_IN_ADDRESS' });
    expect(String(failure)).not.toContain('secret@');
  });

  it('that keeps no versions is refused where they are to be followed, and so is to store them elsewhere', async () => {
    const { own, out } = await pair();
    const refused = { kind: 'unimplemented', code: 'VERSIONS_UNSUPPORTED' };
    await expect(importUrl(own.repository, { url: out, versionAware: true })).rejects.toMatchObject(refused);
    await expect(importUrl(own.repository, { url: 's3://bucket/a', versionAware: true, toRemote: true })).rejects.toMatchObject({
      code: 'OPTIONS_EXCLUDE',
    });
  });

  it('of a folder of versions takes no single one of them', async () => {
    const { own } = await pair();
    const text =
      'frozen: true\ndeps:\n- hash: md5\n  path: s3://bucket/a\n  files:\n  - relpath: b\n    etag: abc\n    version_id: v7\nouts:\n- path: a\n';
    writeFileSync(join(own.root, 'a.dvc'), text);
    await expect(update(own.repository, { targets: ['a.dvc'], rev: 'v8' })).rejects.toMatchObject({ code: 'OPTIONS_EXCLUDE' });
    expect(readFileSync(join(own.root, 'a.dvc'), 'utf8')).toBe(text);
  });

  it('says so where nothing is there', async () => {
    const { own, out } = await pair();
    await expect(getUrl(own.repository.surroundings, { url: out })).rejects.toMatchObject({ code: 'ADDRESS_EMPTY' });
  });
});
