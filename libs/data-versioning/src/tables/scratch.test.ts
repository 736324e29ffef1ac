import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createScratch, saveTable } from './scratch.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'scratch-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the folder of a question', () => {
  it('is gone with its answer, and with its failure', async () => {
    const scratch = createScratch(join(root, 'made'));
    await scratch.use(async (folder) => writeFile(join(folder, 'x'), 'x'));
    await expect(scratch.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await readdir(join(root, 'made'))).toEqual([]);
  });

  it('is taken away where its process is gone, or was another of the same number; what is in use or somebody else’s stays', async () => {
    const place = join(root, 'swept');
    const scratch = createScratch(place);
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const stays = [`throughline-tables-${process.ppid}-x`, 'something'];
    for (const name of [`throughline-tables-${gone}-x`, `throughline-tables-${process.pid}-x`, ...stays]) {
      await mkdir(join(place, name), { recursive: true });
    }
    await scratch.use(async (folder) => {
      await scratch.sweep();
      const left = await readdir(place);
      expect(left.filter((name) => !folder.endsWith(name)).sort()).toEqual([...stays].sort());
      expect(left).toHaveLength(stays.length + 1);
    });
  });

  it('need not be there to be swept', async () => {
    await createScratch(join(root, 'nowhere')).sweep();
    expect(await readdir(root)).not.toContain('nowhere');
  });

  it('is not filled where that would fill the disk', async () => {
    const body = Readable.from(['x']);
    const saved = saveTable(root, 'given', { kind: { format: 'csv', isGzipped: false }, sizeBytes: Number.MAX_SAFE_INTEGER, body });
    await expect(saved).rejects.toMatchObject({ kind: 'unavailable', code: 'NO_ROOM' });
    expect(body.destroyed).toBe(true);
  });
});
