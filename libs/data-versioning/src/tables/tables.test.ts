import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { askTables, QUESTION_LIMITS } from './run.ts';
import type { AskOptions } from './run.ts';
import { TABLE_ENDINGS, tableKindOf } from './types.ts';
import type { TableAnswers, TableFile, TableFormat, TableRequest } from './types.ts';

const folder = mkdtempSync(join(tmpdir(), 'tables-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

let made = 0;
function file(format: TableFormat, content: string | Uint8Array, ending: string = format): TableFile {
  made += 1;
  const path = join(folder, `${made}.${ending}`);
  writeFileSync(path, content);
  return { file: path, format };
}

/** A question without its folder, which is made for it. */
type Question = TableRequest extends infer R ? (R extends TableRequest ? Omit<R, 'folder'> : never) : never;

async function ask<K extends TableRequest['kind']>(
  question: Question & { kind: K },
  options: Partial<AskOptions> = {},
): Promise<TableAnswers[K]> {
  const own = mkdtempSync(join(folder, 'asked-'));
  const request = { ...question, folder: own } as TableRequest & { kind: K };
  return askTables(request, { limits: QUESTION_LIMITS, ...options });
}
const profile = async (table: TableFile) => ask({ kind: 'profile', table });
const column = async (table: TableFile, name: string) => (await profile(table)).columns.find((one) => one.name === name);

describe('a profile', () => {
  it('sums up numbers: missing ones, extremes, mean, quantiles and a histogram that counts each once', async () => {
    const x = await column(file('csv', `x,y\n${Array.from({ length: 101 }, (_, i) => `${i},a`).join('\n')}\n,b\n`), 'x');
    expect(x).toMatchObject({
      kind: 'number',
      type: 'BIGINT',
      nullCount: 1,
      distinctCount: 101,
      isDistinctEstimated: false,
      min: '0',
      max: '100',
      mean: 50,
    });
    expect(x?.quantiles).toEqual([5, 25, 50, 75, 95]);
    expect(x?.standardDeviation).toBeCloseTo(29.3, 1);
    expect(x?.histogram).toHaveLength(20);
    expect(x?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(101);
    expect([x?.histogram[0]?.from, x?.histogram.at(-1)?.to]).toEqual([0, 100]);
  });

  it('counts NaN and the infinities apart from the numbers', async () => {
    const x = await column(file('csv', 'x\n1.5\nnan\ninf\n-inf\n2.5\n'), 'x');
    expect(x).toMatchObject({ type: 'DOUBLE', notFiniteCount: 3, mean: 2, nullCount: 0 });
    expect(x?.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('names the most frequent texts, the first of the alphabet first where they are equal', async () => {
    const y = await column(file('csv', 'y\nb\na\nc\na\nb\n\n'), 'y');
    expect(y?.top.slice(0, 3)).toEqual([
      { value: 'a', count: 2 },
      { value: 'b', count: 2 },
      { value: 'c', count: 1 },
    ]);
  });

  it('bins times by their milliseconds', async () => {
    const t = await column(file('csv', 't\n2024-01-01\n2024-01-02\n2024-01-11\n'), 't');
    expect(t).toMatchObject({ kind: 'time', type: 'DATE', min: '2024-01-01', max: '2024-01-11' });
    expect(t?.histogram[0]).toMatchObject({ from: Date.UTC(2024, 0, 1), count: 1 });
    expect(t?.histogram.at(-1)?.to).toBe(Date.UTC(2024, 0, 11));
  });

  it('reads real files of every format', async () => {
    const parquet = await profile({ file: join(DATA, 'flights-3m.parquet'), format: 'parquet' });
    expect(parquet).toMatchObject({ rowCount: 3_000_000, columnCount: 5 });
    expect(parquet.columns[1]).toMatchObject({ name: 'delay', kind: 'number', isDistinctEstimated: true, min: '-1116', max: '1688' });
    const arrow = await profile({ file: join(DATA, 'flights-200k.arrow'), format: 'arrow' });
    expect(arrow).toMatchObject({ rowCount: 200_000, columnCount: 3 });
    const json = await profile({ file: join(DATA, 'penguins.json'), format: 'json' });
    expect(json).toMatchObject({ rowCount: 344, columnCount: 7 });
  });

  it('reads what is compressed by gzip, NDJSON and tabs', async () => {
    expect(await profile(file('csv', gzipSync('a,b\n1,2\n'), 'csv.gz'))).toMatchObject({ rowCount: 1, columnCount: 2 });
    expect(await profile(file('json', '{"a":1}\n{"a":2}\n', 'ndjson'))).toMatchObject({ rowCount: 2, columnCount: 1 });
    expect(await profile(file('tsv', 'a\tb\n1,5\t2\n'))).toMatchObject({ rowCount: 1, columnCount: 2 });
  });

  it('reads values of JSON that are texts here and numbers there as texts', async () => {
    const title = await column(file('json', '[{"t":"one"},{"t":300},{"t":"one"},{"t":null}]'), 't');
    expect(title).toMatchObject({
      kind: 'text',
      nullCount: 1,
      top: [
        { value: 'one', count: 2 },
        { value: '300', count: 1 },
      ],
    });
  });

  it('keeps an Arrow file exact: 64-bit integers, times, dictionaries, lists and what is missing', async () => {
    const table = new Table({
      whole: vectorFromArray([9_007_199_254_740_993n, null]),
      text: vectorFromArray(['a', 'ä']),
      when: vectorFromArray([new Date('2024-05-06T07:08:09Z'), null]),
    });
    const given = file('arrow', tableToIPC(table, 'file'));
    const { rows, columns } = await ask({ kind: 'preview', table: given, rows: 5 });
    expect(columns.map(({ type }) => type)).toEqual(['BIGINT', 'VARCHAR', 'TIMESTAMP_MS']);
    expect(rows).toEqual([
      ['9007199254740993', 'a', '2024-05-06 07:08:09'],
      [null, 'ä', null],
    ]);
  });

  it('takes every value for a text where rows do not agree, and says so', async () => {
    const ragged = await profile(file('csv', `a,b\n${'1,2\n'.repeat(30_000)}x,y,z,w\n`));
    expect(ragged.notes.join(' ')).toContain('as text');
  });

  it('does not profile more columns than its limit, and says how many it left', async () => {
    const wide = await profile(
      file('csv', `${Array.from({ length: 620 }, (_, i) => `c${i}`).join(',')}\n${Array(620).fill('1').join(',')}\n`),
    );
    expect(wide.columnCount).toBe(620);
    expect(wide.columns).toHaveLength(500);
    expect(wide.notes[0]).toContain('120 columns');
  });

  it('reads what is not UTF-8 as Latin-1, and says so', async () => {
    const latin = await profile(file('csv', Buffer.from('name,n\nM\u00fcller,1\n', 'latin1')));
    expect(latin.columns[0]).toMatchObject({ min: 'Müller' });
    expect(latin.notes[0]).toContain('Latin-1');
  });

  it('tells a NUL, which no database takes as text, as a character that stands for one', async () => {
    const nul = await profile(file('csv', 'a,c\nx\0y,2\n'));
    expect(nul.columns[0]).toMatchObject({ name: 'a', min: 'x\ufffdy' });
    await expect(profile(file('csv', 'a\0b,c\nx,2\n'))).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
  });

  it('keeps names that look like SQL to what they are', async () => {
    const odd = await profile(file('csv', `"a""; DROP TABLE given; --",'b'\n1,2\n`));
    expect(odd.columns.map(({ name }) => name)).toEqual(['a"; DROP TABLE given; --', `'b'`]);
  });
});

describe('what cannot be read', () => {
  it('is refused in words that do not tell where the file lies', async () => {
    const broken = profile(file('parquet', 'PAR1 not really PAR1'));
    await expect(broken).rejects.toMatchObject({ kind: 'invalid', code: 'TABLE_UNREADABLE' });
    await expect(broken).rejects.not.toThrow(folder);
    await expect(profile(file('arrow', 'nothing'))).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
    await expect(profile(file('json', '{"a": [1,'))).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' });
  });

  it('is given up after its time', async () => {
    const slow = file('csv', `${Array.from({ length: 20_000 }, (_, i) => `c${i}`).join(',')}\n${Array(20_000).fill('1').join(',')}\n`);
    const asked = ask({ kind: 'profile', table: slow }, { limits: { ...QUESTION_LIMITS, timeoutMs: 50 } });
    await expect(asked).rejects.toMatchObject({ kind: 'exhausted', code: 'TABLE_TOO_LARGE' });
  });

  it('is given up where it takes too much of the memory or of the disk', async () => {
    const table: TableFile = { file: join(DATA, 'flights-200k.arrow'), format: 'arrow' };
    for (const little of [{ residentBytes: 1 }, { diskBytes: 0 }]) {
      const asked = ask({ kind: 'profile', table }, { limits: { ...QUESTION_LIMITS, ...little } });
      await expect(asked).rejects.toMatchObject({ kind: 'exhausted', code: 'TABLE_TOO_LARGE' });
    }
  });

  it('is an answer or a refusal, whatever the file is', async () => {
    const header = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',');
    const files = [
      file('csv', `a,b\n1,2\n${'x'.repeat(10_000_000)},3\n`),
      file('csv', `${header}\n${header}\n`),
      file('csv', Buffer.from('a,b\nä,1\n', 'utf16le')),
      file('csv', Buffer.alloc(100_000)),
      file('csv', ''),
      file('csv', '"'),
      file('json', '['.repeat(100_000)),
      file('json', '{"a":'.repeat(20_000)),
      file('json', 'null'),
      file('parquet', readFileSync(join(DATA, 'flights-3m.parquet')).fill(0xff, 1_000, 100_000)),
      file('arrow', readFileSync(join(DATA, 'flights-200k.arrow')).subarray(0, 5_000)),
      file('arrow', readFileSync(join(DATA, 'flights-200k.arrow')).fill(0xff, 100, 400)),
    ];
    // What a preview reads of them, a profile reads as well.
    for (const table of files) {
      const limits = { ...QUESTION_LIMITS, timeoutMs: 2_000 };
      const told = await ask({ kind: 'profile', table }, { limits }).catch((error: unknown) => error);
      if (told instanceof Error) expect(told).toMatchObject({ code: expect.stringMatching(/^TABLE_(UNREADABLE|TOO_LARGE)$/) as string });
      else expect(told).toMatchObject({ columnCount: expect.any(Number) as number });
    }
  }, 120_000);

  it('ends at once where whoever asked does not want it any more', async () => {
    const control = new AbortController();
    const asked = ask(
      { kind: 'profile', table: { file: join(DATA, 'flights-3m.parquet'), format: 'parquet' } },
      { signal: control.signal },
    );
    setImmediate(() => control.abort());
    await expect(asked).rejects.toThrow(/abort/i);
  });
});

describe('a preview', () => {
  it('shows the first rows, long cells cut, and whether there are more', async () => {
    const long = 'x'.repeat(500);
    const shown = await ask({ kind: 'preview', table: file('csv', `a,b\n1,${long}\n2,\n3,c\n`), rows: 2 });
    expect(shown).toMatchObject({ columnCount: 2, hasMoreRows: true });
    expect(shown.rows).toEqual([
      ['1', 'x'.repeat(200)],
      ['2', null],
    ]);
  });
});

describe('a difference of tables', () => {
  const diff = async (before: string, after: string, key: string[] = []) =>
    ask({ kind: 'diff', before: file('csv', before), after: file('csv', after), key, sample: 10 });

  it('finds a column that tells rows apart, and says which rows came, went and changed in what', async () => {
    const found = await diff('id,name,n\n1,a,1\n2,b,2\n3,c,3\n', 'id,name,n\n1,a,1\n2,B,2\n4,d,4\n');
    expect(found).toMatchObject({ key: ['id'], addedRows: 1, removedRows: 1, changedRows: 1, rowsBefore: 3, rowsAfter: 3 });
    expect(found.changedColumns).toEqual([{ name: 'name', rows: 1 }]);
    expect(found.sampleColumns).toEqual(['id', 'name', 'n']);
    expect(found.sample).toEqual([
      { change: 'CHANGED', before: ['2', 'b', '2'], after: ['2', 'B', '2'] },
      { change: 'REMOVED', before: ['3', 'c', '3'], after: null },
      { change: 'ADDED', before: null, after: ['4', 'd', '4'] },
    ]);
  });

  it('says which columns came, went and have another type', async () => {
    const found = await diff('id,x,old\n1,1,a\n2,2,b\n', 'id,x,new\n1,1.5,a\n2,2,b\n');
    expect(found.columns).toEqual([
      { name: 'x', change: 'RETYPED', before: 'BIGINT', after: 'DOUBLE' },
      { name: 'old', change: 'REMOVED', before: 'VARCHAR', after: null },
      { name: 'new', change: 'ADDED', before: null, after: 'VARCHAR' },
    ]);
  });

  it('finds no change where a column became another type and kept what it says', async () => {
    const found = await diff('id,x\n1,5\n2,6\n', 'id,x\n1,5\n2,6\n3,some\n');
    expect(found).toMatchObject({ columns: [{ name: 'x', change: 'RETYPED' }], key: ['id'], addedRows: 1, changedRows: 0 });
  });

  it('counts rows as often as they are there where no column tells them apart', async () => {
    const found = await diff('x,y\na,1\na,1\nb,2\n', 'x,y\na,1\nb,2\nb,2\nb,2\n');
    expect(found).toMatchObject({ key: [], addedRows: 2, removedRows: 1, changedRows: 0 });
  });

  it('takes the key that it is given, and refuses one that is none', async () => {
    const tables = ['a,b,c\n1,1,x\n1,2,y\n', 'a,b,c\n1,1,z\n1,2,y\n'] as const;
    expect(await diff(...tables, ['a', 'b'])).toMatchObject({ key: ['a', 'b'], changedRows: 1 });
    await expect(diff(...tables, ['a'])).rejects.toThrow(`'a' is no key`);
    await expect(diff(...tables, ['nope'])).rejects.toThrow(`no column 'nope'`);
  });
});

describe('the name of a table', () => {
  it('says how it is kept', () => {
    const names = ['a.csv', 'b/C.TSV', 'a.csv.gz', 'x.parquet', 'x.parquet.gz', 'n.ndjson', 'f.feather', 'a.txt', 'csv'];
    expect(names.map((name) => tableKindOf(name)?.format ?? null)).toEqual([
      'csv',
      'tsv',
      'csv',
      'parquet',
      null,
      'json',
      'arrow',
      null,
      null,
    ]);
    expect(tableKindOf('a.CSV.gz')).toEqual({ format: 'csv', isGzipped: true });
  });

  it('is known by its ending alone, so that the database finds the same ones', () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 5 });
    const ending = fc.constantFrom(...TABLE_ENDINGS, '.txt', '.gz', '.CSV', '.Parquet.GZ', '');
    fc.assert(
      fc.property(part, ending, part, (before, middle, after) => {
        const path = before + middle + after;
        const asciiLower = path.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect(tableKindOf(path) !== null).toBe(TABLE_ENDINGS.some((one) => asciiLower.endsWith(one)));
      }),
    );
  });
});
