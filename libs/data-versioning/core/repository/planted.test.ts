// What a stranger may have put into a repository that is cloned and worked in. Method: real symbolic links, pipes and devices where this command reads and writes.

import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectPath, parseObjectId } from '../formats/object-id.ts';
import { openCache } from '../objects/cache.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from '../verbs/add.ts';
import { checkout } from '../verbs/checkout.ts';
import { fetch } from '../verbs/fetch.ts';
import { init } from '../verbs/init.ts';
import { status } from '../verbs/status.ts';
import { openRepository } from './repository.ts';

let box: Sandbox;
/** A file of the user's, outside of the repository. */
let victim: string;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  victim = path.join(box.surroundings.homeFolder, 'precious');
  writeFileSync(victim, 'precious');
});
afterEach(() => box.remove());

function plant(at: string, target: string): void {
  const file = path.join(box.root, at);
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { recursive: true, force: true });
  symlinkSync(target, file);
}

function md5Of(bytes: string | Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe('Files that never end', () => {
  const names = ['x.dvc', 'dvc.yaml', '.dvcignore', '.gitignore', '.dvc/config', '.dvc/config.local'];

  it.each(names)('are refused where they stand for %s', async (name) => {
    const file = path.join(box.root, name);
    rmSync(file, { force: true });
    execFileSync('mkfifo', [file]);
    const work = async () => await status(await openRepository(box.surroundings));
    await expect(work()).rejects.toMatchObject({ message: expect.stringContaining('is no file, but a pipe or a device') as string });
    plant(name, '/dev/zero');
    await expect(work()).rejects.toMatchObject({ message: expect.stringContaining('is no file, but a pipe or a device') as string });
  });
});

describe('Links in the place of our own files', () => {
  it('do not have a lock written over what they lead to', async () => {
    plant('.dvc/tmp/lock', victim);
    box.write({ data: 'data' });
    await expect(openRepository(box.surroundings)).rejects.toMatchObject({ code: 'OWN_FOLDER_LINKED' });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it.each(['.dvc/tmp', '.dvc/tmp/throughline', '.dvc/tmp/throughline/state'])('are refused for the folder %s', async (folder) => {
    plant(folder, box.surroundings.homeFolder);
    box.write({ data: 'data' });
    await expect(openRepository(box.surroundings)).rejects.toMatchObject({ code: 'OWN_FOLDER_LINKED' });
    expect(readdirSync(box.surroundings.homeFolder)).toEqual(['precious']);
  });

  it('are replaced, not followed, by what is noted in passing', async () => {
    for (const name of [`lock.json.${process.pid}`, `clock-${process.pid}`, `checked-out.json.${process.pid}`])
      plant(`.dvc/tmp/throughline/${name}`, victim);
    box.write({ data: 'data' });
    await add(await openRepository(box.surroundings), { targets: ['data'] });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('get nothing of a large download, wherever they lead', async () => {
    const bytes = Buffer.alloc(9_000_000, 'a');
    const id = parseObjectId(md5Of(bytes), 'md5');
    const store = path.join(box.surroundings.homeFolder, 'store');
    mkdirSync(path.dirname(path.join(store, objectPath(id))), { recursive: true });
    writeFileSync(path.join(store, objectPath(id)), bytes);
    box.write({ '.dvc/config': `[core]\n    remote = r\n[remote "r"]\n    url = ${store}\n` });
    box.write({ 'data.dvc': `outs:\n- md5: ${id.md5}\n  size: ${bytes.length}\n  hash: md5\n  path: data\n` });
    const cache = openCache(await openRepository(box.surroundings));
    plant(path.relative(box.root, await cache.temporaryFile(id)), victim);
    expect(await fetch(await openRepository(box.surroundings))).toMatchObject({ fetched: 1 });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(cache.fileOf(id)).isFile()).toBe(true);
  });

  it('have no say in which files of another folder are swept away', async () => {
    const stray = path.join(box.surroundings.homeFolder, '.throughline-of-another');
    writeFileSync(stray, '');
    const note = { temporaryName: '.throughline-', cacheFolder: box.surroundings.homeFolder, startedAtMs: 0, bootedAtMs: 0 };
    box.write({ '.dvc/tmp/throughline/storing.json': JSON.stringify(note), data: 'data' });
    await add(await openRepository(box.surroundings), { targets: ['data'] });
    expect(existsSync(stray)).toBe(true);
  });
});

describe('A link in the place of an object', () => {
  it('is not taken for the object, whatever the mode of what it leads to', async () => {
    box.write({ data: 'data' });
    await add(await openRepository(box.surroundings), { targets: ['data'] });
    const object = openCache(await openRepository(box.surroundings)).fileOf(parseObjectId(md5Of('data'), 'md5'));
    chmodSync(victim, 0o444);
    plant(path.relative(box.root, object), victim);
    rmSync(path.join(box.root, 'data'));
    const { failed } = await checkout(await openRepository(box.surroundings));
    expect(failed).toMatchObject([{ code: 'OBJECT_MISSING' }]);
    expect(existsSync(path.join(box.root, 'data'))).toBe(false);
    box.write({ data: 'data' });
    await add(await openRepository(box.surroundings), { targets: ['data'] });
    expect(lstatSync(object).isFile()).toBe(true);
    expect(readFileSync(object, 'utf8')).toBe('data');
  });

  it('does not pass for it where the bytes are right by chance, and what it leads to keeps its mode', async () => {
    box.write({ data: 'data' });
    await add(await openRepository(box.surroundings), { targets: ['data'] });
    const cache = openCache(await openRepository(box.surroundings));
    const id = parseObjectId(md5Of('data'), 'md5');
    writeFileSync(victim, 'data', { mode: 0o600 });
    const { mode } = lstatSync(victim);
    plant(path.relative(box.root, cache.fileOf(id)), victim);
    expect(await cache.has(id)).toBe(false);
    expect(lstatSync(victim).mode).toBe(mode);
  });
});
