import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { JournalWriter, readStretch } from './journal.ts';
import { Recorder } from './recorder.ts';
import { pauseMs } from './sender.ts';

let folder: string;
let writer: JournalWriter;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-recorder-'));
  writer = new JournalWriter(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const point = (step: number) => `["loss",${step},${step},0]`;

it('keeps the order of calls, and puts up to 1000 points on a line', async () => {
  const recorder = new Recorder(
    writer,
    () => undefined,
    () => undefined,
  );
  for (let step = 0; step < 1_500; step += 1) recorder.addPoint(point(step));
  recorder.add({ type: 'name', name: 'between' });
  recorder.addPoint(point(1_500));
  recorder.write();
  const { entries } = await readStretch(folder, 0);
  expect(entries.map(({ record }) => (record?.type === 'metrics' ? record.points.length : record?.type))).toEqual([1_000, 500, 'name', 1]);
  await writer.close();
});

it('writes in the call where much waits, so that memory stays bounded', async () => {
  const ends: number[] = [];
  const recorder = new Recorder(
    writer,
    (end) => ends.push(end),
    () => undefined,
  );
  // No timer runs in this loop.
  for (let step = 0; step < 100_000; step += 1) {
    recorder.addPoint(point(step));
    recorder.added();
  }
  const [first = 0] = ends;
  expect(first).toBeGreaterThan(0);
  expect(Math.max(...ends.map((end, index) => end - (ends[index - 1] ?? 0)))).toBeLessThan(400_000);
  recorder.write();
  await writer.close();
});

it('takes no more once 16 MB wait for a disk that takes nothing', async () => {
  // The segment is full, and the next one has nowhere to be.
  writer.write(Buffer.alloc(16 * 2 ** 20));
  await rm(folder, { recursive: true });
  const troubles: string[] = [];
  const recorder = new Recorder(
    writer,
    () => undefined,
    (error) => troubles.push(error.code),
  );
  const fill = () => {
    for (let step = 0; step < 2_000_000; step += 1) {
      recorder.checkRoom();
      recorder.addPoint(point(step));
      recorder.added();
    }
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'JOURNAL_FULL' }));
  expect(troubles).toEqual(['JOURNAL_FULL']);
  expect(() => recorder.write()).toThrow(expect.objectContaining({ code: 'JOURNAL_FULL' }));
  await writer.close();
});

it('pauses longer after each failure, up to half a minute, and never the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const pause = pauseMs(failures, random);
      const longest = Math.min(30_000, 200 * 2 ** Math.min(failures - 1, 30));
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThan(longest);
    }),
  );
});
