import { describe, expect, it } from 'vitest';

import { digestOf, sha256 } from './manifest.ts';

describe('the digest of files', () => {
  it('is the SHA-256 of one line a file, in the order of the paths as UTF-8', () => {
    const files = new Map([
      ['b.txt', Buffer.from('hello\n')],
      ['a/"x".csv', Buffer.alloc(0)],
    ]);
    const text = [
      'throughline-manifest 1 dir',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 d41d8cd98f00b204e9800998ecf8427e 0 - "a/\\"x\\".csv"',
      '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 b1946ac92492d2347c6235b4d2611184 6 - "b.txt"',
      '',
    ].join('\n');
    expect(digestOf('dir', files)).toBe(sha256(text));
  });

  it('is another for one file without a folder around it', () => {
    const files = new Map([['b.txt', Buffer.from('hello\n')]]);
    expect(digestOf('file', files)).not.toBe(digestOf('dir', files));
  });
});
