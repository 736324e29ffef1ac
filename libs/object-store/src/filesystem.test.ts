import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile, chmod, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeObjectStoreContract } from './contract.ts';
import { createFilesystemObjectStore } from './filesystem.ts';

let scratch: string;
let folders = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'throughline-objects-'));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

const newRoot = () => join(scratch, `store-${(folders += 1)}`);

async function* text(content: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(content);
}

async function keys(objects: AsyncIterable<{ key: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of objects) found.push(key);
  return found;
}

describeObjectStoreContract('The filesystem store', async () => ({ kind: 'filesystem', options: { root: newRoot() } }));

describe('The filesystem store', () => {
  it('says where it is, and that nobody can reach it from outside', async () => {
    const root = newRoot();
    const store = await createFilesystemObjectStore({ root });
    expect(store.describe()).toBe(`the folder ${root}`);
    expect(store.presigns).toBe(false);
    expect(await store.presign('a/b', { expiresSeconds: 60, filename: 'b.csv' })).toBeNull();
    const { uploadId } = await store.createMultipart('a/b');
    expect(await store.presignPart('a/b', { uploadId, partNumber: 1, expiresSeconds: 60 })).toBeNull();
  });

  it('keeps its folders and files to the user that runs it', async () => {
    const root = newRoot();
    const store = await createFilesystemObjectStore({ root });
    await store.put('a/b', text('x'));
    expect((await stat(root)).mode & 0o077).toBe(0);
    expect((await stat(join(root, 'objects/a/b'))).mode & 0o077).toBe(0);
  });

  it('tells of every open upload below a prefix', async () => {
    const store = await createFilesystemObjectStore({ root: newRoot() });
    for (const key of ['a/x', 'a/y', 'b/x']) await store.createMultipart(key);
    expect((await keys(store.listMultiparts('a/'))).toSorted()).toEqual(['a/x', 'a/y']);
    expect((await keys(store.listMultiparts(''))).toSorted()).toEqual(['a/x', 'a/y', 'b/x']);
  });

  it('takes the part that was sent last, though the clock did not move or went back', async () => {
    const root = newRoot();
    const store = await createFilesystemObjectStore({ root });
    const { uploadId } = await store.createMultipart('x');
    await store.putPart('x', uploadId, 1, text('first'), 5);
    const [file = ''] = (await readdir(join(root, 'uploads', uploadId))).filter((name) => name !== 'upload.json');
    const later = new Date(Date.now() + 60_000);
    await utimes(join(root, 'uploads', uploadId, file), later, later);
    const second = await store.putPart('x', uploadId, 1, text('second'), 6);
    expect(await store.listParts('x', uploadId)).toEqual([second]);
  });

  it('leaves nothing in its staging folder after what worked and what failed', async () => {
    const root = newRoot();
    const store = await createFilesystemObjectStore({ root });
    await store.put('a/b', text('x'));
    await expect(store.put('a/b/c', text('x'))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(store.put('a', text('x'))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(store.put('c', text('x'), { sizeBytes: 9 })).rejects.toMatchObject({ kind: 'invalid' });
    const { uploadId } = await store.createMultipart('c');
    await store.completeMultipart('c', uploadId, [await store.putPart('c', uploadId, 1, text('x'), 1)]);
    expect(await readdir(join(root, 'staging'))).toEqual([]);
    expect(await readdir(join(root, 'uploads'))).toEqual([]);
  });

  it('clears away at its start what a crash left a day ago, and leaves what another process writes now', async () => {
    const root = newRoot();
    await createFilesystemObjectStore({ root });
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await writeFile(join(root, 'staging/old'), 'x');
    await utimes(join(root, 'staging/old'), yesterday, yesterday);
    await writeFile(join(root, 'staging/new'), 'x');
    await createFilesystemObjectStore({ root });
    expect(await readdir(join(root, 'staging'))).toEqual(['new']);
  });

  it('follows no symbolic link, neither to a file nor to a folder', async () => {
    const root = newRoot();
    const outside = join(scratch, 'outside');
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, 'secret'), 'secret');
    const store = await createFilesystemObjectStore({ root });
    await symlink(outside, join(root, 'objects/folder'));
    await symlink(join(outside, 'secret'), join(root, 'objects/file'));
    const damaged = { kind: 'corrupt', code: 'OBJECT_STORE_DAMAGED' };
    for (const key of ['folder/secret', 'file']) {
      await expect(store.get(key)).rejects.toMatchObject(damaged);
      await expect(store.head(key)).rejects.toMatchObject(damaged);
      await expect(store.delete(key)).rejects.toMatchObject(damaged);
    }
    await expect(store.put('folder/new', text('x'))).rejects.toMatchObject(damaged);
    await expect(store.put('folder/deep/new', text('x'))).rejects.toMatchObject(damaged);
    await expect(keys(store.list('folder/'))).rejects.toMatchObject(damaged);
    expect(await keys(store.list(''))).toEqual([]);
    expect(await readdir(outside)).toEqual(['secret']);
    // A put onto a link takes the link's place; where it pointed stays as it was.
    await store.put('file', text('mine'));
    expect((await store.head('file'))?.sizeBytes).toBe(4);
  });

  it('may itself be reached through a link, as mounted volumes often are', async () => {
    const root = newRoot();
    await mkdir(root);
    const link = `${root}-link`;
    await symlink(root, link);
    const store = await createFilesystemObjectStore({ root: link });
    await store.put('a', text('x'));
    expect((await store.head('a'))?.sizeBytes).toBe(1);
  });

  it('says at its start that its folder cannot be used, and which one', async () => {
    const file = join(scratch, 'a-file');
    await writeFile(file, 'x');
    await chmod(file, 0o400);
    await expect(createFilesystemObjectStore({ root: join(file, 'store') })).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'OBJECT_STORE_UNAVAILABLE',
      message: expect.stringContaining(join(file, 'store')) as string,
    });
  });

  it('tells of a failing disk without naming a path', async () => {
    const root = newRoot();
    const store = await createFilesystemObjectStore({ root });
    await rm(root, { recursive: true });
    const failure = await store.put('a', text('x')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'OBJECT_STORE_UNAVAILABLE' });
    expect(String(failure)).not.toContain(root);
  });
});
