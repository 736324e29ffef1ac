import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { md5Of } from './hash.ts';
import { storeFiles } from './store-file.ts';
import { FACT_INODE, FACT_SIZE, UNTRUSTED } from './tasks.ts';

const CONTENT = 'as it is now';
const LONG_AGO_MS = 60_000;

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
  box.write({ 'data/a': CONTENT });
});
afterEach(() => box.remove());

/** Stores the one file that there is, of which a survey knew this much. */
function store(sizeBytes: number, changedMs: number, atMs: number) {
  return storeFiles(
    {
      kind: 'store',
      root: path.join(box.root, 'data/'),
      paths: 'a',
      hash: 'md5',
      temporaryName: '.throughline-0123456789ab',
      place: { folder: path.join(box.root, 'cache'), isShared: false },
      mayHardlink: false,
      isStaged: false,
      syncsEach: false,
      clockBehindMs: 0,
      surveyed: { facts: Float64Array.of(5, sizeBytes, changedMs, changedMs, 0), atMs },
    },
    () => undefined,
  );
}

test('what a survey said of a small file is kept with its hash, and the object has its bytes', async () => {
  const now = Date.now();
  const { facts, digests, failures } = await store(CONTENT.length, now - LONG_AGO_MS + 0.5, now);
  const md5 = md5Of(Buffer.from(CONTENT));
  expect([failures, Buffer.from(digests).toString('hex'), facts[FACT_INODE]]).toEqual([[], md5, 5]);
  expect(fs.readFileSync(path.join(box.root, 'cache', md5.slice(0, 2), md5.slice(2)), 'utf8')).toBe(CONTENT);
});

test('a file that was changed just before the survey is hashed again the next time', async () => {
  const now = Date.now();
  const { facts } = await store(CONTENT.length, now - 1.5, now);
  expect(facts[FACT_INODE]).toBe(UNTRUSTED);
});

test('a file that changed after the survey is stored as it is, with facts of its own', async () => {
  const { facts, digests, failures } = await store(5, Date.now() - LONG_AGO_MS, Date.now());
  expect([failures, Buffer.from(digests).toString('hex'), facts[FACT_SIZE]]).toEqual([[], md5Of(Buffer.from(CONTENT)), CONTENT.length]);
});
