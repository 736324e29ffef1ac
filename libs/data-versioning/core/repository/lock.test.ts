// The lock where hardly anything can be written. Method: folders of the system in which not even its administrator can make files.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { takeLock } from './lock.ts';

/** Of the kernel, or sealed. */
const UNWRITABLE = '/sys/throughline';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

it('is taken where it cannot be noted who holds it, as on a full disk that has to be cleaned up', async () => {
  const file = path.join(box.root, 'tmp/lock');
  const release = await takeLock({ file, holderFile: path.join(UNWRITABLE, 'lock.json'), command: 'gc', surroundings: box.surroundings });
  expect(existsSync(file)).toBe(true);
  release();
});

it('says which file it cannot make', async () => {
  const file = path.join(UNWRITABLE, 'lock');
  await expect(takeLock({ file, holderFile: `${file}.json`, command: 'add', surroundings: box.surroundings })).rejects.toMatchObject({
    code: 'FILE_FORBIDDEN',
    message: expect.stringContaining(file) as string,
  });
});
