import { newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newCall, newWorld } from './testing.ts';
import type { World } from './testing.ts';

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(() => world.end());

const create = async (name: string): Promise<string> => (await world.data.datasets.create(world.call, { name })).id;
const write = (id: string, text: string, revision: number) => world.data.readmes.write(world.call, id, { text, revision });
const textOf = async (id: string) => (await world.data.readmes.ofDatasets(world.call, [id])).get(id)?.text ?? null;

describe('a README', () => {
  it('is written over the revision that was read, and every writing is kept, newest first', async () => {
    const id = await create('written');
    await write(id, '# One', 0);
    await write(id, '# Two', 1);
    const { items } = await world.data.readmes.history(world.call, id, { first: 10, after: null });
    expect(items.map(({ revision, text, author }) => [revision, text, author])).toEqual([
      [2, '# Two', 'ada'],
      [1, '# One', 'ada'],
    ]);
  });

  it('is not written over a text that the writer has not seen, and says which revision counts', async () => {
    const id = await create('contended');
    await write(id, 'hers', 0);
    await expect(write(id, 'his', 0)).rejects.toMatchObject({ kind: 'conflict', code: 'README_CHANGED', details: { revision: 1 } });
    expect(await textOf(id)).toBe('hers');
  });

  it('lets one of two writers through who write over the same revision at once', async () => {
    const id = await create('raced');
    const ends = await Promise.allSettled([write(id, 'a', 0), write(id, 'b', 0)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('takes the repetition of a writing whose answer was lost', async () => {
    const id = await create('repeated');
    await write(id, 'same', 0);
    await write(id, 'same', 0);
    expect((await world.data.readmes.history(world.call, id, { first: 10, after: null })).items).toHaveLength(1);
  });

  it('keeps the last hundred writings, in pages', async () => {
    const id = await create('long lived');
    for (let revision = 0; revision < 102; revision += 1) await write(id, `text ${revision + 1}`, revision);
    const first = await world.data.readmes.history(world.call, id, { first: 60, after: null });
    const last = first.items.at(-1);
    const rest = await world.data.readmes.history(world.call, id, { first: 60, after: last === undefined ? null : first.cursorOf(last) });
    expect([first.items[0]?.revision, rest.items.at(-1)?.revision, first.items.length + rest.items.length]).toEqual([102, 3, 100]);
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', '\ud800'],
    ['more than 100,000 characters', 'x'.repeat(100_001)],
  ])('refuses %s and keeps what was there', async (what, text) => {
    const id = await create(`refuses ${what}`);
    await write(id, 'kept', 0);
    expect(() => write(id, text, 1)).toThrow(expect.objectContaining({ code: 'INVALID_TEXT' }));
    expect(await textOf(id)).toBe('kept');
  });

  it('is neither read nor written from another workspace, nor written by who may only read', async () => {
    const id = await create('private');
    await write(id, 'ours', 0);
    const stranger = newCall();
    expect((await world.data.readmes.ofDatasets(stranger, [id])).size).toBe(0);
    expect((await world.data.readmes.history(stranger, id, { first: 10, after: null })).items).toEqual([]);
    await expect(world.data.readmes.write(stranger, id, { text: 'theirs', revision: 1 })).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
    });
    const reader = { caller: { ...world.call.caller, scope: 'READ' as const } };
    expect(() => world.data.readmes.write(reader, id, { text: 'mine', revision: 1 })).toThrow(
      expect.objectContaining({ kind: 'forbidden' }),
    );
    await expect(write(newId(), 'nowhere', 0)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});

describe('the file that speaks where nobody wrote one', () => {
  it.each(['README.md', 'readme.md', 'Readme.md', 'README.markdown'])('may be called %s', async (path) => {
    const { version } = await world.register(`file ${path}`, { [path]: `# ${path}`, 'a.csv': 'x' });
    expect(await world.data.readmes.fileOf(world.call, version)).toBe(`# ${path}`);
  });

  it('is the one at the root alone', async () => {
    const { version } = await world.register('below', { 'docs/README.md': '# Below' });
    expect(await world.data.readmes.fileOf(world.call, version)).toBeNull();
  });

  it('is left out where it is empty or longer than what may be written', async () => {
    const { version: empty } = await world.register('empty file', { 'README.md': ' \n' });
    const { version: long } = await world.register('long file', { 'README.md': 'x'.repeat(100_001) });
    expect(await world.data.readmes.fileOf(world.call, empty)).toBeNull();
    expect(await world.data.readmes.fileOf(world.call, long)).toBeNull();
  });
});
