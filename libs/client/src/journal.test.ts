// Goal: whatever a crash leaves of a journal reads as a prefix of what was written, and no byte that went wrong passes for a record. Method: records of
// every kind are written, the file is cut or changed at every place, and what is read is compared.

import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { encodeLine, JournalWriter, listSegments, readStretch, removeSegments } from './journal.ts';
import type { JournalRecord } from './journal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pair = fc.tuple(fc.string(), fc.string());
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: fc.constant('metrics' as const),
    points: fc.array(fc.tuple(fc.string(), fc.constantFrom(0.5, -3, 'NaN' as const, 'Infinity' as const), fc.nat(), fc.nat()), {
      maxLength: 5,
    }),
  }),
  fc.record({ type: fc.constant('params' as const), pairs: fc.array(pair, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('name' as const), name: fc.string({ unit: 'grapheme' }) }),
);

async function readAll(from = 0): Promise<(JournalRecord | null)[]> {
  const found: (JournalRecord | null)[] = [];
  for (;;) {
    const { entries } = await readStretch(folder, from);
    const last = entries.at(-1);
    if (last === undefined) return found;
    found.push(...entries.map((entry) => entry.record));
    from = last.end;
  }
}

const lineOf = (value: JournalRecord) => encodeLine(JSON.stringify(value));

async function withJournal<T>(records: readonly JournalRecord[], work: (path: string, ends: number[]) => Promise<T>): Promise<T> {
  const path = join(folder, '0000000000000000.journal');
  const lines = records.map(lineOf);
  await writeFile(path, Buffer.concat(lines));
  let end = 0;
  return work(
    path,
    lines.map((line) => (end += line.length)),
  );
}

it('reads a journal that was cut anywhere as its first records', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (records, share) =>
      withJournal(records, async (path, ends) => {
        const size = Math.floor((ends.at(-1) ?? 0) * share);
        await truncate(path, size);
        expect(await readAll()).toEqual(JSON.parse(JSON.stringify(records.slice(0, ends.filter((end) => end <= size).length))));
      }),
    ),
  );
});

it('takes no changed byte for what was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 8 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
      (records, share, flip) =>
        withJournal(records, async (path, ends) => {
          const bytes = await readFile(path);
          const place = Math.floor(bytes.length * share);
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          await writeFile(path, bytes);
          const written = records.map((one) => JSON.stringify(one));
          const hit = ends.findIndex((end) => place < end);
          const read = (await readAll()).filter((one) => one !== null).map((one) => JSON.stringify(one));
          // A line that was hit is lost; where its line feed was, the next one goes with it.
          const isFeed = place === (ends[hit] ?? 0) - 1;
          expect(read).toEqual(written.filter((_, index) => index !== hit && !(isFeed && index === hit + 1)));
        }),
    ),
  );
});

it('goes on behind any record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), fc.nat(), (records, pick) =>
      withJournal(records, async (_path, ends) => {
        const index = pick % records.length;
        expect(await readAll(ends[index])).toEqual(JSON.parse(JSON.stringify(records.slice(index + 1))));
      }),
    ),
  );
});

it('tells damage in the middle from a torn end', async () => {
  const records = ['a', 'b', 'c'].map((name): JournalRecord => ({ type: 'name', name }));
  await withJournal(records, async (path, ends) => {
    const bytes = await readFile(path);
    bytes[(ends[0] ?? 0) + 12] = 0;
    await writeFile(path, Buffer.concat([bytes, Buffer.from('0a1b2c3d {"type":"na')]));
    expect(await readAll()).toEqual([records[0], null, records[2]]);
  });
});

it('reads lines that are larger than what it reads at once', async () => {
  const records = [
    { type: 'name', name: 'x'.repeat(3_000_000) },
    { type: 'name', name: 'y' },
  ] satisfies JournalRecord[];
  await withJournal(records, async () => expect(await readAll()).toEqual(records));
});

it('cuts itself into segments, reads across them, and forgets those that are not needed', async () => {
  const writer = new JournalWriter(folder);
  const ends: number[] = [];
  const records = Array.from({ length: 5 }, (_, index): JournalRecord => ({ type: 'name', name: `${index}${'z'.repeat(9 * 2 ** 20)}` }));
  for (const one of records) {
    writer.write(lineOf(one));
    ends.push(writer.end);
  }
  await writer.sync();
  expect(await listSegments(folder)).toEqual([0, ends[1], ends[3]]);
  expect(await readAll()).toEqual(records);
  await removeSegments(folder, ends[2] ?? 0);
  expect(await listSegments(folder)).toEqual([ends[1], ends[3]]);
  expect(await readAll(ends[2])).toEqual(records.slice(3));
  await writer.close();
});

it('leaves alone what a living writer has beyond an offset', async () => {
  await withJournal(
    [
      { type: 'name', name: 'a' },
      { type: 'name', name: 'b' },
    ],
    async (_path, ends) => {
      const { entries } = await readStretch(folder, 0, ends[0]);
      expect(entries).toEqual([{ record: { type: 'name', name: 'a' }, end: ends[0] }]);
    },
  );
});

it('keeps one writer from another one’s journal', async () => {
  const writer = new JournalWriter(folder);
  expect(() => new JournalWriter(folder)).toThrow('EEXIST');
  await writer.close();
  const file = await open(join(folder, (await readdir(folder))[0] ?? ''));
  expect((await file.stat()).size).toBe(0);
  await file.close();
});
