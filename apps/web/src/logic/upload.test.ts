import { describe, expect, it } from 'vitest';

import { chosenFiles, sha256Of, whyNot } from './upload.ts';

function file(name: string, folderPath = '', size = 1): File {
  const made = new File(['x'], name);
  Object.defineProperty(made, 'webkitRelativePath', { value: folderPath });
  Object.defineProperty(made, 'size', { value: size });
  return made;
}

describe('files that were chosen', () => {
  it('keep their names, and those of a folder their paths below it', () => {
    expect(chosenFiles([file('b.csv'), file('a.csv')]).map(({ path }) => path)).toEqual(['a.csv', 'b.csv']);
    expect(chosenFiles([file('a.csv', 'data/train/a.csv'), file('b.csv', 'data/b.csv')]).map(({ path }) => path)).toEqual([
      'b.csv',
      'train/a.csv',
    ]);
  });

  it('are refused with words where a browser cannot send them', () => {
    expect(whyNot(chosenFiles([file('big.bin', '', 2 ** 30 + 1)]))).toContain('big.bin is larger than 1 GiB');
    expect(whyNot(chosenFiles([file('a.csv'), file('a.csv')]))).toContain('the same name');
    expect(whyNot(chosenFiles(Array.from({ length: 10_001 }, (_, index) => file(`${index}`))))).toContain('10,001 files');
    expect(whyNot(chosenFiles([file('a.csv')]))).toBeNull();
  });

  it('are named by their SHA-256', async () => {
    expect(await sha256Of(new Blob(['abc']))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
