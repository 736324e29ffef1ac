// What is shown of files, and how tables of two versions are compared, over a real store.

import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { newCall, newWorld } from '../testing.ts';
import type { World } from '../testing.ts';

const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
const vega = (name: string) => readFileSync(join(DATA, name));

let world: World;
beforeAll(async () => {
  world = await newWorld();
});
afterAll(async () => {
  expect(await readdir(world.scratchDir)).toEqual([]);
  await world.end();
});

async function preview(path: string, content: string | Uint8Array, rows = 3) {
  const { version } = await world.register('previews', { [path]: content });
  return world.data.previews.preview(world.call, version, path, rows);
}

describe('a preview', () => {
  it('shows the first rows of real tables of every kind', async () => {
    const { version } = await world.register('real', {
      'penguins.json': vega('penguins.json'),
      'flights.parquet': vega('flights-3m.parquet'),
      'flights.arrow': vega('flights-200k.arrow'),
      'seattle.csv': vega('seattle-weather.csv'),
    });
    const rows: Record<string, unknown> = {};
    for (const path of ['penguins.json', 'flights.parquet', 'flights.arrow', 'seattle.csv']) {
      const { kind, table, problem } = await world.data.previews.preview(world.call, version, path, 1);
      expect({ kind, problem, hasMoreRows: table?.hasMoreRows }).toEqual({ kind: 'TABLE', problem: null, hasMoreRows: true });
      rows[path] = table?.rows;
    }
    expect(rows).toEqual({
      'penguins.json': [['Adelie', 'Torgersen', '39.1', '18.7', '181', '3750', 'MALE']],
      'flights.parquet': [expect.any(Array)],
      'flights.arrow': [expect.any(Array)],
      'seattle.csv': [['2012-01-01', '0.0', '12.8', '5.0', '4.7', 'drizzle']],
    });
  });

  it('reads the beginning of a large CSV alone, and leaves no row half', async () => {
    const large = `n,text\n${Array.from({ length: 100_000 }, (_, n) => `${n},"line\nfeed"\n`).join('')}`;
    const { table, sizeBytes } = await preview('large.csv', large, 500);
    expect(sizeBytes).toBeGreaterThan(1_000_000);
    expect(table?.rows).toHaveLength(500);
    expect(table?.rows[499]).toEqual(['499', 'line\nfeed']);
    expect(table?.hasMoreRows).toBe(true);
  });

  it('reads what is compressed, whole or large', async () => {
    expect((await preview('small.csv.gz', gzipSync('a,b\n1,2\n'))).table?.rows).toEqual([['1', '2']]);
    const lines = Array.from({ length: 200_000 }, (_, n) => `{"n":${n},"r":${Math.sin(n)}}\n`).join('');
    expect((await preview('large.jsonl.gz', gzipSync(lines), 2)).table?.rows.map(([n]) => n)).toEqual(['0', '1']);
  });

  it('is asked for again without a process', async () => {
    const { version } = await world.register('again', { 'x.csv': 'a\n1\n' });
    const first = await world.data.previews.preview(world.call, version, 'x.csv', 3);
    await rm(world.scratchDir, { recursive: true });
    expect(await world.data.previews.preview(world.call, version, 'x.csv', 3)).toEqual(first);
    await expect(readdir(world.scratchDir)).rejects.toThrow('ENOENT');
    await mkdir(world.scratchDir);
  });

  it('shows the text of a table that is none, and says what is wrong with it', async () => {
    const shown = await preview('broken.json', '{"a": [1,\n');
    expect(shown).toMatchObject({ kind: 'TEXT', text: { text: '{"a": [1,\n' }, problem: { code: 'TABLE_UNREADABLE' } });
    expect(shown.problem?.message).not.toContain(world.scratchDir);
    expect(await preview('broken.parquet', Buffer.from([0x50, 0xff, 0xfe]))).toMatchObject({
      kind: 'NONE',
      problem: { code: 'TABLE_UNREADABLE' },
    });
    expect(await preview('endless.csv', 'x'.repeat(400_000))).toMatchObject({ kind: 'TEXT', problem: { code: 'TABLE_UNREADABLE' } });
    expect(await preview('false.csv.gz', 'no gzip'.repeat(100_000))).toMatchObject({ kind: 'TEXT', problem: { code: 'TABLE_UNREADABLE' } });
  });

  it('shows texts as lines, Markdown by its name, and SVG as the text that it is', async () => {
    expect(await preview('a.txt', 'one\ntwo')).toMatchObject({
      kind: 'TEXT',
      mediaType: 'text/plain',
      text: { text: 'one\ntwo', hasMore: false },
    });
    expect(await preview('README.md', '# hi')).toMatchObject({ kind: 'TEXT', mediaType: 'text/markdown' });
    expect(await preview('x.svg', '<svg/>')).toMatchObject({ kind: 'TEXT', mediaType: 'text/plain', picture: null });
    expect(await preview('empty', '')).toMatchObject({ kind: 'TEXT', text: { text: '' } });
    expect(await preview('model.bin', Buffer.from([0, 1, 2]))).toMatchObject({ kind: 'NONE', notes: ['It is no text in UTF-8.'] });
  });

  it('shows pictures by their bytes, whatever their name, unless they would fill a browser', async () => {
    const picture = vega('ffox.png');
    expect(await preview('x.txt', picture)).toMatchObject({
      kind: 'IMAGE',
      mediaType: 'image/png',
      picture: { width: expect.any(Number) as number },
    });
    const huge = Buffer.from(picture);
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    expect(await preview('huge.png', huge)).toMatchObject({ kind: 'NONE', mediaType: 'image/png', picture: null });
  });

  it('is refused of files that are not there or not the caller’s, and of too many rows', async () => {
    const { version } = await world.register('refused', { 'x.csv': 'a\n1\n' });
    const of = (path: string, rows: number, call = world.call) => world.data.previews.preview(call, version, path, rows);
    await expect(of('y.csv', 1)).rejects.toMatchObject({ kind: 'not_found', code: 'FILE_NOT_FOUND' });
    await expect(of('../x.csv', 1)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(of('x.csv', 501)).rejects.toMatchObject({ code: 'INVALID_ROWS' });
    await expect(of('x.csv', 1, newCall())).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('a difference of tables between versions', () => {
  const question = { key: [], sample: 5 };

  it('tells the rows and columns that differ, of files that moved and changed their kind as well', async () => {
    const { version: from } = await world.register('moved', { 'old.csv': 'id,n\n1,10\n2,20\n' });
    const { version: to } = await world.register('moved', { 'data/new.jsonl': '{"id":1,"n":11}\n{"id":3,"n":30}\n' });
    const found = await world.data.tableDifferences.compare(world.call, from, to, {
      ...question,
      fromPath: 'old.csv',
      path: 'data/new.jsonl',
    });
    expect(found).toMatchObject({ isSame: false, key: ['id'], addedRows: 1, removedRows: 1, changedRows: 1, rowsBefore: 2, rowsAfter: 2 });
  });

  it('of the same bytes is none, without reading them', async () => {
    const { version: from } = await world.register('same', { 'x.parquet': 'never read', y: '1' });
    const { version: to } = await world.register('same', { 'x.parquet': 'never read', y: '2' });
    const found = await world.data.tableDifferences.compare(world.call, from, to, {
      ...question,
      fromPath: 'x.parquet',
      path: 'x.parquet',
    });
    expect(found).toMatchObject({ isSame: true, rowsBefore: null, rowsAfter: null, columns: [], sample: [] });
  });

  it('is refused where a side is missing or no table, and where too much is asked for', async () => {
    const { version } = await world.register('sides', { 'x.csv': 'a\n1\n', 'x.txt': 'a' });
    const of = (fromPath: string, path: string, more = {}) =>
      world.data.tableDifferences.compare(world.call, version, version, { ...question, fromPath, path, ...more });
    await expect(of('y.csv', 'x.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(of('x.csv', 'x.txt')).rejects.toMatchObject({ code: 'NOT_A_TABLE' });
    await expect(of('x.csv', 'x.csv', { sample: 101 })).rejects.toMatchObject({ code: 'INVALID_SAMPLE' });
    await expect(of('x.csv', 'x.csv', { key: Array(21).fill('a') })).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });
});

it('ends what people wait for, and refuses more, where the server goes down', async () => {
  const ending = await newWorld();
  const { version } = await ending.register('ending', { 'x.csv': `a\n${'1\n'.repeat(1_000_000)}`, 'y.csv': 'a\n2\n' });
  const ask = () =>
    ending.data.tableDifferences.compare(ending.call, version, version, { fromPath: 'x.csv', path: 'y.csv', key: [], sample: 1 });
  const asked = [ask(), ask(), ask()];
  const told = Promise.allSettled(asked);
  await vi.waitUntil(async () => (await readdir(ending.scratchDir).catch(() => [])).length > 0, { timeout: 30_000, interval: 5 });
  ending.data.endQuestions();
  for (const { status, reason } of (await told) as PromiseRejectedResult[]) {
    expect({ status, code: (reason as { code: string }).code }).toEqual({ status: 'rejected', code: 'SERVER_ENDS' });
  }
  await expect(ask()).rejects.toMatchObject({ code: 'SERVER_ENDS' });
  expect(await readdir(ending.scratchDir)).toEqual([]);
  await ending.end();
});
